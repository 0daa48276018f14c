"""Where people land after signing in, and what a refusal leaves them with."""

from __future__ import annotations

import re

import pytest
from django.template import Context, Template
from django.test import Client
from django.utils import translation

from fangkong.faces.web.board.tests.made_city import CITY, browser, made_city
from fangkong.faces.web.frame import RAIL, RAIL_GROUPS
from fangkong.record.access.actor import roles
from fangkong.record.actions import user_create

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", sorted(roles()))
def test_everybody_lands_on_a_page_that_the_role_may_open(role):
    user_create("somebody", "a long password", role=role, area_code=CITY, display_name="某", actor="test")
    answer = Client().post("/sign-in/", {"username": "somebody", "password": "a long password"}, follow=True)
    assert answer.status_code == 200
    assert answer.redirect_chain


def test_a_refused_page_keeps_the_rail_and_leads_on():
    made_city(3)
    answer = browser("auditor").get("/")
    page = answer.content.decode()
    assert answer.status_code == 403
    assert 'class="rail"' in page
    assert 'href="/sign-out/"' in page or 'action="/sign-out/"' in page
    assert page.count("<h1") == 1
    assert "你的岗位不能看这一页" in page
    assert "打开报送" in page


def test_a_long_rail_is_grouped_and_folds_on_a_phone_and_a_short_one_stays_a_strip():
    long = browser("duty_officer").get("/notices/").content.decode()
    assert 'popovertarget="rail"' in long
    assert re.findall(r'class="rail__k">([^<]+)<', long) == ["当日", "业务", "指挥", "记录与规则"]
    short = browser("grid_worker", f"{CITY}01001001").get("/notices/").content.decode()
    assert "popover" not in short
    assert "rail__k" not in short


def test_every_desk_of_the_rail_has_one_letter_of_its_own():
    letters = [letter for group in RAIL for *_, letter in group]
    assert len(set(letters)) == len(letters)
    assert len(RAIL) == len(RAIL_GROUPS)


@pytest.mark.parametrize(
    ("role", "place"),
    [
        ("duty_officer", "/"),
        ("grid_worker", "/my-day/"),
        ("checkpoint", "/checkpoint/"),
        ("auditor", "/receive/"),
    ],
)
def test_the_first_page_is_where_the_work_begins(role, place):
    area_code = f"{CITY}01001001" if role == "grid_worker" else CITY
    user_create(
        "somebody", "a long password", role=role, area_code=area_code, display_name="某", actor="test"
    )
    answer = Client().post("/sign-in/", {"username": "somebody", "password": "a long password"})
    assert answer["Location"] == place


def test_a_page_that_is_not_there_keeps_the_rail_for_who_is_signed_in_and_shows_nothing_to_others():
    assert 'class="rail"' in browser("duty_officer").get("/nowhere/").content.decode()
    assert 'class="rail"' not in Client().get("/nowhere/").content.decode()


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("en", 'column <span lang="zh-CN">采样时间</span> of &lt;b&gt;'),
        ("zh-hans", "column 采样时间 of &lt;b&gt;"),
    ],
)
def test_chinese_inside_an_english_sentence_is_marked_and_markup_stays_text(language, shown):
    with translation.override(language):
        made = Template("{% load fk %}{{ text|tongue }}").render(Context({"text": "column 采样时间 of <b>"}))
    assert made == shown
