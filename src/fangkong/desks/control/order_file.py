"""What belongs to one order beside itself: its reason, appeals, consents, re-judgements, follow-ups, its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from django.db.models import QuerySet

from fangkong.core.clock import civil_day
from fangkong.record.access import Actor, visible
from fangkong.record.installation import installation
from fangkong.record.models import (
    Appeal,
    Case,
    Consent,
    Contact,
    ExposureJudgement,
    LabResult,
    Order,
    Person,
    Place,
    Rejudgement,
)
from fangkong.record.paging import Page, keyset_page

from .order_reading import READ, readable_orders
from .restricted_days import restricted_days
from .safeguards import safeguards
from .starting import parted_people

V = TypeVar("V", Contact, LabResult, Case, Place)

#: States that an order may take over its life; with them the index on subjects finds the follow-ups of an area.
_ALL_STATES = ("proposed", "approved", "suspended", "rejected", "withdrawn", "lapsed", "superseded")


@dataclass(frozen=True)
class OrderReason:
    """The facts behind an order, as far as the reader may see them; everything empty for one made by hand."""

    contact: Contact | None = None
    #: The case that the contact met, or the person's own; None when it lies outside the reader's scope.
    case: Case | None = None
    result: LabResult | None = None
    judgement: ExposureJudgement | None = None
    #: The place that the order is on.
    place: Place | None = None


@dataclass(frozen=True)
class RestrictedAgainstCap:
    """The person's restricted days for one reason; ``cap`` is None where the rule ends by recovery, not by days."""

    days: int
    orders: int
    cap: int | None

    @property
    def over(self) -> bool:
        """True when the person is held longer than the rule gives."""
        return self.cap is not None and self.days > self.cap


@dataclass(frozen=True)
class ConsentNeeded:
    """A child or dependent whom an order would part from the carer; ``carer_key`` is "" when nobody named one."""

    person_key: str
    carer_key: str


@dataclass(frozen=True)
class OrderEnding:
    """How an order that somebody had approved ended, or was made to end earlier.

    ``code``: lapsed, basis (the rules ask for nothing any more), withdrawn, superseded or shortened. ``on`` is
    the day of the end: the last day of a term that was over or shortened, the first free day otherwise.
    """

    code: str
    on: date
    before_on: date
    reason: str = ""
    changed_by: str = ""
    #: The key of the order that took its place.
    follower_key: str = ""


def order_reason(order: Order, *, actor: Actor, at: datetime) -> OrderReason:
    """What the order ``order`` (from ``order_get``) rests on: the contact and case, or the result, or the place.

    Nothing outside the actor's scope, and no case without ``case.read``; at most four queries.
    """
    actor.require(READ)
    place = None
    if order.subject_kind == "place" and order.subject_key:
        place = _one(Place.objects.known_at(at), order.subject_key, actor, at)
    if not order.reason_key:
        return OrderReason(place=place)
    contact = _one(Contact.objects.known_at(at), order.reason_key, actor, at)
    if contact is not None:
        signed = ExposureJudgement.objects.known_at(at).filter(contact_key=contact.key)
        judgement = visible(signed, actor, at=at).order_by("-signed_at").first()
        return OrderReason(contact, _case(contact.case_key, actor, at), judgement=judgement, place=place)
    result = _one(LabResult.objects.known_at(at), order.reason_key, actor, at)
    if result is not None:
        return OrderReason(result=result, place=place)
    return OrderReason(case=_case(order.reason_key, actor, at), place=place)


def _case(key: str, actor: Actor, at: datetime) -> Case | None:
    return _one(Case.objects.known_at(at), key, actor, at) if actor.may("case.read") else None


def _one(rows: QuerySet[V], key: str, actor: Actor, at: datetime) -> V | None:
    return visible(rows.filter(key=key), actor, at=at).first()


def restricted_days_of_order(order: Order, *, actor: Actor, at: datetime) -> RestrictedAgainstCap | None:
    """The days on which the order's person is restricted for its reason, against what the rule gives.

    None for an order on anything but a person. The person's orders elsewhere count: a limit that stopped at
    the district's border would be none. Days by hand, without a rule row, are held against the safeguard.
    """
    actor.require(READ)
    if order.subject_kind != "person":
        return None
    also = order if order.state == "proposed" else None
    held = restricted_days(order.person_key, order.disease, at=at, reason_key=order.reason_key, also=also)
    if order.kind == "isolation":
        return RestrictedAgainstCap(held.days, held.orders, None)
    by_rule = sum(_days_of(stage) for stage in order.stages)
    return RestrictedAgainstCap(held.days, held.orders, by_rule if order.rule_rows else safeguards().max_days)


