"""A lawyer's slip is a named problem: whatever stands in a pack, the check answers and never stops."""

from __future__ import annotations

import copy
from collections import defaultdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fangkong.core.errors import InputError
from fangkong.science.rules.packs import SHIPPED, KeyRule, _pack, load_packs
from fangkong.science.rules.row_validation import row_problems, shape_expected
from fangkong.science.rules.tests.pack_writer import FULL_ROW, write_keys, write_pack
from fangkong.science.rules.validation import _pack_problems, validate_folder, validate_folders

KEYS: dict[str, dict[str, Any]] = {
    "x.days": {"kind": "restriction", "units": ["d"], "scopes": ["person"]},
    "x.rule": {"kind": "definition", "units": ["rule"], "scopes": []},
    "x.tests": {"kind": "restriction", "units": ["day"], "scopes": []},
    "contact.close.stages": {"kind": "restriction", "units": ["d"], "scopes": []},
    "contact.close.test_days": {"kind": "restriction", "units": ["day"], "scopes": []},
}
ROW = {"key": "x.days", "value": 5}


def problems(folder: Path) -> set[tuple[str, str]]:
    return {(each.code, each.severity) for each in validate_folder(folder, KEYS)}


def test_the_packs_that_ship_have_neither_errors_nor_warnings() -> None:
    assert {each.severity for each in validate_folder(SHIPPED)} == {"gap"}


def test_a_folder_that_is_not_there_or_holds_no_pack_is_refused(tmp_path) -> None:
    with pytest.raises(InputError) as missing:
        validate_folder(tmp_path / "nowhere")
    assert (missing.value.code, missing.value.params["folder"]) == (
        "rules.folder_unknown",
        str(tmp_path / "nowhere"),
    )
    with pytest.raises(InputError) as empty:
        validate_folder(tmp_path)
    assert empty.value.code == "rules.folder_empty"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"legal_basis": "  "}, "row_field_missing"),
        ({"legal_basis": 39}, "row_field_not_text"),
        ({"legal_basis": ["law", "article"]}, "row_field_not_text"),
        ({"source": "https://example.org"}, "row_without_source"),
        ({"source": ["  "]}, "row_without_source"),
        ({"document": ["doc"]}, "row_field_not_text"),
        ({"document": "other"}, "row_document_unknown"),
        ({"confidence": ["verified"]}, "row_field_not_text"),
        ({"scope": "everybody"}, "row_scope_not_a_table"),
        ({"scope": {"person": ["case", "contact"]}}, "row_scope_value"),
        ({"effective_from": "2030-01-01"}, "row_date_not_a_day"),
        ({"effective_to": datetime(2031, 1, 1, 8, tzinfo=UTC)}, "row_date_not_a_day"),
        ({"effective_to": date(2029, 1, 1)}, "row_dates"),
        ({"date_precision": "week"}, "row_date_precision"),
        ({"jurisdiction": "Shanghai"}, "row_jurisdiction"),
        ({"jurisdiction": 31}, "row_jurisdiction"),
        ({"stricter": "because"}, "row_stricter_not_a_table"),
        ({"transition_rule": "earlier_end"}, "transition_rule_not_a_table"),
        ({"transition_rule": {"running": "later_end"}}, "transition_rule_code"),
        ({"transition_rule": {"running": ["own_end"]}}, "transition_rule_code"),
        ({"transition_rule": {"old_cases": "own_end"}}, "transition_rule_field"),
        ({"value": "7"}, "row_value_shape"),
        ({"value": -1}, "row_value_shape"),
        ({"value": True}, "row_value_shape"),
    ],
)
def test_a_slip_in_a_row_is_an_error_with_pack_row_and_key(tmp_path, change: dict, code: str) -> None:
    write_pack(tmp_path, "p", disease="fever", rows=[{**ROW, "effective_to": date(2030, 1, 31)}])
    path = tmp_path / "p.toml"
    write_pack(tmp_path, "q", disease="fever", rows=[{**ROW, "effective_from": date(2030, 2, 1), **change}])
    second = (tmp_path / "q.toml").read_text(encoding="utf-8").split("[[row]]")[1]
    (tmp_path / "q.toml").unlink()
    path.write_text(path.read_text(encoding="utf-8") + "\n[[row]]" + second, encoding="utf-8")
    (found,) = [each for each in validate_folder(tmp_path, KEYS) if each.code == code]
    assert (found.pack, found.row, found.key, found.severity) == ("p.toml", 2, "x.days", "error")


