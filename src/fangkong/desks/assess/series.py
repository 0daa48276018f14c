"""Which figures an area has, published or counted, and the days that they make."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from django.db.models import Q
from django.db.models.functions import Length

from fangkong.record.access import Actor
from fangkong.record.installation import installation
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


@dataclass(frozen=True)
class DistrictDays:
    """District code -> its days, whether published or counted, and the districts that the gazetteer knows."""

    days: dict[str, list[DayFigures]]
    origin: str
    areas: Areas


class Figures:
    """The figures of one area and of its districts, known at one instant.

    Each query is made when it is first needed and never again, however many series are asked for: a board
    reads the same cases for a curve, an estimate and a map. What is asked for lies within the window.
    """

    def __init__(self, disease: str, area_code: str, window: Window) -> None:
        self.disease, self.area_code, self.window = disease, area_code, window
        self.level = counted.split_level(area_code)
        self.scope = counted.counted_scope(area_code, window.actor)

    def area_days(self, since: date | None, *, deaths: bool) -> tuple[list[DayFigures], str]:
        """(the days of the area, "published" or "counted"); at most six queries.

        Without ``deaths`` those of counted cases stay unknown: one query less.
        """
        through = self.window.through
        days = self._area_paper.days(since, through)
        if days is not None:
            return days, PUBLISHED
        total = counted.total_by_day(counted.between(self._counts, since, through))
        dead = self._deaths(None, since, through) if deaths else None
        by_day = None if dead is None else dead.get(self.area_code, Counter())
        return counted.count_figures(total, by_day, self._span(since, through)), COUNTED

    @property
    def series(self) -> str:
        """The publication that ``area_days`` reads; "" where cases are counted."""
        return self._area_paper.series

    @property
    def daily_publication(self) -> str:
        """The publication of the area's own daily figures; "" without any."""
        return self._area_paper.daily_series

    @property
    def cumulative_publication(self) -> str:
        """The publication of the area's own running totals of cases; "" without any."""
        return self._area_paper.cumulative_series

    def totals(self) -> dict[str, int]:
        """Measure -> the area's last running total of it, where it publishes totals and no daily figures."""
        return self._area_paper.totals()

    @property
    def district_publication(self) -> str:
        """The publication that ``district_days`` reads; "" where cases are counted."""
        return self._paper.district_series

    def district_days(self, since: date | None, through: date, *, deaths: bool) -> DistrictDays:
        """The days of every district that the actor sees; at most six queries for all of them."""
        publication = self._paper.publication(since, through)
        if publication.level is not None:
            areas = self._gazetteer(publication.level, publication.shown)
            return DistrictDays(publication.district_days(areas, since), PUBLISHED, areas)
        if self.level is None or self.scope is None:
            return DistrictDays({}, COUNTED, {})
        areas = self._gazetteer(self.level, ())
        counts = counted.between(self._counts, since, through)
        dead = self._deaths(self.level, since, through) if deaths else None
        codes = sorted({code for code in counts if len(code) == self.level} | set(areas))
        span = self._span(since, through)
        return DistrictDays(counted_by_district(codes, counts, dead, span), COUNTED, areas)

    def area_curve(self, since: date | None) -> tuple[list[DayFigures], str]:
        """(the area's own days for a curve, "published" or "counted"); never those that bulletins imply."""
        publication = self._paper.publication(since, self.window.through)
        if publication.own.cells:
            return publication.area_days(since), PUBLISHED
        total = counted.total_by_day(counted.between(self._counts, since, self.window.through))
        return counted.count_figures(total, None, self._curve_span(total, since)), COUNTED

    def district_curves(self, since: date | None) -> tuple[dict[str, list[DayFigures]], str]:
        """(district code -> its days for a curve, "published" or "counted"); those that a figure names."""
        found = self._paper.publication(since, self.window.through).district_days((), since)
        if found or self.level is None or self.scope is None:
            return found, PUBLISHED
        counts = counted.between(self._counts, since, self.window.through)
        span = self._curve_span(counted.total_by_day(counts), since)
        codes = sorted(code for code in counts if len(code) == self.level)
        return counted_by_district(codes, counts, None, span), COUNTED

    @cached_property
    def late(self) -> int:
        """How many last days of counted cases are not complete yet."""
        at, through, zone = self.window.at, self.window.through, installation().zone
        return counted.incomplete_days(self.disease, self._counted, at=at, through=through, zone=zone)

    @property
    def _counted(self) -> str:
        """The scope, where cases may be counted."""
        assert self.scope is not None, "asked only of areas whose cases the actor may count"
        return self.scope

    @cached_property
    def _paper(self) -> published.Paper:
        return published.paper(self.disease, self.area_code, **vars(self.window))

    @cached_property
    def _area_paper(self) -> published.AreaPaper:
        return published.area_paper(self.disease, self.area_code, **vars(self.window))

    @cached_property
    def _counts(self) -> counted.Counts:
        at, through, since = self.window.at, self.window.through, self.window.since
        return counted.count_by_day(
            self.disease, self._counted, at=at, through=through, since=since, level=self.level
        )

    @cached_property
    def _first_report_on(self) -> date | None:
        return counted.first_report_on(self.disease, self._counted, at=self.window.at)

    def _span(self, since: date | None, through: date) -> list[date]:
        return counted.counted_days(self._first_report_on, through=through, since=since)

    def _curve_span(self, total: Iterable[date], since: date | None) -> list[date]:
        return counted.counted_days(min(total, default=None), through=self.window.through, since=since)

    def _deaths(self, level: int | None, since: date | None, through: date) -> dict[str, Counter[date]]:
        at = self.window.at
        return counted.deaths_by_day(
            self.disease, self._counted, at=at, through=through, since=since, level=level
        )

    def _gazetteer(self, level: int, also: Iterable[str]) -> Areas:
        actor, at = self.window.actor, self.window.at
        return gazetteer(self.area_code, level, also, actor=actor, at=at)


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
    inside = areas.filter(published.inside_area(area_code, "key") & wanted)
    return {area.key: area for area in inside.order_by("key") if actor.sees(area.key)}
