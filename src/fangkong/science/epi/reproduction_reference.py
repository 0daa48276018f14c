"""The slow twin of the reproduction kernel: one series, one window, plain loops.

Written to be read against the paper, formula by formula; ``reproduction`` must agree with it and a property
test checks that it does. Source: Cori et al. (2013), Am J Epidemiol 178(9):1505-1512; imported cases as in
Thompson et al. (2019), Epidemics 29:100356.
"""

from __future__ import annotations

from collections.abc import Sequence

from scipy.stats import gamma


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
    days = len(cases)
    mean_interval = sum(lag * weights[lag] for lag in range(min(days, len(weights))))
    if end_day + 1 <= mean_interval:
        return None
    prior_shape = (prior_mean / prior_sd) ** 2
    prior_scale = prior_sd**2 / prior_mean
    window = range(start_day, end_day + 1)
    shape = prior_shape + sum(cases[day] - imported[day] for day in window)
    rate = 1 / prior_scale + sum(infectivity_on(day, cases, weights) for day in window)
    posterior = gamma(a=shape, scale=1 / rate)
    return (
        float(posterior.mean()),
        float(posterior.std()),
        [float(posterior.ppf(level)) for level in quantile_levels],
    )
