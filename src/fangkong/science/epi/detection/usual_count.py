"""What a chart takes as the usual count of every watched period: given, or learned from the periods before its start.

Source: the training of ``cusum`` and ``glrpois`` in the R package surveillance 1.20.3.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from fangkong.science.epi.detection.alarms import (
    BASELINE_TOO_SHORT,
    FIT_NOT_CONVERGED,
    MISSING_BASELINE,
    NOT_MONITORED,
    ReasonArray,
    reason_number,
)
from fangkong.science.epi.detection.seasonal_mean import seasonal_mean
from fangkong.science.epi.serial_interval import FloatArray

REGRESSIONS = ("glm", "glmTrend")


def usual_count(
    matrix: FloatArray,
    start: int,
    frequency: int,
    given: ArrayLike | str | None,
    harmonics: int = 1,
    trend: bool = False,
) -> tuple[FloatArray, ReasonArray]:
    """The usual count of every watched cell, and the reason where there is none.

    Arguments:
        matrix: counts, shape ``[series, time]``, NaN where missing.
        start: 0-based position of the first period watched; what lies before it is the training.
        frequency: periods in a year.
        given: None for the mean of the training; "glm" for a Poisson regression on it with ``harmonics`` yearly waves
            and, where asked for, a log-linear ``trend`` ("glmTrend" always has one); else the usual counts themselves:
            one number, ``[time]``, ``[time - start]`` (watched periods only) or ``[series, time]``; NaN where unknown.

    Returns:
        Usual counts and reasons, both ``[series, time]``. Refused: ``not_monitored`` (before ``start``),
        ``baseline_too_short`` (no training), ``missing_baseline`` (nothing observed in it), ``fit_not_converged``.

    Raises:
        ValueError: an unknown regression, a negative ``start``, fewer than 0 waves, usual counts of another shape.

    >>> usual_count(np.array([[2.0, 4.0, 9.0]]), 2, 52, None)[0].tolist()
    [[nan, nan, 3.0]]
    """
    if start < 0:
        raise ValueError(f"start is {start}; it is the 0-based position of the first period watched")
    if frequency < 1 or harmonics < 0:
        raise ValueError(f"frequency is {frequency} and harmonics {harmonics}; at least 1 and at least 0")
    mean = np.full(matrix.shape, np.nan)
    reason = np.zeros(matrix.shape, dtype=np.uint8)
    reason[:, :start] = reason_number(NOT_MONITORED)
    watched = slice(start, None)
    if isinstance(given, str) and given not in REGRESSIONS:
        raise ValueError(f"m is {given!r}; give a number, None or one of {', '.join(REGRESSIONS)}")
    if given is not None and not isinstance(given, str):
        mean[:, watched] = _given(np.asarray(given, dtype=np.float64), matrix.shape, start)
        reason[np.isnan(mean) & (reason == 0)] = reason_number(MISSING_BASELINE)
        return mean, reason
    if start >= matrix.shape[1]:
        return mean, reason
    if start < 1:
        reason[:, watched] = reason_number(BASELINE_TOO_SHORT)
        return mean, reason
    observed = (~np.isnan(matrix[:, :start])).sum(axis=1)
    with np.errstate(over="ignore", invalid="ignore"):
        if given is None:
            total = np.nansum(matrix[:, :start], axis=1)
            mean[:, watched] = (total / np.maximum(observed, 1))[:, None]
        else:
            fitted = seasonal_mean(matrix, start, frequency, harmonics, trend or given == "glmTrend")
            mean[:, watched] = fitted[:, watched]
    reason[observed == 0, watched] = reason_number(MISSING_BASELINE)
    reason[~np.isfinite(mean) & (reason == 0)] = reason_number(FIT_NOT_CONVERGED)
    mean[reason != 0] = np.nan
    return mean, reason


def _given(values: FloatArray, shape: tuple[int, ...], start: int) -> FloatArray:
    """Usual counts as told, ``[series, time - start]``."""
    length = max(0, shape[1] - start)
    if values.ndim and values.shape[-1] == shape[1]:
        values = values[..., start:]
    try:
        return np.broadcast_to(values, (shape[0], length))
    except ValueError:
        raise ValueError(
            f"usual counts have shape {values.shape}; give one number, one for each of {shape[1]} periods, one for "
            f"each of {length} watched periods, or [series, time]"
        ) from None
