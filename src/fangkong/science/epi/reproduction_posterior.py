"""The one kernel of the reproduction number: what each window holds, and the gamma posterior that follows.

Design. Over a window the number of local cases is Poisson with mean R times the total infectivity of the
past, and R has a gamma prior, so the posterior is a gamma whose shape is the prior's shape plus a *count* and
whose rate is the prior's rate plus the summed infectivity. Hence: one causal convolution for all series (matrix
products over the band of weights), sums by window, and gamma quantiles by count, scaled afterwards.

Source: Cori et al. (2013), Am J Epidemiol 178(9):1505-1512; imported cases as in Thompson et al. (2019),
Epidemics 29:100356. Numbers are those of ``estimate_R`` in the R package EpiEstim 2.2-4:

- Windows start on the second day (index 1) or later. So the cases of the first day, who have no past in the
  series, count as imported: they infect and are never counted as infected.
- A window has no estimate while its last day, counted from 1, is not above the mean of the serial interval.
- Cases before the first day are taken as none, which makes R too high in the first few serial intervals.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fangkong.science.epi.estimates import (
    INVALID_COUNTS,
    MISSING_DAYS,
    NO_PAST_CASES,
    TOO_FEW_CASES,
    WINDOW_BEFORE_SERIAL_INTERVAL,
)
from fangkong.science.epi.gamma_quantiles import gamma_quantiles
from fangkong.science.epi.serial_interval import FloatArray

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
ReasonArray = NDArray[np.uint8]

NO_WINDOW = "no_window"

#: Why a window has no number, or a number that a page may hold back, by position.
REASON_CODES: tuple[str, ...] = (
    "",
    WINDOW_BEFORE_SERIAL_INTERVAL,
    MISSING_DAYS,
    NO_PAST_CASES,
    TOO_FEW_CASES,
    INVALID_COUNTS,
    NO_WINDOW,
)

#: Above it two whole numbers may be the same double, and a count is no longer one.
LARGEST_COUNT = float(2**53)
# Infectivity below it is nobody: what the rounded tail of a discretised interval leaves.
_NEGLIGIBLE_INFECTIVITY = 1e-9
# Products this small stay on one core: on a busy machine the threads of BLAS wait for one another longer than
# they work.
_BLOCK_DAYS, _BLOCK_SERIES = 64, 48


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the windows of a block of series hold; every array ``[series, windows]``.

    Attributes:
        cases: local cases; a missing day counts none.
        infectivity: summed total infectivity.
        missing_days: days without a usable count.
        reason: 0, or the position in ``REASON_CODES`` of why the window carries no estimate (or, for
            ``no_past_cases``, only its prior).
    """

    cases: FloatArray
    infectivity: FloatArray
    missing_days: FloatArray
    reason: ReasonArray


def reason_number(code: str) -> int:
    """Position of a code in ``REASON_CODES``."""
    return REASON_CODES.index(code)


def sliding_windows(days: int, window_days: int) -> IntArray:
    """Every window of ``window_days`` days from the second day on, as 0-based ``[first, last]`` rows.

    Arguments:
        days: length of the series.
        window_days: days in a window, both ends included, at least 1.

    Returns:
        Shape ``[windows, 2]``, one row per day that ends a window; no rows when the series is too short.
    """
    if window_days < 1:
        raise ValueError(f"the window has {window_days} days; a window has at least one day")
    starts = np.arange(1, max(1, days - window_days + 1), dtype=np.int64)
    return np.stack([starts, starts + window_days - 1], axis=1)


def checked_windows(windows: ArrayLike, days: int) -> IntArray:
    """The windows as whole-number rows ``[first, last]`` inside the series and after its first day.

    Raises:
        ValueError: for another shape, and for windows that leave ``1 <= first <= last < days``.
    """
    given = np.asarray(windows)
    if given.ndim != 2 or given.shape[1] != 2 or given.shape[0] == 0 or given.dtype.kind not in "iu":
        raise ValueError(
            f"windows are {given.dtype} of shape {given.shape}; give whole-number rows [start, end]"
        )
    spans = given.astype(np.int64)
    if ((spans[:, 0] < 1) | (spans[:, 1] < spans[:, 0]) | (spans[:, 1] >= days)).any():
        raise ValueError(
            f"windows must satisfy 1 <= start <= end < {days} (days count from 0, day 0 has no past)"
        )
    return spans


