"""The moving percentile method of China's alert system, and its rule for diseases where one case is too many.

A count is held against a percentile of the same weeks, and those around them, of earlier years.

Source: Yang, Li, Lan et al. (2011), "A nationwide web-based automated system for early outbreak detection and rapid
response in China", Western Pac Surveill Response J 2(1):10-15, doi:10.5365/wpsar.2010.1.1.009; Wang et al. (2017), BMC
Public Health, doi:10.1186/s12889-017-4488-0 (weekly data, 5 weeks x 5 years). There is no reference implementation.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from fangkong.science.epi.detection.alarms import (
    BASELINE_TOO_SHORT,
    MISSING_BASELINE,
    Alarms,
    alarms_of,
    count_matrix,
    reason_number,
)
from fangkong.science.epi.detection.percentile_rules import NATIONAL, SingleCaseRule, published_rules
from fangkong.science.epi.serial_interval import FloatArray

_VALUES_AT_ONCE = 4_000_000


def moving_percentile(
    counts: ArrayLike,
    percentile: float | None = None,
    frequency: int = 52,
    *,
    disease: str | None = None,
    area: str = NATIONAL,
    years: int | None = None,
    half_window: int | None = None,
    span: int = 1,
) -> Alarms:
    """Alarms where a count lies above a percentile of the same weeks of earlier years.

    Arguments:
        counts: shape ``[time]`` or ``[series, time]``, by period, at least 0; NaN where missing.
        percentile: between 0 and 100; by default the published one of the ``disease`` in the ``area``. A disease with a
            single-case rule is watched by ``fixed_threshold`` instead.
        frequency: periods in a year (52 weeks, 365 days).
        years, half_window: earlier years, and weeks either side of the same one; by default as published (5 and 2).
        span: periods that are summed before they are compared: 7 compares the last seven days, every day, with blocks
            of seven days, as the system does with daily counts.

    Returns:
        ``observed`` stays the counts as given; ``upper`` and ``expected`` (the baseline's median) are for the sum over
        ``span``. ``p_value`` is the rank of the count among its baseline, never below 1 in (baseline + 1). Refused:
        ``baseline_too_short``, ``missing_baseline`` (half of it or more is missing).

    Raises:
        ValueError: neither or both of ``percentile`` and ``disease``, settings outside their ranges.
        KeyError: a disease without a published rule.

    >>> weeks = np.arange(52 * 5 + 30)
    >>> counts = 10 + weeks % 52 % 7
    >>> counts[-1] = 40
    >>> watch = moving_percentile(counts, 80)
    >>> round(float(watch.upper[-1]), 1), bool(watch.alarm[-1]), bool(watch.alarm[-2])
    (13.6, True, False)
    """
    if (percentile is None) == (disease is None):
        raise ValueError("give either a percentile or a disease")
    rules = published_rules()
    if disease is not None:
        rule = rules.rule_for(disease, area)
        if isinstance(rule, SingleCaseRule):
            return fixed_threshold(counts, rule.cases, span=span)
        percentile = rule.percentile
    assert percentile is not None
    back = rules.years if years is None else years
    half = rules.half_window if half_window is None else half_window
    if not 0 < percentile < 100:
        raise ValueError(f"percentile is {percentile}; it must lie between 0 and 100")
    if back < 1 or half < 0 or span < 1 or (half + 1) * span > frequency:
        raise ValueError(
            "years and span are at least 1, half_window at least 0, and the window must fit into the year"
        )
    matrix, _, _ = count_matrix(counts)
    sums = _summed(matrix, span)
    offsets = [
        year * frequency + step * span for year in range(1, back + 1) for step in range(-half, half + 1)
    ]
    upper, expected, p_value = (np.full(matrix.shape, np.nan) for _ in range(3))
    reason = np.zeros(matrix.shape, dtype=np.uint8)
    first = max(offsets) + span - 1
    reason[:, :first] = reason_number(BASELINE_TOO_SHORT)
    length = matrix.shape[1] - first
    at_once = max(1, _VALUES_AT_ONCE // max(1, length * len(offsets)))
    for head in range(0, matrix.shape[0] if length > 0 else 0, at_once):
        part = slice(head, head + at_once)
        past = np.stack([sums[part, first - o : first - o + length] for o in offsets], axis=-1)
        upper[part, first:], expected[part, first:], p_value[part, first:], known = _ranked(
            sums[part, first:], past, percentile / 100
        )
        reason[part, first:][known * 2 <= len(offsets)] = reason_number(MISSING_BASELINE)
    return alarms_of(
        "moving_percentile",
        counts,
        upper=upper,
        expected=np.where(reason == 0, expected, np.nan),
        reason=reason,
        alarm=_above(sums, upper),
        p_value=p_value,
        params={"percentile": percentile, "years": back, "span": span, "baseline_size": len(offsets)},
    )


def fixed_threshold(counts: ArrayLike, cases: int = 1, *, span: int = 1) -> Alarms:
    """Alarms wherever a fixed number of cases is reached: the rule for diseases of which one case is too many.

    Arguments:
        counts: shape ``[time]`` or ``[series, time]``, at least 0; NaN where missing.
        cases: number of cases that raises the alarm, at least 1.
        span: periods whose cases are summed.

    Returns:
        ``upper`` is ``cases - 1``: a count above it raises the alarm. Nothing is expected and no baseline needed.

    Raises:
        ValueError: ``cases`` or ``span`` below 1.

    >>> fixed_threshold([0, 1, 0, 2]).alarm.tolist()
    [False, True, False, True]
    """
    if cases < 1 or span < 1:
        raise ValueError("cases and span are at least 1")
    matrix, _, _ = count_matrix(counts)
    sums = _summed(matrix, span)
    upper = np.full(matrix.shape, cases - 1.0)
    reason = np.zeros(matrix.shape, dtype=np.uint8)
    reason[:, : span - 1] = reason_number(BASELINE_TOO_SHORT)
    return alarms_of(
        "fixed_threshold",
        counts,
        upper=upper,
        expected=np.full(matrix.shape, np.nan),
        reason=reason,
        alarm=_above(sums, upper),
        params={"cases": cases, "span": span},
    )


def _above(sums: FloatArray, upper: FloatArray) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        return np.asarray(sums > upper)


def _summed(matrix: FloatArray, span: int) -> FloatArray:
    """Sums over the last ``span`` periods; NaN while fewer have passed or one is missing."""
    if span == 1:
        return matrix
    out = np.full(matrix.shape, np.nan)
    length = matrix.shape[1] - span + 1
    if length > 0:
        out[:, span - 1 :] = sum(matrix[:, lag : lag + length] for lag in range(span))
    return out


def _ranked(
    now: FloatArray, past: FloatArray, share: float
) -> tuple[FloatArray, FloatArray, FloatArray, np.ndarray]:
    """Percentile, median, p-value of each sum among its baseline, and how much of the baseline is known."""
    with np.errstate(invalid="ignore"):
        as_high = (past >= now[..., None]).sum(axis=-1)
    ordered = np.sort(past, axis=-1)  # missing ones last
    known = (~np.isnan(ordered)).sum(axis=-1)
    p_value = np.where(np.isnan(now), np.nan, (1 + as_high) / (1 + known))
    return _quantile(ordered, known, share), _quantile(ordered, known, 0.5), p_value, known


def _quantile(ordered: FloatArray, known: np.ndarray, share: float) -> FloatArray:
    """Quantile by linear interpolation between ranks, over the known values only."""
    place = np.maximum(known - 1, 0) * share
    low = np.floor(place).astype(np.int64)
    high = np.minimum(low + 1, np.maximum(known - 1, 0))
    below = np.take_along_axis(ordered, low[..., None], axis=-1)[..., 0]
    above = np.take_along_axis(ordered, high[..., None], axis=-1)[..., 0]
    return np.asarray(below + (place - low) * (above - below))
