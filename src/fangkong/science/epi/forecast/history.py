"""The counts that a forecast starts from: cleaned, on the log scale, with their weekday pattern and origins.

An origin is a past step taken as "now". Every model forecasts from every origin at once; what it got wrong
there sets its settings and the width of its intervals.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fangkong.science.epi.forecast.results import (
    HISTORY_TOO_SHORT,
    RECENT_COUNTS_MISSING,
    TOO_FEW_CASES,
    reason_number,
)
from fangkong.science.epi.serial_interval import FloatArray

IntArray = NDArray[np.int64]

DAYS_OF_WEEK = 7
WEEKS_OF_YEAR = 52

# Counts beyond any population are unusable, not large.
LARGEST_COUNT = 1e15
# Past steps that are taken as origins: the recent past tells most about the near future.
_MOST_ORIGINS = 120
_WEEKDAY_WEEKS = 8
# The share of the weekday effects that is kept when their variance ratio is 5: about one in two thousand by chance.
_CLEAR_WEEKDAYS = 0.8


@dataclass(frozen=True, slots=True)
class History:
    """Usable series with what every model needs to forecast from each origin.

    Attributes:
        counts: ``[series, time]``, gaps filled.
        log_counts: ``log(1 + counts)``.
        origins: steps taken as "now", the last one being the last step; ``[origins]``.
        weekday: log effect of each phase of the week as known at each origin, ``[series, origins, 7]``;
            all 0 unless the frequency is 7.
        came: log counts that followed each origin, NaN where not yet known; ``[series, origins, horizon]``.
        horizon: steps ahead; frequency: steps of a season.
    """

    counts: FloatArray
    log_counts: FloatArray
    origins: IntArray
    weekday: FloatArray
    came: FloatArray
    horizon: int
    frequency: int

    @property
    def weekday_ahead(self) -> FloatArray:
        """Log effect of the weekday of each step ahead, ``[series, origins, horizon]``."""
        ahead = self.origins[:, None] + np.arange(1, self.horizon + 1)
        return np.take_along_axis(self.weekday, (ahead % DAYS_OF_WEEK)[None], axis=2)


def shortest_history(frequency: int) -> int:
    """Steps without which nothing can be forecast: two weeks of days, eight steps otherwise."""
    return 2 * DAYS_OF_WEEK if frequency == DAYS_OF_WEEK else 8


def cleaned(counts: FloatArray, frequency: int, minimum_cases: float) -> tuple[FloatArray, NDArray[np.uint8]]:
    """The counts with gaps filled, and per series the reason why it cannot be forecast (0 when it can).

    Arguments:
        counts: ``[series, time]``; missing, negative, infinite and impossible cells are gaps.
        frequency: steps of a season.
        minimum_cases: fewest cases in the series.

    Returns:
        Counts ``[series, time]`` and reasons ``[series]``. An inner gap is filled on the log scale between
        its neighbours, one at the end from the last known step.
    """
    series, time = counts.shape
    with np.errstate(invalid="ignore"):
        known = (counts >= 0) & (counts <= LARGEST_COUNT)
    values = np.where(known, counts, 0.0)
    shortest = shortest_history(frequency)
    reason = np.zeros(series, dtype=np.uint8)
    if time == 0:
        return values, np.full(series, reason_number(HISTORY_TOO_SHORT), dtype=np.uint8)
    reason[values.sum(axis=1) < minimum_cases] = reason_number(TOO_FEW_CASES)
    recent = known[:, -shortest:]
    # A quarter of the recent steps may be missing, but not all of the last quarter.
    gap = (recent.mean(axis=1) < 0.75) | ~recent[:, -max(shortest // 4, 1) :].any(axis=1)
    reason[gap] = reason_number(RECENT_COUNTS_MISSING)
    first = np.where(known.any(axis=1), known.argmax(axis=1), time)
    # Before the first known count nothing is known; those steps count as none.
    reason[(time - first < shortest) | (known.sum(axis=1) < shortest)] = reason_number(HISTORY_TOO_SHORT)
    steps = np.arange(time)
    for row in np.flatnonzero((reason == 0) & ~known.all(axis=1)):
        at = np.flatnonzero(known[row])
        filled = np.expm1(np.interp(steps, at, np.log1p(values[row, at])))
        values[row] = np.where(known[row] | (steps < at[0]), values[row], filled)
    return values, reason


def chosen_frequency(counts: FloatArray) -> int:
    """7 for days or 52 for weeks, read off the counts: 52 only where the years repeat and the weeks do not.

    Arguments:
        counts: ``[series, time]`` without gaps.
    """
    time = counts.shape[1]
    if time < 3 * WEEKS_OF_YEAR or not counts.size:
        return DAYS_OF_WEEK
    logs = np.log1p(counts)
    origins = np.array([time - 1])
    if float(np.median(_weekday_signal(counts, origins)[1])) > _CLEAR_WEEKDAYS:
        return DAYS_OF_WEEK
    centred = logs - logs.mean(axis=1, keepdims=True)

    def correlation(lag: int) -> float:
        total = float((centred**2).sum())
        return float((centred[:, lag:] * centred[:, :-lag]).sum()) / total if total > 0 else 0.0

    yearly = correlation(WEEKS_OF_YEAR) > max(0.2, correlation(WEEKS_OF_YEAR // 2))
    return WEEKS_OF_YEAR if yearly else DAYS_OF_WEEK


def history_of(
    counts: FloatArray, frequency: int, horizon: int, most_origins: int = _MOST_ORIGINS
) -> History:
    """The history of clean counts ``[series, time]``; see ``History``."""
    time = counts.shape[1]
    logs = np.log1p(counts)
    # Half the shortest history is enough for a first, poor forecast to learn from.
    first = max(shortest_history(frequency) // 2, time - 1 - most_origins)
    origins = np.arange(min(first, time - 1), time)
    ahead = origins[:, None] + np.arange(1, horizon + 1)
    came = np.where(ahead < time, logs[:, np.minimum(ahead, time - 1)], np.nan)
    if frequency == DAYS_OF_WEEK:
        weekday = weekday_effects(counts, origins)
    else:
        weekday = np.zeros((counts.shape[0], origins.size, DAYS_OF_WEEK))
    return History(counts, logs, origins, weekday, came, horizon, frequency)


def weekday_effects(counts: FloatArray, origins: IntArray) -> FloatArray:
    """How much the log count of each phase of the week differs from its week, as known at each origin.

    The distance of each day from the mean of the seven days about it, averaged over the same phase of the
    last eight weeks, and shrunk towards none as far as the seven means differ no more than chance (James-Stein).

    Arguments:
        counts: ``[series, time]`` without gaps.
        origins: steps taken as "now"; the phase of step t is ``t % 7``.

    Returns:
        Shape ``[series, origins, 7]``; adds up to 0 over the week.
    """
    effects, kept = _weekday_signal(counts, origins)
    return effects * kept[:, :, None]


def _weekday_signal(counts: FloatArray, origins: IntArray) -> tuple[FloatArray, FloatArray]:
    """Mean effects ``[series, origins, 7]`` and the share of them, 0 to 1, that is not chance."""
    series, time = counts.shape
    effects = np.zeros((series, origins.size, DAYS_OF_WEEK))
    noise = np.zeros((series, origins.size))
    if time < DAYS_OF_WEEK:
        return effects, noise
    summed = np.concatenate([np.zeros((series, 1)), np.cumsum(counts, axis=1)], axis=1)
    week_mean = np.maximum(summed[:, DAYS_OF_WEEK:] - summed[:, :-DAYS_OF_WEEK], 0.0) / DAYS_OF_WEEK
    distance = np.log1p(counts[:, 3 : time - 3]) - np.log1p(week_mean)
    # One more row of weeks than is averaged stands before the series, so that no index runs below 0.
    pad = DAYS_OF_WEEK * (_WEEKDAY_WEEKS + 1)
    weeks = -(-(pad + time) // DAYS_OF_WEEK)
    table = np.zeros((3, series, weeks * DAYS_OF_WEEK))
    table[0, :, pad + 3 : pad + time - 3] = distance
    table[1, :, pad + 3 : pad + time - 3] = distance**2
    table[2, :, pad + 3 : pad + time - 3] = 1.0
    running = np.cumsum(table.reshape(3, series, weeks, DAYS_OF_WEEK), axis=2).reshape(3, series, -1)
    for phase in range(DAYS_OF_WEEK):
        last = origins - 3
        last = last - (last - phase) % DAYS_OF_WEEK + pad
        last = np.maximum(last, DAYS_OF_WEEK * _WEEKDAY_WEEKS)
        total, square, number = running[:, :, last] - running[:, :, last - DAYS_OF_WEEK * _WEEKDAY_WEEKS]
        mean = total / np.maximum(number, 1)
        effects[:, :, phase] = mean
        spread = np.maximum(square - number * mean**2, 0.0) / np.maximum(number - 1, 1)
        # A phase seen once says nothing about its own noise: it counts as noisy.
        noise += np.where(number > 1, spread / np.maximum(number, 1), 1.0) / DAYS_OF_WEEK
    effects -= effects.mean(axis=2, keepdims=True)
    signal = effects.var(axis=2, ddof=1)
    return effects, np.clip(1 - noise / np.maximum(signal, 1e-12), 0.0, 1.0)
