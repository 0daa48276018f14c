from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fangkong.science.epi.serial_interval import checked_weights, discretised_serial_interval
from fangkong.science.epi.tests.epiestim_tables import table


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("mean_days", "sd_days"), [(2.6, 1.5), (8.4, 3.8), (14.9, 3.9), (6.8, 4.1), (4.7, 2.9)]
)
def test_same_as_epiestim_discr_si(mean_days: float, sd_days: float) -> None:
    expected = table(f"discr_si_mu{mean_days}_sd{sd_days}.csv")
    got = discretised_serial_interval(mean_days, sd_days, len(expected))
    np.testing.assert_array_equal(expected[:, 0], np.arange(len(expected)))
    np.testing.assert_allclose(got, expected[:, 1], rtol=0, atol=1e-12)


def test_a_day_collects_the_triangle_around_it() -> None:
    # The definition itself, by numerical integration: P(k) = integral of the density times (1 - |x - k|)+.
    mean_days, sd_days = 5.0, 2.0
    shape, scale = ((mean_days - 1) / sd_days) ** 2, sd_days**2 / (mean_days - 1)
    x = np.linspace(0, 60, 600_001)
    density = x ** (shape - 1) * np.exp(-x / scale)
    density /= density.sum()
    expected = [float((density * np.maximum(0, 1 - np.abs(x + 1 - k))).sum()) for k in range(1, 25)]
    np.testing.assert_allclose(discretised_serial_interval(mean_days, sd_days, 25)[1:], expected, atol=1e-7)


@given(mean_days=st.floats(1.5, 20), spread=st.floats(0.2, 1))
def test_mass_is_one_and_the_mean_is_kept(mean_days: float, spread: float) -> None:
    # The grid must hold the tail, so the sd stays within the mean of the gamma part.
    sd_days = spread * (mean_days - 1)
    weights = discretised_serial_interval(mean_days, sd_days, 800)
    assert weights[0] == 0
    assert (weights >= 0).all()
    assert weights.sum() == pytest.approx(1, abs=1e-9)
    assert weights @ np.arange(800) == pytest.approx(mean_days, abs=1e-6)


def test_a_longer_grid_only_adds_days() -> None:
    np.testing.assert_array_equal(
        discretised_serial_interval(4.7, 2.9, 10), discretised_serial_interval(4.7, 2.9, 30)[:10]
    )


@pytest.mark.parametrize(
    ("mean_days", "sd_days", "length"),
    [(1.0, 1.0, 10), (5.0, 0.0, 10), (float("nan"), 1.0, 10), (5.0, 1.0, 0)],
)
def test_impossible_intervals_are_named(mean_days: float, sd_days: float, length: int) -> None:
    with pytest.raises(ValueError, match=r"mean_days|sd_days|length"):
        discretised_serial_interval(mean_days, sd_days, length)


@pytest.mark.parametrize(
    ("weights", "complaint"),
    [
        ([1.0], "at least two days"),
        ([0.1, 0.9], "day 0"),
        ([0.0, 1.2, -0.2], "not negative"),
        ([0.0, 0.5, 0.4], "sum to 0.9000"),
    ],
)
def test_weights_that_are_no_distribution_are_named(weights: list[float], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        checked_weights(weights)
