"""R carried through a nowcast: the sure nowcast changes nothing, the unsure one widens, and refusals stay refusals."""

from __future__ import annotations

import warnings
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fangkong.science.epi.nowcast_reproduction import pooled_gamma_quantiles, reproduction_from_nowcast
from fangkong.science.epi.nowcast_reproduction_reference import pooled_reproduction
from fangkong.science.epi.reproduction import QUANTILE_LEVELS, estimate_reproduction
from fangkong.science.epi.serial_interval import ShiftedGammaInterval, discretised_serial_interval

WEIGHTS = discretised_serial_interval(4.7, 2.9, 30)
NONE = np.zeros(0)


def wave(days: int, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.poisson(60 * np.exp(0.8 * np.sin(np.arange(days) / 9))).astype(float)


def test_a_sure_nowcast_gives_the_plain_estimate() -> None:
    counts = wave(50)
    plain = estimate_reproduction(counts, WEIGHTS)
    carried = reproduction_from_nowcast(np.tile(counts[30:], (40, 1)), counts[:30], WEIGHTS)
    np.testing.assert_allclose(carried.mean, plain.mean, rtol=1e-12)
    np.testing.assert_allclose(carried.sd, plain.sd, rtol=1e-9)
    np.testing.assert_allclose(carried.quantiles, plain.quantiles, rtol=1e-9)
    np.testing.assert_array_equal(carried.reason, plain.reason)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    level=st.sampled_from([0.0, 0.3, 20.0, 3000.0]),
    spread=st.sampled_from([0.02, 0.3, 3.0]),
    window=st.integers(1, 9),
)
def test_the_kernel_agrees_with_its_twin(seed: int, level: float, spread: float, window: int) -> None:
    rng = np.random.default_rng(seed)
    earlier = rng.poisson(level + 1, 20).astype(float)
    samples = rng.poisson(level * rng.gamma(1 / spread, spread, (7, 1)), (7, 8)).astype(float)
    found = reproduction_from_nowcast(samples, earlier, WEIGHTS, window)
    for day in (21, 27):
        rows = [[*earlier, *row] for row in samples]
        mean, sd, quantiles = pooled_reproduction(
            rows, WEIGHTS.tolist(), day - window + 1, day, 5.0, 5.0, QUANTILE_LEVELS
        )
        np.testing.assert_allclose(found.mean[day], mean, rtol=1e-10)
        np.testing.assert_allclose(found.sd[day], sd, rtol=1e-7)
        np.testing.assert_allclose(found.quantiles[:, day], quantiles, rtol=1e-9)


def test_the_less_is_reported_the_wider_the_interval() -> None:
    rng = np.random.default_rng(2)
    earlier = np.full(40, 200.0)
    widths = []
    for spread in (0.001, 0.02, 0.2):
        # Of the last days less and less is known.
        unknown = np.linspace(0.1, 1, 7)
        factor = 1 + unknown * (rng.gamma(1 / spread, spread, (400, 1)) - 1)
        found = reproduction_from_nowcast(np.round(200 * np.maximum(factor, 0.05)), earlier, WEIGHTS)
        widths.append(found.quantile(0.975)[-1] - found.quantile(0.025)[-1])
    assert widths[0] < widths[1] < widths[2]


def test_quantiles_are_those_of_pooled_draws() -> None:
    rng = np.random.default_rng(3)
    shape, scale = rng.uniform(20, 60, (300, 1)), rng.uniform(0.02, 0.04, (300, 1))
    found = pooled_gamma_quantiles(shape, scale, (0.025, 0.5, 0.975))[:, 0]
    drawn = rng.gamma(shape, scale, (300, 2000)).ravel()
    np.testing.assert_allclose(found, np.quantile(drawn, [0.025, 0.5, 0.975]), rtol=0.01)


def test_two_far_apart_truths_are_both_within_the_interval() -> None:
    shape = np.array([[400.0], [400.0]])
    found = pooled_gamma_quantiles(shape, np.array([[0.5 / 400], [2.0 / 400]]), (0.025, 0.975))[:, 0]
    assert 0.4 < found[0] < 0.5
    assert 2.0 < found[1] < 2.3


