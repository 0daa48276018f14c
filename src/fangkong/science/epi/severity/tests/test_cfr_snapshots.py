"""The Ebola outbreak of 1976 gives the figures that cfr 0.2.0 prints, digit by digit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import gamma

from fangkong.science.epi.delays import Delay
from fangkong.science.epi.severity import FatalityRisk, delay_adjusted_cfr, estimate_ascertainment
from fangkong.science.epi.severity.tests.cfr_reference import ebola_1976, printed_table

pytestmark = pytest.mark.real_data


def onset_to_death(days: NDArray[np.float64]) -> NDArray[np.float64]:
    """Barry et al. (2018), Lancet 392:213-221."""
    return gamma.pdf(days, 2.40, scale=3.33)


@pytest.fixture(scope="module")
def reference(real_data: Path) -> Path:
    folder = real_data.parent / "reference"
    if not (folder / "cfr").is_dir():
        pytest.skip("no tables of cfr: the folder `reference` beside FANGKONG_REAL_DATA is absent")
    return folder


def adjusted(risk: FatalityRisk) -> NDArray[np.float64]:
    return np.stack([risk.estimate, risk.lower, risk.upper], axis=-1)


def naive(risk: FatalityRisk) -> NDArray[np.float64]:
    return np.stack([risk.naive, risk.naive_lower, risk.naive_upper], axis=-1)


def test_the_outbreak_is_read_whole(reference: Path) -> None:
    cases, deaths = ebola_1976(reference)
    assert (len(cases), cases.sum(), deaths.sum()) == (73, 245, 234)


def test_static(reference: Path) -> None:
    risk = delay_adjusted_cfr(*ebola_1976(reference), onset_to_death)
    np.testing.assert_allclose(
        naive(risk), printed_table(reference, "snap_estimate_static.md", 0)[0], atol=5e-8, rtol=5e-7
    )
    np.testing.assert_allclose(
        adjusted(risk), printed_table(reference, "snap_estimate_static.md", 1)[0], atol=1e-12
    )


def test_a_delay_may_be_given_in_any_form(reference: Path) -> None:
    cases, deaths = ebola_1976(reference)
    by_function = delay_adjusted_cfr(cases, deaths, onset_to_death)
    for delay in (
        Delay("gamma", 2.40, 3.33),
        onset_to_death(np.arange(73.0)),
        list(onset_to_death(np.arange(90.0))),
    ):
        np.testing.assert_array_equal(
            adjusted(delay_adjusted_cfr(cases, deaths, delay)), adjusted(by_function)
        )


def test_rolling(reference: Path) -> None:
    risk = delay_adjusted_cfr(*ebola_1976(reference), onset_to_death, kind="rolling")
    np.testing.assert_allclose(
        naive(risk)[:15], printed_table(reference, "snap_estimate_rolling.md", 0), atol=5.1e-8
    )
    np.testing.assert_allclose(
        adjusted(risk)[:15], printed_table(reference, "snap_estimate_rolling.md", 1), atol=1e-12
    )
    static = delay_adjusted_cfr(*ebola_1976(reference), onset_to_death)
    np.testing.assert_array_equal(adjusted(risk)[-1], adjusted(static))


def test_time_varying(reference: Path) -> None:
    first = delay_adjusted_cfr(*ebola_1976(reference), onset_to_death, kind="time_varying")
    np.testing.assert_allclose(
        naive(first)[:15], printed_table(reference, "snap_estimate_time_varying.md", 0), atol=5.1e-8
    )
    whole = delay_adjusted_cfr(*ebola_1976(reference), onset_to_death, kind="time_varying", burn_in=0)
    np.testing.assert_allclose(
        adjusted(whole)[-15:], printed_table(reference, "snap_estimate_time_varying.md", 1), atol=5.1e-8
    )


def test_ascertainment(reference: Path) -> None:
    found = estimate_ascertainment(delay_adjusted_cfr(*ebola_1976(reference), onset_to_death), 0.7)
    from_naive, from_adjusted = (
        printed_table(reference, "snap_estimate_ascertainment.md", number)[0] for number in (0, 1)
    )
    assert [found.naive, found.naive_lower, found.naive_upper] == pytest.approx(from_naive, abs=5e-8)
    assert [found.estimate, found.lower, found.upper] == pytest.approx(from_adjusted, abs=5e-8)
    assert not found.capped
