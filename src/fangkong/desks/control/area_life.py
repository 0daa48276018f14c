"""The life of a risk area's order: what step is due, and the step taken by a named person."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from fangkong.core.clock import civil_day
from fangkong.core.errors import Conflict, InputError
from fangkong.core.keys import stable_key
from fangkong.record import audit
from fangkong.record.access import Actor
from fangkong.record.installation import installation
from fangkong.record.load import revise
from fangkong.record.models import Order
from fangkong.science.rules.areas.ranks import Silence
from fangkong.science.rules.areas.risk_life import AreaFacts, Step, step_due

from .group_orders import group_findings, last_case_on
from .order_rows import DECIDE_AREA, Subject, open_order, order_event, refuse_system, write_proposal
from .proposals import Measure, Proposal
from .rulebook import rulebook

#: Steps that end the order; each needs its conditions met.
_ENDING = ("release", "lapse")


def risk_area_step(order: Order, *, actor: Actor, at: datetime) -> Step | Silence:
    """The step due for the risk area of ``order`` on the civil day of ``at``, by the record and the rules.

    The last case is the latest one that the actor's office has inside the area; the last round and the last
    contact are what somebody wrote down with ``risk_area_facts_note``.
    """
    noted, details = order.details.get("facts", {}), order.details
    facts = AreaFacts(
        level=details["level"],
        unit=details["unit"],
        designated_on=_day(details.get("designated_on")) or order.starts_on,
        last_case_on=last_case_on(order.area_code, order.disease, actor=actor, at=at),
        last_contact_left_on=_day(noted.get("last_contact_left_on")),
        no_close_contact=bool(noted.get("no_close_contact")),
        full_round_negative_on=_day(noted.get("full_round_negative_on")),
        adjusted_on=_day(details.get("adjusted_on")),
        adjusted_from=details.get("adjusted_from", ""),
    )
    today = civil_day(at, installation().zone)
    return step_due(rulebook(), facts, today, order.disease, order.area_code)


def risk_area_facts_note(
    order_key: str,
    *,
    actor: Actor,
    at: datetime,
    full_round_negative_on: date | None = None,
    last_contact_left_on: date | None = None,
    no_close_contact: bool = False,
) -> None:
    """The facts that a release asks for are on record, under the name of who stated them.

    Raises InputError ``order.fact_in_future``, Conflict ``order.not_running``, Forbidden without
    ``order.propose`` in the area.
    """
    refuse_system(actor, "order.propose")
    today = civil_day(at, installation().zone)
    for day in (full_round_negative_on, last_contact_left_on):
        if day is not None and day > today:
            raise InputError("order.fact_in_future", day=day.isoformat())
    with audit.writing():
        order = _risk_area(order_key, actor)
        actor.require("order.propose", order.area_code)
        noted: dict[str, Any] = dict(order.details.get("facts", {}))
        if full_round_negative_on is not None:
            noted["full_round_negative_on"] = full_round_negative_on.isoformat()
        if last_contact_left_on is not None:
            noted["last_contact_left_on"] = last_contact_left_on.isoformat()
        noted |= {"no_close_contact": no_close_contact, "stated_by": actor.key}
        revise(order, at=at, actor=actor.key, verb="order.facts", details=order.details | {"facts": noted})


def risk_area_step_take(
    order_key: str, *, expires_on: date | None = None, actor: Actor, at: datetime
) -> Proposal:
    """What came of taking the step that is due: the area ends, or its successor at the lower level is proposed.

    A release or a lapse ends the order at once. A downgrade needs ``expires_on`` of the successor, which
    somebody else approves; the area stays under the present order until then. Raises Conflict
    ``order.no_step_due`` with the conditions not yet met, ``order.step_undecided`` where the rules are silent,
    InputError ``order.end_needed`` or ``order.ends_before_start``, Forbidden without ``area_order.decide``.
    """
    refuse_system(actor, DECIDE_AREA)
    today = civil_day(at, installation().zone)
    with audit.writing():
        order = _risk_area(order_key, actor)
        actor.require(DECIDE_AREA, order.area_code)
        step = risk_area_step(order, actor=actor, at=at)
        if not isinstance(step, Step):
            raise Conflict("order.step_undecided", order_no=order.order_no, rule_key=step.asked.key)
        if step.action == "keep":
            unmet = [condition.code for condition in step.conditions if not condition.met]
            raise Conflict("order.no_step_due", order_no=order.order_no, conditions=unmet)
        taken = {
            "step": step.action,
            "conditions": [asdict(c) for c in step.conditions],
            "on": today.isoformat(),
        }
        if step.action in _ENDING:
            revise(
                order,
                at=at,
                actor=actor.key,
                verb=f"order.{step.action}_area",
                state="withdrawn",
                details=order.details | {"ended_by": taken},
                change_reason=f"area_{step.action}",
                changed_by=actor.key,
            )
            order_event(order, "withdrawn", at)
            return Proposal(f"area_{step.action}", order.key)
        if expires_on is None:
            raise InputError("order.end_needed", order_no=order.order_no)
        if expires_on < today:
            raise InputError(
                "order.ends_before_start", starts_on=today.isoformat(), expires_on=expires_on.isoformat()
            )
        return _successor(order, step, today, expires_on, taken, actor, at)


def _successor(
    order: Order, step: Step, today: date, expires_on: date, taken: dict[str, Any], actor: Actor, at: datetime
) -> Proposal:
    details = order.details | {
        "level": step.to_level,
        "adjusted_from": order.details["level"],
        "adjusted_on": today.isoformat(),
        "designated_on": order.details.get("designated_on", order.starts_on.isoformat()),
        "came_down_by": taken,
    }
    rows = [row.row_id for row in step.rows]
    stage = order.stages[0] | {"first_on": today.isoformat(), "last_on": expires_on.isoformat()}
    measure = Measure(
        kind=order.kind,
        starts_on=today,
        expires_on=expires_on,
        stages=[stage],
        rule_rows=rows,
        legal_basis=list(dict.fromkeys(row.legal_basis for row in step.rows)),
        confidence=step.confidence,
        release_condition=order.release_condition,
        dates_from="person",
    )
    more = {
        "details": details,
        "gates": order.gates,
        "findings": group_findings(
            order.kind,
            disease=order.disease,
            area_code=order.area_code,
            # The day of the step is day 0 of the lower level.
            details=details | {"last_case_on": today.isoformat()},
            starts_on=today,
            expires_on=expires_on,
        ),
        "required_rank": order.required_rank,
        "proportionality_note": order.proportionality_note,
        "follows_key": order.key,
    }
    subject = Subject(order.subject_kind, order.disease, order.area_code, more=more)
    key = stable_key("order", "step", order.key, step.to_level, today)
    return write_proposal(key, measure, subject, decided_on=today, actor=actor, at=at)


def _risk_area(order_key: str, actor: Actor) -> Order:
    order = open_order(order_key, actor)
    if order.kind != "risk_area" or order.state not in ("approved", "suspended"):
        raise Conflict("order.not_running", order_no=order.order_no, state=order.state)
    return order


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
