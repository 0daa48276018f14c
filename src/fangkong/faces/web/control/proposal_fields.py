"""The fields that a kind of order adds to the form of a proposal, and what was typed into them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import get_language

from fangkong.core.areas import level_of
from fangkong.core.errors import InputError
from fangkong.desks.control.alternatives import SMALLER_RESIDENTS, SMALLER_UNIT, area_levels, area_units
from fangkong.desks.control.campaigns import LAB, MANY_DISTRICTS, POOL, ROUNDS, ROUNDS_A_DAY, WHOLE_AREA
from fangkong.desks.control.group_orders import GroupKind
from fangkong.desks.control.narrower import ROUND_ON, ROUND_POSITIVE, ROUND_TESTED
from fangkong.desks.control.place_alternatives import MOST_PLACES, place_get, place_units, places_inside
from fangkong.faces.web.viewing import Viewing

from .deeds import day_typed, number_typed
from .presenting import coded, said

#: The most people, tests or tubes that a form takes.
MOST_PEOPLE = 999_999_999

#: How the box of a risk level is called on the form of a checkpoint.
_LIMIT = "limit_"


@dataclass(frozen=True)
class Field:
    """One field: ``kind`` is number, text, code, date, select or check."""

    name: str
    kind: str
    label: str
    hint: str = ""
    required: bool = False
    least: int = 0
    typed: str = ""
    options: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Part:
    """One heading of the form with its fields."""

    title: str
    text: str
    fields: list[Field]


@dataclass(frozen=True)
class Given:
    """What the fields of the kind said: where the order lies, on what, how wide, whom it restricts, and the rest."""

    area_code: str
    unit: str
    people: int
    subject_key: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)


def parts_of(kind: GroupKind, typed: Mapping[str, str], viewing: Viewing, area: str) -> list[Part]:
    """The parts of the form that ``kind`` needs beside those of every order, with what was typed."""
    subject = kind.subject
    if subject == "place":
        parts = [_place_part(kind, viewing, area), _smaller_part(place_units())]
    elif subject == "journey":
        parts = [_journey_part(kind), _smaller_part(())]
    elif subject == "campaign":
        parts = [_campaign_part()]
    else:
        parts = [_smaller_part(area_units())]
    if subject != "campaign":
        parts.append(_round_part())
    return [
        Part(part.title, part.text, [_filled(each, typed.get(each.name, "")) for each in part.fields])
        for part in parts
    ]


def read(kind: GroupKind, typed: Mapping[str, str], viewing: Viewing) -> Given:
    """What was typed into the fields of ``kind``. Raises InputError with the field's name and what it takes."""
    area = _area(typed.get("area", ""))
    more = _smaller(kind, typed) | _round(typed) if kind.subject != "campaign" else {}
    if kind.subject == "place":
        return _read_place(kind, typed, viewing, area, more)
    people = number(typed, "residents", said(f"area_orders.people.{kind.subject}"), least=1)
    if kind.subject == "journey":
        more |= _read_journey(kind, typed)
    else:
        more |= _read_campaign(typed)
    return Given(area, level_of(area), people, more=more)


def smaller_and_round(kind: GroupKind, typed: Mapping[str, str]) -> dict[str, Any]:
    """The narrower extent and the round of tests typed for an order on an area."""
    return _smaller(kind, typed) | _round(typed)


def number(
    typed: Mapping[str, str], name: str, label: str, *, least: int = 0, most: int = MOST_PEOPLE
) -> int:
    """The whole number in the field ``name``. Raises InputError ``area_orders.number_needed``."""
    found = number_typed(typed.get(name, ""))
    if found is None or not least <= found <= most:
        raise InputError("area_orders.number_needed", field=label, least=least, most=most)
    return found


# ---- a place


def _place_part(kind: GroupKind, viewing: Viewing, area: str) -> Part:
    found = places_inside(area, actor=viewing.actor, at=viewing.at) if _is_area(area) else []
    english = (get_language() or "").startswith("en")
    names = [(each.key, (each.name_en or each.name_zh) if english else each.name_zh) for each in found]
    hint = said("area_orders.place_hint") if len(found) < MOST_PLACES else said("area_orders.place_many")
    fields = [
        Field(
            "place", "select", said("area_orders.field.place"), hint, options=_or_none(names, "place_none")
        ),
        _text("place_name", hint="place_name_hint"),
        Field(
            "unit",
            "select",
            said("area_orders.field.place_unit"),
            required=True,
            options=_or_none([(unit, coded("areas.unit", unit)) for unit in place_units()], "choose"),
        ),
        Field("residents", "number", said("area_orders.people.place"), required=True, least=1),
    ]
    if kind.kind == "closure":
        levels = [(level, coded("areas.level", level)) for level in area_levels()]
        fields.append(
            Field(
                "venue_risk",
                "select",
                said("area_orders.field.venue_risk"),
                options=_or_none(levels, "not_stated"),
            )
        )
        fields.append(Field("venue_has_case", "check", said("area_orders.field.venue_has_case")))
    else:
        fields += [_text("works", required=True), _text("done_by", required=True)]
    return Part(said("area_orders.part.place"), said("area_orders.place_text"), fields)


