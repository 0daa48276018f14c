"""The slow twin of the scans: sets of areas, loops over days, one count at a time.

Written to be read against the papers; the fast scan must agree with it and a property test checks that it does.
Sources as in ``zones`` and ``likelihood``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from fangkong.science.epi.serial_interval import FloatArray


def log_likelihood_ratio(observed: float, expected: float, total: float) -> float:
    """How much better a higher risk inside explains the cases than one risk for all; 0 without an excess."""
    if observed <= expected or expected <= 0 or expected >= total:
        return 0.0
    inside = observed * math.log(observed / expected)
    outside = total - observed
    return inside + (outside * math.log(outside / (total - expected)) if outside > 0 else 0.0)


def circles(points: Sequence[tuple[float, float]]) -> set[frozenset[int]]:
    """Every set of areas that a circle around one of them holds."""
    found = set()
    for centre in points:
        for edge in points:
            radius = math.dist(centre, edge)
            found.add(frozenset(i for i, p in enumerate(points) if math.dist(centre, p) <= radius + 1e-9))
    return found


def largest_ratio(
    counts: FloatArray,
    expected: FloatArray,
    zones: Iterable[frozenset[int]],
    windows: Iterable[tuple[int, int]],
    min_cases: int,
) -> float:
    """The largest ratio over zones and runs of days (first and last both included)."""
    total, best = float(counts.sum()), 0.0
    runs = list(windows)
    for zone in zones:
        for first, last in runs:
            seen = sum(counts[area, day] for area in zone for day in range(first, last + 1))
            chance = sum(expected[area, day] for area in zone for day in range(first, last + 1))
            if seen >= min_cases:
                best = max(best, log_likelihood_ratio(seen, chance, total))
    return best
