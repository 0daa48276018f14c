"""The models against their step-by-step twins, the pieces that they share, and beds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fangkong.science.epi.forecast import forecast, occupied_beds
from fangkong.science.epi.forecast import renewal_reference as slow
from fangkong.science.epi.forecast.damped_trend import _STEEPEST, damped_trend_candidates, damped_trend_paths
from fangkong.science.epi.forecast.history import (
    DAYS_OF_WEEK,
    History,
    chosen_frequency,
    history_of,
    weekday_effects,
)
from fangkong.science.epi.forecast.past_errors import candidate_weights, error_law, past_error
from fangkong.science.epi.forecast.renewal import (
    _LARGEST_LOG_R,
    _PRIOR_CASES,
    interval_by_step,
    neutral_interval,
    renewal_candidates,
    renewal_paths,
)
from fangkong.science.epi.forecast.steadied import _MOST_OPEN_STEPS, STEPS_FOR_GROWTH, steadied

matrices = arrays(np.float64, st.tuples(st.integers(1, 3), st.integers(16, 40)), elements=st.integers(0, 50))


@given(matrices)
@settings(deadline=None, max_examples=15)
def test_renewal_is_its_twin(counts: np.ndarray) -> None:
    history = history_of(counts, 1, 6)
    weights = np.array([0.0, 0.3, 0.4, 0.2, 0.1])
    candidates = renewal_candidates(DAYS_OF_WEEK)
    fast = renewal_paths(history, weights, candidates)
    for row, series in enumerate(counts):
        for at, origin in enumerate(history.origins[::5]):
            for number, (steps, damping, _) in enumerate(candidates):
                ahead = slow.renewal_ahead(
                    series[: origin + 1].tolist(), weights.tolist(), int(steps), damping, 6,
                    prior_cases=_PRIOR_CASES, largest_log_r=_LARGEST_LOG_R,
                )  # fmt: skip
                mean = np.array(ahead)
                expected = np.log1p(mean) - 0.5 * mean / (1 + mean) ** 2
                np.testing.assert_allclose(fast[row, 5 * at, number], expected, rtol=1e-9, atol=1e-9)


@given(matrices)
@settings(deadline=None, max_examples=15)
def test_damped_trend_is_its_twin(counts: np.ndarray) -> None:
    history = history_of(counts, 1, 6)
    candidates = damped_trend_candidates(DAYS_OF_WEEK)
    fast = damped_trend_paths(history, candidates)
    for row, logs in enumerate(np.log1p(counts)):
        for at, origin in enumerate(history.origins[::5]):
            for number, (level, trend, damping) in enumerate(candidates):
                ahead = slow.damped_trend_ahead(
                    logs[: origin + 1].tolist(), level, trend, damping, 6, _STEEPEST
                )
                np.testing.assert_allclose(fast[row, 5 * at, number], ahead, rtol=1e-9, atol=1e-9)


def nowcast_now(samples: np.ndarray) -> History:
    """Samples of one series, ``[samples, time]``, at their last step and without weekday pattern."""
    last = np.array([samples.shape[1] - 1])
    effects, came = np.zeros((samples.shape[0], 1, 7)), np.full((samples.shape[0], 1, 3), np.nan)
    return History(samples, np.log1p(samples), last, effects, came, 3, DAYS_OF_WEEK)


@given(arrays(np.float64, st.tuples(st.integers(2, 4), st.integers(12, 45)), elements=st.integers(0, 50)),
       st.floats(0, 2))  # fmt: skip
@settings(deadline=None, max_examples=25)
def test_steadied_is_its_twin(samples: np.ndarray, variance: float) -> None:
    weights = np.array([0.0, 0.3, 0.4, 0.2, 0.1])
    first = max(samples.shape[1] - _MOST_OPEN_STEPS, weights.size - 1 + STEPS_FOR_GROWTH)
    fast = steadied(nowcast_now(samples), samples.shape[0], weights, np.array([variance]))
    expected = slow.steadied_samples(
        samples.tolist(), weights.tolist(), variance, first, STEPS_FOR_GROWTH,
        prior_cases=_PRIOR_CASES, largest_log_r=_LARGEST_LOG_R,
    )  # fmt: skip
    np.testing.assert_allclose(fast.counts, expected, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(fast.log_counts, np.log1p(expected), rtol=1e-9, atol=1e-9)


def test_a_sure_day_is_kept_and_an_unsure_one_hardly_counts() -> None:
    rng = np.random.default_rng(9)
    samples = np.full((200, 60), 100.0)
    samples[:, 58] = 150.0
    samples[:, 59] = 300 * rng.lognormal(0, 1.5, 200)
    even = steadied(nowcast_now(samples), 200, np.array([0.0, 0.3, 0.4, 0.3]), np.array([0.02])).counts
    np.testing.assert_allclose(even[:, :59], samples[:, :59])
    middle = np.exp(np.log(even[:, 59]).mean())
    assert 100 < middle < 140
    assert np.log(even[:, 59]).std() < 0.1
    short = nowcast_now(samples[:, :8])
    assert steadied(short, 200, np.array([0.0, 0.5, 0.5]), np.array([0.02])) is short


def test_weekday_effects_are_found_where_there_are_any_and_know_no_future() -> None:
    rng = np.random.default_rng(1)
    shape = np.array([1.2, 1.1, 1.1, 1.0, 1.0, 0.6, 0.5])
    with_week = rng.poisson(200 * shape[np.arange(70) % 7]).astype(float)
    effects = weekday_effects(with_week[None], np.array([40, 69]))[0]
    expected = np.log(shape / shape.mean())
    np.testing.assert_allclose(effects[1] - effects[1].mean(), expected - expected.mean(), atol=0.1)
    changed = with_week.copy()
    changed[41:] = 7.0
    np.testing.assert_array_equal(weekday_effects(changed[None], np.array([40]))[0, 0], effects[0])
    without = rng.poisson(200, (40, 70)).astype(float)
    assert np.abs(weekday_effects(without, np.array([69]))).mean() < 0.02


def test_the_frequency_is_read_off_the_counts() -> None:
    rng = np.random.default_rng(2)
    weeks = rng.poisson(40 * np.exp(np.cos(2 * np.pi * np.arange(260) / 52)))[None].astype(float)
    days = rng.poisson(np.where(np.arange(260) % 7 > 4, 20, 50))[None].astype(float)
    assert chosen_frequency(weeks) == 52
    assert chosen_frequency(days) == 7


def test_an_interval_in_days_becomes_one_in_weeks() -> None:
    weights = np.zeros(31)
    weights[30] = 1.0
    by_week = interval_by_step(weights, 52)
    assert by_week @ np.arange(by_week.size) == pytest.approx(30 / 7)
    short = np.array([0.0, 0.5, 0.5])
    assert interval_by_step(short, 52).tolist() == [0.0, 1.0]
    np.testing.assert_allclose(interval_by_step(short, 7), short)
    assert neutral_interval(7).sum() == pytest.approx(1)


def test_past_errors_choose_the_better_candidate() -> None:
    rng = np.random.default_rng(3)
    came = rng.normal(4, 0.1, (1, 30, 5))
    tried = np.stack([came + 0.5, came + 0.05, came - 0.4], axis=2)
    weight = candidate_weights(past_error(tried, came), 20.0)
    assert weight.sum() == pytest.approx(1)
    assert weight[0, 1] > 0.99


def test_the_law_recovers_the_error_that_it_was_shown() -> None:
    rng = np.random.default_rng(4)
    forecasts = np.full((1, 400, 3), np.log1p(1e6))
    came = forecasts + rng.normal(0, 0.2, forecasts.shape) * np.sqrt([1.0, 2.0, 3.0])
    law = error_law(forecasts, came, np.array([14.0]))
    low, high = np.log1p(law.quantiles(np.array([0.05, 0.95])))
    np.testing.assert_allclose((high - low)[0], 2 * 1.645 * 0.2 * np.sqrt([1.0, 2.0, 3.0]), rtol=0.15)


def test_one_event_does_not_widen_every_interval() -> None:
    rng = np.random.default_rng(5)
    calm = rng.negative_binomial(100, 0.5, 100).astype(float)
    event = calm.copy()
    event[60] = 5000
    levels = [0.05, 0.95]
    usual = np.diff(forecast(calm, horizon=7, quantile_levels=levels).quantiles, axis=0).mean()
    after = np.diff(forecast(event, horizon=7, quantile_levels=levels).quantiles, axis=0).mean()
    assert after < 4 * usual


def test_beds_under_even_admissions_stay_as_they_are() -> None:
    rng = np.random.default_rng(6)
    admissions = rng.poisson(20, 60).astype(float)
    ahead = forecast(admissions, horizon=14, paths=500)
    stay = np.array([0.05, 0.1, 0.2, 0.3, 0.2, 0.1, 0.05])
    usual = 20 * (stay @ np.arange(stay.size))
    beds = occupied_beds(ahead, stay, past_admissions=admissions)
    np.testing.assert_allclose(beds.mean, usual, rtol=0.2)
    assert (np.diff(beds.quantiles, axis=0) >= 0).all()
    fixed = occupied_beds(ahead, stay, past_admissions=admissions, currently_occupied=2 * usual)
    assert fixed.still_occupied[0] > beds.still_occupied[0]
    # The longest stay is six days: after that nobody of today is left.
    assert fixed.still_occupied[6] == 0
    np.testing.assert_allclose(fixed.mean[6:], beds.mean[6:])


def test_beds_of_a_refused_forecast_are_refused() -> None:
    admissions = np.stack([np.zeros(40), np.full(40, 9.0)])
    ahead = forecast(admissions, horizon=5, paths=50, frequency=7)
    beds = occupied_beds(ahead, [0.0, 0.5, 0.5], currently_occupied=[0.0, 14.0])
    assert np.isnan(beds.mean[0]).all()
    assert np.isfinite(beds.quantiles[:, 1]).all()
    assert ahead.reason_at(0, 0) == "too_few_cases"


@pytest.mark.parametrize(
    ("stay", "told"),
    [
        ([0.5, 0.2], {"currently_occupied": 3}),
        ([-0.5, 1.5], {"currently_occupied": 3}),
        ([0.5, 0.5], {}),
        ([0.5, 0.5], {"currently_occupied": [1, 2, 3]}),
        ([0.5, 0.5], {"past_admissions": np.zeros((3, 4))}),
    ],
)
def test_bed_calls_that_make_no_sense_are_refused(stay: list[float], told: dict[str, object]) -> None:
    ahead = forecast(np.full(40, 9.0), horizon=5, paths=5)
    with pytest.raises(ValueError):
        occupied_beds(ahead, stay, **told)
    with pytest.raises(ValueError):
        occupied_beds(forecast(np.full(40, 9.0), horizon=5), [0.5, 0.5], currently_occupied=1)
