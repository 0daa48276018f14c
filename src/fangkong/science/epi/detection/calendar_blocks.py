"""Which past weeks the Farrington methods compare a week with: the same weeks of earlier years, and seasons between.

A series either counts periods (``frequency`` of them make a year, so a year of 53 weeks shifts the weeks after it by
one) or carries the date of its first period; then the same week of an earlier year is the one whose first day has the
same weekday and lies nearest to the same date, and years of 53 weeks take care of themselves.

Source: Noufaily et al. (2013), "An improved algorithm for outbreak detection in multiple surveillance systems", Stat
Med 32(7):1206-1222; weeks and season blocks as ``farringtonFlexible`` of the R package surveillance 1.20.3 cuts them.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from fangkong.science.epi.serial_interval import FloatArray

IntArray = NDArray[np.int64]

# Periods whose dates can be reckoned with.
DAYS_OF_PERIOD = {52: 7, 365: 1}
MONTHLY = 12


def same_weeks(position: int, years: int, frequency: int, first_on: date | None) -> list[int]:
    """Positions of the same period ``1 .. years`` years earlier, nearest year first; below 0 before the series.

    Arguments:
        position: 0-based position of the period looked at.
        years: how many years back, at least 1.
        frequency: periods in a year.
        first_on: first day of period 0, None to count periods only. Needs a frequency of 52, 365 or 12.
    """
    if first_on is None or frequency == MONTHLY:
        return [position - frequency * back for back in range(1, years + 1)]
    step = DAYS_OF_PERIOD[frequency]
    today = first_on + timedelta(days=position * step)
    positions = []
    for back in range(1, years + 1):
        days = (_years_earlier(today, back) - today).days
        # Whole periods, so that a Monday meets a Monday; the nearest one is at most half a period away.
        positions.append(position + round(days / step))
    return positions


def period_times(length: int, frequency: int, first_on: date | None) -> FloatArray:
    """The time of every period, shape ``[length]``: its position, or its day where months of a calendar differ.

    Arguments:
        length, frequency: number of periods, and how many make a year.
        first_on: first day of period 0, None to count periods only.

    >>> period_times(3, 12, date(2024, 1, 1)).tolist(), period_times(3, 52, date(2024, 1, 1)).tolist()
    ([0.0, 31.0, 60.0], [0.0, 1.0, 2.0])
    """
    if first_on is None or frequency != MONTHLY:
        return np.arange(length, dtype=np.float64)
    months = first_on.year * 12 + first_on.month - 1 + np.arange(length)
    days = [date(int(month) // 12, int(month) % 12 + 1, 1).toordinal() for month in months]
    return np.array(days, dtype=np.float64) - (days[0] if days else 0)


def _years_earlier(day: date, years: int) -> date:
    """The same date in an earlier year; 29 February becomes 1 March."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return date(day.year - years, 3, 1)


def season_blocks(position: int, references: list[int], half_window: int, periods: int) -> IntArray:
    """The season block of every period up to ``position``; -1 where a period stays out of the baseline.

    Arguments:
        position: 0-based position of the period looked at.
        references: the same period in earlier years, nearest year first. A window that begins before the series is cut.
        half_window: periods on either side of the same week that belong with it.
        periods: number of blocks in a year; the last one is the window around the same week itself, the others share
            what lies between two windows, longer ones first. With 1 only the windows are in the baseline. Where there
            are more blocks than periods between two windows, the blocks that get none take one from either side, as in
            the reference.

    Returns:
        Shape ``[position + 1]``, blocks ``0 .. periods - 1``.
    """
    blocks = np.full(position + 1, -1, dtype=np.int64)
    blocks[max(0, position - half_window) :] = periods - 1
    later = position
    for reference in references:
        blocks[max(0, reference - half_window) : max(0, reference + half_window + 1)] = periods - 1
        if periods > 1:
            between = later - reference - 2 * half_window - 1
            length, rest = divmod(between, periods - 1)
            lengths = np.full(periods - 1, length)
            lengths[:rest] += 1
            start = reference + half_window + 1
            for block, end in enumerate((start + np.cumsum(lengths)).tolist()):
                # A block without a period of its own runs backwards in the reference: from its start to the one before.
                low, high = min(start, end - 1), max(start, end - 1)
                blocks[max(0, low) : max(0, high + 1)] = block
                start = end
        later = reference
    return blocks


def window_positions(references: list[int], half_window: int, length: int) -> IntArray:
    """Positions of the windows around the same period of earlier years, oldest first, without those not in the series.

    Arguments:
        references: the same period in earlier years, nearest year first. half_window: periods on either side.
        length: positions from here on are left out.

    >>> window_positions([7, 1], 2, 12).tolist()
    [0, 1, 2, 3, 5, 6, 7, 8, 9]
    """
    around = np.arange(-half_window, half_window + 1)
    positions = np.concatenate([reference + around for reference in reversed(references)])
    return np.asarray(positions[(positions >= 0) & (positions < length)])
