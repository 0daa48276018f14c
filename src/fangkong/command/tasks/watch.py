"""What the worker does for tasks in each pass: tell of those nobody has taken, and lose none whose owner is gone."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.db.models import Q

from fangkong.core.clock import FAR_FUTURE
from fangkong.record import audit, events
from fangkong.record.access import Actor
from fangkong.record.load import Row
from fangkong.record.locking import locked
from fangkong.record.models import Task

from ..office_clocks import office_clock
from .assigning import change_many, without_escalation
from .giving import ACKNOWLEDGE, WRITE, acknowledge_by
from .owners import can_do, held, staffed, users_of
from .states import UNFINISHED

#: How many tasks change in one transaction.
_CHUNK = 500

#: States in which nobody has taken the task yet.
UNTAKEN = ("awaiting", "overdue", "returned")


def tasks_watch(at: datetime, actor: Actor) -> int:
    """How many tasks escalated or were handed on; a second time at the same moment none."""
    return tasks_escalate_due(at, actor=actor) + tasks_hand_on_lost(at, actor=actor)


def not_taken(at: datetime) -> Q:
    """The condition that nobody has taken the task although the time for it was over before ``at``."""
    return Q(state__in=UNTAKEN, acknowledge_by__lt=at, acknowledged_at=None)


def tasks_escalate_due(at: datetime, *, actor: Actor) -> int:
    """How many tasks nobody took within their time: each is told once to the role that the office's clock names.

    The task keeps its owner; whoever hears of it hands it to somebody who is there. Idempotent. Raises
    Forbidden without ``task.write``.
    """
    actor.require(WRITE)
    role = office_clock(ACKNOWLEDGE).escalates_to
    told = {"escalated_to": role, "escalated_at": at.isoformat()}
    due = Task.objects.filter(not_taken(at), known_to=FAR_FUTURE, params__escalated_to__isnull=True)
    due = due.order_by("key")
    escalated = 0
    while due.exists():
        with audit.writing():
            tasks = locked(due[:_CHUNK])
            if tasks:
                changes: list[Row] = [{"params": task.params | told} for task in tasks]
                change_many(tasks, changes, verb="task.escalate", actor=actor, at=at)
            for task in tasks:
                _tell(task, role, at, "not_taken")
            escalated += len(tasks)
    return escalated


def tasks_hand_on_lost(at: datetime, *, actor: Actor) -> int:
    """How many unfinished tasks left the hands of people who are gone, or of roles that nobody holds.

    A task on the name of somebody inactive, or moved to another post or area, awaits its role again; a task of
    a role that nobody active holds at or above its area goes to the role that the office's clock names. Where
    nobody holds that either, it waits for somebody to come. Idempotent. Raises Forbidden without ``task.write``.
    """
    actor.require(WRITE)
    handed = 0
    for lost in _lost():
        rows = Task.objects.filter(lost.where, state__in=UNFINISHED, known_to=FAR_FUTURE).order_by("key")
        while rows.exists():
            with audit.writing():
                tasks = locked(rows[:_CHUNK])
                if tasks:
                    changes = [_change(task, lost, at) for task in tasks]
                    change_many(tasks, changes, verb="task.hand_on", actor=actor, at=at)
                for task in tasks:
                    _tell(task, lost.role, at, "owner_gone")
                handed += len(tasks)
    return handed


class _Lost(NamedTuple):
    """Open tasks whose owner is gone, the role that they go to, and whether a person stays on them."""

    where: Q
    role: str
    keeps_person: bool


def _lost() -> list[_Lost]:
    """Two queries: the owners of what is unfinished, and who is there; a third for the people among them."""
    rows = Task.objects.open().filter(state__in=UNFINISHED).order_by()
    owners = sorted(rows.values_list("owner_role", "owner_key", "area_code").distinct())
    if not owners:
        return []
    staff, above = staffed(), office_clock(ACKNOWLEDGE).escalates_to
    people = users_of(owner for _, owner, _ in owners)
    found = []
    for role, owner, area_code in owners:
        of_owner = Q(owner_role=role, owner_key=owner, area_code=area_code)
        if not held(role, area_code, staff):
            if role != above and held(above, area_code, staff):
                keeps = can_do(people.get(owner), above, area_code)
                found.append(_Lost(of_owner, above, keeps))
        elif owner and not can_do(people.get(owner), role, area_code):
            # What waits for its check is done: nobody has to do it again, and its doer stays on it.
            found.append(_Lost(of_owner & ~Q(state="to_verify"), role, False))
    return found


def _change(task: Task, lost: _Lost, at: datetime) -> Row:
    if task.state == "to_verify" or lost.keeps_person:
        return {"owner_role": lost.role}
    return {
        "owner_role": lost.role,
        "owner_key": "",
        "state": "awaiting" if task.state == "in_progress" else task.state,
        "acknowledge_by": acknowledge_by(at, task.due_at),
        "acknowledged_at": None,
        "params": without_escalation(task.params) | {"handed_on_at": at.isoformat()},
    }


def _tell(task: Task, role: str, at: datetime, reason: str) -> None:
    params = {"role": role, "reason": reason, "owner_role": task.owner_role}
    events.emit("task.escalated", task.key, task.area_code, at=at, params=params)
