"""The reproduction number by day: the numbers of EpiEstim 2.2-4, and what is said where there is none."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from fangkong.science.epi import discretise_serial_interval, estimate_reproduction
from fangkong.science.epi.reproduction import QUANTILE_LEVELS, Reproduction
from fangkong.science.epi.reproduction_posterior import banded_sums, window_sums
from fangkong.science.epi.reproduction_reference import infectivity_on, reproduction_in_window
from fangkong.science.epi.serial_interval import ShiftedGammaInterval
from fangkong.science.epi.tests.epiestim_tables import incidence, table

WEIGHTS = discretise_serial_interval(4.7, 2.9, 40)
MOMENTS = {
    "Flu1918": (2.6, 1.5),
    "Flu2009": (2.6, 1.5),
    "SARS2003": (8.4, 3.8),
    "Smallpox1972": (22.4, 6.1),
}


def by_day(rows: NDArray[np.float64], days: int) -> NDArray[np.float64]:
    """EpiEstim's rows (windows counted from 1, then mean, sd, seven quantiles) as ``[9, days]`` by last day."""
    values = np.full((9, days), np.nan)
    values[:, rows[:, 1].astype(int) - 1] = rows[:, 2:].T
    return values


def stacked(found: Reproduction) -> NDArray[np.float64]:
    return np.concatenate([found.mean[None], found.sd[None], found.quantiles])


@pytest.mark.real_data
@pytest.mark.parametrize("outbreak", MOMENTS)
def test_a_shifted_gamma_interval_gives_the_numbers_of_epiestim(outbreak: str) -> None:
    cases = incidence(outbreak)
    expected = by_day(table(f"param_{outbreak}.csv"), cases.size)
    for interval in (
        ShiftedGammaInterval(*MOMENTS[outbreak]),
        discretise_serial_interval(*MOMENTS[outbreak], cases.size - 1),
    ):
        found = estimate_reproduction(cases, interval)
        np.testing.assert_allclose(stacked(found), expected, rtol=0, atol=1e-9, equal_nan=True)


@pytest.mark.real_data
@pytest.mark.parametrize("outbreak", MOMENTS)
def test_a_table_of_the_interval_gives_the_numbers_of_epiestim(outbreak: str) -> None:
    cases = incidence(outbreak)
    found = estimate_reproduction(cases, table(f"input_{outbreak}_si_distr.csv")[:, 1])
    expected = by_day(table(f"nonparam_{outbreak}.csv"), cases.size)
    np.testing.assert_allclose(stacked(found), expected, rtol=0, atol=1e-9, equal_nan=True)


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("param_Flu2009_window1.csv", {"window": 1}),
        ("param_Flu2009_window14.csv", {"window": 14}),
        ("param_Flu2009_prior2_1.csv", {"prior_mean": 2.0, "prior_sd": 1.0}),
    ],
)
def test_other_windows_and_priors_give_the_numbers_of_epiestim(name: str, options: dict[str, float]) -> None:
    cases = incidence("Flu2009")
    found = estimate_reproduction(cases, ShiftedGammaInterval(2.6, 1.5), **options)
    np.testing.assert_allclose(
        stacked(found), by_day(table(name), cases.size), rtol=0, atol=1e-9, equal_nan=True
    )


@settings(max_examples=60)
@given(data=st.data())
def test_the_kernel_agrees_with_its_slow_twin(data: st.DataObject) -> None:
    days = data.draw(st.integers(4, 30))
    cases = np.array(data.draw(st.lists(st.integers(0, 60), min_size=days, max_size=days)), dtype=float)
    share = np.array(data.draw(st.lists(st.sampled_from([0.0, 0.5, 1.0]), min_size=days, max_size=days)))
    raw = data.draw(st.lists(st.floats(0, 1), min_size=1, max_size=2 * days))
    weights = np.array([0.0, 0.1, *raw])
    weights /= weights.sum()
    last = data.draw(st.lists(st.integers(1, days - 1), min_size=1, max_size=6, unique=True))
    windows = [[data.draw(st.integers(1, day)), day] for day in last]
    mean, sd = data.draw(st.floats(0.5, 6)), data.draw(st.floats(0.5, 6))
    imported = np.floor(cases * share)
    found = estimate_reproduction(
        cases, weights, windows=windows, imported=imported, prior_mean=mean, prior_sd=sd
    )
    for first, end in windows:
        slow = reproduction_in_window(
            cases.tolist(), imported.tolist(), weights.tolist(), first, end, mean, sd, QUANTILE_LEVELS
        )
        if slow is None:
            assert found.reason_at(end) == "window_before_serial_interval"
            assert np.isnan(stacked(found)[:, end]).all()
            continue
        exposed = sum(infectivity_on(day, cases.tolist(), weights.tolist()) for day in range(first, end + 1))
        assert found.reason_at(end) == ("no_past_cases" if exposed < 1e-9 else "")
        np.testing.assert_allclose(stacked(found)[:, end], [slow[0], slow[1], *slow[2]], rtol=1e-8)
        assert found.first_day[end] == first
    elsewhere = np.setdiff1d(np.arange(days), last)
    assert np.isnan(found.mean[elsewhere]).all()
    assert {found.reason_at(int(day)) for day in elsewhere} <= {"no_window"}


