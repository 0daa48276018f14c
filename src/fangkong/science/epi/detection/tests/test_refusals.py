"""A method without power says so; no input breaks one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import t as t_law

from fangkong.science.epi.detection import (
    Alarms,
    bayes,
    cusum,
    ears,
    farrington,
    farrington_flexible,
    fixed_threshold,
    glr_poisson,
    moving_percentile,
    rki,
)
from fangkong.science.epi.detection.calendar_blocks import same_weeks

F = 6  # periods in a year, so that short series have years
METHODS: dict[str, Callable[[np.ndarray], Alarms]] = {
    "C1": lambda x: ears(x, "C1"),
    "C2": lambda x: ears(x, "C2"),
    "C3": lambda x: ears(x, "C3"),
    "C3 about its mean": lambda x: ears(x, "C3", c3_centre="mean"),
    "bayes": lambda x: bayes(x, 3, F, w=1),
    "rki": lambda x: rki(x, 3, F, w=1),
    "cusum": lambda x: cusum(x, 8),
    "cusum glm": lambda x: cusum(x, 8, F, m="glm", trans="rossi"),
    "glr": lambda x: glr_poisson(x, 8, F),
    "percentile": lambda x: moving_percentile(x, 80, F, years=2, half_window=1),
    "weekly sums of days": lambda x: moving_percentile(x, 80, F, years=2, half_window=0, span=3),
    "fixed": fixed_threshold,
    "farrington": lambda x: farrington(x, 0, F, b=3, w=1),
    "flexible delta": lambda x: farrington_flexible(x, 0, F, b=3, w=1, no_periods=3),
    "flexible nb": lambda x: farrington_flexible(x, 0, F, b=3, w=1, threshold_method="nbPlugin"),
    "flexible muan": lambda x: farrington_flexible(
        x, 0, F, b=3, w=1, threshold_method="muan", limit54=(0, 4)
    ),
}
# Settings that need more than a short quiet series to speak, but must not break either.
UNUSUAL: dict[str, Callable[[np.ndarray], Alarms]] = {
    "cusum negative binomial": lambda x: cusum(x, 8, trans="anscombeNegBin"),
    "cusum second order": lambda x: cusum(x, 2, F, m="glmTrend", trans="anscombe2nd"),
    "glr fall": lambda x: glr_poisson(x, 8, F, dir="dec", m=5, m_tilde=2, refit=True),
    "glr known": lambda x: glr_poisson(x, 8, F, theta=0.7, ret="value", trend=True),
    "flexible wide": lambda x: farrington_flexible(x, 0, F, b=3, w=F - 1, no_periods=F),
    "flexible per head": lambda x: farrington_flexible(x, 0, F, b=3, w=1, population=np.abs(x) + 1),
}
EVERY = METHODS | UNUSUAL
anything = st.one_of(
    st.integers(0, 5).map(float),
    st.sampled_from([0.0, 0.5, 1e6, 1e15, 1e300, -1.0, float("nan"), float("inf"), float("-inf")]),
)


@pytest.mark.parametrize("name", EVERY)
@given(data=st.data())
@settings(deadline=None, max_examples=10)
def test_any_input_gives_values_or_reasons(name: str, data: st.DataObject) -> None:
    shape = data.draw(
        st.one_of(st.tuples(st.integers(0, 40)), st.tuples(st.integers(0, 3), st.integers(0, 40)))
    )
    counts = data.draw(arrays(np.float64, shape, elements=anything))
    watch = EVERY[name](counts)
    for part in (watch.upper, watch.expected, watch.alarm, watch.reason, watch.p_value):
        assert part.shape == counts.shape
    assert np.isfinite(watch.upper[watch.power]).all()
    assert not watch.alarm[~watch.power].any()
    usable = np.isfinite(counts) & (counts >= 0)
    assert not watch.power[~usable].any()


@pytest.mark.parametrize("name", [n for n in METHODS if n != "fixed"])
def test_a_short_baseline_is_not_silence(name: str) -> None:
    watch = METHODS[name](np.array([3.0, 90.0, 2.0]))
    assert not watch.power.any()
    assert {watch.reason_at(t) for t in range(3)} <= {"baseline_too_short", "not_monitored"}


@pytest.mark.parametrize("name", [n for n in METHODS if n != "fixed"])
def test_an_outbreak_in_a_quiet_series_is_seen(name: str) -> None:
    rng = np.random.default_rng(3)
    counts = rng.poisson(8, 42).astype(float)
    counts[-2:] = 60
    assert METHODS[name](counts).alarm[-2:].any()


@pytest.mark.parametrize("name", EVERY)
def test_a_matrix_is_its_series_one_by_one(name: str) -> None:
    counts = np.random.default_rng(5).poisson(6, (4, 45)).astype(float)
    counts[2, 20] = np.nan
    together = EVERY[name](counts)
    for series in range(4):
        alone = EVERY[name](counts[series])
        np.testing.assert_allclose(together.upper[series], alone.upper, rtol=1e-9)
        np.testing.assert_array_equal(together.alarm[series], alone.alarm)
        np.testing.assert_array_equal(together.reason[series], alone.reason)


def test_a_missing_count_keeps_its_bound_and_has_no_power() -> None:
    watch = ears([2, 3, 2, 4, 3, 2, 3, np.nan, 3])
    assert watch.upper[7] == pytest.approx(5.050, abs=1e-3)
    assert watch.reason_at(7) == "missing_count"
    assert watch.reason_at(8) == "missing_baseline"
    assert ears([2, 3, 2, 4, 3, 2, 3, -1]).reason_at(7) == "invalid_count"


def test_too_few_cases_is_said_and_no_bound_is_shown() -> None:
    counts = np.zeros(6 * F)
    counts[::5] = 1
    watch = farrington_flexible(counts, 0, F, b=3, w=1)
    assert watch.reason_at(-1) == "too_few_cases"
    assert np.isnan(watch.upper[-1])


def test_equal_counts_leave_c3_undefined() -> None:
    assert ears([4.0] * 15, "C3").reason_at(14) == "baseline_without_variation"
    assert ears([4.0] * 14 + [5.0], "C1").alarm[14]


def test_c3_of_the_package_is_blind_on_the_day_itself() -> None:
    counts = [4.0, 5, 3, 4, 6, 4, 5, 3, 4, 5, 4, 3, 5, 60]
    assert not ears(counts, "C3").alarm[13]
    assert ears(counts, "C3", c3_centre="mean").alarm[13]


def test_a_calendar_year_of_53_weeks_does_not_shift_the_baseline() -> None:
    first = date(2012, 1, 2)  # a Monday; 2015 and 2020 have 53 weeks

    def shifts(start: date | None) -> list[int]:
        position = 52 * 9 + 30
        now = first + timedelta(weeks=position)
        past = [first + timedelta(weeks=week) for week in same_weeks(position, 6, 52, start)]
        return [abs((day.replace(year=now.year) - now).days) for day in past]

    assert max(shifts(first)) <= 3
    assert max(shifts(None)) > 7


@pytest.mark.parametrize(
    "call",
    [
        lambda: ears([1.0], "C4"),
        lambda: ears([1.0], baseline=1),
        lambda: ears(np.zeros((1, 1, 1))),
        lambda: farrington_flexible([1.0], threshold_method="best"),
        lambda: farrington_flexible([1.0], w=52),
        lambda: farrington_flexible(np.ones(400), no_periods=60),
        lambda: farrington([1.0], date(2020, 1, 1), 40),
        lambda: cusum([1.0], -1),
        lambda: glr_poisson([1.0], 0, mu0=0.0),
        lambda: bayes([1.0], 4),
        lambda: moving_percentile([1.0]),
        lambda: moving_percentile([1.0], 100),
        lambda: fixed_threshold([1.0], 0),
    ],
)
def test_calls_that_make_no_sense_are_refused(call: Callable[[], Alarms]) -> None:
    with pytest.raises(ValueError):
        call()


def test_ears_states_p_values_when_asked() -> None:
    counts = [2.0, 3, 2, 4, 3, 2, 3, 12]
    assert np.isnan(ears(counts).p_value).all()
    asked = ears(counts, p_values=True).p_value[7]
    # Student's t with 6 degrees of freedom, the mean of seven counts being uncertain too.
    past = np.array(counts[:7])
    assert asked == pytest.approx(t_law(6).sf((12 - past.mean()) / (past.std(ddof=1) * (8 / 7) ** 0.5)))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", EVERY)
def test_the_oddest_series_end_in_values_or_reasons(name: str) -> None:
    length = 6 * F
    for value in (0.0, 1.0, 1e15, 1e300, -1.0, np.nan, np.inf):
        watch = EVERY[name](np.full(length, value))
        assert not watch.alarm[~watch.power].any()
        jump = np.ones(length)
        jump[::5] = value
        assert EVERY[name](jump).alarm.shape == (length,)
    for empty in (np.zeros(0), np.zeros((0, 9)), np.zeros((3, 0)), np.ones(1)):
        assert EVERY[name](empty).upper.shape == empty.shape


@pytest.mark.filterwarnings("error")
def test_starts_outside_the_series_leave_nothing_watched() -> None:
    counts = np.ones(20)
    for watch in (
        farrington_flexible(counts, 500, F, w=1),
        farrington(counts, date(1900, 1, 1), first=900),
        cusum(counts, 900),
        glr_poisson(counts, 900, F),
        farrington_flexible(counts, date(2024, 2, 29), 365, b=1, w=0),
    ):
        assert not watch.power.any()


def test_the_first_week_of_a_calendar_may_lack_one_week_of_its_earliest_window() -> None:
    counts = np.random.default_rng(1).poisson(20, 200).astype(float)
    watch = farrington_flexible(counts, date(2002, 1, 7), b=3, w=3)
    first = int(np.flatnonzero(watch.power)[0])
    assert same_weeks(first, 3, 52, date(2002, 1, 7))[-1] == 2


def test_months_of_a_calendar_have_their_own_lengths() -> None:
    counts = np.round(200 * np.exp(-0.02 * np.arange(72)))
    told = {"b": 4, "w": 1, "p_threshold_trend": 1.0}
    by_day = farrington_flexible(counts, date(2010, 1, 1), 12, **told)
    by_number = farrington_flexible(counts, (2010, 1), 12, **told)
    assert by_day.expected[-1] != by_number.expected[-1]
    assert by_day.expected[-1] == pytest.approx(by_number.expected[-1], rel=0.01)
