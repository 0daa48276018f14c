"""What an estimate hands back: a number with its interval, or a refusal with its reason.

A refusal is a value, not an exception: a curve of two hundred days may carry an estimate on most of them and
none on some, and the reader has to see which. Exceptions are kept for calls that make no sense at all
(negative counts, windows that end before they start).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

TOO_FEW_CASES = "too_few_cases"
MISSING_DAYS = "missing_days"
WINDOW_TOO_SHORT = "window_too_short"
NO_SERIAL_INTERVAL = "no_serial_interval"
WINDOW_BEFORE_SERIAL_INTERVAL = "window_before_serial_interval"
NO_PAST_CASES = "no_past_cases"
GROWTH_NOT_IDENTIFIED = "growth_not_identified"
SERIES_BREAK = "series_break"
NO_CASES = "no_cases"
ONE_AREA = "one_area"
ONE_DAY = "one_day"
COORDINATES_MISSING = "coordinates_missing"
NO_ZONE = "no_zone"
MISSING_COUNTS = "missing_counts"
INVALID_COUNTS = "invalid_counts"
TOO_MANY_CASES = "too_many_cases"
INVALID_POPULATION = "invalid_population"
CASES_WITHOUT_POPULATION = "cases_without_population"
TOO_FEW_DELAYS = "too_few_delays"
DELAYS_IMPOSSIBLE = "delays_impossible"
DELAYS_AFTER_TRUNCATION = "delays_after_truncation"
TRUNCATION_BEYOND_DELAYS = "truncation_beyond_delays"
DELAY_NOT_IDENTIFIED = "delay_not_identified"

REFUSAL_CODES: tuple[str, ...] = (
    TOO_FEW_CASES,
    MISSING_DAYS,
    WINDOW_TOO_SHORT,
    NO_SERIAL_INTERVAL,
    WINDOW_BEFORE_SERIAL_INTERVAL,
    NO_PAST_CASES,
    GROWTH_NOT_IDENTIFIED,
    SERIES_BREAK,
    NO_CASES,
    ONE_AREA,
    ONE_DAY,
    COORDINATES_MISSING,
    NO_ZONE,
    MISSING_COUNTS,
    INVALID_COUNTS,
    TOO_MANY_CASES,
    INVALID_POPULATION,
    CASES_WITHOUT_POPULATION,
    TOO_FEW_DELAYS,
    DELAYS_IMPOSSIBLE,
    DELAYS_AFTER_TRUNCATION,
    TRUNCATION_BEYOND_DELAYS,
    DELAY_NOT_IDENTIFIED,
)


def _no_params() -> Mapping[str, object]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Refusal:
    """The reason why the data do not carry the number asked for.

    Arguments:
        code: one of ``REFUSAL_CODES``; the faces turn it into words.
        params: what the words need (counts, days, limits), by name.

    >>> Refusal("too_few_cases", {"cases": 3, "minimum_cases": 10}).code
    'too_few_cases'
    """

    code: str
    params: Mapping[str, object] = field(default_factory=_no_params)

    def __post_init__(self) -> None:
        if self.code not in REFUSAL_CODES:
            raise ValueError(f"unknown refusal code {self.code!r}; known: {', '.join(REFUSAL_CODES)}")


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number, its interval, and the days that it rests on.

    Arguments:
        mean: the point estimate.
        lower, upper: ends of the interval, ``lower <= upper``.
        level: probability that the interval claims to hold, between 0 and 1 (0.95 for 2.5 % to 97.5 %).
        start_day, end_day: first and last day of the window as 0-based indexes into the series, both
            included.
        sd: standard deviation (reproduction) or standard error (growth), in the unit of ``mean``.
    """

    mean: float
    lower: float
    upper: float
    level: float
    start_day: int
    end_day: int
    sd: float
