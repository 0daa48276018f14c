"""Which figures an area has, published or counted, and the days that they make."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q
from django.db.models.functions import Length

from fangkong.record.access import Actor
from fangkong.record.models import Area

from . import counted, published
from .values import COUNTED, PUBLISHED, DayFigures

Areas = dict[str, Area]


@dataclass(frozen=True)
class Window:
    """What a reading of figures is bound to: whose, known when, and which days."""

    actor: Actor
    at: datetime
    through: date
    since: date | None
    #: Whether to count deaths among cases: one query more, which curves and estimates do not need.
    deaths: bool = True


@dataclass(frozen=True)
class DistrictDays:
    """District code -> its days, whether published or counted, and the districts that the gazetteer knows."""

    days: dict[str, list[DayFigures]]
    origin: str
    areas: Areas


def area_days(disease: str, area_code: str, window: Window) -> tuple[list[DayFigures], str]:
    """(the days of one area, "published" or "counted"); at most six queries."""
    days = published.area_figures(
        disease, area_code, actor=window.actor, at=window.at, through=window.through, since=window.since
    )
    if days is not None:
        return days, PUBLISHED
    at, through, since = window.at, window.through, window.since
    counts = counted.count_by_day(disease, area_code, at=at, through=through, since=since, level=None)
    deaths = _deaths(disease, area_code, None, window)
    span = _counted_span(disease, area_code, window)
    return counted_by_district([area_code], counts, deaths, span)[area_code], COUNTED


def district_days(disease: str, area_code: str, window: Window) -> DistrictDays:
    """The days of every district that the actor sees; at most six queries for all of them."""
    actor, at = window.actor, window.at
    paper = published.publication(
        disease, area_code, actor=actor, at=at, through=window.through, since=window.since, districts=True
    )
    if paper.level is not None:
        areas = gazetteer(area_code, paper.level, paper.shown, actor=actor, at=at)
        return DistrictDays(paper.district_days(areas, window.since), PUBLISHED, areas)
    level, scope = counted.split_level(area_code), counted.counted_scope(area_code, actor)
    if level is None or scope is None:
        return DistrictDays({}, COUNTED, {})
    areas = gazetteer(area_code, level, (), actor=actor, at=at)
    counts = counted.count_by_day(
        disease, scope, at=at, through=window.through, since=window.since, level=level
    )
    deaths = _deaths(disease, scope, level, window)
    span = _counted_span(disease, scope, window)
    codes = sorted({code for code in counts if len(code) == level} | set(areas))
    return DistrictDays(counted_by_district(codes, counts, deaths, span), COUNTED, areas)


def counted_by_district(
    codes: Iterable[str], counts: counted.Counts, deaths: dict[str, Counter[date]] | None, span: list[date]
) -> dict[str, list[DayFigures]]:
    """District code -> its counted days; without ``deaths`` those stay unknown."""
    return {
        code: counted.count_figures(
            counts.get(code, {}), None if deaths is None else deaths.get(code, Counter()), span
        )
        for code in codes
    }


def gazetteer(area_code: str, level: int, also: Iterable[str], *, actor: Actor, at: datetime) -> Areas:
    """The areas of one code length inside ``area_code`` that the actor sees, and ``also``; one query."""
    areas = Area.objects.known_at(at).alias(code_length=Length("key"))
    wanted = Q(code_length=level) | Q(key__in=list(also))
    inside = areas.filter(published.within(area_code, "key") & wanted)
    return {area.key: area for area in inside.order_by("key") if actor.sees(area.key)}


def _deaths(disease: str, scope: str, level: int | None, window: Window) -> dict[str, Counter[date]] | None:
    if not window.deaths:
        return None
    return counted.deaths_by_day(
        disease, scope, at=window.at, through=window.through, since=window.since, level=level
    )


def _counted_span(disease: str, scope: str, window: Window) -> list[date]:
    first = counted.first_report_on(disease, scope, at=window.at)
    return counted.counted_days(first, through=window.through, since=window.since)
