"""An uncertain serial interval: draws of it, and the posterior of R pooled over them without sampling.

Given a draw of the interval, R in a window is a gamma whose shape does not depend on the draw. So the pooled
posterior is an equal mixture of gammas of one shape and many scales: its moments are sums, and its quantiles are
found where the mixture's distribution function meets the level. That is what ``uncertain_si`` and
``si_from_sample`` of EpiEstim 2.2-4 approach when they draw more and more from the posterior of each interval;
here nothing is drawn from it. As there, a draw takes no part in windows that end no later than its mean.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import digamma, gammainc, gammaln, ndtr, ndtri, polygamma

from fangkong.science.epi.estimates import NO_PAST_CASES, WINDOW_BEFORE_SERIAL_INTERVAL
from fangkong.science.epi.gamma_quantiles import gamma_quantiles
from fangkong.science.epi.reproduction_posterior import (
    BoolArray,
    IntArray,
    banded_sums,
    reason_number,
    too_early,
    window_evidence,
    window_sums,
)
from fangkong.science.epi.serial_interval import FloatArray, checked_weights, discretised_serial_interval

# A step this small, in sd of the log of one gamma, leaves its third power as the error (Halley's method).
_SMALL_STEP = 1e-4
_MOST_STEPS = 200
_CHUNK_TERMS = 1 << 17


def draw_serial_intervals(
    mean: float,
    sd: float,
    *,
    mean_sd: float,
    mean_between: tuple[float, float],
    sd_sd: float,
    sd_between: tuple[float, float],
    max_days: int,
    draws: int = 500,
    seed: int = 0,
) -> FloatArray:
    """Serial intervals whose mean and sd are uncertain, discretised: ``[draws, max_days + 1]``.

    Mean and sd are drawn from normal distributions cut off at the bounds, as EpiEstim's ``uncertain_si`` does.

    Arguments:
        mean, sd: centre of the two normal distributions, in days.
        mean_sd, sd_sd: their standard deviations in days, above 0.
        mean_between, sd_between: lowest and highest value; they hold the centre, and no mean is below 1 day.
        max_days: last day of the table.
        draws: number of intervals, at least 1.
        seed: of the random numbers; the same seed gives the same intervals.

    Returns:
        One interval a row, for ``estimate_reproduction``.

    Raises:
        ValueError: bounds that do not hold the centre, or numbers out of range.

    >>> drawn = draw_serial_intervals(4.7, 2.9, mean_sd=1, mean_between=(3, 6), sd_sd=0.5, sd_between=(2, 4),
    ...     max_days=40, draws=100)
    >>> drawn.shape, bool(3 < drawn.mean(axis=0) @ np.arange(41) < 6)
    ((100, 41), True)
    """
    if draws < 1:
        raise ValueError(f"draws is {draws}; draw one serial interval at least")
    if not (mean_sd > 0 and sd_sd > 0):
        raise ValueError(f"mean_sd {mean_sd} and sd_sd {sd_sd} must both be above 0")
    if not 1 <= mean_between[0] <= mean <= mean_between[1]:
        raise ValueError(f"mean_between {mean_between} must hold the mean {mean} and start at 1 day or later")
    if not 0 < sd_between[0] <= sd <= sd_between[1]:
        raise ValueError(f"sd_between {sd_between} must hold the sd {sd} and start above 0 days")
    rng = np.random.default_rng(seed)
    means = _truncated_normal(rng, mean, mean_sd, mean_between, draws)
    sds = _truncated_normal(rng, sd, sd_sd, sd_between, draws)
    return np.stack(
        [discretised_serial_interval(m, s, max_days + 1) for m, s in zip(means, sds, strict=True)]
    )


def checked_draws(weights: ArrayLike) -> FloatArray:
    """Draws of a serial interval as ``[draws, days]``, once each is known to be a distribution over days.

    Raises:
        ValueError: naming the first draw that is none, and why.
    """
    given = np.asarray(weights, dtype=np.float64)
    if given.ndim != 2 or given.shape[0] == 0:
        raise ValueError(f"draws of the serial interval have shape {given.shape}; give [draws, days]")
    for number, row in enumerate(given):
        try:
            checked_weights(row)
        except ValueError as error:
            raise ValueError(f"draw {number} of the serial interval: {error}") from error
    return given


class Mixture:
    """The pooled posterior of R of a block of series: reasons, moments, and quantiles on demand.

    Attributes:
        shape: posterior shape, ``[series, windows]``.
        scale: posterior scale by draw, ``[draws, series, windows]``.
        takes_part: whether a draw counts in a window, ``[draws, windows]``.
        reason, mean, sd: ``[series, windows]``; mean and sd are NaN where no draw takes part.
    """

    def __init__(
        self,
        counts: tuple[FloatArray, FloatArray, BoolArray],
        draws: FloatArray,
        spans: IntArray,
        prior: tuple[float, float],
        missing_weight_limit: float,
    ) -> None:
        total = counts[0]
        prior_shape, prior_rate = prior
        held = window_evidence(*counts, draws.mean(axis=0), spans, missing_weight_limit)
        self.takes_part = np.stack([~too_early(row, spans) for row in draws])
        self.reason = held.reason
        self.reason[:, ~self.takes_part.any(axis=0)] = reason_number(WINDOW_BEFORE_SERIAL_INTERVAL)
        self.shape = prior_shape + held.cases
        self.scale = 1 / (prior_rate + _infectivity_by_draw(np.nan_to_num(total, nan=0.0), draws, spans))
        share = self.takes_part[:, None, :] / np.maximum(1, self.takes_part.sum(axis=0))
        centre = (share * self.scale).sum(axis=0)
        spread = (share * (self.scale - centre) ** 2).sum(axis=0)
        self.mean = self.shape * centre
        self.sd = np.sqrt(self.shape * (centre**2 + spread) + self.shape**2 * spread)
        self._share = share[:, 0, :]

    @property
    def refused(self) -> BoolArray:
        """Cells without a number: every reason but the prior's, which stands where nobody could have infected."""
        return np.asarray((self.reason != 0) & (self.reason != reason_number(NO_PAST_CASES)))

    def quantiles(self, levels: tuple[float, ...]) -> FloatArray:
        """Quantiles ``[levels, series, windows]``; NaN where refused."""
        found = np.full((len(levels), *self.shape.shape), np.nan)
        series, window = np.nonzero(~self.refused)
        if series.size:
            log_scale = np.log(self.scale[:, series, window]).T
            share = self._share[:, window].T
            found[:, series, window] = mixture_quantiles(self.shape[series, window], log_scale, share, levels)
        return found


