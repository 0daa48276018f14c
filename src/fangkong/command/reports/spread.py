"""How far and how fast it spreads: new and cumulative figures, origin, share found in control, areas."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from fangkong.desks.assess.values import AreaSeries, DayFigures
from fangkong.record.access import Actor, visible
from fangkong.record.models import DailyCount

from .entries import Entry, figure, refusal

#: Published stock figures that a report quotes as they stand, in the order of the page.
STOCKS = ("in_treatment", "severe", "critical", "discharged", "under_observation")
CUMULATIVE = {"confirmed": "confirmed_cumulative", "deaths": "deaths_cumulative"}
MEASURES = ("confirmed", "asymptomatic", "deaths")


def new_infections(day: DayFigures) -> int | None:
    """New infections of one day: confirmed and asymptomatic, those counted before taken off once.

    Someone reported as asymptomatic and confirmed later stands in both figures; ``converted`` says how many.
    None when neither figure was published.
    """
    if day.confirmed is None and day.asymptomatic is None:
        return None
    return (day.confirmed or 0) + (day.asymptomatic or 0) - (day.converted or 0)


def last_reported(series: AreaSeries) -> DayFigures | None:
    """The last day with a figure; None when no day has one."""
    return next((day for day in reversed(series.days) if day.status == "reported"), None)


def unpublished(series: AreaSeries) -> list[date]:
    """Days between the first and the last published one for which nothing was published."""
    known = [n for n, day in enumerate(series.days) if day.status == "reported"]
    if not known:
        return []
    return [day.day for day in series.days[known[0] : known[-1] + 1] if day.status != "reported"]


def new_entries(day: DayFigures | None) -> list[Entry]:
    """New figures of the last published day by type, and all infections together."""
    if day is None:
        return [refusal(f"new_{measure}", "nothing_published") for measure in ("infections", *MEASURES)]
    values = {"infections": new_infections(day), **{name: getattr(day, name) for name in MEASURES}}
    return [
        refusal(f"new_{name}", "not_published_that_day", day=day.day.isoformat())
        if value is None
        else figure(f"new_{name}", value, sources=day.sources, as_of=day.day)
        for name, value in values.items()
    ]


def cumulative_entries(series: AreaSeries, published: dict[str, DailyCount]) -> list[Entry]:
    """Totals as published; else the sum of the published days, marked as a floor when days are missing."""
    entries = []
    for measure in MEASURES:
        stock = published.get(CUMULATIVE.get(measure, ""))
        if stock is not None:
            entries.append(
                figure(f"total_{measure}", stock.value, sources=[stock.source_key], as_of=stock.day)
            )
            continue
        days = [day for day in series.days if getattr(day, measure) is not None]
        if not days:
            entries.append(refusal(f"total_{measure}", "nothing_published"))
            continue
        span = (days[-1].day - days[0].day).days + 1
        entries.append(
            figure(
                f"total_{measure}",
                sum(getattr(day, measure) for day in days),
                sources=[key for day in days for key in day.sources],
                as_of=days[-1].day,
                params={"since": days[0].day.isoformat(), "days_missing": span - len(days)},
            )
        )
    return entries


def stock_entries(published: dict[str, DailyCount]) -> list[Entry]:
    """People in treatment, severe, critical, discharged, under observation, as far as published."""
    return [
        figure(name, published[name].value, sources=[published[name].source_key], as_of=published[name].day)
        for name in STOCKS
        if name in published
    ]


def care_share_entries(published: dict[str, DailyCount]) -> list[Entry]:
    """The severe among those in treatment and the cured among all confirmed, of one day; no target beside them."""
    confirmed = CUMULATIVE["confirmed"]
    return [
        _share("severe_share", published.get("severe"), published.get("in_treatment")),
        _share("cure_share", published.get("discharged"), published.get(confirmed)),
    ]


def _share(code: str, part: DailyCount | None, whole: DailyCount | None) -> Entry:
    if part is None or whole is None or part.day != whole.day or not part.value <= whole.value:
        return refusal(code, "nothing_published")
    sources = [part.source_key, whole.source_key]
    return figure(code, part.value, whole=whole.value, sources=sources, as_of=part.day)


def published_stocks(
    disease: str, area_code: str, *, actor: Actor, at: datetime, through: date
) -> dict[str, DailyCount]:
    """The latest published row of each stock measure on or before ``through``, in one query."""
    rows = (
        visible(DailyCount.objects.known_at(at), actor, at=at)
        .filter(
            disease=disease,
            area_code=area_code,
            channel="",
            measure__in=[*STOCKS, *CUMULATIVE.values()],
            day__lte=through,
        )
        # The official series last, so that it stands where two speak of the same day.
        .order_by("measure", "day", "series")
    )
    latest: dict[str, DailyCount] = {}
    for row in rows:
        held = latest.get(row.measure)
        if held is None or held.day < row.day or row.series == "official":
            latest[row.measure] = row
    return latest


def origin_entries(day: DayFigures | None) -> list[Entry]:
    """Infections of the last published day from outside and from here, when the source tells them apart."""
    total = new_infections(day) if day else None
    imported = day.channels.get("imported") if day else None
    if day is None or total is None or imported is None:
        return [refusal("new_imported", "origin_not_published")]
    return [
        figure("new_imported", imported, whole=total, sources=day.sources, as_of=day.day),
        figure("new_local", total - imported, whole=total, sources=day.sources, as_of=day.day),
    ]


def control_share_entry(day: DayFigures | None) -> Entry:
    """The part of the day's infections that was found in people already under control."""
    total = new_infections(day) if day else None
    controlled = day.channels.get("controlled") if day else None
    if day is None or total is None or controlled is None:
        return refusal("found_in_control", "channel_not_published")
    if total <= 0:
        return refusal("found_in_control", "no_new_infections", day=day.day.isoformat())
    return figure("found_in_control", controlled, whole=total, sources=day.sources, as_of=day.day)


