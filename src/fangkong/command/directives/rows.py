"""The rows of a directive: permissions, states, its number, how an open version is found, locked and told of."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from fangkong.core.clock import FAR_FUTURE
from fangkong.core.errors import Conflict, Forbidden, InputError, NotFound
from fangkong.record import events
from fangkong.record.access import Actor, visible
from fangkong.record.access.actor import roles_that_may
from fangkong.record.locking import locked_one

from ..models import Directive, DirectiveRecipient

READ, DRAFT, ISSUE = "directive.read", "directive.draft", "directive.issue"
ACKNOWLEDGE = "directive.acknowledge"

#: The office's limit within which a recipient acknowledges.
CLOCK = "directive_acknowledge"

#: How a task and a row of the record say what they belong to.
SUBJECT, RECIPIENT = "directive", "recipient"

#: States in which a directive binds or may come to bind.
RUNNING = ("draft", "issued")

#: States in which a recipient still has something to do.
WAITING = ("awaiting", "acknowledged", "replied")

#: The longest reason that is kept.
_REASON_LENGTH = 400


def directive_no_of(key: str, area_code: str, day: date) -> str:
    """The number that people read: office, year and eight letters of the key, so that it never depends on order.

    >>> directive_no_of("directive-abcdefghijklmnopqrst", "9901", date(2022, 4, 16))
    'ZL-9901-2022-MNOP-QRST'
    """
    return f"ZL-{area_code}-{day.year}-{key[-8:-4]}-{key[-4:]}".upper()


def refuse_system(actor: Actor, permission: str) -> None:
    """Nothing for a person. Raises Forbidden ``directive.system_never_acts`` for the platform itself."""
    if actor.everywhere:
        raise Forbidden(
            "directive.system_never_acts", permission=permission, roles=roles_that_may(permission)
        )


def open_directive(directive_key: str, actor: Actor) -> Directive:
    """The open version of a directive of an office in the actor's area, locked where the engine locks rows.

    Raises NotFound ``directive.unknown``, also outside the actor's scope.
    """
    rows = Directive.objects.filter(key=directive_key, known_to=FAR_FUTURE)
    directive = locked_one(visible(rows, actor))
    if directive is None:
        raise NotFound("directive.unknown", key=directive_key)
    return directive


def open_recipient(recipient_key: str, actor: Actor) -> tuple[DirectiveRecipient, Directive]:
    """The open version of a recipient, locked, and its directive, once it is sure that it is the actor's own office.

    Raises NotFound ``directive.unknown`` outside the scope, Forbidden ``directive.not_addressed`` for
    another role or another level: nobody acknowledges in somebody else's name.
    """
    refuse_system(actor, ACKNOWLEDGE)
    rows = DirectiveRecipient.objects.filter(key=recipient_key, known_to=FAR_FUTURE)
    recipient = locked_one(visible(rows, actor))
    if recipient is None:
        raise NotFound("directive.unknown", key=recipient_key)
    actor.require(ACKNOWLEDGE, recipient.area_code)
    if not addressed(recipient, actor):
        raise Forbidden("directive.not_addressed", permission=ACKNOWLEDGE, roles=[recipient.role])
    return recipient, Directive.objects.get(key=recipient.directive_key, known_to=FAR_FUTURE)


def addressed(recipient: DirectiveRecipient, actor: Actor) -> bool:
    """True when ``actor`` works in the very office that the directive is for."""
    return actor.role == recipient.role and actor.area_code == recipient.area_code


def need_state(directive: Directive, *states: str) -> None:
    """Nothing when the directive is in one of ``states``. Raises Conflict ``directive.wrong_state`` naming it."""
    if directive.state not in states:
        raise Conflict("directive.wrong_state", directive_no=directive.directive_no, state=directive.state)


def reason_of(text: str) -> str:
    """The reason as it is kept. Raises InputError ``directive.reason_needed`` for an empty one."""
    if not text.strip():
        raise InputError("directive.reason_needed")
    return text.strip()[:_REASON_LENGTH]


def directive_event(
    directive: Directive, what: str, at: datetime, *, area_code: str = "", **params: Any
) -> None:
    """Tells whoever reacts that ``what`` happened to the directive; ``params`` hold keys and codes only."""
    told = {"issuer_area": directive.area_code, "parent_key": directive.parent_key, **params}
    events.emit(f"directive.{what}", directive.key, area_code or directive.area_code, at=at, params=told)
