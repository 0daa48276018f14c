"""Minutes or an instruction come in: read once, kept with their meetings and clauses, all of it or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from pathlib import Path

from fangkong import __version__
from fangkong.core.clock import FAR_FUTURE
from fangkong.core.errors import InputError, NotFound
from fangkong.core.keys import stable_key
from fangkong.core.killpoints import kill_point
from fangkong.record import audit, events
from fangkong.record.access import Actor, visible
from fangkong.record.load import Row, load
from fangkong.record.locking import lock_name, locked
from fangkong.record.models import Document
from fangkong.science.minutes import Minutes, read, read_bytes
from fangkong.science.minutes.lexicon import lexicon

from ..models import Clause, Meeting
from .limits import limit
from .rows import (
    CONFIRM,
    DOCUMENT,
    KINDS,
    SET_ASIDE,
    UNDECIDED,
    open_document,
    write_clauses,
)

#: Between the document and its clauses, and before the transaction ends.
DOCUMENT_WRITTEN, CLAUSES_WRITTEN = kill_point("minutes.document"), kill_point("minutes.clauses")

#: Characters that a database or UTF-8 cannot hold: each is shown as a broken one, so that every place stays.
_UNSTORABLE = {0: "\ufffd"} | dict.fromkeys(range(0xD800, 0xE000), "\ufffd")

#: The largest number of a meeting that the record holds.
_LARGEST_NUMBER = 32767


def minutes_receive(
    given: str | bytes | Path,
    *,
    file_name: str = "",
    source: str = "own",
    area_code: str,
    replaces: str = "",
    meeting_key: str = "",
    actor: Actor,
    at: datetime,
) -> str:
    """The key of the document that ``given`` became, with its meetings and clauses; the same text again is the same.

    ``given`` is pasted text, a file's bytes or its path (text, Word, HTML, PDF with text); ``source`` is ``own``
    (minutes of the office's own meeting) or ``superior`` (an instruction). A corrected text names in ``replaces``
    the document whose place it takes: what was decided about a clause of the same words goes on, what nobody has
    decided there is set aside. ``meeting_key`` is the meeting that the office called itself, where there is one.

    Raises Forbidden without ``minutes.confirm`` in the area; InputError ``minutes.unknown_source``,
    ``minutes.text_empty``, ``minutes.pasted_too_long``, ``minutes.no_report``, ``minutes.too_many_clauses``, and
    for files as ``science.minutes.read_bytes``; NotFound ``minutes.unknown`` for a document to replace that is not
    there. Nothing is written then.
    """
    actor.require(CONFIRM, area_code)
    if source not in KINDS:
        raise InputError("minutes.unknown_source", given=source[:24], sources=list(KINDS))
    minutes = _read(given, file_name)
    _check(minutes)
    digest = stable_key("text", minutes.source.replace("\r\n", "\n").strip())
    key = stable_key("document", "minutes", area_code, digest)
    with audit.writing():
        lock_name("minutes", key)
        if Document.objects.open().filter(key=key).exists():
            return key
        before = open_document(replaces, actor) if replaces else None
        _check_meeting(meeting_key, actor)
        document = _document(key, minutes, file_name, source, area_code, replaces, actor)
        load(Document, [document], actor=actor.key, source_key=actor.key, known_from=at)
        DOCUMENT_WRITTEN.passed()
        meetings = _meetings(minutes, key, area_code, meeting_key, actor)
        load(
            Meeting,
            [row for row in meetings if row["key"] != meeting_key],
            actor=actor.key,
            source_key=key,
            known_from=at,
        )
        clauses = _clauses(
            minutes, key, area_code, {row["id"]: row["key"] for row in _ids(minutes, meetings)}
        )
        if before is not None:
            _carry_over(before, key, clauses, actor, at)
        load(Clause, clauses, actor=actor.key, source_key=key, known_from=at)
        CLAUSES_WRITTEN.passed()
        audit.note(
            actor=actor.key,
            verb="minutes.receive",
            object_kind="document",
            object_key=key,
            area_code=area_code,
            values=[minutes.source, replaces],
        )
        params = {
            "by": actor.key,
            "source": source,
            "replaces": replaces,
            "meetings": len(meetings),
            "clauses": len(clauses),
            "asked": sum(clause.is_task for clause in minutes.clauses),
        }
        events.emit("minutes.received", key, area_code, at=at, params=params)
    return key


def _read(given: str | bytes | Path, file_name: str) -> Minutes:
    if isinstance(given, str):
        text = given.replace("\r\n", "\n").translate(_UNSTORABLE)
        if not text.strip():
            raise InputError("minutes.text_empty")
        most = int(lexicon("words/files")["limits"]["characters"])
        if len(text) > most:
            raise InputError("minutes.pasted_too_long", n=len(text), limit=most)
        return read(text)
    name = file_name or (given.name if isinstance(given, Path) else "")
    found = read_bytes(given if isinstance(given, bytes) else _content(given, name), name)
    text = found.source.translate(_UNSTORABLE)
    return found if text == found.source else replace(read(text), file=found.file)


def _content(path: Path, name: str) -> bytes:
    """The file's bytes, looked at only once its size is known to be within the reader's limit."""
    most = int(lexicon("words/files")["limits"]["file_bytes"])
    try:
        size = path.stat().st_size
        if size > most:
            megabytes = size // 10**6
            raise InputError("minutes.file_too_large", file=name, megabytes=megabytes, limit=most // 10**6)
        return path.read_bytes()
    except OSError:
        raise InputError("minutes.file_missing", file=name) from None


def _check(minutes: Minutes) -> None:
    if not minutes.clauses:
        raise InputError("minutes.no_report")
    if len(minutes.clauses) > limit("most_clauses"):
        raise InputError("minutes.too_many_clauses", n=len(minutes.clauses), limit=limit("most_clauses"))


def _check_meeting(meeting_key: str, actor: Actor) -> None:
    if meeting_key and not visible(Meeting.objects.open().filter(key=meeting_key), actor).exists():
        raise NotFound("minutes.unknown_meeting", key=meeting_key[:96])


def _document(
    key: str, minutes: Minutes, file_name: str, source: str, area_code: str, replaces: str, actor: Actor
) -> Row:
    report, first = minutes.report, minutes.meetings[0] if minutes.meetings else None
    seen = minutes.as_json()
    title = report.headline.strip() or (first.body if first else "") or file_name or minutes.clauses[0].text
    return {
        "key": key,
        "kind": KINDS[source],
        "title": " ".join(title.split())[:200],
        "area_code": area_code,
        "as_of": _day(first.date) if first else None,
        "content_hash": seen["file"]["text_sha256"] if seen["file"] else "",
        "content": {
            "text": minutes.source,
            "file_name": file_name[:200],
            "form": seen["file"]["form"] if seen["file"] else "pasted",
            "report_span": seen["report_span"],
            "embedded_furniture": [list(span) for span in report.embedded],
            "breaks": seen["breaks"],
            "issuer": first.body if first and first.kind == "document" else "",
            "read_by": f"fangkong {__version__}",
            "source": source,
            "replaces": replaces,
            "received_by": actor.key,
        },
    }


def _day(iso: str | None) -> date | None:
    return date.fromisoformat(iso) if iso else None


def _ids(minutes: Minutes, meetings: Sequence[Row]) -> list[Row]:
    """Each meeting row with the reader's own id of it."""
    held = [meeting for meeting in minutes.meetings if meeting.kind != "document"]
    return [{"id": meeting.id, "key": row["key"]} for meeting, row in zip(held, meetings, strict=True)]


def _meetings(minutes: Minutes, key: str, area_code: str, own: str, actor: Actor) -> list[Row]:
    """The meetings held, a superior's paper being none; the first is ``own`` where the office called it itself."""
    seen = [each for each in minutes.as_json()["meetings"] if each["kind"] != "document"]
    keys = {each["id"]: stable_key("meeting", key, each["id"]) for each in seen}
    if own and seen:
        keys[seen[0]["id"]] = own
    return [
        {
            "key": keys[each["id"]],
            "body": (each["body"] or "")[:120],
            "number": each["number"] if (each["number"] or 0) <= _LARGEST_NUMBER else None,
            "kind": each["kind"].replace("-", "_"),
            "area_code": area_code,
            "held_on": _day(each["date"]),
            "chairs": [{"name": who["name"], "post": who["post"] or ""} for who in each["chairs"]],
            "venues": [
                {"name": name, "main": n == 0, "expected": None, "present": None}
                for n, name in enumerate(each["venues"])
            ],
            "agenda": [
                {"code": "heard", "title": subject, "by": "、".join(each["reports_by"]), "paper": ""}
                for subject in each["reports_heard"]
            ],
            "follows_key": keys.get(each["follows"], ""),
            "source_document_key": key,
            "state": "held",
            "called_by": actor.key,
        }
        for each in seen
    ]


def _clauses(minutes: Minutes, key: str, area_code: str, meetings: dict[str, str]) -> list[Row]:
    keys = {clause.id: stable_key("clause", key, clause.id) for clause in minutes.clauses}
    return [
        {
            "key": keys[clause.id],
            "document_key": key,
            "meeting_key": meetings.get(clause.meeting or "", ""),
            "area_code": area_code,
            "position": n,
            "span_start": clause.span[0],
            "span_end": clause.span[1],
            "quote": clause.quote,
            "text": clause.text,
            "repairs": list(clause.repairs),
            "clause_class": clause.kind,
            "confidence": clause.confidence,
            "why": list(clause.why),
            "is_heading": clause.is_heading,
            "duplicate_of": keys.get(clause.duplicate_of or "", ""),
            "owner": {} if clause.owner is None else asdict(clause.owner),
            "object": (clause.object or "")[:400],
            "deadline": {} if clause.deadline is None else asdict(clause.deadline),
            "trigger": (clause.trigger or "")[:200],
            "evidence": (clause.evidence or "")[:200],
            "alarms": list(clause.alarms),
            "state": UNDECIDED,
        }
        for n, clause in enumerate(minutes.clauses, start=1)
    ]


#: What a decided clause hands on to the clause of the same words in the corrected text.
_HANDED_ON = (
    "state",
    "decided_by",
    "decided_at",
    "decision_reason",
    "leads_to_kind",
    "leads_to_key",
    "owner",
    "clause_class",
)


def _carry_over(before: Document, key: str, rows: list[Row], actor: Actor, at: datetime) -> None:
    """What was decided about the same words goes on in ``rows``; what nobody decided in the old text is set aside.

    A clause that was merged points at the clause of the old text, so it is read anew.
    """
    old = locked(Clause.objects.filter(document_key=before.key, known_to=FAR_FUTURE).order_by("position"))
    decided = {
        clause.text: clause
        for clause in old
        if clause.state in ("confirmed", "set_aside") and clause.decided_by
    }
    for row in rows:
        if held := decided.pop(row["text"], None):
            row |= {name: getattr(held, name) for name in _HANDED_ON}
    undecided = [clause for clause in old if clause.state == UNDECIDED]
    if undecided:
        change = {
            "state": SET_ASIDE,
            "decided_by": actor.key,
            "decided_at": at,
            "leads_to_kind": DOCUMENT,
            "leads_to_key": key,
        }
        write_clauses(undecided, [change] * len(undecided), verb="clause.set_aside", actor=actor, at=at)
