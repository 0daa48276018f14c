"""What one person has to do today: their tasks, the directives that wait for them, their shift."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from fangkong.core.clock import civil_day, end_of_day, start_of_day
from fangkong.record.access import Actor
from fangkong.record.installation import installation
from fangkong.record.models import Task
from fangkong.record.paging import Page

from ..models import DirectiveRecipient, DutyShift, Handover
from .queries import LATE, page_by_deadline, seen_tasks
from .states import FINISHED

#: Directives shown on the page of the day.
_DIRECTIVES = 5

#: Finished ones shown on the page of the day.
_DONE = 20


@dataclass(frozen=True)
class MyDay:
    """The page of one person's day.

    Attributes:
        tasks: what is to be done, the earliest deadline first; ``waiting`` holds the keys of those whose turn
            has not come, with the number of tasks before them.
        done: what the person finished today, the latest first.
        directives: what waits for the person's office to acknowledge it.
        shifts: the person's own shifts that touch the day.
        handovers: hand-overs of those shifts that wait for the person's signature.
    """

    tasks: Page[Task]
    waiting: dict[str, int]
    done: list[Task]
    directives: list[DirectiveRecipient]
    shifts: list[DutyShift]
    handovers: list[Handover]


def my_day(*, actor: Actor, at: datetime, limit: int = 20, after: str = "") -> MyDay:
    """The actor's day in at most seven queries. Raises Forbidden without ``task.read``."""
    rows = seen_tasks(actor, at, mine=True)
    page = page_by_deadline(rows.filter(state__in=LATE), limit, after)
    begins, ends = _day(at)
    shifts = _shifts(actor, at, begins, ends)
    done = rows.filter(owner_key=actor.key, state__in=("done", "to_verify"), done_at__gte=begins)
    return MyDay(
        tasks=page,
        waiting=tasks_before(page.rows, at=at),
        done=list(done.order_by("-done_at", "key")[:_DONE]),
        directives=_directives(actor, at),
        shifts=shifts,
        handovers=_handovers(shifts, actor, at),
    )


def tasks_before(tasks: Iterable[Task], *, at: datetime) -> dict[str, int]:
    """Task key -> how many tasks must be done before it and are not; one query, absent where none."""
    asked = {key for task in tasks for key in task.depends_on}
    if not asked:
        return {}
    open_rows = Task.objects.known_at(at).filter(key__in=asked).exclude(state__in=FINISHED)
    unfinished = set(open_rows.values_list("key", flat=True))
    counted = {task.key: len(unfinished & set(task.depends_on)) for task in tasks}
    return {key: n for key, n in counted.items() if n}


def _day(at: datetime) -> tuple[datetime, datetime]:
    here = installation()
    today = civil_day(at, here.zone)
    return start_of_day(today, here.zone), end_of_day(today, here.zone)


def _directives(actor: Actor, at: datetime) -> list[DirectiveRecipient]:
    if not actor.may("directive.acknowledge"):
        return []
    rows = DirectiveRecipient.objects.known_at(at).filter(
        state="awaiting", role=actor.role, area_code=actor.area_code
    )
    return list(rows.order_by("acknowledge_by", "key")[:_DIRECTIVES])


def _shifts(actor: Actor, at: datetime, begins: datetime, ends: datetime) -> list[DutyShift]:
    if not actor.may("duty.own"):
        return []
    rows = DutyShift.objects.known_at(at).filter(starts_at__lt=ends, ends_at__gt=begins)
    rows = rows.exclude(state="cancelled").order_by("starts_at", "key")
    return [shift for shift in rows if actor.key in (shift.chief_key, shift.deputy_key, *shift.expert_keys)]


def _handovers(shifts: Iterable[DutyShift], actor: Actor, at: datetime) -> list[Handover]:
    """What the actor has to sign as who goes, or as who comes once the other has signed."""
    led = [shift.key for shift in shifts if actor.key in (shift.chief_key, shift.deputy_key)]
    if not led:
        return []
    goes = Q(state="drawn_up", from_shift_key__in=led)
    comes = Q(state="signed_out", to_shift_key__in=led) & ~Q(signed_out_by=actor.key)
    return list(Handover.objects.known_at(at).filter(goes | comes).order_by("on", "key"))
