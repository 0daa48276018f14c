"""Moments and days as people type them into forms, by the office's wall clock.

Each reader takes ``label``, the code of the words of its field: a form may hold several, and a refusal names its own.
"""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from fangkong.core.errors import InputError


def moment_typed(given: str, zone: ZoneInfo, label: str) -> datetime:
    """The moment typed. Raises InputError ``error.bad_moment``."""
    try:
        return datetime.fromisoformat(given.strip()[:25]).replace(tzinfo=zone)
    except ValueError:
        raise InputError("error.bad_moment", label=label) from None


def moment_or_none(given: str, zone: ZoneInfo, label: str) -> datetime | None:
    """The moment typed, None when nothing was. Raises as :func:`moment_typed`."""
    return moment_typed(given, zone, label) if given.strip() else None


def day_typed(given: str, label: str) -> date:
    """The day typed. Raises InputError ``error.bad_day``."""
    try:
        return date.fromisoformat(given.strip())
    except ValueError:
        raise InputError("error.bad_day", label=label) from None


def day_or_none(given: str, label: str) -> date | None:
    """The day typed, None when nothing was. Raises as :func:`day_typed`."""
    return day_typed(given, label) if given.strip() else None
