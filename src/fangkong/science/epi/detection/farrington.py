"""Farrington and Farrington flexible: a week against the same weeks of earlier years, past outbreaks weighed down.

The flexible method also uses the weeks between, as season blocks, so that five years of a rare disease still carry a
fit; it leaves out the latest weeks, so that a growing outbreak does not become its own baseline.

Source: Farrington, Andrews, Beale, Catchpole (1996), J R Stat Soc A 159(3):547-563; Noufaily, Enki, Farrington,
Garthwaite, Andrews, Charlett (2013), Stat Med 32(7):1206-1222. Bounds and alarms are those of ``farrington`` and
``farringtonFlexible`` in the R package surveillance 1.20.3; names of arguments follow it. Where the package writes NA
or 0 for an upper bound because there were too few cases (``limit54``), the cell here is NaN with ``too_few_cases``.

Followed although unexpected: after reweighting, ``farringtonFlexible`` puts the outlier weights in the place of the
working weights, so the standard error of its mean (and its test of the trend) rests on squared *relative* residuals.
With many cases a week this is far smaller than the quasi-Poisson error; it moves "delta" little and "muan" most.
"""

from __future__ import annotations

from datetime import date

import numpy as np
from numpy.typing import ArrayLike

from fangkong.science.epi.detection.alarms import (
    BASELINE_TOO_SHORT,
    NOT_MONITORED,
    Alarms,
    alarms_of,
    count_matrix,
    reason_number,
)
from fangkong.science.epi.detection.calendar_blocks import (
    DAYS_OF_PERIOD,
    MONTHLY,
    period_times,
    same_weeks,
)
from fangkong.science.epi.detection.farrington_week import FarringtonSettings, baseline, bound_of_week
from fangkong.science.epi.detection.thresholds import POWERS, THRESHOLD_METHODS
from fangkong.science.epi.serial_interval import FloatArray

Start = int | tuple[int, int] | date

# Farrington (1996): a past count enters with full weight up to this standardised residual. Noufaily (2013): 2.58.
_CLASSIC_WEIGHTS_THRESHOLD = 1.0
# The level at which the classic method keeps a trend.
_CLASSIC_TREND_LEVEL = 0.05
# What one step touches stays in the processor's cache.
_SERIES_AT_ONCE = 250


