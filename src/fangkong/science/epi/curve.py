"""The epidemic curve: cases by day, stratum and channel, with missing days kept apart from days of no cases.

A day is *missing* when nobody reported for it, and its count is NaN; a day that was reported without a case
is 0. Days are proleptic Gregorian ordinals (``date.toordinal``), so the module needs no calendar of its own.
Every case given is accounted for: in the counts, on a missing day, outside the curve's days, or without a
date.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fangkong.science.epi.serial_interval import FloatArray

IntArray = NDArray[np.int64]

COMPLETE, PROVISIONAL, MISSING = 0, 1, 2
COMPLETENESS_CODES: tuple[str, ...] = ("complete", "provisional", "missing")


@dataclass(frozen=True, slots=True)
class EpidemicCurve:
    """Daily counts by stratum and channel with the standing of each day.

    Attributes:
        first_day: ordinal of the first day; day d of the arrays is ``first_day + d``.
        counts: shape ``[strata, channels, days]``; NaN on missing days.
        completeness: shape ``[strata, days]``, positions in ``COMPLETENESS_CODES``: complete, provisional
            (reports for the day are still expected) or missing.
        on_missing_days: cases dated on days that nobody reported, left out of ``counts``.
        outside: cases dated before the first or after the last day.
        undated: cases without a day.
    """

    first_day: int
    counts: FloatArray
    completeness: NDArray[np.uint8]
    on_missing_days: int
    outside: int
    undated: int

    @property
    def days(self) -> IntArray:
        """Ordinals of the curve's days, shape ``[days]``."""
        return self.first_day + np.arange(self.counts.shape[2], dtype=np.int64)

    def by_stratum(self) -> FloatArray:
        """Counts over all channels, ``[strata, days]``; NaN on missing days."""
        return np.asarray(self.counts.sum(axis=1))

    def by_channel(self) -> FloatArray:
        """Counts over all strata, ``[channels, days]``; NaN where any stratum misses the day."""
        return np.asarray(self.counts.sum(axis=0))

    def total(self) -> FloatArray:
        """Counts over all strata and channels, ``[days]``; NaN where any stratum misses the day."""
        return np.asarray(self.counts.sum(axis=(0, 1)))


@dataclass(frozen=True, slots=True)
class WeeklyCurve:
    """Counts by epidemiological week (ISO 8601: Monday to Sunday).

    Attributes:
        iso_year, iso_week: shape ``[weeks]``.
        counts: shape ``[strata, channels, weeks]``; NaN where a day of the week is missing or outside the
            curve.
        completeness: shape ``[strata, weeks]``: the worst of the week's days; missing where the week is cut
            off.
    """

    iso_year: IntArray
    iso_week: IntArray
    counts: FloatArray
    completeness: NDArray[np.uint8]


