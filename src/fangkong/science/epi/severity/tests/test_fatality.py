"""The adjusted fatality risk: what it corrects, where it agrees with its slow twin, where it says nothing and why."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import binomtest, gamma

from fangkong.science.epi.severity import (
    REASON_CODES,
    delay_adjusted_cfr,
    estimate_ascertainment,
    exact_proportion,
    resolved_cfr,
)
from fangkong.science.epi.severity.fatality import FatalityKind
from fangkong.science.epi.severity.fatality_reference import adjusted_risk
from fangkong.science.epi.severity.smoothing import running_median

KINDS: tuple[FatalityKind, ...] = ("static", "rolling", "time_varying")
ONSET_TO_DEATH = np.diff(gamma.cdf(np.arange(61.0), 4.0, scale=3.0))


def outbreak(growth: float, fatality: float, days: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """Cases that grow at a daily rate, and the deaths they bring."""
    cases = np.round(20 * np.exp(growth * np.arange(days)))
    return cases, fatality * np.convolve(cases, ONSET_TO_DEATH)[:days]


@pytest.mark.parametrize("fatality", [0.01, 0.2, 0.8])
def test_a_growing_epidemic_looks_milder_than_it_is(fatality: float) -> None:
    risk = delay_adjusted_cfr(*outbreak(0.08, fatality), ONSET_TO_DEATH)
    assert risk.naive_upper < fatality
    assert risk.estimate == pytest.approx(fatality, abs=6e-4)
    assert risk.lower < fatality < risk.upper


def test_a_finished_epidemic_needs_no_adjustment() -> None:
    cases = np.r_[np.full(40, 50.0), np.zeros(60)]
    deaths = np.convolve(cases, ONSET_TO_DEATH)[:100] * 0.3
    risk = delay_adjusted_cfr(cases, deaths, ONSET_TO_DEATH)
    assert risk.estimate == pytest.approx(float(risk.naive), abs=1e-4)


def test_the_interval_covers_the_true_risk() -> None:
    """1,000 outbreaks with one true risk: 95 % of the intervals hold it."""
    rng = np.random.default_rng(3)
    cases = rng.poisson(outbreak(0.05, 0.1)[0], (1000, 60))
    due = np.apply_along_axis(lambda row: np.convolve(row, ONSET_TO_DEATH)[:60], 1, cases)
    # Nobody dies twice: of the cases due so far, each dies with the same chance.
    deaths = np.zeros(cases.shape)
    deaths[:, -1] = rng.binomial(np.round(due.sum(axis=1)).astype(int), 0.1)
    risk = delay_adjusted_cfr(cases, deaths, ONSET_TO_DEATH)
    assert 0.93 <= ((risk.lower <= 0.1) & (risk.upper >= 0.1)).mean() <= 0.97


def test_the_time_varying_risk_follows_a_change() -> None:
    cases, due = np.full(120, 400.0), np.convolve(np.full(120, 400.0), ONSET_TO_DEATH)[:120]
    deaths = np.round(due * np.where(np.arange(120) < 60, 0.02, 0.06))
    risk = delay_adjusted_cfr(cases, deaths, ONSET_TO_DEATH, kind="time_varying", burn_in=0)
    assert risk.estimate[55] == pytest.approx(0.02, abs=2e-3)
    assert risk.estimate[80] == pytest.approx(0.06, abs=2e-3)


@given(
    arrays(np.float64, 25, elements=st.integers(0, 30)),
    arrays(np.float64, 25, elements=st.sampled_from([0.0, 0.0, 0.0, 1.0, 2.0, 9.0])),
    st.sampled_from([5.0, 100.0]),
)
@settings(max_examples=40)
def test_the_slow_twin_agrees(cases: np.ndarray, deaths: np.ndarray, poisson_threshold: float) -> None:
    weights = ONSET_TO_DEATH[:25] / ONSET_TO_DEATH[:25].sum()
    risk = delay_adjusted_cfr(cases, deaths, weights, kind="rolling", poisson_threshold=poisson_threshold)
    for days in (1, 8, 25):
        expected = adjusted_risk(
            cases[:days].tolist(), deaths[:days].tolist(), weights.tolist(), poisson_threshold
        )
        got = (risk.estimate[days - 1], risk.lower[days - 1], risk.upper[days - 1])
        assert (expected is None) == bool(risk.reason[days - 1])
        if expected is not None:
            assert got == pytest.approx(expected, abs=1e-9)


def test_a_matrix_is_its_rows() -> None:
    rng = np.random.default_rng(0)
    cases = rng.poisson(9.0, (4, 40))
    deaths = rng.binomial(cases, 0.1)
    for kind in KINDS:
        whole = delay_adjusted_cfr(cases, deaths, ONSET_TO_DEATH, kind=kind, smoothing=3)
        for row in range(4):
            one = delay_adjusted_cfr(cases[row], deaths[row], ONSET_TO_DEATH, kind=kind, smoothing=3)
            np.testing.assert_array_equal(whole.estimate[row], one.estimate)
            np.testing.assert_array_equal(whole.naive_upper[row], one.naive_upper)
            np.testing.assert_array_equal(whole.reason[row], one.reason)


def test_long_series_are_convolved_alike() -> None:
    rng = np.random.default_rng(5)
    cases = rng.poisson(4.0, 2500).astype(float)
    deaths = rng.binomial(4, 0.01, 2500)
    long = delay_adjusted_cfr(cases, deaths, ONSET_TO_DEATH, kind="rolling")
    short = delay_adjusted_cfr(cases[:2000], deaths[:2000], ONSET_TO_DEATH, kind="rolling")
    np.testing.assert_allclose(long.known_outcomes[:2000], short.known_outcomes, rtol=1e-12)


def test_smoothing_is_a_running_median_that_keeps_its_ends() -> None:
    series = np.array([[9.0, 1.0, 5.0, 2.0, 8.0, 0.0]])
    assert running_median(series, 3).tolist() == [[9.0, 5.0, 2.0, 5.0, 2.0, 0.0]]
    assert running_median(series, 1).tolist() == series.tolist()
    risk = delay_adjusted_cfr(
        series[0], [0, 0, 1, 0, 0, 0], [1.0], kind="time_varying", burn_in=1, smoothing=3
    )
    assert [risk.reason_at(day) for day in range(6)] == ["burn_in", "", "", *["smoothing_edge"] * 3]


@pytest.mark.parametrize(
    ("cases", "deaths", "reason", "naive_reason"),
    [
        ([], [], "no_cases", "no_cases"),
        ([0, 0, 0], [0, 0, 0], "no_cases", "no_cases"),
        ([1, 2, 3], [0, 4, 3], "deaths_exceed_cases", "deaths_exceed_cases"),
        ([5, 9, 20], [5, 9, 9], "deaths_exceed_outcomes", ""),
        ([4, 0, 5], [1, np.nan, 1], "missing_days", "missing_days"),
        ([4, -1, 5], [1, 0, 1], "invalid_count", "invalid_count"),
        ([4, np.inf, 5], [1, 0, 1], "invalid_count", "invalid_count"),
        ([0, 0, 7], [0, 0, 0], "no_known_outcomes", ""),
    ],
)
def test_no_risk_is_given_without_its_reason(
    cases: list[float], deaths: list[float], reason: str, naive_reason: str
) -> None:
    risk = delay_adjusted_cfr(cases, deaths, [0.0, 0.5, 0.5])
    assert (risk.reason_at(), risk.naive_reason_at()) == (reason, naive_reason)
    assert np.isnan(risk.estimate)
    assert np.isnan(risk.naive) == bool(naive_reason)


def test_a_missing_day_hides_only_what_rests_on_it() -> None:
    cases, deaths = np.full(20, 50.0), np.full(20, 1.0)
    cases[5] = np.nan
    daily = delay_adjusted_cfr(cases, deaths, [0.5, 0.3, 0.2], kind="time_varying", burn_in=0)
    assert np.flatnonzero(daily.reason == REASON_CODES.index("missing_days")).tolist() == [5, 6, 7]
    rolling = delay_adjusted_cfr(cases, deaths, [0.5, 0.3, 0.2], kind="rolling")
    assert (rolling.reason[:5] == 0).all()
    assert {rolling.reason_at(day) for day in range(5, 20)} == {"missing_days"}


@given(data=st.data())
@settings(max_examples=60)
def test_any_input_gives_values_or_reasons(data: st.DataObject) -> None:
    anything = st.one_of(
        st.integers(0, 30).map(float),
        st.sampled_from([0.0, 0.5, 1e6, 1e15, 1e300, -1.0, float("nan"), float("inf"), float("-inf")]),
    )
    shape = data.draw(
        st.one_of(st.tuples(st.integers(0, 30)), st.tuples(st.integers(0, 3), st.integers(0, 30)))
    )
    cases = data.draw(arrays(np.float64, shape, elements=anything))
    deaths = data.draw(arrays(np.float64, shape, elements=anything))
    for kind in KINDS:
        risk = delay_adjusted_cfr(
            cases, deaths, lambda day: 0.5 ** (day + 1), kind=kind, burn_in=2, smoothing=3
        )
        assert np.shape(risk.estimate) == (shape if kind != "static" else shape[:-1])
        good = np.asarray(risk.reason) == 0
        estimate, lower, upper = (np.asarray(part) for part in (risk.estimate, risk.lower, risk.upper))
        assert ((lower <= estimate) & (estimate <= upper))[good].all()
        assert ((lower >= 0) & (upper <= 1))[good].all()
        assert np.isnan(estimate[~good]).all()
        unnamed = np.asarray(risk.naive_reason) == 0
        assert (np.asarray(risk.naive_lower) <= np.asarray(risk.naive_upper))[unnamed].all()
        found = estimate_ascertainment(risk, 0.01)
        assert (np.asarray(found.lower)[good] <= np.asarray(found.upper)[good]).all()


def test_a_hundred_thousand_series() -> None:
    cases = np.random.default_rng(0).poisson(3.0, (100_000, 20))
    risk = delay_adjusted_cfr(cases, np.minimum(cases, 1), ONSET_TO_DEATH)
    assert risk.estimate.shape == (100_000,)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"delay": [0.5, 0.2]}, "must sum to 1"),
        ({"delay": [0.5, -0.5, 1.0]}, "negative or not finite"),
        ({"delay": [[0.5, 0.5]]}, "one row"),
        ({"delay": lambda day: 1.0}, "one row"),
        ({"delay": object()}, "array of probabilities"),
        ({"deaths": [1, 2]}, "the same days"),
        ({"cases": 3.0}, "one series"),
        ({"kind": "daily"}, "choose one of"),
        ({"smoothing": 4}, "odd number"),
        ({"burn_in": -1}, "burn_in"),
        ({"poisson_threshold": 0}, "above 0"),
    ],
)
def test_calls_that_make_no_sense_are_refused(arguments: dict[str, object], sentence: str) -> None:
    call: dict[str, object] = {"cases": [9, 9, 9], "deaths": [0, 1, 2], "delay": [0.5, 0.5, 0.0]} | arguments
    with pytest.raises(ValueError, match=sentence):
        delay_adjusted_cfr(**call)  # type: ignore[arg-type]


@given(st.integers(0, 60), st.integers(1, 60), st.sampled_from([0.5, 0.9, 0.95]))
def test_exact_intervals_are_those_of_the_binomial_test(events: int, more: int, level: float) -> None:
    estimate, lower, upper = exact_proportion(events, events + more, level)
    expected = binomtest(events, events + more).proportion_ci(level)
    assert (lower, upper) == pytest.approx((expected.low, expected.high), abs=1e-8)
    assert lower <= estimate <= upper


def test_open_cases_bound_the_final_fatality() -> None:
    risk = resolved_cfr(10, 30, 60)
    assert risk.if_open_recover == risk.naive == 0.1
    assert risk.if_open_die == 0.7
    assert risk.if_open_recover < risk.estimate < risk.if_open_die


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        ((0, 0, 5), "no_known_outcomes"),
        ((np.nan, 1, 1), "missing_days"),
        ((-1, 1, 1), "invalid_count"),
        ((1, 1, 0), ""),
    ],
)
def test_resolved_risk_says_why_it_is_missing(counts: tuple[float, float, float], reason: str) -> None:
    risk = resolved_cfr(*counts)
    assert risk.reason_at() == reason
    assert np.isnan(risk.estimate) == bool(reason)


@pytest.mark.real_data
def test_h7n9_in_china_2013(real_data: Path) -> None:
    with (real_data / "fluH7N9_china_2013.csv").open(encoding="utf-8") as file:
        outcomes = Counter(row["outcome"] for row in csv.DictReader(file))
    risk = resolved_cfr(outcomes["Death"], outcomes["Recover"], outcomes[""])
    assert round(100 * float(risk.estimate), 1) == 40.5
    assert round(100 * float(risk.naive), 1) == 23.5
    assert risk.lower < 0.405 < risk.upper
    assert risk.naive_lower < 0.235 < risk.naive_upper


def test_ascertainment_is_cut_to_the_whole() -> None:
    mild = delay_adjusted_cfr([50, 50, 50, 0], [0, 1, 1, 1], [0.4, 0.6])
    assert estimate_ascertainment(mild, 0.5).estimate == 1.0
    assert estimate_ascertainment(mild, 0.5).capped
    with pytest.raises(ValueError, match="baseline"):
        estimate_ascertainment(mild, 1.5)