def _read_place(
    kind: GroupKind, typed: Mapping[str, str], viewing: Viewing, area: str, more: dict[str, Any]
) -> Given:
    key, named = typed.get("place", ""), typed.get("place_name", "").strip()
    if key:
        place = place_get(key, actor=viewing.actor, at=viewing.at)
        if place is None:
            raise InputError("area_orders.place_gone", field=said("area_orders.field.place"))
        area = place.area_code
    elif named:
        more["place_name"] = named
    else:
        raise InputError("area_orders.place_needed", field=said("area_orders.field.place"))
    if typed.get("unit", "") not in place_units():
        raise InputError("area_orders.choice_needed", field=said("area_orders.field.place_unit"))
    people = number(typed, "residents", said("area_orders.people.place"), least=1)
    if kind.kind == "closure":
        if typed.get("venue_risk", "") in area_levels():
            more["venue_risk"] = typed["venue_risk"]
        more["venue_has_case"] = typed.get("venue_has_case") == "yes"
    else:
        more |= {name: _words(typed, name) for name in ("works", "done_by")}
    return Given(area, typed["unit"], people, key, more)


# ---- a journey


def _journey_part(kind: GroupKind) -> Part:
    fields = [
        _code("route_from"),
        _code("route_to"),
        Field("residents", "number", said("area_orders.people.journey"), required=True, least=1),
    ]
    if kind.kind == "checkpoint":
        fields.insert(0, _text("checkpoint_at", required=True))
    if kind.kind in ("checkpoint", "freight"):
        fields.append(
            Field(
                "turned_back_hours",
                "number",
                said("area_orders.field.turned_back_hours"),
                said("area_orders.turned_back_hint"),
            )
        )
    if kind.kind == "checkpoint":
        fields += [
            Field(
                f"{_LIMIT}{level}",
                "check",
                said("area_orders.field.limited", level=coded("areas.level", level)),
            )
            for level in area_levels()
        ]
    if kind.kind == "commuting":
        fields.append(Field("check_travellers", "check", said("area_orders.field.check_travellers")))
    return Part(said("area_orders.part.journey"), said("area_orders.journey_text"), fields)


def _read_journey(kind: GroupKind, typed: Mapping[str, str]) -> dict[str, Any]:
    more: dict[str, Any] = {
        name: _area(typed.get(name, ""), said(f"area_orders.field.{name}"))
        for name in ("route_from", "route_to")
    }
    if more["route_from"] == more["route_to"]:
        raise InputError("area_orders.route_goes_nowhere", field=said("area_orders.field.route_to"))
    if kind.kind == "checkpoint":
        more["checkpoint_at"] = _words(typed, "checkpoint_at")
        more["limited_risks"] = [level for level in area_levels() if typed.get(f"{_LIMIT}{level}") == "yes"]
    if kind.kind == "commuting" and typed.get("check_travellers") == "yes":
        more["check_travellers"] = True
    if typed.get("turned_back_hours", "").strip() and kind.kind != "commuting":
        label = said("area_orders.field.turned_back_hours")
        hours = number(typed, "turned_back_hours", label)
        # A truck with a test of that age is the freshest that is sent back; nothing else stands against it.
        more["vehicle"] = {
            "kind": "truck",
            "stopped": True,
            "pcr_age_hours": hours,
            "code_green": True,
            "temperature_normal": True,
        }
    return more


# ---- a campaign


def _campaign_part() -> Part:
    numbers = [(POOL, True), (ROUNDS, True), (ROUNDS_A_DAY, True), (LAB, True)]
    fields = [Field("residents", "number", said("area_orders.people.campaign"), required=True, least=1)]
    fields += [
        Field(name, "number", said(f"area_orders.field.{name}"), required=needed, least=1)
        for name, needed in numbers
    ]
    fields += [
        Field(name, "check", said(f"area_orders.field.{name}")) for name in (WHOLE_AREA, MANY_DISTRICTS)
    ]
    return Part(said("area_orders.part.campaign"), said("area_orders.campaign_text"), fields)


