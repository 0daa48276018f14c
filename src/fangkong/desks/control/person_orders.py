"""Orders on people: what the rules ask for a contact or a positive person, and a person's own proposal.

Every proposal has a stable key made of what it says, so that doing it twice changes nothing. A system actor
may propose, never decide.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from fangkong.core.areas import contains
from fangkong.core.clock import civil_day
from fangkong.core.errors import InputError, NotFound
from fangkong.core.keys import stable_key
from fangkong.record import audit
from fangkong.record.access import Actor, visible
from fangkong.record.installation import installation
from fangkong.record.models import Case, Contact, LabResult, Order
from fangkong.science.rules import RuleBook

from .measures import ANY_CONTACT, UNVERIFIED, case_measure, contact_measure
from .order_rows import PROPOSE, RUNNING, Subject, refuse_system, write_proposal
from .overreach import findings_of, person_draft
from .proposals import Measure, Proposal
from .rulebook import rulebook
from .safeguards import check_span


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
    draft = contact_draft(contact, at)
    if isinstance(draft, Proposal):
        return draft
    return _propose(draft, decided_on=civil_day(at, installation().zone), actor=actor, at=at)


@dataclass(frozen=True)
class PersonDraft:
    """What would be ordered of one person, not written yet, and the key that the order will have."""

    key: str
    measure: Measure
    subject: Subject


def contact_draft(contact: Contact, at: datetime) -> PersonDraft | Proposal:
    """The order that the rules of the civil day of ``at`` ask for ``contact``, or why there is none."""
    cases = Case.objects.known_at(at).filter(person_key=contact.person_key)
    return contact_draft_beside(contact, at, cases, rulebook())


def contact_draft_beside(
    contact: Contact, at: datetime, cases: Iterable[Case], book: RuleBook
) -> PersonDraft | Proposal:
    """The same beside ``cases``, all those of the contact's person as known at ``at``, by the rules of ``book``."""
    if contact.last_exposure_on is None:
        return Proposal("exposure_date_unknown", params={"contact_key": contact.key})
    today = civil_day(at, installation().zone)
    here = installation().area_code
    if here and not contains(here, contact.area_code):
        # Another office's person: it is asked for help, not ordered about.
        return Proposal("outside_jurisdiction", params={"area_code": contact.area_code})
    if any(_infected_after(contact, case) for case in cases):
        # Found infected after this exposure: isolation has taken the place of quarantine, also once it has ended.
        return Proposal("became_case", params={"contact_key": contact.key})
    measure = contact_measure(
        book,
        disease=contact.disease,
        tier=contact.tier,
        last_exposure_on=contact.last_exposure_on,
        on=today,
        area_code=contact.area_code,
    )
    if isinstance(measure, Proposal):
        return measure
    # What the order says is its identity: the same plan for the same contact is the same order on any day.
    key = stable_key("order", measure.kind, contact.key, measure.day0_on, measure.stages)
    subject = Subject(
        "person",
        contact.disease,
        contact.area_code,
        person_key=contact.person_key,
        reason_key=contact.key,
        more={"situation": contact_situation(contact, measure)},
    )
    return PersonDraft(key, measure, subject)


def _infected_after(contact: Contact, case: Case) -> bool:
    """True for a case of the contact's disease reported since the exposure and neither excluded nor suspected."""
    assert contact.last_exposure_on is not None
    return (
        case.disease == contact.disease
        and case.reported_on >= contact.last_exposure_on
        and case.classification not in ("excluded", "suspected")
    )


def contact_situation(contact: Contact, measure: Measure) -> dict[str, str]:
    """The facts that gave ``measure`` for ``contact``, as ``science.rules.plan_for`` takes them."""
    last = contact.last_exposure_on
    return {
        "disease": contact.disease,
        "role": ANY_CONTACT if measure.kind == "monitoring" else f"{contact.tier}_contact",
        "last_exposure_on": last.isoformat() if last else "",
    }


def order_propose_for_positive(
    person_key: str, disease: str, area_code: str, reason_key: str, *, actor: Actor, at: datetime
) -> Proposal:
    """What came of proposing the isolation of a person with a positive result (``reason_key``).

    Severity and onset come from the person's case where one is known at ``at``. Raises Forbidden without
    ``order.propose`` in ``area_code``.
    """
    actor.require(PROPOSE, area_code)
    draft = positive_draft(person_key, disease, area_code, reason_key, at)
    if isinstance(draft, Proposal):
        return draft
    return _propose(draft, decided_on=civil_day(at, installation().zone), actor=actor, at=at)


