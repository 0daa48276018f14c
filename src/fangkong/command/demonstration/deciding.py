"""How the invented health authority decides: it approves, and every so often it refuses."""

from __future__ import annotations

from datetime import datetime

from fangkong.desks.control.actions import (
    consent_record,
    order_approve,
    order_reject,
    orders_supersede_earlier,
)
from fangkong.desks.control.queries import people_parted
from fangkong.record.access import Actor, system_actor

from .story import story


def decide(order_key: str, *, actor: Actor, at: datetime) -> None:
    """Approve or reject a proposed order, always the same way for the same order.

    The carers of the invented city consent where a child would be alone; an isolation ends the quarantine
    that it follows.
    """
    given = story().settings["orders"]
    if not sum(order_key.encode()) % given["rejected_one_in"]:
        order_reject(order_key, actor=actor, at=at, reason=given["rejected_reason"])
        return
    for person_key in people_parted(order_key, actor=actor, at=at):
        consent_record(order_key, person_key, actor=actor, at=at)
    order_approve(order_key, actor=actor, at=at, reason=given["approved_reason"])
    orders_supersede_earlier(order_key, actor=system_actor("demonstration"), at=at)
