"""Real series to forecast from many past days, each with what was known on the day.

Where the day of every report is known (hospitalisations, dengue) a forecast starts from the nowcast of the
reports so far; a bulletin's daily count (Shanghai, provinces) was known as published; of the others only the final
counts are left, and they are taken as if known at once.
"""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fangkong.science.epi.backtests.reproduction import read_triangles
from fangkong.science.epi.backtests.weekly_baselines import read_baselines
from fangkong.science.epi.estimates import Refusal
from fangkong.science.epi.intervals import serial_interval_for
from fangkong.science.epi.nowcast import nowcast
from fangkong.science.epi.serial_interval import ShiftedGammaInterval

FloatArray = NDArray[np.float64]

DAYS, WEEKS = 7, 52
_HOSPITALISATIONS = "de_covid_hospitalisations_to_2022-02.csv.gz"
_DENGUE = "denguedat.csv.gz"
_SHANGHAI = "shanghai_2022_city_daily_to_0410.csv"
_PROVINCES = "china_province_daily_2019-12_2020-12.csv"
#: Day columns of line lists: file, column, disease of the published serial interval.
_LINE_LISTS = (
    ("mers_korea_2015_linelist.csv", "dt_onset", "mers"),
    ("ebola_sim_clean_linelist.csv", "date_of_onset", "ebola"),
    ("measles_hagelloch_1861.csv", "date_of_prodrome", "measles"),
)
_MOST_PROVINCES = 5
#: Hubei's counts hold the change of the case definition of 2020-02-12: not one series.
_WITHOUT = "湖北省"
#: Periods that a nowcast is given: enough to learn the delays as they are now.
_NOWCAST_PERIODS = {DAYS: 120, WEEKS: 100}


@dataclass(frozen=True)
class PastSeries:
    """A series that can be looked at as of any of its steps.

    Attributes:
        name: of the series.
        frequency: 7 for days, 52 for weeks.
        first_on: first day of step 0.
        truth: final counts, ``[time]``; NaN where they are not final yet.
        triangle: counts by step and delay, ``[time, delays]``, NaN where not yet reported; None where no day of
            report is known.
        interval: serial interval in days, where one is published.
    """

    name: str
    frequency: int
    first_on: date
    truth: FloatArray
    triangle: FloatArray | None = None
    interval: ShiftedGammaInterval | None = None

    def on(self, step: int) -> date:
        """First day of a step."""
        return self.first_on + timedelta(days=step if self.frequency == DAYS else 7 * step)

    def known(self, step: int) -> tuple[FloatArray, FloatArray | None]:
        """The counts up to a step as known at its end, and samples of what they will become (None: final)."""
        if self.triangle is None:
            return self.truth[: step + 1], None
        first = max(0, step + 1 - _NOWCAST_PERIODS[self.frequency])
        window = self.triangle[first : step + 1].copy()
        age = np.arange(window.shape[0])[::-1]
        window[np.arange(window.shape[1])[None, :] > age[:, None]] = np.nan
        reported = np.nansum(self.triangle[: step + 1], axis=1)
        reported[first:] = np.nansum(window, axis=1)
        # Only days have a weekday and holidays.
        first_on = self.on(first) if self.frequency == DAYS else None
        samples = np.repeat(reported[None], 100, axis=0)
        samples[:, first:] = nowcast(window, first_on=first_on).samples[:100]
        return reported, samples


def past_series(data_folder: Path) -> tuple[list[PastSeries], list[Path]]:
    """The series that the folder holds, and the files that they were read from.

    Arguments:
        data_folder: the real data sets; vintages and weekly series lie in its sibling ``reference``.

    Raises:
        FileNotFoundError: when none of them is there.
    """
    reference = data_folder.parent / "reference"
    readers = (
        (reference / "vintages" / _HOSPITALISATIONS, _hospitalisations),
        (reference / "vintages" / _DENGUE, _dengue),
        (data_folder / _SHANGHAI, _shanghai),
        (data_folder / _PROVINCES, _provinces),
        *((data_folder / name, _line_list) for name, _, _ in _LINE_LISTS),
    )
    found: list[PastSeries] = []
    files: list[Path] = []
    for path, reader in readers:
        if path.is_file():
            found += reader(path)
            files.append(path)
    weekly = reference / "surveillance"
    if any(weekly.glob("input_*.csv")):
        for baseline in read_baselines(weekly):
            total = baseline.counts.sum(axis=0)
            found.append(PastSeries(baseline.name, WEEKS, baseline.first_on, total))
            files.append(baseline.path)
    if not found:
        raise FileNotFoundError(f"no series to forecast in {data_folder} nor in {reference}")
    return found, files


