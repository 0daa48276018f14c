"""Standing duties: established with an owner, looked at again by a day, ended with a reason."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from fangkong.core.clock import FAR_FUTURE, civil_day, start_of_day
from fangkong.core.errors import Conflict, InputError, NotFound
from fangkong.core.keys import stable_key
from fangkong.record import audit, events
from fangkong.record.access import Actor, visible
from fangkong.record.installation import installation
from fangkong.record.load import load, revise
from fangkong.record.locking import lock_name, locked_one

from ..models import StandingDuty
from ..office_clocks import office_clock
from ..tasks.evidence import evidence_kind
from ..tasks.owners import check_owners
from .rows import DRAFT, reason_of
from .triggers import triggers

#: By the calendar: a task each day, week or month.
RECURS = ("day", "week", "month")

IN_FORCE, ENDED = "in_force", "ended"

#: The office's limit for looking at a duty again.
REVIEW = "standing_duty_review"


def standing_duty_establish(
    *,
    title: str,
    area_code: str,
    owner_role: str,
    owner_key: str = "",
    post: str = "",
    trigger: str = "",
    recurs: str = "",
    measure: str = "",
    evidence_kind: str = "",
    starts_on: date,
    review_on: date,
    clause_key: str = "",
    meeting_key: str = "",
    actor: Actor,
    at: datetime,
) -> str:
    """The key of the duty, in force from ``starts_on`` and made once: the same words again give the same duty.

    It opens one task at each event of ``trigger`` (a code of ``triggers.toml``) or each ``recurs`` (day, week,
    month); a duty with neither needs a ``measure`` that shows whether it is kept. Raises Forbidden without
    ``directive.draft`` in the area; InputError ``standing_duty.title_needed``, ``unknown_trigger``,
    ``unknown_recurrence``, ``one_opening`` (trigger and calendar at once), ``measure_needed``, ``review_early`` or
    ``review_late``, and as ``check_owners`` for an owner who cannot do it; Conflict ``standing_duty.over`` when
    these words were ended before.
    """
    actor.require(DRAFT, area_code)
    row: dict[str, Any] = {
        "title": title.strip(),
        "area_code": area_code,
        "owner_role": owner_role,
        "owner_key": owner_key,
        "post": post.strip(),
        "trigger": trigger,
        "recurs": recurs,
        "measure": measure.strip(),
        "evidence_kind": evidence_kind,
        "clause_key": clause_key,
        "meeting_key": meeting_key,
        "starts_on": starts_on,
        "review_on": review_on,
    }
    _check(row)
    key = stable_key("duty", row)
    with audit.writing():
        lock_name("duty", key)
        held = StandingDuty.objects.open().filter(key=key).first()
        if held is not None:
            if held.state == ENDED:
                raise Conflict("standing_duty.over")
            return key
        row |= {"key": key, "state": IN_FORCE, "decided_by": actor.key}
        load(StandingDuty, [row], actor=actor.key, source_key=actor.key, known_from=at)
        audit.note(
            actor=actor.key,
            verb="standing_duty.establish",
            object_kind="standingduty",
            object_key=key,
            area_code=area_code,
            values=row,
        )
        _tell(StandingDuty(**row), "established", at)
    return key


def standing_duty_keep(duty_key: str, *, review_on: date, reason: str, actor: Actor, at: datetime) -> None:
    """The duty was looked at and stands until ``review_on``. Raises as :func:`standing_duty_end`.

    InputError ``standing_duty.review_early`` for a day that is past, ``review_late`` beyond the office's limit.
    """
    with audit.writing():
        duty = _in_force(duty_key, actor)
        _check_review(civil_day(at, installation().zone), review_on)
        why = reason_of(reason)
        revise(
            duty, at=at, actor=actor.key, verb="standing_duty.keep", review_on=review_on, change_reason=why
        )


def standing_duty_end(duty_key: str, reason: str, *, actor: Actor, at: datetime) -> None:
    """The duty opens no more tasks; those that it has opened are finished as they stand.

    Raises NotFound ``standing_duty.unknown`` outside the scope, Forbidden without ``directive.draft`` in its area,
    InputError ``directive.reason_needed``, Conflict ``standing_duty.over``.
    """
    with audit.writing():
        duty = _in_force(duty_key, actor)
        why = reason_of(reason)
        revise(duty, at=at, actor=actor.key, verb="standing_duty.end", state=ENDED, change_reason=why)
        _tell(duty, "ended", at)


def _in_force(duty_key: str, actor: Actor) -> StandingDuty:
    rows = StandingDuty.objects.filter(key=duty_key, known_to=FAR_FUTURE)
    duty = locked_one(visible(rows, actor))
    if duty is None:
        raise NotFound("standing_duty.unknown", key=duty_key)
    actor.require(DRAFT, duty.area_code)
    if duty.state != IN_FORCE:
        raise Conflict("standing_duty.over")
    return duty


def _check(row: dict[str, Any]) -> None:
    if not row["title"]:
        raise InputError("standing_duty.title_needed")
    check_owners([(row["owner_role"], row["owner_key"], row["area_code"])])
    evidence_kind(row["evidence_kind"])
    if row["trigger"] and row["trigger"] not in triggers():
        raise InputError("standing_duty.unknown_trigger", given=row["trigger"][:40])
    if row["recurs"] and row["recurs"] not in RECURS:
        raise InputError("standing_duty.unknown_recurrence", given=row["recurs"][:8])
    if row["trigger"] and row["recurs"]:
        raise InputError("standing_duty.one_opening")
    if not (row["trigger"] or row["recurs"] or row["measure"]):
        raise InputError("standing_duty.measure_needed")
    _check_review(row["starts_on"], row["review_on"])


def _check_review(since: date, review_on: date) -> None:
    zone = installation().zone
    latest = civil_day(office_clock(REVIEW).due(start_of_day(since, zone)), zone)
    if review_on <= since:
        raise InputError("standing_duty.review_early", since=since.isoformat())
    if review_on > latest:
        raise InputError("standing_duty.review_late", latest=latest.isoformat())


def _tell(duty: StandingDuty, what: str, at: datetime) -> None:
    told = {"trigger": duty.trigger, "recurs": duty.recurs, "clause_key": duty.clause_key}
    events.emit(f"standing_duty.{what}", duty.key, duty.area_code, at=at, params=told)
