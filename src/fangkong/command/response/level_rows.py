"""The rows of response levels: permissions, states, how an open version is found, locked and told of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Q

from fangkong.core.clock import FAR_FUTURE, civil_day, start_of_day
from fangkong.core.errors import Conflict, Forbidden, InputError, NotFound
from fangkong.record import events
from fangkong.record.access import Actor, visible
from fangkong.record.access.actor import roles_that_may
from fangkong.record.installation import installation
from fangkong.record.locking import locked_one

from ..models import ResponseLevel
from ..office_clocks import office_clock

#: Levels and plans are read with the same permission.
READ, PROPOSE, DECLARE = "plan.read", "level.propose", "level.declare"

#: The office's limit for looking at a level again.
REVIEW = "level_review"

#: States of a level that was really declared, by whomever.
DECLARED = ("in_force", "adjusted", "ended")

REASON_LENGTH = 400
_MEASURES, _MEASURE_LENGTH = 40, 400


def refuse_system(actor: Actor, permission: str) -> None:
    """Nothing for a person. Raises Forbidden ``level.system_never_acts`` for the platform itself."""
    if actor.everywhere:
        raise Forbidden("level.system_never_acts", permission=permission, roles=roles_that_may(permission))


def open_level(level_key: str, actor: Actor, *states: str) -> ResponseLevel:
    """The open version of a level in the actor's area, locked, in one of ``states``.

    Raises NotFound ``level.unknown``, also outside the scope; Conflict ``level.wrong_state`` naming the state.
    """
    rows = ResponseLevel.objects.filter(key=level_key, known_to=FAR_FUTURE)
    found = locked_one(visible(rows, actor))
    if found is None:
        raise NotFound("level.unknown", key=level_key[:96])
    if found.state not in states:
        raise Conflict("level.wrong_state", level_state=found.state)
    return found


def in_force_now(area_code: str, hazard: str, disease: str) -> ResponseLevel | None:
    """The level in force for the area itself and the hazard as far as is known now, locked; None without one."""
    rows = ResponseLevel.objects.filter(known_to=FAR_FUTURE, state="in_force")
    return locked_one(rows.filter(area_code=area_code, hazard=hazard, disease=disease))


def holding(day: date) -> Q:
    """The condition that a level holds on the civil day ``day``."""
    started = Q(state__in=DECLARED, starts_on__lte=day)
    return started & (Q(ended_on=None) | Q(ended_on__gt=day))


def entered_as_fact(level: ResponseLevel) -> bool:
    """True for a level that was declared elsewhere and only entered here, with its document."""
    return level.state in DECLARED and not level.declared_by


def check_review(since: date, review_on: date) -> None:
    """Nothing for a day of review after ``since`` and within the office's limit.

    Raises InputError ``level.review_early`` or ``level.review_late``.
    """
    latest = latest_review(since)
    if review_on <= since:
        raise InputError("level.review_early", since=since.isoformat())
    if review_on > latest:
        raise InputError("level.review_late", latest=latest.isoformat())


def latest_review(since: date) -> date:
    """The last day by which a level that was looked at on ``since`` is looked at again."""
    zone = installation().zone
    return civil_day(office_clock(REVIEW).due(start_of_day(since, zone)), zone)


def measures_of(lines: Sequence[str]) -> list[str]:
    """The measures as they are kept: trimmed, empty ones left out. Raises InputError ``level.too_many_measures``."""
    kept = [line.strip()[:_MEASURE_LENGTH] for line in lines if line.strip()]
    if len(kept) > _MEASURES:
        raise InputError("level.too_many_measures", n=len(kept), most=_MEASURES)
    return kept


def reason_of(text: str, code: str = "level.reason_needed") -> str:
    """The reason as it is kept. Raises InputError ``code`` for an empty one."""
    if not text.strip():
        raise InputError(code)
    return text.strip()[:REASON_LENGTH]


def level_event(level: ResponseLevel, what: str, at: datetime, **params: Any) -> None:
    """Tells whoever reacts that ``what`` happened to the level; ``params`` hold keys and codes only."""
    told = {"hazard": level.hazard, "disease": level.disease, "level": level.level, "rank": level.rank}
    events.emit(f"level.{what}", level.key, level.area_code, at=at, params=told | params)
