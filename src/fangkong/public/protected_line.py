"""The protected line: anybody tells oversight what went wrong, past the office that it is about.

A report holds nothing about who sent it: no account, no address, no time finer than the day in what oversight
reads. Only oversight reads it; every look at its text is in the audit chain.
"""

from __future__ import annotations

import secrets
import tomllib
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

from django.db.models import Q, QuerySet

from fangkong.core.areas import contains, level_of
from fangkong.core.clock import FAR_FUTURE, civil_day
from fangkong.core.errors import Conflict, InputError, NotFound
from fangkong.core.keys import stable_key
from fangkong.record import audit
from fangkong.record.access import Actor, visible
from fangkong.record.installation import installation
from fangkong.record.load import fact_of, load
from fangkong.record.locking import locked_one
from fangkong.record.models import Area, Order, ProtectedReport
from fangkong.record.paging import Page, keyset_page

READ = "protected.read"

FILED, IN_REVIEW, CLOSED = "filed", "in_review", "closed"

#: What the columns hold.
MOST_CHARACTERS, MOST_ANSWER, MOST_NUMBER = 2000, 800, 60

#: Who files, in the audit chain: nobody knows.
SENDER = "anonymous"


@cache
def subjects() -> tuple[str, ...]:
    """The codes of what a report may be about, as ``protected_line.toml`` lists them."""
    table = tomllib.loads(Path(__file__).with_name("protected_line.toml").read_text(encoding="utf-8"))
    return tuple(table["subjects"])


def report_file(subject: str, text: str, *, area: str = "", order_no: str = "", at: datetime) -> str:
    """The key of the report, which anybody may file; whoever calls keeps the line from being flooded.

    ``area`` is a code or a name as the record has it, "" when the sender names none. ``order_no`` is a number
    from a notice; whether there is such an order is not said, and a number that is none stays with the text.
    The key is drawn by chance and says nothing of sender or hour. Raises InputError
    ``protected.unknown_subject``, ``protected.text_needed``, ``protected.too_long`` or
    ``protected.unknown_area``.
    """
    if subject not in subjects():
        raise InputError("protected.unknown_subject", subjects=list(subjects()))
    said, number = text.strip(), order_no.strip()[:MOST_NUMBER]
    if not said:
        raise InputError("protected.text_needed")
    order = Order.objects.open().filter(order_no=number).first() if number else None
    kept = said if order or not number else f"{said}\n[{number}]"
    if len(kept) > MOST_CHARACTERS:
        raise InputError("protected.too_long", most=MOST_CHARACTERS)
    here = installation()
    row = {
        "key": stable_key("protected", secrets.token_hex(16)),
        "subject": subject,
        "area_code": _area_code(area.strip()) or (order.area_code if order else ""),
        "order_key": order.key if order else "",
        "text": kept,
        "filed_on": civil_day(at, here.zone),
        "state": FILED,
    }
    with audit.writing():
        load(ProtectedReport, [row], actor=SENDER, source_key="", known_from=at)
        # No digest of the text and no area: the chain is read by more people than the report.
        audit.note(
            actor=SENDER, verb="protected.file", object_kind="protected_report", object_key=str(row["key"])
        )
    return str(row["key"])


def reports_list(
    *, actor: Actor, at: datetime, open_only: bool = True, limit: int = 50, after: str = ""
) -> Page[ProtectedReport]:
    """The reports that the actor oversees, the oldest first; ``open_only`` leaves out those answered.

    A report that names no area is read by those who oversee the whole jurisdiction. Raises Forbidden without
    ``protected.read``.
    """
    rows = _reports(ProtectedReport.objects.known_at(at), actor, at)
    if open_only:
        rows = rows.exclude(state=CLOSED)
    return keyset_page(rows, "filed_on", date.fromisoformat, limit=limit, after=after)


def report_read(report_key: str, *, actor: Actor, at: datetime) -> ProtectedReport:
    """The report with its text; the look is written into the audit chain, for a text may name people.

    Raises Forbidden without ``protected.read``, NotFound ``protected.unknown`` outside the scope.
    """
    report = _reports(ProtectedReport.objects.known_at(at), actor, at).filter(key=report_key).first()
    if report is None:
        raise NotFound("protected.unknown")
    with audit.writing():
        audit.note(
            actor=actor.key, verb="protected.read", object_kind="protected_report", object_key=report_key
        )
    return report


def report_take(report_key: str, *, actor: Actor, at: datetime) -> None:
    """The actor looks into the report. Taking it again does nothing. Raises as :func:`report_read`,

    Conflict ``protected.answered`` when it is closed.
    """
    with audit.writing():
        report = _open_report(report_key, actor)
        if report.state == IN_REVIEW and report.handled_by == actor.key:
            return
        changes = {"state": IN_REVIEW, "handled_by": actor.key}
        _handle(report, changes, actor, at)
        audit.note(
            actor=actor.key, verb="protected.take", object_kind="protected_report", object_key=report_key
        )


def report_close(report_key: str, *, answer: str, actor: Actor, at: datetime) -> None:
    """The report is answered: what was found, and what was done. Raises as :func:`report_take`,

    InputError ``protected.answer_needed`` or ``protected.answer_too_long``.
    """
    said = answer.strip()
    if not said:
        raise InputError("protected.answer_needed")
    if len(said) > MOST_ANSWER:
        raise InputError("protected.answer_too_long", most=MOST_ANSWER)
    with audit.writing():
        report = _open_report(report_key, actor)
        changes = {"state": CLOSED, "answer": said, "handled_by": actor.key}
        _handle(report, changes, actor, at)
        audit.note(
            actor=actor.key, verb="protected.close", object_kind="protected_report", object_key=report_key
        )


def _open_report(report_key: str, actor: Actor) -> ProtectedReport:
    rows = ProtectedReport.objects.filter(key=report_key, known_to=FAR_FUTURE)
    report: ProtectedReport | None = locked_one(_reports(rows, actor, None))
    if report is None:
        raise NotFound("protected.unknown")
    if report.state == CLOSED:
        raise Conflict("protected.answered")
    return report


def _handle(report: ProtectedReport, changes: dict[str, str], actor: Actor, at: datetime) -> None:
    """A new version; its audit row names no area, for the chain is read in the area that it is about."""
    at = max(at, report.known_from + timedelta(microseconds=1))
    load(ProtectedReport, [fact_of(report) | changes], actor=actor.key, source_key=actor.key, known_from=at)


def _reports(rows: QuerySet[ProtectedReport], actor: Actor, at: datetime | None) -> QuerySet[ProtectedReport]:
    actor.require(READ)
    seen = visible(rows, actor, at=at)
    if not actor.everywhere and actor.sees(installation().area_code):
        seen = seen | rows.filter(Q(area_code=""))
    return seen


def _area_code(named: str) -> str:
    """The area's code, "" for none. Raises InputError ``protected.unknown_area``."""
    if not named:
        return ""
    try:
        level_of(named)
    except ValueError:
        known = Area.objects.open().filter(Q(name_zh=named) | Q(name_en__iexact=named))
        codes = list(known.order_by("key").values_list("key", flat=True))
        inside = [code for code in codes if contains(installation().area_code, code)] or codes
        if not inside:
            raise InputError("protected.unknown_area", area=named[:MOST_NUMBER]) from None
        return str(inside[0])
    return named
