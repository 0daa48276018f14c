"""The censored likelihood against integration, and the delay against the laws of SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.integrate import quad

from fangkong.science.epi.delays import Delay
from fangkong.science.epi.delays.likelihood import CensoredLikelihood
from fangkong.science.epi.delays.likelihood_reference import probability_of_pair
from fangkong.science.epi.delays.tests.simulated_delays import TRUE_DELAYS
from fangkong.science.epi.delays.windows import event_windows

SCIPY_LAWS = {
    "gamma": lambda d: stats.gamma(d.first, scale=d.second),
    "lognormal": lambda d: stats.lognorm(d.second, scale=np.exp(d.first)),
    "weibull": lambda d: stats.weibull_min(d.first, scale=d.second),
}


def log_probability(delay: Delay, *windows: object) -> float:
    one_pair = event_windows(*windows, None)  # type: ignore[arg-type]
    value = CensoredLikelihood(delay.law, one_pair)(np.asarray(delay.first), np.asarray(delay.second))
    return float(value)


@pytest.mark.parametrize("delay", TRUE_DELAYS, ids=lambda delay: delay.family)
def test_a_delay_is_the_law_of_scipy(delay: Delay) -> None:
    law, days = SCIPY_LAWS[delay.family](delay), np.array([-1.0, 0.0, 0.2, 3.0, 8.0, 60.0])
    np.testing.assert_allclose(delay.cdf(days), law.cdf(days), atol=1e-14)
    np.testing.assert_allclose(delay.density(days), law.pdf(days), atol=1e-14)
    np.testing.assert_allclose(delay.quantile([0.025, 0.5, 0.99]), law.ppf([0.025, 0.5, 0.99]), rtol=1e-12)
    assert (delay.mean, delay.sd) == pytest.approx((law.mean(), law.std()), rel=1e-12)


@pytest.mark.parametrize("delay", TRUE_DELAYS, ids=lambda delay: delay.family)
def test_both_integrals_are_exact(delay: Delay) -> None:
    law, pair = SCIPY_LAWS[delay.family](delay), (np.asarray(delay.first), np.asarray(delay.second))
    for day in (0.3, 2.0, 9.0, 40.0):
        below = quad(law.cdf, 0, day, epsabs=1e-13)[0]
        above = quad(law.sf, day, np.inf, epsabs=1e-13)[0]
        assert float(delay.law.integral_of_cdf(np.asarray(day), *pair)) == pytest.approx(below, abs=1e-8)
        assert float(delay.law.integral_of_survival(np.asarray(day), *pair)) == pytest.approx(above, abs=1e-8)


@given(
    st.sampled_from(TRUE_DELAYS),
    st.floats(0.1, 12.0),
    st.floats(-3.0, 25.0),
    st.floats(0.1, 10.0),
    st.one_of(st.just(np.inf), st.floats(0.5, 40.0)),
)
@settings(max_examples=60)
def test_the_slow_twin_agrees(
    delay: Delay, width: float, start: float, length: float, horizon: float
) -> None:
    stop = min(start + length, horizon)
    if stop <= 0.05 or start >= stop - 0.05:
        return
    fast = log_probability(delay, [0.0], [start], [width], [start + length], [horizon])
    slow = probability_of_pair(lambda day: float(delay.cdf(day)), width, start, stop, horizon)
    # Times of records are kept to the second, so the twin differs by a hundred-thousandth.
    assert np.exp(fast) == pytest.approx(slow, rel=2e-3, abs=1e-9)


@pytest.mark.parametrize("delay", TRUE_DELAYS, ids=lambda delay: delay.family)
def test_exact_times_are_the_limit_of_narrow_windows(delay: Delay) -> None:
    law, minute = SCIPY_LAWS[delay.family](delay), 1 / 1440
    assert log_probability(delay, [0.0], [4.0], [0.0], [4.0], None) == pytest.approx(law.logpdf(4.0))
    assert log_probability(delay, [0.0], [4.0], [0.0], [6.0], None) == pytest.approx(
        np.log(law.cdf(6) - law.cdf(4))
    )
    density = (law.cdf(4) - law.cdf(3)) / 1
    assert log_probability(delay, [0.0], [4.0], [1.0], [4.0], None) == pytest.approx(np.log(density))
    narrow = log_probability(delay, [0.0], [4.0], [minute], [4.0 + minute], None) - np.log(minute)
    assert narrow == pytest.approx(law.logpdf(4.0), abs=1e-3)


@pytest.mark.parametrize("delay", TRUE_DELAYS, ids=lambda delay: delay.family)
def test_an_event_that_has_not_come_counts_by_its_survival(delay: Delay) -> None:
    law = SCIPY_LAWS[delay.family](delay)
    assert log_probability(delay, [0.0], [5.0], [0.0], [np.inf], None) == pytest.approx(law.logsf(5.0))
    later = quad(lambda time: law.sf(5.0 - time), 0, 1)[0]
    assert log_probability(delay, [0.0], [5.0], [1.0], [np.inf], None) == pytest.approx(np.log(later))


@pytest.mark.parametrize("delay", TRUE_DELAYS, ids=lambda delay: delay.family)
def test_far_tails_keep_their_digits(delay: Delay) -> None:
    law = SCIPY_LAWS[delay.family](delay)
    typical = [float(np.floor(delay.mean))] * 3
    for day in (60.0, 110.0):
        windows = event_windows([0.0] * 4, [*typical, day], None, None, None, None)
        values = CensoredLikelihood(delay.law, windows).log_probabilities(
            np.asarray(delay.first), np.asarray(delay.second)
        )
        slow = quad(
            lambda time, d=day: law.sf(d - time) - law.sf(d + 1 - time), 0, 1, epsabs=0, epsrel=1e-10
        )[0]
        assert values[-1] == pytest.approx(np.log(slow), rel=1e-6)


@pytest.mark.parametrize("delay", TRUE_DELAYS, ids=lambda delay: delay.family)
def test_dates_lie_apart_as_the_pmf_says(delay: Delay) -> None:
    pmf = delay.pmf(200)
    assert pmf.sum() == pytest.approx(1.0, abs=1e-9)
    assert pmf @ np.arange(200) == pytest.approx(delay.mean, abs=1e-6)
    for days in (0, 1, 7):
        assert log_probability(delay, [0.0], [float(days)], None, None, None) == pytest.approx(
            np.log(pmf[days])
        )


def test_parameters_that_are_no_delay_are_refused() -> None:
    with pytest.raises(ValueError, match="choose one of"):
        Delay("normal", 1.0, 1.0)
    with pytest.raises(ValueError, match="above 0"):
        Delay("gamma", 0.0, 1.0)
    with pytest.raises(ValueError, match="finite"):
        Delay("lognormal", np.nan, 1.0)
    with pytest.raises(ValueError, match="strictly between"):
        Delay("gamma", 1.0, 1.0).quantile(1.0)
    with pytest.raises(ValueError, match="at least one day"):
        Delay("gamma", 1.0, 1.0).pmf(0)
