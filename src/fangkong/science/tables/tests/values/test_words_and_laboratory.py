"""Closed lists, laboratory values, case references, areas."""

from datetime import date

import pytest

from fangkong.science.tables.values import Ct
from fangkong.science.tables.values.areas import bare_area

from .asking import ask, codes, context


@pytest.mark.parametrize(
    ("text", "result", "code"),
    [
        ("阴性", "negative", set()),
        ("阴", "negative", set()),
        ("未检出", "negative", set()),
        ("-", "negative", set()),
        ("(－)", "negative", None),
        ("NEG", "negative", set()),
        ("Negative", "negative", set()),
        ("阴性（—）", "negative", set()),
        ("阳性", "positive", set()),
        ("+", "positive", set()),
        ("阳性（+）", "positive", set()),
        ("可疑", "indeterminate", set()),
        ("单靶标阳性", "indeterminate", set()),
        ("弱阳", "positive", {"VOCABULARY_MAPPED"}),
        ("无效", "invalid", set()),
        ("待复核", None, {"RESULT_VOCABULARY_UNKNOWN"}),
        ("阴性？", None, {"RESULT_VOCABULARY_UNKNOWN"}),
        ("正在复测", None, {"RESULT_VOCABULARY_UNKNOWN"}),
        ("检测中", None, {"VALUE_PENDING"}),
        ("/", None, set()),
    ],
)
def test_results(text, result, code):
    value = ask("result", text)
    assert value.value == result
    assert code is None or codes(value) == code


def test_an_offices_own_word_for_a_result():
    own = context(vocabulary={"result": {"双阴": "negative"}})
    assert ask("result", "双阴", on=own).value == "negative"


@pytest.mark.parametrize(
    ("stored", "ct", "code"),
    [
        (31.2, Ct(31.2), set()),
        ("31.2", Ct(31.2), set()),
        ("Ct=31.2", Ct(31.2), set()),
        (">40", Ct(40, ">"), {"CT_CENSORED"}),
        ("<40", Ct(40, "<"), {"CT_CENSORED"}),
        ("≥40", Ct(40, ">"), {"CT_CENSORED"}),
        ("40+", Ct(40, ">"), {"CT_CENSORED"}),
        ("Undet", Ct(None, "undetected"), set()),
        ("NoCt", Ct(None, "undetected"), set()),
        ("未检出", Ct(None, "undetected"), set()),
        (0, None, {"VALUE_OUT_OF_RANGE"}),
        (-5, None, {"VALUE_OUT_OF_RANGE"}),
        (312, None, {"VALUE_OUT_OF_RANGE"}),
        ("高", None, {"VOCABULARY_UNKNOWN"}),
        ("", None, set()),
    ],
)
def test_cycle_thresholds(stored, ct, code):
    value = ask("ct_orf", stored)
    assert value.value == ct
    assert codes(value) == code


@pytest.mark.parametrize(
    ("stored", "code", "kept"),
    [
        ("990220327000001", set(), "990220327000001"),
        (990220327000001, set(), "990220327000001"),
        ("990220327000001\t", set(), "990220327000001"),
        ('="990220327000001"', set(), "990220327000001"),
        ("99022 0327 000001", {"WHITESPACE_NORMALISED"}, "990220327000001"),
        ("9.90220327E+13", {"BARCODE_SCIENTIFIC_NOTATION"}, None),
        ("9.9E+14", {"BARCODE_SCIENTIFIC_NOTATION"}, None),
        (9902203270000011234, {"BARCODE_SCIENTIFIC_NOTATION"}, None),
        ("/", set(), None),
    ],
)
def test_barcodes(stored, code, kept):
    value = ask("tube_code", stored, width=15)
    assert value.value == kept
    assert codes(value) == code


def test_a_leading_zero_lost_is_seen_only_where_the_others_have_one():
    lost = ask("tube_code", 12345678901, width=12, leading_zero=True)
    assert lost.value is None
    assert codes(lost) == {"BARCODE_LEADING_ZERO_LOST"}
    assert codes(ask("tube_code", "012345678901", width=12, leading_zero=True)) == set()
    assert codes(ask("tube_code", "12345678901", width=12)) == set()


