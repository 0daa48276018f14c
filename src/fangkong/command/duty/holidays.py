"""The holidays that a shift can fall on: shipped as data, with the city's own in ``FANGKONG_HOME/holidays.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from fangkong.core.clock import days_between
from fangkong.core.errors import InputError

#: The city's own file.
FILE = "holidays.toml"

_SHIPPED = Path(__file__).with_name("holidays.toml")

#: The longest holiday that a file may name: more is a slip of the pen.
_LONGEST_DAYS = 60


@dataclass(frozen=True)
class Holiday:
    """What a holiday is called, and the paper that names its days."""

    zh: str
    en: str
    source: str


def holidays() -> Mapping[date, Holiday]:
    """Day -> holiday; the city's file is read again when it changes, and its name of a day wins.

    Raises InputError ``duty.holidays_unreadable`` or ``duty.holiday_wrong``, which name file and entry.
    """
    path = Path(settings.HOME) / FILE
    stamp = path.stat().st_mtime_ns if path.is_file() else 0
    return _read(str(path), stamp)


def years_known() -> list[int]:
    """The years of which holidays are known: a roster of any other year says that it has none."""
    return sorted({day.year for day in holidays()})


@lru_cache(maxsize=4)
def _read(path: str, stamp: int) -> Mapping[date, Holiday]:
    found = _days(tomllib.loads(_SHIPPED.read_text(encoding="utf-8")))
    if stamp:
        try:
            own = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise InputError("duty.holidays_unreadable", file=FILE, detail=str(error)[:120]) from error
        found |= _days(own)
    return found


def _days(table: Mapping[str, Any]) -> dict[date, Holiday]:
    entries = table.get("holiday", [])
    if not isinstance(entries, list):
        raise InputError("duty.holiday_wrong", file=FILE, n=1)
    found: dict[date, Holiday] = {}
    for n, entry in enumerate(entries, start=1):
        days = _span(entry) if isinstance(entry, dict) else []
        if not days:
            raise InputError("duty.holiday_wrong", file=FILE, n=n)
        # The noun keeps 40 characters of a name.
        holiday = Holiday(str(entry["zh"])[:40], str(entry["en"])[:40], str(entry["source"]))
        found |= dict.fromkeys(days, holiday)
    return found


def _span(entry: Mapping[str, Any]) -> list[date]:
    """The days of an entry; none where a field is missing or wrong."""
    first, last = entry.get("first"), entry.get("last")
    named = all(isinstance(entry.get(name), str) and entry[name].strip() for name in ("zh", "en", "source"))
    if not named or not _is_day(first) or not _is_day(last):
        return []
    assert isinstance(first, date)
    assert isinstance(last, date)
    days = days_between(first, last)
    return days if len(days) <= _LONGEST_DAYS else []


def _is_day(value: object) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)
