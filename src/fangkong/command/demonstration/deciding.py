"""How the invented health authority decides: it approves, and every so often it refuses."""

from __future__ import annotations

from datetime import datetime

from fangkong.desks.control.actions import order_approve, order_reject
from fangkong.record.access import Actor

from .story import story


def decide(order_key: str, *, actor: Actor, at: datetime) -> None:
    """Approve or reject a proposed order, always the same way for the same order."""
    given = story().settings["orders"]
    if sum(order_key.encode()) % given["rejected_one_in"]:
        order_approve(order_key, actor=actor, at=at, reason=given["approved_reason"])
    else:
        order_reject(order_key, actor=actor, at=at, reason=given["rejected_reason"])
