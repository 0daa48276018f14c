"""The instantaneous reproduction number of many series at once (Cori method), shaped like the series.

Numbers and empty cells are those of ``estimate_R`` in the R package EpiEstim 2.2-4 (Cori et al. 2013, Am J
Epidemiol 178(9):1505-1512; Thompson et al. 2019, Epidemics 29:100356); ``reproduction_posterior`` holds the
kernel. Each window stands at its last day. Two differences are refusals: a window that rests on missing or
impossible counts has no number here (EpiEstim reads missing as none and stops at negative), and a window that
nobody could have infected keeps EpiEstim's number, the prior, but is marked so that a page need not show it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from fangkong.science.epi.estimates import NO_PAST_CASES, WINDOW_BEFORE_SERIAL_INTERVAL
from fangkong.science.epi.reproduction_posterior import (
    NO_WINDOW,
    REASON_CODES,
    IntArray,
    ReasonArray,
    UnitQuantiles,
    checked_levels,
    checked_prior,
    checked_windows,
    reason_number,
    sliding_windows,
    too_early,
    usable_counts,
    window_evidence,
)
from fangkong.science.epi.serial_interval import FloatArray, ShiftedGammaInterval, checked_weights
from fangkong.science.epi.uncertain_interval import Mixture, checked_draws

QUANTILE_LEVELS: tuple[float, ...] = (0.025, 0.05, 0.25, 0.5, 0.75, 0.95, 0.975)

#: Share of a window's serial-interval weight that may fall on missing days before it.
MISSING_WEIGHT_LIMIT = 0.01
# Cells worked on at once: what stays in the cache of a core.
_CHUNK_CELLS = 1 << 17


@dataclass(frozen=True, slots=True)
class Reproduction:
    """The posterior of R on the day that ends each window; NaN where there is none.

    Attributes:
        mean, sd: posterior mean and standard deviation, shaped like the incidence.
        quantiles: posterior quantiles, shape ``[levels, *incidence.shape]``.
        quantile_levels: the levels, in the order asked for.
        reason: 0 where the number stands without reserve, else the position of the reason in ``reason_codes``.
            ``no_past_cases`` is the only reason beside which a number stands: it is the prior's.
        first_day: first day (0-based) of the window that ends on each day, -1 where none does; shape ``[days]``.
    """

    mean: FloatArray
    sd: FloatArray
    quantiles: FloatArray
    quantile_levels: tuple[float, ...]
    reason: ReasonArray
    first_day: IntArray

    @classmethod
    def empty(cls, levels: tuple[float, ...], shape: tuple[int, ...], spans: IntArray) -> Reproduction:
        """One without any number yet, to be filled on the days that end ``spans``."""
        first_day = np.full(shape[-1], -1, dtype=np.int64)
        first_day[spans[:, 1]] = spans[:, 0]
        return cls(
            mean=np.full(shape, np.nan),
            sd=np.full(shape, np.nan),
            quantiles=np.full((len(levels), *shape), np.nan),
            quantile_levels=levels,
            reason=np.full(shape, reason_number(NO_WINDOW), dtype=np.uint8),
            first_day=first_day,
        )

    @property
    def reason_codes(self) -> tuple[str, ...]:
        """The codes by the number that stands in ``reason``."""
        return REASON_CODES

    def reason_at(self, *cell: int) -> str:
        """The reason of one cell, "" where the number stands without reserve."""
        return REASON_CODES[int(self.reason[cell])]

    def quantile(self, level: float) -> FloatArray:
        """The quantile of one level, shaped like the incidence.

        Raises:
            ValueError: when the level was not asked for.
        """
        if level not in self.quantile_levels:
            raise ValueError(f"level {level} was not computed; there are {self.quantile_levels}")
        return np.asarray(self.quantiles[self.quantile_levels.index(level)], dtype=np.float64)


def estimate_reproduction(
    incidence: ArrayLike,
    serial_interval: ArrayLike | ShiftedGammaInterval,
    *,
    window: int = 7,
    windows: ArrayLike | None = None,
    imported: ArrayLike | None = None,
    prior_mean: float = 5.0,
    prior_sd: float = 5.0,
    quantiles: Sequence[float] = QUANTILE_LEVELS,
    missing_weight_limit: float = MISSING_WEIGHT_LIMIT,
) -> Reproduction:
    """The reproduction number of each day's window, with its uncertainty, shaped like the incidence.

    Arguments:
        incidence: all cases by day, local and imported together, shape ``[days]`` or ``[series, days]``; NaN is
            a day without a report.
        serial_interval: probability of k days at index k, index 0 being 0 and the sum within 0.01 of 1; or
            ``[draws, days]`` for an uncertain interval, whose posterior is the equal mixture over the draws
            (a draw takes no part in windows that end before its mean); or a shifted gamma, discretised and cut
            off at the length of the series (EpiEstim's ``parametric_si``).
        window: days of the sliding windows.
        windows: in their place rows ``[first, last]`` of 0-based days, both included, ``1 <= first``, no two
            ending on one day.
        imported: the part of the incidence infected elsewhere, same shape; they infect but are not counted as
            infected here. Default none. Cases of the first day always count as imported.
        prior_mean, prior_sd: of the gamma prior of R.
        quantiles: levels strictly between 0 and 1.
        missing_weight_limit: share (0 to 1) of a window's serial-interval weight that may fall on missing days
            before the window; those then count as no cases.

    Returns:
        Mean, sd and quantiles by day; the value of a window stands at its last day, NaN elsewhere.

    Raises:
        ValueError: arguments that make no sense in themselves: shapes, a serial interval that is no
            distribution, windows out of range or two on one day, a prior not above 0, levels not between 0 and 1.

    >>> cases = np.round(10 * 1.1 ** np.arange(30))
    >>> found = estimate_reproduction(cases, ShiftedGammaInterval(4.7, 2.9))
    >>> bool(1.3 < found.quantile(0.025)[-1] < found.mean[-1] < 1.7), found.reason_at(0)
    (True, 'no_window')
    """
    given = np.asarray(incidence)
    if given.ndim not in (1, 2):
        raise ValueError(f"incidence has shape {given.shape}; give one series [days] or [series, days]")
    elsewhere = None if imported is None else np.asarray(imported)
    if elsewhere is not None and elsewhere.shape != given.shape:
        raise ValueError(f"imported has shape {elsewhere.shape}, incidence {given.shape}; they must match")
    days = given.shape[-1]
    levels = checked_levels(quantiles)
    prior = checked_prior(prior_mean, prior_sd)
    if not 0 <= missing_weight_limit <= 1:
        raise ValueError(f"missing_weight_limit is {missing_weight_limit}; it is a share, from 0 to 1")
    draws = _interval_draws(serial_interval, days)
    spans = sliding_windows(days, window) if windows is None else checked_windows(windows, days)
    if np.unique(spans[:, 1]).size < spans.shape[0]:
        raise ValueError("two windows end on one day, and a value stands at its last day; call once for each")

    matrix = np.atleast_2d(given)
    foreign = None if elsewhere is None else np.atleast_2d(elsewhere)
    posterior = Reproduction.empty(levels, matrix.shape, spans)
    rows = max(1, _CHUNK_CELLS // max(1, days * draws.shape[0]))
    single = UnitQuantiles(prior[0], levels)
    for first in range(0, matrix.shape[0] if spans.size else 0, rows):
        part = slice(first, first + rows)
        counts = usable_counts(matrix[part], None if foreign is None else foreign[part])
        _fill(posterior, part, counts, draws, spans, prior, single, missing_weight_limit)
    if given.ndim == 1:
        return Reproduction(
            posterior.mean[0],
            posterior.sd[0],
            posterior.quantiles[:, 0],
            levels,
            posterior.reason[0],
            posterior.first_day,
        )
    return posterior


def _interval_draws(serial_interval: ArrayLike | ShiftedGammaInterval, days: int) -> FloatArray:
    """The weights as ``[draws, days]``; one row for an interval that is certain."""
    if isinstance(serial_interval, ShiftedGammaInterval):
        return serial_interval.weights(max(1, days))[None, :]
    given = np.asarray(serial_interval, dtype=np.float64)
    return checked_draws(given) if given.ndim == 2 else checked_weights(given)[None, :]


def _fill(
    posterior: Reproduction,
    part: slice,
    counts: tuple[FloatArray, FloatArray, np.ndarray],
    draws: FloatArray,
    spans: IntArray,
    prior: tuple[float, float],
    single: UnitQuantiles,
    missing_weight_limit: float,
) -> None:
    """Write the posterior of a block of series into the whole."""
    prior_shape, prior_rate = prior
    if draws.shape[0] == 1:
        held = window_evidence(*counts, draws[0], spans, missing_weight_limit)
        shape, scale = prior_shape + held.cases, 1 / (prior_rate + held.infectivity)
        reason = held.reason
        reason[:, too_early(draws[0], spans)] = reason_number(WINDOW_BEFORE_SERIAL_INTERVAL)
        mean, sd = shape * scale, np.sqrt(shape) * scale
        quantiles = np.empty((len(posterior.quantile_levels), *mean.shape))
        single.fill(quantiles, held.cases, scale)
    else:
        mixture = Mixture(counts, draws, spans, prior, missing_weight_limit)
        reason, mean, sd = mixture.reason, mixture.mean, mixture.sd
        quantiles = mixture.quantiles(posterior.quantile_levels)
    refused = (reason != 0) & (reason != reason_number(NO_PAST_CASES))
    if refused.any():
        mean[refused] = np.nan
        sd[refused] = np.nan
        quantiles[:, refused] = np.nan
    last = spans[:, 1]
    # One after the other they are a slice, which is written much faster than single columns.
    days = slice(int(last[0]), int(last[-1]) + 1) if (np.diff(last) == 1).all() else last
    posterior.mean[part, days] = mean
    posterior.sd[part, days] = sd
    posterior.quantiles[:, part, days] = quantiles
    posterior.reason[part, days] = reason
