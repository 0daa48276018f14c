"""How wide a nowcast has to be: the spread of the method's own errors on the same triangle, age by age.

For every past report period the nowcast of that day is held against what has been reported since. The size of a
negative binomial is found on a grid by its likelihood, neighbouring ages helping one another, and averaged rather
than maximised: ten errors that happen to be small do not make a sure method.

Source: the idea is that of baselinenowcast (Johnson, Bosse, Mellor and others; MIT licence), re-derived.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from fangkong.science.epi.nowcast.development import Development
from fangkong.science.epi.nowcast.level import Level
from fangkong.science.epi.nowcast.triangle import Triangle
from fangkong.science.epi.serial_interval import FloatArray

_GRID = np.exp(np.linspace(np.log(1e-4), np.log(8.0), 22))
# What is thought of the overdispersion before any error is seen: median and spread of its logarithm.
_THOUGHT, _THOUGHT_SPREAD = 0.05, 1.5
_NEIGHBOURS = np.array([0.15, 0.5, 1.0, 0.5, 0.15])
# Errors of neighbouring ages and days repeat one another.
_EVIDENCE = 0.5
_HALF_LIFE = 25.0
# An error counts once this share of what was to come has come.
_LEAST_COME = 0.3
# Weight of other series' errors, in series.
_OTHER_SERIES = 3.0
# The delays rest on the same window as the errors that judge them.
_SELF_JUDGED = 1.1
_FEW_DAYS = 12.0
_MOST = 3.0
_PRIOR_TIE, _PRIOR_TIE_ERRORS, _MOST_TIE = 0.5, 10.0, 0.98
# Ages this far apart share only what all share.
_FAR = 4
_DRIFT_DAYS = 14
_DRIFT_RATIO, _DRIFT_SCORE, _DRIFT_CASES = 1.3, 3.0, 20.0
_WITHDRAWN_SDS = 3.0


@dataclass(frozen=True)
class Spread:
    """Overdispersion and shift of what is still to come.

    Attributes:
        remaining: expected number still to come by periods ago as of the latest report, ``[series, periods ago]``.
        overdispersion: of the (shifted) negative binomial, same shape.
        shift: most that withdrawals may take away, same shape.
        common: correlation of the errors of all ages as of one day, ``[series]``.
        neighbours: correlation of what is left of the errors of neighbouring ages, ``[series]``.
        drifted: whether lately much more or less has come than was expected, ``[series]``.
    """

    remaining: FloatArray
    overdispersion: FloatArray
    shift: FloatArray
    common: FloatArray
    neighbours: FloatArray
    drifted: np.ndarray


def spread(triangle: Triangle, delays: Development, levels: Level) -> Spread:
    """The spread of the number still to come at each age, from the errors of the past.

    Arguments:
        triangle: the filled triangles.
        delays, levels: what was known of delays and levels as of each past report period.
    """
    _, periods, columns = triangle.cells.shape
    ages = np.arange(columns)
    rows, share = levels.rows[:, :columns], levels.share[:, :, :columns]
    remaining = levels.expected[:, :, :columns] * (1 - share)
    if not triangle.withdrawals:
        remaining = np.maximum(remaining, 0)
    # Columns known then and now; as far as they differ, a past nowcast can be judged.
    then = np.minimum(ages + 1, columns) + np.zeros_like(rows)
    now = np.clip(triangle.now - rows + 1, 1, columns)
    at = np.clip(rows, 0, periods - 1)
    came = triangle.running[:, at, now - 1] - triangle.running[:, at, then - 1]
    as_of = np.arange(rows.shape[0])[:, None] + np.zeros_like(rows)
    grown = delays.growth(as_of, rows, then, now)
    whole = delays.growth(as_of, rows, then, np.full_like(then, columns))
    part = np.where(np.abs(whole - 1) > 1e-12, (grown - 1) / np.where(whole == 1, 1, whole - 1), 0)
    part = np.clip(np.where(now > then, part, 0), 0, 1)
    counted = (rows >= delays.start[:, None, None]) & triangle.usable[:, at] & (rows < periods)
    recent = 0.5 ** ((triangle.now - delays.as_of) / _HALF_LIFE)
    weight = counted * recent[:, None] * np.where(part >= _LEAST_COME, part**2, 0)
    shift = _shift(triangle, levels, columns)
    expected = np.maximum(remaining * part + shift * part, 1e-3)
    seen = np.maximum(came + shift * part, 0)
    judged = _overdispersion(seen, expected, weight) * _SELF_JUDGED
    beyond, borrowed = delays.beyond[:, 1:], delays.borrowed[:, 1:]
    # Few reports behind a share, few days behind all shares, delays never seen: each widens what the errors say.
    unknown = 1 / (beyond + 1) + _FEW_DAYS / delays.report_days[:, None] ** 3 + borrowed**2
    alpha = np.minimum(judged + unknown, _MOST)
    # Delays that nobody knows yet are wrong for all periods at once.
    own = (judged / (judged + unknown)).mean(axis=1)
    apart = _correlation(seen, expected, alpha, weight, _FAR)
    beside = _correlation(seen, expected, alpha, weight, 1)
    common = 1 - (1 - apart) * own
    neighbours = np.clip((beside - apart) / np.maximum(1 - apart, 1e-9), 0.0, _MOST_TIE)
    return Spread(
        remaining=remaining[:, -1],
        overdispersion=alpha,
        shift=shift[:, -1],
        common=np.clip(common, 0.0, _MOST_TIE),
        neighbours=neighbours,
        drifted=_drifted(seen, expected, alpha, weight),
    )


def _overdispersion(seen: FloatArray, expected: FloatArray, weight: FloatArray) -> FloatArray:
    """Posterior mean of the overdispersion by age, ``[series, age]``."""
    fit = np.empty((len(_GRID), seen.shape[0], seen.shape[2]))
    log_expected = np.log(expected)
    for number, alpha in enumerate(_GRID):
        size = 1 / alpha
        log_sum = np.log(size + expected)
        told = special.gammaln(seen + size) - special.gammaln(size)
        told += size * (np.log(size) - log_sum) + seen * (log_expected - log_sum)
        fit[number] = (weight * told).sum(axis=1)
    near = np.zeros_like(fit)
    reach = len(_NEIGHBOURS) // 2
    ages = fit.shape[2]
    for offset, part in zip(range(-reach, reach + 1), _NEIGHBOURS, strict=True):
        to = slice(max(0, -offset), min(ages, ages - offset))
        of = slice(max(0, offset), min(ages, ages + offset))
        if to.stop > to.start:
            near[:, :, to] += part * fit[:, :, of]
    if (series := seen.shape[0]) > 1:
        others = near.sum(axis=1, keepdims=True) - near
        near = near + others * min(_OTHER_SERIES, series - 1) / (series - 1)
    thought = -0.5 * ((np.log(_GRID) - np.log(_THOUGHT)) / _THOUGHT_SPREAD) ** 2
    score = np.nan_to_num(_EVIDENCE * near, nan=0.0, posinf=0.0, neginf=-1e300) + thought[:, None, None]
    chance = np.exp(score - score.max(axis=0))
    return np.asarray((chance * _GRID[:, None, None]).sum(axis=0) / chance.sum(axis=0))


def _shift(triangle: Triangle, levels: Level, columns: int) -> FloatArray:
    """Most that withdrawals may plausibly still take away, ``[series, as-of, age]``; 0 where there were none."""
    shape = (triangle.cells.shape[0], levels.rows.shape[0], columns)
    if not triangle.withdrawals:
        return np.zeros(shape)
    usable = triangle.usable[:, :, None]
    withdrawn = np.where(usable, np.maximum(-triangle.cells, 0), 0).sum(axis=1)
    largest = np.where(usable, np.maximum(-triangle.cells, 0), 0).max(axis=1)
    known = np.maximum(triangle.now + 1 - np.arange(columns), 1)
    per_row = withdrawn / np.minimum(known, triangle.cells.shape[1])
    later = np.cumsum(per_row[:, ::-1], axis=1)[:, ::-1]
    worst = np.maximum.accumulate(largest[:, ::-1], axis=1)[:, ::-1]
    usual = np.concatenate([later[:, 1:], np.zeros_like(later[:, :1])], axis=1)
    most = np.concatenate([worst[:, 1:], np.zeros_like(worst[:, :1])], axis=1)
    shift = np.ceil(np.maximum(usual + _WITHDRAWN_SDS * np.sqrt(usual), np.minimum(most, 2 * usual + 1)))
    return np.asarray(np.broadcast_to(np.where(usual > 0, shift, 0)[:, None], shape))


def _correlation(
    seen: FloatArray, expected: FloatArray, alpha: FloatArray, weight: FloatArray, lag: int
) -> FloatArray:
    """Correlation of the errors of ages ``lag`` apart as of the same day, ``[series]``."""
    if seen.shape[2] <= lag:
        return np.full(seen.shape[0], _PRIOR_TIE**lag)
    error = (seen - expected) / np.sqrt(expected + alpha[:, None] * expected**2)
    both = np.sqrt(weight[:, :, lag:] * weight[:, :, :-lag])
    together = (both * error[:, :, lag:] * error[:, :, :-lag]).sum(axis=(1, 2))
    alone = (both * (error[:, :, lag:] ** 2 + error[:, :, :-lag] ** 2) / 2).sum(axis=(1, 2))
    tie = (together + _PRIOR_TIE * _PRIOR_TIE_ERRORS) / (alone + _PRIOR_TIE_ERRORS)
    return np.asarray(np.clip(np.nan_to_num(tie, nan=_PRIOR_TIE), 0.0, _MOST_TIE))


def _drifted(seen: FloatArray, expected: FloatArray, alpha: FloatArray, weight: FloatArray) -> np.ndarray:
    """Whether over the last days what came differs from what was expected by more than chance and habit."""
    late = slice(-_DRIFT_DAYS, None)
    counted = weight[:, late] > 0
    came = np.where(counted, seen[:, late], 0).sum(axis=1)
    foreseen = np.where(counted, expected[:, late], 0).sum(axis=1)
    days = np.maximum(counted.sum(axis=1), 1)
    sd = np.sqrt(foreseen + alpha * foreseen**2 / days)
    score = (came - foreseen) / np.maximum(sd, 1e-9)
    ratio = (came + 1) / (foreseen + 1)
    off = (np.abs(score) > _DRIFT_SCORE) & (np.abs(np.log(np.maximum(ratio, 1e-9))) > np.log(_DRIFT_RATIO))
    return np.asarray((off & (foreseen >= _DRIFT_CASES)).any(axis=1))
