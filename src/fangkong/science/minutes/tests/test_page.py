"""The report is found in pages of any layout, with nothing of their furniture."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fangkong.science.minutes.page import report
from fangkong.science.minutes.tests.pages import BODY, CLOSING, LAYOUTS, OPENING, REPORT, SECOND, TITLE


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
def test_the_report_is_found_without_furniture(layout: str) -> None:
    page = LAYOUTS[layout].replace("{report}", REPORT)
    start = page.index(OPENING)
    assert report(page).span == (start, page.index(CLOSING) + len(CLOSING))


@pytest.mark.parametrize("layout", ["portal", "forum", "news app"])
def test_headline_and_time_of_the_page_are_kept_apart(layout: str) -> None:
    found = report(LAYOUTS[layout].replace("{report}", REPORT))
    assert found.headline.startswith(TITLE)
    assert found.stamp.replace("-0", "-").startswith("2022-3-9")


def test_blank_lines_and_indents_change_nothing() -> None:
    spaced = REPORT.replace("\n", "\r\n\r\n　　")
    page = LAYOUTS["portal"].replace("{report}", "　　" + spaced)
    found = report(page)
    assert page[slice(*found.span)] == spaced


def test_a_photo_caption_inside_is_left_out_of_the_reading() -> None:
    caption = "会议现场 记者 白露 摄影"
    page = f"{OPENING}\n{caption}\n{BODY}\n{SECOND}"
    found = report(page)
    assert [page[a:b] for a, b in found.embedded] == [caption]
    assert caption not in found.text.text
    assert found.text.quote(0, len(found.text.text)) == page


def test_names_of_pictures_and_summaries_marks_are_no_text() -> None:
    page = f"【摘要】{OPENING}\n5942dd8baf77.jpg\n{BODY} |\n"
    found = report(page)
    assert page[slice(*found.span)] == f"{OPENING}\n5942dd8baf77.jpg\n{BODY}"
    assert "jpg" not in found.text.text


def test_the_writers_names_after_the_last_sentence_are_no_part_of_it() -> None:
    for byline in ("（白露 陆野）", "(记者 白露)", "记者 白露"):
        page = f"{OPENING}\n{BODY}{byline}"
        assert page[slice(*report(page).span)] == f"{OPENING}\n{BODY}"


def test_breaks_are_reported_with_their_place() -> None:
    page = f"{OPENING}\n{BODY}要对照典\n{SECOND[:-1]}，切实把防\ufffd\n"
    found = report(page)
    assert [(each.code, page[slice(*each.span)]) for each in found.breaks] == [
        ("truncated", "要对照典"),
        ("truncated", "切实把防\ufffd"),
        ("garbled_bytes", "\ufffd"),
    ]


def test_a_superiors_document_is_read_from_those_it_addresses() -> None:
    page = (
        "临江市疫情防控指挥部\n关于做好道口值守的通知\n各区疫情防控指挥部：\n为守住进城道口，现就有关事项通知如下：\n"
        "一、各区要在3月12日前配齐值守人员。\n二、市交通局每日18时前报送情况。\n临江市疫情防控指挥部\n2022年3月9日\n"
    )
    assert page[slice(*report(page).span)] == page[page.index("各区") : page.index("情况。") + 3]


NUMBERED = (
    "临江市疫情防控指挥部3月9日召开会议，部署道口值守。",
    "会议议定以下事项：",
    "一、市公安局于3月12日前配齐道口查验力量。",
    "二、市商务局公布保供电话。",
    "三、望海新区做好进城货车消杀。",
)
HEADED = (
    "临江市疫情防控指挥部令",
    "为守住进城道口，现发布如下命令：",
    "一、道口管理",
    "1.所有道口配备测温设备。",
    "2.货车司机凭证明通行。",
    "二、学校管理",
    "即日起学校暂停线下教学。",
)
LISTED = (
    "会议强调，要守住道口。",
    "一是配齐值守力量。",
    "二是加密消杀频次。",
    "三是送菜上门。",
)
TABLE = (
    "临江市疫情防控指挥部3月9日召开会议，部署道口值守。",
    "任务分工如下：",
    "序号\t任务\t责任单位\t完成时限",
    "1\t道口排查\t市公安局\t3月12日",
    "2\t冷库采样\t市市场监管局\t每周五前",
)


@pytest.mark.parametrize("lines", [NUMBERED, HEADED, LISTED, TABLE])
def test_numbered_items_and_tables_belong_to_the_report(lines: tuple[str, ...]) -> None:
    text = "\n".join(lines)
    page = f"首页 | 要闻 | 民生\n{text}\n责任编辑：甲\n1.港口扩建工程开工，明年建成。\n"
    start, end = report(page).span
    assert page[start:end] in (text, text.partition("\n")[2])
    assert end == page.index(text) + len(text)


@pytest.mark.parametrize(
    "comments",
    [
        "江边小鱼 2022-3-9 22:40\n会议强调了半天，道口排队的事情要先解决。",
        "江边小鱼  3小时前\n各部门要是早点部署，防控工作就好办了。",
        "临江网友：防控要落实，先把道口排队解决了。",
        "赞(12) 回复(3)\n防控工作要落实，道口天天排队。",
        "12人赞\n防控工作要落实，道口天天排队。",
        "1楼\n防控工作要落实，道口天天排队。",
        "来自 临江\n防控工作要落实，道口天天排队。",
        "网友评论\n防控工作要落实，道口天天排队。",
        "我家孩子每天过两次道口，学校的防控工作到底怎么办。",
        "请问隔离要几天呢，社区工作人员什么时候上门。",
    ],
)
def test_comments_without_a_heading_are_no_part_of_the_report(comments: str) -> None:
    page = f"{OPENING}\n{BODY}\n{SECOND}\n{comments}\n"
    assert page[slice(*report(page).span)] == f"{OPENING}\n{BODY}\n{SECOND}"


def test_an_editors_summary_is_not_the_report_told_twice() -> None:
    page = f"{TITLE}\n内容摘要：{OPENING}\n{TITLE}\n{OPENING}\n{BODY}\n{SECOND}"
    start, _ = report(page).span
    assert start == page.rindex(OPENING)


def test_two_pasted_sentences_are_enough() -> None:
    page = "请市卫健委三日内报送隔离房源。\n各街道要上报。"
    assert report(page).span == (0, len(page))


def test_a_page_without_a_report_has_none() -> None:
    for page in ("", "\n\n", "登录\n注册\n首页", "今日天气 晴\n12:30 港口扩建工程开工", "hello world"):
        assert report(page).span == (0, 0)
        assert report(page).text.text == ""


@given(st.text(alphabet="会议强调，。\n要召开市（）3月9日?【】编辑：", max_size=120))
def test_any_page_gives_a_span_inside_itself(page: str) -> None:
    found = report(page)
    assert 0 <= found.span[0] <= found.span[1] <= len(page)
    text = found.text
    assert all(
        found.span[0] <= start < end <= found.span[1]
        for start, end in zip(text.starts, text.ends, strict=True)
    )


@pytest.mark.parametrize("line", ["会议强调，要。", "会议", "，", "2022-3-9 12:30", "编辑：甲", "（"])
def test_long_pages_are_searched_in_linear_time(
    line: str, cpu_seconds: Callable[[Callable[[], object]], float]
) -> None:
    page = (line + "\n") * (200_000 // (len(line.encode()) + 1))
    assert cpu_seconds(lambda: report(page)) < 1  # a fifth of what a megabyte may take
