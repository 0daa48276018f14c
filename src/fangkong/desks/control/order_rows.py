"""The row of an order: its number, how it is written once, how its open version is found and locked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from fangkong.core.clock import FAR_FUTURE
from fangkong.core.errors import Forbidden, NotFound
from fangkong.record import audit, events
from fangkong.record.access import Actor, visible
from fangkong.record.access.actor import roles_that_may
from fangkong.record.load import Row, load, revise
from fangkong.record.locking import locked_one
from fangkong.record.models import Order

from .proposals import Measure, Proposal
from .safeguards import safeguards

#: Permissions: to propose any order, to decide on people, to decide on areas, places, journeys and campaigns.
PROPOSE, DECIDE, DECIDE_AREA = "order.propose", "order.decide", "area_order.decide"

#: States in which an order binds or may come to bind somebody.
RUNNING = ("proposed", "approved", "suspended")

#: Subjects that are decided on like a person: the health authority's own orders.
PERSONAL = ("person", "household")


@dataclass(frozen=True)
class Subject:
    """Whom or what an order is on, where, and for which reason."""

    kind: str
    disease: str
    area_code: str
    person_key: str = ""
    subject_key: str = ""
    reason_key: str = ""
    #: Further fields of the order: situation, details, gates, findings, required_rank, ...
    more: dict[str, Any] = field(default_factory=dict)


def decide_permission(order: Order) -> str:
    """The permission that deciding on ``order`` takes."""
    return DECIDE if order.subject_kind in PERSONAL else DECIDE_AREA


def order_no_of(key: str, day: date) -> str:
    """The number that people read: the day and eight letters of the key, so that it never depends on order.

    >>> order_no_of("order-abcdefghijklmnopqrst", date(2022, 4, 16))
    'GL-220416-MNOP-QRST'
    """
    return f"GL-{day:%y%m%d}-{key[-8:-4]}-{key[-4:]}".upper()


def write_proposal(
    key: str, measure: Measure, subject: Subject, *, decided_on: date, actor: Actor, at: datetime
) -> Proposal:
    """The proposal under ``key``, written once with its audit row and event; asked again, it stands as it is."""
    with audit.writing():
        if Order.objects.filter(key=key).exists():
            return Proposal("proposed", key)
        write_proposals(
            [proposal_row(key, measure, subject, decided_on=decided_on, actor=actor, at=at)], actor
        )
    return Proposal("proposed", key, new=True)


def proposal_row(
    key: str, measure: Measure, subject: Subject, *, decided_on: date, actor: Actor, at: datetime
) -> Row:
    """The facts of the order that ``actor`` proposes at ``at``."""
    return {
        "key": key,
        "order_no": order_no_of(key, decided_on),
        "kind": measure.kind,
        "disease": subject.disease,
        "subject_kind": subject.kind,
        "person_key": subject.person_key,
        "subject_key": subject.subject_key,
        "area_code": subject.area_code,
        "reason_key": subject.reason_key,
        "state": "proposed",
        "proposed_by": actor.key,
        "proposed_at": at,
        "day0_on": measure.day0_on,
        "starts_on": measure.starts_on,
        "expires_on": measure.expires_on,
        "stages": measure.stages,
        "rule_rows": measure.rule_rows,
        "legal_basis": measure.legal_basis,
        "confidence": measure.confidence,
        "release_condition": measure.release_condition,
        "exceptions": list(safeguards().exceptions),
        "remedy": safeguards().remedy,
        "proportionality": safeguards().proportionality[measure.dates_from],
        "judged_on": decided_on,
        **subject.more,
    }


def write_proposals(rows: Sequence[Row], actor: Actor) -> None:
    """Write orders that are not there yet, in one load, each known since it was proposed."""
    known = [{"known_from": row["proposed_at"], **row} for row in rows]
    load(Order, known, actor=actor.key, source_key=actor.key)
    for row in rows:
        audit.note(
            actor=actor.key,
            verb="order.propose",
            object_kind="order",
            object_key=row["key"],
            area_code=row["area_code"],
            values=row,
        )
    events.emit_all([order_happening(Order(**row), "proposed", row["proposed_at"]) for row in rows])


def refuse_system(actor: Actor, permission: str) -> None:
    """Nothing for a person. Raises Forbidden ``order.system_never_decides`` for the platform itself."""
    if actor.everywhere:
        raise Forbidden("order.system_never_decides", permission=permission, roles=roles_that_may(permission))


def open_order(order_key: str, actor: Actor) -> Order:
    """The open version, locked for this transaction where the engine locks rows.

    Raises NotFound ``order.unknown``, also outside the actor's scope.
    """
    order: Order | None = locked_one(visible(Order.objects.filter(key=order_key, known_to=FAR_FUTURE), actor))
    if order is None:
        raise NotFound("order.unknown", key=order_key)
    return order


def suspend(order: Order, *, reason: str, actor: Actor, at: datetime) -> None:
    """The running order binds nobody until it is resumed; whoever reacts is told, whatever the reason."""
    revise(
        order,
        at=at,
        actor=actor.key,
        verb="order.suspend",
        state="suspended",
        change_reason=reason.strip()[:400],
        changed_by=actor.key,
    )
    order_event(order, "suspended", at)


def order_event(order: Order, what: str, at: datetime) -> None:
    """Tells whoever reacts that ``what`` happened to the order."""
    events.emit_all([order_happening(order, what, at)])


def order_happening(order: Order, what: str, at: datetime) -> events.Happening:
    """That ``what`` happened to the order, for ``events.emit_all``."""
    params: dict[str, Any] = {
        "person_key": order.person_key,
        "disease": order.disease,
        "reason_key": order.reason_key,
        "kind": order.kind,
    }
    return events.Happening(f"order.{what}", order.key, order.area_code, at, params)
