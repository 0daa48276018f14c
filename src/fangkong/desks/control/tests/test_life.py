"""After the approval: shortened, suspended, resumed, superseded, objected to; a child is never parted unasked."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from fangkong.core.errors import Conflict, Forbidden, InputError
from fangkong.desks.control.actions import (
    appeal_decide,
    appeal_file,
    consent_record,
    consent_take_back,
    order_approve,
    order_propose_for_contact,
    order_renew,
    order_resume,
    order_shorten,
    order_supersede,
    order_suspend,
)
from fangkong.desks.control.queries import order_get
from fangkong.desks.control.restricted_days import restricted_days
from fangkong.record.access import system_actor
from fangkong.record.load import load
from fangkong.record.models import Appeal, Event, Order, Person

from .people import DISTRICT, NEIGHBOUR, clock, colleague, contact, person

pytestmark = pytest.mark.django_db
HAND = system_actor("reaction")
AT = clock("2022-07-11")


def later(**delta: int):
    return AT + timedelta(**delta)


@pytest.fixture
def authority():
    return colleague("health_authority")


@pytest.fixture
def running(authority) -> str:
    """An approved order of the ninth edition: 7 days central, 3 days home, exposure on 07-10."""
    person("person-1", DISTRICT, NEIGHBOUR, known=AT)
    contact(known=AT, last=date(2022, 7, 10))
    key = order_propose_for_contact("contact-1", actor=HAND, at=AT).order_key
    order_approve(key, actor=authority, at=later(hours=1))
    return key


def test_a_shortened_order_ends_earlier_and_loses_later_tests(running, authority):
    order_shorten(
        running,
        expires_on=date(2022, 7, 14),
        reason="exposure was earlier",
        actor=authority,
        at=later(days=1),
    )
    order = order_get(running, actor=authority, at=later(days=2))
    assert (order.state, order.expires_on) == ("approved", date(2022, 7, 14))
    assert [stage["last_on"] for stage in order.stages] == ["2022-07-14"]
    assert max(order.stages[0]["test_on"]) <= "2022-07-14"
    assert (order.change_reason, order.changed_by) == ("exposure was earlier", authority.key)


def test_nobody_lengthens_an_order_by_shortening_it(running, authority):
    with pytest.raises(Conflict, match="not_shorter"):
        order_shorten(running, expires_on=date(2022, 7, 20), reason="x", actor=authority, at=later(days=1))


def test_days_on_a_person_are_never_renewed_by_hand(running):
    officer = colleague("duty_officer")
    with pytest.raises(Conflict, match="renewed_by_rule_only"):
        order_renew(running, expires_on=date(2022, 7, 25), reason="x", actor=officer, at=later(days=1))


def test_oversight_suspends_and_whoever_signed_cannot_lift_it(running, authority):
    order_suspend(running, reason="complaint under way", actor=colleague("oversight"), at=later(days=1))
    assert order_get(running, actor=authority, at=later(days=2)).state == "suspended"
    with pytest.raises(Forbidden, match="two_people"):
        order_resume(running, reason="x", actor=authority, at=later(days=2))
    order_resume(running, reason="answered", actor=colleague("oversight", name="second"), at=later(days=2))
    assert order_get(running, actor=authority, at=later(days=3)).state == "approved"


def test_a_suspended_order_is_not_replaced_by_a_new_one(running):
    order_suspend(running, reason="x", actor=colleague("oversight"), at=later(days=1))
    assert order_propose_for_contact("contact-1", actor=HAND, at=later(days=2)).code in (
        "proposed",
        "already_covered",
    )
    assert Order.objects.open().count() == 1


def test_an_upheld_appeal_suspends_the_order(running, authority):
    officer = colleague("community_group", DISTRICT)
    key = appeal_file(running, ground="wrong_date", actor=officer, at=later(days=1))
    assert Appeal.objects.open().get(key=key).due_at == later(days=2)
    with pytest.raises(Forbidden, match="two_people"):
        appeal_decide(key, upheld=True, answer="x", actor=authority, at=later(days=1, hours=1))
    other = colleague("health_authority", name="another")
    appeal_decide(
        key, upheld=True, answer="the ticket shows the day before", actor=other, at=later(days=1, hours=2)
    )
    assert order_get(running, actor=authority, at=later(days=2)).state == "suspended"
    with pytest.raises(Conflict, match="answered"):
        appeal_decide(key, upheld=False, answer="x", actor=other, at=later(days=2))


def test_an_appeal_needs_a_ground_that_people_can_read(running):
    with pytest.raises(InputError, match="unknown_ground"):
        appeal_file(running, ground="because", actor=colleague("community_group", DISTRICT), at=later(days=1))


def test_the_approved_isolation_supersedes_the_quarantine(running, authority):
    """A superseding order must be in force: a mere proposal ends nothing."""
    held = Order.objects.open().get(key=running)
    assert not order_supersede(held.key, by_key=_isolation("proposed"), actor=HAND, at=later(days=2))
    assert order_supersede(held.key, by_key=_isolation("approved"), actor=HAND, at=later(days=2))
    assert order_get(running, actor=authority, at=later(days=3)).state == "superseded"


def _isolation(state: str) -> str:
    key = f"order-isolation-{state}"
    row = {
        "key": key,
        "order_no": key,
        "kind": "isolation",
        "disease": "covid-19",
        "subject_kind": "person",
        "person_key": "person-1",
        "area_code": DISTRICT,
        "state": state,
        "proposed_by": "system:reaction",
        "proposed_at": AT,
        "starts_on": date(2022, 7, 12),
        "expires_on": date(2022, 7, 18),
        "confidence": "verified",
        "remedy": "review_suit_or_appeal",
        "proportionality": "as_the_rule_row_asks",
    }
    load(Order, [row], actor="test", source_key="t", known_from=later(hours=2))
    return key


def test_restricted_days_are_distinct_days_and_stop_when_the_order_does(running):
    since = date(2022, 7, 10)
    assert restricted_days("person-1", "covid-19", since=since, at=later(days=1)).days == 10
    order_suspend(running, reason="x", actor=colleague("oversight"), at=later(days=2))
    assert restricted_days("person-1", "covid-19", since=since, at=later(days=3)).days == 3


class TestDependents:
    """A child is never kept apart from the carer without a recorded consent."""

    @pytest.fixture
    def child_order(self) -> str:
        person("carer", DISTRICT, known=AT)
        person("child", DISTRICT, known=AT)
        row = {"key": "child", "birth_year": 2016, "carer_key": "carer"}
        load(Person, [row], actor="test", source_key="t", known_from=AT + timedelta(minutes=1))
        contact("contact-child", known=AT, last=date(2022, 7, 10), person_key="child")
        return order_propose_for_contact("contact-child", actor=HAND, at=later(hours=1)).order_key

    def test_without_consent_the_order_does_not_start(self, child_order, authority):
        with pytest.raises(Conflict, match="consent_needed"):
            order_approve(child_order, actor=authority, at=later(hours=2))

    def test_with_consent_it_does_and_taking_it_back_suspends_it(self, child_order, authority):
        community = colleague("community_group", DISTRICT)
        consent_record(child_order, "child", carer_key="carer", actor=community, at=later(hours=2))
        order_approve(child_order, actor=authority, at=later(hours=3))
        consent_take_back(child_order, "child", actor=community, at=later(hours=4))
        assert order_get(child_order, actor=authority, at=later(hours=5)).state == "suspended"
        assert Event.objects.get(kind="order.suspended").subject_key == child_order, (
            "the transfer is called off"
        )

    def test_a_carer_is_not_taken_from_the_child_either(self, authority):
        person("carer", DISTRICT, known=AT)
        person("child", DISTRICT, known=AT)
        row = {"key": "child", "birth_year": 2016, "carer_key": "carer"}
        load(Person, [row], actor="test", source_key="t", known_from=AT + timedelta(minutes=1))
        contact("contact-carer", known=AT, last=date(2022, 7, 10), person_key="carer")
        key = order_propose_for_contact("contact-carer", actor=HAND, at=later(hours=1)).order_key
        with pytest.raises(Conflict, match="consent_needed"):
            order_approve(key, actor=authority, at=later(hours=2))

    def test_together_needs_no_consent(self, child_order, authority):
        contact("contact-carer", known=AT, last=date(2022, 7, 10), person_key="carer")
        order_propose_for_contact("contact-carer", actor=HAND, at=later(hours=1))
        order_approve(child_order, actor=authority, at=later(hours=2))
        assert order_get(child_order, actor=authority, at=later(hours=3)).state == "approved"