def _read_campaign(typed: Mapping[str, str]) -> dict[str, Any]:
    more: dict[str, Any] = {
        name: number(typed, name, said(f"area_orders.field.{name}"), least=1)
        for name in (POOL, ROUNDS, ROUNDS_A_DAY, LAB)
    }
    return more | {name: typed.get(name) == "yes" for name in (WHOLE_AREA, MANY_DISTRICTS)}


# ---- the narrower extent, and the round of tests that speaks for the wider one


def _smaller_part(units: tuple[str, ...]) -> Part:
    label = said("area_orders.field.smaller_residents" if units else "area_orders.field.smaller_class")
    fields = [Field(SMALLER_RESIDENTS, "number", label)]
    if units:
        options = _or_none([(unit, coded("areas.unit", unit)) for unit in units], "not_counted")
        fields.insert(
            0,
            Field(
                SMALLER_UNIT,
                "select",
                said("area_orders.field.smaller_unit"),
                said("area_orders.smaller_hint"),
                options=options,
            ),
        )
    return Part(said("area_orders.part.smaller"), said("area_orders.smaller_text"), fields)


def _smaller(kind: GroupKind, typed: Mapping[str, str]) -> dict[str, Any]:
    unit, people = typed.get(SMALLER_UNIT, ""), typed.get(SMALLER_RESIDENTS, "").strip()
    if not unit and not people:
        return {}
    known = place_units() if kind.subject == "place" else area_units()
    if kind.subject != "journey" and unit not in known:
        raise InputError("area_orders.choice_needed", field=said("area_orders.field.smaller_unit"))
    label = "smaller_class" if kind.subject == "journey" else "smaller_residents"
    counted = number(typed, SMALLER_RESIDENTS, said(f"area_orders.field.{label}"))
    return {SMALLER_RESIDENTS: counted} | ({SMALLER_UNIT: unit} if unit in known else {})


def _round_part() -> Part:
    fields = [
        Field(ROUND_ON, "date", said("area_orders.field.round_on")),
        Field(ROUND_TESTED, "number", said("area_orders.field.round_tested"), least=1),
        Field(ROUND_POSITIVE, "number", said("area_orders.field.round_positive")),
    ]
    return Part(said("area_orders.part.round"), said("area_orders.round_text"), fields)


def _round(typed: Mapping[str, str]) -> dict[str, Any]:
    if not any(typed.get(name, "").strip() for name in (ROUND_ON, ROUND_TESTED, ROUND_POSITIVE)):
        return {}
    label = said("area_orders.field.round_on")
    try:
        day = day_typed(typed.get(ROUND_ON, ""))
    except InputError:
        day = None
    if day is None:
        raise InputError("area_orders.day_needed", field=label)
    tested = number(typed, ROUND_TESTED, said("area_orders.field.round_tested"), least=1)
    found = number(typed, ROUND_POSITIVE, said("area_orders.field.round_positive"), most=tested)
    return {ROUND_ON: day.isoformat(), ROUND_TESTED: tested, ROUND_POSITIVE: found}


# ---- what fields are made of


def _filled(blank: Field, typed: str) -> Field:
    return Field(
        blank.name, blank.kind, blank.label, blank.hint, blank.required, blank.least, typed, blank.options
    )


def _text(name: str, *, required: bool = False, hint: str = "") -> Field:
    return Field(
        name,
        "text",
        said(f"area_orders.field.{name}"),
        said(f"area_orders.{hint}") if hint else "",
        required,
    )


def _code(name: str) -> Field:
    return Field(
        name, "code", said(f"area_orders.field.{name}"), said("area_orders.code_hint"), required=True
    )


def _or_none(options: list[tuple[str, str]], none: str) -> list[tuple[str, str]]:
    return [("", said(f"area_orders.{none}")), *options]


def _words(typed: Mapping[str, str], name: str) -> str:
    found = typed.get(name, "").strip()
    if not found:
        raise InputError("area_orders.text_needed", field=said(f"area_orders.field.{name}"))
    return found


def _is_area(given: str) -> bool:
    try:
        level_of(given)
    except ValueError:
        return False
    return True


def _area(given: str, label: str = "") -> str:
    code = given.strip()
    if not _is_area(code):
        field = label or said("area_orders.field.area")
        raise InputError("area_orders.bad_area", field=field, given=code[:24])
    return code
