"""Orders on areas: proposed on a page with the smallest alternative beside, their gates met, their step taken."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from fangkong.desks.control import actions, queries
from fangkong.desks.control.safeguards import safeguards
from fangkong.faces.web.board.tests.made_city import LAST, NEAR, put
from fangkong.record.access import system_actor
from fangkong.record.installation import installation
from fangkong.record.models import Appeal, Order

from .made_orders import area_row, colleague, made_orders
from .test_order_pages import CJK, words_of

pytestmark = pytest.mark.django_db

HAND = system_actor("reaction")

FORM = {
    "kind": "risk_area",
    "disease": "covid-19",
    "area": f"{NEAR}001001001",
    "level": "high",
    "unit": "compound",
    "households": "900",
    "residents": "2600",
    "starts_on": "2022-11-20",
    "days": "5",
    "found_found_in_community": "2",
    "evidence": "Two households fell ill",
    "note": "Every staircase has a case",
    "gate_food": "900",
}


@pytest.fixture
def keys() -> dict[str, str]:
    return made_orders()


def order(key: str) -> Order:
    return queries.order_get(key, actor=HAND, at=installation().now())


def test_only_what_is_open_has_a_field_and_what_is_written_meets_it(keys):
    client, _ = colleague("health_authority", language="en")
    page = client.get(f"/orders/{keys['area']}/").content.decode()
    assert 'name="gate_evacuation_plan"' in page
    assert 'name="gate_food"' not in page
    answer = client.post(f"/orders/{keys['area']}/gates/", {"gate_evacuation_plan": "Square to the south"})
    assert answer.status_code == 302
    assert order(keys["area"]).gates["evacuation_plan"] == "Square to the south"
    assert order(keys["area"]).gates["food"] == 150


@pytest.mark.parametrize("typed", [{"gate_food": "plenty"}, {"gate_food": "9" * 30}, {"gate_moat": "x"}, {}])
def test_a_gate_that_is_wrong_is_said_in_place(keys, typed):
    client, _ = colleague("health_authority", language="en")
    answer = client.post(f"/orders/{keys['area']}/gates/", typed)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()
    assert order(keys["area"]).gates["food"] == 150


def test_whoever_may_not_propose_has_no_form_and_changes_nothing(keys):
    client, _ = colleague("oversight", language="en")
    assert 'name="gate_' not in client.get(f"/orders/{keys['area']}/").content.decode()
    assert client.post(f"/orders/{keys['area']}/gates/", {"gate_evacuation_plan": "x"}).status_code == 403


def test_facts_are_written_down_and_a_day_ahead_is_refused(keys):
    client, _ = colleague("health_authority", language="en")
    where = f"/orders/{keys['approved_area']}/facts/"
    assert client.post(where, {"full_round_negative_on": LAST.isoformat()}).status_code == 302
    assert order(keys["approved_area"]).details["facts"]["full_round_negative_on"] == LAST.isoformat()
    ahead = client.post(where, {"full_round_negative_on": "2099-01-01", "no_close_contact": "yes"})
    assert ahead.status_code == 400
    assert 'value="2099-01-01"' in ahead.content.decode()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_running_area_shows_its_conditions_and_the_step_due_is_taken(keys, language):
    # A lock-down zone of which nothing was seen for 20 days, all facts stated.
    began = LAST - timedelta(days=30)
    row = area_row("order-long", state="approved", decided_by="user-signer", issuer_rank="prefecture")
    details = row["details"] | {
        "level": "lock",
        "designated_on": began.isoformat(),
        "facts": {"full_round_negative_on": LAST.isoformat(), "no_close_contact": True},
    }
    far = "990199"
    put(Order, row | {"area_code": far, "starts_on": began, "details": details})
    client, actor = colleague("co_chair", language=language, area_code="9901")
    page = words_of(client.get("/orders/order-long/"))
    assert re.findall(r"\b[a-z]+_[a-z_]+\b|‹", page) == []
    if language == "en":
        assert CJK.findall(page) == []
    step = actions.risk_area_step(order("order-long"), actor=actor, at=installation().now())
    for condition in step.conditions:
        assert str(condition.needed) in page
    shown = {"zh-hans": {True: "已满足", False: "未满足"}, "en": {True: "met", False: "not met"}}[language]
    assert all(shown[condition.met] in page for condition in step.conditions)
    answer = client.post("/orders/order-long/step/", {"expires_on": ""})
    if step.action in ("release", "lapse"):
        assert answer.status_code == 302
        assert order("order-long").state == "withdrawn"
    else:
        assert answer.status_code in (400, 409)
        assert order("order-long").state == "approved"


def test_a_proposal_leads_to_the_order_with_rank_findings_gates_and_the_smaller_alternative(keys):
    client, _ = colleague("health_authority", language="en")
    assert "Propose an order" in words_of(client.get("/orders/"))
    smaller = {"smaller_unit": "building", "smaller_residents": "240"}
    answer = client.post("/orders/propose/", FORM | smaller, follow=True)
    assert answer.status_code == 200
    text = words_of(answer)
    assert "rank or above" in text
    assert "The unit is wider than the rules in force give" in text
    assert "blocks approval" in text
    assert "not met yet" in text
    # 2,600 people for 5 days against 240 in one building.
    for figure in ("13,000", "1,200", "2,360", "11,800"):
        assert figure in text
    assert "No round of tests in the extra area" in text
    made = Order.objects.get(area_code=FORM["area"])
    assert made.gates == {"food": 900}
    assert made.expires_on.isoformat() == "2022-11-24"


def test_without_places_or_figures_no_alternative_is_invented(keys):
    client, _ = colleague("health_authority", language="en")
    text = words_of(client.post("/orders/propose/", FORM, follow=True))
    assert "No case is on record inside" in text
    assert "13,000" in text
    assert "11,800" not in text


@pytest.mark.parametrize(
    "wrong",
    [
        {"area": "12345"},
        {"area": "31"},
        {"unit": ""},
        {"level": "purple"},
        {"days": "0"},
        {"days": "many"},
        {"starts_on": "9999-12-31"},
        {"residents": ""},
        {"found_found_in_community": "a lot"},
        {"evidence": " "},
        {"note": ""},
        {"kind": "siege"},
        {"gate_food": "enough"},
    ],
)
def test_a_proposal_that_is_wrong_is_said_in_place_with_what_was_typed(keys, wrong):
    client, _ = colleague("health_authority", language="en")
    before = Order.objects.count()
    answer = client.post("/orders/propose/", FORM | wrong)
    assert answer.status_code in (400, 403)
    assert 'role="alert"' in answer.content.decode()
    if "note" not in wrong:
        assert "Every staircase has a case" in answer.content.decode()
    assert Order.objects.count() == before


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_kind_has_its_form_in_one_language(keys, language):
    client, _ = colleague("duty_officer", language=language)
    for kind in ("risk_area", "stay_in", "closure", "disinfection", "checkpoint", "freight", "testing"):
        answer = client.get(f"/orders/propose/?kind={kind}")
        assert answer.status_code == 200
        text = words_of(answer)
        assert re.findall(r"\b[a-z]+_[a-z_]+\b|‹", text) == []
        if language == "en":
            assert CJK.findall(text) == []


def test_whoever_may_not_propose_does_not_reach_the_form(keys):
    client, _ = colleague("oversight")
    assert client.get("/orders/propose/").status_code == 403


def test_an_appeal_is_answered_only_on_the_page_of_its_own_order(keys):
    _, filer = colleague("duty_officer", "files")
    at = installation().now()
    ground = safeguards().appeal_grounds[0]
    appeal = actions.appeal_file(keys["running"], ground=ground, actor=filer, at=at)
    client, _ = colleague("health_authority", language="en")
    form = {"appeal": appeal, "verdict": "upheld", "answer": "Right"}
    assert client.post(f"/orders/{keys['approved_area']}/answer/", form).status_code == 404
    assert Appeal.objects.get(key=appeal).state == "filed"
    assert order(keys["running"]).state == "approved"
    assert client.post(f"/orders/{keys['running']}/answer/", form).status_code == 302
