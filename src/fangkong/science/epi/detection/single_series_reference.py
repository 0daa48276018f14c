"""The slow twins of the methods without regression: one series, one period, plain loops.

Written to be read against the papers; the fast versions must agree with them and property tests check that they do.
Sources as in ``ears``, ``historical``, ``cumulative`` and ``moving_percentile``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist, mean, stdev

from scipy.stats import nbinom


def ears_bound(
    counts: Sequence[float], t: int, method: str, baseline: int, min_sigma: float, alpha: float
) -> float:
    """The EARS bound of period ``t``, as surveillance computes it; NaN where equal counts leave C3 undefined."""
    z = NormalDist().inv_cdf(1 - alpha)
    gap = 0 if method == "C1" else 2

    def moments(day: int) -> tuple[float, float]:
        past = [counts[day - gap - lag] for lag in range(1, baseline + 1)]
        return mean(past), max(stdev(past), min_sigma)

    centre, spread = moments(t)
    if method != "C3":
        return centre + z * spread
    past_excess = 0.0
    for day in (t - 1, t - 2):
        m, s = moments(day)
        if s == 0:
            if counts[day] == m:
                return math.nan
            excess = math.copysign(math.inf, counts[day] - m)
        else:
            excess = (counts[day] - m) / s
        past_excess += max(0.0, excess - 1)
    if spread == 0 and math.isinf(past_excess):
        return math.nan
    return max(0.0, counts[t] + (spread * (z - past_excess) if spread else 0.0))


def bayes_bound(baseline: Sequence[float], alpha: float) -> int:
    """The smallest count that the predictive distribution passes with at most ``alpha``."""
    n = len(baseline)
    predictive = nbinom(sum(baseline) + 0.5, n / (n + 1))
    count = 0
    while predictive.sf(count) > alpha + 1e-14:
        count += 1
    return count


def cusum_alarms(counts: Sequence[float], usual: Sequence[float], k: float, h: float) -> list[bool]:
    """Where the standardised excess, summed and never below 0, reaches the limit."""
    total, alarms = 0.0, []
    for count, expected in zip(counts, usual, strict=True):
        total = max(0.0, total + (count - expected) / math.sqrt(expected) - k)
        alarms.append(total >= h)
    return alarms


def likelihood_ratio(counts: Sequence[float], usual: Sequence[float]) -> float:
    """The largest log likelihood ratio of a rise that began in any period and lasts to the last one."""
    best = 0.0
    for start in range(len(counts)):
        seen, expected = sum(counts[start:]), sum(usual[start:])
        if seen > expected:
            best = max(best, seen * math.log(seen / expected) - (seen - expected))
    return best


def likelihood_ratio_bounds(
    counts: Sequence[float], usual: Sequence[float], limit: float
) -> tuple[list[int], list[bool]]:
    """The smallest count that passes the limit in each period, by trying them, and the alarms; anew after each."""
    bounds, alarms, begin = [], [], 0
    for t in range(len(counts)):
        past, expected = list(counts[begin:t]), usual[begin : t + 1]
        count = 0
        while likelihood_ratio([*past, count], expected) < limit:
            count += 1
        bounds.append(count)
        alarms.append(counts[t] >= count)
        if alarms[-1]:
            begin = t + 1
    return bounds, alarms


def percentile_bound(
    counts: Sequence[float], t: int, percentile: float, frequency: int, years: int, half_window: int
) -> float:
    """The percentile of the same weeks of earlier years, interpolated between ranks."""
    past = sorted(
        counts[t - year * frequency + step]
        for year in range(1, years + 1)
        for step in range(-half_window, half_window + 1)
    )
    place = (len(past) - 1) * percentile / 100
    low = math.floor(place)
    high = min(low + 1, len(past) - 1)
    return past[low] + (place - low) * (past[high] - past[low])


def benjamini_hochberg_chosen(p_values: Sequence[float], rate: float) -> set[int]:
    """Positions acted on: all up to the last whose p-value is below its share of the rate."""
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    last = 0
    for rank, i in enumerate(order, start=1):
        if p_values[i] * len(order) <= rate * rank:
            last = rank
    limit = p_values[order[last - 1]] if last else -1.0
    return {i for i in order if p_values[i] <= limit}
