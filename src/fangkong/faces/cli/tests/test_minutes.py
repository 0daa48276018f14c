"""``fangkong minutes read``: lists for people, JSON for programs, a clear refusal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from fangkong.faces.cli.main import cli
from fangkong.faces.words.catalogue import has_word, word
from fangkong.science.minutes import alarms, damage, details, owners
from fangkong.science.minutes.clauses import Clause
from fangkong.science.minutes.lexicon import lexicon
from fangkong.science.minutes.minutes import read
from fangkong.science.minutes.repaired import SCRIPT
from fangkong.science.minutes.tests.annotation import NAMES, annotated
from fangkong.science.minutes.tests.pages import PORTAL, REPORT


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "会议.txt"
    path.write_text(PORTAL.replace("{report}", REPORT), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("zh", ["2022-03-09", "应对疫情工作领导小组", "主持并讲话", "决定事项", "责任方：各区（原文写明）"]),
        ("en", ["numbered meeting #7", "presided and spoke", "Decisions", "Owner: 各区 (stated)"]),
    ],
)  # fmt: skip
def test_people_get_meetings_then_clauses_by_class(page: Path, lang: str, words: list[str]) -> None:
    result = CliRunner().invoke(cli, ["--lang", lang, "minutes", "read", str(page)])
    assert result.exit_code == 0
    for expected in words:
        assert expected in result.output, expected
    assert "柳堤区今年种树" not in result.output


def test_programs_get_json(page: Path) -> None:
    result = CliRunner().invoke(cli, ["minutes", "read", str(page), "--json"])
    found = json.loads(result.output)
    text = page.read_text(encoding="utf-8")
    assert found["meetings"][0]["number"] == 7
    assert all(text[slice(*clause["span"])] == clause["quote"] for clause in found["clauses"])


def test_a_refusal_says_what_to_do(tmp_path: Path) -> None:
    scan = tmp_path / "扫描.png"
    scan.write_bytes(b"\x89PNG\r\n")
    result = CliRunner().invoke(cli, ["--lang", "zh", "minutes", "read", str(scan)], standalone_mode=False)
    assert result.return_value == 1
    assert "扫描.png" in result.output
    assert "粘贴文字" in result.output


def test_a_page_without_a_report_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("首页\n登录\n", encoding="utf-8")
    result = CliRunner().invoke(cli, ["--lang", "en", "minutes", "read", str(path)], standalone_mode=False)
    assert result.return_value == 1
    assert "No meeting report" in result.output


def test_every_role_that_the_lexicon_gives_has_words() -> None:
    roles = lexicon("words/names")["roles"]
    named = {"arranged": "made_the_arrangements"}
    assert all(has_word(f"minutes.role.{named.get(role, role)}") for role in roles)


CODES = {
    "evidence": {topic["evidence"] for topic in lexicon("words/topics").values()} | {"document_issued"},
    "alarm": set(lexicon("words/alarms")) | {alarms.OUT_OF_SCOPE, alarms.UNKNOWN_ORGANISATION},
    "time": {meaning for _, meaning in lexicon("words/details")["time"]["words"]},
    "deadline": {
        details.BY_DATE, details.WITHIN, details.DAILY, details.WEEKLY, details.BEFORE_EVENT
    },
    "deadline_basis": {"stated", "year_of_meeting", "day_of_meeting"},
    "why": {name for name in lexicon("words/acts") if name not in ("create", "light", "sweep", "nominal")}
    | {name for name in lexicon("words/principles") if name != "measurable_aim"}
    | {"narrative", "situation", "topic", "lead_in", "quantity", "deadline", "citizen", "leads", "heading"},
    "repair": {SCRIPT, damage.PINYIN, damage.PUNCTUATION, damage.GARBLED, damage.TRUNCATED},
    "level": set(lexicon("words/owners")["levels"]),
    "issuing_level": set(lexicon("words/meetings")["levels"]),
    "owner_basis": {owners.STATED, owners.CARRIED_OVER, owners.IMPLIED},
}  # fmt: skip


@pytest.mark.parametrize("prefix", sorted(CODES))
def test_every_code_that_a_reading_can_give_has_words(prefix: str) -> None:
    assert CODES[prefix]
    missing = [code for code in sorted(CODES[prefix]) if not has_word(f"minutes.{prefix}.{code}")]
    assert missing == []


def codes_of(clause: Clause) -> list[tuple[str, str]]:
    found = [("why", reason.partition(":")[0]) for reason in clause.why]
    found += [("alarm", code) for code in clause.alarms] + [("repair", code) for code in clause.repairs]
    found += [("evidence", clause.evidence)] if clause.evidence else []
    found += [("time", clause.time.meaning)] if clause.time else []
    if clause.deadline:
        found += [("deadline", clause.deadline.kind), ("deadline_basis", clause.deadline.basis)]
    if clause.owner:
        found += [("owner_basis", clause.owner.basis)]
        found += [("level", clause.owner.level)] if clause.owner.level else []
    return found


def test_the_code_lists_name_every_code_that_turns_up() -> None:
    """A reading that gives a code which no list names would show a page without words."""
    pages = [annotated(name)[0] for name in NAMES] + [PORTAL.replace("{report}", REPORT)]
    seen = {code for text in pages for clause in read(text).clauses for code in codes_of(clause)}
    assert len(seen) > 40
    assert [code for code in sorted(seen) if code[1] not in CODES[code[0]]] == []


def test_the_words_that_decided_are_printed_on_demand(page: Path) -> None:
    plain = CliRunner().invoke(cli, ["--lang", "en", "minutes", "read", str(page)]).output
    told = CliRunner().invoke(cli, ["--lang", "en", "minutes", "read", str(page), "--why"]).output
    assert "Because of:" not in plain
    assert f"({word('minutes.why.deadline', 'en')})" in told
    assert "Deadline: 3月12日18时前 (by a date or hour, 2022-03-12T18:00)" in told
    assert "Proof: document issued" in told
