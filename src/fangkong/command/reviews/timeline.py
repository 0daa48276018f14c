"""What was known when: the steps of a review, read from the record as it stood at one moment.

Every read goes by knowledge (``known_at``), so the same review replayed as of an earlier day shows what the office
knew on that day. The steps of a case are read in a fixed number of queries, however many contacts it has: what
concerns many people is counted in the database and never listed, and no step carries a name.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from fangkong.core.clock import civil_day
from fangkong.record.installation import installation

from ..models import Review
from .case_steps import case_steps
from .event_steps import level_steps, plan_run_steps, signal_steps
from .steps import Step, thawed, with_times


def review_steps(review: Review, *, at: datetime) -> list[Step]:
    """The steps of the review's subject as known at ``at``; a step of its kind that nobody recorded stands empty.

    Whoever may read the review has been checked by the caller.
    """
    zone: ZoneInfo = installation().zone
    kind, key = review.subject_kind, review.subject_key
    if kind == "case":
        steps = case_steps(key, at=at, zone=zone)
    elif kind in ("plan_run", "drill"):
        steps = plan_run_steps(key, at=at)
    else:
        steps = signal_steps(key, at=at) or level_steps(key, at=at)
    return with_times(steps, lambda moment: civil_day(moment, zone))


def kept_steps(review: Review) -> list[Step]:
    """The steps that a closed review has kept, as they stood when it was closed."""
    return [thawed(row) for row in review.timeline]
