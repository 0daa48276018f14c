"""The tables of the report that speak of the office itself: response levels, and what complaints are about."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db.models import Count

from fangkong.record.access import Actor, inside_area, visible
from fangkong.record.models import Order

from ..models import Concern, ResponseLevel
from .entries import Entry, figure, refusal
from .settings import paper_setting


def level_rows(area_code: str, *, actor: Actor, at: datetime) -> list[dict[str, Any]]:
    """The response levels in force in the area at ``at``, the highest first: hazard, level, area, days."""
    rows = visible(ResponseLevel.objects.known_at(at), actor, at=at).filter(
        inside_area(area_code), state="in_force"
    )
    names = ("hazard", "level", "area_code", "starts_on", "review_on")
    return [
        {name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()}
        for row in rows.order_by("level", "area_code", "hazard").values(*names)
    ]


def concern_rows(area_code: str, *, actor: Actor, at: datetime) -> list[dict[str, Any]]:
    """What the unanswered concerns are about, the most frequent first; as many as the paper shows."""
    rows = visible(Concern.objects.known_at(at), actor, at=at).filter(inside_area(area_code), state="open")
    counted = rows.order_by().values_list("theme").annotate(n=Count("pk"))
    ranked = sorted(counted, key=lambda row: (-row[1], row[0]))
    return [{"theme": theme, "n": n} for theme, n in ranked[: paper_setting("concern_themes")]]


def restricted_days_entry(disease: str, area_code: str, *, actor: Actor, at: datetime, as_of: date) -> Entry:
    """The median number of days that the orders on persons in force have run by ``as_of``; one query."""
    rows = visible(Order.objects.known_at(at), actor, at=at).filter(
        inside_area(area_code),
        disease=disease,
        subject_kind="person",
        state="approved",
        starts_on__lte=as_of,
        expires_on__gte=as_of,
    )
    # Latest start first: the fewest days come first.
    counted = list(rows.order_by("-starts_on").values_list("starts_on").annotate(n=Count("pk")))
    total = sum(n for _, n in counted)
    if not total:
        return refusal("restricted_days", "precision.no_order_in_force")
    half = [(total - 1) // 2, total // 2]
    days = [_day_at(counted, place, as_of) for place in half]
    return figure(
        "restricted_days", sum(days) / 2, sources=["record.order"], as_of=as_of, params={"orders": total}
    )


def _day_at(counted: list[tuple[date, int]], place: int, as_of: date) -> int:
    """The days of the order at ``place`` when they stand in a row, the shortest first."""
    for starts_on, n in counted:
        if place < n:
            return (as_of - starts_on).days + 1
        place -= n
    raise AssertionError("a place within the orders has an order")


def risk_area_entries(
    disease: str, area_code: str, *, actor: Actor, at: datetime, as_of: date
) -> list[Entry]:
    """How many risk areas of each level are in force; one figure for each level there is, or that none is."""
    rows = visible(Order.objects.known_at(at), actor, at=at).filter(
        inside_area(area_code),
        disease=disease,
        kind="risk_area",
        state="approved",
        starts_on__lte=as_of,
        expires_on__gte=as_of,
    )
    levels = [str(details.get("level", "")) for details in rows.values_list("details", flat=True)]
    return [
        figure(f"risk_areas_{level}", levels.count(level), sources=["record.order"], as_of=as_of)
        for level in paper_setting("risk_levels")
    ]
