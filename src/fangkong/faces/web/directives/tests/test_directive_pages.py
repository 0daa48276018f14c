"""The pages of directives and duties: who sees what, what may be done there, in both languages, at a bounded cost."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pypdf import PdfReader

from fangkong.command.directives.actions import directive_tasks_create, standing_duty_establish
from fangkong.command.directives.tests import offices
from fangkong.command.models import Directive, DirectiveRecipient, StandingDuty
from fangkong.record.access import Actor
from fangkong.record.installation import installation
from fangkong.record.models import Task, User

pytestmark = pytest.mark.django_db


def browser(actor: Actor, language: str = "zh-hans") -> Client:
    client = Client()
    client.force_login(User.objects.get(key=actor.key))
    client.cookies["django_language"] = language
    return client


def made(**more: object) -> str:
    """A directive issued an hour ago by the office's own clock."""
    now = installation().now()
    today = installation().today()
    given = {
        "at": now - timedelta(hours=1),
        "due_at": now + timedelta(days=1),
        "sunset_on": today + timedelta(days=9),
    }
    return offices.issued(**(given | more))


def officer(area: str = offices.DISTRICT) -> Actor:
    return offices.known("district_officer", area)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_district_acknowledges_first_what_waits_for_it(language):
    key = made()
    client = browser(officer(), language)
    page = client.get("/directives/").content.decode()
    assert "复核独居老人名册" in page
    held = offices.recipient(key, offices.DISTRICT)
    assert held.key in page, "the form to acknowledge stands in the list"
    assert offices.recipient(key, offices.OTHER).key not in page
    answer = client.post(f"/directives/{key}/acknowledge/", {"recipient": held.key})
    assert answer.status_code == 302
    assert offices.recipient(key, offices.DISTRICT).state == "acknowledged"
    again = client.post(f"/directives/{key}/acknowledge/", {"recipient": held.key})
    assert again.status_code == 409
    assert held.key not in client.get("/directives/").content.decode()


def test_a_district_sees_no_other_district_on_the_page():
    key = made()
    other = offices.recipient(key, offices.OTHER)
    page = browser(officer()).get(f"/directives/{key}/").content.decode()
    assert other.key not in page
    assert browser(officer("990201")).get(f"/directives/{key}/").status_code == 404
    stolen = browser(officer()).post(f"/directives/{key}/acknowledge/", {"recipient": other.key})
    assert stolen.status_code == 404


def test_from_reply_to_done_with_tasks_given_on_the_page():
    key = made(recipients=offices.to(offices.DISTRICT))
    client = browser(officer())
    held = offices.recipient(key, offices.DISTRICT).key
    client.post(f"/directives/{key}/acknowledge/", {"recipient": held})
    assert client.post(f"/directives/{key}/reply/", {"recipient": held, "reply": " "}).status_code == 400
    assert client.post(f"/directives/{key}/reply/", {"recipient": held, "reply": "已部署"}).status_code == 302
    due = (installation().now() + timedelta(hours=9)).astimezone(installation().zone)
    form = {
        "titles": "复核第一网格\n990101001 | 复核第二网格",
        "owner_role": "street_officer",
        "area_code": offices.DISTRICT,
        "due_at": due.strftime("%Y-%m-%dT%H:%M"),
    }
    assert client.post(f"/directives/{key}/tasks/", form).status_code == 302
    assert client.post(f"/directives/{key}/tasks/", form).status_code == 302
    tasks = Task.objects.open().filter(carries_out_key=key)
    assert {task.area_code for task in tasks} == {"990101", "990101001"}
    assert tasks.count() == 2, "the same submit twice makes them once"
    refused = client.post(f"/directives/{key}/done/", {"recipient": held})
    assert refused.status_code == 409
    assert "2 件任务" in refused.content.decode()
    page = client.get(f"/directives/{key}/").content.decode()
    assert "复核第二网格" in page
    assert "已部署" in page


def form_of(**more: object) -> dict[str, object]:
    now, zone = installation().now(), installation().zone
    return {
        "title": "核对药品库存",
        "purpose": "慢性病用药不断供",
        "measure": ["逐店核对库存", ""],
        "measure_evidence": ["stock_days", ""],
        "other_area": [offices.DISTRICT, ""],
        "other_role": ["district_officer", "hospital"],
        "other_unit": ["", ""],
        "due_at": (now + timedelta(days=1)).astimezone(zone).strftime("%Y-%m-%dT%H:%M"),
        "sunset_on": (installation().today() + timedelta(days=7)).isoformat(),
        **more,
    }


def test_drafted_on_a_page_and_issued_by_another_person():
    drafter, issuer = offices.drafter(), offices.issuer()
    client = browser(drafter)
    assert client.get("/directives/new/").status_code == 200
    refused = client.post("/directives/new/", form_of(purpose=""))
    assert refused.status_code == 400
    assert "核对药品库存" in refused.content.decode(), "nobody types twice"
    needed = client.post("/directives/new/", form_of(measure=["停业整顿"], measure_evidence=[""]))
    assert needed.status_code == 400
    assert client.post("/directives/new/", form_of()).status_code == 302
    assert client.post("/directives/new/", form_of()).status_code == 302
    draft = Directive.objects.open().get()
    assert draft.measures == [{"n": 1, "text": "逐店核对库存", "evidence_kind": "stock_days"}]
    assert client.post(f"/directives/{draft.key}/issue/").status_code == 403
    assert browser(issuer).post(f"/directives/{draft.key}/issue/").status_code == 302
    assert DirectiveRecipient.objects.open().get().state == "awaiting"
    assert browser(issuer).post(f"/directives/{draft.key}/withdraw/", {"reason": ""}).status_code == 400
    assert browser(issuer).post(f"/directives/{draft.key}/withdraw/", {"reason": "重复"}).status_code == 302


