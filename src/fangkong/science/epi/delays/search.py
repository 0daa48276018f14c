"""The most likely parameters of a delay, and the region around them that the data also fit.

Two parameters only: a simplex search, then Newton steps; the edge of the region is followed in sixty-four directions.
Everything that is asked of the delay afterwards (mean, a quantile) takes its profile-likelihood interval from the
edge: the smallest and largest value on it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.stats import chi2

from fangkong.science.epi.delays.families import Family
from fangkong.science.epi.delays.likelihood import CensoredLikelihood
from fangkong.science.epi.serial_interval import FloatArray

Height = Callable[[FloatArray], FloatArray]

_STEP = 1e-4
_NEWTON_STEPS = 8
_DIRECTIONS = 64
_EDGE_STEPS = 30
_EDGE_TOLERANCE = 1e-6
# In units of the standard error: an edge this far out is no edge.
_FARTHEST_EDGE = 40.0
# Parameters beyond exp(+-14) (about a million) belong to no delay: there the search runs after a flat likelihood.
_LARGEST_LOG = 14.0
_SMALLEST_CURVATURE = 1e-9


@dataclass(frozen=True, slots=True)
class Optimum:
    """Where the likelihood is highest, in search coordinates, and the edge of the region around it.

    Attributes:
        point: search coordinates of the maximum, ``[2]``.
        covariance: inverse of the observed information, ``[2, 2]``.
        edge: points where the likelihood has fallen by what the level allows, around the maximum, ``[64, 2]``.
        log_likelihood: at the maximum.
    """

    point: FloatArray
    covariance: FloatArray
    edge: FloatArray
    log_likelihood: float


def parameters_at(family: Family, points: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The two parameters at points ``[..., 2]`` of the search."""
    clipped = np.clip(points, -2 * _LARGEST_LOG, 2 * _LARGEST_LOG)
    first, second = (
        np.exp(clipped[..., i]) if family.logged[i] else np.asarray(clipped[..., i]) for i in (0, 1)
    )
    return first, second


def _start(likelihood: CensoredLikelihood) -> FloatArray:
    """Search coordinates of a delay with the mean and sd of the middles of the windows."""
    w = likelihood.windows
    stop = np.where(np.isfinite(w.stop), w.stop, w.start + w.primary_width)
    middles = np.maximum((w.start + stop - w.primary_width) / 2, 0.1)
    mean = float(np.average(middles, weights=w.weight))
    sd = float(np.sqrt(np.average((middles - mean) ** 2, weights=w.weight)))
    pair = likelihood.family.from_moments(mean, min(max(sd, 0.1 * mean), 3 * mean))
    return np.array(
        [
            np.log(value) if logged else value
            for value, logged in zip(pair, likelihood.family.logged, strict=True)
        ]
    )


def find_optimum(likelihood: CensoredLikelihood, level: float) -> Optimum | None:
    """The maximum and the region of a level, or None where the data do not close the region.

    Arguments:
        likelihood: of pairs with positive total weight.
        level: of the profile intervals that will be read from the edge.
    """

    def height(points: FloatArray) -> FloatArray:
        return likelihood(*parameters_at(likelihood.family, points))

    found = minimize(
        lambda point: -float(height(point)),
        _start(likelihood),
        method="Nelder-Mead",
        options={"xatol": 1e-5, "fatol": 1e-8, "maxfev": 2000},
    )
    point = np.asarray(found.x, dtype=np.float64)
    for _ in range(_NEWTON_STEPS):
        gradient, information = _slopes(height, point)
        if not _positive(information):
            break
        step = np.linalg.solve(information, gradient)
        if height(point + step) < height(point):
            break
        point = point + step
        if np.abs(step).max() < _STEP**2:
            break
    information = _slopes(height, point)[1]
    if np.abs(point).max() > _LARGEST_LOG or not _positive(information):
        return None
    covariance = np.asarray(np.linalg.inv(information), dtype=np.float64)
    edge = _edge(height, point, covariance, level)
    if edge is None:
        return None
    return Optimum(point, covariance, edge, float(height(point)))


def _positive(information: FloatArray) -> bool:
    return bool(np.isfinite(information).all() and np.linalg.eigvalsh(information)[0] > _SMALLEST_CURVATURE)


def _slopes(height: Height, point: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Gradient and negative second derivatives by central differences, all nine points at once."""
    offsets = np.array([[i, j] for i in (-1, 0, 1) for j in (-1, 0, 1)], dtype=np.float64)
    step = 10 * _STEP
    h = np.asarray(height(point + step * offsets)).reshape(3, 3)
    gradient = np.array([h[2, 1] - h[0, 1], h[1, 2] - h[1, 0]]) / (2 * step)
    cross = (h[2, 2] - h[2, 0] - h[0, 2] + h[0, 0]) / 4
    second = np.array([[h[2, 1] + h[0, 1] - 2 * h[1, 1], cross], [cross, h[1, 2] + h[1, 0] - 2 * h[1, 1]]])
    return gradient, -second / step**2


def _edge(height: Height, point: FloatArray, covariance: FloatArray, level: float) -> FloatArray | None:
    """Points around the maximum where twice the drop of the likelihood reaches the chi-square of the level."""
    target = float(np.sqrt(chi2.ppf(level, 1)))
    angles = np.arange(_DIRECTIONS) * (2 * np.pi / _DIRECTIONS)
    rays = np.stack([np.cos(angles), np.sin(angles)], axis=1) @ np.linalg.cholesky(covariance).T
    top = float(height(point))

    def depth(radius: FloatArray) -> FloatArray:
        """Square root of twice the drop: along a ray of a normal likelihood it grows as the radius."""
        return np.asarray(np.sqrt(np.maximum(2 * (top - height(point + radius[:, None] * rays)), 0.0)))

    inner, outer = np.zeros(_DIRECTIONS), np.full(_DIRECTIONS, target)
    reached = depth(outer)
    while (short := reached < target).any():
        inner = np.where(short, outer, inner)
        outer = np.where(short, 1.5 * outer, outer)
        if outer.max() > _FARTHEST_EDGE:
            return None
        reached = np.where(short, depth(outer), reached)
    radius, at_inner, at_outer = outer, depth(inner), depth(outer)
    for step in range(_EDGE_STEPS):
        # The straight line between the ends, and every third time the middle: so both ends close in.
        line = inner + (target - at_inner) / np.maximum(at_outer - at_inner, 1e-12) * (outer - inner)
        radius = (inner + outer) / 2 if step % 3 == 2 else np.clip(line, inner, outer)
        here = depth(radius)
        if np.abs(here - target).max() < _EDGE_TOLERANCE:
            break
        short = here < target
        inner, at_inner = np.where(short, radius, inner), np.where(short, here, at_inner)
        outer, at_outer = np.where(short, outer, radius), np.where(short, at_outer, here)
    return point + radius[:, None] * rays


def extremes_on_edge(values: FloatArray) -> tuple[float, float]:
    """Smallest and largest value of a quantity around the edge, a parabola laid through the three best points.

    Arguments:
        values: at the points of the edge in order, ``[64]``.
    """

    def peak(heights: FloatArray) -> float:
        i = int(np.argmax(heights))
        left, top, right = (float(heights[(i + k) % heights.size]) for k in (-1, 0, 1))
        bend = left - 2 * top + right
        return top if bend >= 0 else top - (right - left) ** 2 / (8 * bend)

    return -peak(-values), peak(values)
