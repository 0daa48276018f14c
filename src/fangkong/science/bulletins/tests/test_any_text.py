"""Whatever the text: no crash, exact places, no number passed over, nothing in digits lost."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fangkong.science.bulletins import bulletin_rows, read_bulletin

from .unseen import PAGES

WORDS = (
    "新增 本土 境外输入 确诊病例 无症状感染者 例 人 12 3 1,204 ０５ ٣ 一百零二 其中 其余 均 在隔离管控中发现 东山区 "
    "浦东 居住于 病例1 病例1—病例5 无症状感染者3、 （ ） ， 、 和 。 ； ： 截至 累计 现有 2031年5月3日 5月3日 31日 "
    "0—24时 "
    "无新增 死亡 含 各 分别 合计 来自 美国 更正 应为 "
    "万 % 岁 确診 無症狀 "
)
PIECES = [*WORDS.split(), "9" * 20, "\n", "\r\n", " ", "\t", "\u2028", "\ud800", "\x00"]
PAGE = st.one_of(
    st.text(max_size=200),
    st.lists(st.sampled_from(PIECES), max_size=60).map("".join),
    st.tuples(st.sampled_from([page.text for page in PAGES]), st.integers(0, 400), st.integers(0, 60)).map(
        lambda cut: cut[0][: cut[1]] + cut[0][cut[1] + cut[2] :]
    ),
)


@given(PAGE)
def test_no_text_breaks_the_reader_and_no_number_is_lost(text):
    bulletin = read_bulletin(text)
    spans = [(f.span, f.sentence) for f in bulletin.figures] + [(h.span, h.sentence) for h in bulletin.held]
    for (start, end), sentence in spans:
        assert 0 <= start < end <= len(text)
        assert text[start:end] in sentence
        assert sentence in text
    covered = [f.span for f in bulletin.figures if f.basis == "stated"]
    covered += [h.span for h in bulletin.held] + [c.span for c in bulletin.contexts]
    for number in re.finditer(r"\d+", text):
        assert all(any(a <= at < b for a, b in covered) for at in range(*number.span())), number
    rows = bulletin_rows(bulletin)
    keys = [(r["day"], r["area"], r["measure"], r["channel"], r["origin"], r["source"]) for r in rows]
    assert len(set(keys)) == len(keys)
    assert all(row["value"] >= 0 and row["quote"] in text for row in rows)


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_reading_is_the_same_each_time(text):
    assert read_bulletin(text) == read_bulletin(text)


@pytest.mark.parametrize(
    "piece",
    ["1", "（", "病例1、", "新增3例，", "一", "东山区3 ", "，", "\n1", "区", "其中（", "男，1岁，", "无症状"],
)
def test_a_page_of_one_piece_takes_no_more_than_its_length(piece, cpu_seconds):
    assert cpu_seconds(lambda: read_bulletin(piece * (10_000 // len(piece)))) < 2
