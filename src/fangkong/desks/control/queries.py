"""Reads of the control desk, by knowledge (``at``) and within the actor's scope."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet

from fangkong.core.clock import civil_day
from fangkong.record.access import Actor
from fangkong.record.installation import installation
from fangkong.record.models import Order
from fangkong.record.paging import Page, keyset_page

from .deciding_many import people_parted_by
from .held_facts import waits_with_others
from .household_acts import HouseholdAct, act_of, household_act_of, household_acts
from .household_members import HouseholdAsked, MemberFound, household_get, households_asked, members_found
from .order_file import (
    ConsentNeeded,
    OrderEnding,
    OrderReason,
    RestrictedAgainstCap,
    appeals_of_order,
    appeals_to_answer,
    appeals_to_answer_count,
    consents_needed,
    consents_of_order,
    order_ending,
    order_reason,
    orders_linked,
    rejudgements_of_order,
    restricted_days_of_order,
)
from .order_precision import OrderPrecision, orders_precision
from .order_reading import order_get, order_history, readable_orders
from .permit_queries import (
    gates_of,
    passages_of_person,
    permit_get,
    permits_list,
    permits_to_decide_count,
)
from .rejudgement_offers import (
    offers_computed,
    offers_count,
    offers_keys,
    offers_list,
)
from .rulebook import DocumentLine, rules_in_force
from .starting import parted_people

__all__ = [
    "ConsentNeeded",
    "DocumentLine",
    "HouseholdAct",
    "HouseholdAsked",
    "InForceSummary",
    "MemberFound",
    "OrderEnding",
    "OrderPrecision",
    "OrderReason",
    "RestrictedAgainstCap",
    "act_of",
    "appeals_of_order",
    "appeals_to_answer",
    "appeals_to_answer_count",
    "consents_needed",
    "consents_of_order",
    "gates_of",
    "household_act_of",
    "household_acts",
    "household_get",
    "households_asked",
    "members_found",
    "offers_computed",
    "offers_count",
    "offers_keys",
    "offers_list",
    "order_ending",
    "order_get",
    "order_history",
    "order_reason",
    "orders_by_reason",
    "orders_in_force",
    "orders_in_force_list",
    "orders_linked",
    "orders_named",
    "orders_of_person",
    "orders_precision",
    "orders_suspended_list",
    "orders_to_decide",
    "orders_to_decide_count",
    "passages_of_person",
    "people_parted",
    "people_parted_by",
    "permit_get",
    "permits_list",
    "permits_to_decide_count",
    "rejudgements_of_order",
    "restricted_days_of_order",
    "rules_in_force",
    "waits_with_others",
]


#: States of which days were restricted, and those among them that stopped restricting when they were entered.
_COUNTED = ("approved", "suspended", "lapsed", "withdrawn", "superseded")
_CUT_SHORT = ("suspended", "withdrawn", "superseded")


@dataclass(frozen=True)
class InForceSummary:
    """Orders in force, the people they restrict, and the person-days restricted so far (with ended orders).

    A person under two orders at once is one person, and their day is one person-day.
    """

    orders: int
    persons: int
    person_days: int


def orders_to_decide(
    *,
    actor: Actor,
    at: datetime,
    disease: str = "",
    area_code: str = "",
    subject_kind: str = "",
    limit: int = 50,
    after: str = "",
) -> Page[Order]:
    """The proposals that wait for a decision and are not over yet, the earliest start first."""
    rows = readable_orders(actor, at, disease, area_code).filter(state="proposed", expires_on__gte=_day(at))
    return _page(_on(rows, subject_kind), limit, after)


def orders_to_decide_count(*, actor: Actor, at: datetime) -> int:
    """How many proposals wait for a decision: the number beside the room's name on every page."""
    return readable_orders(actor, at).filter(state="proposed", expires_on__gte=_day(at)).count()


def orders_in_force_list(
    *,
    actor: Actor,
    at: datetime,
    disease: str = "",
    area_code: str = "",
    subject_kind: str = "",
    limit: int = 50,
    after: str = "",
) -> Page[Order]:
    """The approved orders that are not over at ``at``, the earliest start first."""
    rows = readable_orders(actor, at, disease, area_code).filter(state="approved", expires_on__gte=_day(at))
    return _page(_on(rows, subject_kind), limit, after)


