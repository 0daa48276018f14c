"""Who meets whom at an order, a permit or an appeal: two deeds at once, and what the record is asked afterwards."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import Any

from fangkong.desks.control import actions as desk
from fangkong.desks.control.actions import Holder, Shown
from fangkong.record.access import system_actor
from fangkong.record.load import load
from fangkong.record.models import Appeal, Event, Order, Permit, Rejudgement
from fangkong.record.tests.two_people import Scene

from .gates import gates
from .people import DISTRICT, clock, colleague, contact, person

AT = clock("2022-07-11")
HOUR = timedelta(hours=1)
HAND = system_actor("reaction")


def states(model: Any) -> list[str]:
    """The states of the open versions, sorted."""
    return sorted(model.objects.open().values_list("state", flat=True))


def happened(kind: str) -> int:
    """How many events of the kind there are."""
    return Event.objects.filter(kind=kind).count()


def proposed() -> str:
    """The order proposed for a contact of yesterday."""
    person("person-1", DISTRICT, known=AT)
    contact(known=AT, last=date(2022, 7, 10))
    return desk.order_propose_for_contact("contact-1", actor=HAND, at=AT).order_key


def approved(*, at: Any = AT + HOUR) -> str:
    """The same order in force, approved by a third person."""
    key = proposed()
    desk.order_approve(key, actor=colleague("health_authority", name="third"), at=at)
    return key


def _two(role: str, area_code: str = "9901") -> tuple[Any, Any]:
    first, second = (colleague(role, area_code, name=f"{role}-{n}") for n in "ab")
    return first, second


def approve_one_order_twice() -> Scene:
    key = proposed()
    first, second = (
        partial(desk.order_approve, key, actor=each, at=AT + HOUR) for each in _two("health_authority")
    )
    return first, second, lambda: (states(Order), happened("order.approved"))


def approve_what_another_rejects() -> Scene:
    key = proposed()
    a, b = _two("health_authority")
    first = partial(desk.order_reject, key, actor=a, at=AT + HOUR, reason="not a contact")
    second = partial(desk.order_approve, key, actor=b, at=AT + HOUR)
    return first, second, lambda: (states(Order), happened("order.approved"))


def reject_what_another_approves() -> Scene:
    key = proposed()
    a, b = _two("health_authority")
    first = partial(desk.order_approve, key, actor=a, at=AT + HOUR)
    second = partial(desk.order_reject, key, actor=b, at=AT + HOUR, reason="not a contact")
    return first, second, lambda: (states(Order), happened("order.rejected"))


def take_back_what_lapses() -> Scene:
    """The night's sweep waits for whoever takes an order back on its last night, and leaves it as it then is."""
    key = approved()
    over = clock("2022-09-01")
    chief = colleague("health_authority", name="chief")
    first = partial(desk.order_withdraw, key, actor=chief, at=over, reason="released")
    return first, partial(desk.order_lapse_due, over + HOUR, actor=HAND), lambda: states(Order)


def suspend_one_order_twice() -> Scene:
    key = approved()
    first, second = (
        partial(desk.order_suspend, key, reason="a doubt", actor=each, at=AT + 2 * HOUR)
        for each in _two("oversight")
    )
    return first, second, lambda: (states(Order), happened("order.suspended"))


def answer_one_appeal_twice() -> Scene:
    key = approved()
    neighbour = colleague("community_group", DISTRICT)
    appeal = desk.appeal_file(key, ground="wrong_date", actor=neighbour, at=AT + 2 * HOUR)
    a, b = _two("health_authority")
    at = AT + 3 * HOUR
    first = partial(desk.appeal_decide, appeal, upheld=True, answer="the ticket says so", actor=a, at=at)
    second = partial(desk.appeal_decide, appeal, upheld=False, answer="nothing new", actor=b, at=at)
    return first, second, lambda: (states(Appeal), states(Order))


def _permit() -> str:
    gates(AT - timedelta(days=90))
    return desk.permit_propose(
        "commuter",
        holder=Holder(number="C-1002-3344"),
        shown=Shown(from_area="130681", to_area="320509"),
        starts_on=AT.date(),
        disease="covid-19",
        actor=colleague("district_officer", "130681"),
        at=AT,
    )


def issue_one_permit_twice() -> Scene:
    key = _permit()
    first, second = (
        partial(desk.permit_issue, key, reason="checked", actor=each, at=AT + HOUR)
        for each in _two("health_authority", "130681")
    )
    return first, second, lambda: (states(Permit), happened("permit.issued"))


def refuse_what_another_issues() -> Scene:
    key = _permit()
    a, b = _two("health_authority", "130681")
    first = partial(desk.permit_issue, key, reason="checked", actor=a, at=AT + HOUR)
    second = partial(desk.permit_refuse, key, reason="no need", actor=b, at=AT + HOUR)
    return first, second, lambda: (states(Permit), happened("permit.refused"))


def decline_an_offer_that_another_accepts() -> Scene:
    key = approved()
    order = Order.objects.open().get(key=key)
    sooner = order.expires_on - timedelta(days=1)
    row = {
        "key": "offer-1",
        "order_key": key,
        "person_key": order.person_key,
        "area_code": order.area_code,
        "cause": "rules",
        "judged_on": AT.date(),
        "outcome": "shorter",
        "before": {"expires_on": order.expires_on.isoformat()},
        "after": {
            "expires_on": sooner.isoformat(),
            "stages": order.stages,
            "situation": order.situation,
            "rule_rows": order.rule_rows,
        },
        "state": "offered",
    }
    load(Rejudgement, [row], actor="test", source_key="t", known_from=AT + 2 * HOUR)
    a, b = _two("health_authority")
    first = partial(desk.rejudgement_accept, "offer-1", actor=a, at=AT + 3 * HOUR)
    second = partial(desk.rejudgement_decline, "offer-1", actor=b, at=AT + 3 * HOUR, reason="stays")
    return first, second, lambda: (states(Rejudgement), happened("order.shortened"))


SCENES = {
    scene.__name__: scene
    for scene in (
        approve_one_order_twice,
        approve_what_another_rejects,
        reject_what_another_approves,
        take_back_what_lapses,
        suspend_one_order_twice,
        answer_one_appeal_twice,
        issue_one_permit_twice,
        refuse_what_another_issues,
        decline_an_offer_that_another_accepts,
    )
}