def epidemic_curve(
    days: ArrayLike,
    *,
    first_day: int,
    last_day: int,
    strata: ArrayLike | None = None,
    stratum_count: int = 1,
    channels: ArrayLike | None = None,
    channel_count: int = 1,
    reported: ArrayLike | None = None,
    provisional_days: int = 0,
) -> EpidemicCurve:
    """Cases by day, stratum and channel from one row per case.

    Arguments:
        days: day ordinal of each case, shape ``[cases]``; NaN where the day is not known.
        first_day, last_day: ordinals of the curve's first and last day, both included.
        strata, channels: stratum and channel of each case as 0-based numbers, shape ``[cases]``; default all
            0.
        stratum_count, channel_count: how many there are; a stratum without cases still has its row of zeros.
        reported: True where a report was received, shape ``[days]`` or ``[strata, days]``; default all
            reported. A report of no cases is a report.
        provisional_days: how many of the last days are still filling up, from the reporting delay known to
            the caller.

    Returns:
        The curve.

    Raises:
        ValueError: shapes that do not match, numbers out of range, a last day before the first, part-days.

    >>> onset = [date(2022, 3, d).toordinal() for d in (1, 1, 3)]
    >>> curve = epidemic_curve(onset, first_day=onset[0], last_day=onset[0] + 3, reported=[1, 1, 1, 0])
    >>> curve.total().tolist()
    [2.0, 0.0, 1.0, nan]
    """
    if last_day < first_day:
        raise ValueError(f"last_day {last_day} lies before first_day {first_day}")
    if stratum_count < 1 or channel_count < 1:
        raise ValueError("stratum_count and channel_count are at least 1")
    if provisional_days < 0:
        raise ValueError(f"provisional_days is {provisional_days}; it cannot be negative")
    length = last_day - first_day + 1
    onset = np.asarray(days, dtype=np.float64)
    if onset.ndim != 1:
        raise ValueError(f"days have shape {onset.shape}; give one day per case")
    dated = ~np.isnan(onset)
    if (onset[dated] != np.floor(onset[dated])).any():
        raise ValueError("days must be whole ordinals; take the civil day of a time first")
    stratum = _positions("strata", strata, onset.size, stratum_count)
    channel = _positions("channels", channels, onset.size, channel_count)
    observed = _reported(reported, stratum_count, length)

    inside = dated & (onset >= first_day) & (onset <= last_day)
    day = (onset[inside] - first_day).astype(np.int64)
    cell = (stratum[inside] * channel_count + channel[inside]) * length + day
    tally = np.bincount(cell, minlength=stratum_count * channel_count * length)
    counts = tally.reshape(stratum_count, channel_count, length).astype(np.float64)
    unreported = np.broadcast_to(~observed[:, None, :], counts.shape)
    on_missing_days = int(counts[unreported].sum())
    counts[unreported] = np.nan

    completeness = np.where(observed, COMPLETE, MISSING).astype(np.uint8)
    filling = observed & (np.arange(length) >= length - provisional_days)
    completeness[filling] = PROVISIONAL
    return EpidemicCurve(
        first_day=first_day,
        counts=counts,
        completeness=completeness,
        on_missing_days=on_missing_days,
        outside=int(dated.sum() - inside.sum()),
        undated=int((~dated).sum()),
    )


def weekly_curve(curve: EpidemicCurve) -> WeeklyCurve:
    """The curve by ISO week; a week with a missing day, or cut off by the curve's ends, has no count.

    Arguments:
        curve: the daily curve.

    Returns:
        One entry per ISO week that the curve touches, in order. Source of the week: ISO 8601.
    """
    ordinals = curve.days
    # Ordinal 1 is a Monday, so Mondays are 1 modulo 7.
    monday = ordinals - (ordinals - 1) % 7
    mondays, which = np.unique(monday, return_inverse=True)
    strata, channels, _ = curve.counts.shape
    counts = np.full((strata, channels, mondays.size), np.nan)
    completeness = np.full((strata, mondays.size), MISSING, dtype=np.uint8)
    for week in range(mondays.size):
        in_week = which == week
        if in_week.sum() == 7:
            counts[:, :, week] = curve.counts[:, :, in_week].sum(axis=2)
            completeness[:, week] = curve.completeness[:, in_week].max(axis=1)
    calendar = [date.fromordinal(int(day)).isocalendar() for day in mondays]
    return WeeklyCurve(
        iso_year=np.array([c.year for c in calendar], dtype=np.int64),
        iso_week=np.array([c.week for c in calendar], dtype=np.int64),
        counts=counts,
        completeness=completeness,
    )


def _positions(name: str, values: ArrayLike | None, cases: int, count: int) -> IntArray:
    if values is None:
        return np.zeros(cases, dtype=np.int64)
    positions = np.asarray(values)
    if positions.size == 0 and cases == 0:
        return np.zeros(0, dtype=np.int64)
    if positions.shape != (cases,) or positions.dtype.kind not in "iu":
        raise ValueError(
            f"{name} must be {cases} whole numbers, one per case; got {positions.dtype} {positions.shape}"
        )
    if positions.min() < 0 or positions.max() >= count:
        raise ValueError(
            f"{name} run from {positions.min()} to {positions.max()}; allowed are 0 to {count - 1}"
        )
    return positions.astype(np.int64)


def _reported(reported: ArrayLike | None, strata: int, length: int) -> NDArray[np.bool_]:
    if reported is None:
        return np.ones((strata, length), dtype=np.bool_)
    mask = np.asarray(reported).astype(np.bool_)
    if mask.shape not in ((length,), (strata, length)):
        raise ValueError(f"reported has shape {mask.shape}; give [{length}] or [{strata}, {length}]")
    return np.broadcast_to(mask, (strata, length))
