"""Which of two series runs behind the other, by how many days, and over which stretch.

For each pair the lag of every day is the path that lets most moving figures agree, where each change of the lag has to
be paid for (Viterbi, Error bounds for convolutional codes, IEEE Trans. Inf. Theory 13 (1967), as the shortest path).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from .agreement import agrees, both, moved
from .series import Array
from .settings import Settings

Lags = NDArray[np.int64]

_FLAT_AGREEMENT = 0.02
_ZERO_FIRST = 0.01


def lag_paths(x: Array, y: Array, choices: Settings) -> Lags:
    """For each pair (row) and day of ``x`` the lag k with which ``y[day + k]`` is the same figure.

    ``x`` and ``y`` are (pairs, days), NaN where there is no figure. 0 wherever no lag has enough days behind it. Where
    several pairs show the same lag on a day, the others follow it when it suits them better.
    """
    pairs, days = x.shape
    reach = min(choices.max_lag_days, days - 1)
    lags = np.arange(-reach, reach + 1)
    price = float(choices.min_agreeing_days)
    late = np.stack([_later(y, lag) for lag in lags], axis=1)
    told = moved(x)
    equal = agrees(x[:, None, :], late, choices)
    known = both(x[:, None, :], late)
    gain = np.where(equal, np.where(told[:, None, :], 1.0, _FLAT_AGREEMENT), -1.0)
    gain = np.where(known, gain, 0.0) - np.where(lags == 0, 0.0, _ZERO_FIRST)[None, :, None]
    score = gain[:, :, 0].copy()
    came_from = np.zeros((pairs, len(lags), days), dtype=np.int64)
    own = np.arange(len(lags))
    for day in range(1, days):
        best = score.argmax(axis=1)
        switched = np.take_along_axis(score, best[:, None], axis=1) - price
        stay = score >= switched
        came_from[:, :, day] = np.where(stay, own, best[:, None])
        score = np.where(stay, score, switched) + gain[:, :, day]
    state = score.argmax(axis=1)
    path = np.zeros((pairs, days), dtype=np.int64)
    for day in range(days - 1, -1, -1):
        path[:, day] = lags[state]
        state = np.take_along_axis(came_from[:, :, day], state[:, None], axis=1)[:, 0]
    _drop_unsupported(path, equal & told[:, None, :], known & told[:, None, :], reach, choices)
    return _follow_common(path, equal & told[:, None, :], reach, choices)


def aligned(y: Array, path: Lags) -> tuple[Array, Lags]:
    """(the figures of ``y`` at the lag of each day, the positions that they come from), for one pair."""
    at = np.arange(len(path)) + path
    inside = (at >= 0) & (at < len(y))
    at = np.clip(at, 0, len(y) - 1)
    return np.where(inside, y[at], np.nan), at


def _later(y: Array, lag: int) -> Array:
    shifted = np.full_like(y, np.nan)
    if lag >= 0:
        shifted[:, : y.shape[1] - lag] = y[:, lag:]
    else:
        shifted[:, -lag:] = y[:, :lag]
    return shifted


def runs_of(path: Lags) -> Iterator[tuple[int, int, int]]:
    """The stretches of one lag other than 0, as (lag, first, last)."""
    starts = np.flatnonzero(np.concatenate(([True], path[1:] != path[:-1])))
    for first, after in zip(starts, [*starts[1:], len(path)], strict=True):
        if path[first]:
            yield int(path[first]), int(first), int(after) - 1


def _drop_unsupported(
    path: Lags, hit: NDArray[np.bool_], known: NDArray[np.bool_], reach: int, choices: Settings
) -> None:
    for row in range(len(path)):
        for lag, first, last in list(runs_of(path[row])):
            span = slice(first, last + 1)
            there, here = hit[row, lag + reach, span].sum(), hit[row, reach, span].sum()
            tried = known[row, lag + reach, span].sum()
            believed = (
                there >= choices.min_agreeing_days
                and there >= choices.min_agreeing_share * tried
                and there >= 2 * here
            )
            if not believed:
                path[row, span] = 0


def _follow_common(path: Lags, hit: NDArray[np.bool_], reach: int, choices: Settings) -> Lags:
    """Pairs with no lag of their own take the lag that several others have on the same days, if it suits them."""
    followed = path.copy()
    common = np.zeros(path.shape[1], dtype=np.int64)
    for day in range(path.shape[1]):
        lags, counts = np.unique(path[path[:, day] != 0, day], return_counts=True)
        if len(lags) and counts.max() >= choices.min_series_in_common:
            common[day] = lags[counts.argmax()]
    for lag, first, last in runs_of(common):
        span = slice(first, last + 1)
        for row in np.flatnonzero(~path.any(axis=1)):
            if hit[row, lag + reach, span].sum() > hit[row, reach, span].sum():
                followed[row, span] = lag
    return followed
