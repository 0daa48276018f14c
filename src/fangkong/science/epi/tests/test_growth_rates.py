"""Growth on every day of many series: the regression of ``estimate_growth``, all windows at once."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fangkong.science.epi import estimate_growth, growth_rates
from fangkong.science.epi.estimates import Refusal

COUNTS = st.one_of(st.integers(0, 60).map(float), st.just(np.nan))


@settings(max_examples=50)
@given(
    rows=st.lists(st.lists(COUNTS, min_size=12, max_size=12), min_size=1, max_size=3),
    window=st.integers(3, 12),
    minimum_cases=st.sampled_from([0, 20]),
)
def test_all_windows_at_once_are_the_windows_one_by_one(
    rows: list[list[float]], window: int, minimum_cases: int
) -> None:
    found = growth_rates(rows, window=window, minimum_cases=minimum_cases)
    for row, counts in enumerate(rows):
        for end in range(12):
            code = found.reason_codes[found.reason[row, end]]
            if end < window - 1:
                assert code == "window_too_short"
                continue
            slow = estimate_growth(
                counts, start_day=end - window + 1, end_day=end, minimum_cases=minimum_cases
            )
            if isinstance(slow, Refusal):
                # Days without a report are the only reason here why a full window is too short.
                assert code == ("missing_days" if slow.code == "window_too_short" else slow.code)
                assert np.isnan(found.rate[row, end])
                continue
            assert code == ""
            assert found.rate[row, end] == pytest.approx(slow.rate.mean, abs=1e-7)
            assert found.standard_error[row, end] == pytest.approx(slow.rate.sd, rel=1e-5, abs=1e-9)
            assert found.lower[row, end] == pytest.approx(slow.rate.lower, rel=1e-5, abs=1e-6)


def test_doubling_is_positive_and_halving_negative() -> None:
    days = np.arange(30)
    found = growth_rates(np.stack([100 * np.exp(0.1 * days), 1e4 * np.exp(-0.05 * days)]))
    assert found.doubling_days[0, -1] == pytest.approx(math.log(2) / 0.1)
    assert found.doubling_days[1, -1] == pytest.approx(-math.log(2) / 0.05)


@settings(max_examples=60)
@given(
    cases=st.lists(
        st.one_of(
            st.integers(0, 50).map(float),
            st.sampled_from([-1.0, np.nan, np.inf, -np.inf, 1e15, 1e300, 1e-300]),
        ),
        max_size=30,
    )
)
def test_whatever_the_counts_there_is_a_value_or_a_reason(cases: list[float]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = growth_rates(cases, window=7)
        single = estimate_growth(cases)
    np.testing.assert_array_equal(np.isfinite(found.rate), found.reason == 0)
    assert isinstance(single, Refusal) or math.isfinite(single.rate.mean)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"window": 2}, "need 3 days"),
        ({"minimum_days": 2}, "need 3 days"),
        ({"level": 1.0}, "between 0 and 1"),
        ({"incidence": np.zeros((1, 1, 1))}, "give one series"),
    ],
)
def test_calls_that_make_no_sense_are_named(options: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        growth_rates(**({"incidence": np.ones(20)} | options))
