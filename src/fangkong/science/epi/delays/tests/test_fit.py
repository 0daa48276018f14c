"""Fits find the delay behind dates, say how sure they are, and refuse where the data do not carry one."""

from __future__ import annotations

import csv
import os
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fangkong.science.epi.delays import Delay, DelayFit, choose_delay, fit_delay
from fangkong.science.epi.delays.fit import IntervalMethod
from fangkong.science.epi.delays.tests.simulated_delays import TRUE_DELAYS, dated_pairs
from fangkong.science.epi.estimates import Refusal
from fangkong.science.epi.severity import delay_adjusted_cfr

# `make deep` measures coverage closely; every day a few fits must show no gross error.
DEEP = bool(os.environ.get("FANGKONG_DEEP"))
REPETITIONS, LOWEST, HIGHEST = (2000, 0.93, 0.97) if DEEP else (25, 0.80, 1.0)


def fitted(*events: object, **options: object) -> DelayFit:
    fit = fit_delay(*events, **options)  # type: ignore[arg-type]
    assert isinstance(fit, DelayFit), fit
    return fit


@pytest.mark.parametrize("truncated", [False, True], ids=["complete", "truncated"])
@pytest.mark.parametrize("true", TRUE_DELAYS, ids=lambda delay: delay.family)
def test_intervals_cover_the_true_delay(true: Delay, truncated: bool) -> None:
    """95 % of the intervals of the mean, the sd, the median and both parameters hold the truth."""
    rng = np.random.default_rng(11)
    until = 30.0 if truncated else None
    held = np.zeros(5)
    for _ in range(REPETITIONS):
        dates = dated_pairs(true, 200, rng, seen_by=until or np.inf)
        fit = fitted(*dates, family=true.family, observed_until=until)
        figures = (fit.mean, fit.sd, fit.quantile(0.5), *fit.parameters.values())
        truth = (true.mean, true.sd, float(true.quantile(0.5)), true.first, true.second)
        held += [figure.lower <= value <= figure.upper for figure, value in zip(figures, truth, strict=True)]
    assert (held / REPETITIONS >= LOWEST).all(), held
    assert (held / REPETITIONS <= HIGHEST).all(), held


@pytest.mark.parametrize("method", ["profile", "delta"])
def test_more_pairs_narrow_the_interval(method: IntervalMethod) -> None:
    rng = np.random.default_rng(2)
    few, many = (fitted(*dated_pairs(TRUE_DELAYS[0], pairs, rng), method=method).mean for pairs in (50, 5000))
    assert many.estimate == pytest.approx(TRUE_DELAYS[0].mean, rel=0.05)
    assert (few.upper - few.lower) / (many.upper - many.lower) == pytest.approx(10, rel=0.3)


def test_profile_and_delta_agree_on_many_pairs() -> None:
    dates = dated_pairs(TRUE_DELAYS[1], 20_000, np.random.default_rng(4))
    profile, delta = (
        fitted(*dates, family="lognormal", method=method).quantile(0.95) for method in ("profile", "delta")
    )
    assert (profile.lower, profile.upper) == pytest.approx((delta.lower, delta.upper), rel=1e-3)


def test_truncation_ignored_makes_delays_too_short() -> None:
    dates = dated_pairs(TRUE_DELAYS[0], 2000, np.random.default_rng(6), days=20, seen_by=20.0)
    assert fitted(*dates).mean.upper < TRUE_DELAYS[0].mean
    corrected = fitted(*dates, observed_until=20.0)
    assert corrected.mean.lower < TRUE_DELAYS[0].mean < corrected.mean.upper
    assert 0 < corrected.unseen_share < 0.2


def test_dates_read_as_moments_make_the_spread_too_large() -> None:
    true = Delay("gamma", 16.0, 0.1)
    first, second = dated_pairs(true, 2000, np.random.default_rng(8))
    censored = fitted(first, second)
    assert censored.sd.lower < true.sd < censored.sd.upper
    assert np.std(second - first) > censored.sd.upper


