"""A review is held: remarks of those who were there, root causes, and its end with everything frozen."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fangkong.core.errors import InputError
from fangkong.record import audit
from fangkong.record.access import Actor
from fangkong.record.load import json_copy, revise

from ..models import Gap, Review
from ..timers.life import meet_all
from .discipline import impersonal
from .opening import CLOCKS
from .rows import (
    CLOSE,
    CLOSED,
    HELD,
    MOST_CHARACTERS,
    OPEN,
    WRITE,
    check_cause,
    need_running,
    open_review,
    tell,
)
from .steps import step_codes
from .timeline import review_steps


def review_hold(review_key: str, *, actor: Actor, at: datetime) -> None:
    """The review is being held, led by the actor. A second time by the same person changes nothing.

    Raises NotFound ``review.unknown``, Forbidden without ``review.write`` in its area, Conflict
    ``review.is_closed``.
    """
    with audit.writing():
        review = open_review(review_key, actor, WRITE)
        need_running(review)
        if review.state == OPEN or review.lead_key != actor.key:
            revise(review, at=at, actor=actor.key, verb="review.hold", state=HELD, lead_key=actor.key)


def review_remark(review_key: str, step: str, words: str, *, actor: Actor, at: datetime) -> None:
    """What somebody who was there adds to a step of the timeline, kept with their post and without their name.

    ``step`` is a code of the timeline, "" for the whole. The same words again are kept once. Raises as
    :func:`review_hold`; InputError ``review.unknown_step``, ``review.words_needed``, ``review.discipline`` or
    ``review.names_person``.
    """
    if step and step not in step_codes():
        raise InputError("review.unknown_step", given=step[:40])
    remark = {"step": step, "words": impersonal(words, most=MOST_CHARACTERS), "role": actor.role}
    with audit.writing():
        review = open_review(review_key, actor, WRITE)
        need_running(review)
        _append(review, "remarks", remark, "review.remark", actor, at)


def review_cause(review_key: str, cause: str, words: str, *, actor: Actor, at: datetime) -> None:
    """A root cause that the review found, as a code and in words. Raises as :func:`review_remark`,

    and InputError ``review.unknown_cause``.
    """
    found = {"code": check_cause(cause), "words": impersonal(words, most=MOST_CHARACTERS)}
    with audit.writing():
        review = open_review(review_key, actor, WRITE)
        need_running(review)
        _append(review, "causes", found, "review.cause", actor, at)


def review_close(review_key: str, *, no_gap_because: str = "", actor: Actor, at: datetime) -> None:
    """The review is over: its timeline is kept as the record stood at ``at``, and changes no more.

    It has at least one finding (a root cause or a gap), or says why there is none. Raises NotFound
    ``review.unknown``, Forbidden without ``review.close`` in its area, InputError ``review.finding_needed``,
    Conflict ``review.is_closed``.
    """
    why = impersonal(no_gap_because, most=MOST_CHARACTERS) if no_gap_because.strip() else ""
    with audit.writing():
        review = open_review(review_key, actor, CLOSE)
        need_running(review)
        gaps = Gap.objects.open().filter(came_of_kind="review", came_of_key=review_key).count()
        if not (review.causes or gaps or why):
            raise InputError("review.finding_needed")
        revise(
            review,
            at=at,
            actor=actor.key,
            verb="review.close",
            state=CLOSED,
            timeline=[step.frozen() for step in review_steps(review, at=at)],
            no_gap_because=why,
            closed_by=actor.key,
            closed_at=at,
        )
        meet_all([CLOCKS[review.subject_kind]], review_key, actor=actor, at=at)
        tell("review.closed", review, at, subject_kind=review.subject_kind, about=review.subject_key)


def _append(review: Review, field: str, entry: dict[str, Any], verb: str, actor: Actor, at: datetime) -> None:
    held = json_copy({field: getattr(review, field)})[field]
    if entry not in held:
        changes: dict[str, Any] = {field: [*held, entry]}
        revise(review, at=at, actor=actor.key, verb=verb, **changes)
