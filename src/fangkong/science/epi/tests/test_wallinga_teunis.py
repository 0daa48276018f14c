"""Case reproduction numbers: the means of EpiEstim, the twin's spread, and the right edge marked."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fangkong.science.epi import discretise_serial_interval, wallinga_teunis
from fangkong.science.epi.reproduction_reference import infected_per_case
from fangkong.science.epi.tests.epiestim_tables import incidence, table

WEIGHTS = discretise_serial_interval(4.7, 2.9, 40)


@pytest.mark.real_data
@pytest.mark.parametrize("outbreak", ["Flu1918", "Flu2009", "SARS2003", "Smallpox1972"])
def test_means_and_empty_days_are_those_of_epiestim(outbreak: str) -> None:
    cases, rows = incidence(outbreak), table(f"wt_{outbreak}.csv")
    found = wallinga_teunis(cases, table(f"input_{outbreak}_si_distr.csv")[:, 1])
    expected = np.full(cases.size, np.nan)
    expected[rows[:, 1].astype(int) - 1] = rows[:, 2]
    np.testing.assert_allclose(found.mean, expected, rtol=0, atol=1e-9, equal_nan=True)


@pytest.mark.real_data
def test_the_spread_is_what_epiestim_simulates() -> None:
    rows = table("wt_Flu1918.csv")
    found = wallinga_teunis(incidence("Flu1918"), table("input_Flu1918_si_distr.csv")[:, 1])
    day = rows[:, 1].astype(int) - 1
    assert np.median(rows[:, 3] / found.sd[day]) == pytest.approx(1, abs=0.05)
    distance = (rows[:, 4:6].T - found.quantiles[:, day]) / found.sd[day]
    assert np.abs(np.median(distance, axis=1)).max() < 0.25


@settings(max_examples=60)
@given(data=st.data())
def test_the_kernel_agrees_with_its_slow_twin(data: st.DataObject) -> None:
    days = data.draw(st.integers(3, 25))
    cases = np.array(data.draw(st.lists(st.integers(0, 30), min_size=days, max_size=days)), dtype=float)
    window = data.draw(st.integers(1, 5))
    found = wallinga_teunis(cases, WEIGHTS, window=window)
    first_case = int((cases > 0).argmax())
    for end in range(window, days):
        slow = infected_per_case(cases.tolist(), WEIGHTS.tolist(), end - window + 1, end)
        if slow is None or end - window + 1 < first_case:
            assert np.isnan(found.mean[end])
            assert found.reason_codes[found.reason[end]] in ("too_few_cases", "no_past_cases")
            continue
        assert found.mean[end] == pytest.approx(slow[0], abs=1e-12)
        assert found.sd[end] == pytest.approx(slow[1], abs=1e-7)


def test_every_infected_case_is_somebodys() -> None:
    cases = np.array([6.0, 5, 4, 7, 8, 9, 12, 9, 7, 7])
    found = wallinga_teunis(cases, [0, 0.5, 0.3, 0.2], window=1)
    from_later_days = float((found.mean[1:] * cases[1:]).sum())
    slow = infected_per_case(cases.tolist(), [0, 0.5, 0.3, 0.2], 0, 0)
    assert slow is not None
    assert from_later_days + slow[0] * cases[0] == pytest.approx(cases[1:].sum())


def test_the_right_edge_is_marked_and_its_correction_leads_back() -> None:
    cases = 100 * 1.05 ** np.arange(80)
    found = wallinga_teunis(cases, WEIGHTS)
    steady = found.mean[50]
    assert not found.right_edge[50]
    assert found.right_edge[-7:].all()
    assert found.mean[-1] < 0.6 * steady
    # In steady growth the share that has passed is all that is wrong.
    np.testing.assert_allclose(found.corrected[30:], steady, rtol=1e-3)
    assert found.completeness[50] == pytest.approx(1, abs=1e-3)


def test_quantiles_hold_what_chance_makes_of_who_infected_whom() -> None:
    rng = np.random.default_rng(2)
    cases = rng.poisson(15, 40).astype(float)
    found = wallinga_teunis(cases, WEIGHTS, quantiles=(0.05, 0.5, 0.95))
    first, end = 14, 20
    chance = np.zeros(40)
    for day in range(1, 40):
        weight = np.array([WEIGHTS[day - j] * cases[j] if 0 < day - j <= 40 else 0 for j in range(40)])
        chance[day] = weight[first : end + 1].sum() / weight.sum()
    drawn = rng.binomial(cases.astype(int), np.clip(chance, 0, 1), (20_000, 40)).sum(axis=1)
    expected = np.quantile(drawn, (0.05, 0.5, 0.95)) / cases[first : end + 1].sum()
    np.testing.assert_allclose(found.quantiles[:, end], expected, atol=0.6 / cases[first : end + 1].sum())


def test_a_missing_day_is_refused_where_it_matters() -> None:
    cases = np.full(90, 10.0)
    cases[45] = np.nan
    found = wallinga_teunis(cases, [0, 0.5, 0.5])
    refused = np.flatnonzero(found.reason == found.reason_codes.index("missing_days"))
    assert refused[0] <= 43
    assert refused[-1] >= 52
    assert np.isfinite(found.mean[60:]).all()


@settings(max_examples=60)
@given(
    cases=st.lists(
        st.one_of(
            st.integers(0, 50).map(float),
            st.sampled_from([-1.0, np.nan, np.inf, -np.inf, 1e15, 1e300, 1e-300, 0.5]),
        ),
        max_size=30,
    ),
    window=st.integers(1, 14),
)
def test_whatever_the_counts_there_is_a_value_or_a_reason(cases: list[float], window: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = wallinga_teunis(cases, WEIGHTS, window=window)
    np.testing.assert_array_equal(np.isfinite(found.mean), found.reason == 0)
    assert np.isfinite(found.quantiles[:, found.reason == 0]).all()


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"window": 0}, "at least one day"),
        ({"windows": [[2, 5], [3, 5]]}, "end on one day"),
        ({"complete_from": 1.5}, "share"),
        ({"quantiles": (2,)}, "between 0 and 1"),
        ({"incidence": np.zeros((1, 1, 1))}, "give one series"),
    ],
)
def test_calls_that_make_no_sense_are_named(options: dict[str, object], complaint: str) -> None:
    call: dict[str, object] = {"incidence": np.ones(20), "serial_interval": [0, 1.0]}
    with pytest.raises(ValueError, match=complaint):
        wallinga_teunis(**(call | options))
