"""Dates, hours, triggers and objects are those that the clause states; a wish is no deadline."""

from __future__ import annotations

from datetime import date

import pytest

from fangkong.science.minutes.alarms import alarms
from fangkong.science.minutes.classes import order_begins
from fangkong.science.minutes.details import deadline, evidence, matter, place, time_word, trigger
from fangkong.science.minutes.doubles import repeats
from fangkong.science.minutes.owners import assigned, level, proposal, subject

DAY = date(2022, 4, 1)


@pytest.mark.parametrize(
    ("clause", "kind", "value"),
    [
        ("各县要在4月2日24时前完成排查", "date", "2022-04-02T24:00"),
        ("2023年1月8日前印发方案", "date", "2023-01-08"),
        ("4月底前建成方舱医院", "date", "2022-04-30"),
        ("5月上旬前完成改造", "date", "2022-05-10"),
        ("24小时内完成流调", "within", "PT24H"),
        ("三日内反馈结果", "within", "P3D"),
        ("5个工作日内办结", "within", "P5D"),
        ("每日20时前报送情况", "daily", "T20:00"),
        ("每天16:30前更新台账", "daily", "T16:30"),
        ("今天18时前关闭活禽市场", "date", "2022-04-01T18:00"),
        ("明天12点前完成采样", "date", "2022-04-02T12:00"),
        ("每天下午5时前报平安", "daily", "T17:00"),
        ("明天上午9点以前张贴完毕", "date", "2022-04-02T09:00"),
        ("4月2日20: 00前清空库房", "date", "2022-04-02T20:00"),
        ("月底前配齐设备", "date", "2022-04-30"),
        ("春节前修订预案", "before_event", None),
        ("国庆节前完成演练", "before_event", None),
    ],
)
def test_a_date_or_an_hour_is_a_deadline(clause: str, kind: str, value: str | None) -> None:
    found = deadline(clause, DAY)
    assert found is not None
    assert (found.kind, found.value) == (kind, value)
    assert found.word in clause


@pytest.mark.parametrize(
    "clause",
    [
        "要尽快完成排查",
        "第一时间报告",
        "14天内有中高风险地区旅居史的人员要报备",
        "落实24小时值班制度",
        "近7日内到过疫区的人员",
        "自4月1日起施行",
        "强化节日期间值守",
        "3日内新增病例12例",
        "2月30日前完成",
        "13月1日前完成",
        "目前形势严峻",
        "做好前期准备",
        "掌握节前离城人员底数",
    ],
)
def test_a_wish_a_span_of_the_past_or_a_date_that_is_none_gives_no_deadline(clause: str) -> None:
    assert deadline(clause, DAY) is None


def test_without_a_meeting_a_day_keeps_its_year_open() -> None:
    found = deadline("4月2日前完成")
    assert found is not None
    assert found.value == "--04-02"


def test_words_of_time_have_a_meaning_and_are_no_deadline() -> None:
    word = time_word("做到事不过夜、及时处置")
    assert word is not None
    assert (word.word, word.meaning) == ("事不过夜", "same_day")
    assert time_word("完善预案") is None


@pytest.mark.parametrize(
    ("clause", "event"),
    [
        ("一旦发现疫情，立即启动预案", "一旦发现疫情"),
        ("对每一起聚集性疫情都要复盘", "对每一起聚集性疫情"),
        ("凡从境外返回人员，一律登记", "凡从境外返回人员"),
        ("加强物资储备", None),
    ],
)
def test_a_trigger_is_the_event_in_the_words_of_the_text(clause: str, event: str | None) -> None:
    assert trigger(clause) == event


def test_the_object_is_what_the_order_is_about() -> None:
    assert matter("进一步加强医用物资储备", "") == "医用物资储备"
    assert matter("在4月2日前印发工作方案", "印发") == "工作方案"
    assert matter("把防疫知识告诉居民", "") == "防疫知识"


def test_places_and_proof_come_from_what_is_named() -> None:
    assert place("做好机场、火车站和农贸市场消毒") == "机场、火车站、农贸市场"
    assert evidence("完善应急预案", document=True) == "document_issued"
    assert evidence("备足口罩和防护服") == "stock_days"
    assert evidence("形成合力") is None


@pytest.mark.parametrize(
    ("piece", "name"),
    [
        ("市教育局要制定方案", "市教育局"),
        ("各镇街、各部门要履职尽责", "各镇街、各部门"),
        ("由县公安局牵头负责查处", "县公安局"),
        ("各地加强信息共享", "各地"),
        ("县卫健局于11月10日前完成改造", "县卫健局"),
        ("各企业主要负责同志要到岗", "各企业主要负责同志"),
    ],
)
def test_the_subject_of_an_order_is_its_owner(piece: str, name: str) -> None:
    found = subject(piece, order_begins())
    assert found is not None
    assert (found.name, found.body) == (name, True)


@pytest.mark.parametrize(
    "piece",
    [
        "措施要更加精准",
        "引导群众做好防护",
        "支持企业复工复产",
        "要完善预案",
        "主要任务是排查",
        "对返乡人员加强管理",
        "把工作做细",
        "以及外来人员主动报告",
    ],
)
def test_a_thing_or_an_object_is_no_owner(piece: str) -> None:
    found = subject(piece, order_begins())
    assert found is None or not found.body


def test_a_bracket_names_the_office() -> None:
    assert assigned("新增床位200张（责任单位：县卫健局、县财政局）") == "县卫健局、县财政局"
    assert assigned("开展巡查（市公安局牵头）") == "市公安局"
    assert assigned("新增床位（含过渡病房）") is None


def test_proposals_say_that_they_are_and_levels_follow_the_name() -> None:
    found = proposal("加快疫苗接种")
    assert found is not None
    assert found.basis == "implied"
    assert [level(name) for name in ("各地各部门", "街道社区", "县教育局", "省卫健委", "医院")] == [
        "all",
        "street",
        "district",
        "province",
        "unit",
    ]


@pytest.mark.parametrize(
    ("clause", "alarm"),
    [
        ("所有外来人员全部集中隔离", "broad_isolation"),
        ("对村口一律封路", "broad_isolation"),
        ("公布病例姓名住址", "broad_tracking"),
        ("利用手机定位监控居民", "broad_tracking"),
        ("瞒报的一律立案", "punishment"),
        ("做好森林防火", "out_of_scope"),
    ],
)
def test_words_broader_than_a_rule_raise_an_alarm(clause: str, alarm: str) -> None:
    assert alarm in alarms(clause)


def test_a_measured_clause_raises_none() -> None:
    assert alarms("对密切接触者按规定健康监测，做好生活保障") == ()


def test_only_headings_repeat_in_other_words() -> None:
    texts = [
        "备足防疫物资完善预案",
        "要完善预案",
        "备足防疫物资",
        "加强社区排查管控工作",
        "要加强社区排查管控工作",
        "加强社区巡查",
    ]
    assert repeats(texts, [True, False, False, False, False, False]) == [1, None, None, None, 3, None]
