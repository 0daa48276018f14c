"""The slow twin of the Farrington methods: one series, one week, a dense regression.

Written to be read against the papers; ``farrington`` must agree with it and a property test checks that it does.
Sources as there.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.stats import nbinom, norm, poisson, t

from fangkong.science.epi.detection.calendar_blocks import same_weeks, season_blocks
from fangkong.science.epi.serial_interval import FloatArray


class DenseFit:
    """A quasi-Poisson regression by iteratively reweighted least squares on a dense design."""

    def __init__(self, y: FloatArray, design: FloatArray, prior: FloatArray) -> None:
        mean = y + 0.1
        log_mean = np.log(mean)
        deviance = self._deviance(y, mean, prior)
        self.converged = False
        for _ in range(25):
            weight = prior * mean
            root = np.sqrt(weight)
            target = log_mean + (y - mean) / mean
            self.coefficients = np.linalg.lstsq(root[:, None] * design, root * target, rcond=None)[0]
            self.covariance = np.linalg.inv(design.T @ (weight[:, None] * design))
            log_mean = design @ self.coefficients
            mean = np.exp(log_mean)
            before, deviance = deviance, self._deviance(y, mean, prior)
            if abs(deviance - before) / (abs(deviance) + 0.1) < 1e-8:
                self.converged = True
                break
        self.freedom = len(y) - design.shape[1]
        self.mean, self.relative = mean, (y - mean) / mean
        self.dispersion = float((weight * self.relative**2).sum() / self.freedom)
        self.leverage = weight * np.einsum("ij,jk,ik->i", design, self.covariance, design)
        self.scale = self.dispersion

    @staticmethod
    def _deviance(y: FloatArray, mean: FloatArray, prior: FloatArray) -> float:
        ratio = np.where(y > 0, y / mean, 1.0)
        return float(2 * (prior * (y * np.log(ratio) - (y - mean))).sum())


def _reweighted(y: FloatArray, design: FloatArray, threshold: float) -> DenseFit:
    first = DenseFit(y, design, np.ones(len(y)))
    phi = max(first.dispersion, 1.0)
    anscombe = 1.5 * (y ** (2 / 3) * first.mean ** (-1 / 6) - first.mean**0.5)
    residual = anscombe / np.sqrt(phi * (1 - first.leverage))
    weights = np.where(residual > threshold, residual**-2.0, 1.0)
    weights *= len(y) / weights.sum()
    second = DenseFit(y, design, weights)
    second.scale = float((weights * second.relative**2).sum() / second.freedom)
    return second


def flexible_bound(
    counts: FloatArray,
    position: int,
    *,
    frequency: int = 52,
    b: int = 5,
    w: int = 3,
    alpha: float = 0.05,
    p_threshold_trend: float = 0.05,
    no_periods: int = 1,
    past_weeks_not_included: int = 26,
    threshold_method: str = "delta",
) -> tuple[float, float]:
    """Bound and expected count of one week by Farrington flexible with reweighting and trend, no count missing.

    Arguments:
        counts: shape ``[time]``; position: 0-based, with ``b`` years and ``w`` periods before it.
        the others: as for ``farrington_flexible``.
    """
    blocks = season_blocks(position, same_weeks(position, b, frequency, None), w, no_periods)
    blocks[position - past_weeks_not_included :] = -1
    past = np.flatnonzero(blocks >= 0)
    y = counts[past]
    seasons = (blocks[past][:, None] == np.arange(no_periods)).astype(float)
    # Time is counted from the middle so that the dense equations stay well conditioned.
    middle = past.mean()
    with_trend = np.column_stack([seasons, past - middle])
    now = np.zeros(no_periods)
    now[-1] = 1
    fit, row = _reweighted(y, with_trend, 2.58), np.append(now, position - middle)
    slope, error = fit.coefficients[-1], math.sqrt(fit.scale * fit.covariance[-1, -1])
    significant = 2 * t.sf(abs(slope / error), fit.freedom) < p_threshold_trend
    if not (b >= 3 and significant and math.exp(row @ fit.coefficients) <= y.max()):
        fit, row = _reweighted(y, seasons, 2.58), now
    log_mean = float(row @ fit.coefficients)
    sd = math.sqrt(fit.scale * float(row @ fit.covariance @ row))
    mean, phi, z = math.exp(log_mean), max(fit.dispersion, 1.0), float(norm.isf(alpha))
    if threshold_method == "delta":
        spread = math.sqrt(4 / 9 * mean ** (1 / 3) * (phi + (mean * sd) ** 2 / mean))
        return (mean ** (2 / 3) + z * spread) ** 1.5, mean
    high = mean if threshold_method == "nbPlugin" else math.exp(log_mean + z * sd)
    law = poisson(high) if phi == 1 else nbinom(high / (phi - 1), 1 / phi)
    count = 0
    while law.sf(count) > alpha + 1e-14:
        count += 1
    return float(count), mean
