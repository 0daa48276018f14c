"""The back-test of forecasts: nothing is known before its day, and the score counts what it should."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from fangkong.science.epi.backtests.forecast import (
    HORIZON,
    _width_at_equal_coverage,
    forecast_backtest,
    judge,
)
from fangkong.science.epi.backtests.forecast_series import PastSeries, past_series
from fangkong.science.epi.forecast import FLUSIGHT_LEVELS, METHODS


def wave(seed: int, days: int = 90) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.poisson(80 * np.exp(np.sin(np.arange(days) / 15))).astype(float)


def reported(counts: np.ndarray) -> np.ndarray:
    """Half on the day itself, the rest over two days."""
    triangle = np.stack([np.floor(counts * share) for share in (0.5, 0.3)], axis=1)
    return np.concatenate([triangle, (counts - triangle.sum(axis=1))[:, None]], axis=1)


def test_nothing_is_known_before_its_day() -> None:
    counts = wave(1)
    triangle = reported(counts)
    series = PastSeries("x", 7, date(2021, 3, 1), counts, triangle)
    known, samples = series.known(60)
    np.testing.assert_array_equal(known[:59], counts[:59])
    assert known[60] == triangle[60, 0]
    assert known[59] == triangle[59, :2].sum()
    assert samples is not None
    assert known[60] < np.median(samples[:, 60])
    later = triangle.copy()
    later[61:] = 999
    later[60, 1:] = 999
    again = PastSeries("x", 7, date(2021, 3, 1), counts, later).known(60)
    np.testing.assert_array_equal(again[0], known)
    np.testing.assert_array_equal(again[1], samples)


def test_every_method_is_judged_on_the_same_days() -> None:
    judged = judge(PastSeries("x", 7, date(2021, 3, 1), wave(2)), 5)
    assert judged is not None
    assert judged.quantiles.shape == (len(METHODS), len(FLUSIGHT_LEVELS), 5, HORIZON[7])
    assert judged.came.shape == (5, HORIZON[7])
    assert judge(PastSeries("x", 7, date(2021, 3, 1), wave(2, 20)), 5) is None


def test_equal_coverage_undoes_the_width_claimed() -> None:
    rng = np.random.default_rng(3)
    came = rng.lognormal(5, 0.3, (400, 1))
    spread = np.linspace(-1, 1, len(FLUSIGHT_LEVELS))[:, None, None]
    narrow, wide = (np.exp(5 + size * spread) * np.ones_like(came) for size in (0.2, 1.0))
    a, b = (_width_at_equal_coverage(came, q) for q in (narrow, wide))
    assert a == pytest.approx(b, rel=0.1)
    assert np.mean(wide[-1] - wide[0]) > 3 * np.mean(narrow[-1] - narrow[0])


def test_a_folder_without_series_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no series"):
        forecast_backtest(tmp_path / "data")


@pytest.mark.real_data
def test_the_real_series_are_read_as_published(real_data: Path) -> None:
    found, files = past_series(real_data)
    by_name = {one.name: one for one in found}
    shanghai = by_name["Shanghai asymptomatic"]
    assert shanghai.truth[-1] == 25173
    assert shanghai.on(shanghai.truth.size - 1) == date(2022, 4, 10)
    assert np.nansum(by_name["mers"].truth) <= 162
    assert "湖北省" not in by_name
    assert len(files) == len(set(files))


@pytest.mark.real_data
def test_on_real_series_the_ensemble_beats_the_damped_trend(real_data: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    for name in ("shanghai_2022_city_daily_to_0410.csv", "china_province_daily_2019-12_2020-12.csv"):
        (data / name).symlink_to(real_data / name)
    weekly = tmp_path / "reference" / "surveillance"
    weekly.mkdir(parents=True)
    for name in ("input_hepatitisA.csv", "input_momo.csv"):
        (weekly / name).symlink_to(real_data.parent / "reference" / "surveillance" / name)
    report = forecast_backtest(data, most_origins=12)
    figures = report.figures
    assert figures["wis_against_damped_trend.ensemble"] < 1
    assert figures["wis_against_damped_trend.damped_trend"] == pytest.approx(1)
    assert figures["width_against_seasonal_naive.ensemble"] < 1
    assert figures["relative_skill.seasonal_naive"] > figures["relative_skill.ensemble"]
    assert report.as_json()["name"] == "forecast"
