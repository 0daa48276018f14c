"""Renewal model: cases infect as the serial interval says, R fades towards 1, a share of cases is endemic.

From an origin on, ``count = s R (serial interval * past counts) + (1 - s) endemic mean``. R is that of the
last steps with a gamma prior about 1, and its logarithm shrinks by a constant share a step: behaviour and
measures answer to an epidemic, and an estimate of R is itself uncertain. The endemic mean is that of the same
season of former years, or of the last year where there are none. Over how many steps R is estimated, how
fast it fades and how large the epidemic share ``s`` is, the series' own past forecasts decide.

Source: Cori et al. (2013), Am J Epidemiol 178(9):1505-1512 (renewal equation); Held, Hoehle, Hofmann (2005),
Statistical Modelling 5:187-199 (epidemic and endemic component).
"""

from __future__ import annotations

from itertools import product

import numpy as np

from fangkong.science.epi.forecast.history import DAYS_OF_WEEK, History
from fangkong.science.epi.forecast.past_errors import candidate_weights
from fangkong.science.epi.serial_interval import FloatArray

# Steps over which R is estimated, damping of log R per step, epidemic share: candidates, not facts. Daily counts
# are watched during an epidemic; an endemic share is for series of years.
_BY_DAY = ((4, 7, 14), (0.85, 0.93, 0.98), (1.0,))
_BY_WEEK = ((2, 4), (0.5, 0.8, 0.9), (1.0, 0.9, 0.7, 0.4, 0.1))
# How fast a setting's weight falls with its past error. Forecasts from a few months of days overlap too much to tell a
# good setting from a lucky one: there an error 10 % larger than the best weighs half; over years of weeks, 15 %.
_WEIGHT_POWER_BY_DAY, _WEIGHT_POWER_BY_WEEK = 6.0, 20.0
# The prior of R weighs as much as five cases. A new outbreak's first jump is no rate to carry on: R is kept within
# a doubling or halving per serial interval.
_PRIOR_CASES = 5.0
_LARGEST_LOG_R = float(np.log(2))
_LARGEST_COUNT = 1e17
_NEUTRAL_WEEKS = 8
_ENDEMIC_YEARS = 5
_ENDEMIC_HALF_WINDOW = 2


def renewal_candidates(frequency: int) -> FloatArray:
    """The settings that are tried: rows of steps for R, damping of log R, epidemic share."""
    return np.array(list(product(*(_BY_DAY if frequency == DAYS_OF_WEEK else _BY_WEEK))))


def renewal_weights(error: FloatArray, frequency: int) -> FloatArray:
    """Weights of the settings by their past errors, both ``[series, candidates]``."""
    by_day = frequency == DAYS_OF_WEEK
    return candidate_weights(error, _WEIGHT_POWER_BY_DAY if by_day else _WEIGHT_POWER_BY_WEEK)


def neutral_interval(frequency: int) -> FloatArray:
    """Weights of lag 0, 1, 2 ... steps where no serial interval is known.

    The days of a week alike, or eight weeks falling evenly. They are no fact about a disease: the renewal model then
    carries on the level and the growth of that time.
    """
    falling = np.ones(DAYS_OF_WEEK) if frequency == DAYS_OF_WEEK else np.arange(_NEUTRAL_WEEKS, 0, -1.0)
    return np.concatenate([[0.0], falling / falling.sum()])


