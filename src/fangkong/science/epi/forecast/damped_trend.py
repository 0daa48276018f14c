"""Damped trend: log counts carried on along their trend, which fades.

Holt's linear smoothing with a damped trend on ``log(1 + count)``. Source: Gardner and McKenzie (1985),
Management Science 31:1237-1246; Hyndman and Athanasopoulos, Forecasting, section 8.2.
"""

from __future__ import annotations

from itertools import product

import numpy as np

from fangkong.science.epi.forecast.history import DAYS_OF_WEEK, History
from fangkong.science.epi.serial_interval import FloatArray

# Shares by which level and trend follow a new count; the past errors of the series choose among them.
_LEVEL_SHARES = (0.2, 0.4, 0.7)
_TREND_SHARES = (0.05, 0.15, 0.3)
_DAMPING_BY_DAY = (0.9, 0.97)
_DAMPING_BY_WEEK = (0.8, 0.9)
# No trend is steeper than doubling in one step.
_STEEPEST = float(np.log(2))


def damped_trend_candidates(frequency: int) -> FloatArray:
    """The settings that are tried: rows of level share, trend share, damping."""
    damping = _DAMPING_BY_DAY if frequency == DAYS_OF_WEEK else _DAMPING_BY_WEEK
    return np.array(list(product(_LEVEL_SHARES, _TREND_SHARES, damping)))


def damped_trend_paths(history: History, candidates: FloatArray) -> FloatArray:
    """Log counts ahead of every origin under every candidate.

    Arguments:
        history: the series.
        candidates: rows of level share, trend share, damping; shape ``[candidates, 3]``.

    Returns:
        ``log(1 + count)``, shape ``[series, origins, candidates, horizon]``, at least 0.
    """
    level_share, trend_share, damping = candidates.T
    logs, origins = history.log_counts, history.origins
    series, time = logs.shape
    level = np.repeat(logs[:, :1], damping.size, axis=1)
    trend = np.zeros_like(level)
    levels = np.empty((series, origins.size, damping.size))
    trends = np.empty_like(levels)
    first = int(origins[0])
    if first == 0:
        levels[:, 0], trends[:, 0] = level, trend
    for t in range(1, time):
        # Before the first origin the weekday pattern is that of the first origin.
        effect = history.weekday[:, max(t - first, 0), t % DAYS_OF_WEEK]
        expected = level + damping * trend
        error = (logs[:, t] - effect)[:, None] - expected
        # The first steps are averaged, so that the very first count weighs no more than the others.
        share = np.maximum(level_share, 1 / (t + 1))
        level = expected + share * error
        trend = np.clip(damping * trend + share * trend_share * error, -_STEEPEST, _STEEPEST)
        if t >= first:
            levels[:, t - first], trends[:, t - first] = level, trend
    steps = np.cumsum(damping[:, None] ** np.arange(1, history.horizon + 1), axis=1)
    paths = levels[..., None] + trends[..., None] * steps + history.weekday_ahead[:, :, None, :]
    return np.maximum(paths, 0.0)
