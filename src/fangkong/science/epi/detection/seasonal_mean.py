"""The usual count by period: a Poisson regression on yearly waves, fitted to the periods before a start.

Columns of the design that the training cannot tell from those before them (a wave seen for two periods only) are left
out, as R's ``glm`` does. The steps are those of ``glm.fit`` too (start at counts + 0.1, stop when the deviance changes
by less than 1e-8 of itself): without a case the likelihood has no maximum and the fit *is* where the steps stop.

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
# A column whose part outside the earlier columns is below this share of it adds nothing.
_SMALLEST_SHARE = 1e-11


def seasonal_mean(
    matrix: FloatArray, start: int, frequency: int, harmonics: int = 1, trend: bool = False
) -> FloatArray:
    """The fitted count of every period, from the periods before ``start``; NaN where no fit is possible.

    Arguments:
        matrix: counts, shape ``[series, time]``, NaN where missing (left out).
        start: number of periods to fit on, at least 1. frequency: periods in a year. harmonics: yearly waves, at
            least 0.
        trend: whether to fit a log-linear trend too.

    >>> t = np.arange(156)
    >>> usual = seasonal_mean(np.exp(1 + np.cos(2 * np.pi * t / 52))[None, :], 104, 52)
    >>> round(float(usual[0, 104]), 4)
    7.3891
    """
    design = _orthogonal(_design(matrix.shape[1], frequency, harmonics, trend), start)
    present = (~np.isnan(matrix[:, :start])).astype(np.float64)
    y = np.nan_to_num(matrix[:, :start])
    coefficients = np.full((matrix.shape[0], design.shape[1]), np.nan)
    with np.errstate(over="ignore"):
        total = y.sum(axis=1)
    rows = np.flatnonzero(present.any(axis=1) & (total < LARGEST_TOTAL))
    if rows.size:
        coefficients[rows] = _fit(y[rows], present[rows], design[:start])
    with np.errstate(over="ignore", invalid="ignore"):
        return np.maximum(np.exp(coefficients @ design.T), SMALLEST_MEAN)


def _design(length: int, frequency: int, harmonics: int, trend: bool) -> FloatArray:
    """Level, trend and waves of every period, shape ``[time, column]``, in the order in which they may stay."""
    time = np.arange(length)
    columns = [np.ones(length)]
    if trend:
        columns.append(time / frequency)
    for wave in range(1, harmonics + 1):
        angle = 2 * np.pi * wave * time / frequency
        columns += [np.cos(angle), np.sin(angle)]
    return np.stack(columns, axis=1)


def _orthogonal(design: FloatArray, start: int) -> FloatArray:
    """The design in columns that are orthonormal on the training, so that even a short one is solved exactly."""
    kept: list[FloatArray] = []
    for column in design.T:
        rest = column.copy()
        size = float(np.linalg.norm(rest[:start]))
        for _ in range(2):  # the second pass takes away what rounding left
            for other in kept:
                rest -= (rest[:start] @ other[:start]) * other
        left = float(np.linalg.norm(rest[:start]))
        if left > _SMALLEST_SHARE * size:
            kept.append(rest / left)
    return np.stack(kept, axis=1)


def _fit(y: FloatArray, present: FloatArray, design: FloatArray) -> FloatArray:
    """Coefficients of each series by iteratively reweighted least squares."""
    mean = y + 0.1
    log_mean = np.log(mean)
    deviance = _deviance(y, mean, present)
    coefficients = np.full((y.shape[0], design.shape[1]), np.nan)
    active = np.arange(y.shape[0])
    for _ in range(_MOST_STEPS):
        a, counts = present[active], y[active]
        weight = a * mean
        working = weight * log_mean + a * (counts - mean)
        normal = np.einsum("st,tp,tq->spq", weight, design, design, optimize=True)
        right = working @ design
        # Where missing counts leave a design singular, the answer is the one of least norm.
        step = (np.linalg.pinv(normal, hermitian=True) @ right[..., None])[..., 0]
        before = deviance
        log_mean, mean, deviance = _fitted(step, counts, a, design)
        for _ in range(_MOST_STEPS):
            lost = np.flatnonzero(~np.isfinite(deviance))
            if not lost.size:
                break
            # A step that leaves the numbers is halved; the first one has nothing to go back to and stays NaN.
            step[lost] = (step[lost] + coefficients[active[lost]]) / 2
            log_mean[lost], mean[lost], deviance[lost] = _fitted(step[lost], counts[lost], a[lost], design)
        coefficients[active] = step
        keep = np.isfinite(deviance) & ~(np.abs(deviance - before) / (np.abs(deviance) + 0.1) < _TOLERANCE)
        active, mean, log_mean, deviance = active[keep], mean[keep], log_mean[keep], deviance[keep]
        if not active.size:
            break
    return coefficients


def _fitted(
    coefficients: FloatArray, y: FloatArray, present: FloatArray, design: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Log of the fitted counts, the counts, and the deviance of each series."""
    with np.errstate(over="ignore", invalid="ignore"):
        log_mean = coefficients @ design.T
        mean = np.maximum(np.exp(log_mean), SMALLEST_MEAN)
        return log_mean, mean, _deviance(y, mean, present)


def _deviance(y: FloatArray, mean: FloatArray, present: FloatArray) -> FloatArray:
    return np.asarray(2 * (present * (xlogy(y, y) - xlogy(y, mean) - y + mean)).sum(axis=1))
