"""The pages of signals: those to verify first, with their clocks; verified and closed by whoever may."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from fangkong.desks.monitor.actions import OUTCOMES, signal_raise
from fangkong.desks.monitor.queries import signal_get
from fangkong.faces.web.board.tests.made_city import CITY, DISEASE, FAR, NEAR, NOW, browser, made_city, put
from fangkong.record.access import system_actor
from fangkong.record.models import AuditRow, Timer, User

pytestmark = pytest.mark.django_db
HAND = system_actor("test")


@pytest.fixture(autouse=True)
def city(db):
    made_city(3)


@pytest.fixture
def positive() -> str:
    put(
        Timer,
        {
            "key": "timer-1",
            "clock": "report.case_hours",
            "disease": DISEASE,
            "area_code": NEAR,
            "subject_kind": "result",
            "subject_key": "R0",
            "started_at": NOW - timedelta(hours=1),
            "due_at": NOW + timedelta(hours=1),
            "rule_row": "pack/row",
            "state": "running",
        },
    )
    return signal_raise(
        "laboratory_positive",
        disease=DISEASE,
        area_code=NEAR,
        subject_kind="result",
        subject_key="R0",
        params={"person_key": "P0"},
        actor=HAND,
        at=NOW - timedelta(hours=1),
    )


def words_of(response) -> str:
    page = response.content.decode().partition('<div class="page">')[2].partition("</main>")[0]
    page = re.sub(r'<(\w+)[^>]*\blang="zh-CN"[^>]*>.*?</\1>', " ", page, flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def state(key: str) -> str:
    return signal_get(key, actor=HAND, at=NOW + timedelta(days=1)).state


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh-hans", ("检测阳性", "病例 LJ-0000", "网络报告病例", "余", "核实属实")),
        ("en", ("positive result", "Case LJ-0000", "Report the case", "left", "It is real")),
    ],
)
def test_the_list_shows_what_where_and_the_clock(positive, language, said):
    client = browser("duty_officer", language=language)
    for path in ("/signals/", f"/signals/{positive}/"):
        page = words_of(client.get(path))
        assert [each for each in said if each not in page] == []
        assert re.findall(r"\b[a-z]+_[a-z_]+\b|‹", page) == []


def test_a_signal_is_verified_from_the_list_and_closed_with_an_outcome(positive):
    client = browser("duty_officer")
    answer = client.post(f"/signals/{positive}/verify/", {"back": "list"})
    assert answer["Location"] == "/signals/"
    assert state(positive) == "verified"
    assert "已核实" in words_of(client.get("/signals/"))
    client.post(f"/signals/{positive}/close/", {"outcome": "event"})
    assert state(positive) == "closed"
    page = words_of(client.get("/signals/?show=closed"))
    assert "确有疫情" in page
    told = AuditRow.objects.filter(object_key=positive, verb__in=("signal.verify", "signal.close"))
    assert told.count() == 2


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_every_outcome_may_be_chosen(positive, outcome):
    client = browser("duty_officer")
    assert f'value="{outcome}"' in client.get(f"/signals/{positive}/").content.decode()
    assert client.post(f"/signals/{positive}/close/", {"outcome": outcome}).status_code == 302


def test_what_is_refused_is_said_in_place(positive):
    client = browser("duty_officer")
    answer = client.post(f"/signals/{positive}/close/", {"outcome": ""})
    assert answer.status_code == 400
    assert "请选择一个结论" in words_of(answer)
    client.post(f"/signals/{positive}/close/", {"outcome": "event"})
    again = client.post(f"/signals/{positive}/close/", {"outcome": "false_alarm"})
    assert again.status_code == 409
    assert state(positive) == "closed"


def test_nobody_closes_the_alarm_about_themselves():
    browser("investigation_group")
    user = User.objects.get(role="investigation_group")
    alarm = signal_raise(
        "mass_change",
        disease=DISEASE,
        area_code=CITY,
        subject_kind="signer",
        subject_key=f"{user.key}|2022-04-18",
        params={"signed_by": user.key, "count": 11, "hours": 24},
        actor=HAND,
        at=NOW,
    )
    client = browser_of(user)
    assert "由别人核实" in words_of(client.get(f"/signals/{alarm}/"))
    assert client.post(f"/signals/{alarm}/close/", {"outcome": "false_alarm"}).status_code == 403
    assert state(alarm) == "open"
    assert browser("duty_officer").post(f"/signals/{alarm}/close/", {"outcome": "event"}).status_code == 302


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    client.cookies["django_language"] = "zh-hans"
    return client


def test_who_only_reads_gets_no_button_and_another_district_no_signal(positive):
    reader = browser("general_group")
    page = reader.get(f"/signals/{positive}/").content.decode()
    assert "/verify/" not in page
    assert "可以办理的" in page
    assert reader.post(f"/signals/{positive}/verify/").status_code == 403
    far = browser("duty_officer", area_code=FAR)
    assert far.get(f"/signals/{positive}/").status_code == 404
    assert far.post(f"/signals/{positive}/verify/").status_code == 404
    assert browser("supply_group").get("/signals/").status_code == 403
    assert state(positive) == "open"


def test_a_full_list_costs_a_bounded_number_of_queries(django_assert_max_num_queries):
    for n in range(30):
        signal_raise(
            "laboratory_positive",
            disease=DISEASE,
            area_code=NEAR,
            subject_kind="result",
            subject_key=f"R{n}",
            params={"person_key": f"P{n % 3}"},
            actor=HAND,
            at=NOW - timedelta(minutes=n),
        )
    client = browser("duty_officer")
    client.get("/signals/")
    with django_assert_max_num_queries(30):
        assert client.get("/signals/").content.decode().count("<tr data-row>") == 30
