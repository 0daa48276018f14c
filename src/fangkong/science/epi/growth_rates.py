"""Growth per day and doubling time on every day of many series: ``growth`` on sliding windows, all at once.

The same quasi-Poisson regression of counts on the day as ``estimate_growth``, which is its readable twin; here all
windows of all series take their Newton steps together.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike
from scipy.stats import t as student_t

from fangkong.science.epi.estimates import (
    GROWTH_NOT_IDENTIFIED,
    INVALID_COUNTS,
    MISSING_DAYS,
    TOO_FEW_CASES,
    WINDOW_TOO_SHORT,
)
from fangkong.science.epi.reproduction_posterior import BoolArray, ReasonArray, usable_counts
from fangkong.science.epi.serial_interval import FloatArray

#: Why a day has no growth rate, by position.
GROWTH_REASON_CODES: tuple[str, ...] = (
    "",
    WINDOW_TOO_SHORT,
    MISSING_DAYS,
    INVALID_COUNTS,
    TOO_FEW_CASES,
    GROWTH_NOT_IDENTIFIED,
)
_FEWEST_DAYS = 3
_LARGEST_LOG_COUNT = 500.0
_CHUNK_CELLS = 1 << 14


@dataclass(frozen=True, slots=True)
class GrowthRates:
    """Growth of the window that ends on each day, shaped like the incidence; NaN where refused.

    Attributes:
        rate: growth per day on the log scale; lower, upper: its interval; standard_error.
        doubling_days: ln 2 / rate: days to double where positive, minus the days to halve where negative,
            infinite where the rate is exactly 0. Read it only where ``lower`` and ``upper`` have one sign.
        reason: 0, or the position of the reason in ``GROWTH_REASON_CODES``.
    """

    rate: FloatArray
    lower: FloatArray
    upper: FloatArray
    standard_error: FloatArray
    doubling_days: FloatArray
    reason: ReasonArray

    @property
    def reason_codes(self) -> tuple[str, ...]:
        """The codes by the number that stands in ``reason``."""
        return GROWTH_REASON_CODES


def growth_rates(
    incidence: ArrayLike,
    *,
    window: int = 14,
    level: float = 0.95,
    minimum_cases: float = 0.0,
    minimum_days: int = _FEWEST_DAYS,
) -> GrowthRates:
    """The growth rate of the window that ends on each day, with its interval and the doubling time.

    Arguments:
        incidence: cases by day, shape ``[days]`` or ``[series, days]``; NaN is a day without a report and is left
            out of the fit (zero stays in).
        window: days of the window, at least 3.
        level: level of the interval, between 0 and 1.
        minimum_cases: fewest cases in the window that carry an estimate; the caller decides.
        minimum_days: fewest days with a count, at least 3.

    Returns:
        Rates by day. A window with an impossible count (negative, infinite) is refused whole.

    Raises:
        ValueError: for arguments that make no sense in themselves.

    >>> found = growth_rates(50 * np.exp(0.1 * np.arange(20)))
    >>> round(float(found.rate[-1]), 6), round(float(found.doubling_days[-1]), 2)
    (0.1, 6.93)
    """
    given = np.asarray(incidence)
    if given.ndim not in (1, 2):
        raise ValueError(f"incidence has shape {given.shape}; give one series [days] or [series, days]")
    if window < _FEWEST_DAYS or minimum_days < _FEWEST_DAYS:
        raise ValueError(f"window {window} and minimum_days {minimum_days} need {_FEWEST_DAYS} days each")
    if not 0 < level < 1:
        raise ValueError(f"level is {level}; it must lie between 0 and 1")
    matrix = np.atleast_2d(given)
    series, days = matrix.shape
    found = np.full((3, series, days), np.nan)
    reason = np.full((series, days), GROWTH_REASON_CODES.index(WINDOW_TOO_SHORT), dtype=np.uint8)
    windows = days - window + 1
    rows = max(1, _CHUNK_CELLS // max(1, windows))
    for first in range(0, series if windows > 0 else 0, rows):
        part = slice(first, first + rows)
        total, _, invalid = usable_counts(matrix[part], None)
        counts = sliding_window_view(total, window, axis=1)
        reported = ~np.isnan(counts)
        absurd = np.asarray(sliding_window_view(invalid, window, axis=1).any(axis=-1))
        known = np.where(reported, counts, 0.0)
        why = _reasons(known, reported, absurd, minimum_cases, minimum_days)
        reason[part, window - 1 :] = why
        cells = np.nonzero(why == 0)
        if cells[0].size:
            into = found[:, part, window - 1 :]
            into[:, cells[0], cells[1]] = _fit(known[cells], reported[cells], level)
    shape = given.shape
    rate, error, reach = (row.reshape(shape) for row in found)
    with np.errstate(divide="ignore"):
        doubling = np.where(rate == 0, np.inf, math.log(2) / rate)
    return GrowthRates(rate, rate - reach, rate + reach, error, doubling, reason.reshape(shape))


def _reasons(
    counts: FloatArray, reported: BoolArray, invalid: BoolArray, minimum_cases: float, minimum_days: int
) -> ReasonArray:
    """Why each window ``[series, windows]`` has no growth rate, 0 where it has one."""
    observed = reported.sum(axis=-1)
    cases = counts.sum(axis=-1)
    days_with_cases = (counts > 0).sum(axis=-1)
    place = np.arange(counts.shape[-1])
    first = np.where(reported, place, counts.shape[-1]).min(axis=-1)
    last = np.where(reported, place, -1).max(axis=-1)
    only = (counts * place).sum(axis=-1) / np.maximum(cases, 1e-300)
    number = GROWTH_REASON_CODES.index
    reason = np.zeros(cases.shape, dtype=np.uint8)
    at_an_end = (np.abs(only - first) < 0.5) | (np.abs(only - last) < 0.5)
    reason[(days_with_cases == 1) & at_an_end] = number(GROWTH_NOT_IDENTIFIED)
    reason[(cases < minimum_cases) | (cases == 0)] = number(TOO_FEW_CASES)
    reason[observed < minimum_days] = number(MISSING_DAYS)
    reason[invalid] = number(INVALID_COUNTS)
    return reason


def _fit(y: FloatArray, reported: BoolArray, level: float) -> FloatArray:
    """``[rate, standard error, reach of the interval]`` of each window, by Newton's method with step halving."""
    observed = reported.sum(axis=1)
    place = np.arange(y.shape[1], dtype=np.float64)
    x = np.where(reported, place - ((reported * place).sum(axis=1) / observed)[:, None], 0.0)
    beta = np.stack([np.log(y.sum(axis=1) / observed), np.zeros(y.shape[0])])
    active = np.arange(y.shape[0])
    for _ in range(200):
        own_x, own_y, seen = x[active], y[active], reported[active]
        value, mean = _log_likelihood(beta[:, active], own_x, own_y, seen)
        step = _newton_step(mean, own_x, own_y)
        for _ in range(60):
            new, _ = _log_likelihood(beta[:, active] + step, own_x, own_y, seen)
            worse = ~(new >= value - 1e-12 * np.abs(value))
            if not worse.any():
                break
            step[:, worse] /= 2
        beta[:, active] += step
        active = active[np.abs(step).max(axis=0) >= 1e-13]
        if active.size == 0:
            break
    _, fitted = _log_likelihood(beta, x, y, reported)
    squares = np.divide((y - fitted) ** 2, fitted, out=np.zeros(y.shape), where=fitted > 0).sum(axis=1)
    dispersion = np.maximum(1.0, squares / (observed - 2))
    centre = (fitted * x).sum(axis=1) / fitted.sum(axis=1)
    error = np.sqrt(dispersion / (fitted * (x - centre[:, None]) ** 2).sum(axis=1))
    reach = error * student_t.ppf(0.5 + level / 2, observed - 2)
    return np.stack([beta[1], error, reach])


def _newton_step(mean: FloatArray, x: FloatArray, y: FloatArray) -> FloatArray:
    weight, moment, square = mean.sum(axis=1), (mean * x).sum(axis=1), (mean * x * x).sum(axis=1)
    level, slope = (y - mean).sum(axis=1), ((y - mean) * x).sum(axis=1)
    determinant = weight * square - moment**2
    with np.errstate(divide="ignore", invalid="ignore"):
        step = np.stack([square * level - moment * slope, weight * slope - moment * level]) / determinant
    # Where rounding has eaten the curvature there is nothing left to gain.
    return np.where(np.isfinite(step), step, 0.0)


def _log_likelihood(
    beta: FloatArray, x: FloatArray, y: FloatArray, reported: BoolArray
) -> tuple[FloatArray, FloatArray]:
    log_mean = np.clip(beta[0][:, None] + beta[1][:, None] * x, -_LARGEST_LOG_COUNT, _LARGEST_LOG_COUNT)
    mean = np.where(reported, np.exp(log_mean), 0.0)
    return (y * log_mean - mean).sum(axis=1), mean
