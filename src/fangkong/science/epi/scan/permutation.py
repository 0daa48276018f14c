"""The space-time permutation scan: where cases cluster in space and time, from cases alone.

What an area and a day can expect is its share of all cases times the day's: a district that always has many cases, or a
city that counts few on Sundays, is no cluster. Only where *and* when together tell one. The days of the cases are
exchanged at random to see how striking the best cluster is by chance.

Source: Kulldorff, Heffernan, Hartman, Assuncao, Mostashari (2005), "A space-time permutation scan statistic for disease
outbreak detection", PLoS Med 2(3):e59. Written from the paper.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import random_table

from fangkong.science.epi.estimates import ONE_DAY, Refusal
from fangkong.science.epi.scan.clusters import Scan
from fangkong.science.epi.scan.likelihood import day_windows
from fangkong.science.epi.scan.settings import Places, checked_numbers, judged, usable_counts
from fangkong.science.epi.serial_interval import FloatArray


def space_time_permutation_scan(
    cases: ArrayLike,
    coordinates: ArrayLike | None = None,
    *,
    neighbours: Sequence[Sequence[int]] | None = None,
    geographic: bool = False,
    max_zone_share: float = 0.5,
    max_radius: float = float("inf"),
    min_days: int = 1,
    max_days: int | None = None,
    prospective: bool = True,
    min_cases: int = 2,
    replicates: int = 999,
    gumbel: bool = False,
    max_clusters: int = 10,
    seed: int = 0,
) -> Scan | Refusal:
    """The clusters of cases in space and time that neither places nor days alone explain.

    Arguments:
        cases: counts, shape ``[area, day]``, whole numbers.
        coordinates: shape ``[area, 2]``: x and y in any unit, or, with ``geographic``, longitude and latitude in
            degrees (distances are then km). Not needed with ``neighbours``.
        neighbours: instead of circles, one list of areas per centre, itself first, in the order in which a zone grows.
        max_zone_share: largest share of all cases in a zone, above 0 and up to 1.
        max_radius: largest radius of a circle.
        min_days, max_days: shortest and longest cluster; by default up to half of the days.
        prospective: only clusters that reach the last day; else any time (a look back).
        min_cases: fewest cases of a cluster.
        replicates: simulated data sets; 999 lets the p-value reach 0.001. 0 gives none.
        gumbel: whether to state the p-value of the fitted Gumbel law too.
        max_clusters: how many clusters at most; those after the first share no area with an earlier one, and their
            p-values are conservative.
        seed: of the simulation; the same seed gives the same answer.

    Returns:
        The scan, or a refusal: ``no_cases``, ``one_area``, ``one_day``, ``too_few_cases``, ``too_many_cases``,
        ``missing_counts``, ``invalid_counts``, ``coordinates_missing``, ``no_zone``.

    Raises:
        ValueError: settings outside their ranges, coordinates or neighbour lists that do not fit the areas.

    >>> cases = np.random.default_rng(3).poisson(1.0, (9, 20))
    >>> cases[4, -2:] += 6
    >>> grid = [(x, y) for y in range(3) for x in range(3)]
    >>> found = space_time_permutation_scan(cases, grid, max_days=5, replicates=99)
    >>> best = found.most_likely
    >>> best.areas, best.first_day, best.last_day, best.p_value, round(best.recurrence_days)
    ((4,), 18, 19, 0.01, 100)
    """
    checked_numbers(min_days, max_days, min_cases, replicates)
    places = Places(coordinates, neighbours, geographic, max_zone_share, max_radius)
    counts = usable_counts(cases, min_cases)
    if isinstance(counts, Refusal):
        return counts
    days = counts.shape[1]
    if days < 2:
        return Refusal(ONE_DAY)
    by_area, by_day = counts.sum(axis=1), counts.sum(axis=0)
    zones = places.zones(by_area)
    if isinstance(zones, Refusal):
        return zones
    random = np.random.default_rng(seed)
    table = random_table(by_area.astype(np.int64), by_day.astype(np.int64))

    def drawn(amount: int) -> FloatArray:
        return np.asarray(table.rvs(amount, random_state=random), dtype=np.float64)

    return judged(
        counts,
        np.outer(by_area, by_day) / counts.sum(),
        zones,
        day_windows(days, min_days, max_days or max(1, days // 2), prospective),
        drawn,
        min_cases=min_cases,
        replicates=replicates,
        gumbel=gumbel,
        max_clusters=max_clusters,
        model="space_time_permutation",
        prospective=prospective,
        seed=seed,
    )
