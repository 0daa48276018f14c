"""The situation report as a page and as files; and who may sign it."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from fangkong.command.reports import report_issue
from fangkong.faces.web.board.tests.made_city import LAST, NEAR, browser, made_city
from fangkong.faces.web.board.tests.test_board import CHINESE, text_of
from fangkong.record.access import system_actor
from fangkong.record.access.actor import roles
from fangkong.record.installation import installation
from fangkong.record.models import Document

pytestmark = pytest.mark.django_db
PATH = f"/report/{LAST.isoformat()}"


def issued() -> str:
    made_city(10)
    return report_issue(LAST, actor=system_actor("cycle"), at=installation().close_of(LAST))


def test_only_roles_with_the_permission_read_the_report():
    for role, entry in roles().items():
        expected = 200 if "report.read" in entry["may"] else 403
        assert browser(role).get("/report/").status_code == expected, role


def test_an_empty_record_says_so():
    assert "还没有数字" in text_of(browser("duty_officer").get("/report/"))


def test_a_report_not_yet_issued_is_a_draft_that_nobody_can_sign():
    made_city(10)
    client = browser("duty_officer")
    answer = client.get("/report/")
    assert answer.context["issue"] is None
    assert answer.context["may_sign"] is False
    assert "草稿" in text_of(answer)
    assert client.post(f"{PATH}/sign").status_code == 404


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_page_has_one_title_and_the_unknowns(language):
    issued()
    answer = browser("duty_officer", language=language).get(f"{PATH}/")
    body = answer.content.decode()
    assert body.count("<h1") == 1
    text = text_of(answer)
    assert ("还不知道" if language == "zh-hans" else "Not known") in text
    if language == "en":
        assert not CHINESE.search(text_of(answer).split("Legal basis")[0].replace("中文", ""))


def test_the_files_are_a_pdf_a_word_file_and_the_open_figures():
    issued()
    client = browser("duty_officer")
    pdf, word = client.get(f"{PATH}.pdf"), client.get(f"{PATH}.docx")
    assert pdf.content[:4] == b"%PDF"
    assert word.content[:2] == b"PK"
    assert f"situation-report-{LAST.isoformat()}.pdf" in pdf.headers["Content-Disposition"]
    figures = json.loads(client.get(f"{PATH}.json").content)
    assert figures["as_of"] == LAST.isoformat()
    assert figures["daily"][-1]["day"] == LAST.isoformat()


def test_the_duty_officer_signs_the_issued_report_once():
    key = issued()
    client = browser("duty_officer")
    assert client.get(f"{PATH}/").context["may_sign"] is True
    answer = client.post(f"{PATH}/sign", follow=True)
    assert answer.context["issue"]["signed_by"]
    assert answer.context["may_sign"] is False
    assert Document.objects.open().get(key=key).signed_by
    assert client.get("/").context["report"]["issue"]["signed_by"]


def test_nobody_signs_without_the_right_or_while_looking_back():
    issued()
    assert browser("general_group").post(f"{PATH}/sign").status_code == 403
    client = browser("duty_officer")
    client.post("/look-back/", {"day": LAST.isoformat(), "next": "/"})
    assert client.get(f"{PATH}/").context["may_sign"] is False
    assert client.post(f"{PATH}/sign").status_code == 409
    assert not Document.objects.exclude(signed_by="").exists()


def test_a_day_still_to_come_has_no_report():
    issued()
    later = (LAST + timedelta(days=9)).isoformat()
    client = browser("duty_officer")
    for ending in ("/", ".pdf", ".docx", ".json"):
        assert client.get(f"/report/{later}{ending}").status_code == 400, ending
    assert client.get("/report/2022-02-31/").status_code == 404


def test_a_district_reads_its_own_draft_and_not_the_citys_report():
    issued()
    answer = browser("district_officer", NEAR).get("/report/")
    assert answer.context["issue"] is None
    assert "望潮区" not in answer.content.decode()
    assert answer.context["past"] == []
