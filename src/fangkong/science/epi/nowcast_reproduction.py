"""The reproduction number of the latest days, carried through the nowcast: what is not yet reported widens it.

Cori's posterior takes the counts of a window as final. Those of the latest days are not: as reported they are too low,
and R computed from them falls every single day. Here every sample of the nowcast is taken as a possible truth. It gives
a gamma posterior of R; pooled over the samples these are a mixture of gammas, whose quantiles are found where its
distribution function meets the level. Nothing is drawn, so the same samples give the same numbers.

Source: Cori et al. (2013), Am J Epidemiol 178(9):1505-1512, for the posterior given the counts; Abbott et al. (2020),
"Estimating the time-varying reproduction number of SARS-CoV-2 using national and subnational case counts", Wellcome
Open Res 5:112, for carrying a nowcast into it by samples.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammainc, gammaincinv, gammaln

from fangkong.science.epi.estimates import WINDOW_BEFORE_SERIAL_INTERVAL
from fangkong.science.epi.reproduction import QUANTILE_LEVELS, Reproduction
from fangkong.science.epi.reproduction_posterior import (
    NO_PAST_CASES,
    IntArray,
    checked_levels,
    checked_prior,
    reason_number,
    sliding_windows,
    too_early,
    usable_counts,
    window_evidence,
)
from fangkong.science.epi.serial_interval import FloatArray, ShiftedGammaInterval, checked_weights

# Steps of the search: Newton's in the logarithm of R, halving where one would leave the bracket.
_MOST_STEPS = 100
_LONGEST_STEP = 1.0
_BRACKET = 60.0
_PRECISION = 1e-13


class Sampled(Protocol):
    """What is asked of a nowcast: whole outcomes of its reference days, ``[samples, days]``."""

    @property
    def samples(self) -> ArrayLike | None: ...


def reproduction_from_nowcast(
    nowcast: Sampled | ArrayLike,
    counts: ArrayLike,
    serial_interval: ArrayLike | ShiftedGammaInterval,
    window: int = 7,
    *,
    imported: ArrayLike | None = None,
    prior_mean: float = 5.0,
    prior_sd: float = 5.0,
    quantiles: Sequence[float] = QUANTILE_LEVELS,
    last: int | None = None,
) -> Reproduction:
    """The reproduction number by day up to today, pooled over the samples of a nowcast.

    Arguments:
        nowcast: with ``samples`` (or these themselves), ``[samples, days]`` or ``[samples, series, days]``: possible
            final counts of each of the latest days, at least 0; days of one sample belong together. NaN where the
            nowcast refused.
        counts: final counts of the days before them, ``[earlier days]`` or ``[series, earlier days]``; empty where
            there are none. Cases of the very first day count as imported.
        serial_interval: probability of k days at index k, index 0 being 0 and the sum within 0.01 of 1; or a shifted
            gamma, discretised and cut off at the length of the series.
        window: days of the sliding windows, at least 1.
        imported: the part of each day's cases infected elsewhere, of all days, earlier ones first; in a sample with
            fewer cases all of these. They infect but are not counted as infected here. Default none.
        prior_mean, prior_sd: of the gamma prior of R.
        quantiles: levels strictly between 0 and 1.
        last: how many of the latest days to estimate, the others left empty as ``no_window``; default all.

    Returns:
        Mean, sd and quantiles by day, earlier days first, ``[days]`` or ``[series, days]``; the value of a window
        stands at its last day. A window with missing days, before the mean of the serial interval, or that nobody could
        have infected, has its reason as in ``estimate_reproduction``.

    Raises:
        ValueError: arguments that make no sense in themselves: shapes, a nowcast without samples, a serial interval
            that is no distribution, a window or ``last`` below 1, a prior not above 0, levels not between 0 and 1.

    >>> rng = np.random.default_rng(1)
    >>> earlier = np.full(40, 100.0)
    >>> sure, unsure = np.full((50, 7), 100.0), rng.poisson(100 * rng.gamma(20, 1 / 20, (50, 1)), (50, 7))
    >>> interval = ShiftedGammaInterval(4.7, 2.9)
    >>> narrow = reproduction_from_nowcast(sure, earlier, interval)
    >>> wide = reproduction_from_nowcast(unsure, earlier, interval)
    >>> bool(wide.sd[-1] > 3 * narrow.sd[-1]), bool(abs(narrow.mean[-1] - 1) < 0.01)
    (True, True)
    """
    latest = _samples(nowcast)
    earlier = np.asarray(counts, dtype=np.float64)
    if earlier.size == 0:
        earlier = np.zeros((*latest.shape[1:-1], 0))
    if earlier.shape[:-1] != latest.shape[1:-1]:
        raise ValueError(
            f"counts have shape {earlier.shape} for samples of shape {latest.shape}; give the earlier days of the same "
            "series, or an empty array"
        )
    if last is not None and last < 1:
        raise ValueError(f"last is {last}; estimate at least one day")
    levels, prior = checked_levels(quantiles), checked_prior(prior_mean, prior_sd)
    days = earlier.shape[-1] + latest.shape[-1]
    elsewhere = None if imported is None else np.asarray(imported, dtype=np.float64)
    if elsewhere is not None and elsewhere.shape != (*latest.shape[1:-1], days):
        raise ValueError(f"imported has shape {elsewhere.shape}; give all {days} days, earlier ones first")
    weights = (
        serial_interval.weights(max(1, days))
        if isinstance(serial_interval, ShiftedGammaInterval)
        else checked_weights(serial_interval)
    )
    spans = sliding_windows(days, window)
    if last is not None:
        spans = spans[-last:]
    found = Reproduction.empty(levels, (*latest.shape[1:-1], days), spans)
    # Of one series or of each: views, so what is written stands in the whole.
    for place in np.ndindex(*latest.shape[1:-1]) if spans.size else ():
        past = np.broadcast_to(earlier[place], (latest.shape[0], earlier.shape[-1]))
        total = np.concatenate([past, latest[(slice(None), *place)]], axis=1)
        foreign = None if elsewhere is None else np.fmin(total, elsewhere[place])
        _fill(found, place, total, foreign, weights, spans, prior)
    return found


def _fill(
    found: Reproduction,
    place: tuple[int, ...],
    total: FloatArray,
    foreign: FloatArray | None,
    weights: FloatArray,
    spans: IntArray,
    prior: tuple[float, float],
) -> None:
    """Write the pooled posterior of one series, ``total`` and ``foreign`` ``[samples, days]``, into its place."""
    # A day that one sample lacks is a day without a nowcast.
    total[:, np.isnan(total).any(axis=0)] = np.nan
    held = window_evidence(*usable_counts(total, foreign), weights, spans, 0.0)
    # A reason of any sample holds for the window, except that nobody to infect must hold in all of them.
    nobody = held.reason == reason_number(NO_PAST_CASES)
    reason = np.where(nobody, 0, held.reason).max(axis=0)
    reason[(reason == 0) & nobody.all(axis=0)] = reason_number(NO_PAST_CASES)
    reason[too_early(weights, spans)] = reason_number(WINDOW_BEFORE_SERIAL_INTERVAL)
    ends = spans[:, 1]
    found.reason[place][ends] = reason
    stands = (reason == 0) | (reason == reason_number(NO_PAST_CASES))
    days = ends[stands]
    shape = prior[0] + held.cases[:, stands]
    scale = 1 / (prior[1] + held.infectivity[:, stands])
    means = shape * scale
    found.mean[place][days] = means.mean(axis=0)
    found.sd[place][days] = np.sqrt((shape * scale**2).mean(axis=0) + means.var(axis=0))
    pooled = pooled_gamma_quantiles(shape, scale, found.quantile_levels)
    for level, values in zip(found.quantiles, pooled, strict=True):
        level[place][days] = values


def pooled_gamma_quantiles(shape: FloatArray, scale: FloatArray, levels: tuple[float, ...]) -> FloatArray:
    """Quantiles of equal mixtures of gamma distributions, ``[levels, cells]``.

    Arguments:
        shape, scale: of each component, above 0, ``[components, cells]``.
        levels: strictly between 0 and 1.

    >>> one = pooled_gamma_quantiles(np.full((3, 1), 4.0), np.full((3, 1), 0.5), (0.5,))
    >>> bool(abs(one[0, 0] - 0.5 * gammaincinv(4.0, 0.5)) < 1e-12)
    True
    """
    means = shape * scale
    mean, variance = means.mean(axis=0), (shape * scale**2).mean(axis=0) + means.var(axis=0)
    log_scale, log_gamma = np.log(scale), gammaln(shape)
    found = np.empty((len(levels), shape.shape[1]))
    for row, level in enumerate(levels):
        # A single gamma of the same moments is where the search starts.
        start = gammaincinv(mean**2 / variance, level) * variance / mean
        x = np.log(np.maximum(start, np.finfo(float).tiny))
        low, high = x - _BRACKET, x + _BRACKET
        active = np.arange(x.size)
        for _ in range(_MOST_STEPS):
            a, z = shape[:, active], x[active] - log_scale[:, active]
            with np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore"):
                excess = gammainc(a, np.exp(z)).mean(axis=0) - level
                slope = np.exp(a * z - np.exp(z) - log_gamma[:, active]).mean(axis=0)
                step = np.clip(np.nan_to_num(-excess / slope), -_LONGEST_STEP, _LONGEST_STEP)
            high[active] = np.where(excess > 0, np.minimum(high[active], x[active]), high[active])
            low[active] = np.where(excess < 0, np.maximum(low[active], x[active]), low[active])
            ahead = x[active] + step
            # Where the density vanishes there is no step; the middle of the bracket is one.
            inside = (step != 0) & (ahead > low[active]) & (ahead < high[active])
            ahead = np.where(inside, ahead, 0.5 * (low[active] + high[active]))
            moved = np.abs(ahead - x[active])
            x[active] = np.where(excess == 0, x[active], ahead)
            active = active[(moved > _PRECISION * np.maximum(1, np.abs(ahead))) & (excess != 0)]
            if not active.size:
                break
        found[row] = np.exp(x)
    return found


def _samples(nowcast: Sampled | ArrayLike) -> FloatArray:
    given = getattr(nowcast, "samples", nowcast)
    if given is None:
        raise ValueError("the nowcast holds no samples; ask for them when it is made")
    samples = np.asarray(given, dtype=np.float64)
    if samples.ndim not in (2, 3) or samples.shape[0] == 0:
        raise ValueError(
            f"samples have shape {samples.shape}; give [samples, days] or [samples, series, days]"
        )
    return samples
