"""Daily figures as they were published: totals and channels, complete bulletins, cumulative figures.

A figure of an area on a day is its row without channel, or the sum over channels where there is no such row;
the two are never added. A bulletin lists only the districts that have cases, so a district that it leaves out
has zero if the districts listed add up to the city's own figure, and is unknown otherwise.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet, Subquery
from django.db.models.functions import Length

from fangkong.core.areas import HOME_COUNTRY, parent_of
from fangkong.core.clock import days_between
from fangkong.record.access import Actor, inside_area, visible
from fangkong.record.models import DailyCount

from .values import (
    DIFFERENCE,
    FIRST_DAY,
    MISSING_DAY,
    NEGATIVE_STEP,
    REPORTED,
    DayFigures,
)

#: The publication that is read where an area has several.
OFFICIAL = "official"
CUMULATIVE = "_cumulative"
DAILY = ("confirmed", "asymptomatic", "deaths", "converted")
MEASURES = (*DAILY, *(measure + CUMULATIVE for measure in DAILY))
CONVERTED = "converted"

#: Bulletins book cases of no stated district under city number 00, which GB/T 2260 gives to no city.
_UNSTATED = Q(code_length=4, area_code__endswith="00")

Cell = dict[str, int]
Row = tuple[str, str, date, str, str, int, str]


@dataclass
class Sheet:
    """One publication's rows of one area: day -> measure -> channel -> value, and the sources of each day."""

    cells: dict[date, dict[str, Cell]] = field(default_factory=lambda: defaultdict(dict))
    sources: dict[date, set[str]] = field(default_factory=lambda: defaultdict(set))

    def figure(self, day: date, measure: str) -> int | None:
        """The total of a measure on a day: its row without channel, else the sum of its channels."""
        cell = self.cells[day].get(measure) if day in self.cells else None
        if cell is None:
            return None
        return cell[""] if "" in cell else sum(cell.values())


@dataclass
class Bulletin:
    """The sheets of an area's districts beside its own: do they add up, so that the rest have zero?"""

    parent: Sheet
    districts: dict[str, Sheet]
    _complete: dict[tuple[date, str], bool] = field(default_factory=dict)

    def sheets(self) -> list[Sheet]:
        """The districts' sheets and the area's own days of the same form: daily beside daily figures."""
        daily = any(_has_daily(cells) for sheet in self.districts.values() for cells in sheet.cells.values())
        own = {day: cells for day, cells in self.parent.cells.items() if _has_daily(cells) or not daily}
        return [Sheet(own), *self.districts.values()]

    def listed(self, day: date) -> bool:
        """True when the bulletin of the day lists any district."""
        return any(day in sheet.cells for sheet in self.districts.values())

    def complete(self, day: date, measure: str) -> bool:
        """True when the districts listed add up to the area's own figure of the measure."""
        known = self._complete.get((day, measure))
        if known is None:
            whole = self.parent.figure(day, measure)
            listed = sum(sheet.figure(day, measure) or 0 for sheet in self.districts.values())
            known = self._complete[day, measure] = whole == listed
        return known

    def sources(self, day: date) -> set[str]:
        """The sources of all districts listed on the day."""
        return set().union(*(sheet.sources.get(day, set()) for sheet in self.districts.values()))


@dataclass
class Publication:
    """What was published for an area (``own``) and for its districts that the reader sees (``shown``)."""

    own: Sheet
    shown: dict[str, Sheet]
    bulletin: Bulletin

    @property
    def level(self) -> int | None:
        """Code length of the districts; None without any."""
        return max((len(code) for code in self.bulletin.districts), default=None)

    def area_days(self, since: date | None) -> list[DayFigures]:
        """The area's own days, without a gap; empty when nothing was published for it."""
        return day_figures(self.own, None, _span(self.own, since=since))

    def district_days(self, also: Iterable[str], since: date | None) -> dict[str, list[DayFigures]]:
        """District code -> its days, for the districts shown and ``also`` those that no row names."""
        span = _span(*self.bulletin.sheets(), since=since)
        codes = sorted({*self.shown, *also})
        return {code: day_figures(self.shown.get(code, Sheet()), self.bulletin, span) for code in codes}


