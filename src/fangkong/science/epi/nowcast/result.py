"""What a nowcast hands back: the totals still to come by reference period, joint samples, sums, and refusals."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from fangkong.science.epi.estimates import TOO_FEW_CASES
from fangkong.science.epi.nowcast.negative_binomial import count_quantiles
from fangkong.science.epi.serial_interval import FloatArray

NOTHING_KNOWN = "nothing_known"
MISSING_REPORTS = "missing_reports"
BATCH_SUSPECTED = "batch_suspected"
DELAY_DRIFTED = "delay_drifted"

REASON_CODES: tuple[str, ...] = (
    "",
    NOTHING_KNOWN,
    MISSING_REPORTS,
    TOO_FEW_CASES,
    BATCH_SUSPECTED,
    DELAY_DRIFTED,
)

# Probabilities at which a marginal is tabled before samples are drawn from it.
_TABLED = np.concatenate([[0.0005, 0.005, 0.015], np.linspace(0.03, 0.97, 31), [0.985, 0.995, 0.9995]])


@dataclass(frozen=True)
class Remainder:
    """Cases still to be reported, by reference period: a shifted negative binomial each, tied to one another.

    Attributes:
        mean: expected number still to come, ``[series, ref]``; below 0 where withdrawals outweigh reports.
        overdispersion: variance is mean + overdispersion x mean squared (of the shifted number).
        shift: most that withdrawals may plausibly take away; 0 where reports are never withdrawn.
        common: correlation of the errors of all reference periods, ``[series]``, 0 to 1.
        neighbours: correlation of what is left of the errors of neighbouring periods, ``[series]``, 0 to 1.
    """

    mean: FloatArray
    overdispersion: FloatArray
    shift: FloatArray
    common: FloatArray
    neighbours: FloatArray

    def quantiles(self, levels: FloatArray) -> FloatArray:
        """Quantiles of the number still to come, ``[level, series, ref]``."""
        out = count_quantiles(levels, self.mean + self.shift, self.overdispersion) - self.shift
        return np.asarray(out)


@dataclass(frozen=True)
class Nowcast:
    """The eventual count of every reference period, as far as the reports so far tell it.

    Attributes:
        quantiles: ``[level, ref]`` or ``[level, series, ref]``. Never below what is reported already unless
            reports of this triangle are withdrawn now and then; never below 0 for counts at least 0.
        quantile_levels: the probabilities, in the order asked for.
        mean: expected eventual count, in the shape of ``observed``.
        observed: reported so far, ``[ref]`` or ``[series, ref]``.
        reason: 0 where nothing is amiss, else the position in ``REASON_CODES``. NaN stands only with
            ``nothing_known`` and, in a period long over, ``missing_reports``; with the other reasons the
            quantiles stand, and the reader is told to trust them less.
        method: code of the method.
        params: what the words of a page need (period of the week found, cases, report days).
        n_samples, seed: how many joint samples ``samples`` draws, and from which seed.
    """

    quantiles: FloatArray
    quantile_levels: FloatArray
    mean: FloatArray
    observed: FloatArray
    reason: NDArray[np.uint8]
    method: str
    params: dict[str, object] = field(default_factory=dict)
    n_samples: int = 1000
    seed: int = 0
    remainder: Remainder | None = None

    def reason_at(self, *cell: int) -> str:
        """The reason code of one reference period, "" where nothing is amiss."""
        return REASON_CODES[int(self.reason[cell])]

    def at(self, level: float) -> FloatArray:
        """The quantile of one probability, in the shape of ``observed``.

        Raises ValueError for a probability that was not asked for.
        """
        near = np.flatnonzero(np.isclose(self.quantile_levels, level))
        if not near.size:
            raise ValueError(f"no quantile at {level}; there are {self.quantile_levels.tolist()}")
        return np.asarray(self.quantiles[near[0]])

    @cached_property
    def samples(self) -> FloatArray:
        """Joint draws of the eventual counts, ``[sample, ref]`` or ``[sample, series, ref]``.

        Errors of neighbouring periods go together as they did in the past (a Gaussian copula with the
        correlations found in the triangle); whole cases, the same numbers for the same seed.

        Raises ValueError for a method that knows no joint distribution.
        """
        if self.remainder is None:
            raise ValueError(f"the method {self.method} states quantiles only, no joint samples")
        observed = np.atleast_2d(self.observed)
        series, periods = observed.shape
        table = self.remainder.quantiles(_TABLED)
        random = np.random.default_rng(self.seed)
        draws = random.standard_normal((self.n_samples, series, periods))
        shared = random.standard_normal((self.n_samples, series, 1))
        tie, common = self.remainder.neighbours, self.remainder.common[:, None]
        fresh = np.sqrt(1 - tie**2)
        for ref in range(1, periods):
            draws[..., ref] = tie * draws[..., ref - 1] + fresh * draws[..., ref]
        draws = np.sqrt(common) * shared + np.sqrt(1 - common) * draws
        chance = special.ndtr(draws)
        out = np.broadcast_to(observed, draws.shape).copy()
        settled = (self.remainder.mean == 0) & (self.remainder.shift == 0)
        for row, ref in zip(*np.nonzero(~settled & ~np.isnan(table[0])), strict=True):
            out[:, row, ref] += np.interp(chance[:, row, ref], _TABLED, table[:, row, ref])
        out[:, np.isnan(np.atleast_2d(self.mean))] = np.nan
        out = np.where(observed >= 0, np.maximum(np.rint(out), 0), out)
        return out.reshape((self.n_samples, *self.observed.shape))

    def total(self, first: int, last: int, levels: ArrayLike | None = None) -> FloatArray:
        """Quantiles of the sum over reference periods ``first`` to ``last``, both included; ``[level(, series)]``.

        Periods count from 0; a negative number counts from the end, as in Python. A period without a nowcast
        makes the sum NaN.

        Raises ValueError where the range holds no period.
        """
        periods = np.arange(self.observed.shape[-1])
        if not (-len(periods) <= first < len(periods) and -len(periods) <= last < len(periods)):
            raise ValueError(f"there are {len(periods)} reference periods, none from {first} to {last}")
        chosen = periods[periods[first] : periods[last] + 1]
        if not chosen.size:
            raise ValueError(f"the range from {first} to {last} ends before it starts")
        sums = self.samples[..., chosen].sum(axis=-1)
        at = self.quantile_levels if levels is None else np.asarray(levels, dtype=np.float64)
        out = np.full((len(at), *sums.shape[1:]), np.nan)
        whole = ~np.isnan(sums[0])
        if sums.ndim == 1:
            return np.quantile(sums, at) if whole else out
        if whole.any():
            out[:, whole] = np.quantile(sums[:, whole], at, axis=0)
        return out