def mixture_quantiles(
    shape: FloatArray, log_scale: FloatArray, share: FloatArray, levels: tuple[float, ...]
) -> FloatArray:
    """Quantiles of mixtures of gamma distributions of one shape each, by root finding on the log scale.

    Arguments:
        shape: ``[cells]``, above 0.
        log_scale: log of the scale of each component, ``[cells, components]``.
        share: weight of each component, same shape, summing to 1 in a cell; 0 leaves it out.
        levels: strictly between 0 and 1.

    Returns:
        ``[levels, cells]``.
    """
    cells = shape.size
    single = np.log(gamma_quantiles(shape, levels))
    inside = share > 0
    lowest = np.where(inside, log_scale, np.inf).min(axis=1)
    highest = np.where(inside, log_scale, -np.inf).max(axis=1)
    centre = (share * log_scale).sum(axis=1)
    spread = (share * (log_scale - centre[:, None]) ** 2).sum(axis=1)
    # Where to start: the quantile of one gamma in the middle, its distance from the mean of the log stretched by
    # the spread of the scales.
    log_mean, log_variance = digamma(shape), polygamma(1, shape)
    start = centre + log_mean + (single - log_mean) * np.sqrt(1 + spread / log_variance)
    low, high = single + lowest, single + highest
    found = np.clip(start, low, high)
    step = _SMALL_STEP * np.sqrt(log_variance)
    level = np.repeat(np.asarray(levels), cells)
    cell = np.tile(np.arange(cells), len(levels))
    flat, flat_low, flat_high = found.ravel(), low.ravel().copy(), high.ravel().copy()
    rows = max(1, _CHUNK_TERMS // max(1, log_scale.shape[1]))
    for first in range(0, flat.size, rows):
        part = slice(first, first + rows)
        here = cell[part]
        flat[part] = _roots(
            flat[part],
            flat_low[part],
            flat_high[part],
            level[part],
            shape,
            log_scale,
            share,
            here,
            step[here],
        )
    return np.exp(flat).reshape(len(levels), cells)


def _roots(
    start: FloatArray,
    low: FloatArray,
    high: FloatArray,
    level: FloatArray,
    shape: FloatArray,
    log_scale: FloatArray,
    share: FloatArray,
    cell: NDArray[np.int64],
    small: FloatArray,
) -> FloatArray:
    """The logs at which the mixtures reach their levels: Halley's steps kept inside a shrinking bracket."""
    found = start.copy()
    # Components of one scale need no search.
    active = np.flatnonzero(high - low > 1e-15 * np.maximum(1, np.abs(high)))
    found[high <= low] = low[high <= low]
    for _ in range(_MOST_STEPS):
        if active.size == 0:
            break
        here = cell[active]
        a = shape[here][:, None]
        above = found[active][:, None] - log_scale[here]
        weight = share[here]
        with np.errstate(under="ignore", over="ignore", invalid="ignore", divide="ignore"):
            x = np.exp(above)
            excess = np.einsum("ij,ij->i", weight, gammainc(a, x)) - level[active]
            density = weight * np.exp(a * above - x - gammaln(a))
            slope = density.sum(axis=1)
            newton = excess / slope
            bend = np.einsum("ij,ij->i", density, a - x) / slope
            move = newton / np.maximum(0.5, 1 - 0.5 * newton * bend)
            # Far from the root, where the density is next to nothing, Halley's steps crawl: halve the bracket.
            lost = ~(np.abs(newton * bend) < 1)
        high[active] = np.where(excess > 0, found[active], high[active])
        low[active] = np.where(excess > 0, low[active], found[active])
        ahead = found[active] - move
        with np.errstate(invalid="ignore"):
            outside = lost | ~((ahead > low[active]) & (ahead < high[active]))
        middle = 0.5 * (low[active] + high[active])
        tight = high[active] - low[active] <= 4e-16 * np.maximum(1, np.abs(middle))
        at_root = excess == 0
        found[active] = np.where(at_root, found[active], np.where(outside, middle, ahead))
        done = at_root | tight | (~outside & (np.abs(move) < small[active]))
        # A step below rounding may round out of its bracket: the root is then where we stand.
        done |= np.abs(move) < 1e-15 * np.maximum(1, np.abs(middle))
        active = active[~done]
    return found


def _infectivity_by_draw(total: FloatArray, draws: FloatArray, spans: IntArray) -> FloatArray:
    """Infectivity summed over windows for each draw, ``[draws, series, windows]``."""
    days = total.shape[1]
    lags = np.zeros((draws.shape[0], days))
    lags[:, : min(days, draws.shape[1])] = draws[:, :days]
    # A convolution does not mind which of the two is called the weights: all draws of a series at once.
    by_series = [window_sums(banded_sums(lags, row), spans) for row in total]
    return np.stack(by_series, axis=1) if by_series else np.zeros((draws.shape[0], 0, spans.shape[0]))


def _truncated_normal(
    rng: np.random.Generator, mean: float, sd: float, between: tuple[float, float], size: int
) -> FloatArray:
    low, high = ndtr((between[0] - mean) / sd), ndtr((between[1] - mean) / sd)
    drawn = mean + sd * ndtri(rng.uniform(low, high, size))
    return np.asarray(np.clip(drawn, *between), dtype=np.float64)
