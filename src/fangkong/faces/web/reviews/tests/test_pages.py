"""The pages of reviews and gaps: every deed from its form, refusals in place, both languages, bounded queries."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from fangkong.command.models import Gap, Review
from fangkong.command.reviews.actions import review_key_of, review_open
from fangkong.command.reviews.tests.made_case import (
    AT,
    WORKER,
    after,
    case_reported,
    followed,
    known,
    office,
    positive_result,
)
from fangkong.desks.control.tests.people import DISTRICT, NEIGHBOUR, contact
from fangkong.record.models import User

pytestmark = pytest.mark.django_db

#: The most queries of a page, session, user and settings among them.
MOST_QUERIES = 20


def client(role: str, area: str = "9901", lang: str = "zh-hans") -> Client:
    browser = Client()
    browser.force_login(User.objects.get(key=known(role, area).key))
    browser.cookies["django_language"] = lang
    return browser


@pytest.fixture
def key() -> str:
    """A case of this morning with its review."""
    office()
    positive_result(at=AT)
    followed()
    case_reported(at=after(0.5), onset=date(2022, 4, 9))
    followed()
    return review_key_of("case", "C1")


def said(answer) -> str:
    return answer.content.decode()


def test_the_list_and_the_review_in_both_languages(key):
    for lang, words in (("zh-hans", "没有记录"), ("en", "Not recorded")):
        browser = client("general_group", lang=lang)
        assert "No-C1" in said(browser.get("/reviews/"))
        page = browser.get(f"/reviews/{key}/")
        assert words in said(page)
        assert "‹" not in said(page)
    assert browser.get(f"/reviews/{key}/review.pdf").content[:4] == b"%PDF"
    assert browser.get(f"/reviews/{key}/review.docx").content[:2] == b"PK"


def test_held_from_its_forms_to_the_end(key):
    browser = client("general_group")
    for deed, form in (
        ("hold", {}),
        ("remark", {"step": "first_care", "words": "先到诊所购药"}),
        ("cause", {"cause": "transfer", "words": "夜间车辆不足"}),
        ("gap", {"title": "夜间车辆不足", "cause": "transfer", "owner_role": "community_group"}),
    ):
        assert browser.post(f"/reviews/{key}/{deed}/", form).status_code == 302, deed
    page = said(browser.get(f"/reviews/{key}/"))
    assert "先到诊所购药" in page
    assert browser.post(f"/reviews/{key}/close/", {}).status_code == 302
    assert Review.objects.open().get().state == "closed"
    second = browser.post(f"/reviews/{key}/close/", {"no_gap_because": "无"})
    assert second.status_code == 409
    assert "已经结束" in said(second)

    gap = Gap.objects.open().get().key
    owner = client("community_group")
    assert owner.post(f"/gaps/{gap}/prove/", {"proof": "已签夜间车辆协议"}).status_code == 302
    assert owner.post(f"/gaps/{gap}/close/").status_code == 403
    assert browser.post(f"/gaps/{gap}/return/", {"reason": "缺排班表"}).status_code == 302
    assert "缺排班表" in said(owner.get(f"/gaps/{gap}/"))
    owner.post(f"/gaps/{gap}/prove/", {"proof": "已签夜间车辆协议，附排班表"})
    assert browser.post(f"/gaps/{gap}/close/").status_code == 302
    assert "夜间车辆不足" in said(browser.get("/gaps/?show=closed"))


def test_what_is_refused_is_said_in_place_with_what_was_typed(key):
    browser = client("general_group")
    refused = browser.post(f"/reviews/{key}/cause/", {"cause": "other", "words": "建议追责值班人员"})
    assert refused.status_code == 400
    assert "不追究个人" in said(refused)
    assert "建议追责值班人员" in said(refused)
    empty = browser.post(f"/reviews/{key}/close/", {})
    assert empty.status_code == 400
    assert "没有发现短板" in said(empty)


def test_no_form_asks_for_a_person(key):
    page = said(client("general_group").get(f"/reviews/{key}/"))
    for name in ("person", "culprit", "owner_key", "name"):
        assert f'name="{name}"' not in page
    assert "不追究个人" in page


def test_replayed_as_of_a_day_before_it_was_known(key):
    browser = client("general_group")
    assert "当时还不知道" in said(browser.get(f"/reviews/{key}/?as_of=2022-04-09"))
    assert "网络报告" in said(browser.get(f"/reviews/{key}/?as_of=2022-04-11"))
    # A day that is none is passed over.
    assert browser.get(f"/reviews/{key}/?as_of=soon").status_code == 200


def test_an_older_case_is_opened_by_its_number(key):
    browser = client("general_group")
    assert browser.post("/reviews/open/", {"case_no": "No-C1"}).headers["Location"] == f"/reviews/{key}/"
    unknown = browser.post("/reviews/open/", {"case_no": "No-C9"})
    assert unknown.status_code == 400
    assert "No-C9" in said(unknown)


def test_a_neighbour_and_a_grid_worker_see_nothing(key):
    assert client("district_officer", NEIGHBOUR).get(f"/reviews/{key}/").status_code == 404
    assert client("grid_worker", DISTRICT).get("/reviews/").status_code == 403


def test_pages_cost_the_same_for_many_reviews(key):
    browser = client("general_group")
    paths = ("/reviews/?show=all", "/gaps/", f"/reviews/{key}/")

    def cost(path: str) -> int:
        browser.get(path)
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(path).status_code == 200
        return len(queries)

    browser.post(f"/reviews/{key}/hold/")
    few = {path: cost(path) for path in paths}
    for n in range(15):
        review_open("case", f"D{n}", area_code=DISTRICT, disease="covid-19", actor=WORKER, at=AT)
        contact(f"K{n}", known=AT, last=date(2022, 4, 10), case_key="C1", person_key=f"q{n}")
    many = {path: cost(path) for path in paths}
    assert max(many[path] - few[path] for path in paths) <= 2
    assert max(many.values()) <= MOST_QUERIES
