"""Minutes of other cities, in other styles than the seed pages: what is to be done is found, and nothing else."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fangkong.science.minutes import read as read_page
from fangkong.science.minutes.clauses import Clause, clauses
from fangkong.science.minutes.cutting import sentences
from fangkong.science.minutes.dates import MeetingDay
from fangkong.science.minutes.meetings import meetings
from fangkong.science.minutes.scoring import score
from fangkong.science.minutes.tests.annotation import NAMES, annotated, whole


def read(text: str) -> tuple[Clause, ...]:
    report = whole(text)
    return clauses(report, meetings(report))


@pytest.mark.parametrize("name", NAMES)
def test_annotated_minutes_give_their_tasks_and_no_others(name: str) -> None:
    source, gold = annotated(name)
    page = read_page(source)
    assert page.report.span == (0, len(source))
    found = score(source, page.clauses, gold, (0, len(source)))
    assert found.recall >= 0.9, found.missed
    assert found.wrong_share <= 0.05, found.false_tasks
    assert (found.headings_doubled, found.deadlines_invented, found.quotes_inexact) == (0, 0, 0)
    assert found.owners_invented == 0
    assert found.owners_found == found.owners_stated
    assert found.classes_right >= 0.9 * found.clauses, found.confused


@pytest.mark.parametrize("name", NAMES)
def test_the_deadlines_are_those_of_the_text(name: str) -> None:
    source, gold = annotated(name)
    found = [clause.deadline for clause in read_page(source).clauses if clause.is_task and clause.deadline]
    stated = [str(clause["deadline"]) for clause in gold if clause["deadline"]]
    assert [(each.value or each.word)[-5:] for each in found] == [value[-5:] for value in stated]
    assert all(each.word in source for each in found)


@pytest.mark.parametrize("name", NAMES)
def test_every_quote_is_exact_also_in_a_damaged_copy(name: str) -> None:
    clean, _ = annotated(name)
    damaged = re.sub("[，。]", lambda stop: "，" + stop.group(), clean)
    for source in (clean, damaged):
        for clause in read(source):
            assert source[slice(*clause.span)] == clause.quote
    assert [clause.kind for clause in read(damaged)] == [clause.kind for clause in read(clean)]


def outside(source: str, found: tuple[Clause, ...]) -> str:
    """What is in no clause."""
    kept, at = "", 0
    for clause in found:
        kept += source[at : clause.span[0]]
        at = clause.span[1]
    return kept + source[at:]


@pytest.mark.parametrize("name", NAMES)
def test_between_clauses_stand_only_stops_and_lead_ins(name: str) -> None:
    source, _ = annotated(name)
    lead_ins = {source[slice(*each.lead_in)] for each in sentences(source) if each.lead_in}
    left = outside(source, read(source))
    for lead_in in sorted(lead_ins, key=len, reverse=True):
        left = left.replace(lead_in, "")
    assert re.sub(r"[\s，。；：]", "", left) == ""


_PIECES = st.sampled_from(
    [
        "要",
        "各区",
        "，",
        "。",
        "；",
        "：",
        "\n",
        "会议强调",
        "加强",
        "排查",
        "4月1日前",
        "（责任单位",
        "）",
        "一是",
        "确保",
        "对每一例",
        "\ufffd",
        "3日内",
        "由",
        "负责",
        " ",
        "“",
        "隔离点",
        "守土有责",
        "以来",
        "a",
        "、",
        "市卫健委",
        "一、",
    ]
)


@given(st.one_of(st.text(max_size=200), st.lists(_PIECES, max_size=60).map("".join)))
def test_any_text_gives_clauses_in_order_without_overlap(text: str) -> None:
    at = 0
    for clause in clauses(whole(text)):
        assert at <= clause.span[0] < clause.span[1] <= len(text)
        assert text[slice(*clause.span)] == clause.quote
        assert 0 < clause.confidence <= 1
        assert clause.kind in {"decision", "standing_duty", "principle", "fact", "unreadable"}
        at = clause.span[1]


def test_the_effort_grows_with_the_length_only(cpu_seconds: Callable[[Callable[[], object]], float]) -> None:
    text = "\n".join(annotated(name)[0] for name in NAMES)
    chance = random.Random(4)
    scrambled = "".join(chance.sample(text, len(text)))
    for sample in (text, scrambled, "各区要，由对" * 2000, "（责任单位：" * 2000):
        short, long = (whole(sample * factor) for factor in (2, 16))
        # Eight times the length: eight times the effort, with room for a cold cache; its square would be 64 times.
        assert cpu_seconds(partial(clauses, long)) < 20 * cpu_seconds(partial(clauses, short)) + 0.05


def test_a_subject_before_the_first_order_is_carried_over_one_who_leads_is_not() -> None:
    text = (
        "会议强调，各县要在9月2日前完成一轮摸排；市住建局牵头，新增隔离房间500间；"
        "对养老院实行闭环管理，每日20时前报送情况。"
    )
    owners = [(clause.owner.name, clause.owner.basis) for clause in read(text) if clause.owner]
    assert owners == [
        ("各县", "stated"),
        ("市住建局", "stated"),
        ("各县", "carried_over"),
        ("各县", "carried_over"),
    ]


def test_an_owner_that_is_not_in_the_text_is_only_a_proposal() -> None:
    (clause,) = read("会议要求，要加强医用口罩和防护服储备。")
    assert clause.owner is not None
    assert clause.owner.basis == "implied"


def test_a_heading_opens_no_second_task() -> None:
    found = read("完善应急预案，备足防疫物资\n会议强调，要完善应急预案，备足防疫物资。要压实责任。")
    assert found[0].is_heading
    assert found[0].duplicate_of == found[1].id
    assert [clause.text for clause in found if clause.is_task] == ["要完善应急预案", "备足防疫物资"]


def test_a_sentence_that_breaks_off_is_unreadable_and_opens_nothing() -> None:
    *_, last = read("会议强调，要完善应急预案。各区要按照全省统一部署做好")
    assert last.kind == "unreadable"
    assert last.owner is None
    assert "truncated" in last.repairs


def test_a_table_of_tasks_gives_each_row_its_office_and_time_limit() -> None:
    table = (
        "会议明确以下任务：\n序号\t任务\t责任单位\t完成时限\n1\t出租房排查\t市公安局\t3月12日\n"
        "2\t冷库采样\t市市场监管局、市商务局\t每周五前\n3\t新增隔离房间600间\t各区\t3月底前\n"
    )
    found = [clause for clause in read(table) if clause.is_task]
    assert [clause.kind for clause in found] == ["decision", "standing_duty", "decision"]
    assert [(clause.owner.name, clause.owner.basis) for clause in found if clause.owner] == [
        ("市公安局", "stated"),
        ("市市场监管局、市商务局", "stated"),
        ("各区", "stated"),
    ]
    limits = [clause.deadline for clause in found if clause.deadline]
    assert [(limit.word, limit.kind, limit.value) for limit in limits] == [
        ("3月12日", "date", "--03-12"),
        ("每周五前", "weekly", None),
        ("3月底前", "date", "--03-31"),
    ]
    assert [clause.object for clause in found] == ["出租房排查", "冷库采样", "隔离房间600间"]


def test_bodies_addressed_before_an_order_own_it_and_what_is_moved_does_not() -> None:
    addressed, moved = read("会议要求，各乡镇、县直各部门，立即排查返乡人员。并动员群众及时上报线索。")
    assert addressed.owner is not None
    assert (addressed.owner.name, addressed.owner.basis) == ("各乡镇、县直各部门", "stated")
    assert moved.owner is None or moved.owner.basis == "implied"


def test_the_name_of_a_longer_body_is_not_cut() -> None:
    (clause,) = read("会议要求，市场监督管理所要检查冷库。")
    assert clause.owner is not None
    assert clause.owner.name == "市场监督管理所"


def test_an_advertisers_name_is_no_owner() -> None:
    (clause,) = read("会议强调，某某娱乐平台app要完成一轮全员核酸筛查。")
    assert clause.owner is None
    assert "unknown_organisation" in clause.alarms


def test_the_year_of_a_deadline_comes_from_the_meeting() -> None:
    text = "会议强调，各县要在1月5日前印发预案。"
    day = MeetingDay(date(2021, 12, 28), "stated")
    meeting = replace(
        meetings(whole("12月28日，临渚市召开疫情防控会议。"))[0], day=day, spans=((0, len(text)),)
    )
    (clause,) = clauses(whole(text), [meeting])
    assert clause.meeting == "M1"
    assert clause.deadline is not None
    assert (clause.deadline.value, clause.deadline.basis) == ("2022-01-05", "year_of_meeting")
