"""The assessment: an area of one's own, every figure with its interval or its refusal."""

from __future__ import annotations

import pytest

from fangkong.faces.web.board.tests.made_city import CITY, FAR, NEAR, browser, made_city
from fangkong.faces.web.board.tests.test_board import CHINESE, text_of

pytestmark = pytest.mark.django_db


def test_the_entry_leads_to_the_area_of_the_reader():
    made_city(10)
    assert browser("duty_officer").get("/assess/").headers["Location"] == f"/assess/{CITY}/"
    assert browser("district_officer", NEAR).get("/assess/").headers["Location"] == f"/assess/{NEAR}/"


def test_an_empty_record_says_so():
    assert "还没有数字" in text_of(browser("duty_officer").get("/assess/"))


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_an_area_has_its_curve_its_estimates_and_their_making(language):
    made_city(200)
    answer = browser("duty_officer", language=language).get(f"/assess/{CITY}/")
    assert answer.status_code == 200
    rt = next(
        cell
        for cell in answer.context["strip"]
        if cell["label"] in ("有效再生数 Rt", "Reproduction number Rt")
    )
    assert rt["value"]
    assert "95%" in rt["note"]
    assert answer.context["curve"]["data"]["days"][-1] == "2022-04-17"
    drawn = [value for value in answer.context["rt"]["data"]["mid"] if value is not None]
    # The last point of the chart is the median of the posterior whose mean stands in the strip.
    assert drawn[-1] == pytest.approx(float(rt["value"]), rel=0.1)
    if language == "en":
        assert not CHINESE.search(text_of(answer).replace("中文", ""))


def test_few_cases_are_refused_with_the_reason():
    made_city(10)
    answer = browser("duty_officer").get(f"/assess/{CITY}/")
    assert {row["label"] for row in answer.context["refusals"]} >= {"有效再生数 Rt", "每日增长率"}
    assert answer.context["rt"] is None


def test_an_area_outside_the_scope_is_not_found():
    made_city(10)
    client = browser("district_officer", NEAR)
    assert client.get(f"/assess/{NEAR}/").status_code == 200
    assert client.get(f"/assess/{FAR}/").status_code == 404
    assert client.get(f"/assess/{CITY}/").status_code == 404


def test_a_role_without_daily_figures_is_refused():
    assert browser("hospital").get("/assess/").status_code == 403
