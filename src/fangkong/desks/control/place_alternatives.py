"""The smallest lawful alternative to an order on a place: one floor, hall or shop, as far as the record knows it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from fangkong.record.access import Actor, inside_area, visible
from fangkong.record.models import Case, Order, Place
from fangkong.science.rules.areas.smallest_unit import Unit
from fangkong.science.rules.areas.words import area_words, width_of

from .narrower import SMALLER_RESIDENTS, SMALLER_UNIT, Alternative, Spread, compared, people_of

#: Places offered for one area: beyond, the area is too wide to choose from a list.
MOST_PLACES = 200


def place_alternative(order: Order, *, actor: Actor, at: datetime, spread: Spread | None) -> Alternative:
    """The smallest lawful alternative to an order on a place; ``alternatives.smallest_alternative`` says more.

    The record knows the parts of a place by the organisation that keeps them: those with a case are what has to
    be closed. How many people are in a part is not on record, so that the figure is the proposer's count; without
    one the parts are named and no figure is given.
    """
    details: Mapping[str, Any] = order.details or {}
    parts = _parts_with_cases(order, actor, at)
    if not people_of(order):
        return Alternative(None, why="alternative.nobody_counted", places=parts)
    unit, people = details.get(SMALLER_UNIT), details.get(SMALLER_RESIDENTS)
    if not unit or not isinstance(people, int):
        why = "alternative.parts_not_counted" if parts else "alternative.no_part_known"
        return Alternative(None, why=why, places=parts)
    widths, whole = area_words("levels")["width"], str(details.get("unit", ""))
    if unit not in widths or whole not in widths or width_of(unit) > width_of(whole):
        return Alternative(None, why="alternative.part_too_wide", places=parts)
    units = (Unit(order.area_code, unit, people),)
    return Alternative(
        None,
        units,
        compared(order, units, spread),
        "stated",
        places=parts,
        note="alternative.part_of_place",
    )


def place_units() -> tuple[str, ...]:
    """The units that a place, or a part of one, may be, the narrowest first."""
    words = area_words("levels")
    return tuple(unit for unit in words["width"] if unit in words["place"]["units"])


def places_inside(area_code: str, *, actor: Actor, at: datetime) -> list[Place]:
    """The places on record inside ``area_code`` that the actor sees, by kind and name; at most ``MOST_PLACES``."""
    return list(_places(actor, at).filter(inside_area(area_code)).order_by("kind", "name_zh")[:MOST_PLACES])


def place_get(key: str, *, actor: Actor, at: datetime) -> Place | None:
    """The place on record with this key as the actor sees it at ``at``; None when there is none."""
    return _places(actor, at).filter(key=key).first()


def _places(actor: Actor, at: datetime) -> QuerySet[Place]:
    return visible(Place.objects.known_at(at), actor, at=at)


def _parts_with_cases(order: Order, actor: Actor, at: datetime) -> tuple[Place, ...]:
    """The parts of the order's place in which a case is on record; empty when the record knows no parts."""
    if not order.subject_key:
        return ()
    place = place_get(order.subject_key, actor=actor, at=at)
    if place is None or not place.organisation_key:
        return ()
    parts = {
        part.key: part
        for part in _places(actor, at)
        .filter(organisation_key=place.organisation_key)
        .exclude(key=place.key)
        .order_by("name_zh")[:MOST_PLACES]
    }
    if not parts or not actor.may("case.read"):
        return ()
    cases = visible(Case.objects.known_at(at), actor, at=at)
    found = cases.filter(disease=order.disease, place_key__in=parts).exclude(classification="excluded")
    held = set(found.values_list("place_key", flat=True))
    return tuple(part for key, part in parts.items() if key in held)
