"""One answer per key and day: the row, the law's silence, the packs' silence or a conflict."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from fangkong.core.errors import InputError, NotFound
from fangkong.science.rules import (
    Conflict,
    InForce,
    NoRuleInForce,
    NotInPack,
    Undecided,
)
from fangkong.science.rules.resolver import RuleBook
from fangkong.science.rules.tests.made_books import DAY, ask, book_of

COVID = "covid-19"

# --- the shipped packs ---------------------------------------------------------------------------------


def test_the_look_back_before_onset_reaches_18_october(book: RuleBook) -> None:
    days = book.resolve_value(
        "contact.lookback_days", on=date(2021, 10, 20), disease=COVID, scope={"person": "case"}
    )
    assert date(2021, 10, 20) - timedelta(days=days) == date(2021, 10, 18)


def test_a_case_is_reported_within_two_hours_under_class_a_and_a_day_under_class_b(book: RuleBook) -> None:
    def hours(on: date) -> int:
        return book.resolve_value("report.case_hours", on=on, disease=COVID, scope={"person": "case"})

    assert (hours(date(2021, 10, 20)), hours(date(2023, 1, 8))) == (2, 24)


def test_the_airport_city_must_finish_its_campaign_in_48_hours(book: RuleBook) -> None:
    answer = book.resolve(
        "campaign.finish_hours", on=date(2021, 10, 20), disease=COVID, scope={"place": "city"}
    )
    assert isinstance(answer, InForce)
    assert answer.value["population_up_to_5000000"] == 48


def test_a_guide_of_the_next_month_is_named_but_not_applied(book: RuleBook) -> None:
    answer = book.resolve(
        "campaign.finish_hours", on=date(2021, 8, 6), disease=COVID, scope={"place": "city"}
    )
    assert isinstance(answer, NotInPack)
    assert "the first mass-testing guide (before 2021-09-13)" in answer.missing
    assert answer.next_row is not None
    assert answer.next_row.effective_from == date(2021, 9, 13)
    assert answer.last_row is None


def test_after_class_b_the_law_is_silent_on_risk_areas(book: RuleBook) -> None:
    answer = book.resolve(
        "contact.close.transfer_within_hours",
        on=date(2023, 2, 1),
        disease=COVID,
        scope={"person": "close_contact"},
    )
    assert isinstance(answer, NoRuleInForce)
    assert "bb" in answer.coverage.basis
    assert answer.last_row is not None
    assert answer.last_row.document.document_id == "ed9"


def test_national_silence_says_nothing_of_local_rules(book: RuleBook) -> None:
    answer = book.resolve(
        "contact.close.transfer_within_hours",
        on=date(2023, 2, 1),
        disease=COVID,
        area="310115",
        scope={"person": "close_contact"},
    )
    assert isinstance(answer, NotInPack)
    assert answer.silent_above is not None
    assert answer.silent_above.areas == ("CN",)


def test_a_kind_of_person_without_a_row_is_not_silence_of_the_law(book: RuleBook) -> None:
    answer = book.resolve(
        "contact.close.transfer_within_hours",
        on=date(2023, 2, 1),
        disease=COVID,
        scope={"person": "general_contact"},
    )
    assert isinstance(answer, NotInPack)
    assert answer.scopes == ({"person": "close_contact"},)


def test_what_the_ten_measures_do_not_mention_stays_in_force(book: RuleBook) -> None:
    answer = book.resolve(
        "contact.close.swab", on=date(2023, 1, 7), disease=COVID, scope={"person": "close_contact"}
    )
    assert isinstance(answer, InForce)
    assert answer.row.document.document_id == "ed9"


def test_foreign_guidance_fills_a_key_without_law_and_says_so(book: RuleBook) -> None:
    answer = book.resolve(
        "case.isolate_until", on=date(2024, 5, 1), disease="measles", scope={"person": "case"}
    )
    assert isinstance(answer, InForce)
    assert "reference" in answer.flags
    assert not answer.binding


def test_an_international_target_is_found_from_a_city_and_binds_nobody(book: RuleBook) -> None:
    answer = book.resolve("target.detect_days", on=date(2024, 5, 1), disease="measles", area="CN-3101")
    assert isinstance(answer, InForce)
    assert set(answer.flags) >= {"international", "target"}
    assert not answer.binding


def test_two_scopes_of_one_fact_each_are_a_conflict(book: RuleBook) -> None:
    scope = {"person": "case", "disease_class": "B_or_C"}
    answer = book.resolve("report.case_hours", on=date(2024, 5, 1), disease="dengue", scope=scope)
    assert isinstance(answer, Conflict)
    assert {row.disease for row in answer.rows} == {"dengue", "any"}


def test_an_unknown_key_is_refused_with_what_is_near(book: RuleBook) -> None:
    with pytest.raises(InputError) as refusal:
        book.resolve("contact.close.stage", on=DAY, disease=COVID)
    assert refusal.value.code == "rules.key_unknown"
    assert "contact.close.stages" in refusal.value.params["near"]


@pytest.mark.parametrize("area", ["CN-3", "shanghai", "", "CN-31-15"])
def test_an_area_that_is_no_code_is_refused(book: RuleBook, area: str) -> None:
    with pytest.raises(InputError, match=r"rules\.area_unknown"):
        book.resolve("contact.close.swab", on=DAY, disease=COVID, area=area)


def test_a_value_that_no_row_gives_is_refused_with_the_reason(book: RuleBook) -> None:
    with pytest.raises(Undecided) as refusal:
        book.resolve_value(
            "campaign.finish_hours", on=date(2021, 8, 6), disease=COVID, scope={"place": "city"}
        )
    assert refusal.value.code == "rules.not_in_pack"
    assert isinstance(refusal.value.answer, NotInPack)


def test_a_row_is_found_again_by_its_stable_name(book: RuleBook) -> None:
    name = "covid19-cn-control-plan:contact.close.stages:person=close_contact:2022-06-28:CN"
    assert book.row(name).document.document_id == "ed9"
    with pytest.raises(NotFound):
        book.row(name + "x")


# --- scope, disease, rank ------------------------------------------------------------------------------


def test_a_row_of_the_disease_goes_before_a_row_for_any_disease(tmp_path) -> None:
    book = book_of(tmp_path, [{"key": "x.days", "value": 5}], [{"key": "x.days", "value": 9}])
    answer = ask(book, "x.days")
    assert (answer.value, [other.why for other in answer.others]) == (5, ["any_disease"])


def test_a_narrower_row_for_any_disease_goes_before_a_broad_row_of_the_disease(tmp_path) -> None:
    narrow = {"key": "x.days", "value": 9, "scope": {"person": "nurse"}}
    book = book_of(tmp_path, [{"key": "x.days", "value": 5}], [narrow])
    assert ask(book, "x.days", person="nurse").value == 9
    assert ask(book, "x.days", person="cook").value == 5


def test_guidance_stands_back_when_there_is_law(tmp_path) -> None:
    guidance = {"key": "x.days", "value": 9, "authority": "reference", "scope": {"person": "nurse"}}
    book = book_of(tmp_path, [{"key": "x.days", "value": 5}, guidance])
    answer = ask(book, "x.days", person="nurse")
    assert (answer.value, answer.binding) == (5, True)
    assert [other.why for other in answer.others] == ["reference_fills_last"]


def test_an_unverified_row_is_given_but_never_decides_alone(tmp_path) -> None:
    book = book_of(tmp_path, [{"key": "x.days", "value": 5, "confidence": "unverified"}])
    answer = ask(book, "x.days")
    assert (answer.value, answer.confidence, answer.decides_alone) == (5, "unverified", False)
    assert "unverified" in answer.flags
