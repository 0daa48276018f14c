"""A level that was declared above, or by another headquarters: entered as a fact with its document, no new order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from fangkong.core.clock import civil_day, start_of_day
from fangkong.core.errors import Conflict, InputError
from fangkong.core.keys import stable_key
from fangkong.desks.control.starting import RANKS
from fangkong.record import audit
from fangkong.record.access import Actor
from fangkong.record.installation import installation
from fangkong.record.load import load
from fangkong.record.locking import lock_name

from ..models import ResponseLevel
from .level_rows import (
    DECLARED,
    PROPOSE,
    check_review,
    in_force_now,
    latest_review,
    level_event,
    measures_of,
    refuse_system,
)
from .level_rules import check_level, hazard_of, is_above, level_authority
from .levels import adjust


def level_record(
    *,
    area_code: str,
    hazard: str,
    level: int,
    rank: str,
    document: str,
    starts_on: date,
    disease: str = "",
    matters: str = "",
    measures: Sequence[str] = (),
    review_on: date | None = None,
    ended_on: date | None = None,
    known_at: datetime | None = None,
    actor: Actor,
    at: datetime,
) -> str:
    """The key of the level as a fact: it holds in ``area_code``, an area of the office, because others declared it.

    ``rank`` declared it; it lies above the office, unless another headquarters declares levels of this hazard.
    ``known_at`` back-fills history: since then the record says so, and with ``ended_on`` (the first day on which it
    held no longer) it says from that day on that it is over. The same fact again is the same level. Raises
    Forbidden without ``level.propose`` in the area; InputError ``level.unknown_hazard``, ``level.unknown_level``,
    ``level.unknown_rank``, ``level.not_above`` (this office's own levels are proposed and declared),
    ``level.document_needed``, ``level.disease_needed``, ``level.known_later``, ``level.end_not_yet``,
    ``level.ends_before_start``, ``level.review_early`` or ``level.review_late``; Conflict ``level.overlaps`` when
    another level of the hazard holds there on one of these days.
    """
    refuse_system(actor, PROPOSE)
    actor.require(PROPOSE, area_code)
    since = known_at or at
    row: dict[str, Any] = {
        "area_code": area_code,
        "hazard": hazard,
        "disease": disease.strip(),
        "level": level,
        "rank": rank,
        "document": document.strip()[:200],
        "starts_on": starts_on,
    }
    _check(row, actor, since, at, ended_on)
    if review_on is None:
        review_on = latest_review(max(starts_on, civil_day(since, installation().zone)))
    elif ended_on is None:
        check_review(starts_on, review_on)
    key = stable_key("level", "fact", row)
    authority = level_authority(
        hazard=hazard, level=level, area_code=area_code, disease=row["disease"], on=starts_on
    )
    row |= {
        "key": key,
        "known_from": since,
        "matters": matters.strip(),
        "measures": measures_of(measures),
        "review_on": review_on,
        "rule_rows": list(authority.rule_rows),
        "legal_basis": list(authority.legal_basis),
        "proposed_by": actor.key,
        "state": "in_force",
    }
    with audit.writing():
        lock_name("level", area_code, hazard, row["disease"])
        if ResponseLevel.objects.filter(key=key).exists():
            return key
        held = in_force_now(area_code, hazard, row["disease"])
        if held is not None and held.starts_on < starts_on and held.known_from < since:
            row["follows_key"] = held.key
            adjust(held, starts_on, actor, since)
        _check_overlap(row, ended_on)
        rows = [row]
        if ended_on is not None:
            over = max(start_of_day(ended_on, installation().zone), since + timedelta(microseconds=1))
            rows.append(row | {"known_from": over, "state": "ended", "ended_on": ended_on})
        load(ResponseLevel, rows, actor=actor.key, source_key=actor.key)
        audit.note(
            actor=actor.key,
            verb="level.record",
            object_kind="responselevel",
            object_key=key,
            area_code=area_code,
            values=rows,
        )
        told = ResponseLevel(**{name: value for name, value in row.items() if name != "known_from"})
        level_event(told, "declared", since, by=actor.key, entered=True)
    return key


def _check(row: dict[str, Any], actor: Actor, since: datetime, at: datetime, ended_on: date | None) -> None:
    check_level(row["level"])
    known = hazard_of(row["hazard"])
    if row["rank"] not in RANKS:
        raise InputError("level.unknown_rank", given=row["rank"][:12])
    if known.declared_by == "rules" and not is_above(row["rank"], actor.area_code):
        raise InputError("level.not_above", rank=row["rank"])
    if not row["document"]:
        raise InputError("level.document_needed")
    if known.needs_disease and not row["disease"]:
        raise InputError("level.disease_needed")
    if since > at:
        raise InputError("level.known_later")
    if ended_on is not None:
        if ended_on < row["starts_on"]:
            raise InputError("level.ends_before_start", starts_on=row["starts_on"].isoformat())
        if ended_on > civil_day(at, installation().zone):
            raise InputError("level.end_not_yet", ended_on=ended_on.isoformat())


def _check_overlap(row: dict[str, Any], ended_on: date | None) -> None:
    """Nothing when no other level of the hazard holds in the area on a day of this one."""
    others = ResponseLevel.objects.open().filter(
        area_code=row["area_code"], hazard=row["hazard"], disease=row["disease"], state__in=DECLARED
    )
    for other in others:
        begins_first = ended_on is None or other.starts_on < ended_on
        still_holds = other.ended_on is None or other.ended_on > row["starts_on"]
        if begins_first and still_holds:
            raise Conflict("level.overlaps", since=other.starts_on.isoformat(), given=other.level)