def test_weights_repeat_pairs() -> None:
    first, second = dated_pairs(TRUE_DELAYS[2], 60, np.random.default_rng(9))
    counts = np.random.default_rng(10).integers(0, 4, 60)
    weighted = fitted(first, second, family="weibull", weights=counts)
    repeated = fitted(np.repeat(first, counts), np.repeat(second, counts), family="weibull")
    assert weighted.mean.estimate == pytest.approx(repeated.mean.estimate, rel=1e-6)
    assert weighted.aic == pytest.approx(repeated.aic)


def test_the_clock_may_start_anywhere() -> None:
    first, second = dated_pairs(TRUE_DELAYS[0], 80, np.random.default_rng(12))
    start = date(2013, 2, 19)
    by_date = fitted(
        np.array([start + timedelta(days=int(day)) for day in first], dtype="datetime64[D]"),
        [(start + timedelta(days=int(day))).isoformat() for day in second],
    )
    assert by_date.delay == fitted(first, second).delay


def test_a_fit_adjusts_a_fatality_risk() -> None:
    fit = fitted(*dated_pairs(TRUE_DELAYS[0], 500, np.random.default_rng(13)))
    cases, deaths = [0, 4, 9, 20, 35, 60, 80, 90], [0, 0, 0, 0, 1, 1, 2, 3]
    risk = delay_adjusted_cfr(cases, deaths, fit)
    assert risk.estimate == delay_adjusted_cfr(cases, deaths, fit.delay).estimate > risk.naive


def test_those_still_waiting_are_counted() -> None:
    """Patients who have not died or left yet: leaving them out makes the stay too short."""
    rng, true = np.random.default_rng(14), TRUE_DELAYS[0]
    began = rng.uniform(0, 10, 1500)
    ended = began + true.quantile(rng.uniform(size=1500))
    waiting = ended > 12
    lower = np.where(waiting, 12.0, ended)
    upper = np.where(waiting, np.inf, ended)
    fit = fitted(began, lower, primary_upper=began, secondary_upper=upper)
    assert fit.mean.lower < true.mean < fit.mean.upper
    assert fitted(began[~waiting], lower[~waiting]).mean.upper < true.mean


@pytest.mark.parametrize("true", TRUE_DELAYS, ids=lambda delay: delay.family)
def test_aic_finds_the_family(true: Delay) -> None:
    choice = choose_delay(*dated_pairs(true, 3000, np.random.default_rng(16)))
    assert not isinstance(choice, Refusal)
    assert choice.best.delay.family == true.family
    assert choice.akaike_weights[true.family] == max(choice.akaike_weights.values()) > 0.9
    assert sum(choice.akaike_weights.values()) == pytest.approx(1.0)


def refused(*events: object, **options: object) -> Refusal:
    fit = fit_delay(*events, **options)  # type: ignore[arg-type]
    assert isinstance(fit, Refusal)
    assert choose_delay(*events, **options).code == fit.code  # type: ignore[arg-type, union-attr]
    return fit


def test_refusals() -> None:
    days = np.arange(20.0)
    spread = days + np.tile([2.0, 4.0, 7.0, 3.0], 5)
    assert refused([], []).code == "too_few_delays"
    assert refused(days[:4], spread[:4]).params["records"] == 4
    assert refused(days, np.full(20, np.nan)).params["records"] == 0
    assert refused(days, days - np.r_[np.zeros(18), 3.0, 4.0]).params == {"records": 2}
    assert refused(days, spread, observed_until=21.0).code == "delays_after_truncation"
    # Every delay the same: how much they vary cannot be told from dates.
    assert refused(days, days + 5).code == "delay_not_identified"
    # Windows so wide that any delay fits.
    assert (
        refused(days, days, primary_upper=days + 100, secondary_upper=days + 200).code
        == "delay_not_identified"
    )


def test_a_truncation_too_soon_is_a_guess() -> None:
    dates = dated_pairs(Delay("gamma", 2.4, 12.0), 4000, np.random.default_rng(18), days=9, seen_by=9.0)
    assert refused(*dates, observed_until=9.0).code in ("truncation_beyond_delays", "delay_not_identified")
    # The same pairs, the guess of the family allowed: the share that nobody could have seen is stated.
    guess = fit_delay(*dates, observed_until=9.0, largest_unseen_share=0.999)
    assert isinstance(guess, Refusal) or guess.unseen_share > 0.2


