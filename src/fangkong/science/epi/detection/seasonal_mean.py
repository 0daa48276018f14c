"""The usual count by period: a Poisson regression on yearly waves, fitted to the periods before a start.

Source: McCullagh and Nelder (1989), "Generalized Linear Models", section 2.5; the model is that of the charts in
Hoehle, Paul (2008), Comput Stat Data Anal 52(9):4357-4368.
"""

from __future__ import annotations

import numpy as np
from scipy.special import xlogy

from fangkong.science.epi.detection.block_regression import SMALLEST_MEAN
from fangkong.science.epi.serial_interval import FloatArray

# Counts beyond this are no counts; squared weights of the fit would leave the range of numbers.
LARGEST_TOTAL = 1e100
_TOLERANCE = 1e-8
_MOST_STEPS = 25


def seasonal_mean(
    matrix: FloatArray, start: int, frequency: int, harmonics: int = 1, trend: bool = False
) -> FloatArray:
    """The fitted count of every period, from the periods before ``start``; NaN where no fit is possible.

    Arguments:
        matrix: counts, shape ``[series, time]``, NaN where missing (left out).
        start: number of periods to fit on. frequency: periods in a year. harmonics: yearly waves, at least 0.
        trend: whether to fit a log-linear trend too.

    >>> t = np.arange(156)
    >>> usual = seasonal_mean(np.exp(1 + np.cos(2 * np.pi * t / 52))[None, :], 104, 52)
    >>> round(float(usual[0, 104]), 4)
    7.3891
    """
    angle = 2 * np.pi * np.arange(matrix.shape[1]) / frequency
    columns = [np.ones(matrix.shape[1])]
    for wave in range(1, harmonics + 1):
        columns += [np.cos(wave * angle), np.sin(wave * angle)]
    if trend:
        columns.append(np.arange(matrix.shape[1]) / frequency)
    design = np.stack(columns, axis=1)
    past = design[:start]
    present = (~np.isnan(matrix[:, :start])).astype(np.float64)
    y = np.nan_to_num(matrix[:, :start])
    coefficients = np.full((matrix.shape[0], design.shape[1]), np.nan)
    # Fewer counts than coefficients, or no case at all: the likelihood has no maximum.
    with np.errstate(over="ignore"):
        total = y.sum(axis=1)
    rows = np.flatnonzero((present.sum(axis=1) > design.shape[1]) & (total > 0) & (total < LARGEST_TOTAL))
    if rows.size:
        coefficients[rows] = _fit(y[rows], present[rows], past)
    with np.errstate(over="ignore", invalid="ignore"):
        return np.maximum(np.exp(coefficients @ design.T), SMALLEST_MEAN)


def _fit(y: FloatArray, present: FloatArray, design: FloatArray) -> FloatArray:
    """Coefficients of each series by iteratively reweighted least squares."""
    mean = y + 0.1
    log_mean = np.log(mean)
    deviance = _deviance(y, mean, present)
    coefficients = np.zeros((y.shape[0], design.shape[1]))
    active = np.arange(y.shape[0])
    for _ in range(_MOST_STEPS):
        a, counts = present[active], y[active]
        weight = a * mean
        working = weight * log_mean + a * (counts - mean)
        normal = np.einsum("st,tp,tq->spq", weight, design, design, optimize=True)
        right = working @ design
        # A singular design (too few different seasons seen) falls back to the least-norm answer.
        coefficients[active] = (np.linalg.pinv(normal, hermitian=True) @ right[..., None])[..., 0]
        with np.errstate(over="ignore", invalid="ignore"):
            log_mean = coefficients[active] @ design.T
            mean = np.maximum(np.exp(log_mean), SMALLEST_MEAN)
            before, deviance = deviance, _deviance(counts, mean, a)
            keep = ~(np.abs(deviance - before) / (np.abs(deviance) + 0.1) < _TOLERANCE)
        active, mean, log_mean, deviance = active[keep], mean[keep], log_mean[keep], deviance[keep]
        if not active.size:
            break
    return coefficients


def _deviance(y: FloatArray, mean: FloatArray, present: FloatArray) -> FloatArray:
    return np.asarray(2 * (present * (xlogy(y, y) - xlogy(y, mean) - y + mean)).sum(axis=1))
