"""Writes of the control desk: an order is proposed by one, decided by another, and ends by itself.

A system actor may propose, never decide. Every proposal has a stable key made of what it says, so that doing
it twice changes nothing; every decision is a new version of the order under its own audit verb.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from fangkong.core.areas import contains
from fangkong.core.clock import FAR_FUTURE, civil_day
from fangkong.core.errors import Conflict, Forbidden, InputError, NotFound
from fangkong.core.keys import stable_key
from fangkong.record import audit, events
from fangkong.record.access import Actor, visible
from fangkong.record.access.actor import roles_that_may
from fangkong.record.installation import installation
from fangkong.record.load import Row, fact_of, load, revise
from fangkong.record.models import Case, Contact, Order

from .measures import UNVERIFIED, case_measure, contact_measure
from .proposals import Measure, Proposal
from .rulebook import rulebook
from .safeguards import safeguards

DECIDE, PROPOSE = "order.decide", "order.propose"

#: States in which an order binds or may come to bind the person.
RUNNING = ("proposed", "approved")

#: How many orders lapse in one transaction.
_LAPSE_CHUNK = 500


def order_propose_for_contact(contact_key: str, *, actor: Actor, at: datetime) -> Proposal:
    """What came of proposing the order that the rules ask for a contact on the civil day of ``at``.

    The plan is the one of the contact's tier, disease and area under the rules of that day, counted from the
    last exposure; an unknown exposure is an outcome, never a guess, and so are a contact who has become a case
    since and one who stays outside the office's area. Raises Forbidden without
    ``order.propose`` in the contact's area, NotFound ``contact.unknown`` outside the actor's scope.
    """
    actor.require(PROPOSE)
    contact = visible(Contact.objects.known_at(at).filter(key=contact_key), actor).first()
    if contact is None:
        raise NotFound("contact.unknown", key=contact_key)
    actor.require(PROPOSE, contact.area_code)
    if contact.last_exposure_on is None:
        return Proposal("exposure_date_unknown", params={"contact_key": contact_key})
    today = civil_day(at, installation().zone)
    here = installation().area_code
    if here and not contains(here, contact.area_code):
        # Another office's person: it is asked for help, not ordered about.
        return Proposal("outside_jurisdiction", params={"area_code": contact.area_code})
    became = Case.objects.known_at(at).filter(
        person_key=contact.person_key, disease=contact.disease, reported_on__gte=contact.last_exposure_on
    )
    if became.exclude(classification__in=("excluded", "suspected")).exists():
        # Found infected after this exposure: isolation has taken the place of quarantine, also once it has ended.
        return Proposal("became_case", params={"contact_key": contact_key})
    measure = contact_measure(
        rulebook(),
        disease=contact.disease,
        tier=contact.tier,
        last_exposure_on=contact.last_exposure_on,
        on=today,
        area_code=contact.area_code,
    )
    if isinstance(measure, Proposal):
        return measure
    # What the order says is its identity: the same plan for the same contact is the same order on any day.
    key = stable_key("order", measure.kind, contact_key, measure.day0_on, measure.stages)
    return _propose(
        key,
        measure,
        decided_on=today,
        person_key=contact.person_key,
        disease=contact.disease,
        area_code=contact.area_code,
        reason_key=contact_key,
        actor=actor,
        at=at,
    )


def order_propose_for_positive(
    person_key: str, disease: str, area_code: str, reason_key: str, *, actor: Actor, at: datetime
) -> Proposal:
    """What came of proposing the isolation of a person with a positive result (``reason_key``).

    Severity and onset come from the person's case where one is known at ``at``. Raises Forbidden without
    ``order.propose`` in ``area_code``.
    """
    actor.require(PROPOSE, area_code)
    known = Case.objects.known_at(at).filter(
        person_key=person_key, disease=disease, outcome__in=("", "alive")
    )
    case = known.exclude(classification="excluded").order_by("-reported_on", "key").first()
    today = civil_day(at, installation().zone)
    measure = case_measure(
        rulebook(),
        disease=disease,
        on=today,
        area_code=area_code,
        person="asymptomatic" if case is not None and case.classification == "asymptomatic" else "case",
        severity=case.severity if case is not None else "",
        onset_on=case.onset_on if case is not None else None,
    )
    if isinstance(measure, Proposal):
        return measure
    return _propose(
        stable_key("order", measure.kind, person_key, disease, reason_key),
        measure,
        decided_on=today,
        person_key=person_key,
        disease=disease,
        area_code=area_code,
        reason_key=reason_key,
        actor=actor,
        at=at,
    )


def order_propose(
    kind: str,
    *,
    person_key: str,
    disease: str,
    area_code: str,
    reason_key: str,
    place: str,
    starts_on: date,
    expires_on: date,
    legal_basis: str,
    actor: Actor,
    at: datetime,
) -> Proposal:
    """What came of a person's own proposal, where the packs do not decide.

    ``kind`` is quarantine, isolation or monitoring. It carries the mark ``unverified``, so whoever approves
    says why. Raises InputError ``order.basis_needed``, ``order.ends_before_start`` or ``order.too_long`` (the
    safeguard's limit, both days counted), Forbidden for a system actor or without ``order.propose``.
    """
    _refuse_system(actor, PROPOSE)
    actor.require(PROPOSE, area_code)
    if kind not in ("quarantine", "isolation", "monitoring"):
        raise InputError("order.unknown_kind", kind=kind)
    if not legal_basis.strip():
        raise InputError("order.basis_needed")
    if expires_on < starts_on:
        raise InputError(
            "order.ends_before_start", starts_on=starts_on.isoformat(), expires_on=expires_on.isoformat()
        )
    days, limit = (expires_on - starts_on).days + 1, safeguards().max_days
    if days > limit:
        raise InputError("order.too_long", days=days, limit=limit)
    stage = {"place": place, "first_on": starts_on.isoformat(), "last_on": expires_on.isoformat()}
    measure = Measure(
        kind=kind,
        starts_on=starts_on,
        expires_on=expires_on,
        stages=[stage | {"test_on": [], "tests_known": False, "choice": ""}],
        rule_rows=[],
        legal_basis=[legal_basis.strip()],
        confidence=UNVERIFIED,
        release_condition="",
        dates_from="person",
    )
    return _propose(
        stable_key("order", kind, person_key, disease, reason_key, measure.stages, actor.key),
        measure,
        decided_on=civil_day(at, installation().zone),
        person_key=person_key,
        disease=disease,
        area_code=area_code,
        reason_key=reason_key,
        actor=actor,
        at=at,
    )


def order_approve(order_key: str, *, actor: Actor, at: datetime, reason: str = "") -> None:
    """The order is in force. ``reason`` is required when the order rests on an unverified row.

    Raises Forbidden (a system actor, no ``order.decide`` in the order's area, the proposer), NotFound
    ``order.unknown``, Conflict ``order.not_proposed`` or ``order.over``, InputError ``order.reason_needed``.
    """
    with _deciding(order_key, actor, at) as order:
        if order.expires_on < civil_day(at, installation().zone):
            raise Conflict("order.over", order_no=order.order_no, expires_on=order.expires_on.isoformat())
        if order.confidence == UNVERIFIED and not reason.strip():
            raise InputError("order.reason_needed", order_no=order.order_no)
        _decide(order, "approved", actor, at, reason)


def order_reject(order_key: str, *, actor: Actor, at: datetime, reason: str) -> None:
    """The order is refused, with a reason. Raises as ``order_approve`` does."""
    with _deciding(order_key, actor, at) as order:
        if not reason.strip():
            raise InputError("order.reason_needed", order_no=order.order_no)
        _decide(order, "rejected", actor, at, reason)


def order_withdraw(order_key: str, *, actor: Actor, at: datetime, reason: str) -> None:
    """A proposed or approved order is taken back, with a reason; who approved it stays on record.

    The proposer may take a proposal back; an approved order needs ``order.decide`` in its area. Raises as
    ``order_approve`` does, Conflict ``order.not_running`` in every other state.
    """
    _refuse_system(actor, DECIDE)
    with audit.writing():
        order = _open_order(order_key, actor)
        if order.state == "proposed" and order.proposed_by == actor.key:
            actor.require(PROPOSE, order.area_code)
        else:
            actor.require(DECIDE, order.area_code)
        if order.state not in RUNNING:
            raise Conflict("order.not_running", order_no=order.order_no, state=order.state)
        if not reason.strip():
            raise InputError("order.reason_needed", order_no=order.order_no)
        revise(
            order,
            at=at,
            actor=actor.key,
            verb="order.withdraw",
            state="withdrawn",
            decision_reason=reason.strip(),
        )
        _emit(order, "withdrawn", at)


def order_lapse_due(at: datetime, *, actor: Actor) -> int:
    """How many orders ended: those proposed or approved whose last day lies before the civil day of ``at``.

    Idempotent; works in chunks of sorted keys, so a killed run goes on where it stopped.
    """
    today, lapsed = civil_day(at, installation().zone), 0
    while True:
        with audit.writing():
            due = Order.objects.open().filter(state__in=RUNNING, expires_on__lt=today, known_from__lt=at)
            orders = list(due.order_by("key")[:_LAPSE_CHUNK])
            if not orders:
                return lapsed
            rows = [fact_of(order) | {"state": "lapsed"} for order in orders]
            load(Order, rows, actor=actor.key, source_key=actor.key, known_from=at)
            for order in orders:
                audit.note(
                    actor=actor.key,
                    verb="order.lapse",
                    object_kind="order",
                    object_key=order.key,
                    area_code=order.area_code,
                )
                _emit(order, "lapsed", at)
            lapsed += len(orders)


def order_no_of(key: str, day: date) -> str:
    """The number that people read: the day and eight letters of the key, so that it never depends on order.

    >>> order_no_of("order-abcdefghijklmnopqrst", date(2022, 4, 16))
    'GL-220416-MNOP-QRST'
    """
    return f"GL-{day:%y%m%d}-{key[-8:-4]}-{key[-4:]}".upper()


def _propose(
    key: str,
    measure: Measure,
    *,
    decided_on: date,
    person_key: str,
    disease: str,
    area_code: str,
    reason_key: str,
    actor: Actor,
    at: datetime,
) -> Proposal:
    with audit.writing():
        if Order.objects.filter(key=key).exists():
            return Proposal("proposed", key)
        if covering := _covering(measure, person_key, disease):
            return Proposal("already_covered", covering)
        row: Row = {
            "key": key,
            "order_no": order_no_of(key, decided_on),
            "kind": measure.kind,
            "disease": disease,
            "subject_kind": "person",
            "person_key": person_key,
            "area_code": area_code,
            "reason_key": reason_key,
            "state": "proposed",
            "proposed_by": actor.key,
            "proposed_at": at,
            "day0_on": measure.day0_on,
            "starts_on": measure.starts_on,
            "expires_on": measure.expires_on,
            "stages": measure.stages,
            "rule_rows": measure.rule_rows,
            "legal_basis": measure.legal_basis,
            "confidence": measure.confidence,
            "release_condition": measure.release_condition,
            "exceptions": list(safeguards().exceptions),
            "remedy": safeguards().remedy,
            "proportionality": safeguards().proportionality[measure.dates_from],
        }
        load(Order, [row], actor=actor.key, source_key=actor.key, known_from=at)
        audit.note(
            actor=actor.key,
            verb="order.propose",
            object_kind="order",
            object_key=key,
            area_code=area_code,
            values=row,
        )
        _emit(Order(**row), "proposed", at)
    return Proposal("proposed", key, new=True)


def _covering(measure: Measure, person_key: str, disease: str) -> str:
    """The key of a running order that holds the person at least as long, or isolates them; "" without one."""
    running = Order.objects.open().filter(
        person_key=person_key, disease=disease, state__in=RUNNING, expires_on__gte=measure.starts_on
    )
    for order in running.order_by("-expires_on", "key"):
        isolated = order.kind == "isolation"
        same = order.kind == measure.kind and order.starts_on <= measure.starts_on
        longer = order.expires_on >= measure.expires_on
        if (isolated and measure.kind != "isolation") or (same and (longer or isolated)):
            return order.key
    return ""


@contextmanager
def _deciding(order_key: str, actor: Actor, at: datetime) -> Iterator[Order]:
    """The proposed order, locked, once it is sure that ``actor`` may decide on it."""
    _refuse_system(actor, DECIDE)
    actor.require(DECIDE)
    with audit.writing():
        order = _open_order(order_key, actor)
        actor.require(DECIDE, order.area_code)
        if order.proposed_by == actor.key:
            raise Forbidden("order.two_people", permission=DECIDE, roles=roles_that_may(DECIDE))
        if order.state != "proposed":
            raise Conflict("order.not_proposed", order_no=order.order_no, state=order.state)
        yield order


def _decide(order: Order, state: str, actor: Actor, at: datetime, reason: str) -> None:
    revise(
        order,
        at=at,
        actor=actor.key,
        verb="order.approve" if state == "approved" else "order.reject",
        state=state,
        decided_by=actor.key,
        decided_at=at,
        decision_reason=reason.strip(),
    )
    _emit(order, state, at)


def _refuse_system(actor: Actor, permission: str) -> None:
    if actor.everywhere:
        raise Forbidden("order.system_never_decides", permission=permission, roles=roles_that_may(permission))


def _open_order(order_key: str, actor: Actor) -> Order:
    """The open version, locked for this transaction where the engine locks rows."""
    rows = Order.objects.filter(key=order_key, known_to=FAR_FUTURE).select_for_update()
    order = visible(rows, actor).first()
    if order is None:
        raise NotFound("order.unknown", key=order_key)
    return order


def _emit(order: Order, what: str, at: datetime) -> None:
    params: dict[str, Any] = {
        "person_key": order.person_key,
        "disease": order.disease,
        "reason_key": order.reason_key,
        "kind": order.kind,
    }
    events.emit(f"order.{what}", order.key, order.area_code, at=at, params=params)
