"""What the office that a directive is for does with it: acknowledges, replies, reports it done."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fangkong.core.errors import Conflict, InputError
from fangkong.record import audit
from fangkong.record.access import Actor, inside_area
from fangkong.record.installation import installation
from fangkong.record.load import revise
from fangkong.record.models import Task

from ..models import Directive, DirectiveRecipient
from ..tasks.states import UNFINISHED
from ..timers.life import meet_all
from .ending import complete_if_done
from .rows import CLOCK, RUNNING, SUBJECT, directive_event, need_state, open_recipient


def recipient_acknowledge(recipient_key: str, *, actor: Actor, at: datetime) -> None:
    """The office has the directive and answers for it; its limit is met, or was late for good.

    The second of two people hears when the first did it: Conflict ``directive.already_acknowledged``. Raises NotFound
    ``directive.unknown``, Forbidden ``directive.not_addressed``, Conflict ``directive.wrong_state``.
    """
    with audit.writing():
        recipient, directive = open_recipient(recipient_key, actor)
        if recipient.acknowledged_at is not None:
            raise Conflict(
                "directive.already_acknowledged",
                directive_no=directive.directive_no,
                when=recipient.acknowledged_at.astimezone(installation().zone).strftime("%Y-%m-%d %H:%M"),
            )
        need_state(directive, "issued")
        changes = {"state": "acknowledged", "acknowledged_by": actor.key, "acknowledged_at": at}
        _step(recipient, directive, "acknowledge", "acknowledged", actor, at, **changes)
        meet_all([CLOCK], recipient.key, actor=actor, at=at)


def recipient_reply(recipient_key: str, text: str, *, actor: Actor, at: datetime) -> None:
    """What the office answers, in its own words; a later reply takes the place of the earlier one.

    The same words of the same person again change nothing and tell nobody. Raises InputError
    ``directive.reply_needed``, Conflict ``directive.acknowledge_first`` or ``directive.wrong_state``, and as
    :func:`recipient_acknowledge`.
    """
    if not text.strip():
        raise InputError("directive.reply_needed")
    with audit.writing():
        recipient, directive = _taken(recipient_key, actor)
        if (recipient.reply, recipient.replied_by) == (text.strip(), actor.key):
            return
        changes = {"reply": text.strip(), "replied_by": actor.key, "replied_at": at}
        _step(recipient, directive, "reply", "replied", actor, at, state="replied", **changes)


def recipient_done(recipient_key: str, *, actor: Actor, at: datetime) -> bool:
    """True when the directive is completed with this: the office has done it, and it was the last one open.

    Raises Conflict ``directive.tasks_open`` while tasks of the directive in the office's area are open and
    ``directive.child_open`` while a directive below carries it on; else as :func:`recipient_reply`.
    """
    with audit.writing():
        recipient, directive = _taken(recipient_key, actor)
        here = inside_area(recipient.area_code)
        open_tasks = Task.objects.open().filter(
            here, carries_out_kind=SUBJECT, carries_out_key=directive.key, state__in=UNFINISHED
        )
        # An office that covers the whole area of the directive answers for its own role's tasks only.
        if recipient.area_code == directive.area_code:
            open_tasks = open_tasks.filter(owner_role=recipient.role)
        if n := open_tasks.count():
            raise Conflict("directive.tasks_open", directive_no=directive.directive_no, n=n)
        below = Directive.objects.open().filter(
            parent_key=directive.key, area_code=recipient.area_code, state__in=RUNNING
        )
        child = below.values_list("directive_no", flat=True).first()
        if child is not None:
            raise Conflict("directive.child_open", directive_no=child)
        _step(recipient, directive, "done", "done", actor, at, state="done", done_at=at)
        return complete_if_done(directive.key, actor=actor, at=at)


def _taken(recipient_key: str, actor: Actor) -> tuple[DirectiveRecipient, Directive]:
    """The recipient that has acknowledged and not reported it done."""
    recipient, directive = open_recipient(recipient_key, actor)
    need_state(directive, "issued")
    if recipient.state == "awaiting":
        raise Conflict("directive.acknowledge_first", state=recipient.state)
    if recipient.state == "done":
        raise Conflict("directive.recipient_done", directive_no=directive.directive_no)
    return recipient, directive


def _step(
    recipient: DirectiveRecipient,
    directive: Directive,
    deed: str,
    event: str,
    actor: Actor,
    at: datetime,
    **changes: Any,
) -> None:
    revise(recipient, at=at, actor=actor.key, verb=_VERBS[deed], **changes)
    told = {"recipient_key": recipient.key, "role": recipient.role}
    directive_event(directive, event, at, area_code=recipient.area_code, **told)


#: Deed -> its verb in the audit chain.
_VERBS = {
    "acknowledge": "recipient.acknowledge",
    "reply": "recipient.reply",
    "done": "recipient.done",
}
