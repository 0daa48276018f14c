"""Lawless equals surveillance 1.20.3; the fast growth factors equal the readable ones."""

from __future__ import annotations

import csv
from datetime import date

import numpy as np
import pytest

from fangkong.science import epi
from fangkong.science.epi.nowcast.development import development
from fangkong.science.epi.nowcast.development_reference import log_growth
from fangkong.science.epi.nowcast.tests.triangles import as_of, complete
from fangkong.science.epi.nowcast.triangle import as_stack, read

LEVELS = {"upperbound": 0.5, "pi_lo": 0.025, "pi_hi": 0.975}


@pytest.mark.real_data
def test_lawless_equals_the_recorded_nowcast(real_data):
    folder = real_data.parent / "reference" / "surveillance"
    with (folder / "nowcast_triangle_lawless.csv").open(newline="") as file:
        rows = list(csv.reader(file))[1:]
    cells = np.array([[np.nan if cell == "NA" else float(cell) for cell in row[1:]] for row in rows])
    days = {date.fromisoformat(row[0]): number for number, row in enumerate(rows)}
    estimate = epi.lawless(cells, max_total=1500)
    compared = 0
    with (folder / "nowcast_lawless_husO104Hosp.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            for column, level in LEVELS.items():
                if row[column] != "NA":
                    at = days[date.fromisoformat(row["date"])]
                    assert estimate.at(level)[at] == float(row[column]), (row["date"], column)
                    compared += 1
    assert compared == 39


def test_lawless_answers_0_beyond_the_largest_count_it_reckons_with():
    seen = as_of(complete(1, 40, 6, 100), 39)
    assert epi.lawless(seen, max_total=20).at(0.5)[-1] == 0
    assert epi.lawless(seen).at(0.5)[-1] > 20


@pytest.mark.parametrize(("seed", "period"), [(1, 1), (2, 7)])
def test_fast_growth_factors_equal_the_readable_ones(seed, period):
    cells = as_of(complete(seed, 33, 4, 30, week=period == 7), 32)
    stack, _ = as_stack(cells)
    fast = development(read(stack, 200, 32), 2, period)
    assert fast.start[0] == 0
    for position, day in enumerate(fast.as_of):
        slow = log_growth(np.nan_to_num(cells), int(day), period)
        assert np.abs(fast.log_growth[0, position] - slow).max() < 1e-12
