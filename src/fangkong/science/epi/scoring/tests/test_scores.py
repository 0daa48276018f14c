"""Scores against scoringrules, against their definitions, and on hostile input."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import scoringrules
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fangkong.science.epi.scoring import (
    bias,
    crps_samples,
    interval_coverage,
    interval_score,
    pit,
    pit_histogram,
    quantile_score,
    relative_skill,
    weighted_interval_score,
    weighted_interval_score_parts,
)

HUB = [0.01, 0.025, *(round(0.05 * k, 2) for k in range(1, 20)), 0.975, 0.99]
anything = st.one_of(
    st.floats(0, 1e3), st.sampled_from([0.0, -1.0, 1e15, 1e308, float("nan"), float("inf"), float("-inf")])
)


def forecasts(seed: int, shape: tuple[int, ...], levels: list[float]) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    quantiles = np.sort(rng.gamma(3, 30, (len(levels), *shape)), axis=0)
    return rng.gamma(3, 30, shape), quantiles


def oracle(observed: np.ndarray, quantiles: np.ndarray, levels: list[float], median: bool) -> np.ndarray:
    """WIS from scoringrules: its interval part (weight 0 for the median) and half the error of the median.

    Version 0.10.0 adds the median itself where numba is absent, not the distance from it, so the median's part
    comes from its quantile score.
    """
    pairs = len(levels) // 2
    lower = np.moveaxis(quantiles[:pairs], 0, -1)
    upper = np.moveaxis(quantiles[::-1][:pairs], 0, -1)
    alpha = 2 * np.array(levels[:pairs])
    middle = quantiles[pairs] if median else np.zeros_like(observed)
    inner = scoringrules.weighted_interval_score(
        observed, middle, lower, upper, alpha, w_median=0.0, backend="numpy"
    )
    if not median:
        return inner * (pairs + 0.5) / pairs
    return inner + scoringrules.quantile_score(observed, middle, 0.5) / (pairs + 0.5)


@pytest.mark.parametrize("shape", [(3,), (40,), (5, 8), (23,), (23, 23)])
@pytest.mark.parametrize("median", [True, False])
@pytest.mark.parametrize("seed", range(3))
def test_equal_to_scoringrules(shape: tuple[int, ...], median: bool, seed: int) -> None:
    levels = HUB if median else [level for level in HUB if level != 0.5]
    observed, quantiles = forecasts(seed, shape, levels)
    expected = oracle(observed, quantiles, levels, median)
    np.testing.assert_allclose(
        weighted_interval_score(observed, levels, quantiles), expected, rtol=0, atol=1e-12
    )
    shuffled = np.random.default_rng(seed).permutation(len(levels))
    again = weighted_interval_score(observed, np.array(levels)[shuffled], quantiles[shuffled])
    np.testing.assert_allclose(again, expected, rtol=0, atol=1e-12)


def test_quantile_and_interval_score_and_crps_are_those_of_scoringrules() -> None:
    observed, quantiles = forecasts(1, (30,), HUB)
    expected = [scoringrules.quantile_score(observed, q, p) for p, q in zip(HUB, quantiles, strict=True)]
    np.testing.assert_allclose(quantile_score(observed, HUB, quantiles), expected, atol=1e-12)
    np.testing.assert_allclose(
        interval_score(observed, quantiles[2], quantiles[-3], 0.9),
        scoringrules.interval_score(observed, quantiles[2], quantiles[-3], 0.1),
        atol=1e-11,
    )
    samples = np.random.default_rng(2).gamma(3, 30, (200, 30))
    for fair, estimator in ((False, "nrg"), (True, "fair")):
        theirs = scoringrules.crps_ensemble(observed, samples, m_axis=0, estimator=estimator)
        np.testing.assert_allclose(crps_samples(observed, samples, fair=fair), theirs, atol=1e-10)


@pytest.mark.parametrize("median", [True, False])
def test_wis_is_twice_the_mean_quantile_score(median: bool) -> None:
    levels = HUB if median else [level for level in HUB if level != 0.5]
    observed, quantiles = forecasts(7, (4, 6), levels)
    twice = 2 * quantile_score(observed, levels, quantiles).mean(axis=0)
    np.testing.assert_allclose(weighted_interval_score(observed, levels, quantiles), twice, atol=1e-12)


def test_parts_add_up_and_say_which_way_the_forecast_erred() -> None:
    observed, quantiles = forecasts(3, (50,), HUB)
    parts = weighted_interval_score_parts(observed, HUB, quantiles)
    np.testing.assert_allclose(
        parts.dispersion + parts.overprediction + parts.underprediction, parts.total, atol=1e-12
    )
    high = weighted_interval_score_parts(0.0, [0.1, 0.5, 0.9], [5.0, 9.0, 11.0])
    assert high.overprediction > 0
    assert high.underprediction == 0


def test_the_axis_of_the_levels() -> None:
    observed, quantiles = forecasts(5, (4, 6), HUB)
    first = weighted_interval_score(observed, HUB, quantiles)
    np.testing.assert_array_equal(
        weighted_interval_score(observed, HUB, np.moveaxis(quantiles, 0, -1)), first
    )
    alone = weighted_interval_score(observed[1, 2], HUB, quantiles[:, 1, 2])
    assert isinstance(alone, float)
    assert alone == pytest.approx(first[1, 2], abs=1e-12)
    one_for_all = weighted_interval_score(30.0, HUB, quantiles)
    assert one_for_all.shape == (4, 6)


def test_missing_in_is_missing_out() -> None:
    observed, quantiles = forecasts(6, (5,), HUB)
    observed[1], quantiles[4, 3] = np.nan, np.nan
    for score in (weighted_interval_score(observed, HUB, quantiles), bias(observed, HUB, quantiles)):
        np.testing.assert_array_equal(np.isnan(score), [False, True, False, True, False])
    assert np.isnan(interval_coverage(observed, HUB, quantiles, 0.9)[1])
    assert np.isnan(weighted_interval_score(np.nan, [0.5], [3.0]))


@given(st.data())
@settings(deadline=None, max_examples=60)
def test_any_numbers_give_a_score_or_nan(data: st.DataObject) -> None:
    shape = data.draw(st.sampled_from([(), (0,), (3,), (2, 4)]))
    observed = data.draw(arrays(np.float64, shape, elements=anything))
    levels = [0.9, 0.1, 0.5, 0.05, 0.95]
    quantiles = data.draw(arrays(np.float64, (5, *shape), elements=anything))
    parts = weighted_interval_score_parts(observed, levels, quantiles)
    assert parts.total.shape == shape
    assert not np.isinf(parts.total[np.abs(parts.total) < 1e300]).any()
    for score in (
        bias(observed, levels, quantiles),
        interval_coverage(observed, levels, quantiles, 0.9),
        crps_samples(observed, quantiles),
        pit(observed, quantiles),
    ):
        assert np.shape(score) == shape
    assert quantile_score(observed, levels, quantiles).shape == (5, *shape)
    assert pit_histogram(observed, levels, quantiles).edges.size == 7


def test_honest_forecasts_are_calibrated() -> None:
    rng = np.random.default_rng(11)
    samples = rng.poisson(6, (400, 3000)).astype(float)
    observed = rng.poisson(6, 3000).astype(float)
    quantiles = np.quantile(samples, HUB, axis=0)
    histogram = pit_histogram(observed, HUB, quantiles)
    assert histogram.share.sum() == pytest.approx(1)
    np.testing.assert_allclose(histogram.share, histogram.expected, atol=0.02)
    placed = pit(observed, samples, seed=1)
    np.testing.assert_allclose(np.histogram(placed, 10, (0, 1))[0] / 3000, 0.1, atol=0.02)
    assert np.mean(interval_coverage(observed, HUB, quantiles, 0.9)) > 0.88
    assert abs(np.mean(bias(observed, HUB, quantiles))) < 0.12


def test_bias_leans_the_way_of_the_forecast() -> None:
    levels = [0.1, 0.25, 0.5, 0.75, 0.9]
    ends = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    assert [bias(y, levels, ends) for y in (0.0, 1.5, 3.0, 3.5, 9.0)] == [1.0, 0.8, 0.0, -0.5, -1.0]
    # Without the median level it stands between its neighbours.
    assert bias(3.0, [0.25, 0.75], [2.0, 4.0]) == 0.0


def test_relative_skill_is_the_geometric_mean_of_pairwise_ratios() -> None:
    rng = np.random.default_rng(4)
    scores = rng.gamma(2, 1, (4, 60))
    scores[1, ::3] = np.nan
    scores[3, 1::4] = np.nan
    expected = []
    for mine, others in itertools.product(range(4), [range(4)]):
        ratios = []
        for other in others:
            both = ~np.isnan(scores[mine]) & ~np.isnan(scores[other])
            ratios.append(scores[mine][both].mean() / scores[other][both].mean())
        expected.append(np.exp(np.mean(np.log(ratios))))
    np.testing.assert_allclose(relative_skill(scores), expected)
    np.testing.assert_allclose(relative_skill(scores, baseline=2), np.array(expected) / expected[2])


def test_a_model_that_shares_no_forecast_has_no_skill() -> None:
    skill = relative_skill([[1.0, 2.0, np.nan], [2.0, 4.0, np.nan], [np.nan, np.nan, 3.0]])
    assert np.isnan(skill[2])
    assert skill[0] < 1 < skill[1]


@pytest.mark.parametrize(
    "call",
    [
        lambda: weighted_interval_score(1.0, [0.1, 0.5], [1.0, 2.0]),
        lambda: weighted_interval_score(1.0, [0.0, 0.5, 1.0], [1.0, 2.0, 3.0]),
        lambda: weighted_interval_score(1.0, [0.5, 0.5], [1.0, 2.0]),
        lambda: weighted_interval_score([1.0, 2.0], [0.1, 0.9], [[1.0, 2.0, 3.0]]),
        lambda: interval_coverage(1.0, [0.1, 0.9], [1.0, 2.0], 0.95),
        lambda: interval_score(1.0, 0.0, 2.0, 1.5),
        lambda: crps_samples([1.0], np.zeros((0, 1))),
        lambda: relative_skill([1.0, 2.0]),
        lambda: relative_skill([[1.0], [2.0]], baseline=2),
        lambda: bias(1.0, [0.7, 0.8], [1.0, 2.0]),
    ],
)
def test_calls_that_make_no_sense_are_refused(call: object) -> None:
    with pytest.raises(ValueError):
        call()  # type: ignore[operator]
