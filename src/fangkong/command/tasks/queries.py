"""Reads on tasks, by knowledge (``at``) and within the actor's scope; the earliest deadline first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models import Count, QuerySet

from fangkong.core.errors import NotFound
from fangkong.record.access import Actor, visible
from fangkong.record.models import Task
from fangkong.record.paging import Page, keyset_page

from .states import FINISHED, UNFINISHED

READ, WRITE = "task.read", "task.write"


def tasks_open(
    *,
    actor: Actor,
    at: datetime,
    owner_role: str = "",
    mine: bool = False,
    kind: str = "",
    limit: int = 50,
    after: str = "",
) -> Page[Task]:
    """The tasks that somebody still has to do.

    ``mine``: of the actor's role, with no other name on them; a role without ``task.write`` never sees more.
    """
    rows = seen_tasks(actor, at, mine=mine, owner_role=owner_role, kind=kind).filter(state__in=UNFINISHED)
    return page_by_deadline(rows, limit, after)


def tasks_open_count(*, actor: Actor, at: datetime, mine: bool = False) -> int:
    """How many tasks somebody still has to do: the number beside the room's name on every page."""
    return seen_tasks(actor, at, mine=mine).filter(state__in=UNFINISHED).count()


def tasks_overdue(
    *, actor: Actor, at: datetime, owner_role: str = "", limit: int = 50, after: str = ""
) -> Page[Task]:
    """The unfinished tasks whose deadline lies before ``at``, marked already or not."""
    rows = seen_tasks(actor, at, owner_role=owner_role).filter(state__in=LATE, due_at__lt=at)
    return page_by_deadline(rows, limit, after)


def task_counts(*, actor: Actor, at: datetime, mine: bool = False) -> dict[str, int]:
    """State -> number of tasks that the actor sees; one query, states without tasks are absent."""
    rows = seen_tasks(actor, at, mine=mine).order_by().values_list("state").annotate(n=Count("id"))
    return dict(sorted(rows))


def task_get(task_key: str, *, actor: Actor, at: datetime) -> Task:
    """The task as it was known at ``at``. Raises NotFound ``task.unknown``, also outside the scope."""
    task = seen_tasks(actor, at).filter(key=task_key).first()
    if task is None:
        raise NotFound("task.unknown", key=task_key)
    return task


def tasks_by_key(keys: Sequence[str], *, actor: Actor, at: datetime) -> list[Task]:
    """Those of the tasks that the actor sees, the earliest deadline first."""
    return list(seen_tasks(actor, at).filter(key__in=keys).order_by("due_at", "key"))


def tasks_of_subject(subject_key: str, *, actor: Actor, at: datetime) -> list[Task]:
    """Every task about one contact, case, result or order, the earliest deadline first."""
    return list(seen_tasks(actor, at).filter(subject_key=subject_key).order_by("due_at", "key"))


def task_history(task_key: str, *, actor: Actor, at: datetime) -> list[Task]:
    """Every version of the task known by ``at``, the first one first. Raises NotFound ``task.unknown``."""
    task_get(task_key, actor=actor, at=at)
    return list(Task.objects.filter(key=task_key, known_from__lte=at).order_by("known_from"))


class Before(NamedTuple):
    """The tasks that come before another, and those of them that are not finished."""

    all: list[Task]
    waits: list[Task]


def tasks_before(task: Task, *, at: datetime) -> Before:
    """The tasks that ``task`` depends on, the earliest deadline first; one query, none where it has none.

    Whoever may read a task may know what it waits for, wherever that lies.
    """
    if not task.depends_on:
        return Before([], [])
    rows = list(Task.objects.known_at(at).filter(key__in=task.depends_on).order_by("due_at", "key"))
    return Before(rows, [row for row in rows if row.state not in FINISHED])


#: Unfinished states that are late once the deadline has passed; a result that waits for its check is not.
LATE = ("awaiting", "in_progress", "overdue")


def seen_tasks(
    actor: Actor, at: datetime, *, mine: bool = False, owner_role: str = "", kind: str = ""
) -> QuerySet[Task]:
    """The tasks within the actor's scope; a role without ``task.write`` sees its own only. Raises Forbidden."""
    actor.require(READ)
    rows = visible(Task.objects.known_at(at), actor, at=at)
    if mine or not (actor.may(WRITE) or actor.role == "oversight"):
        rows = rows.filter(owner_role=actor.role, owner_key__in=("", actor.key))
    if owner_role:
        rows = rows.filter(owner_role=owner_role)
    return rows.filter(kind=kind) if kind else rows


def page_by_deadline(rows: QuerySet[Task], limit: int, after: str) -> Page[Task]:
    """The page of ``rows`` after the place ``after``, the earliest deadline first."""
    return keyset_page(rows, "due_at", datetime.fromisoformat, limit=limit, after=after)
