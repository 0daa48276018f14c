"""The plan of a testing campaign: hours allowed, people per hour, tubes, laboratories, points and staff."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from fangkong.core.areas import HOME_COUNTRY
from fangkong.core.errors import InputError
from fangkong.science.rules.answers import InForce
from fangkong.science.rules.basis import Basis, Inquiry, Silence
from fangkong.science.rules.resolver import RuleBook

_READING_FILE = Path(__file__).with_name("campaign.toml")
_HOURS_OF_A_DAY = 24
_UP_TO = re.compile(r"^population_up_to_(\d+)$")
_OVER = re.compile(r"^population_over_(\d+)$")
_ANY_SIZE = "designated_area"
_ALLOWED = "allowed"


@dataclass(frozen=True, slots=True)
class Capacity:
    """What one sampling point does: people an hour, staff on a shift, hours open a day, hours of a shift."""

    people_per_point_hour: float
    staff_per_point: int
    open_hours_a_day: float
    shift_hours: float


@dataclass(frozen=True, slots=True)
class Points:
    """Sampling points and the staff that keep them open."""

    points: int
    staff_on_shift: int
    shifts_a_day: int
    staff: int


@dataclass(frozen=True, slots=True)
class CampaignPlan:
    """A campaign of one round.

    ``verdict``: ``allowed``, ``only_with_reason``, ``not_allowed`` or ``person_decides`` (a value of the row
    that nobody taught us to read). A campaign that is not allowed has no figures. ``forbidden`` are the items
    of ``campaign.forbid`` that the plan breaks, ``tested_alone`` the persons who are never pooled.
    """

    verdict: str
    population: int
    size_class: str
    hours: float | None
    people_per_hour: float | None
    pool_size: int
    tubes: int | None
    laboratories: float | None
    min_rounds: int | None
    decided_by: str | None
    tested_alone: tuple[str, ...]
    forbidden: tuple[str, ...]
    points: Points | None
    basis: Basis

    @property
    def whole_laboratories(self) -> int | None:
        """Laboratories in whole numbers: the part of one counts as one."""
        return None if self.laboratories is None else math.ceil(self.laboratories)

    @property
    def decides_alone(self) -> bool:
        """False when a person has to give a reason, confirm a row or answer what the packs do not say."""
        return self.verdict == _ALLOWED and not self.forbidden and self.basis.decides_alone


def campaign_plan(
    book: RuleBook,
    *,
    population: int,
    on: date,
    disease: str,
    area: str = HOME_COUNTRY,
    pool_size: int,
    lab_tubes_per_day: int,
    place: str = "city",
    by_administrative_area: bool = True,
    rounds_a_day: int = 1,
    source_known: bool | None = None,
    spread: str | None = None,
    capacity: Capacity | None = None,
) -> CampaignPlan | Silence:
    """The plan of a round that tests ``population`` people (1 or more) under the rules of the start day ``on``.

    ``pool_size`` is the number of people in a tube, ``lab_tubes_per_day`` what one laboratory reads in a day.
    ``place`` is the scope of the rows (``city``). ``spread`` names a scope of ``campaign.decided_by``
    (``multi_district_spread``). ``capacity`` adds points and staff.

    Returns the silence on ``campaign.finish_hours`` when no row says how long the round may take, unless a
    row in force rules such a campaign out. Raises InputError ``campaign.number_out_of_range``.

    >>> from fangkong.science.rules.resolver import rule_book
    >>> plan = campaign_plan(rule_book(), population=3_000_000, on=date(2021, 10, 20), disease="covid-19",
    ...                      pool_size=10, lab_tubes_per_day=10_000)
    >>> plan.hours, plan.people_per_hour, plan.tubes, plan.laboratories
    (48, 62500.0, 300000, 15.0)
    """
    numbers = {
        "population": population,
        "pool_size": pool_size,
        "lab_tubes_per_day": lab_tubes_per_day,
        "rounds_a_day": rounds_a_day,
    }
    for name, given in numbers.items():
        if given < 1:
            raise InputError("campaign.number_out_of_range", field=name, given=given)
    inquiry = Inquiry(book, on=on, disease=disease, area=area)
    verdict = _verdict(inquiry) if by_administrative_area else _ALLOWED
    if verdict == "not_allowed":
        return _plan(inquiry, verdict, population, pool_size)
    answer = inquiry.ask("campaign.finish_hours", place=place)
    if not isinstance(answer, InForce):
        return answer
    size_class, hours = hours_for_population(answer.value, population) or ("", None)
    if hours is None:
        return _plan(inquiry, "person_decides", population, pool_size)
    people_per_hour = population / hours
    tubes = math.ceil(population / pool_size)
    return _plan(
        inquiry,
        verdict,
        population,
        pool_size,
        size_class=size_class,
        hours=hours,
        people_per_hour=people_per_hour,
        tubes=tubes,
        laboratories=tubes * _HOURS_OF_A_DAY / (lab_tubes_per_day * hours),
        min_rounds=_min_rounds(inquiry, place, source_known),
        decided_by=inquiry.value("campaign.decided_by", place=spread) if spread else None,
        tested_alone=_list(inquiry, "testing.single_sample_persons") if pool_size > 1 else (),
        forbidden=_forbidden(inquiry, rounds_a_day),
        points=_points(capacity, population, hours) if capacity else None,
    )


def hours_for_population(value: Any, population: int) -> tuple[str, float] | None:
    """The size class and hours that a value of ``campaign.finish_hours`` gives ``population`` people.

    Classes are ``population_up_to_N`` (the smallest that holds them), ``population_over_N`` (the largest they
    exceed) and ``designated_area`` (whatever the size). A plain number holds for all. None when no class fits.

    >>> hours_for_population({"population_up_to_5000000": 48, "population_over_5000000": 72}, 5_000_001)
    ('population_over_5000000', 72)
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        return "", value
    if not isinstance(value, Mapping):
        return None
    up_to = {int(found[1]): name for name in value if (found := _UP_TO.match(name))}
    over = {int(found[1]): name for name in value if (found := _OVER.match(name))}
    holding = [size for size in up_to if population <= size]
    exceeded = [size for size in over if population > size]
    if holding:
        name = up_to[min(holding)]
    elif exceeded:
        name = over[max(exceeded)]
    elif _ANY_SIZE in value:
        name = _ANY_SIZE
    else:
        return None
    return name, value[name]


