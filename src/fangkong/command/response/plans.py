"""Contingency plans: written by one, approved by another, in editions, retired."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from fangkong.core.errors import Conflict, Forbidden, InputError
from fangkong.core.keys import stable_key
from fangkong.record import audit
from fangkong.record.access import Actor
from fangkong.record.access.actor import roles_that_may
from fangkong.record.load import load, revise
from fangkong.record.locking import lock_name, locked

from ..models import Plan
from .level_rows import reason_of
from .level_rules import check_level, hazard_of
from .plan_rows import APPROVE, WRITE, checklist_of, open_plan, refuse_system
from .yield_rules import evacuation_hazards

_KIND, _TITLE = 40, 200


def plan_draft(
    *,
    kind: str,
    title: str,
    area_code: str,
    checklist: Sequence[Mapping[str, Any]],
    hazard: str = "",
    levels: Sequence[int] = (),
    evacuates: bool = False,
    replaces_key: str = "",
    reason_key: str = "",
    actor: Actor,
    at: datetime,
) -> str:
    """The key of the draft, made once: the same words again give the same draft.

    ``kind`` is the office's own word (such as 三紧急; none has a meaning built in), ``checklist`` as
    ``plan_rows.checklist_of`` takes it, ``levels`` the response levels at which it is offered (none: at every level
    of its hazard), ``evacuates`` says that people are moved out under it. ``replaces_key`` is the plan that this is
    the next edition of; ``reason_key`` the gap or clause that brought it about. Raises Forbidden without
    ``plan.write`` in the area; InputError ``plan.kind_needed``, ``plan.title_needed``, ``plan.other_area``,
    ``plan.evacuates_hazard``, ``level.unknown_hazard``, ``level.unknown_level`` and as ``checklist_of``; NotFound
    ``plan.unknown`` and Conflict ``plan.wrong_state`` for a plan that cannot be replaced.
    """
    refuse_system(actor, WRITE)
    actor.require(WRITE, area_code)
    row: dict[str, Any] = {
        "kind": kind.strip()[:_KIND],
        "title": title.strip()[:_TITLE],
        "area_code": area_code,
        "hazard": hazard,
        "levels": sorted(set(levels)),
        "evacuates": evacuates,
    }
    _check(row)
    row["checklist"] = checklist_of(checklist, area_code)
    with audit.writing():
        series, edition = "", 1
        if replaces_key:
            earlier = open_plan(replaces_key, actor, "in_force", "retired")
            if earlier.area_code != area_code:
                raise InputError("plan.other_area")
            series = earlier.series_key
            held = Plan.objects.open().filter(series_key=series)
            approved = held.filter(state__in=("in_force", "retired"))
            edition = 1 + max(approved.values_list("edition", flat=True), default=0)
        key = stable_key("plan", series, edition, row)
        lock_name("plan", key)
        if Plan.objects.open().filter(key=key).exists():
            return key
        row |= {
            "key": key,
            "series_key": series or key,
            "edition": edition,
            "state": "draft",
            "written_by": actor.key,
            "reason_key": reason_key,
        }
        load(Plan, [row], actor=actor.key, source_key=actor.key, known_from=at)
        audit.note(
            actor=actor.key,
            verb="plan.draft",
            object_kind="plan",
            object_key=key,
            area_code=area_code,
            values=row,
        )
    return key


def plan_approve(plan_key: str, *, actor: Actor, at: datetime) -> None:
    """The draft is in force, and the edition before it is retired.

    Raises NotFound ``plan.unknown``; Forbidden without ``plan.approve`` in the area, for the platform itself, and
    ``plan.two_people`` for whoever wrote it; Conflict ``plan.wrong_state``, or ``plan.edition_taken`` when
    another draft has become this edition.
    """
    refuse_system(actor, APPROVE)
    with audit.writing():
        plan = open_plan(plan_key, actor, "draft")
        actor.require(APPROVE, plan.area_code)
        if plan.written_by == actor.key:
            raise Forbidden("plan.two_people", permission=APPROVE, roles=roles_that_may(APPROVE))
        lock_name("plan_series", plan.series_key)
        others = Plan.objects.open().filter(series_key=plan.series_key).exclude(key=plan.key)
        if others.filter(edition__gte=plan.edition, state__in=("in_force", "retired")).exists():
            raise Conflict("plan.edition_taken", n=plan.edition)
        for earlier in locked(others.filter(state="in_force")):
            revise(earlier, at=at, actor=actor.key, verb="plan.retire", state="retired")
        revise(
            plan,
            at=at,
            actor=actor.key,
            verb="plan.approve",
            state="in_force",
            approved_by=actor.key,
            approved_at=at,
        )


def plan_reject(plan_key: str, reason: str, *, actor: Actor, at: datetime) -> None:
    """The draft is declined by whoever may approve, or dropped by whoever wrote it, with a reason.

    Raises NotFound ``plan.unknown``, Forbidden without ``plan.approve``, Conflict ``plan.wrong_state``, InputError
    ``plan.reason_needed``.
    """
    refuse_system(actor, APPROVE)
    with audit.writing():
        plan = open_plan(plan_key, actor, "draft")
        if plan.written_by != actor.key:
            actor.require(APPROVE, plan.area_code)
        why = reason_of(reason, "plan.reason_needed")
        revise(plan, at=at, actor=actor.key, verb="plan.reject", state="rejected", change_reason=why)


def plan_retire(plan_key: str, reason: str, *, actor: Actor, at: datetime) -> None:
    """The plan is offered no more; runs that are under way go on. Raises as :func:`plan_reject`."""
    refuse_system(actor, APPROVE)
    with audit.writing():
        plan = open_plan(plan_key, actor, "in_force")
        actor.require(APPROVE, plan.area_code)
        why = reason_of(reason, "plan.reason_needed")
        revise(plan, at=at, actor=actor.key, verb="plan.retire", state="retired", change_reason=why)


def _check(row: dict[str, Any]) -> None:
    if not row["kind"]:
        raise InputError("plan.kind_needed")
    if not row["title"]:
        raise InputError("plan.title_needed")
    if row["hazard"]:
        hazard_of(row["hazard"])
    for level in row["levels"]:
        check_level(level)
    if row["evacuates"] and row["hazard"] not in evacuation_hazards():
        raise InputError("plan.evacuates_hazard", hazards=sorted(evacuation_hazards()))
