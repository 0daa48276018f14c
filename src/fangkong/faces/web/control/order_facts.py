"""Everything that a page or a paper says about one order, read for one viewer."""

from __future__ import annotations

from django.utils.translation import get_language

from fangkong.desks.control import queries
from fangkong.faces.papers.order_phrases import OrderFacts, OrderNames
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.frame import office
from fangkong.faces.web.viewing import Viewing
from fangkong.record.models import Order

from .extent_words import named_by_extent
from .presenting import people_names

#: Subjects that have an address or a route and no name of a person.
_NAMED = ("area", "place", "journey", "campaign")


def facts_of(viewing: Viewing, order: Order, history: list[Order]) -> OrderFacts:
    """The facts of ``order`` (``queries.order_get``) with its ``history``, as ``viewing`` may see them."""
    actor, at = viewing.actor, viewing.at
    reason = queries.order_reason(order, actor=actor, at=at)
    ending = queries.order_ending(history)
    held = queries.restricted_days_of_order(order, actor=actor, at=at)
    people = people_names([order.proposed_by, order.decided_by, order.changed_by])
    subject = ""
    if order.subject_kind in _NAMED:
        subject = area_names([order.area_code]).get(order.area_code, order.area_code)
    if reason.place is not None:
        english = (get_language() or "").startswith("en")
        place = reason.place
        subject = (place.name_en or place.name_zh) if english else place.name_zh
    subject = named_by_extent(order) or subject
    follower_no = ""
    if ending is not None and ending.follower_key:
        found = queries.orders_named([ending.follower_key], actor=actor, at=at)
        follower_no = found[ending.follower_key].order_no if found else ""
    names = OrderNames(
        subject=subject,
        proposer=people.get(order.proposed_by, ""),
        signer=people.get(order.decided_by, ""),
        changer=people.get(order.changed_by, ""),
        office=office(viewing.installation),
        follower_no=follower_no,
    )
    return OrderFacts(order, reason, names, ending, held.days if held is not None else None)