def test_impossible_and_missing_pairs_are_counted() -> None:
    first, second = dated_pairs(TRUE_DELAYS[0], 40, np.random.default_rng(20))
    dirty_first = np.r_[first, 5.0, np.nan, 7.0]
    dirty_second = np.r_[second, 1.0, 3.0, np.nan]
    fit = fitted(dirty_first, dirty_second, leave_out_impossible=True)
    assert (fit.records, fit.impossible, fit.missing) == (40, 1, 2)
    assert fit.delay == fitted(first, second).delay


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"family": "normal"}, "choose one of"),
        ({"method": "bootstrap"}, "choose one of"),
        ({"level": 95}, "level"),
        ({"secondary_lower": [1.0]}, "one number per pair"),
        ({"secondary_upper": [0.0, 0.0]}, "ends before it begins"),
        ({"weights": [1.0, -1.0]}, "weights"),
        ({"primary_lower": 3.0}, "one row of pairs"),
    ],
)
def test_calls_that_make_no_sense_are_refused(arguments: dict[str, object], sentence: str) -> None:
    call: dict[str, object] = {"primary_lower": [0.0, 1.0], "secondary_lower": [2.0, 4.0]} | arguments
    with pytest.raises(ValueError, match=sentence):
        fit_delay(**call)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="at least one"):
        choose_delay([0.0], [1.0], families=())


@given(data=st.data(), family=st.sampled_from(["gamma", "lognormal", "weibull"]))
@settings(max_examples=60)
def test_any_input_gives_a_fit_or_a_refusal(data: st.DataObject, family: str) -> None:
    pairs = data.draw(st.integers(0, 30))
    anything = st.one_of(
        st.integers(0, 15).map(float),
        st.sampled_from([0.5, 1e6, 1e15, -1e15, -1.0, float("nan"), float("inf"), float("-inf")]),
    )
    mild = st.integers(0, 15).map(float)
    first, second = (
        data.draw(arrays(np.float64, pairs, elements=data.draw(st.sampled_from([mild, anything]))))
        for _ in range(2)
    )
    until = data.draw(st.sampled_from([None, 16.0, np.nan, np.inf]))
    fit = fit_delay(first, second, family=family, observed_until=until, leave_out_impossible=True)
    if isinstance(fit, DelayFit):
        for figure in (fit.mean, fit.sd, fit.quantile(0.9), *fit.parameters.values()):
            assert np.isfinite([figure.lower, figure.estimate, figure.upper]).all()
            assert figure.lower <= figure.estimate <= figure.upper


@pytest.mark.real_data
def test_incubation_of_travellers_in_2020(real_data: Path) -> None:
    """Lauer et al. (2020), Ann Intern Med 172:577-582: 181 cases, median 5.1 days, 97.5 % within 11.5 days."""

    def moment(text: str) -> np.datetime64:
        if not text.strip():
            return np.datetime64("NaT")
        day, clock = text.split()
        return np.datetime64(f"{day}T{clock.zfill(8)}")

    with (real_data / "lauer2020_incubation_travellers_full.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    exposed_from, exposed_to, onset_from, onset_to, seen = (
        np.array([moment(row[name]) for row in rows]) for name in ("EL", "ER", "SL", "SR", "PR")
    )
    # The paper's rules for what a report leaves open.
    outbreak = np.datetime64("2019-12-01T00:00:00")
    exposed_from = np.where(np.isnat(exposed_from), outbreak, np.maximum(exposed_from, outbreak))
    onset_to = np.where(np.isnat(onset_to), seen, onset_to)
    exposed_to = np.where(np.isnat(exposed_to), onset_to, exposed_to)
    onset_from = np.where(np.isnat(onset_from), exposed_from, onset_from)
    fit = fitted(
        exposed_from, onset_from, primary_upper=exposed_to, secondary_upper=onset_to, family="lognormal"
    )
    assert fit.records == 181
    assert round(fit.quantile(0.5).estimate, 1) == 5.1
    assert round(fit.quantile(0.975).estimate, 1) == 11.5
    assert [round(figure.estimate, 3) for figure in fit.parameters.values()] == [1.621, 0.418]
    assert (fit.quantile(0.5).lower, fit.quantile(0.5).upper) == pytest.approx((4.5, 5.8), abs=0.1)
