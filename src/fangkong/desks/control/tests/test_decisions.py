"""Proposed by one, decided by another, in their own area; and an order ends by itself."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from fangkong.core.errors import Conflict, Forbidden, InputError, NotFound
from fangkong.desks.control.actions import (
    order_approve,
    order_lapse_due,
    order_propose_for_contact,
    order_reject,
    order_withdraw,
)
from fangkong.desks.control.queries import order_get, order_history
from fangkong.record.access import system_actor
from fangkong.record.audit import verify
from fangkong.record.digest import record_digest
from fangkong.record.models import AuditRow, Event, Order

from .people import DISTRICT, NEIGHBOUR, clock, colleague, contact, person

pytestmark = pytest.mark.django_db
HAND = system_actor("reaction")
AT = clock("2022-07-11")


@pytest.fixture
def order_key() -> str:
    """An order of the ninth edition in 990101, on a person who works in 990201; all its rows are verified."""
    person("person-1", DISTRICT, NEIGHBOUR, known=AT)
    contact(known=AT, last=date(2022, 7, 10))
    return order_propose_for_contact("contact-1", actor=HAND, at=AT).order_key


def later(**delta: int):
    return AT + timedelta(**delta)


def test_an_approval_is_a_version_an_audit_row_and_an_event(order_key):
    authority = colleague("health_authority")
    order_approve(order_key, actor=authority, at=later(hours=1))
    history = order_history(order_key, actor=authority, at=later(hours=2))
    assert [version.state for version in history] == ["proposed", "approved"]
    assert (history[1].decided_by, history[1].decided_at) == (authority.key, later(hours=1))
    assert order_get(order_key, actor=authority, at=later(minutes=30)).state == "proposed"
    assert AuditRow.objects.filter(verb="order.approve", object_key=order_key).count() == 1
    assert Event.objects.get(kind="order.approved").subject_key == order_key
    assert verify().problem == ""


def test_the_system_never_decides(order_key):
    for decide in (order_approve, order_reject, order_withdraw):
        with pytest.raises(Forbidden, match="system_never_decides") as refused:
            decide(order_key, actor=HAND, at=later(hours=1), reason="x")
        assert refused.value.params["roles"] == ["health_authority"]


def test_nobody_decides_on_their_own_proposal():
    contact(known=AT, last=date(2022, 7, 10))
    authority = colleague("health_authority")
    key = order_propose_for_contact("contact-1", actor=authority, at=AT).order_key
    for decide in (order_approve, order_reject):
        with pytest.raises(Forbidden, match="two_people") as refused:
            decide(key, actor=authority, at=later(hours=1), reason="mine")
        assert refused.value.params["roles"] == ["health_authority"]
    order_approve(key, actor=colleague("health_authority", name="second"), at=later(hours=1))


def test_the_database_itself_refuses_one_person_in_both_roles(order_key):
    with pytest.raises(IntegrityError), transaction.atomic():
        Order.objects.filter(key=order_key).update(decided_by=HAND.key)


def test_the_wrong_role_is_told_who_may(order_key):
    with pytest.raises(Forbidden, match="not_your_role") as refused:
        order_approve(order_key, actor=colleague("investigation_group"), at=later(hours=1))
    assert refused.value.params["roles"] == ["health_authority"]


def test_the_right_role_in_the_wrong_area_is_told_who_may(order_key):
    """The neighbour sees the person by the tie of work, and still does not decide."""
    neighbour = colleague("health_authority", NEIGHBOUR)
    assert order_get(order_key, actor=neighbour, at=later(hours=1)).state == "proposed"
    with pytest.raises(Forbidden, match="not_your_area") as refused:
        order_approve(order_key, actor=neighbour, at=later(hours=1))
    assert refused.value.params["roles"] == ["health_authority"]


def test_out_of_scope_is_as_if_it_were_not_there(order_key):
    stranger = colleague("health_authority", "990102")
    with pytest.raises(NotFound, match=r"order\.unknown"):
        order_approve(order_key, actor=stranger, at=later(hours=1))
    with pytest.raises(NotFound, match=r"order\.unknown"):
        order_history(order_key, actor=stranger, at=later(hours=1))


def test_a_decided_order_is_not_decided_again(order_key):
    authority = colleague("health_authority")
    order_reject(order_key, actor=authority, at=later(hours=1), reason="tested negative twice")
    with pytest.raises(Conflict, match="state=rejected"):
        order_approve(order_key, actor=authority, at=later(hours=2))
    with pytest.raises(Conflict, match="not_running"):
        order_withdraw(order_key, actor=authority, at=later(hours=2), reason="too late")


def test_an_unverified_row_needs_a_reason():
    at = clock("2022-04-11")
    contact(known=at, last=date(2022, 4, 10))
    key = order_propose_for_contact("contact-1", actor=HAND, at=at).order_key
    authority = colleague("health_authority")
    with pytest.raises(InputError, match="reason_needed"):
        order_approve(key, actor=authority, at=at + timedelta(hours=1), reason="  ")
    order_approve(key, actor=authority, at=at + timedelta(hours=1), reason="day 0 confirmed by phone")
    assert Order.objects.open().get(key=key).decision_reason == "day 0 confirmed by phone"


@pytest.mark.parametrize("decide", [order_reject, order_withdraw])
def test_a_refusal_needs_a_reason(order_key, decide):
    with pytest.raises(InputError, match="reason_needed"):
        decide(order_key, actor=colleague("health_authority"), at=later(hours=1), reason="")


def test_a_withdrawal_keeps_who_approved_it(order_key):
    first, second = colleague("health_authority"), colleague("health_authority", name="second")
    order_approve(order_key, actor=first, at=later(hours=1))
    order_withdraw(order_key, actor=second, at=later(days=1), reason="exposure was a mistake")
    order = Order.objects.open().get(key=order_key)
    assert (order.state, order.decided_by) == ("withdrawn", first.key)


class TestTheEnd:
    def test_on_its_last_day_it_runs_and_the_day_after_it_has_lapsed(self, order_key):
        order_approve(order_key, actor=colleague("health_authority"), at=later(hours=1))
        assert order_lapse_due(clock("2022-07-20", "23:59"), actor=HAND) == 0
        assert order_lapse_due(clock("2022-07-21", "00:00"), actor=HAND) == 1
        assert Order.objects.open().get(key=order_key).state == "lapsed"
        assert Event.objects.get(kind="order.lapsed").subject_key == order_key

    def test_twice_changes_nothing(self, order_key):
        order_lapse_due(clock("2022-07-21"), actor=HAND)
        before = record_digest()
        assert order_lapse_due(clock("2022-07-21"), actor=HAND) == 0
        assert order_lapse_due(clock("2022-07-22"), actor=HAND) == 0
        assert record_digest() == before

    def test_a_proposal_that_is_over_cannot_be_approved(self, order_key):
        with pytest.raises(Conflict, match=r"order\.over"):
            order_approve(order_key, actor=colleague("health_authority"), at=clock("2022-07-21"))

    def test_a_lapse_leaves_what_was_known_before_as_it_was(self, order_key):
        before = record_digest(clock("2022-07-20", "23:59"))
        order_lapse_due(clock("2022-07-21"), actor=HAND)
        assert record_digest(clock("2022-07-20", "23:59")) == before
