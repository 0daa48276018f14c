"""What must stand ready: isolation rooms and their ladder, intensive care, infectious beds, shelter hospitals.

Every figure is a row of the packs times a count that the caller gives; a stock is judged on the day asked for.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from fangkong.core.areas import HOME_COUNTRY
from fangkong.science.rules.answers import InForce
from fangkong.science.rules.basis import Basis, Inquiry, Silence
from fangkong.science.rules.resolver import RuleBook

_READING_FILE = Path(__file__).with_name("capacity.toml")
_PERSONS_OF_KEY = re.compile(r"_per_(\d+)$")
_LIMIT = re.compile(r"^(?P<part>\w+)_(?P<unit>hours|days)$")


@dataclass(frozen=True, slots=True)
class RoomTarget:
    """Isolation rooms asked of an area: ``rooms`` for ``population`` at ``per_persons`` of the row."""

    rooms: int
    rate: float
    per_persons: int
    population: int
    basis: Basis


@dataclass(frozen=True, slots=True)
class Rung:
    """By ``within`` after the call, ``rooms`` rooms stand ready (the ``part`` of the row)."""

    part: str
    rooms: int
    within: timedelta


@dataclass(frozen=True, slots=True)
class Ladder:
    """The rungs in the order of time; ``unread`` are parts of the row that nobody taught us to read."""

    rungs: tuple[Rung, ...]
    unread: tuple[str, ...]
    basis: Basis


@dataclass(frozen=True, slots=True)
class IntensiveCare:
    """Beds of intensive care asked of a hospital: fixed, and convertible ``within`` that time."""

    fixed_beds: int
    convertible_beds: int
    within: timedelta | None
    beds: int
    basis: Basis

    @property
    def total_beds(self) -> int:
        """Fixed and convertible beds together."""
        return self.fixed_beds + self.convertible_beds


@dataclass(frozen=True, slots=True)
class InfectiousBeds:
    """Infectious beds asked of a county hospital, by the size class of the county."""

    beds: int
    size_class: str
    basis: Basis


@dataclass(frozen=True, slots=True)
class ShelterHospitals:
    """Shelter hospitals asked of each province, at least and as a rule, and the time until they are usable."""

    at_least: int
    as_a_rule: int | None
    within: timedelta | None
    basis: Basis


def isolation_rooms(
    book: RuleBook, population: int, *, on: date, disease: str, area: str = HOME_COUNTRY
) -> RoomTarget | Silence:
    """The isolation rooms that ``population`` people (0 or more) need under the row in force.

    The denominator stands in the key's name. Returns the silence when no row decides.

    >>> from fangkong.science.rules.resolver import rule_book
    >>> isolation_rooms(rule_book(), 3_000_000, on=date(2022, 6, 1), disease="covid-19").rooms
    18000
    """
    key = "capacity.isolation_rooms_per_10000"
    inquiry = Inquiry(book, on=on, disease=disease, area=area)
    answer = inquiry.ask(key)
    if not isinstance(answer, InForce):
        return answer
    found = _PERSONS_OF_KEY.search(key)
    assert found is not None
    per_persons = int(found.group(1))
    rooms = math.ceil(Fraction(population) * Fraction(str(answer.value)) / per_persons)
    return RoomTarget(rooms, answer.value, per_persons, population, inquiry.basis())


def rooms_ladder(
    book: RuleBook, rooms: int, *, on: date, disease: str, area: str = HOME_COUNTRY
) -> Ladder | Silence:
    """By when how many of ``rooms`` isolation rooms stand ready after the call, under the row in force.

    >>> from fangkong.science.rules.resolver import rule_book
    >>> ladder = rooms_ladder(rule_book(), 18_000, on=date(2022, 6, 1), disease="covid-19", area="410100")
    >>> [(rung.rooms, rung.within.total_seconds() / 3600) for rung in ladder.rungs]
    [(6000, 24.0), (9000, 48.0), (18000, 72.0)]
    """
    inquiry = Inquiry(book, on=on, disease=disease, area=area)
    answer = inquiry.ask("capacity.isolation_ladder")
    if not isinstance(answer, InForce):
        return answer
    rungs: list[Rung] = []
    unread: list[str] = []
    for name, value in answer.value.items():
        limit = _LIMIT.match(name)
        share = _reading()["ladder_part"].get(limit["part"]) if limit else None
        if limit is None or share is None:
            unread.append(name)
            continue
        part = math.ceil(rooms * Fraction(*share))
        rungs.append(Rung(limit["part"], part, timedelta(**{limit["unit"]: value})))
    rungs.sort(key=lambda rung: (rung.within, rung.rooms))
    return Ladder(tuple(rungs), tuple(unread), inquiry.basis())


def intensive_care(
    book: RuleBook, beds: int, *, on: date, disease: str, place: str, area: str = HOME_COUNTRY
) -> IntensiveCare | Silence:
    """The beds of intensive care asked of a hospital of kind ``place`` with ``beds`` beds in all.

    >>> from fangkong.science.rules.resolver import rule_book
    >>> icu = intensive_care(rule_book(), 8000, on=date(2022, 12, 20), disease="covid-19",
    ...                      place="tertiary_hospital")
    >>> icu.fixed_beds, icu.convertible_beds, icu.within
    (320, 320, datetime.timedelta(days=1))
    """
    inquiry = Inquiry(book, on=on, disease=disease, area=area)
    answer = inquiry.ask("capacity.icu_percent", place=place)
    if not isinstance(answer, InForce):
        return answer
    table = answer.value

    def share(part: str) -> int:
        return math.ceil(beds * Fraction(str(table.get(part, 0))) / 100)

    within = timedelta(hours=table["convert_hours"]) if "convert_hours" in table else None
    return IntensiveCare(share("fixed"), share("convertible"), within, beds, inquiry.basis())


def infectious_beds(
    book: RuleBook, population: int, *, on: date, disease: str, area: str = HOME_COUNTRY
) -> InfectiousBeds | Silence | None:
    """The infectious beds of a county hospital whose county has ``population`` people.

    None when the row in force has no size class for that number. Classes are written ``under_N``,
    ``N_M`` (from N to under M) and ``over_N`` (N and more).

    >>> from fangkong.science.rules.resolver import rule_book
    >>> infectious_beds(rule_book(), 480_000, on=date(2022, 6, 1), disease="covid-19").beds
    50
    """
    inquiry = Inquiry(book, on=on, disease=disease, area=area)
    answer = inquiry.ask("capacity.infectious_beds_county", place="county_hospital")
    if not isinstance(answer, InForce):
        return answer
    for name, beds in answer.value.items():
        low, high = size_class(name) or (math.inf, 0)
        if low <= population < high:
            return InfectiousBeds(beds, name, inquiry.basis())
    return None


def shelter_hospitals(
    book: RuleBook, *, on: date, disease: str, area: str = HOME_COUNTRY
) -> ShelterHospitals | Silence:
    """How many shelter hospitals each province keeps, and within what time they are usable."""
    inquiry = Inquiry(book, on=on, disease=disease, area=area)
    answer = inquiry.ask("capacity.fangcang_per_province")
    if not isinstance(answer, InForce):
        return answer
    table = answer.value
    within = timedelta(days=table["usable_days"]) if "usable_days" in table else None
    return ShelterHospitals(table["min"], table.get("max"), within, inquiry.basis())


def size_class(name: str) -> tuple[float, float] | None:
    """The half-open range of people that a size class names; None when it is no size class.

    >>> size_class("300000_500000"), size_class("under_300000"), size_class("over_1000000")
    ((300000, 500000), (0, 300000), (1000000, inf))
    """
    found = re.fullmatch(r"(?:(under|over)_)?(\d+)(?:_(\d+))?", name)
    if found is None:
        return None
    word, first, second = found[1], int(found[2]), found[3]
    if word == "under":
        return (0, first) if second is None else None
    if word == "over":
        return (first, math.inf) if second is None else None
    return (first, int(second)) if second is not None else None


@cache
def _reading() -> Mapping[str, Any]:
    return tomllib.loads(_READING_FILE.read_text(encoding="utf-8"))
