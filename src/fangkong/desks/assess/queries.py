"""What the assessment desk answers: figures by day, curves, incidence and estimates, in the actor's scope.

Every query takes ``actor`` and ``at``, the instant whose knowledge it speaks from. An area outside the scope
is not found. Published figures are read where the area has them; else its cases are counted; never both.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from fangkong.core.clock import days_between
from fangkong.core.errors import NotFound
from fangkong.record.access import Actor, visible
from fangkong.record.installation import installation
from fangkong.record.models import Area, DailyCount

from . import counted, published
from .estimates import basis_of, estimate, incidence
from .parameters import parameters
from .series import Window, area_days, counted_by_district, district_days
from .subject import subject_default
from .values import (
    COUNTED,
    DAYS_MISSING,
    POPULATION_UNKNOWN,
    AreaCurve,
    AreaSeries,
    Assessment,
    Curves,
    DayFigures,
    Incidence,
)

__all__ = [
    "area_series",
    "assessment",
    "district_series",
    "epidemic_curve",
    "figure_sources",
    "incidence_by_district",
    "subject_default",
]

PERMISSION = "board.read"
_PER_PEOPLE = 100_000


def area_series(
    disease: str, area_code: str, *, actor: Actor, at: datetime, through: date, since: date | None = None
) -> AreaSeries:
    """The days of one area from the first known (or ``since``) on, without a gap.

    Published series end at the last published day, counted ones at ``through``. A day without a figure is
    there as "not_published" with None in every figure. At most seven queries. Raises Forbidden without the
    permission ``board.read``, NotFound when the area lies outside the actor's scope.
    """
    _require(actor, area_code)
    days, origin = area_days(disease, area_code, Window(actor, at, through, since))
    area = Area.objects.known_at(at).filter(key=area_code).first()
    return _series(area_code, area, days, origin)


def district_series(
    disease: str, area_code: str, *, actor: Actor, at: datetime, through: date, since: date | None = None
) -> list[AreaSeries]:
    """The days of each district of the area that the actor sees, by code; at most six queries for all.

    Districts are the widest areas inside with published figures; for counted cases the provinces of a
    country, the districts of a province or city, the streets of a district and so on. Districts of that
    level that the gazetteer knows are included, whether or not a figure names them. Raises Forbidden without
    ``board.read``.
    """
    actor.require(PERMISSION)
    found = district_days(disease, area_code, Window(actor, at, through, since))
    return [_series(code, found.areas.get(code), days, found.origin) for code, days in found.days.items()]


def epidemic_curve(
    disease: str, area_code: str, *, actor: Actor, at: datetime, through: date, since: date | None = None
) -> Curves:
    """New infections by day and channel, of the area and of each district that the actor sees.

    Three queries at most for all figures, and one for the office's time zone. ``area`` is None for an actor
    who sees districts only. Days whose reports are still coming in are marked; published figures are never
    marked. Raises Forbidden without ``board.read``.
    """
    actor.require(PERMISSION)
    whole = actor.sees(area_code)
    paper = published.publication(
        disease, area_code, actor=actor, at=at, through=through, since=since, districts=True
    )
    own, districts = paper.area_days(since), paper.district_days((), since)
    own_filling = filling = 0
    level, scope = counted.split_level(area_code), counted.counted_scope(area_code, actor)
    if scope is not None and not (paper.own.cells and districts) and not (districts and not whole):
        counts = counted.count_by_day(disease, scope, at=at, through=through, since=since, level=level)
        total = counted.total_by_day(counts)
        span = counted.counted_days(min(total, default=None), through=through, since=since)
        late = counted.incomplete_days(disease, scope, at=at, through=through, zone=installation().zone)
        if whole and not paper.own.cells:
            own, own_filling = counted.count_figures(total, None, span), late
        if not districts and level is not None:
            codes = sorted(code for code in counts if len(code) == level)
            districts, filling = counted_by_district(codes, counts, None, span), late
    return Curves(
        disease=disease,
        area=_curve(area_code, own, through, own_filling) if whole and own else None,
        districts=[_curve(code, days, through, filling) for code, days in districts.items()],
    )


def assessment(disease: str, area_code: str, *, actor: Actor, at: datetime, through: date) -> Assessment:
    """Reproduction number, probability that it is below one, growth and doubling time as of ``through``.

    Each is a value with interval, sources and as-of day, or a refusal with its reason. Cori's method on the
    serial interval published for the disease; windows and limits in ``parameters.toml``. For counted cases
    the last days whose reports are still coming in are left out. Raises as ``area_series`` does.
    """
    _require(actor, area_code)
    since = through - timedelta(days=parameters("reproduction")["history_days"])
    days, origin = area_days(disease, area_code, Window(actor, at, through, since, deaths=False))
    late = 0
    if origin == COUNTED:
        late = counted.incomplete_days(disease, area_code, at=at, through=through, zone=installation().zone)
        days = _with_sources(disease, area_code, days, at=at, last=through - timedelta(days=late))
    return estimate(disease, area_code, days, origin=origin, through=through, incomplete_days=late)


def incidence_by_district(
    disease: str, area_code: str, *, actor: Actor, at: datetime, through: date
) -> list[Incidence]:
    """New infections of the last seven days in each district that the actor sees, and per 100,000 people.

    ``refusal`` says why there is no rate: the population is not known, or a day of the week has no figure.
    The number of days is in ``parameters.toml``. Raises Forbidden without ``board.read``.
    """
    first = through - timedelta(days=parameters("incidence")["window_days"] - 1)
    actor.require(PERMISSION)
    found = district_days(disease, area_code, Window(actor, at, through, first, deaths=False))
    districts = (
        _series(code, found.areas.get(code), days, found.origin) for code, days in found.days.items()
    )
    return [_incidence(series, first, through) for series in districts]


def figure_sources(
    disease: str, area_code: str, *, actor: Actor, at: datetime, first: date, last: date
) -> list[str]:
    """The keys of the receipts and actors behind the figures of some days of an area; two queries at most.

    Raises as ``area_series`` does.
    """
    _require(actor, area_code)
    rows = DailyCount.objects.known_at(at).filter(
        disease=disease, area_code=area_code, measure__in=published.MEASURES, day__range=(first, last)
    )
    found = sorted(visible(rows, actor).order_by().values_list("source_key", flat=True).distinct())
    return found or counted.sources(disease, area_code, at=at, first=first, last=last)


def _require(actor: Actor, area_code: str) -> None:
    actor.require(PERMISSION)
    if not actor.sees(area_code):
        raise NotFound("assess.area_not_found", area_code=area_code)


def _series(code: str, area: Area | None, days: list[DayFigures], origin: str) -> AreaSeries:
    if area is None:
        return AreaSeries(code, "", "", days, origin)
    return AreaSeries(code, area.name_zh, area.name_en, days, origin, area.population)


def _with_sources(
    disease: str, area_code: str, days: list[DayFigures], *, at: datetime, last: date
) -> list[DayFigures]:
    """The days of the estimates' window with the sources of its cases."""
    first = last - timedelta(days=parameters("reproduction")["window_days"] - 1)
    sources = counted.sources(disease, area_code, at=at, first=first, last=last)
    return [replace(day, sources=sources) if first <= day.day <= last else day for day in days]


