"""Daily series by disease, district, age group and channel as one table, as the record knew them at an instant.

Cases are counted by the day of report or of onset; published figures stand as they are. Set-based: the number of
queries grows neither with districts nor with diseases that are counted, and by a few for each that is published.
A cell is NaN where nothing is known: before the register of the disease was opened, on days not published.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
from django.db.models import Count, F, Min, QuerySet, Value
from django.db.models.functions import Substr
from numpy.typing import NDArray

from fangkong.core.clock import days_between
from fangkong.record.access import inside_area, visible
from fangkong.record.models import Case, DailyCount

from . import published
from .age_groups import age_group
from .counted import INFECTED, counted_cases, counted_scope, split_level
from .estimates import basis_of, incidence
from .series import Figures, Window, gazetteer
from .values import COUNTED, PUBLISHED, DayFigures

FloatArray = NDArray[np.float64]

#: By which day of the case it is counted -> the field that holds it.
REPORT, ONSET = "report", "onset"
DAY_FIELDS = {REPORT: "reported_on", ONSET: "onset_on"}

#: What a table can be split by besides disease and area.
AGE_GROUP, CHANNEL = "age_group", "channel"
SPLITS = (AGE_GROUP, CHANNEL)

#: The channel of cases of which nobody said how they were found.
UNSTATED = "unknown"


@dataclass(frozen=True, slots=True, order=True)
class SeriesKey:
    """Which series: "" as age group or channel means all of them together."""

    disease: str
    area_code: str
    age_group: str = ""
    channel: str = ""


@dataclass(frozen=True)
class SeriesTable:
    """Daily counts of many series, all over the same days.

    Attributes:
        keys: one for each row of ``counts``, sorted.
        days: one for each column, without a gap.
        counts: new cases, ``[series, day]``; NaN where nothing is known.
        origins: "counted" or "published", one for each row.
        publications: disease -> the publication that its published rows come from.
        day_of: "report" or "onset": by which day cases are counted; published figures have the day they were given.
    """

    keys: list[SeriesKey]
    days: list[date]
    counts: FloatArray
    origins: list[str]
    day_of: str
    publications: Mapping[str, str] = field(default_factory=dict)

    def rows(self, wanted: Iterable[str]) -> list[int]:
        """The positions of the rows of some diseases."""
        diseases = set(wanted)
        return [n for n, key in enumerate(self.keys) if key.disease in diseases]

    @property
    def diseases(self) -> list[str]:
        """The diseases that the table holds, sorted."""
        return sorted({key.disease for key in self.keys})


def series_table(
    area_code: str,
    window: Window,
    *,
    diseases: Sequence[str] | None = None,
    by: Sequence[str] = (),
    day_of: str = REPORT,
    whole: bool = False,
    opened: Mapping[str, date] | None = None,
) -> SeriesTable:
    """The series of every disease in the districts of an area, or (``whole``) in the area itself.

    Arguments:
        window: whose reading, known when, from which day to which; ``since`` is needed.
        diseases: only these; None for all that the record knows there.
        by: what the districts are split by besides: "age_group", "channel". Published figures have no ages, so a
            table by age group holds counted cases only.
        day_of: "report" or "onset".
        opened: disease -> the day since when its register has been kept, where the office says so: from then on a day
            without a case is zero. Otherwise zero begins with the first case of the disease in the area.

    A disease is read from its published figures where the area has them, else its cases are counted; never both. An
    area without districts, and one of which no figure and no case says the district, stands there itself.
    """
    since = window.since
    assert since is not None, "a table has a first day"
    days = days_between(since, window.through)
    builder = _Builder(days, day_of)
    level = None if whole else split_level(area_code)
    paper = [] if AGE_GROUP in by else _published_diseases(area_code, window, diseases)
    for disease in paper:
        _add_published(builder, disease, area_code, window, by, whole)
    _add_counted(builder, area_code, window, diseases, by, level, opened or {})
    return builder.table()


@dataclass
class _Builder:
    days: list[date]
    day_of: str
    rows: dict[SeriesKey, FloatArray] = field(default_factory=dict)
    origins: dict[SeriesKey, str] = field(default_factory=dict)
    publications: dict[str, str] = field(default_factory=dict)

    def row(self, key: SeriesKey, origin: str, *, known_from: int) -> FloatArray:
        """The row of ``key``, begun with NaN up to position ``known_from`` and zero from there on."""
        if key not in self.rows:
            values = np.zeros(len(self.days))
            values[:known_from] = np.nan
            self.rows[key], self.origins[key] = values, origin
        return self.rows[key]

    def table(self) -> SeriesTable:
        keys = sorted(self.rows)
        counts = np.stack([self.rows[key] for key in keys]) if keys else np.zeros((0, len(self.days)))
        origins = [self.origins[key] for key in keys]
        return SeriesTable(keys, self.days, counts, origins, self.day_of, self.publications)


def _published_diseases(area_code: str, window: Window, diseases: Sequence[str] | None) -> list[str]:
    rows = DailyCount.objects.known_at(window.at).filter(
        inside_area(area_code), measure__in=published.MEASURES, day__lte=window.through
    )
    if diseases is not None:
        rows = rows.filter(disease__in=list(diseases))
    return sorted(visible(rows, window.actor).order_by().values_list("disease", flat=True).distinct())


def _add_published(
    builder: _Builder, disease: str, area_code: str, window: Window, by: Sequence[str], whole: bool
) -> None:
    figures = Figures(disease, area_code, window)
    if whole:
        days, origin = figures.area_days(window.since, deaths=False)
        found = {area_code: days} if origin == PUBLISHED else {}
        builder.publications[disease] = figures.series
    else:
        districts = figures.district_days(window.since, window.through, deaths=False)
        found = districts.days if districts.origin == PUBLISHED else {}
        builder.publications[disease] = figures.district_publication
        if not found and not _has_cases(disease, area_code, window):
            # Figures of the area alone: it is watched itself, or it would not be watched at all.
            days, origin = figures.area_days(window.since, deaths=False)
            found = {area_code: days} if origin == PUBLISHED and window.actor.sees(area_code) else {}
            builder.publications[disease] = figures.series
    for code, days in found.items():
        _add_days(builder, disease, code, days, by)


def _has_cases(disease: str, area_code: str, window: Window) -> bool:
    """Whether any case of the disease can be counted in the area."""
    return counted_cases(disease, area_code, at=window.at).exists()


def _add_days(builder: _Builder, disease: str, code: str, days: list[DayFigures], by: Sequence[str]) -> None:
    basis, first = basis_of(days), builder.days[0]
    end = len(builder.days)
    if CHANNEL not in by:
        row = builder.row(SeriesKey(disease, code), PUBLISHED, known_from=end)
        for day in days:
            count = incidence(day, basis)
            if count is not None and 0 <= (day.day - first).days < end:
                row[(day.day - first).days] = count
        return
    channels = sorted({channel for day in days for channel in day.channels})
    for channel in channels:
        key = SeriesKey(disease, code, "", channel or UNSTATED)
        row = builder.row(key, PUBLISHED, known_from=end)
        for day in days:
            if incidence(day, basis) is not None and 0 <= (day.day - first).days < end:
                row[(day.day - first).days] = day.channels.get(channel) or 0


def _add_counted(
    builder: _Builder,
    area_code: str,
    window: Window,
    diseases: Sequence[str] | None,
    by: Sequence[str],
    level: int | None,
    opened: Mapping[str, date],
) -> None:
    scope = counted_scope(area_code, window.actor)
    if scope is None:
        return
    name = DAY_FIELDS[builder.day_of]
    cases = Case.objects.known_at(window.at).filter(
        inside_area(scope), classification__in=INFECTED, **{f"{name}__lte": window.through}
    )
    done = {key.disease for key in builder.rows}
    if diseases is not None:
        cases = cases.filter(disease__in=[disease for disease in diseases if disease not in done])
    elif done:
        cases = cases.exclude(disease__in=done)
    began = dict(cases.order_by().values_list("disease").annotate(first=Min(name)))
    asked = set(opened) if diseases is None else set(opened) & set(diseases)
    began |= {disease: opened[disease] for disease in asked - done}
    first = builder.days[0]
    found = _tallied(cases.filter(**{f"{name}__gte": first}), name, by, level, scope)
    codes = {disease: [scope] for disease in began}
    if level is not None:
        listed = gazetteer(area_code, level, (), actor=window.actor, at=window.at)
        placed = {key.area_code for key, _ in found if len(key.area_code) == level}
        # Where nobody said the district of any case, zero in every district would be a lie: the area stands itself.
        unplaced = {key.disease for key, _ in found} - {
            key.disease for key, _ in found if len(key.area_code) == level
        }
        districts = sorted({*listed, *placed})
        codes |= {disease: districts for disease in began if districts and disease not in unplaced}
    strata: dict[str, set[tuple[str, str]]] = {disease: set() if by else {("", "")} for disease in began}
    for key, _ in found:
        strata[key.disease].add((key.age_group, key.channel))
    for disease, day in began.items():
        known_from = min(max(0, (day - first).days), len(builder.days))
        for code in codes[disease]:
            for group, channel in strata[disease]:
                builder.row(SeriesKey(disease, code, group, channel), COUNTED, known_from=known_from)
    for (key, on), n in found.items():
        if key in builder.rows:
            row = builder.rows[key]
            place = (on - first).days
            row[place] = n if np.isnan(row[place]) else row[place] + n


def _tallied(
    cases: QuerySet[Case], name: str, by: Sequence[str], level: int | None, area_code: str
) -> dict[tuple[SeriesKey, date], int]:
    """Cases by series and day; one query."""
    area = Value(area_code) if level is None else Substr("area_code", 1, level)
    age = F("age_years") if AGE_GROUP in by else Value(-1)
    channel = F("channel") if CHANNEL in by else Value("")
    rows = cases.order_by().values_list("disease", area, name, age, channel).annotate(n=Count("pk"))
    found: dict[tuple[SeriesKey, date], int] = {}
    for disease, code, on, years, how, n in rows:
        group = age_group(years) if AGE_GROUP in by else ""
        key = SeriesKey(disease, code, group, (how or UNSTATED) if CHANNEL in by else "")
        found[key, on] = found.get((key, on), 0) + n
    return found


def weekly(table: SeriesTable) -> SeriesTable:
    """The table by weeks from Monday to Sunday, the whole ones only; ``days`` are their last days, the Sundays.

    A week with a day of which nothing is known is NaN: six days are no week.
    """
    if not table.days:
        return table
    lead = (7 - table.days[0].weekday()) % 7
    weeks = max(0, (len(table.days) - lead) // 7)
    inside = table.counts[:, lead : lead + 7 * weeks].reshape(len(table.keys), weeks, 7)
    ends = [table.days[0] + timedelta(days=lead + 7 * week + 6) for week in range(weeks)]
    return SeriesTable(table.keys, ends, inside.sum(axis=2), table.origins, table.day_of, table.publications)
