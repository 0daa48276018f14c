"""A delay is weighed as what it is, however short or steep: the risk of known outcomes is what it should be."""

from __future__ import annotations

import numpy as np
import pytest

from fangkong.science import epi

CASES, DEATHS = np.full(80, 100.0), np.full(80, 5.0)


@pytest.mark.parametrize(
    "delay",
    [
        epi.Delay("gamma", 37.0, 1.52 / 37),
        epi.Delay("gamma", 0.56, 12.9 / 4),
        epi.Delay("weibull", 0.7, 3.0),
        epi.Delay("gamma", 2.4, 3.33),
    ],
    ids=["short", "steep", "steep_weibull", "wide"],
)
def test_the_risk_follows_the_delay(delay):
    found = epi.delay_adjusted_cfr(CASES, DEATHS, delay)
    known = 100 * delay.cdf(80 - np.arange(80) - 0.5).sum()
    assert float(found.known_outcomes) == pytest.approx(known, rel=0.02)
    assert float(found.estimate) == pytest.approx(DEATHS.sum() / known, rel=0.03)


@pytest.mark.parametrize("density", [lambda days: np.ones_like(days), lambda days: 3 * np.exp(-3 * days)])
def test_a_function_that_is_no_distribution_at_whole_days_is_refused(density):
    with pytest.raises(ValueError, match="it must sum to 1"):
        epi.delay_adjusted_cfr(CASES, DEATHS, density)
