"""What the running orders restrict, beside the smallest lawful set of the same day, and which orders differ.

Each order in force is judged by the rules of the day with the facts known then, by the same function as
re-judging; the rules are asked once for each distinct question, not once for each order. Days are counted
from the day itself to the end, so that the difference is what could still be spared.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Subquery, TextField
from django.db.models.functions import Cast

from fangkong.core.areas import contains
from fangkong.core.clock import civil_day
from fangkong.core.errors import InputError
from fangkong.record.access import Actor
from fangkong.record.installation import installation
from fangkong.record.models import Case, Contact, Order

from .alternatives import smallest_alternative
from .order_reading import readable_orders
from .rejudging import judge_order
from .rulebook import rulebook

#: Orders named as making the difference.
MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Weight:
    """Persons restricted on the day, and their person-days from the day on."""

    persons: int = 0
    person_days: int = 0


@dataclass(frozen=True, slots=True)
class Beyond:
    """One order that restricts more than the smallest lawful set; ``why`` is the code of the reason."""

    order_key: str
    order_no: str
    subject_kind: str
    why: str
    person_days: int


@dataclass(frozen=True)
class LawfulSet:
    """Orders in force on ``on`` against the smallest lawful set, persons and residents of areas apart.

    ``lawful`` is what the rules of the day ask of the persons of ``ordered``; those of whom no rule decides are
    in neither and stand in ``unjudged`` (reason -> persons). ``areas`` and ``areas_lawful`` are residents of
    the area orders for which both are known, an area inside another once; ``areas_unknown`` (reason -> orders)
    are the others. ``beyond`` are the orders that make the difference, the largest first.
    """

    on: date
    ordered: Weight
    lawful: Weight
    unjudged: dict[str, int]
    areas: Weight
    areas_lawful: Weight
    areas_unknown: dict[str, int]
    beyond: tuple[Beyond, ...]
    beyond_orders: int

    @property
    def excess(self) -> int:
        """Person-days ordered beyond the smallest lawful set, where both are known."""
        ordered = self.ordered.person_days + self.areas.person_days
        return ordered - self.lawful.person_days - self.areas_lawful.person_days


@dataclass
class _Person:
    """The orders of one person: the last day as ordered and as the rules ask; ``silent`` where none decides."""

    ordered: date = date.min
    lawful: date = date.min
    silent: str = ""


@dataclass
class _Counted:
    people: dict[str, _Person] = field(default_factory=dict)
    #: Keys of the orders on areas.
    areas: list[str] = field(default_factory=list)
    beyond: list[Beyond] = field(default_factory=list)


def lawful_set(*, actor: Actor, at: datetime, disease: str = "", area_code: str = "") -> LawfulSet:
    """The orders in force at ``at`` in the actor's scope against the smallest lawful set as known then.

    One query for all orders, one more where some are on areas, and three for each of these.
    Raises Forbidden without ``order.read``.
    """
    today = civil_day(at, installation().zone)
    rows = readable_orders(actor, at, disease, area_code).filter(
        state="approved", starts_on__lte=today, expires_on__gte=today
    )
    counted = _Counted()
    _judge_people(rows.filter(subject_kind__in=("person", "area")), today, at, counted)
    known = [person for person in counted.people.values() if not person.silent]
    yesterday = today - timedelta(days=1)
    lawful = [(person.lawful - yesterday).days for person in known if person.lawful >= today]
    areas = _areas(counted.areas, rows, today, actor, at, counted.beyond)
    beyond = sorted(counted.beyond, key=lambda each: (-each.person_days, each.order_no))
    return LawfulSet(
        on=today,
        ordered=Weight(len(known), sum((person.ordered - yesterday).days for person in known)),
        lawful=Weight(len(lawful), sum(lawful)),
        unjudged=dict(Counter(person.silent for person in counted.people.values() if person.silent)),
        areas=areas[0],
        areas_lawful=areas[1],
        areas_unknown=dict(areas[2]),
        beyond=tuple(beyond[:MOST_NAMED]),
        beyond_orders=len(beyond),
    )


def _judge_people(rows: Any, today: date, at: datetime, counted: _Counted) -> None:
    book = rulebook()
    local = _local_areas()
    answers: dict[tuple[Any, ...], tuple[date | None, str]] = {}
    for subject_kind, key, number, person, area, *asked, contact, ever in _order_rows(rows, at):
        if subject_kind == "area":
            counted.areas.append(key)
            continue
        facts = _facts(contact, bool(ever))
        # Where no row is an area's own, the rules say the same in every area of the country.
        place = tuple(code for code in local if contains(code, area))
        question = (*asked, place, facts and tuple(sorted(facts.items())))
        if question not in answers:
            answers[question] = _lawful_end(asked, area, facts, today, book)
        last_on, why = answers[question]
        expires_on = asked[-1]
        held = counted.people.setdefault(person, _Person())
        held.ordered = max(held.ordered, expires_on)
        if last_on is None:
            held.silent = held.silent or why
            continue
        held.lawful = max(held.lawful, last_on)
        if last_on < expires_on:
            days = (expires_on - max(last_on, today - timedelta(days=1))).days
            counted.beyond.append(Beyond(key, number, "person", why, days))


def _order_rows(rows: Any, at: datetime) -> Iterator[tuple[Any, ...]]:
    """(kind, key, number, person, area, situation, stages, first day, judged on, last day, contact, ever a contact).

    JSON stays text: equal questions are equal texts, and only distinct ones are read.
    """
    contacts = Contact.objects.filter(key=OuterRef("reason_key"))
    known = contacts.filter(known_from__lte=at, known_to__gt=at)
    cases = Case.objects.known_at(at).filter(key=OuterRef("case_key"), classification="excluded")
    facts = [known.values(name)[:1] for name in ("disease", "tier", "last_exposure_on")]
    facts.append(known.filter(Exists(cases)).values("pk")[:1])
    names = ("subject_kind", "key", "order_no", "person_key", "area_code")
    texts = (Cast("situation", TextField()), Cast("stages", TextField()))
    days = ("starts_on", "judged_on", "expires_on")
    found = rows.order_by().annotate(ever=Subquery(contacts.values("pk")[:1]))
    for index, fact in enumerate(facts):
        found = found.annotate(**{f"contact_{index}": Subquery(fact)})
    found = found.annotate(situation_text=texts[0], stages_text=texts[1])
    columns = [*names, "situation_text", "stages_text", *days, *(f"contact_{n}" for n in range(4)), "ever"]
    for row in found.values_list(*columns).iterator(chunk_size=5000):
        yield (*row[:10], row[10:14], row[14])


def _facts(contact: tuple[Any, ...], ever: bool) -> dict[str, Any] | None:
    """What is known now of the contact behind the order, as re-judging reads it; None for another reason."""
    disease, tier, last, excluded = contact
    if disease is None:
        return {"gone": "contact_withdrawn"} if ever else None
    if excluded is not None:
        return {"gone": "case_excluded"}
    if last is None:
        return {"gone": "exposure_unknown"}
    if tier == "general":
        return {"gone": "general_contact"}
    return {"disease": disease, "role": f"{tier}_contact", "last_exposure_on": last.isoformat()}


def _lawful_end(
    asked: list[Any], area: str, facts: dict[str, Any] | None, today: date, book: Any
) -> tuple[date | None, str]:
    """Last day that the rules of the day ask for and the reason where it is earlier; None where none decides."""
    situation, stages, starts_on, judged_on, expires_on = asked
    held = {
        "situation": json.loads(situation),
        "stages": json.loads(stages),
        "starts_on": starts_on,
        "judged_on": judged_on,
        "expires_on": expires_on,
        "area_code": area,
    }
    if not held["situation"]:
        return None, "ordered_by_hand"
    try:
        judged = judge_order(held, book, today, facts)
    except InputError:
        return None, "rules_cannot_be_asked"
    if judged is None:
        # An isolation: its own condition ends it, and nothing else is lawful for somebody infectious.
        return expires_on, ""
    if judged.outcome == "unchanged":
        return expires_on, ""
    if judged.outcome == "shorter" and judged.after.get("expires_on"):
        return min(date.fromisoformat(judged.after["expires_on"]), expires_on), "shorter"
    if judged.outcome == "ends_now":
        return today - timedelta(days=1), str(judged.after.get("why", "nothing_asked"))
    return None, "not_decided"


def _local_areas() -> tuple[str, ...]:
    """Area codes for which some row is the area's own."""
    codes = {row.jurisdiction.removeprefix("CN-") for pack in rulebook().packs for row in pack.rows}
    return tuple(sorted(code for code in codes if code.isdigit()))


