"""Telephones and names. The synthetic people's numbers begin with 100; real ones with 13–19 are read alike."""

import pytest

from .asking import ask, codes


@pytest.mark.parametrize(
    "text",
    ["10002966585", "138" + "0" * 8, "+8610002966585", "8610002966585", "100-0296-6585", "100 0296 6585"],
)
def test_a_whole_number(text):
    value = ask("phone", text)
    assert len(value.value) == 1
    assert len(value.value[0]) == 11
    assert codes(value) == set()


@pytest.mark.parametrize(
    ("stored", "code", "numbers"),
    [
        (10044573994, "PHONE_NUMERIC", ("10044573994",)),
        (10044573994.0, "PHONE_NUMERIC", ("10044573994",)),
        ("10044573994.0", "PHONE_NUMERIC", ("10044573994",)),
        ("1005285459", "PHONE_LENGTH", None),
        ("100528545911", "PHONE_LENGTH", None),
        ("10047411455/10000217515", "PHONE_MULTIPLE", ("10047411455", "10000217515")),
        ("10047411455、10000217515", "PHONE_MULTIPLE", ("10047411455", "10000217515")),
        ("10047411455 10000217515", "PHONE_MULTIPLE", ("10047411455", "10000217515")),
        ("10047411455（母）10000217515", "PHONE_MULTIPLE", ("10047411455", "10000217515")),
        ("021-00000001", "PHONE_LANDLINE", ("02100000001",)),
        ("(021)60000001", "PHONE_LANDLINE", ("02160000001",)),
        ("0512-60000001", "PHONE_LANDLINE", ("051260000001",)),
        ("60000001", "PHONE_LANDLINE", ("60000001",)),
        ("86-21-60000001", "PHONE_LANDLINE", ("02160000001",)),
        ("100****1234", "PHONE_MASKED", None),
        ("100xxxx1234", "PHONE_MASKED", None),
        ("*******1234", "PHONE_MASKED", None),
        ("1.00E+10", "PHONE_NUMERIC_PRECISION_LOST", None),
        ("1.0026E+10", "PHONE_NUMERIC_PRECISION_LOST", None),
        ("同上栏母亲", "PHONE_MISSING", None),
        ("１００２６１２５３３０", "FULLWIDTH_NORMALISED", ("10026125330",)),
    ],
)
def test_phones_with_a_word_to_say(stored, code, numbers):
    value = ask("phone", stored)
    assert codes(value) == {code}
    assert value.value == numbers


def test_the_same_number_twice_is_one():
    assert codes(ask("phone", "10047411455/10047411455")) == set()


@pytest.mark.parametrize("text", ["无", "/", "无手机", "联系不上", "空号"])
def test_no_phone_is_left_to_the_kind_of_file(text):
    value = ask("phone", text)
    assert value.state == "placeholder"
    assert codes(value) == set()


def test_another_countrys_layout_follows_no_plan_of_ours():
    assert ask("phone", "12345", foreign=True).value == ("12345",)
    assert codes(ask("phone", "12345")) == {"PHONE_LENGTH"}


@pytest.mark.parametrize(
    ("text", "name", "code"),
    [
        ("测试甲", "测试甲", set()),
        ("阿不都·测试", "阿不都·测试", set()),
        ("Günther Heinze", "Günther Heinze", set()),
        ("测 试", "测试", {"WHITESPACE_NORMALISED"}),
        ("测　试", "测试", {"WHITESPACE_NORMALISED"}),
        (" 测试甲", "测试甲", {"WHITESPACE_NORMALISED"}),
        ("测试䶮", "测试䶮", {"RARE_CHARACTER"}),
        ("测试\U00020bb7", "测试\U00020bb7", {"RARE_CHARACTER"}),
        ("测试\ufffd", None, {"NAME_REPLACEMENT_CHARACTER"}),
        ("测试?", None, {"NAME_REPLACEMENT_CHARACTER"}),
        ("测?甲", None, {"NAME_REPLACEMENT_CHARACTER"}),
        ("测某某", None, set()),
        ("测**", None, set()),
        ("待核实", None, {"VALUE_PENDING"}),
        ("不详", None, set()),
    ],
)
def test_names(text, name, code):
    value = ask("name", text)
    assert value.value == name
    assert codes(value) == code


def test_a_remark_beside_the_name_becomes_a_note():
    value = ask("name", "测试庚(儿童，随母)")
    assert value.value == "测试庚"
    assert dict(value.also) == {"person_note": "儿童，随母"}
    assert codes(value) == set()
