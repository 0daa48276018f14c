"""Who of a household an order would bind, by which fact of their own, and who stays free and why.

Living with somebody is no reason: a member is bound by their own exposure, or by their own illness where the
rules let it be spent at home. Everybody's days are those that the rules give for that one person.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet

from fangkong.core.clock import civil_day
from fangkong.core.errors import NotFound
from fangkong.record.access import Actor, visible, visible_people
from fangkong.record.installation import installation
from fangkong.record.models import Case, Contact, Household, HouseholdMember, Order, Person

from .order_rows import PROPOSE, RUNNING
from .person_orders import PersonDraft, contact_draft, covering_order, positive_draft
from .proposals import Proposal
from .safeguards import safeguards

#: What becomes of a member: a new order, an order that waits already, one that binds already, or none.
NEW, WAITING, HELD, FREE = "new", "waiting", "held", "free"

#: Classifications that are no infection (yet).
_NO_INFECTION = ("excluded", "suspected")


@dataclass(frozen=True)
class MemberFound:
    """One member: what becomes of them, and the fact behind it.

    ``code`` says why a member is ``free`` (an outcome of a proposal, ``no_fact``, ``isolation_elsewhere``,
    ``order_ended`` or ``by_hand``); ``order_key`` is the order that is theirs, or would be.
    """

    person_key: str
    outcome: str
    #: The contact or case of the member's own; "" without one.
    reason_key: str = ""
    code: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    order_key: str = ""
    draft: PersonDraft | None = None


@dataclass(frozen=True)
class HouseholdAsked:
    """The households that a case number or a code leads to, and the case or contact that led there."""

    household_keys: list[str]
    disease: str
    #: "" when a person was named: the reason is then a fact of a member.
    reason_key: str = ""


def households_asked(given: str, *, disease: str, actor: Actor, at: datetime) -> HouseholdAsked:
    """The households of the case (number or key), contact or person ``given``; ``disease`` is that of a person.

    Raises NotFound ``household.not_found`` for what is unknown or outside the scope, Forbidden without
    ``order.propose``.
    """
    actor.require(PROPOSE)
    if actor.may("case.read"):
        cases = Case.objects.known_at(at).filter(Q(key=given) | Q(case_no=given))
        if case := visible(cases, actor, at=at).order_by("key").first():
            return HouseholdAsked(households_of(case.person_key, at), case.disease, case.key)
    if actor.may("contact.read"):
        contacts = Contact.objects.known_at(at).filter(key=given)
        if contact := visible(contacts, actor, at=at).first():
            return HouseholdAsked(households_of(contact.person_key, at), contact.disease, contact.key)
    people = visible_people(Person.objects.known_at(at).filter(key=given), actor, at=at)
    if not people.exists():
        raise NotFound("household.not_found", given=given)
    return HouseholdAsked(households_of(given, at), disease)


def household_get(household_key: str, *, actor: Actor, at: datetime) -> Household:
    """The household as it was known at ``at``.

    Raises NotFound ``household.unknown``, also outside the scope; Forbidden without ``order.propose`` there.
    """
    actor.require(PROPOSE)
    found = visible(Household.objects.known_at(at).filter(key=household_key), actor, at=at).first()
    if found is None:
        raise NotFound("household.unknown", key=household_key)
    actor.require(PROPOSE, found.area_code)
    return found


def households_of(person_key: str, at: datetime) -> list[str]:
    """The keys of the households to which the person belongs on the civil day of ``at``."""
    living = _living(HouseholdMember.objects.known_at(at).filter(person_key=person_key), at)
    return sorted(set(living.values_list("household_key", flat=True)))


def member_keys(household_key: str, at: datetime) -> list[str]:
    """The people who live in the household on the civil day of ``at``."""
    living = _living(HouseholdMember.objects.known_at(at).filter(household_key=household_key), at)
    return sorted(set(living.values_list("person_key", flat=True)))


def members_found(household_key: str, *, disease: str, actor: Actor, at: datetime) -> list[MemberFound]:
    """What becomes of every member of the household under the rules of the civil day of ``at``, by person key."""
    return [_found(person_key, disease, actor, at) for person_key in member_keys(household_key, at)]


def _living(rows: QuerySet[HouseholdMember], at: datetime) -> QuerySet[HouseholdMember]:
    day = civil_day(at, installation().zone)
    begun = Q(from_on__isnull=True) | Q(from_on__lte=day)
    return rows.filter(begun, Q(to_on__isnull=True) | Q(to_on__gte=day))


def _found(person_key: str, disease: str, actor: Actor, at: datetime) -> MemberFound:
    own = Contact.objects.known_at(at).filter(person_key=person_key, disease=disease)
    contacts = list(visible(own, actor, at=at).order_by("key"))
    found = [_by_contact(contact, actor, at) for contact in contacts]
    found += [_by_case(case, actor, at) for case in _current_cases(person_key, disease, contacts, actor, at)]
    # Of several exposures the longest plan holds, as each asks for an order unless another covers it.
    found.sort(key=lambda each: (each.outcome == FREE, -_last_day(each).toordinal(), each.reason_key))
    return found[0] if found else MemberFound(person_key, FREE, code="no_fact")


def _last_day(found: MemberFound) -> date:
    return found.draft.measure.expires_on if found.draft is not None else date.min


def _by_contact(contact: Contact, actor: Actor, at: datetime) -> MemberFound:
    member = MemberFound(contact.person_key, FREE, contact.key)
    if not actor.sees(contact.area_code):
        return replace(member, code="outside_jurisdiction", params={"area_code": contact.area_code})
    return _placed(member, contact_draft(contact, at))


def _current_cases(
    person_key: str, disease: str, contacts: list[Contact], actor: Actor, at: datetime
) -> Iterator[Case]:
    """The member's own illness, as long as a household has to do with it: somebody there is its contact.

    Also the illness that followed the member's own exposure. An old case nobody met lately is no reason.
    """
    cases = Case.objects.known_at(at).filter(
        person_key=person_key, disease=disease, outcome__in=("", "alive")
    )
    met = Contact.objects.known_at(at).filter(disease=disease)
    for case in visible(cases, actor, at=at).exclude(classification__in=_NO_INFECTION).order_by("key"):
        followed = any(
            contact.last_exposure_on is not None and contact.last_exposure_on <= case.reported_on
            for contact in contacts
        )
        if followed or met.filter(case_key=case.key).exists():
            yield case


def _by_case(case: Case, actor: Actor, at: datetime) -> MemberFound:
    member = MemberFound(case.person_key, FREE, case.key)
    if not actor.sees(case.area_code):
        return replace(member, code="outside_jurisdiction", params={"area_code": case.area_code})
    over = Order.objects.open().filter(
        person_key=case.person_key,
        disease=case.disease,
        kind="isolation",
        starts_on__gte=case.reported_on,
    )
    if ended := over.exclude(state__in=RUNNING).order_by("-starts_on", "key").first():
        # Isolated already for this illness: nobody is isolated twice because somebody else fell ill.
        return replace(member, code="order_ended", params={"order_no": ended.order_no})
    draft = positive_draft(case.person_key, case.disease, case.area_code, case.key, at)
    if isinstance(draft, PersonDraft) and not _at_home(draft):
        # Treated elsewhere: their own order, decided by the need for care and not with those who stay.
        return replace(member, code="isolation_elsewhere")
    return _placed(member, draft)


def _at_home(draft: PersonDraft) -> bool:
    return all(stage["place"] in safeguards().places_at_home for stage in draft.measure.stages)


def _placed(member: MemberFound, draft: PersonDraft | Proposal) -> MemberFound:
    """The member with what is on record of their order, or the reason why there is none."""
    if isinstance(draft, Proposal):
        return replace(member, code=draft.code, params=draft.params)
    order = Order.objects.open().filter(key=draft.key).first() or covering_order(draft)
    if order is None:
        return replace(member, outcome=NEW, order_key=draft.key, draft=draft)
    if order.state not in RUNNING:
        return replace(member, code="order_ended", params={"order_no": order.order_no}, order_key=order.key)
    if order.state == "proposed" and not order.situation:
        # Somebody's own dates, not the rules': whoever decides weighs them by themselves.
        return replace(member, code="by_hand", params={"order_no": order.order_no}, order_key=order.key)
    outcome = WAITING if order.state == "proposed" else HELD
    return replace(
        member, outcome=outcome, order_key=order.key, draft=draft, params={"order_no": order.order_no}
    )
