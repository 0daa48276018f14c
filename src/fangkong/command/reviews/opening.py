"""Reviews open: by themselves at an event, or by hand for an older case. One for each subject, ever."""

from __future__ import annotations

from datetime import datetime

from fangkong.core.errors import InputError
from fangkong.core.keys import stable_key
from fangkong.record import audit
from fangkong.record.access import Actor, visible
from fangkong.record.load import load
from fangkong.record.locking import lock_name
from fangkong.record.models import Case

from ..models import Review
from ..office_clocks import office_clock
from ..timers.office import office_timer_start
from .rows import CASE_CLOCK, EVENT_CLOCK, OPEN, WRITE, tell

#: What a review may be of -> the office's limit for it.
CLOCKS = {"case": CASE_CLOCK, "plan_run": CASE_CLOCK, "drill": CASE_CLOCK, "event": EVENT_CLOCK}

#: Classifications that make a case one to review.
REVIEWED = ("confirmed", "asymptomatic")


def review_key_of(subject_kind: str, subject_key: str) -> str:
    """The key of the review of a subject: one for each, ever."""
    return stable_key("review", subject_kind, subject_key)


def review_open(
    subject_kind: str, subject_key: str, *, area_code: str, disease: str, actor: Actor, at: datetime
) -> str:
    """The key of the review of the subject, opened once, with the office's limit running.

    ``subject_kind`` is case, plan_run, drill or event. The same subject again changes nothing, however far its
    review has come. Raises Forbidden without ``review.write`` in the area.
    """
    actor.require(WRITE, area_code)
    clock = office_clock(CLOCKS[subject_kind])
    key = review_key_of(subject_kind, subject_key)
    with audit.writing():
        lock_name("review", key)
        if Review.objects.filter(key=key).exists():
            return key
        row = {
            "key": key,
            "subject_kind": subject_kind,
            "subject_key": subject_key,
            "area_code": area_code,
            "disease": disease,
            "opened_at": at,
            "due_at": clock.due(at),
            "state": OPEN,
        }
        load(Review, [row], actor=actor.key, source_key=actor.key, known_from=at)
        audit.note(
            actor=actor.key,
            verb="review.open",
            object_kind="review",
            object_key=key,
            area_code=area_code,
            values=row,
        )
        office_timer_start(clock, {key: area_code}, subject_kind="review", actor=actor, at=at)
        tell("review.opened", Review(**row), at, subject_kind=subject_kind, about=subject_key)
    return key


def review_open_case(case_no: str, *, actor: Actor, at: datetime) -> str:
    """The key of the review of the case with this number, opened by hand when it has none.

    Raises InputError ``review.unknown_case`` for a number that the actor does not see, and
    ``review.case_not_reviewed`` for a suspected or excluded one; Forbidden without ``review.write``.
    """
    actor.require(WRITE)
    rows = Case.objects.open().filter(case_no=case_no.strip())
    case = visible(rows, actor).order_by("key").first() if case_no.strip() else None
    if case is None:
        raise InputError("review.unknown_case", case_no=case_no.strip()[:40])
    if case.classification not in REVIEWED:
        raise InputError("review.case_not_reviewed", case_no=case.case_no)
    return review_open("case", case.key, area_code=case.area_code, disease=case.disease, actor=actor, at=at)
