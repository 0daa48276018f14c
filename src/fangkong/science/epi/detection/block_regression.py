"""Quasi-Poisson regression of many series at once on season blocks and a straight trend.

All series of one week share the design: each past week belongs to one block and has one time. The normal equations of
such a design are an arrow (a diagonal for the blocks, one row for the trend), so a step of iteratively reweighted least
squares costs a few sums per block instead of a dense factorisation, and all series take it together.

The steps are those of R's ``glm.fit`` (start at counts + 0.1, stop when the deviance changes by less than 1e-8 of
itself), because where a block holds no case its level has no maximum and the fit *is* where the steps stop.
Missing weeks carry weight 0 and count neither as data nor as degrees of freedom.

Source: McCullagh and Nelder (1989), "Generalized Linear Models", section 2.5 and chapter 6.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy

from fangkong.science.epi.serial_interval import FloatArray

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

# The reference lets no fitted count fall below the spacing of numbers at 1.
SMALLEST_MEAN = float(np.finfo(np.float64).eps)
_TOLERANCE = 1e-8
_MOST_STEPS = 25
# Below this share of a block's weighted spread of time, the trend cannot be told from the blocks.
_SMALLEST_SPREAD = 1e-14


@dataclass(frozen=True, slots=True)
class BlockDesign:
    """The past weeks of one week: their blocks and times.

    Attributes:
        block: block of each past week, shape ``[n]``, numbers ``0 .. blocks - 1``, ascending: sums by block are then
            sums of neighbours, which needs no matrix product.
        time: time of each past week, shape ``[n]``, in weeks.
        blocks: how many blocks there are.
    """

    block: IntArray
    time: FloatArray
    blocks: int

    def by_block(self, values: FloatArray) -> FloatArray:
        """Sums over the weeks of each block, shape ``[series, blocks]``; 0 for a block without a week."""
        held, starts = np.unique(self.block, return_index=True)
        sums = np.add.reduceat(values, starts, axis=1)
        if held.size == self.blocks:
            return np.asarray(sums)
        out = np.zeros((values.shape[0], self.blocks))
        out[:, held] = sums
        return out


@dataclass(slots=True)
class BlockFit:
    """The fit of every series on one design, with what its inference needs.

    Attributes:
        level: log level of each block at the mean time, shape ``[series, blocks]``; a block without any observed week
            has a level that means nothing.
        slope: log growth per week, shape ``[series]``; 0 where fitted without trend.
        mean: fitted counts, shape ``[series, n]``.
        weight: weights of the last step, shape ``[series, n]``, 0 on missing weeks.
        block_weight, block_time: sum of weights and weighted mean time by block, ``[series, blocks]``.
        time_spread: information about the slope, ``[series]``; NaN where fitted without trend.
        dispersion: Pearson's statistic over its degrees of freedom, ``[series]``; below 1 where it is.
        scale: what variances of the coefficients are multiplied with, ``[series]``; the dispersion unless replaced.
        freedom: residual degrees of freedom, ``[series]``.
        converged: where the deviance settled, ``[series]``.
    """

    level: FloatArray
    slope: FloatArray
    mean: FloatArray
    weight: FloatArray
    block_weight: FloatArray
    block_time: FloatArray
    time_spread: FloatArray
    dispersion: FloatArray
    scale: FloatArray
    freedom: FloatArray
    converged: BoolArray

    def prediction(self, block: int, time: float) -> tuple[FloatArray, FloatArray]:
        """Log of the expected count in a block at a (centred) time and its variance per unit of dispersion."""
        log_mean = self.level[:, block] + self.slope * time
        with np.errstate(invalid="ignore", divide="ignore"):
            variance = 1 / self.block_weight[:, block]
            trend = (time - self.block_time[:, block]) ** 2 / self.time_spread
        return log_mean, variance + np.where(np.isnan(self.time_spread), 0.0, trend)

    def leverage(self, design: BlockDesign, centred: FloatArray) -> FloatArray:
        """How far each week's own count pulls its fitted value, between 0 and 1, shape ``[series, n]``."""
        with np.errstate(invalid="ignore", divide="ignore"):
            reach = 1 / self.block_weight[:, design.block]
            trend = (centred - self.block_time[:, design.block]) ** 2 / self.time_spread[:, None]
            reach += np.where(np.isnan(self.time_spread)[:, None], 0.0, trend)
            return np.where(self.weight > 0, self.weight * reach, 0.0)


def centred_time(design: BlockDesign) -> tuple[FloatArray, float]:
    """Times less their mean, and that mean: sums of squares stay small."""
    middle = float(design.time.mean())
    return design.time - middle, middle


