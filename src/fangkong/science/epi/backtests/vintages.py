"""Real reporting triangles with what was known on each past day, read from the recorded vintages and line lists."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from fangkong.science.epi.serial_interval import FloatArray

HOSPITALISATIONS = "de_covid_hospitalisations_to_2022-02.csv.gz"
DENGUE = "denguedat.csv.gz"
HUS = "husO104_germany_2011_report_delays.csv"


@dataclass(frozen=True)
class Vintages:
    """One complete reporting triangle and its calendar.

    Attributes:
        group: age group, sex or "all".
        cells: incremental counts ``[ref, delay]``; every report is in, NaN where the file ends before.
        first_on: first reference period.
        step_days: days from one period to the next.
    """

    group: str
    cells: FloatArray
    first_on: date
    step_days: int

    @property
    def final(self) -> FloatArray:
        """Eventual count by reference period; NaN where the file ends before all delays are over."""
        return np.asarray(self.cells.sum(axis=1))

    def on(self, period: int) -> date:
        """The date of a period counted from the first."""
        return self.first_on + timedelta(days=period * self.step_days)

    def as_of(self, period: int) -> FloatArray:
        """The triangle as it stood at the end of a report period."""
        periods, delays = self.cells.shape
        known = np.arange(periods)[:, None] + np.arange(delays) <= period
        return np.where(known, self.cells, np.nan)[: period + 1]


def hospitalisations(folder: Path) -> list[Vintages]:
    """German COVID hospitalisations by age group, daily, delays of 0 to 40 days; the sum of all ages first."""
    rows = list(_rows(folder / HOSPITALISATIONS))
    first_on = min(date.fromisoformat(row["reference_date"]) for row in rows)
    last_on = max(date.fromisoformat(row["reference_date"]) for row in rows)
    delays = 1 + max(int(row["delay"]) for row in rows)
    groups = sorted({row["age_group"] for row in rows})
    cells = {group: np.full(((last_on - first_on).days + 1, delays), np.nan) for group in groups}
    for row in rows:
        count = float(row["count"]) if row["count"] not in ("", "NA") else np.nan
        day = (date.fromisoformat(row["reference_date"]) - first_on).days
        cells[row["age_group"]][day, int(row["delay"])] = count
    return [Vintages(group, cells[group], first_on, 1) for group in groups]


def dengue(folder: Path) -> list[Vintages]:
    """Dengue in Puerto Rico by week of onset and of report, 1990 to 2010: all, women, men."""
    rows = [
        (date.fromisoformat(row["onset_week"]), date.fromisoformat(row["report_week"]), row["gender"])
        for row in _rows(folder / DENGUE)
    ]
    groups = [("all", ("Female", "Male")), ("female", ("Female",)), ("male", ("Male",))]
    longest = max((report - onset).days // 7 for onset, report, _ in rows)
    span = min(row[0] for row in rows), max(row[1] for row in rows)
    return [
        _counted(name, [row[:2] for row in rows if name == "all" or row[2] in sexes], span, 7, longest)
        for name, sexes in groups
    ]


def hus(folder: Path) -> Vintages:
    """Hospitalisations with HUS O104:H4, Germany 2011, by day of admission and of report."""
    rows = [
        (date.fromisoformat(row["dHosp"]), date.fromisoformat(row["dReport"]))
        for row in _rows(folder / HUS)
        if row["dHosp"] not in ("", "NA") and row["dReport"] not in ("", "NA")
    ]
    longest = max((report - event).days for event, report in rows)
    span = min(row[0] for row in rows), max(row[1] for row in rows)
    return _counted("all", rows, span, 1, longest)


def _counted(
    group: str, pairs: Iterable[tuple[date, date]], span: tuple[date, date], step_days: int, longest: int
) -> Vintages:
    """Pairs of event and report counted in cells; rows whose longest delay ends after the file stay open (NaN)."""
    periods = (span[1] - span[0]).days // step_days + 1
    cells = np.zeros((periods, longest + 1))
    for event, report in pairs:
        cells[(event - span[0]).days // step_days, (report - event).days // step_days] += 1
    over = np.arange(periods)[:, None] + np.arange(longest + 1) < periods
    return Vintages(group, np.where(over, cells, np.nan), span[0], step_days)


def _rows(path: Path) -> Iterable[dict[str, str]]:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
