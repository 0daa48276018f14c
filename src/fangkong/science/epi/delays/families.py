"""The three families of delays: gamma, lognormal and Weibull, with all that censoring asks of them.

A primary event that is uniform over a window turns the distribution function F into differences of its integral,
and that integral is known in closed form for each family through the partial mean: the integral of F from 0 to x is
x F(x) - m(x), where m(x) is the mean of the part below x. Differences of small numbers lose digits in the upper
tail, so the same is kept for the survival function.

Source of the identities: Park et al. (2024), medRxiv 2024.01.12.24301247, and the R package primarycensored (MIT);
derived here from the partial means.

Shapes: every function takes days and parameters that broadcast, and works on days at or below 0 (no delay is
shorter than 0).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import gammainc, gammaincc, gammaincinv, gammaln, ndtr, ndtri, xlogy

from fangkong.science.epi.serial_interval import FloatArray

Function = Callable[[FloatArray, FloatArray, FloatArray], FloatArray]


@dataclass(frozen=True, slots=True)
class Family:
    """One family of delays with two parameters.

    Attributes:
        name: "gamma", "lognormal" or "weibull".
        parameter_names: as in R; "shape" and "scale" are above 0, "meanlog" is any number, "sdlog" above 0.
        logged: which of the two parameters a search moves on the log scale.
        cdf, survival, density: of ``(days, first, second)``, days above 0.
        mean_below, mean_above: mean of the part of the delays below and above so many days; they add up to the mean.
        inverse: days by probability.
        moments: ``(mean, sd)`` of ``(first, second)``.
        from_moments: ``(first, second)`` whose mean and sd come near to those given, to start a search.
    """

    name: str
    parameter_names: tuple[str, str]
    logged: tuple[bool, bool]
    cdf: Function
    survival: Function
    density: Function
    mean_below: Function
    mean_above: Function
    inverse: Function
    moments: Callable[[FloatArray, FloatArray], tuple[FloatArray, FloatArray]]
    from_moments: Callable[[float, float], tuple[float, float]]

    def integral_of_cdf(self, days: FloatArray, first: FloatArray, second: FloatArray) -> FloatArray:
        """The integral of the distribution function from 0 to ``days``; 0 below."""
        positive = np.maximum(days, _TINY)
        value = positive * self.cdf(positive, first, second) - self.mean_below(positive, first, second)
        return np.asarray(np.where(days > 0, np.maximum(value, 0.0), 0.0))

    def integral_of_survival(self, days: FloatArray, first: FloatArray, second: FloatArray) -> FloatArray:
        """The integral of the survival function from ``days`` to infinity; at and below 0 the mean less the days."""
        positive = np.maximum(days, _TINY)
        value = self.mean_above(positive, first, second) - positive * self.survival(positive, first, second)
        mean = self.moments(first, second)[0]
        return np.asarray(np.where(days > 0, np.maximum(value, 0.0), mean - days))

    def probability_by(self, days: FloatArray, first: FloatArray, second: FloatArray) -> FloatArray:
        """The distribution function on all days, 0 at and below day 0."""
        return np.asarray(np.where(days > 0, self.cdf(np.maximum(days, _TINY), first, second), 0.0))

    def probability_after(self, days: FloatArray, first: FloatArray, second: FloatArray) -> FloatArray:
        """The survival function on all days, 1 at and below day 0."""
        return np.asarray(np.where(days > 0, self.survival(np.maximum(days, _TINY), first, second), 1.0))

    def density_at(self, days: FloatArray, first: FloatArray, second: FloatArray) -> FloatArray:
        """The density on all days, 0 below day 0; at day 0 its limit, which may be infinite."""
        with np.errstate(divide="ignore", over="ignore"):
            at = self.density(np.maximum(days, 0.0), first, second)
        return np.asarray(np.where(days < 0, 0.0, at))


# Days at or below 0 are cut here before a logarithm is taken; the result is not used.
_TINY = 1e-300


def _gamma_density(x: FloatArray, shape: FloatArray, scale: FloatArray) -> FloatArray:
    return np.asarray(np.exp(xlogy(shape - 1, x / scale) - x / scale - gammaln(shape)) / scale)


def _gamma_from_moments(mean: float, sd: float) -> tuple[float, float]:
    return (mean / sd) ** 2, sd**2 / mean


GAMMA = Family(
    name="gamma",
    parameter_names=("shape", "scale"),
    logged=(True, True),
    cdf=lambda x, k, s: np.asarray(gammainc(k, x / s)),
    survival=lambda x, k, s: np.asarray(gammaincc(k, x / s)),
    density=_gamma_density,
    mean_below=lambda x, k, s: np.asarray(k * s * gammainc(k + 1, x / s)),
    mean_above=lambda x, k, s: np.asarray(k * s * gammaincc(k + 1, x / s)),
    inverse=lambda p, k, s: np.asarray(s * gammaincinv(k, p)),
    moments=lambda k, s: (k * s, np.sqrt(k) * s),
    from_moments=_gamma_from_moments,
)


def _lognormal_density(x: FloatArray, mu: FloatArray, sigma: FloatArray) -> FloatArray:
    positive = np.maximum(x, _TINY)
    z = (np.log(positive) - mu) / sigma
    # Towards day 0 the density of a lognormal falls to 0 faster than any power.
    value = np.exp(-0.5 * z * z - np.log(positive)) / (sigma * np.sqrt(2 * np.pi))
    return np.asarray(np.where(x > 0, value, 0.0))


def _lognormal_moments(mu: FloatArray, sigma: FloatArray) -> tuple[FloatArray, FloatArray]:
    mean = np.exp(mu + sigma**2 / 2)
    return np.asarray(mean), np.asarray(mean * np.sqrt(np.expm1(sigma**2)))


def _lognormal_from_moments(mean: float, sd: float) -> tuple[float, float]:
    variance = float(np.log1p((sd / mean) ** 2))
    return float(np.log(mean)) - variance / 2, variance**0.5


LOGNORMAL = Family(
    name="lognormal",
    parameter_names=("meanlog", "sdlog"),
    logged=(False, True),
    cdf=lambda x, m, s: np.asarray(ndtr((np.log(x) - m) / s)),
    survival=lambda x, m, s: np.asarray(ndtr(-(np.log(x) - m) / s)),
    density=_lognormal_density,
    mean_below=lambda x, m, s: np.asarray(np.exp(m + s**2 / 2) * ndtr((np.log(x) - m - s**2) / s)),
    mean_above=lambda x, m, s: np.asarray(np.exp(m + s**2 / 2) * ndtr(-(np.log(x) - m - s**2) / s)),
    inverse=lambda p, m, s: np.asarray(np.exp(m + s * ndtri(p))),
    moments=_lognormal_moments,
    from_moments=_lognormal_from_moments,
)


def _weibull_power(x: FloatArray, shape: FloatArray, scale: FloatArray) -> FloatArray:
    with np.errstate(over="ignore"):
        return np.asarray((x / scale) ** shape)


def _weibull_density(x: FloatArray, shape: FloatArray, scale: FloatArray) -> FloatArray:
    with np.errstate(over="ignore"):
        exponent = xlogy(shape - 1, x / scale) - _weibull_power(x, shape, scale)
    return np.asarray(np.exp(exponent) * shape / scale)


def _weibull_mean(shape: FloatArray, scale: FloatArray) -> FloatArray:
    with np.errstate(over="ignore"):
        return np.asarray(scale * np.exp(gammaln(1 + 1 / shape)))


def _weibull_moments(shape: FloatArray, scale: FloatArray) -> tuple[FloatArray, FloatArray]:
    mean = _weibull_mean(shape, scale)
    with np.errstate(over="ignore"):
        ratio = np.expm1(gammaln(1 + 2 / shape) - 2 * gammaln(1 + 1 / shape))
    return mean, np.asarray(mean * np.sqrt(np.maximum(ratio, 0.0)))


def _weibull_from_moments(mean: float, sd: float) -> tuple[float, float]:
    shape = (sd / mean) ** -1.086  # Justus et al. (1978), J Appl Meteorol 17(3):350-353, equation 20
    return shape, mean / float(np.exp(gammaln(1 + 1 / shape)))


WEIBULL = Family(
    name="weibull",
    parameter_names=("shape", "scale"),
    logged=(True, True),
    cdf=lambda x, k, s: np.asarray(-np.expm1(-_weibull_power(x, k, s))),
    survival=lambda x, k, s: np.asarray(np.exp(-_weibull_power(x, k, s))),
    density=_weibull_density,
    mean_below=lambda x, k, s: np.asarray(_weibull_mean(k, s) * gammainc(1 + 1 / k, _weibull_power(x, k, s))),
    mean_above=lambda x, k, s: np.asarray(
        _weibull_mean(k, s) * gammaincc(1 + 1 / k, _weibull_power(x, k, s))
    ),
    inverse=lambda p, k, s: np.asarray(s * (-np.log1p(-p)) ** (1 / k)),
    moments=_weibull_moments,
    from_moments=_weibull_from_moments,
)

FAMILIES: dict[str, Family] = {family.name: family for family in (GAMMA, LOGNORMAL, WEIBULL)}
