"""Bulletins of other places, in other styles: every number is what its clause says it is."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from fangkong.science.bulletins import bulletin_rows, read_bulletin

from .unseen import PAGES as FIRST
from .unseen_more import MORE

PAGES = (*FIRST, *MORE)


def keyed(bulletin):
    return {
        (r["day"], r["area"], r["measure"], r["channel"], r["origin"], r["source"]): r["value"]
        for r in bulletin_rows(bulletin)
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_figure_of_the_key_is_read_and_no_other(page):
    bulletin = read_bulletin(page.text, published_on=page.day + timedelta(days=1))
    key = {(k if isinstance(k[0], date) else (page.day, *k)): v for k, v in page.key.items()}
    assert keyed(bulletin) == key
    assert bulletin.area == page.area
    assert bulletin.day == page.day
    assert set(page.held) <= {page.text[held.span[0] : held.span[1]] for held in bulletin.held}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_sums_of_these_pages_agree(page):
    assert [check for check in read_bulletin(page.text).checks if not check.agrees] == []


@pytest.mark.parametrize(
    ("text", "figures", "held"),
    [
        ("2031年5月2日，我市新增确诊病例家属3人被隔离。", {}, ["3人"]),
        ("2031年5月2日，新增隔离点5个，床位1200张，新增隔离人员300人。", {}, ["5", "1200", "300人"]),
        ("2031年5月2日，东山区、西山区新增确诊病例5例。", {}, ["5例"]),
        ("2031年5月2日，新增确诊病例5例，学生3例，务工人员2例。", {"confirmed": 5}, ["3例", "2例"]),
        ("2031年5月2日，新增新冠肺炎确诊病例3例，流感病例20例。", {"confirmed": 3}, ["20例"]),
        ("2031年5月2日，新增确诊病例约50例。新增无症状感染者数十例。", {}, ["50例"]),
        (
            "2031年5月2日，新增确诊病例4例和无症状感染者5例，其中2例在隔离管控中发现。",
            {"confirmed": 4, "asymptomatic": 5},
            ["2例"],
        ),
        ("2031年5月2日，全国新增确诊病例15例，我市新增2例。", {}, ["15例", "2例"]),
    ],
)
def test_what_a_number_counts_is_never_guessed(text, figures, held):
    bulletin = read_bulletin(text)
    assert {row["measure"]: row["value"] for row in bulletin_rows(bulletin)} == figures
    assert [text[h.span[0] : h.span[1]] for h in bulletin.held] == held


def test_one_district_under_two_names_is_one_by_its_code():
    text = "2031年5月2日，新增本土确诊病例5例，其中东山3例、西山区2例。\n\n2031年5月2日，东山新区新增本土确诊病例4例。"
    names = {"东山新区": "990101", "西山区": "990102"}
    bulletin = read_bulletin(text, area_names=names)
    assert {row["area_code"]: row["value"] for row in bulletin_rows(bulletin)} == {"": 5, "990102": 2}
    assert [held.why for held in bulletin.held] == ["contradiction", "contradiction"]
