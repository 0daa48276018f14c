"""Sex and age as typed, and whether the facts of one row agree."""

from datetime import date

import pytest

from fangkong.science.tables.values import Age, Identity
from fangkong.science.tables.values.agreement import person_agrees

from .asking import FILLED, ask, codes


@pytest.mark.parametrize(
    ("text", "age", "code"),
    [
        ("38", Age(38), set()),
        (38, Age(38), set()),
        (38.0, Age(38), set()),
        ("38岁", Age(38), set()),
        ("38周岁", Age(38), set()),
        ("三十八", Age(38), set()),
        ("46y", Age(46), set()),
        ("8月龄", Age(0, 8), {"AGE_IN_MONTHS"}),
        ("8个月", Age(0, 8), {"AGE_IN_MONTHS"}),
        ("18个月", Age(1, 18), {"AGE_IN_MONTHS"}),
        ("10天", Age(0, 0), {"AGE_IN_MONTHS"}),
        ("新生儿", Age(0, 0), {"AGE_IN_MONTHS"}),
        ("8 months", Age(0, 8), {"AGE_IN_MONTHS"}),
        ("2岁3个月", Age(2, 27), set()),
        ("约40", Age(40), {"APPROXIMATE_NUMBER"}),
        ("40多岁", Age(40), {"APPROXIMATE_NUMBER"}),
        ("138", None, {"VALUE_OUT_OF_RANGE"}),
        ("-3", None, {"VALUE_OUT_OF_RANGE"}),
        (1984, None, {"VALUE_OUT_OF_RANGE"}),
        ("成人", None, {"VOCABULARY_UNKNOWN"}),
        ("/", None, set()),
    ],
)
def test_ages(text, age, code):
    value = ask("age", text)
    assert value.value == age
    assert codes(value) == code


@pytest.mark.parametrize(
    ("text", "sex", "age", "code"),
    [
        ("男/38", "male", Age(38), set()),
        ("女 48岁", "female", Age(48), set()),
        ("61岁 女", "female", Age(61), set()),
        ("男38", "male", Age(38), set()),
        ("M/38", "male", Age(38), set()),
        ("Female, 20", "female", Age(20), set()),
        ("男，3个月", "male", Age(0, 3), {"AGE_IN_MONTHS"}),
        ("女", "female", None, set()),
        ("38", None, Age(38), {"VOCABULARY_UNKNOWN"}),
        ("男/200", "male", None, {"VALUE_OUT_OF_RANGE"}),
    ],
)
def test_sex_and_age_in_one_cell(text, sex, age, code):
    value = ask("sex_age", text)
    assert value.value == (sex, age)
    assert codes(value) == code
    assert dict(value.also) == {k: v for k, v in (("sex", sex), ("age", age)) if v is not None}


@pytest.mark.parametrize(
    ("text", "sex"),
    [("男", "male"), ("女性", "female"), ("F", "female"), ("1", "male"), (2, "female"), ("MALE", "male")],
)
def test_sex(text, sex):
    assert ask("sex", text).value == sex


def test_a_strange_sex():
    value = ask("sex", "男女")
    assert value.value is None
    assert codes(value) == {"VOCABULARY_UNKNOWN"}


MAN = Identity("990101198402260030", "resident", "990101198402260030", date(1984, 2, 26), "male")


def found(**facts) -> set[str]:
    return {issue.code for issue in person_agrees(MAN, reference=FILLED, **facts)}


def test_a_row_in_agreement():
    assert found(sex="male", age=Age(38), birth_on=date(1984, 2, 26), id_kind="resident") == set()


def test_each_fact_against_the_number():
    assert found(sex="female") == {"SEX_ID_MISMATCH"}
    assert found(age=Age(25)) == {"AGE_ID_MISMATCH"}
    assert found(birth_on=date(1985, 2, 26)) == {"BIRTH_ID_MISMATCH"}
    assert found(id_kind="passport") == {"ID_TYPE_MISMATCH"}
    assert found(event_on=date(1980, 1, 1)) == {"BIRTH_AFTER_EVENT"}


def test_a_year_more_or_less_is_the_way_of_counting():
    assert found(age=Age(37)) == found(age=Age(39)) == set()
    assert found(age=Age(40)) == found(age=Age(36)) == {"AGE_ID_MISMATCH"}


def test_age_counts_at_the_event_and_not_today():
    assert found(age=Age(30), event_on=date(2014, 6, 1)) == set()


def test_birth_without_a_number():
    born = date(2000, 1, 1)
    assert {i.code for i in person_agrees(None, birth_on=born, age=Age(50), reference=FILLED)} == {
        "AGE_DOB_MISMATCH"
    }
    late = person_agrees(
        None,
        birth_on=born,
        event_on=date(1999, 1, 1),
        reference=FILLED,
        columns={"birth_on": "出生日期"},
        row=7,
    )
    assert [(i.code, i.column, i.row) for i in late] == [("BIRTH_AFTER_EVENT", "出生日期", 7)]
