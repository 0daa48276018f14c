"""When two figures agree, and how likely chance is to make them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .series import Array
from .settings import Settings

Flags = NDArray[np.bool_]


def agrees(x: Array, y: Array, choices: Settings) -> Flags:
    """Where both are there and differ by no more than the tolerance."""
    with np.errstate(invalid="ignore"):
        allowed = choices.absolute_tolerance + choices.relative_tolerance * np.maximum(np.abs(x), np.abs(y))
        result: Flags = np.abs(x - y) <= allowed
    return result


def both(x: Array, y: Array) -> Flags:
    """Where both are there."""
    result: Flags = ~(np.isnan(x) | np.isnan(y))
    return result


def moved(values: Array) -> Flags:
    """Where a figure differs from the one before it: only such days tell one series, or one lag, from another.

    The first figure counts when it is not zero. Days are the last axis.
    """
    rows = np.atleast_2d(values)
    days = np.arange(rows.shape[1])
    known = np.maximum.accumulate(np.where(np.isnan(rows), -1, days), axis=1)
    before = np.concatenate((np.full((rows.shape[0], 1), -1), known[:, :-1]), axis=1)
    earlier = np.where(before >= 0, np.take_along_axis(rows, np.maximum(before, 0), axis=1), 0.0)
    result: Flags = (~np.isnan(rows) & (rows != earlier)).reshape(values.shape)
    return result


def log10_hits(spread: Array, mean: Array) -> Array:
    """For each day the decimal logarithm of the chance that a figure of that spread hits a given whole number.

    The figures of the day are taken as normal with their spread, and never narrower than counts are.
    """
    width = np.sqrt(2 * np.pi) * np.maximum(spread, np.sqrt(np.maximum(mean, 0.0)))
    result: Array = -np.log10(np.maximum(width, 1.0))
    return result
