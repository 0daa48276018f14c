"""Oversight sees what was reported, who signed too much and which limits were missed; nobody else does."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

import fangkong
from fangkong.command.reactions.timers import CLUSTER
from fangkong.command.timers.actions import timer_mark_missed
from fangkong.command.timers.limits import kept_clocks
from fangkong.desks.monitor.actions import signal_close, signal_raise
from fangkong.faces.web.board.tests.made_city import CITY, DISEASE, NEAR, NOW, browser, made_city, put
from fangkong.faces.words.catalogue import has_word, word
from fangkong.public.oversight import ALARMS
from fangkong.public.protected_line import report_file, subjects
from fangkong.record.access import system_actor
from fangkong.record.models import AuditRow, ExposureJudgement, ProtectedReport, Timer

pytestmark = pytest.mark.django_db
HAND = system_actor("test")
TEXT = "封住了三号楼的出口"
PAGES = ("/oversight/reports/", "/oversight/alarms/", "/oversight/limits/")


@pytest.fixture(autouse=True)
def watched(db):
    made_city(3)
    report_file("sealed_exit", TEXT, area=NEAR, at=NOW - timedelta(hours=2))
    alarm = signal_raise(
        "mass_change",
        disease=DISEASE,
        area_code=CITY,
        subject_kind="signer",
        subject_key="user-x|2022-04-17",
        params={"signed_by": "user-x", "count": 11, "hours": 24},
        actor=HAND,
        at=NOW - timedelta(hours=3),
    )
    signal_close(alarm, outcome="false_alarm", actor=HAND, at=NOW - timedelta(hours=1))
    put(
        Timer,
        {
            "key": "timer-1",
            "clock": "report.case_hours",
            "disease": DISEASE,
            "area_code": NEAR,
            "subject_kind": "result",
            "subject_key": "R0",
            "started_at": NOW - timedelta(hours=6),
            "due_at": NOW - timedelta(hours=4),
            "rule_row": "pack/row",
            "state": "running",
            "escalated_to": "health_authority",
        },
    )
    timer_mark_missed(NOW - timedelta(hours=3), actor=HAND)


def report_address() -> str:
    return f"/oversight/reports/{ProtectedReport.objects.open().get().key}/"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh-hans", ("封堵消防通道、出口", "同一人短时间内大量认定暴露", "网络报告病例", "11 份认定")),
        ("en", ("A blocked exit", "One signer judged many exposures", "Report the case", "11 judgements")),
    ],
)
def test_the_first_page_shows_all_three(language, said):
    page = browser("oversight", language=language).get("/oversight/").content.decode()
    for words in said:
        assert words in page
    assert TEXT not in page, "the text stands behind a recorded look"


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_each_list_has_its_page(path, language):
    answer = browser("oversight", language=language).get(path)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert page.count("<tr data-row>") == 1
    assert TEXT not in page


def test_an_alarm_that_somebody_closed_is_still_shown():
    page = browser("oversight", language="en").get("/oversight/alarms/").content.decode()
    assert "One signer judged many exposures" in page
    assert word("signal.state.closed", "en") in page


def test_every_code_that_these_pages_show_has_its_words():
    codes = {f"timer.clock.{clock}" for clock in kept_clocks()}
    codes |= {f"protected.subject.{subject}" for subject in subjects()}
    codes |= {f"signal.kind.{kind}" for kind in (*ALARMS, CLUSTER)}
    codes |= {
        f"audit.verb.timer.{verb}" for verb in ("start", "meet", "done_late", "miss", "cancel", "run_again")
    }
    codes |= {f"judgement.{what}_needed" for what in ("evidence", "reason")}
    assert sorted(code for code in codes if not has_word(code)) == []


def test_every_refusal_of_these_rooms_has_its_words():
    root = Path(fangkong.__file__).parent
    files = [*(root / "public").glob("*.py"), *(root / "command" / "timers").glob("*.py")]
    files += [root / "desks" / "trace" / "judgements.py", root / "faces" / "web" / "flood.py"]
    refused = re.compile(r'(?:InputError|Forbidden|NotFound|Conflict)\(\s*"([a-z_.]+)"')
    codes = {code for file in files for code in refused.findall(file.read_text(encoding="utf-8"))}
    assert {"protected.unknown", "judgement.one_person", "timer.unknown"} <= codes
    assert sorted(code for code in codes if not has_word(code)) == []


@pytest.mark.parametrize("role", ["auditor", "health_authority", "duty_officer", "co_chair"])
def test_who_does_not_oversee_sees_none_of_it(role):
    client = browser(role)
    for path in (*PAGES, report_address()):
        assert client.get(path).status_code == 403, path
    page = client.get("/oversight/").content.decode()
    assert "封堵消防通道" not in page
    assert "保护举报</h2>" not in page


def test_a_look_at_the_text_is_recorded():
    answer = browser("oversight").get(report_address())
    assert TEXT in answer.content.decode()
    assert AuditRow.objects.filter(verb="protected.read").count() == 1


def test_it_is_taken_and_answered_in_the_page():
    client, address = browser("oversight"), report_address()
    assert client.post(f"{address}step/", {"step": "take"}).status_code == 302
    refused = client.post(f"{address}step/", {"step": "close", "answer": " "})
    assert refused.status_code == 400
    assert "怎么处理" in refused.content.decode()
    assert client.post(f"{address}step/", {"step": "dance"}).status_code == 400
    client.post(f"{address}step/", {"step": "close", "answer": "当晚已打开。"})
    assert ProtectedReport.objects.open().get().state == "closed"
    assert "当晚已打开。" in client.get(address).content.decode()
    assert "封堵消防通道" not in client.get("/oversight/reports/").content.decode()
    assert "封堵消防通道" in client.get("/oversight/reports/?show=all").content.decode()


def test_oversight_of_another_district_sees_neither_list_nor_report():
    client = browser("oversight", "990102")
    for path in PAGES:
        assert "<tr data-row>" not in client.get(path).content.decode()
    assert client.get(report_address()).status_code == 404


def judged(n: int, signer: str = "user-x", hours_ago: int = 1) -> dict:
    return {
        "key": f"judgement-{signer}-{n}",
        "contact_key": f"K{n}",
        "person_key": f"P{n}",
        "case_key": "C0",
        "disease": DISEASE,
        "area_code": NEAR,
        "last_exposure_on": (NOW - timedelta(days=2)).date(),
        "evidence": "监控显示同桌用餐",
        "reason": "室内，未戴口罩",
        "signed_by": signer,
        "signed_at": NOW - timedelta(hours=hours_ago),
    }


def test_oversight_sees_who_signed_how_many_and_why_and_each_look_is_recorded():
    put(ExposureJudgement, *[judged(n) for n in range(11)], judged(0, "user-y", hours_ago=60))
    client = browser("oversight", language="en")
    page = client.get("/oversight/judgements/").content.decode()
    assert page.index("user-x") < page.index("user-y"), "the most of late first"
    assert page.count("above the alarm") == 1
    page = client.get("/oversight/judgements/user-x/").content.decode()
    assert page.count("<tr data-row>") == 11
    assert "监控显示同桌用餐" in page
    assert "P10" not in page, "whom it is about stands nowhere"
    assert AuditRow.objects.filter(verb="judgement.read", object_key="user-x").count() == 1


def test_judgements_by_signer_are_for_oversight_alone():
    put(ExposureJudgement, judged(1))
    authority = browser("health_authority")
    assert authority.get("/oversight/judgements/").status_code == 403
    assert authority.get("/oversight/judgements/user-x/").status_code == 403
    assert browser("oversight").get("/oversight/judgements/user-z/").status_code == 404
    assert not AuditRow.objects.filter(verb="judgement.read").exists()
