"""Series by district, age group, channel and disease, and reporting triangles, as known at any instant.

Every query takes ``actor`` and ``at``; nothing that became known later is in its answer, and nobody is named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from fangkong.core.clock import days_between
from fangkong.core.errors import InputError, NotFound
from fangkong.record.access import Actor
from fangkong.record.installation import installation

from .breaks import PublishedBreaks, Stretch, breaks_of
from .counted import counted_scope
from .detection_rules import detection_rules
from .parameters import parameters
from .published import CUMULATIVE
from .series import Figures, Window
from .strata import DAY_FIELDS, ONSET, REPORT, SPLITS, SeriesTable, series_table, weekly
from .triangles import Triangle, counted_triangle, cumulative_triangle, known_day, published_triangle
from .values import PUBLISHED

PERMISSION = "board.read"

#: The measures of which a published triangle is made; of a running total, the steps of the first.
_DAILY = ("confirmed", "asymptomatic")


@dataclass(frozen=True)
class StratifiedSeries:
    """A table of series and the breaks that no fit and no baseline runs through."""

    table: SeriesTable
    breaks: PublishedBreaks


def stratified_series(
    area_code: str,
    *,
    actor: Actor,
    at: datetime,
    through: date,
    since: date,
    diseases: Sequence[str] | None = None,
    by: Sequence[str] = (),
    day_of: str = REPORT,
    unit: str = "day",
    whole: bool = False,
) -> StratifiedSeries:
    """New cases of every disease in every district of an area, by day (or ``unit="week"``), as known at ``at``.

    Arguments:
        diseases: only these; None for all that the record knows there.
        by: "age_group", "channel" or both, besides district and disease. Published figures have no ages.
        day_of: "report" or "onset": by which day cases are counted. Published figures stand by the day given.
        whole: the area itself instead of its districts.

    NaN is "not known": before the register of the disease began, on days not published; never zero. A reader of one
    district is given that one. Five queries for all counted diseases, up to six more for each published one. Raises
    Forbidden without ``board.read``, InputError ``assess.unknown_split`` for another ``by``, ``day_of`` or ``unit``.
    """
    actor.require(PERMISSION)
    unknown = [name for name in by if name not in SPLITS]
    unknown += [day_of] if day_of not in DAY_FIELDS else []
    unknown += [unit] if unit not in ("day", "week") else []
    if unknown:
        raise InputError(
            "assess.unknown_split", given=unknown[0], names=[*SPLITS, *DAY_FIELDS, "day", "week"]
        )
    window = Window(actor, at, through, since)
    table = series_table(
        area_code,
        window,
        diseases=diseases,
        by=by,
        day_of=day_of,
        whole=whole,
        opened=detection_rules().opened,
    )
    breaks = PublishedBreaks(table.publications, at=at, through=through)
    return StratifiedSeries(weekly(table) if unit == "week" else table, breaks)


def reporting_triangle(
    disease: str,
    area_code: str,
    *,
    actor: Actor,
    at: datetime,
    through: date,
    since: date | None = None,
    reference: str = "",
) -> Triangle:
    """How the figures of an area grew: cases by reference day and delay, with only what was known at ``at``.

    Published daily figures where the area has them (by the day that they speak of, delays and revisions from when each
    became known), the daily steps where it has running totals, else its cases by day of onset (``reference="report"``:
    of report). A day of which nothing was published is NaN for every delay, not zero. A day that
    still runs at ``at`` is left out: it is not reported yet. ``since`` is by default so many days back as
    ``parameters.toml`` says. Two queries for cases, at most five for published figures. ``as_of(day)`` of the answer
    is that of an earlier day.
    Raises Forbidden without ``board.read``, NotFound outside the actor's scope, InputError ``assess.unknown_split``.
    """
    return _triangle(disease, area_code, actor, at, through, since, reference)[0]


def triangle_and_breaks(
    disease: str,
    area_code: str,
    *,
    actor: Actor,
    at: datetime,
    through: date,
    since: date | None = None,
    reference: str = "",
) -> tuple[Triangle, list[Stretch]]:
    """As :func:`reporting_triangle`, with the breaks of the publication that it is made of; one more query for them."""
    triangle, figures = _triangle(disease, area_code, actor, at, through, since, reference)
    return triangle, breaks_of(figures) if triangle.origin == PUBLISHED else []


def _triangle(
    disease: str,
    area_code: str,
    actor: Actor,
    at: datetime,
    through: date,
    since: date | None,
    reference: str,
) -> tuple[Triangle, Figures]:
    actor.require(PERMISSION)
    if counted_scope(area_code, actor) != area_code:
        raise NotFound("assess.area_not_found", area_code=area_code)
    if reference and reference not in DAY_FIELDS:
        raise InputError("assess.unknown_split", given=reference, names=list(DAY_FIELDS))
    here = installation()
    known_on = known_day(at, through, here)
    first = since or known_on - timedelta(days=parameters("triangle")["history_days"] - 1)
    figures = Figures(disease, area_code, Window(actor, at, known_on, first))
    asked: dict[str, Any] = {"here": here, "at": at, "known_on": known_on, "since": first}
    series = "" if reference else figures.daily_publication
    if series:
        found = published_triangle(disease, [area_code], series=series, measures=_DAILY, actor=actor, **asked)
        found = found.without(_unknown_days(figures, first, known_on))
    elif not reference and figures.cumulative_publication:
        found = cumulative_triangle(
            disease,
            area_code,
            series=figures.cumulative_publication,
            measure=_DAILY[0] + CUMULATIVE,
            actor=actor,
            **asked,
        )
    else:
        found = counted_triangle(disease, area_code, reference=reference or ONSET, **asked)
    return found, figures


def _unknown_days(figures: Figures, since: date, known_on: date) -> list[date]:
    """The days of which a measure that the area publishes was not published, those after the last bulletin too."""
    days, _ = figures.area_days(since, deaths=False)
    measures = [name for name in _DAILY if any(getattr(day, name) is not None for day in days)]
    known = {day.day for day in days if all(getattr(day, name) is not None for name in measures)}
    return [day for day in days_between(since, known_on) if known and day > min(known) and day not in known]
