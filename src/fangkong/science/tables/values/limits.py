"""The limits and words of dates.toml, read once."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class DateWords:
    """The words of relative days (days from the reference), weekdays (Monday 0) and months, and the limits."""

    relative: dict[str, int]
    weekdays: dict[str, int]
    months: dict[str, int]
    event_years_back: int
    years_ahead: int
    oldest_year: int
    life_years: int
    swap_window_days: int
    year_slack_days: int
    historic_before: int


@cache
def date_words() -> DateWords:
    """``dates.toml``."""
    found = tomllib.loads((Path(__file__).parent / "dates.toml").read_text(encoding="utf-8"))
    return DateWords(found["relative"], found["weekdays"], found["months"], **found["limits"])
