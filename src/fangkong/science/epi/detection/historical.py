"""Bayes and RKI: a week against the weeks just before it and the same weeks of earlier years, without a model of trend.

Source: Hoehle (2007), "surveillance: An R package for the monitoring of infectious diseases", Comput Stat 22:571-582;
the Robert Koch Institute's system as described there. Bounds are those of ``bayes`` and ``rki`` in the R package
surveillance 1.20.3.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import ArrayLike

from fangkong.science.epi.detection.alarms import (
    BASELINE_TOO_SHORT,
    MISSING_BASELINE,
    Alarms,
    alarms_of,
    count_matrix,
    reason_number,
)
from fangkong.science.epi.detection.thresholds import count_bound
from fangkong.science.epi.serial_interval import FloatArray

# The three sub-systems by number: (years back, half window, whether the weeks just before belong to the baseline).
VARIANTS: dict[int, tuple[int, int, bool]] = {1: (0, 6, True), 2: (1, 6, True), 3: (2, 4, False)}
# Above this mean the RKI system takes two standard deviations instead of the Poisson table, which ends there.
_LAST_TABLED_MEAN = 20
_STANDARD_DEVIATIONS = 2


def bayes(
    counts: ArrayLike,
    variant: int = 1,
    frequency: int = 52,
    *,
    b: int | None = None,
    w: int | None = None,
    act_y: bool | None = None,
    alpha: float = 0.05,
) -> Alarms:
    """Alarms where a count lies above the predictive quantile that its baseline gives.

    The baseline's counts are Poisson with one mean that has Jeffreys' prior, so the next count is negative binomial.

    Arguments:
        counts: shape ``[time]`` or ``[series, time]``, by period, at least 0; NaN where missing (left out).
        variant: 1 (the six periods before), 2 (these and a window of 6 either side one year ago) or 3 (windows of 4
            either side one and two years ago).
        frequency: periods in a year.
        b, w, act_y: years back, half window, whether the periods just before belong to the baseline; each overrides
            the variant.
        alpha: one-sided level of the bound.

    Returns:
        ``expected`` is the predictive mean, ``p_value`` the predictive chance of at least the count. Refused:
        ``baseline_too_short``, ``missing_baseline`` (nothing observed in it).

    Raises:
        ValueError: an unknown variant, an empty baseline, ``alpha`` not between 0 and 1.

    >>> watch = bayes([3, 2, 4, 3, 1, 2, 9])
    >>> float(watch.upper[6]), bool(watch.alarm[6]), round(float(watch.expected[6]), 3)
    (6.0, True, 2.583)
    """
    if not 0 < alpha < 1:
        raise ValueError(f"alpha is {alpha}; it must lie between 0 and 1")
    matrix, _, _ = count_matrix(counts)
    offsets = _offsets(variant, frequency, b, w, act_y)
    sums = _Baseline(matrix, offsets)
    with np.errstate(invalid="ignore", divide="ignore"):
        # Negative binomial of size total + 1/2 and probability n / (n + 1): its mean and variance over mean.
        expected = (sums.total + 0.5) / sums.observed
        phi = 1 + 1 / sums.observed
    upper, p_value = count_bound(matrix.ravel(), expected.ravel(), phi.ravel(), alpha)
    reason = sums.reason(lacking=sums.observed == 0)
    return alarms_of(
        "bayes",
        counts,
        upper=upper.reshape(matrix.shape),
        expected=expected,
        reason=reason,
        p_value=p_value.reshape(matrix.shape),
        params={"alpha": alpha},
    )


def rki(
    counts: ArrayLike,
    variant: int = 3,
    frequency: int = 52,
    *,
    b: int | None = None,
    w: int | None = None,
    act_y: bool | None = None,
) -> Alarms:
    """Alarms where a count lies above the tabled limit of its baseline's mean (RKI systems 1, 2 and 3).

    Arguments:
        counts, variant, frequency, b, w, act_y: as for ``bayes``; the third system by default, as in ``algo.rki``.

    Returns:
        ``expected`` is the baseline's mean. Up to a mean of 20 the bound is the upper 95 % Poisson limit of the mean
        rounded down, above it the mean plus two standard deviations. Refused: ``baseline_too_short``,
        ``missing_baseline`` (any count of it missing).

    Raises:
        ValueError: an unknown variant or an empty baseline.

    >>> watch = rki([3, 2, 4, 3, 1, 2, 9], 1)
    >>> float(watch.upper[6]), bool(watch.alarm[6])
    (6.686, True)
    """
    matrix, _, _ = count_matrix(counts)
    sums = _Baseline(matrix, _offsets(variant, frequency, b, w, act_y))
    size = len(sums.offsets)
    mean = sums.total / size
    upper = np.full(matrix.shape, np.nan)
    reason = sums.reason(lacking=sums.observed < size)
    known = reason == 0
    small = known & (mean <= _LAST_TABLED_MEAN)
    upper[small] = _limits()[np.floor(mean[small]).astype(np.int64)]
    large = known & ~small
    if large.any() and size > 1:
        upper[large] = (mean + _STANDARD_DEVIATIONS * sums.standard_deviation(mean))[large]
    return alarms_of("rki", counts, upper=upper, expected=np.where(known, mean, np.nan), reason=reason)


@cache
def _limits() -> FloatArray:
    """Upper Poisson limits by count, from the data file beside this module."""
    text = resources.files(__package__).joinpath("poisson_limits.toml").read_text(encoding="utf-8")
    return np.asarray(tomllib.loads(text)["upper"], dtype=np.float64)


def _offsets(variant: int, frequency: int, b: int | None, w: int | None, act_y: bool | None) -> list[int]:
    """How many periods before the present each count of the baseline lies."""
    if variant not in VARIANTS:
        raise ValueError(f"variant is {variant}; use one of {', '.join(map(str, VARIANTS))}")
    years, half, recent = VARIANTS[variant]
    years, half = years if b is None else b, half if w is None else w
    recent = recent if act_y is None else act_y
    if years < 0 or half < 0 or frequency < 1:
        raise ValueError("b and w cannot be negative and frequency must be at least 1")
    if years and half >= frequency:
        raise ValueError(f"w is {half}; with a frequency of {frequency} the window would reach the present")
    offsets = list(range(half, 0, -1)) if recent else []
    for back in range(1, years + 1):
        offsets += range(back * frequency + half, back * frequency - half - 1, -1)
    if not offsets:
        raise ValueError("the baseline is empty; give b, w or act_y so that it holds a period")
    return offsets


class _Baseline:
    """Sums over the baseline of every cell at once."""

    def __init__(self, matrix: FloatArray, offsets: list[int]) -> None:
        self.offsets = offsets
        self._values = np.nan_to_num(matrix)
        self._present = (~np.isnan(matrix)).astype(np.float64)
        self.shape = matrix.shape
        self.first = max(offsets)
        self.total = self._summed(self._values)
        self.observed = self._summed(self._present)

    def _summed(self, values: FloatArray) -> FloatArray:
        out = np.zeros(self.shape)
        length = self.shape[1] - self.first
        with np.errstate(over="ignore"):
            for offset in self.offsets if length > 0 else ():
                out[:, self.first :] += values[:, self.first - offset : self.first - offset + length]
        return out

    def standard_deviation(self, mean: FloatArray) -> FloatArray:
        """Of a baseline without missing counts, about its mean."""
        squares = np.zeros(self.shape)
        length = self.shape[1] - self.first
        with np.errstate(over="ignore", invalid="ignore"):
            for offset in self.offsets:
                past = self._values[:, self.first - offset : self.first - offset + length]
                squares[:, self.first :] += (past - mean[:, self.first :]) ** 2
            return np.asarray(np.sqrt(squares / (len(self.offsets) - 1)))

    def reason(self, lacking: np.ndarray) -> np.ndarray:
        """Why a cell has no bound: before the baseline is full, or where it lacks counts."""
        reason = np.zeros(self.shape, dtype=np.uint8)
        reason[lacking] = reason_number(MISSING_BASELINE)
        reason[:, : self.first] = reason_number(BASELINE_TOO_SHORT)
        return reason
