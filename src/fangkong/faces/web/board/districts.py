"""The map of the districts and their epidemic curves, as the chart and map scripts read them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language

from fangkong.desks.assess.values import AreaCurve, Curves, Incidence
from fangkong.faces.web.control.presenting import said
from fangkong.faces.web.figures import area_name
from fangkong.faces.words import formats
from fangkong.record.models import AreaBoundary

#: Class limits of incidence per 100,000 in 7 days; the map takes the finest set that its highest value fills.
#: Round numbers for reading, no thresholds of any rule.
BREAKS: tuple[tuple[float, ...], ...] = (
    (0.5, 1, 2, 5),
    (2, 5, 10, 20),
    (5, 10, 20, 50),
    (20, 50, 100, 200),
    (50, 100, 200, 500),
    (200, 500, 1000, 2000),
)


def breaks_for(values: Sequence[float]) -> list[float]:
    """Four class limits for ``values``: the widest set whose last class is not empty."""
    highest = max(values, default=0)
    fitting = [each for each in BREAKS if each[-1] <= highest]
    return list(fitting[-1] if fitting else BREAKS[0])


def district_map(
    week: Sequence[Incidence], boundaries: Sequence[AreaBoundary], *, linked: bool, invented: bool
) -> dict[str, Any] | None:
    """The context of components/map.html; None while no boundary of a district is in the record.

    ``linked``: areas lead to their assessment. ``invented``: the map shows no real place and says so.
    """
    outlines = {row.key: row for row in boundaries}
    if not outlines:
        return None
    lang = get_language()
    features = [
        {
            "type": "Feature",
            "geometry": outlines[row.area_code].geometry,
            "properties": {
                "code": row.area_code,
                "name": area_name(row),
                "value": row.per_100k,
                "label": "" if row.per_100k is None else formats.number(row.per_100k, lang),
                "note": said(f"page.map.{row.refusal}") if row.refusal else "",
                "incomplete": False,
                "orders": {},
                "href": reverse("assess_area", args=[row.area_code]) if linked else None,
                "at": None,
            },
        }
        for row in week
        if row.area_code in outlines
    ]
    rates = [row.per_100k for row in week if row.per_100k is not None]
    first = next(iter(outlines.values()))
    review = said("page.map.review", number=first.review_number) if first.review_number else ""
    last = max(row.last_day for row in week)
    return {
        "id": "district-map",
        "name": f"incidence-{last.isoformat()}",
        "data": {
            "areas": {"type": "FeatureCollection", "features": features},
            "breaks": breaks_for(rates),
            "water": None,
        },
        "label": said("board.chart.map"),
        "unit": said("page.unit.per_100k"),
        "source": said(
            "page.map.days", first=formats.day(week[0].first_day, lang), last=formats.day(last, lang)
        ),
        "footer": said("page.map.invented") if invented else f"{first.licence} {review}".strip(),
    }


def chart_series(curve: AreaCurve, days: Sequence[date]) -> dict[str, list[int | None]]:
    """Channel -> infections by day on a common axis; None in every channel of a day without a figure."""
    place = {day: n for n, day in enumerate(curve.days)}
    return {
        channel or "unknown": [counts[place[day]] if day in place else None for day in days]
        for channel, counts in curve.counts.items()
    }


def incomplete_from(curve: AreaCurve) -> str | None:
    """The first of the last days that are still incomplete, as the charts take it."""
    late = [day for day, open_ in zip(curve.days, curve.incomplete, strict=True) if open_]
    return late[0].isoformat() if late else None


def multiples(
    curves: Curves, names: dict[str, str], note: Callable[[str], str] | None = None
) -> dict[str, Any] | None:
    """The context of components/chart.html for the small multiples; None without any district.

    ``note`` says what stands beside the name of an area, by its code; by default the last day and its cases.
    """
    if not curves.districts:
        return None
    days = sorted({day for curve in curves.districts for day in curve.days})
    late = [found for curve in curves.districts if (found := incomplete_from(curve))]
    panels = []
    for curve in sorted(curves.districts, key=lambda each: (each.area_code not in names, each.area_code)):
        series = chart_series(curve, days)
        silent = not any(value is not None for values in series.values() for value in values)
        panels.append(
            {
                "title": names.get(curve.area_code) or said("page.area.unstated"),
                "note": note(curve.area_code) if note is not None else _last_note(series, days),
                "series": series,
                "refusal": said("page.multiples.silent") if silent else None,
            }
        )
    return {
        "id": "district-curves",
        "name": "district-curves",
        "kind": "small-multiples",
        "data": {
            "days": [day.isoformat() for day in days],
            "incomplete_from": min(late, default=None),
            "panels": panels,
        },
        "label": said("page.chart.areas"),
        "unit": said("page.unit.cases_by_report"),
        "source": said(
            "page.chart.span",
            first=formats.day(days[0], get_language()),
            last=formats.day(days[-1], get_language()),
        ),
    }


def _last_note(series: dict[str, list[int | None]], days: Sequence[date]) -> str:
    last = _last(series, days)
    if last is None:
        return ""
    return said("page.multiples.last", day=formats.day(last[0], get_language()), n=last[1])


def _last(series: dict[str, list[int | None]], days: Sequence[date]) -> tuple[date, int] | None:
    for n in range(len(days) - 1, -1, -1):
        known = [values[n] for values in series.values() if values[n] is not None]
        if known:
            return days[n], sum(v for v in known if v is not None)
    return None
