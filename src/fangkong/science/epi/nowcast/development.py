"""How counts grow with the delay: development odds by delay and weekday, as of each of the last report periods.

The odds of a delay are new reports / reported before (a reversed hazard, the chain ladder's factor less 1). They
come from a short window drawn towards a long one; the long one is drawn towards a smooth family of delays (geometric
and power laws), strongly where report days are few, hardly at all after some weeks. A weekday of reporting
multiplies them. Everything is kept for each of the last report periods, so that the method can be held against its
own past.

Sources: Mack (1993) ASTIN Bulletin 23:213-225 for the chain ladder; Lawless (1994) for reversed hazards.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fangkong.science.epi.detection.alarms import BoolArray
from fangkong.science.epi.nowcast.batches import by_report_period
from fangkong.science.epi.nowcast.triangle import Triangle
from fangkong.science.epi.serial_interval import FloatArray

#: Report periods of the long and of the short window.
LONG_WINDOW = 63
SHORT_WINDOW = 21
# Weight of what a window is drawn towards: so many cases, and so many of its own rows.
_TOWARDS_CASES = 20.0
_TOWARDS_ROWS = 3.0
# Weight of the smooth family against the long window: cases, and rows that fade with the report days.
_FAMILY_CASES = 2.0
_FAMILY_ROWS = 30.0
# Weight of the other series of one call against a series of few cases.
_SHARED_CASES = 20.0
_WEEKDAY_CASES = 5.0
# Evidence in a triangle is worth this part of independent cases: reports come in lumps.
_LUMPS = 0.2
_MOST_EVIDENCE = 20.0
_GEOMETRIC = np.linspace(0.1, 1.0, 13)
_POWER = np.array([0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0])
# A start of reporting: one day with this many times all that came before, and at least so many reports.
_START_TIMES = 4.0
_START_CASES = 5.0
# Days after such a start for which the delays of its backlog count in full.
_BACKLOG_DAYS = 2.0
# Withdrawals cannot take away more than half of what is there at one delay.
_LOWEST_ODDS = -0.5
_WEEK = 7
_LEAST_WEEKS = 4
# Weekdays have to make report days this much more predictable to be used.
_WEEKDAY_GAIN = 0.95


@dataclass(frozen=True)
class Development:
    """Growth of counts with the delay as of each of the last report periods.

    Attributes:
        log_growth: ``[series, as-of, weekday of the reference period, columns known]``: logarithm of the running
            product of the growth factors; differences are logarithms of growth between two numbers of known columns.
        as_of: the report periods, as rows of the triangle, rising.
        period: 7 where weekdays of reporting are used, else 1.
        report_days: effective number of days with reports in the long window as of the latest, ``[series]``.
        beyond: reports seen in that window later than each number of known columns, ``[series, columns known]``.
        borrowed: share of the growth still to come that rests on the smooth family, ``[series, columns known]``.
        start: row from which on reporting is complete from delay 0 on, ``[series]``.
    """

    log_growth: FloatArray
    as_of: np.ndarray
    period: int
    report_days: FloatArray
    beyond: FloatArray
    borrowed: FloatArray
    start: np.ndarray

    def growth(self, as_of: np.ndarray, row: np.ndarray, known: np.ndarray, to: np.ndarray) -> FloatArray:
        """Factor by which a row grows from ``known`` to ``to`` columns, ``[series, ...]`` as of positions ``as_of``."""
        weekday = row % self.period
        rise = self.log_growth[:, as_of, weekday, to] - self.log_growth[:, as_of, weekday, known]
        return np.asarray(np.exp(rise))


def development(triangle: Triangle, past: int, period: int | None) -> Development:
    """Growth factors as of the last ``past`` report periods.

    Arguments:
        triangle: some triangles with holes and gaps filled.
        past: number of report periods looked back.
        period: 7 or 1 to use weekdays or not; None to find out.
    """
    new, before, start = _by_report(triangle)
    _add_backlog(triangle, start, new, before)
    odds, long_odds, borrowed_by_delay, days = _odds(new, before)
    weekday = None
    if period != 1 and new.shape[1] >= _LEAST_WEEKS * _WEEK:
        weekday = _weekday_effect(new, before, long_odds)
        if period is None and not _helps(new, before, long_odds, weekday):
            weekday = None
    as_of = np.arange(max(0, triangle.now - past + 1), triangle.now + 1)
    log_growth = _log_growth(odds, weekday, as_of)
    last = log_growth[:, -1, :, :].mean(axis=1)
    # Growth that rests on the family: the part of each delay's log odds, summed over the delays to come.
    steps = np.diff(last, axis=1)
    by_family = _to_come(steps * borrowed_by_delay[:, -1])
    borrowed = by_family / np.where(np.abs(_to_come(steps)) > 1e-12, _to_come(steps), 1)
    recent = _window_sum(new, LONG_WINDOW)[:, -1]
    return Development(
        log_growth=log_growth,
        as_of=as_of,
        period=_WEEK if weekday is not None else 1,
        report_days=days[:, -1],
        beyond=_to_come(np.maximum(recent, 0)),
        borrowed=np.clip(borrowed, 0, 1),
        start=start,
    )


def _by_report(triangle: Triangle) -> tuple[FloatArray, FloatArray, np.ndarray]:
    """New reports and what was reported before them, ``[series, report, delay]``, and each series' start.

    Rows older than a sudden start of reporting are left out: their first reports were never made, so what comes in
    looks as if cases multiplied with age.
    """
    usable = triangle.usable[:, :, None]
    cells = np.where(usable, triangle.cells, 0.0)
    reports = by_report_period(cells, triangle.now)
    totals = np.maximum(reports.sum(axis=2), 0)
    earlier = np.cumsum(totals, axis=1) - totals
    sudden = totals >= np.maximum(_START_CASES, _START_TIMES * earlier)
    last = totals.shape[1] - 1 - np.argmax(sudden[:, ::-1], axis=1)
    start = np.where(sudden.any(axis=1), last, 0)
    complete = np.arange(cells.shape[1]) >= start[:, None]
    cells = np.where(complete[:, :, None], cells, 0.0)
    running = np.where(complete[:, :, None] & usable, triangle.running, 0.0)
    shifted = np.concatenate([np.zeros_like(running[:, :, :1]), running[:, :, :-1]], axis=2)
    return by_report_period(cells, triangle.now), by_report_period(shifted, triangle.now), start


def _add_backlog(triangle: Triangle, start: np.ndarray, new: FloatArray, before: FloatArray) -> None:
    """Add, in place, what the delays of the first reports after a sudden start tell, fading within days.

    Two days after the start no row has been watched for longer than two days, but the reports at hand carry delays
    of their own: taken as one complete row they say that delays are long.
    """
    late = np.flatnonzero(start > 0)
    if not late.size:
        return
    usable = triangle.usable[late, :, None]
    reports = by_report_period(np.where(usable, np.maximum(triangle.cells[late], 0), 0.0), triangle.now)
    since = np.arange(reports.shape[1]) - start[late, None]
    seen = np.cumsum(np.where(since[:, :, None] >= 0, reports, 0.0), axis=1)
    fading = np.where(since >= 0, np.minimum(1, (_BACKLOG_DAYS / np.maximum(since + 1, 1)) ** 2), 0)
    whole = seen * fading[:, :, None]
    earlier = np.cumsum(whole, axis=2) - whole
    # The windows sum over report periods: only the change since the period before is added.
    new[late] += np.diff(whole, axis=1, prepend=0.0)
    before[late] += np.diff(earlier, axis=1, prepend=0.0)


def _odds(new: FloatArray, before: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Odds by report period and delay, the long window's, the family's part in them, effective report days."""
    totals = np.maximum(new.sum(axis=2), 0)
    squares = np.maximum(_window_sum(totals**2, LONG_WINDOW), 1e-300)
    # Participation ratio: ten equal days count ten, one day with everything counts one.
    days = np.maximum(_window_sum(totals, LONG_WINDOW) ** 2 / squares, 1.0)
    new_long, before_long = _window_sum(new, LONG_WINDOW), _window_sum(before, LONG_WINDOW)
    if new.shape[0] > 1:
        shared = _towards(new_long.sum(axis=0)[None], before_long.sum(axis=0)[None], days.max(axis=0)[None])[
            0
        ]
        long_odds = (new_long + _SHARED_CASES * shared) / (np.maximum(before_long, 0) + _SHARED_CASES)
        weight = _family_weight(before_long.sum(axis=0)[None], days.max(axis=0)[None])
        borrowed = np.broadcast_to(weight, new.shape)
    else:
        long_odds = _towards(new_long, before_long, days)
        borrowed = _family_weight(before_long, days)
    rows = np.arange(new.shape[1])[:, None] - np.arange(new.shape[2]) + 1
    rows = np.clip(rows, 1, LONG_WINDOW)
    weight = _TOWARDS_CASES + _TOWARDS_ROWS * np.maximum(before_long, 0) / rows
    new_short, before_short = _window_sum(new, SHORT_WINDOW), _window_sum(before, SHORT_WINDOW)
    odds = (new_short + weight * long_odds) / (np.maximum(before_short, 0) + weight)
    odds[:, :, 0] = 0
    return np.maximum(odds, _LOWEST_ODDS), long_odds, borrowed, days


