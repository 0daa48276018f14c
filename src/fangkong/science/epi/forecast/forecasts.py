"""Forecasts of daily or weekly counts of many series at once.

Design. Each model forecasts from many past steps at once (arrays ``[series, origins, candidates, horizon]``).
What it got wrong chooses its settings and becomes the law of its errors (``past_errors``), so that the width of
an interval is earned, not assumed. Nothing is random but the choice among nowcast samples and sample paths.
Series go through in blocks that fit into memory.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fangkong.science.epi.forecast.damped_trend import damped_trend_candidates, damped_trend_paths
from fangkong.science.epi.forecast.history import (
    DAYS_OF_WEEK,
    WEEKS_OF_YEAR,
    History,
    chosen_frequency,
    cleaned,
    history_of,
)
from fangkong.science.epi.forecast.past_errors import (
    ErrorLaw,
    best_candidate,
    error_law,
    past_error,
)
from fangkong.science.epi.forecast.renewal import (
    interval_by_step,
    neutral_interval,
    renewal_candidates,
    renewal_paths,
    renewal_weights,
)
from fangkong.science.epi.forecast.results import (
    ENSEMBLE,
    FLUSIGHT_LEVELS,
    METHODS,
    RENEWAL,
    SEASON_NOT_COVERED,
    SEASONAL_NAIVE,
    Forecast,
    reason_number,
)
from fangkong.science.epi.forecast.seasonal_naive import seasonal_naive_paths
from fangkong.science.epi.forecast.steadied import steadied
from fangkong.science.epi.scoring.levels import checked_levels
from fangkong.science.epi.serial_interval import FloatArray, ShiftedGammaInterval, checked_weights

_LONGEST_INTERVAL_DAYS = 60
# Numbers in the largest array of a block: 128 MiB of doubles.
_BLOCK_NUMBERS = 1 << 24
_MOST_SAMPLES = 100
# The mean of a law is that of its quantiles at the middles of this many equal parts.
_MEAN_PARTS = 40


@dataclass(frozen=True, slots=True)
class _Member:
    """A model's forecast from now: its law, and its centres under each nowcast sample."""

    law: ErrorLaw
    sampled: FloatArray | None

    def quantiles(self, levels: FloatArray) -> FloatArray:
        """``[levels, series, horizon]``; under nowcast samples those of the mixture of all of them."""
        if self.sampled is None:
            return self.law.quantiles(levels)
        parts = self.law.quantiles((np.arange(_MEAN_PARTS) + 0.5) / _MEAN_PARTS, self.sampled)
        pooled = parts.reshape((-1, *parts.shape[2:]))
        return np.asarray(np.quantile(pooled, levels, axis=0, method="hazen"))


