"""Forecasts from many past days of real series, with only what was known on the day, scored on what came.

Every method forecasts from the same days. Scores are compared with the damped trend, widths with the seasonal
naive forecast. A narrow interval that misses is no gain, so widths are compared at equal coverage: the intervals of
each method and series are first stretched about their medians, on the log scale, until they hold nine in ten of what
came.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fangkong.science.epi.backtests.forecast_series import DAYS, PastSeries, past_series
from fangkong.science.epi.backtests.report import BacktestReport, Cell, Table, Target, file_digests
from fangkong.science.epi.forecast import FLUSIGHT_LEVELS, METHODS, forecast
from fangkong.science.epi.forecast.results import DAMPED_TREND, ENSEMBLE, SEASONAL_NAIVE
from fangkong.science.epi.scoring import interval_coverage, relative_skill, weighted_interval_score

FloatArray = NDArray[np.float64]

#: Steps ahead, steps before the first forecast, and most forecasts per series, by frequency.
HORIZON = {7: 14, 52: 4}
_WARM_UP = {7: 28, 52: 2 * 52 + 8}
_MOST_ORIGINS = 40
_LEVELS = np.array(FLUSIGHT_LEVELS)
_COVERAGE = (0.5, 0.9, 0.95)
_LOW, _MEDIAN, _HIGH = (int(np.argmin(np.abs(_LEVELS - level))) for level in (0.05, 0.5, 0.95))


@dataclass(frozen=True)
class Judged:
    """The forecasts of one series from many days: ``quantiles [methods, levels, origins, horizon]``, what came."""

    quantiles: FloatArray
    came: FloatArray
    first_on: date
    last_on: date


def forecast_backtest(data_folder: Path, *, most_origins: int = _MOST_ORIGINS) -> BacktestReport:
    """How forecasts of each method scored on every series that the folder holds.

    Arguments:
        data_folder: the real data sets; vintages and weekly series lie in its sibling ``reference``.
        most_origins: most days from which each series is forecast, evenly spread over its course.

    Returns:
        A row per series and method with WIS, WIS relative to the damped trend, coverage, width of the 90 %
        interval and that width at equal coverage relative to the seasonal naive forecast; all series together
        (geometric means of the ratios; coverage over all forecasts); targets for the ensemble.

    Raises:
        FileNotFoundError: when no series is there.
    """
    began = time.process_time()
    found, files = past_series(data_folder)
    judged = {one.name: judge(one, most_origins) for one in found}
    kept = {name: one for name, one in judged.items() if one is not None}
    if not kept:
        raise FileNotFoundError(f"no series in {data_folder} is long enough to be forecast")
    figures = {name: {m: _figures(one, k) for k, m in enumerate(METHODS)} for name, one in kept.items()}
    columns = ("wis", "wis_against_damped_trend", "coverage_50", "coverage_90", "coverage_95", "width_90",
               "width_against_seasonal_naive")  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    ratios: dict[str, list[tuple[float, float]]] = {method: [] for method in METHODS}
    for name, by_method in figures.items():
        for method in METHODS:
            mine = by_method[method]
            against = _ratio(mine["wis"], by_method[DAMPED_TREND]["wis"])
            width = _ratio(mine["equal_width"], by_method[SEASONAL_NAIVE]["equal_width"])
            ratios[method].append((against, width))
            cells = (mine["wis"], against, mine["coverage_50"], mine["coverage_90"], mine["coverage_95"],
                     mine["width_90"], width)  # fmt: skip
            rows.append((name, method, *cells))
    pooled = {method: _pooled(kept, k) for k, method in enumerate(METHODS)}
    wis = np.array([[by_method[method]["wis"] for by_method in figures.values()] for method in METHODS])
    # Each series counts alike, whatever its size.
    base = METHODS.index(DAMPED_TREND)
    skill = relative_skill(wis / np.where(wis[base] > 0, wis[base], np.nan), baseline=base)
    together = {}
    for k, method in enumerate(METHODS):
        against, width = (_geometric_mean(column) for column in zip(*ratios[method], strict=True))
        together[method] = {
            "wis_against_damped_trend": against,
            "series_better_than_damped_trend": float(
                np.mean([ratio < 1 for ratio, _ in ratios[method] if ratio == ratio])
            ),
            "relative_skill": float(skill[k]),
            **pooled[method],
            "width_against_seasonal_naive": width,
        }
    total: tuple[tuple[Cell, ...], ...] = tuple(
        (method, *cells.values()) for method, cells in together.items()
    )
    best = together[ENSEMBLE]
    return BacktestReport(
        name="forecast",
        data=file_digests(files),
        first_on=min(one.first_on for one in kept.values()),
        last_on=max(one.last_on for one in kept.values()),
        tables=(
            Table("forecast_together", ("method", *best), total),
            Table("forecast_by_series", ("series", "method", *columns), tuple(rows)),
        ),
        figures={
            f"{name}.{method}": value for method, cells in together.items() for name, value in cells.items()
        },
        targets=(
            Target("forecast_wis_against_damped_trend", best["wis_against_damped_trend"], upper=1.0),
            Target("forecast_width_against_seasonal_naive", best["width_against_seasonal_naive"], upper=1.0),
            Target("forecast_coverage_90", best["coverage_90"], lower=0.85, upper=0.95),
        ),
        seconds=time.process_time() - began,
    )


def judge(series: PastSeries, most_origins: int = _MOST_ORIGINS) -> Judged | None:
    """The forecasts of every method from days spread evenly over the series; None where it is too short.

    Days from which one of the methods has to refuse are left out, so that all are judged on the same.
    """
    horizon, warm_up = HORIZON[series.frequency], _WARM_UP[series.frequency]
    last = series.truth.size - 1 - horizon
    if series.frequency == DAYS:
        warm_up = min(warm_up, series.truth.size // 2)
    if last < warm_up:
        return None
    steps = np.unique(np.linspace(warm_up, last, min(most_origins, last - warm_up + 1)).astype(int))
    quantiles, came, kept = [], [], []
    for step in steps:
        counts, samples = series.known(int(step))
        told = {
            "horizon": horizon,
            "frequency": series.frequency,
            "serial_interval": series.interval,
            "samples": samples,
        }
        found = [forecast(counts, method=method, **told) for method in METHODS]  # type: ignore[arg-type]
        if not any(one.reason.any() for one in found):
            quantiles.append(np.stack([one.quantiles for one in found]))
            came.append(series.truth[step + 1 : step + 1 + horizon])
            kept.append(int(step))
    if not kept or np.isnan(came).all():
        return None
    return Judged(np.stack(quantiles, axis=2), np.stack(came), series.on(kept[0]), series.on(kept[-1]))


def _figures(one: Judged, method: int) -> dict[str, float]:
    """The columns of one series and method by code."""
    q = one.quantiles[method]
    return {
        "wis": float(np.nanmean(weighted_interval_score(one.came, _LEVELS, q))),
        **{f"coverage_{level:.0%}".rstrip("%"): _covered(one.came, q, level) for level in _COVERAGE},
        "width_90": float(np.mean(q[_HIGH] - q[_LOW])),
        "equal_width": _width_at_equal_coverage(one.came, q),
    }


def _covered(came: FloatArray, q: FloatArray, level: float) -> float:
    return float(np.nanmean(interval_coverage(came, _LEVELS, q, level)))


def _width_at_equal_coverage(came: FloatArray, q: FloatArray) -> float:
    """Mean width of the 90 % interval once it is stretched or shrunk to hold nine in ten of what came."""
    low, median, high = (np.log1p(q[k]) for k in (_LOW, _MEDIAN, _HIGH))
    y = np.log1p(came)
    reach = np.maximum(
        (y - median) / np.maximum(high - median, 1e-9), (median - y) / np.maximum(median - low, 1e-9)
    )
    stretch = float(np.nanquantile(reach, 0.9))
    wide = np.expm1(median + stretch * (high - median)) - np.expm1(
        np.maximum(median - stretch * (median - low), 0.0)
    )
    return float(np.mean(wide))


def _pooled(judged: dict[str, Judged], method: int) -> dict[str, float]:
    """Coverage over the forecasts of all series."""
    came = np.concatenate([one.came.ravel() for one in judged.values()])
    q = np.concatenate([one.quantiles[method].reshape(_LEVELS.size, -1) for one in judged.values()], axis=1)
    return {f"coverage_{level:.0%}".rstrip("%"): _covered(came, q, level) for level in _COVERAGE}


def _ratio(value: float, reference: float) -> float:
    """NaN where the reference is 0: a series without a case, say."""
    return value / reference if reference > 0 else float("nan")


def _geometric_mean(ratios: tuple[float, ...]) -> float:
    values = np.asarray(ratios)
    values = values[np.isfinite(values) & (values > 0)]
    return float(np.exp(np.log(values).mean())) if values.size else float("nan")


#: Taken up by the registry.
BACKTESTS = {"forecast": forecast_backtest}
