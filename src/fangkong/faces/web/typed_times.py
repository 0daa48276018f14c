"""Moments and days as people type them into forms, by the office's wall clock."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from fangkong.core.errors import InputError


def moment_typed(given: str, zone: ZoneInfo, code: str) -> datetime:
    """The moment typed. Raises InputError ``code``, which says what to type instead."""
    try:
        return datetime.fromisoformat(given.strip()[:25]).replace(tzinfo=zone)
    except ValueError:
        raise InputError(code) from None


def day_typed(given: str) -> date:
    """The day typed. Raises InputError ``error.bad_date``."""
    try:
        return date.fromisoformat(given.strip())
    except ValueError:
        raise InputError("error.bad_date") from None


def day_or_none(given: str) -> date | None:
    """The day typed, None when nothing was. Raises as :func:`day_typed`."""
    return day_typed(given) if given.strip() else None
