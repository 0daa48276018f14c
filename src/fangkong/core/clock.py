"""Civil days and the instants that bound them.

Three clocks run through the record (docs/explanation/time.md): when a thing happened, when the office knew
it, and when the machine wrote it down. This module only converts between instants and civil days; which
clock a value belongs to is in its name (``*_on`` civil date, ``*_at`` aware UTC instant).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

#: ``known_to`` of a version that is still open. Far enough to sort last, near enough for every database.
FAR_FUTURE = datetime(9999, 1, 1, tzinfo=UTC)


def civil_day(instant: datetime, zone: ZoneInfo) -> date:
    """The civil date on which ``instant`` falls in ``zone``. Raises ValueError for a naive instant."""
    if instant.tzinfo is None:
        raise ValueError("a naive datetime has no civil day; give it a time zone")
    return instant.astimezone(zone).date()


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of ``day`` in ``zone``, in UTC."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The last second of ``day`` in ``zone``, in UTC: what "as of D" compares ``known_from`` with."""
    return start_of_day(day + timedelta(days=1), zone) - timedelta(seconds=1)


def days_between(first: date, last: date) -> list[date]:
    """Every civil date from ``first`` to ``last``, both included; empty when ``last`` is earlier."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
