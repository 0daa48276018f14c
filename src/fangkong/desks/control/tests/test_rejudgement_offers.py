"""Offers decided together: one reason, an audit row and an event for each, a thousand as a whole or not at all."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from fangkong.core.errors import Conflict, Forbidden, InputError, NotFound
from fangkong.desks.control import rejudgement_offers
from fangkong.desks.control.actions import (
    order_approve,
    order_propose_for_contact,
    order_suspend,
    order_withdraw,
    orders_rejudge,
    rejudgements_accept,
    rejudgements_decline,
)
from fangkong.desks.control.rejudgement_offers import offers_computed, offers_count, offers_keys, offers_list
from fangkong.record.access import system_actor
from fangkong.record.audit import verify
from fangkong.record.load import load
from fangkong.record.models import AuditRow, Case, Event, Order, Rejudgement

from .people import DISTRICT, clock, colleague, contact, person

pytestmark = pytest.mark.django_db
HAND = system_actor("reaction")
ORDERED, JUDGED = "2022-06-20", "2022-06-28"
LATER = clock(JUDGED, "16:00")
REASON = "第九版自今日起施行"


@pytest.fixture
def authority():
    return colleague("health_authority")


@pytest.fixture
def offered(authority) -> list[str]:
    """Five people under the eighth edition, judged again on the day of the ninth; the keys of their offers."""
    at = clock(ORDERED)
    for n in range(5):
        person(f"person-{n}", DISTRICT, known=at)
        contact(
            f"contact-{n}",
            known=at,
            last=date(2022, 6, 19 - n % 2),
            person_key=f"person-{n}",
            case_key=f"case-{n}",
        )
        key = order_propose_for_contact(f"contact-{n}", actor=HAND, at=at).order_key
        order_approve(key, actor=authority, at=at + timedelta(hours=1), reason="read in the plan")
    orders_rejudge(cause="rules", actor=HAND, at=clock(JUDGED))
    return offers_keys(actor=authority, at=LATER, outcome="shorter", area_code=DISTRICT)


def ends() -> set[date]:
    return set(Order.objects.open().values_list("expires_on", flat=True))


def test_all_of_a_district_are_shortened_for_one_reason(offered, authority):
    assert len(offered) == 5
    assert rejudgements_accept(offered, actor=authority, at=LATER, reason=REASON) == 5
    assert ends() == {date(2022, 6, 29), date(2022, 6, 28)}
    decided = Rejudgement.objects.open()
    assert set(decided.values_list("state", "decided_by", "decision_reason")) == {
        ("accepted", authority.key, REASON)
    }
    orders = set(Order.objects.open().values_list("key", flat=True))
    told = AuditRow.objects.filter(verb="order.shorten", actor=authority.key)
    assert sorted(told.values_list("object_key", flat=True)) == sorted(orders)
    assert AuditRow.objects.filter(verb="rejudgement.accepted").count() == 5
    assert set(Event.objects.filter(kind="order.shortened").values_list("subject_key", flat=True)) == orders
    assert verify().problem == ""


def test_one_that_cannot_be_stops_all_of_its_thousand(offered, authority):
    spoilt = Rejudgement.objects.open().get(key=offered[-1])
    order_withdraw(spoilt.order_key, actor=authority, at=LATER, reason="wrong person")
    before = list(Order.objects.open().order_by("key").values_list("key", "expires_on", "state"))
    with pytest.raises(Conflict, match="not_running"):
        rejudgements_accept(offered, actor=authority, at=LATER, reason=REASON)
    with pytest.raises(NotFound):
        rejudgements_accept([*offered[:2], "rejudgement-none"], actor=authority, at=LATER, reason=REASON)
    assert list(Order.objects.open().order_by("key").values_list("key", "expires_on", "state")) == before
    assert not Rejudgement.objects.filter(state="accepted").exists()
    assert not AuditRow.objects.filter(verb="rejudgement.accepted").exists()


def test_what_came_before_a_refused_thousand_stands_and_is_not_offered_again(offered, authority, monkeypatch):
    monkeypatch.setattr(rejudgement_offers, "CHUNK", 2)
    spoilt = Rejudgement.objects.open().get(key=offered[-1])
    order_withdraw(spoilt.order_key, actor=authority, at=LATER, reason="wrong person")
    with pytest.raises(Conflict):
        rejudgements_accept(offered, actor=authority, at=LATER, reason=REASON)
    left = offers_list(actor=authority, at=LATER + timedelta(hours=1), outcome="shorter")
    assert [offer.key for offer in left.rows] == []
    assert Rejudgement.objects.open().filter(state="accepted").count() == 4


def test_both_computations_of_a_district_are_counted(offered, authority):
    found = offers_computed(actor=authority, at=LATER, outcome="shorter", area_code=DISTRICT)
    assert [(each.before, each.after, each.count) for each in found] == [
        (date(2022, 7, 9), date(2022, 6, 28), 2),
        (date(2022, 7, 10), date(2022, 6, 29), 3),
    ]
    here = offers_count(actor=authority, at=LATER)
    assert [(each.area_code, each.outcome, each.count) for each in here] == [(DISTRICT, "shorter", 5)]


def test_who_goes_free_stands_apart_and_is_withdrawn(offered, authority):
    at = clock(JUDGED, "15:00")
    row = {
        "key": "case-0",
        "case_no": "1",
        "person_key": "person-x",
        "disease": "covid-19",
        "area_code": DISTRICT,
        "classification": "excluded",
        "reported_on": date(2022, 6, 18),
    }
    load(Case, [row], actor="test", source_key="t", known_from=at)
    orders_rejudge(cause="classification", actor=HAND, at=at + timedelta(minutes=1))
    assert [each.outcome for each in offers_count(actor=authority, at=LATER)] == ["ends_now", "shorter"]
    free = offers_keys(actor=authority, at=LATER, outcome="ends_now", area_code=DISTRICT)
    assert rejudgements_accept(free, actor=authority, at=LATER, reason="case excluded") == 1
    assert Order.objects.open().get(state="withdrawn").change_reason == free[0]


def test_declining_keeps_every_order_as_it_ran(offered, authority):
    before = ends()
    assert rejudgements_decline(offered[:2], actor=authority, at=LATER, reason="the row was misread") == 2
    assert ends() == before
    assert Rejudgement.objects.open().filter(state="declined").count() == 2


def test_whoever_proposed_may_free_the_person_sooner_for_nobody_is_held_longer_by_it(offered, authority):
    key = Rejudgement.objects.open().get(key=offered[0]).order_key
    Order.objects.filter(key=key).update(proposed_by=authority.key, decided_by="user-second")
    rejudgements_accept(offered[:1], actor=authority, at=LATER, reason=REASON)
    assert Order.objects.open().get(key=key).expires_on < date(2022, 7, 1)


def test_a_suspended_order_is_shortened_too_and_stays_suspended(offered, authority):
    key = Rejudgement.objects.open().get(key=offered[0]).order_key
    order_suspend(key, actor=authority, at=clock(JUDGED, "15:00"), reason="appeal upheld")
    rejudgements_accept(offered[:1], actor=authority, at=LATER, reason=REASON)
    order = Order.objects.open().get(key=key)
    assert (order.state, order.expires_on < date(2022, 7, 1)) == ("suspended", True)


def test_who_may_not_and_what_is_missing(offered, authority):
    with pytest.raises(Forbidden, match="system_never_decides"):
        rejudgements_accept(offered, actor=HAND, at=LATER, reason=REASON)
    with pytest.raises(Forbidden):
        rejudgements_accept(offered, actor=colleague("duty_officer"), at=LATER, reason=REASON)
    with pytest.raises(NotFound):
        rejudgements_accept(offered, actor=colleague("health_authority", "9902"), at=LATER, reason=REASON)
    with pytest.raises(InputError, match="reason_needed"):
        rejudgements_accept(offered, actor=authority, at=LATER, reason="  ")
    with pytest.raises(InputError, match="none_chosen"):
        rejudgements_accept([], actor=authority, at=LATER, reason=REASON)
    assert not Rejudgement.objects.filter(state="accepted").exists()