@pytest.mark.parametrize(
    "rule", [{}, {"running": "earlier_end"}, {"running": "ends_on_start", "new_cases": "event_day"}]
)
def test_the_known_transitions_are_sound(tmp_path, rule: dict) -> None:
    write_pack(tmp_path, "p", disease="fever", rows=[{**ROW, "transition_rule": rule}])
    assert validate_folder(tmp_path, KEYS) == []


@pytest.mark.parametrize(
    ("key", "unit", "value", "expected"),
    [
        ("a.stages", "d", [], ""),
        ("a.stages", "d", [{"place": "central", "days": 7, "choice": "own"}], ""),
        ("a.stages", "d", 7, "stages"),
        ("a.stages", "d", [{"place": "central"}], "stages"),
        ("a.stages", "d", [{"place": "central", "days": -1}], "stages"),
        ("a.stages", "d", [{"place": "central", "days": "7"}], "stages"),
        ("a.test_days", "day", {"central": [1, 4]}, ""),
        ("a.test_days", "day", {"central": 4}, "test_days"),
        ("a.test_days", "day", [1, 4], "test_days"),
        ("a.hours", "h", 2, ""),
        ("a.hours", "h", 0.5, ""),
        ("a.hours", "h", {"ward": 2}, ""),
        ("a.hours", "h", float("nan"), "quantity"),
        ("a.share", "percent", "ten", "quantity"),
        ("a.flag", "bool", 1, "yes_no"),
        ("a.names", "list", ["one", 2], "list"),
        ("a.names", "list", "one", "list"),
        ("a.on", "date", date(2030, 1, 1), ""),
        ("a.on", "date", 2030, "day"),
        ("a.how", "rule", 3, "rule"),
        ("a.who", "authority", 3, "word"),
    ],
)
def test_the_shape_of_a_value_follows_its_unit(key: str, unit: str, value: Any, expected: str) -> None:
    assert shape_expected(key, unit, value) == expected


def test_a_test_day_beyond_its_stage_is_a_warning_only(tmp_path) -> None:
    stages = {"key": "contact.close.stages", "value": [{"place": "central", "days": 7}]}
    tests = {"key": "contact.close.test_days", "unit": "day", "value": {"central": [1, 8], "home": [2]}}
    write_pack(tmp_path, "p", disease="fever", rows=[stages, tests])
    found = validate_folder(tmp_path, KEYS)
    assert [(each.code, each.severity, each.row) for each in found] == [
        ("test_day_outside_stage", "warning", 2)
    ] * 2
    assert [each.params for each in found] == [
        {"place": "central", "day": 8, "days": 7},
        {"place": "home", "day": 2, "days": 0},
    ]


def test_a_value_that_names_an_unknown_key_and_an_unknown_field_are_warnings(tmp_path) -> None:
    row = {"key": "x.rule", "unit": "rule", "value": {"until": "x.gone"}, "remark": "see page 3"}
    write_pack(tmp_path, "p", disease="fever", rows=[row])
    assert problems(tmp_path) == {
        ("row_refers_to_unknown_key", "warning"),
        ("row_field_unknown", "warning"),
    }


