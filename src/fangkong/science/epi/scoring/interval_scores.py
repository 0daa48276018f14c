"""Proper scores of quantile and sample forecasts: WIS with its parts, interval, quantile score and CRPS.

Source: Bracher, Ray, Gneiting, Reich (2021), PLoS Comput Biol 17(2):e1008618 (WIS and its parts); Gneiting and
Raftery (2007), JASA 102:359-378 (interval score, CRPS). Equal to the Python package scoringrules and, without
the median level, to ``wis`` of the R package scoringutils 2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from fangkong.science.epi.scoring.levels import central_pairs, levels_first
from fangkong.science.epi.serial_interval import FloatArray


@dataclass(frozen=True, slots=True)
class IntervalScoreParts:
    """The weighted interval score and the three parts that add up to it.

    Attributes:
        total: the score; shape of the observed values, NaN where an input is missing.
        dispersion: what the width of the intervals costs.
        overprediction: what observed values below the intervals (or the median) cost.
        underprediction: what observed values above them cost.
    """

    total: FloatArray
    dispersion: FloatArray
    overprediction: FloatArray
    underprediction: FloatArray


def weighted_interval_score(
    observed: ArrayLike, quantile_levels: ArrayLike, quantiles: ArrayLike
) -> FloatArray | float:
    """The weighted interval score (WIS) of each forecast: a distance in cases, 0 at best.

    With ``K`` central intervals of probability ``1 - a``, the sum of ``a / 2`` times the interval scores and
    half the absolute error of the median, over ``K + 1/2``; without the median level, over ``K``. Either way
    it is twice the mean quantile score.

    Arguments:
        observed: what came, in cases; a number or any shape ``S``. NaN where unknown.
        quantile_levels: probabilities in any order, in pairs ``p`` and ``1 - p``, with or without 0.5.
        quantiles: forecast quantiles, ``[levels, *S]``, or ``[*S, levels]`` when only that fits.

    Returns:
        Shape ``S`` (a float for a number); NaN wherever an input is NaN or infinite.

    Raises:
        ValueError: levels outside 0..1, repeated or without partner; shapes that do not fit.

    >>> round(weighted_interval_score(12.0, [0.1, 0.5, 0.9], [5.0, 9.0, 11.0]), 3)
    2.067
    """
    total = weighted_interval_score_parts(observed, quantile_levels, quantiles).total
    return float(total) if total.ndim == 0 else total


def weighted_interval_score_parts(
    observed: ArrayLike, quantile_levels: ArrayLike, quantiles: ArrayLike
) -> IntervalScoreParts:
    """The weighted interval score with its dispersion, overprediction and underprediction.

    Arguments and errors are those of ``weighted_interval_score``.

    >>> parts = weighted_interval_score_parts(12.0, [0.1, 0.5, 0.9], [5.0, 9.0, 11.0])
    >>> [round(float(x), 3) for x in (parts.dispersion, parts.overprediction, parts.underprediction)]
    [0.4, 0.0, 1.667]
    """
    y, levels, q = levels_first(observed, quantile_levels, quantiles)
    lower, upper, median = central_pairs(levels)
    usable = np.isfinite(y) & np.isfinite(q).all(axis=0)
    y, q = np.where(usable, y, 0.0), np.where(usable, q, 0.0)
    half_alpha = levels[lower].reshape((-1,) + (1,) * y.ndim)
    low, high = q[lower], q[upper]
    weight = lower.size + (0.5 if median is not None else 0.0)
    with np.errstate(over="ignore", invalid="ignore"):
        dispersion = (half_alpha * (high - low)).sum(axis=0)
        over = np.maximum(low - y, 0.0).sum(axis=0)
        under = np.maximum(y - high, 0.0).sum(axis=0)
        if median is not None:
            over = over + 0.5 * np.maximum(q[median] - y, 0.0)
            under = under + 0.5 * np.maximum(y - q[median], 0.0)
        parts = [np.where(usable, part / weight, np.nan) for part in (dispersion, over, under)]
        total = np.where(usable, (dispersion + over + under) / weight, np.nan)
    return IntervalScoreParts(total, *parts)


def interval_score(
    observed: ArrayLike, lower: ArrayLike, upper: ArrayLike, level: float
) -> FloatArray | float:
    """The interval (Winkler) score of a central interval: its width and what lies outside it.

    Arguments:
        observed, lower, upper: in cases, shapes that broadcast.
        level: probability that the interval claims to hold, between 0 and 1 (0.9 for 5 % to 95 %).

    Returns:
        The broadcast shape (a float for numbers); NaN wherever an input is NaN or infinite.

    Raises:
        ValueError: a level not between 0 and 1.

    >>> interval_score(12.0, 5.0, 11.0, 0.8)
    16.0
    """
    if not 0 < level < 1:
        raise ValueError(f"level is {level}; it must lie between 0 and 1 (0.9 for 5 % to 95 %)")
    y, low, high = (np.asarray(values, dtype=np.float64) for values in (observed, lower, upper))
    with np.errstate(over="ignore", invalid="ignore"):
        outside = np.maximum(low - y, 0.0) + np.maximum(y - high, 0.0)
        score = (high - low) + 2 / (1 - level) * outside
    return _finite_or_nan(score)


def quantile_score(observed: ArrayLike, quantile_levels: ArrayLike, quantiles: ArrayLike) -> FloatArray:
    """The quantile (pinball) score of each level, in the order of the levels given.

    Arguments and errors are those of ``weighted_interval_score``, but the levels need no partners.

    Returns:
        Shape ``[levels, *S]``; NaN wherever an input is NaN or infinite.

    >>> [round(float(x), 3) for x in quantile_score(12.0, [0.9, 0.1], [11.0, 5.0])]
    [0.9, 0.7]
    """
    y, levels, q = levels_first(observed, quantile_levels, quantiles)
    with np.errstate(over="ignore", invalid="ignore"):
        error = y - q
        p = levels.reshape((-1,) + (1,) * y.ndim)
        score = np.asarray(_finite_or_nan(np.maximum(p * error, (p - 1) * error)))
    back = np.argsort(np.argsort(np.atleast_1d(np.asarray(quantile_levels, dtype=np.float64))))
    return score[back]


def crps_samples(observed: ArrayLike, samples: ArrayLike, *, fair: bool = False) -> FloatArray | float:
    """The continuous ranked probability score of forecasts given as samples.

    Arguments:
        observed: shape ``S``, in cases.
        samples: shape ``[samples, *S]``.
        fair: correct for the finite number of samples (needs two): the expected score of the distribution
            that the samples come from, instead of the score of the samples themselves.

    Returns:
        Shape ``S`` (a float for a number); NaN wherever an input is NaN or infinite.

    Raises:
        ValueError: no samples (one, when fair), or shapes that do not fit.

    >>> crps_samples(2.0, [1.0, 3.0])
    0.5
    """
    y, x = np.asarray(observed, dtype=np.float64), np.asarray(samples, dtype=np.float64)
    if x.ndim == 0 or x.shape[1:] != y.shape:
        raise ValueError(
            f"samples have shape {x.shape} for observed values of shape {y.shape}; samples first"
        )
    count = x.shape[0]
    if count < (2 if fair else 1):
        raise ValueError(f"{count} samples; give at least {2 if fair else 1}")
    usable = np.isfinite(y) & np.isfinite(x).all(axis=0)
    y, x = np.where(usable, y, 0.0), np.sort(np.where(usable, x, 0.0), axis=0)
    rank = np.arange(count, dtype=np.float64).reshape((-1,) + (1,) * y.ndim)
    pairs = count * (count - 1 if fair else count)
    with np.errstate(over="ignore", invalid="ignore"):
        # Sorted, sample i stands above i others and below the rest: the mean distance in one pass.
        spread = ((2 * rank + 1 - count) * x).sum(axis=0) / pairs
        score = np.where(usable, np.abs(x - y).mean(axis=0) - spread, np.nan)
    return _finite_or_nan(score)


def _finite_or_nan(score: FloatArray) -> FloatArray | float:
    score = np.where(np.isfinite(score), score, np.nan)
    return float(score) if score.ndim == 0 else score
