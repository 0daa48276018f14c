"""What stands above every list of orders: what the orders in force weigh, and which lists wait for somebody."""

from __future__ import annotations

from typing import Any

from fangkong.desks.control import actions, queries
from fangkong.faces.web.viewing import Viewing

from .precision_line import precision_line
from .presenting import said


def shared(viewing: Viewing, show: str) -> dict[str, Any]:
    """The context of a list of orders: its head, and the picks of control/filter.html with ``show`` chosen."""
    actor, at = viewing.actor, viewing.at
    return {
        "page_title": said("order.page"),
        "may_propose": not viewing.looking_back and actor.may(actions.PROPOSE),
        "show": show,
        "shows": ("to_decide", "in_force", "suspended", "offers", "appeals"),
        "appeal_count": queries.appeals_to_answer_count(actor=actor, at=at),
        "offer_count": sum(each.count for each in queries.offers_count(actor=actor, at=at)),
        "weight": queries.orders_in_force(actor=actor, at=at),
        "precision": precision_line(queries.orders_precision(actor=actor, at=at)),
    }
