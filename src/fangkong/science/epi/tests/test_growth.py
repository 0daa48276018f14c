from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fangkong.science.epi.estimates import Estimate, Refusal
from fangkong.science.epi.growth import GrowthEstimate, change_time, estimate_growth


def estimated(result: GrowthEstimate | Refusal) -> GrowthEstimate:
    assert isinstance(result, GrowthEstimate)
    return result


@given(
    rate=st.floats(-0.4, 0.4).filter(lambda r: abs(r) > 1e-3),
    level=st.floats(5, 5000),
    days=st.integers(5, 40),
)
def test_exact_on_a_noiseless_exponential(rate: float, level: float, days: int) -> None:
    growth = estimated(estimate_growth(level * np.exp(rate * np.arange(days))))
    assert growth.rate.mean == pytest.approx(rate, abs=1e-9)
    assert growth.change_time.kind == ("doubling" if rate > 0 else "halving")
    assert growth.change_time.days == pytest.approx(math.log(2) / abs(rate), rel=1e-5)
    assert growth.dispersion == 1


@pytest.mark.parametrize("rate", [0.12, 0.0, -0.08])
def test_poisson_counts_are_recovered_with_coverage(rate: float) -> None:
    rng = np.random.default_rng(31)
    expected = 30 * np.exp(rate * np.arange(14))
    fits = [estimated(estimate_growth(rng.poisson(expected))) for _ in range(400)]
    inside = np.mean([f.rate.lower <= rate <= f.rate.upper for f in fits])
    assert 0.93 <= inside <= 0.995
    assert np.mean([f.rate.mean for f in fits]) == pytest.approx(rate, abs=0.004)


def test_overdispersed_counts_keep_their_coverage_and_poisson_would_not() -> None:
    rng = np.random.default_rng(32)
    rate, size = 0.08, 4.0
    expected = 40 * np.exp(rate * np.arange(21))
    inside = poisson_inside = 0
    for _ in range(400):
        growth = estimated(estimate_growth(rng.negative_binomial(size, size / (size + expected))))
        inside += growth.rate.lower <= rate <= growth.rate.upper
        reach = (growth.rate.upper - growth.rate.mean) / math.sqrt(growth.dispersion)
        poisson_inside += abs(growth.rate.mean - rate) <= reach
    assert 0.88 <= inside / 400 <= 0.99
    assert poisson_inside / 400 < 0.60


def test_overdispersion_widens_the_interval() -> None:
    smooth = 100 * np.exp(0.05 * np.arange(14))
    rough = smooth * np.tile([0.5, 1.5], 7)
    calm, wild = estimated(estimate_growth(smooth)), estimated(estimate_growth(rough))
    assert wild.dispersion > 5
    assert wild.rate.upper - wild.rate.lower > 2 * (calm.rate.upper - calm.rate.lower)


def test_the_fit_is_the_maximum_of_the_likelihood() -> None:
    # There the score is zero in both parameters: fitted total and first moment equal those of the data.
    y = np.array([3.0, 0, 5, 2, 8, 0, 13, 9])
    growth = estimated(estimate_growth(y))
    days = np.arange(8)
    shape = np.exp(growth.rate.mean * days)
    fitted = shape * y.sum() / shape.sum()
    assert (fitted * days).sum() == pytest.approx((y * days).sum(), rel=1e-10)


def test_the_interval_is_that_of_the_quasi_poisson_model() -> None:
    # Written out from the textbook: Pearson dispersion over n - 2, inverse information, Student's t.
    y = np.array([4.0, 30, 6, 41, 12, 55, 20, 90])
    growth = estimated(estimate_growth(y, level=0.9))
    design = np.stack([np.ones(8), np.arange(8)], axis=1)
    fitted = np.exp(growth.rate.mean * np.arange(8))
    fitted *= y.sum() / fitted.sum()
    dispersion = ((y - fitted) ** 2 / fitted).sum() / 6
    variance = dispersion * np.linalg.inv(design.T @ (design * fitted[:, None]))[1, 1]
    assert growth.dispersion == pytest.approx(dispersion, rel=1e-9)
    assert growth.rate.sd == pytest.approx(math.sqrt(variance), rel=1e-9)
    reach = 1.9431802805 * math.sqrt(variance)  # 95 % point of t with 6 degrees of freedom
    assert growth.rate.upper - growth.rate.mean == pytest.approx(reach, rel=1e-8)
    assert growth.rate.mean - growth.rate.lower == pytest.approx(reach, rel=1e-8)


