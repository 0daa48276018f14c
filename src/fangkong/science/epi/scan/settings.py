"""What both scans ask of their cases, their places and their settings, and what they share in judging a cluster."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from fangkong.science.epi.estimates import (
    COORDINATES_MISSING,
    INVALID_COUNTS,
    MISSING_COUNTS,
    NO_CASES,
    NO_ZONE,
    ONE_AREA,
    TOO_FEW_CASES,
    TOO_MANY_CASES,
    Refusal,
)
from fangkong.science.epi.scan.clusters import (
    SAME_STATISTIC,
    Cluster,
    Scan,
    gumbel_p_value,
    monte_carlo_p_value,
)
from fangkong.science.epi.scan.likelihood import LikelihoodRatios, Windows
from fangkong.science.epi.scan.zones import Zones, circular_zones, distances, neighbour_zones
from fangkong.science.epi.serial_interval import FloatArray

# A table of one number per possible count is kept; a district's days never come near this.
LARGEST_TOTAL = 10_000_000
# Simulated data sets handled at once.
_VALUES_AT_ONCE = 4_000_000

Drawn = Callable[[int], FloatArray]


@dataclass(frozen=True, slots=True)
class Places:
    """Where the areas are and how large a zone may be; see the public functions."""

    coordinates: ArrayLike | None
    neighbours: Sequence[Sequence[int]] | None
    geographic: bool
    max_zone_share: float
    max_radius: float

    def __post_init__(self) -> None:
        if not 0 < self.max_zone_share <= 1:
            raise ValueError(f"max_zone_share is {self.max_zone_share}; it lies above 0 and up to 1")
        if not self.max_radius > 0:
            raise ValueError(f"max_radius is {self.max_radius}; it must be above 0")

    def zones(self, weight: FloatArray) -> Zones | Refusal:
        """The zones over areas of some weight, or why there are none."""
        areas = weight.size
        if self.neighbours is not None:
            zones = neighbour_zones(self.neighbours, weight, self.max_zone_share)
        else:
            if self.coordinates is None:
                return Refusal(COORDINATES_MISSING, {"areas": areas})
            points = np.asarray(self.coordinates, dtype=np.float64)
            if points.shape != (areas, 2):
                raise ValueError(f"coordinates have shape {points.shape}; give two for each of {areas} areas")
            lacking = int((~np.isfinite(points).all(axis=1)).sum())
            if lacking:
                return Refusal(COORDINATES_MISSING, {"areas": lacking})
            if self.geographic and ((abs(points[:, 0]) > 360).any() or (abs(points[:, 1]) > 90).any()):
                raise ValueError("coordinates are not longitude (first) and latitude in degrees")
            # Scaled before they are squared, so that no coordinates are too large.
            scale = 1.0 if self.geographic else float(np.abs(points).max(initial=0.0)) or 1.0
            apart = distances(points / scale, self.geographic)
            zones = circular_zones(apart, weight, self.max_zone_share, self.max_radius / scale)
            zones = Zones(zones.member, zones.centre, zones.radius * scale)
        if not zones.centre.size:
            return Refusal(NO_ZONE, {"max_zone_share": self.max_zone_share})
        return zones


def usable_counts(cases: ArrayLike, min_cases: int) -> FloatArray | Refusal:
    """The counts as ``[area, day]``, or why they cannot be scanned.

    Arguments:
        cases: shape ``[area]`` or ``[area, day]``. min_cases: fewest cases of a cluster.

    Raises:
        ValueError: for another number of dimensions.
    """
    counts = np.asarray(cases, dtype=np.float64)
    if counts.ndim not in (1, 2):
        raise ValueError(f"cases have shape {counts.shape}; give [area] or [area, day]")
    counts = counts[:, None] if counts.ndim == 1 else counts
    missing = int(np.isnan(counts).sum())
    if missing:
        return Refusal(MISSING_COUNTS, {"cells": missing})
    wrong = int((np.isinf(counts) | (counts < 0) | (counts != np.floor(counts))).sum())
    if wrong:
        return Refusal(INVALID_COUNTS, {"cells": wrong})
    # Compared one by one first: the sum of huge counts may not be a number any more.
    if counts.size and (counts.max() > LARGEST_TOTAL or counts.sum() > LARGEST_TOTAL):
        return Refusal(TOO_MANY_CASES, {"maximum_cases": LARGEST_TOTAL})
    total = int(counts.sum())
    if total == 0:
        return Refusal(NO_CASES)
    if counts.shape[0] < 2:
        return Refusal(ONE_AREA)
    if total < max(min_cases, 2):
        return Refusal(TOO_FEW_CASES, {"cases": total, "minimum_cases": max(min_cases, 2)})
    return counts


def checked_numbers(min_days: int, max_days: int | None, min_cases: int, replicates: int) -> None:
    """Raise a ValueError for settings outside their ranges."""
    if min_days < 1 or (max_days is not None and max_days < min_days):
        raise ValueError(f"min_days is {min_days} and max_days {max_days}; 1 <= min_days <= max_days")
    if min_cases < 1 or replicates < 0:
        raise ValueError("min_cases is at least 1 and replicates at least 0")


def judged(
    counts: FloatArray,
    expected: FloatArray,
    zones: Zones,
    windows: Windows,
    drawn: Drawn,
    *,
    min_cases: int,
    replicates: int,
    gumbel: bool,
    max_clusters: int,
    model: str,
    prospective: bool,
    seed: int,
) -> Scan:
    """The clusters of a table, each with its chance.

    Arguments:
        counts, expected: shape ``[area, day]``, of the same sum.
        zones, windows: what to look at.
        drawn: gives so many simulated tables, shape ``[table, area, day]``.
        min_cases, replicates, gumbel, max_clusters, model, prospective, seed: as for the public functions.
    """
    total = int(counts.sum())
    ratios = LikelihoodRatios(zones.member, windows, expected, total, min_cases)
    simulated = np.zeros(replicates)
    at_once = max(1, _VALUES_AT_ONCE // counts.size)
    for start in range(0, replicates, at_once):
        amount = min(at_once, replicates - start)
        simulated[start : start + amount] = ratios.largest(drawn(amount))
    ratio, inside = ratios.of_table(counts)
    clusters: list[Cluster] = []
    free = np.ones(zones.centre.size, dtype=bool)
    while len(clusters) < max_clusters and free.any():
        zone, window = _best(np.where(free[:, None], ratio, 0.0), zones, windows)
        statistic = float(ratio[zone, window])
        p_value = monte_carlo_p_value(statistic, simulated)
        # A cluster less striking than the best of every simulated data set says nothing.
        if statistic <= 0 or (replicates and p_value >= 1 and clusters):
            break
        seen, chance = int(inside[zone, window]), float(ratios.expected[zone, window])
        outside = (total - seen) / (total - chance)
        clusters.append(
            Cluster(
                areas=tuple(int(area) for area in np.flatnonzero(zones.member[zone])),
                centre=int(zones.centre[zone]),
                radius=float(zones.radius[zone]),
                first_day=int(windows.first[window]),
                last_day=int(windows.last[window]),
                observed=seen,
                expected=chance,
                relative_risk=seen / chance / outside if outside > 0 else float("inf"),
                log_likelihood_ratio=statistic,
                p_value=p_value,
                gumbel_p_value=gumbel_p_value(statistic, simulated) if gumbel else float("nan"),
                recurrence_days=1 / p_value if prospective else float("nan"),
            )
        )
        free &= ~(zones.member & zones.member[zone]).any(axis=1)
    return Scan(
        clusters=tuple(clusters),
        cases=total,
        zones=zones.centre.size,
        windows=windows.first.size,
        simulated=simulated,
        model=model,
        prospective=prospective,
        seed=seed,
    )


def _best(ratio: FloatArray, zones: Zones, windows: Windows) -> tuple[int, int]:
    """The zone and window of the largest ratio; of equal ones the fewest areas, then the fewest days."""
    largest = ratio.max()
    zone, window = np.nonzero(ratio >= largest - SAME_STATISTIC * max(1.0, largest))
    days = windows.last[window] - windows.first[window]
    chosen = np.lexsort((windows.first[window], days, zones.member[zone].sum(axis=1)))[0]
    return int(zone[chosen]), int(window[chosen])
