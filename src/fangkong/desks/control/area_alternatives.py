"""The smallest lawful alternative to an order on an area: the units around the cases, by record or by count."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from fangkong.core.areas import LEVEL_BY_LENGTH
from fangkong.core.errors import InputError
from fangkong.record.access import Actor, inside_area, visible
from fangkong.record.models import Area, Case, Order
from fangkong.science.rules import InForce, RuleBook
from fangkong.science.rules.areas.smallest_unit import (
    AllowedUnits,
    Unit,
    allowed_units,
    smallest_lawful_set,
)
from fangkong.science.rules.areas.words import area_words, ask_level, levels_in_force, width_of
from fangkong.science.rules.movement.reading import may_leave_area

from .narrower import SMALLER_RESIDENTS, SMALLER_UNIT, Alternative, Spread, compared
from .rulebook import rulebook

#: Places of cases looked at: an area with more of them is not drawn by single buildings.
MOST_PLACES = 500


def area_alternative(order: Order, *, actor: Actor, at: datetime, spread: Spread | None) -> Alternative:
    """The smallest lawful alternative to an order on an area; ``alternatives.smallest_alternative`` says more.

    A risk area is held against the units of its own level. An order to stay in has no level: it is held against
    the units of the level in force whose people may not leave, and where no row names any, against every unit
    narrower than its own, for what is narrower restricts fewer.
    """
    details: Mapping[str, Any] = order.details or {}
    level = str(details.get("level", ""))
    if level:
        found = allowed_units(rulebook(), order.starts_on, order.disease, level, area=order.area_code)
        allowed = found if isinstance(found, AllowedUnits) and found.units else None
    else:
        allowed = _units_to_stay_in(rulebook(), order)
    if allowed is None and level:
        return Alternative(None, why="alternative.units_unknown")
    note = "" if allowed else "alternative.any_narrower"
    rows = allowed.rows if allowed else ()
    allows = allowed.allows if allowed else _narrower_than(str(details.get("unit", "")))
    units, why = _on_record(order, allows, actor, at)
    source = "record"
    if not units:
        units, why = _counted(order, details, allows, why)
        source = "stated"
    if not units:
        return Alternative(allowed, why=why, rows=rows, note=note)
    return Alternative(allowed, units, compared(order, units, spread), source, rows=rows, note=note)


def _units_to_stay_in(book: RuleBook, order: Order) -> AllowedUnits | None:
    """The units of the first level in force whose people may not leave; None where no row names any."""
    asked: dict[str, Any] = {"on": order.starts_on, "disease": order.disease, "area": order.area_code}
    levels = book.resolve("area.levels", **asked)
    for level in levels_in_force(levels) if isinstance(levels, InForce) else ():
        regime = ask_level(book, "area.regime", level, **asked)
        if not isinstance(regime, InForce) or may_leave_area(regime.value) is not False:
            continue
        units = allowed_units(book, order.starts_on, order.disease, level, area=order.area_code)
        if isinstance(units, AllowedUnits) and units.units:
            return units
    return None


def _narrower_than(unit: str) -> Callable[[str], bool]:
    widths = area_words("levels")["width"]
    return lambda other: unit in widths and other in widths and width_of(other) <= width_of(unit)


def _on_record(
    order: Order, allows: Callable[[str], bool], actor: Actor, at: datetime
) -> tuple[tuple[Unit, ...], str]:
    cases = visible(Case.objects.known_at(at), actor, at=at).filter(
        inside_area(order.area_code), disease=order.disease
    )
    places = list(
        cases.exclude(classification="excluded")
        .order_by("area_code")
        .values_list("area_code", flat=True)
        .distinct()[:MOST_PLACES]
    )
    if not places:
        return (), "alternative.no_case"
    around = {code[:length] for code in places for length in LEVEL_BY_LENGTH if length <= len(code)}
    areas = Area.objects.known_at(at).filter(key__in=around, population__isnull=False)
    kinds = set(area_words("levels")["width"])
    candidates = [
        Unit(code, level, people)
        for code, level, people in areas.values_list("key", "level", "population")
        if level in kinds and allows(level)
    ]
    try:
        return smallest_lawful_set(places, candidates), ""
    except InputError:
        return (), "alternative.no_population"


def _counted(
    order: Order, details: Mapping[str, Any], allows: Callable[[str], bool], why: str
) -> tuple[tuple[Unit, ...], str]:
    unit, people = details.get(SMALLER_UNIT), details.get(SMALLER_RESIDENTS)
    if not unit or not isinstance(people, int):
        return (), why
    if not allows(unit):
        return (), "alternative.unit_too_wide"
    return (Unit(order.area_code, unit, people),), ""
