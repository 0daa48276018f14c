"""An explanation is data: it says everything that led to the answer and can be written as JSON."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from fangkong.science.rules import RuleBook
from fangkong.science.rules.explain import explain, key_coverage, key_rows
from fangkong.science.rules.tests.made_books import ask, book_of

ON = date(2022, 11, 15)
CONTACT = {"disease": "covid-19", "role": "close_contact", "last_exposure_on": "2022-11-14"}


def test_a_row_is_explained_with_its_basis_and_its_transition(book: RuleBook) -> None:
    said = explain(
        book.resolve("report.case_hours", on=ON, disease="covid-19", scope={"person": "case"}), book
    )
    assert said["answer"] == "in_force"
    assert said["question"] == {
        "key": "report.case_hours",
        "on": "2022-11-15",
        "disease": "covid-19",
        "area": "CN",
        "facts": {"person": "case"},
    }
    assert said["row"]["legal_basis"]
    assert said["row"]["source"]
    assert said["row"]["document"]["title_zh"]
    assert said["confidence"] == said["row"]["confidence"]
    assert set(said["transition"]) == {"text", "running", "new_cases"}


def test_a_local_row_names_its_ceiling_and_one_not_applied_says_why(tmp_path) -> None:
    rows: list[dict[str, Any]] = [
        {"key": "contact.lookback_days", "value": 7},
        {"key": "contact.lookback_days", "value": 5, "jurisdiction": "CN-31", "authority": "province"},
        {"key": "contact.lookback_days", "value": 9, "jurisdiction": "CN-32", "authority": "province"},
    ]
    book = book_of(tmp_path, rows)
    relaxed = explain(ask(book, "contact.lookback_days", area="CN-31"))
    assert (relaxed["row"]["value"], relaxed["ceiling"]["value"]) == (5, 7)
    stricter = explain(ask(book, "contact.lookback_days", area="CN-32"))
    assert (stricter["row"]["value"], stricter["ceiling"]) == (7, None)
    assert [(each["row"]["value"], each["why"]) for each in stricter["passed_over"]] == [
        (9, "stricter_than_national")
    ]
    assert "local_not_applied" in stricter["flags"]


def test_the_silence_of_the_law_names_the_documents_read(book: RuleBook) -> None:
    situation = {"disease": "covid-19", "role": "traveller", "area": "high", "left_on": "2023-01-10"}
    said = explain(book.plan_for(situation, on=date(2023, 1, 12)), book)
    assert said["answer"] == "no_rule_in_force"
    assert said["coverage"]["complete"] is True
    assert all(document["title_zh"] for document in said["coverage"]["basis"])
    assert said["last_row"]["effective_to"]


def test_the_silence_of_the_packs_names_what_is_near_and_missing(book: RuleBook) -> None:
    said = explain(book.resolve("campaign.finish_hours", on=date(2021, 8, 6), disease="covid-19"))
    assert said["answer"] == "not_in_pack"
    assert said["next_row"]["effective_from"] == "2021-09-13"
    assert said["confidence"] == ""
    assert isinstance(said["missing"], list)


def test_a_tie_shows_both_rows(tmp_path) -> None:
    rows = [
        {"key": "x.days", "value": 5, "scope": {"person": "case"}},
        {"key": "x.days", "value": 7, "scope": {"area": "high"}},
    ]
    book = book_of(tmp_path, rows)
    tied = explain(
        book.resolve("x.days", on=date(2030, 5, 1), disease="fever", scope={"person": "case", "area": "high"})
    )
    assert tied["answer"] == "conflict"
    assert sorted(row["value"] for row in tied["rows"]) == [5, 7]


def test_a_plan_is_explained_by_its_stages_rows_and_open_parts(book: RuleBook) -> None:
    plan = book.plan_for(CONTACT, on=ON)
    said = explain(plan, book)
    assert said["answer"] == "plan"
    assert [(stage["place"], stage["days"]) for stage in said["stages"]] == [
        ("central", 5),
        ("home_isolation", 3),
    ]
    assert said["stages"][0]["first_day"] == "2022-11-15"
    assert said["total_days"] == 8
    assert {use["part"] for use in said["rules"]} >= {"stages", "test_days", "release_rule"}
    assert said["confidence"] == "unverified"
    assert said["to_confirm"]
    assert not said["decides_alone"]


@pytest.mark.parametrize("on", [date(2020, 2, 1), ON, date(2023, 2, 1)])
def test_every_explanation_can_be_written_as_json(book: RuleBook, on: date) -> None:
    for key in book.keys:
        for scope in [
            {},
            *(
                {"person": row.scope["person"]}
                for row in key_rows(book, key, disease="covid-19")
                if "person" in row.scope
            ),
        ]:
            said = explain(book.resolve(key, on=on, disease="covid-19", scope=scope), book)
            assert json.loads(json.dumps(said)) == said
    said = explain(book.plan_for(CONTACT, on=on), book)
    assert json.loads(json.dumps(said)) == said


def test_the_rows_of_a_key_are_those_of_the_disease_of_any_and_of_the_areas_above(tmp_path) -> None:
    rows: list[dict[str, Any]] = [
        {"key": "x.days", "value": 5, "effective_from": date(2030, 3, 1)},
        {"key": "x.days", "value": 6, "jurisdiction": "CN-31"},
        {"key": "x.days", "value": 7, "jurisdiction": "CN-32"},
    ]
    book = book_of(tmp_path, rows, more=[{"key": "x.days", "value": 8, "effective_from": date(2030, 2, 1)}])
    found = key_rows(book, "x.days", disease="fever", area="CN-3101")
    assert [row.value for row in found] == [6, 8, 5]
    assert {entry.pack for entry in key_coverage(book, "x.days", disease="fever", area="CN-3101")} == {
        "fever",
        "everything",
    }
    assert key_rows(book, "x.days", disease="cough") == tuple(row for row in found if row.value == 8)