class TestTwoPacks:
    """Rows of two packs that nobody could choose between."""

    def pair(self, folder: Path, first: dict, second: dict, **kwargs: Any) -> list[tuple[str, Any]]:
        write_pack(folder, "a", disease="fever", rows=[{**ROW, **first}])
        write_pack(folder, "b", **{"disease": "fever", "rows": [{**ROW, **second}], **kwargs})
        return [(each.code, each.params.get("with_pack")) for each in validate_folder(folder, KEYS)]

    def test_one_day_in_common_is_a_tie(self, tmp_path) -> None:
        first = {"effective_to": date(2030, 3, 1)}
        assert self.pair(tmp_path, first, {"effective_from": date(2030, 3, 1)}) == [
            ("packs_overlap", "a.toml")
        ]

    def test_one_after_the_other_is_sound(self, tmp_path) -> None:
        first = {"effective_to": date(2030, 3, 1)}
        assert self.pair(tmp_path, first, {"effective_from": date(2030, 3, 2)}) == []

    def test_two_spellings_of_one_place_are_one_place(self, tmp_path) -> None:
        both = {"jurisdiction": "CN-310000"}, {"jurisdiction": "CN-31"}
        assert self.pair(tmp_path, *both) == [("packs_overlap", "a.toml")]

    @pytest.mark.parametrize(
        "other",
        [{"scope": {"person": "case"}}, {"jurisdiction": "CN-31"}, {"authority": "province"}],
    )
    def test_another_scope_place_or_rank_is_no_tie(self, tmp_path, other: dict) -> None:
        assert self.pair(tmp_path, {}, other) == []

    def test_the_row_of_a_disease_goes_before_that_of_any_disease(self, tmp_path) -> None:
        assert self.pair(tmp_path, {}, {}, disease="any") == []

    def test_it_is_found_between_folders_too(self, tmp_path) -> None:
        for name in ("city", "office"):
            (tmp_path / name).mkdir()
            write_pack(tmp_path / name, f"rows-of-{name}", disease="fever", rows=[ROW])
        (found,) = validate_folders(tmp_path / "city", tmp_path / "office", keys=KEYS)
        assert found.code == "packs_overlap"
        assert found.pack == "office/rows-of-office.toml"
        assert found.params["with_pack"] == "city/rows-of-city.toml"

    def test_a_later_folder_may_use_the_words_of_an_earlier_one(self, tmp_path) -> None:
        for name in ("city", "office"):
            (tmp_path / name).mkdir()
        write_keys(tmp_path / "city", {"x.days": KEYS["x.days"]})
        write_pack(tmp_path / "city", "one", disease="fever", rows=[ROW])
        write_pack(tmp_path / "office", "two", disease="cough", rows=[ROW])
        assert validate_folders(tmp_path / "city", tmp_path / "office") == []
        assert {each.code for each in validate_folders(tmp_path / "office", tmp_path / "city")} >= {
            "row_key_unknown"
        }

    def test_two_folders_with_one_pack_name_cannot_both_be_read(self, tmp_path) -> None:
        for name in ("city", "office"):
            (tmp_path / name).mkdir()
            write_pack(tmp_path / name, "same", disease=name, rows=[ROW])
        (found,) = validate_folders(tmp_path / "city", tmp_path / "office", keys=KEYS)
        assert (found.code, found.pack, found.params["by"]) == (
            "pack_name_taken",
            "office/same.toml",
            "city/same.toml",
        )


def test_a_long_row_overlaps_what_comes_after_the_next_one_too(tmp_path) -> None:
    spans = [(1, 12), (2, 3), (5, 6)]
    rows = [
        {**ROW, "effective_from": date(2030, first, 1), "effective_to": date(2030, last, 1)}
        for first, last in spans
    ]
    write_pack(tmp_path, "p", disease="fever", rows=rows)
    found = validate_folder(tmp_path, KEYS)
    assert [(each.row, each.code, each.params["with_row"]) for each in found] == [
        (2, "rows_overlap", 1),
        (3, "rows_overlap", 1),
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("pack = 3\n", "pack_field_missing"),
        ('pack = 3\ndisease = "f"\njurisdiction = "CN"\ndocuments = {a = 1}\nrow = [1]\n', "pack_field_type"),
        (
            'pack = "p"\ndisease = "f"\njurisdiction = "China"\ndocuments = {a = 1}\nrow = [1]\n',
            "pack_jurisdiction",
        ),
        (
            'pack = "p"\ndisease = "f"\njurisdiction = "CN"\ndocuments = {a = 1}\nrow = [1]\n',
            "row_not_a_table",
        ),
        (
            'pack = "p"\ndisease = "f"\njurisdiction = "CN"\ndocuments = {a = 1}\nrow = [1]\n',
            "document_not_a_table",
        ),
        (
            'pack = "p"\ndisease = "f"\njurisdiction = "CN"\ncoverage = [1]\ndocuments = {a = 1}\nrow = [1]\n',
            "coverage_not_a_table",
        ),
        ("x = " + "[" * 2000 + "]" * 2000, "not_toml"),
    ],
)
def test_a_file_of_the_wrong_build_is_named(tmp_path, text: str, code: str) -> None:
    (tmp_path / "p.toml").write_text(text, encoding="utf-8")
    assert code in {each.code for each in validate_folder(tmp_path, KEYS)}


