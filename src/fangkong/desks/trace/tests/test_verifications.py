"""四个查清: number, identity, location, control status."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection

from fangkong.core.errors import Forbidden
from fangkong.desks.trace import queries
from fangkong.desks.trace.values import Verifications
from fangkong.desks.trace.verifications import under_control
from fangkong.record.access import system_actor
from fangkong.record.load import withdraw
from fangkong.record.models import Case, Contact, Order

from .outbreaks import NOW, TODAY, case, contact, in_area, order, put

pytestmark = pytest.mark.django_db
OFFICE = system_actor("test")
WEEK = timedelta(days=7)


def verified(**more) -> Verifications:
    return queries.four_verifications(**{"actor": OFFICE, "at": NOW, **more})


@pytest.fixture(autouse=True)
def contacts(db):
    put(Case, case("a"), case("b", area="990102"))
    put(
        Contact,
        contact("k1", "a", identified=True, located=True),
        contact("k2", "a", identified=True),
        contact("k3", "a", area="990102"),
        contact("k4", "b", area="990102", person_key="p-k1"),
    )


def test_the_four_numbers_count_people():
    put(Order, order("o1", "p-k1", TODAY - WEEK, TODAY + WEEK))
    assert verified() == Verifications(total=3, counted=3, identified=2, located=1, controlled=1)
    assert verified(case_key="a") == Verifications(3, 3, 2, 1, 1)
    assert verified(case_key="b") == Verifications(1, 1, 0, 0, 1)
    assert verified(area_code="990102") == Verifications(2, 2, 0, 0, 1)
    assert verified(case_key="nobody") == Verifications(0, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("change", "held"),
    [
        ({}, 1),
        ({"state": "proposed", "decided_by": ""}, 0),
        ({"state": "withdrawn"}, 0),
        ({"disease": "other"}, 0),
        ({"starts_on": TODAY + timedelta(days=1)}, 0),
        ({"starts_on": TODAY - WEEK, "expires_on": TODAY - timedelta(days=1)}, 0),
        ({"subject_kind": "area"}, 0),
    ],
)
def test_only_an_order_in_force_on_the_person_is_control(change, held):
    put(Order, order("o1", "p-k1", TODAY, TODAY + WEEK) | change)
    assert verified().controlled == held


def test_an_order_that_ran_to_its_end_after_the_last_exposure_closes_the_contact():
    served = order("o5", "p-k5", date(2022, 4, 1), date(2022, 4, 14))
    put(Contact, contact("k5", "a", last_exposure_on=date(2022, 3, 31)))
    put(Order, served)
    assert verified().controlled == 1
    put(Contact, contact("k6", "a", person_key="p-k6", last_exposure_on=date(2022, 4, 16)))
    put(Order, served | {"key": "o6", "person_key": "p-k6"})
    assert verified().controlled == 1


def test_what_was_withdrawn_later_still_counted_before():
    withdraw(Contact, ["k3"], at=NOW + WEEK, actor="test", reason="mistaken")
    assert (verified().total, verified(at=NOW + WEEK).total) == (3, 2)


def test_scope_and_permission():
    assert verified(actor=in_area("990101")).total == 2
    assert verified(actor=in_area("990102")).total == 2
    assert verified(actor=in_area("9902")).total == 0
    with pytest.raises(Forbidden):
        verified(actor=in_area("9901", "task.read"))


@pytest.mark.parametrize("size", [1, 80])
def test_one_query_however_many_contacts(size, django_assert_num_queries):
    put(Contact, *(contact(f"m{n:03}", "a", located=True) for n in range(size)))
    with django_assert_num_queries(1):
        assert verified(actor=in_area("990101"), on=TODAY).located == size + 1


def test_the_orders_of_a_contact_are_found_by_the_person():
    """Not by kind and state: that is nearly every order of the city, walked through once for each contact.

    PostgreSQL hashes the orders, or goes by its own statistics.
    """
    contacts = Contact.objects.annotate(controlled=under_control(NOW, TODAY)).filter(controlled=True)
    assert connection.vendor == "postgresql" or "(person_key=?)" in contacts.explain()
