"""Permits to travel: asked for, judged by the rules of both ends, decided by another, and over by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from fangkong.core.clock import FAR_FUTURE, civil_day
from fangkong.core.errors import Conflict, Forbidden, InputError, NotFound
from fangkong.core.keys import stable_key
from fangkong.record import audit, events
from fangkong.record.access import Actor, visible
from fangkong.record.access.actor import roles_that_may
from fangkong.record.installation import installation
from fangkong.record.load import Row, fact_of, load, revise
from fangkong.record.locking import locked, locked_one
from fangkong.record.models import Area, Permit
from fangkong.record.retention.collecting import require_basis
from fangkong.science.rules.basis import Basis, Inquiry
from fangkong.science.rules.movement.commuter import CommuteFacts, Test, commute_answer
from fangkong.science.rules.packs import CONFIDENCE_ORDER

from .gate_answers import Shown, emergency_answer, needs_were_read, results_known
from .holders import Holder, person_keep, vehicle_digest
from .order_rows import refuse_system
from .permit_figures import figures, permit_kind
from .rulebook import rulebook

READ, PROPOSE, DECIDE = "permit.read", "permit.propose", "permit.decide"
CATEGORY = "permits"

#: Answers of the rules on which a permit is not issued: it is refused, or asked for anew.
REFUSED = ("refused",)

#: What the packs do not answer, and the mark of what rests on nothing that was read: a person decides, and says why.
NOT_DECIDED, UNREAD = "not_decided", CONFIDENCE_ORDER[-1]

#: States in which a permit lets or may come to let somebody travel.
OPEN = ("proposed", "issued")

_WHY = 400
_LAPSED_AT_ONCE = 500


@dataclass(frozen=True)
class _Judged:
    """What the rules say to the application."""

    answer: str
    reasons: list[str]
    cost: dict[str, Any]
    basis: Basis
    read: bool


def permit_no_of(key: str, day: date) -> str:
    """The number that people read: the day and eight letters of the key.

    >>> permit_no_of("permit-abcdefghijklmnopqrst", date(2022, 7, 6))
    'TX-220706-MNOP-QRST'
    """
    return f"TX-{day:%y%m%d}-{key[-8:-4]}-{key[-4:]}".upper()


def permit_propose(
    kind: str,
    *,
    holder: Holder,
    shown: Shown,
    starts_on: date,
    expires_on: date | None = None,
    disease: str = "",
    actor: Actor,
    at: datetime,
) -> str:
    """The key of the permit, proposed once per holder, journey and first day, with what the rules say to it.

    ``shown`` holds the two ends (``from_area``, ``to_area``) and the facts that the rules of both are asked with:
    a commuter's registration and test, a patient's ``condition``. It lasts to ``expires_on``, by default the
    platform's own span. Emits "permit.proposed".

    Raises InputError ``permit.unknown_kind``, ``permit.who_needed``, ``permit.ends_needed``,
    ``permit.unknown_area``, ``permit.span`` or ``holder.too_short`` and as the movement rules; Forbidden without
    ``permit.propose`` at either end or ``retention.*`` where no rule lets the office ask.
    """
    asked = permit_kind(kind)["asks"]
    refuse_system(actor, PROPOSE)
    holder.check()
    if not holder.named:
        raise InputError("permit.who_needed")
    area_code = _issuing_area(shown, actor)
    span = figures()["span"]
    last_on = expires_on or starts_on + timedelta(days=span["default_days"] - 1)
    on = _day(at)
    if not (on <= last_on and starts_on <= last_on < starts_on + timedelta(days=span["max_days"])):
        raise InputError("permit.span", most=span["max_days"])
    disease = disease or installation().disease
    office = installation().area_code
    require_basis(CATEGORY, on=on, disease=disease, area_code=area_code, office_area=office)
    with audit.writing():
        person_key = person_keep(holder, category=CATEGORY, actor=actor.key, at=at)
        vehicle = vehicle_digest(holder.plate)
        key = stable_key(
            "permit", kind, disease, person_key, vehicle, shown.from_area, shown.to_area, starts_on, last_on
        )
        if Permit.objects.filter(key=key).exists():
            return key
        judged = _judged(kind, asked, shown, person_key, disease=disease, area_code=area_code, at=at)
        row: Row = {
            "key": key,
            "permit_no": permit_no_of(key, on),
            "kind": kind,
            "disease": disease,
            "person_key": person_key,
            "vehicle_digest": vehicle,
            "area_code": area_code,
            "from_area": shown.from_area,
            "to_area": shown.to_area,
            "starts_on": starts_on,
            "expires_on": last_on,
            "answer": judged.answer,
            "reasons": judged.reasons,
            "cost": judged.cost,
            "rule_rows": list(judged.basis.rule_rows),
            "legal_basis": list(judged.basis.legal_basis),
            "confidence": judged.basis.confidence if judged.read else UNREAD,
            "state": "proposed",
            "proposed_by": actor.key,
            "proposed_at": at,
        }
        load(Permit, [row], actor=actor.key, source_key=actor.key, known_from=at)
        audit.note(
            actor=actor.key,
            verb="permit.propose",
            object_kind="permit",
            object_key=key,
            area_code=area_code,
            values=row,
        )
        _event(Permit(**row), "proposed", at)
    return key


def permit_issue(permit_key: str, *, reason: str = "", actor: Actor, at: datetime) -> None:
    """The permit is issued. A second person decides, and where the rules are silent or unread, with a reason.

    Emits "permit.issued". Raises Forbidden without ``permit.decide`` or ``permit.two_people`` for whoever
    proposed it, Conflict ``permit.wrong_state``, ``permit.over`` or ``permit.rules_refuse``, InputError
    ``permit.reason_needed``, NotFound ``permit.unknown``.
    """
    with audit.writing():
        permit = _to_decide(permit_key, actor)
        if permit.expires_on < _day(at):
            raise Conflict("permit.over", permit_no=permit.permit_no)
        if permit.answer in REFUSED:
            raise Conflict("permit.rules_refuse", permit_no=permit.permit_no)
        if permit.confidence == UNREAD and not reason.strip():
            raise InputError("permit.reason_needed")
        _decide(permit, "issued", reason, actor, at)


def permit_refuse(permit_key: str, *, reason: str, actor: Actor, at: datetime) -> None:
    """The permit is refused with a reason; what the refusal costs stands beside it.

    Emits "permit.refused". Raises as ``permit_issue`` and InputError ``permit.reason_needed``.
    """
    with audit.writing():
        permit = _to_decide(permit_key, actor)
        if not reason.strip():
            raise InputError("permit.reason_needed")
        _decide(permit, "refused", reason, actor, at)


def permit_revoke(permit_key: str, *, reason: str, actor: Actor, at: datetime) -> None:
    """The issued permit is taken back, with a reason.

    Emits "permit.revoked". Raises Conflict ``permit.wrong_state`` and as ``permit_refuse``.
    """
    refuse_system(actor, DECIDE)
    if not reason.strip():
        raise InputError("permit.reason_needed")
    with audit.writing():
        permit = _open(permit_key, actor)
        actor.require(DECIDE, permit.area_code)
        _in_state(permit, "issued")
        revise(
            permit,
            at=at,
            actor=actor.key,
            verb="permit.revoke",
            state="revoked",
            change_reason=reason.strip()[:_WHY],
            changed_by=actor.key,
        )
        _event(permit, "revoked", at)


def permit_lapse_due(at: datetime, *, actor: Actor) -> int:
    """How many permits past their last day lapsed; a second time none. Raises Forbidden without ``permit.decide``.

    A rule that changes meanwhile ends nothing: permits stay valid to their own end, as the rows say.
    """
    actor.require(DECIDE)
    done = 0
    while True:
        with audit.writing():
            due = Permit.objects.open().filter(state__in=OPEN, expires_on__lt=_day(at), known_from__lt=at)
            permits: list[Permit] = locked(visible(due, actor).order_by("key")[:_LAPSED_AT_ONCE])
            if not permits:
                return done
            rows = [fact_of(permit) | {"state": "lapsed"} for permit in permits]
            load(Permit, rows, actor=actor.key, source_key=actor.key, known_from=at)
            for permit in permits:
                audit.note(
                    actor=actor.key,
                    verb="permit.lapse",
                    object_kind="permit",
                    object_key=permit.key,
                    area_code=permit.area_code,
                )
                _event(permit, "lapsed", at)
            done += len(permits)


def _issuing_area(shown: Shown, actor: Actor) -> str:
    """The end of the journey in the actor's own area: the start where both are."""
    ends = [code for code in (shown.from_area, shown.to_area) if code]
    if len(ends) != len((shown.from_area, shown.to_area)):
        raise InputError("permit.ends_needed")
    actor.require(PROPOSE)
    own = next((code for code in ends if actor.sees(code)), ends[0])
    actor.require(PROPOSE, own)
    if not Area.objects.open().filter(key=own).exists():
        raise InputError("permit.unknown_area", area=own)
    return own


