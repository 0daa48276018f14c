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


def likelihood_ratio(
    counts: Sequence[float], usual: Sequence[float], starts: Sequence[int], *, rising: bool = True
) -> float:
    """The largest log likelihood ratio of a change that began in one of some periods and lasts to the last one."""
    best = -math.inf
    for start in starts:
        seen, expected = sum(counts[start:]), sum(usual[start:])
        if seen == 0 and not rising:
            continue  # the reference takes the logarithm of the count
        changed = seen > expected if rising else seen < expected
        best = max(best, seen * math.log(seen / expected) - (seen - expected) if changed else 0.0)
    return best


def likelihood_ratio_bounds(
    counts: Sequence[float],
    usual: Sequence[float],
    limit: float,
    *,
    m_tilde: int = 1,
    m: int = -1,
    rising: bool = True,
) -> tuple[list[float], list[bool]]:
    """The smallest count that passes the limit (for a fall: that stays below it), by trying, and the alarms.

    NaN while fewer than ``m_tilde`` periods have passed. The search begins anew after each alarm.
    """
    bounds: list[float] = []
    alarms: list[bool] = []
    begin = 0
    for t in range(len(counts)):
        past, expected, last = list(counts[begin:t]), usual[begin : t + 1], t - begin
        if m < 0:
            starts = range(last + 1) if last >= m_tilde - 1 else range(0)
        else:
            starts = range(max(0, last - m), last - m_tilde + 1)
        if not starts:
            bounds.append(math.nan)
            alarms.append(False)
            continue
        count = 0
        while (likelihood_ratio([*past, count], expected, starts, rising=rising) < limit) == rising:
            count += 1
        bounds.append(count)
        alarms.append(likelihood_ratio([*past, counts[t]], expected, starts, rising=rising) >= limit)
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
