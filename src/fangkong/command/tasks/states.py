"""The states of a task, the steps between them, and the kinds of tasks."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from fangkong.core.errors import Conflict, InputError
from fangkong.record.models import Task

#: Step -> the states that it may start from.
STEPS: Mapping[str, frozenset[str]] = {
    "acknowledge": frozenset({"awaiting", "overdue"}),
    "done": frozenset({"awaiting", "in_progress", "overdue"}),
    "verify": frozenset({"to_verify"}),
    "refuse": frozenset({"to_verify"}),
    "return": frozenset({"awaiting", "in_progress", "overdue"}),
    "assign": frozenset({"awaiting", "in_progress", "overdue", "returned"}),
    "split": frozenset({"awaiting", "in_progress", "overdue"}),
    "revoke": frozenset({"awaiting", "in_progress", "to_verify", "overdue", "returned"}),
    "overdue": frozenset({"awaiting", "in_progress"}),
}

#: States in which somebody still has something to do.
UNFINISHED = ("awaiting", "in_progress", "to_verify", "overdue", "returned")


#: States in which nobody has anything to do any more.
FINISHED = ("done", "revoked")


def check_step(task: Task, step: str) -> None:
    """Nothing when ``task`` may take ``step``. Raises Conflict ``task.wrong_state``: the state, since when, by whom."""
    if task.state not in STEPS[step]:
        raise Conflict(
            "task.wrong_state",
            key=task.key,
            step=step,
            state=task.state,
            by=task.source_key,
            since=task.known_from.isoformat(),
        )


@dataclass(frozen=True)
class TaskKind:
    """One kind of task as ``kinds.toml`` describes it."""

    kind: str
    owner_role: str
    verify: bool
    clock: tuple[str, ...]
    scope: Mapping[str, Any]
    #: Places of a first stage for which such a task is made; empty where the place does not matter.
    places: tuple[str, ...] = ()
    #: The platform's own target in minutes where no clock of the kind decides; 0 where there is none.
    within_minutes: int = 0


def days_without_clock() -> int:
    """How many days after it starts a task without a rule's clock is due, at the close of the day."""
    return int(_table()["days_without_clock"])


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_name("kinds.toml").read_text(encoding="utf-8"))


@cache
def task_kinds() -> Mapping[str, TaskKind]:
    """Code -> kind, read once."""
    return {
        kind: TaskKind(
            kind,
            entry["owner_role"],
            entry["verify"],
            tuple(entry["clock"]),
            entry["scope"],
            tuple(entry.get("places", ())),
            entry.get("within_minutes", 0),
        )
        for kind, entry in _table().items()
        if isinstance(entry, dict)
    }


def task_kind(kind: str) -> TaskKind:
    """The kind with this code. Raises InputError ``task.unknown_kind`` with the kinds there are."""
    try:
        return task_kinds()[kind]
    except KeyError:
        raise InputError("task.unknown_kind", kind=kind, kinds=sorted(task_kinds())) from None
