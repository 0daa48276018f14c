"""Objections to orders: filed by or for the person, answered with reasons by somebody who did not sign."""

from __future__ import annotations

from datetime import datetime, timedelta

from fangkong.core.clock import FAR_FUTURE
from fangkong.core.errors import Conflict, Forbidden, InputError, NotFound
from fangkong.core.keys import stable_key
from fangkong.record import audit, events
from fangkong.record.access import Actor, visible
from fangkong.record.access.actor import roles_that_may
from fangkong.record.load import load, revise
from fangkong.record.locking import locked_one
from fangkong.record.models import Appeal

from .order_rows import open_order, refuse_system, suspend
from .safeguards import safeguards

FILE, DECIDE_APPEAL = "appeal.file", "appeal.decide"


def appeal_file(order_key: str, *, ground: str, actor: Actor, at: datetime) -> str:
    """The key of the appeal against the order, due for an answer within the safeguard's hours.

    ``ground`` is a code of ``safeguards.toml``. The order runs on meanwhile, as the law says, unless somebody
    suspends it. Raises InputError ``appeal.unknown_ground``, NotFound for an order outside the scope,
    Forbidden without ``appeal.file``.
    """
    refuse_system(actor, FILE)
    if ground not in safeguards().appeal_grounds:
        raise InputError("appeal.unknown_ground", ground=ground, grounds=list(safeguards().appeal_grounds))
    with audit.writing():
        order = open_order(order_key, actor)
        actor.require(FILE, order.area_code)
        row = {
            "key": stable_key("appeal", order_key, ground, at.isoformat()),
            "order_key": order_key,
            "person_key": order.person_key,
            "area_code": order.area_code,
            "ground": ground,
            "filed_at": at,
            "filed_by": actor.key,
            "due_at": at + timedelta(hours=safeguards().appeal_answer_hours),
            "state": "filed",
        }
        load(Appeal, [row], actor=actor.key, source_key=actor.key, known_from=at)
        audit.note(
            actor=actor.key,
            verb="appeal.file",
            object_kind="appeal",
            object_key=row["key"],
            area_code=order.area_code,
            values={"order_key": order_key, "ground": ground},
        )
        params = {"order_key": order_key, "person_key": order.person_key, "disease": order.disease}
        events.emit("appeal.filed", row["key"], order.area_code, at=at, params=params)
    return str(row["key"])


def appeal_decide(appeal_key: str, *, upheld: bool, answer: str, actor: Actor, at: datetime) -> None:
    """The appeal is answered. Upheld, its order is suspended until somebody takes it back or corrects it.

    Raises Forbidden ``order.two_people`` for whoever proposed or approved the order, Conflict
    ``appeal.answered``, InputError ``appeal.answer_needed``, NotFound ``appeal.unknown``.
    """
    refuse_system(actor, DECIDE_APPEAL)
    if not answer.strip():
        raise InputError("appeal.answer_needed")
    with audit.writing():
        appeal: Appeal | None = locked_one(
            visible(Appeal.objects.filter(key=appeal_key, known_to=FAR_FUTURE), actor)
        )
        if appeal is None:
            raise NotFound("appeal.unknown", key=appeal_key)
        actor.require(DECIDE_APPEAL, appeal.area_code)
        order = open_order(appeal.order_key, actor)
        if actor.key in (order.proposed_by, order.decided_by):
            raise Forbidden("order.two_people", permission=DECIDE_APPEAL, roles=roles_that_may(DECIDE_APPEAL))
        if appeal.state != "filed":
            raise Conflict("appeal.answered", state=appeal.state)
        state = "upheld" if upheld else "dismissed"
        revise(
            appeal,
            at=at,
            actor=actor.key,
            verb=f"appeal.{state}",
            state=state,
            decided_by=actor.key,
            decided_at=at,
            answer=answer.strip(),
        )
        params = {"order_key": order.key, "person_key": order.person_key, "disease": order.disease}
        events.emit(f"appeal.{state}", appeal.key, appeal.area_code, at=at, params=params)
        if upheld and order.state == "approved":
            suspend(order, reason=answer, actor=actor, at=at)