def _curve(area_code: str, days: list[DayFigures], through: date, filling: int) -> AreaCurve:
    channels = sorted({channel for day in days for channel in day.channels})
    counts: dict[str, list[int | None]] = {channel: [] for channel in channels}
    for day in days:
        known = day.confirmed is not None or day.asymptomatic is not None
        for channel in channels:
            counts[channel].append(day.channels.get(channel, 0) if known else None)
    last_complete = through - timedelta(days=filling)
    return AreaCurve(area_code, [day.day for day in days], counts, [day.day > last_complete for day in days])


def _incidence(series: AreaSeries, first: date, last: date) -> Incidence:
    basis = basis_of(series.days)
    found = {day.day: incidence(day, basis) for day in series.days}
    week = [found.get(day) for day in days_between(first, last)]
    cases = None if None in week else sum(n for n in week if n is not None)
    refusal = DAYS_MISSING if cases is None else "" if series.population else POPULATION_UNKNOWN
    rate = cases * _PER_PEOPLE / series.population if cases is not None and series.population else None
    return Incidence(
        area_code=series.area_code,
        name_zh=series.name_zh,
        name_en=series.name_en,
        cases=cases,
        population=series.population,
        per_100k=rate,
        refusal=refusal,
        basis=basis,
        first_day=first,
        last_day=last,
        sources=sorted({source for day in series.days for source in day.sources}),
    )
