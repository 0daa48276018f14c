"""The slow twin of the delay-adjusted fatality risk: one series, one day, plain loops over the whole grid.

Written to be read beside Nishiura et al. (2009) and the description of cfr 0.2.0; ``fatality`` must agree with it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence


def outcomes_due(day: int, cases: Sequence[float], weights: Sequence[float]) -> float:
    """Cases whose outcome should become known on a day."""
    return sum(cases[day - lag] * weights[lag] for lag in range(day + 1))


def adjusted_risk(
    cases: Sequence[float], deaths: Sequence[float], weights: Sequence[float], poisson_threshold: float
) -> tuple[float, float, float] | None:
    """Static risk of all the days given: ``(estimate, lower, upper)``, or None where it has none."""
    total_cases, total_deaths = sum(cases), sum(deaths)
    outcomes = sum(outcomes_due(day, cases, weights) for day in range(len(cases)))
    if outcomes <= 0 or total_deaths > outcomes or total_deaths > total_cases:
        return None
    rounded = round(outcomes)
    poisson = total_cases >= poisson_threshold and rounded > 0 and total_deaths / rounded < 0.05
    likelihoods: dict[float, float] = {}
    for point in range(1, 10_001 if poisson else 10_000):
        risk = 1e-4 + (point - 1) * 1e-4
        if poisson:
            likelihoods[risk] = total_deaths * math.log(risk) - risk * rounded
        else:
            likelihoods[risk] = total_deaths * math.log(risk) + (outcomes - total_deaths) * math.log1p(-risk)
    best = max(likelihoods.values())
    likely = [risk for risk, value in likelihoods.items() if value >= best - 1.92]
    return next(risk for risk, value in likelihoods.items() if value == best), min(likely), max(likely)
