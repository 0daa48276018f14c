"""A standing report in words: figures with source and day, refusals with their reason, tables in both languages."""

from __future__ import annotations

from typing import Any

import pytest

from fangkong.faces.papers.meeting_phrases import areas_of, item_view, number_of

pytestmark = pytest.mark.django_db

ITEM: dict[str, Any] = {
    "code": "guidance",
    "title": "",
    "by": "general_group",
    "heard": True,
    "paper": {
        "filled_at": "2022-04-18T01:30:00+00:00",
        "through": "2022-04-17",
        "entries": [
            {"code": "rules_in_force", "value": 1, "sources": ["record.rules"], "as_of": "2022-04-18"},
            {"code": "supply", "refusal": "no_desk_yet", "params": {}},
        ],
        "tables": [
            {
                "code": "rules",
                "left_out": 3,
                "rows": [
                    {
                        "document": "plan-8",
                        "title_zh": "第八版",
                        "title_en": "Edition 8",
                        "confidence": "verified",
                    }
                ],
            },
            {
                "code": "streets",
                "left_out": 0,
                "rows": [{"area": "990101001", "tasks": 9, "done": 4, "open": 5, "late": 1}],
            },
        ],
    },
}


@pytest.mark.parametrize(("lang", "title"), [("zh-hans", "第八版"), ("en", "Edition 8")])
def test_a_paper_says_source_and_day_and_names_what_nobody_reports(lang, title):
    view = item_view(ITEM, lang, {"990101001": "长堤街道"})
    (figure,) = view["figures"]
    assert "1" in figure["value"]
    assert "18" in figure["basis"]
    assert len(view["unreported"]) == 1
    rules, streets = view["tables"]
    assert rules["rows"][0][0] == title
    assert "3" in rules["more"]
    assert streets["rows"] == [["长堤街道", "9", "4", "5", "1"]]
    assert streets["more"] == ""


def test_a_report_that_a_text_tells_of_was_heard_and_has_no_paper():
    view = item_view({"code": "heard", "title": "疫情态势", "by": "", "paper": ""}, "zh-hans", {})
    assert (view["title"], view["heard"], view["figures"], view["filled"]) == ("疫情态势", True, [], None)


def test_areas_of_papers_and_the_name_of_a_meeting():
    assert areas_of([ITEM, {"code": "item", "title": "x", "by": "", "paper": {}}]) == {"990101001"}
    assert number_of("领导小组", 12, "numbered", "en") == "领导小组, meeting no. 12"
    assert "领导小组" in number_of("领导小组", None, "ordinary", "zh-hans")
