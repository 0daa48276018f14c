"""How precise the orders were: who of the restricted was infected, who of the newly infected was restricted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Exists, OuterRef

from fangkong.core.clock import civil_day
from fangkong.record.access import Actor, inside_area, visible
from fangkong.record.installation import installation
from fangkong.record.models import Case, Order
from fangkong.science.rules.areas.precision import Precision, precision

from .safeguards import safeguards

#: Orders that restrict a person who is not known to be infected, and the states in which they did.
_KINDS = ("quarantine", "monitoring", "exclusion")
_STATES = ("approved", "suspended", "lapsed", "withdrawn", "superseded")
_INFECTED = ("confirmed", "asymptomatic")


@dataclass(frozen=True)
class OrderPrecision:
    """The counts of persons behind the pair, over ``since`` to ``through``, both included."""

    since: date
    through: date
    restricted: int
    infected: int
    new_infections: int
    already_controlled: int
    pair: Precision


def orders_precision(*, actor: Actor, at: datetime, disease: str = "", area_code: str = "") -> OrderPrecision:
    """The two shares with exact 95 % intervals, by the orders and cases known at ``at`` in the actor's scope.

    A person counts as restricted from the first day of an approved order, and as infected with a confirmed
    or asymptomatic case reported while that order ran. Raises Forbidden without ``order.read``.
    """
    actor.require("order.read")
    through = civil_day(at, installation().zone)
    since = through - timedelta(days=safeguards().precision_window_days - 1)
    orders = visible(Order.objects.known_at(at), actor, at=at).filter(
        subject_kind="person", kind__in=_KINDS, state__in=_STATES
    )
    orders = orders.exclude(decided_by="").filter(starts_on__lte=through, expires_on__gte=since)
    cases = visible(Case.objects.known_at(at), actor, at=at).filter(
        classification__in=_INFECTED, reported_on__gte=since, reported_on__lte=through
    )
    if disease:
        orders, cases = orders.filter(disease=disease), cases.filter(disease=disease)
    if area_code:
        orders, cases = orders.filter(inside_area(area_code)), cases.filter(inside_area(area_code))
    ran_then = orders.filter(
        person_key=OuterRef("person_key"),
        disease=OuterRef("disease"),
        starts_on__lte=OuterRef("reported_on"),
        expires_on__gte=OuterRef("reported_on"),
    )
    restricted = orders.order_by().values("person_key").distinct().count()
    found = cases.order_by().aggregate(
        new=Count("person_key", distinct=True),
        controlled=Count("person_key", distinct=True, filter=Exists(ran_then)),
    )
    new, controlled = found["new"], found["controlled"]
    pair = precision(restricted, controlled, new, controlled)
    return OrderPrecision(since, through, restricted, controlled, new, controlled, pair)
