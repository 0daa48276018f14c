"""The life of an order after its approval: renewed, shortened, suspended, resumed, superseded."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from fangkong.core.clock import civil_day
from fangkong.core.errors import Conflict, Forbidden, InputError
from fangkong.core.keys import stable_key
from fangkong.record import audit
from fangkong.record.access import Actor
from fangkong.record.access.actor import roles_that_may
from fangkong.record.installation import installation
from fangkong.record.load import revise
from fangkong.record.models import Order

from .group_orders import group_findings, last_case_on
from .order_rows import (
    PERSONAL,
    PROPOSE,
    RUNNING,
    Subject,
    decide_permission,
    open_order,
    order_event,
    refuse_system,
    write_proposal,
)
from .proposals import Measure, Proposal
from .safeguards import check_span
from .starting import check_resume

SUSPEND = "order.suspend"


def order_renew(order_key: str, *, expires_on: date, reason: str, actor: Actor, at: datetime) -> Proposal:
    """What came of proposing the order that follows on the last day of this one, under the same gates.

    A renewal is a new order: somebody else decides on it. Days on a person come from the rules and are never
    renewed by hand. Raises Conflict ``order.not_running`` or ``order.renewed_by_rule_only``, InputError
    ``order.ends_before_start``, ``order.too_long`` or ``order.reason_needed``, Forbidden without
    ``order.propose`` in the area.
    """
    refuse_system(actor, PROPOSE)
    with audit.writing():
        order = _running(open_order(order_key, actor), "approved")
        actor.require(PROPOSE, order.area_code)
        if order.subject_kind in PERSONAL:
            raise Conflict("order.renewed_by_rule_only", order_no=order.order_no)
        _need(reason, order)
        starts_on = order.expires_on + timedelta(days=1)
        check_span(starts_on, expires_on)
        stages = [
            stage | {"first_on": starts_on.isoformat(), "last_on": expires_on.isoformat()}
            for stage in order.stages[-1:]
        ]
        measure = Measure(
            kind=order.kind,
            starts_on=starts_on,
            expires_on=expires_on,
            stages=stages,
            rule_rows=list(order.rule_rows),
            legal_basis=list(order.legal_basis),
            confidence=order.confidence,
            release_condition=order.release_condition,
            dates_from="person",
        )
        details = dict(order.details)
        if last := last_case_on(order.area_code, order.disease, actor=actor, at=at):
            details["last_case_on"] = last.isoformat()
        findings = group_findings(
            order.kind,
            disease=order.disease,
            area_code=order.area_code,
            details=details,
            starts_on=starts_on,
            expires_on=expires_on,
        )
        subject = Subject(
            order.subject_kind,
            order.disease,
            order.area_code,
            person_key=order.person_key,
            subject_key=order.subject_key,
            reason_key=order.reason_key,
            more={
                "situation": order.situation,
                "details": details,
                "gates": order.gates,
                "findings": findings,
                "required_rank": order.required_rank,
                "proportionality_note": reason.strip(),
                "follows_key": order.key,
            },
        )
        key = stable_key("order", "renewal", order.key, expires_on)
        today = civil_day(at, installation().zone)
        return write_proposal(key, measure, subject, decided_on=today, actor=actor, at=at)


def order_shorten(order_key: str, *, expires_on: date, reason: str, actor: Actor, at: datetime) -> None:
    """The running order ends on ``expires_on``, earlier than it would; stages and tests after it are gone.

    Raises Conflict ``order.not_running`` or ``order.not_shorter``, InputError ``order.ends_before_start`` or
    ``order.reason_needed``, Forbidden without the permission to decide in the area.
    """
    refuse_system(actor, decide_permission(Order(subject_kind="person")))
    with audit.writing():
        order = _running(open_order(order_key, actor), "approved", "suspended")
        actor.require(decide_permission(order), order.area_code)
        _need(reason, order)
        if expires_on >= order.expires_on:
            raise Conflict(
                "order.not_shorter", order_no=order.order_no, expires_on=order.expires_on.isoformat()
            )
        if expires_on < order.starts_on:
            raise InputError(
                "order.ends_before_start",
                starts_on=order.starts_on.isoformat(),
                expires_on=expires_on.isoformat(),
            )
        changes = {"expires_on": expires_on, "stages": stages_until(order.stages, expires_on)}
        _change(order, "order.shorten", actor, at, reason, **changes)
        order_event(order, "shortened", at)


def order_suspend(order_key: str, *, reason: str, actor: Actor, at: datetime) -> None:
    """The order binds nobody until it is resumed; its end does not move.

    Oversight may suspend. Raises Conflict ``order.not_running``, InputError ``order.reason_needed``,
    Forbidden without ``order.suspend`` in the order's area or for the platform itself.
    """
    _suspend_or_resume(order_key, "suspend", "suspended", ("approved",), reason, actor, at)


def order_resume(order_key: str, *, reason: str, actor: Actor, at: datetime) -> None:
    """The suspended order binds again until its own end. Raises as ``order_suspend`` does.

    Whoever approved the order cannot lift its suspension: Forbidden ``order.two_people``. Nor does it bind again
    after its last day (Conflict ``order.over``) or while a consent that it needs is not given
    (``order.consent_needed``).
    """
    _suspend_or_resume(order_key, "resume", "approved", ("suspended",), reason, actor, at)


def _suspend_or_resume(
    order_key: str, what: str, state: str, states: tuple[str, ...], reason: str, actor: Actor, at: datetime
) -> None:
    refuse_system(actor, SUSPEND)
    with audit.writing():
        order = _running(open_order(order_key, actor), *states)
        actor.require(SUSPEND, order.area_code)
        if what == "resume" and order.decided_by == actor.key:
            raise Forbidden("order.two_people", permission=SUSPEND, roles=roles_that_may(SUSPEND))
        if what == "resume":
            check_resume(order, at)
        _need(reason, order)
        _change(order, f"order.{what}", actor, at, reason, state=state)
        order_event(order, "suspended" if what == "suspend" else "resumed", at)


def order_supersede(order_key: str, *, by_key: str, actor: Actor, at: datetime) -> bool:
    """True when the running order ended because the approved order ``by_key`` took its place.

    A contact's quarantine ends when the isolation of the same person is approved: nobody is held twice. The
    platform may do this, for it only ends. False too for an order on somebody else, or on another place.
    Raises NotFound for an order outside the scope, Forbidden without the permission to decide on it.
    """
    with audit.writing():
        order, follower = open_order(order_key, actor), open_order(by_key, actor)
        actor.require(decide_permission(order), order.area_code)
        if order.state not in RUNNING or follower.state != "approved" or not _same_subject(order, follower):
            return False
        _change(order, "order.supersede", actor, at, by_key, state="superseded")
        order_event(order, "superseded", at)
    return True


def _same_subject(order: Order, follower: Order) -> bool:
    """True for two orders of one disease on the same person, or of one kind on the same area or place."""
    named: tuple[str, ...] = ("disease", "subject_kind", "person_key")
    # An order decided with the household carries its key; the person is the same with it and without.
    named += () if order.subject_kind == "person" else ("subject_key", "kind", "area_code")
    same = all(getattr(order, name) == getattr(follower, name) for name in named)
    return same and order.key != follower.key


def orders_supersede_earlier(order_key: str, *, actor: Actor, at: datetime) -> int:
    """How many earlier orders on the same person ended because this approved one took their place.

    An isolation ends every other running order of the disease on the person; any other order ends the earlier
    one for the same contact, whose exposure date has changed since. A risk area that came down ends the order
    at the higher level, while a renewal begins after it. Raises NotFound outside the scope.
    """
    follower = open_order(order_key, actor)
    if follower.state != "approved":
        return 0
    if follower.subject_kind != "person":
        before = Order.objects.open().filter(
            key=follower.follows_key, state__in=RUNNING, expires_on__gte=follower.starts_on
        )
        return sum(order_supersede(held.key, by_key=order_key, actor=actor, at=at) for held in before)
    theirs = Order.objects.open().filter(person_key=follower.person_key, state__in=RUNNING)
    keys = [held.key for held in theirs.order_by("key") if gives_way(held, follower)]
    return sum(order_supersede(key, by_key=order_key, actor=actor, at=at) for key in keys)


def gives_way(held: Order, follower: Order) -> bool:
    """True for an order on a person in whose place the approved ``follower`` on the same person stands."""
    if (held.subject_kind, held.person_key, held.disease) != (
        "person",
        follower.person_key,
        follower.disease,
    ):
        return False
    if held.key == follower.key:
        return False
    if follower.kind == "isolation":
        return held.kind != "isolation"
    return held.reason_key == follower.reason_key and held.kind == follower.kind


def stages_until(stages: list[dict[str, Any]], last_on: date) -> list[dict[str, Any]]:
    """``stages`` cut at ``last_on``: later stages dropped, later tests dropped, the last stage ending there."""
    last, kept = last_on.isoformat(), []
    for stage in stages:
        if stage["first_on"] <= last:
            tests = [day for day in stage.get("test_on", ()) if day <= last]
            kept.append(stage | {"last_on": min(stage["last_on"], last), "test_on": tests})
    return kept


def _running(order: Order, *states: str) -> Order:
    if order.state not in states:
        raise Conflict("order.not_running", order_no=order.order_no, state=order.state)
    return order


def _need(reason: str, order: Order) -> None:
    if not reason.strip():
        raise InputError("order.reason_needed", order_no=order.order_no)


def _change(order: Order, verb: str, actor: Actor, at: datetime, reason: str, **changes: Any) -> None:
    revise(
        order,
        at=at,
        actor=actor.key,
        verb=verb,
        change_reason=reason.strip(),
        changed_by=actor.key,
        **changes,
    )
