"""Outbreaks injected into weekly series: the injection does what it says, and the score counts what it should."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from fangkong.science.epi.backtests.detection import SIZES, detection, found_after
from fangkong.science.epi.backtests.detection_methods import METHODS
from fangkong.science.epi.backtests.report import BacktestReport
from fangkong.science.epi.backtests.weekly_baselines import (
    WATCHED_WEEKS,
    Baseline,
    outbreak_cases,
    read_baselines,
    windows,
)

FEW = [
    method
    for method in METHODS
    if method.name
    in {"ears_c1", "ears_c3", "farrington", "farrington_flexible_nbplugin", "bayes_1", "glr_poisson"}
]
WITH_P_VALUES = 4
SMALL = {"windows_per_file": 40, "simulated_series": 5, "seed": 3}


def write_series(
    folder: Path, name: str, counts: np.ndarray, *, frequency: int = 52, state: int = -1
) -> None:
    """A table as surveillance's data are recorded: one column a series, ``state`` marks one week as an outbreak."""
    folder.mkdir(parents=True, exist_ok=True)
    columns = ",".join(f"unit{number}" for number in range(counts.shape[0]))
    lines = [f"t,epoch,freq,start_year,start_period,{columns},state"]
    for week, row in enumerate(counts.T):
        cells = ",".join(str(int(cell)) for cell in row)
        lines.append(f"{week + 1},{week + 1},{frequency},2010,1,{cells},{int(week == state)}")
    (folder / f"input_{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, BacktestReport]:
    """A data folder beside Poisson series without any outbreak, and the report on it."""
    root = tmp_path_factory.mktemp("shared")
    rng = np.random.default_rng(5)
    folder = root / "reference" / "surveillance"
    write_series(folder, "many", rng.poisson(20, (4, 7 * 52)))
    write_series(folder, "rare", rng.poisson(0.05, (2, 7 * 52)))
    write_series(folder, "short", rng.poisson(5, (1, 2 * 52)))
    write_series(folder, "monthly", rng.poisson(5, (1, 120)), frequency=12)
    data = root / "data"
    data.mkdir()
    return data, detection(data, methods=FEW, **SMALL)


def table(report: BacktestReport, title: str) -> list[dict[str, object]]:
    (found,) = (one for one in report.tables if one.title == title)
    return [dict(zip(found.columns, row, strict=True)) for row in found.rows]


def test_larger_outbreaks_are_found_more_often(quiet: tuple[Path, BacktestReport]) -> None:
    for row in table(quiet[1], "detection_methods"):
        found = [float(str(row[f"found_{size}_sd"])) for size in SIZES]
        assert all(0 <= share <= 1 for share in found)
        assert found[0] < found[-1], row["method"]


def test_a_quiet_series_alarms_about_as_often_as_the_level_says(quiet: tuple[Path, BacktestReport]) -> None:
    rows = {(row["file"], row["method"]): row for row in table(quiet[1], "detection_by_file")}
    share = float(str(rows["many", "farrington_flexible_nbplugin"]["false_alarms_per_100"]))
    assert 0 <= share < 3


def test_where_cases_are_too_few_the_weeks_have_no_power(quiet: tuple[Path, BacktestReport]) -> None:
    rows = {(row["file"], row["method"]): row for row in table(quiet[1], "detection_by_file")}
    assert rows["rare", "farrington"]["without_power"] == 1
    assert rows["many", "farrington"]["without_power"] == 0
    reasons = {(row["method"], row["reason"]) for row in table(quiet[1], "detection_without_power")}
    assert ("farrington", "too_few_cases") in reasons


def test_every_method_is_reported_and_every_weekly_file_named(quiet: tuple[Path, BacktestReport]) -> None:
    report = quiet[1]
    names = [method.name for method in FEW]
    assert [row["method"] for row in table(report, "detection_methods")] == names
    assert [row["method"] for row in table(report, "detection_alarms_per_week")] == names
    assert len(table(report, "detection_discovery_rate")) == WITH_P_VALUES
    drawn = {row["file"]: row["windows"] for row in table(report, "detection_series")}
    assert drawn == {"many": 40, "rare": 40, "short": 0}
    assert [name for name, _ in report.data] == ["input_many.csv", "input_rare.csv", "input_short.csv"]


def test_the_limit_on_false_discoveries_rings_less_often(quiet: tuple[Path, BacktestReport]) -> None:
    for row in table(quiet[1], "detection_discovery_rate"):
        assert float(str(row["false_alarms_limited"])) <= float(str(row["false_alarms_per_100"])) + 0.5


def test_the_same_seed_gives_the_same_report(quiet: tuple[Path, BacktestReport]) -> None:
    again = detection(quiet[0], methods=FEW, **SMALL)
    assert (again.tables, again.figures) == (quiet[1].tables, quiet[1].figures)


def test_an_outbreak_has_its_size_and_is_soon_over() -> None:
    cases = outbreak_cases(np.full(4000, 3.0), 5, np.random.default_rng(1))
    assert cases.sum(axis=1).mean() == pytest.approx(15, rel=0.02)
    # Half of a lognormal about one week lies below it, and nearly all within four.
    assert cases[:, 0].sum() / cases.sum() == pytest.approx(0.5, abs=0.01)
    assert cases[:, :4].sum() / cases.sum() > 0.99


def test_an_outbreak_has_at_least_one_case() -> None:
    assert (outbreak_cases(np.full(500, 1.0), 0.1, np.random.default_rng(1)).sum(axis=1) >= 1).all()


def test_windows_touch_no_known_outbreak() -> None:
    counts = np.tile(np.arange(5 * 52.0), (1, 1))
    marked = np.zeros(5 * 52, dtype=bool)
    marked[230] = True
    baseline = Baseline("x", Path("x"), counts, marked, date(2010, 1, 4))
    found = windows(baseline, 1000, np.random.default_rng(1))
    watched = found.counts[:, found.history :]
    assert watched.shape[1] == WATCHED_WEEKS
    assert 230 not in watched
    assert {229, 231} <= set(watched.ravel().tolist())
    assert (found.counts[:, found.history] == found.starts).all()


def test_an_alarm_that_rang_anyway_finds_nothing() -> None:
    cases = np.zeros((3, WATCHED_WEEKS))
    cases[:, [1, 3]] = 4
    alarm, before = np.zeros((3, WATCHED_WEEKS), dtype=bool), np.zeros((3, WATCHED_WEEKS), dtype=bool)
    alarm[0, 1] = before[0, 1] = True  # rang anyway
    alarm[1, [1, 3]] = before[1, 1] = True  # rang anyway, then for the outbreak
    alarm[2, [0, 4]] = True  # before and after it
    np.testing.assert_array_equal(found_after(alarm, before, cases), [np.nan, 14.0, np.nan])


def test_a_folder_without_series_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no weekly series"):
        detection(tmp_path / "data")


@pytest.mark.real_data
def test_the_real_series_carry_the_evaluation(real_data: Path) -> None:
    baselines = {one.name: one for one in read_baselines(real_data.parent / "reference" / "surveillance")}
    assert baselines["momo"].first_on == date(1994, 1, 3)
    assert (baselines["momo"].years, baselines["hepatitisA"].years, baselines["measlesDE"].years) == (5, 3, 0)
    report = detection(real_data, methods=FEW, windows_per_file=10, simulated_series=2)
    found = {str(row["method"]): row for row in table(report, "detection_methods")}
    # The Newport series of single states have too few cases for a Farrington bound, and the table says so.
    assert float(str(found["farrington"]["without_power"])) > 0.2
    assert float(str(found["ears_c1"]["without_power"])) == 0