@dataclass(frozen=True)
class Paper:
    """The rows of an area and of its districts, read once for whatever days are asked of them.

    Attributes:
        rows: what the reader sees.
        whole: the same rows whoever reads, to know which bulletins are complete.
    """

    area_code: str
    rows: list[Row]
    whole: list[Row]

    @property
    def district_series(self) -> str:
        """The publication that the districts' figures are from; "" without any."""
        chosen = _one_series([row for row in self.rows if row[1] != self.area_code])
        return chosen[0][0] if chosen else ""

    def publication(self, since: date | None, through: date) -> Publication:
        """The publication of the days from ``since`` to ``through``; at most those that were read."""
        own, inner = _split(_recent(self.rows, since, through), self.area_code)
        if self.whole is self.rows:
            return Publication(own, inner, Bulletin(own, inner))
        whole = _split(_recent(self.whole, since, through), self.area_code)
        return Publication(own, inner, Bulletin(*whole))


def paper(
    disease: str, area_code: str, *, actor: Actor, at: datetime, through: date, since: date | None
) -> Paper:
    """The paper of an area and of its districts: the widest areas inside with figures.

    One query; a second for a reader who sees districts but not the area.
    """
    areas = Q(area_code=area_code) | _inner(disease, area_code, at=at)
    rows = _rows(disease, areas, actor, at=at, through=through, since=since)
    if actor.sees(area_code):
        return Paper(area_code, rows, rows)
    return Paper(area_code, rows, _rows(disease, areas, None, at=at, through=through, since=since))


@dataclass(frozen=True)
class AreaPaper:
    """The rows of one area alone, and those of the area around it that publishes figures."""

    area_code: str
    own: list[Row]
    parent: str
    around: list[Row]

    @property
    def series(self) -> str:
        """The publication whose figures the days are; "" without any."""
        chosen = _one_series(self.own) or _one_series(self.around)
        return chosen[0][0] if chosen else ""

    @property
    def daily_series(self) -> str:
        """The publication of the area's own daily figures of cases; "" where it has none or cumulative ones only."""
        chosen = _one_series([row for row in self.own if row[3] in DAILY])
        return chosen[0][0] if chosen else ""

    @property
    def cumulative_series(self) -> str:
        """The publication of the area's own running totals of confirmed cases; "" without any."""
        chosen = _one_series([row for row in self.own if row[3] == DAILY[0] + CUMULATIVE])
        return chosen[0][0] if chosen else ""

    def totals(self) -> dict[str, int]:
        """Measure -> its last running total, of measures of which no daily figures are published."""
        sheet, _ = _split(self.own, self.area_code)
        found: dict[str, int] = {}
        for measure in DAILY:
            days = [day for day, cells in sheet.cells.items() if measure + CUMULATIVE in cells]
            if days and not any(measure in cells for cells in sheet.cells.values()):
                total = sheet.figure(max(days), measure + CUMULATIVE)
                assert total is not None, "the day has the figure"
                found[measure] = total
        return found

    def days(self, since: date | None, through: date) -> list[DayFigures] | None:
        """The published days from ``since`` on, with those that the bulletins of the area around imply.

        None when nothing was published for the area.
        """
        own, _ = _split(_recent(self.own, since, through), self.area_code)
        bulletin = Bulletin(*_split(_recent(self.around, since, through), self.parent))
        if bulletin.districts:
            # City and districts are one paper and share its days; country and province are not.
            beside = [] if self.parent == HOME_COUNTRY else bulletin.sheets()
            return day_figures(own, bulletin, _span(own, *beside, since=since))
        return day_figures(own, None, _span(own, since=since)) if own.cells else None


