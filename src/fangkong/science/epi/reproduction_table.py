"""The reproduction number as a table of series and windows, with a refusal wherever a number would mislead.

The same posterior as ``reproduction`` (one kernel, ``reproduction_posterior``), for readers who want a number or
the reason why there is none: a window with too few cases, on missing days, or that nobody could have infected is
refused, and so is the whole where no serial interval is known.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from fangkong.science.epi.estimates import (
    MISSING_DAYS,
    NO_SERIAL_INTERVAL,
    TOO_FEW_CASES,
    WINDOW_BEFORE_SERIAL_INTERVAL,
    WINDOW_TOO_SHORT,
    Estimate,
    Refusal,
)
from fangkong.science.epi.reproduction import MISSING_WEIGHT_LIMIT, QUANTILE_LEVELS
from fangkong.science.epi.reproduction_posterior import (
    REASON_CODES,
    IntArray,
    ReasonArray,
    UnitQuantiles,
    checked_prior,
    checked_windows,
    mean_interval_days,
    reason_number,
    sliding_windows,
    too_early,
    window_evidence,
)
from fangkong.science.epi.serial_interval import FloatArray, ShiftedGammaInterval, checked_weights


@dataclass(frozen=True, slots=True)
class ReproductionTable:
    """The posterior of R by series and window, with the reason for every empty cell.

    Attributes:
        start_day, end_day: first and last day of each window, 0-based, both included; shape ``[windows]``.
        cases: local cases in the window, shape ``[series, windows]``; NaN where days are missing.
        mean, sd: posterior moments, shape ``[series, windows]``; NaN where refused.
        quantiles: posterior quantiles at ``QUANTILE_LEVELS``, shape ``[series, windows, 7]``; NaN where
            refused.
        reason: 0 where there is an estimate, else the position of the code in ``reason_codes``.
        missing_days: days without a report in the window, shape ``[series, windows]``.
        minimum_cases, mean_interval_days: the limits that were applied.
    """

    start_day: IntArray
    end_day: IntArray
    cases: FloatArray
    mean: FloatArray
    sd: FloatArray
    quantiles: FloatArray
    reason: ReasonArray
    missing_days: IntArray
    minimum_cases: float
    mean_interval_days: float

    @property
    def reason_codes(self) -> tuple[str, ...]:
        """Refusal codes by the number that stands in ``reason``; the empty code 0 means an estimate."""
        return REASON_CODES

    def at(self, series: int, window: int, level: float = 0.95) -> Estimate | Refusal:
        """The estimate of one series in one window, or the reason why there is none.

        Arguments:
            series, window: positions in the table.
            level: 0.95, 0.9 or 0.5, the central intervals that the quantiles hold.

        Raises:
            ValueError: for another level.
        """
        pairs = {0.95: (0, 6), 0.9: (1, 5), 0.5: (2, 4)}
        if level not in pairs:
            raise ValueError(f"level is {level}; the table holds intervals of 0.95, 0.9 and 0.5")
        start, end = int(self.start_day[window]), int(self.end_day[window])
        code = REASON_CODES[int(self.reason[series, window])]
        if code:
            params: dict[str, object] = {"start_day": start, "end_day": end}
            if code == TOO_FEW_CASES:
                params |= {"cases": float(self.cases[series, window]), "minimum_cases": self.minimum_cases}
            elif code == MISSING_DAYS:
                params |= {"missing_days": int(self.missing_days[series, window])}
            elif code == WINDOW_BEFORE_SERIAL_INTERVAL:
                params |= {"mean_interval_days": self.mean_interval_days}
            return Refusal(code, params)
        low, high = pairs[level]
        q = self.quantiles[series, window]
        mean, sd = float(self.mean[series, window]), float(self.sd[series, window])
        return Estimate(mean, float(q[low]), float(q[high]), level, start, end, sd)


def reproduction_table(
    cases: ArrayLike,
    interval: ShiftedGammaInterval | ArrayLike | Refusal | None,
    *,
    imported: ArrayLike | None = None,
    window_days: int = 7,
    windows: ArrayLike | None = None,
    prior_mean: float = 5.0,
    prior_sd: float = 5.0,
    minimum_cases: float = 0.0,
    missing_weight_limit: float = MISSING_WEIGHT_LIMIT,
) -> ReproductionTable | Refusal:
    """The reproduction number in each window of each series, with intervals; or why there is none.

    Arguments:
        cases: cases by day of onset, local and imported together, shape ``[series, days]`` or ``[days]``; at
            least 0, whole or not (a nowcast is not); NaN marks a day without a report.
        interval: the serial interval: a shifted gamma (EpiEstim's ``parametric_si``, discretised and cut off
            at the length of the series) or the probability of lag 0, 1, 2 ... days (``non_parametric_si``;
            see ``checked_weights``). A refusal is handed on and None gives ``no_serial_interval``.
        imported: cases among ``cases`` infected elsewhere, same shape, default none. They infect but are not
            counted as infected here.
        window_days: length of the sliding windows in days; ignored when ``windows`` is given.
        windows: rows of 0-based ``[start, end]`` days, both included, ``1 <= start <= end < days``.
        prior_mean, prior_sd: mean and standard deviation of the gamma prior of R, above 0.
        minimum_cases: fewest local cases in a window that carry an estimate. Eleven keep the
            coefficient of variation within 0.3 under the default prior (Cori et al.); the caller decides.
        missing_weight_limit: largest share (0 to 1) of the serial-interval weight of the window's days that
            may fall on missing days before the window; those days then count as no cases.

    Returns:
        A table of all series and windows, or a refusal when there is no serial interval or no room for a
        window.

    Raises:
        ValueError: negative or infinite counts, shapes that do not match, more imported than all cases,
            windows out of range, a prior that is not positive.

    >>> cases = np.round(10 * 1.1 ** np.arange(30))
    >>> table = reproduction_table(cases, ShiftedGammaInterval(4.7, 2.9), minimum_cases=11)
    >>> last = table.at(0, -1)
    >>> 1.3 < last.lower < last.mean < last.upper < 1.7
    True
    """
    if interval is None:
        return Refusal(NO_SERIAL_INTERVAL)
    if isinstance(interval, Refusal):
        return interval
    total, local = _checked_cases(cases, imported)
    days = total.shape[1]
    si = interval.weights(days) if isinstance(interval, ShiftedGammaInterval) else checked_weights(interval)
    prior_shape, prior_rate = checked_prior(prior_mean, prior_sd)
    spans = sliding_windows(days, window_days) if windows is None else checked_windows(windows, days)
    if spans.shape[0] == 0:
        return Refusal(WINDOW_TOO_SHORT, {"days": days, "window_days": window_days})

    held = window_evidence(total, local, np.zeros(total.shape, dtype=bool), si, spans, missing_weight_limit)
    reason = held.reason
    reason[(reason == 0) & (held.cases < minimum_cases)] = reason_number(TOO_FEW_CASES)
    reason[:, too_early(si, spans)] = reason_number(WINDOW_BEFORE_SERIAL_INTERVAL)
    refused = reason != 0
    shape, scale = prior_shape + held.cases, 1 / (prior_rate + held.infectivity)
    quantiles = np.empty((len(QUANTILE_LEVELS), *scale.shape))
    UnitQuantiles(prior_shape, QUANTILE_LEVELS).fill(quantiles, held.cases, scale)
    quantiles[:, refused] = np.nan
    return ReproductionTable(
        start_day=spans[:, 0],
        end_day=spans[:, 1],
        cases=np.where(held.missing_days > 0, np.nan, held.cases),
        mean=np.where(refused, np.nan, shape * scale),
        sd=np.where(refused, np.nan, np.sqrt(shape) * scale),
        quantiles=np.moveaxis(quantiles, 0, -1),
        reason=reason,
        missing_days=held.missing_days.astype(np.int64),
        minimum_cases=float(minimum_cases),
        mean_interval_days=mean_interval_days(si),
    )


def _checked_cases(cases: ArrayLike, imported: ArrayLike | None) -> tuple[FloatArray, FloatArray]:
    """All cases and the local ones, both ``[series, days]``, NaN where either figure is missing."""
    total = np.atleast_2d(np.asarray(cases, dtype=np.float64)).copy()
    if total.ndim != 2 or total.shape[1] == 0:
        raise ValueError(
            f"cases have shape {total.shape}; give [series, days] or [days] with at least one day"
        )
    from_elsewhere = np.zeros_like(total)
    if imported is not None:
        from_elsewhere = np.atleast_2d(np.asarray(imported, dtype=np.float64)).copy()
        if from_elsewhere.shape != total.shape:
            raise ValueError(
                f"imported has shape {from_elsewhere.shape}, cases {total.shape}; they must match"
            )
    if np.isinf(total).any() or np.isinf(from_elsewhere).any():
        raise ValueError("cases and imported cases must be finite (NaN marks a missing day)")
    if (total < 0).any() or (from_elsewhere < 0).any():
        raise ValueError("negative case counts: net a correction against the day that it corrects first")
    if (from_elsewhere > total).any():
        raise ValueError(
            "more imported than all cases on some day; `cases` holds local and imported together"
        )
    total[np.isnan(from_elsewhere)] = np.nan
    return total, total - from_elsewhere
