"""Decisions on orders: approved, rejected, taken back; and every order ends by itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from fangkong.core.clock import civil_day
from fangkong.core.errors import Conflict, Forbidden, InputError
from fangkong.record import audit, events
from fangkong.record.access import Actor
from fangkong.record.access.actor import roles_that_may
from fangkong.record.installation import installation
from fangkong.record.load import Row, fact_of, load, revise
from fangkong.record.locking import locked
from fangkong.record.models import Order

from .held_facts import ASKED, Held, waits_with_others
from .measures import UNVERIFIED
from .order_rows import (
    DECIDE,
    DECIDE_AREA,
    PROPOSE,
    RUNNING,
    decide_permission,
    open_order,
    order_event,
    order_happening,
    refuse_system,
)
from .starting import check_start, rank_of_area

#: The verb under which an approval is audited.
APPROVE = "order.approve"

#: How many orders lapse in one transaction.
_LAPSE_CHUNK = 500


def order_approve(order_key: str, *, actor: Actor, at: datetime, reason: str = "") -> None:
    """The order is in force. ``reason`` is required when the order rests on an unverified row.

    Raises Forbidden (a system actor, no permission to decide in the order's area, the proposer, a rank that
    the rules do not let sign: ``order.rank_too_low``), NotFound ``order.unknown``, Conflict
    ``order.not_proposed``, ``order.over``, ``order.decided_with_household`` (other members of the household wait
    with it) or what ``starting.check_start`` finds missing, InputError ``order.reason_needed``.
    """
    with _deciding(order_key, actor) as order:
        check_alone(order, at)
        check_approval(order, actor, at, reason)
        _decide(order, "approved", actor, at, reason)


def order_approve_with_household(order_key: str, *, actor: Actor, at: datetime, reason: str = "") -> None:
    """The order is in force, as one of those decided together with it. Raises as ``order_approve`` does."""
    with _deciding(order_key, actor) as order:
        check_approval(order, actor, at, reason)
        _decide(order, "approved", actor, at, reason)


def check_alone(order: Order, at: datetime, held: Held = ASKED) -> None:
    """Nothing when the order is decided by itself. Raises Conflict ``order.decided_with_household``."""
    if waits_with_others(order, civil_day(at, installation().zone), held):
        raise Conflict("order.decided_with_household", order_no=order.order_no)


def check_approval(order: Order, actor: Actor, at: datetime, reason: str, held: Held = ASKED) -> None:
    """Nothing when ``actor`` may approve the order now; ``held`` answers for the record. See ``order_approve``."""
    if order.expires_on < civil_day(at, installation().zone):
        raise Conflict("order.over", order_no=order.order_no, expires_on=order.expires_on.isoformat())
    if order.confidence == UNVERIFIED and not reason.strip():
        raise InputError("order.reason_needed", order_no=order.order_no)
    check_start(order, actor, at, held)


def order_reject(order_key: str, *, actor: Actor, at: datetime, reason: str) -> None:
    """The order is refused, with a reason. Raises as ``order_approve`` does."""
    with _deciding(order_key, actor) as order:
        if not reason.strip():
            raise InputError("order.reason_needed", order_no=order.order_no)
        _decide(order, "rejected", actor, at, reason)


def order_withdraw(order_key: str, *, actor: Actor, at: datetime, reason: str) -> None:
    """A proposed or approved order is taken back, with a reason; who approved it stays on record.

    The proposer may take a proposal back; an approved order needs ``order.decide`` in its area. Raises as
    ``order_approve`` does, Conflict ``order.not_running`` in every other state.
    """
    refuse_system(actor, DECIDE)
    with audit.writing():
        order = open_order(order_key, actor)
        if order.state == "proposed" and order.proposed_by == actor.key:
            actor.require(PROPOSE, order.area_code)
        else:
            actor.require(decide_permission(order), order.area_code)
        if order.state not in RUNNING:
            raise Conflict("order.not_running", order_no=order.order_no, state=order.state)
        if not reason.strip():
            raise InputError("order.reason_needed", order_no=order.order_no)
        revise(
            order,
            at=at,
            actor=actor.key,
            verb="order.withdraw",
            state="withdrawn",
            change_reason=reason.strip(),
            changed_by=actor.key,
        )
        order_event(order, "withdrawn", at)


def order_lapse_due(at: datetime, *, actor: Actor) -> int:
    """How many orders ended: those proposed or approved whose last day lies before the civil day of ``at``.

    Idempotent; works in chunks of sorted keys, so a killed run goes on where it stopped.
    """
    today, lapsed = civil_day(at, installation().zone), 0
    while True:
        with audit.writing():
            due = Order.objects.open().filter(state__in=RUNNING, expires_on__lt=today, known_from__lt=at)
            orders: list[Order] = locked(due.order_by("key")[:_LAPSE_CHUNK])
            if not orders:
                return lapsed
            rows = [fact_of(order) | {"state": "lapsed"} for order in orders]
            load(Order, rows, actor=actor.key, source_key=actor.key, known_from=at)
            for order in orders:
                audit.note(
                    actor=actor.key,
                    verb="order.lapse",
                    object_kind="order",
                    object_key=order.key,
                    area_code=order.area_code,
                )
            events.emit_all([order_happening(order, "lapsed", at) for order in orders])
            lapsed += len(orders)


@contextmanager
def _deciding(order_key: str, actor: Actor) -> Iterator[Order]:
    """The proposed order, locked, once it is sure that ``actor`` may decide on it."""
    check_may_decide(actor)
    with audit.writing():
        order = open_order(order_key, actor)
        check_proposed(order, actor)
        yield order


def check_may_decide(actor: Actor) -> None:
    """Nothing when ``actor`` may decide on some order. Raises Forbidden."""
    refuse_system(actor, DECIDE)
    if not actor.may(DECIDE_AREA):
        actor.require(DECIDE)


def check_proposed(order: Order, actor: Actor) -> None:
    """Nothing when the order waits for a decision and ``actor`` may take it. Raises Forbidden or Conflict."""
    permission = decide_permission(order)
    actor.require(permission, order.area_code)
    if order.proposed_by == actor.key:
        raise Forbidden("order.two_people", permission=permission, roles=roles_that_may(permission))
    if order.state != "proposed":
        raise Conflict("order.not_proposed", order_no=order.order_no, state=order.state)


def _decide(order: Order, state: str, actor: Actor, at: datetime, reason: str) -> None:
    verb = APPROVE if state == "approved" else "order.reject"
    revise(order, at=at, actor=actor.key, verb=verb, **decision(state, actor, at, reason))
    order_event(order, state, at)


def decision(state: str, actor: Actor, at: datetime, reason: str) -> Row:
    """What changes of an order that ``actor`` decides on."""
    return {
        "state": state,
        "decided_by": actor.key,
        "decided_at": at,
        "decision_reason": reason.strip(),
        "issuer_rank": rank_of_area(actor.area_code),
    }
