"""How fast the reproduction number is: the kernel beside its readable twin (``assess`` has it beside EpiEstim).

Both get the same series and must give the same numbers, or there is no figure to report.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from fangkong.science.epi.reproduction import QUANTILE_LEVELS
from fangkong.science.epi.reproduction_reference import reproduction_in_window
from fangkong.science.epi.reproduction_table import ReproductionTable, reproduction_table
from fangkong.science.epi.serial_interval import ShiftedGammaInterval

from .figures import Section, middle

SERIES, DAYS, WINDOW_DAYS, ROUNDS, SEED = 16, 180, 7, 3, 7
MEAN_DAYS, SD_DAYS, PRIOR = 4.7, 2.9, 5.0
AGREEMENT = 1e-9


def measure(series: int = SERIES, days: int = DAYS, rounds: int = ROUNDS) -> Section:
    """CPU seconds of the kernel and its twin on the same series, and the ratio."""
    rng = np.random.default_rng(SEED)
    level = 40 * np.exp(np.cumsum(rng.normal(0, 0.05, (series, days)), axis=1))
    cases = rng.poisson(level).astype(np.float64)
    interval = ShiftedGammaInterval(MEAN_DAYS, SD_DAYS)
    kernel, twin = [], []
    for _ in range(rounds):
        started = time.process_time()
        table = reproduction_table(cases, interval, window_days=WINDOW_DAYS)
        kernel.append(time.process_time() - started)
        assert isinstance(table, ReproductionTable)
        started = time.process_time()
        slow = _by_twin(cases, interval.weights(days), table)
        twin.append(time.process_time() - started)
        _must_agree(table, slow)
    fast, readable = middle(kernel), middle(twin)
    windows = series * len(table.start_day)
    section = Section(
        title="Reproduction number",
        lead=(
            f"{series} series of {days} days, {windows:,} windows of {WINDOW_DAYS} days with "
            f"{len(QUANTILE_LEVELS)} quantiles each; median of {rounds} rounds. The twin is plain loops, "
            "written to be read against the paper; kernel and twin agreed to "
            f"{AGREEMENT:g} (relative) in every window."
        ),
        columns=["way", "CPU s", "relative to the kernel"],
        rows=[
            ["kernel", f"{fast:.4f}", "1×"],
            ["readable twin", f"{readable:.2f}", f"{readable / fast:,.0f}×"],
        ],
    )
    return section


def _by_twin(cases: Any, weights: Any, table: ReproductionTable) -> list[Any]:
    # The first day has no past in the series, so its cases count as imported (EpiEstim does the same).
    return [
        reproduction_in_window(
            row,
            [row[0], *([0.0] * (len(row) - 1))],
            weights.tolist(),
            int(start),
            int(end),
            PRIOR,
            PRIOR,
            QUANTILE_LEVELS,
        )
        for row in cases.tolist()
        for start, end in zip(table.start_day, table.end_day, strict=True)
    ]


def _must_agree(table: ReproductionTable, slow: list[Any]) -> None:
    fast = zip(table.mean.ravel(), table.quantiles.reshape(-1, len(QUANTILE_LEVELS)), strict=True)
    for (mean, quantiles), found in zip(fast, slow, strict=True):
        if found is None:
            if not np.isnan(mean):
                raise RuntimeError("the kernel gives an estimate where its twin refuses")
            continue
        if not np.allclose([mean, *quantiles], [found[0], *found[2]], rtol=AGREEMENT, atol=0):
            raise RuntimeError(f"kernel and twin differ: {mean} and {found[0]}")
