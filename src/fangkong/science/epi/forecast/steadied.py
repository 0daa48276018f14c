"""Nowcast samples steadied by the renewal model: an uncertain day counts for less than the days before it.

A nowcast takes each day on its own, so that its newest days jump about, and a growth rate read off them jumps as well.
From the first open day on, each day's count is moved towards what the days before it lead to expect, on the log
scale and the further the less the nowcast knows of it: by the gain ``w / (w + v)`` of a Kalman filter, with ``v`` the
variance of the samples and ``w`` that of the model's errors one step ahead (of its past forecasts, and of counting).
Every sample is moved alike, so that the samples keep what they say of days that belong together.

Source: Kalman (1960), J Basic Eng 82:35-45 (the gain); Cori et al. (2013), Am J Epidemiol 178(9):1505-1512 (what is
expected).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fangkong.science.epi.forecast.history import DAYS_OF_WEEK, History
from fangkong.science.epi.forecast.renewal import log_reproduction
from fangkong.science.epi.serial_interval import FloatArray

# Steps back from now that a nowcast may still leave open by more than a reader could see.
_MOST_OPEN_STEPS = 28
# Steps whose counts tell the growth: a week of days.
STEPS_FOR_GROWTH = 7


def steadied(now: History, samples: int, weights: FloatArray, model_variance: FloatArray) -> History:
    """The nowcast samples with their uncertain last steps moved towards what the steps before them lead to expect.

    Arguments:
        now: samples as series with the last step as only origin, ``[samples * series, time]``.
        samples: number of samples.
        weights: probability of lag 0, 1, 2 ... steps, lag 0 being 0; they sum to 1.
        model_variance: variance of the model's error one step ahead on the log scale, ``[series]``.

    Returns:
        The same with other last counts; unchanged where the history is too short to expect anything.
    """
    counts = now.counts
    time = counts.shape[1]
    lags = weights.size - 1
    first = max(time - _MOST_OPEN_STEPS, lags + STEPS_FOR_GROWTH)
    if first >= time:
        return now
    backwards = weights[:0:-1]
    pattern = np.exp(now.weekday[:, 0, np.arange(time) % DAYS_OF_WEEK])
    even = counts / pattern
    open_variance = now.log_counts.reshape(samples, -1, time).var(axis=0)
    open_variance, variance = np.tile(open_variance, (samples, 1)), np.tile(model_variance, samples)
    infectivity = np.stack(
        [even[:, t - lags : t] @ backwards for t in range(first - STEPS_FOR_GROWTH, first)]
    )
    for t in range(first, time):
        here = even[:, t - lags : t] @ backwards
        cases = even[:, t - STEPS_FOR_GROWTH : t].sum(axis=1)
        expected = np.exp(log_reproduction(cases, infectivity.sum(axis=0))) * here
        known = variance + 1 / (1 + expected)
        gain = known / (known + open_variance[:, t])
        even[:, t] = np.expm1((1 - gain) * np.log1p(expected) + gain * np.log1p(even[:, t]))
        infectivity = np.concatenate([infectivity[1:], here[None]])
    moved = even * pattern
    return replace(now, counts=moved, log_counts=np.log1p(moved))