def positive_draft(
    person_key: str, disease: str, area_code: str, reason_key: str, at: datetime
) -> PersonDraft | Proposal:
    """The isolation that the rules of the civil day of ``at`` ask for a positive person, or why there is none."""
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
    asymptomatic = case is not None and case.classification == "asymptomatic"
    situation = {"disease": disease, "role": "asymptomatic" if asymptomatic else "case"}
    if case is not None and case.onset_on is not None:
        situation["onset_on"] = case.onset_on.isoformat()
    subject = Subject(
        "person",
        disease,
        area_code,
        person_key=person_key,
        reason_key=reason_key,
        more={"situation": situation},
    )
    key = stable_key("order", measure.kind, person_key, disease, reason_key)
    return PersonDraft(key, measure, subject)


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
    safeguard's limit, both days counted) or ``order.fact_needed`` (no case, result or exposure of the person
    behind it), Forbidden for a system actor or without ``order.propose``.
    """
    refuse_system(actor, PROPOSE)
    actor.require(PROPOSE, area_code)
    if kind not in ("quarantine", "isolation", "monitoring"):
        raise InputError("order.unknown_kind", kind=kind)
    if not legal_basis.strip():
        raise InputError("order.basis_needed")
    days = check_span(starts_on, expires_on)
    situation = _fact_behind(person_key, disease, reason_key, at)
    findings: list[dict[str, Any]] = []
    if situation["role"] != "case":
        draft = person_draft(
            kind if kind == "monitoring" else "quarantine",
            disease=disease,
            situation=situation,
            place=place,
            starts_on=starts_on,
            days=days,
        )
        findings = findings_of(rulebook(), draft, on=starts_on, area_code=area_code)
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
    subject = Subject(
        "person",
        disease,
        area_code,
        person_key=person_key,
        reason_key=reason_key,
        more={"findings": findings},
    )
    key = stable_key("order", kind, person_key, disease, reason_key, measure.stages, actor.key)
    return _propose(
        PersonDraft(key, measure, subject),
        decided_on=civil_day(at, installation().zone),
        actor=actor,
        at=at,
    )


def _fact_behind(person_key: str, disease: str, reason_key: str, at: datetime) -> dict[str, Any]:
    """The situation that the case, result or exposure behind an order makes; nobody is ordered about without one.

    Raises InputError ``order.fact_needed``: a companion, a report by a third party or a list is no reason.
    """
    known = {"key": reason_key, "person_key": person_key, "disease": disease}
    contact = Contact.objects.known_at(at).filter(**known).first()
    if contact is not None:
        return {
            "disease": disease,
            "role": f"{contact.tier}_contact",
            "last_exposure_on": contact.last_exposure_on,
        }
    if Case.objects.known_at(at).filter(**known).exclude(classification="excluded").exists():
        return {"disease": disease, "role": "case"}
    if LabResult.objects.known_at(at).filter(**known, result="positive").exists():
        return {"disease": disease, "role": "case"}
    raise InputError("order.fact_needed")


def _propose(draft: PersonDraft, *, decided_on: date, actor: Actor, at: datetime) -> Proposal:
    with audit.writing():
        if Order.objects.filter(key=draft.key).exists():
            return Proposal("proposed", draft.key)
        if covering := covering_order(draft):
            return Proposal("already_covered", covering.key)
        return write_proposal(
            draft.key, draft.measure, draft.subject, decided_on=decided_on, actor=actor, at=at
        )


def covering_order(draft: PersonDraft) -> Order | None:
    """A running order that holds the person at least as long as ``draft``, or isolates them; None without one."""
    open_orders = Order.objects.open().filter(person_key=draft.subject.person_key, state__in=RUNNING)
    return covering_among(draft, open_orders.order_by("key"))


def covering_among(draft: PersonDraft, running: Iterable[Order]) -> Order | None:
    """The same among ``running``, the running orders on the person by key: the one that ends last."""
    measure = draft.measure
    for order in sorted(running, key=lambda order: order.expires_on, reverse=True):
        if order.disease != draft.subject.disease or order.expires_on < measure.starts_on:
            continue
        isolated = order.kind == "isolation"
        same = order.kind == measure.kind and order.starts_on <= measure.starts_on
        longer = order.expires_on >= measure.expires_on
        if (isolated and measure.kind != "isolation") or (same and (longer or isolated)):
            return order
    return None