@cache
def reading() -> Mapping[str, Any]:
    """How the words of the campaign rows are read: ``campaign.toml``."""
    return tomllib.loads(_READING_FILE.read_text(encoding="utf-8"))


def _plan(inquiry: Inquiry, verdict: str, population: int, pool_size: int, **figures: Any) -> CampaignPlan:
    empty: dict[str, Any] = {
        "size_class": "",
        "hours": None,
        "people_per_hour": None,
        "tubes": None,
        "laboratories": None,
        "min_rounds": None,
        "decided_by": None,
        "tested_alone": (),
        "forbidden": (),
        "points": None,
    }
    return CampaignPlan(
        verdict=verdict,
        population=population,
        pool_size=pool_size,
        basis=inquiry.basis(),
        **{**empty, **figures},
    )


def _verdict(inquiry: Inquiry) -> str:
    """Whether an administrative area may be tested as a whole; without a row nothing stands against it."""
    answer = inquiry.cite("campaign.by_administrative_area")
    if answer is None:
        return _ALLOWED
    return str(reading()["by_administrative_area"].get(answer.value, "person_decides"))


def _min_rounds(inquiry: Inquiry, place: str, source_known: bool | None) -> int | None:
    """Rounds to hold at least, where a row asks for them and the source is said to be unknown."""
    if source_known is not False:
        return None
    answer = inquiry.cite("campaign.min_rounds", place=place)
    if answer is None:
        return None
    rounds = answer.value.get("source_unknown") if isinstance(answer.value, Mapping) else answer.value
    return None if rounds is None else int(rounds)


def _list(inquiry: Inquiry, key: str) -> tuple[str, ...]:
    answer = inquiry.cite(key)
    return () if answer is None else tuple(answer.value)


def _forbidden(inquiry: Inquiry, rounds_a_day: int) -> tuple[str, ...]:
    named = reading()["rounds_a_day"]
    banned = _list(inquiry, "campaign.forbid")
    return tuple(item for item in banned if item in named and named[item] <= rounds_a_day)


def _points(capacity: Capacity, population: int, hours: float) -> Points:
    """Points and staff when the points are open only part of the day."""
    open_hours = hours * capacity.open_hours_a_day / _HOURS_OF_A_DAY
    points = math.ceil(population / (open_hours * capacity.people_per_point_hour))
    shifts = math.ceil(capacity.open_hours_a_day / capacity.shift_hours)
    on_shift = points * capacity.staff_per_point
    return Points(points, on_shift, shifts, on_shift * shifts)
