"""Identity documents of synthetic people (area code 9901xx). A number is never repaired and never completed."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fangkong.science.tables.values import Identity
from fangkong.science.tables.values.identity import check_character

from .asking import ask, codes

MAN = "990101198402260030"
WOMAN = "99010119561214080X"


def number(body: str) -> str:
    return body + check_character(body)


def test_the_worked_examples_of_the_standard():
    # GB 11643-1999, appendix
    assert check_character("11010519491231002") == "X"
    assert check_character("44052418800101001") == "4"


def test_a_whole_number_says_birth_and_sex():
    value = ask("id_number", MAN)
    assert value.value == Identity(MAN, "resident", MAN, date(1984, 2, 26), "male")
    assert codes(value) == set()
    assert ask("id_number", WOMAN).value.sex == "female"


@pytest.mark.parametrize("text", [WOMAN.lower(), "身份证：" + WOMAN, "身份证号" + WOMAN])
def test_ways_of_writing_are_no_doubt(text):
    value = ask("id_number", text)
    assert value.value.number == WOMAN
    assert codes(value) == set()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (" 990101 19840226 0030　", "WHITESPACE_NORMALISED"),
        ("990101-19840226-0030", "WHITESPACE_NORMALISED"),
        ("９９０１０１１９８４０２２６００３０", "FULLWIDTH_NORMALISED"),
        ("'" + MAN, "LEADING_APOSTROPHE"),
    ],
)
def test_what_typing_added_is_taken_off_and_said(text, code):
    value = ask("id_number", text)
    assert value.value.number == MAN
    assert codes(value) == {code}


@pytest.mark.parametrize(
    ("stored", "code"),
    [
        ("990101198402260031", "ID_CHECKSUM"),
        ("99010119840226003O", "ID_CHECKSUM"),
        ("990101199513120305", "ID_BIRTHDATE_INVALID"),
        (number("99010119950230030"), "ID_BIRTHDATE_INVALID"),
        (number("99010120990101001"), "ID_BIRTHDATE_INVALID"),
        (number("99010118010101001"), "ID_BIRTHDATE_INVALID"),
        ("9901011984022600", "ID_LENGTH"),
        ("99010119840226003", "ID_LENGTH"),
        ("9901011984022600300", "ID_LENGTH"),
        ("测试甲", "ID_LENGTH"),
        ("990101********0030", "ID_MASKED"),
        ("9901011984****0030", "ID_MASKED"),
        ("990101XXXXXXXX0030", "ID_MASKED"),
        ("9.90101E+17", "ID_NUMERIC_PRECISION_LOST"),
        ("9.90101198402E+17", "ID_NUMERIC_PRECISION_LOST"),
        (990101198402260030, "ID_NUMERIC_PRECISION_LOST"),
        ("990101198402260000", "ID_NUMERIC_PRECISION_LOST"),
        (9.9010119840226003e17, "ID_NUMERIC_PRECISION_LOST"),
        (MAN + "（母亲）", "ID_MISSING"),
    ],
)
def test_a_doubtful_number_has_no_value(stored, code):
    value = ask("id_number", stored)
    assert value.value is None
    assert codes(value) == {code}


def test_fifteen_digits_are_converted_and_marked():
    value = ask("id_number", "990101860427038")
    assert value.value.number == number("99010119860427038")
    assert value.value.as_sent == "990101860427038"
    assert value.value.birth_on == date(1986, 4, 27)
    assert codes(value) == {"ID_15_DIGIT"}
    assert ask("id_number", 990101860427038).value == value.value


def test_fifteen_digits_of_those_born_before_1900():
    assert ask("id_number", "990101110427996").value.birth_on == date(1811, 4, 27)


@pytest.mark.parametrize(
    ("text", "kind", "code"),
    [
        ("G99000001", "passport", "ID_TYPE_PASSPORT"),
        ("E99000001", "passport", "ID_TYPE_PASSPORT"),
        ("EA9000001", "passport", "ID_TYPE_PASSPORT"),
        ("P9900001", "passport", "ID_TYPE_PASSPORT"),
        ("护照G99000001", "passport", "ID_TYPE_PASSPORT"),
        ("H9900000201", "hkmo_permit", "ID_TYPE_HKMO_PERMIT"),
        ("M99000002", "hkmo_permit", "ID_TYPE_HKMO_PERMIT"),
        ("99000001", "tw_permit", "ID_TYPE_TW_PERMIT"),
        ("台胞证99000001", "tw_permit", "ID_TYPE_TW_PERMIT"),
    ],
)
def test_other_documents_are_named(text, kind, code):
    value = ask("id_number", text)
    assert value.value.kind == kind
    assert codes(value) == {code}


@pytest.mark.parametrize("text", ["", "/", "无", "未携带", "无证件", "——"])
def test_no_document(text):
    value = ask("id_number", text)
    assert value.value is None
    assert codes(value) == set()


@given(st.text(alphabet="0123456789Xx*９０ -.EG", max_size=24))
def test_a_resident_number_is_returned_only_when_complete_and_in_agreement_with_itself(text):
    value = ask("id_number", text)
    if value.value is not None and value.value.kind == "resident":
        assert len(value.value.number) == 18
        assert value.value.number[17] == check_character(value.value.number[:17])
        assert "*" not in text
    if value.value is None and text.strip(" -.*"):
        assert value.issues or value.state == "placeholder"
