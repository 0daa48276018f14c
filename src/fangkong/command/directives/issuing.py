"""A directive is issued by another person than its drafter, and ends: completed, withdrawn or lapsed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fangkong.core.errors import Conflict, Forbidden
from fangkong.core.keys import stable_key
from fangkong.record import audit
from fangkong.record.access import Actor
from fangkong.record.access.actor import roles_that_may
from fangkong.record.load import fact_of, load, revise
from fangkong.record.locking import locked
from fangkong.record.models import Task

from ..models import Directive, DirectiveRecipient
from ..office_clocks import office_clock
from ..tasks.states import UNFINISHED
from ..timers.office import office_timer_cancel, office_timer_start
from .rows import (
    CLOCK,
    DRAFT,
    ISSUE,
    RECIPIENT,
    SUBJECT,
    WAITING,
    directive_event,
    need_state,
    open_directive,
    reason_of,
    refuse_system,
)


def directive_issue(directive_key: str, *, actor: Actor, at: datetime) -> None:
    """The draft binds its recipients, each of whom has to acknowledge within the office's limit.

    Raises NotFound ``directive.unknown``, Forbidden without ``directive.issue`` in the office's area, for the
    platform itself, and ``directive.two_people`` for whoever drafted it; Conflict ``directive.wrong_state``,
    ``directive.due_passed``, or ``directive.parent_over`` when the directive that it carries on is over.
    """
    refuse_system(actor, ISSUE)
    with audit.writing():
        directive = open_directive(directive_key, actor)
        actor.require(ISSUE, directive.area_code)
        if directive.drafted_by == actor.key:
            raise Forbidden("directive.two_people", permission=ISSUE, roles=roles_that_may(ISSUE))
        need_state(directive, "draft")
        if directive.due_at <= at:
            raise Conflict("directive.due_passed", directive_no=directive.directive_no)
        _check_parent(directive)
        clock = office_clock(CLOCK)
        # Nobody has longer to acknowledge than to do it.
        acknowledge_by = min(clock.due(at), directive.due_at)
        rows = _recipients(directive, acknowledge_by)
        load(DirectiveRecipient, rows, actor=actor.key, source_key=actor.key, known_from=at)
        office_timer_start(
            clock,
            {row["key"]: row["area_code"] for row in rows},
            subject_kind=RECIPIENT,
            due_at=acknowledge_by,
            actor=actor,
            at=at,
        )
        revise(
            directive,
            at=at,
            actor=actor.key,
            verb="directive.issue",
            state="issued",
            issued_by=actor.key,
            issued_at=at,
            issuer_role=actor.role,
        )
        directive_event(directive, "issued", at, recipients=len(rows))


def directive_withdraw(directive_key: str, reason: str, *, actor: Actor, at: datetime) -> None:
    """The directive is taken back: its open tasks are revoked, and its recipients are told by its event.

    A draft may be dropped by whoever may draft, an issued one only by whoever may issue. Raises InputError
    ``directive.reason_needed``, Conflict ``directive.wrong_state``, NotFound and Forbidden as
    :func:`directive_issue`.
    """
    refuse_system(actor, ISSUE)
    with audit.writing():
        directive = open_directive(directive_key, actor)
        need_state(directive, "draft", "issued")
        if not (directive.state == "draft" and actor.may(DRAFT)):
            actor.require(ISSUE, directive.area_code)
        end(directive, "withdrawn", reason=reason_of(reason), actor=actor, at=at)


def directive_complete(directive_key: str, reason: str, *, actor: Actor, at: datetime) -> None:
    """The issued directive is closed by hand before everybody has reported: what is still open under it ends too.

    Raises as :func:`directive_withdraw`.
    """
    refuse_system(actor, ISSUE)
    with audit.writing():
        directive = open_directive(directive_key, actor)
        actor.require(ISSUE, directive.area_code)
        need_state(directive, "issued")
        end(directive, "completed", reason=reason_of(reason), actor=actor, at=at)


#: How a directive ended -> its verb in the audit chain, and what becomes of recipients who had not done it.
_ENDINGS = {
    "completed": ("directive.complete", "ended"),
    "withdrawn": ("directive.withdraw", "withdrawn"),
    "lapsed": ("directive.lapse", "ended"),
}


def end(directive: Directive, state: str, *, reason: str, actor: Actor, at: datetime) -> None:
    """The open directive in its last ``state``, with recipients, limits and tasks that hung on it.

    Whoever calls has checked ``actor`` and holds the transaction.
    """
    verb, recipient_state = _ENDINGS[state]
    revise(directive, at=at, actor=actor.key, verb=verb, state=state, change_reason=reason)
    waiting = locked(
        DirectiveRecipient.objects.open()
        .filter(directive_key=directive.key, state__in=WAITING)
        .order_by("key")
    )
    if waiting:
        rows = [fact_of(recipient) | {"state": recipient_state} for recipient in waiting]
        load(DirectiveRecipient, rows, actor=actor.key, source_key=actor.key, known_from=at)
        office_timer_cancel(CLOCK, [recipient.key for recipient in waiting], actor=actor, at=at)
    revoked = _revoke_tasks(directive.key, reason or f"directive.{state}", actor, at)
    directive_event(directive, state, at, recipients=len(waiting), tasks=revoked)


def _recipients(directive: Directive, acknowledge_by: datetime) -> list[dict[str, Any]]:
    return [
        {
            "key": stable_key(RECIPIENT, directive.key, each["area_code"], each["role"], each["unit"]),
            "directive_key": directive.key,
            **each,
            "state": "awaiting",
            "acknowledge_by": acknowledge_by,
        }
        for each in directive.addressed_to
    ]


def _check_parent(directive: Directive) -> None:
    if not directive.parent_key:
        return
    parent = Directive.objects.open().filter(key=directive.parent_key).first()
    if parent is None or parent.state != "issued":
        raise Conflict(
            "directive.parent_over",
            directive_no=parent.directive_no if parent else "",
            state=parent.state if parent else "withdrawn",
        )


def _revoke_tasks(directive_key: str, reason: str, actor: Actor, at: datetime) -> int:
    """How many unfinished tasks of the directive were revoked: nobody works for a directive that is over."""
    held = Task.objects.open().filter(
        carries_out_kind=SUBJECT, carries_out_key=directive_key, state__in=UNFINISHED
    )
    tasks = locked(held.order_by("key"))
    if tasks:
        rows = [fact_of(task) | {"state": "revoked", "note": reason} for task in tasks]
        load(Task, rows, actor=actor.key, source_key=actor.key, known_from=at)
        for task in tasks:
            audit.note(
                actor=actor.key,
                verb="task.revoke",
                object_kind="task",
                object_key=task.key,
                area_code=task.area_code,
            )
    return len(tasks)