def forecast(
    counts: ArrayLike,
    *,
    horizon: int,
    method: str = ENSEMBLE,
    serial_interval: ShiftedGammaInterval | ArrayLike | None = None,
    frequency: int | None = None,
    quantile_levels: ArrayLike = FLUSIGHT_LEVELS,
    samples: ArrayLike | None = None,
    paths: int = 0,
    minimum_cases: float = 5.0,
    seed: int = 0,
) -> Forecast:
    """The predictive quantiles of the next days or weeks of cases or admissions, or why there are none.

    Arguments:
        counts: past counts by day or week, ``[time]`` or ``[series, time]``. NaN marks a missing count;
            negative, infinite and impossible (above 1e15) ones count as missing.
        horizon: steps ahead, at least 1 (7 to 28 days, 1 to 4 weeks are usual).
        method: "renewal", "damped_trend", "seasonal_naive", or "ensemble": the median of the quantiles of these
            three and of the mean of the first two (of log counts), each weighing the same; a member that has to refuse
            is left out.
        serial_interval: for the renewal model: probability of lag 0, 1, 2 ... days (days for weekly counts as
            well), or a shifted gamma. None: neutral weights that carry growth from week to week.
        frequency: 7 for days, 52 for weeks (12 for months); None reads it off the counts.
        quantile_levels: probabilities between 0 and 1, in any order; default the 23 of the FluSight hub.
        samples: nowcast samples of the same series, ``[samples, time]`` or ``[samples, series, time]``; the
            forecast then carries on from each of them, and ``counts`` may still be incomplete at the end. The renewal
            model gives a last day less weight the less the samples agree on it (``steadied``).
        paths: number of sample paths to return besides, for sums over steps and for ``occupied_beds``.
        minimum_cases: fewest cases in the past of a series; the caller decides.
        seed: of the choice among samples and of the paths.

    Returns:
        Quantiles, mean and reasons; refusals are ``history_too_short``, ``recent_counts_missing``,
        ``too_few_cases`` and, for the seasonal naive forecast, ``season_not_covered``.

    Raises:
        ValueError: an unknown method, a horizon below 1, levels outside 0..1, a serial interval that is none,
            shapes that do not match.

    Source: the ensemble as in Cramer et al. (2022), PNAS 119(15):e2113561119 and Howerton et al. (2023), J R Soc
    Interface 20:20220659 (median of quantiles); the models in their modules.

    >>> days = np.arange(60)
    >>> ahead = forecast(np.round(20 * np.exp(0.05 * days)), horizon=7, quantile_levels=[0.05, 0.5, 0.95])
    >>> bool((ahead.quantiles[1] > 380).all()), ahead.quantiles.shape
    (True, (3, 7))
    """
    values = np.asarray(counts, dtype=np.float64)
    if values.ndim not in (1, 2):
        raise ValueError(f"counts have shape {values.shape}; give one series [time] or [series, time]")
    if method not in METHODS:
        raise ValueError(f"method is {method!r}; known: {', '.join(METHODS)}")
    if horizon < 1:
        raise ValueError(f"horizon is {horizon}; forecast at least one step ahead")
    if frequency is not None and frequency < 1:
        raise ValueError(
            f"frequency is {frequency}; a season has at least one step (7 for days, 52 for weeks)"
        )
    if paths < 0:
        raise ValueError(f"paths is {paths}; it cannot be negative")
    levels = checked_levels(quantile_levels)
    days = _interval_days(serial_interval)
    matrix = np.atleast_2d(values)
    futures = _checked_samples(samples, values.shape, seed)
    if futures is not None:
        # A nowcast knows better than the counts that are still incomplete.
        matrix = np.median(futures, axis=0)
    series = matrix.shape[0]
    season = frequency if frequency is not None else _season_of(matrix, minimum_cases)
    weights = neutral_interval(season) if days is None else interval_by_step(days, season)
    clean, reason = cleaned(matrix, season, minimum_cases)

    quantiles = np.full((levels.size, series, horizon), np.nan)
    mean = np.full((series, horizon), np.nan)
    members = np.zeros((len(METHODS), series), dtype=np.bool_)
    run = np.full((paths, series, horizon), np.nan) if paths else None
    usable = np.flatnonzero(reason == 0)
    if usable.size:
        wanted = METHODS[1:] if method == ENSEMBLE else (method,)
        noise = _path_noise(paths, horizon, seed)
        for rows in _blocks(usable, matrix.shape[1], horizon):
            chosen = None if futures is None else futures[:, rows]
            block = _members(clean[rows], chosen, wanted, season, horizon, weights)
            for name in block:
                members[METHODS.index(name), rows] = True
            if not block:
                reason[rows] = reason_number(SEASON_NOT_COVERED)
                continue
            quantiles[:, rows] = np.sort(_pooled(block, levels), axis=0)[np.argsort(np.argsort(levels))]
            mean[rows] = _pooled(block, (np.arange(_MEAN_PARTS) + 0.5) / _MEAN_PARTS).mean(axis=0)
            if run is not None:
                run[:, rows] = _sample_paths(block, noise)
    cells = np.repeat(reason[:, None], horizon, axis=1)
    if values.ndim == 1:
        quantiles, mean, cells, members = quantiles[:, 0], mean[0], cells[0], members[:, 0]
        run = None if run is None else run[:, 0]
    return Forecast(quantiles, levels, mean, run, cells, method, members, season)


def _members(
    counts: FloatArray,
    futures: FloatArray | None,
    wanted: tuple[str, ...],
    season: int,
    horizon: int,
    weights: FloatArray,
) -> dict[str, _Member]:
    """The members that have a forecast, by method."""
    history = history_of(counts, season, horizon)
    largest = history.log_counts.max(axis=1)
    now = None if futures is None else _sampled_history(futures, history)
    found: dict[str, _Member] = {}
    for name in wanted:
        if name == SEASONAL_NAIVE:
            ahead, first = seasonal_naive_paths(history)
            if ahead.shape[1] == 0:
                continue
            law = error_law(ahead, history.came[:, first:], largest)
            sampled = None if now is None else seasonal_naive_paths(now)[0][:, 0]
        else:
            if name == RENEWAL:
                candidates = renewal_candidates(season)
                tried = renewal_paths(history, weights, candidates)
                weight = renewal_weights(past_error(tried, history.came), season)
            else:
                candidates = damped_trend_candidates(season)
                tried = damped_trend_paths(history, candidates)
                weight = best_candidate(past_error(tried, history.came))
            ahead = np.einsum("nogh,ng->noh", tried, weight)
            sampled = None
            law = error_law(ahead, history.came, largest)
            if now is not None:
                count = now.counts.shape[0] // counts.shape[0]
                if name == RENEWAL:
                    even = steadied(now, count, weights, law.model_variance[:, 0])
                    again = renewal_paths(even, weights, candidates)
                else:
                    again = damped_trend_paths(now, candidates)
                sampled = np.einsum("ngh,ng->nh", again[:, 0], np.tile(weight, (count, 1)))
        if sampled is not None:
            sampled = sampled.reshape(-1, counts.shape[0], horizon)
        found[name] = _Member(law, sampled)
    return found