def area_paper(
    disease: str, area_code: str, *, actor: Actor, at: datetime, through: date, since: date | None
) -> AreaPaper:
    """The paper of one area; at most three queries."""
    asked: dict[str, Any] = {"at": at, "through": through, "since": since}
    own = _rows(disease, Q(area_code=area_code), actor, **asked)
    parent = _publishing_parent(disease, area_code, at=at)
    # A country's bulletin lists provinces; an area that it never names is not among those it speaks of.
    if parent is None or not (own or parent != HOME_COUNTRY):
        return AreaPaper(area_code, own, "", [])
    siblings = inside_area(parent) & (Q(code_length=len(area_code)) | _UNSTATED)
    around = _rows(disease, siblings | Q(area_code=parent), None, **asked)
    return AreaPaper(area_code, own, parent, around)


def _recent(rows: list[Row], since: date | None, through: date) -> list[Row]:
    """Those of ``rows`` that ``_rows`` gives for a narrower span of days."""
    known = [row for row in rows if row[2] <= through]
    if since is None or not known:
        return known
    last = max(row[2] for row in known)
    return [row for row in known if row[2] >= since - timedelta(days=1) or row[2] == last]


def day_figures(sheet: Sheet, bulletin: Bulletin | None, days: Iterable[date]) -> list[DayFigures]:
    """The figures of ``days`` from a sheet, with the zeros that a complete bulletin implies."""
    return [_day(sheet, bulletin, day) for day in days]


def _day(sheet: Sheet, bulletin: Bulletin | None, day: date) -> DayFigures:
    figures: dict[str, int | None] = {}
    derived: dict[str, str] = {}
    sources = set(sheet.sources.get(day, ()))
    implied = False
    for measure in DAILY:
        figures[measure] = sheet.figure(day, measure)
        if figures[measure] is not None:
            continue
        if sheet.figure(day, measure + CUMULATIVE) is not None:
            figures[measure], derived[measure] = _difference(sheet, day, measure)
        elif bulletin and bulletin.listed(day) and bulletin.complete(day, measure):
            figures[measure], implied = 0, True
    if implied and bulletin:
        sources |= bulletin.sources(day)
    if figures[CONVERTED] is None:
        figures[CONVERTED] = _converted(sheet, day, figures["confirmed"])
    known = day in sheet.cells or implied
    if not known:
        return DayFigures(day)
    return DayFigures(
        day=day,
        confirmed=figures["confirmed"],
        asymptomatic=figures["asymptomatic"],
        deaths=figures["deaths"],
        converted=figures[CONVERTED],
        status=REPORTED,
        sources=sorted(sources),
        channels=_channels(sheet, day, figures),
        derived=derived,
    )


def _difference(sheet: Sheet, day: date, measure: str) -> tuple[int | None, str]:
    """The step of a cumulative figure since the day before, and how it came about."""
    today = sheet.figure(day, measure + CUMULATIVE) or 0
    before = sheet.figure(day - timedelta(days=1), measure + CUMULATIVE)
    if before is None:
        first = min((d for d, cells in sheet.cells.items() if measure + CUMULATIVE in cells), default=None)
        return None, FIRST_DAY if day == first else MISSING_DAY
    if today < before:
        return None, NEGATIVE_STEP
    return today - before, DIFFERENCE


def _converted(sheet: Sheet, day: date, confirmed: int | None) -> int | None:
    """Those of the confirmed that were asymptomatic before, where the channels of the day tell."""
    if confirmed == 0:
        return 0
    cell = sheet.cells[day].get("confirmed", {}) if day in sheet.cells else {}
    named = {channel for channel in cell if channel}
    return cell.get(CONVERTED, 0) if named else None


def _channels(sheet: Sheet, day: date, figures: dict[str, int | None]) -> dict[str, int | None]:
    """Infections by channel, adding up to confirmed plus asymptomatic; those without one under ""."""
    totals: Counter[str] = Counter()
    for measure in ("confirmed", "asymptomatic"):
        total = figures[measure]
        if total is None:
            continue
        cell = sheet.cells[day].get(measure, {}) if day in sheet.cells else {}
        named = {channel: value for channel, value in cell.items() if channel}
        left = total - sum(named.values())
        converted = figures[CONVERTED]
        if measure == "confirmed" and named and CONVERTED not in named and converted and left >= converted:
            named[CONVERTED] = converted
            left -= converted
        if left > 0:
            named[""] = left
        totals.update(named)
    return dict(totals)


