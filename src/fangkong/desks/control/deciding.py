"""Decisions on orders: approved, rejected, taken back; and every order ends by itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from fangkong.core.clock import civil_day
from fangkong.core.errors import Conflict, Forbidden, InputError
from fangkong.record import audit
from fangkong.record.access import Actor
from fangkong.record.access.actor import roles_that_may
from fangkong.record.installation import installation
from fangkong.record.load import fact_of, load, revise
from fangkong.record.locking import locked
from fangkong.record.models import Order

from .household_acts import waits_with_others
from .measures import UNVERIFIED
from .order_rows import (
    DECIDE,
    DECIDE_AREA,
    PROPOSE,
    RUNNING,
    decide_permission,
    open_order,
    order_event,
    refuse_system,
)
from .starting import check_start, rank_of_area

#: How many orders lapse in one transaction.
_LAPSE_CHUNK = 500


def order_approve(order_key: str, *, actor: Actor, at: datetime, reason: str = "") -> None:
    """The order is in force. ``reason`` is required when the order rests on an unverified row.

    Raises Forbidden (a system actor, no permission to decide in the order's area, the proposer, a rank that
    the rules do not let sign: ``order.rank_too_low``), NotFound ``order.unknown``, Conflict
    ``order.not_proposed``, ``order.over``, ``order.decided_with_household`` (other members of the household wait
    with it) or what ``starting.check_start`` finds missing, InputError ``order.reason_needed``.
    """
    with _deciding(order_key, actor, at) as order:
        if waits_with_others(order, civil_day(at, installation().zone)):
            raise Conflict("order.decided_with_household", order_no=order.order_no)
        _approve(order, actor, at, reason)


def order_approve_with_household(order_key: str, *, actor: Actor, at: datetime, reason: str = "") -> None:
    """The order is in force, as one of those decided together with it. Raises as ``order_approve`` does."""
    with _deciding(order_key, actor, at) as order:
        _approve(order, actor, at, reason)


def _approve(order: Order, actor: Actor, at: datetime, reason: str) -> None:
    if order.expires_on < civil_day(at, installation().zone):
        raise Conflict("order.over", order_no=order.order_no, expires_on=order.expires_on.isoformat())
    if order.confidence == UNVERIFIED and not reason.strip():
        raise InputError("order.reason_needed", order_no=order.order_no)
    check_start(order, actor, at)
    _decide(order, "approved", actor, at, reason)


def order_reject(order_key: str, *, actor: Actor, at: datetime, reason: str) -> None:
    """The order is refused, with a reason. Raises as ``order_approve`` does."""
    with _deciding(order_key, actor, at) as order:
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
                order_event(order, "lapsed", at)
            lapsed += len(orders)


@contextmanager
def _deciding(order_key: str, actor: Actor, at: datetime) -> Iterator[Order]:
    """The proposed order, locked, once it is sure that ``actor`` may decide on it."""
    refuse_system(actor, DECIDE)
    if not actor.may(DECIDE_AREA):
        actor.require(DECIDE)
    with audit.writing():
        order = open_order(order_key, actor)
        permission = decide_permission(order)
        actor.require(permission, order.area_code)
        if order.proposed_by == actor.key:
            raise Forbidden("order.two_people", permission=permission, roles=roles_that_may(permission))
        if order.state != "proposed":
            raise Conflict("order.not_proposed", order_no=order.order_no, state=order.state)
        yield order


def _decide(order: Order, state: str, actor: Actor, at: datetime, reason: str) -> None:
    revise(
        order,
        at=at,
        actor=actor.key,
        verb="order.approve" if state == "approved" else "order.reject",
        state=state,
        decided_by=actor.key,
        decided_at=at,
        decision_reason=reason.strip(),
        issuer_rank=rank_of_area(actor.area_code),
    )
    order_event(order, state, at)
