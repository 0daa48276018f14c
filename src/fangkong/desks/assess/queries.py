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
from fangkong.record.models import Area, DailyCount

from . import counted, published
from .breaks import breaks_of
from .estimates import basis_of, estimate, incidence
from .parameters import parameters
from .series import Figures, Window
from .subject import subject_default
from .values import (
    COUNTED,
    DAYS_MISSING,
    POPULATION_UNKNOWN,
    PUBLISHED,
    AreaCurve,
    AreaSeries,
    Assessment,
    Curves,
    DayFigures,
    Incidence,
    Situation,
)

__all__ = [
    "area_series",
    "assessment",
    "district_series",
    "epidemic_curve",
    "figure_sources",
    "incidence_by_district",
    "situation",
    "subject_default",
    "unclassified",
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
    return _area_series(Figures(disease, area_code, Window(actor, at, through, since)), since)


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
    figures = Figures(disease, area_code, Window(actor, at, through, since))
    found = figures.district_days(since, through, deaths=True)
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
    return _curves(Figures(disease, area_code, Window(actor, at, through, since)), since)


def assessment(disease: str, area_code: str, *, actor: Actor, at: datetime, through: date) -> Assessment:
    """Reproduction number, probability that it is below one, growth and doubling time as of ``through``.

    Each is a value with interval, sources and as-of day, or a refusal with its reason. Cori's method on the
    serial interval published for the disease; windows and limits in ``parameters.toml``. For counted cases
    the last days whose reports are still coming in are left out. Raises as ``area_series`` does.
    """
    _require(actor, area_code)
    return _assessment(Figures(disease, area_code, Window(actor, at, through, _history(through))))


def incidence_by_district(
    disease: str, area_code: str, *, actor: Actor, at: datetime, through: date
) -> list[Incidence]:
    """New infections of the last seven days in each district that the actor sees, and per 100,000 people.

    ``refusal`` says why there is no rate: the population is not known, or a day of the week has no figure.
    The number of days is in ``parameters.toml``. Raises Forbidden without ``board.read``.
    """
    actor.require(PERMISSION)
    return _week(Figures(disease, area_code, Window(actor, at, through, _week_first(through))), through)


def situation(
    disease: str,
    area_code: str,
    *,
    actor: Actor,
    at: datetime,
    earlier_at: datetime,
    through: date,
    since: date,
) -> Situation:
    """Series, curves, revisions, estimates and incidence of one area, from one reading of its figures.

    The same values as ``area_series``, ``epidemic_curve``, ``assessment`` and ``incidence_by_district``, which
    would each read the cases again: here at most fourteen queries for all of them. ``earlier_at`` is the instant
    whose knowledge of the days before ``through`` is compared with today's. Raises as ``area_series`` does.
    """
    _require(actor, area_code)
    # The week ends with the last day that has a figure, so its first day lies a week before ``since`` at most.
    earliest = min(_week_first(since), _history(through))
    figures = Figures(disease, area_code, Window(actor, at, through, earliest))
    before = Window(actor, earlier_at, through - timedelta(days=1), since)
    curves = _curves(figures, since)
    return Situation(
        series=_area_series(figures, since),
        curves=curves,
        earlier=_infections(Figures(disease, area_code, before)),
        assessment=_assessment(figures),
        week=_week(figures, curves.last_on() or through),
    )


def unclassified(disease: str, area_code: str, *, actor: Actor, at: datetime, through: date) -> int:
    """How many cases of the area are suspected and in none of its figures. Raises as ``area_series`` does."""
    _require(actor, area_code)
    return counted.unclassified_count(disease, area_code, at=at, through=through)


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


def _week_first(through: date) -> date:
    return through - timedelta(days=parameters("incidence")["window_days"] - 1)


def _history(through: date) -> date:
    return through - timedelta(days=parameters("reproduction")["history_days"])


def _area_series(figures: Figures, since: date | None) -> AreaSeries:
    days, origin = figures.area_days(since, deaths=True)
    area = Area.objects.known_at(figures.window.at).filter(key=figures.area_code).first()
    return _series(figures.area_code, area, days, origin)


def _curves(figures: Figures, since: date | None) -> Curves:
    def curve(code: str, days: list[DayFigures], origin: str) -> AreaCurve:
        return _curve(code, days, figures.window.through, figures.late if origin == COUNTED else 0)

    area = None
    if figures.window.actor.sees(figures.area_code):
        days, origin = figures.area_curve(since)
        area = curve(figures.area_code, days, origin) if days else None
    districts, origin = figures.district_curves(since)
    return Curves(figures.disease, area, [curve(code, days, origin) for code, days in districts.items()])


def _infections(figures: Figures) -> dict[date, int | None]:
    """The area's infections by day, as its curve has them."""
    days, _ = figures.area_curve(figures.window.since)
    return _curve(figures.area_code, days, figures.window.through, 0).by_day()


def _assessment(figures: Figures) -> Assessment:
    through = figures.window.through
    days, origin = figures.area_days(_history(through), deaths=False)
    late, breaks = 0, []
    if origin == PUBLISHED:
        breaks = breaks_of(figures)
    else:
        late = figures.late
        days = _with_sources(figures, days, last=through - timedelta(days=late))
    return estimate(
        figures.disease,
        figures.area_code,
        days,
        origin=origin,
        through=through,
        incomplete_days=late,
        breaks=breaks,
    )


def _week(figures: Figures, through: date) -> list[Incidence]:
    first = _week_first(through)
    found = figures.district_days(first, through, deaths=False)
    districts = (
        _series(code, found.areas.get(code), days, found.origin) for code, days in found.days.items()
    )
    return [_incidence(series, first, through) for series in districts]


def _series(code: str, area: Area | None, days: list[DayFigures], origin: str) -> AreaSeries:
    if area is None:
        return AreaSeries(code, "", "", days, origin)
    return AreaSeries(code, area.name_zh, area.name_en, days, origin, area.population)


def _with_sources(figures: Figures, days: list[DayFigures], *, last: date) -> list[DayFigures]:
    """The days of the estimates' window with the sources of its cases."""
    first = last - timedelta(days=parameters("reproduction")["window_days"] - 1)
    at = figures.window.at
    sources = counted.sources(figures.disease, figures.area_code, at=at, first=first, last=last)
    return [replace(day, sources=sources) if first <= day.day <= last else day for day in days]


def _curve(area_code: str, days: list[DayFigures], through: date, filling: int) -> AreaCurve:
    channels = sorted({channel for day in days for channel in day.channels})
    counts: dict[str, list[int | None]] = {channel: [] for channel in channels}
    measures = [m for m in ("confirmed", "asymptomatic") if any(getattr(day, m) is not None for day in days)]
    for day in days:
        # A day that lacks one of the measures that the area publishes is not yet known: half a sum is no sum.
        known = bool(measures) and all(getattr(day, measure) is not None for measure in measures)
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
