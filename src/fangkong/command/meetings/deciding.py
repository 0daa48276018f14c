"""What a meeting decided, in the words that were said; who saw it otherwise; and what each decision leads to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from fangkong import __version__
from fangkong.core.clock import FAR_FUTURE
from fangkong.core.errors import Conflict, InputError, NotFound
from fangkong.core.keys import stable_key
from fangkong.core.killpoints import kill_point
from fangkong.record import audit
from fangkong.record.access import Actor, visible
from fangkong.record.load import load, revise
from fangkong.record.locking import locked_one
from fangkong.record.models import Document
from fangkong.science.minutes.alarms import alarms

from ..directives.actions import directive_carry_on
from ..directives.offices import offices_below
from ..minutes.actions import clause_confirm, clause_link, clause_set_aside
from ..minutes.deciding import DIRECTIVE
from ..minutes.proposals import BELOW
from ..minutes.rows import CONFIRM, CONFIRMED, TASK_CLASSES, UNDECIDED, decided
from ..models import Clause, DirectiveRecipient, Meeting
from .rows import (
    HELD,
    LINE,
    MINUTES,
    line_of,
    minutes_key_of,
    minutes_no_of,
    need_state,
    open_meeting,
    text_of,
)

#: Between the text of the minutes and the clause that stands in it.
TEXT_WRITTEN = kill_point("meeting.decision_text")


def decision_enter(
    meeting_key: str,
    text: str,
    *,
    clause_class: str = "decision",
    refines_key: str = "",
    actor: Actor,
    at: datetime,
) -> str:
    """The key of the clause that ``text`` became, word for word; the same words again are the same clause.

    ``clause_class`` is ``decision`` (somebody finishes it) or ``standing_duty`` (it goes on); ``refines_key`` names
    the clause of the meeting above that this one carries on here. It waits for a person to give it an owner
    (:func:`decision_confirm`). Raises InputError ``meeting.decision_needed``, ``meeting.unknown_class``,
    ``meeting.nothing_to_refine``; Conflict ``meeting.wrong_state`` unless the meeting is held and its minutes unsigned.
    """
    words = text_of(text, "meeting.decision_needed")
    if clause_class not in TASK_CLASSES:
        raise InputError("meeting.unknown_class", given=clause_class[:16], classes=list(TASK_CLASSES))
    with audit.writing():
        meeting = open_meeting(meeting_key, actor)
        need_state(meeting, HELD)
        _check_refined(meeting, refines_key)
        document_key = minutes_key_of(meeting_key)
        key = stable_key("clause", document_key, words, clause_class, refines_key)
        if Clause.objects.open().filter(key=key).exists():
            return key
        start = _append(meeting, words, actor, at)
        TEXT_WRITTEN.passed()
        row = {
            "key": key,
            "document_key": document_key,
            "meeting_key": meeting_key,
            "area_code": meeting.area_code,
            "position": Clause.objects.open().filter(document_key=document_key).count() + 1,
            "span_start": start,
            "span_end": start + len(words),
            "quote": words,
            "text": words,
            "clause_class": clause_class,
            "confidence": 1.0,
            "alarms": list(alarms(words)),
            "refines_key": refines_key,
            "state": UNDECIDED,
        }
        load(Clause, [row], actor=actor.key, source_key=actor.key, known_from=at)
        audit.note(
            actor=actor.key,
            verb="meeting.decide",
            object_kind="clause",
            object_key=key,
            area_code=meeting.area_code,
            values=row,
        )
    return key


def decision_strike(clause_key: str, reason: str, *, actor: Actor, at: datetime) -> None:
    """The clause was entered by mistake, or taken back in the meeting: it opens nothing, its reason is kept.

    Raises Conflict ``meeting.wrong_state`` once the minutes are signed, and as ``minutes.clause_set_aside``.
    """
    with audit.writing():
        meeting, clause = _of_a_meeting(clause_key, actor, CONFIRM)
        need_state(meeting, HELD)
        clause_set_aside(clause.key, reason, actor=actor, at=at)


def decision_confirm(
    clause_key: str,
    *,
    as_: str,
    owner_role: str,
    where: str = "own",
    title: str = "",
    due_at: datetime | None = None,
    sunset_on: date | None = None,
    actor: Actor,
    at: datetime,
    **more: Any,
) -> str:
    """The key of the directive's draft or of the standing duty that the decision leads to.

    As ``minutes.clause_confirm`` in the meeting's own area; ``where`` is ``own`` (the office's group ``owner_role``)
    or ``below`` (each office one level down). One that refines what a directive from above asks here becomes the
    directive that carries that one on, so that the tree stays whole: acknowledge the one above first (Conflict
    ``directive.acknowledge_first``). ``more``: further fields of ``minutes.deciding.Decision``.
    """
    with audit.writing():
        meeting, clause = _of_a_meeting(clause_key, actor, CONFIRM)
        recipient = _received(clause, meeting) if as_ == DIRECTIVE else None
        if recipient is None:
            return clause_confirm(
                clause.key,
                as_=as_,
                title=title or clause.text[:LINE],
                owner_role=owner_role,
                area_code=meeting.area_code,
                due_at=due_at,
                where=where,
                sunset_on=sunset_on,
                actor=actor,
                at=at,
                **more,
            )
        if due_at is None:
            raise InputError("minutes.due_needed")
        led = directive_carry_on(
            recipient.key,
            title=title or clause.text[:LINE],
            measures=[{"text": clause.text, "evidence_kind": str(more.get("evidence_kind") or "")}],
            recipients=_recipients(meeting.area_code, where, owner_role),
            due_at=due_at,
            sunset_on=sunset_on,
            proportionality_note=str(more.get("proportionality_note", "")),
            actor=actor,
            at=at,
        )
        if clause.state == CONFIRMED:
            # Sent twice by the same person it is the same draft; anything else goes with the transaction.
            if (clause.leads_to_key, clause.decided_by) != (led, actor.key):
                raise decided(clause)
            return led
        clause_link(clause.key, DIRECTIVE, led, actor=actor, at=at)
    return led


def dissent_record(
    meeting_key: str, *, by: str, clause_key: str, words: str, actor: Actor, at: datetime
) -> None:
    """Who saw a decision otherwise stands in the minutes in their own words; the same again changes nothing.

    Raises InputError ``meeting.dissenter_needed``, ``meeting.dissent_needed``, ``meeting.no_such_decision``; Conflict
    ``meeting.wrong_state`` unless the meeting is held and its minutes unsigned.
    """
    entry = {
        "by": line_of(by, "meeting.dissenter_needed"),
        "clause_key": clause_key,
        "words": text_of(words, "meeting.dissent_needed"),
    }
    with audit.writing():
        meeting = open_meeting(meeting_key, actor)
        need_state(meeting, HELD)
        if not Clause.objects.open().filter(key=clause_key, meeting_key=meeting_key).exists():
            raise InputError("meeting.no_such_decision")
        if entry in meeting.dissent:
            return
        dissent = [*meeting.dissent, entry]
        revise(meeting, at=at, actor=actor.key, verb="meeting.dissent", dissent=dissent)


def _of_a_meeting(clause_key: str, actor: Actor, permission: str) -> tuple[Meeting, Clause]:
    rows = Clause.objects.filter(key=clause_key, known_to=FAR_FUTURE).exclude(meeting_key="")
    clause = visible(rows, actor).first()
    if clause is None:
        raise NotFound("minutes.unknown_clause", key=clause_key[:96])
    return open_meeting(clause.meeting_key, actor, permission), clause


def _check_refined(meeting: Meeting, refines_key: str) -> None:
    if not refines_key:
        return
    above = Clause.objects.open().filter(key=refines_key, meeting_key=meeting.follows_key)
    if not meeting.follows_key or not above.exists():
        raise InputError("meeting.nothing_to_refine")


def _append(meeting: Meeting, words: str, actor: Actor, at: datetime) -> int:
    """Where ``words`` begin in the text of the meeting's minutes, which they now end."""
    key = minutes_key_of(meeting.key)
    held = locked_one(Document.objects.filter(key=key, known_to=FAR_FUTURE))
    if held is None:
        row = {
            "key": key,
            "kind": MINUTES,
            "title": minutes_title(meeting),
            "area_code": meeting.area_code,
            "as_of": meeting.held_on,
            "content": _content(meeting, words, actor),
        }
        load(Document, [row], actor=actor.key, source_key=actor.key, known_from=at)
        return 0
    text = str(held.content["text"])
    start = len(text) + 1 if text else 0
    longer = f"{text}\n{words}" if text else words
    content = {**held.content, "text": longer, "report_span": [0, len(longer)]}
    revise(held, at=at, actor=actor.key, verb="meeting.decide_text", content=content)
    return start


