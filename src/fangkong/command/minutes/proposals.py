"""What the form offers for a clause: owner, trigger or calendar, proof, deadline, last day. A person confirms each."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from fangkong.core.clock import civil_day, start_of_day
from fangkong.record.installation import installation
from fangkong.record.models import Area

from ..directives.duties import REVIEW
from ..directives.offices import Office, offices_below
from ..models import Clause
from ..office_clocks import office_clock
from ..tasks.evidence import evidence_kinds

#: Where the owner sits: each office one level below, or a group of the own office.
BELOW, OWN = "below", "own"


@dataclass(frozen=True)
class Offered:
    """What is offered for one clause; "" and None where the text gives nothing to go by.

    ``owner_role`` and ``owner_where`` (below, own) with ``owner_basis`` (stated, carried_over, implied);
    ``trigger`` a code of triggers.toml; ``recurs`` day, week or month; ``due_at`` only where the text states a day.
    """

    owner_role: str = ""
    owner_where: str = ""
    owner_basis: str = ""
    trigger: str = ""
    recurs: str = ""
    evidence_kind: str = ""
    due_at: datetime | None = None


def offered(clause: Clause) -> Offered:
    """What the form offers for ``clause``: read from its words by tables, never decided by them."""
    role, where = owner_of(str(clause.owner.get("name", "")))
    trigger = trigger_of(clause.trigger)
    return Offered(
        owner_role=role,
        owner_where=where,
        owner_basis=str(clause.owner.get("basis", "")) if role else "",
        trigger=trigger,
        recurs="" if trigger else recurs_of(clause),
        evidence_kind=clause.evidence if clause.evidence in evidence_kinds() else "",
        due_at=stated_due(clause),
    )


def named_office(clause: Clause) -> Office | None:
    """The one office below that the text itself names as the owner (望潮区); None where it names none or several."""
    name = str(clause.owner.get("name", ""))
    if not name or clause.owner.get("basis") == "implied":
        return None
    offices = {office.area_code: office for office in offices_below(clause.area_code)}
    called = Area.objects.open().filter(key__in=offices, name_zh=name).values_list("key", flat=True)
    return next((offices[code] for code in called), None)


def owner_of(name: str) -> tuple[str, str]:
    """(role, where) of an owner's ``name`` in minutes, ("", "") for one that no row knows.

    >>> owner_of("各区县")
    ('district_officer', 'below')
    """
    for row in _table("owner_roles")["rows"]:
        if any(word in name for word in row["words"]):
            return row["role"], row["where"]
    return "", ""


def trigger_of(words: str) -> str:
    """The code of the trigger that ``words`` of a clause mean, "" for none.

    >>> trigger_of("对每一例新增阳性")
    'positive_result'
    """
    if not words:
        return ""
    found = (
        code for code, known in _table("trigger_words")["words"].items() if any(w in words for w in known)
    )
    return next(found, "")


def recurs_of(clause: Clause) -> str:
    """day, week or month where the words of ``clause`` say how often, else ""."""
    kind = str(clause.deadline.get("kind", ""))
    if kind in ("daily", "weekly"):
        return {"daily": "day", "weekly": "week"}[kind]
    table = _table("trigger_words")["recurs"]
    return next((code for code, known in table.items() if any(word in clause.text for word in known)), "")


def stated_due(clause: Clause) -> datetime | None:
    """The moment by which ``clause`` itself asks for it; None where it states no day.

    A day without a year is offered in the year in which it lies closest to the day the text came in.
    """
    value = str(clause.deadline.get("value") or "")
    day, _, hour = value.partition("T")
    if clause.deadline.get("kind") != "date" or not day:
        return None
    zone = installation().zone
    if day.startswith("--"):
        day = _with_year(day, civil_day(clause.known_from, zone))
    try:
        start = start_of_day(date.fromisoformat(day), zone)
    except ValueError:
        return None
    hours, _, minutes = (hour or "24:00").partition(":")
    # The last minute of the day that is named: 24:00 would be the next.
    whole = timedelta(hours=int(hours), minutes=int(minutes or 0))
    return start + whole - (timedelta(minutes=1) if whole == timedelta(days=1) else timedelta())


def without_year(clause: Clause) -> bool:
    """Whether ``clause`` states a day and leaves its year open."""
    return str(clause.deadline.get("value") or "").startswith("--")


def _with_year(day: str, came_in: date) -> str:
    """``--MM-DD`` in the year in which it lies closest to ``came_in``; "" for a day that no such year has."""
    found = []
    for year in (came_in.year - 1, came_in.year, came_in.year + 1):
        try:
            found.append(date.fromisoformat(f"{year:04d}{day[1:]}"))
        except ValueError:
            continue
    return min(found, key=lambda each: abs(each - came_in)).isoformat() if found else ""


def look_again_on(since: date) -> date:
    """The last day on which what stands from ``since`` has to be looked at again: the office's limit."""
    zone = installation().zone
    return civil_day(office_clock(REVIEW).due(start_of_day(since, zone)), zone)


@cache
def _table(name: str) -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_name(f"{name}.toml").read_text(encoding="utf-8"))
