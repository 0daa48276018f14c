"""The real compilations: the breaks that they are known to have are found, whatever areas and columns are called."""

from __future__ import annotations

import csv
import gzip
import time
from collections import Counter
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest

from fangkong.science.reconcile import Finding, Report, breaks, read_source, reconcile
from fangkong.science.reconcile.reading import series_from_text

pytestmark = pytest.mark.real_data

PROVINCES = "china_province_daily_2019-12_2020-12.csv"
CITIES = "china_city_daily_to_2020-04-30.csv.gz"
CITY = "shanghai_2022_city_daily_to_0410.csv"
DISTRICTS = "shanghai_2022_district_daily_by_source_to_0410.csv"
TWO_SIDES = "shanghai_2022_pudong_puxi_daily_junlingm_to_0410.csv"


@pytest.fixture(scope="module")
def timed_china(real_data: Path) -> tuple[Report, float]:
    began = time.process_time()
    report = reconcile(read_source(real_data / PROVINCES), read_source(real_data / CITIES))
    return report, time.process_time() - began


@pytest.fixture(scope="module")
def china(timed_china: tuple[Report, float]) -> Report:
    return timed_china[0]


def at(found: Iterable[Finding]) -> set[tuple[str, str, str, date | None]]:
    return {
        (each.where, each.area, each.measure, each.first_on) for each in found if each.confidence == "high"
    }


def test_the_changed_case_definition_is_found_in_both_tables(china):
    found = at(china.of("definition_change"))
    assert ("a", "湖北省", "confirmed", date(2020, 2, 12)) in found
    assert ("b", "湖北省/武汉市", "confirmed", date(2020, 2, 13)) in found


def test_the_revision_of_deaths_is_found_in_both_tables(china):
    found = at(china.of("revision"))
    assert ("a", "湖北省", "dead", date(2020, 4, 16)) in found
    assert ("b", "湖北省/武汉市", "dead", date(2020, 4, 17)) in found
    assert {each.size for each in china.of("revision") if each.measure == "dead"} == {1290}


def test_the_city_table_runs_one_day_behind(china):
    found = {(each.area, each.measure): each for each in china.of("shifted")}
    assert {(each.where, each.size) for each in found.values()} == {("b", 1)}
    hubei = found["湖北省", "dead"]
    assert (hubei.first_on, hubei.confidence) == (date(2020, 2, 7), "high")
    assert hubei.evidence["agreeing_shifted"] > 10 * hubei.evidence["agreeing_unshifted"]
    common = china.shifts_in_common()[0]
    assert (common.where, common.days, common.first_on) == ("b", 1, date(2020, 2, 7))
    assert (china.read, china.reason) == ("a", "behind")


