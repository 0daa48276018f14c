"""The page of the methods that watch: settings and sources, what to expect of them, what came, where they are blind."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.conf import settings

from fangkong.desks.assess.detection_rules import detection_rules
from fangkong.desks.monitor.actions import signal_close, signal_investigate, signal_raise, signal_verify
from fangkong.desks.monitor.alarms import ABERRATION
from fangkong.faces.web.board.tests.made_city import DISEASE, FAR, NEAR, NOW, browser, made_city
from fangkong.faces.web.board.tests.test_board import CHINESE, text_of
from fangkong.record.access import system_actor

from .test_assess import LANGUAGES, RAW, fragment_of

pytestmark = pytest.mark.django_db
HAND = system_actor("test")


def alarm(n: int, outcome: str, area: str = NEAR) -> None:
    """An alarm of the recent-baseline method, closed with ``outcome``."""
    key = signal_raise(
        ABERRATION,
        disease=DISEASE,
        area_code=area,
        subject_kind="series",
        subject_key=f"ears|{area}|{n}",
        params={"watch": "ears", "method": "ears_c2"},
        actor=HAND,
        at=NOW - timedelta(hours=9),
    )
    signal_verify(key, actor=HAND, at=NOW - timedelta(hours=8))
    signal_investigate(key, finding="linked_cases", actor=HAND, at=NOW - timedelta(hours=7))
    signal_close(key, outcome=outcome, actor=HAND, at=NOW - timedelta(hours=6))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_method_stands_there_with_settings_source_and_whether_it_is_on(language):
    made_city(20)
    answer = browser("duty_officer", language=language).get("/assess/detection/")
    rows = answer.context["methods"]
    held = detection_rules().watches
    assert {row["source"] for row in rows} == {watch.source for watch in held.values()}
    assert [row["on"] for row in rows] == sorted((watch.on for watch in held.values()), reverse=True)
    assert all(row["settings"] for row in rows)
    # The sources are citations in the language of the paper, and name the files that hold the numbers.
    text = re.sub(r"[\w/]+\.toml", "", text_of(answer))
    assert not RAW.search(text)
    if language == "en":
        assert not CHINESE.search(text.replace("中文", ""))


def test_what_came_of_the_alarms_is_shown_with_its_interval():
    made_city(20)
    for n, outcome in enumerate(("confirmed_outbreak", "confirmed_outbreak", "not_confirmed")):
        alarm(n, outcome)
    answer = browser("duty_officer").get("/assess/detection/")
    ears = next(row for row in answer.context["methods"] if row["yields"])
    (found,) = ears["yields"]
    assert (found["confirmed"], found["false"], found["raised"]) == (2, 1, 3)
    assert found["share"] == "67%"
    assert found["interval"] == "（21–94）"
    assert "证实 2，未证实 1" in text_of(answer)


def test_another_district_does_not_count_the_alarms_of_this_one():
    made_city(20)
    alarm(1, "confirmed_outbreak")
    rows = browser("duty_officer", FAR).get("/assess/detection/").context["methods"]
    assert [row["yields"] for row in rows if row["yields"]] == []


def test_series_without_power_are_listed_with_the_reason():
    # Three days of cases are shorter than any baseline.
    made_city(3)
    answer = browser("duty_officer").get("/assess/detection/")
    assert answer.context["blind"] > 0
    assert "历史数据不够长。" in text_of(answer)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_alarms_to_expect_from_chance_come_after_the_page(language):
    made_city(40)
    answer = browser("duty_officer", language=language).get("/assess/detection/expected/")
    rows = answer.context["rows"]
    given = next(row for row in rows if "value" in row)
    assert given["interval"]
    assert any("refused" in row for row in rows)
    assert not RAW.search(fragment_of(answer))


def test_a_file_of_the_city_that_cannot_be_used_is_named(tmp_path, monkeypatch):
    made_city(10)
    (tmp_path / "detection.toml").write_text("[watch.ears]\nunit = 'month'\n", encoding="utf-8")
    monkeypatch.setattr(settings, "HOME", tmp_path)
    client = browser("duty_officer")
    for path in ("/assess/detection/", "/assess/", "/assess/detection/expected/"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "month" in fragment_of(answer), path


def test_who_may_not_see_the_board_is_refused():
    assert browser("hospital").get("/assess/detection/").status_code == 403