def _judged(
    kind: str, asked: str, shown: Shown, person_key: str, *, disease: str, area_code: str, at: datetime
) -> _Judged:
    if asked == "commute":
        return _commute(shown, person_key, disease=disease, at=at)
    if asked == "medical":
        found = emergency_answer(shown, disease=disease, area_code=area_code, at=at)
        return _Judged("pass", list(found.reasons), {}, found.basis, True)
    inquiry = Inquiry(rulebook(), on=_day(at), disease=disease, area=area_code)
    given = permit_kind(kind)
    found_keys = {key for key in given["rules"] if inquiry.cite(key) is not None}
    granted = given["grants"] in found_keys
    return _Judged(
        "pass" if granted else NOT_DECIDED,
        [] if granted else ["permit.reason.no_row"],
        {},
        inquiry.basis(),
        granted and not inquiry.basis().to_confirm,
    )


def _commute(shown: Shown, person_key: str, *, disease: str, at: datetime) -> _Judged:
    tests = [Test(shown.tested_at, shown.test_result)] if shown.tested_at else []
    tests += results_known(person_key, disease=disease, at=at)
    found = commute_answer(
        rulebook(),
        home_area=shown.from_area,
        work_area=shown.to_area,
        on=_day(at),
        disease=disease,
        facts=CommuteFacts(
            at,
            registered_at=shown.registered_at or at,
            tests=tuple(tests),
            risk_street_days=shown.risk_street_days,
            home_risk=shown.from_risk,
            work_risk=shown.to_risk,
            point_to_point=shown.point_to_point,
        ),
    )
    cost: dict[str, Any] = {}
    if found.cost is not None:
        possible = found.cost.possible_on
        cost = {
            "work_days": found.cost.work_days,
            "person_days": found.cost.person_days,
            "possible_on": possible.isoformat() if possible else None,
        }
    reasons = list(dict.fromkeys(f"commute.need.{need.code}" for need in found.needs))
    return _Judged(
        found.answer, reasons, cost, found.basis, found.answer != NOT_DECIDED and needs_were_read(found)
    )


