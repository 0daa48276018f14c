"""Tables recorded from EpiEstim 2.2-4 under R 4.2.2, read from the reference folder beside the real data."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

_CHECKOUT = Path(__file__).resolve().parents[5]


def reference_folder() -> Path:
    """The folder of the EpiEstim tables; the test is skipped, with the reason, where it is absent."""
    data = Path(os.environ.get("FANGKONG_REAL_DATA", _CHECKOUT.parent / "shared" / "data"))
    folder = data.parent / "reference" / "epiestim"
    if not folder.is_dir():
        pytest.skip(
            f"no EpiEstim tables in {folder}; set FANGKONG_REAL_DATA to the `data` folder beside `reference`"
        )
    return folder


def table(name: str) -> NDArray[np.float64]:
    """The numbers of one table, NA as NaN, without its header."""
    with (reference_folder() / name).open(encoding="utf-8") as file:
        rows = list(csv.reader(file))[1:]
    return np.array([[np.nan if cell == "NA" else float(cell) for cell in row] for row in rows])


def incidence(outbreak: str) -> NDArray[np.float64]:
    """Cases by day; the first column of the table is a date in some outbreaks and a day number in others."""
    with (reference_folder() / f"input_{outbreak}_incidence.csv").open(encoding="utf-8") as file:
        return np.array([float(row[-1]) for row in list(csv.reader(file))[1:]])
