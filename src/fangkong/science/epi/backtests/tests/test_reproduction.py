"""The score of published reproduction numbers: what a perfect, a blind and the product's nowcast come to."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from fangkong.science.epi.backtests.reproduction import (
    Published,
    ReportedSeries,
    product_nowcast,
    published_numbers,
    read_triangles,
    reproduction,
    score,
)
from fangkong.science.epi.backtests.simulated_outbreaks import MEAN_DAYS, SD_DAYS, simulated_outbreak
from fangkong.science.epi.serial_interval import ShiftedGammaInterval

FloatArray = NDArray[np.float64]
INTERVAL = ShiftedGammaInterval(MEAN_DAYS, SD_DAYS)
FROM = date(2024, 1, 1)


@pytest.fixture(scope="module")
def outbreak() -> ReportedSeries:
    made = simulated_outbreak(3, 150)
    return ReportedSeries("simulated", made.triangle, FROM, lambda on: INTERVAL, made.reproduction)


def blind(triangle: FloatArray, first_on: date) -> FloatArray:
    """A nowcast that adds nothing."""
    return np.nansum(triangle, axis=1)[None, :]


def test_as_of_a_day_nothing_later_is_known(outbreak: ReportedSeries) -> None:
    known = outbreak.as_of(100)
    day, delay = np.meshgrid(np.arange(known.shape[0]), np.arange(known.shape[1]), indexing="ij")
    assert (np.isnan(known) == (day + delay > 100)).all()
    later = replace(outbreak, triangle=outbreak.triangle + 1000 * (np.arange(150)[:, None] > 100))
    np.testing.assert_array_equal(known, later.as_of(100))


def test_a_perfect_nowcast_is_never_false(outbreak: ReportedSeries) -> None:
    final = outbreak.triangle.sum(axis=1)

    def perfect(triangle: FloatArray, first_on: date) -> FloatArray:
        first = (first_on - FROM).days
        return final[None, first : first + len(triangle)]

    found = score(published_numbers(outbreak, perfect))
    assert found["inside_95"] == 1
    assert found["false_calls"] == 0
    assert found["without_number"] == 0


def test_the_true_number_lies_inside_where_cases_are_poisson() -> None:
    inside = []
    for seed in range(5):
        made = simulated_outbreak(seed, 150, dispersion=1e6)
        final = made.triangle.sum(axis=1)
        one = ReportedSeries("poisson", made.triangle, FROM, lambda on: INTERVAL, made.reproduction)

        def perfect(triangle: FloatArray, first_on: date, final: FloatArray = final) -> FloatArray:
            first = (first_on - FROM).days
            return final[None, first : first + len(triangle)]

        inside.append(score(published_numbers(one, perfect))["truth_inside_95"])
    assert np.mean(np.array(inside, dtype=float)) > 0.85


def test_without_a_nowcast_the_number_falls_every_day(outbreak: ReportedSeries) -> None:
    published = published_numbers(outbreak, blind)
    found = score(published)
    # Blind to what is not yet reported, it is the plain estimate, which calls a growing outbreak shrinking.
    assert found["inside_95"] == pytest.approx(found["plain_inside_95"], abs=0.05)
    assert isinstance(found["plain_inside_95"], float)
    assert found["plain_inside_95"] < 0.2
    assert isinstance(found["plain_false_calls"], float)
    assert found["plain_false_calls"] > 0.2


def test_false_and_right_calls_are_told_apart() -> None:
    low = np.array([1.1, 0.6, 0.9, 1.1, np.nan])
    high = np.array([1.3, 0.9, 1.2, 1.3, np.nan])
    final = np.array([0.9, 1.1, 1.0, 1.2, 1.0])
    found = score(Published(low, high, low, high, final, np.full(5, np.nan)))
    assert found["days"] == 5
    assert found["without_number"] == pytest.approx(0.2)
    assert found["false_calls"] == pytest.approx(0.5)
    assert found["right_calls"] == pytest.approx(0.25)
    assert found["inside_95"] == pytest.approx(0.5)
    assert found["truth_inside_95"] is None


def test_the_simulated_reports_wait_for_monday() -> None:
    triangle = simulated_outbreak(1, 140).triangle
    sundays = triangle[6::7]
    assert sundays[:, 0].sum() < 0.5 * sundays[:, 1].sum()
    assert (triangle == np.floor(triangle)).all()


def test_the_same_seed_is_the_same_outbreak() -> None:
    np.testing.assert_array_equal(simulated_outbreak(4, 90).triangle, simulated_outbreak(4, 90).triangle)
    assert (simulated_outbreak(4, 90).triangle != simulated_outbreak(5, 90).triangle).any()


def test_a_missing_file_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no reporting triangles"):
        reproduction(tmp_path / "data")


@pytest.mark.real_data
def test_the_real_triangles_carry_the_product_nowcast(real_data: Path) -> None:
    folder = real_data.parent / "reference" / "vintages"
    nation = read_triangles(folder / "de_covid_hospitalisations_to_2022-02.csv.gz")[0]
    assert (nation.name, nation.first_on) == ("00+", date(2021, 4, 6))
    # A week of the autumn wave, with its history and the month that settles it.
    part = replace(nation, triangle=nation.triangle[80:204], first_on=nation.first_on + timedelta(days=80))
    found = score(published_numbers(part, product_nowcast))
    assert found["days"] == 6
    assert found["without_number"] == 0
    assert isinstance(found["inside_95"], float)
    assert isinstance(found["plain_inside_95"], float)
    assert found["inside_95"] > found["plain_inside_95"] + 0.5
