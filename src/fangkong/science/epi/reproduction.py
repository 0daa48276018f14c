"""The instantaneous reproduction number of many series at once (Cori method).

Design. Over a window the number of local cases is Poisson with mean R times the total infectivity of the
past, and R has a gamma prior, so the posterior is a gamma whose shape is the prior's shape plus a *count* and
whose rate is the prior's rate plus the summed infectivity. Hence: one causal convolution for all series, sums
by window, and gamma quantiles once per distinct count, scaled afterwards. Quantiles are the cost; counts
repeat, so the table turns a thousand series of a year from seconds into a fraction of one.

Source: Cori et al. (2013), Am J Epidemiol 178(9):1505-1512; imported cases as in Thompson et al. (2019),
Epidemics 29:100356. Numbers and empty cells are those of ``estimate_R`` in the R package EpiEstim 2.2-4:

- Windows start on the second day (index 1) or later. So the cases of the first day, who have no past in the
  series, count as imported: they infect and are never counted as infected.
- A window has no estimate while its last day, counted from 1, is not above the mean of the serial interval
  cut off at the length of the series. EpiEstim 2.2-4 returns such rows as NA and 3.0.0 drops them; here the
  row stays and says why it is empty, so windows and rows always correspond.
- ``cases`` before the first day are taken as none, which makes R too high in the first few serial intervals.

Two departures, both refusals instead of a number: a window that nobody could have infected (no infectivity at
all; EpiEstim returns the prior) and a window that rests on missing days.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.signal import lfilter
from scipy.special import gammaincinv

from fangkong.science.epi.estimates import (
    MISSING_DAYS,
    NO_PAST_CASES,
    NO_SERIAL_INTERVAL,
    TOO_FEW_CASES,
    WINDOW_BEFORE_SERIAL_INTERVAL,
    WINDOW_TOO_SHORT,
    Estimate,
    Refusal,
)
from fangkong.science.epi.serial_interval import FloatArray, ShiftedGammaInterval, checked_weights

IntArray = NDArray[np.int64]

QUANTILE_LEVELS: tuple[float, ...] = (0.025, 0.05, 0.25, 0.5, 0.75, 0.95, 0.975)

_REASONS: tuple[str, ...] = (
    "",
    WINDOW_BEFORE_SERIAL_INTERVAL,
    MISSING_DAYS,
    NO_PAST_CASES,
    TOO_FEW_CASES,
)
# Weights below this are the rounding error of the discretised tail; infectivity below it is nobody.
_NEGLIGIBLE_WEIGHT = 1e-15
_NEGLIGIBLE_INFECTIVITY = 1e-9


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
    reason: NDArray[np.uint8]
    missing_days: IntArray
    minimum_cases: float
    mean_interval_days: float

    @property
    def reason_codes(self) -> tuple[str, ...]:
        """Refusal codes by the number that stands in ``reason``; the empty code 0 means an estimate."""
        return _REASONS

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
        code = _REASONS[int(self.reason[series, window])]
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


def sliding_windows(days: int, window_days: int) -> IntArray:
    """Every window of ``window_days`` days from the second day on, as 0-based ``[start, end]`` rows.

    Arguments:
        days: length of the series.
        window_days: days in a window, both ends included, at least 1.

    Returns:
        Shape ``[windows, 2]``, one row per day that ends a window; no rows when the series is too short.
    """
    if window_days < 1:
        raise ValueError(f"window_days is {window_days}; a window has at least one day")
    starts = np.arange(1, max(1, days - window_days + 1), dtype=np.int64)
    return np.stack([starts, starts + window_days - 1], axis=1)


def total_infectivity(cases: ArrayLike, weights: ArrayLike) -> FloatArray:
    """Total infectivity by day: past cases weighted by the serial interval.

    Arguments:
        cases: all cases, local and imported, shape ``[series, days]``, no NaN.
        weights: serial-interval probability of lag 0, 1, 2 ... days.

    Returns:
        Shape ``[series, days]``, in cases; 0 on the first day.
    """
    incidence = np.atleast_2d(np.asarray(cases, dtype=np.float64))
    w = np.asarray(weights, dtype=np.float64)[: incidence.shape[1]]
    in_use = np.flatnonzero(w > _NEGLIGIBLE_WEIGHT)
    if in_use.size == 0:
        return np.zeros_like(incidence)
    return np.asarray(lfilter(w[: in_use[-1] + 1], [1.0], incidence, axis=1), dtype=np.float64)


def estimate_reproduction(
    cases: ArrayLike,
    interval: ShiftedGammaInterval | ArrayLike | Refusal | None,
    *,
    imported: ArrayLike | None = None,
    window_days: int = 7,
    windows: ArrayLike | None = None,
    prior_mean: float = 5.0,
    prior_sd: float = 5.0,
    minimum_cases: float = 0.0,
    missing_weight_limit: float = 0.01,
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
    >>> table = estimate_reproduction(cases, ShiftedGammaInterval(4.7, 2.9), minimum_cases=11)
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
    if not (prior_mean > 0 and prior_sd > 0):
        raise ValueError(f"prior mean {prior_mean} and sd {prior_sd} must both be above 0")
    spans = sliding_windows(days, window_days) if windows is None else _checked_windows(windows, days)
    if spans.shape[0] == 0:
        return Refusal(WINDOW_TOO_SHORT, {"days": days, "window_days": window_days})

    missing = np.isnan(total)
    infectivity = total_infectivity(np.where(missing, 0.0, total), si)
    window_local = _window_sums(np.where(missing, 0.0, local), spans)
    window_infectivity = _window_sums(infectivity, spans)
    window_missing = _window_sums(missing.astype(np.float64), spans)

    mean_interval = float(si[:days] @ np.arange(min(days, si.size)))
    reason = np.zeros(window_local.shape, dtype=np.uint8)
    # Later lines win: the more basic reason stands later.
    reason[window_local < minimum_cases] = _REASONS.index(TOO_FEW_CASES)
    reason[window_infectivity < _NEGLIGIBLE_INFECTIVITY] = _REASONS.index(NO_PAST_CASES)
    if missing.any():
        lost_weight = _window_sums(total_infectivity(missing.astype(np.float64), si), spans)
        window_length = (spans[:, 1] - spans[:, 0] + 1).astype(np.float64)
        lost = (window_missing > 0) | (lost_weight > missing_weight_limit * window_length)
        reason[lost] = _REASONS.index(MISSING_DAYS)
    reason[:, spans[:, 1] + 1 <= mean_interval] = _REASONS.index(WINDOW_BEFORE_SERIAL_INTERVAL)

    mean, sd, quantiles = _posterior(window_local, window_infectivity, reason == 0, prior_mean, prior_sd)
    return ReproductionTable(
        start_day=spans[:, 0],
        end_day=spans[:, 1],
        cases=np.where(window_missing > 0, np.nan, window_local),
        mean=mean,
        sd=sd,
        quantiles=quantiles,
        reason=reason,
        missing_days=window_missing.astype(np.int64),
        minimum_cases=float(minimum_cases),
        mean_interval_days=mean_interval,
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


def _checked_windows(windows: ArrayLike, days: int) -> IntArray:
    given = np.asarray(windows)
    if given.ndim != 2 or given.shape[1] != 2 or given.shape[0] == 0 or given.dtype.kind not in "iu":
        raise ValueError(
            f"windows are {given.dtype} of shape {given.shape}; give whole-number rows [start, end]"
        )
    spans = given.astype(np.int64)
    if ((spans[:, 0] < 1) | (spans[:, 1] < spans[:, 0]) | (spans[:, 1] >= days)).any():
        raise ValueError(
            f"windows must satisfy 1 <= start <= end < {days} (days count from 0, day 0 has no past)"
        )
    return spans


def _window_sums(values: FloatArray, spans: IntArray) -> FloatArray:
    """Sums of ``values`` over each window, ``[series, windows]``.

    Each window is added up by itself: differences of cumulative sums would leave the rounding error of a past
        wave
    in a quiet window.
    """
    if spans.shape[0] == 0:
        return np.zeros((values.shape[0], 0))
    padded = np.concatenate([values, np.zeros((values.shape[0], 1))], axis=1)
    edges = np.stack([spans[:, 0], spans[:, 1] + 1], axis=1).ravel()
    return np.asarray(np.add.reduceat(padded, edges, axis=1)[:, ::2], dtype=np.float64)


def _posterior(
    local: FloatArray,
    infectivity: FloatArray,
    estimated: NDArray[np.bool_],
    prior_mean: float,
    prior_sd: float,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Mean, sd and quantiles of the gamma posterior where ``estimated``; NaN elsewhere."""
    mean = np.full(local.shape, np.nan)
    sd = np.full(local.shape, np.nan)
    quantiles = np.full((*local.shape, len(QUANTILE_LEVELS)), np.nan)
    counts, which = np.unique(local[estimated], return_inverse=True)
    shapes = (prior_mean / prior_sd) ** 2 + counts
    scale = 1 / (prior_mean / prior_sd**2 + infectivity[estimated])
    mean[estimated] = shapes[which] * scale
    sd[estimated] = np.sqrt(shapes)[which] * scale
    unit_quantiles = gammaincinv(shapes[:, None], np.array(QUANTILE_LEVELS)[None, :])
    quantiles[estimated] = unit_quantiles[which] * scale[:, None]
    return mean, sd, quantiles
