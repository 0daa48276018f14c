"""How fast the assessment of many series is, beside the R packages EpiEstim and surveillance in the same run.

Both sides get the same generated series (R as CSV files) and their numbers are compared one by one: a difference, and
there is no figure to report. CPU seconds count the calls only, not the start of the interpreters nor reading files;
peak memory is that of the whole process, one process a job.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .figures import Section, middle
from .installation import run_part
from .r_packages import rscript, run, versions

SEED, ROUNDS = 7, 3
MEAN_DAYS, SD_DAYS, WINDOW_DAYS = 4.7, 2.9, 7
LEVELS = (0.025, 0.05, 0.25, 0.5, 0.75, 0.95, 0.975)
#: Weeks before the watched one: five years, and the first of them needs its window.
FLEXIBLE_WEEKS = 5 * 52 + 10
#: The settings of Noufaily et al. (2013) as surveillance's vignette gives them.
FLEXIBLE = {"alpha": 0.01, "no_periods": 10, "past_weeks_not_included": 26, "threshold_method": "nbPlugin"}
LARGE_CPU_S, LARGE_MEMORY_MB = 10.0, 4096.0

_READ = """
given <- commandArgs(TRUE)
x <- unname(as.matrix(read.csv(file.path(given[1], "series.csv"), header = FALSE)))
keep <- function(values, name) write.table(format(values, digits = 17, trim = TRUE), file.path(given[1], name),
  sep = ",", row.names = FALSE, col.names = FALSE, quote = FALSE)
spent <- function(started) { used <- proc.time() - started; used[["user.self"]] + used[["sys.self"]] }
"""
_CORI = (
    "suppressMessages(library(EpiEstim))"
    + _READ
    + f"""
config <- make_config(list(mean_si = {MEAN_DAYS}, std_si = {SD_DAYS}))
cpu <- 0; found <- NULL
for (row in seq_len(nrow(x))) {{
  started <- proc.time()
  answer <- suppressWarnings(suppressMessages(estimate_R(x[row, ], method = "parametric_si", config = config)))
  cpu <- cpu + spent(started)
  found <- rbind(found, as.vector(as.matrix(answer$R[, 3:11])))
}}
keep(found, "answer.csv")
cat(sprintf('{{"cpu_s": %.6f}}', cpu))
"""
)
_FLEXIBLE = (
    "suppressMessages(library(surveillance))"
    + _READ
    + """
series <- sts(observed = t(x), start = c(2015, 1), frequency = 52)
control <- list(range = ncol(x), b = 5, w = 3, reweight = TRUE, weightsThreshold = 2.58, alpha = 0.01, trend = TRUE,
  pThresholdTrend = 0.05, limit54 = c(5, 4), noPeriods = 10, pastWeeksNotIncluded = 26, thresholdMethod = "nbPlugin")
if (given[2] == "defaults") control <- list(range = ncol(x), b = 5)
started <- proc.time()
answer <- suppressWarnings(farringtonFlexible(series, control))
cpu <- spent(started)
keep(cbind(as.vector(upperbound(answer)), as.vector(answer@control$expected), as.vector(alarms(answer))), "answer.csv")
cat(sprintf('{"cpu_s": %.6f}', cpu))
"""
)
_EARS = (
    "suppressMessages(library(surveillance))"
    + _READ
    + """
