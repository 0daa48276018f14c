"""What a step of a task does to the timers beside it, in the same transaction."""

from __future__ import annotations

from datetime import datetime

from fangkong.record.access import Actor
from fangkong.record.models import Task

from .life import cancel_all, meet_all, run_again
from .limits import clocks_of_task

#: The deed is done, checked by a second person or not yet.
_DONE = ("done", "to_verify")


def timers_follow(task: Task, state: str, *, actor: Actor, at: datetime) -> None:
    """The timers beside ``task`` follow it from its state into ``state``.

    Done meets them, also while a second person has still to check; a result that is refused makes them run
    again; a revoked task cancels them. One query for a kind of task that has clocks, none for the others.
    """
    clocks = clocks_of_task(task.kind)
    if not clocks or state == task.state:
        return
    if state in _DONE and task.state not in _DONE:
        meet_all(clocks, task.subject_key, actor=actor, at=at)
    elif state == "revoked":
        cancel_all(clocks, task.subject_key, actor=actor, at=at)
    elif task.state in _DONE and state not in _DONE:
        run_again(clocks, task.subject_key, actor=actor, at=at)
