"""Reads on reviews and gaps, by knowledge (``at``) and within the actor's scope."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from fangkong.core.errors import NotFound
from fangkong.record.access import Actor, visible
from fangkong.record.models import Case, LabResult, Timer
from fangkong.record.paging import Page, keyset_page

from ..models import Gap, Plan, Review
from .rows import CLOSED, HELD, OPEN, READ, TO_VERIFY, UNCLOSED
from .steps import Step
from .timeline import kept_steps, review_steps

#: The gap register is gone through once a week.
WEEK = timedelta(weeks=1)


@dataclass(frozen=True)
class GapWeek:
    """The week's list: late, due within a week, waiting for a second person, closed in the last week."""

    late: list[Gap]
    due: list[Gap]
    to_verify: list[Gap]
    closed: list[Gap]


def reviews_list(
    *, actor: Actor, at: datetime, state: str = "", limit: int = 50, after: str = ""
) -> Page[Review]:
    """The reviews that the actor sees, the next to be due first; state open, held or closed.

    Raises Forbidden without ``review.read``.
    """
    rows = _reviews(actor, at)
    if state:
        rows = rows.filter(state=state)
    return keyset_page(rows, "due_at", datetime.fromisoformat, limit=limit, after=after)


def review_counts(*, actor: Actor, at: datetime) -> dict[str, int]:
    """State -> number of reviews, and "late" for those not closed whose day has passed; one query."""
    rows = _reviews(actor, at).order_by().values("state")
    late = Count("id", filter=Q(state__in=(OPEN, HELD), due_at__lt=at))
    found: dict[str, int] = {"late": 0}
    for row in rows.annotate(n=Count("id"), late=late).order_by("state"):
        found[row["state"]] = row["n"]
        found["late"] += row["late"]
    return found


def review_get(review_key: str, *, actor: Actor, at: datetime) -> Review:
    """The review as it was known at ``at``. Raises NotFound ``review.unknown``, also outside the scope."""
    review = _reviews(actor, at).filter(key=review_key).first()
    if review is None:
        raise NotFound("review.unknown", key=review_key)
    return review


def review_versions(review_key: str, *, actor: Actor, at: datetime) -> tuple[list[Review], dict[str, str]]:
    """(every version known by ``at``, the first one first; subject key -> number of its case, as review_subjects).

    The last version is the review as it was known at ``at``. One query for both. Raises NotFound
    ``review.unknown``, also outside the scope.
    """
    actor.require(READ)
    rows = visible(Review.objects.filter(key=review_key, known_from__lte=at), actor)
    number = Case.objects.known_at(at).filter(key=OuterRef("subject_key")).values("case_no")[:1]
    versions = list(rows.annotate(number=Subquery(number)).order_by("known_from"))
    if not versions or versions[-1].known_to <= at:
        raise NotFound("review.unknown", key=review_key)
    last = versions[-1]
    of_case = last.subject_kind == "case" and last.number
    return list[Review](versions), {last.subject_key: last.number} if of_case else {}


def review_timeline(review: Review, *, at: datetime, as_of: datetime | None = None) -> list[Step]:
    """The steps of the review: what a closed one has kept, else the record as known at ``at``.

    With ``as_of`` the record is replayed as the office knew it then, closed or not; a moment after ``at`` counts
    as ``at``. ``review`` is what :func:`review_get` or :func:`review_versions` gave its reader.
    """
    if as_of is not None:
        return review_steps(review, at=min(as_of, at))
    return kept_steps(review) if review.state == CLOSED else review_steps(review, at=at)


def review_subjects(reviews: Iterable[Review], *, at: datetime) -> dict[str, str]:
    """Subject key -> the number of the case that a review is of; one query, other subjects are left out.

    The reviews were read in the actor's scope, and a review lies where its case is counted.
    """
    keys = [review.subject_key for review in reviews if review.subject_kind == "case"]
    rows = Case.objects.known_at(at).filter(key__in=keys) if keys else Case.objects.none()
    return dict(rows.values_list("key", "case_no"))


