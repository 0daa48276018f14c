"""Reporting days with nothing, followed by one with everything: the reports are put back to where they belong.

An upload that fails on Sunday and runs twice on Monday is no change of the delays. Left as it is it would be
learned as one, and on the Sunday itself an empty day would be read as the end of the outbreak.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from fangkong.science.epi.detection.alarms import BoolArray
from fangkong.science.epi.nowcast.triangle import Triangle
from fangkong.science.epi.serial_interval import FloatArray

# Days that say what is usual, and how many of them there have to be.
_BEFORE = 14
_LEAST_BEFORE = 5
_WEEKS_BEFORE = 4
# A day is a hole below this share of the usual, where the usual is at least so many reports.
_HOLE_SHARE = 0.05
_HOLE_USUAL = 8.0
_HOLE_USUAL_FIRST = 20.0
# The day after a hole that is made up for has at least this many times the usual.
_MADE_UP = 1.3
_SHARES_FROM = 28


@dataclass(frozen=True)
class Repaired:
    """A triangle without holes, and which rows rest on what was put in.

    Attributes:
        triangle: the triangle with holes filled.
        suspected: rows of which more than a twentieth was put in because the latest report days are holes.
    """

    triangle: Triangle
    suspected: BoolArray


def by_report_period(cells: FloatArray, now: int) -> FloatArray:
    """Counts ``[series, report, delay]`` of a triangle ``[series, ref, delay]``; 0 before the first row."""
    periods, delays = cells.shape[1:]
    ref = np.arange(now + 1)[:, None] - np.arange(delays)
    inside = (ref >= 0) & (ref < periods)
    rows = np.clip(ref, 0, periods - 1)
    return np.where(inside, cells[:, rows, np.arange(delays)], 0.0)


def repair(triangle: Triangle, closed: BoolArray) -> Repaired:
    """The triangle with every hole filled.

    Arguments:
        triangle: as read.
        closed: ``[report]``, True where the office was known to be closed: a day with less than half of the usual
            is a hole then.
    """
    cells = triangle.cells.copy()
    put_in = np.zeros(cells.shape[:2])
    reports = by_report_period(cells, triangle.now)
    totals = reports.sum(axis=2)
    # After the last row fewer and fewer rows are left to be reported on: that is no hole.
    within = np.arange(triangle.now + 1) < cells.shape[1]
    candidates = _may_be_holes(totals, closed) & within
    firsts = _may_be_holes(reports[:, :, 0], closed) & within
    for series in np.flatnonzero((candidates | firsts).any(axis=1)):
        for first, last in _runs(_holes(totals[series], candidates[series], closed, _HOLE_USUAL)):
            usual = _usual_by_delay(reports[series], first)
            _fill(cells[series], put_in[series], usual, first, last, triangle.now)
        reports[series] = by_report_period(cells[series][None], triangle.now)[0]
        starts = reports[series, :, 0]
        for first, last in _runs(_holes(starts, firsts[series], closed, _HOLE_USUAL_FIRST)):
            usual = _usual_by_delay(reports[series], first)
            _fill(cells[series], put_in[series], usual, first, last, triangle.now, own_rows_only=True)
    if not put_in.any() and np.array_equal(cells, triangle.cells):
        return Repaired(triangle, np.zeros(put_in.shape, dtype=bool))
    running = np.cumsum(cells, axis=2)
    suspected = put_in > 0.05 * np.maximum(running[:, :, -1], 1)
    return Repaired(replace(triangle, cells=cells, running=running), suspected)


def _may_be_holes(totals: FloatArray, closed: BoolArray) -> BoolArray:
    """Report periods that lie far below the mean of those before: a quick sieve for whole matrices."""
    sums = np.cumsum(np.pad(totals, ((0, 0), (1, 0))), axis=1)
    at = np.arange(totals.shape[1])
    begin = np.maximum(at - _BEFORE, 0)
    before = (sums[:, at] - sums[:, begin]) / np.maximum(at - begin, 1)
    share = np.where(closed, 0.5, _HOLE_SHARE)
    return np.asarray((before >= _HOLE_USUAL / 2) & (totals <= share * before) & (at >= _LEAST_BEFORE))


def _holes(totals: FloatArray, candidates: BoolArray, closed: BoolArray, usual_least: float) -> list[int]:
    """The report periods that are holes: far below the usual of the days before and of the same weekday."""
    found: list[int] = []
    for at in map(int, np.flatnonzero(candidates)):
        before = [day for day in range(max(0, at - _BEFORE), at) if day not in found]
        weekday = [day for day in range(at - 7 * _WEEKS_BEFORE, at, 7) if day >= 0 and day not in found]
        if len(before) < _LEAST_BEFORE:
            continue
        usual = float(np.median(totals[before]))
        if weekday:
            usual = min(usual, float(np.median(totals[weekday])))
        if usual >= usual_least and totals[at] <= (0.5 if closed[at] else _HOLE_SHARE) * usual:
            found.append(at)
    return found


def _runs(days: list[int]) -> list[tuple[int, int]]:
    """Consecutive days as (first, last)."""
    runs: list[tuple[int, int]] = []
    for day in days:
        if runs and runs[-1][1] == day - 1:
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return runs


def _usual_by_delay(reports: FloatArray, before: int) -> FloatArray:
    return np.asarray(reports[max(0, before - _SHARES_FROM) : before].mean(axis=0))


def _fill(
    cells: FloatArray,
    put_in: FloatArray,
    usual: FloatArray,
    first: int,
    last: int,
    now: int,
    *,
    own_rows_only: bool = False,
) -> None:
    """Fill the run of holes from ``first`` to ``last`` in place.

    A run that is over is filled from the day after it, split as is usual, where that day has more than usual. A run
    that reaches the latest report is filled with the usual: what is known is that nothing is known.
    """
    periods, delays = cells.shape
    rows = (
        range(first, min(last + 1, periods)) if own_rows_only else range(max(0, first - delays + 1), periods)
    )
    over = last < now
    if over:
        made_up = usual_made_up = 0.0
        for row in rows:
            if 0 <= last + 1 - row < delays:
                made_up += cells[row, last + 1 - row]
                usual_made_up += usual[last + 1 - row]
        if made_up < _MADE_UP * usual_made_up:
            return
    for row in rows:
        begin, end = max(first - row, 0), min((last + 1 if over else last) - row, delays - 1)
        if end < begin or row > (last + 1 if over else last):
            continue
        at = slice(begin, end + 1)
        if over:
            whole, shares = cells[row, at].sum(), usual[at]
            if shares.sum() > 0 and end > begin:
                cells[row, at] = whole * shares / shares.sum()
        else:
            added = np.maximum(usual[at] - cells[row, at], 0)
            cells[row, at] += added
            put_in[row] += added.sum()
