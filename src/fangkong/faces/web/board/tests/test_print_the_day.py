"""The paper pack from the page: the reader's own area, the reader's own lists, no person."""

from __future__ import annotations

from io import BytesIO

import pytest
from pypdf import PdfReader

from .made_city import CITY, FAR, LAST, NAME, NAMES, NEAR, browser, made_city

pytestmark = pytest.mark.django_db


def text_of(answer) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages)


def test_the_office_prints_its_day_with_orders_and_tasks_and_no_name():
    made_city(10)
    answer = browser("duty_officer").get(f"/report/{LAST}/pack.pdf")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == f'attachment; filename="day-pack-{LAST}.pdf"'
    text = text_of(answer)
    for shown in ("GL-0417-000", "GL-0417-001", "交接班单", NAMES[FAR][0]):
        assert shown in text
    assert NAME not in text


def test_a_district_prints_its_own_area_only():
    made_city(10)
    text = text_of(browser("district_officer", NEAR).get(f"/report/{LAST}/pack.pdf"))
    assert NAMES[NEAR][0] in text
    assert NAMES[FAR][0] not in text


def test_the_button_is_where_the_report_may_be_read():
    made_city(10)
    client = browser("duty_officer")
    assert "/pack.pdf" in client.get("/").content.decode()
    assert "/pack.pdf" in client.get(f"/report/{LAST}/").content.decode()
    assert browser("laboratory", CITY).get(f"/report/{LAST}/pack.pdf").status_code == 403


def test_a_day_to_come_is_refused():
    made_city(10)
    assert browser("duty_officer").get("/report/2999-01-01/pack.pdf").status_code == 400


def test_the_codes_of_the_report_are_the_same_in_both_languages():
    made_city(10)
    found = [
        browser("duty_officer", language=lang).get(f"/report/{LAST}/codes.json") for lang in ("zh-hans", "en")
    ]
    assert found[0].json() == found[1].json()
    assert found[0].json()["command"]["entries"]
