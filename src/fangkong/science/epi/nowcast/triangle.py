"""The reporting triangle as it is read: which cells are known, which are missing, which rows are out of the world."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from fangkong.science.epi.detection.alarms import BoolArray
from fangkong.science.epi.serial_interval import FloatArray

# A row this many times above every row nearby is a slip of the pen or a data dump, not an epidemic.
_OUTLYING = 20.0
_OUTLYING_CASES = 100.0
_NEARBY = 7


@dataclass(frozen=True)
class Triangle:
    """The recent rows of some triangles, gaps filled.

    Attributes:
        cells: incremental counts ``[series, ref, delay]``, 0 where not yet reported, gaps filled by expectation.
        running: cumulative counts over the delays.
        reported: what was reported indeed by row, ``[series, ref]``, without any filling.
        now: the latest report period, counted in rows of ``cells`` (delay 0 of row ``t`` is reported at ``t``).
        usable: rows from which delays are learned, ``[series, ref]``: not missing, not out of the world.
        missing: rows without any report although they should have one.
        first: row of the caller's triangle that is row 0 here.
    """

    cells: FloatArray
    running: FloatArray
    reported: FloatArray
    now: int
    usable: BoolArray
    missing: BoolArray
    first: int

    @property
    def withdrawals(self) -> bool:
        """Whether any report was ever withdrawn."""
        return bool((self.cells < 0).any())


def as_stack(triangle: ArrayLike) -> tuple[FloatArray, bool]:
    """The triangles as ``[series, ref, delay]`` with NaN for what is not a finite number, and if it was one only.

    Raises:
        ValueError: for another number of dimensions.
    """
    values = np.ma.filled(np.ma.asarray(triangle, dtype=np.float64), np.nan)
    if values.ndim not in (2, 3):
        raise ValueError(
            f"the triangle has shape {values.shape}; give [reference, delay] or [series, reference, delay]"
        )
    if values.shape[-1] == 0:
        # No delay column: nothing was ever reported, which is what one empty column says.
        values = np.full((*values.shape[:-1], 1), np.nan)
    stack = values[None] if values.ndim == 2 else values
    return np.where(np.isfinite(stack), stack, np.nan), values.ndim == 2


def latest_report(cells: FloatArray) -> int:
    """The latest report period with a known cell, -1 without any; ``cells`` is ``[..., ref, delay]``."""
    known = np.isfinite(cells).any(axis=tuple(range(cells.ndim - 2)))
    ref, delay = np.nonzero(known)
    return int((ref + delay).max()) if ref.size else -1


def read(stack: FloatArray, keep: int, latest: int) -> Triangle:
    """The last ``keep`` rows, gaps among known cells filled with what the other rows make likely.

    Arguments:
        stack: triangles as given, some series of those of which ``latest`` is the latest report.
        keep: number of rows.
        latest: the latest report period of all series, at least 0, counted in rows.
    """
    first = max(0, stack.shape[1] - keep)
    recent = stack[:, first:]
    now = max(latest - first, 0)
    periods, delays = recent.shape[1:]
    due = np.arange(periods)[:, None] + np.arange(delays) <= now
    known = np.isfinite(recent) & due
    missing = ~known.any(axis=2) & due[:, 0]
    cells = np.where(known, recent, 0.0)
    reported = cells.sum(axis=2)
    gaps = due & ~known & ~missing[:, :, None]
    if gaps.any():
        cells = _filled(cells, known, gaps)
    running = np.cumsum(cells, axis=2)
    return Triangle(
        cells=cells,
        running=running,
        reported=reported,
        now=now,
        usable=~missing & ~_outlying(reported),
        missing=missing,
        first=first,
    )


def _filled(cells: FloatArray, known: BoolArray, gaps: BoolArray) -> FloatArray:
    """Each gap set to the share that its delay has in the rows where it is known."""
    out = cells.copy()
    reports, rows = cells.sum(axis=1), known.sum(axis=1)
    usual = reports / np.maximum(rows, 1)
    for delay in range(cells.shape[2]):
        gap = gaps[:, :, delay]
        if not gap.any():
            continue
        beside = known.copy()
        beside[:, :, delay] = False
        seen = np.where(beside, cells, 0).sum(axis=2)
        expected = np.where(beside, usual[:, None, :], 0).sum(axis=2)
        scale = np.where(expected > 0, seen / np.maximum(expected, 1e-300), 0)
        out[:, :, delay] = np.where(gap, usual[:, None, delay] * np.maximum(scale, 0), out[:, :, delay])
    return out


def _outlying(reported: FloatArray) -> BoolArray:
    """Rows far above every row nearby."""
    periods = reported.shape[1]
    highest = np.zeros_like(reported)
    for lag in (*range(-_NEARBY, 0), *range(1, _NEARBY + 1)):
        there = np.arange(periods) + lag
        inside = (there >= 0) & (there < periods)
        highest[:, inside] = np.maximum(highest[:, inside], reported[:, there[inside]])
    return np.asarray(reported > _OUTLYING * highest + _OUTLYING_CASES) & (periods > 1)