def checked_prior(prior_mean: float, prior_sd: float) -> tuple[float, float]:
    """Shape and rate of the gamma prior with this mean and standard deviation.

    Raises:
        ValueError: unless both are above 0 and finite.
    """
    if not (prior_mean > 0 and prior_sd > 0 and np.isfinite([prior_mean, prior_sd]).all()):
        raise ValueError(f"prior mean {prior_mean} and sd {prior_sd} must both be above 0 and finite")
    return (prior_mean / prior_sd) ** 2, prior_mean / prior_sd**2


def checked_levels(levels: ArrayLike) -> tuple[float, ...]:
    """Quantile levels as floats.

    Raises:
        ValueError: unless they are one row, each strictly between 0 and 1.
    """
    given = np.asarray(levels, dtype=np.float64)
    if given.ndim != 1 or not ((given > 0) & (given < 1)).all():
        raise ValueError(f"quantile levels are {given.tolist()}; give one row, each strictly between 0 and 1")
    return tuple(given.tolist())


def mean_interval_days(weights: FloatArray) -> float:
    """Mean of serial-interval weights, rounded once, so that a whole number of days comes out whole."""
    return math.fsum((weights * np.arange(weights.size)).tolist())


def total_infectivity(cases: ArrayLike, weights: ArrayLike) -> FloatArray:
    """Total infectivity by day: past cases weighted by the serial interval.

    Arguments:
        cases: all cases, local and imported, shape ``[series, days]`` or ``[days]``, no NaN.
        weights: serial-interval probability of lag 0, 1, 2 ... days.

    Returns:
        Shape ``[series, days]``, in cases; 0 on the first day.
    """
    incidence = np.atleast_2d(np.asarray(cases, dtype=np.float64))
    w = np.asarray(weights, dtype=np.float64)
    return banded_sums(incidence, w)


