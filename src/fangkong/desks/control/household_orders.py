"""One act on a household: each bound member has an order of their own, and all are decided together or none.

An order of a member is an order on a person like any other: judged again, appealed, counted, released and
purged as such. What binds them together is the household's key (``subject_key``) and the act in ``details``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from fangkong.core.clock import civil_day
from fangkong.core.errors import Conflict, Forbidden, InputError
from fangkong.core.keys import stable_key
from fangkong.record import audit
from fangkong.record.access import Actor
from fangkong.record.access.actor import roles_that_may
from fangkong.record.installation import installation
from fangkong.record.load import revise
from fangkong.record.models import Contact, Order

from .deciding import order_approve_with_household, order_reject
from .household_acts import ACT, act_details, act_of, orders_of_acts
from .household_members import FREE, NEW, WAITING, MemberFound, household_get, members_found
from .order_rows import DECIDE, PROPOSE, open_order, order_no_of, refuse_system, write_proposal


@dataclass(frozen=True)
class HouseholdProposal:
    """The act, the key of its first order, and what became of every member; ``new`` is False when it stood."""

    act_key: str
    order_key: str
    members: list[MemberFound]
    new: bool = True


def household_order_propose(
    household_key: str, *, disease: str, reason_key: str, actor: Actor, at: datetime
) -> HouseholdProposal:
    """The act proposed for the household: an order on each member with a fact of their own.

    ``reason_key`` is the case or contact behind it. Orders of members that wait already become part of the act;
    those in force stay as they are. The same again changes nothing. Raises NotFound ``household.unknown``,
    Forbidden for the platform or without ``order.propose`` in the area, InputError ``household.reason_needed``
    when the reason is no fact of a member, Conflict ``household.nobody_bound`` when no member has one that asks
    for an order that is not in force.
    """
    refuse_system(actor, PROPOSE)
    with audit.writing():
        household = household_get(household_key, actor=actor, at=at)
        members = members_found(household.key, disease=disease, actor=actor, at=at)
        bound = [member for member in members if member.outcome in (NEW, WAITING)]
        if not bound:
            raise Conflict("household.nobody_bound", key=household_key)
        if reason_key not in _reasons(members, at):
            raise InputError("household.reason_needed")
        keys = sorted(member.order_key for member in bound)
        act = stable_key("household", household_key, disease, keys)
        today = civil_day(at, installation().zone)
        about = {"act": act, "no": order_no_of(act, today), "by": actor.key, "reason": reason_key}
        changed = [_bind(member, household_key, about, today, actor, at) for member in bound]
    return HouseholdProposal(act, keys[0], members, any(changed))


def _reasons(members: Sequence[MemberFound], at: datetime) -> set[str]:
    """The facts of the members who are bound or isolated elsewhere, and the cases that their contacts met."""
    own = {
        member.reason_key
        for member in members
        if member.outcome != FREE or member.code == "isolation_elsewhere"
    }
    met = Contact.objects.known_at(at).filter(key__in=sorted(own)).values_list("case_key", flat=True)
    return (own | set(met)) - {""}


def _bind(
    member: MemberFound, household_key: str, about: dict[str, Any], today: date, actor: Actor, at: datetime
) -> bool:
    """True when the member's order was written, or became part of the act."""
    if member.outcome == NEW:
        assert member.draft is not None
        subject = member.draft.subject
        more = subject.more | {"details": {ACT: about}}
        subject = replace(subject, subject_key=household_key, more=more)
        key, measure = member.draft.key, member.draft.measure
        return write_proposal(key, measure, subject, decided_on=today, actor=actor, at=at).new
    order = open_order(member.order_key, actor)
    if act_details(order).get("act") == about["act"]:
        return False
    revise(
        order,
        at=at,
        actor=actor.key,
        verb="order.join_household",
        subject_key=household_key,
        details=order.details | {ACT: about},
        changed_by=actor.key,
    )
    return True


def household_order_decide(
    order_key: str, *, approve: bool, actor: Actor, at: datetime, reason: str = ""
) -> list[str]:
    """The keys of the orders decided: every one of the act that still waits, all or none.

    ``order_key`` is the order of any member. What one member lacks (a consent, a reason for an unverified row,
    a day too many) stops the whole act. Raises as ``order_approve`` and ``order_reject`` do, Conflict
    ``household.no_act`` for an order that belongs to none, ``household.decided`` when none waits, Forbidden
    ``order.two_people`` also for whoever put the household together.
    """
    refuse_system(actor, DECIDE)
    with audit.writing():
        anchor = open_order(order_key, actor)
        actor.require(DECIDE, anchor.area_code)
        if not act_details(anchor):
            raise Conflict("household.no_act", order_no=anchor.order_no)
        today = civil_day(at, installation().zone)
        waiting = [
            order
            for order in orders_of_acts([anchor], Order.objects.open())[act_of(anchor)]
            if order.state == "proposed" and order.expires_on >= today
        ]
        if not waiting:
            raise Conflict("household.decided", number=act_details(anchor)["no"])
        if any(act_details(order)["by"] == actor.key for order in waiting):
            raise Forbidden("order.two_people", permission=DECIDE, roles=roles_that_may(DECIDE))
        decide = order_approve_with_household if approve else order_reject
        for order in waiting:
            decide(order.key, actor=actor, at=at, reason=reason)
    return [order.key for order in waiting]
