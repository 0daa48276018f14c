"""Reads on tasks, by knowledge (``at``) and within the actor's scope; the earliest deadline first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from fangkong.core.errors import InputError, NotFound
from fangkong.record.access import Actor, visible
from fangkong.record.models import Task

from .states import UNFINISHED

READ, WRITE = "task.read", "task.write"


@dataclass(frozen=True)
class TaskPage:
    """One page of tasks; ``after`` is the place where the next page begins, "" on the last."""

    rows: list[Task]
    total: int
    after: str


def tasks_open(
    *,
    actor: Actor,
    at: datetime,
    owner_role: str = "",
    mine: bool = False,
    kind: str = "",
    limit: int = 50,
    after: str = "",
) -> TaskPage:
    """The tasks that somebody still has to do.

    ``mine``: of the actor's role, with no other name on them; a role without ``task.write`` never sees more.
    """
    rows = _tasks(actor, at, mine=mine, owner_role=owner_role, kind=kind).filter(state__in=UNFINISHED)
    return _page(rows, limit, after)


def tasks_open_count(*, actor: Actor, at: datetime, mine: bool = False) -> int:
    """How many tasks somebody still has to do: the number beside the room's name on every page."""
    return _tasks(actor, at, mine=mine).filter(state__in=UNFINISHED).count()


def tasks_overdue(
    *, actor: Actor, at: datetime, owner_role: str = "", limit: int = 50, after: str = ""
) -> TaskPage:
    """The unfinished tasks whose deadline lies before ``at``, marked already or not."""
    rows = _tasks(actor, at, owner_role=owner_role).filter(state__in=_LATE, due_at__lt=at)
    return _page(rows, limit, after)


def task_counts(*, actor: Actor, at: datetime, mine: bool = False) -> dict[str, int]:
    """State -> number of tasks that the actor sees; one query, states without tasks are absent."""
    rows = _tasks(actor, at, mine=mine).order_by().values_list("state").annotate(n=Count("id"))
    return dict(sorted(rows))


def task_get(task_key: str, *, actor: Actor, at: datetime) -> Task:
    """The task as it was known at ``at``. Raises NotFound ``task.unknown``, also outside the scope."""
    task = _tasks(actor, at).filter(key=task_key).first()
    if task is None:
        raise NotFound("task.unknown", key=task_key)
    return task


def tasks_of_subject(subject_key: str, *, actor: Actor, at: datetime) -> list[Task]:
    """Every task about one contact, case, result or order, the earliest deadline first."""
    return list(_tasks(actor, at).filter(subject_key=subject_key).order_by("due_at", "key"))


def task_history(task_key: str, *, actor: Actor, at: datetime) -> list[Task]:
    """Every version of the task known by ``at``, the first one first. Raises NotFound ``task.unknown``."""
    task_get(task_key, actor=actor, at=at)
    return list(Task.objects.filter(key=task_key, known_from__lte=at).order_by("known_from"))


#: Unfinished states that are late once the deadline has passed; a result that waits for its check is not.
_LATE = ("awaiting", "in_progress", "overdue")


def _tasks(
    actor: Actor, at: datetime, *, mine: bool = False, owner_role: str = "", kind: str = ""
) -> QuerySet[Task]:
    actor.require(READ)
    rows = visible(Task.objects.known_at(at), actor, at=at)
    if mine or not (actor.may(WRITE) or actor.role == "oversight"):
        rows = rows.filter(owner_role=actor.role, owner_key__in=("", actor.key))
    if owner_role:
        rows = rows.filter(owner_role=owner_role)
    return rows.filter(kind=kind) if kind else rows


def _page(rows: QuerySet[Task], limit: int, after: str) -> TaskPage:
    """One page by (deadline, key), which no new task moves under the reader."""
    total = rows.count()
    if after:
        moment, _, key = after.partition("|")
        try:
            start = datetime.fromisoformat(moment)
        except ValueError:
            raise InputError("page.bad_place", place=after) from None
        rows = rows.filter(Q(due_at__gt=start) | Q(due_at=start, key__gt=key))
    found = list(rows.order_by("due_at", "key")[: limit + 1])
    page = found[:limit]
    more = len(found) > limit
    return TaskPage(page, total, f"{page[-1].due_at.isoformat()}|{page[-1].key}" if more else "")
