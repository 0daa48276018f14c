"""Who met, when, under whom, and what was heard."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fangkong.science.minutes.dates import meeting_day
from fangkong.science.minutes.hearing import hearing
from fangkong.science.minutes.meetings import Meeting, meetings
from fangkong.science.minutes.page import report
from fangkong.science.minutes.tests.pages import PORTAL, REPORT


def only(text: str) -> Meeting:
    (meeting,) = meetings(report(text))
    return meeting


def test_a_numbered_meeting_with_its_chairs_and_reports() -> None:
    meeting = only(PORTAL.replace("{report}", REPORT))
    assert meeting.body == "临江市委应对疫情工作领导小组"
    assert (meeting.kind, meeting.number, meeting.level, meeting.place) == ("numbered", 7, "city", "临江市")
    assert (meeting.date, meeting.day.basis) == ("2022-03-09", "page_year")
    assert [(who.name, who.post, who.role) for who in meeting.chairs] == [
        ("陆望川", "市委书记、领导小组组长", "presided and spoke"),
        ("欧阳石", "市委副书记、市长", "attended"),
    ]
    assert meeting.heard.subjects == ("疫情形势", "隔离房源", "物资储备")
    assert meeting.heard.by == ("领导小组办公室", "市疾控中心")


@pytest.mark.parametrize(
    ("opening", "body", "kind", "level"),
    [
        ("市委常委会今天下午举行扩大会议。", "市委常委会", "enlarged", "city"),
        ("3月9日，省长陆望川主持召开省疫情防控指挥部视频调度会。", "省疫情防控指挥部", "ordinary", "province"),
        ("县委召开常委会（扩大）会议暨县指挥部全体会议。", "县委常委会暨县指挥部", "enlarged", "county"),
        ("3月9日，市长陆望川主持召开市政府第二十一次常务会议。", "市政府", "numbered", "city"),
        ("9日上午，柳堤街道召开疫情防控工作会。", "柳堤街道疫情防控工作会", "ordinary", "township"),
        ("全市疫情防控工作专题会议9日召开。", "全市疫情防控工作专题会议", "ordinary", "city"),
        ("全省视频会议结束后，区长陆望川主持召开区指挥部会议。", "区指挥部", "follow-on", "county"),
    ],
)  # fmt: skip
def test_bodies_kinds_and_levels(opening: str, body: str, kind: str, level: str) -> None:
    meeting = only(opening + "会议强调，要守住道口。")
    assert (meeting.body, meeting.kind, meeting.level) == (body, kind, level)


def test_two_meetings_of_two_levels_are_kept_apart() -> None:
    first = (
        "3月9日，省委书记沈一舟主持召开省疫情防控工作领导小组会议时强调，要守住道口。省长秦晚出席会议。"
        "我市收听收看，并召开续会，市委书记陆望川讲话。"
    )
    middle = "会议指出，各地要备足隔离房间。"
    second = "会后，我市（临江市）立即召开续会。陆望川强调，交通卡口要严防死守。"
    page = "\n".join([first, middle, second])
    above, below = meetings(report(page))
    assert page[slice(*above.spans[0])] == f"{first}\n{middle}"
    assert [page[a:b] for a, b in below.spans] == [second, "我市收听收看，并召开续会，市委书记陆望川讲话。"]
    assert [who.name for who in above.chairs] == ["沈一舟", "秦晚"]
    assert [(who.name, who.post, who.role) for who in below.chairs] == [("陆望川", "市委书记", "spoke")]
    assert (above.level, below.level, below.place, below.follows) == ("province", "city", "临江市", "M1")
    assert (below.kind, below.day.basis) == ("follow-on", "follows")


def test_a_superiors_meeting_that_was_watched_comes_first() -> None:
    page = (
        "3月9日，我县组织收听收看全省疫情防控视频调度会。县领导沈一舟、秦晚在我县分会场参加会议。\n"
        "会后，我县接着召开有关工作会议。会议强调，要备足房间。\n会议由县委副书记、县长陆望川主持。"
    )
    above, below = meetings(report(page))
    assert (above.body, above.level, above.kind) == ("全省疫情防控视频调度会", "province", "ordinary")
    assert (below.body, below.level, below.kind) == ("我县", "county", "follow-on")
    assert [(who.name, who.role) for who in below.chairs] == [("陆望川", "presided")]


def test_an_advertisers_name_is_no_body() -> None:
    page = "全省会议结束后，某某体育app立即召开电视电话会议。会议强调，要守住道口。"
    assert only(page).body == "电视电话会议"


@pytest.mark.parametrize(
    ("opening", "stamp", "report_text", "day", "basis"),
    [
        ("2022年3月9日，", "", "", date(2022, 3, 9), "stated"),
        ("3月9日，", "2022-03-10 08:00", "", date(2022, 3, 9), "page_year"),
        ("12月31日，", "2022-01-01 08:00", "", date(2021, 12, 31), "page_year"),
        ("今天下午，", "2022-03-09 20:00", "", date(2022, 3, 9), "page_date"),
        ("昨日上午，", "2022-03-01 08:00", "", date(2022, 2, 28), "page_date"),
        ("临江日报2022年3月9日讯 昨日，", "", "", date(2022, 3, 8), "stated"),
        ("29日上午，", "2020-02-02", "", date(2020, 1, 29), "page_year"),
        ("3月9日，", "", "奥密克戎", None, "unknown_year"),
        ("12月30日，", "", "落实“乙类乙管”", date(2022, 12, 30), "inferred_year"),
        ("3月9日，", "", "防汛", None, "unknown_year"),
        ("2月30日，", "", "", None, "unknown"),
        ("近日，", "2022-03-09", "", None, "unknown"),
    ],
)
def test_a_day_is_never_invented(
    opening: str, stamp: str, report_text: str, day: date | None, basis: str
) -> None:
    found = meeting_day(opening + "市指挥部召开会议。", stamp, report_text)
    assert (found.day, found.basis) == (day, basis)


@pytest.mark.parametrize(
    ("text", "subjects", "by"),
    [
        ("会议听取近期全市防控工作情况汇报，部署工作。", ("近期全市防控工作情况",), ()),
        ("会议听取市公安局、市交通委等相关工作汇报。", ("相关工作",), ("市公安局", "市交通委")),
        ("资源和保障厅、市疾控中心等汇报了排查情况。", ("排查情况",), ("资源和保障厅", "市疾控中心")),
        ("省指挥部及综合组，临江、望海等市分别汇报情况。", ("情况汇报",), ("省指挥部", "综合组", "临江", "望海")),
        ("会上，市卫健委就房源储备进行了汇报。", ("房源储备",), ("市卫健委",)),
        ("会议强调，要加强信息报告。", (), ()),
    ],
)  # fmt: skip
def test_reports_heard(text: str, subjects: tuple[str, ...], by: tuple[str, ...]) -> None:
    found = hearing(text)
    assert (found.subjects, found.by) == (subjects, by)


def test_who_attended_at_the_end_is_no_chair() -> None:
    meeting = only(
        "3月9日，市指挥部召开会议，市长秦晚主持会议。会议强调，要守住道口。\n市领导沈一舟出席会议。"
    )
    assert [who.name for who in meeting.chairs] == ["秦晚"]


def test_a_document_takes_issuer_and_day_from_its_signature() -> None:
    meeting = only(
        "各区指挥部：\n现就有关事项通知如下：\n一、各区要配齐值守人员。\n临江市疫情防控指挥部\n2022年3月9日"
    )
    assert (meeting.kind, meeting.body, meeting.date) == ("document", "临江市疫情防控指挥部", "2022-03-09")


@given(
    st.text(alphabet="市委书记王召开会议主持，。、听取汇报第十二次扩大3月9日\n会后续强调（）", max_size=120)
)
def test_any_report_gives_meetings_inside_it(text: str) -> None:
    found = report(text)
    for meeting in meetings(found):
        for start, end in meeting.spans:
            assert found.span[0] <= start <= end <= found.span[1]
