"""Each fast method against its slow, readable twin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fangkong.science.epi.detection import (
    bayes,
    benjamini_hochberg,
    cusum,
    ears,
    farrington_flexible,
    glr_poisson,
    moving_percentile,
    rki,
)
from fangkong.science.epi.detection import single_series_reference as slow
from fangkong.science.epi.detection.farrington_reference import flexible_bound

counts = arrays(np.float64, st.tuples(st.integers(1, 3), st.integers(20, 40)), elements=st.integers(0, 12))


@given(counts, st.sampled_from(["C1", "C2", "C3"]), st.sampled_from([0.0, 0.5]))
@settings(deadline=None, max_examples=20)
def test_ears(matrix: np.ndarray, method: str, min_sigma: float) -> None:
    watch = ears(matrix, method, min_sigma=min_sigma, alpha=0.01)
    for series, time in zip(*np.nonzero(watch.reason != 1), strict=True):
        expected = slow.ears_bound(matrix[series].tolist(), int(time), method, 7, min_sigma, 0.01)
        np.testing.assert_allclose(watch.upper[series, time], expected, rtol=1e-9, atol=1e-9)


@given(counts, st.sampled_from([0.01, 0.05]))
@settings(deadline=None, max_examples=15)
def test_bayes_and_rki(matrix: np.ndarray, alpha: float) -> None:
    watch = bayes(matrix, alpha=alpha)
    limits = rki(matrix, 1)
    assert (limits.upper[:, 6:] > limits.expected[:, 6:]).all()
    for series in range(matrix.shape[0]):
        for time in range(6, matrix.shape[1]):
            past = matrix[series, time - 6 : time]
            assert watch.upper[series, time] == slow.bayes_bound(past.tolist(), alpha)
            assert limits.expected[series, time] == pytest.approx(past.mean())


@given(counts)
@settings(deadline=None, max_examples=15)
def test_cusum_and_likelihood_ratio(matrix: np.ndarray) -> None:
    start = 12
    usual = np.linspace(2.1, 4.3, matrix.shape[1])
    watch = glr_poisson(matrix, start, mu0=usual)
    summed = cusum(matrix, start, m=3.3)
    for series, row in enumerate(matrix):
        bounds, alarms = slow.likelihood_ratio_bounds(row[start:].tolist(), usual[start:].tolist(), 5.0)
        assert watch.upper[series, start:].tolist() == bounds
        assert watch.alarm[series, start:].tolist() == alarms
        expected = slow.cusum_alarms(row[start:].tolist(), [3.3] * (len(row) - start), 1.04, 2.26)
        assert summed.alarm[series, start:].tolist() == expected


@given(counts, st.sampled_from([(1, -1), (3, -1), (1, 4), (2, 5), (3, 3)]), st.booleans())
@settings(deadline=None, max_examples=15)
def test_likelihood_ratio_of_limited_length(
    matrix: np.ndarray, length: tuple[int, int], rising: bool
) -> None:
    start, (m_tilde, m) = 12, length
    usual = np.linspace(2.1, 4.3, matrix.shape[1])
    watch = glr_poisson(
        matrix, start, mu0=usual, c_arl=2.3, m_tilde=m_tilde, m=m, dir="inc" if rising else "dec"
    )
    for series, row in enumerate(matrix):
        bounds, alarms = slow.likelihood_ratio_bounds(
            row[start:].tolist(), usual[start:].tolist(), 2.3, m_tilde=m_tilde, m=m, rising=rising
        )
        np.testing.assert_array_equal(watch.upper[series, start:], bounds)
        assert watch.alarm[series, start:].tolist() == alarms


@given(counts, st.sampled_from([45.0, 75.0, 80.0, 90.0]))
@settings(deadline=None, max_examples=15)
def test_moving_percentile(matrix: np.ndarray, percentile: float) -> None:
    watch = moving_percentile(matrix, percentile, frequency=8, years=2, half_window=1)
    for series in range(matrix.shape[0]):
        for time in range(17, matrix.shape[1]):
            bound = slow.percentile_bound(matrix[series].tolist(), time, percentile, 8, 2, 1)
            assert watch.upper[series, time] == pytest.approx(bound)
            assert watch.alarm[series, time] == (matrix[series, time] > watch.upper[series, time])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.sampled_from([0.05, 0.2]))
@settings(deadline=None)
def test_benjamini_hochberg(p_values: list[float], rate: float) -> None:
    chosen = benjamini_hochberg(p_values, rate)
    assert set(np.flatnonzero(chosen).tolist()) == slow.benjamini_hochberg_chosen(p_values, rate)


@given(st.integers(0, 10_000), st.sampled_from(["delta", "nbPlugin", "muan"]), st.sampled_from([1, 5, 10]),
       st.sampled_from([0.05, 1.0]), st.sampled_from([2.0, 30.0]))  # fmt: skip
@settings(deadline=None, max_examples=15)
def test_farrington_flexible(seed: int, method: str, periods: int, trend_level: float, level: float) -> None:
    rng = np.random.default_rng(seed)
    weeks = np.arange(190)
    usual = level * np.exp(0.5 * np.cos(2 * np.pi * weeks / 52) + rng.normal(0, 0.003) * weeks)
    matrix = rng.poisson(rng.gamma(np.tile(usual, (3, 1)), 1.0)).astype(float) + 0.0
    told = {
        "b": 3,
        "no_periods": periods,
        "p_threshold_trend": trend_level,
        "past_weeks_not_included": 26,
        "threshold_method": method,
        "alpha": 0.01,
    }
    watch = farrington_flexible(matrix, 189, limit54=(0, 4), **told)
    for series in range(3):
        upper, mean = flexible_bound(matrix[series], 189, **told)
        assert watch.upper[series, 189] == pytest.approx(upper, rel=1e-6)
        assert watch.expected[series, 189] == pytest.approx(mean, rel=1e-6)
