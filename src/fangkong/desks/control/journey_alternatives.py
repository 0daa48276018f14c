"""The smallest lawful alternative to an order on a journey: the travellers whom a row lets be held, not all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fangkong.record.models import Order
from fangkong.science.rules.answers import InForce, NotInPack
from fangkong.science.rules.areas.smallest_unit import Unit
from fangkong.science.rules.basis import Inquiry

from .narrower import (
    SMALLER_RESIDENTS,
    Alternative,
    Spread,
    TravellerClass,
    compared,
    people_of,
)
from .rulebook import rulebook

#: What the unit of a journey's smaller set is called: a route or a class of travellers, not a place.
ROUTE = "route"


def journey_alternative(order: Order, *, spread: Spread | None) -> Alternative:
    """The smallest lawful alternative to an order on a journey; ``alternatives.smallest_alternative`` says more.

    Checkpoints: travellers from the areas for which a row asks for stages. Freight: drivers
    without a test as fresh as the row asks. Commuting: the commuters of the two ends. Where the rules say that
    nobody is held, the smallest lawful set is nobody; where they are silent, a named person judges.
    """
    details: Mapping[str, Any] = order.details or {}
    inquiry = Inquiry(rulebook(), on=order.starts_on, disease=order.disease, area=order.area_code)
    classes, known = _CLASSES[order.kind](inquiry)
    rows = inquiry.basis().rows
    if not people_of(order):
        return Alternative(None, why="alternative.nobody_counted", rows=rows, classes=classes)
    if not classes:
        if not known:
            return Alternative(None, why="alternative.classes_unknown", rows=rows)
        return Alternative(None, (), compared(order, (), spread), "rules", rows=rows)
    people = details.get(SMALLER_RESIDENTS)
    if not isinstance(people, int):
        return Alternative(None, why="alternative.class_not_counted", rows=rows, classes=classes)
    units = (Unit(order.area_code, ROUTE, people),)
    return Alternative(None, units, compared(order, units, spread), "stated", rows=rows, classes=classes)


def _from_risk(inquiry: Inquiry) -> tuple[tuple[TravellerClass, ...], bool]:
    """Travellers from the areas for which a row asks for stages; whether the rules answer at all."""
    answers = inquiry.every("travel.stages", must=False, person="traveller")
    held = [answer.row.scope["area"] for answer in answers if answer.value and "area" in answer.row.scope]
    across = inquiry.cite("checks.cross_region", person="traveller")
    silent = not answers and isinstance(inquiry.look("travel.stages", person="traveller"), NotInPack)
    free = across is not None and across.value is False
    return tuple(TravellerClass("area_orders.class.from_risk", {"area": area}) for area in held), (
        not silent or free
    )


def _untested_drivers(inquiry: Inquiry) -> tuple[tuple[TravellerClass, ...], bool]:
    """Drivers whose test is older than the row of the day allows."""
    answer = inquiry.look("freight.pass_pcr_hours", person="driver")
    if not isinstance(answer, InForce):
        return (), not isinstance(answer, NotInPack)
    inquiry.keep(answer)
    inquiry.cite("freight.expired_pcr_action", person="driver")
    return (TravellerClass("area_orders.class.test_older", {"hours": answer.value}),), True


def _commuters(inquiry: Inquiry) -> tuple[tuple[TravellerClass, ...], bool]:
    """The commuters of the two ends, where a row speaks of them."""
    answer = inquiry.look("commute.pass", person="commuter")
    if not isinstance(answer, InForce):
        return (), not isinstance(answer, NotInPack)
    inquiry.keep(answer)
    return (TravellerClass("area_orders.class.commuters"),), True


_CLASSES: Mapping[str, Callable[[Inquiry], tuple[tuple[TravellerClass, ...], bool]]] = {
    "checkpoint": _from_risk,
    "freight": _untested_drivers,
    "commuting": _commuters,
}
