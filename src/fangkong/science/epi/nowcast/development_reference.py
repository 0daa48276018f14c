"""Growth factors of one triangle as of one report period, cell by cell: the readable twin of ``development``.

For reporting that did not start suddenly, and one series: no backlog to add, no delays to share.
"""

from __future__ import annotations

import math

import numpy as np

from fangkong.science.epi.nowcast import development as fast
from fangkong.science.epi.serial_interval import FloatArray


def log_growth(cells: FloatArray, as_of: int, period: int) -> FloatArray:
    """Running log growth by weekday of the row and columns known, ``[period, delays + 1]``.

    Arguments:
        cells: counts ``[ref, delay]``, 0 where not reported as of the latest report period.
        as_of: the report period.
        period: 7 to let weekdays of reporting matter, 1 not to.
    """
    delays = cells.shape[1]
    out = np.zeros((period, delays + 1))
    for weekday in range(period):
        for delay in range(delays):
            odds = _odds(cells, as_of, delay)
            if period > 1:
                report = as_of - (as_of - weekday - delay) % period
                odds = max(odds * (_weekday_factor(cells, report, delay) if report >= 0 else 1.0), -0.5)
            out[weekday, delay + 1] = out[weekday, delay] + math.log1p(odds)
    return out


def _reported(cells: FloatArray, report: int, delay: int) -> tuple[float, float]:
    """New reports of a report period at one delay, and what was reported of the same row before."""
    row = report - delay
    if not 0 <= row < len(cells):
        return 0.0, 0.0
    return float(cells[row, delay]), float(cells[row, :delay].sum())


def _summed(cells: FloatArray, last: int, delay: int, window: int) -> tuple[float, float]:
    pairs = [_reported(cells, report, delay) for report in range(max(0, last - window + 1), last + 1)]
    return sum(new for new, _ in pairs), sum(before for _, before in pairs)


def _report_days(cells: FloatArray, last: int) -> float:
    """Effective number of report days: ten equal days count ten."""
    totals = [
        sum(_reported(cells, report, delay)[0] for delay in range(cells.shape[1]))
        for report in range(max(0, last - fast.LONG_WINDOW + 1), last + 1)
    ]
    return max(1.0, sum(totals) ** 2 / max(sum(total**2 for total in totals), 1e-300))


def _family_odds(cells: FloatArray, last: int) -> list[float]:
    """Odds by delay averaged over geometric and power laws by their fit."""
    delays = cells.shape[1]
    sums = [_summed(cells, last, delay, fast.LONG_WINDOW) for delay in range(delays)]
    laws = [[ratio**d for d in range(delays)] for ratio in np.linspace(0.1, 1.0, 13)]
    laws += [[(d + 1) ** -power for d in range(delays)] for power in (0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0)]
    by_law = [[0.0] + [law[d] / sum(law[:d]) for d in range(1, delays)] for law in laws]
    cases = max(1.0, sum(new for new, _ in sums[1:]))
    fits = [
        min(0.2, 20 / cases)
        * sum(
            new * math.log(max(odds[d] / (1 + odds[d]), 1e-12)) - before * math.log1p(odds[d])
            for d, (new, before) in enumerate(sums)
            if d > 0
        )
        for odds in by_law
    ]
    weights = [math.exp(fit - max(fits)) for fit in fits]
    return [sum(w * o[d] for w, o in zip(weights, by_law, strict=True)) / sum(weights) for d in range(delays)]


def _long_odds(cells: FloatArray, last: int, delay: int) -> float:
    new, before = _summed(cells, last, delay, fast.LONG_WINDOW)
    weight = 2.0 + 30.0 * before / _report_days(cells, last) ** 2
    return (new + weight * _family_odds(cells, last)[delay]) / (before + weight)


def _odds(cells: FloatArray, last: int, delay: int) -> float:
    """Odds of the short window drawn towards the long one."""
    if delay == 0:
        return 0.0
    _, before_long = _summed(cells, last, delay, fast.LONG_WINDOW)
    rows = min(max(last - delay + 1, 1), fast.LONG_WINDOW)
    weight = 20.0 + 3.0 * before_long / rows
    new, before = _summed(cells, last, delay, fast.SHORT_WINDOW)
    return (new + weight * _long_odds(cells, last, delay)) / (before + weight)


def _weekday_factor(cells: FloatArray, report: int, delay: int) -> float:
    """What the same weekdays of the past had at this delay against what the odds of those days foretold."""
    weeks = [report - 7 * back for back in range(9) if report - 7 * back >= 0]

    def against(of: range) -> tuple[float, float]:
        seen = foretold = 0.0
        for day in weeks:
            for each in of:
                new, before = _reported(cells, day, each)
                seen += new
                foretold += before * _long_odds(cells, day, each)
        return seen, foretold

    seen_all, foretold_all = against(range(1, cells.shape[1]))
    pooled = (seen_all + 5.0) / (foretold_all + 5.0)
    seen, foretold = against(range(delay, delay + 1))
    rows = min(max((report - delay) // 7 + 1, 1), 9)
    weight = 5.0 + 3.0 * foretold / rows
    return (seen + weight * pooled) / (foretold + weight)