def _days_of(stage: dict[str, str]) -> int:
    return (date.fromisoformat(stage["last_on"]) - date.fromisoformat(stage["first_on"])).days + 1


def appeals_of_order(order_key: str, *, actor: Actor, at: datetime) -> list[Appeal]:
    """The objections to the order, the latest first."""
    return list(_appeals(actor, at).filter(order_key=order_key).order_by("-filed_at", "key"))


def appeals_to_answer(*, actor: Actor, at: datetime, limit: int = 50, after: str = "") -> Page[Appeal]:
    """The objections that nobody has answered, the earliest deadline first."""
    waiting = _appeals(actor, at).filter(state="filed")
    return keyset_page(waiting, "due_at", datetime.fromisoformat, limit=limit, after=after)


def appeals_to_answer_count(*, actor: Actor, at: datetime) -> int:
    """How many objections wait for an answer."""
    return _appeals(actor, at).filter(state="filed").count()


def _appeals(actor: Actor, at: datetime) -> QuerySet[Appeal]:
    actor.require(READ)
    return visible(Appeal.objects.known_at(at), actor, at=at)


def consents_of_order(order_key: str, *, actor: Actor, at: datetime) -> list[Consent]:
    """The carers' consents under the order, given and taken back, the first one first."""
    actor.require(READ)
    rows = visible(Consent.objects.known_at(at), actor, at=at).filter(order_key=order_key)
    return list(rows.order_by("given_at", "key"))


def consents_needed(order: Order, *, actor: Actor, at: datetime) -> list[ConsentNeeded]:
    """Those whom the order would part from a carer without a recorded consent, in order of their keys."""
    actor.require(READ)
    if order.subject_kind != "person" or order.state not in ("proposed", "approved", "suspended"):
        return []
    parted = sorted(set(parted_people(order, at)))
    own = Person.objects.known_at(at).filter(key=order.person_key).values_list("carer_key", flat=True)
    carer = (own.first() or "") if order.person_key in parted else ""
    return [ConsentNeeded(key, carer if key == order.person_key else order.person_key) for key in parted]


def rejudgements_of_order(order_key: str, *, actor: Actor, at: datetime) -> list[Rejudgement]:
    """The computations made of the order on later days, the latest first."""
    actor.require(READ)
    rows = visible(Rejudgement.objects.known_at(at), actor, at=at).filter(order_key=order_key)
    return list(rows.order_by("-judged_on", "key"))


def orders_linked(order: Order, *, actor: Actor, at: datetime) -> tuple[list[Order], list[Order]]:
    """(orders that this one follows, orders that follow it), as far as the actor may read them.

    A follower renews it, comes after it at a lower level, or took its place.
    """
    orders = readable_orders(actor, at)
    before = list(orders.filter(key=order.follows_key)) if order.follows_key else []
    # The same subject: its index finds the followers, where follows_key has none.
    if order.person_key:
        same = orders.filter(person_key=order.person_key)
    else:
        same = orders.filter(
            subject_kind=order.subject_kind, state__in=_ALL_STATES, area_code=order.area_code
        )
    after = list(same.filter(follows_key=order.key).order_by("starts_on", "key"))
    if order.state == "superseded":
        after += list(orders.filter(key=order.change_reason).exclude(key__in=[each.key for each in after]))
    return before, after


def order_ending(versions: Sequence[Order]) -> OrderEnding | None:
    """How the order with these ``versions`` (from ``order_history``) ended; None while it runs its full term.

    An order that nobody approved bound nobody: it has no ending.
    """
    approved = next((version for version in versions if version.state == "approved"), None)
    if approved is None:
        return None
    now, before_on = versions[-1], approved.expires_on
    changed_on = civil_day(now.known_from, installation().zone)
    if now.state == "lapsed":
        if now.change_reason == "basis_ended":
            return OrderEnding("basis", changed_on, before_on, changed_by=now.changed_by)
        return OrderEnding("lapsed", now.expires_on, before_on)
    if now.state == "withdrawn":
        return OrderEnding("withdrawn", changed_on, before_on, now.change_reason, now.changed_by)
    if now.state == "superseded":
        return OrderEnding("superseded", changed_on, before_on, "", now.changed_by, now.change_reason)
    if now.state in ("approved", "suspended") and now.expires_on < before_on:
        shorter = next(version for version in versions if version.expires_on == now.expires_on)
        return OrderEnding("shortened", now.expires_on, before_on, shorter.change_reason, shorter.changed_by)
    return None
