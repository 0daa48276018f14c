"""Quantiles of the gamma distribution for millions of shapes, to the last digits.

Design. The quantile over the shape, ``x / a``, is smooth in ``1 / sqrt(a)`` (that is the Cornish-Fisher series),
so for a level it is a polynomial on each of a few ranges of shapes. The polynomials are fitted at Chebyshev
nodes to SciPy's inverse of the incomplete gamma function and checked between the nodes; where a level is so far
out in the tail that the check fails, and for shapes below 1, every shape is inverted by itself.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import ArrayLike
from scipy.special import gammaincinv

from fangkong.science.epi.serial_interval import FloatArray

# Ranges of 1 / sqrt(shape) and the degree that reaches rounding error on each.
_RANGES: tuple[tuple[float, float, int], ...] = ((0.0, 0.25, 13), (0.25, 0.5, 16), (0.5, 1.0, 24))
_SMALLEST_SHAPE = 1.0
# Fewer shapes than this are inverted one by one: the fit would cost more.
_WORTH_A_FIT = 400
_AGREEMENT = 2e-14
_CHUNK = 1 << 15


def gamma_quantiles(shapes: ArrayLike, levels: tuple[float, ...]) -> FloatArray:
    """Quantiles of gamma distributions with scale 1, the level axis first.

    Arguments:
        shapes: above 0, any shape of array, no NaN.
        levels: probabilities strictly between 0 and 1.

    Returns:
        Shape ``[levels, *shapes.shape]``; relative error of about 1e-14 (of SciPy's own inverse elsewhere).

    >>> bool(abs(gamma_quantiles([1.0], (0.5,))[0, 0] - np.log(2)) < 1e-14)
    True
    """
    given = np.asarray(shapes, dtype=np.float64)
    flat = given.ravel()
    found = np.empty((len(levels), flat.size))
    if flat.size < _WORTH_A_FIT:
        for row, level in zip(found, levels, strict=True):
            row[:] = gammaincinv(flat, level)
        return found.reshape(len(levels), *given.shape)
    for row, level in zip(found, levels, strict=True):
        pieces = _pieces(level)
        for first in range(0, flat.size, _CHUNK):
            _fill(row[first : first + _CHUNK], flat[first : first + _CHUNK], level, pieces)
    return found.reshape(len(levels), *given.shape)


def _fill(out: FloatArray, shapes: FloatArray, level: float, pieces: tuple[FloatArray | None, ...]) -> None:
    root = 1 / np.sqrt(shapes)
    smallest, largest = float(root.min()), float(root.max())
    for (low, high, _), powers in zip(_RANGES, pieces, strict=True):
        if largest < low or smallest >= high:
            continue
        whole = smallest >= low and largest < high
        here = slice(None) if whole else (root >= low) & (root < high)
        out[here] = (
            gammaincinv(shapes[here], level)
            if powers is None
            else _evaluate(shapes[here], root[here], low, high, powers)
        )
    if largest >= 1 / np.sqrt(_SMALLEST_SHAPE):
        # Few distinct shapes are that small: a prior with a wide spread and a window without cases.
        here = root >= _RANGES[-1][1]
        distinct, which = np.unique(shapes[here], return_inverse=True)
        out[here] = gammaincinv(distinct, level)[which]


def _evaluate(
    shapes: FloatArray, root: FloatArray, low: float, high: float, powers: FloatArray
) -> FloatArray:
    place = (root - low) * (2 / (high - low)) - 1
    sum_ = np.full(place.shape, powers[-1])
    for power in powers[-2::-1]:
        sum_ *= place
        sum_ += power
    # x = a (1 + root * polynomial); written as a + sqrt(a) * polynomial it keeps every digit for huge shapes.
    sum_ *= shapes * root
    sum_ += shapes
    return sum_


@lru_cache(maxsize=256)
def _pieces(level: float) -> tuple[FloatArray | None, ...]:
    """For each range the coefficients in powers of the place (-1 to 1), None where the fit is not exact."""
    return tuple(_fitted(level, low, high, degree) for low, high, degree in _RANGES)


def _fitted(level: float, low: float, high: float, degree: int) -> FloatArray | None:
    nodes = np.cos(np.pi * (np.arange(degree + 1) + 0.5) / (degree + 1))
    values = _deviation(level, low + (high - low) * (nodes + 1) / 2)
    with np.errstate(invalid="ignore"):
        series = chebyshev.chebfit(nodes, values, degree) if np.isfinite(values).all() else None
    if series is None:
        return None
    powers = np.asarray(chebyshev.cheb2poly(series), dtype=np.float64)
    between = np.linspace(-0.999, 0.999, 41)
    root = low + (high - low) * (between + 1) / 2
    shapes = 1 / root**2
    exact = gammaincinv(shapes, level)
    error = np.abs(_evaluate(shapes, root, low, high, powers) / exact - 1)
    return powers if np.isfinite(error).all() and error.max() < _AGREEMENT else None


def _deviation(level: float, root: FloatArray) -> FloatArray:
    """(x / a - 1) * sqrt(a), the deviation in standard deviations; its limit is the normal quantile."""
    shapes = 1 / root**2
    return np.asarray((gammaincinv(shapes, level) - shapes) * root, dtype=np.float64)