@pytest.mark.parametrize(
    ("text", "refs", "code"),
    [
        ("病例1", ("病例1",), set()),
        ("病例3、病例4", ("病例3", "病例4"), {"MULTIPLE_CASES_IN_CELL"}),
        ("病例9、12", ("病例9", "病例12"), {"MULTIPLE_CASES_IN_CELL"}),
        ("病例3和病例4", ("病例3", "病例4"), {"MULTIPLE_CASES_IN_CELL"}),
        ("病例1-3", ("病例1", "病例2", "病例3"), {"MULTIPLE_CASES_IN_CELL"}),
        ("CASE-2020-0016", ("CASE-2020-0016",), set()),
        ("2,3", ("2", "3"), {"MULTIPLE_CASES_IN_CELL"}),
        (3, ("3",), set()),
        ("待查", None, {"CASE_UNRESOLVED"}),
        ("不详", None, {"CASE_UNRESOLVED"}),
        ("病例3？", None, {"CASE_UNRESOLVED"}),
        ("/", None, set()),
    ],
)
def test_case_references(text, refs, code):
    value = ask("case_ref", text)
    assert value.value == refs
    assert codes(value) == code


@pytest.mark.parametrize(
    ("field", "text", "meaning", "code"),
    [
        ("control_mode", "集中隔离", "central", set()),
        ("control_mode", "集中", "central", {"VOCABULARY_MAPPED"}),
        ("control_mode", "居隔", "home", {"VOCABULARY_MAPPED"}),
        ("control_mode", "居家健康监测", "home_monitoring", set()),
        ("control_mode", "已转运？", None, {"VOCABULARY_UNKNOWN"}),
        ("control_mode", "——", None, set()),
        ("tier", "次密接", "secondary", set()),
        ("tier", "三密", None, {"VOCABULARY_UNKNOWN"}),
        ("contact_mode", "共同就餐", "dining", set()),
        ("contact_mode", "拼桌打牌", "拼桌打牌", set()),
        ("pool_type", "10:1", "10", set()),
        ("pool_type", "单采", "1", set()),
        ("pool_type", "20合1", "20", set()),
        ("pool_type", "混采10:1（社区）", "10", set()),
        ("category", "返乡人员", "返乡人员", set()),
        ("quarantine_place", "待定", None, {"VALUE_PENDING"}),
        ("remark", "待核实", "待核实", set()),
        ("id_kind", "护照", "passport", set()),
        ("classification", "无症状感染者", "asymptomatic", set()),
        ("dose_no", "第二针", 2, set()),
        ("dose_no", 3, 3, set()),
        ("dose_no", "加强针", 3, {"VOCABULARY_MAPPED"}),
        ("dose_no", "9", None, {"VALUE_OUT_OF_RANGE"}),
    ],
)
def test_words(field, text, meaning, code):
    value = ask(field, text)
    assert value.value == meaning
    assert codes(value) == code


def test_a_short_form_that_everyone_writes_is_no_exception():
    assert codes(ask("control_mode", "集中", usual=frozenset({"集中"}))) == set()


@pytest.mark.parametrize("text", ["芷江西路街道（原闸北区）", "闸北区", "惠南镇（南汇区）", "上海市卢湾区"])
def test_abolished_districts(text):
    value = ask("street", text)
    assert codes(value) == {"ABOLISHED_DISTRICT_NAME"}
    assert value.issues[0].params["successor"] in {"静安区", "浦东新区", "黄浦区"}


def test_an_abolished_name_in_an_address_too():
    assert codes(ask("address", "虚构市崇文区虚构路1号")) == {"ABOLISHED_DISTRICT_NAME"}
    assert codes(ask("address", "虚构市静安区虚构路1号")) == set()


def test_a_register_that_still_has_the_name_is_right():
    own = context(areas={"闸北区": "990108"})
    value = ask("street", "闸北区", on=own)
    assert codes(value) == set()
    assert dict(value.also) == {"area_code": "990108"}


def test_before_its_end_a_district_was_no_mistake():
    then = context(reference=date(2009, 1, 1), latest=date(2009, 1, 1))
    assert codes(ask("street", "南汇区", on=then)) == set()


def test_two_ways_of_writing_one_office():
    assert bare_area("东湖街道办事处") == bare_area("东湖街道") == bare_area("东湖 街道办")
    assert bare_area("第一居委会") == bare_area("第一居委")
