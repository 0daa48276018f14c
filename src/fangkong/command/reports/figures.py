"""The open figures of one area as they were known on one day: what ``fangkong report --json`` prints.

Nothing here reads a clock: the knowledge instant is the close of the day asked for, so the same record gives
the same bytes, and a correction learnt later leaves an earlier day's figures as they were.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from fangkong.core.clock import days_between
from fangkong.desks.assess import queries as assess
from fangkong.desks.assess.values import COUNTED, AreaSeries, DayFigures
from fangkong.desks.trace import queries as trace
from fangkong.record.access import Actor, system_actor
from fangkong.record.installation import installation

from .settings import paper_setting
from .subject import area_reader, report_subject


def figures_json(
    as_of: date, *, actor: Actor, disease: str | None = None, area_code: str | None = None
) -> dict[str, Any]:
    """The day-by-day figures of the area and of its districts, as known when ``as_of`` closed.

    Arguments: ``as_of``, a civil day of the jurisdiction; ``disease`` and ``area_code``, which default to
    what the installation speaks of. Returns ``as_of``, ``known_through`` (last day with a figure, null
    without one), ``disease``, ``area`` (its code), ``daily`` and ``districts`` (by their one Chinese name),
    and, where the record has them, ``channels`` (how the infections of a day were found) and
    ``transmission`` (the largest known sources). A figure that was not published is null and its day
    ``not_published``: never zero.
    Raises InputError when there is nothing to speak of, Forbidden outside the actor's area.
    """
    close = installation().close_of(as_of)
    subject = report_subject(actor=actor, at=close, disease=disease, area_code=area_code)
    actor.require("daily.read", subject.area_code)
    asked: dict[str, Any] = {"actor": system_actor("report"), "at": close, "through": as_of}
    city = assess.area_series(subject.disease, subject.area_code, **asked)
    districts = assess.district_series(subject.disease, subject.area_code, **asked)
    days = common_days([city, *districts], through=as_of)
    told = {each.area_code: _sources(subject.disease, each, close) for each in (city, *districts)}
    answer: dict[str, Any] = {
        "as_of": as_of.isoformat(),
        "known_through": _iso(known_through([city, *districts])),
        "disease": subject.disease,
        "area": subject.area_code,
        "daily": [_day(day, told[city.area_code]) for day in on_days(city, days)],
        "districts": {
            district.name_zh or district.area_code: {
                "code": district.area_code,
                "daily": [_day(day, told[district.area_code]) for day in on_days(district, days)],
            }
            for district in sorted(districts, key=lambda each: each.area_code)
        },
    }
    channels = [
        {"day": day.day.isoformat(), **dict(sorted(day.channels.items()))}
        for day in city.days
        # A line list that does not say how anybody was found has nothing to tell here.
        if any(day.channels)
    ]
    if channels:
        answer["channels"] = channels
    largest = trace.largest_sources(
        subject.disease,
        actor=area_reader(subject.area_code),
        at=close,
        limit=paper_setting("largest_sources"),
    )
    if largest:
        answer["transmission"] = {
            "largest_sources": [{"case": case_no, "links": links} for case_no, _, links in largest]
        }
    return answer


def known_through(series: Sequence[AreaSeries]) -> date | None:
    """The last day on which any of ``series`` has a published figure; None when none has."""
    return max((day.day for each in series for day in each.days if day.status == "reported"), default=None)


def common_days(series: Sequence[AreaSeries], *, through: date) -> list[date]:
    """Every day from the first that any of ``series`` speaks of to ``through``; a late bulletin is a gap."""
    first = min((each.days[0].day for each in series if each.days), default=None)
    return days_between(first, through) if first else []


def on_days(series: AreaSeries, days: Sequence[date]) -> list[DayFigures]:
    """The figures of ``series`` on each of ``days``; where it has none, a day that was not published.

    The area and its districts share one axis, so a day on which only the area was published shows for every
    district that its figure is missing.
    """
    known = {day.day: day for day in series.days}
    return [known.get(day) or DayFigures(day) for day in days]


def _sources(disease: str, series: AreaSeries, close: datetime) -> list[str]:
    """For counted cases, whose days carry no sources of their own: what taught us the cases of the series."""
    if series.origin != COUNTED or not series.days:
        return []
    first, last = series.days[0].day, series.days[-1].day
    reader = system_actor("report")
    return assess.figure_sources(disease, series.area_code, actor=reader, at=close, first=first, last=last)


def _day(day: DayFigures, counted_from: Sequence[str]) -> dict[str, Any]:
    return {
        "day": day.day.isoformat(),
        "confirmed": day.confirmed,
        "asymptomatic": day.asymptomatic,
        "deaths": day.deaths,
        "status": day.status,
        "sources": sorted(day.sources or (counted_from if day.confirmed or day.asymptomatic else ())),
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
