"""How many alarms are chance: the expected number before switching on, and the limit on the share of false ones."""

from __future__ import annotations

import doctest
from importlib import import_module
from pkgutil import iter_modules

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from fangkong.science.epi import detection
from fangkong.science.epi.detection import (
    benjamini_hochberg,
    expected_alarms_per_week,
    moving_percentile,
    published_rules,
)
from fangkong.science.epi.detection.multiplicity import METHODS
from fangkong.science.epi.detection.percentile_rules import PercentileRule, SingleCaseRule, read_rules


@pytest.mark.parametrize("module", [m.name for m in iter_modules(detection.__path__) if m.name != "tests"])
def test_examples_run(module: str) -> None:
    assert doctest.testmod(import_module(f"{detection.__name__}.{module}")).failed == 0


@pytest.mark.parametrize("method", METHODS)
def test_every_method_states_its_alarms_before_it_is_switched_on(method: str) -> None:
    told = {"mean": 10, "frequency": 26, "years": 6, "simulated_series": 8, "seed": 4}
    if method == "moving_percentile":
        told["percentile"] = 80
    rate = expected_alarms_per_week(method, 640, **told)
    again = expected_alarms_per_week(method, 640, **told)
    assert rate.per_week == again.per_week
    assert 0 <= rate.per_week <= 640
    assert rate.simulated_weeks == 8 * 26


def test_ears_alarms_far_more_often_than_its_level_says() -> None:
    rate = expected_alarms_per_week("ears", 1000, mean=400, simulated_series=200)
    assert rate.nominal_per_week == pytest.approx(1.0)
    # Student's t with 6 degrees of freedom beyond 3.09 / sqrt(8 / 7).
    assert rate.analytic_per_week == pytest.approx(13.9, abs=0.1)
    assert abs(rate.per_week - rate.analytic_per_week) < 4 * rate.standard_error


def test_a_percentile_on_a_rank_has_a_known_rate() -> None:
    rate = expected_alarms_per_week(
        "moving_percentile", 1000, percentile=75, mean=100_000, years=6, simulated_series=100
    )
    assert rate.analytic_per_week == pytest.approx(1000 * 7 / 26)
    assert abs(rate.per_week - rate.analytic_per_week) < 4 * rate.standard_error


def test_a_method_without_power_expects_no_alarm_and_says_why() -> None:
    rate = expected_alarms_per_week("farrington_flexible", 100, mean=0.01, years=5, simulated_series=5)
    assert rate.per_week == 0
    assert rate.power_share < 0.05


def test_overdispersed_counts_raise_more_alarms() -> None:
    calm = expected_alarms_per_week("rki", 100, mean=15)
    wild = expected_alarms_per_week("rki", 100, mean=15, dispersion=4)
    assert wild.per_week > 2 * calm.per_week


def test_false_discoveries_stay_below_the_rate() -> None:
    rng = np.random.default_rng(2)
    chance = rng.random((400, 300))
    chance[:, :30] /= 1e4  # thirty true outbreaks a week
    chosen = benjamini_hochberg(chance, 0.1, axis=1)
    false = chosen[:, 30:].sum(axis=1) / np.maximum(chosen.sum(axis=1), 1)
    assert false.mean() < 0.1
    assert chosen[:, :30].all(axis=1).mean() > 0.9


def test_questions_without_power_are_not_counted() -> None:
    week = np.array([[0.02, np.nan, np.nan], [np.nan, 0.9, np.nan]])
    assert benjamini_hochberg(week, 0.05).tolist() == [[True, False, False], [False, False, False]]
    assert not benjamini_hochberg(np.full((2, 3), np.nan)).any()
    assert benjamini_hochberg(week, 0.05, axis=0).shape == week.shape


@pytest.mark.parametrize("p", [[-0.1], [1.5]])
def test_values_that_are_no_probability_are_refused(p: list[float]) -> None:
    with pytest.raises(ValueError):
        benjamini_hochberg(p)


share = st.one_of(st.floats(0, 1), st.sampled_from([0.0, -0.0, 1.0, 5e-324, 1e-300, float("nan")]))
odd = st.one_of(share, st.sampled_from([1e300, -1e-300, float("inf"), float("-inf"), 1.0000000001]))


@pytest.mark.filterwarnings("error")
@given(
    arrays(np.float64, array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=6), elements=share),
    st.sampled_from([1e-300, 1e-9, 0.05, 0.5, 0.999999]),
    st.data(),
)
@settings(deadline=None, max_examples=60)
def test_any_chances_give_decisions_or_a_refusal(p: np.ndarray, rate: float, data: st.DataObject) -> None:
    axis = data.draw(st.sampled_from([None, *range(p.ndim)]))
    chosen = benjamini_hochberg(p, rate, axis)
    assert chosen.shape == p.shape
    assert chosen.dtype == bool
    assert not chosen[np.isnan(p)].any()
    # Whatever is acted on, so is what is at least as unlikely, and what a stricter rate acts on too.
    if axis is None and chosen.any():
        assert chosen[p <= p[chosen].max()].all()
    assert (benjamini_hochberg(p, rate / 2, axis) <= chosen).all()
    # One question alone is a plain comparison.
    if p.size == 1 and not np.isnan(p).any():
        assert bool(chosen.all()) == bool((p <= rate).all())
    spoiled = data.draw(arrays(np.float64, st.integers(1, 5), elements=odd))
    if ((spoiled < 0) | (spoiled > 1)).any():
        with pytest.raises(ValueError, match="between 0 and 1"):
            benjamini_hochberg(spoiled, rate)