@pytest.mark.parametrize("text", ["keys = 3", '["keys"]\n"x.days" = 3', '["keys"."x.new"]\nkind = ["duty"]'])
def test_a_vocabulary_of_the_wrong_build_is_named(tmp_path, text: str) -> None:
    (tmp_path / "keys.toml").write_text(text, encoding="utf-8")
    write_pack(tmp_path, "p", disease="fever", rows=[ROW])
    assert {each.pack for each in validate_folder(tmp_path, KEYS)} == {"keys.toml"}


def test_a_folder_named_like_a_pack_cannot_be_read(tmp_path) -> None:
    (tmp_path / "p.toml").mkdir()
    assert problems(tmp_path) == {("cannot_be_read", "error")}


PACK: dict[str, Any] = {
    "pack": "p",
    "disease": "fever",
    "jurisdiction": "CN",
    "title_zh": "发热",
    "documents": {"doc": {"title": "方案", "source": ["https://example.org"], "issued_on": date(2000, 1, 1)}},
    "coverage": [
        {
            "from": date(2000, 1, 1),
            "areas": ["CN"],
            "keys": ["x.*"],
            "complete": True,
            "basis": ["doc"],
            "missing": [],
            "note_en": "read",
        }
    ],
    "row": [{**FULL_ROW, **ROW, "transition_rule": {"running": "own_end"}, "stricter": {"reason": "r"}}],
}

ANYTHING = st.recursive(
    st.one_of(
        st.booleans(),
        st.integers(-3, 40),
        st.floats(),
        st.text(max_size=4),
        st.dates(),
        st.datetimes(),
        st.sampled_from(["CN", "x.days", "verified", "doc", "own_end"]),
    ),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place inside ``value``, as the way to it."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = [each for name, one in inner for each in places(one, (*path, name))]
    return [path, *found] if path else found


@given(place=st.sampled_from(places(PACK)), wrong=ANYTHING)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_type_in_any_place_stops_the_check_and_what_it_passes_loads(
    place: tuple[Any, ...], wrong: Any
) -> None:
    pack = copy.deepcopy(PACK)
    thing = pack
    for name in place[:-1]:
        thing = thing[name]
    thing[place[-1]] = wrong
    found = list(_pack_problems("p.toml", pack, KEYS, defaultdict(list)))
    assert all(each.code and each.pack == "p.toml" for each in found)
    if all(each.severity != "error" for each in found):
        assert len(_pack(pack).rows) == len(pack["row"])


@given(row=ANYTHING)
@settings(max_examples=100, deadline=None)
def test_a_row_of_any_type_is_answered(row: Any) -> None:
    assert all(each.severity == "error" for each in row_problems("p.toml", 1, row, {}, KEYS))


def test_what_the_check_lets_through_can_be_loaded(tmp_path) -> None:
    write_pack(tmp_path, "p", disease="fever", rows=[ROW])
    rules = {key: KeyRule(key, e["kind"], tuple(e["units"]), tuple(e["scopes"])) for key, e in KEYS.items()}
    assert validate_folder(tmp_path, KEYS) == []
    (pack,) = load_packs(tmp_path, rules)
    assert pack.rows[0].value == 5


def test_one_folder_is_checked_alike_either_way() -> None:
    assert validate_folders(SHIPPED) == validate_folder(SHIPPED)
