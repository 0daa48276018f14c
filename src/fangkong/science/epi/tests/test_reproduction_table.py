from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from fangkong.science.epi.estimates import Estimate, Refusal
from fangkong.science.epi.reproduction import QUANTILE_LEVELS
from fangkong.science.epi.reproduction_posterior import sliding_windows, total_infectivity
from fangkong.science.epi.reproduction_reference import infectivity_on, reproduction_in_window
from fangkong.science.epi.reproduction_table import ReproductionTable, reproduction_table
from fangkong.science.epi.serial_interval import ShiftedGammaInterval, discretised_serial_interval
from fangkong.science.epi.tests.epiestim_tables import incidence, table

INTERVAL = ShiftedGammaInterval(4.7, 2.9)
MOMENTS = {
    "Flu1918": (2.6, 1.5),
    "Flu2009": (2.6, 1.5),
    "SARS2003": (8.4, 3.8),
    "Smallpox1972": (22.4, 6.1),
}
EMPTY_ROWS = {"Flu1918": 0, "Flu2009": 0, "SARS2003": 1, "Smallpox1972": 15}


def estimated(result: ReproductionTable | Refusal) -> ReproductionTable:
    assert isinstance(result, ReproductionTable)
    return result


def refused(result: Estimate | Refusal) -> Refusal:
    assert isinstance(result, Refusal)
    return result


def columns(result: ReproductionTable) -> NDArray[np.float64]:
    """The table in EpiEstim's layout: days from 1, mean, sd, quantiles."""
    return np.column_stack(
        [result.start_day + 1, result.end_day + 1, result.mean[0], result.sd[0], result.quantiles[0]]
    )


@pytest.mark.real_data
@pytest.mark.parametrize("outbreak", MOMENTS)
def test_parametric_interval_same_as_epiestim(outbreak: str) -> None:
    result = estimated(reproduction_table(incidence(outbreak), ShiftedGammaInterval(*MOMENTS[outbreak])))
    expected = table(f"param_{outbreak}.csv")
    np.testing.assert_allclose(columns(result), expected, rtol=0, atol=1e-9, equal_nan=True)
    assert np.isnan(result.mean).sum() == EMPTY_ROWS[outbreak]


@pytest.mark.real_data
@pytest.mark.parametrize("outbreak", MOMENTS)
def test_tabulated_interval_same_as_epiestim(outbreak: str) -> None:
    weights = table(f"input_{outbreak}_si_distr.csv")[:, 1]
    result = estimated(reproduction_table(incidence(outbreak), weights))
    expected = table(f"nonparam_{outbreak}.csv")
    np.testing.assert_allclose(columns(result), expected, rtol=0, atol=1e-9, equal_nan=True)
    infectivity = total_infectivity(incidence(outbreak), weights)[0]
    np.testing.assert_allclose(
        infectivity[1:], table(f"overall_infectivity_{outbreak}.csv")[1:, 1], rtol=0, atol=1e-9
    )


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("param_Flu2009_window1.csv", {"window_days": 1}),
        ("param_Flu2009_window14.csv", {"window_days": 14}),
        ("param_Flu2009_prior2_1.csv", {"prior_mean": 2.0, "prior_sd": 1.0}),
    ],
)
def test_other_windows_and_priors_same_as_epiestim(name: str, options: dict[str, float]) -> None:
    result = estimated(reproduction_table(incidence("Flu2009"), ShiftedGammaInterval(2.6, 1.5), **options))
    np.testing.assert_allclose(columns(result), table(name), rtol=0, atol=1e-9, equal_nan=True)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_kernel_agrees_with_its_slow_twin(data: st.DataObject) -> None:
    days = data.draw(st.integers(8, 25))
    series = data.draw(st.integers(1, 3))
    cases = np.array(data.draw(st.lists(st.lists(st.integers(0, 40), min_size=days, max_size=days),
                                        min_size=series, max_size=series)), dtype=float)  # fmt: skip
    share = np.array(data.draw(st.lists(st.sampled_from([0.0, 0.5, 1.0]), min_size=days, max_size=days)))
    imported = np.floor(cases * share)
    interval = ShiftedGammaInterval(data.draw(st.floats(1.5, 9)), data.draw(st.floats(1, 4)))
    window_days = data.draw(st.integers(1, 7))
    prior_mean, prior_sd = data.draw(st.floats(0.5, 6)), data.draw(st.floats(0.5, 6))
    result = estimated(
        reproduction_table(
            cases,
            interval,
            imported=imported,
            window_days=window_days,
            prior_mean=prior_mean,
            prior_sd=prior_sd,
        )
    )
    weights = interval.weights(days).tolist()
    for row in range(series):
        for window, (start, end) in enumerate(zip(result.start_day, result.end_day, strict=True)):
            slow = reproduction_in_window(
                cases[row].tolist(), imported[row].tolist(), weights, int(start), int(end),
                prior_mean, prior_sd, QUANTILE_LEVELS,
            )  # fmt: skip
            exposed = sum(infectivity_on(day, cases[row].tolist(), weights) for day in range(start, end + 1))
            fast = result.at(row, window)
            if isinstance(fast, Refusal):
                assert fast.code == ("window_before_serial_interval" if slow is None else "no_past_cases")
                assert slow is None or exposed < 1e-9
                continue
            assert slow is not None
            assert exposed >= 1e-9
            mean, sd, quantiles = slow
            assert fast.mean == pytest.approx(mean, rel=1e-9)
            assert fast.sd == pytest.approx(sd, rel=1e-9)
            np.testing.assert_allclose(result.quantiles[row, window], quantiles, rtol=1e-8)


