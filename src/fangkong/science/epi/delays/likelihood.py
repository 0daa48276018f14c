"""How likely pairs of events are under a delay, each event known by a window only.

The first event is uniform over its window, the second falls into its own, and a pair is in the list only because its
second event had come by the truncation. So a pair has the probability of its second window given that it was seen:

    P(start < E + X < stop) / P(E + X < horizon),   E uniform on (0, width), X the delay.

Both are differences of the integral of the distribution function (see ``families``): no numerical integration.

Source: Park et al. (2024), medRxiv 2024.01.12.24301247; Reich et al. (2009), Stat Med 28(22):2769-2784. The
numbers are those of the R package primarycensored with a uniform primary event.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fangkong.science.epi.delays.families import Family
from fangkong.science.epi.delays.windows import EventWindows
from fangkong.science.epi.serial_interval import FloatArray

BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]
Kernel = Callable[[FloatArray, FloatArray, FloatArray], FloatArray]

# Below this a difference of integrals is rounding only; its logarithm still tells a search where not to go.
_SMALLEST_PROBABILITY = 1e-290


@dataclass(frozen=True, slots=True)
class _Difference:
    """Pairs whose probability is one signed sum of one function of the delay at some days, over a width.

    Dates repeat, so the function is worked out once for each distinct day and looked up from there.
    """

    pairs: IntArray
    kernel: Kernel
    distinct: FloatArray
    places: IntArray
    signs: tuple[int, ...]
    width: FloatArray

    def log(self, first: FloatArray, second: FloatArray) -> FloatArray:
        values = self.kernel(self.distinct, first, second)
        total = sum(sign * values[..., place] for sign, place in zip(self.signs, self.places, strict=True))
        return np.asarray(np.log(np.maximum(total / self.width, _SMALLEST_PROBABILITY)))


def _difference(
    pairs: BoolArray, kernel: Kernel, days: tuple[FloatArray, ...], signs: tuple[int, ...], width: FloatArray
) -> Iterator[_Difference]:
    """The difference for these pairs; none where there are no such pairs."""
    if pairs.any():
        distinct, place = np.unique(np.stack([edge[pairs] for edge in days]), return_inverse=True)
        places = place.reshape(len(days), -1)
        yield _Difference(np.flatnonzero(pairs), kernel, distinct, places, signs, width[pairs])


def _numerators(family: Family, w: EventWindows) -> Iterator[_Difference]:
    """Probability of each pair's second window; the density where the second event is exact."""
    windowed, ends, exact = w.primary_width > 0, np.isfinite(w.stop), w.stop == w.start
    # Far out only differences of the survival function keep their digits, near 0 only those of F itself.
    late = w.start > (np.median(w.start) if w.start.size else 0.0)
    one, width = np.ones_like(w.start), w.primary_width
    start, stop, start_less, stop_less = w.start, w.stop, w.start - width, w.stop - width
    cdf, survival = family.probability_by, family.probability_after
    below, above = family.integral_of_cdf, family.integral_of_survival

    spread = windowed & ends & ~exact
    yield from _difference(spread & ~late, below, (stop, stop_less, start, start_less), (1, -1, -1, 1), width)
    yield from _difference(spread & late, above, (start_less, start, stop_less, stop), (1, -1, -1, 1), width)
    yield from _difference(windowed & ~ends, above, (start_less, start), (1, -1), width)
    yield from _difference(windowed & exact & ~late, cdf, (start, start_less), (1, -1), width)
    yield from _difference(windowed & exact & late, survival, (start_less, start), (1, -1), width)
    spread = ~windowed & ends & ~exact
    yield from _difference(spread & ~late, cdf, (stop, start), (1, -1), one)
    yield from _difference(spread & late, survival, (start, stop), (1, -1), one)
    yield from _difference(~windowed & ~ends, survival, (start,), (1,), one)
    yield from _difference(~windowed & exact, family.density_at, (start,), (1,), one)


def _denominators(family: Family, w: EventWindows) -> Iterator[_Difference]:
    """Probability that each truncated pair was seen at all."""
    truncated, windowed = np.isfinite(w.horizon), w.primary_width > 0
    days = (w.horizon, w.horizon - w.primary_width)
    yield from _difference(truncated & windowed, family.integral_of_cdf, days, (1, -1), w.primary_width)
    one = np.ones_like(w.horizon)
    yield from _difference(truncated & ~windowed, family.probability_by, days[:1], (1,), one)


class CensoredLikelihood:
    """The log-likelihood of a list of pairs as a function of the two parameters of a family."""

    def __init__(self, family: Family, windows: EventWindows) -> None:
        self.family = family
        self.windows = windows
        self._numerators = tuple(_numerators(family, windows))
        self._denominators = tuple(_denominators(family, windows))

    def __call__(self, first: FloatArray, second: FloatArray) -> FloatArray:
        """Log-likelihood of parameters of one common shape; the result has that shape."""
        a, b = np.asarray(first, dtype=np.float64)[..., None], np.asarray(second, dtype=np.float64)[..., None]
        with np.errstate(all="ignore"):
            values = self.log_probabilities(a, b)
        values = np.where(np.isnan(values), np.log(_SMALLEST_PROBABILITY), values)
        return np.asarray(values @ self.windows.weight)

    def log_probabilities(self, first: FloatArray, second: FloatArray) -> FloatArray:
        """Log-probability (log-density where the second event is exact) of each distinct pair.

        Arguments:
            first, second: parameters that broadcast against ``[pairs]``.
        """
        shape = np.broadcast_shapes(np.shape(first), np.shape(second), self.windows.start.shape)
        result = np.zeros(shape)
        for part in self._numerators:
            result[..., part.pairs] = part.log(first, second)
        for part in self._denominators:
            result[..., part.pairs] -= part.log(first, second)
        return result
