"""What an event does to time limits: it starts the clocks of the rules and meets those that waited for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime

from fangkong.core.clock import civil_day
from fangkong.desks.control.rulebook import rulebook
from fangkong.record.access import Actor
from fangkong.record.installation import Installation, installation
from fangkong.record.models import Event, Signal, Task
from fangkong.science.rules.clocks import Clock, clocks_for

from ..tasks.actions import task_key_of
from ..timers.actions import timer_start
from ..timers.life import meet_all
from ..timers.limits import Start, clocks_met_by, kept_clocks, starts_on
from .follow_up import task_for

#: The kind of signal that tells of a cluster.
CLUSTER = "cluster"


def keep_time(event: Event, actor: Actor) -> str:
    """``met:<n> started:<n>`` after the event met the limits that waited for it and started its own.

    A clock that runs beside a task starts only where the event has made that task: it comes behind the
    reactions that make them.
    """
    met = meet_all(clocks_met_by(event.kind), event.subject_key, actor=actor, at=event.at)
    started = 0
    for start in starts_on(event.kind):
        if any(event.params.get(name) != value for name, value in start.when.items()):
            continue
        clocks = _with_their_tasks(_clocks(start, event), start, event)
        started += len(_start(clocks, start, event, actor))
    return f"met:{met} started:{started}"


def follow_cluster(event: Event, actor: Actor) -> str:
    """``no_cluster`` for any other signal; else the task to report the cluster, and its limits running."""
    if event.params.get("kind") != CLUSTER:
        return "no_cluster"
    task_for("report_cluster", event, actor, subject_kind="signal")
    return keep_time(event, actor)


def _clocks(start: Start, event: Event) -> list[Clock]:
    """The clocks of the trigger that are kept, under the rules of the event's civil day."""
    here = installation()
    started_at = _started_at(start, event, here)
    if started_at is None:
        return []
    found = clocks_for(
        rulebook(),
        start.trigger,
        at=started_at,
        on=civil_day(event.at, here.zone),
        disease=event.params.get("disease", ""),
        area=event.area_code,
        facts={name: text.format(**event.params) for name, text in start.facts.items()},
    )
    return [clock for clock in found if clock.key in kept_clocks()]


def _started_at(start: Start, event: Event, here: Installation) -> datetime | None:
    """When the clocks start: at the event, or at the close of a day that its signal names; None when it does not."""
    if not start.starts_from:
        return event.at
    signal = Signal.objects.known_at(event.at).filter(key=event.subject_key).first()
    day = signal.params.get(start.starts_from) if signal else None
    return here.close_of(date.fromisoformat(day)) if day else None


def _with_their_tasks(clocks: list[Clock], start: Start, event: Event) -> Iterator[Clock]:
    """The clocks that run by themselves, and those whose task about the subject the event has made."""
    keys = {
        clock.key: task_key_of(kept_clocks()[clock.key].task, start.subject_kind, event.subject_key)
        for clock in clocks
        if kept_clocks()[clock.key].task
    }
    made = Task.objects.known_at(event.at).filter(key__in=set(keys.values())).exclude(state="revoked")
    there = set(made.values_list("key", flat=True)) if keys else set()
    return (clock for clock in clocks if clock.key not in keys or keys[clock.key] in there)


def _start(clocks: Iterable[Clock], start: Start, event: Event, actor: Actor) -> list[str]:
    started = list(clocks)
    keys = timer_start(
        started,
        subject_kind=start.subject_kind,
        subject_key=event.subject_key,
        disease=event.params.get("disease", ""),
        area_code=event.area_code,
        actor=actor,
        at=event.at,
    )
    shown = [clock.key for clock in started if kept_clocks()[clock.key].at_start]
    if shown:
        meet_all(shown, event.subject_key, actor=actor, at=event.at)
    return keys
