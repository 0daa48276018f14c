"""``fangkong backtest``: names, refusals in two languages, tables for people, stable JSON, sections of the page."""

from __future__ import annotations

import json
from datetime import date

import pytest
from click.testing import CliRunner

from fangkong.faces.cli import backtest
from fangkong.faces.cli.backtest_tables import with_section
from fangkong.faces.cli.main import cli
from fangkong.faces.words.catalogue import has_word
from fangkong.science.epi.backtests import BACKTESTS, BacktestReport, Table, Target


def report(value: float = 0.25) -> BacktestReport:
    return BacktestReport(
        name="nowcast-hus",
        data=(("some.csv", "ab" * 32),),
        first_on=date(2030, 5, 1),
        last_on=date(2030, 6, 1),
        tables=(
            Table(
                "by_group",
                ("group", "nowcasts", "wis"),
                (("all", 1200, 3.25), ("80+", 7, None)),
            ),
        ),
        figures={"relative_wis": value, "wis": float("nan")},
        targets=(Target("relative_wis", value, upper=0.5),),
        seconds=1.5,
    )


@pytest.fixture
def found(monkeypatch, tmp_path):
    """A registry with one back-test that needs no data, and a folder."""
    monkeypatch.setattr(backtest, "BACKTESTS", {"nowcast-hus": lambda folder: report()})
    monkeypatch.setenv("FANGKONG_REAL_DATA", str(tmp_path))
    return tmp_path


def run(*arguments: str):
    return CliRunner().invoke(cli, list(arguments), standalone_mode=False)


def test_every_back_test_is_listed_with_its_title_in_both_languages():
    for lang in ("zh", "en"):
        result = run("--lang", lang, "backtest")
        assert result.return_value == 0
        for name in BACKTESTS:
            assert name in result.output
            assert has_word(f"backtests.title.{name.replace('-', '_')}"), name


@pytest.mark.parametrize(
    ("lang", "words"),
    [("zh", ["全部", "1,200", "3.250", "达标"]), ("en", ["all", "1,200", "3.250", "met"])],
)
def test_people_get_tables_and_targets(found, lang, words):
    result = run("--lang", lang, "backtest", "nowcast-hus")
    assert result.return_value == 0
    for expected in [*words, "80+", "–", "≤ 0.5", "ab" * 32]:
        assert expected in result.output, expected


def test_programs_get_json_with_stable_keys_and_no_nan(found):
    result = run("backtest", "nowcast-hus", "--json")
    told = json.loads(result.output)
    assert set(told) == {
        "schema", "name", "data", "first_on", "last_on", "tables", "figures", "targets", "met", "seconds", "versions",
    }  # fmt: skip
    assert told["figures"] == {"relative_wis": 0.25, "wis": None}
    assert told["targets"] == [
        {"name": "relative_wis", "value": 0.25, "lower": None, "upper": 0.5, "met": True}
    ]
    assert told["data"] == [{"file": "some.csv", "sha256": "ab" * 32}]


def test_a_missed_target_is_told_by_the_exit_code(found, monkeypatch):
    monkeypatch.setattr(backtest, "BACKTESTS", {"nowcast-hus": lambda folder: report(0.75)})
    result = run("--lang", "en", "backtest", "nowcast-hus")
    assert result.return_value == 1
    assert "missed" in result.output


def test_refusals_say_what_to_do(found, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    unknown = run("--lang", "en", "backtest", "nowcast")
    assert (unknown.return_value, "nowcast-hus" in unknown.output) == (1, True)
    monkeypatch.delenv("FANGKONG_REAL_DATA")
    nowhere = run("--lang", "zh", "backtest", "nowcast-hus")
    assert nowhere.return_value == 1
    assert "FANGKONG_REAL_DATA" in nowhere.output
    assert "--data" in nowhere.output


def test_data_beside_the_checkout_are_found(monkeypatch, tmp_path):
    folder = tmp_path / "shared" / "data"
    (tmp_path / "checkout").mkdir()
    folder.mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "checkout")
    monkeypatch.delenv("FANGKONG_REAL_DATA", raising=False)
    read = []
    monkeypatch.setattr(
        backtest, "BACKTESTS", {"nowcast-hus": lambda there: read.append(there) or report(0.25)}
    )
    assert run("--lang", "en", "backtest", "nowcast-hus").return_value == 0
    assert read == [folder]


@pytest.mark.parametrize("name", ["nowcast-de-hospitalisations", "nowcast-dengue", "nowcast-hus"])
def test_a_folder_without_the_data_is_a_refusal_that_names_the_file(tmp_path, name):
    result = run("--lang", "en", "backtest", name, "--data", str(tmp_path))
    assert result.return_value == 1
    assert ".csv" in result.output


def test_a_section_of_the_page_is_replaced_and_the_others_stand():
    page = with_section("", report(0.25)) + "\nSomething else.\n"
    again = with_section(page, report(0.375))
    assert "0.250" in page
    assert "0.375" in again
    assert "0.250" not in again
    assert again.count("<!-- backtest nowcast-hus -->") == 1
    assert again.rstrip().endswith("Something else.")


def test_write_puts_the_figures_in_the_page(found):
    page = found / "backtests.md"
    assert run("backtest", "--write", str(page)).return_value == 0
    assert "WIS relative to the raw count | 0.250 | ≤ 0.5 | met" in page.read_text(encoding="utf-8")
