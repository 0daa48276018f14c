"""Reporting triangles made for the tests: Poisson counts over a known delay."""

from __future__ import annotations

import numpy as np


def complete(seed: int, periods: int, delays: int, mean: float, *, week: bool = False) -> np.ndarray:
    """All reports ``[ref, delay]``; with ``week`` nothing is reported on days 5 and 6 and all of it on day 0."""
    rng = np.random.default_rng(seed)
    chance = np.exp(-np.arange(delays) / 3)
    cells = rng.poisson(mean * chance / chance.sum(), size=(periods, delays)).astype(float)
    if week:
        for row in range(periods):
            for delay in range(delays - 1):
                if (row + delay) % 7 in (5, 6):
                    cells[row, delay + 1] += cells[row, delay]
                    cells[row, delay] = 0
    return cells


def as_of(cells: np.ndarray, period: int) -> np.ndarray:
    """What was known at the end of a report period."""
    known = np.arange(cells.shape[0])[:, None] + np.arange(cells.shape[1]) <= period
    return np.where(known, cells, np.nan)[: period + 1]
