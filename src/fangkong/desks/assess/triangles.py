"""Reporting triangles: how many cases of a reference day were added or taken back on each later day.

Read from the versions of the record, so a triangle holds what was known on each day and nothing of what came after:
a case that is excluded later, or moved to another day, is taken back on the day on which that became known.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from django.db.models import Count, Sum, Value
from django.db.models.functions import Substr

from fangkong.core.clock import FAR_FUTURE, civil_day
from fangkong.record.access import Actor, inside_area, visible
from fangkong.record.installation import Installation
from fangkong.record.models import Case, DailyCount

from .counted import INFECTED
from .parameters import parameters
from .strata import DAY_FIELDS, FloatArray
from .values import COUNTED, PUBLISHED

#: One version that counted: area, reference day, known from, known to, how many.
_Row = tuple[str, date, datetime, datetime, int]


@dataclass(frozen=True)
class Triangle:
    """Cases by area, reference day and delay.

    Attributes:
        areas: one for each triangle.
        first_on: the first reference day; the last is ``known_on``.
        known_on: the last civil day whose knowledge is in it, to its close.
        counts: added on the delay's day less those taken back, ``[area, reference day, delay]``; NaN where that
            day has not come. The last delay is ``longest_delay_days`` in ``parameters.toml``.
        beyond: cases of these days that were added later than the longest delay (files of the past), less those
            taken back: left out.
        undated: cases without a reference day (no onset known); left out.
        reference: "onset" or "report", or "published" for figures by the day they speak of.
        origin: "counted" or "published".
    """

    areas: list[str]
    first_on: date
    known_on: date
    counts: FloatArray
    beyond: int
    undated: int
    reference: str
    origin: str

    @property
    def days(self) -> list[date]:
        """The reference days."""
        return [self.first_on + timedelta(days=n) for n in range(self.counts.shape[1])]

    @property
    def total(self) -> FloatArray:
        """What is known of each reference day by now, ``[area, reference day]``."""
        return np.asarray(np.nansum(self.counts, axis=2))

    def as_of(self, day: date) -> Triangle:
        """The triangle as it stood at the close of an earlier day: no reference day and no report after it.

        >>> from datetime import date
        >>> cells = np.array([[[3.0, 2.0], [4.0, np.nan]]])
        >>> now = Triangle(["9901"], date(2022, 4, 1), date(2022, 4, 2), cells, 0, 0, "onset", "counted")
        >>> now.as_of(date(2022, 4, 1)).counts.tolist()
        [[[3.0, nan]]]
        """
        keep = max(0, min(self.counts.shape[1], (day - self.first_on).days + 1))
        counts = self.counts[:, :keep].copy()
        _blank_future(counts, self.first_on, day)
        return replace(self, known_on=min(day, self.known_on), counts=counts)

    def without(self, days: Iterable[date]) -> Triangle:
        """The triangle with some days unknown: nobody reported them, and that is not zero."""
        counts = self.counts.copy()
        for day in days:
            if 0 <= (day - self.first_on).days < counts.shape[1]:
                counts[:, (day - self.first_on).days] = np.nan
        return replace(self, counts=counts)

    def since(self, day: date) -> Triangle:
        """The triangle from a later first reference day on."""
        skip = max(0, min(self.counts.shape[1], (day - self.first_on).days))
        return replace(self, first_on=self.first_on + timedelta(days=skip), counts=self.counts[:, skip:])


def known_day(at: datetime, through: date, here: Installation) -> date:
    """The last day up to ``through`` of which all is known at ``at``: a day that still runs has not been reported."""
    today = civil_day(at, here.zone)
    closed = today if here.close_of(today) <= at else today - timedelta(days=1)
    return min(through, closed)


def counted_triangle(
    disease: str,
    scope: str,
    *,
    here: Installation,
    at: datetime,
    known_on: date,
    since: date,
    reference: str,
    level: int | None = None,
) -> Triangle:
    """The triangle of the infections counted in ``scope``, or of each area of ``level`` digits in it; two queries."""
    name = DAY_FIELDS[reference]
    rows = Case.objects.filter(
        inside_area(scope),
        disease=disease,
        classification__in=INFECTED,
        known_from__lte=min(at, here.close_of(known_on)),
    )
    undated = rows.known_at(at).filter(**{name: None}).count() if reference != "report" else 0
    area = Value(scope) if level is None else Substr("area_code", 1, level)
    dated = rows.filter(**{f"{name}__gte": since, f"{name}__lte": known_on})
    found = dated.order_by().values_list(area, name, "known_from", "known_to").annotate(n=Count("pk"))
    return _triangle(
        found, undated, here, known_on, since, reference, COUNTED, [scope] if level is None else None
    )


def published_triangle(
    disease: str,
    area_codes: Iterable[str],
    *,
    series: str,
    measures: Iterable[str],
    actor: Actor,
    here: Installation,
    at: datetime,
    known_on: date,
    since: date,
) -> Triangle:
    """The triangle of daily figures as they were published and revised; one query.

    ``measures`` are added up; a figure stands in its row without channel, or else in the sum of its channels.
    """
    codes = sorted(area_codes)
    rows = DailyCount.objects.filter(
        day__gte=since,
        day__lte=known_on,
        disease=disease,
        series=series,
        area_code__in=codes,
        measure__in=list(measures),
        known_from__lte=min(at, here.close_of(known_on)),
    )
    listed = list(
        visible(rows, actor)
        .order_by()
        .values_list("area_code", "day", "known_from", "known_to", "measure", "channel")
        .annotate(n=Sum("value"))
    )
    whole = {(code, day, measure) for code, day, _, _, measure, channel, _ in listed if not channel}
    found = [
        (code, day, since_at, until, n)
        for code, day, since_at, until, measure, channel, n in listed
        if not channel or (code, day, measure) not in whole
    ]
    return _triangle(found, 0, here, known_on, since, PUBLISHED, PUBLISHED, codes)


def cumulative_triangle(
    disease: str,
    area_code: str,
    *,
    series: str,
    measure: str,
    actor: Actor,
    here: Installation,
    at: datetime,
    known_on: date,
    since: date,
) -> Triangle:
    """The triangle of the steps of a running total as it was published and revised; one query.

    A step is known once both of its days are. One that is not known, or goes down, is NaN for every delay: nobody has
    reported that day, which is not zero.
    """
    rows = DailyCount.objects.filter(
        day__gte=since - timedelta(days=1),
        day__lte=known_on,
        disease=disease,
        series=series,
        area_code=area_code,
        measure=measure,
        known_from__lte=min(at, here.close_of(known_on)),
    )
    listed = visible(rows, actor).order_by("known_from").values_list("day", "known_from", "channel", "value")
    found = list(listed)
    whole = {day for day, _, channel, _ in found if not channel}
    longest = int(parameters("triangle")["longest_delay_days"])
    length = max(0, (known_on - since).days + 1)
    channels: dict[str, FloatArray] = {}
    days = _Days(here.zone)
    for day, known_from, channel, value in found:
        if channel and day in whole:
            continue
        # A version holds from the day on which it became known until the next one: later rows write over it.
        known = np.full((length + 1, longest + 2), np.nan)
        total = channels.setdefault(channel, known)
        delay = max(0, (days.of(known_from) - day).days)
        total[(day - since).days + 1, delay:] = value
    if not channels:
        return Triangle(
            [area_code],
            since,
            known_on,
            np.full((1, length, longest + 1), np.nan),
            0,
            0,
            PUBLISHED,
            PUBLISHED,
        )
    stacked = np.stack(list(channels.values()))
    totals = np.where(np.isnan(stacked).all(axis=0), np.nan, np.nansum(stacked, axis=0))
    # The day before has been known one day longer when a day is known for as long.
    steps = totals[1:, : longest + 1] - totals[:-1, 1 : longest + 2]
    counts = np.diff(np.nan_to_num(steps), axis=1, prepend=0.0)
    last = np.array([min(longest, (known_on - since).days - n) for n in range(length)], dtype=np.int64)
    final = steps[np.arange(length), last]
    counts[np.isnan(final) | (final < 0)] = np.nan
    _blank_future(counts[None], since, known_on)
    return Triangle([area_code], since, known_on, counts[None], 0, 0, PUBLISHED, PUBLISHED)


def _triangle(
    rows: Iterable[Any],
    undated: int,
    here: Installation,
    known_on: date,
    since: date,
    reference: str,
    origin: str,
    areas: list[str] | None,
) -> Triangle:
    found: list[_Row] = list(rows)
    codes = areas if areas is not None else sorted({row[0] for row in found})
    place = {code: n for n, code in enumerate(codes)}
    longest = int(parameters("triangle")["longest_delay_days"])
    counts = np.zeros((len(codes), max(0, (known_on - since).days + 1), longest + 1))
    days = _Days(here.zone)
    beyond = 0
    for code, on, known_from, known_to, n in found:
        changes = [(days.of(known_from), n)]
        # A version that was closed is taken back; where another of the same day follows, that one adds it again.
        if known_to < FAR_FUTURE and days.of(known_to) <= known_on:
            changes.append((days.of(known_to), -n))
        for changed_on, change in changes:
            delay = (changed_on - on).days
            if delay > longest:
                beyond += change
            else:
                counts[place[code], (on - since).days, max(0, delay)] += change
    _blank_future(counts, since, known_on)
    return Triangle(codes, since, known_on, counts, beyond, undated, reference, origin)


class _Days:
    """Civil days of instants, each worked out once: a file's rows share theirs."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone, self._found = zone, dict[datetime, date]()

    def of(self, instant: datetime) -> date:
        """The civil day on which ``instant`` falls."""
        if instant not in self._found:
            self._found[instant] = civil_day(instant, self._zone)
        return self._found[instant]


def _blank_future(counts: FloatArray, first_on: date, day: date) -> None:
    """NaN wherever reference day and delay together lie after ``day``."""
    reference = np.arange(counts.shape[1])[:, None] + np.arange(counts.shape[2])[None, :]
    counts[:, reference > (day - first_on).days] = np.nan
