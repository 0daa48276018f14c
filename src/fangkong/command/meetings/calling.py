"""A meeting is called: by whom, where, about what, with papers from the record; or called off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from fangkong.core.areas import contains
from fangkong.core.clock import civil_day
from fangkong.core.errors import Conflict, InputError, NotFound
from fangkong.core.keys import stable_key
from fangkong.core.killpoints import kill_point
from fangkong.record import audit
from fangkong.record.access import Actor, visible
from fangkong.record.installation import installation
from fangkong.record.load import load, revise
from fangkong.record.locking import lock_name
from fangkong.record.models import Document

from ..models import Directive, DirectiveRecipient, Meeting
from .agenda import agenda_of, typed_item
from .papers import with_papers
from .rows import (
    CALLED,
    CANCELLED,
    CLOSED,
    FOLLOW_ON,
    HELD,
    KINDS,
    LINE,
    WRITE,
    line_of,
    meeting_event,
    need_state,
    open_meeting,
    text_of,
)

#: Between the meeting and its audit row.
CALLED_WRITTEN = kill_point("meeting.called")

#: The largest number of a meeting, and of people in one venue, that the record holds.
_LARGEST = 32767

_REASON = 400

Venue = Mapping[str, Any]


def meeting_call(
    *,
    body: str,
    number: int | None = None,
    kind: str = "ordinary",
    area_code: str,
    starts_at: datetime,
    chairs: Sequence[Mapping[str, str]],
    venues: Sequence[Venue],
    agenda: Sequence[str | Mapping[str, str]] | None = None,
    follows_key: str = "",
    actor: Actor,
    at: datetime,
) -> str:
    """The key of the meeting, called with the papers of its standing reports filled; the same call twice is one.

    ``chairs`` are {name, post}; ``venues`` {name, expected}, the main venue first; ``agenda`` codes of standing
    reports or {title, by}, None for all six. Raises Forbidden without ``meeting.write`` in the area; InputError
    ``meeting.body_needed``, ``unknown_kind``, ``number_needed``, ``bad_number``, ``chair_needed``, ``venue_needed``,
    ``bad_expected``, ``agenda_needed``, ``unknown_report``, ``item_title_needed``, ``follows_needed``,
    ``follows_not``; Conflict ``meeting.number_taken``, ``meeting.was_cancelled``, and as :func:`meeting_follow`.
    """
    actor.require(WRITE, area_code)
    row: dict[str, Any] = {
        "body": line_of(body, "meeting.body_needed")[:120],
        "number": _number(number, kind),
        "kind": kind,
        "area_code": area_code,
        "starts_at": starts_at,
        "follows_key": follows_key,
    }
    if (kind == FOLLOW_ON) != bool(follows_key):
        raise InputError("meeting.follows_needed" if kind == FOLLOW_ON else "meeting.follows_not")
    if follows_key:
        _above(follows_key, area_code, actor)
    shown = {"chairs": _chairs(chairs), "venues": _venues(venues), "agenda": agenda_of(agenda)}
    key = stable_key("meeting", row)
    with audit.writing():
        lock_name("meeting", area_code, row["body"])
        held = Meeting.objects.open().filter(key=key).first()
        if held is not None:
            if held.state == CANCELLED:
                raise Conflict("meeting.was_cancelled")
            return key
        _refuse_number(row)
        row |= shown
        row |= {
            "key": key,
            "agenda": with_papers(shown["agenda"], area_code, at=at),
            "held_on": civil_day(starts_at, installation().zone),
            "state": CALLED,
            "called_by": actor.key,
        }
        load(Meeting, [row], actor=actor.key, source_key=actor.key, known_from=at)
        CALLED_WRITTEN.passed()
        audit.note(
            actor=actor.key,
            verb="meeting.call",
            object_kind="meeting",
            object_key=key,
            area_code=area_code,
            values=row,
        )
        meeting_event(key, area_code, "called", at, by=actor.key, follows_key=follows_key)
    return key


def meeting_follow(
    meeting_key: str,
    *,
    area_code: str,
    body: str,
    starts_at: datetime,
    chairs: Sequence[Mapping[str, str]],
    venues: Sequence[Venue],
    agenda: Sequence[str | Mapping[str, str]] | None = None,
    number: int | None = None,
    actor: Actor,
    at: datetime,
) -> str:
    """The key of the follow-on meeting (续会) of ``area_code``, which carries on what ``meeting_key`` decided.

    What that meeting decided for the area stands on its page at once. Raises NotFound ``meeting.unknown``, also for a
    meeting that asked nothing of an area in the actor's scope; Conflict ``meeting.not_held_yet``; InputError
    ``meeting.follow_below``; and as :func:`meeting_call`.
    """
    return meeting_call(
        body=body,
        number=number,
        kind=FOLLOW_ON,
        area_code=area_code,
        starts_at=starts_at,
        chairs=chairs,
        venues=venues,
        agenda=agenda,
        follows_key=meeting_key,
        actor=actor,
        at=at,
    )


def agenda_item_add(meeting_key: str, title: str, *, by: str = "", actor: Actor, at: datetime) -> None:
    """The agenda has one more item, in words of its own; the same words again change nothing.

    Raises InputError ``meeting.item_title_needed``, Conflict ``meeting.wrong_state`` once the meeting is held, and as
    ``open_meeting``.
    """
    item = typed_item(title, by)
    with audit.writing():
        meeting = open_meeting(meeting_key, actor)
        need_state(meeting, CALLED)
        if any((each["code"], each["title"]) == (item["code"], item["title"]) for each in meeting.agenda):
            return
        agenda = [*meeting.agenda, item]
        revise(meeting, at=at, actor=actor.key, verb="meeting.agenda_add", agenda=agenda)


def papers_refresh(meeting_key: str, *, actor: Actor, at: datetime) -> None:
    """The papers say what the record says at ``at``. Raises Conflict ``meeting.papers_frozen`` once it is held."""
    with audit.writing():
        meeting = open_meeting(meeting_key, actor)
        if meeting.state != CALLED:
            raise Conflict("meeting.papers_frozen", meeting_state=meeting.state)
        agenda = with_papers(meeting.agenda, meeting.area_code, at=at)
        revise(meeting, at=at, actor=actor.key, verb="meeting.papers_refresh", agenda=agenda)


def meeting_cancel(meeting_key: str, reason: str, *, actor: Actor, at: datetime) -> None:
    """The meeting that was called is called off. Raises InputError ``meeting.reason_needed``, Conflict once held."""
    why = text_of(reason, "meeting.reason_needed")[:_REASON]
    with audit.writing():
        meeting = open_meeting(meeting_key, actor)
        need_state(meeting, CALLED)
        revise(meeting, at=at, actor=actor.key, verb="meeting.cancel", state=CANCELLED, change_reason=why)
        meeting_event(meeting.key, meeting.area_code, "cancelled", at)


def _number(number: int | None, kind: str) -> int | None:
    if kind not in KINDS:
        raise InputError("meeting.unknown_kind", given=kind[:12], kinds=list(KINDS))
    if number is None:
        if kind == "numbered":
            raise InputError("meeting.number_needed")
        return None
    if not 0 < number <= _LARGEST:
        raise InputError("meeting.bad_number", limit=_LARGEST)
    return number


def _refuse_number(row: Mapping[str, Any]) -> None:
    """Raises Conflict ``meeting.number_taken`` when the body has met, or will meet, under this number that year."""
    if row["number"] is None:
        return
    year = civil_day(row["starts_at"], installation().zone).year
    held = Meeting.objects.open().filter(
        area_code=row["area_code"], body=row["body"], number=row["number"], held_on__year=year
    )
    found = held.exclude(state=CANCELLED).first()
    if found is not None:
        raise Conflict("meeting.number_taken", number=row["number"], day=found.held_on.isoformat())


def _chairs(given: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    chairs = [
        {name: " ".join(each.get(name, "").split())[:LINE] for name in ("name", "post")} for each in given
    ]
    kept = [each for each in chairs if each["name"] or each["post"]]
    if not kept:
        raise InputError("meeting.chair_needed")
    return kept


def _venues(given: Sequence[Venue]) -> list[dict[str, Any]]:
    venues: list[dict[str, Any]] = []
    for each in given:
        name, expected = " ".join(str(each.get("name", "")).split())[:LINE], each.get("expected")
        if not name:
            continue
        if expected is not None and not 0 <= int(expected) <= _LARGEST:
            raise InputError("meeting.bad_expected", venue=name)
        venues.append({"name": name, "main": not venues, "expected": expected, "present": None})
    if not venues:
        raise InputError("meeting.venue_needed")
    return venues


def _above(meeting_key: str, area_code: str, actor: Actor) -> None:
    """Raises as :func:`meeting_follow` unless ``meeting_key`` is a held meeting above ``area_code`` known there."""
    meeting = Meeting.objects.open().filter(key=meeting_key).first()
    if meeting is None or not (actor.sees(meeting.area_code) or _asks_of(meeting_key, actor)):
        raise NotFound("meeting.unknown", key=meeting_key[:96])
    if meeting.area_code == area_code or not contains(meeting.area_code, area_code):
        # A superior's paper is kept under the area of whoever received it: its meeting may be followed there.
        superior = Document.objects.open().filter(key=meeting.source_document_key, kind="instruction")
        if not (meeting.area_code == area_code and meeting.source_document_key and superior.exists()):
            raise InputError("meeting.follow_below")
    if meeting.state not in (HELD, CLOSED):
        raise Conflict("meeting.not_held_yet", meeting_state=meeting.state)


def _asks_of(meeting_key: str, actor: Actor) -> bool:
    """True when a directive of the meeting is addressed to an office in the actor's area."""
    decided = Directive.objects.open().filter(meeting_key=meeting_key).exclude(state="draft")
    received = DirectiveRecipient.objects.open().filter(directive_key__in=decided.values("key"))
    return visible(received, actor).exists()
