"""The smallest lawful closure beside every wider proposal: units, persons, person-days, averted cases.

A risk area is set by units that the row ``area.min_unit`` names. Units nest, and a unit's code starts with
the code of what it lies in, so the smallest set that holds all cases is exact: for each case the smallest
allowed unit around it, without those that lie in another one taken.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from fangkong.core.areas import HOME_COUNTRY, contains
from fangkong.core.errors import InputError
from fangkong.science.rules.answers import InForce, lowest_confidence
from fangkong.science.rules.areas.proportion import Share, exact_share
from fangkong.science.rules.areas.ranks import Silence
from fangkong.science.rules.areas.words import ask_level, width_of
from fangkong.science.rules.packs import Row
from fangkong.science.rules.resolver import RuleBook


@dataclass(frozen=True, slots=True)
class AllowedUnits:
    """The units by which an area of a level may be set, and the rows that say so."""

    units: tuple[str, ...]
    rows: tuple[Row, ...]
    flags: tuple[str, ...]

    @property
    def widest(self) -> str:
        """The widest unit allowed."""
        return max(self.units, key=width_of)

    @property
    def confidence(self) -> str:
        """The lowest mark among the rows used."""
        return lowest_confidence(self.rows)

    def allows(self, unit: str) -> bool:
        """True for a unit no wider than the widest: what is smaller restricts fewer and is always lawful."""
        return bool(self.units) and width_of(unit) <= width_of(self.widest)


@dataclass(frozen=True, slots=True)
class Unit:
    """A place that could be closed: its nested code, its kind (``building``) and the persons inside."""

    code: str
    kind: str
    persons: int


@dataclass(frozen=True, slots=True)
class ScreeningRound:
    """A round of tests in the extra area: ``positive`` of ``tested`` persons."""

    tested: int
    positive: int


@dataclass(frozen=True, slots=True)
class AvertedCases:
    """Cases that closing the extra area would avert: lowest, central, highest; and the share infected."""

    low: float
    central: float
    high: float
    infected: Share


@dataclass(frozen=True, slots=True)
class NoAverted:
    """The data do not carry a figure; ``code`` says which part is missing."""

    code: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """A wider proposal and the smallest lawful set: persons, person-days, the difference, what it averts."""

    days: int
    wider_persons: int
    smallest_persons: int
    wider_person_days: int
    smallest_person_days: int
    averted: AvertedCases | NoAverted

    @property
    def extra_persons(self) -> int:
        """Persons restricted by the wider proposal only."""
        return self.wider_persons - self.smallest_persons

    @property
    def extra_person_days(self) -> int:
        """Person-days that the wider proposal costs beyond the smallest set."""
        return self.wider_person_days - self.smallest_person_days


def allowed_units(
    book: RuleBook, on: date, disease: str, area_level: str, *, area: str = HOME_COUNTRY
) -> AllowedUnits | Silence:
    """The units by which an area of ``area_level`` (``high``, ``lock``) may be set on ``on``, or the silence.

    >>> from fangkong.science.rules import rule_book
    >>> allowed_units(rule_book(), date(2022, 11, 20), "covid-19", "high").units
    ('unit', 'building')
    """
    answer = ask_level(book, "area.min_unit", area_level, on=on, disease=disease, area=area)
    if not isinstance(answer, InForce):
        return answer
    units = tuple(answer.value)
    for unit in units:
        width_of(unit)
    return AllowedUnits(units, answer.used, answer.flags)


def smallest_lawful_set(
    units_with_cases: Iterable[str], candidates: Iterable[Unit], *, allowed: AllowedUnits | None = None
) -> tuple[Unit, ...]:
    """The smallest set of candidates that holds every case, ordered by code.

    ``units_with_cases`` are the codes of the smallest known places of the cases, ``candidates`` what could be
    closed; with ``allowed`` only its own kinds count. Raises InputError ``smallest.case_outside`` with the
    codes of cases that no candidate holds, never their persons.

    >>> tower = [Unit("990103001001001", "compound", 3000), Unit("990103001001001007", "building", 240)]
    >>> [unit.kind for unit in smallest_lawful_set(["990103001001001007"], tower)]
    ['building']
    """
    usable = [unit for unit in candidates if allowed is None or unit.kind in allowed.units]
    taken: dict[str, Unit] = {}
    outside: list[str] = []
    for place in sorted(set(units_with_cases)):
        around = [unit for unit in usable if contains(unit.code, place)]
        if not around:
            outside.append(place)
            continue
        smallest = min(around, key=lambda unit: (unit.persons, -len(unit.code), unit.code))
        taken[smallest.code] = smallest
    if outside:
        raise InputError("smallest.case_outside", places=outside)
    return tuple(
        taken[code]
        for code in sorted(taken)
        if not any(other != code and contains(other, code) for other in taken)
    )


def compare(
    wider: Iterable[Unit],
    smallest: Iterable[Unit],
    days: int,
    *,
    screening: ScreeningRound | None = None,
    reproduction: tuple[float, float, float] | None = None,
    generation_days: float | None = None,
) -> Comparison:
    """What a wider proposal costs beyond the smallest lawful set, and the cases it would avert.

    ``days`` >= 0 is how long both run. ``screening`` is a round of tests in the extra area only;
    ``reproduction`` the (lowest, central, highest) effective reproduction number there, ``generation_days``
    the mean generation interval in days. Averted cases = share infected (exact interval) x extra persons x
    reproduction number x days / generation interval: every infection that the extra area would have passed
    on, were it left open and were closing it to stop all of them, so the figure favours the wider proposal.
    Refused by code: ``averted.no_extra_area``, ``averted.no_round``, ``averted.no_rt``,
    ``averted.no_generation``. Raises InputError ``smallest.days_wrong``, ``smallest.overlap`` (units of one
    side overlap and would be counted twice) or ``averted.rt_wrong``.
    """
    if days < 0:
        raise InputError("smallest.days_wrong", days=days)
    wide, small = _persons(wider), _persons(smallest)
    return Comparison(
        days=days,
        wider_persons=wide,
        smallest_persons=small,
        wider_person_days=wide * days,
        smallest_person_days=small * days,
        averted=_averted(wide - small, days, screening, reproduction, generation_days),
    )


def _persons(units: Iterable[Unit]) -> int:
    listed = list(units)
    for index, unit in enumerate(listed):
        for other in listed[index + 1 :]:
            if contains(unit.code, other.code) or contains(other.code, unit.code):
                raise InputError("smallest.overlap", first=unit.code, second=other.code)
    return sum(unit.persons for unit in listed)


def _averted(
    extra: int,
    days: int,
    screening: ScreeningRound | None,
    reproduction: tuple[float, float, float] | None,
    generation_days: float | None,
) -> AvertedCases | NoAverted:
    if extra <= 0:
        return NoAverted("averted.no_extra_area")
    if screening is None or screening.tested == 0:
        return NoAverted("averted.no_round")
    if reproduction is None:
        return NoAverted("averted.no_rt")
    if generation_days is None or generation_days <= 0:
        return NoAverted("averted.no_generation")
    low, central, high = reproduction
    if not 0 <= low <= central <= high:
        raise InputError("averted.rt_wrong", low=low, central=central, high=high)
    infected = exact_share(screening.positive, screening.tested)
    generations = extra * days / generation_days
    return AvertedCases(
        low=infected.low * low * generations,
        central=infected.value * central * generations,
        high=infected.high * high * generations,
        infected=infected,
    )
