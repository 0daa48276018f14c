"""Reading orders: paged, in scope, as known at the instant, in a fixed number of queries."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from fangkong.core.errors import Forbidden, InputError
from fangkong.desks.control.actions import (
    order_approve,
    order_lapse_due,
    order_propose_for_contact,
    order_withdraw,
)
from fangkong.desks.control.queries import (
    order_get,
    orders_by_reason,
    orders_in_force,
    orders_of_person,
    orders_to_decide,
    orders_to_decide_count,
)
from fangkong.record.access import system_actor

from .people import DISTRICT, NEIGHBOUR, clock, colleague, contact

pytestmark = pytest.mark.django_db
HAND = system_actor("reaction")
AT = clock("2022-07-11")
END = AT + timedelta(minutes=5)


@pytest.fixture
def keys() -> list[str]:
    """Seven proposals: exposures of 4 to 10 July; the last two are in the next city."""
    made = []
    for n in range(7):
        area = NEIGHBOUR if n > 4 else DISTRICT
        contact(f"contact-{n}", known=AT, last=date(2022, 7, 4 + n), person_key=f"person-{n}", area_code=area)
        made.append(order_propose_for_contact(f"contact-{n}", actor=HAND, at=AT).order_key)
    return made


def test_pages_hold_every_proposal_once_the_earliest_first(keys):
    seen, after = [], ""
    while True:
        page = orders_to_decide(actor=HAND, at=END, limit=3, after=after)
        assert page.total == 7
        seen += page.rows
        if not (after := page.after):
            break
    assert sorted(order.key for order in seen) == sorted(keys)
    assert seen == sorted(seen, key=lambda order: (order.starts_on, order.key))


def test_a_district_sees_its_own(keys):
    reader = colleague("health_authority", "9901")
    assert orders_to_decide(actor=reader, at=END).total == 5
    assert orders_to_decide_count(actor=reader, at=END) == 5
    assert orders_to_decide(actor=HAND, at=END, area_code="9902").total == 2


def test_before_it_was_known_there_was_nothing_to_decide(keys):
    assert orders_to_decide(actor=HAND, at=AT - timedelta(seconds=1)).total == 0


def test_what_was_decided_or_is_over_does_not_wait(keys):
    order_approve(keys[0], actor=colleague("health_authority"), at=END)
    assert orders_to_decide(actor=HAND, at=END).total == 6
    assert orders_to_decide(actor=HAND, at=clock("2022-07-25")).total == 0


def test_a_page_that_is_no_place_is_refused(keys):
    with pytest.raises(InputError, match="bad_place"):
        orders_to_decide(actor=HAND, at=END, after="nowhere")


def test_who_may_not_read_orders_is_refused():
    with pytest.raises(Forbidden):
        orders_to_decide(actor=colleague("laboratory"), at=END)


def test_the_number_of_queries_does_not_grow_with_the_rows(keys, django_assert_num_queries):
    reader = colleague("health_authority", "9901")
    # installation, rows, and a count only where one page does not hold everything
    for limit, queries in ((1, 3), (5, 2)):
        with django_assert_num_queries(queries):
            orders_to_decide(actor=reader, at=END, limit=limit)
    with django_assert_num_queries(4):  # installation twice, in force, spans
        orders_in_force(actor=reader, at=END)
    with django_assert_num_queries(1):
        found = orders_by_reason([f"contact-{n}" for n in range(7)], actor=reader, at=END)
    assert [len(found[f"contact-{n}"]) for n in range(7)] == [1, 1, 1, 1, 1, 0, 0]
    with django_assert_num_queries(1):
        assert len(orders_of_person("person-0", actor=reader, at=END)) == 1
    with django_assert_num_queries(1):
        order_get(keys[0], actor=reader, at=END)


class TestWeight:
    def weight(self, at):
        found = orders_in_force(actor=HAND, at=at)
        return found.orders, found.persons, found.person_days

    def test_a_proposal_restricts_nobody(self, keys):
        assert self.weight(END) == (0, 0, 0)

    def test_a_day_counts_from_the_order_to_its_end_and_stays_counted(self, keys):
        """The order of 11 July ends on 14 July: 1, 4 and, after the end, still 4 person-days."""
        order_approve(keys[0], actor=colleague("health_authority"), at=END)
        assert self.weight(END) == (1, 1, 1)
        assert self.weight(clock("2022-07-14")) == (1, 1, 4)
        order_lapse_due(clock("2022-07-16"), actor=HAND)
        assert self.weight(clock("2022-07-18")) == (0, 0, 4)

    def test_a_withdrawn_order_counts_until_it_was_taken_back(self, keys):
        authority = colleague("health_authority")
        order_approve(keys[6], actor=colleague("health_authority", "9902"), at=END)
        order_approve(keys[4], actor=authority, at=END)
        order_withdraw(keys[4], actor=authority, at=clock("2022-07-12"), reason="mistake")
        assert self.weight(clock("2022-07-13")) == (1, 1, 2 + 3)

    def test_two_orders_on_one_person_are_one_person_and_one_day(self):
        authority = colleague("health_authority")
        for n, last in enumerate((date(2022, 7, 9), date(2022, 7, 10))):
            contact(f"contact-{n}", known=AT, last=last)
            outcome = order_propose_for_contact(f"contact-{n}", actor=HAND, at=AT)
            order_approve(outcome.order_key, actor=authority, at=END)
        assert self.weight(clock("2022-07-12")) == (2, 1, 2)
        # The first ends on the 19th, the second on the 20th: ten days from the 11th on.
        assert self.weight(clock("2022-07-25"))[2] == 10
