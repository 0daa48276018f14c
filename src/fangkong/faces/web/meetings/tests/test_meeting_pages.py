"""The pages of meetings: from the call to the signed minutes, in both languages, at a bounded cost."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pypdf import PdfReader

from fangkong.command.directives.actions import directive_issue
from fangkong.command.directives.tests.offices import CITY, DISTRICT, OTHER, STREET, known
from fangkong.command.meetings import actions
from fangkong.command.meetings.tests import meetings as made
from fangkong.command.models import Clause, Directive, Meeting, StandingDuty
from fangkong.record.access import Actor
from fangkong.record.installation import installation
from fangkong.record.models import User

pytestmark = pytest.mark.django_db


def browser(actor: Actor, language: str = "zh-hans") -> Client:
    client = Client()
    client.force_login(User.objects.get(key=actor.key))
    client.cookies["django_language"] = language
    return client


def typed(at: datetime) -> str:
    return at.astimezone(installation().zone).strftime("%Y-%m-%dT%H:%M")


def form(**more: object) -> dict[str, object]:
    return {
        "body": made.BODY,
        "kind": "numbered",
        "number": "12",
        "starts_at": typed(installation().now()),
        "chairs": "周启明 | 市长",
        "venues": "市主会场 | 30\n东湖区分会场 | 12",
        "report": ["situation", "supplies"],
        "items": "春耕物资通行 | 市农业农村局",
        **more,
    }


def a_called_meeting(client: Client) -> str:
    assert client.post("/meetings/new/", form()).status_code == 302
    return Meeting.objects.open().latest("recorded_at").key


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_from_the_call_to_the_signed_minutes_on_pages(language):
    made.areas()
    client = browser(made.writer(), language)
    assert client.get("/meetings/new/").status_code == 200
    refused = client.post("/meetings/new/", form(chairs=""))
    assert refused.status_code == 400
    assert "春耕物资通行" in refused.content.decode(), "nobody types twice"
    key = a_called_meeting(client)
    assert a_called_meeting(client) == key, "the same submit twice is one meeting"
    assert Meeting.objects.open().count() == 1
    here = f"/meetings/{key}/"
    assert client.post(f"{here}item/", {"title": "校园开学", "by": ""}).status_code == 302
    assert client.post(f"{here}refresh/").status_code == 302
    early = client.post(f"{here}decide/", {"text": "太早", "clause_class": "decision"})
    assert early.status_code == 409
    assert client.post(f"{here}hold/", {"present": ["", "3"]}).status_code == 400
    assert client.post(f"{here}hold/", {"present": ["28", "11"], "heard": ["1", "3"]}).status_code == 302
    assert client.post(f"{here}refresh/").status_code == 409, "papers stand"
    for text, kind in (("逐户复核独居老人名册", "decision"), ("每日清点药品库存", "standing_duty")):
        assert client.post(f"{here}decide/", {"text": text, "clause_class": kind}).status_code == 302
    first, second = Clause.objects.open().order_by("position")
    owner = {
        "clause": first.key,
        "as": "directive",
        "owner": "below",
        "due_at": typed(installation().now() + timedelta(hours=20)),
        "sunset_on": (installation().today() + timedelta(days=7)).isoformat(),
    }
    assert client.post(f"{here}confirm/", owner | {"due_at": ""}).status_code == 400
    assert client.post(f"{here}confirm/", owner).status_code == 302
    assert client.post(f"{here}confirm/", owner).status_code == 302
    assert len(Directive.objects.open().get().addressed_to) == 2
    duty = {"clause": second.key, "as": "standing_duty", "owner": "supply_group", "measure": "库存天数"}
    assert client.post(f"{here}confirm/", duty).status_code == 302
    assert StandingDuty.objects.open().get().meeting_key == key
    said = {"by": "市民政局局长", "clause": first.key, "words": "建议只查新增户"}
    assert client.post(f"{here}dissent/", said).status_code == 302
    assert client.post(f"{here}write/").status_code == 302
    assert client.post(f"{here}sign/").status_code == 403
    chair = browser(made.signer(), language)
    assert chair.post(f"{here}sign/").status_code == 302
    assert Meeting.objects.open().get().state == "closed"
    assert client.post(f"{here}correct/", {"words": "实到应为 29 人"}).status_code == 302
    page = client.get(here).content.decode()
    for shown in (
        "逐户复核独居老人名册",
        "建议只查新增户",
        "校园开学",
        Directive.objects.open().get().directive_no,
    ):
        assert shown in page
    assert ("Nothing has been recorded" if language == "en" else "还没有记录") in page
    listed = client.get("/meetings/").content.decode()
    assert key in listed
    assert key in client.get("/meetings/?number=12").content.decode()
    assert key not in client.get("/meetings/?number=13").content.decode()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_minutes_as_pdf_and_word_say_who_was_there_what_was_decided_and_who_was_against(language):
    client = browser(made.writer(), language)
    key = a_called_meeting(client)
    by = {"actor": made.writer(), "at": installation().now()}
    assert client.get(f"/meetings/{key}/minutes.pdf").status_code == 404
    actions.meeting_hold(key, present=[28, 11], heard=[1], **by)
    clause = actions.decision_enter(key, "逐户复核独居老人名册", **by)
    actions.dissent_record(key, by="市民政局局长", clause_key=clause, words="建议只查新增户", **by)
    actions.minutes_write(key, **by)
    actions.minutes_sign(key, actor=made.signer(), at=installation().now())
    actions.minutes_correct(key, "实到应为二十九人", actor=made.writer(), at=installation().now())
    pdf = client.get(f"/meetings/{key}/minutes.pdf?edition=1")
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf.content)).pages).replace("\n", "")
    assert "二十九人" not in text, "the first edition stays as it was signed"
    docx = client.get(f"/meetings/{key}/minutes.docx")
    with zipfile.ZipFile(io.BytesIO(docx.content)) as archive:
        word = archive.read("word/document.xml").decode()
    for shown in ("东湖区分会场", "28", "逐户复核独居老人名册", "建议只查新增户", "JY-9901-"):
        assert shown in word
        assert shown in text
    assert "实到应为二十九人" in word
    assert client.get(f"/meetings/{key}/minutes.pdf?edition=3").status_code == 404


def test_a_district_carries_on_what_binds_it_and_sees_no_more():
    made.areas()
    city = browser(made.writer())
    key = a_called_meeting(city)
    by = {"actor": made.writer(), "at": installation().now()}
    district = browser(made.writer(DISTRICT))
    assert key in district.get("/meetings/").content.decode(), "a branch venue knows of the meeting"
    actions.meeting_hold(key, present=[28, 11], heard=[1], **by)
    theirs = actions.decision_enter(key, "逐户复核独居老人名册", **by)
    ours = actions.decision_enter(key, "盘点市级库存", **by)
    shared = {
        "as_": "directive",
        "due_at": installation().now() + timedelta(hours=20),
        "sunset_on": installation().today() + timedelta(days=7),
    }
    led = actions.decision_confirm(theirs, owner_role="district_officer", where="below", **shared, **by)
    actions.decision_confirm(ours, owner_role="supply_group", **shared, **by)
    actions.dissent_record(key, by="市民政局局长", clause_key=ours, words="来不及", **by)
    directive_issue(led, actor=made.signer(), at=installation().now())
    page = district.get(f"/meetings/{key}/").content.decode()
    assert "逐户复核独居老人名册" in page
    assert "盘点市级库存" not in page
    assert "来不及" not in page
    assert f"/meetings/new/?follows={key}" in page
    below = form(kind="", number="", body="区领导小组", venues="区会议室 | 20")
    assert district.post(f"/meetings/new/?follows={key}", below).status_code == 302
    follow = Meeting.objects.open().get(follows_key=key)
    assert follow.area_code == DISTRICT
    page = district.get(f"/meetings/{follow.key}/").content.decode()
    assert "逐户复核独居老人名册" in page
    assert follow.key in city.get(f"/meetings/{key}/").content.decode()
    assert browser(made.writer(OTHER)).get(f"/meetings/{follow.key}/").status_code == 404
    stolen = district.post(f"/meetings/{key}/decide/", {"text": "越级", "clause_class": "decision"})
    assert stolen.status_code == 404


def test_whoever_may_not_gets_the_page_that_says_who_may():
    client = browser(known("community_group"))
    assert client.get("/meetings/").status_code == 200
    assert client.get("/meetings/new/").status_code == 403
    assert browser(known("grid_worker", "990101001001")).get("/meetings/").status_code == 403


def cost(client: Client, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    return len(queries)


@pytest.mark.parametrize(
    ("role", "area"), [("general_group", CITY), ("co_chair", CITY), ("street_officer", STREET)]
)
def test_pages_take_no_more_queries_for_more_rows(role, area):
    made.areas()
    by = {"actor": made.writer(), "at": installation().now()}
    start = installation().now()

    def more(n: int, key: str) -> None:
        for i in range(2):
            clause = actions.decision_enter(key, f"事项 {n}-{i}", **by)
            actions.decision_confirm(
                clause,
                as_="directive",
                owner_role="district_officer",
                where="below",
                due_at=start + timedelta(hours=20),
                sunset_on=installation().today() + timedelta(days=5),
                **by,
            )
        duty = actions.decision_enter(key, f"职责 {n}", clause_class="standing_duty", **by)
        actions.decision_confirm(duty, as_="standing_duty", owner_role="supply_group", measure="天数", **by)

    before = made.called(number=1, starts_at=start - timedelta(hours=2), agenda=["supplies"], at=start)
    key = made.called(number=2, starts_at=start, agenda=["supplies"], at=start)
    for each in (before, key):
        actions.meeting_hold(each, present=[9, 9], **by)
        more(0, each)
    actions.minutes_write(key, **by)
    client = browser(known(role, area))
    paths = ("/meetings/", f"/meetings/{key}/")
    few = {path: cost(client, path) for path in paths}
    for n in range(1, 5):
        more(n, key)
        more(n, before)
        made.called(number=n + 2, starts_at=start + timedelta(days=n), agenda=["supplies"], at=start)
    many = {path: cost(client, path) for path in paths}
    assert all(number <= 20 for number in many.values()), many
    assert all(abs(many[path] - few[path]) <= 1 for path in paths), (few, many)
