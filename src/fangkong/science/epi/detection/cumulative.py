"""CUSUM: small excesses of many weeks added up until they pass a limit.

A method of single weeks is blind to an outbreak that adds a little every week; this is not. It learns what is usual
from the periods before ``start`` and watches from there on.

Source: Rossi, Lampugnani, Marchi (1999), "An approximate CUSUM procedure for surveillance of health events", Stat Med
18:2111-2122; Rogerson, Yamada (2004), "Approaches to syndromic surveillance when data consist of small regional
counts", MMWR 53 Suppl:79-85; Hilbe (2011), "Negative Binomial Regression", section 8.4 (Anscombe residual). Bounds and
alarms are those of ``cusum`` in the R package surveillance 1.20.3; names of arguments follow it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import hyp2f1

from fangkong.science.epi.detection.alarms import (
    BOUND_NOT_FINITE,
    TOO_FEW_CASES,
    Alarms,
    alarms_of,
    count_matrix,
    reason_number,
)
from fangkong.science.epi.detection.usual_count import usual_count
from fangkong.science.epi.serial_interval import FloatArray

TRANSFORMS = ("standard", "rossi", "anscombe", "anscombe2nd", "pearsonNegBin", "anscombeNegBin", "none")
# The reference tabulates the Anscombe residual of negative binomial counts: by hundredths up to 10, by ones up to 100.
_TABLED_BY_HUNDREDTHS, _TABLED_BY_ONES = 10.0, 100.0


def cusum(
    counts: ArrayLike,
    start: int,
    frequency: int = 52,
    *,
    k: float = 1.04,
    h: float = 2.26,
    m: ArrayLike | str | None = None,
    trans: str = "standard",
    alpha: float = 0.1,
) -> Alarms:
    """Alarms where the summed excess over the usual count passes a limit.

    Arguments:
        counts: shape ``[time]`` or ``[series, time]``, by period, at least 0; NaN where missing (adds nothing).
        start: 0-based position of the first period watched; what lies before it is the training.
        frequency: periods in a year, for ``m="glm"``.
        k: excess per period that is tolerated; h: the limit of the sum, both in standard deviations.
        m: the usual count: None for the mean of the training, "glm" for a Poisson regression on it with one yearly
            wave, "glmTrend" with a log-linear trend besides, a number, one for each period or for each watched period,
            or ``[series, time]``.
        trans: how counts become standardised: "standard" ((x - m) / sqrt(m)), "rossi", "anscombe", "anscombe2nd" (with
            the mean of the transformed count to second order), "pearsonNegBin" and "anscombeNegBin" (residuals of
            negative binomial counts) or "none".
        alpha: of the negative binomial law: its variance is m + alpha m^2; at least 0.

    Returns:
        ``upper`` is the count that would pass the limit in that period, given the sum so far (rounded up for
        "standard"; "none" and "anscombeNegBin": what is left of the limit *after* the period, as in the reference);
        ``expected`` is ``m``. The sum is not reset by an alarm. Without a case in the training the first case alarms
        and a period without one leaves nothing to sum (``too_few_cases`` from there on). Refused: ``not_monitored``
        (before ``start``), ``baseline_too_short``, ``missing_baseline``, ``fit_not_converged``.

    Raises:
        ValueError: an unknown ``trans`` or ``m``, a negative ``start``, ``m`` or ``alpha``, ``h`` not above 0.

    >>> watch = cusum([2, 3, 1, 2, 2, 5, 5, 5], start=5)
    >>> watch.alarm.tolist()[5:], watch.upper.tolist()[5:]
    ([False, False, True], [7.0, 6.0, 4.0])
    """
    if trans not in TRANSFORMS:
        raise ValueError(f"trans is {trans!r}; use one of {', '.join(TRANSFORMS)}")
    if not h > 0:
        raise ValueError(f"h is {h}; it must be above 0")
    if not alpha >= 0:
        raise ValueError(f"alpha is {alpha}; it must be at least 0")
    matrix, _, _ = count_matrix(counts)
    mean, reason = usual_count(matrix, start, frequency, m)
    if (mean < 0).any():
        raise ValueError("the usual count m must be at least 0 in every period watched")
    series, length = matrix.shape
    upper, raised = np.full(matrix.shape, np.nan), np.zeros(matrix.shape, dtype=bool)
    total = np.zeros(series)
    for t in range(start, length):
        x, usual = matrix[:, t], mean[:, t]
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            excess = _standardised(x, usual, trans, alpha)
            after = np.where(np.isnan(x) | np.isnan(usual), total, np.maximum(total + excess - k, 0))
            bound = _bound(usual, h, k, total, after, trans, alpha)
        # Where the formula has no root the reference writes 0: any count passes.
        upper[:, t] = np.maximum(np.nan_to_num(bound, nan=0.0), 0)
        raised[:, t] = after >= h
        total = after
        lost = np.isnan(after) & (reason[:, t] == 0)
        reason[lost, t] = np.where(
            usual[lost] > 0, reason_number(BOUND_NOT_FINITE), reason_number(TOO_FEW_CASES)
        )
    return alarms_of(
        f"cusum_{trans}",
        counts,
        upper=upper,
        expected=mean,
        reason=reason,
        alarm=raised,
        params={"k": k, "h": h},
    )


def _standardised(x: FloatArray, mean: FloatArray, trans: str, alpha: float) -> FloatArray:
    if trans == "rossi":
        return np.asarray((x - 3 * mean + 2 * np.sqrt(x * mean)) / (2 * np.sqrt(mean)))
    if trans == "anscombe":
        return np.asarray(1.5 * (x ** (2 / 3) - mean ** (2 / 3)) / mean ** (1 / 6))
    if trans == "anscombe2nd":
        centre = mean ** (2 / 3) - mean ** (-1 / 3) / 9
        return np.asarray((x ** (2 / 3) - centre) / (2 / 3 * mean ** (1 / 6)))
    if trans == "pearsonNegBin":
        return np.asarray((x - mean) / np.sqrt(mean + alpha * mean**2))
    if trans == "anscombeNegBin":
        rise = 1.5 * (x ** (2 / 3) * _tabled(alpha * x) - mean ** (2 / 3) * _tabled(alpha * mean))
        return np.asarray(rise / (mean + alpha * mean**2) ** (1 / 6))
    if trans == "standard":
        return np.asarray((x - mean) / np.sqrt(mean))
    return x


def _tabled(size: FloatArray) -> FloatArray:
    """The factor of the negative binomial Anscombe transform at ``-size``, as coarse as the reference's table.

    The table ends at 100 and the reference has no value beyond; here the function itself goes on.
    """
    below = np.floor(size * 100) / 100
    above = below + 0.01
    near = np.where(size - below <= above - size, below, above)
    low = np.floor(size)
    share = size - low
    between = (1 - share) * _factor(low) + share * _factor(low + 1)
    fine = np.where(size <= _TABLED_BY_HUNDREDTHS, _factor(near), between)
    return np.asarray(np.where(size <= _TABLED_BY_ONES, fine, _factor(size)))


def _factor(size: FloatArray) -> FloatArray:
    return np.asarray(hyp2f1(1 / 3, 2 / 3, 5 / 3, -size))


def _bound(
    mean: FloatArray, h: float, k: float, before: FloatArray, after: FloatArray, trans: str, alpha: float
) -> FloatArray:
    """The count at which the sum reaches the limit, the inverse of the standardisation."""
    left = h + k - before
    if trans == "rossi":
        root = np.sqrt(mean)
        return np.asarray(2 * left * root + 5 * mean - 2 * np.sqrt(4 * mean**2 + 2 * mean**1.5 * left))
    if trans == "anscombe":
        return np.asarray(np.maximum(2 / 3 * mean ** (1 / 6) * left + mean ** (2 / 3), 0) ** 1.5)
    if trans == "anscombe2nd":
        # The reference takes m^(1/3) here where the standardisation has m^(-1/3).
        centre = mean ** (2 / 3) - mean ** (1 / 3) / 9
        return np.asarray(np.maximum(2 / 3 * mean ** (1 / 6) * left + centre, 0) ** 1.5)
    if trans == "pearsonNegBin":
        return np.asarray(np.sqrt(mean + alpha * mean**2) * left + mean)
    if trans == "standard":
        return np.asarray(np.ceil(np.sqrt(mean) * left + mean))
    return np.asarray(h - after)
