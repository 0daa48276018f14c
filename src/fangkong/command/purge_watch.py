"""Personal data whose rule has ended is purged once a day, by itself, with a certificate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from fangkong.core.clock import civil_day
from fangkong.record.access import Actor
from fangkong.record.installation import installation
from fangkong.record.models import PurgeCertificate
from fangkong.record.retention.purging import purge_run


@dataclass
class _Purged:
    """In this process: the day of the last run."""

    on: date | None = None


_purged = _Purged()


def purge_when_a_day_begins(at: datetime, actor: Actor) -> list[PurgeCertificate]:
    """The certificates of this day's run; empty when the day has had its run or nothing was due."""
    today = civil_day(at, installation().zone)
    if _purged.on == today:
        return []
    done = purge_run(actor=actor, at=at)
    _purged.on = today
    return list(done)