def test_a_refused_day_of_the_nowcast_is_a_missing_day() -> None:
    samples = np.full((5, 10), 50.0)
    samples[:, 9] = np.nan
    found = reproduction_from_nowcast(samples, np.full(30, 50.0), WEIGHTS)
    assert found.reason_at(39) == "missing_days"
    assert np.isnan(found.mean[39])
    assert found.reason_at(38) == ""


def test_only_the_last_days_where_only_they_are_asked_for() -> None:
    samples = np.random.default_rng(1).poisson(80, (20, 12)).astype(float)
    whole = reproduction_from_nowcast(samples, wave(40), WEIGHTS)
    part = reproduction_from_nowcast(samples, wave(40), WEIGHTS, last=2)
    assert (~np.isnan(part.mean)).sum() == 2
    np.testing.assert_array_equal(part.quantiles[:, -2:], whole.quantiles[:, -2:])
    assert part.reason_at(10) == "no_window"


def test_imported_cases_infect_but_were_not_infected_here() -> None:
    counts = wave(40)
    imported = np.zeros(40)
    imported[25:] = 10
    plain = estimate_reproduction(counts, WEIGHTS, imported=imported)
    carried = reproduction_from_nowcast(np.tile(counts[30:], (5, 1)), counts[:30], WEIGHTS, imported=imported)
    np.testing.assert_allclose(carried.quantiles, plain.quantiles, rtol=1e-9)
    # A sample with fewer cases than were imported has only imported ones.
    few = reproduction_from_nowcast(np.full((5, 10), 4.0), counts[:30], WEIGHTS, imported=imported)
    assert few.reason_at(39) == ""
    with pytest.raises(ValueError, match="imported has shape"):
        reproduction_from_nowcast(np.full((5, 10), 4.0), counts[:30], WEIGHTS, imported=imported[30:])


def test_each_series_of_a_matrix_stands_for_itself() -> None:
    samples = np.random.default_rng(1).poisson(50, (30, 3, 10)).astype(float)
    earlier = np.stack([wave(25, seed) for seed in range(3)])
    whole = reproduction_from_nowcast(samples, earlier, WEIGHTS)
    assert (whole.mean.shape, whole.quantiles.shape) == ((3, 35), (7, 3, 35))
    for row in range(3):
        one = reproduction_from_nowcast(samples[:, row], earlier[row], WEIGHTS)
        np.testing.assert_array_equal(whole.quantiles[:, row], one.quantiles)
        np.testing.assert_array_equal(whole.reason[row], one.reason)
    with pytest.raises(ValueError, match="the same series"):
        reproduction_from_nowcast(samples, earlier[:2], WEIGHTS)


def test_a_nowcast_is_taken_by_its_samples_or_refused() -> None:
    samples = np.full((4, 20), 9.0)
    held = reproduction_from_nowcast(SimpleNamespace(samples=samples), NONE, ShiftedGammaInterval(4.7, 2.9))
    np.testing.assert_array_equal(
        held.mean, reproduction_from_nowcast(samples, NONE, ShiftedGammaInterval(4.7, 2.9)).mean
    )
    with pytest.raises(ValueError, match="no samples"):
        reproduction_from_nowcast(SimpleNamespace(samples=None), NONE, WEIGHTS)
    with pytest.raises(ValueError, match="samples have shape"):
        reproduction_from_nowcast(np.zeros(5), NONE, WEIGHTS)
    with pytest.raises(ValueError, match="last is 0"):
        reproduction_from_nowcast(samples, NONE, WEIGHTS, last=0)


@settings(max_examples=60, deadline=None)
@given(
    cells=st.lists(
        st.sampled_from([0.0, 1.0, 40.0, 1e6, 1e15, 1e300, -3.0, np.nan, np.inf]), min_size=24, max_size=24
    ),
    days=st.sampled_from([1, 2, 12]),
)
def test_hostile_counts_give_a_number_or_a_reason(cells: list[float], days: int) -> None:
    samples = np.array(cells).reshape(2, 12)[:, :days]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = reproduction_from_nowcast(samples, NONE, WEIGHTS)
    assert found.mean.shape == (days,)
    for day in range(days):
        assert np.isfinite(found.quantiles[:, day]).all() == (found.reason_at(day) in ("", "no_past_cases"))
