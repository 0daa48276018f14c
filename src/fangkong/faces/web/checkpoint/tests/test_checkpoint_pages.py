"""The checkpoint on a phone: one answer, nothing typed is shown again; permits asked for by one, issued by another."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from fangkong.command.worker import tick
from fangkong.desks.control.tests.gates import GATE, GATE_AREA, NEXT_GATE, gates
from fangkong.faces.words.catalogue import has_word
from fangkong.record.access import system_actor
from fangkong.record.access.actor import roles
from fangkong.record.actions import user_create
from fangkong.record.installation import installation, installation_set
from fangkong.record.models import Passage, Permit, Task, User
from fangkong.science.rules.movement.medical_gate import emergencies

pytestmark = pytest.mark.django_db
CJK = re.compile(r"[\u4e00-\u9fff]")
NOW = datetime(2022, 7, 6, 4, 0, tzinfo=UTC)
CHECK = {
    "act": "check",
    "kind": "freight",
    "place": GATE,
    "number": "D-4410-9002",
    "plate": "AB77K21",
    "tested": "52",
    "result": "negative",
    "antigen": "negative",
    "stay": "3:50",
}


@pytest.fixture
def office():
    offset = round((NOW - datetime.now(UTC)).total_seconds())
    installation_set(actor="test", area_code="9901", disease="covid-19", clock_offset=offset)
    gates(NOW - timedelta(days=90))


def browser(role: str, area: str = "9901", language: str = "zh-hans", name: str = "") -> Client:
    user = User.objects.filter(username=name or f"{role}-{area}").first() or user_create(
        name or f"{role}-{area}", "x" * 12, role=role, area_code=area, display_name="A. Person", actor="test"
    )
    client = Client()
    client.force_login(user)
    client.cookies["django_language"] = language
    return client


def text_of(response) -> str:
    page = response.content.decode().partition("<main")[2].partition("</main>")[0]
    page = re.sub(r'<(\w+)[^>]*\bclass="[^"]*\bmono\b[^"]*"[^>]*>.*?</\1>', " ", page, flags=re.S)
    page = re.sub(r'<(\w+)[^>]*\blang="zh-CN"[^>]*>.*?</\1>', " ", page, flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


@pytest.mark.parametrize(
    ("language", "line", "reason"), [("zh-hans", "放行", "核酸已过期"), ("en", "Pass", "the PCR has expired")]
)
def test_the_answer_is_one_line_with_reasons_rows_and_what_to_do(office, language, line, reason):
    answer = browser("checkpoint", "990101", language).post("/checkpoint/", CHECK)
    text = text_of(answer)
    assert answer.status_code == 200
    assert f"{line} " in text
    assert reason in text
    assert "freight.expired_pcr_action" in answer.content.decode()
    assert not re.findall(r"\b[a-z]+_[a-z_]+\b|‹", text)
    if language == "en":
        assert not CJK.findall(text)
    # Whoever comes next to the phone reads nothing of whoever was here.
    assert "4410" not in answer.content.decode()
    assert "AB77K21" not in answer.content.decode()
    kept = Passage.objects.open().get()
    assert (kept.answer, kept.test_valid, kept.details["star"]) == ("pass", False, False)


def test_the_emergency_needs_one_press_and_a_refusal_reaches_oversight(office):
    client = browser("checkpoint", "990101", "en")
    answer = client.post("/checkpoint/", {"act": "emergency", "place": GATE, "condition": "labour"})
    assert "Pass, escort" in text_of(answer)
    told = {"act": "refused", "place": GATE, "condition": "labour", "reason": "the test had expired"}
    assert "Refusal reported" in text_of(client.post("/checkpoint/", told))
    empty = client.post("/checkpoint/", told | {"reason": ""})
    assert (empty.status_code, "Write down the reason" in text_of(empty)) == (400, True)
    tick(installation().now(), system_actor("worker"))
    alarms = text_of(browser("oversight", language="en").get("/oversight/alarms/"))
    assert "an emergency was turned away" in alarms
    assert "labour" in alarms


def test_what_is_wrong_is_said_and_stays_as_typed(office):
    client = browser("checkpoint", "990101", "en")
    wrong = client.post("/checkpoint/", CHECK | {"tested": "soon"})
    assert wrong.status_code == 400
    assert "Enter hours" in text_of(wrong)
    assert "4410" in wrong.content.decode()
    assert client.post("/checkpoint/", CHECK | {"place": NEXT_GATE}).status_code == 404
    assert client.post("/checkpoint/", CHECK | {"act": "hold"}).status_code == 400
    commuter = client.post("/checkpoint/", CHECK | {"kind": "commuter"})
    assert "No permit was found" in text_of(commuter)
    assert Passage.objects.count() == 0


def test_the_gate_sees_its_own_alerts_and_nobody_s_name(office):
    when = NOW + timedelta(hours=1)
    Task.objects.create(
        key="task-1",
        known_from=NOW - timedelta(hours=1),
        kind="meet_traveller",
        params={"kind": "freight"},
        area_code=GATE_AREA,
        owner_role="checkpoint",
        due_at=when,
        state="awaiting",
        subject_kind="passage",
        subject_key="passage-1",
        created_by="test",
    )
    text = text_of(browser("checkpoint", "990101", "en").get("/checkpoint/"))
    assert "Somebody is coming" in text
    assert "Somebody is coming" not in text_of(browser("checkpoint", "990102", "en").get("/checkpoint/"))


@pytest.mark.parametrize("role", sorted(roles()))
def test_only_gates_check_and_only_offices_read_permits(office, role):
    client = browser(role, "9901")
    may = set(roles()[role]["may"])
    assert (client.get("/checkpoint/").status_code == 200) is ("passage.record" in may)
    assert (client.get("/checkpoint/permits/").status_code == 200) is ("permit.read" in may)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_permit_is_asked_for_by_one_and_decided_by_another(office, language):
    asks, decides = browser("duty_officer", language=language), browser("health_authority", language=language)
    form = {
        "kind": "commuter",
        "number": "C-1002-3344",
        "from_area": "990101",
        "to_area": "320509",
        "starts_on": "2022-07-06",
    }
    made = asks.post("/checkpoint/permits/propose/", form)
    assert made.status_code == 302
    page = asks.get(made.headers["Location"])
    permit = Permit.objects.open().get()
    assert permit.permit_no in page.content.decode()
    assert "3344" not in page.content.decode()
    assert not re.findall(r"\b[a-z]+_[a-z_]+\b|‹", text_of(page))
    if language == "en":
        assert not CJK.findall(text_of(page).replace("A. Person", ""))
    decide = f"/checkpoint/permits/{permit.key}/decide/"
    assert asks.post(decide, {"decision": "approve", "reason": "x"}).status_code == 403
    assert decides.post(decide, {"decision": "hold"}).status_code == 400
    refused = decides.post(decide, {"decision": "reject"})
    assert refused.status_code == 400
    assert decides.post(decide, {"decision": "approve", "reason": "核对"}).status_code == 302
    assert Permit.objects.open().get().state == "issued"
    assert permit.permit_no in decides.get("/checkpoint/permits/?show=issued").content.decode()
    assert decides.post(decide, {"decision": "revoke", "reason": "停工"}).status_code == 302


def test_every_code_that_a_gate_or_a_permit_may_show_has_its_words():
    from fangkong.desks.control.permit_figures import figures, permit_kinds

    told = {answer for table in figures()["answer"].values() for answer in table.values()}
    told |= {"call_help", "turned_away"}
    codes = {f"passage.{part}.{answer}" for part in ("answer", "next") for answer in told}
    codes |= {f"permit.kind.{kind}" for kind in permit_kinds()}
    codes |= {f"permit.state.{each}" for each in ("proposed", "issued", "refused", "revoked", "lapsed")}
    codes |= {f"medical.condition.{name}" for name in (*emergencies(), "other")}
    assert len(told) >= 6
    assert sorted(code for code in codes if not has_word(code)) == []
