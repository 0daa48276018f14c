"""One week of a Farrington method: its baseline, the fit of every series, the bound.

Sources as in ``farrington``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri, stdtr

from fangkong.science.epi.detection.alarms import (
    BASELINE_TOO_SHORT,
    FIT_NOT_CONVERGED,
    MISSING_BASELINE,
    TOO_FEW_CASES,
    BoolArray,
    ReasonArray,
    reason_number,
)
from fangkong.science.epi.detection.block_regression import (
    SMALLEST_MEAN,
    BlockDesign,
    BlockFit,
    centred_time,
    fit_blocks,
)
from fangkong.science.epi.detection.calendar_blocks import IntArray, season_blocks, window_positions
from fangkong.science.epi.detection.thresholds import count_bound, power_bound
from fangkong.science.epi.serial_interval import FloatArray

# Years of history below which no trend is fitted.
_YEARS_FOR_TREND = 3


@dataclass(frozen=True, slots=True)
class FarringtonSettings:
    """What both methods are told; see ``farrington_flexible``. ``tail``: chance of a count above the bound."""

    frequency: int
    b: int
    w: int
    reweight: bool
    weights_threshold: float
    tail: float
    trend: bool
    p_threshold_trend: float
    limit54: tuple[int, int]
    powertrans: str
    periods: int
    past_weeks_not_included: int | None
    threshold_method: str
    classic: bool


def baseline(
    position: int, references: list[int], times: FloatArray, settings: FarringtonSettings
) -> tuple[BlockDesign, IntArray]:
    """The design of one week's fit and the positions of its past weeks."""
    if settings.past_weeks_not_included is None:
        # The classic method knows the windows of earlier years only; where they overlap, a week enters twice.
        past = window_positions(references, settings.w, position)
        return BlockDesign(block=np.zeros(past.size, dtype=np.int64), time=times[past], blocks=1), past
    blocks = season_blocks(position, references, settings.w, settings.periods)
    blocks[max(0, position - settings.past_weeks_not_included) :] = -1
    past = np.flatnonzero(blocks >= 0)
    past = past[np.argsort(blocks[past], kind="stable")]
    return BlockDesign(block=blocks[past], time=times[past], blocks=settings.periods), past


def bound_of_week(
    matrix: FloatArray,
    position: int,
    now: float,
    past: IntArray,
    design: BlockDesign,
    settings: FarringtonSettings,
    offset: FloatArray | None,
) -> tuple[FloatArray, FloatArray, FloatArray, ReasonArray]:
    """Bound, expectation, p-value and reason of one week, shape ``[series]`` each.

    Arguments:
        matrix: counts, shape ``[series, time]``; position: 0-based position of the week; now: its time.
        past, design: positions, blocks and times of its past weeks, from ``baseline``.
        settings: of the method.
        offset: log of the people, shape ``[series, time]``, NaN where unknown; None for no offset.
    """
    if not past.size:
        nothing = np.full(matrix.shape[0], np.nan)
        return nothing, nothing, nothing, np.full(nothing.shape, reason_number(BASELINE_TOO_SHORT), np.uint8)
    counts = matrix[:, past]
    present = ~np.isnan(counts)
    known, known_now = None, np.zeros(matrix.shape[0])
    if offset is not None:
        present &= ~np.isnan(offset[:, past])
        known, known_now = np.nan_to_num(offset[:, past]), offset[:, position]
    y = np.where(present, counts, 0.0)
    time = now - centred_time(design)[1]
    fit = _fit(y, present, design, settings, time, known, known_now)
    own_block = design.blocks - 1
    log_mean, variance = fit.prediction(own_block, time)
    log_mean = log_mean + known_now
    phi = np.maximum(fit.dispersion, 1)
    observed = matrix[:, position]
    with np.errstate(over="ignore", invalid="ignore"):
        mean = np.maximum(np.exp(log_mean), SMALLEST_MEAN)
        # The classic method alone never lets the spread of its mean fall below Poisson.
        sd = np.sqrt(variance * (phi if settings.classic else fit.scale))
        if settings.threshold_method == "delta":
            upper, p_value = power_bound(
                observed, mean, (mean * sd) ** 2, phi, settings.tail, settings.powertrans
            )
        else:
            high = _upper_mean(log_mean, sd, settings.tail) if settings.threshold_method == "muan" else mean
            upper, p_value = count_bound(observed, high, phi, settings.tail)

    reason = np.zeros(matrix.shape[0], dtype=np.uint8)
    limit, length = settings.limit54
    latest = np.nansum(matrix[:, max(0, position - length + 1) : position + 1], axis=1)
    reason[latest < limit] = reason_number(TOO_FEW_CASES)
    reason[~fit.converged] = reason_number(FIT_NOT_CONVERGED)
    lacking = ~present[:, design.block == own_block].any(axis=1) | ~(fit.freedom > 0) | np.isnan(known_now)
    reason[lacking] = reason_number(MISSING_BASELINE)
    return upper, mean, p_value, reason


