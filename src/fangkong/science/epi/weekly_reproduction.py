"""The reproduction number from weekly (or otherwise summed) counts: days are rebuilt, then estimated as ever.

Weekly counts with a serial interval of a few days cannot be read week by week. So the days are rebuilt by
expectation and maximisation: with the days at hand each sum's reproduction number is estimated; it implies a growth
rate; days that grow at this rate within the sum replace the former ones, and so on until they stand still. The sums
are kept throughout. Source: Nash, Bhatt, Cori, Nouvellet (2023), PLoS Comput Biol 19(8):e1011439; growth from R by
Wallinga and Lipsitch (2007), Proc R Soc B 274:599-604. In R: ``estimate_R_agg`` of EpiEstim 2.4 and later, which
looks the growth rate up on a grid of 0.001 where it is solved for here.

The first sum has no past in the series and is split evenly, and so is every later one that ends no later than the
mean serial interval. The interval of R does not hold the doubt about the rebuilt days.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from fangkong.science.epi.reproduction import QUANTILE_LEVELS, Reproduction, estimate_reproduction
from fangkong.science.epi.reproduction_posterior import (
    IntArray,
    checked_prior,
    too_early,
    usable_counts,
    window_evidence,
)
from fangkong.science.epi.serial_interval import FloatArray, checked_weights

_STEPS_OF_NEWTON = 100
_ROOT_WITHIN = 1e-13
_SERIES_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class RebuiltDays:
    """Days rebuilt from sums.

    Attributes:
        daily: cases by day, shape ``[days]`` or ``[series, days]``; NaN on the days of a sum that is missing.
        growth: growth per day inside each sum, shaped like the sums; 0 where the sum was split evenly.
        first_day: first day (0-based) of each sum, shape ``[sums]``.
        converged: whether the days stood still at the end; one value a series.
    """

    daily: FloatArray
    growth: FloatArray
    first_day: IntArray
    converged: np.ndarray


def growth_from_reproduction(reproduction: ArrayLike, serial_interval: ArrayLike) -> FloatArray:
    """Growth per day at which cases with a reproduction number increase: the root of R * sum(w_k exp(-r k)) = 1.

    Arguments:
        reproduction: above 0, any shape; NaN gives NaN.
        serial_interval: probability of k days at index k, index 0 being 0.

    Returns:
        Growth rates of the same shape.

    >>> bool(abs(growth_from_reproduction(2.0, [0, 0, 1.0]) - np.log(2) / 2) < 1e-12)
    True
    """
    given = np.asarray(reproduction, dtype=np.float64)
    if (given <= 0).any():
        raise ValueError("a reproduction number of 0 or less has no growth rate; give numbers above 0")
    return _root(np.log(given), checked_weights(serial_interval), None)


def _root(log_r: FloatArray, weights: FloatArray, start: FloatArray | None) -> FloatArray:
    """Growth by Newton's method; ``start`` is a guess, by default one that lies below the root."""
    lag = np.flatnonzero(weights).astype(np.float64)
    share = weights[weights > 0] / weights.sum()
    # The curve falls and is convex: from below Newton climbs to the root, from above its first step leads below.
    growth = np.array(log_r / float(share @ lag) if start is None else start)
    for _ in range(_STEPS_OF_NEWTON):
        exponent = -growth[..., None] * lag
        largest = np.maximum(exponent[..., 0], exponent[..., -1])
        exponent -= largest[..., None]
        term = np.exp(exponent, out=exponent)
        total = term @ share
        step = (np.log(total) + largest + log_r) * total / (term @ (share * lag))
        growth += step
        if not (np.abs(step) > _ROOT_WITHIN * np.maximum(1.0, np.abs(growth))).any():
            break
    return growth


def _growth(
    daily: FloatArray,
    weights: FloatArray,
    spans: IntArray,
    first_day: IntArray,
    prior: tuple[float, float],
    former: FloatArray,
) -> FloatArray:
    """Growth inside each sum that the days at hand imply; 0 in the sums that cannot be estimated."""
    held = window_evidence(daily, daily, np.zeros(daily.shape, dtype=bool), weights, spans, 1.0)
    log_r = np.log((prior[0] + held.cases) / (prior[1] + held.infectivity))
    rebuilt = np.searchsorted(first_day, spans[:, 0])
    growth = np.zeros(former.shape)
    growth[:, rebuilt] = _root(log_r, weights, former[:, rebuilt] if former.any() else None)
    return growth


def _days(
    known: FloatArray, growth: FloatArray, first_day: IntArray, length: IntArray, owner: IntArray
) -> FloatArray:
    """Days that grow at the rate of their sum and add up to it."""
    exponent = growth[:, owner] * (np.arange(owner.size) - first_day[owner])
    exponent -= np.maximum(0.0, growth * (length - 1))[:, owner]
    term = np.exp(exponent)
    return np.asarray((known / np.add.reduceat(term, first_day, axis=1))[:, owner] * term, dtype=np.float64)


