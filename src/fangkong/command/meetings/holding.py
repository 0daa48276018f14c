"""A meeting is held: who was there, venue by venue, and which reports were heard. From then on its papers stand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from fangkong.core.clock import civil_day
from fangkong.core.errors import Conflict, InputError
from fangkong.record import audit
from fangkong.record.access import Actor
from fangkong.record.installation import installation
from fangkong.record.load import revise

from ..models import Meeting
from .rows import CALLED, HELD, meeting_event, need_state, open_meeting

#: The largest number of people in one venue that the record holds.
_LARGEST = 32767


def meeting_hold(
    meeting_key: str,
    *,
    present: Sequence[int | None],
    heard: Iterable[int] = (),
    actor: Actor,
    at: datetime,
) -> None:
    """The meeting is held, or what was entered of it corrected while its minutes are unsigned.

    ``present`` is a number for each venue in its order (None: nobody counted); ``heard`` are the places in the
    agenda, from 1, of the reports that were heard. Saying the same again changes nothing.

    Raises InputError ``meeting.present_needed`` (a number for the main venue), ``meeting.bad_present``,
    ``meeting.no_such_item``; Conflict ``meeting.too_early`` before its day, ``meeting.wrong_state``.
    """
    with audit.writing():
        meeting = open_meeting(meeting_key, actor)
        need_state(meeting, CALLED, HELD)
        if meeting.held_on is not None and civil_day(at, installation().zone) < meeting.held_on:
            raise Conflict("meeting.too_early", day=meeting.held_on.isoformat())
        venues = _venues(meeting, present)
        agenda = _agenda(meeting, set(heard))
        if meeting.state == HELD and (venues, agenda) == (meeting.venues, meeting.agenda):
            return
        first = meeting.state == CALLED
        revise(
            meeting,
            at=at,
            actor=actor.key,
            verb="meeting.hold" if first else "meeting.attendance",
            state=HELD,
            venues=venues,
            agenda=agenda,
        )
        if first:
            meeting_event(meeting.key, meeting.area_code, "held", at)


def _venues(meeting: Meeting, present: Sequence[int | None]) -> list[dict[str, Any]]:
    if len(present) != len(meeting.venues):
        raise InputError("meeting.bad_present", n=len(meeting.venues))
    if present and present[0] is None:
        raise InputError("meeting.present_needed")
    for number in present:
        if number is not None and not 0 <= number <= _LARGEST:
            raise InputError("meeting.bad_present", n=len(meeting.venues))
    return [{**venue, "present": number} for venue, number in zip(meeting.venues, present, strict=True)]


def _agenda(meeting: Meeting, heard: set[int]) -> list[dict[str, Any]]:
    places = range(1, len(meeting.agenda) + 1)
    if not heard <= set(places):
        raise InputError("meeting.no_such_item", n=len(meeting.agenda))
    return [{**item, "heard": n in heard} for n, item in zip(places, meeting.agenda, strict=True)]
