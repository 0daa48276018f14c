"""What a level offers, taken up by a person: a standing duty established, or a report given as a task."""

from __future__ import annotations

from datetime import date, datetime

from fangkong.core.clock import civil_day
from fangkong.core.errors import Conflict
from fangkong.record import audit
from fangkong.record.access import Actor
from fangkong.record.installation import installation
from fangkong.record.load import revise

from ..directives.actions import standing_duty_establish
from ..models import ResponseLevel
from ..tasks.giving import NewTask, tasks_create
from .level_rows import open_level, refuse_system
from .level_rules import offer_of

#: How a task says that it is about a level.
SUBJECT = "level"

STANDING_DUTY, TASK, PLAN_RUN = "standing_duty", "task", "plan_run"


def level_offer_take(
    level_key: str,
    code: str,
    *,
    title: str,
    owner_role: str = "",
    owner_key: str = "",
    post: str = "",
    review_on: date | None = None,
    actor: Actor,
    at: datetime,
) -> str:
    """The key of what a person started because the level offers it: a standing duty, or a task for a report.

    ``title`` is what it is called here, ``owner_role`` and ``owner_key`` who does it (the offer's role when left
    out), ``review_on`` when a duty is looked at again (the level's own day when left out). Raises NotFound
    ``level.unknown``, Conflict ``level.wrong_state`` or ``level.offer_taken``, InputError
    ``level.unknown_offer``, and as ``standing_duty_establish`` and ``tasks_create``.
    """
    refuse_system(actor, "directive.draft")
    with audit.writing():
        level = open_level(level_key, actor, "in_force")
        offer = offer_of(code)
        if any(each["code"] == code for each in level.taken):
            raise Conflict("level.offer_taken")
        here = installation()
        today = civil_day(at, here.zone)
        if offer.kind == STANDING_DUTY:
            kind = STANDING_DUTY
            key = standing_duty_establish(
                title=title,
                area_code=level.area_code,
                owner_role=owner_role or offer.owner_role,
                owner_key=owner_key,
                post=post,
                trigger=offer.trigger,
                recurs=offer.recurs,
                evidence_kind=offer.evidence_kind,
                starts_on=today,
                review_on=review_on or level.review_on,
                actor=actor,
                at=at,
            )
        else:
            kind = TASK
            [key] = tasks_create(
                [
                    NewTask(
                        title=title,
                        owner_role=owner_role,
                        owner_key=owner_key,
                        post=post,
                        area_code=level.area_code,
                        due_at=here.close_of(today),
                        subject_kind=SUBJECT,
                        subject_key=level.key,
                    )
                ],
                actor=actor,
                at=at,
            )
        took(level, code, kind, key, actor, at)
    return key


def took(level: ResponseLevel, code: str, kind: str, key: str, actor: Actor, at: datetime) -> None:
    """The level says what was started under it; whoever calls has checked ``actor`` and holds the transaction."""
    entry = {"code": code, "kind": kind, "key": key, "by": actor.key, "at": at.isoformat()}
    revise(level, at=at, actor=actor.key, verb="level.take_offer", taken=[*level.taken, entry])
