"""The likelihood ratio of every zone and run of days, for the cases and for many simulated data sets at once.

Counts are summed over days once (prefix sums), over the areas of all zones by one matrix product, and a run of days is
the difference of two columns. What a zone and run can expect is the same in every data set, because all hold the same
number of cases; so the ratio of a count c among C is ``g[c] - a c + b`` with a table g for all and two numbers a, b for
each zone and run.

Source: Kulldorff (1997), Commun Stat Theory Methods 26(6):1481-1496, Poisson model; Kulldorff, Heffernan, Hartman,
Assuncao, Mostashari (2005), "A space-time permutation scan statistic for disease outbreak detection", PLoS Med 2(3):e59
(the same ratio on what the permutation expects).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy

from fangkong.science.epi.serial_interval import FloatArray

IntArray = NDArray[np.int64]

# Cells handled at once: what one pass touches stays small.
_CELLS_AT_ONCE = 1_500_000
# Up to here single precision holds every whole number, and products run twice as fast.
_LARGEST_SINGLE = 2**24


@dataclass(frozen=True, slots=True)
class Windows:
    """Runs of days: ``first`` and ``last`` day of each, both included, shape ``[window]``."""

    first: IntArray
    last: IntArray


def day_windows(days: int, min_days: int, max_days: int, prospective: bool) -> Windows:
    """Every run of ``min_days`` to ``max_days`` days, only those that reach the last day if ``prospective``.

    >>> day_windows(4, 1, 2, True).first.tolist(), day_windows(4, 1, 2, False).last.tolist()
    ([3, 2], [0, 1, 2, 3, 1, 2, 3])
    """
    lengths = range(min_days, min(max_days, days) + 1)
    last = [np.arange(days - 1 if prospective else length - 1, days) for length in lengths]
    first = [end - length + 1 for length, end in zip(lengths, last, strict=True)]
    empty = np.zeros(0, dtype=np.int64)
    return Windows(np.concatenate([empty, *first]), np.concatenate([empty, *last]))


class LikelihoodRatios:
    """The ratios of every zone and window for tables that share the number of cases and what is expected."""

    def __init__(
        self, member: NDArray[np.bool_], windows: Windows, expected: FloatArray, cases: int, min_cases: int
    ) -> None:
        """Prepare.

        Arguments:
            member: zones, shape ``[zone, area]``.
            windows: runs of days.
            expected: expected cases, shape ``[area, day]``, summing to ``cases``.
            cases: all cases; min_cases: fewest cases of a cluster.
        """
        # Every window is the difference of the sums up to two days; only those days are kept.
        self._edges, place = np.unique(np.r_[windows.first, windows.last + 1], return_inverse=True)
        self._low, self._high = place[: windows.first.size], place[windows.first.size :]
        self._kind: type[Any] = np.float32 if cases < _LARGEST_SINGLE else np.float64
        self._member: NDArray[Any] = member.astype(self._kind)
        self.cases, self._min_cases = cases, min_cases
        counts = np.arange(cases + 1, dtype=np.float64)
        self._table = xlogy(counts, counts) + xlogy(cases - counts, cases - counts)
        sums = member.astype(np.float64) @ self._sums(expected[None])[:, 0]
        self.expected = sums[:, self._high] - sums[:, self._low]
        rest = cases - self.expected
        with np.errstate(divide="ignore", invalid="ignore"):
            self._slope = np.log(self.expected) - np.log(rest)
            self._constant = -cases * np.log(rest)
        # Nothing expected inside or outside: no cluster can be told from none.
        hopeless = ~(np.isfinite(self._slope) & np.isfinite(self._constant))
        self._slope[hopeless], self._constant[hopeless] = 0.0, -np.inf
        self._fewest = np.maximum(np.floor(self.expected * (1 + 1e-12)) + 1, min_cases)

    def _sums(self, tables: FloatArray) -> FloatArray:
        """Sums over the days before each edge, shape ``[area, table, edge]`` from ``[table, area, day]``."""
        running = np.zeros((*tables.shape[:2], tables.shape[2] + 1))
        np.cumsum(tables, axis=2, out=running[..., 1:])
        return np.ascontiguousarray(running[..., self._edges].transpose(1, 0, 2))

    def of_table(self, table: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Ratio and cases of every zone and window, shapes ``[zone, window]``, for one table ``[area, day]``."""
        sums = self._member @ self._sums(table[None])[:, 0].astype(self._kind)
        counts = (sums[:, self._high] - sums[:, self._low]).astype(np.int64)
        return self._ratio(counts, self._slope, self._constant, self._fewest), counts.astype(np.float64)

    def largest(self, tables: FloatArray) -> FloatArray:
        """The largest ratio of each table, shape ``[table]``, at least 0.

        Arguments:
            tables: counts, shape ``[table, area, day]``, each summing to the number of cases.
        """
        amount, edges = tables.shape[0], self._edges.size
        best = np.zeros(amount)
        sums = self._sums(tables).astype(self._kind).reshape(tables.shape[1], amount * edges)
        # Zones and windows are split so that one block of both stays small.
        zones_at_once = max(1, _CELLS_AT_ONCE // max(1, amount * edges))
        windows_at_once = max(1, _CELLS_AT_ONCE // max(1, amount * zones_at_once))
        for head in range(0, self._member.shape[0], zones_at_once):
            part = slice(head, head + zones_at_once)
            up_to = (self._member[part] @ sums).reshape(-1, amount, edges)
            for start in range(0, self._low.size, windows_at_once):
                runs = slice(start, start + windows_at_once)
                counts = (up_to[..., self._high[runs]] - up_to[..., self._low[runs]]).astype(np.int32)
                ratio = self._ratio(
                    counts,
                    self._slope[part, None, runs],
                    self._constant[part, None, runs],
                    self._fewest[part, None, runs],
                )
                np.maximum(best, ratio.max(axis=(0, 2), initial=0.0), out=best)
        return best

    def _ratio(
        self, counts: NDArray[np.integer], slope: FloatArray, constant: FloatArray, fewest: FloatArray
    ) -> FloatArray:
        ratio = self._table[counts]
        ratio -= slope * counts
        ratio += constant
        ratio[counts < fewest] = 0.0
        return np.maximum(ratio, 0.0, out=ratio)
