"""Orders of one household as one row of a list: the first of them stands for all, the others are shown in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from fangkong.desks.control import queries
from fangkong.desks.control.queries import HouseholdAct
from fangkong.faces.web.viewing import Viewing
from fangkong.record.models import Order

from .presenting import span_of, stages_of


def households_together(rows: Sequence[Order], viewing: Viewing) -> list[tuple[Order, dict[str, Any] | None]]:
    """(order, the act's row or None) of each order of a page; members beside the first one have no row.

    The first is the act's earliest order in the state of the list, on whichever page that falls.
    """
    acts = queries.household_acts(rows, actor=viewing.actor, at=viewing.at)
    shown: list[tuple[Order, dict[str, Any] | None]] = []
    for order in rows:
        act = acts.get(queries.act_of(order))
        together = _running(act, order, viewing) if act is not None else [order]
        if act is None or len(together) < 2:
            shown.append((order, None))
        elif together[0].key == order.key:
            shown.append((order, _row(act, together)))
    return shown


def _running(act: HouseholdAct, order: Order, viewing: Viewing) -> list[Order]:
    alike = [each for each in act.in_state(order.state) if each.expires_on >= viewing.day]
    return sorted(alike, key=lambda each: (each.starts_on, each.key))


def _row(act: HouseholdAct, together: Sequence[Order]) -> dict[str, Any]:
    first, last = together[0].starts_on, max(order.expires_on for order in together)
    return {
        "number": act.number,
        "href": reverse("household_order", args=[together[0].key]),
        "kinds": list(dict.fromkeys(order.kind for order in together)),
        "span": span_of(first, last),
        "mark": "read" if all(order.confidence == "verified" for order in together) else "unverified",
        "members": [{"code": order.person_key, "stages": stages_of(order)} for order in together],
    }
