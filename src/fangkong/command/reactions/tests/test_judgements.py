"""Whoever signs too many exposure judgements within the hours is shown to oversight, once a day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from fangkong.command.reactions.running import react
from fangkong.command.worker import tick
from fangkong.desks.control.safeguards import safeguards
from fangkong.desks.control.tests.people import case, clock, colleague, person
from fangkong.desks.trace.judgements import exposure_judge
from fangkong.record.access import system_actor
from fangkong.record.models import Order, Signal

pytestmark = pytest.mark.django_db
WORKER = system_actor("worker")
AT = clock("2022-07-11", "09:00")
MOST = safeguards().judgement_alarm_count


@pytest.fixture(autouse=True)
def outbreak(db):
    case(known=AT, person_key="source")


def judge(n: int, *, at=AT, name: str = "expert") -> str:
    person(f"person-{n}", "990101", known=AT)
    return exposure_judge(
        "case-1",
        f"person-{n}",
        last_exposure_on=date(2022, 7, 10),
        evidence=f"seat {n} of the same table",
        reason="ate together for an hour",
        actor=colleague("investigation_group", name=name),
        at=at,
    )


def alarms() -> list[Signal]:
    react(actor=WORKER)
    return list(Signal.objects.open().filter(kind="mass_change"))


def test_the_order_is_proposed_by_the_rules_and_waits_for_a_decision():
    judge(1)
    tick(AT, WORKER)
    order = Order.objects.open().get()
    assert (order.state, order.proposed_by.startswith("system:")) == ("proposed", True)
    assert order.rule_rows


def test_as_many_as_the_safeguard_allows_raise_nothing():
    for n in range(MOST):
        judge(n, at=AT + timedelta(minutes=n))
    assert alarms() == []


def test_one_more_raises_one_alarm_and_further_ones_do_not_repeat_it():
    for n in range(MOST + 3):
        judge(n, at=AT + timedelta(minutes=n))
    [alarm] = alarms()
    assert alarm.params["count"] == MOST + 1
    assert alarm.params["signed_by"] == colleague("investigation_group", name="expert").key
    assert alarm.area_code == "9901"


def test_two_signers_are_counted_each_for_themselves_and_old_signatures_not_at_all():
    for n in range(MOST):
        judge(n, at=AT + timedelta(minutes=n))
        judge(n + MOST, at=AT + timedelta(minutes=n), name="colleague")
    judge(2 * MOST, at=AT + timedelta(hours=safeguards().judgement_alarm_hours + 1))
    assert alarms() == []
