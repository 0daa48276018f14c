"""The nowcast: how many cases each recent day or week will have had once all reports are in."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from fangkong.science.epi.detection.alarms import BoolArray
from fangkong.science.epi.nowcast.batches import repair
from fangkong.science.epi.nowcast.development import LONG_WINDOW, development
from fangkong.science.epi.nowcast.dispersion import spread
from fangkong.science.epi.nowcast.level import level
from fangkong.science.epi.nowcast.result import (
    BATCH_SUSPECTED,
    DELAY_DRIFTED,
    MISSING_REPORTS,
    NOTHING_KNOWN,
    REASON_CODES,
    TOO_FEW_CASES,
    Nowcast,
    Remainder,
)
from fangkong.science.epi.nowcast.triangle import as_stack, latest_report, read
from fangkong.science.epi.serial_interval import FloatArray

LEVELS = (
    *(0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5),
    *(0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.975, 0.99),
)  # fmt: skip
#: Past report periods on which the method judges itself.
PAST = 60
# Below so many cases, or effective report days, within the window the reader is warned.
_FEW_CASES = 10.0
_FEW_DAYS = 3.0
# A row is marked for drift only while this share of it is still to come.
_OPEN = 0.05
# Cells of the largest array that is held at once.
_CELLS_AT_ONCE = 4_000_000
_NOT_REPORTED_SPREAD = 0.1


def nowcast(
    triangle: ArrayLike,
    *,
    quantile_levels: ArrayLike = LEVELS,
    period: Literal[1, 7] | None = None,
    first_on: date | None = None,
    closed_on: Collection[date] = (),
    n_samples: int = 1000,
    seed: int = 0,
) -> Nowcast:
    """Quantiles of the eventual counts by reference period, from the reporting triangle as it stands.

    Chain ladder with weekdays of reporting, weighed against the level of the days before, with a spread from its own
    errors in the past; delays are shared among the series of one call as far as each has few cases. Holes in
    reporting are put back, withdrawn reports (negative cells) allowed, rows out of the world left out of what
    is learned.

    Arguments:
        triangle: incremental counts ``[ref, delay]`` or ``[series, ref, delay]``, days or weeks, oldest first; NaN
            where not yet reported (the lower right) or missing. Only the last rows that the method needs are read.
        quantile_levels: probabilities between 0 and 1, at least one.
        period: 7 where reporting follows the week, 1 where it does not; found in the triangle by default.
        first_on: civil date of the first reference period of daily data; needed for ``closed_on`` only.
        closed_on: report dates on which the office was closed (public holidays): what is lacking then is no end of
            the outbreak, and what follows no rise.
        n_samples, seed: of the joint samples, which are drawn only when asked for.

    Returns:
        quantiles between whole numbers for every period; see ``Nowcast.reason`` for the periods that deserve less
        trust. Periods whose delays are all known have their count at every level.

    Raises:
        ValueError: another number of dimensions, levels outside 0 to 1, a period other than 7 or 1, fewer than one
            sample, ``closed_on`` without ``first_on``.

    >>> seen = [[5, 4, 1], [6, 3, 1], [4, 5, 2], [6, 4, np.nan], [5, np.nan, np.nan]]
    >>> nowcast(seen).at(0.5).round()
    array([10., 10., 11., 11.,  9.])
    """
    stack, single = as_stack(triangle)
    asked = np.asarray(quantile_levels, dtype=np.float64).ravel()
    levels = np.sort(asked)
    if levels.size == 0 or not ((levels > 0) & (levels < 1)).all():
        raise ValueError("quantile_levels must lie between 0 and 1")
    if period not in (None, 1, 7):
        raise ValueError(f"period is {period}; use 7, 1, or None to find out")
    if n_samples < 1:
        raise ValueError(f"n_samples is {n_samples}; draw at least one")
    if closed_on and first_on is None:
        raise ValueError("closed_on needs first_on, the date of the first reference period")
    series, periods, columns = stack.shape
    out = _Answer(series, periods)
    if latest_report(stack) >= 0:
        closed = _closed(stack, first_on, closed_on)
        at_once = max(1, _CELLS_AT_ONCE // (PAST * max(7 * columns, 70)))
        for start in range(0, series, at_once):
            part = slice(start, start + at_once)
            with np.errstate(all="ignore"):
                _nowcast_part(stack[part], latest_report(stack), closed, period, out, part)
    remainder = Remainder(out.remaining, out.overdispersion, out.shift, out.common, out.neighbours)
    with np.errstate(all="ignore"):
        quantiles = out.reported + remainder.quantiles(levels)
    # Counts at least 0 stay so whatever is withdrawn; a total already below 0 is the caller's to explain.
    quantiles = np.where(out.reported >= 0, np.maximum(quantiles, 0), quantiles)
    flat = (periods,) if single else (series, periods)
    return Nowcast(
        # In the order in which they were asked for.
        quantiles=quantiles[np.searchsorted(levels, asked)].reshape(len(levels), *flat),
        quantile_levels=asked,
        mean=(out.reported + out.remaining).reshape(flat),
        observed=out.reported.reshape(flat),
        reason=out.reason.reshape(flat),
        method="chain_ladder",
        params={"period": out.period, "report_days": out.report_days.tolist()},
        n_samples=n_samples,
        seed=seed,
        remainder=remainder,
    )


class _Answer:
    """What the parts of one call fill in, by series and reference period."""

    def __init__(self, series: int, periods: int) -> None:
        shape = (series, periods)
        self.reported = np.zeros(shape)
        self.remaining = np.full(shape, np.nan)
        self.overdispersion = np.zeros(shape)
        self.shift = np.zeros(shape)
        self.common = np.zeros(series)
        self.neighbours = np.zeros(series)
        self.reason = np.full(shape, REASON_CODES.index(NOTHING_KNOWN), dtype=np.uint8)
        self.report_days = np.zeros(series)
        self.period = 1


def _closed(stack: FloatArray, first_on: date | None, closed_on: Collection[date]) -> BoolArray:
    """True for each report period, in rows of the caller's triangle, on which the office was closed."""
    days = latest_report(stack) + 1
    if first_on is None:
        return np.zeros(days, dtype=bool)
    return np.array([first_on + timedelta(days=day) in closed_on for day in range(days)], dtype=bool)