def farrington_flexible(
    counts: ArrayLike,
    start: Start = 0,
    frequency: int = 52,
    *,
    first: int | None = None,
    b: int = 5,
    w: int = 3,
    reweight: bool = True,
    weights_threshold: float = 2.58,
    alpha: float = 0.05,
    trend: bool = True,
    p_threshold_trend: float = 0.05,
    limit54: tuple[int, int] = (5, 4),
    powertrans: str = "2/3",
    no_periods: int = 1,
    past_weeks_not_included: int | None = None,
    threshold_method: str = "delta",
    population: ArrayLike | None = None,
) -> Alarms:
    """Alarms of the improved Farrington method, for every week that has its years of baseline.

    Arguments:
        counts: shape ``[time]`` or ``[series, time]``, by period, at least 0; NaN where missing (left out of fits).
        start: when the series begins. A ``date`` (first day of the first period) follows the calendar through years of
            53 weeks; a pair ``(year, period)`` counts periods only. A plain number is the 0-based position of the first
            period to monitor (as ``first``), periods counted.
        frequency: periods in a year; with a date 52 (weeks), 12 (months) or 365 (days).
        first: 0-based position of the first period to monitor; default as early as the baseline allows. The latest
            week alone is ``first=len - 1``.
        b: years of baseline, at least 1. w: periods on either side of the same period, at least 0.
        reweight: weigh past outbreaks down, those with a standardised Anscombe residual above ``weights_threshold``.
        alpha: one-sided level of the bound.
        trend: fit a trend, kept where its p-value is below ``p_threshold_trend`` (1 keeps it always), ``b`` is at
            least 3, and it does not predict more than was ever seen.
        limit54: (cases, periods): with fewer cases in the latest periods, this one included, there is no bound.
        powertrans: "2/3", "1/2" or "none", for ``threshold_method="delta"``.
        no_periods: season blocks in a year, the window around the same week included; 1 uses the windows only.
        past_weeks_not_included: latest periods left out besides this one; None for ``w``.
        threshold_method: "delta" (power normal), "nbPlugin" (negative binomial quantile at the fitted mean) or "muan"
            (the same at the upper confidence limit of the mean).
        population: people by period, shaped as the counts or ``[time]``: cases are then counted per head (the
            reference's ``populationOffset``). A period without people known, or with none, is left out of fits.

    Returns:
        ``expected`` is the fitted mean. ``p_value`` is that of the threshold method ("muan": at the upper limit of the
        mean). Refused: ``not_monitored`` (before ``first``), ``baseline_too_short``, ``missing_baseline``,
        ``too_few_cases``, ``fit_not_converged``, ``bound_not_finite``.

    Raises:
        ValueError: settings outside their ranges, population of another shape.

    >>> weeks = np.arange(52 * 6)
    >>> counts = np.round(10 + 5 * np.cos(2 * np.pi * weeks / 52) + 2 * np.sin(weeks * 2.4))
    >>> counts[-1] = 60
    >>> watch = farrington_flexible(counts, (2015, 1), no_periods=10, threshold_method="nbPlugin", alpha=0.01)
    >>> bool(watch.alarm[-1]), watch.reason_at(100)
    (True, 'baseline_too_short')
    """
    if threshold_method not in THRESHOLD_METHODS:
        raise ValueError(
            f"threshold_method is {threshold_method!r}; use one of {', '.join(THRESHOLD_METHODS)}"
        )
    if not weights_threshold > 0 or no_periods < 1:
        raise ValueError("weights_threshold must be above 0 and no_periods at least 1")
    if past_weeks_not_included is not None and past_weeks_not_included < 0:
        raise ValueError(f"past_weeks_not_included is {past_weeks_not_included}; it cannot be negative")
    settings = FarringtonSettings(
        frequency=frequency,
        b=b,
        w=w,
        reweight=reweight,
        weights_threshold=weights_threshold,
        tail=alpha,
        trend=trend,
        p_threshold_trend=p_threshold_trend,
        limit54=limit54,
        powertrans=powertrans,
        periods=no_periods,
        past_weeks_not_included=w if past_weeks_not_included is None else past_weeks_not_included,
        threshold_method=threshold_method,
        classic=False,
    )
    return _watch("farrington_flexible", counts, start, first, settings, alpha, population)


def farrington(
    counts: ArrayLike,
    start: Start = 0,
    frequency: int = 52,
    *,
    first: int | None = None,
    b: int = 5,
    w: int = 3,
    reweight: bool = True,
    alpha: float = 0.05,
    trend: bool = True,
    limit54: tuple[int, int] = (5, 4),
    powertrans: str = "2/3",
    population: ArrayLike | None = None,
) -> Alarms:
    """Alarms of Farrington's method of 1996, for every week that has its years of baseline.

    Arguments:
        as for ``farrington_flexible``, except that the baseline is the windows around the same period of the ``b``
        earlier years, all past counts with a standardised residual above 1 are weighed down, a trend is kept where its
        p-value is below 0.05, and ``alpha`` is two-sided: a count lies above the bound with half of it.

    Returns:
        As ``farrington_flexible``, with the p-value of the power normal.

    >>> weeks = np.arange(52 * 4)
    >>> counts = np.round(8 + 3 * np.cos(2 * np.pi * weeks / 52) + np.sin(weeks * 2.4))
    >>> counts[-1] = 40
    >>> bool(farrington(counts, b=3).alarm[-1])
    True
    """
    settings = FarringtonSettings(
        frequency=frequency,
        b=b,
        w=w,
        reweight=reweight,
        weights_threshold=_CLASSIC_WEIGHTS_THRESHOLD,
        tail=alpha / 2,
        trend=trend,
        p_threshold_trend=_CLASSIC_TREND_LEVEL,
        limit54=limit54,
        powertrans=powertrans,
        periods=1,
        past_weeks_not_included=None,
        threshold_method="delta",
        classic=True,
    )
    return _watch("farrington", counts, start, first, settings, alpha, population)