def _pooled(block: dict[str, _Member], levels: FloatArray) -> FloatArray:
    """The ensemble's quantiles, ``[levels, series, horizon]``: the median, level by level, of members and model mean.

    The mean of the models' log counts stands beside them as one more member. So where the naive forecast lies outside
    the two models the median lies between them, nearer to the one that agrees with it: the naive forecast, which never
    sees growth, can tell against a model that runs away but cannot outvote both.
    """
    parts = {name: member.quantiles(levels) for name, member in block.items()}
    models = [np.log1p(part) for name, part in parts.items() if name != SEASONAL_NAIVE]
    together = [np.expm1(np.mean(models, axis=0))] if len(models) > 1 else []
    return np.asarray(np.median([*parts.values(), *together], axis=0))


def _sample_paths(block: dict[str, _Member], noise: tuple[FloatArray, FloatArray]) -> FloatArray:
    """Sample paths ``[paths, series, horizon]`` with the forecast's quantiles and errors that persist.

    The error of the model wanders (its correlation between steps h and k is the root of h / k), the noise of
    counting is new at each step. Each step's ranks are then given the quantiles of that step.
    """
    wander, fresh = noise
    laws = [member.law for member in block.values()]
    variance = np.mean([law.model_variance for law in laws], axis=0)
    counting = np.mean([np.exp(-law.centre) for law in laws], axis=0)
    share = variance / np.maximum(variance + counting, 1e-300)
    order = np.sqrt(share) * wander[:, None, :] + np.sqrt(1 - share) * fresh[:, None, :]
    ranks = np.argsort(np.argsort(order, axis=0), axis=0)
    count = wander.shape[0]
    values = np.sort(_pooled(block, (np.arange(count) + 0.5) / count), axis=0)
    return np.take_along_axis(values, ranks, axis=0)


def _path_noise(paths: int, horizon: int, seed: int) -> tuple[FloatArray, FloatArray]:
    """Standard normal noise ``[paths, horizon]``: a random walk scaled to variance 1, and white."""
    draws = np.random.default_rng(seed).standard_normal((2, paths, horizon))
    return np.cumsum(draws[0], axis=1) / np.sqrt(np.arange(1, horizon + 1)), draws[1]


def _sampled_history(futures: FloatArray, history: History) -> History:
    """Each nowcast sample as a series whose only origin is now, with the weekday pattern of the history."""
    count = futures.shape[0]
    flat = np.nan_to_num(futures, nan=0.0, posinf=0.0, neginf=0.0).clip(min=0.0).reshape(-1, futures.shape[2])
    gaps = np.tile(history.counts, (count, 1))
    flat = np.where(np.isnan(futures.reshape(flat.shape)), gaps, flat)
    return History(
        counts=flat,
        log_counts=np.log1p(flat),
        origins=history.origins[-1:],
        weekday=np.tile(history.weekday[:, -1:], (count, 1, 1)),
        came=np.full((flat.shape[0], 1, history.horizon), np.nan),
        horizon=history.horizon,
        frequency=history.frequency,
    )


def _blocks(rows: NDArray[np.intp], steps: int, horizon: int) -> list[NDArray[np.intp]]:
    """Rows in blocks whose largest array (origins x candidates x steps of a run) fits the memory set aside."""
    by_series = min(steps, 121) * 30 * (horizon + _LONGEST_INTERVAL_DAYS)
    size = max(1, _BLOCK_NUMBERS // by_series)
    return [rows[start : start + size] for start in range(0, rows.size, size)]


def _season_of(matrix: FloatArray, minimum_cases: float) -> int:
    """The frequency that the usable series show together, 7 where there are none."""
    if matrix.shape[1] < 3 * WEEKS_OF_YEAR:
        return DAYS_OF_WEEK
    clean, reason = cleaned(matrix, DAYS_OF_WEEK, minimum_cases)
    return chosen_frequency(clean[reason == 0])


def _interval_days(interval: ShiftedGammaInterval | ArrayLike | None) -> FloatArray | None:
    if interval is None:
        return None
    if isinstance(interval, ShiftedGammaInterval):
        return interval.weights(_LONGEST_INTERVAL_DAYS)
    return checked_weights(interval)


def _checked_samples(samples: ArrayLike | None, shape: tuple[int, ...], seed: int) -> FloatArray | None:
    """At most 100 of the samples, ``[samples, series, time]``."""
    if samples is None:
        return None
    given = np.asarray(samples, dtype=np.float64)
    if given.ndim != len(shape) + 1 or given.shape[1:] != shape or given.shape[0] == 0:
        raise ValueError(
            f"samples have shape {given.shape} for counts of shape {shape}; give [samples, *counts]"
        )
    if given.shape[0] > _MOST_SAMPLES:
        chosen = np.random.default_rng(seed).choice(given.shape[0], _MOST_SAMPLES, replace=False)
        given = given[np.sort(chosen)]
    return given[:, None] if len(shape) == 1 else given
