"""What others report is taken by the office: one task to verify, said to be no measure, and no word of it kept."""

from __future__ import annotations

import re

import pytest

from fangkong.faces.web.board.tests.made_city import FAR, NEAR, browser, made_city, put
from fangkong.public.third_party import TOPICS
from fangkong.record.models import Contact, ExposureJudgement, Order, Place, Signal, Task

pytestmark = pytest.mark.django_db
ADDRESS = "/third-party/"


@pytest.fixture(autouse=True)
def city(db):
    made_city(4)
    put(
        Place,
        {
            "key": "m1",
            "kind": "market",
            "name_zh": "柳堤菜市场",
            "name_en": "Liudi market",
            "area_code": NEAR,
        },
        {"key": "m2", "kind": "market", "name_zh": "望潮菜市场", "name_en": "", "area_code": FAR},
    )


def words_of(response) -> str:
    page = response.content.decode().partition('<div class="page">')[2].partition("</main>")[0]
    page = re.sub(r'<(\w+)[^>]*\blang="zh-CN"[^>]*>.*?</\1>', " ", page, flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def made() -> Task:
    return Task.objects.open().get(kind="verify_report")


@pytest.mark.parametrize(
    ("language", "said"), [("zh-hans", "不会有任何措施"), ("en", "No measure: no order, no status")]
)
def test_the_page_says_that_no_measure_follows(language, said):
    page = words_of(browser("duty_officer", language=language).get(ADDRESS))
    assert said in page
    assert re.findall(r"\b[a-z]+_[a-z_]+\b|‹", page) == []


def test_a_report_about_a_place_is_a_task_and_nothing_else():
    before = [model.objects.count() for model in (Order, Contact, Signal, ExposureJudgement)]
    form = {"about": "place", "named": "柳堤菜", "topic": "exposure"}
    answer = browser("duty_officer").post(ADDRESS, form, follow=True)
    assert (made().params["about_key"], made().area_code) == ("m1", NEAR)
    assert [model.objects.count() for model in (Order, Contact, Signal, ExposureJudgement)] == before
    page = words_of(answer)
    assert "柳堤菜市场" in page
    assert "接触过病例" in page
    assert "这是听来的话" in page


def test_of_several_places_one_is_chosen():
    client, form = browser("duty_officer"), {"about": "place", "named": "菜市场", "topic": "other"}
    page = client.post(ADDRESS, form).content.decode()
    assert page.count('name="chosen"') == 2
    assert not Task.objects.filter(kind="verify_report").exists()
    client.post(ADDRESS, form | {"chosen": "m2"})
    assert made().params["about_key"] == "m2"


def test_an_area_by_name_or_code():
    client = browser("duty_officer", language="en")
    client.post(ADDRESS, {"about": "area", "named": "Liudi", "topic": "arrival"})
    assert made().params["about_key"] == NEAR
    client.post(ADDRESS, {"about": "area", "named": NEAR, "topic": "arrival"})
    assert made().params["about_key"] == NEAR, "the same on the same day joins the task that is there"


def test_a_person_is_taken_from_their_page_by_whoever_may_open_it():
    client = browser("investigation_group")
    assert "/third-party/?person=P1" in client.get("/people/P1/").content.decode()
    client.post(ADDRESS, {"person": "P1", "topic": "symptoms"})
    assert made().params == {"about": "person", "about_key": "P1", "topic": "symptoms"}
    # The page of somebody whom the reader may not open does not say whether there is such a person.
    Task.objects.all().delete()
    answer = browser("duty_officer").post(ADDRESS, {"person": "P1", "topic": "symptoms", "named": ""})
    assert answer.status_code == 400
    assert not Task.objects.filter(kind="verify_report").exists()


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"about": "area", "named": "", "topic": "other"}, "请写明地点或地区的名称"),
        ({"about": "area", "named": "古城", "topic": "other"}, "古城"),
        ({"about": "area", "named": NEAR, "topic": ""}, "请选择反映的事"),
    ],
)
def test_what_is_missing_is_said_in_place(form, said):
    answer = browser("duty_officer").post(ADDRESS, form)
    assert answer.status_code == 400
    assert said in words_of(answer)


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_whoever_verifies_sees_what_to_check(topic, language):
    browser("duty_officer").post(ADDRESS, {"about": "area", "named": NEAR, "topic": topic})
    page = words_of(browser("investigation_group", language=language).get(f"/tasks/{made().key}/"))
    assert ("要核实什么" if language == "zh-hans" else "What to find out") in page
    assert re.findall(r"\b[a-z]+_[a-z_]+\b|‹", page) == []


def test_only_those_who_make_tasks_take_reports():
    laboratory = browser("laboratory")
    assert laboratory.get(ADDRESS).status_code == 403
    assert ADDRESS not in laboratory.get("/tasks/").content.decode()
    assert ADDRESS in browser("duty_officer").get("/tasks/").content.decode()
