"""What follows from an order: somebody decides, somebody serves the notice, tasks end with the order."""

from __future__ import annotations

from fangkong.desks.control.actions import orders_supersede_earlier
from fangkong.record.access import Actor
from fangkong.record.models import Event, Order

from ..tasks.actions import task_key_of
from .follow_up import finish, revoke, task_for


def ask_for_decision(event: Event, actor: Actor) -> str:
    """The task to approve or reject, due the same day."""
    return task_for(
        "decide_order", event, actor, subject_kind="order", params={"kind": event.params.get("kind", "")}
    )


def close_decision(event: Event, actor: Actor) -> str:
    """Somebody decided: the task to decide is done."""
    return finish([task_key_of("decide_order", "order", event.subject_key)], event, actor)


def serve_notice(event: Event, actor: Actor) -> str:
    """The task to hand the person the notice."""
    return task_for(
        "serve_notice", event, actor, subject_kind="order", params={"kind": event.params.get("kind", "")}
    )


def serve_change_notice(event: Event, actor: Actor) -> str:
    """The task to hand the person the notice that the order ends earlier, or that it has ended."""
    params = {"kind": event.params.get("kind", ""), "change": event.kind}
    return task_for("serve_change_notice", event, actor, subject_kind="order", params=params)


def serve_release_notice(event: Event, actor: Actor) -> str:
    """The task to tell the person that they are free: the order bound them and was taken back or lost its basis.

    An order that runs out on its last day has said so from the beginning; one that bound nobody says nothing.
    """
    order = Order.objects.known_at(event.at).filter(key=event.subject_key).first()
    if order is None or not order.decided_by:
        return "never_bound"
    if order.state == "lapsed" and order.change_reason != "basis_ended":
        return "ran_out"
    params = {"kind": order.kind, "change": event.kind}
    return task_for("serve_release_notice", event, actor, subject_kind="order", params=params)


def supersede(event: Event, actor: Actor) -> str:
    """The approved order takes the place of the person's earlier ones: nobody is held twice."""
    ended = orders_supersede_earlier(event.subject_key, actor=actor, at=event.at)
    return f"superseded:{ended}" if ended else "nothing_before"


def drop_transfer(event: Event, actor: Actor) -> str:
    """Nobody is transferred under an order that was refused or taken back."""
    return revoke(_transfer_keys(event), event, actor, reason=event.kind)


def drop_tasks(event: Event, actor: Actor) -> str:
    """The order is gone: nobody has to decide on it, serve it or transfer under it."""
    keys = [task_key_of(kind, "order", event.subject_key) for kind in ("decide_order", "serve_notice")]
    return revoke([*keys, *_transfer_keys(event)], event, actor, reason=event.kind)


def _transfer_keys(event: Event) -> list[str]:
    return [task_key_of("transfer_contact", "contact", event.params.get("reason_key", ""))]
