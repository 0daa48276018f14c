"""The tasks that standing duties open: one for each event of their trigger, one for each day, week or month.

Each is made once by its key, whatever is killed or told twice. A duty that is ended, or not yet begun, opens none.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.db.models import QuerySet

from fangkong.core.areas import contains
from fangkong.core.clock import civil_day
from fangkong.core.errors import InputError
from fangkong.record.access import Actor
from fangkong.record.installation import installation
from fangkong.record.models import Event, Task

from ..models import StandingDuty
from ..office_clocks import office_clock
from ..tasks.actions import task_create
from ..tasks.giving import NewTask, tasks_create
from ..tasks.owners import check_owners
from ..tasks.states import task_kind
from .duties import IN_FORCE
from .triggers import triggers_of

#: How a task names the duty that it carries out, and the day, week or month that it is for.
DUTY, PERIOD = "standing_duty", "period"

#: The hour of the office's day at which what recurs is due.
CLOSE_OUT = "close_out"

#: The task to look at a duty again.
REVIEW_TASK = "review_duty"


def open_tasks(event: Event, actor: Actor) -> str:
    """``opened:<n>``: one task for each duty in force whose trigger the event pulls, in the duty's area."""
    pulled = triggers_of(event.kind)
    duties = list(
        _in_force(event.at).filter(trigger__in=[trigger.code for trigger in pulled]).order_by("key")
    )
    if not duties:
        return "no_duty"
    fitting = {trigger.code: trigger for trigger in pulled if trigger.fits(event)}
    here = installation()
    today = civil_day(event.at, here.zone)
    due_at = here.close_of(today)
    if due_at <= event.at:
        due_at = here.close_of(today + timedelta(days=1))
    rows = [
        _task(
            duty,
            subject=(fitting[duty.trigger].about, event.subject_key),
            area_code=event.area_code,
            due_at=due_at,
            rule_row="",
            params={"trigger": duty.trigger},
        )
        for duty in duties
        if duty.trigger in fitting and contains(duty.area_code, event.area_code)
    ]
    rows = _new(rows)
    if rows:
        tasks_create(rows, actor=actor, at=event.at)
    return f"opened:{len(rows)}"


def duties_open_for_day(at: datetime, *, actor: Actor) -> int:
    """How many tasks the calendar opened at ``at``: each duty's day, week or month once, due at the close-out hour.

    What begins after the close-out of its last day is opened with the next. Idempotent.
    """
    here = installation()
    today = civil_day(at, here.zone)
    rows = []
    for duty in _in_force(at).exclude(recurs="").order_by("key"):
        first, last = period_of(duty.recurs, today)
        due_at = _close_out(last)
        if due_at > at:
            rows.append(
                _task(
                    duty,
                    subject=(PERIOD, f"{duty.key}|{first.isoformat()}"),
                    area_code=duty.area_code,
                    due_at=due_at,
                    rule_row=office_clock(CLOSE_OUT).rule_row,
                    params={"day": first.isoformat()},
                )
            )
    rows = _new(rows)
    if rows:
        tasks_create(rows, actor=actor, at=at)
    return len(rows)


def duties_ask_for_review(at: datetime, *, actor: Actor) -> int:
    """How many duties were put before somebody because their day of review has come; once for each such day."""
    here = installation()
    today = civil_day(at, here.zone)
    due = {
        f"{duty.key}|{duty.review_on.isoformat()}": duty
        for duty in _in_force(at).filter(review_on__lte=today).order_by("key")
    }
    asked = set(
        Task.objects.open()
        .filter(subject_key__in=due, kind=REVIEW_TASK)
        .values_list("subject_key", flat=True)
    )
    for subject, duty in due.items():
        if subject not in asked:
            task_create(
                REVIEW_TASK,
                params={"duty_key": duty.key},
                area_code=duty.area_code,
                owner_role=task_kind(REVIEW_TASK).owner_role,
                due_at=here.close_of(today),
                subject_kind="duty_review",
                subject_key=subject,
                rule_row="",
                actor=actor,
                at=at,
            )
    return len(due.keys() - asked)


def period_of(recurs: str, day: date) -> tuple[date, date]:
    """The first and last day of the day, week (from Monday) or month that ``day`` lies in.

    >>> period_of("week", date(2022, 4, 13)), period_of("month", date(2022, 2, 9))[1]
    ((datetime.date(2022, 4, 11), datetime.date(2022, 4, 17)), datetime.date(2022, 2, 28))
    """
    if recurs == "week":
        first = day - timedelta(days=day.weekday())
        return first, first + timedelta(weeks=1) - timedelta(days=1)
    if recurs == "month":
        first = day.replace(day=1)
        following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
        return first, following - timedelta(days=1)
    return day, day


def _in_force(at: datetime) -> QuerySet[StandingDuty]:
    today = civil_day(at, installation().zone)
    return StandingDuty.objects.known_at(at).filter(state=IN_FORCE, starts_on__lte=today)


def _task(
    duty: StandingDuty,
    *,
    subject: tuple[str, str],
    area_code: str,
    due_at: datetime,
    rule_row: str,
    params: dict[str, str],
) -> NewTask:
    return NewTask(
        title=duty.title,
        owner_role=duty.owner_role,
        owner_key=_owner_of(duty, area_code),
        area_code=area_code,
        due_at=due_at,
        post=duty.post,
        evidence_kind=duty.evidence_kind,
        carries_out_kind=DUTY,
        carries_out_key=duty.key,
        subject_kind=subject[0],
        subject_key=subject[1],
        rule_row=rule_row,
        params=params,
    )


def _owner_of(duty: StandingDuty, area_code: str) -> str:
    """The duty's own person where that person can still do it there; else "": its role does, and nothing is lost."""
    if not duty.owner_key:
        return ""
    try:
        check_owners([(duty.owner_role, duty.owner_key, area_code)])
    except InputError:
        return ""
    return duty.owner_key


def _new(rows: list[NewTask]) -> list[NewTask]:
    """Those of ``rows`` that no task has been opened for, finished or not: one for each duty and subject, ever."""
    held = Task.objects.open().filter(
        carries_out_key__in={row.carries_out_key for row in rows},
        subject_key__in={row.subject_key for row in rows},
    )
    opened = set(held.values_list("carries_out_key", "subject_key")) if rows else set()
    return [row for row in rows if (row.carries_out_key, row.subject_key) not in opened]


def _close_out(day: date) -> datetime:
    hour = office_clock(CLOSE_OUT).at
    assert isinstance(hour, time), "the close-out is an hour of the day"
    return datetime.combine(day, hour, installation().zone)
