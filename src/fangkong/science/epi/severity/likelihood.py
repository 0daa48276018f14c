"""The most likely fatality risk and its profile-likelihood interval, on a grid of one hundredth of a per cent.

The likelihood is concave in the risk, so the best grid point and both ends of the interval are found by bisection
on the grid: fourteen steps for all cells at once, with the very numbers that scanning ten thousand points gives.

Source: Nishiura et al. (2009), PLoS ONE 4(8):e6852; grid, cut of 1.92 and choice of likelihood as in
``.estimate_severity`` of the R package cfr 0.2.0 (MIT), re-derived here.
"""

from __future__ import annotations

import numpy as np

from fangkong.science.epi.serial_interval import FloatArray
from fangkong.science.epi.severity.reasons import BoolArray

GRID = 10_000
# Half of the 95 % point of chi-square with one degree of freedom, to two decimals as cfr has it.
LIKELIHOOD_DROP = 1.92
# From this ratio of deaths to known outcomes on, a Poisson law is no stand-in for the binomial.
RARE_RISK = 0.05
_CELLS_AT_ONCE = 1_000_000


def uses_poisson(
    cases: FloatArray, deaths: FloatArray, outcomes: FloatArray, poisson_threshold: float
) -> BoolArray:
    """Where many cases and a low risk make the Poisson likelihood the one that cfr takes."""
    rounded = np.round(outcomes)
    with np.errstate(invalid="ignore", divide="ignore"):
        rare = deaths / rounded < RARE_RISK
    return np.asarray(rare & (cases >= poisson_threshold) & (rounded > 0))


def risk_interval(
    deaths: FloatArray, outcomes: FloatArray, poisson: BoolArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Risk of maximum likelihood and the ends of its 95 % profile interval, each a multiple of 0.0001.

    Arguments:
        deaths, outcomes: any one shape, finite, ``0 <= deaths <= outcomes`` and ``outcomes > 0``.
        poisson: where the deaths are Poisson with mean risk x rounded outcomes; binomial elsewhere. A binomial
            risk of exactly 1 is not on the grid, as a likelihood of 0 to the power 0 has no value there.

    Returns:
        ``(estimate, lower, upper)``.
    """
    parts = np.empty((3, deaths.size))
    d, k, rare = deaths.ravel(), outcomes.ravel(), poisson.ravel()
    for start in range(0, deaths.size, _CELLS_AT_ONCE):
        cells = slice(start, start + _CELLS_AT_ONCE)
        parts[:, cells] = _interval_of_cells(d[cells], k[cells], rare[cells])
    estimate, lower, upper = parts.reshape(3, *deaths.shape)
    return estimate, lower, upper


def _interval_of_cells(d: FloatArray, k: FloatArray, rare: BoolArray) -> FloatArray:
    rounded, survivors = np.round(k), k - d
    last = np.where(rare, GRID, GRID - 1).astype(np.float64)

    def log_likelihood(point: FloatArray) -> FloatArray:
        # As R counts: where two grid points are equally likely to the last digit, the same one is taken.
        p = 1 / GRID + (point - 1) * (1 / GRID)
        with np.errstate(divide="ignore", invalid="ignore"):
            binomial = d * np.log(p) + survivors * np.log1p(-p)
            return np.asarray(np.where(rare, d * np.log(p) - p * rounded, binomial))

    with np.errstate(divide="ignore", invalid="ignore"):
        best = np.where(rare, d / rounded, d / k) * GRID
    below = np.clip(np.floor(best), 1, last)
    above = np.clip(below + 1, 1, last)
    # Equal likelihoods: the smaller risk, as the first maximum of a scan.
    peak = np.where(log_likelihood(above) > log_likelihood(below), above, below)
    limit = log_likelihood(peak) - LIKELIHOOD_DROP

    def end(border: FloatArray) -> FloatArray:
        """The grid point farthest from the peak towards the border that is still likely enough."""
        inside = np.where(log_likelihood(border) >= limit, border, peak)
        outside = border.copy()
        while (np.abs(outside - inside) > 1).any():
            middle = np.floor((outside + inside) / 2)
            likely = log_likelihood(middle) >= limit
            inside, outside = np.where(likely, middle, inside), np.where(likely, outside, middle)
        return inside

    return np.stack([peak, end(np.ones_like(peak)), end(last)]) / GRID
