"""The pooled posterior of R of one day in plain loops, to be read against the method; slow, used by tests only."""

from __future__ import annotations

import math
from collections.abc import Sequence

from scipy.optimize import brentq
from scipy.stats import gamma


def pooled_reproduction(
    samples: Sequence[Sequence[float]],
    weights: Sequence[float],
    first: int,
    last: int,
    prior_mean: float,
    prior_sd: float,
    levels: Sequence[float],
) -> tuple[float, float, list[float]]:
    """Mean, standard deviation and quantiles of R in one window, pooled over possible series of counts.

    Arguments:
        samples: possible counts of every day from the first of the series, one row a sample.
        weights: serial-interval probability of lag 0, 1, 2 ... days.
        first, last: the window's days, 0-based, both included, ``first`` at least 1.
        prior_mean, prior_sd: of the gamma prior of R. levels: strictly between 0 and 1.
    """
    parts = []
    for row in samples:
        cases = sum(row[first : last + 1])
        infectivity = sum(
            row[day - lag] * weights[lag]
            for day in range(first, last + 1)
            for lag in range(1, min(day, len(weights) - 1) + 1)
        )
        shape = (prior_mean / prior_sd) ** 2 + cases
        parts.append(gamma(shape, scale=1 / (prior_mean / prior_sd**2 + infectivity)))
    mean = sum(part.mean() for part in parts) / len(parts)
    second = sum(part.var() + part.mean() ** 2 for part in parts) / len(parts)
    quantiles = []
    for level in levels:
        ends = [part.ppf(level) for part in parts]
        low, high = min(ends), max(ends)
        if high - low < 1e-14 * high:
            quantiles.append(low)
            continue

        def excess(value: float, level: float = level) -> float:
            return float(sum(part.cdf(value) for part in parts) / len(parts) - level)

        # The ends are rounded: a little outside them the sign is sure.
        quantiles.append(float(brentq(excess, low * (1 - 1e-9), high * (1 + 1e-9), xtol=1e-15, rtol=1e-14)))
    return mean, math.sqrt(second - mean**2), quantiles
