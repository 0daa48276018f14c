"""The page of an alarm: what was seen and expected, by which method, and its way to an outcome, with clocks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from fangkong.desks.monitor.actions import signal_raise
from fangkong.desks.monitor.alarms import ABERRATION
from fangkong.desks.monitor.outcomes import FINDINGS
from fangkong.faces.web.board.tests.made_city import DISEASE, FAR, NEAR, NOW, browser, made_city
from fangkong.faces.words.catalogue import has_word
from fangkong.record.access import system_actor
from fangkong.record.models import AuditRow
from fangkong.science.epi.detection.multiplicity import METHODS

from .test_signal_pages import state, words_of

pytestmark = pytest.mark.django_db
HAND = system_actor("test")


@pytest.fixture(autouse=True)
def city(db):
    made_city(3)


def alarm(**changed: Any) -> str:
    params = {
        "watch": "farrington_flexible",
        "method": "farrington_flexible",
        "age_group": "",
        "channel": "",
        "period": "2022-W15",
        "first_day": "2022-04-11",
        "last_day": "2022-04-17",
        "observed": 14.0,
        "expected": 6.2,
        "upper": 11.0,
        "p_value": 0.0021,
        "origin": "counted",
        "says": "alarm.above_expected",
    }
    return signal_raise(
        ABERRATION,
        disease=DISEASE,
        area_code=NEAR,
        subject_kind="series",
        subject_key=f"w|{NEAR}|||2022-W15|{sorted(changed.items())}",
        channel="case_reports",
        params=params | changed,
        actor=HAND,
        at=NOW - timedelta(hours=1),
    )


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "zh-hans",
            (
                "发现 14 例，预期 6.2 例，上限 11 例",
                "历史同期回归法",
                "04-11 至 2022-04-17 周日，共 7 天",
                "0.002",
                "按病例清点",
                "“确认暴发”要先有调查结果。",
            ),
        ),
        (
            "en",
            (
                "14 seen, 6.2 expected, upper bound 11",
                "Farrington flexible",
                "11 Apr to 17 Apr 2022, 7 days",
                "p = 0.002",
                "counted from cases",
                "needs a finding first",
            ),
        ),
    ],
)
def test_the_alarm_explains_itself(language, expected):
    client = browser("duty_officer", language=language)
    key = alarm()
    page = words_of(client.get(f"/signals/{key}/"))
    assert [each for each in expected if each not in page] == []
    assert expected[0] in words_of(client.get("/signals/"))


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"says": "alarm.enough_cases", "observed": 1.0, "expected": None, "p_value": None}, "一例即须预警"),
        ({"says": "alarm.above_bound", "expected": None, "p_value": None}, "发现 14 例，上限 11 例"),
        ({"says": "alarm.sum_crossed", "p_value": None}, "累计超出已过界限"),
        ({"p_value": 0.00001}, "不到 0.001"),
        ({"age_group": "6-11", "channel": "sought_care"}, "6–11 岁、主动就诊"),
        ({"expected": 0.0714286, "observed": 2.0, "upper": 1.61654}, "发现 2 例，预期 0.07 例，上限 1.6 例"),
    ],
)
def test_each_kind_of_explanation_has_its_sentence(changed, expected):
    page = words_of(browser("duty_officer").get(f"/signals/{alarm(**changed)}/"))
    assert expected in page
    if changed.get("p_value", 1) is None:
        assert "这种方法不给" in page


def test_every_method_has_a_name():
    named = [f"alarm.method.{name}" for name in METHODS if name not in ("ears", "cusum")]
    named += ["alarm.method.ears_c1", "alarm.method.cusum_standard"]
    assert [code for code in named if not has_word(code)] == []


def test_an_alarm_goes_from_verified_through_its_finding_to_its_outcome():
    key, client = alarm(), browser("duty_officer")
    early = client.post(f"/signals/{key}/close/", {"outcome": "confirmed_outbreak"})
    assert early.status_code == 409
    assert "请先填写调查结果" in words_of(early)
    assert client.post(f"/signals/{key}/verify/").status_code == 302
    page = client.get(f"/signals/{key}/")
    assert [code for code, _ in page.context["findings"]] == list(FINDINGS)
    assert [step["state"] for step in page.context["steps"]] == ["done", "done", "now", ""]
    assert client.post(f"/signals/{key}/investigate/", {"finding": "common_exposure"}).status_code == 302
    assert state(key) == "investigated"
    assert "有共同暴露" in words_of(client.get(f"/signals/{key}/"))
    client.post(f"/signals/{key}/close/", {"outcome": "confirmed_outbreak"})
    done = client.get(f"/signals/{key}/")
    assert "确认暴发" in words_of(done)
    assert [step["state"] for step in done.context["steps"]] == ["done"] * 4
    told = AuditRow.objects.filter(object_key=key).values_list("verb", flat=True)
    assert {"signal.verify", "signal.investigate", "signal.close"} <= set(told)


def test_an_alarm_closed_at_once_says_which_steps_were_left_out():
    key, client = alarm(), browser("duty_officer")
    client.post(f"/signals/{key}/close/", {"outcome": "data_error"})
    assert "未做，直接办结" in words_of(client.get(f"/signals/{key}/"))


def test_what_is_refused_is_said_in_place():
    key, client = alarm(), browser("duty_officer")
    nobody_verified = client.post(f"/signals/{key}/investigate/", {"finding": "no_link"})
    assert nobody_verified.status_code == 409
    assert "请先核实" in words_of(nobody_verified)
    client.post(f"/signals/{key}/verify/")
    without = client.post(f"/signals/{key}/investigate/", {"finding": ""})
    assert without.status_code == 400
    assert "请选择一项调查结果" in words_of(without)


def test_another_district_and_a_mere_reader_cannot_write_a_finding():
    key = alarm()
    browser("duty_officer").post(f"/signals/{key}/verify/")
    far = browser("duty_officer", area_code=FAR)
    assert far.post(f"/signals/{key}/investigate/", {"finding": "no_link"}).status_code == 404
    reader = browser("general_group")
    assert "/investigate/" not in reader.get(f"/signals/{key}/").content.decode()
    assert reader.post(f"/signals/{key}/investigate/", {"finding": "no_link"}).status_code == 403
    assert state(key) == "verified"


def test_the_alarm_stands_on_the_page_of_its_area():
    key = alarm()
    client = browser("duty_officer")
    page = client.get(f"/assess/{NEAR}/").content.decode()
    assert f"/signals/{key}/" in page
    assert "发现 14 例，预期 6.2 例，上限 11 例" in page
    assert f"/signals/{key}/" not in client.get(f"/assess/{FAR}/").content.decode()
