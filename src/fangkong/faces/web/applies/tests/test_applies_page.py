"""What applies to me: answered to anybody from the rules of the day, in both languages, and never kept."""

from __future__ import annotations

import re

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client

from fangkong.faces.web.applies import views
from fangkong.faces.web.flood import PROTECTED_LINE, FloodGuard
from fangkong.record.models import AuditRow

pytestmark = pytest.mark.django_db

CJK = re.compile(r"[\u4e00-\u9fff]")
ME = {
    "about": "me",
    "disease": "covid-19",
    "area": "320100",
    "risk": "low",
    "day": "2022-07-06",
    "to": "320500",
}
COMMUTE = {"about": "commute", "disease": "covid-19", "home": "130681", "work": "320509", "day": "2022-07-06"}


def visitor(language: str = "zh-hans") -> Client:
    client = Client()
    client.cookies["django_language"] = language
    return client


def words_of(response) -> str:
    page = response.content.decode().partition("<main")[2].partition("</main>")[0]
    page = re.sub(r'<(\w+)[^>]*\bclass="[^"]*\bmono\b[^"]*"[^>]*>.*?</\1>', " ", page, flags=re.S)
    page = re.sub(r'<(\w+)[^>]*\blang="zh-CN"[^>]*>.*?</\1>', " ", page, flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


@pytest.mark.parametrize(("language", "said"), [("zh-hans", "请填地区代码"), ("en", "Enter the area code")])
def test_without_a_question_it_says_what_to_enter_and_needs_neither_account_nor_installation(language, said):
    answer = visitor(language).get("/applies/")
    assert answer.status_code == 200
    assert said in words_of(answer)
    assert "sessionid" not in answer.cookies


@pytest.mark.parametrize(
    ("language", "sentence", "as_of"),
    [
        ("zh-hans", "做好个人防护，避免聚集；离开前要有 48 小时内核酸阴性；", "2022-07-06"),
        ("en", "protect yourself and avoid gatherings; before you leave: a negative PCR", "6 Jul 2022"),
    ],
)
def test_an_address_a_day_and_a_journey_give_one_sentence_with_its_rows(language, sentence, as_of):
    answer = visitor(language).post("/applies/", ME)
    text = words_of(answer)
    assert sentence in text
    assert as_of in text
    assert "area.exit_pcr_hours" in answer.content.decode()
    assert re.findall(r"\b[a-z]+_[a-z_]+\b|‹", text) == []
    if language == "en":
        assert CJK.findall(text) == []


def test_another_day_gives_another_sentence():
    low = words_of(visitor().post("/applies/", ME))
    ended = words_of(visitor().post("/applies/", ME | {"day": "2023-02-01", "risk": ""}))
    assert "48 小时内核酸阴性" in low
    assert "48 小时内核酸阴性" not in ended


def test_a_closed_area_says_that_nobody_leaves_it():
    text = words_of(visitor("en").post("/applies/", ME | {"risk": "high", "to": ""}))
    assert "stay at home, served at the door; you may not leave the area." in text


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_commute_shows_both_ends_the_binding_one_and_what_a_refusal_costs(language):
    answer = visitor(language).post("/applies/", COMMUTE)
    text = words_of(answer)
    for said in {
        "zh-hans": ["先登记", "居住地", "工作地", "以哪一端为准", "误工", "2022-07-07"],
        "en": ["registration first", "home", "work", "The end that binds", "working day", "7 Jul 2022"],
    }[language]:
        assert said in text
    assert re.findall(r"\b[a-z]+_[a-z_]+\b|‹", text) == []
    if language == "en":
        assert CJK.findall(text) == []


@pytest.mark.parametrize(
    "wrong",
    [
        ME | {"area": "99"[:1]},
        ME | {"area": "<script>"},
        ME | {"day": "9999-12-31"},
        ME | {"day": "yesterday"},
        ME | {"risk": "purple"},
        ME | {"disease": "plague-of-frogs"},
        COMMUTE | {"work": "130681"},
        COMMUTE | {"negative": "-3"},
        COMMUTE | {"registered": "99999999"},
    ],
)
def test_what_is_wrong_is_said_on_the_page_with_what_was_typed(wrong):
    answer = visitor("en").post("/applies/", wrong)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()
    assert "<script>" not in answer.content.decode().partition("<main")[2]
    assert f'value="{wrong.get("area") or wrong["home"]}"' in answer.content.decode() or "<" in wrong["area"]


def test_nothing_of_a_question_is_kept(caplog):
    before = AuditRow.objects.count()
    for asked in (ME, COMMUTE):
        answer = visitor().post("/applies/", asked)
        assert "no-store" in answer["Cache-Control"]
        assert "sessionid" not in answer.cookies
    assert AuditRow.objects.count() == before
    assert not Session.objects.exists()
    assert "320100" not in caplog.text


def test_a_script_has_to_wait_and_a_family_does_not(monkeypatch):
    cache.clear()
    monkeypatch.setattr(views, "WHAT_APPLIES", FloodGuard("applies", most=2, window_minutes=15))
    assert [visitor().post("/applies/", ME).status_code for _ in range(3)] == [200, 200, 429]
    answer = visitor("en").post("/applies/", ME)
    assert "Wait 15 minutes" in words_of(answer)
    assert visitor().get("/applies/").status_code == 200
    cache.clear()


def test_questions_do_not_use_up_the_protected_line():
    cache.clear()
    for _ in range(PROTECTED_LINE.most + 1):
        assert visitor().post("/applies/", ME).status_code == 200
    PROTECTED_LINE.check("127.0.0.1")
    cache.clear()
