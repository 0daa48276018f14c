"""The Poisson scan: where, or where and when, there are more cases than the population or a forecast explains.

Given the number of all cases, each falls into an area and day with a chance in proportion to what is expected there.

Source: Kulldorff (1997), "A spatial scan statistic", Commun Stat Theory Methods 26(6):1481-1496; Kulldorff (2001),
"Prospective time periodic geographical disease surveillance using a scan statistic", J R Stat Soc A 164(1):61-72.
Written from the papers.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from fangkong.science.epi.estimates import CASES_WITHOUT_POPULATION, INVALID_POPULATION, Refusal
from fangkong.science.epi.scan.clusters import Scan
from fangkong.science.epi.scan.likelihood import Windows, day_windows
from fangkong.science.epi.scan.settings import Places, checked_numbers, judged, usable_counts
from fangkong.science.epi.serial_interval import FloatArray


def poisson_scan(
    cases: ArrayLike,
    coordinates: ArrayLike | None = None,
    *,
    population: ArrayLike | None = None,
    expected: ArrayLike | None = None,
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
    """The clusters with more cases than their population, or a given expectation, explains.

    Arguments:
        cases: counts, shape ``[area]`` for clusters in space alone, or ``[area, day]`` for clusters in space and time,
            whole numbers.
        population: people, shape ``[area]`` or that of the cases; expected: cases expected, in the same shapes, on any
            scale (they are brought to the number of cases). One of the two. What has no day holds for every day.
        max_zone_share: largest share of the population (or expected cases) in a zone, above 0 and up to 1.
        the others: as for ``space_time_permutation_scan``; those of days play no part for clusters in space alone,
            which count as a look back.

    Returns:
        The scan, or a refusal as there, and: ``invalid_population`` (negative, missing, infinite, or none at all),
        ``cases_without_population`` (cases where none are expected).

    Raises:
        ValueError: as there, and neither or both of ``population`` and ``expected``, or one that does not fit.

    >>> found = poisson_scan([12, 3, 2, 4], [(0, 0), (0, 1), (5, 5), (5, 6)], population=[100, 100, 100, 100])
    >>> best = found.most_likely
    >>> best.areas, best.observed, best.expected, round(best.relative_risk, 1), round(best.log_likelihood_ratio, 3)
    ((0,), 12, 5.25, 4.0, 4.884)
    """
    checked_numbers(min_days, max_days, min_cases, replicates)
    places = Places(coordinates, neighbours, geographic, max_zone_share, max_radius)
    if (population is None) == (expected is None):
        raise ValueError("give either population or expected")
    counts = usable_counts(cases, min_cases)
    if isinstance(counts, Refusal):
        return counts
    share = _share(population if expected is None else expected, counts)
    if isinstance(share, Refusal):
        return share
    zones = places.zones(share.sum(axis=1))
    if isinstance(zones, Refusal):
        return zones
    total, days = int(counts.sum()), counts.shape[1]
    in_time = np.ndim(cases) == 2
    if in_time:
        windows = day_windows(days, min_days, max_days or max(1, days // 2), prospective)
    else:
        windows = Windows(np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64))
    random = np.random.default_rng(seed)
    chances = (share / share.sum()).ravel()

    def drawn(amount: int) -> FloatArray:
        tables = random.multinomial(total, chances, size=amount)
        return np.asarray(tables, dtype=np.float64).reshape(amount, *counts.shape)

    return judged(
        counts,
        share * total,
        zones,
        windows,
        drawn,
        min_cases=min_cases,
        replicates=replicates,
        gumbel=gumbel,
        max_clusters=max_clusters,
        model="poisson",
        prospective=prospective and in_time,
        seed=seed,
    )


def _share(given: ArrayLike | None, counts: FloatArray) -> FloatArray | Refusal:
    """The chance of a case to fall into each cell, shape of the counts, summing to 1."""
    weight = np.asarray(given, dtype=np.float64)
    if weight.ndim == 1:
        weight = weight[:, None]
    if weight.shape not in (counts.shape, (counts.shape[0], 1)):
        raise ValueError(f"population or expected has shape {weight.shape}; the cases {counts.shape}")
    wrong = ~np.isfinite(weight) | (weight < 0)
    if wrong.any() or not weight.max(initial=0.0) > 0:
        return Refusal(INVALID_POPULATION, {"areas": int(wrong.any(axis=1).sum())})
    weight = np.broadcast_to(weight / weight.max(), counts.shape)
    alone = (counts > 0) & (weight == 0)
    if alone.any():
        return Refusal(CASES_WITHOUT_POPULATION, {"areas": int(alone.any(axis=1).sum())})
    return np.asarray(weight / weight.sum())
