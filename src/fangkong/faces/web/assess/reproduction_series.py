"""The reproduction number by day for the chart, with the desk's own windows, limits and serial interval."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fangkong.desks.assess.estimates import IMPORTED, basis_of, incidence
from fangkong.desks.assess.parameters import parameters
from fangkong.desks.assess.values import AreaSeries, Assessment
from fangkong.science.epi.estimates import Refusal
from fangkong.science.epi.reproduction import QUANTILE_LEVELS
from fangkong.science.epi.reproduction_table import reproduction_table

NAN = float("nan")
_PARTS = {"mid": 0.5, "low50": 0.25, "high50": 0.75, "low90": 0.05, "high90": 0.95}


def reproduction_chart(series: AreaSeries, found: Assessment, *, days: int) -> dict[str, Any] | None:
    """The data of an "rt" chart over the last ``days`` days; None when no window carries an estimate.

    Days that the assessment left out as incomplete have no estimate here either, so the line ends where the
    assessment ends. ``mid`` is the median.
    """
    last = found.as_of - timedelta(days=found.incomplete_days)
    kept = [day for day in series.days if day.day <= last]
    given = parameters("reproduction")
    if isinstance(found.interval, Refusal) or len(kept) <= given["window_days"]:
        return None
    basis = basis_of(series.days)
    counts = [incidence(day, basis) for day in kept]
    table = reproduction_table(
        [NAN if n is None else n for n in counts],
        found.interval.interval,
        imported=[
            NAN if n is None else min(n, day.channels.get(IMPORTED) or 0)
            for n, day in zip(counts, kept, strict=True)
        ],
        window_days=given["window_days"],
        minimum_cases=given["minimum_cases"],
        missing_weight_limit=given["missing_weight_limit"],
    )
    if isinstance(table, Refusal):
        return None
    place = {int(end): n for n, end in enumerate(table.end_day)}
    chart: dict[str, Any] = {"days": [day.day.isoformat() for day in series.days][-days:]}
    for name, level in _PARTS.items():
        column = QUANTILE_LEVELS.index(level)
        values = [
            round(float(table.quantiles[0, place[n], column]), 4)
            if n in place and not table.reason[0, place[n]]
            else None
            for n in range(len(series.days))
        ]
        chart[name] = values[-days:]
    return chart if any(value is not None for value in chart["mid"]) else None
