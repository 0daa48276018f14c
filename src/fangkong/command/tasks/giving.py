"""Giving tasks, many in one act: each with an owner, an area, a deadline and what proves it done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from graphlib import CycleError, TopologicalSorter
from typing import Any

from fangkong.core.errors import InputError
from fangkong.core.keys import stable_key
from fangkong.core.killpoints import kill_point
from fangkong.record import audit, events
from fangkong.record.access import Actor, visible
from fangkong.record.load import Row, load
from fangkong.record.locking import lock_name
from fangkong.record.models import Task

from ..office_clocks import office_clock
from .evidence import evidence_kind
from .owners import check_owners
from .states import task_kind

WRITE = "task.write"

#: The kind of a task that somebody gives in words of their own.
DIRECTED = "directed"

#: The limit within which somebody must have taken a directed task.
ACKNOWLEDGE = "task_acknowledge"

#: The four-party duty (四方责任).
PARTIES = ("locality", "department", "unit", "individual")

LOADED = kill_point("tasks.loaded")
BEFORE_EVENTS = kill_point("tasks.before_events")

_TITLE_LENGTH, _POST_LENGTH = 400, 80

#: Keys asked for in one query.
_KEYS = 500


@dataclass(frozen=True)
class NewTask:
    """One task to give: what, to which role (and person, and post), where, until when.

    Attributes:
        four_parties: locality, department, unit, individual -> who answers for it there; any of them.
        depends_on: keys of tasks that must be done first, also of the same act (:func:`key_of`).
        evidence_kind: what proves it done, a code of evidence_kinds.toml; "" where saying so is enough.
        acknowledge_by: when somebody must have taken it; None: within the office's limit.
        carries_out_kind, carries_out_key: the directive, standing duty, plan run, review or clause behind it.
        params: keys and codes only.
    """

    title: str
    owner_role: str
    area_code: str
    due_at: datetime
    owner_key: str = ""
    post: str = ""
    four_parties: Mapping[str, str] = field(default_factory=dict)
    depends_on: Sequence[str] = ()
    evidence_kind: str = ""
    acknowledge_by: datetime | None = None
    carries_out_kind: str = ""
    carries_out_key: str = ""
    subject_kind: str = ""
    subject_key: str = ""
    rule_row: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    kind: str = DIRECTED


def key_of(new: NewTask) -> str:
    """The key of the task: the same deed, for the same owner, place, deadline and source, is one task."""
    return stable_key(
        "task",
        new.kind,
        new.carries_out_kind,
        new.carries_out_key,
        new.subject_kind,
        new.subject_key,
        new.title.strip(),
        new.post.strip(),
        new.owner_role,
        new.owner_key,
        new.area_code,
        new.due_at,
    )


def tasks_create(rows: Sequence[NewTask], *, actor: Actor, at: datetime) -> list[str]:
    """The keys of the tasks in the order of ``rows``, all of them made or none; asked again, they stay as they are.

    One ``tasks.assigned`` is told for each owner. Raises Forbidden without ``task.write`` in a task's area;
    InputError ``task.title_needed``, ``task.area_needed``, ``task.due_in_the_past``, ``task.unknown_kind``,
    ``task.unknown_evidence``, ``task.unknown_party``, ``task.unknown_dependency``, ``task.cycle``, and as
    :func:`.owners.check_owners` for an owner who cannot do it. ``n`` in each counts the rows from 1.
    """
    for area_code in sorted({row.area_code for row in rows}):
        if area_code:
            actor.require(WRITE, area_code)
    actor.require(WRITE)
    keys = [key_of(row) for row in rows]
    given = dict(zip(keys, rows, strict=True))
    for n, row in enumerate(rows, start=1):
        _check(n, row, at)
    check_owners([(row.owner_role, row.owner_key, row.area_code) for row in rows])
    _check_dependencies(given, actor)
    with audit.writing():
        lock_name("tasks", *sorted(given))
        held = _held(list(given))
        fresh = {key: row for key, row in given.items() if key not in held}
        if fresh:
            load(
                Task,
                [_row(key, row, actor, at) for key, row in fresh.items()],
                actor=actor.key,
                source_key=actor.key,
                known_from=at,
                after_insert=lambda model, row: LOADED.passed(),
            )
            note_many("task.create", sorted(fresh), actor, [row.area_code for row in fresh.values()])
            BEFORE_EVENTS.passed()
            tell_owners(
                [(key, row.owner_role, row.owner_key, row.area_code) for key, row in fresh.items()], actor, at
            )
    return keys


def tell_owners(given: Sequence[tuple[str, str, str, str]], actor: Actor, at: datetime) -> None:
    """One ``tasks.assigned`` for each owner among (task key, role, person or "", area), about its first task."""
    counts = Counter((role, owner) for _, role, owner, _ in given)
    first: dict[tuple[str, str], tuple[str, str]] = {}
    for key, role, owner, area_code in sorted(given):
        first.setdefault((role, owner), (key, area_code))
    for (role, owner), (key, area_code) in first.items():
        params = {"owner_role": role, "owner_key": owner, "n": counts[role, owner], "by": actor.key}
        events.emit("tasks.assigned", key, area_code, at=at, params=params)


def note_many(verb: str, keys: Sequence[str], actor: Actor, areas: Sequence[str], values: Any = None) -> None:
    """One audit row for an act on many tasks: their number and range of keys, in the area that holds them all."""
    shared = areas[0]
    for area_code in areas:
        while not area_code.startswith(shared):
            shared = shared[:-1]
    audit.note(
        actor=actor.key,
        verb=verb,
        object_kind="task",
        object_key=keys[0] if len(keys) == 1 else f"{keys[0]}..{keys[-1]}",
        area_code=shared,
        values=[len(keys), list(keys), values],
    )


def acknowledge_by(at: datetime, due_at: datetime) -> datetime:
    """When somebody must have taken a task that was given at ``at``: never after its deadline."""
    return min(office_clock(ACKNOWLEDGE).due(at), max(due_at, at))


def _check(n: int, row: NewTask, at: datetime) -> None:
    if not row.title.strip():
        raise InputError("task.title_needed", n=n)
    if not row.area_code:
        raise InputError("task.area_needed", n=n)
    if row.due_at <= at:
        raise InputError("task.due_in_the_past", n=n, due_at=row.due_at.isoformat())
    task_kind(row.kind)
    evidence_kind(row.evidence_kind)
    for party in row.four_parties:
        if party not in PARTIES:
            raise InputError("task.unknown_party", n=n, given=party[:24], parties=list(PARTIES))


def _check_dependencies(given: Mapping[str, NewTask], actor: Actor) -> None:
    """Every task that another waits for exists, and none waits for itself by a detour.

    A task that is there already never waits for one that is not, so a ring can only lie within this act.
    """
    asked = {key for row in given.values() for key in row.depends_on}
    outside = sorted(asked - set(given))
    known = set()
    for start in range(0, len(outside), _KEYS):
        rows = visible(Task.objects.open().filter(key__in=outside[start : start + _KEYS]), actor)
        known |= set(rows.values_list("key", flat=True))
    for n, row in enumerate(given.values(), start=1):
        for key in row.depends_on:
            if key not in given and key not in known:
                raise InputError("task.unknown_dependency", n=n, key=key[:96])
    try:
        TopologicalSorter({key: row.depends_on for key, row in given.items()}).prepare()
    except CycleError as ring:
        raise InputError("task.cycle", n=len(set(ring.args[1]))) from None


def _held(keys: Sequence[str]) -> set[str]:
    held: set[str] = set()
    for start in range(0, len(keys), _KEYS):
        rows = Task.objects.open().filter(key__in=keys[start : start + _KEYS])
        held |= set(rows.values_list("key", flat=True))
    return held


def _row(key: str, new: NewTask, actor: Actor, at: datetime) -> Row:
    return {
        "key": key,
        "kind": new.kind,
        "params": dict(new.params),
        "area_code": new.area_code,
        "owner_role": new.owner_role,
        "owner_key": new.owner_key,
        "due_at": new.due_at,
        "state": "awaiting",
        "subject_kind": new.subject_kind,
        "subject_key": new.subject_key,
        "rule_row": new.rule_row,
        "created_by": actor.key,
        "title": new.title.strip()[:_TITLE_LENGTH],
        "carries_out_kind": new.carries_out_kind,
        "carries_out_key": new.carries_out_key,
        "post": new.post.strip()[:_POST_LENGTH],
        "four_parties": {party: new.four_parties[party] for party in PARTIES if new.four_parties.get(party)},
        "depends_on": list(dict.fromkeys(new.depends_on)),
        "evidence_kind": new.evidence_kind,
        "acknowledge_by": new.acknowledge_by or acknowledge_by(at, new.due_at),
    }