def _rows(
    disease: str, areas: Q, actor: Actor | None, *, at: datetime, through: date, since: date | None
) -> list[Row]:
    """The rows of the areas.

    Without actor they serve ``Bulletin`` only, which hands out no figure: whether a bulletin is complete is a
    property of the paper, not of its reader, and a district reads the same whoever asks.
    """
    rows = _published(disease, at=at).alias(code_length=Length("area_code")).filter(areas, day__lte=through)
    if actor is not None:
        rows = visible(rows, actor)
    if since is not None:
        # A cumulative figure needs the day before; the last day shows that figures exist at all.
        last = rows.order_by("-day").values("day")[:1]
        rows = rows.filter(Q(day__gte=since - timedelta(days=1)) | Q(day=Subquery(last)))
    return list(rows.values_list("series", "area_code", "day", "measure", "channel", "value", "source_key"))


def _published(disease: str, *, at: datetime) -> QuerySet[DailyCount]:
    return DailyCount.objects.known_at(at).filter(disease=disease, measure__in=MEASURES)


def _inner(disease: str, area_code: str, *, at: datetime) -> Q:
    """The condition that a row belongs to the widest areas inside ``area_code`` that have figures."""
    inside = _published(disease, at=at).alias(code_length=Length("area_code")).filter(inside_area(area_code))
    stated = inside.exclude(area_code=area_code).exclude(_UNSTATED)
    level = Subquery(stated.annotate(length=F("code_length")).order_by("length").values("length")[:1])
    unstated = _UNSTATED & Q(code_length__lt=level)
    return inside_area(area_code) & ~Q(area_code=area_code) & (Q(code_length=level) | unstated)


def _publishing_parent(disease: str, area_code: str, *, at: datetime) -> str | None:
    """The nearest area around ``area_code`` that publishes figures of its own; None without one."""
    ancestors, code = [], parent_of(area_code)
    while code:
        ancestors.append(code)
        code = parent_of(code)
    if not ancestors:
        return None
    publishing = _published(disease, at=at).filter(area_code__in=ancestors)
    return min(publishing.values_list("area_code", flat=True).distinct(), key=ancestors.index, default=None)


def _split(rows: list[Row], parent: str) -> tuple[Sheet, dict[str, Sheet]]:
    """The sheet of the area itself and those of the areas inside, each from one publication."""
    whole = _sheets(_one_series([row for row in rows if row[1] == parent])).get(parent, Sheet())
    return whole, _sheets(_one_series([row for row in rows if row[1] != parent]))


def _has_daily(cells: dict[str, Cell]) -> bool:
    return any(measure in DAILY for measure in cells)


def _one_series(rows: list[Row]) -> list[Row]:
    """The rows of one publication: the official one, else the one with most rows."""
    sizes = Counter(row[0] for row in rows)
    if not sizes:
        return []
    chosen = OFFICIAL if OFFICIAL in sizes else min(sizes, key=lambda name: (-sizes[name], name))
    return [row for row in rows if row[0] == chosen]


def _sheets(rows: list[Row]) -> dict[str, Sheet]:
    sheets: dict[str, Sheet] = defaultdict(Sheet)
    for _, area_code, day, measure, channel, value, source in rows:
        sheet = sheets[area_code]
        sheet.cells[day].setdefault(measure, {})[channel] = value
        sheet.sources[day].add(source)
    return dict(sheets)


def _span(*sheets: Sheet, since: date | None) -> list[date]:
    days = [day for sheet in sheets for day in sheet.cells]
    if not days:
        return []
    first = min(days) if since is None else max(min(days), since)
    return days_between(first, max(days))
