"""A person's cumulative days under restriction: shown with every order, capped by the rule of the day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from fangkong.core.clock import civil_day
from fangkong.record.installation import installation
from fangkong.record.models import Order

#: States in which days were or are restricted.
_COUNTED = ("approved", "suspended", "lapsed", "withdrawn", "superseded")


@dataclass(frozen=True)
class RestrictedDays:
    """Distinct civil days under an approved order, those still ahead included, and over how many orders."""

    days: int
    orders: int


def restricted_days(
    person_key: str,
    disease: str,
    *,
    at: datetime,
    since: date = date.min,
    reason_key: str = "",
    also: Order | None = None,
) -> RestrictedDays:
    """The distinct days after ``since`` on which orders of ``disease`` restrict the person.

    ``reason_key`` narrows it to the orders of one exposure or result; ``also`` is an order that counts as if
    it were approved. A day under two orders is one day. An order taken back, suspended or superseded counts
    until the day that happened.
    """
    rows = Order.objects.known_at(at).filter(person_key=person_key)
    return days_restricted(rows, disease, since=since, reason_key=reason_key, also=also)


def days_restricted(
    orders: Iterable[Order],
    disease: str,
    *,
    since: date = date.min,
    reason_key: str = "",
    also: Order | None = None,
) -> RestrictedDays:
    """The same of ``orders``, all those on one person as known at an instant."""
    spans = [
        span_of_restriction(order)
        for order in orders
        if order.disease == disease
        and order.state in _COUNTED
        and order.decided_by
        and order.expires_on > since
        and (not reason_key or order.reason_key == reason_key)
        and (also is None or order.key != also.key)
    ]
    if also is not None:
        spans.append((also.starts_on, also.expires_on))
    days: set[date] = set()
    for first, last in spans:
        day = first if first > since else since + timedelta(days=1)
        while day <= last:
            days.add(day)
            day += timedelta(days=1)
    return RestrictedDays(len(days), len(spans))


def span_of_restriction(order: Order) -> tuple[date, date]:
    """First and last day on which the order did or will restrict its person."""
    last = order.expires_on
    if order.state in ("suspended", "withdrawn", "superseded"):
        last = min(last, civil_day(order.known_from, installation().zone))
    return order.starts_on, last