series <- sts(observed = t(x), start = c(2015, 1), frequency = 52)
started <- proc.time()
answer <- earsC(series, control = list(method = "C1"))
cpu <- spent(started)
keep(cbind(t(upperbound(answer)), t(alarms(answer))), "answer.csv")
cat(sprintf('{"cpu_s": %.6f}', cpu))
"""
)


@dataclass(frozen=True)
class Job:
    """One row of the table: what both sides do, how much of it R does, and what is demanded."""

    name: str
    title: str
    series: int
    length: int
    r_series: int
    script: str
    ratio: float
    tolerance: float
    #: What the tolerance is relative to: 0 for absolute differences.
    relative: bool = False
    r_argument: str = ""


#: EpiEstim needs a seventh of a second a series: it gets a part, and its time counts per series.
JOBS = (
    Job("cori", "Cori, mean, sd, 7 quantiles", 1000, 365, 150, _CORI, 300, 1e-9),
    Job("flexible", "Farrington flexible, one week", 1000, FLEXIBLE_WEEKS, 1000, _FLEXIBLE, 40, 1e-5, True),
    Job(
        "flexible_defaults",
        "the same, the package's defaults",
        1000,
        FLEXIBLE_WEEKS,
        1000,
        _FLEXIBLE,
        40,
        1e-5,
        True,
        "defaults",
    ),
    Job("ears", "EARS C1, every week", 1000, 364, 1000, _EARS, 100, 1e-9),
)
LARGE = (10_000, 1000)


def measure(share: float = 1.0, rounds: int = ROUNDS, install: bool = True) -> Section:
    """CPU seconds and peak memory of each job on both sides, their ratio and how far the answers agree.

    Arguments:
        share: of the sizes for which the goals are set. rounds: of our side; the median counts. R runs once.
        install: whether R may be installed from Debian where it is missing.
    """
    path, missing = rscript(install)
    section = Section(
        title="Assessment beside R",
        lead=(
            "The same generated series on both sides, every number compared in this run. CPU seconds of the calls "
            f"alone (ours: median of {rounds} rounds after a first call on a small matrix; R: one), peak memory of "
            "the whole process."
        ),
        columns=["job", "series × times", "CPU s", "MB", "R CPU s", "R MB", "ratio", "target", "agreement"],
    )
    if path is None:
        section.notes.append(f"R was not measured: {missing}.")
    else:
        section.notes.append(f"{versions(path)}, Cori with a parametric serial interval.")
    for job in JOBS:
        _compare(section, job, max(4, int(job.series * share)), rounds, path)
    _large(section, *(max(60, int(size * share)) for size in LARGE))
    return section


def _compare(section: Section, job: Job, series: int, rounds: int, path: str | None) -> None:
    r_series = min(job.r_series, series)
    with TemporaryDirectory(prefix="fangkong-bench-") as name:
        folder = Path(name)
        ours = _in_own_process(job.name, series, job.length, rounds, folder)
        row = [job.title, f"{series:,} × {job.length}", f"{ours['cpu_s']:.3f}", f"{ours['peak_mb']:.0f}"]
        if path is None:
            section.rows.append([*row, *["not measured"] * 3, f"{job.ratio:.0f}×", "not measured"])
            return
        np.savetxt(folder / "series.csv", _series(job.name, series, job.length)[:r_series], "%d", ",")
        theirs = run(path, job.script, folder, job.r_argument or "-")
        answer = np.genfromtxt(folder / "answer.csv", delimiter=",", missing_values="NA", ndmin=2)
        agreement = _agreement(job, np.load(folder / "ours.npy")[:r_series], answer)
    cpu_s = theirs["cpu_s"] * series / r_series
    ratio = cpu_s / ours["cpu_s"]
    if r_series < series:
        section.notes.append(
            f"{job.title}: R ran on the first {r_series} series ({theirs['cpu_s']:.1f} CPU s) and its time counts "
            f"{series / r_series:.1f} times, since it is one call a series; numbers are compared on those series."
        )
    target = f"met ({job.ratio:.0f}×)" if ratio >= job.ratio else f"missed: {job.ratio:.0f}×"
    section.rows.append(
        [
            *row,
            f"{cpu_s:.1f}",
            f"{theirs['peak_mb']:.0f}",
            f"{ratio:,.0f}×",
            target,
            agreement,
        ]
    )


def _large(section: Section, series: int, days: int) -> None:
    with TemporaryDirectory(prefix="fangkong-bench-") as name:
        found = _in_own_process("large", series, days, 1, Path(name))
    misses = [
        f"{what} {value:.1f} of {limit:.0f}"
        for what, value, limit in (
            ("CPU s", found["cpu_s"], LARGE_CPU_S),
            ("MB", found["peak_mb"], LARGE_MEMORY_MB),
        )
        if value > limit
    ]
    target = (
        f"missed: {', '.join(misses)}" if misses else f"met ({LARGE_CPU_S:.0f} s, {LARGE_MEMORY_MB:.0f} MB)"
    )
    size = f"{series:,} × {days:,}"
    section.rows.append(
        [
            "Cori, all of a nation",
            size,
            f"{found['cpu_s']:.2f}",
            f"{found['peak_mb']:.0f}",
            "",
            "",
            "",
            target,
            "",
        ]
    )


def _agreement(job: Job, ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> str:
    """How far two answers lie apart, in words.

    Raises:
        RuntimeError: when cells are empty on one side only, or numbers differ by more than the job allows.
    """
    if ours.shape != theirs.shape:
        raise RuntimeError(f"{job.title}: ours has shape {ours.shape} and R's {theirs.shape}")
    empty = np.isnan(theirs)
    if (np.isnan(ours) != empty).any():
        cell = tuple(int(i) for i in np.argwhere(np.isnan(ours) != empty)[0])
        raise RuntimeError(f"{job.title}: one side is empty at {cell}: ours {ours[cell]}, R {theirs[cell]}")
    difference = np.abs(ours - theirs)[~empty]
    if job.relative:
        difference = difference / np.maximum(np.abs(theirs[~empty]), 1e-12)
    largest = float(difference.max(initial=0.0))
    if not largest <= job.tolerance:
        raise RuntimeError(
            f"{job.title}: the largest difference from R is {largest:g}, above {job.tolerance:g}"
        )
    kind = "relative" if job.relative else "absolute"
    return f"{largest:.0e} {kind} in {int((~empty).sum()):,} numbers, the same {int(empty.sum()):,} empty"


def _in_own_process(job: str, series: int, length: int, rounds: int, folder: Path) -> dict[str, Any]:
    sizes = [str(series), str(length), str(rounds), str(folder)]
    found: dict[str, Any] = json.loads(run_part("assess", job, *sizes, environment=dict(os.environ)))
    return found


def _series(job: str, series: int, length: int) -> NDArray[np.float64]:
    """The counts of a job: epidemic curves for Cori, weeks with a season and more spread than Poisson for alarms."""
    rng = np.random.default_rng(SEED)
    if job in ("cori", "large"):
        level = 40 * np.exp(np.cumsum(rng.normal(0, 0.05, (series, length)), axis=1))
        return rng.poisson(level).astype(np.float64)
    usual = np.exp(rng.uniform(np.log(0.3), np.log(60), (series, 1)))
    season = np.exp(0.5 * np.cos(2 * np.pi * (np.arange(length) / 52 - rng.random((series, 1)))))
    spread = rng.uniform(0.1, 2, (series, 1))
    return rng.poisson(rng.gamma(usual * season / spread, spread)).astype(np.float64)


def _call(job: str) -> Callable[[NDArray[np.float64]], NDArray[np.float64] | None]:
    """The public function of a job; its answer as R writes it, one row a series (None where R is not asked)."""
    from fangkong.science import epi

    def cori(counts: NDArray[np.float64]) -> Any:
        days = counts.shape[1]
        interval = epi.discretise_serial_interval(MEAN_DAYS, SD_DAYS, days - 1)
        return epi.estimate_reproduction(counts, interval, window=WINDOW_DAYS, quantiles=LEVELS)

    def flexible(counts: NDArray[np.float64]) -> Any:
        settings: dict[str, Any] = FLEXIBLE if job == "flexible" else {}
        return epi.farrington_flexible(counts, (2015, 1), first=counts.shape[1] - 1, **settings)

    if job in ("cori", "large"):
        return cori
    return flexible if job.startswith("flexible") else lambda counts: epi.ears(counts, "C1")  # type: ignore[return-value]


def _columns(job: str, found: Any) -> NDArray[np.float64]:
    """An answer with R's columns: one row a series."""
    if job == "cori":
        # EpiEstim's first window ends on the eighth day.
        cells = [found.mean, found.sd, *found.quantiles]
        return np.concatenate([np.asarray(cell)[:, WINDOW_DAYS:] for cell in cells], axis=1)
    if job == "ears":
        return np.concatenate([found.upper[:, 7:], found.alarm[:, 7:]], axis=1).astype(np.float64)
    known = np.isfinite(found.upper[:, -1])
    expected = np.where(known, found.expected[:, -1], np.nan)
    return np.stack([found.upper[:, -1], expected, found.alarm[:, -1]], axis=1)


def main() -> None:
    """One job of our side: print its CPU seconds and peak memory, keep its answer beside R's."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.assess")
    parser.add_argument("job")
    parser.add_argument("series", type=int)
    parser.add_argument("length", type=int)
    parser.add_argument("rounds", type=int)
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    call = _call(given.job)
    counts = _series(given.job, given.series, given.length)
    call(counts[:3])
    spent, found = [], None
    for _ in range(given.rounds):
        found = None
        began = time.process_time()
        found = call(counts)
        spent.append(time.process_time() - began)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if given.job != "large":
        np.save(given.folder / "ours.npy", _columns(given.job, found))
    print(json.dumps({"cpu_s": middle(spent), "peak_mb": peak_mb}))


if __name__ == "__main__":
    main()
