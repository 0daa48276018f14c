"""Many orders decided in one act: approved, their consents recorded, the earlier orders ended that they replace.

The single acts (``deciding.order_approve``, ``consents.consent_record``, ``life.orders_supersede_earlier``) are the
readable reference; the checks are theirs. Here the facts behind all orders are read in a few queries, and what was
decided is written in one load. Orders are taken in the order given: each is checked as if those before it had been
decided one by one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from fangkong.core.clock import FAR_FUTURE
from fangkong.core.errors import FangkongError, InputError, NotFound
from fangkong.record import audit, events
from fangkong.record.access import Actor, visible
from fangkong.record.installation import read_once
from fangkong.record.load import Row, fact_of, load
from fangkong.record.locking import locked
from fangkong.record.models import Order

from .consents import RECORD, consent_row, write_consents
from .deciding import APPROVE, check_alone, check_approval, check_may_decide, check_proposed, decision
from .held_facts import ReadAtOnce, sliced
from .life import gives_way, order_supersede, orders_supersede_earlier
from .order_reading import READ
from .order_rows import RUNNING, order_happening, refuse_system
from .proposing_many import Instants, instant_of
from .starting import parted_people


@dataclass
class DecidedTogether:
    """The keys of the orders approved, and for each other one what the single act would have raised."""

    approved: list[str] = field(default_factory=list)
    refused: dict[str, FangkongError] = field(default_factory=dict)


def orders_approve(
    order_keys: Iterable[str], *, actor: Actor, at: Instants, reason: str = ""
) -> DecidedTogether:
    """Which orders are in force now, and why each of the others is not; ``order_approve`` says what is asked.

    One that is refused leaves the others alone. Each 500 orders are one transaction; every order has its own audit
    row and its own event. ``reason`` stands on all of them. Raises Forbidden for a system actor or a role that
    decides on no order.
    """
    check_may_decide(actor)
    decided = DecidedTogether()
    with read_once():
        for some in sliced(list(dict.fromkeys(order_keys))):
            _approve(some, actor, {key: instant_of(key, at) for key in some}, reason, decided)
    return decided


def _approve(
    keys: Sequence[str], actor: Actor, at: Mapping[str, datetime], reason: str, decided: DecidedTogether
) -> None:
    with audit.writing():
        orders = _locked(keys, actor)
        held = ReadAtOnce(orders.values())
        approved: list[tuple[Order, Row]] = []
        for key in keys:
            try:
                order = _found(key, orders)
                check_proposed(order, actor)
                check_alone(order, at[key], held)
                check_approval(order, actor, at[key], reason, held)
            except FangkongError as refusal:
                decided.refused[key] = refusal
                continue
            changes = decision("approved", actor, at[key], reason)
            row = fact_of(order) | changes
            # Two versions of one key cannot begin at one instant.
            since = max(at[key], order.known_from + timedelta(microseconds=1))
            held.replace(order, row, since)
            approved.append((order, row | {"known_from": since}))
            audit.note(
                actor=actor.key,
                verb=APPROVE,
                object_kind="order",
                object_key=key,
                area_code=order.area_code,
                values=changes,
            )
        load(Order, [row for _, row in approved], actor=actor.key, source_key=actor.key)
        events.emit_all([order_happening(order, "approved", at[order.key]) for order, _ in approved])
        decided.approved += [order.key for order, _ in approved]


def people_parted_by(order_keys: Iterable[str], *, actor: Actor, at: Instants) -> dict[str, list[str]]:
    """Order -> children, dependents or carers whom it would part without a recorded consent, for those that part any.

    Raises Forbidden without ``order.read``, NotFound for an order outside the actor's area as it is now.
    """
    actor.require(READ)
    found: dict[str, list[str]] = {}
    with read_once():
        for some in sliced(list(dict.fromkeys(order_keys))):
            instants = {key: instant_of(key, at) for key in some}
            versions = visible(Order.objects.filter(key__in=some), actor)
            orders = {
                order.key: order
                for order in versions
                if order.known_from <= instants[order.key] < order.known_to
            }
            held = ReadAtOnce(orders.values())
            for key in some:
                if parted := sorted(set(parted_people(_found(key, orders), instants[key], held))):
                    found[key] = parted
    return found


def consents_record(parted: Mapping[str, Iterable[str]], *, actor: Actor, at: Instants) -> list[str]:
    """The keys of the consents recorded: for each order, that its dependents in ``parted`` be parted by it.

    Each 500 orders are one transaction, recorded as a whole or not at all. Raises as ``consent_record`` does.
    """
    refuse_system(actor, RECORD)
    recorded: list[str] = []
    with read_once():
        for some in sliced(list(parted)):
            with audit.writing():
                orders = _locked(some, actor)
                held = ReadAtOnce(orders.values())
                rows = [
                    _consent(_found(key, orders), person_key, held, actor, instant_of(key, at))
                    for key in some
                    for person_key in dict.fromkeys(parted[key])
                ]
                write_consents(rows, actor)
                recorded += [row["key"] for row in rows]
    return recorded


def _consent(order: Order, person_key: str, held: ReadAtOnce, actor: Actor, at: datetime) -> Row:
    actor.require(RECORD, order.area_code)
    if person_key not in set(parted_people(order, at, held)):
        raise InputError("consent.nobody_parted", order_no=order.order_no)
    return consent_row(order, person_key, "", actor, at)


def orders_supersede_earlier_of(order_keys: Iterable[str], *, actor: Actor, at: Instants) -> int:
    """How many earlier orders ended because one of these approved ones took their place.

    As ``orders_supersede_earlier`` for each, in the order given. Raises NotFound outside the scope.
    """
    ended = 0
    for some in sliced(list(dict.fromkeys(order_keys))):
        with audit.writing():
            followers = _locked(some, actor)
            people = {order.person_key for order in followers.values() if order.subject_kind == "person"}
            theirs: dict[str, list[Order]] = defaultdict(list)
            running = Order.objects.open().filter(person_key__in=sorted(people), state__in=RUNNING)
            for order in running.order_by("key"):
                theirs[order.person_key].append(order)
            for key in some:
                follower, instant = _found(key, followers), instant_of(key, at)
                if follower.subject_kind != "person":
                    ended += orders_supersede_earlier(key, actor=actor, at=instant)
                elif follower.state == "approved":
                    ended += sum(
                        # Asked again under its lock: one may have ended with an order before this one.
                        order_supersede(held.key, by_key=key, actor=actor, at=instant)
                        for held in theirs[follower.person_key]
                        if gives_way(held, follower)
                    )
    return ended


def _locked(keys: Sequence[str], actor: Actor) -> dict[str, Order]:
    """Key -> open version of the orders that the actor may see, locked in the order of their keys."""
    rows = visible(Order.objects.filter(key__in=keys, known_to=FAR_FUTURE), actor)
    return {order.key: order for order in locked(rows.order_by("key"))}


def _found(key: str, orders: Mapping[str, Order]) -> Order:
    if key not in orders:
        raise NotFound("order.unknown", key=key)
    return orders[key]
