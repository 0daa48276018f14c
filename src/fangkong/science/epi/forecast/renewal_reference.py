"""The renewal model and the damped trend for one series from one origin, step by step: the readable twins."""

from __future__ import annotations

import math
from collections.abc import Sequence


def renewal_ahead(
    counts: Sequence[float],
    weights: Sequence[float],
    steps_for_r: int,
    damping: float,
    horizon: int,
    *,
    prior_cases: float,
    largest_log_r: float,
) -> list[float]:
    """Mean counts ahead of the last step without weekday pattern and endemic share."""

    def infectivity(series: Sequence[float], at: int) -> float:
        return sum(weights[lag] * series[at - lag] for lag in range(1, len(weights)) if at - lag >= 0)

    now = len(counts)
    window = range(max(0, now - steps_for_r), now)
    cases = sum(counts[t] for t in window)
    pressure = sum(infectivity(counts, t) for t in window)
    log_r = math.log((cases + prior_cases) / (pressure + prior_cases))
    log_r = min(max(log_r, -largest_log_r), largest_log_r)
    run = list(counts)
    for h in range(1, horizon + 1):
        run.append(math.exp(log_r * damping**h) * infectivity(run, len(run)))
    return run[now:]


def damped_trend_ahead(
    log_counts: Sequence[float],
    level_share: float,
    trend_share: float,
    damping: float,
    horizon: int,
    steepest: float,
) -> list[float]:
    """Log counts ahead of the last step without weekday pattern."""
    level, trend = log_counts[0], 0.0
    for t, value in enumerate(log_counts[1:], start=1):
        expected = level + damping * trend
        error = value - expected
        share = max(level_share, 1 / (t + 1))
        level = expected + share * error
        trend = min(max(damping * trend + share * trend_share * error, -steepest), steepest)
    ahead, carried = [], 0.0
    for h in range(1, horizon + 1):
        carried += damping**h
        ahead.append(max(level + trend * carried, 0.0))
    return ahead
