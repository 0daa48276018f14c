"""``fangkong reconcile``: tables for people in two languages, JSON for programs, files and the record as sources."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from fangkong.faces.cli.main import cli
from fangkong.faces.cli.reconcile_tables import says
from fangkong.faces.words.catalogue import has_word
from fangkong.record.load import load
from fangkong.record.models import DailyCount
from fangkong.science.reconcile import Finding
from fangkong.science.reconcile.findings import KINDS
from fangkong.science.reconcile.settings import settings

FIRST = date(2030, 3, 1)
DAYS = 24
AREAS = {"990101": "柳堤区", "990102": "竹溪区"}


def cases(place: int, day: int) -> int:
    """A running total, different in each area."""
    return sum(10 + (7 * n + 13 * place) % 11 for n in range(day + 1))


def table(late: int = 0) -> str:
    rows = [
        f"{FIRST + timedelta(days=day + late)},{name},{code},{cases(place, day)}"
        for day in range(DAYS)
        for place, (code, name) in enumerate(AREAS.items())
    ]
    return "日期,区,代码,确诊\n" + "\n".join(rows) + "\n"


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    on_time, late = tmp_path / "official.csv", tmp_path / "late.csv"
    on_time.write_text(table(), encoding="utf-8")
    late.write_text(table(late=2), encoding="utf-8")
    return str(on_time), str(late)


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("zh", ["应采用甲：等级更高", "日期错位  2", "乙晚 2 天：2 个序列中有 2 个", "柳堤区", "晚 2 天"]),
        ("en", ["Read A: it has the higher rank", "Shifted days  2", "2 of 2 series", "2 day(s) behind"]),
    ],
)
def test_people_get_a_table_for_each_kind(files, lang, words):
    result = CliRunner().invoke(cli, ["--lang", lang, "reconcile", *files, "--official", "a"])
    assert result.exit_code == 0
    for expected in words:
        assert expected in result.output, expected


def test_programs_get_json_with_stable_keys(files):
    result = CliRunner().invoke(cli, ["reconcile", *files, "--json"])
    report = json.loads(result.output)
    assert set(report) == {
        "schema", "a", "b", "series_compared", "figures_compared", "figures_agreeing", "read", "reason",
        "shifts_in_common", "findings",
    }  # fmt: skip
    assert [each["area"] for each in report["findings"]] == list(AREAS.values())
    assert {(each["kind"], each["where"], each["size"]) for each in report["findings"]} == {
        ("shifted", "b", 2.0)
    }
    assert report["shifts_in_common"][0]["series"] == 2


def test_a_tolerance_makes_small_differences_agree(tmp_path):
    one, other = tmp_path / "a.csv", tmp_path / "b.csv"
    one.write_text(table(), encoding="utf-8")
    other.write_text(table().replace(f",{cases(0, 5)}\n", f",{cases(0, 5) + 2}\n"), encoding="utf-8")
    runner = CliRunner()
    strict = json.loads(runner.invoke(cli, ["reconcile", str(one), str(other), "--json"]).output)
    loose = json.loads(
        runner.invoke(cli, ["reconcile", str(one), str(other), "--json", "--tolerance", "2"]).output
    )
    assert [each["kind"] for each in strict["findings"]] == ["differs"]
    assert strict["findings"][0]["days"] == [
        {"day": "2030-03-06", "a": cases(0, 5), "b": cases(0, 5) + 2, "b_day": "2030-03-06"}
    ]
    assert loose["findings"] == []


@pytest.mark.django_db
def test_a_series_or_a_receipt_of_the_record_is_compared_with_a_file(tmp_path):
    rows = [
        {
            "key": f"{code}-{day}",
            "disease": "d",
            "area_code": code,
            "day": FIRST + timedelta(days=day),
            "measure": "confirmed_cumulative",
            "value": cases(place, day) + (40 if day >= 12 and code == "990102" else 0),
        }
        for day in range(DAYS)
        for place, code in enumerate(AREAS)
    ]
    load(DailyCount, rows, actor="test", source_key="r1", known_from=datetime(2030, 4, 1, tzinfo=UTC))
    file = tmp_path / "a.csv"
    file.write_text(table().replace("确诊", "confirmed_cumulative"), encoding="utf-8")
    for name in ("official", "receipt:r1"):
        result = CliRunner().invoke(cli, ["reconcile", str(file), name, "--json"])
        report = json.loads(result.output)
        assert (report["b"], report["read"]) == ({"name": name, "rank": "official", "top": "9901"}, "b")
        assert [
            (each["kind"], each["where"], each["size"], each["first_day"]) for each in report["findings"]
        ] == [("revision", "b", 40.0, "2030-03-13")]


@pytest.mark.django_db
def test_what_is_neither_file_nor_series_is_refused_with_what_there_is(files):
    result = CliRunner().invoke(
        cli, ["--lang", "zh", "reconcile", files[0], "市卫健委"], standalone_mode=False
    )
    assert result.return_value == 1
    assert "没有名为 市卫健委 的文件" in result.output


def test_a_file_that_is_not_there_is_refused(files):
    result = CliRunner().invoke(
        cli, ["--lang", "en", "reconcile", files[0], "none.csv"], standalone_mode=False
    )
    assert result.return_value == 1
    assert "none.csv cannot be opened" in result.output


def test_every_kind_and_rank_has_words():
    codes = {f"reconcile.kind.{kind}" for kind in KINDS} | {
        f"reconcile.rank.{rank}" for rank in settings().ranks
    }
    assert not [code for code in codes if not has_word(code)]


@pytest.mark.parametrize(
    ("kind", "evidence"),
    [
        ("renamed", {"by": "all_at_once", "old_names": ["x"], "new_names": ["y"]}),
        ("revision", {"stays": False, "step": 5.0}),
        ("shifted", {"lag_days": 1, "moving_days": 9, "agreeing_shifted": 9, "agreeing_unshifted": 0,
                     "days_agreeing_before": 3, "days_before": 3, "back_on": "2030-03-20"}),
        ("duplicate", {"differing_count": 1}),
        ("only_in", {"what": "areas", "names": ["x", "y"]}),
        ("area_gap", {"missing": [["2030-03-01", "2030-03-04"]], "areas": ["x"]}),
        ("no_code", {"code_on_other_days": ""}),
    ],
)  # fmt: skip
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_rarer_findings_have_sentences_too(kind, evidence, lang):
    finding = Finding(kind, "a", "x", "cases", FIRST, FIRST, 3.0, "high", evidence)
    assert says(finding, lang)
