"""Introductions from elsewhere: how many, from where most, how sure, and what surveillance sees of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import lognorm, poisson

from fangkong.science.epi.importation import expected_introductions
from fangkong.science.epi.severity import exact_proportion


def test_introductions_are_travellers_times_prevalence() -> None:
    got = expected_introductions([[100, 200, 0], [10, 10, 10]], [0.01, 0.1])
    assert got.expected.tolist() == [[1.0, 2.0, 0.0], [1.0, 1.0, 1.0]]
    assert got.total.tolist() == got.total_lower.tolist() == got.total_upper.tolist() == [3.0, 3.0]
    assert got.all_total == 6.0
    # Equal origins share the better place.
    assert got.rank.tolist() == [1, 1]


def test_known_inputs_leave_only_chance() -> None:
    got = expected_introductions([1000.0], [0.004], detection=0.25)
    assert got.chance_any[0] == pytest.approx(1 - np.exp(-4))
    assert got.chance_detected[0] == pytest.approx(1 - np.exp(-1))
    assert got.chance_missed[0] == pytest.approx(1 - np.exp(-3))
    assert (got.count_lower[0], got.count_upper[0]) == (poisson.ppf(0.025, 4), poisson.ppf(0.975, 4))


def test_two_lognormal_errors_add_on_the_log_scale() -> None:
    flow_error, prevalence_error = np.log(1.5), np.log(3.0)
    got = expected_introductions(
        [1000.0],
        [0.002],
        flow_interval=([1000 / 1.5], [1500.0]),
        prevalence_interval=([0.002 / 3], [0.006]),
        draws=2**15,
    )
    sd = np.hypot(flow_error, prevalence_error) / 1.959964
    low, high = lognorm.ppf([0.025, 0.975], sd, scale=2.0)
    assert (got.total_lower[0], got.total_upper[0]) == pytest.approx((low, high), rel=0.02)


def test_an_origin_with_few_tests_has_a_wide_place() -> None:
    """3 of 10 positive is no better ground for a ranking than 300 of 2,000, though its estimate is twice as high."""
    estimate, lower, upper = exact_proportion([3, 300, 20], [10, 2000, 2000])
    got = expected_introductions([100, 100, 100], estimate, prevalence_interval=(lower, upper))
    assert got.rank.tolist() == [1, 2, 3]
    assert got.rank_upper[0] > got.rank[0]
    assert (got.rank_lower[2], got.rank_upper[2]) == (3, 3)
    assert 0.5 < got.chance_first[0] < 1.0
    assert got.chance_first.sum() == pytest.approx(1.0)


def test_no_positive_found_is_not_no_prevalence() -> None:
    estimate, lower, upper = exact_proportion([0], [50])
    got = expected_introductions([500.0], estimate, prevalence_interval=(lower, upper))
    assert got.total[0] == 0.0
    assert got.total_upper[0] == pytest.approx(500 * upper[0], rel=0.02)
    assert got.chance_any[0] > 0.5


def test_better_surveillance_misses_less() -> None:
    blind, half, all_seen = (
        expected_introductions([900, 40], [0.002, 0.01], detection=seen) for seen in (0.0, 0.5, 1.0)
    )
    assert blind.chance_detected.tolist() == [0.0, 0.0]
    assert (half.chance_detected > blind.chance_detected).all()
    assert (half.chance_missed > all_seen.chance_missed).all()
    assert all_seen.chance_missed.tolist() == [0.0, 0.0]


def test_an_origin_without_figures_is_never_a_zero() -> None:
    got = expected_introductions([100, np.nan, 50, -5, 10], [0.1, 0.1, np.nan, 0.1, 1.5])
    assert [got.reason_at(origin) for origin in range(5)] == [
        "",
        "missing_flow",
        "missing_prevalence",
        "invalid_flow",
        "invalid_prevalence",
    ]
    assert got.rank.tolist() == [1, 0, 0, 0, 0]
    assert np.isnan(got.total[1:]).all()
    assert got.all_total == 10.0


def test_the_seed_decides() -> None:
    call = {"prevalence_interval": ([0.001, 0.002], [0.05, 0.06])}
    first, again, other = (
        expected_introductions([90, 80], [0.01, 0.02], seed=seed, **call) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first.total_upper, again.total_upper)
    assert first.total_upper.tolist() != other.total_upper.tolist()
    np.testing.assert_allclose(first.total_upper, other.total_upper, rtol=0.02)


def test_many_origins() -> None:
    part = np.full(5_000, 0.01)
    got = expected_introductions(
        np.arange(5_000.0), part, prevalence_interval=(part / 2, part * 2), draws=128
    )
    assert got.rank[-1] == 1
    assert got.rank_lower[-1] <= 1 <= got.rank_upper[-1]


@given(data=st.data())
@settings(max_examples=40)
def test_any_input_gives_figures_or_reasons(data: st.DataObject) -> None:
    shape = data.draw(
        st.one_of(st.tuples(st.integers(0, 5)), st.tuples(st.integers(0, 4), st.integers(0, 4)))
    )
    odd = st.sampled_from([0.0, 1e-9, 0.5, 1.0, 7.0, 1e15, 1e300, -1.0, np.nan, np.inf, -np.inf])
    flows = data.draw(arrays(np.float64, shape, elements=odd))
    part = data.draw(arrays(np.float64, shape[:1], elements=odd))
    got = expected_introductions(
        flows, part, flow_interval=(flows * 0.5, flows) if (flows >= 0).all() else None, draws=128
    )
    good = got.reason == 0
    assert got.expected.shape == got.lower.shape == shape
    assert (got.lower[good] <= got.expected[good]).all()
    assert (got.expected[good] <= got.upper[good]).all()
    assert np.isnan(got.expected[~good]).all()
    ranked = got.rank > 0
    assert (got.rank_lower[ranked] <= got.rank[ranked]).all()
    assert (got.rank[ranked] <= got.rank_upper[ranked]).all()
    assert ((got.chance_any[ranked] >= 0) & (got.chance_any[ranked] <= 1)).all()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"flows": 3.0}, "per origin"),
        ({"prevalence": [0.1]}, "per origin"),
        ({"prevalence_interval": ([0.2, 0.2], [0.3, 0.3])}, "does not hold its estimate"),
        ({"detection": 1.2}, "between 0 and 1"),
        ({"detection": [0.1]}, "one for each"),
        ({"level": 95}, "level"),
        ({"draws": 3}, "draws"),
    ],
)
def test_calls_that_make_no_sense_are_refused(arguments: dict[str, object], sentence: str) -> None:
    call: dict[str, object] = {"flows": [10.0, 20.0], "prevalence": [0.1, 0.1]} | arguments
    with pytest.raises(ValueError, match=sentence):
        expected_introductions(**call)  # type: ignore[arg-type]
