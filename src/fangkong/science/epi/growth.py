"""How fast cases grow or fall per day, and the time in which they double or halve.

Log-linear regression of daily counts on the day with Poisson variance times a dispersion (quasi-Poisson):
daily counts of one outbreak vary more than Poisson, and an interval that ignores it is too narrow. Source:
McCullagh and Nelder (1989), "Generalized Linear Models", chapters 4 and 6; doubling time as ln 2 / r, as in
the R package ``incidence`` (Kamvar et al. 2019, F1000Research 8:139), which fits log counts by least squares
and has to drop days of zero cases; here they count.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import t as student_t

from fangkong.science.epi.estimates import (
    GROWTH_NOT_IDENTIFIED,
    INVALID_COUNTS,
    TOO_FEW_CASES,
    WINDOW_TOO_SHORT,
    Estimate,
    Refusal,
)
from fangkong.science.epi.reproduction_posterior import LARGEST_COUNT
from fangkong.science.epi.serial_interval import FloatArray

DOUBLING = "doubling"
HALVING = "halving"
STEADY = "steady"

SPANS_ZERO = "growth_interval_spans_zero"
NO_CHANGE = "no_change"

# Two parameters and a dispersion need three days at least.
_FEWEST_DAYS = 3
_LARGEST_LOG_COUNT = 500.0


@dataclass(frozen=True, slots=True)
class ChangeTime:
    """The time in which cases double or halve, with an interval that may have no upper end.

    Attributes:
        kind: "doubling" where the rate is positive, "halving" where negative, "steady" where exactly 0.
        days: the point estimate; None where steady.
        lower_days: shortest such time in the interval; None where steady.
        upper_days: longest such time; None where the growth interval reaches or crosses zero, because the
            data then also fit cases that never double (or never halve).
        opposite_days: where the growth interval crosses zero, the shortest time to change the *other* way
            that the data also fit; else None.
        level: level of the interval.
        code: "" for a bounded interval, ``growth_interval_spans_zero`` or ``no_change`` otherwise.
    """

    kind: str
    days: float | None
    lower_days: float | None
    upper_days: float | None
    opposite_days: float | None
    level: float
    code: str


@dataclass(frozen=True, slots=True)
class GrowthEstimate:
    """The growth of one series in one window.

    Attributes:
        rate: growth per day on the log scale (0.1 is about 10.5 % a day), interval and standard error.
        change_time: the same as doubling or halving time.
        dispersion: variance over mean beyond the trend, not below 1; 1 means Poisson.
        cases: cases in the window; observed_days, missing_days: days with and without a count.
    """

    rate: Estimate
    change_time: ChangeTime
    dispersion: float
    cases: float
    observed_days: int
    missing_days: int


def estimate_growth(
    counts: ArrayLike,
    *,
    start_day: int = 0,
    end_day: int | None = None,
    level: float = 0.95,
    minimum_cases: float = 0.0,
    minimum_days: int = _FEWEST_DAYS,
) -> GrowthEstimate | Refusal:
    """The growth rate and doubling (halving) time in a window of daily counts, or why there is none.

    Arguments:
        counts: cases by day, shape ``[days]``, at least 0; NaN marks a day without a report and is left out
            of the fit (zero stays in).
        start_day, end_day: window, 0-based, both included; default the whole series.
        level: level of the interval, between 0 and 1.
        minimum_cases: fewest cases in the window that carry an estimate; the caller decides.
        minimum_days: fewest days with a count, at least 3.

    Returns:
        The estimate, or a refusal: ``invalid_counts`` (negative, infinite or beyond 2**53), ``window_too_short``
        (too few days with a count), ``too_few_cases``, or ``growth_not_identified`` when all cases fall on the
        first or the last counted day, where the likelihood has no maximum. The interval uses Student's t with
        (days - 2) degrees of freedom and a dispersion of at least 1, so it is never narrower than Poisson.

    Raises:
        ValueError: a window outside the series, a level not between 0 and 1.

    >>> growth = estimate_growth(50 * np.exp(0.1 * np.arange(14)))
    >>> round(growth.rate.mean, 6), round(growth.change_time.days, 2)
    (0.1, 6.93)
    """
    series = np.asarray(counts, dtype=np.float64)
    if series.ndim != 1:
        raise ValueError(f"counts have shape {series.shape}; give one series [days]")
    if series.size == 0 and start_day == 0 and end_day is None:
        return Refusal(WINDOW_TOO_SHORT, {"observed_days": 0, "minimum_days": minimum_days})
    last = series.size - 1 if end_day is None else end_day
    if not (0 <= start_day <= last < series.size):
        raise ValueError(f"window {start_day}..{last} lies outside the series of {series.size} days")
    if not 0 < level < 1:
        raise ValueError(f"level is {level}; it must lie between 0 and 1")
    if minimum_days < _FEWEST_DAYS:
        raise ValueError(f"minimum_days is {minimum_days}; a slope with its error needs {_FEWEST_DAYS} days")
    window = series[start_day : last + 1]
    params: dict[str, object] = {"start_day": start_day, "end_day": last}
    impossible = np.isinf(window) | (window < 0) | (window > LARGEST_COUNT)
    if impossible.any():
        return Refusal(INVALID_COUNTS, params | {"cells": int(impossible.sum())})
    observed = np.flatnonzero(~np.isnan(window))
    if observed.size < minimum_days:
        return Refusal(
            WINDOW_TOO_SHORT, params | {"observed_days": int(observed.size), "minimum_days": minimum_days}
        )
    y = window[observed]
    cases = float(y.sum())
    if cases < minimum_cases or cases == 0:
        return Refusal(TOO_FEW_CASES, params | {"cases": cases, "minimum_cases": minimum_cases})
    with_cases = np.flatnonzero(y > 0)
    if with_cases.size == 1 and with_cases[0] in (0, y.size - 1):
        return Refusal(GROWTH_NOT_IDENTIFIED, params | {"cases": cases})

    days = observed - observed.mean()
    slope, fitted = _fit(days, y)
    freedom = y.size - 2
    dispersion = max(1.0, float(((y - fitted) ** 2 / fitted).sum()) / freedom)
    centre = float((fitted * days).sum() / fitted.sum())
    error = math.sqrt(dispersion / float((fitted * (days - centre) ** 2).sum()))
    reach = float(student_t.ppf(0.5 + level / 2, freedom)) * error
    rate = Estimate(slope, slope - reach, slope + reach, level, start_day, last, error)
    return GrowthEstimate(
        rate=rate,
        change_time=change_time(rate),
        dispersion=dispersion,
        cases=cases,
        observed_days=int(observed.size),
        missing_days=int(window.size - observed.size),
    )


def change_time(rate: Estimate) -> ChangeTime:
    """The doubling or halving time of a growth rate, honest about intervals that reach zero.

    Arguments:
        rate: growth per day with its interval.

    Returns:
        Time in days. The ends swap: the fastest growth gives the shortest doubling time. Where the growth
        interval reaches zero the time has no upper end and ``code`` says so.

    >>> change_time(Estimate(0.05, -0.01, 0.11, 0.95, 0, 13, 0.03)).upper_days is None
    True
    """
    if rate.mean == 0:
        return ChangeTime(STEADY, None, None, None, None, rate.level, NO_CHANGE)
    growing = rate.mean > 0
    kind = DOUBLING if growing else HALVING
    # Seen from the direction of change: `fast` is the far end of the interval, `slow` the one towards zero.
    fast, slow = (rate.upper, rate.lower) if growing else (-rate.lower, -rate.upper)
    ln2 = math.log(2)
    return ChangeTime(
        kind=kind,
        days=ln2 / abs(rate.mean),
        lower_days=ln2 / fast,
        upper_days=ln2 / slow if slow > 0 else None,
        opposite_days=ln2 / -slow if slow < 0 else None,
        level=rate.level,
        code="" if slow > 0 else SPANS_ZERO,
    )


def _fit(days: FloatArray, y: FloatArray) -> tuple[float, FloatArray]:
    """Slope and fitted counts of the Poisson log-linear regression, by Newton's method with step halving.

    The log-likelihood is concave and, once not all cases sit on one end day, has one maximum.
    """
    design = np.stack([np.ones_like(days), days], axis=1)
    beta = np.array([math.log(float(y.mean())), 0.0])

    def log_likelihood(b: FloatArray) -> tuple[float, FloatArray]:
        log_mean = np.clip(design @ b, -_LARGEST_LOG_COUNT, _LARGEST_LOG_COUNT)
        mean = np.exp(log_mean)
        return float((y * log_mean - mean).sum()), mean

    value, mean = log_likelihood(beta)
    for _ in range(200):
        information = design.T @ (design * mean[:, None])
        step = np.linalg.solve(information, design.T @ (y - mean))
        for _ in range(60):
            new_value, new_mean = log_likelihood(beta + step)
            if new_value >= value - 1e-12 * abs(value):
                break
            step = step / 2
        beta, value, mean = beta + step, new_value, new_mean
        if float(np.abs(step).max()) < 1e-13:
            break
    return float(beta[1]), mean