def _nowcast_part(
    stack: FloatArray,
    latest: int,
    closed: BoolArray,
    period: Literal[1, 7] | None,
    out: _Answer,
    part: slice,
) -> None:
    series, periods, columns = stack.shape
    out.reported[part] = np.nansum(stack, axis=2)
    complete = latest - np.arange(periods) + 1 >= columns
    known: BoolArray = np.asarray(np.isfinite(stack).any(axis=2))
    reason = np.where(known | ~complete, 0, REASON_CODES.index(MISSING_REPORTS)).astype(np.uint8)
    remaining = np.where(known & complete, 0.0, np.nan)
    # A series that never reported anything while others did: nothing can be said of it.
    silent = ~known.any(axis=1)
    reason[silent] = REASON_CODES.index(NOTHING_KNOWN)
    triangle = read(stack, LONG_WINDOW + PAST + columns, latest)
    repaired = repair(triangle, closed[triangle.first :])
    filled = repaired.triangle
    delays = development(filled, PAST, period)
    ahead = max(0, triangle.first + filled.cells.shape[1] - 1 - latest)
    levels = level(filled, delays, ahead, period)
    errors = spread(filled, delays, levels)
    ages = np.arange(columns)
    rows = int(filled.now) - ages
    use: BoolArray = (rows >= 0) & (rows < filled.cells.shape[1])
    rows, ages = rows[use], ages[use]
    to = rows + triangle.first
    put_in = filled.running[:, rows, -1] - triangle.reported[:, rows]
    missing = triangle.missing[:, rows]
    to_come = np.where(missing, levels.expected[:, -1, ages], errors.remaining[:, ages] + put_in)
    remaining[:, to] = to_come
    extra = np.where(missing | repaired.suspected[:, rows], levels.spread[:, None], 0)
    alpha = np.zeros((series, periods))
    alpha[:, to] = errors.overdispersion[:, ages] + extra
    shift = np.zeros((series, periods))
    shift[:, to] = errors.shift[:, ages]
    if ahead:
        later = np.arange(latest + 1, latest + 1 + ahead)
        remaining[:, later] = levels.ahead
        steps = np.arange(1, ahead + 1)
        alpha[:, later] = errors.overdispersion[:, :1] + steps * (
            levels.spread[:, None] + _NOT_REPORTED_SPREAD
        )
    few = (filled.cells.sum(axis=(1, 2)) < _FEW_CASES) | (delays.report_days < _FEW_DAYS)
    open_now = np.zeros((series, periods), dtype=bool)
    open_now[:, to] = 1 - levels.share[:, -1, ages] > _OPEN
    open_now[:, latest + 1 :] = True
    _mark(reason, open_now & errors.drifted[:, None], DELAY_DRIFTED)
    _mark(reason, open_now & few[:, None], TOO_FEW_CASES)
    batch = np.zeros((series, periods), dtype=bool)
    batch[:, triangle.first :] = repaired.suspected
    _mark(reason, batch, BATCH_SUSPECTED)
    gone = np.zeros((series, periods), dtype=bool)
    gone[:, triangle.first :] = triangle.missing
    _mark(reason, gone, MISSING_REPORTS)
    remaining[silent] = np.nan
    # Withdrawals without reports, or numbers past all reckoning, leave nothing to say.
    told = np.isfinite(remaining) & np.isfinite(alpha) & (remaining + shift >= 0)
    remaining[~told] = np.nan
    reason[~told & (reason == 0)] = REASON_CODES.index(NOTHING_KNOWN)
    out.remaining[part] = remaining
    out.overdispersion[part], out.shift[part] = alpha, shift
    out.common[part], out.neighbours[part] = errors.common, errors.neighbours
    out.report_days[part] = delays.report_days
    out.reason[part] = reason
    out.period = max(out.period, delays.period)


def _mark(reason: np.ndarray, where: BoolArray, code: str) -> None:
    """Set a reason, except where nothing at all is known."""
    reason[where & (reason != REASON_CODES.index(NOTHING_KNOWN))] = REASON_CODES.index(code)