def test_carried_on_from_the_page_of_the_one_above():
    key = made(recipients=offices.to(offices.DISTRICT))
    client = browser(officer())
    held = offices.recipient(key, offices.DISTRICT).key
    client.post(f"/directives/{key}/acknowledge/", {"recipient": held})
    assert f"/directives/new/?from={held}" in client.get(f"/directives/{key}/").content.decode()
    assert "保障独居老人" in client.get(f"/directives/new/?from={held}").content.decode()
    due = (installation().now() + timedelta(hours=9)).astimezone(installation().zone)
    below = {"other_area": [offices.STREET], "other_role": ["street_officer"], "other_unit": [""]}
    form = form_of(due_at=due.strftime("%Y-%m-%dT%H:%M"), **below)
    assert client.post(f"/directives/new/?from={held}", form).status_code == 302
    child = Directive.objects.open().get(parent_key=key)
    assert (child.area_code, child.purpose) == (offices.DISTRICT, "保障独居老人的生活和就医")
    city = browser(offices.issuer()).get(f"/directives/{key}/").content.decode()
    assert child.key in city, "the office sees the tree"


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_as_pdf_and_word(language):
    key = made()
    client = browser(offices.issuer(), language)
    pdf = client.get(f"/directives/{key}/directive.pdf")
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf.content)).pages)
    number = Directive.objects.open().get(key=key).directive_no
    assert number in text.replace("\n", "")
    docx = client.get(f"/directives/{key}/directive.docx")
    with zipfile.ZipFile(io.BytesIO(docx.content)) as archive:
        word = archive.read("word/document.xml").decode()
    assert number in word
    assert "复核独居老人名册" in word


def test_a_duty_is_established_kept_and_ended_on_its_pages():
    client = browser(offices.drafter())
    today = installation().today()
    form = {
        "title": "每日 22:00 前清零当日事项",
        "area_code": offices.CITY,
        "owner_role": "general_group",
        "opens": "day",
        "starts_on": today.isoformat(),
        "review_on": (today + timedelta(days=7)).isoformat(),
    }
    assert client.get("/duties/new/").status_code == 200
    assert client.post("/duties/new/", form | {"opens": ""}).status_code == 400
    assert client.post("/duties/new/", form).status_code == 302
    duty = StandingDuty.objects.open().get()
    assert duty.recurs == "day"
    assert "每日 22:00 前清零" in client.get("/duties/").content.decode()
    page = f"/duties/{duty.key}/"
    later = (today + timedelta(days=14)).isoformat()
    assert client.post(f"{page}keep/", {"review_on": later, "reason": ""}).status_code == 400
    assert client.post(f"{page}keep/", {"review_on": later, "reason": "仍需要"}).status_code == 302
    assert client.post(f"{page}end/", {"reason": "专班接手"}).status_code == 302
    assert "专班接手" in client.get(page).content.decode()
    assert client.get("/duties/?show=ended").status_code == 200


def cost(client: Client, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    return len(queries)


@pytest.mark.parametrize("role", ["general_group", "district_officer"])
def test_pages_take_no_more_queries_for_more_rows(role):
    area = offices.CITY if role == "general_group" else offices.DISTRICT
    actor = offices.known(role, area)
    now, today = installation().now(), installation().today()

    def more(n: int) -> str:
        key = made(title=f"第 {n} 件")
        rows = [
            offices.work(f"第 {n} 件之 {i}", hours=0, due_at=now + timedelta(hours=5 + i)) for i in range(3)
        ]
        directive_tasks_create(key, rows, actor=offices.drafter(), at=now)
        standing_duty_establish(
            title=f"职责 {n}",
            area_code=offices.DISTRICT,
            owner_role="district_officer",
            recurs="day",
            starts_on=today,
            review_on=today + timedelta(days=5),
            actor=offices.drafter(),
            at=now,
        )
        return key

    first = more(0)
    client = browser(actor)
    paths = ("/directives/", f"/directives/{first}/", "/duties/", "/directives/?show=issued&area=990101")
    few = {path: cost(client, path) for path in paths}
    for n in range(1, 8):
        more(n)
    many = {path: cost(client, path) for path in paths}
    assert all(number <= 20 for number in many.values()), many
    assert all(abs(many[path] - few[path]) <= 1 for path in paths), (few, many)


def test_more_lines_keep_all_that_was_typed_and_draft_nothing():
    client = browser(offices.drafter())
    page = client.post("/directives/new/", form_of(more="1")).content.decode()
    assert "核对药品库存" in page
    assert "逐店核对库存" in page
    assert page.count('name="measure"') == 2 + 4
    assert not Directive.objects.exists()


def test_a_draft_is_opened_again_with_its_words_and_saved():
    drafter = offices.drafter()
    client = browser(drafter)
    client.post("/directives/new/", form_of())
    key = Directive.objects.open().latest("id").key
    page = client.get(f"/directives/{key}/edit/").content.decode()
    assert Directive.objects.open().get(key=key).title in page
    seen = Directive.objects.open().get(key=key).known_from.isoformat()
    assert client.post(f"/directives/{key}/edit/", form_of(title="", seen=seen)).status_code == 400
    assert client.post(f"/directives/{key}/edit/", form_of(title="改后的标题", seen=seen)).status_code == 302
    assert Directive.objects.open().get(key=key).title == "改后的标题"
    other = browser(offices.issuer())
    assert other.get(f"/directives/{key}/edit/").status_code in (302, 403)
