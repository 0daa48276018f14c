"""An uncertain serial interval: the pooled posterior beside EpiEstim's samples and beside bisection."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fangkong.science.epi import (
    discretise_serial_interval,
    draw_serial_intervals,
    estimate_reproduction,
    sample_reproduction,
)
from fangkong.science.epi.reproduction_reference import infectivity_on, pooled_quantile
from fangkong.science.epi.tests.epiestim_tables import incidence, table
from fangkong.science.epi.uncertain_interval import mixture_quantiles

# Seed-to-seed spread of EpiEstim's own mean with 200 x 50 samples: at most 0.028; three times the usual 0.01.
SAMPLING_TOLERANCE = 0.03


@pytest.mark.real_data
def test_pooled_over_epiestims_own_draws_gives_its_sampled_numbers() -> None:
    cases, rows = incidence("Flu2009"), table("uncertain_Flu2009_n500_50.csv")
    moments = table("uncertain_Flu2009_SImoments.csv")
    draws = np.stack([discretise_serial_interval(mean, sd, 60) for mean, sd in moments])
    found = estimate_reproduction(cases, draws)
    day = rows[:, 1].astype(int) - 1
    np.testing.assert_allclose(found.mean[day], rows[:, 2], atol=SAMPLING_TOLERANCE)
    np.testing.assert_allclose(found.sd[day], rows[:, 3], atol=SAMPLING_TOLERANCE)
    np.testing.assert_allclose(found.quantiles[:, day].T, rows[:, 4:], atol=2 * SAMPLING_TOLERANCE)


@pytest.mark.real_data
def test_pooled_over_our_own_draws_lies_within_epiestims_seed_noise() -> None:
    cases, noise = incidence("Flu2009"), table("uncertain_Flu2009_seednoise_n200_50.csv")
    draws = draw_serial_intervals(
        2.6, 1.5, mean_sd=1, mean_between=(1, 4.2), sd_sd=0.5, sd_between=(0.5, 2.5), max_days=60, seed=1
    )
    found = estimate_reproduction(cases, draws)
    assert (np.abs(found.mean[7:] - noise[:, 1]) < 3 * noise[:, 2]).all()


@pytest.mark.real_data
def test_given_samples_of_the_interval_both_ways_give_the_numbers_of_epiestim() -> None:
    cases, rows = incidence("MockRotavirus"), table("sisample_MockRotavirus.csv")
    draws = table("input_si_sample_MockRotavirus.csv").T
    day = rows[:, 1].astype(int) - 1
    for found in (
        estimate_reproduction(cases, draws),
        sample_reproduction(cases, draws, samples_per_draw=50, seed=2),
    ):
        np.testing.assert_allclose(found.mean[day], rows[:, 2], atol=SAMPLING_TOLERANCE / 5)
        np.testing.assert_allclose(found.quantiles[:, day].T, rows[:, 4:], atol=SAMPLING_TOLERANCE)


@settings(max_examples=40)
@given(
    shape=st.floats(0.5, 3000),
    log_scales=st.lists(st.floats(-3, 3), min_size=1, max_size=6),
    level=st.floats(0.005, 0.995),
)
def test_quantiles_of_the_mixture_agree_with_bisection(
    shape: float, log_scales: list[float], level: float
) -> None:
    logs = np.array([log_scales])
    found = mixture_quantiles(np.array([shape]), logs, np.full(logs.shape, 1 / logs.size), (level,))
    slow = pooled_quantile(shape, np.exp(log_scales).tolist(), level)
    # Between two separate components the distribution function is flat and any point there is the quantile.
    at = [pooled_quantile(shape, np.exp(log_scales).tolist(), level + step) for step in (-1e-9, 1e-9)]
    assert min(at) * (1 - 1e-6) <= found[0, 0] <= max(at) * (1 + 1e-6)
    assert min(at) * (1 - 1e-6) <= slow <= max(at) * (1 + 1e-6)


def test_equal_draws_are_one_interval() -> None:
    cases = np.random.default_rng(1).poisson(12, 60)
    weights = discretise_serial_interval(4.7, 2.9, 40)
    one, many = estimate_reproduction(cases, weights), estimate_reproduction(cases, np.tile(weights, (9, 1)))
    for name in ("mean", "sd", "quantiles"):
        np.testing.assert_allclose(getattr(many, name), getattr(one, name), rtol=1e-12)
    np.testing.assert_array_equal(one.reason, many.reason)


def test_a_draw_takes_no_part_before_its_mean() -> None:
    short, long = np.zeros(21), np.zeros(21)
    short[2] = long[20] = 1.0
    cases = np.round(5 * 1.05 ** np.arange(40))
    both = estimate_reproduction(cases, np.stack([short, long]))
    alone = estimate_reproduction(cases, short)
    np.testing.assert_allclose(both.mean[7:20], alone.mean[7:20], rtol=1e-12)
    assert both.mean[20] > alone.mean[20] * 1.05


def test_doubt_about_the_interval_widens_the_posterior() -> None:
    cases = np.round(50 * 1.08 ** np.arange(50))
    draws = draw_serial_intervals(
        5, 2, mean_sd=1, mean_between=(3, 7), sd_sd=0.3, sd_between=(1, 3), max_days=40, draws=60
    )
    unsure, sure = estimate_reproduction(cases, draws), estimate_reproduction(cases, draws.mean(axis=0))
    assert unsure.sd[-1] > 1.5 * sure.sd[-1]
    scales = [
        1 / (0.2 + sum(infectivity_on(day, cases.tolist(), row.tolist()) for day in range(43, 50)))
        for row in draws
    ]
    slow = pooled_quantile(1 + float(cases[43:].sum()), scales, 0.95)
    assert unsure.quantile(0.95)[-1] == pytest.approx(slow, rel=1e-9)


def test_the_same_seed_gives_the_same_samples() -> None:
    draws = np.array([[0, 0.5, 0.5], [0, 0.2, 0.8]])
    one, two = (sample_reproduction(np.full(20, 9), draws, seed=5) for _ in range(2))
    other = sample_reproduction(np.full(20, 9), draws, seed=6)
    np.testing.assert_array_equal(one.samples, two.samples)
    assert (one.samples[:, -1] != other.samples[:, -1]).all()
    pooled = estimate_reproduction(np.full(20, 9), draws)
    many = sample_reproduction(np.full((2, 20), 9), draws, samples_per_draw=4000)
    np.testing.assert_allclose(many.mean[:, -1], pooled.mean[-1], rtol=0.02)
    np.testing.assert_allclose(many.quantiles[:, 0, -1], pooled.quantiles[:, -1], rtol=0.03)
    np.testing.assert_array_equal(many.reason[0], pooled.reason)


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"draws": 0}, "at least"),
        ({"mean_sd": 0}, "above 0"),
        ({"mean_between": (0.5, 6)}, "1 day or later"),
        ({"mean_between": (5, 6)}, "hold the mean"),
        ({"sd_between": (0, 4)}, "above 0 days"),
    ],
)
def test_bounds_that_make_no_sense_are_named(changed: dict[str, object], complaint: str) -> None:
    given_: dict[str, object] = {
        "mean_sd": 1, "mean_between": (3, 6), "sd_sd": 1, "sd_between": (1, 4), "max_days": 30,
    }  # fmt: skip
    with pytest.raises(ValueError, match=complaint):
        draw_serial_intervals(4.5, 2.5, **(given_ | changed))
