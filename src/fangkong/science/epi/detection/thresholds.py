"""The bound of a Farrington method and the chance of the count, from a fitted mean and its dispersion.

Source: Farrington et al. (1996), J R Stat Soc A 159(3):547-563 (power transformation); Noufaily et al. (2013), Stat Med
32(7):1206-1222 and Salmon, Schumacher, Hoehle (2016), J Stat Softw 70(10) ("nbPlugin", "muan"). Numbers are those of
surveillance 1.20.3.
"""

from __future__ import annotations

import numpy as np
from scipy.special import betainc, gammainc, ndtr, ndtri

from fangkong.science.epi.serial_interval import FloatArray

THRESHOLD_METHODS = ("delta", "nbPlugin", "muan")
# A mean beyond this is a fit that ran away, and whole numbers are no longer told apart.
_LARGEST_MEAN = 1e15
# From so many bounds on it pays to find those that are the same.
_MANY = 20_000
POWERS = {"2/3": 2 / 3, "1/2": 1 / 2, "none": 1.0}


def power_bound(
    observed: FloatArray, mean: FloatArray, variance: FloatArray, phi: FloatArray, tail: float, power: str
) -> tuple[FloatArray, FloatArray]:
    """Bound and p-value when a power of the count is taken as normal.

    Arguments:
        observed: counts, shape ``[series]`` as everything here.
        mean: fitted mean; variance: of the fitted mean, on its own scale; phi: dispersion, at least 1.
        tail: chance of a count above the bound.
        power: "2/3" (skewed counts), "1/2" (variance stabilised) or "none".
    """
    exponent = POWERS[power]
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        tau = phi + variance / mean
        # Delta method: the standard deviation of the count's power.
        sd = exponent * np.sqrt(tau) * mean ** (exponent - 0.5)
        centre = mean**exponent
        upper = np.maximum(centre - ndtri(tail) * sd, 0) ** (1 / exponent)
        p_value = ndtr(-(observed**exponent - centre) / sd)
    return np.asarray(upper), np.asarray(p_value)


def count_bound(
    observed: FloatArray, mean: FloatArray, phi: FloatArray, tail: float
) -> tuple[FloatArray, FloatArray]:
    """Bound and p-value when the count is negative binomial (Poisson where ``phi`` is 1).

    Arguments:
        observed: counts, shape ``[series]`` as everything here; NaN gives a NaN p-value.
        mean: plugged in as the mean; phi: variance over mean, at least 1.
        tail: the bound is the smallest count that is passed with at most this chance.
    """
    upper, p_value = np.full(mean.shape, np.nan), np.full(mean.shape, np.nan)
    good = np.isfinite(mean) & np.isfinite(phi) & (mean < _LARGEST_MEAN)
    upper[good] = _smallest_rarely_passed(mean[good], phi[good], tail)
    known = good & ~np.isnan(observed)
    # At least as many as seen: more than one less.
    p_value[known] = chance_above(observed[known] - 1, mean[known], phi[known])
    return upper, p_value


def chance_above(count: FloatArray, mean: FloatArray, phi: FloatArray) -> FloatArray:
    """Chance of more than ``count`` under a negative binomial of that mean, Poisson where ``phi`` is 1.

    Arguments:
        count: whole numbers, shape ``[n]`` as everything here; below 0 the chance is 1.
        mean: at least 0; phi: variance over mean, at least 1.
    """
    more = np.maximum(np.floor(count), -1) + 1
    chance = np.ones(more.shape)
    some = more > 0
    wide = some & (phi > 1) & (mean > 0)
    size = mean[wide] / (phi[wide] - 1)
    chance[wide] = betainc(more[wide], size, 1 - 1 / phi[wide])
    plain = some & ~wide
    chance[plain] = gammainc(more[plain], mean[plain])
    return chance


def _smallest_rarely_passed(mean: FloatArray, phi: FloatArray, tail: float) -> FloatArray:
    """The smallest whole number that is passed with a chance of at most ``tail``."""
    if mean.size > _MANY:
        # Counts repeat, and so do their means: each pair is looked up once.
        pairs, place = np.unique(mean + 1j * phi, return_inverse=True)
        return _smallest_rarely_passed_each(pairs.real, pairs.imag, tail)[place]
    return _smallest_rarely_passed_each(mean, phi, tail)


def _smallest_rarely_passed_each(mean: FloatArray, phi: FloatArray, tail: float) -> FloatArray:
    # Steps out from the normal quantile until the root lies between low (none below -1) and high, then halves. (The
    # library's own inverse may abort the process on extreme arguments.)
    # R's quantiles allow for the rounding of 1 - alpha; the same allowance keeps the two on one side of a tie.
    allowed = tail + 64 * np.finfo(float).eps
    spread = np.sqrt(mean) * np.sqrt(phi)
    low = np.full(mean.shape, -1.0)
    high = np.maximum(np.ceil(mean - ndtri(tail) * spread), 0)
    first_step = np.ceil(spread / 4 + 1)
    step = first_step.copy()
    active = np.arange(mean.size)
    while (active := active[chance_above(high[active], mean[active], phi[active]) > allowed]).size:
        low[active] = high[active]
        high[active] += step[active]
        step[active] *= 2
    step = first_step
    active = np.flatnonzero((low < 0) & (high > 0))
    while active.size:
        trial = np.maximum(high[active] - step[active], -1)
        rare = chance_above(trial, mean[active], phi[active]) <= allowed
        low[active[~rare]] = trial[~rare]
        active = active[rare]
        high[active] = trial[rare]
        step[active] *= 2
    while (active := np.flatnonzero(high - low > 1)).size:
        middle = np.floor((low[active] + high[active]) / 2)
        rare = chance_above(middle, mean[active], phi[active]) <= allowed
        high[active[rare]] = middle[rare]
        low[active[~rare]] = middle[~rare]
    return high