def interval_by_step(weights: FloatArray, frequency: int) -> FloatArray:
    """A serial interval in days as weights of lag 0, 1, 2 ... steps of the series.

    For weeks the day of infection is taken as uniform within its week. Infections within the same week are
    moved to the next one: R then carries the same growth, and it is growth that a forecast needs.
    """
    steps: FloatArray = weights.astype(np.float64)
    if frequency != DAYS_OF_WEEK:
        days = np.arange(DAYS_OF_WEEK)[:, None] + np.arange(weights.size)
        share = np.tile(weights / DAYS_OF_WEEK, DAYS_OF_WEEK)
        steps = np.bincount((days // DAYS_OF_WEEK).ravel(), share, minlength=2).astype(np.float64)
        steps[1] += steps[0]
        steps[0] = 0.0
    in_use = np.flatnonzero(steps > 1e-3 * steps.max())
    steps = steps[: in_use[-1] + 1]
    return np.asarray(steps / steps.sum())


def renewal_paths(history: History, weights: FloatArray, candidates: FloatArray) -> FloatArray:
    """Log counts ahead of every origin under every candidate.

    Arguments:
        history: the series.
        weights: probability of lag 0, 1, 2 ... steps, lag 0 being 0; they sum to 1.
        candidates: rows of steps for R, damping, epidemic share; shape ``[candidates, 3]``.

    Returns:
        ``log(1 + count)``, shape ``[series, origins, candidates, horizon]``.
    """
    counts, origins, horizon = history.counts, history.origins, history.horizon
    series = counts.shape[0]
    lags = weights.size - 1
    backwards = weights[:0:-1]
    longest = int(candidates[:, 0].max())
    span = lags + longest
    padded = np.concatenate([np.zeros((series, span)), counts], axis=1)
    past_steps = origins[:, None] + 1 - span + np.arange(span)
    effect = history.weekday[:, np.arange(origins.size)[:, None], past_steps % DAYS_OF_WEEK]
    past = padded[:, past_steps + span] * np.exp(-effect)
    infectivity = np.stack([past[..., k : k + lags] @ backwards for k in range(longest)], axis=-1)
    with_endemic = bool((candidates[:, 2] < 1).any())
    endemic = _endemic_mean(history)[:, :, None, :] if with_endemic else np.zeros((1, 1, 1, horizon))

    recent_cases = np.cumsum(past[..., ::-1], axis=-1)
    recent_infectivity = np.cumsum(infectivity[..., ::-1], axis=-1)
    steps_for_r = candidates[:, 0].astype(np.int64)
    log_r = log_reproduction(recent_cases[..., steps_for_r - 1], recent_infectivity[..., steps_for_r - 1])
    damping, share = candidates[:, 1], candidates[:, 2]

    # The newest counts first: each step is one product of the last `lags` counts with the weights.
    run = np.empty((series, origins.size, candidates.shape[0], lags + horizon))
    run[..., :lags] = past[:, :, None, longest:]
    for h in range(horizon):
        epidemic = np.exp(log_r * damping ** (h + 1)) * (run[..., h : h + lags] @ backwards)
        run[..., lags + h] = np.minimum(share * epidemic + (1 - share) * endemic[..., h], _LARGEST_COUNT)
    mean = run[..., lags:] * np.exp(history.weekday_ahead)[:, :, None, :]
    # The usual log count lies below the log of the mean: by half the relative variance of counting.
    return np.asarray(np.log1p(mean) - 0.5 * mean / (1 + mean) ** 2)


def log_reproduction(cases: FloatArray, infectivity: FloatArray) -> FloatArray:
    """Log of R over some steps, with a prior about 1, from their cases and their summed infectivity."""
    log_r = np.log(cases + _PRIOR_CASES) - np.log(infectivity + _PRIOR_CASES)
    return np.asarray(np.clip(log_r, -_LARGEST_LOG_R, _LARGEST_LOG_R))


def _endemic_mean(history: History) -> FloatArray:
    """Mean count to be expected without an epidemic ahead of each origin, ``[series, origins, horizon]``."""
    counts, origins = history.counts, history.origins
    series, time = counts.shape
    summed = np.concatenate([np.zeros((series, 1)), np.cumsum(counts, axis=1)], axis=1)
    start = np.maximum(origins + 1 - history.frequency, 0)
    recent = np.maximum(summed[:, origins + 1] - summed[:, start], 0.0) / (origins + 1 - start)
    mean = np.repeat(recent[:, :, None], history.horizon, axis=2)
    ahead = origins[:, None] + np.arange(1, history.horizon + 1)
    total, years = np.zeros(mean.shape), np.zeros(ahead.shape)
    for year in range(1, _ENDEMIC_YEARS + 1):
        centre = ahead - history.frequency * year
        low = np.maximum(centre - _ENDEMIC_HALF_WINDOW, 0)
        high = np.minimum(centre + _ENDEMIC_HALF_WINDOW + 1, origins[:, None] + 1)
        seen = (centre >= _ENDEMIC_HALF_WINDOW) & (high > low)
        season = np.maximum(summed[:, np.clip(high, 0, time)] - summed[:, np.minimum(low, time)], 0.0)
        total += np.where(seen, season / np.maximum(high - low, 1), 0.0)
        years += seen
    # The mean of the last year counts as half a former year: it steadies a single former season.
    return np.asarray(np.where(years > 0, (total + 0.5 * mean) / (years + 0.5), mean))
