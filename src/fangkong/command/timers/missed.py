"""Time limits that ran out: marked, and told to the role that hears of it."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from fangkong.core.clock import civil_day
from fangkong.record import audit
from fangkong.record.access import Actor, visible
from fangkong.record.installation import installation
from fangkong.record.load import fact_of, load
from fangkong.record.locking import locked
from fangkong.record.models import Task, Timer

from ..tasks.actions import task_create
from ..tasks.states import UNFINISHED
from .life import MISSED, RUNNING, WRITE

#: The task of the role that hears of a missed limit.
FOLLOW_UP = "follow_up_limit"

#: How many timers are marked in one transaction.
_CHUNK = 500

#: Digits of a district's area code: limits missed in one district are followed up together.
_DISTRICT = 6


def timer_mark_missed(at: datetime, *, actor: Actor) -> int:
    """How many timers were missed: still running, and due before ``at``. Idempotent.

    The role that the clock names gets one task for each clock and district, however many limits were missed
    there; while that task is open, further ones join it. A missed target is measured and told to nobody.
    Raises Forbidden without ``task.write``.
    """
    actor.require(WRITE)
    marked = 0
    while True:
        with audit.writing():
            due = Timer.objects.open().filter(state=RUNNING, due_at__lt=at, known_from__lt=at)
            timers = locked(visible(due, actor).order_by("due_at", "key")[:_CHUNK])
            if not timers:
                return marked
            rows = [fact_of(timer) | {"state": MISSED} for timer in timers]
            load(Timer, rows, actor=actor.key, source_key=actor.key, known_from=at)
            groups: dict[tuple[str, str, str], list[Timer]] = defaultdict(list)
            for timer in timers:
                audit.note(
                    actor=actor.key,
                    verb="timer.miss",
                    object_kind="timer",
                    object_key=timer.key,
                    area_code=timer.area_code,
                )
                if timer.escalated_to:
                    groups[timer.escalated_to, timer.clock, timer.area_code[:_DISTRICT]].append(timer)
            for (role, clock, area_code), missed in groups.items():
                _follow_up(role, clock, area_code, missed[0], actor, at)
            marked += len(timers)


def _follow_up(role: str, clock: str, area_code: str, first: Timer, actor: Actor, at: datetime) -> None:
    """One task for the role, unless the one of the same clock and district still waits for somebody."""
    subject = f"{clock}|{area_code}|"
    waiting = Task.objects.open().filter(kind=FOLLOW_UP, state__in=UNFINISHED, owner_role=role)
    if waiting.filter(subject_kind="limit", subject_key__startswith=subject).exists():
        return
    here = installation()
    task_create(
        FOLLOW_UP,
        params={"clock": clock, "disease": first.disease},
        area_code=area_code,
        owner_role=role,
        due_at=here.close_of(civil_day(at, here.zone)),
        subject_kind="limit",
        subject_key=f"{subject}{first.due_at.isoformat()}",
        rule_row=first.rule_row,
        actor=actor,
        at=at,
    )
