"""Real weekly series as the quiet ground of injected outbreaks: read, cut into windows, and enlarged by known cases.

A window is the stretch of one series that a method needs in order to watch a few weeks: the years before them and the
weeks themselves. All windows of a file have one length, so one call of a method watches all of them at once.

Source of the outbreaks: Noufaily, Enki, Farrington, Garthwaite, Andrews, Charlett (2013), "An improved algorithm for
outbreak detection in multiple surveillance systems", Stat Med 32(7):1206-1222, section 3; used likewise by Salmon,
Schumacher, Hoehle (2016), J Stat Softw 70(10).
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

#: Weeks in a year as the tables count them, and what stands in their columns besides counts.
FREQUENCY = 52
_NOT_COUNTS = {"t", "epoch", "freq", "start_year", "start_period", "state"}

#: Years before the watched weeks: as many as there are, up to the five that the Farrington methods are made for.
MOST_YEARS, FEWEST_YEARS = 5, 3
#: Weeks beyond whole years that the half windows of the methods reach back.
_MARGIN = 6
#: Weeks watched in a window. An outbreak that starts in the first has all but 2 in 10,000 of its cases in these.
WATCHED_WEEKS = 6
#: Half of the weeks whose spread is the unit of an outbreak's size.
_HALF_SPREAD = 6
#: Spread of the logarithm of the weeks between an outbreak's start and a case (Noufaily et al. 2013).
_LOG_SPREAD = 0.5


@dataclass(frozen=True, slots=True)
class Baseline:
    """One file: the counts of its series and the weeks that are known to belong to an outbreak.

    Attributes:
        name: of the series, as in the file's name.
        path: the file.
        counts: shape ``[series, weeks]``; NaN where missing.
        outbreak: weeks that the file itself marks as an outbreak, shape ``[weeks]``.
        first_on: first day of the first week.
    """

    name: str
    path: Path
    counts: FloatArray
    outbreak: NDArray[np.bool_]
    first_on: date

    @property
    def years(self) -> int:
        """Years of history that leave at least one year to watch; 0 where that is fewer than three."""
        years = min(MOST_YEARS, self.counts.shape[1] // FREQUENCY - 1)
        return years if years >= FEWEST_YEARS else 0

    @property
    def history(self) -> int:
        """Weeks of a window before the first watched one."""
        return self.years * FREQUENCY + _MARGIN


@dataclass(frozen=True, slots=True)
class Windows:
    """Stretches of one file's series, each ending with the watched weeks.

    Attributes:
        counts: shape ``[windows, history + WATCHED_WEEKS]``.
        spread: standard deviation of the weeks around the first watched one, at least 1; shape ``[windows]``.
        history: weeks before the watched ones. years: whole years among them.
        starts: position of the first watched week in its series, shape ``[windows]``.
    """

    counts: FloatArray
    spread: FloatArray
    history: int
    years: int
    starts: IntArray


def read_baselines(folder: Path) -> list[Baseline]:
    """The weekly series among ``input_*.csv``, by name.

    Arguments:
        folder: holds files with the columns ``epoch`` (a date, or a number where there are none), ``freq``,
            ``start_year``, ``start_period``, perhaps ``state`` (1 in weeks of a known outbreak), and one column of
            counts for each series.

    Raises:
        FileNotFoundError: when no weekly series is there.
    """
    found = []
    for path in sorted(folder.glob("input_*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        if rows and rows[0].get("freq") == str(FREQUENCY):
            found.append(_baseline(path, rows))
    if not found:
        raise FileNotFoundError(f"no weekly series in {folder}: it should hold input_<name>.csv with freq 52")
    return found


def _baseline(path: Path, rows: list[dict[str, str]]) -> Baseline:
    columns = [name for name in rows[0] if name not in _NOT_COUNTS]
    counts = np.array([[_number(row[name]) for row in rows] for name in columns])
    outbreak = np.array([row.get("state") in ("1", "TRUE") for row in rows])
    epoch = rows[0]["epoch"]
    if "-" in epoch:
        first_on = date.fromisoformat(epoch)
    else:
        weeks = int(rows[0]["start_period"]) - 1
        first_on = date.fromisocalendar(int(rows[0]["start_year"]), 1, 1) + timedelta(weeks=weeks)
    return Baseline(path.stem.removeprefix("input_"), path, counts, outbreak, first_on)


def _number(text: str) -> float:
    return float("nan") if text in ("", "NA") else float(text)


def windows(baseline: Baseline, most: int, rng: np.random.Generator) -> Windows:
    """Up to ``most`` windows of a file, drawn without replacement from all that touch no known outbreak.

    Arguments:
        baseline: a file with ``years`` of history.
        most: number of windows to draw; all of them where there are fewer.
        rng: draws them.
    """
    length = baseline.counts.shape[1]
    known = np.convolve(baseline.outbreak, np.ones(WATCHED_WEEKS))[WATCHED_WEEKS - 1 :] > 0
    starts = np.arange(baseline.history, length - WATCHED_WEEKS + 1)
    starts = starts[~known[starts]]
    pairs = np.stack(
        np.meshgrid(np.arange(baseline.counts.shape[0]), starts, indexing="ij"), axis=-1
    ).reshape(-1, 2)
    pairs = pairs[np.sort(rng.permutation(len(pairs))[:most])]
    span = np.arange(-baseline.history, WATCHED_WEEKS)
    counts = baseline.counts[pairs[:, :1], pairs[:, 1:] + span]
    around = np.clip(pairs[:, 1:] + np.arange(-_HALF_SPREAD, _HALF_SPREAD + 1), 0, length - 1)
    spread = np.nanstd(baseline.counts[pairs[:, :1], around], axis=1, ddof=1)
    return Windows(counts, np.maximum(spread, 1), baseline.history, baseline.years, pairs[:, 1])


def outbreak_cases(spread: FloatArray, size: float, rng: np.random.Generator) -> FloatArray:
    """Additional cases of one outbreak in each window, by watched week.

    Arguments:
        spread: standard deviation of the baseline, shape ``[windows]``.
        size: mean of the outbreak's size in standard deviations; the size itself is Poisson, at least one case.
        rng: draws size and weeks. The weeks from the start to a case are lognormal about one week, rounded down; what
            would lie beyond the watched weeks falls into the last.

    Returns:
        Whole numbers, shape ``[windows, WATCHED_WEEKS]``.

    >>> outbreak_cases(np.full(3, 2.0), 5, np.random.default_rng(1)).sum(axis=1).tolist()
    [8.0, 13.0, 10.0]
    """
    totals = np.maximum(rng.poisson(size * spread), 1)
    window = np.repeat(np.arange(len(spread)), totals)
    week = np.floor(rng.lognormal(0.0, _LOG_SPREAD, len(window))).astype(np.int64)
    cases = np.zeros((len(spread), WATCHED_WEEKS))
    np.add.at(cases, (window, np.minimum(week, WATCHED_WEEKS - 1)), 1)
    return cases
