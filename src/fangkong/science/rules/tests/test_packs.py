"""The packs that ship, the check of a folder, and the documents in force."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from fangkong.core.errors import InputError
from fangkong.science.rules import documents_in_force, jurisdiction_of, load, plain, validate_folder
from fangkong.science.rules.overlay import resolution_data
from fangkong.science.rules.packs import SHIPPED, frozen, load_keys
from fangkong.science.rules.resolver import RuleBook
from fangkong.science.rules.tests.pack_writer import FULL_ROW, write_keys, write_pack

KEYS = {"x.days": {"kind": "restriction", "units": ["d"], "scopes": ["person"]}}


def test_the_shipped_packs_have_no_errors_and_three_known_gaps() -> None:
    problems = validate_folder(SHIPPED)
    assert [problem for problem in problems if problem.severity == "error"] == []
    assert {(problem.pack, problem.key) for problem in problems} == {
        ("covid19-cn-early.toml", "contact.index_cases"),
        ("covid19-cn-early.toml", "case.types"),
        ("covid19-cn-early.toml", "report.case_hours"),
    }


def test_every_shipped_row_is_loaded_and_has_a_name_of_its_own(book: RuleBook) -> None:
    written = sum(path.read_text(encoding="utf-8").count("[[row]]") for path in SHIPPED.glob("*.toml"))
    names = [row.row_id for pack in book.packs for row in pack.rows]
    assert len(names) == len(set(names)) == written > 0
    assert max(map(len, names)) <= 200


def test_values_can_be_hashed_pickled_and_written_as_json(book: RuleBook) -> None:
    for pack in book.packs:
        for row in pack.rows:
            assert hash(row) == hash(pickle.loads(pickle.dumps(row)))
            assert plain(frozen(json.loads(json.dumps(plain(row.value))))) == plain(row.value)


def test_every_direction_names_a_key_of_the_vocabulary() -> None:
    keys = load_keys(SHIPPED)
    for key, direction in resolution_data()["direction"].items():
        assert keys[key].kind == "restriction"
        assert direction in ("more", "fewer")


def codes(folder: Any) -> set[str]:
    return {problem.code for problem in validate_folder(folder, KEYS)}


def test_a_sound_folder_has_no_problems(tmp_path) -> None:
    write_pack(tmp_path, "sound", disease="fever", rows=[{"key": "x.days", "value": 5}])
    assert validate_folder(tmp_path, KEYS) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"note_zh": ""}, "row_field_missing"),
        ({"source": []}, "row_without_source"),
        ({"confidence": "sure"}, "row_confidence"),
        ({"authority": "mayor"}, "row_authority"),
        ({"end_basis": "read"}, "row_end_basis"),
        ({"end_basis": "guess", "effective_to": date(2031, 1, 1)}, "row_end_basis"),
        ({"document": "other"}, "row_document_unknown"),
        ({"unit": "h"}, "row_unit"),
        ({"scope": {"place": "city"}}, "row_scope_field"),
        ({"effective_to": date(2029, 1, 1)}, "row_dates"),
        ({"effective_from": date(1999, 1, 1)}, "row_outside_coverage"),
        ({"stricter": {"why": "because"}}, "row_stricter_field"),
    ],
)
def test_an_unsound_row_is_named_with_its_number_and_key(tmp_path, change: dict, code: str) -> None:
    good = {"key": "x.days", "value": 5, "effective_to": date(2030, 12, 31)}
    bad = {"key": "x.days", "value": 6, "effective_from": date(2031, 1, 1), **change}
    write_pack(tmp_path, "unsound", disease="fever", rows=[good, bad])
    (problem,) = [each for each in validate_folder(tmp_path, KEYS) if each.code == code]
    assert (problem.pack, problem.row, problem.key) == ("unsound.toml", 2, "x.days")


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ({"to": date(1999, 1, 1)}, "coverage_dates"),
        ({"areas": []}, "coverage_field_missing"),
        ({"complete": "yes"}, "coverage_field_missing"),
        ({"until": date(2031, 1, 1)}, "coverage_field_unknown"),
        ({"keys": ["y.*"]}, "coverage_key_unknown"),
        ({"basis": ["other"]}, "coverage_document_unknown"),
        ({"complete": True}, "coverage_without_basis"),
    ],
)
def test_an_unsound_coverage_is_named(tmp_path, entry: dict, code: str) -> None:
    rows = [{"key": "x.days", "value": 5}]
    write_pack(tmp_path, "unsound", disease="fever", rows=rows, coverage=[{"keys": ["x.*"], **entry}])
    assert code in codes(tmp_path)


def test_a_complete_coverage_never_rests_on_an_unverified_row(tmp_path) -> None:
    rows = [{"key": "x.days", "value": 5, "confidence": "unverified"}]
    entry = {"keys": ["x.days"], "complete": True, "basis": ["doc"]}
    write_pack(tmp_path, "unsound", disease="fever", rows=rows, coverage=[entry])
    assert codes(tmp_path) == {"complete_coverage_on_unverified_row"}


def test_overlap_on_one_timeline_is_an_error_and_a_gap_is_shown(tmp_path) -> None:
    def rows(next_on: date) -> list[dict[str, Any]]:
        return [
            {"key": "x.days", "value": 5, "effective_to": date(2030, 6, 30)},
            {"key": "x.days", "value": 6, "effective_from": next_on},
        ]

    write_pack(tmp_path, "p", disease="fever", rows=rows(date(2030, 6, 30)))
    assert [(p.code, p.severity) for p in validate_folder(tmp_path, KEYS)] == [("rows_overlap", "error")]
    write_pack(tmp_path, "p", disease="fever", rows=rows(date(2030, 7, 2)))
    assert [(p.code, p.severity) for p in validate_folder(tmp_path, KEYS)] == [("timeline_gap", "gap")]
    write_pack(tmp_path, "p", disease="fever", rows=rows(date(2030, 7, 1)))
    assert validate_folder(tmp_path, KEYS) == []


def _break_toml(folder: Any) -> None:
    (folder / "broken.toml").write_text("key = ", encoding="utf-8")


def _no_rows(folder: Any) -> None:
    (folder / "empty.toml").write_text('pack = "empty"\n', encoding="utf-8")


def _same_name(folder: Any) -> None:
    path = write_pack(folder, "twin", disease="fever", rows=[{"key": "x.days", "value": 5}])
    (folder / "twin2.toml").write_text(path.read_text(encoding="utf-8"), encoding="utf-8")


def _own_keys(folder: Any) -> None:
    (known, entry), *_ = KEYS.items()
    write_keys(folder, {known: {**entry, "kind": "target"}, "x.new": {"kind": "wish", "units": ["d"]}})


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (_break_toml, {"not_toml"}),
        (_no_rows, {"pack_field_missing"}),
        (_same_name, {"pack_name_taken"}),
        (_own_keys, {"key_redefined", "key_kind", "key_unused"}),
    ],
)
def test_an_unsound_folder_is_named(tmp_path, spoil: Callable[[Any], None], expected: set[str]) -> None:
    spoil(tmp_path)
    assert codes(tmp_path) == expected


@pytest.mark.parametrize("kept", ["measles.toml", "covid19-cn-control-plan.toml"])
def test_a_folder_may_hold_one_pack_and_the_whole_vocabulary(tmp_path, book: RuleBook, kept: str) -> None:
    for name in ("keys.toml", kept):
        (tmp_path / name).write_bytes((SHIPPED / name).read_bytes())
    assert {(each.code, each.severity) for each in validate_folder(tmp_path)} <= {("key_unused", "warning")}
    (pack,) = load(tmp_path).packs
    assert pack in book.packs


def test_a_local_folder_may_repeat_the_shipped_vocabulary(tmp_path) -> None:
    (tmp_path / "keys.toml").write_bytes((SHIPPED / "keys.toml").read_bytes())
    write_pack(tmp_path, "fever", disease="fever", rows=[{"key": "contact.observe_days", "value": 6}])
    asked = load(SHIPPED, str(tmp_path)).resolve("contact.observe_days", on="2030-01-01", disease="fever")
    assert asked.value == 6


def test_what_an_editor_leaves_behind_does_no_harm(tmp_path) -> None:
    write_keys(tmp_path, KEYS)
    path = write_pack(tmp_path, "fever", disease="fever", rows=[{"key": "x.days", "value": 5}])
    for each in (path, tmp_path / "keys.toml"):
        each.write_bytes(b"\xef\xbb\xbf" + each.read_bytes().replace(b"\n", b"\r\n"))
    (tmp_path / "._fever.toml").write_bytes(b"\x00\x05\x16\x07")
    (tmp_path / "README.md").write_text("# Packs", encoding="utf-8")
    (tmp_path / "check_packs.py").write_text("raise SystemExit(1)", encoding="utf-8")
    assert load(tmp_path).resolve("x.days", on="2030-01-01", disease="fever").value == 5


def test_a_vocabulary_that_is_no_toml_is_a_problem_by_name(tmp_path) -> None:
    write_pack(tmp_path, "fever", disease="fever", rows=[{"key": "x.days", "value": 5}])
    for text in ("a = [", "keys = 3", '[keys."x.days"]\nkind = 3\n'):
        (tmp_path / "keys.toml").write_text(text, encoding="utf-8")
        for folders in ((tmp_path,), (SHIPPED, tmp_path)):
            with pytest.raises(InputError, match=r"rules\.packs_invalid") as refused:
                load(*folders)
            assert refused.value.params["problems"][0].pack == "keys.toml"


def test_a_row_may_not_leave_out_any_required_field(tmp_path) -> None:
    for absent in FULL_ROW:
        path = write_pack(tmp_path, "p", disease="fever", rows=[{"key": "x.days", "value": 5}])
        head, row = path.read_text(encoding="utf-8").split("[[row]]")
        kept = [line for line in row.splitlines() if not line.startswith(f'"{absent}"')]
        path.write_text(head + "[[row]]" + "\n".join(kept), encoding="utf-8")
        assert "row_field_missing" in codes(tmp_path), absent


def test_areas_are_written_one_way() -> None:
    assert [jurisdiction_of(area) for area in ("310000", "CN-310000", "31", "CN", "INT", "CN-local")] == [
        "CN-31",
        "CN-31",
        "CN-31",
        "CN",
        "INT",
        "CN-local",
    ]


@pytest.mark.parametrize(
    ("on", "documents"),
    [
        (date(2020, 1, 10), []),
        (date(2020, 3, 1), ["ed2", "ed5"]),
        (date(2021, 10, 20), ["ed8"]),
        (date(2022, 7, 1), ["ed8", "ed9", "qa9"]),
        (date(2023, 1, 8), ["m20", "bb"]),
    ],
)
def test_the_control_documents_in_force_on_a_day(book: RuleBook, on: date, documents: list[str]) -> None:
    listed = documents_in_force(book, on=on, disease="covid-19")
    assert [each.document.document_id for each in listed] == documents
    assert all(row.in_force(on) for each in listed for row in each.rows)


def test_a_document_in_force_has_its_title_and_lowest_mark(book: RuleBook) -> None:
    (edition_8,) = documents_in_force(book, on=date(2021, 10, 20), disease="covid-19")
    assert edition_8.document.title_zh == "新型冠状病毒肺炎防控方案（第八版）"
    assert edition_8.confidence == "unverified"