def limits_missed(reviews: Iterable[Review], *, at: datetime) -> dict[str, int]:
    """Review key -> limits that bind and were missed beside its own subject; three queries for any number.

    Of a case: those of the case and of its person's positive results. Those of its contacts stand on its own page.
    """
    of = {review.subject_key: review.key for review in reviews}
    cases = Case.objects.known_at(at).filter(key__in=of).values_list("key", "person_key", "disease")
    people = {(person, disease): of[key] for key, person, disease in cases}
    results = LabResult.objects.known_at(at).filter(
        person_key__in={person for person, _ in people}, result="positive"
    )
    subjects = dict(of)
    for key, person, disease in results.values_list("key", "person_key", "disease"):
        if (person, disease) in people:
            subjects[key] = people[person, disease]
    missed = Q(state="missed") | Q(state="running", due_at__lt=at)
    rows = Timer.objects.known_at(at).filter(missed, subject_key__in=subjects, target=False).order_by()
    found: dict[str, int] = {}
    for subject, n in rows.values_list("subject_key").annotate(n=Count("id")):
        found[subjects[subject]] = found.get(subjects[subject], 0) + n
    return found


def gaps_list(
    *,
    actor: Actor,
    at: datetime,
    state: str = "",
    cause: str = "",
    owner_role: str = "",
    limit: int = 50,
    after: str = "",
) -> Page[Gap]:
    """The gaps that the actor sees, the next to be due first. Raises Forbidden without ``review.read``."""
    rows = _gaps(actor, at)
    for field, wanted in (("state", state), ("cause", cause), ("owner_role", owner_role)):
        if wanted:
            rows = rows.filter(**{field: wanted})
    return keyset_page(rows, "due_at", datetime.fromisoformat, limit=limit, after=after)


def gap_counts(*, actor: Actor, at: datetime) -> dict[str, int]:
    """State -> number of gaps, and "late" for those not closed whose day has passed; one query."""
    late = Count("id", filter=Q(state__in=UNCLOSED, due_at__lt=at))
    found: dict[str, int] = {"late": 0}
    rows = _gaps(actor, at).order_by().values("state").annotate(n=Count("id"), late=late)
    for row in rows.order_by("state"):
        found[row["state"]] = row["n"]
        found["late"] += row["late"]
    return found


def gaps_of_week(*, actor: Actor, at: datetime, most: int = 50) -> GapWeek:
    """The list for the weekly review of gaps, each part at most ``most`` long and the earliest day first."""
    rows = _gaps(actor, at).order_by("due_at", "key")
    unclosed = rows.filter(state=OPEN)
    return GapWeek(
        late=list(unclosed.filter(due_at__lt=at)[:most]),
        due=list(unclosed.filter(due_at__gte=at, due_at__lt=at + WEEK)[:most]),
        to_verify=list(rows.filter(state=TO_VERIFY)[:most]),
        closed=list(rows.filter(state=CLOSED, closed_at__gte=at - WEEK)[:most]),
    )


def gap_get(gap_key: str, *, actor: Actor, at: datetime) -> Gap:
    """The gap as it was known at ``at``. Raises NotFound ``gap.unknown``, also outside the scope."""
    gap = _gaps(actor, at).filter(key=gap_key).first()
    if gap is None:
        raise NotFound("gap.unknown", key=gap_key)
    return gap


def gap_history(gap_key: str, *, actor: Actor, at: datetime) -> list[Gap]:
    """Every version known by ``at``, the first one first. Raises NotFound ``gap.unknown``."""
    gap_get(gap_key, actor=actor, at=at)
    return list(Gap.objects.filter(key=gap_key, known_from__lte=at).order_by("known_from"))


def gaps_of(came_of_key: str, *, actor: Actor, at: datetime) -> list[Gap]:
    """The gaps that came of one review, clause or drill, the earliest day first."""
    return list(_gaps(actor, at).filter(came_of_key=came_of_key).order_by("due_at", "key"))


def plans_changed_by(gap_key: str, *, actor: Actor, at: datetime) -> list[Plan]:
    """The editions of plans that name the gap as their reason, as far as the actor sees them."""
    rows = visible(Plan.objects.known_at(at).filter(reason_key=gap_key), actor)
    return list(rows.order_by("title", "edition", "key"))


def _reviews(actor: Actor, at: datetime) -> QuerySet[Review]:
    actor.require(READ)
    return visible(Review.objects.known_at(at), actor)


def _gaps(actor: Actor, at: datetime) -> QuerySet[Gap]:
    actor.require(READ)
    return visible(Gap.objects.known_at(at), actor)
