"""What this desk hands out: figures by day, curves, estimates with interval, sources and as-of day."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from fangkong.science.epi.estimates import Refusal
from fangkong.science.epi.intervals import PublishedInterval

REPORTED = "reported"
NOT_PUBLISHED = "not_published"

PUBLISHED = "published"
COUNTED = "counted"

#: How a daily figure came out of a cumulative one, or why it did not.
DIFFERENCE, FIRST_DAY, MISSING_DAY, NEGATIVE_STEP = "difference", "first_day", "missing_day", "negative_step"
DERIVATIONS = (DIFFERENCE, FIRST_DAY, MISSING_DAY, NEGATIVE_STEP)

#: What an estimate counts: see ``estimates.incidence``.
NET_INFECTIONS, INFECTIONS, CONFIRMED = "net_infections", "infections", "confirmed"
BASES = (NET_INFECTIONS, INFECTIONS, CONFIRMED)

POPULATION_UNKNOWN, DAYS_MISSING = "population_unknown", "days_missing"
INCIDENCE_REFUSALS = (POPULATION_UNKNOWN, DAYS_MISSING)


@dataclass(frozen=True, slots=True)
class Subject:
    """What the office looks at when nobody chose otherwise."""

    disease: str
    area_code: str


@dataclass(frozen=True, slots=True)
class DayFigures:
    """New cases of one area on one day. None is "not known", never zero.

    Attributes:
        confirmed, asymptomatic, deaths: new on the day.
        converted: of the confirmed, those reported as asymptomatic on an earlier day.
        status: "reported", or "not_published" when there is no figure at all.
        sources: keys of the receipts (or actors) that taught us the rows of the day; empty for counted cases,
            whose sources ``queries.figure_sources`` reads on demand.
        channels: discovery channel -> confirmed and asymptomatic together; "" where nobody said. They add up
            to confirmed plus asymptomatic.
        derived: measure -> how it came out of a cumulative figure (``DERIVATIONS``); empty for direct
        figures.
    """

    day: date
    confirmed: int | None = None
    asymptomatic: int | None = None
    deaths: int | None = None
    converted: int | None = None
    status: str = NOT_PUBLISHED
    sources: list[str] = field(default_factory=list)
    channels: dict[str, int | None] = field(default_factory=dict)
    derived: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AreaSeries:
    """The days of one area, without a gap; ``origin`` says whether published figures or counted cases."""

    area_code: str
    name_zh: str
    name_en: str
    days: list[DayFigures]
    origin: str = PUBLISHED
    population: int | None = None


@dataclass(frozen=True, slots=True)
class AreaCurve:
    """An epidemic curve for a chart: one list of counts for each channel, all as long as ``days``.

    Attributes:
        counts: channel -> confirmed and asymptomatic by day; None on days without a figure.
        incomplete: True on days whose reports are still coming in.
    """

    area_code: str
    days: list[date]
    counts: dict[str, list[int | None]]
    incomplete: list[bool]

    def by_day(self) -> dict[date, int | None]:
        """Day -> infections of all channels; None where nothing is known."""
        found: dict[date, int | None] = {}
        for n, day in enumerate(self.days):
            known = [counts[n] for counts in self.counts.values() if counts[n] is not None]
            found[day] = sum(value or 0 for value in known) if known else None
        return found


@dataclass(frozen=True, slots=True)
class Curves:
    """The curve of the area (None when it has no figures) and of each district that the actor sees."""

    disease: str
    area: AreaCurve | None
    districts: list[AreaCurve]

    def last_on(self) -> date | None:
        """The last day with a figure for any district; None without one."""
        known = (day for curve in self.districts for day, n in curve.by_day().items() if n is not None)
        return max(known, default=None)


@dataclass(frozen=True, slots=True)
class Value:
    """A number with its interval, the days it rests on, its sources and the day it is as of.

    ``level`` is the probability of the interval; ``lower`` and ``upper`` are None for a probability, which is
    itself the statement of uncertainty.
    """

    mean: float
    lower: float | None
    upper: float | None
    level: float
    first_day: date
    last_day: date
    as_of: date
    sources: list[str]


@dataclass(frozen=True, slots=True)
class ChangeValue:
    """Doubling or halving time in days; ``kind`` is doubling, halving or steady, None an open end."""

    kind: str
    days: float | None
    lower_days: float | None
    upper_days: float | None
    opposite_days: float | None
    code: str
    level: float
    first_day: date
    last_day: date
    as_of: date
    sources: list[str]


@dataclass(frozen=True, slots=True)
class Assessment:
    """The estimates for one area as of one day; each is a value or the reason why there is none.

    Attributes:
        basis: what was counted (``BASES``).
        origin: published figures or counted cases.
        incomplete_days: last days that were left out because their reports are still coming in.
        interval: the serial interval used, with its source and confidence.
    """

    disease: str
    area_code: str
    as_of: date
    basis: str
    origin: str
    incomplete_days: int
    interval: PublishedInterval | Refusal
    reproduction: Value | Refusal
    below_one: Value | Refusal
    growth: Value | Refusal
    change_time: ChangeValue | Refusal


@dataclass(frozen=True, slots=True)
class Incidence:
    """New cases of the last days in one area, and per 100,000 people where the population is known.

    ``refusal`` is "" or one of ``INCIDENCE_REFUSALS``; ``cases`` is None when a day of the window is missing.
    """

    area_code: str
    name_zh: str
    name_en: str
    cases: int | None
    population: int | None
    per_100k: float | None
    refusal: str
    basis: str
    first_day: date
    last_day: date
    sources: list[str]


@dataclass(frozen=True, slots=True)
class Situation:
    """What a board shows of one area: everything from one reading of the record.

    Attributes:
        earlier: the area's infections by day as they were known before, to tell what was revised.
        week: the incidence of the districts in the week up to the last day with a figure for any of them.
    """

    series: AreaSeries
    curves: Curves
    earlier: dict[date, int | None]
    assessment: Assessment
    week: list[Incidence]
