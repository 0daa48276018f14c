"""Handing tasks to others: many at once, everything of a person who is away, one task to several persons."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from fangkong.core.clock import FAR_FUTURE
from fangkong.core.errors import InputError, NotFound
from fangkong.core.killpoints import kill_point
from fangkong.record import audit
from fangkong.record.access import Actor, visible
from fangkong.record.access.scope import inside_area
from fangkong.record.load import Row, fact_of, load, revise
from fangkong.record.locking import locked
from fangkong.record.models import Task

from .giving import WRITE, NewTask, acknowledge_by, note_many, tasks_create, tell_owners
from .owners import check_owners, users_of
from .states import STEPS, check_step

ASSIGNED = kill_point("tasks.assigned")

#: What a task remembers of an escalation and of hands that it was taken out of, in its params.
ESCALATED = ("escalated_to", "escalated_at", "handed_on_at")

#: The longest reason and post that are kept.
_NOTE_LENGTH, _POST_LENGTH = 400, 80

#: Keys asked for in one query.
_KEYS = 500


def tasks_assign(
    keys: Sequence[str],
    *,
    owner_role: str,
    owner_key: str = "",
    post: str = "",
    actor: Actor,
    at: datetime,
) -> int:
    """How many of the tasks changed hands: each awaits the role or the named person, and its clock runs anew.

    All of them or none; those that await this very owner already stay as they are. ``post`` "" leaves the
    post. Raises NotFound ``task.unknown`` for a key outside the scope, Forbidden without ``task.write`` in an
    area, Conflict ``task.wrong_state`` for a task that is done, revoked or waits for its check, InputError
    ``task.none_chosen``, and as :func:`.owners.check_owners`.
    """
    asked = sorted(set(keys))
    if not asked:
        raise InputError("task.none_chosen")
    with audit.writing():
        return _hand_over(_open_tasks(asked, actor), owner_role, owner_key, post, actor=actor, at=at)


def tasks_reassign(
    from_key: str, *, to_key: str, area_code: str = "", actor: Actor, at: datetime, reason: str
) -> int:
    """How many tasks went from one person to another, or back to the role when ``to_key`` is "".

    For a person on leave, a desk overwhelmed, somebody who has left: whatever the person holds and has not
    reported done, in ``area_code`` or wherever the actor may give tasks. What waits for its check stays with
    whoever did it. Raises InputError ``task.reason_needed``, ``task.same_person``, and as :func:`tasks_assign`.
    """
    if not reason.strip():
        raise InputError("task.reason_needed")
    if not from_key or from_key == to_key:
        raise InputError("task.same_person")
    actor.require(WRITE, area_code or None)
    with audit.writing():
        rows = Task.objects.filter(owner_key=from_key, state__in=STEPS["assign"], known_to=FAR_FUTURE)
        rows = visible(rows, actor)
        if area_code:
            rows = rows.filter(inside_area(area_code))
        tasks = locked(rows.order_by("key"))
        if not tasks:
            return 0
        person = users_of([to_key]).get(to_key)
        if to_key and person is None:
            raise InputError("task.owner_unknown", n=1)
        if person is not None:
            note = reason.strip()[:_NOTE_LENGTH]
            return _hand_over(tasks, person.role, to_key, "", actor=actor, at=at, note=note)
        return sum(
            _hand_over(
                [task for task in tasks if task.owner_role == role],
                role,
                "",
                "",
                actor=actor,
                at=at,
                note=reason.strip()[:_NOTE_LENGTH],
            )
            for role in sorted({task.owner_role for task in tasks})
        )


def tasks_split(task_key: str, *, to_keys: Sequence[str], actor: Actor, at: datetime) -> list[str]:
    """The keys of the parts: the task once for each person, and the task itself waits for all of them.

    Whoever owns the task closes it once the parts are done. Raises InputError ``task.none_chosen``, and as
    :func:`tasks_assign`.
    """
    people = users_of(to_keys)
    asked = list(dict.fromkeys(to_keys))
    if not asked:
        raise InputError("task.none_chosen")
    if missing := [key for key in asked if key not in people]:
        raise InputError("task.owner_unknown", n=asked.index(missing[0]) + 1)
    with audit.writing():
        task = _open_tasks([task_key], actor)[0]
        actor.require(WRITE, task.area_code)
        check_step(task, "split")
        parts = [
            NewTask(
                title=task.title or task.kind,
                owner_role=people[key].role,
                owner_key=key,
                area_code=task.area_code,
                due_at=max(task.due_at, at + timedelta(microseconds=1)),
                post=task.post,
                four_parties=task.four_parties,
                evidence_kind=task.evidence_kind,
                carries_out_kind=task.carries_out_kind,
                carries_out_key=task.carries_out_key,
                subject_kind="task",
                subject_key=task.key,
                rule_row=task.rule_row,
            )
            for key in asked
        ]
        keys = tasks_create(parts, actor=actor, at=at)
        depends_on = list(dict.fromkeys([*task.depends_on, *keys]))
        if depends_on != task.depends_on:
            revise(task, at=at, actor=actor.key, verb="task.split", depends_on=depends_on)
    return keys


def without_escalation(params: dict[str, Any]) -> dict[str, Any]:
    """``params`` of a task that is in new hands: what it remembers of an escalation is over."""
    return {name: value for name, value in params.items() if name not in ESCALATED}


def change_many(
    tasks: Sequence[Task], changes: Sequence[Row], *, verb: str, actor: Actor, at: datetime
) -> None:
    """A new version of each task with its changes, written in bulk with one audit row for the act."""
    load(
        Task,
        [
            fact_of(task) | change | {"known_from": max(at, task.known_from + timedelta(microseconds=1))}
            for task, change in zip(tasks, changes, strict=True)
        ],
        actor=actor.key,
        source_key=actor.key,
        after_insert=lambda model, row: ASSIGNED.passed(),
    )
    note_many(verb, [task.key for task in tasks], actor, [task.area_code for task in tasks], list(changes))


def _open_tasks(keys: Sequence[str], actor: Actor) -> list[Task]:
    """The open versions of the tasks, locked, sorted by key. NotFound ``task.unknown`` for one that is not seen."""
    found: list[Task] = []
    for start in range(0, len(keys), _KEYS):
        rows = Task.objects.filter(key__in=keys[start : start + _KEYS], known_to=FAR_FUTURE)
        found += locked(visible(rows, actor).order_by("key"))
    if missing := set(keys) - {task.key for task in found}:
        raise NotFound("task.unknown", key=min(missing)[:96])
    return sorted(found, key=lambda task: task.key)


def _hand_over(
    tasks: Sequence[Task],
    owner_role: str,
    owner_key: str,
    post: str,
    *,
    actor: Actor,
    at: datetime,
    note: str | None = None,
) -> int:
    for area_code in sorted({task.area_code for task in tasks}):
        actor.require(WRITE, area_code)
    check_owners([(owner_role, owner_key, task.area_code) for task in tasks])
    moving, changes = [], []
    for task in tasks:
        check_step(task, "assign")
        change: Row = {"owner_role": owner_role, "owner_key": owner_key, "state": "awaiting"}
        if post.strip():
            change["post"] = post.strip()[:_POST_LENGTH]
        if all(getattr(task, name) == value for name, value in change.items()):
            continue
        change["params"] = without_escalation(task.params)
        change["acknowledge_by"] = acknowledge_by(at, task.due_at)
        change["acknowledged_at"] = None
        if note is not None:
            change["note"] = note
        moving.append(task)
        changes.append(change)
    if moving:
        change_many(moving, changes, verb="task.assign", actor=actor, at=at)
        tell_owners([(task.key, owner_role, owner_key, task.area_code) for task in moving], actor, at)
    return len(moving)
