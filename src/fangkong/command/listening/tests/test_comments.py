"""A pasted list of comments is read line by line, votes and all; the page's own furniture is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fangkong.command.listening.comments import is_rude, read_comments, theme_of
from fangkong.command.listening.rows import themes, without_numbers


@pytest.mark.parametrize(
    ("line", "words", "votes"),
    [
        ("什么时候能买到菜 +3", "什么时候能买到菜", 3),
        ("什么时候能买到菜（+3）", "什么时候能买到菜", 3),
        ("+2 孩子上学怎么办", "孩子上学怎么办", 2),
        ("孩子上学怎么办 赞 12", "孩子上学怎么办", 12),
        ("孩子上学怎么办👍5", "孩子上学怎么办", 5),
        ("孩子上学怎么办 7赞", "孩子上学怎么办", 7),
        ("不同意 -2", "不同意", -2),
        ("2. 核酸排队两小时 +1", "核酸排队两小时", 1),
        ("从4月1日到现在没有菜", "从4月1日到现在没有菜", 0),
        ("解封日期是 4-18", "解封日期是 4-18", 0),
    ],
)
def test_votes_stand_at_either_end(line, words, votes):
    (found,) = read_comments(line).found
    assert (found.words, found.votes) == (words, votes)


def test_votes_on_a_line_of_their_own_belong_to_the_comment_before():
    found = read_comments("透析病人怎么出小区\n+3\n\n太慢了\n赞 2").found
    assert [(each.words, each.votes) for each in found] == [("透析病人怎么出小区", 3), ("太慢了", 2)]


def test_the_page_s_furniture_is_left_out_and_counted():
    read = read_comments("全部评论(5)\n请先登录后发表评论\n回复\n菜价太高 +1\n暂无评论,快来发表你的评论吧")
    assert [each.words for each in read.found] == ["菜价太高"]
    assert read.left_out == 4


def test_a_sentence_with_a_word_of_the_page_is_a_comment():
    assert read_comments("请回复：几号复工").found[0].words == "请回复：几号复工"


@pytest.mark.parametrize(
    ("words", "theme"),
    [
        ("小区买不到菜，奶粉也没有", "food"),
        ("透析病人怎么去医院", "care"),
        ("高速口什么时候放行，健康码弹窗", "travel"),
        ("随便说说", "other"),
    ],
)
def test_words_suggest_a_theme(words, theme):
    assert theme_of(words) == theme


def test_rude_ones_are_marked_and_the_others_not():
    assert is_rude("一群饭桶")
    assert not is_rude("希望尽快解决")


@pytest.mark.parametrize(
    "number", ["13800000000", "138 0000 0000", "990101199001010011", "11010119900101001X"]
)
def test_numbers_that_lead_to_a_person_are_taken_out(number):
    assert without_numbers(f"请打{number}找我") == "请打□找我"


@pytest.mark.parametrize("text", ["2022-04-18起", "共 1234 户", "12345热线打不通", "3.14159265"])
def test_dates_counts_and_hotlines_stay(text):
    assert without_numbers(text) == text


@given(st.text(max_size=400))
def test_any_text_is_read_and_no_line_is_lost(text):
    read = read_comments(text)
    assert all(each.words == each.words.strip() and each.words for each in read.found)
    assert all(each.theme in themes() for each in read.found)
    lines = [line for line in text.splitlines() if line.strip()]
    assert len(read.found) + read.left_out <= len(lines)