def _to_decide(permit_key: str, actor: Actor) -> Permit:
    refuse_system(actor, DECIDE)
    permit = _open(permit_key, actor)
    actor.require(DECIDE, permit.area_code)
    if actor.key == permit.proposed_by:
        raise Forbidden("permit.two_people", permission=DECIDE, roles=roles_that_may(DECIDE))
    _in_state(permit, "proposed")
    return permit


def _decide(permit: Permit, state: str, reason: str, actor: Actor, at: datetime) -> None:
    revise(
        permit,
        at=at,
        actor=actor.key,
        verb=f"permit.{state}",
        state=state,
        decided_by=actor.key,
        decided_at=at,
        decision_reason=reason.strip()[:_WHY],
    )
    _event(permit, state, at)


def _open(permit_key: str, actor: Actor) -> Permit:
    permit: Permit | None = locked_one(
        visible(Permit.objects.filter(key=permit_key, known_to=FAR_FUTURE), actor)
    )
    if permit is None:
        raise NotFound("permit.unknown", key=permit_key)
    return permit


def _in_state(permit: Permit, state: str) -> None:
    if permit.state != state:
        raise Conflict("permit.wrong_state", permit_no=permit.permit_no, state=permit.state)


def _event(permit: Permit, what: str, at: datetime) -> None:
    params = {"person_key": permit.person_key, "disease": permit.disease, "kind": permit.kind}
    events.emit(f"permit.{what}", permit.key, permit.area_code, at=at, params=params)


def _day(at: datetime) -> date:
    return civil_day(at, installation().zone)
