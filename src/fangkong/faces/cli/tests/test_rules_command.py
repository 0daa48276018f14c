"""``fangkong rules`` as a lawyer types it: without a database, in both languages, with its exit codes."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from fangkong.faces.cli.main import main
from fangkong.faces.words.catalogue import has_word
from fangkong.science.rules import row_validation, validation
from fangkong.science.rules.packs import SHIPPED
from fangkong.science.rules.tests.pack_writer import write_pack

CONTACT = "disease=covid-19,role=close_contact,last_exposure_on=2022-11-14"
STAGES = ("contact.close.stages", "--disease", "covid-19")


@dataclass
class Done:
    """What a command printed and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The JSON it printed."""
        return json.loads(self.out)


@pytest.fixture
def run(capsys, monkeypatch, settings, tmp_path) -> Iterator[Callable[..., Done]]:
    """Runs ``fangkong rules …`` in a home of its own that was never initialised; the database stays closed."""
    settings.HOME = tmp_path / "home"
    monkeypatch.setenv("COLUMNS", "220")
    before = translation.get_language()

    def rules(*arguments: object, lang: str = "en") -> Done:
        with pytest.raises(SystemExit) as ended:
            main(["--lang", lang, "rules", *map(str, arguments)])
        printed = capsys.readouterr()
        return Done(int(ended.value.code or 0), printed.out, printed.err)

    yield rules
    translation.activate(before or "zh-hans")


@pytest.fixture
def copied(tmp_path) -> Path:
    """The shipped packs in a folder of their own."""
    folder = tmp_path / "copied"
    shutil.copytree(SHIPPED, folder, ignore=shutil.ignore_patterns("*.md"))
    return folder


def spoil(folder: Path, old: str, new: str, name: str = "covid19-cn-control-plan.toml") -> None:
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


class TestCheck:
    def test_the_shipped_packs_are_sound(self, run) -> None:
        done = run("check")
        assert done.code == 0
        assert "The packs are sound: 18 packs" in done.out
        assert "3 gaps" in done.out

    def test_an_error_ends_with_one_and_names_pack_row_key_and_what_to_do(self, run, copied) -> None:
        spoil(copied, 'confidence = "verified"\ntransition', 'confidence = "sure"\ntransition')
        done = run("check", copied)
        assert done.code == 1
        assert "covid19-cn-control-plan.toml, row 1" in done.out
        assert "The mark sure is none of" in done.out
        assert "错误" in run("check", copied, lang="zh").out

    def test_json_has_every_problem_with_its_text(self, run, copied) -> None:
        spoil(copied, "[[row]]", "[[row]]\nremark = 3")
        done = run("check", copied, "--json")
        assert done.code == 0
        warnings = [each for each in done.json["problems"] if each["severity"] == "warning"]
        assert [(each["code"], each["row"]) for each in warnings] == [("row_field_unknown", 1)]
        assert "remark" in warnings[0]["text"]
        assert done.json["counts"] == {"error": 0, "warning": 1, "gap": 3}

    def test_keys_that_no_row_uses_are_one_line_unless_asked_for(self, run, tmp_path) -> None:
        folder = tmp_path / "one"
        folder.mkdir()
        shutil.copy(SHIPPED / "keys.toml", folder)
        shutil.copy(SHIPPED / "measles.toml", folder)
        n = run("check", folder, "--json").json["counts"]["warning"]
        assert n > 100
        done = run("check", folder)
        assert f"{n} keys of the vocabulary have no row" in done.out
        assert len(done.out.splitlines()) < 10
        assert len(run("check", folder, "--verbose").out.splitlines()) > n
        assert "词汇表里有" in run("check", folder, lang="zh").out

    def test_every_code_of_a_problem_has_words(self) -> None:
        written = "".join(Path(module.__file__).read_text() for module in (validation, row_validation))
        found = set(re.findall(r"roblem\([^\"()]*\"([a-z]+(?:_[a-z]+)+)\"", written))
        found |= {f"row_{field}" for field in ("confidence", "authority", "date_precision")}
        assert len(found) > 40
        assert {code for code in found if not has_word(f"rules.problem.{code}")} == set()

    def test_the_office_s_own_packs_are_checked_with_the_shipped_ones(self, run, settings) -> None:
        own = settings.HOME / "packs"
        own.mkdir(parents=True)
        row = {
            "key": "report.case_hours",
            "unit": "h",
            "value": 1,
            "scope": {"person": "case"},
            "legal_basis": " ",
        }
        write_pack(own, "ours", disease="covid-19", rows=[row])
        done = run("check")
        assert done.code == 1
        assert "packs/ours.toml, row 1" in done.out
        assert "legal_basis is missing or blank" in done.out

    def test_a_folder_that_is_not_there_or_empty_is_a_wrong_command_line(self, run, tmp_path) -> None:
        missing = run("check", tmp_path / "nowhere")
        assert (missing.code, str(tmp_path / "nowhere") in missing.err) == (2, True)
        (tmp_path / "empty").mkdir()
        empty = run("check", tmp_path / "empty", lang="zh")
        assert (empty.code, "没有规则包" in empty.err) == (2, True)

    def test_a_vocabulary_that_is_no_toml_is_a_problem_not_a_crash(self, run, copied) -> None:
        (copied / "keys.toml").write_text("keys = [", encoding="utf-8")
        done = run("check", copied)
        assert done.code == 1
        assert "keys.toml" in done.out


class TestShow:
    def test_the_row_with_its_mark_source_and_basis(self, run) -> None:
        done = run("show", *STAGES, "--on", "2022-11-15", "--fact", "person=close_contact")
        assert done.code == 0
        assert "at a site 5 days → isolation at home 3 days" in done.out
        for words in ("Mark", "source read", "Legal basis", "传染病防治法", "Source", "http"):
            assert words in done.out

    def test_it_speaks_chinese(self, run) -> None:
        done = run("show", *STAGES, "--on", "2022-11-15", lang="zh")
        for words in ("集中隔离 5 天 → 居家隔离 3 天", "核实程度", "原文已核", "法律依据"):
            assert words in done.out

    def test_json_is_the_explanation(self, run) -> None:
        done = run("show", *STAGES, "--on", "2022-11-15", "--json")
        assert done.json["answer"] == "in_force"
        assert [stage["days"] for stage in done.json["row"]["value"]] == [5, 3]

    def test_silence_is_an_answer_and_not_an_error(self, run) -> None:
        done = run("show", *STAGES, "--on", "2019-01-01")
        assert done.code == 0
        assert "Not in the packs" in done.out
        assert "2020-01-22" in done.out

    def test_the_office_s_own_row_decides_in_its_area(self, run, settings) -> None:
        own = settings.HOME / "packs"
        own.mkdir(parents=True)
        row = {
            "key": "contact.close.stages",
            "value": [{"place": "home_isolation", "days": 2}],
            "scope": {"person": "close_contact"},
            "effective_from": date(2022, 12, 10),
            "effective_to": date(2022, 12, 20),
            "jurisdiction": "CN-9901",
            "authority": "prefecture",
        }
        write_pack(own, "ours", disease="covid-19", rows=[row])
        asked = ("show", *STAGES, "--on", "2022-12-15", "--json")
        assert run(*asked, "--area", "9901").json["row"]["pack"] == "ours"
        assert run(*asked).json["row"]["pack"] != "ours"
        assert run(*asked, "--area", "9901", "--packs", SHIPPED).json["row"]["pack"] != "ours"

    @pytest.mark.parametrize(
        "arguments",
        [
            ("show", "no.such.key", "--on", "2022-11-15"),
            ("show", *STAGES),
            ("show", *STAGES, "--on", "yesterday"),
            ("show", *STAGES, "--on", "2022-11-15", "--fact", "person"),
            ("show", *STAGES, "--on", "2022-11-15", "--fact", "colour=red"),
            ("show", *STAGES, "--on", "2022-11-15", "--area", "nowhere"),
            ("explain", "--on", "2022-11-15"),
            ("explain", *STAGES, "--on", "2022-11-15", "--situation", CONTACT),
            ("explain", "--on", "2022-11-15", "--situation", "disease=covid-19,role=neighbour"),
            ("explain", "--on", "2022-11-15", "--situation", "disease=covid-19,role=close_contact"),
            ("diff",),
            ("diff", SHIPPED, SHIPPED, SHIPPED),
            ("diff", SHIPPED, "--situation", CONTACT),
            ("diff", "/nowhere"),
        ],
    )
    def test_what_cannot_be_asked_is_a_wrong_command_line(self, run, arguments: tuple) -> None:
        done = run(*arguments)
        assert done.code == 2
        assert "Error: " in done.err
        assert "technician" not in done.err

    def test_packs_that_are_not_sound_are_named_and_end_with_one(self, run, copied) -> None:
        spoil(copied, "[[row]]", '[[row]]\njurisdiction = "Shanghai"')
        done = run("show", *STAGES, "--on", "2022-11-15", "--packs", copied)
        assert done.code == 1
        assert "row 1" in done.err

    def test_a_rule_that_differs_by_whom_asks_to_say_which(self, run) -> None:
        done = run("show", "report.case_hours", "--on", "2020-04-10", "--disease", "covid-19")
        assert done.code in (0, 2)
        assert "{'" not in done.err


class TestExplain:
    def test_a_key_tells_its_kind_and_transition(self, run) -> None:
        done = run("explain", *STAGES, "--on", "2022-11-15")
        assert done.code == 0
        for words in ("Kind", "restriction", "Transition", "As the pack words it"):
            assert words in done.out

    def test_a_transition_is_said_in_chinese_without_the_english_of_the_pack(self, run) -> None:
        done = run("explain", *STAGES, "--on", "2022-11-15", lang="zh")
        assert "正在执行的，按原定和新规中较早的一天结束。" in done.out
        english = run("explain", *STAGES, "--on", "2022-11-15", "--json").json["transition"]["text"]
        assert english not in done.out

    def test_a_situation_is_planned_and_every_row_shown_with_its_mark(self, run) -> None:
        done = run("explain", "--situation", CONTACT, "--on", "2022-11-15")
        assert done.code == 0
        for words in ("2022-11-19", "2022-11-22", "8 days", "contact.close.test_days", "source not verified"):
            assert words in done.out

    def test_a_plan_as_json(self, run) -> None:
        done = run("explain", "--situation", CONTACT, "--on", "2022-11-15", "--json")
        assert done.json["answer"] == "plan"
        assert done.json["total_days"] == 8
        assert done.json["last_day"] == "2022-11-22"

    def test_nothing_asked_for_is_said(self, run) -> None:
        done = run("explain", "--situation", CONTACT, "--on", "2023-02-01")
        assert "The rules in force ask for nothing" in done.out


class TestDiff:
    @pytest.fixture
    def shorter(self, copied) -> Path:
        spoil(
            copied,
            'days = 5 }, { place = "home_isolation", days = 3',
            'days = 3 }, { place = "home_isolation", days = 3',
        )
        return copied

    def test_equal_packs_do_not_differ(self, run, copied) -> None:
        done = run("diff", copied)
        assert (done.code, "do not differ" in done.out) == (0, True)

    def test_a_changed_row_is_shown_old_and_new_and_is_no_error(self, run, shorter) -> None:
        done = run("diff", SHIPPED, shorter)
        assert done.code == 0
        assert "at a site 5 days" in done.out
        assert "at a site 3 days" in done.out
        assert "0 rows added, 0 removed, 1 changed" in done.out

    def test_rows_as_json(self, run, shorter) -> None:
        done = run("diff", SHIPPED, shorter, "--json")
        assert done.json["counts"] == {"added": 0, "removed": 0, "changed": 1}
        (change,) = done.json["changes"]
        assert [field["field"] for field in change["fields"]] == ["value"]

    def test_a_situation_is_compared_stage_by_stage(self, run, shorter) -> None:
        asked = ("diff", SHIPPED, shorter, "--situation", CONTACT, "--on", "2022-11-15")
        done = run(*asked)
        assert done.code == 0
        assert "8 days" in done.out
        assert "6 days" in done.out
        assert "2022-11-20" in done.out
        data = run(*asked, "--json").json
        assert data["days_by_place"][0] == {"place": "central", "old": 5, "new": 3}
        assert data["total_days"] == [8, 6]
        assert not data["same_outcome"]