def orders_suspended_list(
    *, actor: Actor, at: datetime, subject_kind: str = "", limit: int = 50, after: str = ""
) -> Page[Order]:
    """The orders that somebody suspended and that are not over at ``at``, the earliest start first."""
    rows = readable_orders(actor, at).filter(state="suspended", expires_on__gte=_day(at))
    return _page(_on(rows, subject_kind), limit, after)


def orders_in_force(*, actor: Actor, at: datetime, disease: str = "", area_code: str = "") -> InForceSummary:
    """What the orders in force at ``at`` weigh: orders, people, and person-days restricted so far."""
    day = _day(at)
    rows = readable_orders(actor, at, disease, area_code)
    in_force = Q(state="approved", expires_on__gte=day, starts_on__lte=day)
    orders, people = 0, set()
    for person in rows.filter(in_force).values_list("person_key", flat=True).iterator(chunk_size=5000):
        orders += 1
        if person:
            people.add(person)
    # An order counts once somebody approved it: while it runs, after it lapsed, and until it was taken back.
    ever = rows.filter(subject_kind="person", state__in=_COUNTED, starts_on__lte=day).exclude(decided_by="")
    names = ("person_key", "starts_on", "expires_on", "state", "known_from")
    spans = ever.order_by("person_key", "starts_on").values_list(*names)
    return InForceSummary(orders, len(people), _person_days(spans.iterator(chunk_size=5000), day))


def orders_named(order_keys: Sequence[str], *, actor: Actor, at: datetime) -> dict[str, Order]:
    """Key -> order of those in ``order_keys`` that the actor may read; for one page of a list."""
    return {order.key: order for order in readable_orders(actor, at).filter(key__in=list(order_keys))}


def orders_of_person(person_key: str, *, actor: Actor, at: datetime) -> list[Order]:
    """Every order on one person, the latest start first."""
    return list(readable_orders(actor, at).filter(person_key=person_key).order_by("-starts_on", "key"))


def orders_by_reason(reason_keys: Sequence[str], *, actor: Actor, at: datetime) -> dict[str, list[Order]]:
    """The orders of each contact, case or result in ``reason_keys``; one query for every 500 keys."""
    found: dict[str, list[Order]] = {key: [] for key in reason_keys}
    keys = list(found)
    for start in range(0, len(keys), 500):
        rows = readable_orders(actor, at).filter(reason_key__in=keys[start : start + 500])
        for order in rows.order_by("starts_on", "key"):
            found[order.reason_key].append(order)
    return found


def _day(at: datetime) -> date:
    return civil_day(at, installation().zone)


def _on(rows: QuerySet[Order], subject_kind: str) -> QuerySet[Order]:
    if subject_kind == "household":
        # Orders on the members of a household, put together in one act.
        return rows.filter(subject_kind="person").exclude(subject_key="")
    return rows.filter(subject_kind=subject_kind) if subject_kind else rows


def _page(rows: QuerySet[Order], limit: int, after: str) -> Page[Order]:
    return keyset_page(rows, "starts_on", date.fromisoformat, limit=limit, after=after)


def _person_days(spans: Iterable[tuple[str, date, date, str, datetime]], today: date) -> int:
    """Days under restriction over all people; ``spans`` are sorted by person and first day."""
    total, person, covered_to = 0, "", date.min
    zone = installation().zone
    for who, first_on, last_on, state, since in spans:
        end = min(last_on, today)
        if state in _CUT_SHORT:
            end = min(end, civil_day(since, zone))
        if who != person:
            person, covered_to = who, date.min
        start = max(first_on, covered_to + timedelta(days=1))
        if end >= start:
            total += (end - start).days + 1
            covered_to = end
    return total


def people_parted(order_key: str, *, actor: Actor, at: datetime) -> list[str]:
    """Children, dependents or carers whom the order would part without a recorded consent; for whoever records it.

    Raises NotFound as ``order_get``.
    """
    return sorted(set(parted_people(order_get(order_key, actor=actor, at=at), at)))
