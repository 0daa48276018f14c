"""Whether forecasts are honest: coverage of their intervals, probability integral transform, bias.

Source: Gneiting, Balabdaoui, Raftery (2007), JRSS B 69:243-268; Czado, Gneiting, Held (2009), Biometrics
65:1254-1261 (PIT of counts); bias as in the R package scoringutils 2 (Bosse et al. 2022).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from fangkong.science.epi.scoring.levels import levels_first, position_of_level
from fangkong.science.epi.serial_interval import FloatArray


@dataclass(frozen=True, slots=True)
class PitHistogram:
    """How often what came fell between neighbouring forecast quantiles, and how often it should have.

    Attributes:
        edges: levels that bound the bins, from 0 to 1; shape ``[bins + 1]``.
        share: share of observed values in each bin; NaN when nothing was observed.
        expected: width of each bin: its share under perfect calibration.
        count: observed values that could be placed.
    """

    edges: FloatArray
    share: FloatArray
    expected: FloatArray
    count: int


def interval_coverage(
    observed: ArrayLike, quantile_levels: ArrayLike, quantiles: ArrayLike, level: float
) -> FloatArray | float:
    """1 where what came lies within the central interval, 0 where not; the mean is the coverage.

    Arguments:
        observed, quantile_levels, quantiles: as in ``weighted_interval_score``.
        level: probability that the interval claims to hold (0.9 for 5 % to 95 %).

    Returns:
        Shape of the observed values (a float for a number), NaN where an input is missing.

    Raises:
        ValueError: the levels do not hold the ends of that interval.

    >>> interval_coverage(12.0, [0.05, 0.5, 0.95], [5.0, 9.0, 13.0], 0.9)
    1.0
    """
    y, levels, q = levels_first(observed, quantile_levels, quantiles)
    if not 0 < level < 1:
        raise ValueError(f"level is {level}; it must lie between 0 and 1 (0.9 for 5 % to 95 %)")
    low, high = position_of_level(levels, (1 - level) / 2), position_of_level(levels, (1 + level) / 2)
    if low is None or high is None:
        raise ValueError(
            f"the interval of {level:g} ends at levels {(1 - level) / 2:g} and {(1 + level) / 2:g}, "
            "which are not among the quantile levels"
        )
    known = ~(np.isnan(y) | np.isnan(q[low]) | np.isnan(q[high]))
    inside = np.where(known, (y >= q[low]) & (y <= q[high]), np.nan)
    return float(inside) if inside.ndim == 0 else inside


def pit(observed: ArrayLike, samples: ArrayLike, *, seed: int | None = None) -> FloatArray | float:
    """Where what came stands in the forecast distribution: uniform between 0 and 1 when forecasts are honest.

    Arguments:
        observed: shape ``S``.
        samples: forecast samples, ``[samples, *S]``.
        seed: counts tie with samples; None puts a tie at its middle (mid-PIT), a seed at a random place in
            it (randomised PIT, which is exactly uniform).

    Returns:
        Shape ``S`` (a float for a number); NaN where an input is NaN.

    Raises:
        ValueError: no samples, or shapes that do not fit.

    >>> pit(2.0, [0.0, 1.0, 2.0, 3.0])
    0.625
    """
    y, x = np.asarray(observed, dtype=np.float64), np.asarray(samples, dtype=np.float64)
    if x.ndim == 0 or x.shape[0] == 0 or x.shape[1:] != y.shape:
        raise ValueError(
            f"samples have shape {x.shape} for observed values of shape {y.shape}; samples first"
        )
    below, upto = (x < y).mean(axis=0), (x <= y).mean(axis=0)
    place: FloatArray | float = 0.5 if seed is None else np.random.default_rng(seed).random(y.shape)
    value = np.where(np.isnan(y) | np.isnan(x).any(axis=0), np.nan, below + place * (upto - below))
    return float(value) if value.ndim == 0 else value


def pit_histogram(observed: ArrayLike, quantile_levels: ArrayLike, quantiles: ArrayLike) -> PitHistogram:
    """The histogram of what came over the bins between the forecast quantiles.

    Arguments and errors are those of ``weighted_interval_score``, but the levels need no partners. A value
    equal to one or several quantiles (counts tie) is shared by the bins about them, by their width.

    >>> pit_histogram([1.0, 2.0, 9.0, 10.0], [0.5], [[5.0, 5.0, 5.0, 5.0]]).share.tolist()
    [0.5, 0.5]
    """
    y, levels, q = levels_first(observed, quantile_levels, quantiles)
    edges = np.concatenate([[0.0], levels, [1.0]])
    width = np.diff(edges)
    usable = ~(np.isnan(y) | np.isnan(q).any(axis=0))
    value, forecast = y[usable], q[:, usable]
    # Bins first..last touch the value; without a tie they are one bin.
    first, last = (forecast < value).sum(axis=0), (forecast <= value).sum(axis=0)
    bins = np.arange(width.size)[:, None]
    part = np.where((bins >= first) & (bins <= last), width[:, None], 0.0)
    count = int(value.size)
    share = (part / part.sum(axis=0)).mean(axis=1) if count else np.full(width.size, np.nan)
    return PitHistogram(edges=edges, share=share, expected=width, count=count)


def bias(observed: ArrayLike, quantile_levels: ArrayLike, quantiles: ArrayLike) -> FloatArray | float:
    """How far forecasts lean: -1 where all quantiles lie below what came, 1 where all lie above, 0 at the median.

    ``1 - 2 p`` with p the level of the nearest quantile on the outer side of what came.

    Arguments and errors are those of ``weighted_interval_score``, but the levels need no partners; without the
    median level the median is interpolated between its neighbours (levels on both sides of 0.5 are needed).

    Returns:
        Shape of the observed values (a float for a number), NaN where an input is missing.

    >>> bias(12.0, [0.1, 0.5, 0.9], [5.0, 9.0, 13.0])
    -0.8
    """
    y, levels, q = levels_first(observed, quantile_levels, quantiles)
    at = position_of_level(levels, 0.5)
    if at is not None:
        median = q[at]
    else:
        above = int(np.searchsorted(levels, 0.5))
        if above in (0, levels.size):
            raise ValueError("bias needs the median: give level 0.5, or levels on both sides of it")
        share = (0.5 - levels[above - 1]) / (levels[above] - levels[above - 1])
        with np.errstate(invalid="ignore"):
            median = q[above - 1] + share * (q[above] - q[above - 1])
    p = levels.reshape((-1,) + (1,) * y.ndim)
    highest_below = np.where(q <= y, p, 0.0).max(axis=0)
    lowest_above = np.where(q >= y, p, 1.0).min(axis=0)
    lean = np.where(y < median, 1 - 2 * highest_below, np.where(y > median, 1 - 2 * lowest_above, 0.0))
    lean = np.where(np.isnan(y) | np.isnan(q).any(axis=0), np.nan, lean)
    return float(lean) if lean.ndim == 0 else lean
