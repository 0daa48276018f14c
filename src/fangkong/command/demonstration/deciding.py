"""How the invented health authority decides: it approves, and every so often it refuses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from fangkong.desks.control.actions import (
    consents_record,
    order_reject,
    orders_approve,
    orders_supersede_earlier_of,
)
from fangkong.desks.control.queries import people_parted_by
from fangkong.record.access import Actor, system_actor
from fangkong.record.models import Person

from .story import story


def decide(orders: Mapping[str, datetime], *, actor: Actor) -> None:
    """Approve or reject each proposed order at its instant, always the same way for the same order.

    The carers of the invented city consent where a child would be alone; an isolation ends the quarantine that it
    follows. What became of one order must not hang on another of ``orders`` (``in_rounds`` parts those). Raises what
    the desk says to an order that it does not let start.
    """
    given = story().settings["orders"]
    rejected = [key for key in orders if not sum(key.encode()) % given["rejected_one_in"]]
    for key in rejected:
        order_reject(key, actor=actor, at=orders[key], reason=given["rejected_reason"])
    rest = [key for key in orders if key not in rejected]
    parted = people_parted_by(rest, actor=actor, at=orders)
    consents_record(parted, actor=actor, at=orders)
    decided = orders_approve(rest, actor=actor, at=orders, reason=given["approved_reason"])
    for refusal in decided.refused.values():
        raise refusal
    orders_supersede_earlier_of(rest, actor=system_actor("demonstration"), at=orders)


def in_rounds(people: Sequence[str]) -> list[list[int]]:
    """Positions in ``people`` in rounds: done round by round, all comes out as if done one by one in the order given.

    What is ordered of a person looks at their own orders and at those of their carer and of whom they care for; so
    nobody is in one round with themselves or with one of those, and whoever comes first is in an earlier round.
    """
    near: dict[str, set[str]] = defaultdict(set)
    wanted = set(people)
    for key, carer_key in Person.objects.exclude(carer_key="").values_list("key", "carer_key"):
        if key in wanted and carer_key in wanted:
            near[key].add(carer_key)
            near[carer_key].add(key)
    last: dict[str, int] = {}
    rounds: list[list[int]] = []
    for position, person in enumerate(people):
        number = 1 + max(last.get(other, -1) for other in {person, *near[person]})
        last[person] = number
        if number == len(rounds):
            rounds.append([])
        rounds[number].append(position)
    return rounds
