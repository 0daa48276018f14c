"""Reading any page whole: the public entry and its JSON."""

from __future__ import annotations

import json
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from fangkong.science.minutes import read
from fangkong.science.minutes.tests.annotation import NAMES, annotated
from fangkong.science.minutes.tests.pages import BARE, LAYOUTS, REPORT

CLAUSE_FIELDS = {
    "quote", "span", "text", "class", "owner", "object", "deadline", "trigger", "evidence", "duplicate_of", "confidence"
}  # fmt: skip
MEETING_FIELDS = {"date", "body", "number", "kind", "chairs", "reports_heard", "span"}


def test_the_json_has_the_published_shape() -> None:
    found = json.loads(json.dumps(read(LAYOUTS["portal"].replace("{report}", REPORT)).as_json()))
    assert {"report_span", "meetings", "clauses", "breaks"} <= set(found)
    assert all(set(clause) >= CLAUSE_FIELDS for clause in found["clauses"])
    assert all(set(meeting) >= MEETING_FIELDS for meeting in found["meetings"])
    assert {clause["class"] for clause in found["clauses"]} >= {"decision", "fact"}


def test_the_layout_of_the_page_changes_no_clause() -> None:
    plain = [(each.text, each.kind, each.owner) for each in read(BARE.replace("{report}", REPORT)).clauses]
    for layout in LAYOUTS.values():
        minutes = read(layout.replace("{report}", REPORT))
        assert [(each.text, each.kind, each.owner) for each in minutes.clauses] == plain


def test_a_page_without_a_report_gives_nothing() -> None:
    found = read("首页\n登录\n今日天气 晴").as_json()
    assert (found["report_span"], found["meetings"], found["clauses"]) == ([0, 0], [], [])


def test_a_megabyte_of_dense_report_takes_seconds(
    cpu_seconds: Callable[[Callable[[], object]], float],
) -> None:
    text = "\n".join(annotated(name)[0] for name in NAMES)
    text *= 200_000 // len(text.encode())
    assert len(read(text).clauses) > 2000
    assert cpu_seconds(lambda: read(text)) < 1  # a fifth of a megabyte: five seconds for all of it


@given(st.text(max_size=60), st.text(alphabet="会议强调，要各区。3月9日\n(huì)?,、", max_size=100))
def test_any_text_is_read_with_exact_quotes(noise: str, prose: str) -> None:
    source = noise + "\n" + prose
    minutes = read(source)
    for clause in minutes.clauses:
        assert source[slice(*clause.span)] == clause.quote
    json.dumps(minutes.as_json())
