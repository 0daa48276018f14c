"""EARS C1, C2, C3: a count against the mean and the spread of the few days or weeks before it.

For series without years of history. C1 takes the baseline right before the count, C2 leaves a gap of two between
them so that a growing outbreak does not raise its own bound, C3 adds up the excess of the last three C2.

Source: Hutwagner, Thompson, Seeman, Treadwell (2003), "The bioterrorism preparedness and response Early Aberration
Reporting System (EARS)", J Urban Health 80(2 Suppl 1):i89-96. Bounds are those of ``earsC`` in the R package
surveillance 1.20.3. That package centres the bound of C3 on the count itself although its manual (and the paper)
say the baseline's mean: its C3 alarms when the *two earlier* excesses pass the limit, or when they alone push the
bound to 0, so a sudden jump never alarms on its own day. ``c3_centre`` chooses between the two.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri, stdtr

from fangkong.science.epi.detection.alarms import (
    BASELINE_TOO_SHORT,
    BASELINE_WITHOUT_VARIATION,
    MISSING_BASELINE,
    Alarms,
    alarms_of,
    count_matrix,
    reason_number,
)
from fangkong.science.epi.serial_interval import FloatArray

METHODS = ("C1", "C2", "C3")
# The one-sided levels at which each method is defined.
DEFAULT_ALPHA = {"C1": 0.001, "C2": 0.001, "C3": 0.025}
_GAP = {"C1": 0, "C2": 2, "C3": 2}
# Counts that enter C3: its own day's C2 and the excess of the two before.
_MEMORY = 2
# Series handled at once: what one pass touches stays in the processor's cache.
_CELLS_AT_ONCE = 200_000


def ears(
    counts: ArrayLike,
    method: str = "C1",
    baseline: int = 7,
    *,
    min_sigma: float = 0.0,
    alpha: float | None = None,
    c3_centre: str = "observed",
    p_values: bool = False,
) -> Alarms:
    """Alarms where a count lies above what the baseline right before it makes plausible.

    Arguments:
        counts: shape ``[time]`` or ``[series, time]``, by day or week, at least 0; NaN where missing.
        method: "C1" (no gap), "C2" (gap of two) or "C3" (gap of two, excess of three).
        baseline: number of counts in the baseline, at least 2.
        min_sigma: smallest standard deviation to reckon with; 0 lets a baseline of equal counts raise an alarm on
            the first case more.
        alpha: one-sided level of the bound under a normal distribution; by default 0.001 (C1, C2), 0.025 (C3).
        c3_centre: what the bound of C3 starts from: "observed", as surveillance computes it, or "mean", as it is
            published; see the head of the module.
        p_values: whether to state the p-values (C1, C2); they cost more than all the rest.

    Returns:
        ``expected`` is the baseline's mean. ``p_value`` (C1, C2) is the chance of so high a next count after a
        normal baseline of unknown spread (Student's t), which is honest where ``alpha`` is not: a bound from seven
        counts at 0.001 is passed by 0.014 of them. Refused: ``baseline_too_short``, ``missing_baseline`` (a missing
        count within it), ``baseline_without_variation`` (C3 only: equal counts leave its past excess undefined).

    Raises:
        ValueError: an unknown method, a baseline below 2, a negative ``min_sigma``, ``alpha`` not between 0 and 1.

    >>> watch = ears([2, 3, 2, 4, 3, 2, 3, 12])
    >>> round(float(watch.upper[7]), 3), round(float(watch.expected[7]), 3), bool(watch.alarm[7])
    (5.05, 2.714, True)
    >>> watch.reason_at(6)
    'baseline_too_short'
    """
    if method not in METHODS:
        raise ValueError(f"method is {method!r}; use one of {', '.join(METHODS)}")
    if baseline < 2:
        raise ValueError(f"baseline is {baseline}; a spread needs at least 2 counts")
    if not min_sigma >= 0:
        raise ValueError(f"min_sigma is {min_sigma}; it cannot be negative")
    level = DEFAULT_ALPHA[method] if alpha is None else alpha
    if not 0 < level < 1:
        raise ValueError(f"alpha is {level}; it must lie between 0 and 1")
    if c3_centre not in ("observed", "mean"):
        raise ValueError(f"c3_centre is {c3_centre!r}; use observed or mean")
    matrix, _, _ = count_matrix(counts)
    shape = matrix.shape
    upper, expected, p_value = (np.full(shape, np.nan) for _ in range(3))
    reason = np.zeros(shape, dtype=np.uint8)
    at_once = max(1, _CELLS_AT_ONCE // max(1, shape[1]))
    for start in range(0, shape[0], at_once):
        part = slice(start, start + at_once)
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            upper[part], expected[part], p_value[part], reason[part] = _bounds(
                matrix[part], method, baseline, min_sigma, level, c3_centre, p_values
            )
    return alarms_of(
        f"ears_{method.lower()}",
        counts,
        upper=upper,
        expected=expected,
        reason=reason,
        p_value=p_value,
        params={"baseline": baseline, "alpha": level, "min_sigma": min_sigma},
    )


def _bounds(
    matrix: FloatArray,
    method: str,
    baseline: int,
    min_sigma: float,
    alpha: float,
    c3_centre: str,
    p_values: bool,
) -> tuple[FloatArray, FloatArray, FloatArray, np.ndarray]:
    """Bound, baseline mean, p-value and reason of every cell of a few series."""
    gap, z = _GAP[method], -float(ndtri(alpha))
    mean, sd = _baseline_moments(matrix, baseline, gap)
    spread = np.maximum(sd, min_sigma)
    reason = np.zeros(matrix.shape, dtype=np.uint8)
    p_value = np.full(matrix.shape, np.nan)
    first = baseline + gap + (_MEMORY if method == "C3" else 0)
    reason[:, :first] = reason_number(BASELINE_TOO_SHORT)
    missing = np.isnan(mean)
    if method == "C3":
        excess = (matrix - mean) / spread
        # 0/0 stays undefined as in the reference; NaN passes through np.maximum.
        past = np.maximum(excess - 1, 0)
        before, long_before = _shifted(past, 1), _shifted(past, 2)
        missing |= _any_shifted_missing(matrix, mean)
        centre = matrix if c3_centre == "observed" else mean
        # Two past excesses can exceed z; a bound below zero says nothing more than zero.
        upper = np.maximum(centre + spread * (z - (long_before + before)), 0)
        reason[(reason == 0) & ~missing & np.isnan(upper) & ~np.isnan(matrix)] = reason_number(
            BASELINE_WITHOUT_VARIATION
        )
    else:
        upper = mean + z * spread
    if p_values and method != "C3":
        t = (matrix - mean) / (spread * math.sqrt(1 + 1 / baseline))
        p_value = np.asarray(stdtr(baseline - 1, -t))
    reason[(reason == 0) & missing] = reason_number(MISSING_BASELINE)
    return upper, mean, p_value, reason


def _baseline_moments(matrix: FloatArray, baseline: int, gap: int) -> tuple[FloatArray, FloatArray]:
    """Mean and standard deviation of the ``baseline`` counts that end ``gap + 1`` before each cell."""
    mean, sd = np.full(matrix.shape, np.nan), np.full(matrix.shape, np.nan)
    first = baseline + gap
    length = matrix.shape[1] - first
    if length <= 0:
        return mean, sd
    # Two passes over shifted slices: a running sum of squares loses the spread of large counts.
    total = np.zeros((matrix.shape[0], length))
    for lag in range(baseline):
        total += matrix[:, lag : lag + length]
    mean[:, first:] = total / baseline
    squares = np.zeros_like(total)
    for lag in range(baseline):
        off = matrix[:, lag : lag + length] - mean[:, first:]
        squares += off * off
    sd[:, first:] = np.sqrt(squares / (baseline - 1))
    return mean, sd


def _shifted(values: FloatArray, lag: int) -> FloatArray:
    """The values ``lag`` cells earlier, NaN before the first."""
    out = np.full(values.shape, np.nan)
    out[:, lag:] = values[:, : values.shape[1] - lag]
    return out


def _any_shifted_missing(matrix: FloatArray, mean: FloatArray) -> np.ndarray:
    """Where one of the two C2 before a cell lacks its count or its baseline."""
    lacking = (np.isnan(matrix) | np.isnan(mean)).astype(np.float64)
    return (_shifted(lacking, 1) + _shifted(lacking, 2)) > 0