def test_negative_steps_sums_and_names_without_code_are_those_that_counting_finds(china, real_data):
    with gzip.open(real_data / CITIES, "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    uncoded = {f"{row['province']}/{row['city']}" for row in rows if not row["cityCode"]}
    assert {each.area for each in china.of("no_code")} == uncoded
    down = {(each.area, each.measure, each.first_on): each.size for each in china.of("negative_step")}
    assert down["湖北省/武汉市", "cured", date(2020, 4, 17)] == -948
    assert down["湖北省", "confirmed", date(2020, 1, 3)] == -3
    sums = {(each.area, each.measure): each for each in china.of("sum_differs") if each.where == "both"}
    own = {(str(each.day), str(each.b_on)): (each.a, each.b) for each in sums["湖北省", "confirmed"].days}
    counted = sum(int(r["confirmed"]) for r in rows if (r["province"], r["date"]) == ("湖北省", "2020-02-13"))
    assert own["2020-02-12", "2020-02-13"] == (47163, counted)


def test_breaks_name_source_area_measure_and_day(china):
    found = {(each.source, each.area, each.measure, each.day_from, each.kind) for each in breaks(china)}
    assert (PROVINCES, "湖北省", "confirmed", date(2020, 2, 12), "definition_change") in found
    assert (CITIES, "湖北省/武汉市", "dead", date(2020, 4, 17), "revision") in found
    assert (PROVINCES, "中国", "dead", date(2020, 4, 16), "revision") in found


def test_a_district_name_that_stands_for_a_larger_territory_is_found(real_data):
    report = reconcile(read_source(real_data / DISTRICTS), read_source(real_data / TWO_SIDES))
    found = {each.measure: each for each in report.of("regrouped")}
    east = found["pd_case"]
    assert set(east.evidence["parts"]) == {"浦东", "奉贤", "金山", "崇明"}
    assert (east.evidence["days_agreeing"], east.evidence["largest_part"]) == (22, "浦东")
    assert east.evidence["log10_chance"] < -20
    west = found["px_case"]
    assert len(west.evidence["parts"]) == 12
    assert [(each.day, each.a, each.b) for each in west.days] == [(date(2022, 3, 29), 3622, 3620)]
    assert found["pd_case+px_case"].evidence["whole"]


def test_districts_under_two_names_and_silent_days_are_found(real_data):
    report = reconcile(read_source(real_data / CITY), read_source(real_data / DISTRICTS))
    names = {each.evidence["old_name"]: each for each in report.of("renamed") if each.where == "b"}
    assert len(names) == 16
    assert (names["浦东新区"].evidence["new_name"], names["浦东新区"].first_on) == ("浦东", date(2022, 3, 19))
    silent = {(each.where, each.first_on) for each in report.of("missing_days")}
    assert silent == {("a", date(2022, 3, 28)), ("b", date(2022, 3, 18)), ("b", date(2022, 3, 28))}
    gaps = {each.measure: each for each in report.of("column_gap") if each.where == "a"}
    assert gaps["解除医学观察"].evidence["present"] == [["2022-03-18", "2022-03-27"]]
    same = {
        (each.measure, each.evidence["new_name"]) for each in report.of("renamed") if each.where == "both"
    }
    assert ("例行筛查无症状", "无症状感染者/风险人群筛查") in same


def test_the_city_total_is_found_to_be_the_sum_of_two_measures_and_of_two_sides(real_data):
    report = reconcile(read_source(real_data / CITY), read_source(real_data / TWO_SIDES))
    found = report.of("regrouped")
    assert [set(each.evidence["parts"]) for each in found] == [{"确诊病例", "无症状感染者"}]
    assert [(each.day, each.a - each.b) for each in found[0].days] == [(date(2022, 3, 29), 2)]


def _in_other_words(text: str) -> str:
    """A table with every head and every Chinese name written otherwise; what contains what is kept."""
    head, rest = text.split("\n", 1)
    strange = str.maketrans("abcdefghijklmnopqrstuvwxyzC", "qzxjkvwbgfypmcudlnhrtsioaeX")
    moved = {code: code + 7 for code in range(0x4E00, 0x9F00)}
    return head.translate(strange).translate(moved) + "\n" + rest.translate(moved)


def _figures(report: Report) -> Counter[tuple[object, ...]]:
    """The findings without any name."""
    return Counter(
        (
            each.kind,
            each.where,
            each.first_on,
            each.last_on,
            each.size,
            each.confidence,
            len(each.days),
            each.days,
        )
        for each in report.findings
    )


def _text(file: Path) -> str:
    raw = file.read_bytes()
    return (gzip.decompress(raw) if file.suffix == ".gz" else raw).decode("utf-8-sig")


def _renamed(folder: Path, a: str, b: str) -> Report:
    return reconcile(*(series_from_text(_in_other_words(_text(folder / name)), name=name) for name in (a, b)))


@pytest.mark.parametrize(("a", "b"), [(DISTRICTS, TWO_SIDES), (CITY, DISTRICTS), (CITY, TWO_SIDES)])
def test_with_every_area_and_column_renamed_the_figures_are_the_same(real_data, a, b):
    plain = reconcile(read_source(real_data / a), read_source(real_data / b))
    assert _figures(_renamed(real_data, a, b)) == _figures(plain)


def test_with_every_area_and_column_renamed_the_china_tables_give_the_same_figures(real_data, china):
    assert _figures(_renamed(real_data, PROVINCES, CITIES)) == _figures(china)


def test_the_whole_china_table_takes_seconds(timed_china):
    assert timed_china[1] < 20
