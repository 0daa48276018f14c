"""Whatever triangle comes, a number or a reason comes back: no traceback, no warning, quantiles in order."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from fangkong.science import epi
from fangkong.science.epi.nowcast.tests.triangles import as_of, complete

CELLS = st.one_of(
    st.just(np.nan),
    st.just(0.0),
    st.integers(-20, 200).map(float),
    st.sampled_from([1e15, -1e15, np.inf, -np.inf, 1e300]),
)
SHAPES = st.one_of(
    array_shapes(min_dims=2, max_dims=2, min_side=0, max_side=45),
    array_shapes(min_dims=3, max_dims=3, min_side=0, max_side=12),
)


def check(triangle: np.ndarray) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for estimate in (epi.nowcast(triangle), epi.lawless(triangle)):
            assert estimate.quantiles.shape == (len(estimate.quantile_levels), *triangle.shape[:-1])
            refused = np.isnan(estimate.quantiles).any(axis=0)
            assert (estimate.reason[refused] > 0).all()
            assert not np.isinf(estimate.quantiles).any()
            steps = np.diff(estimate.quantiles, axis=0)
            assert not (steps < -1e-6 * np.abs(estimate.quantiles[1:]) - 1e-6).any()
        assert epi.nowcast(triangle, n_samples=5).samples.shape == (5, *triangle.shape[:-1])


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_any_numbers(data):
    check(data.draw(arrays(np.float64, data.draw(SHAPES), elements=CELLS)))


@pytest.mark.parametrize(
    "triangle",
    [
        np.zeros((0, 5)),
        np.zeros((0, 7, 5)),
        np.full((30, 5), np.nan),
        np.array([[3.0]]),
        as_of(np.zeros((50, 8)), 49),
        as_of(np.full((50, 8), 7.0), 49),
        -as_of(complete(1, 50, 8, 40), 49),
        as_of(complete(1, 50, 8, 40), 49) * 1e15,
        as_of(complete(1, 20, 100, 40), 19),
        np.nan_to_num(as_of(complete(1, 50, 8, 40), 49)),
        complete(1, 50, 8, 40)[:, :1],
    ],
    ids=[
        "empty",
        "no series",
        "nothing",
        "one cell",
        "zero",
        "constant",
        "negative",
        "huge",
        "wide",
        "full",
        "one delay",
    ],
)
def test_extremes(triangle):
    check(triangle)


def test_a_day_without_cases_after_a_history_of_cases_is_answered():
    cells = complete(2, 60, 8, 1.0)
    estimate = epi.nowcast(as_of(cells, 59))
    assert not np.isnan(estimate.quantiles).any()


def test_a_day_that_is_not_reported_yet_is_foretold_from_those_before():
    seen = as_of(complete(3, 60, 8, 50), 59)
    seen[-1] = np.nan
    estimate = epi.nowcast(seen)
    assert 30 < estimate.at(0.5)[-1] < 75
    assert estimate.reason_at(-1) == "missing_reports"
