"""Forecasts follow what the series shows, own up to their past errors, and refuse where they know nothing."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fangkong.science.epi.forecast import METHODS, forecast
from fangkong.science.epi.scoring import weighted_interval_score
from fangkong.science.epi.serial_interval import ShiftedGammaInterval

COVID = ShiftedGammaInterval(4.7, 2.9)
anything = st.one_of(
    st.integers(0, 30).map(float),
    st.sampled_from([0.0, 0.5, 1e6, 1e15, 1e300, -1.0, float("nan"), float("inf"), float("-inf")]),
)


def outbreak(seed: int, days: int, growth: float = 0.03, weekday: bool = False) -> np.ndarray:
    """Daily counts about a growing mean, twice as noisy as Poisson, perhaps halved at weekends."""
    rng = np.random.default_rng(seed)
    time = np.arange(days)
    mean = 60 * np.exp(growth * time)
    if weekday:
        mean = mean * np.where(time % 7 >= 5, 0.5, 1.2)
    return rng.negative_binomial(mean, 0.5).astype(float)


@pytest.mark.parametrize("method", ["ensemble", "renewal", "damped_trend"])
def test_growth_is_carried_on_and_fades(method: str) -> None:
    counts = outbreak(1, 60)
    ahead = forecast(counts, horizon=14, method=method, serial_interval=COVID)
    last_week = counts[-7:].mean()
    assert last_week < ahead.mean[6] < last_week * np.exp(0.03 * 11)
    shrinking = forecast(counts[::-1], horizon=14, method=method, serial_interval=COVID)
    assert shrinking.mean[6] < counts[:7].mean()


@pytest.mark.parametrize("method", METHODS)
def test_weekends_come_back(method: str) -> None:
    counts = outbreak(2, 84, 0.0, weekday=True)
    ahead = forecast(counts, horizon=7, method=method, serial_interval=COVID)
    assert ahead.frequency == 7
    assert ahead.mean[5:].max() < 0.7 * ahead.mean[:5].mean()


@pytest.mark.parametrize("method", METHODS)
def test_intervals_hold_what_comes_as_often_as_they_say(method: str) -> None:
    counts = np.stack([outbreak(seed, 114, 0.0) for seed in range(60)])
    told = {"horizon": 14, "method": method, "quantile_levels": [0.05, 0.25, 0.5, 0.75, 0.95], "frequency": 7}
    ahead = forecast(counts[:, :100], **told)
    came = counts[:, 100:]
    inside_90 = np.mean((came >= ahead.quantiles[0]) & (came <= ahead.quantiles[4]))
    inside_50 = np.mean((came >= ahead.quantiles[1]) & (came <= ahead.quantiles[3]))
    assert 0.84 < inside_90 < 0.97
    assert 0.40 < inside_50 < 0.65


def test_an_erratic_series_has_wider_intervals() -> None:
    calm = forecast(outbreak(3, 90, 0.0), horizon=7, quantile_levels=[0.05, 0.95])
    rng = np.random.default_rng(3)
    erratic = forecast(rng.negative_binomial(1.5, 1.5 / 61.5, 90), horizon=7, quantile_levels=[0.05, 0.95])
    assert (np.diff(erratic.quantiles, axis=0) > 1.5 * np.diff(calm.quantiles, axis=0)).all()


def test_model_methods_beat_the_naive_one_in_an_epidemic() -> None:
    score = dict.fromkeys(METHODS, 0.0)
    for seed in range(8):
        counts = outbreak(seed, 90, 0.02 * (-1) ** seed)
        for method in METHODS:
            ahead = forecast(counts[:76], horizon=14, method=method, serial_interval=COVID)
            score[method] += np.mean(
                weighted_interval_score(counts[76:], ahead.quantile_levels, ahead.quantiles)
            )
    assert max(score["renewal"], score["damped_trend"], score["ensemble"]) < score["seasonal_naive"]


def test_a_season_is_seen_a_year_before() -> None:
    weeks = np.arange(52 * 6)
    rng = np.random.default_rng(5)
    counts = rng.poisson(60 * np.exp(1.2 * np.cos(2 * np.pi * weeks / 52))).astype(float)
    trough = 52 * 5 + 30
    for method in ("seasonal_naive", "renewal", "ensemble"):
        ahead = forecast(counts[:trough], horizon=4, method=method)
        assert ahead.frequency == 52
        came = counts[trough : trough + 4]
        assert np.mean((ahead.mean > came / 2) & (ahead.mean < came * 2)) == 1


def test_the_ensemble_is_the_median_of_its_members_and_the_mean_of_its_models() -> None:
    counts = outbreak(6, 60)
    told = {"horizon": 7, "serial_interval": COVID}
    parts = [forecast(counts, method=method, **told).quantiles for method in METHODS[1:]]
    models = np.expm1(np.mean(np.log1p(parts[:2]), axis=0))
    together = forecast(counts, **told)
    np.testing.assert_allclose(together.quantiles, np.median([*parts, models], axis=0))
    assert together.members.tolist() == [False, True, True, True]


def test_without_a_season_the_ensemble_is_the_mean_of_its_models() -> None:
    counts = outbreak(6, 40)
    told = {"horizon": 4, "frequency": 52}
    parts = [forecast(counts, method=method, **told).quantiles for method in ("renewal", "damped_trend")]
    together = forecast(counts, **told)
    # The median of two and their mean is the mean.
    np.testing.assert_allclose(together.quantiles, np.expm1(np.mean(np.log1p(parts), axis=0)))


def test_a_nowcast_is_carried_on_with_its_uncertainty() -> None:
    counts = outbreak(7, 60, 0.0)
    rng = np.random.default_rng(7)
    reported = counts.copy()
    reported[-3:] *= [0.7, 0.5, 0.2]
    samples = np.repeat(counts[None], 80, axis=0)
    samples[:, -3:] *= rng.lognormal(0, 0.6, (80, 1))
    told = {"horizon": 7, "method": "renewal", "serial_interval": COVID}
    plain = forecast(reported, **told)
    carried = forecast(reported, samples=samples, **told)
    sure = forecast(counts, **told)
    assert abs(carried.mean[0] - sure.mean[0]) < abs(plain.mean[0] - sure.mean[0])

    def width(one: object) -> float:
        return float(one.quantiles[-3, 0] - one.quantiles[2, 0])  # type: ignore[attr-defined]

    assert width(carried) > width(sure)


def test_paths_have_the_quantiles_of_the_forecast_and_hold_together() -> None:
    ahead = forecast(
        outbreak(8, 80), horizon=14, serial_interval=COVID, paths=2000, quantile_levels=[0.1, 0.5, 0.9]
    )
    assert ahead.paths is not None
    np.testing.assert_allclose(np.quantile(ahead.paths, [0.1, 0.5, 0.9], axis=0), ahead.quantiles, rtol=0.02)
    assert np.corrcoef(ahead.paths[:, 12], ahead.paths[:, 13])[0, 1] > 0.2
    again = forecast(
        outbreak(8, 80), horizon=14, serial_interval=COVID, paths=2000, quantile_levels=[0.1, 0.5, 0.9]
    )
    np.testing.assert_array_equal(again.paths, ahead.paths)


def test_a_matrix_is_its_series_one_by_one() -> None:
    counts = np.stack([outbreak(seed, 70) for seed in range(4)])
    counts[2, 30] = np.nan
    together = forecast(counts, horizon=7, paths=20, serial_interval=COVID, frequency=7)
    for series in range(4):
        alone = forecast(counts[series], horizon=7, paths=20, serial_interval=COVID, frequency=7)
        np.testing.assert_allclose(together.quantiles[:, series], alone.quantiles)
        np.testing.assert_allclose(together.mean[series], alone.mean)
        np.testing.assert_allclose(together.paths[:, series], alone.paths)


def test_levels_in_any_order() -> None:
    counts = outbreak(9, 60)
    rising = forecast(counts, horizon=3, quantile_levels=[0.05, 0.5, 0.95]).quantiles
    mixed = forecast(counts, horizon=3, quantile_levels=[0.95, 0.05, 0.5]).quantiles
    np.testing.assert_array_equal(mixed, rising[[2, 0, 1]])


def test_refusals_say_why() -> None:
    quiet = np.zeros(60)
    gap = outbreak(1, 60)
    gap[-6:] = np.nan
    table = forecast(np.stack([quiet, gap, outbreak(1, 60)]), horizon=5, frequency=7)
    assert [table.reason_at(series, 0) for series in range(3)] == [
        "too_few_cases",
        "recent_counts_missing",
        "",
    ]
    assert np.isnan(table.quantiles[:, :2]).all()
    assert np.isfinite(table.quantiles[:, 2]).all()
    assert forecast(np.ones(5), horizon=5).reason_at(0) == "history_too_short"
    short = forecast(outbreak(1, 40), horizon=4, method="seasonal_naive", frequency=52)
    assert short.reason_at(0) == "season_not_covered"
    without = forecast(outbreak(1, 40), horizon=4, frequency=52)
    assert without.reason_at(0) == ""
    assert not without.members[METHODS.index("seasonal_naive")]


@given(st.data())
@settings(deadline=None, max_examples=40)
def test_any_input_gives_values_or_reasons(data: st.DataObject) -> None:
    shape = data.draw(
        st.one_of(st.tuples(st.integers(0, 40)), st.tuples(st.integers(0, 3), st.integers(0, 40)))
    )
    counts = data.draw(arrays(np.float64, shape, elements=anything))
    method = data.draw(st.sampled_from(METHODS))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ahead = forecast(counts, horizon=5, method=method, paths=4, quantile_levels=[0.05, 0.5, 0.95],
                         frequency=data.draw(st.sampled_from([None, 7, 12])))  # fmt: skip
    assert ahead.mean.shape == (*shape[:-1], 5)
    assert ahead.quantiles.shape == (3, *shape[:-1], 5)
    given_forecast = ahead.reason == 0
    assert np.isfinite(ahead.mean[given_forecast]).all()
    assert np.isfinite(ahead.quantiles[:, given_forecast]).all()
    assert (np.diff(ahead.quantiles[:, given_forecast], axis=0) >= 0).all()
    assert (ahead.quantiles[:, given_forecast] >= 0).all()
    assert np.isnan(ahead.mean[~given_forecast]).all()


def test_a_hundred_thousand_quiet_series_are_refused_at_once() -> None:
    ahead = forecast(np.zeros((100_000, 20)), horizon=7, quantile_levels=[0.5])
    assert {ahead.reason_at(0, 0), ahead.reason_at(99_999, 6)} == {"too_few_cases"}


def test_a_year_of_days_is_forecast_in_a_fifth_of_a_second(cpu_seconds: Callable) -> None:
    counts = outbreak(10, 365, 0.0, weekday=True)
    assert cpu_seconds(lambda: forecast(counts, horizon=28, serial_interval=COVID)) < 0.2


@pytest.mark.parametrize(
    "call",
    [
        lambda: forecast(np.zeros((1, 1, 1)), horizon=1),
        lambda: forecast([1.0], horizon=0),
        lambda: forecast([1.0], horizon=1, method="best"),
        lambda: forecast([1.0], horizon=1, frequency=0),
        lambda: forecast([1.0], horizon=1, quantile_levels=[0.0, 0.5]),
        lambda: forecast([1.0], horizon=1, serial_interval=[0.0, 0.5, 0.2]),
        lambda: forecast([1.0, 2.0], horizon=1, samples=[1.0, 2.0]),
        lambda: forecast([1.0], horizon=1, paths=-1),
    ],
)
def test_calls_that_make_no_sense_are_refused(call: Callable) -> None:
    with pytest.raises(ValueError):
        call()
