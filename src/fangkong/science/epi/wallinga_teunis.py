"""The case reproduction number: how many people the cases of a window went on to infect (Wallinga-Teunis).

Each case is shared out among the earlier cases who may have infected it, in proportion to the serial interval;
what a day's cases collect, divided by their number, is their reproduction number. Source: Wallinga and Teunis
(2004), Am J Epidemiol 160(6):509-516; the means are those of ``wallinga_teunis`` in EpiEstim 2.2-4. Spread is
computed, not simulated: each case chooses its window independently, so the number infected by a window is a sum of
binomials with known cumulants; quantiles follow from the first four (Cornish-Fisher) and are rough where a window
infected only a handful.

At the right edge the method is biased: people whom the last cases will infect have not fallen ill yet. The share of
their serial interval that has passed stands beside each number, and the number divided by it (Cauchemez et al.
2006, Emerg Infect Dis 12(1):110-113).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from fangkong.science.epi.estimates import INVALID_COUNTS, MISSING_DAYS, NO_PAST_CASES, TOO_FEW_CASES
from fangkong.science.epi.reproduction_posterior import (
    NO_WINDOW,
    REASON_CODES,
    BoolArray,
    IntArray,
    ReasonArray,
    banded_sums,
    checked_levels,
    checked_windows,
    reason_number,
    sliding_windows,
    usable_counts,
    window_sums,
)
from fangkong.science.epi.serial_interval import FloatArray, checked_weights

_CHUNK_CELLS = 1 << 20


@dataclass(frozen=True, slots=True)
class CaseReproduction:
    """The case reproduction number on the day that ends each window; NaN where there is none.

    Attributes:
        mean: people infected per case of the window, as far as they have fallen ill; shaped like the incidence.
        sd: standard deviation over who may have infected whom.
        quantiles: shape ``[levels, *incidence.shape]``; quantile_levels: the levels.
        completeness: share (0 to 1) of the cases' serial interval that lies within the series.
        corrected: ``mean`` divided by ``completeness``: what it would be once all have fallen ill.
        right_edge: True where the completeness is below the limit and ``mean`` therefore too low.
        reason: 0, or the position of the reason in ``reason_codes``.
    """

    mean: FloatArray
    sd: FloatArray
    quantiles: FloatArray
    quantile_levels: tuple[float, ...]
    completeness: FloatArray
    corrected: FloatArray
    right_edge: BoolArray
    reason: ReasonArray

    @property
    def reason_codes(self) -> tuple[str, ...]:
        """The codes by the number that stands in ``reason``."""
        return REASON_CODES


def wallinga_teunis(
    incidence: ArrayLike,
    serial_interval: ArrayLike,
    *,
    window: int = 7,
    windows: ArrayLike | None = None,
    quantiles: Sequence[float] = (0.025, 0.975),
    complete_from: float = 0.95,
    missing_weight_limit: float = 0.01,
) -> CaseReproduction:
    """How many people the cases of each window infected, with the right edge marked.

    Arguments:
        incidence: cases by day, shape ``[days]`` or ``[series, days]``; NaN is a day without a report.
        serial_interval: probability of k days at index k, index 0 being 0, the sum within 0.01 of 1.
        window: days of the sliding windows, which start on the second day or later.
        windows: in their place rows ``[first, last]`` of 0-based days, no two ending on one day.
        quantiles: levels strictly between 0 and 1.
        complete_from: completeness (0 to 1) below which a window lies at the right edge.
        missing_weight_limit: share (0 to 1) of the serial-interval weight that may fall on missing days.

    Returns:
        Arrays shaped like the incidence; a window stands at its last day. There is no number for a window
        without cases or one that starts before the first case (EpiEstim leaves those rows out).

    Raises:
        ValueError: for arguments that make no sense in themselves.

    >>> found = wallinga_teunis([1, 2, 4, 8, 16, 32, 64, 128, 256, 512], [0, 1.0], window=3)
    >>> float(found.mean[5]), bool(found.right_edge[5]), bool(found.right_edge[9])
    (2.0, False, True)
    """
    given = np.asarray(incidence)
    if given.ndim not in (1, 2):
        raise ValueError(f"incidence has shape {given.shape}; give one series [days] or [series, days]")
    weights = checked_weights(serial_interval)
    levels = checked_levels(quantiles)
    for name, share in (("complete_from", complete_from), ("missing_weight_limit", missing_weight_limit)):
        if not 0 <= share <= 1:
            raise ValueError(f"{name} is {share}; it is a share, from 0 to 1")
    matrix = np.atleast_2d(given)
    days = matrix.shape[1]
    spans = sliding_windows(days, window) if windows is None else checked_windows(windows, days)
    last = spans[:, 1]
    if np.unique(last).size < last.size:
        raise ValueError("two windows end on one day, and a value stands at its last day; call once for each")

    values = np.full((4 + len(levels), *matrix.shape), np.nan)
    reason = np.full(matrix.shape, reason_number(NO_WINDOW), dtype=np.uint8)
    rows = max(1, _CHUNK_CELLS // max(1, days * days))
    for first in range(0, matrix.shape[0] if spans.size else 0, rows):
        part = slice(first, first + rows)
        found, why = _windows(matrix[part], weights, spans, levels, missing_weight_limit)
        values[:, part, last] = found
        reason[part, last] = why
    shape = given.shape
    mean, sd, completeness, corrected = (row.reshape(shape) for row in values[:4])
    with np.errstate(invalid="ignore"):
        right_edge = completeness < complete_from
    return CaseReproduction(
        mean=mean,
        sd=sd,
        quantiles=values[4:].reshape(len(levels), *shape),
        quantile_levels=levels,
        completeness=completeness,
        corrected=corrected,
        right_edge=right_edge,
        reason=reason.reshape(shape),
    )


def _windows(
    matrix: np.ndarray, weights: FloatArray, spans: IntArray, levels: tuple[float, ...], limit: float
) -> tuple[FloatArray, ReasonArray]:
    """``[mean, sd, completeness, corrected, *quantiles]`` by series and window, and the reasons."""
    total, _, invalid = usable_counts(matrix, None)
    missing = np.isnan(total)
    cases = np.where(missing, 0.0, total)
    days = cases.shape[1]
    infectivity = banded_sums(cases, weights)
    # Nobody in the series can have infected a case without infectivity; it is shared out to nobody.
    per_weight = np.divide(cases, infectivity, out=np.zeros(cases.shape), where=infectivity > 0)
    infected_per_case = banded_sums(per_weight, weights, later=True)
    seen = np.zeros(days)
    seen[: min(days, weights.size)] = (weights / weights.sum())[:days]
    seen = np.cumsum(seen)[::-1]
    size = window_sums(cases, spans)
    infected = window_sums(cases * infected_per_case, spans)
    follow_up = window_sums(cases * seen, spans)

    reason = np.zeros(size.shape, dtype=np.uint8)
    reason[size == 0] = reason_number(TOO_FEW_CASES)
    first_case = np.where((cases > 0).any(axis=1), (cases > 0).argmax(axis=1), days)
    reason[spans[:, 0] < first_case[:, None]] = reason_number(NO_PAST_CASES)
    if missing.any():
        shaken = (missing | (banded_sums(missing.astype(np.float64), weights) > limit)).astype(np.float64)
        leaning = window_sums(banded_sums(shaken, weights, later=True), spans)
        length = (spans[:, 1] - spans[:, 0] + 1).astype(np.float64)
        lost = leaning > limit * length
        reason[lost | (window_sums(missing.astype(np.float64), spans) > 0)] = reason_number(MISSING_DAYS)
        reason[window_sums(invalid.astype(np.float64), spans) > 0] = reason_number(INVALID_COUNTS)

    with np.errstate(invalid="ignore", divide="ignore"):
        found = np.stack(
            [
                infected / size,
                *_spread(cases, infectivity, weights, spans, infected, size, levels),
            ]
        )
        completeness = follow_up / size
        corrected = np.where(follow_up > 0, infected / follow_up, np.nan)
    found = np.concatenate([found[:2], np.stack([completeness, corrected]), found[2:]])
    found[:, reason != 0] = np.nan
    return found, reason


def _spread(
    cases: FloatArray,
    infectivity: FloatArray,
    weights: FloatArray,
    spans: IntArray,
    infected: FloatArray,
    size: FloatArray,
    levels: tuple[float, ...],
) -> list[FloatArray]:
    """Standard deviation and quantiles of the number infected per case, ``[series, windows]`` each."""
    series, days = cases.shape
    lag = np.arange(days)[:, None] - np.arange(days)[None, :]
    reach = np.where((lag > 0) & (lag < weights.size), weights[np.clip(lag, 0, weights.size - 1)], 0.0)
    per_infectivity = np.divide(1.0, infectivity, out=np.zeros(cases.shape), where=infectivity > 0)
    # share[series, day, infector's day]: chance that a case of the day was infected by cases of the other.
    share = reach[None, :, :] * cases[:, None, :] * per_infectivity[:, :, None]
    by_window = window_sums(share.reshape(series * days, days), spans).reshape(series, days, -1)
    by_window = np.clip(by_window, 0.0, 1.0)
    other = by_window * (1 - by_window)
    second = np.einsum("si,siw->sw", cases, other)
    third = np.einsum("si,siw->sw", cases, other * (1 - 2 * by_window))
    fourth = np.einsum("si,siw->sw", cases, other * (1 - 6 * other))
    sd = np.sqrt(second)
    skew = np.divide(third, sd**3, out=np.zeros(sd.shape), where=sd > 0)
    excess = np.divide(fourth, second**2, out=np.zeros(sd.shape), where=sd > 0)
    found = np.empty((len(levels), *sd.shape))
    for row, level in zip(found, levels, strict=True):
        z = float(ndtri(level))
        bent = z + (z**2 - 1) * skew / 6 + (z**3 - 3 * z) * excess / 24 - (2 * z**3 - 5 * z) * skew**2 / 36
        row[:] = np.clip(infected + sd * bent, 0.0, cases.sum(axis=1, keepdims=True)) / size
    # In the smallest windows the expansion may fold back; levels that rise have quantiles that do not fall.
    order = np.argsort(levels)
    found[order] = np.maximum.accumulate(found[order], axis=0)
    return [sd / size, *found]