def minutes_title(meeting: Meeting) -> str:
    """What the minutes are called in the lists: body, number, day; no sentence, so it stands in one form."""
    number = f"〔{meeting.number}〕" if meeting.number else ""
    day = f" {meeting.held_on.isoformat()}" if meeting.held_on else ""
    return f"{meeting.body}{number}{day}"[:LINE]


def _content(meeting: Meeting, text: str, actor: Actor) -> dict[str, Any]:
    """The minutes as those that come in from a text, so that one page shows the clauses of both."""
    return {
        "text": text,
        "file_name": "",
        "form": "entered",
        "report_span": [0, len(text)],
        "embedded_furniture": [],
        "breaks": [],
        "issuer": "",
        "read_by": f"fangkong {__version__}",
        "source": "own",
        "replaces": "",
        "received_by": actor.key,
        "minutes_no": _number(meeting),
    }


def empty_minutes(meeting: Meeting, actor: Actor) -> dict[str, Any]:
    """The content of minutes in which no decision stands."""
    return _content(meeting, "", actor)


def _number(meeting: Meeting) -> str:
    if meeting.held_on is None:
        raise Conflict("meeting.day_unknown")
    return minutes_no_of(meeting.key, meeting.area_code, meeting.held_on)


def _received(clause: Clause, meeting: Meeting) -> DirectiveRecipient | None:
    """The row by which the meeting's own office received the directive that ``clause`` carries on; None without."""
    if not clause.refines_key:
        return None
    above = Clause.objects.open().filter(key=clause.refines_key, leads_to_kind="directive").first()
    if above is None:
        return None
    rows = DirectiveRecipient.objects.open().filter(
        directive_key=above.leads_to_key, area_code=meeting.area_code
    )
    return rows.order_by("role", "unit").first()


def _recipients(area_code: str, where: str, role: str) -> Sequence[Mapping[str, str]]:
    if where != BELOW:
        return [{"area_code": area_code, "role": role, "unit": ""}]
    found = offices_below(area_code)
    if not found:
        raise InputError("minutes.no_office_below", area_code=area_code)
    return [{"area_code": each.area_code, "role": each.role, "unit": ""} for each in found]
