"""Quantile levels and the axis on which they stand."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fangkong.science.epi.serial_interval import FloatArray

# Two levels closer than this are the same: 1 - 0.9 is not 0.1 to the last bit.
_SAME_LEVEL = 1e-9


def checked_levels(quantile_levels: ArrayLike) -> FloatArray:
    """The levels as a float array, in the order given.

    Arguments:
        quantile_levels: probabilities between 0 and 1, both excluded, no two equal; shape ``[levels]``.

    Raises:
        ValueError: naming the rule that they break.
    """
    levels = np.atleast_1d(np.asarray(quantile_levels, dtype=np.float64))
    if levels.ndim != 1 or levels.size == 0:
        raise ValueError(f"quantile levels have shape {levels.shape}; give one row of at least one level")
    if not ((levels > 0) & (levels < 1)).all():
        raise ValueError("quantile levels must lie between 0 and 1, both excluded (0.025, not 2.5)")
    if levels.size > 1 and np.diff(np.sort(levels)).min() < _SAME_LEVEL:
        raise ValueError("two quantile levels are equal; give each once")
    return levels


def levels_first(
    observed: ArrayLike, quantile_levels: ArrayLike, quantiles: ArrayLike
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The observed values, the levels in rising order, and the quantiles in that order with their axis first.

    Arguments:
        observed: any shape ``S``.
        quantile_levels: shape ``[levels]``, in any order.
        quantiles: shape ``[levels, *S]``, or ``[*S, levels]`` when only the last axis fits; ``S`` may also
            broadcast against the shape of the remaining axes (one observed value against many forecasts).

    Raises:
        ValueError: levels that are none, or shapes that do not fit.
    """
    levels = checked_levels(quantile_levels)
    y = np.asarray(observed, dtype=np.float64)
    q = np.asarray(quantiles, dtype=np.float64)
    for broadcast in (False, True):
        for axis in (0, -1):
            if q.ndim == 0 or q.shape[axis] != levels.size:
                continue
            rest = q.shape[1:] if axis == 0 else q.shape[:-1]
            if rest == y.shape or (broadcast and _broadcasts(y.shape, rest)):
                order = np.argsort(levels)
                return np.broadcast_to(y, rest), levels[order], np.moveaxis(q, axis, 0)[order]
    raise ValueError(
        f"quantiles have shape {q.shape} for {levels.size} levels and observed values of shape {y.shape}; "
        "give [levels, *shape of observed]"
    )


def position_of_level(levels: FloatArray, level: float) -> int | None:
    """Position of a level in a row of levels, or None where it is absent."""
    near = np.flatnonzero(np.abs(levels - level) < _SAME_LEVEL)
    return int(near[0]) if near.size else None


def central_pairs(levels: FloatArray) -> tuple[NDArray[np.intp], NDArray[np.intp], int | None]:
    """Positions of the lower and the upper ends of the central intervals, outermost first, and of the median.

    Arguments:
        levels: in rising order.

    Raises:
        ValueError: a level without its partner (0.1 without 0.9).
    """
    count = levels.size // 2
    lower = np.arange(count)
    upper = levels.size - 1 - lower
    if (np.abs(levels + levels[::-1] - 1) > _SAME_LEVEL).any():
        alone = levels[np.abs(levels + levels[::-1] - 1) > _SAME_LEVEL][0]
        raise ValueError(
            f"quantile levels do not pair to central intervals (see level {alone:g}); give 1 - p with every p"
        )
    return lower, upper, (count if levels.size % 2 else None)


def _broadcasts(shape: tuple[int, ...], to: tuple[int, ...]) -> bool:
    try:
        return np.broadcast_shapes(shape, to) == to
    except ValueError:
        return False
