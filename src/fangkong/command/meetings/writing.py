"""The minutes: written by one, signed by another, frozen then; a correction is their next edition, signed again."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from fangkong.core.errors import Conflict, Forbidden
from fangkong.core.keys import canonical
from fangkong.core.killpoints import kill_point
from fangkong.record import audit
from fangkong.record.access import Actor
from fangkong.record.access.actor import roles_that_may
from fangkong.record.load import load, revise
from fangkong.record.locking import locked_one
from fangkong.record.models import Document

from ..minutes.rows import MERGED, SET_ASIDE, TASK_CLASSES
from ..models import Clause, Meeting
from .deciding import empty_minutes, minutes_title
from .rows import (
    CLOSED,
    HELD,
    MINUTES,
    SIGN,
    meeting_event,
    minutes_key_of,
    need_state,
    open_meeting,
    refuse_system,
    text_of,
)

#: Between the signed minutes and the closed meeting.
SIGNED = kill_point("meeting.minutes_signed")

Content = dict[str, Any]

#: What the minutes take from the meeting as it stands.
_FACTS = (
    "body",
    "number",
    "kind",
    "area_code",
    "held_on",
    "starts_at",
    "chairs",
    "venues",
    "agenda",
    "dissent",
)

#: What an edition says of itself beside what was said in the meeting.
_OWN = ("written_by", "written_at", "edition", "corrections")


def minutes_write(meeting_key: str, *, actor: Actor, at: datetime) -> str:
    """The key of the minutes as the meeting stands: agenda with its papers, attendance, decisions, dissent.

    Written again they take the place of the draft; nothing changes when nothing has. They are nobody's word until
    another person has signed them. Raises Conflict ``meeting.wrong_state`` unless the meeting is held and unsigned,
    ``meeting.day_unknown`` for one whose day nobody knows, and as ``open_meeting``.
    """
    with audit.writing():
        meeting = open_meeting(meeting_key, actor)
        need_state(meeting, HELD)
        facts = _composed(meeting)
        held = _document(meeting_key)
        if held is not None and _facts_of(held.content.get("paper")) == facts:
            return held.key
        own = {"written_by": actor.key, "written_at": at.isoformat(), "edition": 1, "corrections": []}
        paper = facts | own
        if held is None:
            row = {
                "key": minutes_key_of(meeting_key),
                "kind": MINUTES,
                "title": minutes_title(meeting),
                "area_code": meeting.area_code,
                "as_of": meeting.held_on,
                "content": empty_minutes(meeting, actor) | {"paper": paper},
            }
            load(Document, [row], actor=actor.key, source_key=actor.key, known_from=at)
            audit.note(
                actor=actor.key,
                verb="meeting.minutes_write",
                object_kind="document",
                object_key=row["key"],
                area_code=meeting.area_code,
                values=row,
            )
        else:
            content = {**held.content, "paper": paper}
            revise(held, at=at, actor=actor.key, verb="meeting.minutes_write", content=content)
    return minutes_key_of(meeting_key)


def minutes_sign(meeting_key: str, *, actor: Actor, at: datetime) -> None:
    """The minutes stand with their digest and the head of the audit chain, and the meeting is closed.

    The same for the next edition of minutes that were corrected. Raises Forbidden without ``meeting.sign`` in the area,
    ``meeting.two_people`` for whoever wrote them, ``meeting.system_never_signs``; Conflict
    ``meeting.minutes_not_written``, ``meeting.minutes_behind`` when the meeting has changed since,
    ``meeting.already_signed``, ``meeting.wrong_state``.
    """
    refuse_system(actor)
    with audit.writing():
        meeting = open_meeting(meeting_key, actor, SIGN)
        need_state(meeting, HELD, CLOSED)
        held = _document(meeting_key)
        paper = held.content.get("paper") if held is not None else None
        if held is None or paper is None:
            raise Conflict("meeting.minutes_not_written")
        if held.signed_by:
            raise Conflict("meeting.already_signed", edition=paper["edition"])
        if paper["written_by"] == actor.key:
            raise Forbidden("meeting.two_people", permission=SIGN, roles=roles_that_may(SIGN))
        if meeting.state == HELD and _facts_of(paper) != _composed(meeting):
            raise Conflict("meeting.minutes_behind")
        revise(
            held,
            at=at,
            actor=actor.key,
            verb="meeting.minutes_sign",
            content_hash=digest_of(held.content),
            issued_at=at,
            signed_by=actor.key,
            audit_head=audit.head()[1],
        )
        SIGNED.passed()
        first = meeting.state == HELD
        revise(
            meeting,
            at=at,
            actor=actor.key,
            verb="meeting.close" if first else "meeting.minutes_reissue",
            state=CLOSED,
            minutes_document_key=held.key,
            minutes_by=paper["written_by"],
            signed_by=actor.key,
        )
        told = {"document_key": held.key, "edition": paper["edition"]}
        meeting_event(meeting.key, meeting.area_code, "closed" if first else "corrected", at, **told)


def minutes_correct(meeting_key: str, words: str, *, actor: Actor, at: datetime) -> int:
    """The number of the edition by which the signed minutes are corrected; it waits for another person's signature.

    What was signed stays as it is, with its signature, and can be read; the correction stands below it. The same words
    again change nothing. Raises InputError ``meeting.correction_needed``; Conflict ``meeting.wrong_state`` before the
    meeting is closed, ``meeting.correction_waits`` while another correction is unsigned.
    """
    kept = text_of(words, "meeting.correction_needed")
    with audit.writing():
        meeting = open_meeting(meeting_key, actor)
        need_state(meeting, CLOSED)
        held = _document(meeting_key)
        if held is None:
            raise Conflict("meeting.minutes_not_written")
        paper = held.content["paper"]
        edition = int(paper["edition"])
        if not held.signed_by:
            if paper["corrections"][-1]["words"] == kept:
                return edition
            raise Conflict("meeting.correction_waits", edition=edition)
        correction = {"words": kept, "by": actor.key, "at": at.isoformat()}
        fresh = {
            **paper,
            "edition": edition + 1,
            "corrections": [*paper["corrections"], correction],
            "written_by": actor.key,
            "written_at": at.isoformat(),
        }
        revise(
            held,
            at=at,
            actor=actor.key,
            verb="meeting.minutes_correct",
            content={**held.content, "paper": fresh},
            content_hash="",
            issued_at=None,
            signed_by="",
            audit_head="",
        )
    return edition + 1


def digest_of(content: Content) -> str:
    """SHA-256 of the canonical content: what a signature stands for."""
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def _document(meeting_key: str) -> Document | None:
    return locked_one(Document.objects.open().filter(key=minutes_key_of(meeting_key)))


def _facts_of(paper: Content | None) -> Content | None:
    return None if paper is None else {name: value for name, value in paper.items() if name not in _OWN}


def _composed(meeting: Meeting) -> Content:
    """What the minutes say of the meeting as it stands."""
    decided = (
        Clause.objects.open()
        .filter(meeting_key=meeting.key, clause_class__in=TASK_CLASSES, is_heading=False, duplicate_of="")
        .exclude(state__in=(MERGED, SET_ASIDE))
        .order_by("document_key", "position")
    )
    facts = {name: _plain(getattr(meeting, name)) for name in _FACTS}
    above = Meeting.objects.open().filter(key=meeting.follows_key).first() if meeting.follows_key else None
    return facts | {
        "decisions": [
            {
                "n": n,
                "key": each.key,
                "text": each.text,
                "class": each.clause_class,
                "refines": each.refines_key,
            }
            for n, each in enumerate(decided, start=1)
        ],
        "follows": {}
        if above is None
        else {"body": above.body, "number": above.number, "held_on": _plain(above.held_on)},
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