@pytest.mark.parametrize("rate", [0.0, 1.0, -1.0, float("nan"), float("inf")])
def test_a_rate_that_is_no_share_is_refused(rate: float) -> None:
    with pytest.raises(ValueError, match="rate"):
        benjamini_hochberg([0.5], rate)


@pytest.mark.filterwarnings("error")
@given(
    st.sampled_from([name for name in METHODS if name != "moving_percentile"]),
    st.lists(st.one_of(st.floats(1e-300, 1e15), st.sampled_from([1e-300, 0.1, 4.0, 1e15])), min_size=1, max_size=3),
    st.sampled_from([1.0, 1.5, 1e6, 1e300]),
    st.sampled_from([0.0, 1.0, 50.0, 1e300]),
    st.integers(1, 10**9),
    st.integers(0, 2**40),
)  # fmt: skip
@settings(deadline=None, max_examples=40)
def test_any_quiet_world_has_an_alarm_rate(
    method: str, mean: list[float], dispersion: float, seasonal: float, n_series: int, seed: int
) -> None:
    rate = expected_alarms_per_week(
        method,
        n_series,
        mean=mean,
        dispersion=dispersion,
        seasonal=seasonal,
        frequency=9,
        years=4,
        simulated_series=3,
        seed=seed,
        method_settings={"b": 3} if method.startswith("farrington") else None,
    )
    assert 0 <= rate.per_week <= n_series
    assert 0 <= rate.per_series_week <= rate.power_share <= 1
    assert rate.standard_error >= 0
    assert rate.simulated_weeks == 27


@pytest.mark.parametrize(
    "told",
    [
        {"mean": 0.0},
        {"mean": float("nan")},
        {"mean": float("inf")},
        {"mean": 1e16},
        {"mean": []},
        {"mean": [[5.0]]},
        {"dispersion": 0.5},
        {"dispersion": float("nan")},
        {"dispersion": float("inf")},
        {"seasonal": -1.0},
        {"seasonal": float("inf")},
        {"years": 0},
        {"frequency": 0},
        {"simulated_series": 1},
    ],
)
def test_worlds_that_make_no_sense_are_refused(told: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        expected_alarms_per_week("ears", 10, **told)
    with pytest.raises(ValueError, match="n_series"):
        expected_alarms_per_week("ears", 0)
    with pytest.raises(ValueError, match="use one of"):
        expected_alarms_per_week("guess", 10)


def test_every_published_rule_has_a_source_and_says_how_far_it_was_checked() -> None:
    rules = published_rules()
    for rule in (*rules.percentiles, *rules.single_cases):
        assert rule.source
        assert rule.confidence in ("verified", "secondary", "unverified")
    assert (rules.years, rules.half_window) == (5, 2)


def test_a_city_has_its_own_percentile_and_falls_back_to_the_national_one() -> None:
    rules = published_rules()
    own, national = rules.rule_for("rubella", "songjiang-shanghai"), rules.rule_for("rubella", "elsewhere")
    assert isinstance(own, PercentileRule)
    assert isinstance(national, PercentileRule)
    assert (own.percentile, national.percentile) == (45, 80)
    assert isinstance(rules.rule_for("plague"), SingleCaseRule)
    with pytest.raises(KeyError, match="no rule for 'gout'"):
        rules.rule_for("gout")


def test_one_case_is_enough_where_the_rule_says_so() -> None:
    watch = moving_percentile([0, 0, 1, 0], disease="cholera")
    assert watch.alarm.tolist() == [False, False, True, False]
    assert watch.power.all()


HEAD = 'schema = "moving_percentiles/1"\n[method]\nyears = 5\nhalf_window = 2\nsource = "s"\nconfidence = "verified"\n'
RULE = '[[percentile]]\ndisease = "d"\narea = "national"\npercentile = {}\nsource = "{}"\nconfidence = "{}"\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('schema = "other"\n', "schema"),
        (HEAD + RULE.format(80, "", "verified"), "no source"),
        (HEAD + RULE.format(80, "s", "sure"), "confidence"),
        (HEAD + RULE.format(100, "s", "verified"), "between 0 and 100"),
        (HEAD + RULE.format(80, "s", "verified") * 2, "stands twice"),
        (HEAD + RULE.format(80, "s", "verified") + "extra = 1\n", "extra"),
        (
            HEAD + '[[single_case]]\ndisease = "d"\ncases = 0\nsource = "s"\nconfidence = "verified"\n',
            "at least one",
        ),
    ],
)
def test_a_rule_file_with_a_fault_is_refused_by_name(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        read_rules(text)
