"""How many infected travellers to expect, from where most, and how many of them surveillance would see.

Travellers from an origin times the part of them who are infected is the number of introductions to expect. Both
are uncertain, and mostly the second; the interval, and above all the ranking of the origins, must carry that. A
ranking without intervals sends the few teams to the origin with the fewest tests.

Uncertainty is propagated by a fixed sequence of points (Sobol, scrambled by the seed): the same seed gives the same
figures, and an origin keeps its draws however many days are given.

Source: expected introductions as flow times prevalence as in Chinazzi et al. (2020), Science 368(6489):395-400, and
Menkir et al. (2021), Nat Commun 12:360; detected and missed introductions as independent thinning of a Poisson number.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri
from scipy.stats import qmc

from fangkong.science.epi.serial_interval import FloatArray

IntArray = NDArray[np.int64]
ReasonArray = NDArray[np.uint8]

MISSING_FLOW = "missing_flow"
MISSING_PREVALENCE = "missing_prevalence"
INVALID_FLOW = "invalid_flow"
INVALID_PREVALENCE = "invalid_prevalence"

REASON_CODES: tuple[str, ...] = ("", INVALID_FLOW, INVALID_PREVALENCE, MISSING_FLOW, MISSING_PREVALENCE)

# Cells of a table [draws, origins] that fit a small machine; more origins get fewer draws.
_MOST_CELLS = 20_000_000
_FEWEST_DRAWS = 128
# A Sobol sequence in SciPy has no more dimensions than this; further origins take plain random numbers.
_MOST_DIMENSIONS = 21_201
# NumPy draws no Poisson number of a larger mean.
_LARGEST_POISSON_MEAN = 1e18


@dataclass(frozen=True, slots=True)
class Introductions:
    """Introductions to expect by origin, with intervals, ranks and what surveillance would see.

    Attributes:
        expected, lower, upper: infected travellers to expect and the interval of that expectation, in the shape of
            the flows, ``[origin]`` or ``[origin, time]``; NaN where refused.
        reason: 0 where there is a figure, else the position of the reason in ``REASON_CODES``; the same shape.
        total, total_lower, total_upper: over all times, ``[origin]``; NaN where any of an origin's cells is refused.
        rank, rank_lower, rank_upper: place of each origin by its total, 1 = most, and the interval of that place;
            0 for an origin without a total. Equal totals share the better place.
        chance_first: probability that the origin sends most.
        count_lower, count_upper: interval of the *number* of introductions over all times: chance comes on top.
        chance_any: probability of at least one introduction over all times.
        chance_detected: probability that surveillance sees at least one of them.
        chance_missed: probability that at least one gets past it.
        all_total, all_lower, all_upper: over all origins that have a total.
        level, draws: of the intervals, and the number of draws behind them.
    """

    expected: FloatArray
    lower: FloatArray
    upper: FloatArray
    reason: ReasonArray
    total: FloatArray
    total_lower: FloatArray
    total_upper: FloatArray
    rank: IntArray
    rank_lower: IntArray
    rank_upper: IntArray
    chance_first: FloatArray
    count_lower: FloatArray
    count_upper: FloatArray
    chance_any: FloatArray
    chance_detected: FloatArray
    chance_missed: FloatArray
    all_total: float
    all_lower: float
    all_upper: float
    level: float
    draws: int

    def reason_at(self, *cell: int) -> str:
        """The code why a cell has no figure, "" where it has one."""
        return REASON_CODES[int(self.reason[cell])]


@dataclass(frozen=True, slots=True)
class _Quantity:
    """A quantity ``[origin, time]`` with an interval, read as a law: two half-normals around the estimate.

    On the log scale where the lower end is above 0, so that the interval may be lopsided, else on the plain scale.
    An estimate at its own lower end (no positive among fifty tested) has nothing below it: one half-normal.
    """

    estimate: FloatArray
    lower: FloatArray
    upper: FloatArray

    def at(self, scores: FloatArray, level: float) -> FloatArray:
        """The quantity at standard normal scores, not below 0; its interval holds the level."""
        one_sided = np.broadcast_to(
            (self.lower == self.estimate) & (self.upper > self.estimate), scores.shape
        )
        tail = (1 + level) / 2
        steps = scores / float(ndtri(tail))
        steps[one_sided] = ndtri((1 + ndtr(scores[one_sided])) / 2) / float(ndtri((1 + tail) / 2))
        below, above = np.minimum(steps, 0.0), np.maximum(steps, 0.0)
        plain = self.estimate + below * (self.estimate - self.lower) + above * (self.upper - self.estimate)
        logged = self.lower > 0
        low, mid, high = (np.where(logged, part, 1.0) for part in (self.lower, self.estimate, self.upper))
        with np.errstate(over="ignore"):
            ratio = np.exp(below * np.log(mid / low) + above * np.log(high / mid))
        return np.asarray(np.where(logged, mid * ratio, np.maximum(plain, 0.0)))


def expected_introductions(
    flows: ArrayLike,
    prevalence: ArrayLike,
    *,
    flow_interval: tuple[ArrayLike, ArrayLike] | None = None,
    prevalence_interval: tuple[ArrayLike, ArrayLike] | None = None,
    detection: ArrayLike = 0.0,
    level: float = 0.95,
    draws: int = 4096,
    seed: int = 0,
) -> Introductions:
    """Infected travellers to expect from each origin, with intervals, the ranking of the origins with intervals too.

    Arguments:
        flows: travellers from each origin, ``[origin]`` or ``[origin, time]``, 0 or more; NaN where not known.
        prevalence: part of the travellers who are infected, between 0 and 1, same shape or ``[origin]``; NaN where
            not known. ``severity.exact_proportion`` gives it, with its interval, from positives among tested.
        flow_interval, prevalence_interval: ``(lower, upper)`` of the same shapes, around the estimates, at
            ``level``; None where taken as known. Errors of one origin are shared by all its times; those of two
            origins are independent.
        detection: probability that surveillance sees an introduced case, one number or one per origin, 0 to 1.
        level: of all intervals, those given and those returned.
        draws: points of the propagation, at least 128; fewer where more than 20 million numbers would be held.
        seed: of the sequence of points.

    Returns:
        ``Introductions``. An origin whose flow or prevalence is missing or impossible has no figure and no rank,
        with its reason; it never counts as 0.

    Raises:
        ValueError: for shapes that do not agree, an interval that does not hold its estimate, a level or detection
            outside 0 to 1, fewer than 128 draws.

    >>> got = expected_introductions([1200, 300], [0.001, 0.02], prevalence_interval=([5e-4, 0.01], [2e-3, 0.04]))
    >>> got.rank.tolist(), f"{got.total[1]:.1f} ({got.total_lower[1]:.1f} to {got.total_upper[1]:.1f})"
    ([2, 1], '6.0 (3.0 to 12.0)')
    """
    if not 0 < level < 1:
        raise ValueError(f"level is {level}; an interval holds a probability between 0 and 1, such as 0.95")
    if draws < _FEWEST_DRAWS:
        raise ValueError(f"draws is {draws}; intervals need at least {_FEWEST_DRAWS}")
    shape = np.shape(flows)
    if len(shape) not in (1, 2):
        raise ValueError(f"flows have shape {shape}; give one number per origin, or [origin, time]")
    flow, flow_reason = _quantity("flows", flows, flow_interval, shape, np.inf, INVALID_FLOW, MISSING_FLOW)
    part, part_reason = _quantity(
        "prevalence", prevalence, prevalence_interval, shape, 1.0, INVALID_PREVALENCE, MISSING_PREVALENCE
    )
    seen = _checked_detection(detection, shape[0])
    reason = np.where(flow_reason > 0, flow_reason, part_reason).astype(np.uint8)
    origins = shape[0]
    draws = int(min(draws, max(_FEWEST_DRAWS, _MOST_CELLS // max(origins, 1))))
    scores = _standard_scores(draws, origins, seed)
    tails = ((1 - level) / 2, (1 + level) / 2)

    expected = np.where(reason == 0, flow.estimate * part.estimate, np.nan)
    lower, upper = np.full_like(expected, np.nan), np.full_like(expected, np.nan)
    totals = np.zeros((draws, origins))
    for time in range(expected.shape[1]):
        ends = [_Quantity(*(x[:, time] for x in (q.estimate, q.lower, q.upper))) for q in (flow, part)]
        drawn = ends[0].at(scores[0], level) * np.minimum(ends[1].at(scores[1], level), 1.0)
        good = reason[:, time] == 0
        totals += np.where(good, drawn, np.nan)
        if good.any():
            low, high = np.quantile(drawn[:, good], tails, axis=0)
            lower[good, time] = np.minimum(low, expected[good, time])
            upper[good, time] = np.maximum(high, expected[good, time])
    return _summed(expected, lower, upper, reason, totals, seen, tails, level, shape, seed)


def _summed(
    expected: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
    reason: ReasonArray,
    totals: FloatArray,
    seen: FloatArray,
    tails: tuple[float, float],
    level: float,
    shape: tuple[int, ...],
    seed: int,
) -> Introductions:
    """Totals, ranks and chances by origin, from the draws ``[draws, origin]``."""
    draws, origins = totals.shape
    total = expected.sum(axis=1)
    good = np.flatnonzero(np.isfinite(total) & (expected.shape[1] > 0))
    total = np.where(np.isin(np.arange(origins), good), total, np.nan)
    columns = {
        name: np.full(origins, np.nan) for name in ("low", "high", "c_low", "c_high", "any", "seen", "missed")
    }
    rank, rank_lower, rank_upper = (np.zeros(origins, dtype=np.int64) for _ in range(3))
    first = np.full(origins, np.nan)
    everything = (0.0, 0.0, 0.0)
    if good.size:
        drawn = totals[:, good]
        low, high = np.quantile(drawn, tails, axis=0)
        columns["low"][good], columns["high"][good] = (
            np.minimum(low, total[good]),
            np.maximum(high, total[good]),
        )
        rank[good] = _places(total[None, good])[0]
        places = _places(drawn)
        first[good] = (places == 1).mean(axis=0)
        ends = np.quantile(places, tails, axis=0, method="inverted_cdf")
        rank_lower[good] = np.minimum(ends[0], rank[good])
        rank_upper[good] = np.maximum(ends[1], rank[good])
        counts = np.random.default_rng(seed).poisson(np.minimum(drawn, _LARGEST_POISSON_MEAN))
        ends = np.quantile(counts, tails, axis=0, method="inverted_cdf")
        columns["c_low"][good], columns["c_high"][good] = ends
        columns["any"][good] = -np.expm1(-drawn).mean(axis=0)
        columns["seen"][good] = -np.expm1(-drawn * seen[good]).mean(axis=0)
        columns["missed"][good] = -np.expm1(-drawn * (1 - seen[good])).mean(axis=0)
        sums = drawn.sum(axis=1)
        all_total = float(total[good].sum())
        low_sum, high_sum = (float(end) for end in np.quantile(sums, tails))
        everything = (all_total, min(low_sum, all_total), max(high_sum, all_total))
    return Introductions(
        expected=expected.reshape(shape),
        lower=lower.reshape(shape),
        upper=upper.reshape(shape),
        reason=reason.reshape(shape),
        total=total,
        total_lower=columns["low"],
        total_upper=columns["high"],
        rank=rank,
        rank_lower=rank_lower,
        rank_upper=rank_upper,
        chance_first=first,
        count_lower=columns["c_low"],
        count_upper=columns["c_high"],
        chance_any=columns["any"],
        chance_detected=columns["seen"],
        chance_missed=columns["missed"],
        all_total=everything[0],
        all_lower=everything[1],
        all_upper=everything[2],
        level=level,
        draws=draws,
    )


def _quantity(
    name: str,
    estimate: ArrayLike,
    interval: tuple[ArrayLike, ArrayLike] | None,
    shape: tuple[int, ...],
    highest: float,
    invalid_code: str,
    missing_code: str,
) -> tuple[_Quantity, ReasonArray]:
    """The quantity as ``[origin, time]`` with 0 where it is refused, and why it is."""
    times = shape[1] if len(shape) == 2 else 1

    def table(values: ArrayLike) -> FloatArray:
        given = np.asarray(values, dtype=np.float64)
        if given.shape not in (shape, shape[:1], ()):
            raise ValueError(
                f"{name} have shape {given.shape}; the flows have {shape}: give one number per origin"
            )
        full = given[:, None] if given.ndim == 1 and len(shape) == 2 else given
        return np.array(np.broadcast_to(full, shape)).reshape(shape[0], times)

    middle = table(estimate)
    low, high = (middle, middle) if interval is None else (table(interval[0]), table(interval[1]))
    unknown = np.isnan(middle) | np.isnan(low) | np.isnan(high)
    with np.errstate(invalid="ignore"):
        impossible = ~unknown & ((low < 0) | (high > highest) | np.isinf(high) | np.isinf(middle))
        impossible |= ~unknown & ((middle < 0) | (middle > highest))
        outside = ~unknown & ~impossible & ((low > middle) | (high < middle))
    if outside.any():
        origin = int(np.argwhere(outside)[0][0])
        raise ValueError(
            f"the interval of {name} of origin {origin} does not hold its estimate; give (lower, upper)"
        )
    reason = np.zeros(middle.shape, dtype=np.uint8)
    reason[unknown] = REASON_CODES.index(missing_code)
    reason[impossible] = REASON_CODES.index(invalid_code)
    refused = reason > 0
    return _Quantity(*(np.where(refused, 0.0, part) for part in (middle, low, high))), reason


def _checked_detection(detection: ArrayLike, origins: int) -> FloatArray:
    chance = np.asarray(detection, dtype=np.float64)
    if chance.shape not in ((), (origins,)):
        raise ValueError(
            f"detection has shape {chance.shape}; give one number, or one for each of {origins} origins"
        )
    if not ((chance >= 0) & (chance <= 1)).all():
        raise ValueError("detection must lie between 0 and 1: the chance that an introduced case is seen")
    return np.array(np.broadcast_to(chance, (origins,)))


def _standard_scores(draws: int, origins: int, seed: int) -> FloatArray:
    """Standard normal numbers ``[2, draws, origin]``: for the flow and for the prevalence of each origin."""
    if 0 < 2 * origins <= _MOST_DIMENSIONS:
        # A sequence is balanced only over a power of two; the points past ``draws`` are not used.
        points = qmc.Sobol(2 * origins, rng=np.random.default_rng(seed)).random_base2(
            (draws - 1).bit_length()
        )
        uniform = points[:draws].reshape(draws, 2, origins).transpose(1, 0, 2)
    else:
        uniform = np.random.default_rng(seed).random((2, draws, origins))
    return np.asarray(ndtri(np.clip(uniform, 1e-12, 1 - 1e-12)))


def _places(totals: FloatArray) -> IntArray:
    """Place of each origin in each draw, 1 = most; equal totals share the better place."""
    order = np.argsort(-totals, axis=1, kind="stable")
    in_order = np.take_along_axis(totals, order, axis=1)
    new = np.ones(totals.shape, dtype=bool)
    new[:, 1:] = in_order[:, 1:] != in_order[:, :-1]
    place = np.maximum.accumulate(np.where(new, np.arange(1, totals.shape[1] + 1), 0), axis=1)
    places = np.empty(totals.shape, dtype=np.int64)
    np.put_along_axis(places, order, place, axis=1)
    return places