def test_steady_growth_has_the_reproduction_number_of_lotka_and_euler() -> None:
    # With growth r the renewal equation gives R = 1 / sum(w_k exp(-r k)), whatever the counts.
    growth = 0.08
    weights = discretised_serial_interval(4.7, 2.9, 60)
    cases = 1e6 * np.exp(growth * np.arange(120))
    result = estimated(reproduction_table(cases, weights / weights.sum()))
    expected = 1 / float((weights / weights.sum()) @ np.exp(-growth * np.arange(60)))
    assert result.mean[0, -1] == pytest.approx(expected, rel=1e-6)


def test_renewal_process_is_recovered_with_its_coverage() -> None:
    rng = np.random.default_rng(20200123)
    weights = INTERVAL.weights(50)
    series, days, true_r = 150, 50, 1.3
    cases = np.zeros((series, days))
    cases[:, 0] = 40
    for day in range(1, days):
        cases[:, day] = rng.poisson(true_r * cases[:, :day] @ weights[day:0:-1])
    result = estimated(reproduction_table(cases, INTERVAL))
    inside = (result.quantiles[:, -1, 0] <= true_r) & (true_r <= result.quantiles[:, -1, -1])
    assert 0.90 <= inside.mean() <= 0.99
    assert result.mean[:, -1].mean() == pytest.approx(true_r, abs=0.02)


def test_more_imported_means_less_local_spread() -> None:
    cases = np.full(30, 20.0)
    local_only = estimated(reproduction_table(cases, INTERVAL))
    half = estimated(reproduction_table(cases, INTERVAL, imported=cases / 2))
    assert (half.mean[0, 5:] < local_only.mean[0, 5:]).all()
    assert half.mean[0, -1] == pytest.approx(0.5, abs=0.05)


def test_cases_of_the_first_day_are_imported_whatever_is_said() -> None:
    cases = np.array([9.0, 3, 4, 6, 8, 9, 12, 15, 20, 22])
    said = np.zeros(10)
    said[0] = 9
    plain = estimated(reproduction_table(cases, INTERVAL))
    told = estimated(reproduction_table(cases, INTERVAL, imported=said))
    np.testing.assert_array_equal(plain.quantiles, told.quantiles)


def test_series_do_not_touch_one_another() -> None:
    rng = np.random.default_rng(7)
    cases = rng.poisson(8, (6, 40)).astype(float)
    together = estimated(reproduction_table(cases, INTERVAL))
    for row in range(6):
        alone = estimated(reproduction_table(cases[row], INTERVAL))
        np.testing.assert_allclose(alone.quantiles[0], together.quantiles[row], rtol=1e-12)


def test_a_quiet_window_after_a_great_wave_keeps_its_precision() -> None:
    cases = np.concatenate([np.full(20, 1e9), np.zeros(60), np.array([1.0, 0, 2, 1, 0, 1, 2, 2, 1, 3])])
    weights = np.array([0, 0.3, 0.4, 0.2, 0.1])
    with_wave = estimated(reproduction_table(cases, weights))
    without = estimated(reproduction_table(np.where(cases > 1e6, 0, cases), weights))
    np.testing.assert_allclose(with_wave.mean[0, -1], without.mean[0, -1], rtol=1e-12)


def test_a_missing_day_refuses_its_windows_and_those_that_lean_on_it() -> None:
    cases = np.full(60, 10.0)
    cases[30] = np.nan
    weights = np.array([0, 0.3, 0.4, 0.2, 0.1])
    result = estimated(reproduction_table(cases, weights, window_days=7))
    for window, (start, end) in enumerate(zip(result.start_day, result.end_day, strict=True)):
        outcome = result.at(0, window)
        leans = start <= 30 <= end or 30 < start <= 34
        if end + 1 <= 2.1:
            continue
        if leans:
            assert refused(outcome).code == "missing_days"
            assert np.isnan(result.quantiles[0, window]).all()
        else:
            assert isinstance(outcome, Estimate)
            assert outcome.mean == pytest.approx(1, abs=0.35)
    inside = refused(result.at(0, int(np.flatnonzero(result.start_day == 28)[0])))
    assert dict(inside.params) == {"start_day": 28, "end_day": 34, "missing_days": 1}


