"""The act on a household: the orders of its members that were put together, found again by any one of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from fangkong.core.errors import NotFound
from fangkong.record.access import Actor
from fangkong.record.models import HouseholdMember, Order

from .order_reading import readable_orders

#: What an order's details call the act that it belongs to: {act, no, by, reason}.
ACT = "household"


@dataclass(frozen=True)
class HouseholdAct:
    """The orders of one act on a household, as far as their reader may see them, by person."""

    act_key: str
    number: str
    household_key: str
    reason_key: str
    gathered_by: str
    orders: tuple[Order, ...]

    @property
    def starts_on(self) -> date:
        """The first day on which it restricts anybody."""
        return min(order.starts_on for order in self.orders)

    @property
    def expires_on(self) -> date:
        """The last member's last day: then nothing of it is left."""
        return max(order.expires_on for order in self.orders)

    def in_state(self, *states: str) -> tuple[Order, ...]:
        """The orders in one of ``states``."""
        return tuple(order for order in self.orders if order.state in states)


def household_acts(orders: Iterable[Order], *, actor: Actor, at: datetime) -> dict[str, HouseholdAct]:
    """Act -> its orders known at ``at`` that the actor may read, for the acts of ``orders``; two queries."""
    some = [order for order in orders if act_details(order)]
    if not some:
        return {}
    acts = {}
    for act, found in orders_of_acts(some, readable_orders(actor, at)).items():
        about = act_details(found[0])
        acts[act] = HouseholdAct(
            act, about["no"], found[0].subject_key, about["reason"], about["by"], tuple(found)
        )
    return acts


def household_act_of(order: Order, *, actor: Actor, at: datetime) -> HouseholdAct:
    """The act that ``order`` belongs to. Raises NotFound ``household.no_act`` when it belongs to none."""
    act = household_acts([order], actor=actor, at=at).get(act_of(order))
    if act is None:
        raise NotFound("household.no_act", order_no=order.order_no)
    return act


def act_of(order: Order) -> str:
    """The key of the act on a household that the order belongs to; "" for an order by itself."""
    return str(act_details(order).get("act", ""))


def act_details(order: Order) -> dict[str, str]:
    """What the order's details say of its act: act, no, by, reason; empty for an order by itself."""
    found = (order.details or {}).get(ACT)
    return found if isinstance(found, dict) else {}


def orders_of_acts(some: Sequence[Order], rows: QuerySet[Order]) -> dict[str, list[Order]]:
    """Act -> its orders among ``rows``, by person; the people's index finds them, for acts have none."""
    wanted = {act_of(order) for order in some}
    households = {order.subject_key for order in some}
    # Every membership that was ever on record: an order outlives a correction of who lives where.
    ever = HouseholdMember.objects.filter(household_key__in=sorted(households))
    people = sorted(set(ever.values_list("person_key", flat=True)))
    found: dict[str, list[Order]] = defaultdict(list)
    theirs = rows.filter(person_key__in=people, subject_key__in=sorted(households))
    for order in theirs.order_by("person_key", "key"):
        if act_of(order) in wanted:
            found[act_of(order)].append(order)
    return found
