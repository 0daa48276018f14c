"""When rules, an exposure date or a classification change, running orders are judged again: never longer."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from fangkong.core.errors import Conflict
from fangkong.desks.control.actions import (
    order_approve,
    order_propose_for_contact,
    orders_rejudge,
    rejudgement_accept,
    rejudgement_decline,
)
from fangkong.desks.control.queries import order_get
from fangkong.record.access import system_actor
from fangkong.record.digest import record_digest
from fangkong.record.load import load, withdraw
from fangkong.record.models import Case, Contact, Order, Rejudgement
from fangkong.science import rules

from .people import DISTRICT, clock, colleague, contact, person

pytestmark = pytest.mark.django_db
HAND = system_actor("reaction")


@pytest.fixture
def authority():
    return colleague("health_authority")


def running(day: str, last: date, authority, *, tier: str = "close") -> str:
    at = clock(day)
    person("person-1", DISTRICT, known=at)
    contact(known=at, last=last, tier=tier)
    key = order_propose_for_contact("contact-1", actor=HAND, at=at).order_key
    order_approve(key, actor=authority, at=at + timedelta(hours=1), reason="read in the plan")
    return key


def judge(day: str, cause: str = "rules"):
    return orders_rejudge(cause=cause, actor=HAND, at=clock(day))


def test_the_ninth_edition_shortens_an_order_of_the_eighth(authority):
    key = running("2022-06-20", date(2022, 6, 19), authority)
    assert judge("2022-06-27").unchanged == 1
    assert judge("2022-06-28").shorter == 1
    offer = Rejudgement.objects.open().get()
    assert (offer.before["expires_on"], offer.after["expires_on"]) == ("2022-07-10", "2022-06-29")
    plan = rules.plan_for(
        {"disease": "covid-19", "role": "close_contact", "last_exposure_on": date(2022, 6, 19)},
        on=date(2022, 6, 28),
    )
    assert offer.after["expires_on"] == plan.last_day.isoformat()
    rejudgement_accept(offer.key, actor=authority, at=clock("2022-06-28", "16:00"))
    order = order_get(key, actor=authority, at=clock("2022-06-28", "17:00"))
    assert order.expires_on == date(2022, 6, 29)
    assert judge("2022-06-29").unchanged == 1
    with pytest.raises(Conflict, match="not_offered"):
        rejudgement_decline(offer.key, reason="x", actor=authority, at=clock("2022-06-28", "18:00"))


def test_judging_twice_changes_nothing(authority):
    running("2022-06-20", date(2022, 6, 19), authority)
    judge("2022-06-28")
    before = record_digest(clock("2022-06-29"))
    judge("2022-06-28")
    assert record_digest(clock("2022-06-29")) == before


def test_what_has_lost_its_basis_ends_by_itself(authority):
    key = running("2023-01-05", date(2023, 1, 4), authority)
    done = judge("2023-01-08")
    assert (done.ended, done.shorter) == (1, 0)
    order = Order.objects.open().get(key=key)
    assert (order.state, order.change_reason) == ("lapsed", "basis_ended")
    assert Rejudgement.objects.open().get().state == "accepted"


def test_secondary_contacts_go_free_when_nobody_determines_them_any_more(authority):
    key = running("2022-11-08", date(2022, 11, 7), authority, tier="secondary")
    assert judge("2022-11-11").ended == 1
    assert Order.objects.open().get(key=key).state == "lapsed"


def test_an_earlier_exposure_is_offered_as_a_shorter_order(authority):
    running("2022-07-11", date(2022, 7, 10), authority)
    at = clock("2022-07-12")
    contact(known=at, last=date(2022, 7, 8))
    assert orders_rejudge(cause="exposure", reason_keys=["contact-1"], actor=HAND, at=at).shorter == 1
    assert Rejudgement.objects.open().get().after["expires_on"] == "2022-07-18"


def test_a_later_exposure_never_lengthens_the_running_order(authority):
    key = running("2022-07-11", date(2022, 7, 10), authority)
    at = clock("2022-07-12")
    contact(known=at, last=date(2022, 7, 11))
    assert orders_rejudge(cause="exposure", reason_keys=["contact-1"], actor=HAND, at=at).unchanged == 1
    assert Order.objects.open().get(key=key).expires_on == date(2022, 7, 20)


def test_contacts_of_an_excluded_case_are_offered_their_end(authority):
    running("2022-07-11", date(2022, 7, 10), authority)
    at = clock("2022-07-12")
    row = {
        "key": "case-1",
        "case_no": "1",
        "person_key": "person-2",
        "disease": "covid-19",
        "area_code": DISTRICT,
        "classification": "excluded",
        "reported_on": date(2022, 7, 10),
    }
    load(Case, [row], actor="test", source_key="t", known_from=at)
    assert judge("2022-07-12", "classification").ended == 1
    offer = Rejudgement.objects.open().get()
    assert (offer.state, offer.after["why"]) == ("offered", "case_excluded")
    rejudgement_accept(offer.key, actor=authority, at=at + timedelta(hours=1))
    assert Order.objects.open().get().state == "withdrawn"


def test_a_withdrawn_contact_is_offered_its_end(authority):
    running("2022-07-11", date(2022, 7, 10), authority)
    withdraw(Contact, ["contact-1"], at=clock("2022-07-12"), actor="test", reason="wrong person")
    assert judge("2022-07-13", "exposure").ended == 1


def test_a_newer_judgement_overtakes_the_older_offer(authority):
    running("2022-06-20", date(2022, 6, 19), authority)
    judge("2022-06-28")
    at = clock("2022-06-28", "20:00")
    contact(known=at, last=date(2022, 6, 18))
    orders_rejudge(cause="exposure", reason_keys=["contact-1"], actor=HAND, at=at + timedelta(minutes=1))
    states = sorted(Rejudgement.objects.open().values_list("state", flat=True))
    assert states == ["offered", "overtaken"]
