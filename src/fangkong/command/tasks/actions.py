"""Writes on tasks. Every step is a new version of the task under its own audit verb."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from fangkong.core.clock import FAR_FUTURE
from fangkong.core.errors import Forbidden, InputError, NotFound
from fangkong.core.keys import stable_key
from fangkong.record import audit
from fangkong.record.access import Actor, visible
from fangkong.record.access.actor import roles, roles_that_may
from fangkong.record.load import fact_of, load, revise
from fangkong.record.models import Task

from ..timers.task_steps import timers_follow
from .states import STEPS, check_step, task_kind

WRITE, OWN = "task.write", "task.own"

#: How many tasks become overdue in one transaction.
_OVERDUE_CHUNK = 500


def task_key_of(kind: str, subject_kind: str, subject_key: str) -> str:
    """The key of the task of ``kind`` about a subject: one task per kind and subject, ever."""
    return stable_key("task", kind, subject_kind, subject_key)


def task_create(
    kind: str,
    *,
    params: Mapping[str, Any],
    area_code: str,
    owner_role: str,
    due_at: datetime,
    subject_kind: str,
    subject_key: str,
    rule_row: str,
    actor: Actor,
    at: datetime,
) -> str:
    """The key of the task, made once per (kind, subject): asked again, the task stays as it is.

    ``owner_role`` sees it when its area holds ``area_code``; ``rule_row`` is the row that set ``due_at``, ""
    for same-day closure. ``params`` hold keys and codes only. Raises Forbidden without ``task.write`` in the
    area, InputError ``task.unknown_kind``, ``task.unknown_role`` or ``task.subject_needed``.
    """
    actor.require(WRITE, area_code)
    task_kind(kind)
    if owner_role not in roles():
        raise InputError("task.unknown_role", role=owner_role, roles=sorted(roles()))
    if not subject_key:
        raise InputError("task.subject_needed", kind=kind)
    key = task_key_of(kind, subject_kind, subject_key)
    row = {
        "key": key,
        "kind": kind,
        "params": dict(params),
        "area_code": area_code,
        "owner_role": owner_role,
        "due_at": due_at,
        "state": "awaiting",
        "subject_kind": subject_kind,
        "subject_key": subject_key,
        "rule_row": rule_row,
        "created_by": actor.key,
    }
    with audit.writing():
        if Task.objects.filter(key=key).exists():
            return key
        load(Task, [row], actor=actor.key, source_key=actor.key, known_from=at)
        audit.note(
            actor=actor.key,
            verb="task.create",
            object_kind="task",
            object_key=key,
            area_code=area_code,
            values=row,
        )
    return key


def task_acknowledge(task_key: str, *, actor: Actor, at: datetime) -> None:
    """The actor owns the task. An overdue task stays overdue. Raises as every step does:

    NotFound ``task.unknown`` outside the scope, Forbidden when the task is neither the actor's own (own role
    and nobody else's name on it) nor theirs to write, Conflict ``task.wrong_state``.
    """
    with _step(task_key, "acknowledge", actor) as task:
        state = "overdue" if task.state == "overdue" else "in_progress"
        _revise(task, "task.acknowledge", actor, at, owner_key=actor.key, state=state)


def task_done(task_key: str, *, actor: Actor, at: datetime, note: str = "") -> str:
    """The state after the deed: ``done``, or ``to_verify`` where a second person checks this kind of task."""
    with _step(task_key, "done", actor) as task:
        state = "to_verify" if task_kind(task.kind).verify and not actor.everywhere else "done"
        owner_key = task.owner_key or actor.key
        _revise(task, "task.done", actor, at, owner_key=owner_key, state=state, done_at=at, note=note.strip())
    return state


def task_verify(task_key: str, *, actor: Actor, at: datetime) -> None:
    """The result is verified and the task done. Forbidden ``task.two_people`` for the one who did it."""
    with _step(task_key, "verify", actor, permission=WRITE) as task:
        if task.owner_key == actor.key:
            raise Forbidden("task.two_people", permission=WRITE, roles=roles_that_may(WRITE))
        _revise(task, "task.verify", actor, at, state="done")


def task_refuse(task_key: str, *, actor: Actor, at: datetime, note: str) -> None:
    """The result is not good enough: the task is in progress again. InputError ``task.reason_needed``."""
    with _step(task_key, "refuse", actor, permission=WRITE) as task:
        _revise(task, "task.refuse", actor, at, state="in_progress", done_at=None, note=_reason(note))


def task_return(task_key: str, *, actor: Actor, at: datetime, note: str) -> None:
    """The owner gives the task back, with a reason. InputError ``task.reason_needed`` without one."""
    with _step(task_key, "return", actor) as task:
        _revise(task, "task.return", actor, at, state="returned", note=_reason(note))


def task_assign(task_key: str, *, owner_role: str, owner_key: str = "", actor: Actor, at: datetime) -> None:
    """The task awaits another role or one named person. Needs ``task.write`` in its area."""
    if owner_role not in roles():
        raise InputError("task.unknown_role", role=owner_role, roles=sorted(roles()))
    with _step(task_key, "assign", actor, permission=WRITE) as task:
        _revise(task, "task.assign", actor, at, state="awaiting", owner_role=owner_role, owner_key=owner_key)


def task_revoke(task_key: str, *, actor: Actor, at: datetime, note: str) -> None:
    """The task is no longer asked for, with a reason. Needs ``task.write`` in its area."""
    with _step(task_key, "revoke", actor, permission=WRITE) as task:
        _revise(task, "task.revoke", actor, at, state="revoked", note=_reason(note))


def task_mark_overdue(at: datetime, *, actor: Actor) -> int:
    """How many tasks became overdue: awaiting or in progress, and due before ``at``. Idempotent.

    Raises Forbidden without ``task.write``.
    """
    actor.require(WRITE)
    marked = 0
    while True:
        with audit.writing():
            due = Task.objects.open().filter(state__in=STEPS["overdue"], due_at__lt=at, known_from__lt=at)
            tasks = list(visible(due, actor).order_by("key")[:_OVERDUE_CHUNK])
            if not tasks:
                return marked
            rows = [fact_of(task) | {"state": "overdue"} for task in tasks]
            load(Task, rows, actor=actor.key, source_key=actor.key, known_from=at)
            for task in tasks:
                audit.note(
                    actor=actor.key,
                    verb="task.overdue",
                    object_kind="task",
                    object_key=task.key,
                    area_code=task.area_code,
                )
            marked += len(tasks)


@contextmanager
def _step(task_key: str, step: str, actor: Actor, *, permission: str = OWN) -> Iterator[Task]:
    """The open task, locked, once it is sure that ``actor`` may take ``step`` on it."""
    with audit.writing():
        rows = Task.objects.filter(key=task_key, known_to=FAR_FUTURE).select_for_update()
        task = visible(rows, actor).first()
        if task is None:
            raise NotFound("task.unknown", key=task_key)
        own = task.owner_role == actor.role and task.owner_key in ("", actor.key)
        if not (permission == OWN and own and actor.may(OWN)):
            actor.require(WRITE, task.area_code)
        check_step(task, step)
        yield task


def _revise(task: Task, verb: str, actor: Actor, at: datetime, **changes: Any) -> None:
    revise(task, at=at, actor=actor.key, verb=verb, **changes)
    timers_follow(task, changes.get("state", task.state), actor=actor, at=at)


def _reason(note: str) -> str:
    if not note.strip():
        raise InputError("task.reason_needed")
    return note.strip()