def _family_cases(before: FloatArray, days: FloatArray) -> FloatArray:
    return np.asarray(_FAMILY_CASES + _FAMILY_ROWS * np.maximum(before, 0) / days[:, :, None] ** 2)


def _family_weight(before: FloatArray, days: FloatArray) -> FloatArray:
    weight = _family_cases(before, days)
    return np.asarray(weight / (np.maximum(before, 0) + weight))


def _towards(new: FloatArray, before: FloatArray, days: FloatArray) -> FloatArray:
    """Odds of a window drawn towards the smooth family of delays that fits it best."""
    weight = _family_cases(before, days)
    return np.asarray((new + weight * _family_odds(new, before)) / (np.maximum(before, 0) + weight))


def _family_odds(new: FloatArray, before: FloatArray) -> FloatArray:
    """Odds by delay, averaged over geometric and power laws by how well each fits the reports."""
    delay = np.arange(new.shape[2])
    chance = np.concatenate([_GEOMETRIC[:, None] ** delay, (delay + 1.0) ** -_POWER[:, None]])
    odds = np.zeros_like(chance)
    odds[:, 1:] = chance[:, 1:] / np.cumsum(chance, axis=1)[:, :-1]
    hazard = odds[:, 1:] / (1 + odds[:, 1:])
    seen, earlier = np.maximum(new[:, :, 1:], 0), np.maximum(before[:, :, 1:], 0)
    fit = seen @ np.log(np.maximum(hazard, 1e-12)).T + earlier @ np.log1p(-hazard).T
    cases = np.maximum(seen.sum(axis=2, keepdims=True), 1)
    fit *= np.minimum(_LUMPS, _MOST_EVIDENCE / cases)
    weight = np.exp(fit - fit.max(axis=2, keepdims=True))
    weight /= weight.sum(axis=2, keepdims=True)
    return np.asarray(weight @ odds)