@settings(max_examples=40)
@given(days=st.integers(1, 200), lags=st.integers(1, 210), series=st.integers(1, 60), seed=st.integers(0, 99))
def test_sums_over_the_band_are_a_convolution(days: int, lags: int, series: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    values, weights = rng.random((series, days)), rng.random(lags) * (rng.random(lags) < 0.7)
    expected = np.stack([np.convolve(row, weights)[:days] for row in values])
    np.testing.assert_allclose(banded_sums(values, weights), expected, rtol=1e-12, atol=1e-12)
    backwards = banded_sums(values[:, ::-1].copy(), weights, later=True)[:, ::-1]
    np.testing.assert_allclose(backwards, expected, rtol=1e-12, atol=1e-12)


def test_regular_windows_are_summed_like_any_others() -> None:
    values = np.random.default_rng(1).random((3, 40))
    regular = np.stack([np.arange(1, 30), np.arange(1, 30) + 6], axis=1)
    mixed = regular[np.random.default_rng(2).permutation(len(regular))]
    np.testing.assert_allclose(
        window_sums(values, mixed)[:, np.argsort(mixed[:, 0])], window_sums(values, regular), rtol=1e-14
    )


def test_a_matrix_gives_what_its_rows_give() -> None:
    cases = np.random.default_rng(3).poisson(9, (5, 60)).astype(float)
    cases[2, 30] = np.nan
    together = estimate_reproduction(cases, WEIGHTS)
    assert together.quantiles.shape == (7, 5, 60)
    for row in range(5):
        alone = estimate_reproduction(cases[row], WEIGHTS)
        np.testing.assert_allclose(stacked(alone), stacked(together)[:, row], rtol=1e-12)
        np.testing.assert_array_equal(alone.reason, together.reason[row])


def test_where_nobody_could_have_infected_the_prior_stands_and_is_marked() -> None:
    cases = np.zeros(80)
    cases[70:] = 4
    found = estimate_reproduction(cases, WEIGHTS, prior_mean=3, prior_sd=2)
    assert found.reason_at(40) == "no_past_cases"
    assert (found.mean[40], found.sd[40]) == (pytest.approx(3), pytest.approx(2))
    assert found.reason_at(79) == ""


def test_the_interval_of_a_long_table_is_not_cut_for_its_mean() -> None:
    # EpiEstim weighs t_end against the mean of the whole table, also beyond the end of the series.
    weights = np.zeros(41)
    weights[[1, 40]] = 0.5
    found = estimate_reproduction(np.full(30, 5.0), weights)
    first = int(np.flatnonzero(~np.isnan(found.mean))[0])
    assert first + 1 == 21


def test_a_missing_day_is_refused_where_it_matters_and_only_there() -> None:
    cases = np.full(80, 10.0)
    cases[40] = np.nan
    found = estimate_reproduction(cases, [0, 0.3, 0.4, 0.2, 0.1])
    refused = np.flatnonzero(found.reason == found.reason_codes.index("missing_days"))
    assert refused.tolist() == list(range(40, 51))
    assert np.isnan(found.mean[refused]).all()
    assert np.isfinite(found.mean[51:]).all()


@pytest.mark.parametrize("absurd", [-1.0, np.inf, 1e300])
def test_an_impossible_count_is_refused_as_such(absurd: float) -> None:
    cases = np.full(40, 10.0)
    cases[20] = absurd
    found = estimate_reproduction(cases, WEIGHTS)
    assert found.reason_at(22) == "invalid_counts"
    assert np.isnan(found.mean[22])
    more_imported = estimate_reproduction(np.full(40, 3.0), WEIGHTS, imported=np.where(cases == 10, 0, 4))
    assert more_imported.reason_at(22) == "invalid_counts"


def test_too_short_a_series_has_no_window_and_no_number() -> None:
    found = estimate_reproduction([3, 4, 5, 6, 7, 8, 9], WEIGHTS)
    assert np.isnan(found.mean).all()
    assert {found.reason_at(day) for day in range(7)} == {"no_window"}


def test_quantiles_are_asked_for_by_level() -> None:
    found = estimate_reproduction(np.full(30, 6.0), WEIGHTS, quantiles=(0.9, 0.1))
    assert found.quantiles.shape == (2, 30)
    assert (found.quantile(0.1)[10:] < found.quantile(0.9)[10:]).all()
    with pytest.raises(ValueError, match=r"0\.5"):
        found.quantile(0.5)


@pytest.mark.parametrize("largest", [50, 300_000])
def test_many_series_with_small_and_great_counts_keep_their_digits(largest: int) -> None:
    # Small counts come from a table, great ones from a fit; both must be what SciPy inverts one by one.
    cases = np.random.default_rng(5).integers(0, largest, (40, 120)).astype(float)
    found = estimate_reproduction(cases, WEIGHTS)
    for row, day in ((0, 30), (7, 50), (39, 119)):
        slow = reproduction_in_window(
            cases[row].tolist(), [0.0] * 120, WEIGHTS.tolist(), day - 6, day, 5, 5, QUANTILE_LEVELS
        )
        assert slow is not None
        np.testing.assert_allclose(found.quantiles[:, row, day], slow[2], rtol=1e-12)


HOSTILE = st.one_of(
    st.integers(0, 50).map(float),
    st.sampled_from([0.0, -1.0, np.nan, np.inf, -np.inf, 1e15, 1e300, 1e-300, 0.5]),
)


@settings(max_examples=80)
@given(
    cases=st.lists(HOSTILE, max_size=40),
    imported=st.lists(HOSTILE, min_size=40, max_size=40),
    window=st.integers(1, 21),
    draws=st.integers(1, 3),
)
def test_whatever_the_counts_there_is_a_value_or_a_reason(
    cases: list[float], imported: list[float], window: int, draws: int
) -> None:
    interval = np.stack([discretise_serial_interval(3 + k, 2, 40) for k in range(draws)])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = [
            estimate_reproduction(cases, WEIGHTS, window=window),
            estimate_reproduction(cases, WEIGHTS, window=window, imported=imported[: len(cases)]),
            estimate_reproduction(np.tile(cases, (2, 1)), interval, window=window),
        ]
    for result in found:
        numbers = np.concatenate([result.mean[None], result.sd[None], result.quantiles])
        given_at_all = np.isfinite(numbers).all(axis=0)
        assert (given_at_all | np.isnan(numbers).all(axis=0)).all()
        prior = result.reason_codes.index("no_past_cases")
        np.testing.assert_array_equal(given_at_all, (result.reason == 0) | (result.reason == prior))


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"incidence": np.zeros((2, 2, 2))}, "give one series"),
        ({"serial_interval": [0, 0.5]}, "sum to 1"),
        ({"serial_interval": [[0, 1.0], [0, 0.5]]}, "draw 1"),
        ({"serial_interval": [0.5, 0.5]}, "day 0"),
        ({"window": 0}, "at least one day"),
        ({"windows": [[0, 3]]}, "1 <= start"),
        ({"windows": [[2, 40]]}, "1 <= start"),
        ({"windows": [[2, 8], [4, 8]]}, "end on one day"),
        ({"imported": [1.0]}, "must match"),
        ({"prior_sd": 0}, "prior"),
        ({"prior_mean": np.inf}, "prior"),
        ({"quantiles": (0.5, 1.5)}, "between 0 and 1"),
        ({"quantiles": (0.0,)}, "between 0 and 1"),
        ({"missing_weight_limit": 2}, "share"),
    ],
)
def test_calls_that_make_no_sense_are_named(options: dict[str, object], complaint: str) -> None:
    call: dict[str, object] = {"incidence": np.ones(20), "serial_interval": [0, 0.5, 0.5]}
    with pytest.raises(ValueError, match=complaint):
        estimate_reproduction(**(call | options))
