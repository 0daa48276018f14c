"""Precision as a pair: a wide net lowers the first share, a late one the second."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from fangkong.core.errors import Forbidden
from fangkong.desks.control.actions import order_approve, order_propose_for_contact
from fangkong.desks.control.queries import orders_precision
from fangkong.record.access import system_actor
from fangkong.record.load import load
from fangkong.record.models import Case
from fangkong.science.rules.areas.precision import NoShare

from .people import DISTRICT, clock, colleague, contact

pytestmark = pytest.mark.django_db
HAND = system_actor("reaction")
AT = clock("2022-07-11")


def infected(key: str, person_key: str, day: int, classification: str = "confirmed") -> None:
    row = {
        "key": key,
        "case_no": key,
        "person_key": person_key,
        "disease": "covid-19",
        "area_code": DISTRICT,
        "classification": classification,
        "reported_on": date(2022, 7, day),
    }
    load(Case, [row], actor="test", source_key="t", known_from=clock(f"2022-07-{day:02d}"))


@pytest.fixture
def authority():
    """Four contacts under an approved order from 07-11 on."""
    signer = colleague("health_authority")
    for n in range(4):
        contact(f"contact-{n}", known=AT, last=date(2022, 7, 10), person_key=f"person-{n}")
        key = order_propose_for_contact(f"contact-{n}", actor=HAND, at=AT).order_key
        order_approve(key, actor=signer, at=AT + timedelta(hours=1))
    return signer


def test_one_of_four_restricted_was_infected_and_one_of_three_infected_was_restricted(authority):
    infected("a", "person-0", 13)
    infected("b", "stranger-1", 13)
    infected("c", "stranger-2", 14, "asymptomatic")
    infected("d", "person-1", 14, "suspected")
    found = orders_precision(actor=authority, at=clock("2022-07-15"))
    assert (found.restricted, found.infected, found.new_infections) == (4, 1, 3)
    share = found.pair.infected_of_restricted
    assert not isinstance(share, NoShare)
    assert share.low < share.value < share.high
    assert share.value == 0.25


def test_a_case_before_the_order_was_not_under_control(authority):
    infected("a", "person-0", 9)
    assert orders_precision(actor=authority, at=clock("2022-07-15")).already_controlled == 0


def test_only_the_window_counts(authority):
    infected("a", "person-0", 13)
    later = orders_precision(actor=authority, at=clock("2022-09-15"))
    assert (later.restricted, later.new_infections) == (0, 0)
    assert isinstance(later.pair.infected_of_restricted, NoShare)


def test_who_may_not_read_orders_is_refused():
    with pytest.raises(Forbidden):
        orders_precision(actor=colleague("laboratory"), at=AT)
