"""Renewal model, damped trend and steadied nowcasts for one series and origin, step by step: the readable twins."""

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


def steadied_samples(
    samples: Sequence[Sequence[float]],
    weights: Sequence[float],
    model_variance: float,
    first: int,
    steps_for_growth: int,
    *,
    prior_cases: float,
    largest_log_r: float,
) -> list[list[float]]:
    """Nowcast samples of one series, from step ``first`` on moved towards what the steps before lead to expect."""
    steady = [list(sample) for sample in samples]
    for t in range(first, len(samples[0])):
        told = [math.log1p(sample[t]) for sample in samples]
        middle = sum(told) / len(told)
        open_variance = sum((one - middle) ** 2 for one in told) / len(told)
        for run, log_count in zip(steady, told, strict=True):

            def infectivity(at: int, run: list[float] = run) -> float:
                return sum(weights[lag] * run[at - lag] for lag in range(1, len(weights)))

            before = range(t - steps_for_growth, t)
            cases, pressure = sum(run[step] for step in before), sum(infectivity(step) for step in before)
            log_r = math.log((cases + prior_cases) / (pressure + prior_cases))
            expected = math.exp(min(max(log_r, -largest_log_r), largest_log_r)) * infectivity(t)
            known = model_variance + 1 / (1 + expected)
            gain = known / (known + open_variance)
            run[t] = math.expm1((1 - gain) * math.log1p(expected) + gain * log_count)
    return steady
