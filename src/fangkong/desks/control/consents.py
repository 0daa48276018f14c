"""A carer's consent before a child or dependent is kept apart from them: recorded, and taken back at any time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from fangkong.core.clock import FAR_FUTURE
from fangkong.core.errors import Conflict, InputError
from fangkong.core.keys import stable_key
from fangkong.record import audit
from fangkong.record.access import Actor
from fangkong.record.load import Row, load, revise
from fangkong.record.models import Consent, Order

from .order_rows import open_order, refuse_system, suspend
from .starting import parted_people

RECORD = "consent.record"


def consent_record(
    order_key: str, person_key: str, *, carer_key: str = "", actor: Actor, at: datetime
) -> str:
    """The key of the recorded consent that the dependent ``person_key`` be parted by this order.

    Raises InputError ``consent.nobody_parted`` when the order parts no such person, NotFound for an order
    outside the scope, Forbidden without ``consent.record`` in its area or for the platform itself.
    """
    refuse_system(actor, RECORD)
    with audit.writing():
        order = open_order(order_key, actor)
        actor.require(RECORD, order.area_code)
        if person_key not in set(parted_people(order, at)):
            raise InputError("consent.nobody_parted", order_no=order.order_no)
        row = consent_row(order, person_key, carer_key, actor, at)
        write_consents([row], actor)
    return str(row["key"])


def consent_row(order: Order, person_key: str, carer_key: str, actor: Actor, at: datetime) -> Row:
    """The facts of the consent given at ``at`` that ``order`` part ``person_key``."""
    return {
        "key": stable_key("consent", order.key, person_key),
        "order_key": order.key,
        "person_key": person_key,
        "carer_key": carer_key,
        "area_code": order.area_code,
        "given_at": at,
        "recorded_by": actor.key,
        "state": "given",
    }


def write_consents(rows: Sequence[Row], actor: Actor) -> None:
    """Write the consents in one load, each known since it was given."""
    known = [{"known_from": row["given_at"], **row} for row in rows]
    load(Consent, known, actor=actor.key, source_key=actor.key)
    for row in rows:
        audit.note(
            actor=actor.key,
            verb="consent.record",
            object_kind="consent",
            object_key=row["key"],
            area_code=row["area_code"],
            values={"order_key": row["order_key"], "person_key": row["person_key"]},
        )


def consent_take_back(order_key: str, person_key: str, *, actor: Actor, at: datetime) -> None:
    """The consent no longer stands; an order that is running goes on only after it was decided anew.

    Raises Conflict ``consent.not_given``, Forbidden without ``consent.record``.
    """
    refuse_system(actor, RECORD)
    with audit.writing():
        order = open_order(order_key, actor)
        actor.require(RECORD, order.area_code)
        key = stable_key("consent", order_key, person_key)
        consent = Consent.objects.filter(key=key, known_to=FAR_FUTURE, state="given").first()
        if consent is None:
            raise Conflict("consent.not_given", order_no=order.order_no)
        revise(consent, at=at, actor=actor.key, verb="consent.take_back", state="taken_back")
        if order.state == "approved":
            suspend(order, reason="consent_taken_back", actor=actor, at=at)
