"""Damaged copies become readable, every character traceable, nothing guessed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fangkong.science.minutes.repaired import repair
from fangkong.science.minutes.tests.pages import REPORT

DAMAGED = ["会議", "應(yīng)", "(huì)", ",、", ",,", "?", "？！", "# I+ N$ V5", "\ufffd", "锟斤拷", "\ud800"]
OTHER = ["。", "\n", "\r\n", " ", "\u3000", "\u200b", "&nbsp;", "&#x4e00;", "Ａ１", "要", "(返)"]
PIECES = st.sampled_from([*DAMAGED, *OTHER])


@pytest.mark.parametrize(
    ("source", "text", "codes"),
    [
        ("市應(yīng)急指揮部召開會(huì)議", "市应急指挥部召开会议", {"script", "pinyin_in_brackets"}),
        ("各區(qu) 要完成排查", "各区要完成排查", {"script", "pinyin_in_brackets"}),
        ("來(返)城人員", "来（返）城人员", {"script"}),
        ("物资,、场地,,人员,。", "物资、场地，人员。", {"injected_punctuation"}),
        ("完成筛查# I+ N$ V5 Y( [2 T; N各区", "完成筛查各区", {"injected_punctuation"}),
        ("市卫健?头，", "市卫健\ufffd头，", {"garbled_bytes"}),
        ("排队的事怎么办?谁来管?", "排队的事怎么办？谁来管？", set()),
        ("要&nbsp;做好&ldquo;两手&rdquo;", "要 做好“两手”", set()),
        ("24小时\u200b值守，３日内", "24小时值守，3日内", set()),
        ("疫苗(app)预约 A B C", "疫苗（app）预约 A B C", set()),
        ("时间为20:42,共1,200人", "时间为20:42，共1,200人", set()),
    ],
)
def test_each_kind_of_damage_is_undone_or_marked(source: str, text: str, codes: set[str]) -> None:
    page = repair(source)
    assert page.text == text
    assert page.repairs(0, len(page.text)) == codes
    assert page.quote(0, len(page.text)) == source.rstrip()


def test_simplified_pages_keep_their_rare_characters() -> None:
    page = repair("市领导沈喆、秦甦、瞿昇出席会议。" + REPORT)
    assert page.text.startswith("市领导沈喆、秦甦、瞿昇出席会议。")


def test_a_sentence_that_breaks_off_is_marked_where_it_breaks() -> None:
    source = "会议指出，要守住道口。要对照典\n织密社区防线\n会议强调，要排查。"
    page = repair(source)
    (mark,) = [mark for mark in page.marks if mark[2] == "truncated"]
    assert source[mark[0] : mark[1]] == "要对照典"


def test_a_quote_holds_the_pinyin_of_its_last_character_and_none_of_the_next() -> None:
    source = "會(huì)議強(qiáng)調(diào)，要應(yīng)急"
    page = repair(source)
    assert page.quote(0, 2) == "會(huì)議"
    assert page.quote(2, 4) == "強(qiáng)調(diào)"


@given(st.lists(PIECES, max_size=40).map("".join))
def test_any_text_is_read_and_every_piece_can_be_quoted(source: str) -> None:
    page = repair(source)
    assert len(page.text) == len(page.starts) == len(page.ends)
    last = 0
    for start, end in zip(page.starts, page.ends, strict=True):
        assert last <= start < end <= len(source)
        last = start
    middle = len(page.text) // 2
    first, end = page.source_span(0, middle)
    assert page.quote(0, middle) == source[first:end]


@given(st.text(max_size=200))
def test_any_unicode_is_read(source: str) -> None:
    assert len(repair(source).text) == len(repair(source).starts)


@pytest.mark.parametrize("piece", ["会议,", "會(huì)", "会(", "?", "a+ ", "\n", "要。\n", "&#x4e00;"])
def test_long_texts_are_read_in_linear_time(
    piece: str, cpu_seconds: Callable[[Callable[[], object]], float]
) -> None:
    source = piece * (200_000 // len(piece.encode()))
    assert cpu_seconds(lambda: repair(source)) < 1  # a fifth of what a megabyte may take


@pytest.mark.real_data
def test_the_noise_samples_read_as_the_clean_text(real_data: Path) -> None:
    samples = json.loads((real_data / "messy" / "F_directive_noise_samples.json").read_text(encoding="utf-8"))
    clean = samples["clean"]
    for variant in samples["variants"]:
        kind, text = variant["noise"][:2], repair(variant["text"]).text
        if kind in ("N1", "N2", "N3", "N4"):
            assert clean.startswith(text.rstrip("。")), kind
    broken = repair(samples["variants"][5]["text"])
    assert broken.repairs(0, len(broken.text)) == {"garbled_bytes", "truncated"}
