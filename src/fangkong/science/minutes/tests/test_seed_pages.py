"""Stored pages of real meetings, against their annotation by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fangkong.science.minutes.damage import GARBLED, TRUNCATED
from fangkong.science.minutes.minutes import Minutes, read

pytestmark = pytest.mark.real_data


@pytest.fixture(scope="module")
def pages(real_data: Path) -> list[tuple[dict[str, Any], Minutes]]:
    folder = real_data.parent / "seeds"
    if not folder.is_dir():
        pytest.skip("no stored pages beside the real data")
    gold = json.loads((real_data / "minutes" / "seeds.json").read_text(encoding="utf-8"))["seeds"]
    return [(seed, read((folder / seed["file"]).read_bytes().decode("utf-8"))) for seed in gold]


def test_the_report_is_found_to_the_character(pages: list[tuple[dict[str, Any], Minutes]]) -> None:
    for seed, minutes in pages:
        assert list(minutes.report.span) == seed["report_span"]
        embedded = [[*span] for span in minutes.report.embedded]
        assert embedded == [each["span"] for each in seed["embedded_furniture"]]


def test_every_quote_is_exact_and_none_is_furniture(pages: list[tuple[dict[str, Any], Minutes]]) -> None:
    for seed, minutes in pages:
        first, last = seed["report_span"]
        for clause in minutes.clauses:
            assert minutes.source[slice(*clause.span)] == clause.quote
            assert first <= clause.span[0] < clause.span[1] <= last


def test_repairs_are_named_as_by_hand(pages: list[tuple[dict[str, Any], Minutes]]) -> None:
    for seed, minutes in pages:
        reading = minutes.report.text
        for clause in seed["clauses"]:
            start, end = (reading.at_source(place) for place in clause["span"])
            assert reading.quote(start, end) == clause["quote"]
            assert reading.repairs(start, end) == set(clause["repairs"]), clause["id"]


def test_the_breaks_are_reported(pages: list[tuple[dict[str, Any], Minutes]]) -> None:
    for seed, minutes in pages:
        for code in (TRUNCATED, GARBLED):
            broken = [clause["span"] for clause in seed["clauses"] if code in clause["repairs"]]
            spans = [each.span for each in minutes.report.breaks if each.code == code]
            assert all(any(a < end and b > start for a, b in spans) for start, end in broken)
            assert all(any(a < end and b > start for start, end in broken) for a, b in spans)


def test_meetings_are_described_as_by_hand(pages: list[tuple[dict[str, Any], Minutes]]) -> None:
    for seed, minutes in pages:
        assert len(minutes.meetings) == len(seed["meetings"])
        for gold, found in zip(seed["meetings"], minutes.as_json()["meetings"], strict=True):
            for field in ("id", "date", "number", "span", "venues" if not gold["venues"] else "id"):
                assert found[field] == gold[field], (seed["seed"], field)
            assert found["kind"] == gold["kind"].split(",")[0]
            assert found["issuing_level"] == gold["issuing_level"]
            assert gold["body"].endswith(found["body"]) or gold["body"].startswith(found["body"])
            assert gold["body_on_page"] in found["body_on_page"]
            assert [(who["name"], who["post"]) for who in found["chairs"]] == [
                (who["name"], who["post"]) for who in gold["chairs"]
            ]
            assert all(
                by["role"].startswith(who["role"])
                for who, by in zip(found["chairs"], gold["chairs"], strict=True)
            )
            assert len(found["reports_heard"]) == len(gold["reports_heard"])
            assert len(found["reports_by"]) == len(gold["reports_by"])


def test_a_date_whose_year_the_page_does_not_give_says_so(
    pages: list[tuple[dict[str, Any], Minutes]],
) -> None:
    for seed, minutes in pages:
        inferred = "inferred" in seed["meetings"][0]["date_basis"]
        assert (minutes.meetings[0].day.basis == "inferred_year") == inferred