def fit_blocks(
    counts: FloatArray,
    prior: FloatArray,
    design: BlockDesign,
    trend: bool,
    offset: FloatArray | None = None,
) -> BlockFit:
    """The quasi-Poisson fit of each series.

    Arguments:
        counts: shape ``[series, n]``, at least 0; anything finite where ``prior`` is 0.
        prior: weights, shape ``[series, n]``, 0 on missing weeks.
        design: blocks and times of the ``n`` weeks.
        trend: whether to fit a common slope besides the blocks.
        offset: known part of the log mean, shape ``[series, n]``, finite; None where nothing is known. Levels and
            predictions are without it.
    """
    steps = _Steps(counts, prior, design, trend, offset)
    for _ in range(_MOST_STEPS):
        if not steps.advance():
            break
    return steps.result()


class _Steps:
    """The state of the iteration; series that have settled leave it."""

    def __init__(
        self,
        counts: FloatArray,
        prior: FloatArray,
        design: BlockDesign,
        trend: bool,
        offset: FloatArray | None,
    ) -> None:
        series, n = counts.shape
        self.offset = offset
        self.counts, self.prior, self.design, self.trend = counts, prior, design, trend
        self.centred, _ = centred_time(design)
        self.active = np.arange(series)
        self.y, self.a = counts, prior
        self.mean = counts + 0.1
        self.log_mean = np.log(self.mean)
        self.constant = (prior * (xlogy(counts, counts) - counts)).sum(axis=1)
        self.deviance = self._deviance()
        blocks = design.blocks
        self.level, self.slope = np.zeros((series, blocks)), np.zeros(series)
        self.block_weight, self.block_time = np.zeros((series, blocks)), np.zeros((series, blocks))
        self.spread = np.full(series, np.nan)
        self.weight, self.fitted = np.zeros((series, n)), np.zeros((series, n))
        self.converged = np.zeros(series, dtype=bool)

    def _deviance(self) -> FloatArray:
        return np.asarray(
            2
            * (
                self.constant
                - np.einsum("ij,ij->i", self.a * self.y, self.log_mean)
                + np.einsum("ij,ij->i", self.a, self.mean)
            )
        )

    def advance(self) -> bool:
        """One step of all series that have not settled; False when none is left."""
        weight = self.a * self.mean
        known = None if self.offset is None else self.offset[self.active]
        working = weight * (self.log_mean if known is None else self.log_mean - known)
        working += self.a * (self.y - self.mean)
        w, z = self.design.by_block(weight), self.design.by_block(working)
        with np.errstate(invalid="ignore", divide="ignore"):
            inverse = np.where(w > 0, 1 / w, 0.0)
            slope, spread = np.zeros(w.shape[0]), np.full(w.shape[0], np.nan)
            timed = weight * self.centred
            block_time = self.design.by_block(timed) * inverse
            if self.trend:
                raw = np.einsum("ij,j->i", timed, self.centred)
                spread = raw - (block_time**2 * w).sum(axis=1)
                slope = np.einsum("ij,j->i", working, self.centred) - (block_time * z).sum(axis=1)
                slope /= spread
                unknown = ~(spread > _SMALLEST_SPREAD * raw)
                slope[unknown], spread[unknown] = 0.0, np.nan
            level = (z - slope[:, None] * block_time * w) * inverse
        with np.errstate(over="ignore", invalid="ignore"):
            self.log_mean = np.take(level, self.design.block, axis=1)
            if self.trend:
                self.log_mean += slope[:, None] * self.centred
            if known is not None:
                self.log_mean += known
            self.mean = np.maximum(np.exp(self.log_mean), SMALLEST_MEAN)
            before, self.deviance = self.deviance, self._deviance()
            settled = np.abs(self.deviance - before) / (np.abs(self.deviance) + 0.1) < _TOLERANCE
        rows = self.active
        self.level[rows], self.slope[rows] = level, slope
        self.block_weight[rows], self.block_time[rows], self.spread[rows] = w, block_time, spread
        self.weight[rows], self.fitted[rows] = weight, self.mean
        self.converged[rows[settled]] = True
        # A fit that has left the numbers altogether cannot come back.
        keep = ~settled & np.isfinite(self.deviance)
        if not keep.all():
            self.active, self.y, self.a = rows[keep], self.y[keep], self.a[keep]
            self.mean, self.log_mean = self.mean[keep], self.log_mean[keep]
            self.constant, self.deviance = self.constant[keep], self.deviance[keep]
        return self.active.size > 0

    def result(self) -> BlockFit:
        used = self.prior > 0
        rank = (self.design.by_block(used.astype(np.float64)) > 0).sum(axis=1) + ~np.isnan(self.spread)
        freedom = (used.sum(axis=1) - rank).astype(np.float64)
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            residual = (self.counts - self.fitted) / self.fitted
            pearson = np.where(used, self.weight * residual**2, 0.0).sum(axis=1)
            dispersion = np.where(freedom > 0, pearson / freedom, np.nan)
        return BlockFit(
            level=self.level,
            slope=self.slope,
            mean=self.fitted,
            weight=self.weight,
            block_weight=self.block_weight,
            block_time=self.block_time,
            time_spread=self.spread,
            dispersion=dispersion,
            scale=dispersion,
            freedom=freedom,
            converged=self.converged,
        )