def banded_sums(values: FloatArray, weights: FloatArray, *, later: bool = False) -> FloatArray:
    """``sum over k of weights[k] * values[:, t - k]`` for every day t (``t + k`` with ``later``).

    Tile by tile as products with blocks of the band of weights: sums of products of what is there and nothing
    else, so that a quiet stretch after a great wave keeps its digits (a Fourier transform would not).
    """
    if later:
        return banded_sums(np.ascontiguousarray(values[:, ::-1]), weights)[:, ::-1]
    series, days = values.shape
    found = np.zeros(values.shape)
    in_use = np.flatnonzero(weights[:days])
    if in_use.size == 0:
        return found
    length = int(in_use[-1]) + 1
    lag = np.arange(_BLOCK_DAYS)[None, :] - np.arange(_BLOCK_DAYS)[:, None]
    # bands[d] leads from a block of days to the d-th block after it.
    blocks = (length + 2 * _BLOCK_DAYS - 2) // _BLOCK_DAYS
    padded = np.zeros((blocks + 2) * _BLOCK_DAYS)
    padded[_BLOCK_DAYS : _BLOCK_DAYS + length] = weights[:length]
    bands = [padded[lag + (d + 1) * _BLOCK_DAYS] for d in range(blocks)]
    for row in range(0, series, _BLOCK_SERIES):
        rows = slice(row, row + _BLOCK_SERIES)
        for first in range(0, days, _BLOCK_DAYS):
            into = found[rows, first : first + _BLOCK_DAYS]
            for d, band in enumerate(bands[: first // _BLOCK_DAYS + 1]):
                source = values[rows, first - d * _BLOCK_DAYS : first - (d - 1) * _BLOCK_DAYS]
                into += source @ band[: source.shape[1], : into.shape[1]]
    return found


def window_sums(values: FloatArray, spans: IntArray) -> FloatArray:
    """Sums of ``values`` over each window, ``[series, windows]``.

    Each window is added up by itself: differences of cumulative sums would leave the rounding error of a past
    wave in a quiet window.
    """
    count = spans.shape[0]
    if count == 0:
        return np.zeros((values.shape[0], 0))
    first, width = int(spans[0, 0]), int(spans[0, 1] - spans[0, 0]) + 1
    if (spans[:, 0] == first + np.arange(count)).all() and (spans[:, 1] - spans[:, 0] + 1 == width).all():
        found = values[:, first : first + count].copy()
        for day in range(first + 1, first + width):
            found += values[:, day : day + count]
        return found
    padded = np.concatenate([values, np.zeros((values.shape[0], 1))], axis=1)
    edges = np.stack([spans[:, 0], spans[:, 1] + 1], axis=1).ravel()
    return np.asarray(np.add.reduceat(padded, edges, axis=1)[:, ::2], dtype=np.float64)


def usable_counts(
    incidence: FloatArray, imported: FloatArray | None
) -> tuple[FloatArray, FloatArray, BoolArray]:
    """All cases and the local ones, NaN where a figure cannot be used, and which of those were given but absurd.

    Arguments:
        incidence, imported: ``[series, days]`` as given.

    Returns:
        ``(total, local, invalid)``: a missing figure is NaN in both; one that is negative, infinite, above
        2**53, or more imported than there are cases, is NaN in both and True in ``invalid``.
    """
    total = incidence.astype(np.float64)
    with np.errstate(invalid="ignore"):
        invalid = (total < 0) | (total > LARGEST_COUNT)
        if imported is None:
            total[invalid] = np.nan
            return total, total, invalid
        elsewhere = imported.astype(np.float64)
        invalid |= (elsewhere < 0) | (elsewhere > total)
        local = total - elsewhere
    lost = invalid | np.isnan(local)
    total[lost] = np.nan
    local[lost] = np.nan
    return total, local, invalid


def window_evidence(
    total: FloatArray,
    local: FloatArray,
    invalid: BoolArray,
    weights: FloatArray,
    spans: IntArray,
    missing_weight_limit: float,
) -> Evidence:
    """What each window of each series holds, with the reason where it carries no estimate.

    Arguments:
        total, local, invalid: ``[series, days]``, see ``usable_counts``.
        weights: serial-interval probability of lag 0, 1, 2 ... days.
        spans: ``[windows, 2]``, 0-based first and last day, both included, the first at least 1.
        missing_weight_limit: largest share of the serial-interval weight of the window's days that may fall on
            missing days before the window; those days then count as no cases.
    """
    missing = np.isnan(total)
    gaps = bool(missing.any())
    reported = np.where(missing, 0.0, total) if gaps else total
    own = (np.where(missing, 0.0, local) if gaps else local) if local is not total else reported
    cases = window_sums(own, spans)
    infectivity = window_sums(banded_sums(reported, weights), spans)
    missing_days = np.zeros(cases.shape)
    reason = np.zeros(cases.shape, dtype=np.uint8)
    # Later lines win: the more basic reason stands later.
    reason[infectivity < _NEGLIGIBLE_INFECTIVITY] = reason_number(NO_PAST_CASES)
    if gaps:
        missing_days = window_sums(missing.astype(np.float64), spans)
        length = (spans[:, 1] - spans[:, 0] + 1).astype(np.float64)
        for which, code in ((missing, MISSING_DAYS), (invalid, INVALID_COUNTS)):
            if which.any():
                mask = which.astype(np.float64)
                lost_weight = window_sums(banded_sums(mask, weights), spans)
                lost = (window_sums(mask, spans) > 0) | (lost_weight > missing_weight_limit * length)
                reason[lost] = reason_number(code)
    return Evidence(cases, infectivity, missing_days, reason)


def too_early(weights: FloatArray, spans: IntArray) -> BoolArray:
    """Which windows end, counting days from 1, no later than the mean of the serial interval."""
    return np.asarray(spans[:, 1] + 1 <= mean_interval_days(weights))


class UnitQuantiles:
    """Gamma quantiles with scale 1 by the cases of a window, kept in a table while counts are small and whole."""

    def __init__(self, prior_shape: float, levels: tuple[float, ...]) -> None:
        self.prior_shape, self.levels = prior_shape, levels
        self._table = np.empty((len(levels), 0))

    def fill(self, out: FloatArray, cases: FloatArray, scale: FloatArray) -> None:
        """Write the quantiles of all cells, ``out[levels, ...]``, from their cases and posterior scale."""
        if cases.size == 0:
            return
        largest = float(cases.max())
        if 4 * largest < cases.size + 4 * self._table.shape[1]:
            place = cases.astype(np.int64)
            if (place == cases).all():
                if largest >= self._table.shape[1]:
                    self._table = gamma_quantiles(self.prior_shape + np.arange(largest + 1), self.levels)
                for row, unit in zip(out, self._table, strict=True):
                    np.multiply(unit[place], scale, out=row)
                return
        np.multiply(gamma_quantiles(self.prior_shape + cases, self.levels), scale, out=out)
