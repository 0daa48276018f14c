"""What the record holds of the people whom orders are on: asked anew each time, or read for many orders at once.

What must stand before an order starts is written once (``starting.py``) and asks one of the two. ``Asked`` is the
reference: a query for every question. ``ReadAtOnce`` answers the same from a few queries for all orders together, and
knows of what has been decided since, before any of it is written.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple, Protocol

from django.db.models import Q

from fangkong.core.clock import FAR_FUTURE
from fangkong.record.load import Row
from fangkong.record.models import Consent, Order, Person

from .household_acts import act_of, orders_of_acts

#: Keys asked for in one query.
SLICE = 500


class Near(NamedTuple):
    """The person, or somebody whom they care for."""

    key: str
    carer_key: str
    birth_year: int | None


class Held(Protocol):
    """The questions that the checks of an order ask of the record."""

    def people_near(self, person_key: str, at: datetime) -> list[Near]:
        """The person and everybody whom they care for as known at ``at``, by key."""

    def orders_of(self, person_key: str, at: datetime) -> list[Order]:
        """Every order on the person as known at ``at``, in no order."""

    def consents_given(self, order_key: str, at: datetime) -> set[str]:
        """The people of whom a consent to the order stands at ``at``."""

    def members_of_act(self, order: Order) -> list[Order]:
        """The orders decided together with the household's ``order``, itself included, as they stand."""


class Asked:
    """The record, asked anew for every question."""

    def people_near(self, person_key: str, at: datetime) -> list[Near]:
        """As ``Held``; one query."""
        mine = Q(key=person_key) | Q(carer_key=person_key)
        people = Person.objects.known_at(at).filter(mine).order_by("key")
        return [Near(*row) for row in people.values_list("key", "carer_key", "birth_year")]

    def orders_of(self, person_key: str, at: datetime) -> list[Order]:
        """As ``Held``; one query."""
        return list(Order.objects.known_at(at).filter(person_key=person_key))

    def consents_given(self, order_key: str, at: datetime) -> set[str]:
        """As ``Held``; one query."""
        consents = Consent.objects.known_at(at).filter(order_key=order_key, state="given")
        return set(consents.values_list("person_key", flat=True))

    def members_of_act(self, order: Order) -> list[Order]:
        """As ``Held``; two queries."""
        return orders_of_acts([order], Order.objects.open())[act_of(order)]


#: What the checks of a single order ask.
ASKED = Asked()

#: What of other orders is looked at.
_OF_ORDERS = (
    *("key", "person_key", "disease", "state", "reason_key", "decided_by", "stages", "details"),
    *("subject_key", "starts_on", "expires_on", "known_from", "known_to"),
)


class ReadAtOnce:
    """What is known of the people of ``orders`` at any instant, read when it is made; see ``replace``."""

    def __init__(self, orders: Collection[Order]) -> None:
        people = {order.person_key for order in orders if order.subject_kind == "person"}
        self._near: dict[str, list[tuple[datetime, datetime, Near]]] = defaultdict(list)
        self._orders: dict[str, list[Order]] = defaultdict(list)
        self._consents: dict[str, list[tuple[datetime, datetime, str]]] = defaultdict(list)
        touched = people | self._read_people(people)
        for some in sliced(sorted(touched)):
            for order in Order.objects.filter(person_key__in=some).only(*_OF_ORDERS):
                self._orders[order.person_key].append(order)
        for some in sliced(sorted(order.key for order in orders)):
            given = Consent.objects.filter(order_key__in=some, state="given")
            names = ("order_key", "known_from", "known_to", "person_key")
            for order_key, *consent in given.values_list(*names):
                self._consents[order_key].append((consent[0], consent[1], consent[2]))
        acting = [order for order in orders if act_of(order)]
        self._acts = orders_of_acts(acting, Order.objects.open()) if acting else {}

    def _read_people(self, people: set[str]) -> set[str]:
        """Who is near ``people``; what is known of them is kept."""
        read: dict[int, tuple[Any, ...]] = {}
        names = ("id", "key", "carer_key", "birth_year", "known_from", "known_to")
        for some in sliced(sorted(people)):
            rows = Person.objects.filter(Q(key__in=some) | Q(carer_key__in=some))
            read |= {row[0]: row for row in rows.values_list(*names)}
        for _, key, carer_key, birth_year, since, until in sorted(read.values(), key=lambda row: row[1]):
            version = (since, until, Near(key, carer_key, birth_year))
            for person_key in {key, carer_key} & people:
                self._near[person_key].append(version)
        return {person for row in read.values() for person in row[1:3]} - {""}

    def people_near(self, person_key: str, at: datetime) -> list[Near]:
        """As ``Held``; no query."""
        return [near for since, until, near in self._near[person_key] if since <= at < until]

    def orders_of(self, person_key: str, at: datetime) -> list[Order]:
        """As ``Held``; no query."""
        return [order for order in self._orders[person_key] if order.known_from <= at < order.known_to]

    def consents_given(self, order_key: str, at: datetime) -> set[str]:
        """As ``Held``; no query."""
        return {person for since, until, person in self._consents[order_key] if since <= at < until}

    def members_of_act(self, order: Order) -> list[Order]:
        """As ``Held``; no query."""
        return self._acts.get(act_of(order), [])

    def replace(self, order: Order, row: Row, at: datetime) -> None:
        """From here on ``order`` has the facts of ``row`` since ``at``, for whoever asks."""
        for version in self._orders[order.person_key]:
            if version.key == order.key and version.known_to == FAR_FUTURE:
                version.known_to = at
        after = Order(**row, known_from=at)
        self._orders[order.person_key].append(after)
        for members in self._acts.values():
            members[:] = [after if member.key == order.key else member for member in members]


def sliced(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    """``keys`` in the pieces that one query takes."""
    for start in range(0, len(keys), SLICE):
        yield keys[start : start + SLICE]


def waits_with_others(order: Order, today: date, held: Held = ASKED) -> bool:
    """True when the proposed order is to be decided with other members of its household."""
    if not act_of(order):
        return False
    return any(
        other.key != order.key and other.state == "proposed" and other.expires_on >= today
        for other in held.members_of_act(order)
    )
