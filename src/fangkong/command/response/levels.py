"""A response level: proposed by one, declared by another of sufficient rank, adjusted, kept, ended.

Declaring orders nobody anything. What a level offers (plans, standing duties, reports) is started by people, one
by one (``offers.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from fangkong.core.clock import civil_day
from fangkong.core.errors import Conflict, Forbidden, InputError
from fangkong.core.keys import stable_key
from fangkong.desks.control.starting import rank_of_area
from fangkong.record import audit
from fangkong.record.access import Actor
from fangkong.record.access.actor import roles_that_may
from fangkong.record.installation import installation
from fangkong.record.load import load, revise
from fangkong.record.locking import lock_name

from ..models import ResponseLevel
from .level_rows import (
    DECLARE,
    PROPOSE,
    check_review,
    entered_as_fact,
    in_force_now,
    level_event,
    measures_of,
    open_level,
    reason_of,
    refuse_system,
)
from .level_rules import UNKNOWN, check_level, fields_to_state, hazard_of, level_authority, outranks


def level_propose(
    *,
    area_code: str,
    hazard: str,
    level: int,
    matters: str,
    starts_on: date,
    review_on: date,
    disease: str = "",
    measures: Sequence[str] = (),
    expected_until: date | None = None,
    document: str = "",
    reason: str = "",
    actor: Actor,
    at: datetime,
) -> str:
    """The key of the proposal, made once: the same words again give the same proposal.

    The rank that may declare it, with the rows behind it, is kept on the proposal. Raises Forbidden without
    ``level.propose`` in the area; InputError ``level.unknown_hazard``, ``level.unknown_level``,
    ``level.other_body`` (another headquarters declares: enter its document with ``level_record``),
    ``level.area_too_small``, ``level.disease_needed``, ``level.matters_needed``, ``level.must_state`` (with the
    fields that the law asks for), ``level.review_early``, ``level.review_late`` or ``level.expected_early``;
    Conflict ``level.same_in_force`` when this very level is in force.
    """
    refuse_system(actor, PROPOSE)
    actor.require(PROPOSE, area_code)
    check_level(level)
    known = hazard_of(hazard)
    if known.declared_by != "rules":
        raise InputError("level.other_body", hazard=hazard)
    today = civil_day(at, installation().zone)
    row: dict[str, Any] = {
        "area_code": area_code,
        "hazard": hazard,
        "disease": disease.strip(),
        "level": level,
        "matters": matters.strip(),
        "measures": measures_of(measures),
        "starts_on": starts_on,
        "review_on": review_on,
        "expected_until": expected_until,
        "document": document.strip()[:200],
        "reason": reason.strip()[:400],
    }
    _check(row, known.needs_disease, today)
    authority = level_authority(
        hazard=hazard, level=level, area_code=area_code, disease=disease.strip(), on=today
    )
    key = stable_key("level", row)
    with audit.writing():
        lock_name("level", area_code, hazard, row["disease"])
        if ResponseLevel.objects.open().filter(key=key).exists():
            return key
        held = in_force_now(area_code, hazard, row["disease"])
        if held is not None and held.level == level:
            raise Conflict("level.same_in_force", since=held.starts_on.isoformat())
        row |= {
            "key": key,
            "rank": authority.rank,
            "rule_rows": list(authority.rule_rows),
            "legal_basis": list(authority.legal_basis),
            "proposed_by": actor.key,
            "state": "proposed",
            "follows_key": held.key if held else "",
        }
        load(ResponseLevel, [row], actor=actor.key, source_key=actor.key, known_from=at)
        audit.note(
            actor=actor.key,
            verb="level.propose",
            object_kind="responselevel",
            object_key=key,
            area_code=area_code,
            values=row,
        )
        level_event(ResponseLevel(**row), "proposed", at, by=actor.key)
    return key


def level_declare(level_key: str, *, actor: Actor, at: datetime) -> None:
    """The proposed level is in force; the one before it for the same area and hazard is adjusted by it.

    The rank is asked of the rules again, for the law of the day of the act binds. Raises NotFound
    ``level.unknown``; Forbidden without ``level.declare`` in the area, for the platform itself,
    ``level.two_people`` for whoever proposed it, ``level.rank_unknown`` where nothing says who may,
    ``level.rank_too_low`` naming the rank that may; Conflict ``level.wrong_state``, ``level.review_passed``,
    ``level.same_in_force`` or ``level.before_current``.
    """
    refuse_system(actor, DECLARE)
    with audit.writing():
        level = open_level(level_key, actor, "proposed")
        actor.require(DECLARE, level.area_code)
        if level.proposed_by == actor.key:
            raise Forbidden("level.two_people", permission=DECLARE, roles=roles_that_may(DECLARE))
        today = civil_day(at, installation().zone)
        authority = level_authority(
            hazard=level.hazard, level=level.level, area_code=level.area_code, disease=level.disease, on=today
        )
        _check_rank(actor, authority.rank)
        if level.review_on <= today:
            raise Conflict("level.review_passed", review_on=level.review_on.isoformat())
        lock_name("level", level.area_code, level.hazard, level.disease)
        held = in_force_now(level.area_code, level.hazard, level.disease)
        if held is not None:
            if held.level == level.level:
                raise Conflict("level.same_in_force", since=held.starts_on.isoformat())
            if held.starts_on > level.starts_on:
                raise Conflict("level.before_current", since=held.starts_on.isoformat())
            adjust(held, level.starts_on, actor, at)
        revise(
            level,
            at=at,
            actor=actor.key,
            verb="level.declare",
            state="in_force",
            declared_by=actor.key,
            rank=authority.rank,
            rule_rows=list(authority.rule_rows),
            legal_basis=list(authority.legal_basis),
            follows_key=held.key if held else "",
        )
        level_event(level, "declared", at, by=actor.key, follows_key=held.key if held else "")


def adjust(held: ResponseLevel, ended_on: date, actor: Actor, at: datetime) -> None:
    """The level in force gives way to the next one on ``ended_on``; whoever calls has checked ``actor``."""
    revise(held, at=at, actor=actor.key, verb="level.adjust", state="adjusted", ended_on=ended_on)


def level_reject(level_key: str, reason: str, *, actor: Actor, at: datetime) -> None:
    """The proposal is declined by whoever may declare, or taken back by whoever made it, with a reason.

    Raises NotFound ``level.unknown``, Forbidden without ``level.declare``, Conflict ``level.wrong_state``,
    InputError ``level.reason_needed``.
    """
    refuse_system(actor, DECLARE)
    with audit.writing():
        level = open_level(level_key, actor, "proposed")
        if level.proposed_by != actor.key:
            actor.require(DECLARE, level.area_code)
        why = reason_of(reason)
        revise(level, at=at, actor=actor.key, verb="level.reject", state="rejected", reason=why)
        level_event(level, "rejected", at, by=actor.key)


def level_keep(level_key: str, *, review_on: date, reason: str, actor: Actor, at: datetime) -> None:
    """The level was looked at and goes on until ``review_on``.

    Raises as :func:`level_end`, and InputError ``level.review_early`` or ``level.review_late``.
    """
    with audit.writing():
        level = _to_change(level_key, actor)
        check_review(civil_day(at, installation().zone), review_on)
        why = reason_of(reason)
        revise(level, at=at, actor=actor.key, verb="level.keep", review_on=review_on, reason=why)


def level_end(
    level_key: str, *, ended_on: date, reason: str, document: str = "", actor: Actor, at: datetime
) -> None:
    """The response is over; ``ended_on`` is the first day on which the level holds no longer.

    Who declared it here ends it with the same rank; of a level entered as a fact, the end is entered with its
    document. Nothing that was started under it ends by itself: its page lists what still stands. Raises NotFound
    ``level.unknown``; Forbidden without the permission, ``level.rank_too_low``; Conflict ``level.wrong_state``;
    InputError ``level.reason_needed``, ``level.document_needed``, ``level.ends_before_start``.
    """
    with audit.writing():
        level = _to_change(level_key, actor)
        if ended_on < level.starts_on:
            raise InputError("level.ends_before_start", starts_on=level.starts_on.isoformat())
        changes: dict[str, Any] = {"state": "ended", "ended_on": ended_on, "reason": reason_of(reason)}
        if entered_as_fact(level):
            if not document.strip():
                raise InputError("level.document_needed")
            changes["document"] = f"{level.document}；{document.strip()}"[:200]
        revise(level, at=at, actor=actor.key, verb="level.end", **changes)
        level_event(level, "ended", at, by=actor.key)


def _to_change(level_key: str, actor: Actor) -> ResponseLevel:
    """The level in force, once it is sure that ``actor`` may keep or end it."""
    refuse_system(actor, DECLARE)
    level = open_level(level_key, actor, "in_force")
    if entered_as_fact(level):
        actor.require(PROPOSE, level.area_code)
    else:
        actor.require(DECLARE, level.area_code)
        _check_rank(actor, level.rank)
    return level


def _check_rank(actor: Actor, required: str) -> None:
    if required == UNKNOWN:
        raise Forbidden("level.rank_unknown", permission=DECLARE, roles=roles_that_may(DECLARE))
    rank = rank_of_area(actor.area_code)
    if not outranks(rank, required):
        raise Forbidden(
            "level.rank_too_low",
            permission=DECLARE,
            roles=roles_that_may(DECLARE),
            rank=rank or "below_county",
            required_rank=required,
        )


def _check(row: dict[str, Any], needs_disease: bool, today: date) -> None:
    if not rank_of_area(row["area_code"]):
        raise InputError("level.area_too_small", given=row["area_code"][:24])
    if needs_disease and not row["disease"]:
        raise InputError("level.disease_needed")
    if not row["matters"]:
        raise InputError("level.matters_needed")
    asked, rule_row = fields_to_state(disease=row["disease"], area_code=row["area_code"], on=today)
    if lacking := [name for name in asked if not row[name]]:
        raise InputError("level.must_state", must=lacking, rule_row=rule_row)
    check_review(max(row["starts_on"], today), row["review_on"])
    if row["expected_until"] is not None and row["expected_until"] < row["starts_on"]:
        raise InputError("level.expected_early", starts_on=row["starts_on"].isoformat())