def area_rows(districts: Sequence[AreaSeries], *, last_on: date | None, days: int) -> list[dict[str, Any]]:
    """One row for each district: the last published day, and the sum over ``days`` days up to ``last_on``.

    Most infections first; a district without a figure in those days comes last and says so.
    """
    if last_on is None:
        return []
    first_on = last_on - timedelta(days=days - 1)
    rows = [
        _area_row(each, [day for day in each.days if first_on <= day.day <= last_on], days)
        for each in districts
    ]
    return sorted(rows, key=lambda row: (row["sum"] is None, -(row["sum"] or 0), row["code"]))


def _area_row(series: AreaSeries, window: Sequence[DayFigures], days: int) -> dict[str, Any]:
    measures = [
        m for m in ("confirmed", "asymptomatic") if any(getattr(day, m) is not None for day in series.days)
    ]
    # A day that lacks a measure the district publishes is not counted as published: half a sum is no sum.
    whole = [day for day in window if measures and all(getattr(day, m) is not None for m in measures)]
    known = [total for total in map(new_infections, whole) if total is not None]
    last = window[-1] if window else None
    return {
        "code": series.area_code,
        "name_zh": series.name_zh,
        "name_en": series.name_en,
        "population": series.population,
        "status": last.status if last else "not_published",
        "confirmed": last.confirmed if last else None,
        "asymptomatic": last.asymptomatic if last else None,
        "deaths": last.deaths if last else None,
        "sum": sum(known) if known else None,
        "days_published": len(known),
        "days": days,
        "sources": sorted({key for day in window for key in day.sources}),
    }


def day_rows(series: AreaSeries, *, last_on: date, days: int) -> list[dict[str, Any]]:
    """The last ``days`` days of ``series`` up to ``last_on``, for the table annex; unpublished ones named."""
    first_on = last_on - timedelta(days=days - 1)
    return [
        {
            "day": day.day.isoformat(),
            "status": day.status,
            "infections": new_infections(day),
            "confirmed": day.confirmed,
            "asymptomatic": day.asymptomatic,
            "converted": day.converted,
            "deaths": day.deaths,
            "sources": sorted(day.sources),
        }
        for day in series.days
        if first_on <= day.day <= last_on
    ]


def every_source(value: Any) -> Iterable[str]:
    """All source keys that stand anywhere in ``value``, a tree of dicts and lists."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "sources":
                yield from inner
            else:
                yield from every_source(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from every_source(inner)
