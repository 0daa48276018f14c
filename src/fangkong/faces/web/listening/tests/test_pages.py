"""The pages of listening: entered, pasted, merged and answered from forms; write-only roles have a page too."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from fangkong.command.listening.queries import changed_for_citizens
from fangkong.command.listening.tests.test_listening import MEETING, duty
from fangkong.command.models import Concern, GrassrootsProposal, NewProblem
from fangkong.command.reviews.tests.made_case import after, known, office
from fangkong.desks.control.tests.people import DISTRICT, NEIGHBOUR
from fangkong.record.models import User

pytestmark = pytest.mark.django_db

FORM = {"channel": "comments", "area_code": DISTRICT, "voiced_on": "2022-04-11"}


@pytest.fixture(autouse=True)
def _office():
    office()


def client(role: str, area: str = "9901", lang: str = "zh-hans") -> Client:
    browser = Client()
    browser.force_login(User.objects.get(key=known(role, area).key))
    browser.cookies["django_language"] = lang
    return browser


def said(answer) -> str:
    return answer.content.decode()


def test_pasted_merged_and_answered_with_what_changed():
    browser = client("communication_group")
    pasted = browser.post("/listening/paste/", FORM | {"text": "买不到菜 +3\n没有菜吃 +2\n几号上学"})
    assert pasted.status_code == 200
    assert "新收 3 条" in said(pasted)
    food = list(Concern.objects.open().filter(theme="food").values_list("key", flat=True))
    assert browser.post("/listening/merge/", {"key": food}).status_code == 302
    (head,) = Concern.objects.open().filter(theme="food", same_as_key="")
    assert head.votes == 3
    assert "2 条，赞成 5" in said(browser.get(f"/listening/concerns/{head.key}/"))
    refused = browser.post(f"/listening/concerns/{head.key}/answer/", {"answered_in": "", "answer": ""})
    assert refused.status_code == 400
    assert "为什么没有作出决定" in said(refused)
    form = {"answered_in": f"duty|{duty()}", "changed": "每栋楼每日送菜"}
    assert browser.post(f"/listening/concerns/{head.key}/answer/", form).status_code == 302
    page = said(browser.get(f"/listening/concerns/{head.key}/"))
    assert "每日保供巡查" in page
    assert len(changed_for_citizens(MEETING, actor=known("communication_group"), at=after(9))) == 1
    again = browser.post(f"/listening/concerns/{head.key}/answer/", form)
    assert again.status_code == 409
    assert "已答复" in said(again)


def test_one_tick_is_nothing_to_merge():
    browser = client("communication_group")
    browser.post("/listening/paste/", FORM | {"text": "买不到菜"})
    key = Concern.objects.open().get().key
    refused = browser.post("/listening/merge/", {"key": [key]})
    assert refused.status_code == 400
    assert "至少选两条" in said(refused)


def test_a_grid_worker_enters_and_sees_the_answer_but_not_the_rest():
    browser = client("grid_worker", DISTRICT)
    form = {"title": "按门铃登记需求", "words": "老人不会扫码", "area_code": DISTRICT}
    assert browser.post("/listening/proposal/", form).status_code == 200
    assert "按门铃登记需求" in said(browser.get("/listening/"))
    raised = browser.post("/listening/problem/", form | {"owner_role": "community_group"})
    assert raised.status_code == 200
    assert browser.get("/listening/?list=concerns").status_code == 200
    assert "粘贴一批评论" not in said(browser.get("/listening/"))
    key = GrassrootsProposal.objects.open().get().key
    assert browser.get(f"/listening/proposals/{key}/").status_code == 403

    leader = client("co_chair")
    assert leader.post(f"/listening/proposals/{key}/decline/", {"answer": "已有同类做法"}).status_code == 302
    assert "已有同类做法" in said(browser.get("/listening/"))
    problem = NewProblem.objects.open().get().key
    owner = client("community_group")
    assert owner.post(f"/listening/problems/{problem}/study/", {"study": "查明"}).status_code == 302
    form = {"answer": "纳入巡查", "leads_to": f"duty|{duty()}"}
    assert owner.post(f"/listening/problems/{problem}/answer/", form).status_code == 302
    assert "每日保供巡查" in said(owner.get(f"/listening/problems/{problem}/"))


def test_every_list_says_what_to_do_when_it_is_empty_in_both_languages():
    for lang, words in (
        ("zh-hans", ("没有意见", "没有新问题", "没有建议")),
        ("en", ("No con", "No new", "No pro")),
    ):
        browser = client("communication_group", lang=lang)
        for which, word in zip(("concerns", "problems", "proposals"), words, strict=True):
            page = said(browser.get(f"/listening/?list={which}"))
            assert word in page
            assert "‹" not in page


def test_scope_and_permission():
    browser = client("communication_group")
    browser.post("/listening/concern/", FORM | {"words": "买不到菜", "votes": "2"})
    key = Concern.objects.open().get().key
    assert client("district_officer", NEIGHBOUR).get(f"/listening/concerns/{key}/").status_code == 404
    assert client("oversight").get(f"/listening/concerns/{key}/").status_code == 200
    assert (
        client("supply_group").post(f"/listening/concerns/{key}/outside/", {"reason": "x"}).status_code == 403
    )
    wrong = browser.post("/listening/concern/", FORM | {"words": "x", "votes": "many"})
    assert wrong.status_code == 400


def test_the_page_costs_the_same_for_many_concerns():
    browser = client("communication_group")

    def cost() -> int:
        browser.get("/listening/")
        with CaptureQueriesContext(connection) as queries:
            assert browser.get("/listening/").status_code == 200
        return len(queries)

    browser.post("/listening/paste/", FORM | {"text": "买不到菜"})
    few = cost()
    text = "\n".join(f"第{n}小区买不到菜 +{n}" for n in range(60))
    browser.post("/listening/paste/", FORM | {"text": text})
    many = cost()
    assert many <= few + 2
    assert many <= 20