def _weekday_effect(new: FloatArray, before: FloatArray, odds: FloatArray) -> FloatArray:
    """Factor on the odds by report period and delay from the same weekdays of the past; ``[series, report, delay]``."""
    weeks = LONG_WINDOW // _WEEK
    expected = before * odds
    seen, foreseen = _same_weekday_sum(new, weeks), _same_weekday_sum(expected, weeks)
    pooled = (seen[:, :, 1:].sum(axis=(0, 2)) + _WEEKDAY_CASES) / (
        foreseen[:, :, 1:].sum(axis=(0, 2)) + _WEEKDAY_CASES
    )
    rows = np.clip((np.arange(new.shape[1])[:, None] - np.arange(new.shape[2])) // _WEEK + 1, 1, weeks)
    weight = _WEEKDAY_CASES + _TOWARDS_ROWS * foreseen / rows
    return np.asarray((seen + weight * pooled[:, None]) / (np.maximum(foreseen, 0) + weight))


def _helps(new: FloatArray, before: FloatArray, odds: FloatArray, weekday: FloatArray) -> bool:
    """Whether last week's weekday factors foretell the report days' totals better than none."""
    days = np.arange(max(2 * _WEEK, new.shape[1] - LONG_WINDOW), new.shape[1])
    foreseen = (before[:, days] * odds[:, days - 1])[:, :, 1:]
    by_weekday = foreseen * weekday[:, days - _WEEK][:, :, 1:]
    seen = new[:, days, 1:].sum(axis=2)
    plain = np.abs(seen - foreseen.sum(axis=2)).sum()
    return bool(np.abs(seen - by_weekday.sum(axis=2)).sum() < _WEEKDAY_GAIN * plain)


def _log_growth(odds: FloatArray, weekday: FloatArray | None, as_of: np.ndarray) -> FloatArray:
    """Running sums of the log growth factors, ``[series, as-of, weekday of the row, columns known]``."""
    series, _, delays = odds.shape
    if weekday is None:
        steps = np.log1p(odds[:, as_of])[:, :, None]
    else:
        delay, row = np.arange(delays), np.arange(_WEEK)[:, None]
        # The latest report period of the weekday on which a row of this weekday is reported at this delay.
        report = as_of[:, None, None] - (as_of[:, None, None] - row - delay) % _WEEK
        factor = np.where(report >= 0, weekday[:, np.maximum(report, 0), delay], 1.0)
        steps = np.log1p(np.maximum(odds[:, as_of][:, :, None] * factor, _LOWEST_ODDS))
    out = np.zeros((series, len(as_of), steps.shape[2], delays + 1))
    np.cumsum(steps, axis=3, out=out[..., 1:])
    return out


def _window_sum(values: FloatArray, window: int) -> FloatArray:
    """Sum over the last ``window`` report periods (axis 1), fewer at the start."""
    out = np.cumsum(values, axis=1)
    if values.shape[1] > window:
        out[:, window:] = out[:, window:] - np.cumsum(values, axis=1)[:, :-window]
    return out


def _same_weekday_sum(values: FloatArray, weeks: int) -> FloatArray:
    """Sum over the same weekday of the last ``weeks`` weeks, this one included."""
    out = values.copy()
    for back in range(1, weeks):
        lag = back * _WEEK
        if lag >= values.shape[1]:
            break
        out[:, lag:] += values[:, :-lag]
    return out


def _to_come(by_delay: FloatArray) -> FloatArray:
    """Sums over the delays that are not known yet, for 0 to all known columns; ``[series, columns known]``."""
    later = np.cumsum(by_delay[:, ::-1], axis=1)[:, ::-1]
    return np.concatenate([later, np.zeros_like(later[:, :1])], axis=1)


def complete_rows(triangle: Triangle, start: np.ndarray) -> BoolArray:
    """Rows whose reports were all taken from the first on, ``[series, ref]``."""
    return np.asarray(triangle.usable & (np.arange(triangle.cells.shape[1]) >= start[:, None]))
