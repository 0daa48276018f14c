"""The smallest lawful alternative beside an order on many people, and what a proposer may choose from.

What the narrower extent is made of differs by subject: units of an area, a part of a place, a class of travellers.
"""

from __future__ import annotations

from datetime import datetime

from fangkong.record.access import Actor
from fangkong.record.models import Order
from fangkong.science.rules.areas.words import area_words

from .area_alternatives import area_alternative
from .journey_alternatives import journey_alternative
from .narrower import SMALLER_RESIDENTS, SMALLER_UNIT, Alternative, Spread, people_of
from .place_alternatives import place_alternative
from .rulebook import rulebook

__all__ = [
    "SMALLER_RESIDENTS",
    "SMALLER_UNIT",
    "Alternative",
    "Spread",
    "area_levels",
    "area_units",
    "infection_kinds",
    "smallest_alternative",
    "stated_facts",
]


def smallest_alternative(
    order: Order, *, actor: Actor, at: datetime, spread: Spread | None = None
) -> Alternative | None:
    """The smallest lawful alternative to ``order`` as known at ``at``; None for an order that restricts nobody so.

    Areas: the places of the cases inside are held against the populations on record; where these do not carry the
    figure, the narrower unit that the proposer counted stands in, as long as the rules allow it. Places: the part
    that the proposer counted, with the parts that the record ties to cases. Journeys: the travellers whom a row
    lets be held, as the proposer counted them. A campaign holds nobody: None, as for people.

    Averted cases are computed where a round of tests in the extra area is on the order and ``spread`` is given,
    else refused by code (``comparison.averted``). Codes of ``why``, all ``alternative.*``: ``units_unknown``,
    ``no_case``, ``no_population``, ``unit_too_wide``; ``nobody_counted``, ``parts_not_counted``,
    ``no_part_known``, ``part_too_wide``; ``classes_unknown``, ``class_not_counted``.
    """
    if order.subject_kind == "area":
        return area_alternative(order, actor=actor, at=at, spread=spread) if people_of(order) else None
    if order.subject_kind == "place":
        return place_alternative(order, actor=actor, at=at, spread=spread)
    if order.subject_kind == "journey":
        return journey_alternative(order, spread=spread)
    return None


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