def rebuild_days(
    sums: ArrayLike,
    serial_interval: ArrayLike,
    *,
    days_per_sum: int | Sequence[int] = 7,
    prior_mean: float = 5.0,
    prior_sd: float = 5.0,
    iterations: int = 100,
    tolerance: float = 1e-6,
) -> RebuiltDays:
    """The daily cases that weekly (or other) sums most plausibly consist of; they add up to the sums.

    Arguments:
        sums: cases by week, shape ``[sums]`` or ``[series, sums]``; NaN is a missing one.
        serial_interval: probability of k *days* at index k, index 0 being 0.
        days_per_sum: days that each sum covers: one number, or one for each sum.
        prior_mean, prior_sd: of the gamma prior of R.
        iterations: most rounds of expectation and maximisation, at least 1.
        tolerance: change of a day, in cases per case of its sum (at least 1), below which days stand still.

    Returns:
        The days, the growth inside each sum, and whether they stood still at the end.

    Raises:
        ValueError: for arguments that make no sense in themselves.
    """
    given = np.asarray(sums)
    if given.ndim not in (1, 2):
        raise ValueError(f"sums have shape {given.shape}; give one series [sums] or [series, sums]")
    if iterations < 1:
        raise ValueError(f"iterations is {iterations}; at least one round is needed")
    weights = checked_weights(serial_interval)
    prior = checked_prior(prior_mean, prior_sd)
    matrix = np.atleast_2d(given)
    length = _lengths(days_per_sum, matrix.shape[1])
    first_day = np.cumsum(length) - length
    total, _, _ = usable_counts(matrix, None)
    known = np.where(np.isnan(total), 0.0, total)
    owner = np.repeat(np.arange(length.size), length)
    spans = np.stack([first_day, first_day + length - 1], axis=1)[1:]
    spans = spans[~too_early(weights, spans)]
    daily = (known / length)[:, owner] if length.size else known
    growth = np.zeros(matrix.shape)
    moved = np.full(matrix.shape[0], np.inf if spans.size else 0.0)
    moving = np.flatnonzero(moved > 0)
    for _ in range(iterations):
        if moving.size == 0:
            break
        for first in range(0, moving.size, _SERIES_AT_ONCE):
            part = moving[first : first + _SERIES_AT_ONCE]
            growth[part] = _growth(daily[part], weights, spans, first_day, prior, growth[part])
            new = _days(known[part], growth[part], first_day, length, owner)
            moved[part] = (np.abs(new - daily[part]) / np.maximum(1.0, known[part])[:, owner]).max(axis=1)
            daily[part] = new
        moving = moving[moved[moving] >= tolerance]
    days = np.where(np.isnan(total)[:, owner], np.nan, daily) if length.size else daily
    converged = moved < tolerance
    if given.ndim == 1:
        return RebuiltDays(days[0], growth[0], first_day, converged[0])
    return RebuiltDays(days, growth, first_day, converged)


def estimate_reproduction_from_sums(
    sums: ArrayLike,
    serial_interval: ArrayLike,
    *,
    days_per_sum: int | Sequence[int] = 7,
    window: int = 7,
    prior_mean: float = 5.0,
    prior_sd: float = 5.0,
    quantiles: Sequence[float] = QUANTILE_LEVELS,
    iterations: int = 100,
) -> tuple[Reproduction, RebuiltDays]:
    """The reproduction number by day from weekly (or other) sums, and the rebuilt days that it rests on.

    Arguments:
        sums, serial_interval, days_per_sum, prior_mean, prior_sd, iterations: see ``rebuild_days``.
        window: days of the sliding windows on the rebuilt days, best no shorter than a sum; the first window
            starts with the second sum, since the first has no past.
        quantiles: levels strictly between 0 and 1.

    Returns:
        ``(reproduction, days)``: the first by rebuilt day.

    Raises:
        ValueError: for arguments that make no sense in themselves.

    >>> weeks = [70, 140, 280, 560, 1120]
    >>> found, days = estimate_reproduction_from_sums(weeks, [0, 0.25, 0.5, 0.25])
    >>> round(float(found.mean[-1]), 2), bool(abs(days.daily.sum() - 2170) < 1e-6)
    (1.21, True)
    """
    if window < 1:
        raise ValueError(f"the window has {window} days; a window has at least one day")
    rebuilt = rebuild_days(
        sums,
        serial_interval,
        days_per_sum=days_per_sum,
        prior_mean=prior_mean,
        prior_sd=prior_sd,
        iterations=iterations,
    )
    days = rebuilt.daily.shape[-1]
    start = max(1, int(rebuilt.first_day[1])) if rebuilt.first_day.size > 1 else days
    first = np.arange(start, days - window + 1)
    windows = np.stack([first, first + window - 1], axis=1)
    found = estimate_reproduction(
        rebuilt.daily,
        serial_interval,
        # Too short for a window of this kind is too short for any: then no day carries a number.
        **({"windows": windows} if first.size else {"window": days + 1}),
        prior_mean=prior_mean,
        prior_sd=prior_sd,
        quantiles=quantiles,
    )
    return found, rebuilt


def _lengths(days_per_sum: int | Sequence[int], sums: int) -> IntArray:
    given = np.asarray(days_per_sum)
    if given.dtype.kind not in "iu" or given.ndim > 1 or (given < 1).any():
        raise ValueError(f"days_per_sum is {days_per_sum}; give whole numbers of days, at least 1")
    if given.ndim == 1 and given.size != sums:
        raise ValueError(f"days_per_sum names {given.size} sums and there are {sums}")
    return np.broadcast_to(given, (sums,)).astype(np.int64)
