"""The reproduction number, growth and doubling time of a series, each with interval, sources and as-of day.

What is counted follows the figures, not the name of the disease: where asymptomatic infections are published,
infections = confirmed + asymptomatic - converted (a converted one was counted as asymptomatic before), and
without them the confirmed cases.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
from scipy.special import gammainc

from fangkong.science.epi.estimates import MISSING_DAYS, SERIES_BREAK, WINDOW_TOO_SHORT, Estimate, Refusal
from fangkong.science.epi.growth import ChangeTime, estimate_growth
from fangkong.science.epi.intervals import PublishedInterval, serial_interval_for
from fangkong.science.epi.reproduction_table import reproduction_table

from .breaks import Stretch, since_break
from .parameters import parameters
from .values import (
    CONFIRMED,
    INFECTIONS,
    NET_INFECTIONS,
    Assessment,
    ChangeValue,
    DayFigures,
    Value,
)

IMPORTED = "imported"


def basis_of(days: Sequence[DayFigures]) -> str:
    """What the figures allow to count: net infections, infections, or confirmed cases.

    Net where every day with asymptomatic infections also says how many of the confirmed were asymptomatic
    before; gross infections where it does not; confirmed where no day has a figure of asymptomatic ones.
    """
    with_asymptomatic = [day for day in days if day.asymptomatic is not None]
    if not with_asymptomatic:
        return CONFIRMED
    return INFECTIONS if any(day.converted is None for day in with_asymptomatic) else NET_INFECTIONS


def incidence(day: DayFigures, basis: str) -> int | None:
    """The new infections of a day on a basis; None where a figure that it needs is missing."""
    if day.confirmed is None:
        return None
    if basis == CONFIRMED:
        return day.confirmed
    if day.asymptomatic is None:
        return None
    if basis == INFECTIONS:
        return day.confirmed + day.asymptomatic
    if day.converted is None or day.converted > day.confirmed:
        return None
    return day.confirmed + day.asymptomatic - day.converted


def estimate(
    disease: str,
    area_code: str,
    days: list[DayFigures],
    *,
    origin: str,
    through: date,
    incomplete_days: int,
    breaks: Sequence[Stretch] = (),
) -> Assessment:
    """The assessment as of ``through`` from the days of an area's series.

    The last ``incomplete_days`` before ``through`` are left out; where the series ends earlier still, the
    estimates are refused as missing days rather than read from an old week. Days up to the end
    of the last of ``breaks`` are put aside, since figures before and after it do not mean the same; an estimate for
    which too few are left is refused for the break.
    """
    basis = basis_of(days)
    last = through - timedelta(days=incomplete_days)
    interval = serial_interval_for(disease, through)
    kept, stretch = since_break([day for day in days if day.day <= last], breaks)
    reproduction, below_one = _reproduction(kept, basis, interval, last=last, as_of=through)
    growth, change = _growth(kept, basis, last=last, as_of=through)
    if stretch is not None:
        # What is missing was put aside for the break, and the reader is told that and not that nobody reported.
        because = Refusal(SERIES_BREAK, {"first_day": stretch.first, "last_day": stretch.last})
        if isinstance(reproduction, Refusal) and reproduction.code == MISSING_DAYS:
            reproduction = below_one = because
        if isinstance(growth, Refusal) and growth.code in (MISSING_DAYS, WINDOW_TOO_SHORT):
            growth = change = because
    return Assessment(
        disease=disease,
        area_code=area_code,
        as_of=through,
        basis=basis,
        origin=origin,
        incomplete_days=incomplete_days,
        interval=interval,
        reproduction=reproduction,
        below_one=below_one,
        growth=growth,
        change_time=change,
    )


def _series(days: list[DayFigures], basis: str, last: date) -> tuple[list[float], list[float]]:
    """(infections, imported ones) by day up to ``last``; NaN where unknown or beyond the figures."""
    found = [incidence(day, basis) for day in days]
    total = [float("nan") if n is None else float(n) for n in found]
    imported = [
        float("nan") if n is None else float(min(n, day.channels.get(IMPORTED) or 0))
        for day, n in zip(days, found, strict=True)
    ]
    beyond = [float("nan")] * ((last - days[-1].day).days if days else 0)
    return total + beyond, imported + beyond


def _reproduction(
    days: list[DayFigures], basis: str, interval: PublishedInterval | Refusal, *, last: date, as_of: date
) -> tuple[Value | Refusal, Value | Refusal]:
    given = parameters("reproduction")
    width = given["window_days"]
    if isinstance(interval, Refusal):
        return interval, interval
    total, imported = _series(days, basis, last)
    if len(total) <= width:
        refusal = Refusal(WINDOW_TOO_SHORT, {"days": len(total), "window_days": width})
        return refusal, refusal
    table = reproduction_table(
        total,
        interval.interval,
        imported=imported,
        windows=[[len(total) - width, len(total) - 1]],
        minimum_cases=given["minimum_cases"],
        missing_weight_limit=given["missing_weight_limit"],
    )
    if isinstance(table, Refusal):
        return table, table
    found = table.at(0, 0)
    if isinstance(found, Refusal):
        dated = _dated(found, days)
        return dated, dated
    value = _value(found, days, as_of)
    # The posterior is a gamma: its distribution function at 1 is the probability that the outbreak shrinks.
    shape, scale = (found.mean / found.sd) ** 2, found.sd**2 / found.mean
    below = float(gammainc(shape, 1 / scale))
    return value, Value(below, None, None, value.level, value.first_day, value.last_day, as_of, value.sources)


def _growth(
    days: list[DayFigures], basis: str, *, last: date, as_of: date
) -> tuple[Value | Refusal, ChangeValue | Refusal]:
    given = parameters("growth")
    width = given["window_days"]
    total, _ = _series(days, basis, last)
    if len(total) < width:
        refusal = Refusal(WINDOW_TOO_SHORT, {"days": len(total), "window_days": width})
        return refusal, refusal
    if np.isnan(total[-1]):
        refusal = Refusal(
            MISSING_DAYS, {"missing_days": int(np.isnan(total[-width:]).sum())} | _span(days, total, width)
        )
        return refusal, refusal
    found = estimate_growth(
        total,
        start_day=len(total) - width,
        level=given["level"],
        minimum_cases=given["minimum_cases"],
        minimum_days=given["minimum_days"],
    )
    if isinstance(found, Refusal):
        dated = _dated(found, days)
        return dated, dated
    rate = _value(found.rate, days, as_of)
    return rate, _change(found.change_time, rate)


def _change(time: ChangeTime, rate: Value) -> ChangeValue:
    return ChangeValue(
        kind=time.kind,
        days=time.days,
        lower_days=time.lower_days,
        upper_days=time.upper_days,
        opposite_days=time.opposite_days,
        code=time.code,
        level=time.level,
        first_day=rate.first_day,
        last_day=rate.last_day,
        as_of=rate.as_of,
        sources=rate.sources,
    )


def _value(found: Estimate, days: list[DayFigures], as_of: date) -> Value:
    first, last = _day(days, found.start_day), _day(days, found.end_day)
    sources = sorted({source for day in days if first <= day.day <= last for source in day.sources})
    return Value(found.mean, found.lower, found.upper, found.level, first, last, as_of, sources)


def _day(days: list[DayFigures], position: int) -> date:
    return days[0].day + timedelta(days=position)


def _span(days: list[DayFigures], total: list[float], width: int) -> dict[str, object]:
    return {"first_day": _day(days, len(total) - width), "last_day": _day(days, len(total) - 1)}


def _dated(refusal: Refusal, days: list[DayFigures]) -> Refusal:
    """The refusal with the days of its window as dates instead of positions in the series."""
    params = dict(refusal.params)
    for position, name in (("start_day", "first_day"), ("end_day", "last_day")):
        if position in params:
            params[name] = _day(days, int(str(params.pop(position))))
    return Refusal(refusal.code, params)
