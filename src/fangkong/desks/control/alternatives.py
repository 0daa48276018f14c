"""The smallest lawful alternative beside a proposed area: what it would restrict, and what the wider one costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fangkong.core.areas import LEVEL_BY_LENGTH
from fangkong.core.errors import InputError
from fangkong.record.access import Actor, inside_area, visible
from fangkong.record.models import Area, Case, Order
from fangkong.science.rules.areas.smallest_unit import (
    AllowedUnits,
    Comparison,
    Unit,
    allowed_units,
    compare,
    smallest_lawful_set,
)
from fangkong.science.rules.areas.words import area_words

from .rulebook import rulebook

#: Places of cases looked at: an area with more of them is not drawn by single buildings.
MOST_PLACES = 500

#: What the details of an order call the narrower unit that its proposer counted.
SMALLER_UNIT, SMALLER_RESIDENTS = "smaller_unit", "smaller_residents"


@dataclass(frozen=True)
class Alternative:
    """The smallest lawful set beside the order, or why there is none.

    ``allowed`` are the units by which the rules let such an area be set (None: the rules do not say).
    ``comparison`` holds the restricted person-days of both; without it ``why`` is the code that says what is
    missing. ``source`` is ``record`` (places of the cases and populations on record) or ``stated`` (counted by
    whoever proposed). ``units`` are the units of the smallest set, smallest code first.
    """

    allowed: AllowedUnits | None
    units: tuple[Unit, ...] = ()
    comparison: Comparison | None = None
    source: str = ""
    why: str = ""


def smallest_alternative(order: Order, *, actor: Actor, at: datetime) -> Alternative | None:
    """The smallest lawful alternative to ``order`` as known at ``at``; None for an order that is on no area.

    The places of the cases inside are held against the populations on record; where these do not carry the
    figure, the narrower unit that the proposer counted stands in, as long as the rules allow it. Averted
    cases are refused by code while no round of tests in the extra area is on record
    (``comparison.averted``). Codes of ``why``: ``alternative.units_unknown``, ``alternative.no_case``,
    ``alternative.no_population``, ``alternative.unit_too_wide``.
    """
    details: Mapping[str, Any] = order.details or {}
    residents = details.get("residents")
    if order.subject_kind != "area" or not residents:
        return None
    allowed = _allowed(order, details)
    if allowed is None or not allowed.units:
        return Alternative(None, why="alternative.units_unknown")
    found, why = _on_record(order, allowed, actor, at)
    source = "record"
    if not found:
        found, why = _stated(order, details, allowed, why)
        source = "stated"
    if not found:
        return Alternative(allowed, why=why)
    days = (order.expires_on - order.starts_on).days + 1
    wider = [Unit(order.area_code, str(details.get("unit", "")), int(residents))]
    return Alternative(allowed, found, compare(wider, found, days), source)


def infection_kinds() -> tuple[str, ...]:
    """How an infection may have been found: in the community, and all that a row of the packs tells apart."""
    rows = [row for pack in rulebook().packs for row in pack.rows if row.key == "area.designation_excludes"]
    return tuple(dict.fromkeys(["found_in_community", *(str(value) for row in rows for value in row.value)]))


def area_levels() -> tuple[str, ...]:
    """Every level of area that a row of the packs names, the latest edition first."""
    rows = [row for pack in rulebook().packs for row in pack.rows if row.key == "area.levels"]
    latest_first = sorted(rows, key=lambda row: row.effective_from, reverse=True)
    return tuple(dict.fromkeys(str(value) for row in latest_first for value in row.value))


def area_units() -> tuple[str, ...]:
    """Every unit that may be closed, the narrowest first."""
    return tuple(area_words("levels")["width"])


def stated_facts() -> tuple[str, ...]:
    """What a person may state that a row of the packs makes something of."""
    asked = area_words("levels")["when"].values()
    return tuple(dict.fromkeys(fact for each in asked for facts in each.values() for fact in facts))


def _allowed(order: Order, details: Mapping[str, Any]) -> AllowedUnits | None:
    level = details.get("level", "")
    if not level:
        return None
    found = allowed_units(rulebook(), order.starts_on, order.disease, level, area=order.area_code)
    return found if isinstance(found, AllowedUnits) else None


def _on_record(
    order: Order, allowed: AllowedUnits, actor: Actor, at: datetime
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
        if level in kinds and allowed.allows(level)
    ]
    try:
        return smallest_lawful_set(places, candidates), ""
    except InputError:
        return (), "alternative.no_population"


def _stated(
    order: Order, details: Mapping[str, Any], allowed: AllowedUnits, why: str
) -> tuple[tuple[Unit, ...], str]:
    unit, people = details.get(SMALLER_UNIT), details.get(SMALLER_RESIDENTS)
    if not unit or not isinstance(people, int):
        return (), why
    if not allowed.allows(unit):
        return (), "alternative.unit_too_wide"
    return (Unit(order.area_code, unit, people),), ""
