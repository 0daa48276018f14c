"""Weekly counts: the days are rebuilt to the sums, and R comes out as from the days that were really there."""

from __future__ import annotations

import warnings
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fangkong.science.epi import (
    discretise_serial_interval,
    estimate_reproduction,
    estimate_reproduction_from_sums,
    growth_from_reproduction,
    rebuild_days,
)

WEIGHTS = discretise_serial_interval(4.7, 2.9, 40)


def outbreak(true_r: np.ndarray, seed: int, first: int = 60) -> np.ndarray:
    rng = np.random.default_rng(seed)
    cases = np.zeros(true_r.size)
    cases[0] = first
    for day in range(1, true_r.size):
        lags = np.arange(1, min(day, 40) + 1)
        cases[day] = rng.poisson(true_r[day] * float(cases[day - lags] @ WEIGHTS[lags]))
    return cases


@settings(max_examples=50)
@given(
    sums=st.lists(st.integers(0, 5000), min_size=1, max_size=12),
    days_per_sum=st.integers(1, 10),
)
def test_rebuilt_days_add_up_to_the_sums(sums: list[int], days_per_sum: int) -> None:
    found = rebuild_days(sums, WEIGHTS, days_per_sum=days_per_sum)
    np.testing.assert_allclose(found.daily.reshape(-1, days_per_sum).sum(axis=1), sums, rtol=1e-12)
    assert (found.daily >= 0).all()


def test_days_of_steady_growth_are_found_again() -> None:
    daily = 1000 * np.exp(0.07 * np.arange(98))
    found = rebuild_days(daily.reshape(-1, 7).sum(axis=1), WEIGHTS)
    assert bool(found.converged)
    np.testing.assert_allclose(found.daily[42:], daily[42:], rtol=0.005)
    np.testing.assert_allclose(found.growth[6:], 0.07, atol=0.001)


def test_r_from_weeks_is_r_from_days_and_holds_the_truth() -> None:
    true_r = np.concatenate([np.full(42, 1.35), np.full(35, 0.75), np.full(35, 1.15)])
    inside = []
    for seed in range(12):
        cases = outbreak(true_r, seed)
        weekly, _ = estimate_reproduction_from_sums(cases.reshape(-1, 7).sum(axis=1), WEIGHTS)
        daily = estimate_reproduction(cases, WEIGHTS)
        steady = np.r_[24:42, 59:77, 94:112]
        assert np.median(np.abs(weekly.mean[steady] - daily.mean[steady])) < 0.06
        low, high = weekly.quantile(0.025)[steady], weekly.quantile(0.975)[steady]
        inside.append(((low <= true_r[steady]) & (true_r[steady] <= high)).mean())
    assert np.mean(inside) > 0.85


def test_sums_of_other_lengths_are_read_by_their_days() -> None:
    daily = 500 * np.exp(-0.04 * np.arange(60))
    length = [2, 2, 3] * 8 + [4]
    edges = np.concatenate([[0], np.cumsum(length)])
    sums = [daily[a:b].sum() for a, b in pairwise(edges)]
    found, rebuilt = estimate_reproduction_from_sums(sums, WEIGHTS, days_per_sum=length)
    assert rebuilt.first_day.tolist() == edges[:-1].tolist()
    np.testing.assert_allclose(rebuilt.daily[30:], daily[30:], rtol=0.01)
    assert found.mean[-1] == pytest.approx(1 / float(WEIGHTS @ np.exp(0.04 * np.arange(41))), rel=0.02)


def test_days_are_sums_of_one_day() -> None:
    cases = np.random.default_rng(1).poisson(20, 50)
    found, rebuilt = estimate_reproduction_from_sums(cases, WEIGHTS, days_per_sum=1)
    np.testing.assert_array_equal(rebuilt.daily, cases)
    np.testing.assert_array_equal(found.mean, estimate_reproduction(cases, WEIGHTS).mean)


def test_a_missing_week_is_refused_and_not_filled() -> None:
    sums = np.full(14, 700.0)
    sums[6] = np.nan
    found, rebuilt = estimate_reproduction_from_sums(sums, WEIGHTS)
    assert np.isnan(rebuilt.daily[42:49]).all()
    assert found.reason_at(45) == "missing_days"
    assert found.mean[-1] == pytest.approx(1, abs=0.05)


@given(growth=st.floats(-0.5, 0.5))
def test_growth_and_reproduction_are_two_names_for_one_thing(growth: float) -> None:
    whole = WEIGHTS / WEIGHTS.sum()
    reproduction = 1 / float(whole @ np.exp(-growth * np.arange(41)))
    assert growth_from_reproduction(reproduction, WEIGHTS) == pytest.approx(growth, abs=1e-11)


@settings(max_examples=60)
@given(
    sums=st.lists(
        st.one_of(
            st.integers(0, 500).map(float),
            st.sampled_from([-1.0, np.nan, np.inf, 1e15, 1e300, 1e-300]),
        ),
        max_size=10,
    ),
    days_per_sum=st.integers(1, 8),
)
def test_whatever_the_sums_there_is_a_value_or_a_reason(sums: list[float], days_per_sum: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found, _ = estimate_reproduction_from_sums(sums, WEIGHTS, days_per_sum=days_per_sum)
    prior = found.reason_codes.index("no_past_cases")
    np.testing.assert_array_equal(np.isfinite(found.mean), (found.reason == 0) | (found.reason == prior))


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"days_per_sum": 0}, "at least 1"),
        ({"days_per_sum": [7, 7]}, "names 2 sums"),
        ({"days_per_sum": 3.5}, "whole numbers"),
        ({"iterations": 0}, "at least one round"),
        ({"window": 0}, "at least one day"),
        ({"sums": np.zeros((1, 1, 1))}, "give one series"),
    ],
)
def test_calls_that_make_no_sense_are_named(options: dict[str, object], complaint: str) -> None:
    call: dict[str, object] = {"sums": [70, 140, 280], "serial_interval": [0, 0.5, 0.5]}
    with pytest.raises(ValueError, match=complaint):
        estimate_reproduction_from_sums(**(call | options))