def _watch(
    method: str,
    counts: ArrayLike,
    start: Start,
    first: int | None,
    settings: FarringtonSettings,
    alpha: float,
    population: ArrayLike | None,
) -> Alarms:
    """One method over all weeks and series."""
    first_on = _first_day(start, settings)
    begin = _first_position(start, first)
    _checked(settings, alpha)
    matrix, _, _ = count_matrix(counts)
    offset = None if population is None else _offset(population, matrix.shape)
    upper, expected, p_value = (np.full(matrix.shape, np.nan) for _ in range(3))
    reason = np.zeros(matrix.shape, dtype=np.uint8)
    # The classic method counts periods for its trend even where months differ.
    times = period_times(matrix.shape[1], settings.frequency, None if settings.classic else first_on)
    # Counts beyond all reason overflow somewhere on the way; what comes of them is refused cell by cell.
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for position in range(matrix.shape[1]):
            if position < begin:
                reason[:, position] = reason_number(NOT_MONITORED)
                continue
            references = same_weeks(position, settings.b, settings.frequency, first_on)
            # A year of 53 weeks moves the earliest window by one; a week of it may then lie before the series. The
            # classic method does with whatever is left of that window.
            if references[-1] < (-settings.w - 1 if settings.classic else max(0, settings.w - 1)):
                reason[:, position] = reason_number(BASELINE_TOO_SHORT)
                continue
            design, past = baseline(position, references, times, settings)
            for head in range(0, matrix.shape[0], _SERIES_AT_ONCE):
                part = slice(head, head + _SERIES_AT_ONCE)
                (
                    upper[part, position],
                    expected[part, position],
                    p_value[part, position],
                    reason[part, position],
                ) = bound_of_week(
                    matrix[part],
                    position,
                    times[position],
                    past,
                    design,
                    settings,
                    None if offset is None else offset[part],
                )
    return alarms_of(
        method,
        counts,
        upper=upper,
        expected=expected,
        reason=reason,
        p_value=p_value,
        params={"alpha": alpha, "years": settings.b, "minimum_cases": settings.limit54[0]},
    )


def _first_day(start: Start, settings: FarringtonSettings) -> date | None:
    if not isinstance(start, date):
        return None
    if settings.frequency not in DAYS_OF_PERIOD and settings.frequency != MONTHLY:
        raise ValueError(f"frequency is {settings.frequency}; with a start date use 52, 12 or 365")
    return start


def _first_position(start: Start, first: int | None) -> int:
    if first is not None:
        return first
    return start if isinstance(start, int) else 0


def _checked(settings: FarringtonSettings, alpha: float) -> None:
    if not 0 < alpha < 1:
        raise ValueError(f"alpha is {alpha}; it must lie between 0 and 1")
    if settings.b < 1 or settings.w < 0 or settings.frequency < 1:
        raise ValueError("b and frequency must be at least 1 and w not negative")
    if settings.w >= settings.frequency:
        raise ValueError(f"w is {settings.w}; the window around last year's period may not reach this year's")
    if settings.periods > settings.frequency:
        raise ValueError(f"no_periods is {settings.periods}; a year has {settings.frequency} periods")
    if settings.powertrans not in POWERS:
        raise ValueError(f"powertrans is {settings.powertrans!r}; use one of {', '.join(POWERS)}")


def _offset(population: ArrayLike, shape: tuple[int, ...]) -> FloatArray:
    """Log of the people, ``[series, time]``, NaN where there are none or nobody knows."""
    people = np.asarray(population, dtype=np.float64)
    if people.shape not in (shape, shape[1:]):
        raise ValueError(f"population has shape {people.shape}; give it by period, or as the counts {shape}")
    usable = np.where(np.isfinite(people) & (people > 0), people, np.nan)
    return np.broadcast_to(np.log(usable), shape)
