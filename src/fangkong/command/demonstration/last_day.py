"""The last day before the morning, lived through the office's own machinery.

Its contacts, cases and results came in as events. The reactions answer them, the health authority decides,
the groups do their tasks in time: all but the few that the story leaves overdue, and whatever came in after
midnight, which waits for whoever signs in.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from fangkong.command.reactions.running import run_reactions
from fangkong.command.tasks.actions import task_done, task_mark_overdue, task_verify
from fangkong.command.tasks.states import STEPS
from fangkong.core.killpoints import kill_point
from fangkong.desks.control.actions import order_lapse_due
from fangkong.record.access import Actor, system_actor
from fangkong.record.models import Order, Task

from .deciding import decide, in_rounds
from .story import story

REACTED, DECIDED = kill_point("demo.reacted"), kill_point("demo.decided")

Progress = Callable[[int, int | None], None]


def live_last_day(actors: dict[str, Actor], *, opens_at: datetime, progress: Progress) -> None:
    """React to what came in, decide and do what was due before ``opens_at``; ``actors`` are by role."""
    hand = system_actor("reaction")
    run_reactions(actor=hand)
    REACTED.passed()
    progress(1, 3)
    _decide_due(actors["health_authority"], opens_at)
    DECIDED.passed()
    run_reactions(actor=hand)
    progress(2, 3)
    _do_due(actors, opens_at)
    task_mark_overdue(opens_at, actor=hand)
    order_lapse_due(opens_at, actor=hand)
    run_reactions(actor=hand)
    progress(3, 3)


def _due(opens_at: datetime, kind: str | None = None) -> list[Task]:
    """Every task that falls due before the morning, done or not, latest first: the same list on every run."""
    tasks = Task.objects.open().filter(due_at__lt=opens_at)
    if kind:
        tasks = tasks.filter(kind=kind)
    return sorted(tasks, key=lambda task: (-task.due_at.timestamp(), task.key))


def _left_overdue(opens_at: datetime) -> set[str]:
    """Keys of the tasks that the story leaves undone: the latest of each kind that it names."""
    left = (_due(opens_at, kind)[:1] for kind in story().settings["tasks"]["left_overdue"])
    return {task.key for tasks in left for task in tasks}


def _decide_due(decider: Actor, opens_at: datetime) -> None:
    after = timedelta(minutes=story().settings["orders"]["decided_after_minutes"])
    left = _left_overdue(opens_at)
    asked = [task.subject_key for task in _due(opens_at, "decide_order") if task.key not in left]
    orders = {order.key: order for order in Order.objects.open().filter(state="proposed")}
    due = [orders[key] for key in dict.fromkeys(asked) if key in orders]
    for positions in in_rounds([order.person_key for order in due]):
        some = {due[position].key: due[position].proposed_at + after for position in positions}
        # What was decided in an earlier round may have ended one of these.
        waiting = set(Order.objects.open().filter(state="proposed").values_list("key", flat=True))
        decide({key: at for key, at in some.items() if key in waiting}, actor=decider)


def _do_due(actors: dict[str, Actor], opens_at: datetime) -> None:
    before = timedelta(minutes=story().settings["tasks"]["done_before_minutes"])
    left = _left_overdue(opens_at)
    for task in _due(opens_at):
        if task.key in left:
            continue
        state, at = task.state, task.due_at - before
        if state in STEPS["done"]:
            state = task_done(task.key, actor=actors[task.owner_role], at=at)
        if state == "to_verify":
            task_verify(task.key, actor=actors["duty_officer"], at=at + before / 2)
