"""The rows of a meeting: permissions, kinds, states, its numbers, how an open version is found and locked."""

from __future__ import annotations

from datetime import date, datetime

from fangkong.core.areas import ancestors
from fangkong.core.clock import FAR_FUTURE
from fangkong.core.errors import Conflict, Forbidden, InputError, NotFound
from fangkong.core.keys import stable_key
from fangkong.record import events
from fangkong.record.access import Actor, visible
from fangkong.record.access.actor import roles_that_may
from fangkong.record.locking import locked_one
from fangkong.record.models import Document

from ..models import Meeting

READ, WRITE, SIGN = "meeting.read", "meeting.write", "meeting.sign"

#: What a meeting is called for; follow_on (续会) carries on what a meeting above decided.
KINDS = ("ordinary", "numbered", "enlarged", "follow_on")
FOLLOW_ON = "follow_on"

CALLED, HELD, CLOSED, CANCELLED = "called", "held", "closed", "cancelled"
STATES = (CALLED, HELD, CLOSED, CANCELLED)

#: The kind of document that a meeting's own minutes are, as those that come in.
MINUTES = "minutes"

#: The longest line and the longest text that is kept.
LINE, TEXT = 200, 4000


def minutes_key_of(meeting_key: str) -> str:
    """The key of the minutes that the office writes of the meeting: one document, whatever its edition."""
    return stable_key("document", "meeting_minutes", meeting_key)


def minutes_no_of(meeting_key: str, area_code: str, day: date) -> str:
    """The number that people read: office, year and eight letters of the key, so that it never depends on order.

    >>> minutes_no_of("meeting-abcdefghijklmnopqrst", "9901", date(2022, 4, 16))
    'JY-9901-2022-MNOP-QRST'
    """
    return f"JY-{area_code}-{day.year}-{meeting_key[-8:-4]}-{meeting_key[-4:]}".upper()


def open_meeting(meeting_key: str, actor: Actor, permission: str = WRITE) -> Meeting:
    """The open version of a meeting of the office in the actor's area, locked where the engine locks rows.

    Raises NotFound ``meeting.unknown``, also outside the scope; Forbidden without ``permission`` there; Conflict
    ``meeting.of_a_superior`` for one that a superior's paper tells of: nobody here keeps its minutes.
    """
    rows = Meeting.objects.filter(key=meeting_key, known_to=FAR_FUTURE)
    meeting = locked_one(visible(rows, actor))
    if meeting is None:
        raise NotFound("meeting.unknown", key=meeting_key[:96])
    actor.require(permission, meeting.area_code)
    if meeting.source_document_key and _is_instruction(meeting.source_document_key):
        raise Conflict("meeting.of_a_superior")
    return meeting


def _is_instruction(document_key: str) -> bool:
    return Document.objects.open().filter(key=document_key, kind="instruction").exists()


def need_state(meeting: Meeting, *states: str) -> None:
    """Nothing when the meeting is in one of ``states``. Raises Conflict ``meeting.wrong_state`` naming it."""
    if meeting.state not in states:
        raise Conflict("meeting.wrong_state", meeting_state=meeting.state)


def refuse_system(actor: Actor) -> None:
    """Nothing for a person. Raises Forbidden ``meeting.system_never_signs`` for the platform itself."""
    if actor.everywhere:
        raise Forbidden("meeting.system_never_signs", permission=SIGN, roles=roles_that_may(SIGN))


def line_of(text: str, code: str) -> str:
    """``text`` in one line as it is kept. Raises InputError ``code`` for an empty one."""
    kept = " ".join(text.split())[:LINE]
    if not kept:
        raise InputError(code)
    return kept


def text_of(text: str, code: str) -> str:
    """``text`` as it is kept, without blank space around it. Raises InputError ``code`` for an empty one."""
    kept = text.strip()[:TEXT]
    if not kept:
        raise InputError(code)
    return kept


def is_above(area_code: str, actor: Actor) -> bool:
    """True when ``area_code`` is of an office above the actor's own."""
    return bool(actor.area_code) and area_code in ancestors(actor.area_code)


def meeting_event(meeting_key: str, area_code: str, what: str, at: datetime, **params: object) -> None:
    """Tells whoever reacts that ``what`` happened to the meeting; ``params`` hold keys and codes only."""
    events.emit(f"meeting.{what}", meeting_key, area_code, at=at, params=dict(params))