def _hospitalisations(path: Path) -> list[PastSeries]:
    interval = _published("covid-19", date(2021, 7, 1))
    return [
        PastSeries(
            f"hospitalisations {one.name}",
            DAYS,
            one.first_on,
            one.triangle.sum(axis=1),
            one.triangle,
            interval,
        )
        for one in read_triangles(path)
    ]


def _dengue(path: Path) -> list[PastSeries]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        cells = Counter((row["onset_week"], row["report_week"]) for row in csv.DictReader(file))
    weeks = {text: date.fromisoformat(text) for pair in cells for text in pair}
    first, last = min(weeks.values()), max(weeks.values())
    delays = 1 + max((weeks[report] - weeks[onset]).days // 7 for onset, report in cells)
    delays = min(delays, 11)
    periods = (last - first).days // 7 + 1
    triangle = np.zeros((periods, delays))
    for (onset, report), count in cells.items():
        step, delay = (weeks[onset] - first).days // 7, (weeks[report] - weeks[onset]).days // 7
        if 0 <= delay < delays:
            triangle[step, delay] += count
    # Weeks whose later reports lie beyond the end of the file.
    triangle[np.arange(delays)[None, :] > np.arange(periods)[::-1, None]] = np.nan
    return [PastSeries("dengue", WEEKS, first, triangle.sum(axis=1), triangle)]


def _shanghai(path: Path) -> list[PastSeries]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = {row["时间"]: row for row in csv.DictReader(file)}
    days = {date(int(text[:4]), int(text[4:6]), int(text[6:8])): row for text, row in rows.items()}
    first, last = min(days), max(days)
    interval = _published("covid-19", first)
    found = []
    for name, column in (("Shanghai confirmed", "确诊病例"), ("Shanghai asymptomatic", "无症状感染者")):
        counts = np.full((last - first).days + 1, np.nan)
        for on, row in days.items():
            if row[column]:
                counts[(on - first).days] = float(row[column])
        found.append(PastSeries(name, DAYS, first, counts, interval=interval))
    return found


def _provinces(path: Path) -> list[PastSeries]:
    """Daily new confirmed cases of the provinces with most cases, to the end of the first wave and after."""
    cumulative: dict[str, dict[date, float]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["province"] and not row["city"] and row["province"] != _WITHOUT and row["confirmed"]:
                cumulative.setdefault(row["province"], {})[date.fromisoformat(row["date"])] = float(
                    row["confirmed"]
                )
    largest = sorted(cumulative, key=lambda name: (-max(cumulative[name].values()), name))[:_MOST_PROVINCES]
    found = []
    for name in largest:
        days = cumulative[name]
        first, last = min(days), max(days)
        total = np.array(
            [days.get(first + timedelta(days=k), np.nan) for k in range((last - first).days + 1)]
        )
        steps = np.diff(total, prepend=0.0)
        # A step back is a correction of earlier days, no count of its day.
        steps[steps < 0] = np.nan
        found.append(PastSeries(name, DAYS, first, steps, interval=_published("covid-19", first)))
    return found


def _line_list(path: Path) -> list[PastSeries]:
    column, disease = next((column, disease) for name, column, disease in _LINE_LISTS if name == path.name)
    with path.open(encoding="utf-8", newline="") as file:
        days = [date.fromisoformat(row[column]) for row in csv.DictReader(file) if row[column]]
    first = min(days)
    counts = np.bincount([(day - first).days for day in days]).astype(np.float64)
    return [PastSeries(disease, DAYS, first, counts, interval=_published(disease, first))]


def _published(disease: str, on: date) -> ShiftedGammaInterval | None:
    found = serial_interval_for(disease, on)
    return None if isinstance(found, Refusal) else found.interval
