"""A local row beside the national one: who decides, by the kind of the key."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from fangkong.core.errors import InputError
from fangkong.science.rules import Conflict, InForce, load_rule_book, rule_book
from fangkong.science.rules.packs import load_packs
from fangkong.science.rules.resolver import RuleBook
from fangkong.science.rules.tests.made_books import DAY, KEYS, ask, book_of
from fangkong.science.rules.tests.pack_writer import write_pack

COVID = "covid-19"


def local(key: str, value: Any, **fields: Any) -> dict[str, Any]:
    return {"key": key, "value": value, "authority": "prefecture", "jurisdiction": "CN-9901", **fields}


def overlay(tmp_path: Any, key: str, unit: str, national: Any, here: Any, **fields: Any) -> Any:
    rows = [{"key": key, "value": national, "unit": unit}, local(key, here, unit=unit, **fields)]
    return ask(book_of(tmp_path, rows), key, area="990103")


@pytest.mark.parametrize(
    ("key", "unit", "national", "here", "decides", "why"),
    [
        ("contact.lookback_days", "d", 2, 1, 1, None),
        ("contact.lookback_days", "d", 2, 4, 2, "stricter_than_national"),
        ("x.days", "d", 2, 1, 2, "cannot_be_compared"),
        (
            "contact.close.stages",
            "d",
            [{"place": "central", "days": 7}],
            [{"place": "central", "days": 5}],
            ({"place": "central", "days": 5},),
            None,
        ),
        (
            "contact.close.stages",
            "d",
            [{"place": "central", "days": 7}],
            [{"place": "central", "days": 14}],
            ({"place": "central", "days": 7},),
            "stricter_than_national",
        ),
        (
            "contact.close.stages",
            "d",
            [{"place": "home", "days": 7}],
            [{"place": "central", "days": 5}],
            ({"place": "home", "days": 7},),
            "stricter_than_national",
        ),
        (
            "contact.close.stages",
            "d",
            [{"place": "central", "days": 7}, {"place": "home_monitoring", "days": 3}],
            [{"place": "home_isolation", "days": 7}],
            ({"place": "home_isolation", "days": 7},),
            None,
        ),
        (
            "contact.close.stages",
            "d",
            [{"place": "central", "days": 7}, {"place": "home_monitoring", "days": 3}],
            [{"place": "central", "days": 8}, {"place": "home_monitoring", "days": 2}],
            ({"place": "central", "days": 7}, {"place": "home_monitoring", "days": 3}),
            "stricter_than_national",
        ),
        (
            "contact.close.stages",
            "d",
            [{"place": "central", "days": 7}],
            [{"place": "lakeside_camp", "days": 5}],
            ({"place": "central", "days": 7},),
            "cannot_be_compared",
        ),
        ("contact.close.test_days", "day", {"a": [1, 4]}, {"a": [1]}, {"a": (1,)}, None),
        (
            "contact.close.test_days",
            "day",
            {"a": [1, 4]},
            {"a": [1, 2, 4]},
            {"a": (1, 4)},
            "stricter_than_national",
        ),
        ("x.hours", "h", 12, 8, 8, None),
        ("x.hours", "h", 12, 24, 12, "longer_deadline"),
        ("x.who", "authority", "prefecture", "county", "prefecture", "not_the_deciding_rank"),
        ("x.name", "rule", "one", "two", "one", "national_definition"),
        ("x.forbid", "list", ["a"], ["a", "b"], ("a", "b"), None),
        ("x.forbid", "list", ["a", "b"], ["a"], ("a", "b"), "weakens_safeguard"),
        ("x.rooms", "rooms", 20, 40, 40, None),
        ("x.rooms", "rooms", 20, 10, 20, "gives_less"),
        ("x.goal", "d", 7, 3, 7, "target_binds_nobody"),
    ],
)
def test_a_local_row_beside_the_national_one(
    tmp_path, key: str, unit: str, national: Any, here: Any, decides: Any, why: str | None
) -> None:
    answer = overlay(tmp_path, key, unit, national, here)
    assert answer.value == decides
    if why is None:
        assert "local" in answer.flags
        assert [row.jurisdiction for row in answer.used] == ["CN-9901", "CN"]
    else:
        assert "local_not_applied" in answer.flags
        assert [other.why for other in answer.others] == [why]


REASON = {"reason": "a new variant", "evidence": "https://example.org/e", "approved_by": "province"}
TWO_WEEKS = {"effective_from": date(2030, 4, 25), "effective_to": date(2030, 5, 9)}


def test_a_stricter_local_row_counts_with_reason_approval_and_a_near_end(tmp_path) -> None:
    answer = overlay(tmp_path, "contact.lookback_days", "d", 2, 4, stricter=REASON, **TWO_WEEKS)
    assert answer.value == 4
    assert "stricter_with_reason" in answer.flags


@pytest.mark.parametrize(
    "lacking",
    [
        {"stricter": {**REASON, "reason": ""}},
        {"stricter": {**REASON, "evidence": ""}},
        {"stricter": {**REASON, "approved_by": "prefecture"}},
        {"effective_to": date(2030, 5, 10)},
    ],
)
def test_a_stricter_local_row_that_lacks_one_thing_is_shown_not_applied(tmp_path, lacking) -> None:
    fields = {"stricter": REASON, **TWO_WEEKS, **lacking}
    answer = overlay(tmp_path, "contact.lookback_days", "d", 2, 4, **fields)
    assert answer.value == 2
    assert [other.why for other in answer.others] == ["stricter_than_national"]


def test_a_local_row_speaks_of_its_own_area_only(tmp_path) -> None:
    book = book_of(tmp_path, [{"key": "x.hours", "value": 12, "unit": "h"}, local("x.hours", 8, unit="h")])
    assert [ask(book, "x.hours", area=area).value for area in ("9901", "990103", "9902", "CN")] == [
        8,
        8,
        12,
        12,
    ]


def test_a_local_row_without_a_national_one_decides_and_says_so(tmp_path) -> None:
    answer = ask(book_of(tmp_path, [local("x.days", 3)]), "x.days", area="990103")
    assert answer.value == 3
    assert set(answer.flags) >= {"local", "no_national_row"}


def test_an_office_adds_its_own_folder_to_the_shipped_packs(tmp_path) -> None:
    shorter = local(
        "contact.close.transfer_within_hours",
        6,
        unit="h",
        scope={"person": "close_contact"},
        effective_from=date(2021, 6, 1),
    )
    write_pack(tmp_path, "our-city", disease=COVID, rows=[shorter])
    answer = rule_book(tmp_path).resolve(
        "contact.close.transfer_within_hours",
        on=date(2021, 10, 20),
        disease=COVID,
        area="990103",
        scope={"person": "close_contact"},
    )
    assert isinstance(answer, InForce)
    assert (answer.value, answer.row.pack) == (6, "our-city")
    # The national ceiling was a secondary source: the decision carries its mark.
    assert answer.confidence == "secondary"


def test_two_packs_of_one_name_are_refused(tmp_path) -> None:
    write_pack(tmp_path, "fever", disease="fever", rows=[{"key": "x.days", "value": 1}])
    packs = load_packs(tmp_path, KEYS)
    with pytest.raises(InputError, match=r"rules\.pack_name_taken"):
        RuleBook([*packs, *packs], KEYS)


def test_an_unsound_folder_is_not_loaded(tmp_path) -> None:
    write_pack(tmp_path, "fever", disease="fever", rows=[{"key": "x.unknown", "value": 1}])
    with pytest.raises(InputError) as refusal:
        load_rule_book(tmp_path)
    assert refusal.value.code == "rules.packs_invalid"
    assert {problem.code for problem in refusal.value.params["problems"]} >= {"row_key_unknown"}


def test_a_broad_local_row_does_not_replace_a_narrower_national_one(tmp_path) -> None:
    national = {"key": "x.hours", "value": 12, "unit": "h", "scope": {"person": "nurse"}}
    book = book_of(tmp_path, [national, local("x.hours", 8, unit="h")])
    answer = ask(book, "x.hours", area="990103", person="nurse")
    assert (answer.value, [other.why for other in answer.others]) == (12, ["broader_scope"])
    assert ask(book, "x.hours", area="990103", person="cook").value == 8


def test_a_local_and_a_national_row_of_one_different_fact_each_are_a_conflict(tmp_path) -> None:
    national = {"key": "x.days", "value": 5, "scope": {"person": "nurse"}}
    book = book_of(tmp_path, [national, local("x.days", 3, scope={"area": "high"})])
    answer = book.resolve(
        "x.days", on=DAY, disease="fever", area="990103", scope={"person": "nurse", "area": "high"}
    )
    assert isinstance(answer, Conflict)


def test_a_district_is_measured_against_the_nation_not_against_its_city(tmp_path) -> None:
    rows = [
        {"key": "x.hours", "value": 12, "unit": "h"},
        local("x.hours", 6, unit="h"),
        local("x.hours", 8, unit="h", jurisdiction="CN-990103", authority="county"),
    ]
    book = book_of(tmp_path, rows)
    answer = ask(book, "x.hours", area="990103")
    assert (answer.value, [other.why for other in answer.others]) == (8, ["narrower_area_decides"])
    assert ask(book, "x.hours", area="990104").value == 6
