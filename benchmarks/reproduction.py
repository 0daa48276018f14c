"""How fast the reproduction number is: the kernel beside its readable twin, and beside EpiEstim where R is.

Both get the same series and must give the same numbers, or there is no figure to report.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from typing import Any

import numpy as np

from fangkong.science.epi.reproduction import QUANTILE_LEVELS, ReproductionTable, estimate_reproduction
from fangkong.science.epi.reproduction_reference import reproduction_in_window
from fangkong.science.epi.serial_interval import ShiftedGammaInterval

from .figures import Section, middle

SERIES, DAYS, WINDOW_DAYS, ROUNDS, SEED = 16, 180, 7, 3, 7
MEAN_DAYS, SD_DAYS, PRIOR = 4.7, 2.9, 5.0
AGREEMENT = 1e-9

R_SCRIPT = """
suppressMessages(library(EpiEstim)); library(stats)
x <- as.matrix(read.csv(file("stdin"), header = FALSE))
started <- proc.time()
for (row in seq_len(nrow(x))) suppressWarnings(suppressMessages(estimate_R(x[row, ], method = "parametric_si",
  config = make_config(list(mean_si = %s, std_si = %s)))))
spent <- proc.time() - started
cat(spent[["user.self"]] + spent[["sys.self"]])
"""


def measure(series: int = SERIES, days: int = DAYS, rounds: int = ROUNDS) -> Section:
    """CPU seconds of the kernel, its twin and EpiEstim on the same series, and the ratios."""
    rng = np.random.default_rng(SEED)
    level = 40 * np.exp(np.cumsum(rng.normal(0, 0.05, (series, days)), axis=1))
    cases = rng.poisson(level).astype(np.float64)
    interval = ShiftedGammaInterval(MEAN_DAYS, SD_DAYS)
    kernel, twin = [], []
    for _ in range(rounds):
        started = time.process_time()
        table = estimate_reproduction(cases, interval, window_days=WINDOW_DAYS)
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
    peer = _epiestim(cases)
    if peer is None:
        section.notes.append(
            "EpiEstim was not measured: this machine has no `Rscript` with the package EpiEstim."
        )
    else:
        section.rows.append(["R package EpiEstim", f"{peer:.2f}", f"{peer / fast:,.0f}×"])
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


def _epiestim(cases: Any) -> float | None:
    rscript = shutil.which("Rscript")
    if rscript is None:
        return None
    there = [rscript, "-e", 'quit(status = as.integer(!requireNamespace("EpiEstim", quietly = TRUE)))']
    if subprocess.run(there, capture_output=True, check=False).returncode:
        return None
    table = "\n".join(",".join(str(int(value)) for value in row) for row in cases)
    script = R_SCRIPT % (json.dumps(MEAN_DAYS), json.dumps(SD_DAYS))
    answer = subprocess.run([rscript, "-e", script], input=table, capture_output=True, text=True, check=True)
    return float(answer.stdout)
