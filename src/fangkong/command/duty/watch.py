"""What the worker does for duty in each pass: shifts begin, holes are told, the day's close-out and hand-over start.

Each is done once: a second pass at the same moment changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Min

from fangkong.core.clock import FAR_FUTURE, civil_day
from fangkong.record import audit
from fangkong.record.access import Actor
from fangkong.record.installation import installation
from fangkong.record.load import fact_of, load
from fangkong.record.locking import locked
from fangkong.record.models import Task

from ..models import DutyShift
from ..office_clocks import office_clock
from ..tasks.actions import task_assign, task_create, task_done
from ..tasks.owners import can_do, held, staffed, users_of
from ..tasks.states import UNFINISHED
from ..timers.office import office_timer_start
from .checks import Span, holes
from .closing import close_out_day, handover_hour
from .handovers import handover_key_of
from .queries import holes_ahead
from .rows import CANCELLED, CLOSE_OUT, HANDOVER, HOLE, ON, PHONE, PLANNED, hour_of, planned, shifts_of
from .tasks import CLOSE_OUT as CLOSE_OUT_TASK
from .tasks import FILL, SUBJECT, close_out_subject, close_out_task_key, hole_subject

#: How many shifts begin in one transaction.
_CHUNK = 500


def duty_watch(at: datetime, actor: Actor) -> int:
    """How many shifts began, holes were told or filled, and close-outs opened."""
    offices = _offices()
    if not offices:
        return 0
    return _begin(at, actor) + _close_out(offices, at, actor) + _holes(sorted(offices), at, actor)


def _offices() -> dict[str, datetime]:
    """The offices that keep a roster, and when the first shift of each began."""
    rows = DutyShift.objects.open().exclude(state=CANCELLED).order_by()
    return dict(rows.values_list("area_code").annotate(first=Min("starts_at")))


def _begin(at: datetime, actor: Actor) -> int:
    """Shifts whose time has come are on, and the limit of their telephone test runs; one long over only begins."""
    begun = 0
    while True:
        with audit.writing():
            due = DutyShift.objects.filter(known_to=FAR_FUTURE, state=PLANNED, starts_at__lte=at)
            shifts = locked(due.filter(known_from__lt=at).order_by("key")[:_CHUNK])
            if not shifts:
                return begun
            rows = [fact_of(shift) | {"state": ON} for shift in shifts]
            load(DutyShift, rows, actor=actor.key, source_key=actor.key, known_from=at)
            clock = office_clock(PHONE)
            for shift in shifts:
                audit.note(
                    actor=actor.key,
                    verb="duty.begin",
                    object_kind="dutyshift",
                    object_key=shift.key,
                    area_code=shift.area_code,
                )
                # A roster entered behind its time has nobody left to call.
                if shift.ends_at > at:
                    office_timer_start(
                        clock,
                        {shift.key: shift.area_code},
                        subject_kind="duty_shift",
                        due_at=clock.due(shift.starts_at),
                        actor=actor,
                        at=at,
                    )
            begun += len(shifts)


def _close_out(offices: Mapping[str, datetime], at: datetime, actor: Actor) -> int:
    """From the close-out hour on: the task to close out the day, and the limit of its hand-over; once an office."""
    on = close_out_day(at)
    hour = hour_of(CLOSE_OUT, on)
    if at < hour:
        return 0
    # An office whose first shift came behind the hour had nobody there to close that day.
    keys = {close_out_task_key(area, on): area for area, first in offices.items() if first <= hour}
    known = set(Task.objects.filter(key__in=keys).values_list("key", flat=True))
    opened = 0
    for key, area_code in sorted(keys.items()):
        if key in known:
            continue
        role, person = _who_closes(area_code, at)
        with audit.writing():
            task_create(
                CLOSE_OUT_TASK,
                params={"on": on.isoformat()},
                area_code=area_code,
                owner_role=role,
                due_at=max(installation().close_of(on), at),
                subject_kind=SUBJECT,
                subject_key=close_out_subject(area_code, on),
                rule_row=office_clock(CLOSE_OUT).rule_row,
                actor=actor,
                at=at,
            )
            if person:
                task_assign(key, owner_role=role, owner_key=person, actor=actor, at=at)
            office_timer_start(
                office_clock(HANDOVER),
                {handover_key_of(area_code, on): area_code},
                subject_kind="handover",
                due_at=handover_hour(on),
                actor=actor,
                at=at,
            )
        opened += 1
    return opened


def _who_closes(area_code: str, at: datetime) -> tuple[str, str]:
    """(role, person) of the chief on duty; where nobody is, the first role that somebody holds there."""
    shift = shifts_of(area_code, at, at).filter(ends_at__gt=at).last()
    user = users_of([shift.chief_key]).get(shift.chief_key) if shift else None
    if user is not None and can_do(user, user.role, area_code):
        return user.role, user.key
    staff = staffed()
    for role in (office_clock(CLOSE_OUT).escalates_to, "duty_officer", "district_officer"):
        if held(role, area_code, staff):
            return role, ""
    return office_clock(CLOSE_OUT).escalates_to, ""


def _holes(offices: list[str], at: datetime, actor: Actor) -> int:
    """One task for each hole that is near; those that somebody has filled are done.

    A hole that passed unfilled is not done: its task stays for whoever has to say why.
    """
    clock, told = office_clock(HOLE), 0
    near = holes_ahead(offices, at)
    wanted = {hole_subject(area, hole[0]): (area, hole) for area, found in near.items() for hole in found}
    waiting = Task.objects.filter(kind=FILL, known_to=FAR_FUTURE, state__in=UNFINISHED)
    standing = {task.subject_key: task for task in waiting.order_by("key")}
    for subject in sorted(set(standing) - set(wanted)):
        if _filled(standing[subject]):
            task_done(standing[subject].key, actor=actor, at=at)
            told += 1
    for subject in sorted(set(wanted) - set(standing)):
        area_code, hole = wanted[subject]
        if not Task.objects.filter(kind=FILL, subject_key=subject).exists():
            _tell_hole(area_code, hole, clock.escalates_to, at, actor)
            told += 1
    return told


def _filled(task: Task) -> bool:
    since, until = (datetime.fromisoformat(task.params[end]) for end in ("since", "until"))
    shifts = [planned(shift) for shift in shifts_of(task.area_code, since, until)]
    return not holes(shifts, (since, until))


def _tell_hole(area_code: str, hole: Span, role: str, at: datetime, actor: Actor) -> None:
    here = installation()
    task_create(
        FILL,
        params={"since": hole[0].isoformat(), "until": hole[1].isoformat()},
        area_code=area_code,
        owner_role=role,
        # Before the hole begins; one that is there already is filled the same day.
        due_at=hole[0] if hole[0] > at else here.close_of(civil_day(at, here.zone)),
        subject_kind=SUBJECT,
        subject_key=hole_subject(area_code, hole[0]),
        rule_row=office_clock(HOLE).rule_row,
        actor=actor,
        at=at,
    )