def test_missing_days_are_left_out_and_zero_days_are_not() -> None:
    truth = 20 * np.exp(0.1 * np.arange(14))
    gap, zero = truth.copy(), truth.copy()
    gap[[3, 9]] = np.nan
    zero[[3, 9]] = 0
    with_gap = estimated(estimate_growth(gap))
    assert with_gap.rate.mean == pytest.approx(0.1, abs=1e-9)
    assert (with_gap.observed_days, with_gap.missing_days) == (12, 2)
    assert abs(estimated(estimate_growth(zero)).rate.mean - 0.1) > 1e-3


def test_the_window_is_the_only_thing_that_counts() -> None:
    series = np.concatenate([np.full(20, 5000.0), 10 * np.exp(0.2 * np.arange(10)), np.full(5, 1.0)])
    growth = estimated(estimate_growth(series, start_day=20, end_day=29))
    assert growth.rate.mean == pytest.approx(0.2, abs=1e-9)
    assert (growth.rate.start_day, growth.rate.end_day) == (20, 29)


def test_doubling_time_has_no_upper_end_when_growth_may_be_zero() -> None:
    time = change_time(Estimate(0.05, -0.02, 0.12, 0.95, 0, 13, 0.03))
    assert time.kind == "doubling"
    assert time.code == "growth_interval_spans_zero"
    assert time.upper_days is None
    assert time.lower_days == pytest.approx(math.log(2) / 0.12)
    assert time.opposite_days == pytest.approx(math.log(2) / 0.02)


def test_bounded_times_swap_their_ends() -> None:
    doubling = change_time(Estimate(0.1, 0.05, 0.15, 0.95, 0, 13, 0.02))
    halving = change_time(Estimate(-0.1, -0.15, -0.05, 0.95, 0, 13, 0.02))
    for time in (doubling, halving):
        assert time.code == ""
        assert time.opposite_days is None
        assert time.lower_days == pytest.approx(math.log(2) / 0.15)
        assert time.upper_days == pytest.approx(math.log(2) / 0.05)
    assert (doubling.kind, halving.kind) == ("doubling", "halving")


def test_an_interval_that_touches_zero_is_unbounded() -> None:
    time = change_time(Estimate(0.1, 0.0, 0.2, 0.95, 0, 13, 0.05))
    assert (time.upper_days, time.opposite_days) == (None, None)
    assert time.code == "growth_interval_spans_zero"


def test_no_change_has_no_time() -> None:
    time = change_time(Estimate(0.0, -0.1, 0.1, 0.95, 0, 13, 0.05))
    assert (time.kind, time.days, time.lower_days, time.upper_days) == ("steady", None, None, None)
    assert time.code == "no_change"


@pytest.mark.parametrize(
    ("counts", "options", "code"),
    [
        ([5.0, 6.0], {}, "window_too_short"),
        ([], {}, "window_too_short"),
        ([1.0, -2, 3], {}, "invalid_counts"),
        ([1.0, np.inf, 3], {}, "invalid_counts"),
        ([5.0, np.nan, np.nan, 8.0], {}, "window_too_short"),
        ([5.0, 6.0, 7.0, 8.0], {"minimum_days": 7}, "window_too_short"),
        ([0.0] * 10, {}, "too_few_cases"),
        ([1.0, 0, 2, 1], {"minimum_cases": 10}, "too_few_cases"),
        ([0.0, 0, 0, 0, 9], {}, "growth_not_identified"),
        ([9.0, 0, 0, 0, 0], {}, "growth_not_identified"),
        ([np.nan, 9.0, 0, 0, 0], {}, "growth_not_identified"),
    ],
)
def test_windows_that_carry_no_growth_are_refused(
    counts: list[float], options: dict[str, int], code: str
) -> None:
    result = estimate_growth(counts, **options)
    assert isinstance(result, Refusal)
    assert result.code == code


def test_extreme_but_identified_counts_converge() -> None:
    steep = estimated(estimate_growth([0.0, 0, 0, 1, 100_000]))
    assert steep.rate.mean == pytest.approx(math.log(100_000), rel=0.01)
    single_day = estimated(estimate_growth([0.0, 0, 7, 0, 0]))
    assert single_day.rate.mean == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("counts", "options", "complaint"),
    [
        ([1.0, 2, 3], {"end_day": 3}, "outside"),
        ([1.0, 2, 3], {"level": 1.0}, "between 0 and 1"),
        ([1.0, 2, 3], {"minimum_days": 2}, "needs 3 days"),
        ([[1.0, 2, 3]], {}, "one series"),
    ],
)
def test_calls_that_make_no_sense_are_named(
    counts: list[float], options: dict[str, float], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        estimate_growth(counts, **options)
