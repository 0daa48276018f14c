"""Gaps: raised with an owner and a day, closed by proof that a second person has verified."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fangkong.core.errors import Conflict, Forbidden, InputError
from fangkong.core.keys import stable_key
from fangkong.record import audit
from fangkong.record.access import Actor, visible
from fangkong.record.access.actor import roles_that_may
from fangkong.record.load import load, revise
from fangkong.record.locking import lock_name
from fangkong.record.models import Timer

from ..models import Gap, Plan, StandingDuty
from ..office_clocks import office_clock
from ..tasks.owners import check_owners
from ..timers.life import RUNNING as TIMER_RUNNING
from ..timers.life import meet_all
from ..timers.office import office_timer_start
from .discipline import impersonal
from .rows import (
    CLOSE,
    CLOSED,
    GAP_CLOCK,
    MOST_CHARACTERS,
    OPEN,
    TO_VERIFY,
    UNCLOSED,
    WRITE,
    check_cause,
    need_gap,
    need_running,
    open_gap,
    open_review,
    tell,
)

#: Where a gap may come from; what comes of a review is checked to be there.
SOURCES = ("review", "clause", "drill", "audit", "listening")

_TITLE_LENGTH = 400


def owner_roles() -> list[str]:
    """The roles that may own a gap: those that may hand in its proof."""
    return roles_that_may(WRITE)


def gap_raise(
    *,
    title: str,
    cause: str,
    came_of_kind: str,
    came_of_key: str,
    area_code: str,
    owner_role: str,
    owner_key: str = "",
    due_at: datetime | None = None,
    actor: Actor,
    at: datetime,
) -> str:
    """The key of the gap, raised once: the same words from the same source again give the same gap.

    Due at ``due_at``, else when the office's limit says, with a timer that tells of it when it is missed. Raises
    Forbidden without ``review.write`` in the area; InputError ``gap.unknown_source``, ``gap.owner_role``,
    ``gap.due_past``, ``review.unknown_cause``, and as ``check_owners`` and ``impersonal``; for a gap of a review
    NotFound ``review.unknown`` and Conflict ``review.is_closed``.
    """
    actor.require(WRITE, area_code)
    if came_of_kind not in SOURCES:
        raise InputError("gap.unknown_source", given=came_of_kind[:16])
    words = impersonal(title, most=_TITLE_LENGTH)
    _check_owner(owner_role, owner_key, area_code)
    clock = office_clock(GAP_CLOCK)
    due = due_at or clock.due(at)
    if due <= at:
        raise InputError("gap.due_past")
    key = stable_key("gap", came_of_kind, came_of_key, words)
    row: dict[str, Any] = {
        "key": key,
        "title": words,
        "cause": check_cause(cause),
        "came_of_kind": came_of_kind,
        "came_of_key": came_of_key,
        "area_code": area_code,
        "owner_role": owner_role,
        "owner_key": owner_key,
        "due_at": due,
        "state": OPEN,
        "raised_by": actor.key,
    }
    with audit.writing():
        lock_name("gap", key)
        if Gap.objects.filter(key=key).exists():
            return key
        if came_of_kind == "review":
            need_running(open_review(came_of_key, actor, WRITE))
        load(Gap, [row], actor=actor.key, source_key=actor.key, known_from=at)
        audit.note(
            actor=actor.key,
            verb="gap.raise",
            object_kind="gap",
            object_key=key,
            area_code=area_code,
            values=row,
        )
        office_timer_start(clock, {key: area_code}, subject_kind="gap", due_at=due, actor=actor, at=at)
        tell("gap.raised", Gap(**row), at, came_of_kind=came_of_kind, came_of_key=came_of_key, cause=cause)
    return key


def gap_assign(
    gap_key: str,
    *,
    owner_role: str,
    owner_key: str = "",
    due_at: datetime,
    reason: str,
    actor: Actor,
    at: datetime,
) -> None:
    """The gap has another owner or another day, with the reason; its timer moves along.

    Raises NotFound ``gap.unknown``, Forbidden without ``review.close`` in its area, Conflict ``gap.wrong_state``,
    InputError as :func:`gap_raise`.
    """
    why = impersonal(reason, most=_TITLE_LENGTH)
    with audit.writing():
        gap = open_gap(gap_key, actor, CLOSE)
        need_gap(gap, OPEN)
        _check_owner(owner_role, owner_key, gap.area_code)
        if due_at <= at:
            raise InputError("gap.due_past")
        changes: dict[str, Any] = {
            "owner_role": owner_role,
            "owner_key": owner_key,
            "due_at": due_at,
            "change_reason": why,
        }
        revise(gap, at=at, actor=actor.key, verb="gap.assign", **changes)
        timers = Timer.objects.open().filter(clock=GAP_CLOCK, subject_key=gap_key, met_at=None)
        for timer in timers:
            # A day that is put off runs again: what was missed before stays in the earlier version.
            revise(timer, at=at, actor=actor.key, verb="timer.run_again", due_at=due_at, state=TIMER_RUNNING)


def gap_prove(
    gap_key: str, proof: str, *, plan_key: str = "", duty_key: str = "", actor: Actor, at: datetime
) -> None:
    """The owner's side says what closes the gap: words, and the plan or duty that was changed because of it.

    Raises NotFound ``gap.unknown``, Forbidden without ``review.write`` in its area or ``gap.not_owner`` for
    another group, Conflict ``gap.wrong_state``, InputError ``review.words_needed``, ``gap.plan_not_changed`` for
    a plan whose edition does not name the gap as its reason, ``gap.duty_unknown``.
    """
    words = impersonal(proof, most=MOST_CHARACTERS)
    with audit.writing():
        gap = open_gap(gap_key, actor, WRITE)
        if gap.state == TO_VERIFY and (gap.proof, gap.proof_by) == (words, actor.key):
            return
        need_gap(gap, OPEN)
        # Whoever may close gaps may hand in for an owner too, and then may not verify.
        if actor.role != gap.owner_role and actor.key != gap.owner_key and not actor.may(CLOSE):
            raise Forbidden("gap.not_owner", permission=WRITE, roles=[gap.owner_role])
        _check_changed(gap, plan_key, duty_key, actor)
        changes: dict[str, Any] = {
            "proof": words,
            "proof_by": actor.key,
            "proof_at": at,
            "plan_key": plan_key,
        }
        changes |= {"duty_key": duty_key, "state": TO_VERIFY, "change_reason": ""}
        revise(gap, at=at, actor=actor.key, verb="gap.prove", **changes)


def gap_close(gap_key: str, *, actor: Actor, at: datetime) -> None:
    """A second person has looked at the proof, and the gap is closed.

    Raises NotFound ``gap.unknown``, Forbidden without ``review.close`` in its area, Conflict ``gap.wrong_state``,
    and ``gap.two_people`` for whoever handed the proof in.
    """
    with audit.writing():
        gap = open_gap(gap_key, actor, CLOSE)
        if gap.state == CLOSED and gap.closed_by == actor.key:
            return
        need_gap(gap, TO_VERIFY)
        _second_person(gap, actor)
        revise(gap, at=at, actor=actor.key, verb="gap.close", state=CLOSED, closed_by=actor.key, closed_at=at)
        meet_all([GAP_CLOCK], gap_key, actor=actor, at=at)
        tell("gap.closed", gap, at, came_of_kind=gap.came_of_kind, came_of_key=gap.came_of_key)


def gap_return(gap_key: str, reason: str, *, actor: Actor, at: datetime) -> None:
    """The proof is not enough: the gap is open again, with the reason. Raises as :func:`gap_close`."""
    why = impersonal(reason, most=_TITLE_LENGTH)
    with audit.writing():
        gap = open_gap(gap_key, actor, CLOSE)
        need_gap(gap, TO_VERIFY)
        _second_person(gap, actor)
        revise(gap, at=at, actor=actor.key, verb="gap.return", state=OPEN, change_reason=why)


def _second_person(gap: Gap, actor: Actor) -> None:
    if actor.everywhere or actor.key == gap.proof_by:
        raise Conflict("gap.two_people")


def _check_owner(owner_role: str, owner_key: str, area_code: str) -> None:
    if owner_role not in owner_roles():
        raise InputError("gap.owner_role", role=owner_role[:24], roles=owner_roles())
    check_owners([(owner_role, owner_key, area_code)])


def _check_changed(gap: Gap, plan_key: str, duty_key: str, actor: Actor) -> None:
    if plan_key and not Plan.objects.open().filter(key=plan_key, reason_key=gap.key).exists():
        raise InputError("gap.plan_not_changed")
    if duty_key and not visible(StandingDuty.objects.open().filter(key=duty_key), actor).exists():
        raise InputError("gap.duty_unknown")


def gap_is_late(gap: Gap, at: datetime) -> bool:
    """True when the gap is not closed and its day has passed."""
    return gap.state in UNCLOSED and gap.due_at < at
