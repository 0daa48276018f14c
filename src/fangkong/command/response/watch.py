"""What the worker does for levels and runs in each pass: ask for reviews that are due, find orders that yield."""

from __future__ import annotations

from datetime import datetime

from fangkong.core.clock import civil_day
from fangkong.record.access import Actor
from fangkong.record.installation import installation
from fangkong.record.models import Task

from ..models import ResponseLevel
from ..office_clocks import office_clock
from ..tasks.actions import task_create
from ..tasks.states import task_kind
from .level_rows import REVIEW
from .yielding import yields_refresh

#: The task to judge a level again.
REVIEW_TASK = "review_level"


def response_watch(at: datetime, actor: Actor) -> int:
    """How many levels were put before somebody and orders found to yield; a second time at the same moment none."""
    return levels_ask_for_review(at, actor=actor) + yields_refresh(at, actor=actor)


def levels_ask_for_review(at: datetime, *, actor: Actor) -> int:
    """How many levels were put before somebody because their day of review has come; once for each such day."""
    here = installation()
    today = civil_day(at, here.zone)
    due = {
        f"{level.key}|{level.review_on.isoformat()}": level
        for level in ResponseLevel.objects.open()
        .filter(state="in_force", review_on__lte=today, known_from__lte=at)
        .order_by("key")
    }
    if not due:
        return 0
    asked = set(
        Task.objects.open()
        .filter(subject_key__in=due, kind=REVIEW_TASK)
        .values_list("subject_key", flat=True)
    )
    for subject, level in due.items():
        if subject not in asked:
            task_create(
                REVIEW_TASK,
                params={"level_key": level.key, "hazard": level.hazard},
                area_code=level.area_code,
                owner_role=task_kind(REVIEW_TASK).owner_role,
                due_at=here.close_of(today),
                subject_kind="level_review",
                subject_key=subject,
                rule_row=office_clock(REVIEW).rule_row,
                actor=actor,
                at=at,
            )
    return len(due.keys() - asked)
