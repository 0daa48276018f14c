"""Who stands twice in a ledger, and what a person's row says against itself."""

from __future__ import annotations

from datetime import date

import pytest

from fangkong.science.tables.kinds.person_rows import may_be_one_name
from fangkong.science.tables.values import Age

from .making import id_number
from .rows_made import found, resident, row

ONE = resident(id_number("19840226", 3))
TWO = resident(id_number("19710531", 77))


def contact(
    number: int,
    name: str = "测试甲",
    identity: object = ONE,
    phone: str = "10002966585",
    case: str = "病例1",
    **more,
):
    return row(
        number,
        serial=number,
        name=name,
        id_number=identity,
        phone=(phone,) if phone else None,
        case_ref=(case,),
        exposure_at=more.pop("exposure_at", date(2022, 4, 1)),
        release_on=more.pop("release_on", date(2022, 4, 15)),
        **more,
    )


def test_the_same_row_again_is_a_duplicate_whatever_its_serial_number() -> None:
    assert found("contact_ledger", [contact(5), contact(6)]) == {(6, "EXACT_DUPLICATE_ROW")}


def test_one_number_with_two_names_is_reported_at_the_later_row() -> None:
    rows = [contact(5), contact(6, name="测试佚")]
    assert found("contact_ledger", rows) == {(6, "SAME_ID_DIFFERENT_NAME")}


def test_one_person_near_two_cases_is_one_person_with_two_exposures() -> None:
    rows = [contact(5), contact(6, case="病例9"), contact(7, case="病例9", phone="")]
    assert found("contact_ledger", rows) == {(6, "SAME_PERSON_SECOND_CASE")}


def test_one_name_and_phone_with_two_numbers_may_be_one_person() -> None:
    rows = [contact(5), contact(6, identity=TWO)]
    assert found("contact_ledger", rows) == {(6, "POSSIBLE_DUPLICATE_NAME_PHONE")}


def test_a_family_on_one_phone_is_no_duplicate() -> None:
    rows = [contact(5), contact(6, name="测试乙", identity=TWO)]
    assert found("contact_ledger", rows) == set()


def test_a_masked_number_never_matches() -> None:
    rows = [
        contact(5, name="测试甲", identity=None, phone=""),
        contact(6, name="测试乙", identity=None, phone=""),
    ]
    assert found("contact_ledger", rows) == set()


@pytest.mark.parametrize(
    ("first", "second", "one"),
    [
        ("测试甲", "測試甲", True),
        ("测 试 甲", "测试甲", True),
        ("测试甲", "Ceshi Jia", True),
        ("测试庚(儿童)", "测试庚", True),
        ("测试伟", "测试玮", False),
        ("测试甲", "测试乙", False),
        ("Anna Schmidt", "SCHMIDT, Anna", True),
    ],
)
def test_when_two_names_may_be_one(first: str, second: str, one: bool) -> None:
    assert may_be_one_name(first, second) is one


def test_another_writing_of_the_name_is_no_other_name() -> None:
    assert found("contact_ledger", [contact(5), contact(6, name="測試甲")]) == {
        (6, "NAME_VARIANT_SAME_PERSON")
    }


def test_age_and_sex_are_held_against_the_number() -> None:
    rows = [
        contact(5, age=Age(50), sex="male"),
        contact(6, name="测试乙", identity=TWO, age=Age(51), sex="female"),
    ]
    assert found("contact_ledger", rows) == {(5, "AGE_ID_MISMATCH"), (6, "SEX_ID_MISMATCH")}


def test_nobody_has_contact_before_birth() -> None:
    rows = [contact(5, identity=None, birth_on=date(2022, 4, 3))]
    assert found("contact_ledger", rows) == {(5, "BIRTH_AFTER_EVENT")}


def test_release_is_not_before_the_contact() -> None:
    rows = [contact(5, release_on=date(2022, 3, 31))]
    assert found("contact_ledger", rows, release_days={"": 14}) == {(5, "RELEASE_BEFORE_CONTACT")}


def test_release_follows_the_rule_only_where_the_office_has_one() -> None:
    rows = [contact(5, release_on=date(2022, 4, 8)), contact(6, name="测试乙", identity=TWO)]
    assert found("contact_ledger", rows) == set()
    assert found("contact_ledger", rows, release_days={"": 14}) == {(5, "RELEASE_DATE_RULE")}
    assert found("contact_ledger", rows, release_days={"close": 14}) == set()


def test_a_doubtful_day_proves_nothing_about_release() -> None:
    rows = [contact(5, release_on=date(2022, 3, 31), doubts={"exposure_at": ["DATE_AMBIGUOUS_DM"]})]
    assert found("contact_ledger", rows, release_days={"": 14}) == set()


def test_a_case_is_unknown_only_when_the_record_denies_it() -> None:
    rows = [contact(5, case="病例77"), contact(6, name="测试乙", identity=TWO, phone="", case="病例2")]
    assert found("contact_ledger", rows, case_exists=lambda case: case == "病例2") == {(5, "CASE_UNKNOWN")}
    assert found("contact_ledger", rows, case_exists=lambda case: None) == set()
