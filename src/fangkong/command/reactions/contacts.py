"""What follows from a registered contact: an order proposed, and the transfer with its clock."""

from __future__ import annotations

from fangkong.desks.control.actions import order_propose_for_contact
from fangkong.record.access import Actor
from fangkong.record.models import Event, Order

from ..tasks.states import task_kind
from .follow_up import follow_up, task_for


def propose_order(event: Event, actor: Actor) -> str:
    """The contact's order, proposed under the rules of the day; or a task for whoever must decide."""
    proposal = order_propose_for_contact(event.subject_key, actor=actor, at=event.at)
    return follow_up(proposal, event, actor, subject_kind="contact")


def transfer(event: Event, actor: Actor) -> str:
    """The task to bring the contact to the place of the first stage, where the order has such a place."""
    orders = Order.objects.known_at(event.at).filter(reason_key=event.subject_key, kind="quarantine")
    order = orders.exclude(state__in=("rejected", "withdrawn")).order_by("key").first()
    if order is None or not order.stages:
        return "no_order"
    if order.stages[0]["place"] not in task_kind("transfer_contact").places:
        return "stays_at_home"
    facts = {"person": f"{event.params['tier']}_contact"}
    return task_for("transfer_contact", event, actor, subject_kind="contact", facts=facts)