def _areas(
    keys: list[str], rows: Any, today: date, actor: Actor, at: datetime, beyond: list[Beyond]
) -> tuple[Weight, Weight, Counter[str]]:
    """Residents as ordered and in the smallest lawful set, and why others cannot be compared."""
    unknown: Counter[str] = Counter()
    wider, smallest = Weight(), Weight()
    taken: list[str] = []
    held: list[Order] = list(rows.filter(key__in=keys)) if keys else []
    orders = sorted(held, key=lambda order: (len(order.area_code), order.area_code, order.key))
    for order in orders:
        if any(contains(code, order.area_code) for code in taken):
            continue
        found = smallest_alternative(order, actor=actor, at=at)
        if found is None or found.comparison is None:
            unknown[found.why if found else "area_without_residents"] += 1
            continue
        taken.append(order.area_code)
        days = (order.expires_on - today).days + 1
        wide, small = found.comparison.wider_persons, found.comparison.smallest_persons
        # A set that the record counts larger than the order itself spares nobody.
        small = min(small, wide)
        wider = Weight(wider.persons + wide, wider.person_days + wide * days)
        smallest = Weight(smallest.persons + small, smallest.person_days + small * days)
        if small < wide:
            beyond.append(
                Beyond(order.key, order.order_no, "area", "wider_than_needed", (wide - small) * days)
            )
    return wider, smallest, unknown
