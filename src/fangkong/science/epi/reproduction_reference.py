"""The slow twins of the reproduction kernels: one series, one window, plain loops.

Written to be read against the papers, formula by formula; ``reproduction_posterior`` must agree with it and a
property test checks that it does. Source: Cori et al. (2013), Am J Epidemiol 178(9):1505-1512; imported cases as in
Thompson et al. (2019), Epidemics 29:100356.
"""

from __future__ import annotations

from collections.abc import Sequence

from scipy.optimize import brentq
from scipy.special import gammainc, gammaincinv


def infectivity_on(day: int, cases: Sequence[float], weights: Sequence[float]) -> float:
    """Total infectivity on a day: past cases, each weighted by its chance to infect after that many days."""
    return sum(cases[day - lag] * weights[lag] for lag in range(1, day + 1) if lag < len(weights))


def reproduction_in_window(
    cases: Sequence[float],
    imported: Sequence[float],
    weights: Sequence[float],
    start_day: int,
    end_day: int,
    prior_mean: float,
    prior_sd: float,
    quantile_levels: Sequence[float],
) -> tuple[float, float, list[float]] | None:
    """Posterior mean, sd and quantiles of R in one window, or None where the window ends too early.

    Arguments:
        cases, imported: all cases and the imported ones among them, by day from day 0, none missing.
        weights: serial-interval probability of lag 0, 1, 2 ... days.
        start_day, end_day: 0-based, both included, ``1 <= start_day <= end_day``.
        prior_mean, prior_sd: of the gamma prior of R.
        quantile_levels: probabilities between 0 and 1.

    Returns:
        ``(mean, sd, quantiles)``, or None where ``end_day + 1`` is not above the mean serial interval.
    """
    mean_interval = sum(lag * weight for lag, weight in enumerate(weights))
    if end_day + 1 <= mean_interval:
        return None
    prior_shape = (prior_mean / prior_sd) ** 2
    prior_scale = prior_sd**2 / prior_mean
    window = range(start_day, end_day + 1)
    shape = prior_shape + sum(cases[day] - imported[day] for day in window)
    rate = 1 / prior_scale + sum(infectivity_on(day, cases, weights) for day in window)
    return (
        shape / rate,
        shape**0.5 / rate,
        [float(gammaincinv(shape, level)) / rate for level in quantile_levels],
    )


def pooled_quantile(shape: float, scales: Sequence[float], level: float) -> float:
    """Where the equal mixture of gammas of one shape and these scales reaches a level, by bisection.

    Arguments:
        shape, scales: above 0; one component a scale.
        level: strictly between 0 and 1.
    """
    single = [float(gammaincinv(shape, level)) * scale for scale in scales]
    if min(single) == max(single):
        return single[0]

    def excess(value: float) -> float:
        return sum(float(gammainc(shape, value / scale)) for scale in scales) / len(scales) - level

    return float(brentq(excess, min(single), max(single), xtol=1e-14, rtol=1e-14))


def infected_per_case(
    cases: Sequence[float], weights: Sequence[float], start_day: int, end_day: int
) -> tuple[float, float] | None:
    """Mean and sd of how many people each case of a window infected (Wallinga-Teunis), None without cases.

    Source: Wallinga and Teunis (2004), Am J Epidemiol 160(6):509-516, equations 1 to 3. A case of day i was
    infected by someone of the window with some chance q; the infected are as many independent trials as cases.
    """
    number = sum(cases[start_day : end_day + 1])
    if number == 0:
        return None
    mean = variance = 0.0
    for day in range(len(cases)):
        everybody = infectivity_on(day, cases, weights)
        if everybody == 0:
            continue
        window = [j for j in range(start_day, end_day + 1) if 0 < day - j < len(weights)]
        chance = sum(cases[j] * weights[day - j] for j in window) / everybody
        mean += cases[day] * chance
        variance += cases[day] * chance * (1 - chance)
    return mean / number, max(0.0, variance) ** 0.5 / number
