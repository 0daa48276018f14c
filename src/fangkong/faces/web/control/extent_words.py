"""What an order on many people covers, in words: its place, route, campaign, narrower extent and round of tests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import get_language

from fangkong.desks.control.campaigns import LAB, MANY_DISTRICTS, POOL, ROUNDS, ROUNDS_A_DAY, WHOLE_AREA
from fangkong.desks.control.narrower import (
    ROUND_ON,
    ROUND_POSITIVE,
    ROUND_TESTED,
    SMALLER_RESIDENTS,
    SMALLER_UNIT,
)
from fangkong.faces.web.areas import area_names
from fangkong.faces.words import formats
from fangkong.record.models import Order

from .presenting import coded, said

_TEXTS = ("place_name", "works", "done_by", "checkpoint_at")
_NUMBERS = (POOL, ROUNDS, ROUNDS_A_DAY, LAB)
_FIGURES = ("finish_hours", "people_per_hour", "tubes", "laboratories")
_ANSWERS = ("venue_has_case", "check_travellers", WHOLE_AREA, MANY_DISTRICTS)


def extent_rows(order: Order) -> list[tuple[str, str]]:
    """(label, text) of everything that the kind of ``order`` adds to its extent, as far as it was given."""
    details: Mapping[str, Any] = order.details or {}
    lang = get_language()
    rows = [(said(f"area_orders.field.{name}"), str(details[name])) for name in _TEXTS if details.get(name)]
    if level := details.get("venue_risk"):
        rows.append((said("area_orders.field.venue_risk"), coded("areas.level", level)))
    if limited := details.get("limited_risks"):
        levels = said("frame.and").join(coded("areas.level", level) for level in limited)
        rows.append((said("area_orders.detail.limited"), levels))
    if (vehicle := details.get("vehicle")) and "pcr_age_hours" in vehicle:
        hours = said("rules.amount.h", n=vehicle["pcr_age_hours"])
        rows.append((said("area_orders.field.turned_back_hours"), hours))
    rows += [
        (said(f"area_orders.field.{name}"), formats.number(details[name], lang))
        for name in _NUMBERS
        if isinstance(details.get(name), int)
    ]
    rows += [
        (said(f"campaign_page.{name}"), formats.number(details[name], lang))
        for name in _FIGURES
        if isinstance(details.get(name), int | float)
    ]
    rows += [
        (said(f"area_orders.field.{name}"), said("area_orders.yes" if details[name] else "area_orders.no"))
        for name in _ANSWERS
        if name in details
    ]
    if isinstance(people := details.get(SMALLER_RESIDENTS), int):
        unit = coded("areas.unit", details[SMALLER_UNIT]) if details.get(SMALLER_UNIT) else ""
        count = said("count.person", n=people)
        text = said("area_orders.detail.smaller_of", unit=unit, people=count) if unit else count
        rows.append((said("area_orders.part.smaller"), text))
    if isinstance(details.get(ROUND_TESTED), int) and details.get(ROUND_ON):
        text = said(
            "area_orders.detail.round",
            day=formats.day_full(date.fromisoformat(details[ROUND_ON]), lang),
            positive=details.get(ROUND_POSITIVE, 0),
            tested=details[ROUND_TESTED],
        )
        rows.append((said("area_orders.part.round"), text))
    return rows


def named_by_extent(order: Order) -> str:
    """What the order is on where its own details name it: a place not on record, or a route; else ""."""
    details: Mapping[str, Any] = order.details or {}
    if name := details.get("place_name"):
        return str(name)
    first, last = details.get("route_from"), details.get("route_to")
    if not first or not last:
        return ""
    names = area_names([first, last])
    route = said("area_orders.route", start=names[first], end=names[last])
    at = details.get("checkpoint_at")
    return said("area_orders.route_at", route=route, place=at) if at else route
