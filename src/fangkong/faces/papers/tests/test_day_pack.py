"""The paper pack in both languages: contents, lists with ends, boxes to tick, forms to sign, and one digest."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from fangkong.faces.papers.day_pack import day_pack_pdf, day_pack_view

from .made_report import made_report
from .test_papers import CODE, texts

pytestmark = pytest.mark.django_db
DIGEST = "ab" * 32


def made_pack(**changes: Any) -> dict[str, Any]:
    order = {"order_no": "GL-1", "kind": "quarantine", "subject_kind": "person", "area_code": "9901"}
    order |= {"starts_on": "2022-04-15", "expires_on": "2022-04-19"}
    task = {"kind": "serve_notice", "title": "", "area_code": "9901", "owner_role": "community_group"}
    task |= {"post": "", "state": "awaiting", "due_at": "2022-04-18T10:00:00+00:00", "evidence_kind": ""}
    receipt = {"directive_no": "ZL-1", "title": "清点试剂", "area_code": "9901", "role": "district_officer"}
    receipt |= {"unit": "", "acknowledge_by": "2022-04-18T05:00:00+00:00"}
    rule = {
        "title_zh": "防控方案（第八版）",
        "title_en": "Control plan, 8th edition",
        "issued_on": "2021-05-14",
    }
    rule |= {"confidence": "unverified", "row_count": 19}
    item = {"kind": "task", "code": "task.kind.serve_notice", "title": "", "area_code": "9901", "why": "等人"}
    item |= {"owner_role": "community_group", "due_at": "", "until_at": "2022-04-19T02:00:00+00:00"}
    return {
        "as_of": "2022-04-18",
        "area": {"code": "9901", "name_zh": "临江市", "name_en": "Linjiang"},
        "areas": {"9901": {"name_zh": "临江市", "name_en": "Linjiang"}},
        "disease": "covid-19",
        "report": made_report(),
        "orders_to_decide": {"total": 0, "rows": []},
        "orders_in_force": {"total": 900, "rows": [order]},
        "tasks": {"total": 1, "rows": [task]},
        "directives": {"total": 1, "rows": [receipt]},
        "duty": None,
        "handover": {"total": 1, "rows": [item]},
        "rules": {"total": 1, "rows": [rule]},
        "blank_rows": 3,
        "content_hash": DIGEST,
        **changes,
    }


def pages(content: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(BytesIO(content)).pages]


def part(view: dict[str, Any], title: str) -> list[dict[str, Any]]:
    return next(each["sections"] for each in view["parts"] if each["title"] == title)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_code_is_left_in_the_pack(lang: str) -> None:
    assert [text for text in texts(day_pack_view(made_pack(), lang)) if CODE.search(text)] == []


def test_the_cover_lists_every_part_with_its_page() -> None:
    found = pages(day_pack_pdf(made_pack(), "en"))
    titles = [each["title"] for each in day_pack_view(made_pack(), "en")["parts"]]
    for title in titles:
        (line,) = [line for line in found[0].splitlines() if line.startswith(title + " .")]
        number = int(re.findall(r"\d+", line)[-1])
        assert title in found[number - 1]
    assert DIGEST in found[0].replace("\n", "")
    for n, page in enumerate(found, start=1):
        assert f"page {n} of {len(found)}" in page
        assert DIGEST[:12] in page


def test_the_same_pack_is_the_same_file() -> None:
    assert day_pack_pdf(made_pack(), "zh") == day_pack_pdf(made_pack(), "zh")


def test_orders_say_their_end_and_how_many_are_not_printed() -> None:
    said, table = part(day_pack_view(made_pack(), "en"), "Orders in force and when they end")
    assert said["paragraphs"] == ["900 in all; the first 1 are printed, the rest is on the platform."]
    assert table["rows"] == [["19 Apr", "GL-1", "Quarantine order", "Linjiang", "15 Apr"]]


def test_tasks_have_a_box_and_stand_under_their_owner() -> None:
    _, table = part(day_pack_view(made_pack(), "zh"), "到期任务，按责任岗位")
    assert table["rows"][0][:2] == ["☐", "04-18 18:00"]
    assert table["title"] == "社区防控组"


def test_a_list_that_the_role_does_not_see_says_so_and_leaves_a_blank_form() -> None:
    silent, form = part(day_pack_view(made_pack(), "en"), "Duty roster")
    assert silent["paragraphs"] == ["Your role does not see this list."]
    assert (form["kind"], form["blank"]) == ("form", 3)


def test_the_handover_has_two_to_sign() -> None:
    sections = part(day_pack_view(made_pack(), "en"), "Handover sheet")
    assert sections[-1]["rows"][0][1:] == ["Linjiang", "Community group", "19 Apr 10:00", "等人"]
    assert sections[-1]["sign"] == ["Goes off duty", "Comes on duty", "Time"]
