"""What a scan hands back: the clusters, most unlikely first, and how they were judged."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from fangkong.science.epi.serial_interval import FloatArray

# Two statistics that differ by rounding alone are one.
SAME_STATISTIC = 1e-9


@dataclass(frozen=True, slots=True)
class Cluster:
    """A set of areas and a run of days with more cases than chance explains.

    Attributes:
        areas: positions of the areas, ascending.
        centre: the area in the middle of the circle; radius: of the circle, in the unit of the coordinates or km; NaN
            where neighbour lists were given.
        first_day, last_day: 0-based, both within the cluster.
        observed, expected: cases in it, and cases that chance would put there.
        relative_risk: observed over expected inside, divided by the same outside; infinite where no case lies outside.
        log_likelihood_ratio: how much better a cluster there explains the cases than none.
        p_value: share of the data sets without any cluster whose best one is at least as striking.
        gumbel_p_value: the same from a Gumbel law fitted to those data sets; NaN unless asked for. It tells apart what
            is too rare for the number of data sets.
        recurrence_days: days of daily looking until one so striking appears by chance; NaN for a look back.
    """

    areas: tuple[int, ...]
    centre: int
    radius: float
    first_day: int
    last_day: int
    observed: int
    expected: float
    relative_risk: float
    log_likelihood_ratio: float
    p_value: float
    gumbel_p_value: float
    recurrence_days: float


@dataclass(frozen=True, slots=True)
class Scan:
    """The clusters of one scan.

    Attributes:
        clusters: most unlikely first; no two share an area. Empty where nowhere were more cases than expected.
        cases: all cases.
        zones, windows: how many sets of areas and runs of days were looked at.
        simulated: largest log likelihood ratio of each simulated data set, shape ``[replicate]``.
        model: "space_time_permutation" or "poisson".
        prospective: whether only clusters that reach the last day were sought.
        seed: of the simulation.
    """

    clusters: tuple[Cluster, ...]
    cases: int
    zones: int
    windows: int
    simulated: FloatArray
    model: str
    prospective: bool
    seed: int

    @property
    def most_likely(self) -> Cluster | None:
        """The most striking cluster, None where there is none."""
        return self.clusters[0] if self.clusters else None


def monte_carlo_p_value(statistic: float, simulated: FloatArray) -> float:
    """Rank of a statistic among the simulated ones: never below 1 in (replicates + 1); NaN without replicates.

    >>> monte_carlo_p_value(5.0, np.array([1.0, 6.0, 2.0]))
    0.5
    """
    if simulated.size == 0:
        return math.nan
    as_large = int((simulated >= statistic - SAME_STATISTIC * max(1.0, abs(statistic))).sum())
    return (1 + as_large) / (1 + simulated.size)


def gumbel_p_value(statistic: float, simulated: FloatArray) -> float:
    """Tail of the Gumbel law that has the mean and spread of the simulated statistics; NaN where they do not vary.

    Source: Abrams, Kleinman, Kulldorff (2010), "Gumbel based p-value approximations for spatial scan statistics", Int J
    Health Geogr 9:61.

    >>> simulated = np.random.default_rng(1).gumbel(4.0, 1.0, 5000)
    >>> round(gumbel_p_value(11.0, simulated), 4)
    0.0009
    """
    if simulated.size < 2 or not simulated.std() > 0:
        return math.nan
    scale = float(simulated.std(ddof=1)) * math.sqrt(6) / math.pi
    place = float(simulated.mean()) - np.euler_gamma * scale
    # 1 - exp(-exp(-z)), exact for the tiny tails it is asked for.
    return -math.expm1(-math.exp(min((place - statistic) / scale, 700.0)))
