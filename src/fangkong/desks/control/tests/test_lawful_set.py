"""The orders in force against the smallest lawful set: as of a day, with the facts and the rules of that day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from fangkong.core.errors import Forbidden
from fangkong.desks.control import lawful_set as module
from fangkong.desks.control.actions import order_approve, order_propose_for_contact, orders_rejudge
from fangkong.desks.control.lawful_set import lawful_set
from fangkong.record.access import system_actor
from fangkong.record.load import load, revise
from fangkong.record.models import Order, Rejudgement
from fangkong.science import rules

from .people import case, clock, colleague, contact

pytestmark = pytest.mark.django_db
HAND = system_actor("reaction")
AT = clock("2022-06-27")  # the last day of edition 8: 14 days and 7 at home; from the 28th on, 7 and 3


def restricted(n: int, *, at=AT, last=date(2022, 6, 26)) -> list[str]:
    signer = colleague("health_authority")
    case(known=at, person_key="index")
    keys = []
    for number in range(n):
        contact(f"contact-{number}", known=at, last=last, person_key=f"person-{number}")
        key = order_propose_for_contact(f"contact-{number}", actor=HAND, at=at).order_key
        order_approve(key, actor=signer, at=at + timedelta(minutes=1), reason="read")
        keys.append(key)
    return keys


def area_order(**details: object) -> None:
    row = {
        "key": "area-1",
        "order_no": "A-1",
        "kind": "risk_area",
        "disease": "covid-19",
        "subject_kind": "area",
        "area_code": "990101001",
        "state": "approved",
        "proposed_by": "a",
        "proposed_at": AT,
        "decided_by": "b",
        "starts_on": date(2022, 7, 11),
        "expires_on": date(2022, 7, 17),
        "confidence": "verified",
        "remedy": "r",
        "proportionality": "p",
        "details": details,
    }
    load(Order, [row], actor="test", source_key="t", known_from=clock("2022-07-11", "09:00"))


def test_under_the_rules_that_ordered_it_the_set_is_the_smallest():
    restricted(3)
    found = lawful_set(actor=HAND, at=AT + timedelta(hours=1))
    assert found.ordered == found.lawful
    assert (found.ordered.persons, found.excess, found.beyond) == (3, 0, ())


def test_the_day_the_rules_ask_for_less_the_difference_shows_and_equals_plan_for():
    restricted(3)
    at = clock("2022-06-28")
    found = lawful_set(actor=HAND, at=at)
    situation = {"disease": "covid-19", "role": "close_contact", "last_exposure_on": date(2022, 6, 26)}
    plan = rules.plan_for(situation, on=date(2022, 6, 28))
    assert plan.last_day is not None
    assert found.lawful.persons == 3
    assert found.lawful.person_days == 3 * ((plan.last_day - date(2022, 6, 28)).days + 1)
    assert found.excess == found.ordered.person_days - found.lawful.person_days > 0
    assert {each.why for each in found.beyond} == {"shorter"}
    assert sum(each.person_days for each in found.beyond) == found.excess


def test_it_says_the_same_as_re_judging():
    restricted(2)
    contact(
        "contact-1",
        known=clock("2022-06-28", "08:00"),
        last=date(2022, 6, 26),
        tier="general",
        person_key="person-1",
    )
    at = clock("2022-06-28")
    found = {each.order_key: each.why for each in lawful_set(actor=HAND, at=at).beyond}
    orders_rejudge(cause="rules", actor=HAND, at=at)
    judged = dict(Rejudgement.objects.open().values_list("order_key", "outcome"))
    assert set(found) == set(judged)
    assert sorted(found.values()) == ["general_contact", "shorter"]


def test_a_case_excluded_later_leaves_the_earlier_day_alone():
    restricted(2)
    case(known=clock("2022-06-27", "18:00"), person_key="index", classification="excluded")
    before = lawful_set(actor=HAND, at=clock("2022-06-27", "17:00"))
    after = lawful_set(actor=HAND, at=clock("2022-06-27", "19:00"))
    assert (before.lawful.persons, after.lawful.persons) == (2, 0)
    assert {each.why for each in after.beyond} == {"case_excluded"}
    assert after.excess == after.ordered.person_days


def test_an_order_by_hand_is_in_neither_set_and_is_named():
    keys = restricted(2)
    order = Order.objects.open().get(key=keys[0])
    revise(order, at=AT + timedelta(hours=1), actor="t", verb="t", situation={})
    found = lawful_set(actor=HAND, at=AT + timedelta(hours=2))
    assert (found.ordered.persons, found.unjudged) == (1, {"ordered_by_hand": 1})


def test_an_area_order_beside_the_narrower_unit_that_was_counted():
    area_order(level="high", unit="street", residents=3000, smaller_unit="building", smaller_residents=200)
    found = lawful_set(actor=HAND, at=clock("2022-07-13"))
    assert (found.areas.person_days, found.areas_lawful.person_days) == (3000 * 5, 200 * 5)
    assert found.excess == 2800 * 5
    assert found.beyond[0].why == "wider_than_needed"


def test_an_area_order_that_says_too_little_is_refused_in_words():
    area_order(level="high")
    found = lawful_set(actor=HAND, at=clock("2022-07-13"))
    assert found.areas_unknown == {"area_without_residents": 1}


def test_the_rules_are_asked_once_for_each_question(monkeypatch):
    restricted(12)
    asked = []
    judge = module.judge_order
    monkeypatch.setattr(module, "judge_order", lambda *given: asked.append(1) or judge(*given))
    assert lawful_set(actor=HAND, at=clock("2022-06-28")).ordered.persons == 12
    assert len(asked) == 1


def test_who_may_not_read_orders_is_refused():
    with pytest.raises(Forbidden):
        lawful_set(actor=colleague("laboratory"), at=AT)
