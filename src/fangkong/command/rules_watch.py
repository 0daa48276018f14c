"""Running orders are judged again on each new day and whenever the office's rule packs change on disk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from fangkong.core.clock import civil_day
from fangkong.desks.control.actions import orders_rejudge
from fangkong.desks.control.rejudging import Rejudged
from fangkong.desks.control.rulebook import rulebook
from fangkong.record.access import Actor
from fangkong.record.installation import installation
from fangkong.science.rules import RuleBook


@dataclass
class _Judged:
    """In this process: the day and the book by which the running orders were judged last."""

    on: date | None = None
    book: RuleBook | None = None


_judged = _Judged()


def rejudge_when_rules_change(at: datetime, actor: Actor) -> Rejudged | None:
    """What came of judging again, or None when neither the day nor a pack has changed since the last time.

    A fresh process judges once: what was judged already under the same rules is found unchanged.
    """
    today, book = civil_day(at, installation().zone), rulebook()
    if _judged.on == today and _judged.book is book:
        return None
    done = orders_rejudge(cause="rules", actor=actor, at=at, book=book)
    _judged.on, _judged.book = today, book
    return done
