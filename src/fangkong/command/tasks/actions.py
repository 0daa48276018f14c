"""The steps of one task. Every step is a new version of the task under its own audit verb.

Tasks are given in ``giving.py``, handed to others in ``assigning.py``, watched in ``watch.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

from fangkong.core.clock import FAR_FUTURE
from fangkong.core.errors import Conflict, Forbidden, InputError, NotFound
from fangkong.core.keys import stable_key
from fangkong.record import audit, events
from fangkong.record.access import Actor, visible
from fangkong.record.access.actor import roles, roles_that_may
from fangkong.record.load import fact_of, load, revise
from fangkong.record.locking import lock_name, locked, locked_one
from fangkong.record.models import Task

from ..timers.task_steps import timers_follow
from .assigning import tasks_assign, without_escalation
from .evidence import evidence_kind, proof_of, proven
from .giving import acknowledge_by
from .owners import can_do, users_of
from .states import FINISHED, STEPS, check_step, task_kind

WRITE, OWN = "task.write", "task.own"

#: How the platform's own hands begin: what they change takes nothing out of a person's hands.
_SYSTEM = "system:"

#: The longest note that is kept.
_NOTE_LENGTH = 400

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
        lock_name("task", key)
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


def task_acknowledge(task_key: str, *, actor: Actor, at: datetime, seen: str = "") -> None:
    """The actor owns the task. An overdue task stays overdue. Raises as every step does:

    NotFound ``task.unknown`` outside the scope, Forbidden when the task is neither the actor's own (own role
    and nobody else's name on it) nor theirs to write, Conflict ``task.wrong_state``, and Conflict
    ``task.changed_meanwhile`` when somebody else has changed it since the version ``seen`` (:func:`version_of`).
    """
    with _step(task_key, "acknowledge", actor, seen=seen) as task:
        state = "overdue" if task.state == "overdue" else "in_progress"
        _revise(task, "task.acknowledge", actor, at, owner_key=actor.key, state=state, acknowledged_at=at)


def task_done(
    task_key: str,
    *,
    actor: Actor,
    at: datetime,
    evidence: Sequence[Mapping[str, str]] = (),
    note: str = "",
    seen: str = "",
) -> str:
    """The state after the deed: ``done``, or ``to_verify`` where a second person looks at the result.

    ``evidence`` as :func:`.evidence.proof_of` takes it. Raises InputError ``task.evidence_needed`` without the
    proof that the task asks for, Conflict ``task.waits_for`` (``n``, ``keys``) while tasks that come first are
    not done, and as every step does.
    """
    with _step(task_key, "done", actor, seen=seen) as task:
        waits = waits_for(task)
        if waits:
            raise Conflict("task.waits_for", n=len(waits), keys=[other.key for other in waits])
        proof = [*task.evidence, *proof_of(task.evidence_kind, evidence, actor=actor, at=at)]
        second = task_kind(task.kind).verify or evidence_kind(task.evidence_kind).verify
        state = "to_verify" if second and not actor.everywhere else "done"
        _revise(
            task,
            "task.done",
            actor,
            at,
            owner_key=task.owner_key or actor.key,
            state=state,
            done_at=at,
            note=note.strip()[:_NOTE_LENGTH],
            evidence=proof,
            acknowledged_at=task.acknowledged_at or at,
        )
        if state == "done":
            _tell("task.done", task, actor, at)
    return state


def task_verify(task_key: str, *, actor: Actor, at: datetime, seen: str = "") -> None:
    """The result is verified and the task done. Forbidden ``task.two_people`` for the one who did it.

    Raises InputError ``task.evidence_needed`` for a result without the proof that the task asks for.
    """
    with _step(task_key, "verify", actor, permission=WRITE, seen=seen) as task:
        if actor.key in {task.owner_key, task.source_key, *(item["by"] for item in task.evidence)}:
            raise Forbidden("task.two_people", permission=WRITE, roles=roles_that_may(WRITE))
        if not proven(task.evidence_kind, task.evidence):
            raise InputError("task.evidence_needed", kind=task.evidence_kind)
        _revise(task, "task.verify", actor, at, state="done")
        _tell("task.done", task, actor, at)


def task_refuse(task_key: str, *, actor: Actor, at: datetime, note: str, seen: str = "") -> None:
    """The result is not good enough: the task is in progress again. InputError ``task.reason_needed``.

    Its proof is taken off with it. Whoever did it goes on, unless they have left: then it awaits their role.
    """
    with _step(task_key, "refuse", actor, permission=WRITE, seen=seen) as task:
        there = can_do(users_of([task.owner_key]).get(task.owner_key), task.owner_role, task.area_code)
        hands = {"state": "in_progress"} if there else {"state": "awaiting", "owner_key": ""}
        reason = _reason(note)
        _revise(task, "task.refuse", actor, at, **hands, done_at=None, evidence=[], note=reason)


def task_return(task_key: str, *, actor: Actor, at: datetime, note: str, seen: str = "") -> None:
    """The owner gives the task back, with a reason: somebody has to take it within the office's limit.

    Raises InputError ``task.reason_needed`` without a reason, and as every step does.
    """
    with _step(task_key, "return", actor, seen=seen) as task:
        clock = {"acknowledge_by": acknowledge_by(at, task.due_at), "acknowledged_at": None}
        params = without_escalation(task.params)
        _revise(task, "task.return", actor, at, state="returned", note=_reason(note), params=params, **clock)
        _tell("task.returned", task, actor, at)


def task_assign(task_key: str, *, owner_role: str, owner_key: str = "", actor: Actor, at: datetime) -> None:
    """The task awaits another role or one named person; raises as :func:`.assigning.tasks_assign`."""
    tasks_assign([task_key], owner_role=owner_role, owner_key=owner_key, actor=actor, at=at)


def task_revoke(task_key: str, *, actor: Actor, at: datetime, note: str, seen: str = "") -> None:
    """The task is no longer asked for, with a reason. Needs ``task.write`` in its area."""
    with _step(task_key, "revoke", actor, permission=WRITE, seen=seen) as task:
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
            tasks = locked(visible(due, actor).order_by("key")[:_OVERDUE_CHUNK])
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


def waits_for(task: Task) -> list[Task]:
    """The tasks that must be done before ``task`` and are not: one query, none where it waits for nothing."""
    if not task.depends_on:
        return []
    rows = Task.objects.open().filter(key__in=task.depends_on).exclude(state__in=FINISHED)
    return list(rows.order_by("due_at", "key"))


def version_of(task: Task) -> str:
    """The version that a page shows, as its form carries it back in ``seen``."""
    return task.known_from.isoformat()


@contextmanager
def _step(task_key: str, step: str, actor: Actor, *, permission: str = OWN, seen: str = "") -> Iterator[Task]:
    """The open task, locked, once it is sure that ``actor`` may take ``step`` on it."""
    with audit.writing():
        rows = Task.objects.filter(key=task_key, known_to=FAR_FUTURE)
        task = locked_one(visible(rows, actor))
        if task is None:
            raise NotFound("task.unknown", key=task_key)
        own = task.owner_role == actor.role and task.owner_key in ("", actor.key)
        if not (permission == OWN and own and actor.may(OWN)):
            actor.require(WRITE, task.area_code)
        check_step(task, step)
        if seen and seen != version_of(task):
            _refuse_changed(task, actor, seen)
        yield task


def _refuse_changed(task: Task, actor: Actor, seen: str) -> None:
    """Nothing when only the actor or the platform has changed the task since the version ``seen``.

    A version that no page gave out counts as the oldest there is.
    """
    later = Task.objects.filter(key=task.key)
    with suppress(ValueError):
        later = later.filter(known_from__gt=datetime.fromisoformat(seen))
    others = later.exclude(source_key=actor.key).exclude(source_key__startswith=_SYSTEM)
    last = others.order_by("-known_from").first()
    if last is not None:
        raise Conflict(
            "task.changed_meanwhile",
            key=task.key,
            state=last.state,
            by=last.source_key,
            since=last.known_from.isoformat(),
        )


def _revise(task: Task, verb: str, actor: Actor, at: datetime, **changes: Any) -> None:
    revise(task, at=at, actor=actor.key, verb=verb, **changes)
    timers_follow(task, changes.get("state", task.state), actor=actor, at=at)


def _tell(kind: str, task: Task, actor: Actor, at: datetime) -> None:
    params = {
        "by": actor.key,
        "owner_role": task.owner_role,
        "carries_out_kind": task.carries_out_kind,
        "carries_out_key": task.carries_out_key,
    }
    events.emit(kind, task.key, task.area_code, at=at, params=params)


def _reason(note: str) -> str:
    if not note.strip():
        raise InputError("task.reason_needed")
    return note.strip()[:_NOTE_LENGTH]