def _upper_mean(log_mean: FloatArray, sd: FloatArray, tail: float) -> FloatArray:
    """Upper one-sided confidence limit of the mean."""
    return np.asarray(np.exp(log_mean - ndtri(tail) * sd))


def _fit(
    y: FloatArray,
    present: BoolArray,
    design: BlockDesign,
    settings: FarringtonSettings,
    time: float,
    known: FloatArray | None,
    known_now: FloatArray,
) -> BlockFit:
    """The fit of every series, with a trend where it is asked for and earned."""
    if not settings.trend:
        return _reweighted(y, present, design, settings, False, known)
    fit = _reweighted(y, present, design, settings, True, known)
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        t = fit.slope / np.sqrt(fit.scale / fit.time_spread)
        # A slope of exactly nothing has a p-value of exactly 1, and a threshold of 1 keeps even that.
        always = (settings.p_threshold_trend >= 1) & np.isfinite(t)
        significant = always | (2 * stdtr(fit.freedom, -np.abs(t)) < settings.p_threshold_trend)
        log_mean, _ = fit.prediction(design.blocks - 1, time)
        plausible = np.maximum(np.exp(log_mean + known_now), SMALLEST_MEAN) <= y.max(axis=1, initial=0.0)
    keep = significant & plausible & fit.converged & (settings.b >= _YEARS_FOR_TREND)
    if not keep.all():
        rows = np.flatnonzero(~keep)
        known = None if known is None else known[rows]
        _put(fit, rows, _reweighted(y[rows], present[rows], design, settings, False, known))
    return fit


def _put(fit: BlockFit, rows: IntArray, other: BlockFit) -> None:
    """Replace the fit of some series."""
    for name in BlockFit.__slots__:
        getattr(fit, name)[rows] = getattr(other, name)


def _reweighted(
    y: FloatArray,
    present: BoolArray,
    design: BlockDesign,
    settings: FarringtonSettings,
    trend: bool,
    known: FloatArray | None,
) -> BlockFit:
    """A fit, and where asked for a second one in which past outbreaks count less."""
    fit = fit_blocks(y, present.astype(np.float64), design, trend, known)
    if not settings.reweight:
        return fit
    phi = np.maximum(fit.dispersion, 1)
    leverage = fit.leverage(design, centred_time(design)[0])
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        anscombe = 1.5 * (y ** (2 / 3) * fit.mean ** (-1 / 6) - np.sqrt(fit.mean))
        residual = anscombe / np.sqrt(phi[:, None] * (1 - leverage))
        outlying = present & (residual > settings.weights_threshold)
        share = np.where(outlying, residual**-2.0, present.astype(np.float64))
        share *= (present.sum(axis=1) / share.sum(axis=1))[:, None]
    share[~np.isfinite(share)] = 0.0
    second = fit_blocks(y, share, design, trend, known)
    # The first fit decides whether there is one at all.
    second.converged &= fit.converged
    if not settings.classic:
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            relative = np.where(present, share * ((y - second.mean) / second.mean) ** 2, 0.0)
            second.scale = relative.sum(axis=1) / second.freedom
    return second