def test_a_missing_day_is_not_a_day_without_cases() -> None:
    reported_zero = np.full(30, 10.0)
    reported_zero[20] = 0
    missing = reported_zero.copy()
    missing[20] = np.nan
    window = [[15, 21]]
    zero = estimated(reproduction_table(reported_zero, INTERVAL, windows=window)).at(0, 0)
    gap = estimated(reproduction_table(missing, INTERVAL, windows=window)).at(0, 0)
    assert isinstance(zero, Estimate)
    assert refused(gap).code == "missing_days"


def test_too_few_cases_refuses_and_says_how_many() -> None:
    cases = np.array([4.0] + [1.0, 0, 0, 1, 0, 0, 0] * 4)
    result = estimated(reproduction_table(cases, INTERVAL, minimum_cases=11))
    refusal = refused(result.at(0, 20))
    assert refusal.code == "too_few_cases"
    assert refusal.params["cases"] == 2
    assert refusal.params["minimum_cases"] == 11
    assert np.isnan(result.mean).all()


def test_a_window_that_nobody_could_have_infected_is_refused() -> None:
    cases = np.zeros(40)
    cases[30:] = 5
    result = estimated(reproduction_table(cases, INTERVAL))
    quiet = refused(result.at(0, int(np.flatnonzero(result.end_day == 25)[0])))
    assert quiet.code == "no_past_cases"


def test_windows_before_the_mean_interval_are_kept_and_explained() -> None:
    result = estimated(reproduction_table(np.full(40, 5.0), ShiftedGammaInterval(12.6, 2.8)))
    first = refused(result.at(0, 0))
    assert first.code == "window_before_serial_interval"
    assert first.params["mean_interval_days"] == pytest.approx(12.6, abs=0.01)
    assert result.end_day[np.flatnonzero(result.reason[0] == 0)[0]] + 1 == 13


def test_a_window_that_ends_on_the_mean_interval_is_still_too_early() -> None:
    result = estimated(reproduction_table([3.0, 4, 5, 6, 7], [0, 0, 0, 1.0], window_days=1))
    assert result.mean_interval_days == 3
    assert (result.end_day + 1).tolist() == [2, 3, 4, 5]
    assert [result.reason_codes[r] for r in result.reason[0]] == ["window_before_serial_interval"] * 2 + [
        "",
        "",
    ]


def test_no_interval_and_no_room_are_refusals() -> None:
    held_back = Refusal("no_serial_interval", {"disease": "unknown-pneumonia"})
    assert reproduction_table([1, 2, 3], held_back) is held_back
    nothing = reproduction_table([1, 2, 3], None)
    short = reproduction_table([1, 2, 3], INTERVAL)
    assert isinstance(nothing, Refusal)
    assert nothing.code == "no_serial_interval"
    assert isinstance(short, Refusal)
    assert short.code == "window_too_short"
    assert dict(short.params) == {"days": 3, "window_days": 7}


def test_levels_nest() -> None:
    result = estimated(reproduction_table(np.full(30, 6.0), INTERVAL))
    wide, middle, narrow = (result.at(0, 15, level) for level in (0.95, 0.9, 0.5))
    assert isinstance(wide, Estimate)
    assert isinstance(middle, Estimate)
    assert isinstance(narrow, Estimate)
    assert wide.lower < middle.lower < narrow.lower < narrow.upper < middle.upper < wide.upper
    assert (wide.start_day, wide.end_day) == (16, 22)
    with pytest.raises(ValueError, match=r"0\.8"):
        result.at(0, 15, 0.8)


def test_sliding_windows_start_on_the_second_day() -> None:
    assert sliding_windows(9, 7).tolist() == [[1, 7], [2, 8]]
    assert sliding_windows(7, 7).shape == (0, 2)


@pytest.mark.parametrize(
    ("cases", "options", "complaint"),
    [
        ([1.0, -1, 2], {}, "negative"),
        ([1.0, np.inf, 2], {}, "finite"),
        ([1.0, 1, 2], {"imported": [0.0, 2, 0]}, "more imported"),
        ([1.0, 1, 2], {"imported": [0.0, 0]}, "must match"),
        ([1.0, 1, 2], {"windows": [[0, 1]]}, "1 <= start"),
        ([1.0, 1, 2], {"windows": [[1, 3]]}, "1 <= start"),
        ([1.0, 1, 2], {"windows": [[1, 1.5]]}, "whole-number rows"),
        ([1.0, 1, 2], {"window_days": 0}, "at least one day"),
        ([1.0, 1, 2], {"window_days": 1, "prior_sd": 0.0}, "prior"),
    ],
)
def test_calls_that_make_no_sense_are_named(
    cases: list[float], options: dict[str, object], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        reproduction_table(cases, INTERVAL, **options)
