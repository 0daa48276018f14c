"""CUSUM and the Poisson likelihood ratio: small excesses of many weeks added up until they pass a limit.

A method of single weeks is blind to an outbreak that adds a little every week; these are not. Both learn what is usual
from the periods before ``start`` and watch from there on.

Source: Rossi, Lampugnani, Marchi (1999), "An approximate CUSUM procedure for surveillance of health events", Stat Med
18:2111-2122; Hoehle, Paul (2008), "Count data regression charts for the monitoring of surveillance time series",
Comput Stat Data Anal 52(9):4357-4368. Bounds and alarms are those of ``cusum`` and ``glrpois`` in the R package
surveillance 1.20.3; names of arguments follow it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import lambertw

from fangkong.science.epi.detection.alarms import (
    BASELINE_TOO_SHORT,
    FIT_NOT_CONVERGED,
    MISSING_BASELINE,
    NOT_MONITORED,
    TOO_FEW_CASES,
    Alarms,
    alarms_of,
    count_matrix,
    reason_number,
)
from fangkong.science.epi.detection.seasonal_mean import seasonal_mean
from fangkong.science.epi.serial_interval import FloatArray

TRANSFORMS = ("standard", "rossi", "anscombe", "none")


def cusum(
    counts: ArrayLike,
    start: int,
    frequency: int = 52,
    *,
    k: float = 1.04,
    h: float = 2.26,
    m: float | str | None = None,
    trans: str = "standard",
) -> Alarms:
    """Alarms where the summed excess over the usual count passes a limit.

    Arguments:
        counts: shape ``[time]`` or ``[series, time]``, by period, at least 0; NaN where missing (adds nothing).
        start: 0-based position of the first period watched; what lies before it is the training.
        frequency: periods in a year, for ``m="glm"``.
        k: excess per period that is tolerated; h: the limit of the sum, both in standard deviations.
        m: the usual count: a number, None for the mean of the training, "glm" for a Poisson regression on it with one
            yearly wave (needs a year of training).
        trans: how counts become standardised: "standard" ((x - m) / sqrt(m)), "rossi", "anscombe" or "none".

    Returns:
        ``upper`` is the count that would pass the limit in that period, given the sum so far (rounded up for
        "standard"; "none": what is left of the limit *after* the period, as in the reference); ``expected`` is ``m``.
        The sum is not reset by an alarm. Refused: ``not_monitored`` (before ``start``), ``baseline_too_short``,
        ``missing_baseline``, ``too_few_cases`` (no case in the training, so nothing to stand on).

    Raises:
        ValueError: an unknown ``trans`` or ``m``, a negative ``start``, ``h`` not above 0.

    >>> watch = cusum([2, 3, 1, 2, 2, 5, 5, 5], start=5)
    >>> watch.alarm.tolist()[5:], watch.upper.tolist()[5:]
    ([False, False, True], [7.0, 6.0, 4.0])
    """
    if trans not in TRANSFORMS:
        raise ValueError(f"trans is {trans!r}; use one of {', '.join(TRANSFORMS)}")
    if not h > 0:
        raise ValueError(f"h is {h}; it must be above 0")
    matrix, _, _ = count_matrix(counts)
    mean, reason = _usual(matrix, start, frequency, m)
    series, length = matrix.shape
    upper, raised = np.full(matrix.shape, np.nan), np.zeros(matrix.shape, dtype=bool)
    total = np.zeros(series)
    for t in range(start, length):
        x, usual = matrix[:, t], mean[:, t]
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            excess = _standardised(x, usual, trans)
            after = np.where(np.isnan(excess), total, np.maximum(total + excess - k, 0))
            bound = _bound(usual, h, k, total, after, trans)
        # Where the formula has no root the reference writes 0: any count passes.
        upper[:, t] = np.maximum(np.nan_to_num(bound, nan=0.0), 0)
        raised[:, t] = after >= h
        total = after
    return alarms_of(
        f"cusum_{trans}",
        counts,
        upper=upper,
        expected=mean,
        reason=reason,
        alarm=raised,
        params={"k": k, "h": h},
    )


def glr_poisson(
    counts: ArrayLike,
    start: int,
    frequency: int = 52,
    *,
    c_arl: float = 5.0,
    mu0: ArrayLike | None = None,
    harmonics: int = 1,
    trend: bool = False,
) -> Alarms:
    """Alarms where a rise that began in any earlier period fits the counts far better than no rise.

    Arguments:
        counts: shape ``[time]`` or ``[series, time]``, by period, at least 0; NaN where missing (left out).
        start: 0-based position of the first period watched; what lies before it is the training.
        frequency: periods in a year.
        c_arl: limit of the log likelihood ratio, above 0; it sets the average run length between false alarms.
        mu0: usual counts, ``[time]`` or ``[series, time]``; by default a Poisson regression on the training with
            ``harmonics`` yearly waves and, where asked for, a log-linear ``trend``.

    Returns:
        ``upper`` is the smallest count that raises the alarm in that period (so a count *at* it does), ``expected`` is
        ``mu0``. After an alarm the search for a rise begins anew. Refused as for ``cusum``.

    Raises:
        ValueError: ``c_arl`` not above 0, a negative ``start``, ``mu0`` of another shape or not above 0.

    >>> watch = glr_poisson([2, 3, 1, 2, 2, 4, 5, 6, 7], start=5, mu0=[2.0] * 9)
    >>> watch.alarm.tolist()[5:], watch.upper.tolist()[5:]
    ([False, False, False, True], [8.0, 8.0, 7.0, 4.0])
    """
    if not c_arl > 0:
        raise ValueError(f"c_arl is {c_arl}; it must be above 0")
    matrix, _, _ = count_matrix(counts)
    mean, reason = _usual(matrix, start, frequency, "glm" if mu0 is None else mu0, harmonics, trend)
    series, length = matrix.shape
    upper, raised = np.full(matrix.shape, np.nan), np.zeros(matrix.shape, dtype=bool)
    # Sums of counts and usual counts since each candidate start of a rise.
    cases, usual = np.zeros((series, max(0, length - start))), np.zeros((series, max(0, length - start)))
    renewed = np.zeros(series, dtype=np.int64)
    for t in range(start, length):
        x, n = matrix[:, t], t - start + 1
        usual[:, :n] += np.where(np.isnan(x), 0.0, mean[:, t])[:, None]
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            base = usual[:, :n] + np.where(np.isnan(x), mean[:, t], 0.0)[:, None]
            needed = np.ceil(_total_needed(base, c_arl) - cases[:, :n])
        needed[np.arange(n) < renewed[:, None]] = np.inf
        upper[:, t] = needed.min(axis=1)
        raised[:, t] = x >= upper[:, t]
        with np.errstate(over="ignore"):
            cases[:, :n] += np.nan_to_num(x)[:, None]
        renewed[raised[:, t]] = n
    return alarms_of(
        "glr_poisson",
        counts,
        upper=upper,
        expected=mean,
        reason=reason,
        alarm=raised,
        params={"c_arl": c_arl},
    )


def _total_needed(usual: FloatArray, limit: float) -> FloatArray:
    """The number of cases y with ``y log(y / usual) - (y - usual) = limit`` and y above usual."""
    ratio = np.exp(1 + lambertw((limit / usual - 1) / np.e).real)
    return np.asarray(usual * ratio)


def _standardised(x: FloatArray, mean: FloatArray, trans: str) -> FloatArray:
    if trans == "rossi":
        return np.asarray((x - 3 * mean + 2 * np.sqrt(x * mean)) / (2 * np.sqrt(mean)))
    if trans == "anscombe":
        return np.asarray(1.5 * (x ** (2 / 3) - mean ** (2 / 3)) / mean ** (1 / 6))
    if trans == "standard":
        return np.asarray((x - mean) / np.sqrt(mean))
    return x


def _bound(
    mean: FloatArray, h: float, k: float, before: FloatArray, after: FloatArray, trans: str
) -> FloatArray:
    """The count at which the sum reaches the limit, the inverse of the standardisation."""
    left = h + k - before
    if trans == "rossi":
        root = np.sqrt(mean)
        return np.asarray(2 * left * root + 5 * mean - 2 * np.sqrt(4 * mean**2 + 2 * mean**1.5 * left))
    if trans == "anscombe":
        return np.asarray(np.maximum(2 / 3 * mean ** (1 / 6) * left + mean ** (2 / 3), 0) ** 1.5)
    if trans == "standard":
        return np.asarray(np.ceil(np.sqrt(mean) * left + mean))
    return np.asarray(h - after)


def _usual(
    matrix: FloatArray,
    start: int,
    frequency: int,
    given: ArrayLike | str | None,
    harmonics: int = 1,
    trend: bool = False,
) -> tuple[FloatArray, np.ndarray]:
    """The usual count of every watched cell and why there is none."""
    if start < 0:
        raise ValueError(f"start is {start}; it is the 0-based position of the first period watched")
    mean = np.full(matrix.shape, np.nan)
    reason = np.zeros(matrix.shape, dtype=np.uint8)
    reason[:, :start] = reason_number(NOT_MONITORED)
    watched = slice(start, None)
    training = matrix[:, :start]
    observed = (~np.isnan(training)).sum(axis=1)
    if isinstance(given, str) and given != "glm":
        raise ValueError(f"m is {given!r}; give a number, None or 'glm'")
    if given is not None and not isinstance(given, str):
        mean[:, watched] = np.broadcast_to(np.asarray(given, dtype=np.float64), matrix.shape)[:, watched]
        if not (mean[:, watched] > 0).all():
            raise ValueError("the usual count must be above 0 in every period watched")
        return mean, reason
    needed = frequency if given == "glm" else 1
    if start < needed:
        reason[:, watched] = reason_number(BASELINE_TOO_SHORT)
        return mean, reason
    with np.errstate(over="ignore"):
        total = np.nansum(training, axis=1)
    if given == "glm":
        mean[:, watched] = seasonal_mean(matrix, start, frequency, harmonics, trend)[:, watched]
    else:
        with np.errstate(invalid="ignore"):
            mean[:, watched] = (total / np.maximum(observed, 1))[:, None]
    # Less than one count in two leaves the wave to guesswork.
    reason[(observed * 2 < needed), watched] = reason_number(MISSING_BASELINE)
    reason[(total == 0) & (observed * 2 >= needed), watched] = reason_number(TOO_FEW_CASES)
    unknown = ~np.isfinite(mean) & (reason == 0)
    reason[unknown] = reason_number(FIT_NOT_CONVERGED)
    mean[reason != 0] = np.nan
    return mean, reason
