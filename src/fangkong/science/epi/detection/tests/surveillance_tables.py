"""Tables recorded from the R package surveillance 1.20.3, read from the reference folder beside the real data."""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

_CHECKOUT = Path(__file__).resolve().parents[6]
_NOT_COUNTS = {"t", "epoch", "freq", "start_year", "start_period", "state"}


def reference_folder() -> Path:
    """The folder of the tables; the test is skipped, with the reason, where it is absent."""
    data = Path(os.environ.get("FANGKONG_REAL_DATA", _CHECKOUT.parent / "shared" / "data"))
    folder = data.parent / "reference" / "surveillance"
    if not folder.is_dir():
        pytest.skip(
            f"no surveillance tables in {folder}; set FANGKONG_REAL_DATA to the `data` folder beside `reference`"
        )
    return folder


def _number(text: str) -> float:
    return float("nan") if text in ("", "NA") else float(text)


@dataclass(frozen=True)
class Input:
    """Counts ``[series, time]`` and when they begin: a date where the table has dates."""

    counts: NDArray[np.float64]
    start: date | tuple[int, int]


@dataclass(frozen=True)
class Output:
    """One cell per row: 0-based series and time, and the columns by name."""

    series: NDArray[np.int64]
    time: NDArray[np.int64]
    columns: dict[str, NDArray[np.float64]]


def read_input(name: str) -> Input:
    with (reference_folder() / f"input_{name}.csv").open(encoding="utf-8") as file:
        header, *rows = list(csv.reader(file))
    places = [i for i, column in enumerate(header) if column not in _NOT_COUNTS]
    counts = np.array([[_number(row[i]) for i in places] for row in rows]).T
    first, year, period = rows[0][1], int(rows[0][3]), int(rows[0][4])
    return Input(counts, date.fromisoformat(first) if "-" in first else (year, period))


def read_output(file_name: str) -> Output:
    with (reference_folder() / file_name).open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    columns = {key: np.array([_number(row[key]) for row in rows]) for key in rows[0]}
    return Output(columns["unit"].astype(int) - 1, columns["t"].astype(int) - 1, columns)
