"""The life of a timer: started once for each clock and subject, then met, missed, cancelled, or running again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from fangkong.core.clock import FAR_FUTURE
from fangkong.core.errors import Conflict, NotFound
from fangkong.core.keys import stable_key
from fangkong.record import audit
from fangkong.record.access import Actor, visible
from fangkong.record.load import load, revise
from fangkong.record.locking import locked_one
from fangkong.record.models import Timer
from fangkong.science.rules.clocks import Clock

WRITE = "task.write"

RUNNING, MET, MISSED, CANCELLED = "running", "met", "missed", "cancelled"


def timer_key_of(clock: str, subject_kind: str, subject_key: str) -> str:
    """The key of the timer of ``clock`` about a subject: one for each, ever."""
    return stable_key("timer", clock, subject_kind, subject_key)


def clock_name(clock: Clock) -> str:
    """The rule key of a clock, with the part of a table of limits behind a colon where it is one."""
    return f"{clock.key}:{clock.part}" if clock.part else clock.key


def _binds(clock: Clock) -> bool:
    return clock.binding and not clock.target


def timer_start(
    clocks: Iterable[Clock],
    *,
    subject_kind: str,
    subject_key: str,
    disease: str,
    area_code: str,
    actor: Actor,
    at: datetime,
) -> list[str]:
    """The keys of the timers of ``clocks`` about one subject, each started once and never again.

    A limit that binds nobody (a target, guidance) is kept as a target, and nobody is told when it is missed;
    of any other the timer says from its start who will be. One transaction and one bulk write, however many
    clocks. Raises Forbidden without ``task.write`` in the area.
    """
    actor.require(WRITE, area_code)
    rows: list[dict[str, Any]] = []
    for clock in clocks:
        name = clock_name(clock)
        rows.append(
            {
                "key": timer_key_of(name, subject_kind, subject_key),
                "clock": name,
                "disease": disease,
                "area_code": area_code,
                "subject_kind": subject_kind,
                "subject_key": subject_key,
                "started_at": clock.started_at,
                "due_at": clock.due_at,
                "rule_row": clock.rule_row,
                "target": not _binds(clock),
                "escalated_to": clock.escalates_to if _binds(clock) else "",
                "state": RUNNING,
            }
        )
    return start_rows(rows, actor=actor, at=at)


def start_rows(given: Iterable[dict[str, Any]], *, actor: Actor, at: datetime) -> list[str]:
    """The keys of the timers ``given`` as rows, those not started before written in bulk; permissions are checked."""
    rows = {row["key"]: row for row in given}
    with audit.writing():
        held = set(Timer.objects.filter(key__in=rows).values_list("key", flat=True)) if rows else set()
        new = [row for key, row in rows.items() if key not in held]
        if new:
            load(Timer, new, actor=actor.key, source_key=actor.key, known_from=at)
            for row in new:
                audit.note(
                    actor=actor.key,
                    verb="timer.start",
                    object_kind="timer",
                    object_key=row["key"],
                    area_code=row["area_code"],
                    values=row,
                )
    return list(rows)


def timer_met(timer_key: str, *, actor: Actor, at: datetime) -> None:
    """What the limit asks for was done at ``at``: met, or missed for good when that was too late.

    A second time changes nothing. Raises NotFound ``timer.unknown`` outside the scope, Forbidden without
    ``task.write`` in its area, Conflict ``timer.wrong_state`` for a cancelled one.
    """
    with audit.writing():
        timer = _open_timer(timer_key, actor)
        if timer.met_at is not None:
            return
        if timer.state == CANCELLED:
            raise Conflict("timer.wrong_state", clock=timer.clock, state=timer.state)
        _meet(timer, actor, at)


def timer_cancel(timer_key: str, *, actor: Actor, at: datetime) -> None:
    """Nobody has to keep the limit any more. A second time changes nothing. Raises as :func:`timer_met`;

    Conflict ``timer.wrong_state`` for one that is met or missed: what happened is not taken back.
    """
    with audit.writing():
        timer = _open_timer(timer_key, actor)
        if timer.state == CANCELLED:
            return
        if timer.state != RUNNING:
            raise Conflict("timer.wrong_state", clock=timer.clock, state=timer.state)
        revise(timer, at=at, actor=actor.key, verb="timer.cancel", state=CANCELLED)


def meet_all(clocks: Iterable[str], subject_key: str, *, actor: Actor, at: datetime) -> int:
    """How many timers of ``clocks`` about a subject were met or done late; whoever calls has checked ``actor``."""
    open_ones = _of_subject(clocks, subject_key).filter(state__in=(RUNNING, MISSED), met_at=None)
    found = list(open_ones.order_by("key"))
    for timer in found:
        _meet(timer, actor, at)
    return len(found)


def run_again(clocks: Iterable[str], subject_key: str, *, actor: Actor, at: datetime) -> None:
    """The deed was refused: timers that it met run again, those that it was late for are still not met."""
    for timer in _of_subject(clocks, subject_key).filter(met_at__isnull=False).order_by("key"):
        state = RUNNING if timer.state == MET else timer.state
        revise(timer, at=at, actor=actor.key, verb="timer.run_again", state=state, met_at=None)


def cancel_all(clocks: Iterable[str], subject_key: str, *, actor: Actor, at: datetime) -> None:
    """Nobody asks for the deed any more: the timers that still run are cancelled."""
    for timer in _of_subject(clocks, subject_key).filter(state=RUNNING).order_by("key"):
        revise(timer, at=at, actor=actor.key, verb="timer.cancel", state=CANCELLED)


def _meet(timer: Timer, actor: Actor, at: datetime) -> None:
    late = timer.state == MISSED or at > timer.due_at
    verb = "timer.done_late" if late else "timer.meet"
    revise(timer, at=at, actor=actor.key, verb=verb, state=MISSED if late else MET, met_at=at)


def _of_subject(clocks: Iterable[str], subject_key: str) -> Any:
    return Timer.objects.filter(known_to=FAR_FUTURE, subject_key=subject_key, clock__in=list(clocks))


def _open_timer(timer_key: str, actor: Actor) -> Timer:
    rows = Timer.objects.filter(key=timer_key, known_to=FAR_FUTURE)
    timer = locked_one(visible(rows, actor))
    if timer is None:
        raise NotFound("timer.unknown", key=timer_key)
    actor.require(WRITE, timer.area_code)
    return timer
