"""Everything that is read from one page of minutes, and its JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .clauses import Clause, clauses
from .files import FileText, bytes_text, file_text
from .meetings import Meeting, meetings
from .page import Report, report


@dataclass(frozen=True)
class Minutes:
    """A page read: the ``report`` in it, its ``meetings``, its ``clauses``; ``file`` where it came from a file.

    Spans are code points of ``source``.
    """

    source: str
    report: Report
    meetings: tuple[Meeting, ...]
    clauses: tuple[Clause, ...]
    file: FileText | None = None

    def as_json(self) -> dict[str, Any]:
        """The shape of ``fangkong minutes read --json``: report_span, meetings, clauses, breaks, title, file."""
        return {
            "report_span": list(self.report.span),
            "title": None if self.report.title is None else self._piece(self.report.title),
            "embedded_furniture": [self._piece(span) for span in self.report.embedded],
            "meetings": [self._meeting(meeting) for meeting in self.meetings],
            "clauses": [_clause(clause) for clause in self.clauses],
            "breaks": [{"code": each.code, **self._piece(each.span)} for each in self.report.breaks],
            "file": None
            if self.file is None
            else {"form": self.file.form, "encoding": self.file.encoding, "text_sha256": self.file.sha256},
        }

    def _piece(self, span: tuple[int, int]) -> dict[str, Any]:
        return {"quote": self.source[slice(*span)], "span": list(span)}

    def _meeting(self, meeting: Meeting) -> dict[str, Any]:
        day = meeting.day
        return {
            "id": meeting.id,
            "date": meeting.date,
            "date_basis": day.basis,
            "month_day": list(day.month_day) if day.month_day else None,
            "body": meeting.body or None,
            "body_on_page": None if meeting.body_span is None else self.source[slice(*meeting.body_span)],
            "number": meeting.number,
            "kind": meeting.kind,
            "follows": meeting.follows,
            "chairs": [{"name": who.name, "post": who.post, "role": who.role} for who in meeting.chairs],
            "venues": list(meeting.venues),
            "reports_heard": list(meeting.heard.subjects),
            "reports_by": list(meeting.heard.by),
            "issuing_level": meeting.level,
            "place": {"name": meeting.place, "basis": meeting.place_basis},
            "span": list(meeting.spans[0]),
            "also_spans": [list(span) for span in meeting.spans[1:]],
        }


def _clause(clause: Clause) -> dict[str, Any]:
    owner, deadline = clause.owner, clause.deadline
    return {
        "id": clause.id,
        "meeting": clause.meeting,
        "quote": clause.quote,
        "span": list(clause.span),
        "text": clause.text,
        "class": clause.kind,
        "owner": None if owner is None else {"name": owner.name, "basis": owner.basis, "level": owner.level},
        "object": clause.object,
        "place": clause.place,
        "time": None if clause.time is None else asdict(clause.time),
        "deadline": None if deadline is None else deadline.value or deadline.word,
        "deadline_detail": None if deadline is None else asdict(deadline),
        "trigger": clause.trigger,
        "evidence": clause.evidence,
        "is_heading": clause.is_heading,
        "duplicate_of": clause.duplicate_of,
        "confidence": clause.confidence,
        "repairs": list(clause.repairs),
        "alarms": list(clause.alarms),
        "why": list(clause.why),
    }


def read(text: str) -> Minutes:
    """The minutes in ``text``: its report, meetings and clauses. Total: any text gives a result, in linear time.

    >>> minutes = read("2月5日，市指挥部召开会议。会议强调，各区要在今天24时前完成排查。")
    >>> minutes.meetings[0].body
    '市指挥部'
    """
    return _read(text, None)


def read_file(path: Path) -> Minutes:
    """The minutes in the file at ``path`` (text, Word, HTML, PDF with text).

    Raises InputError naming the file and what to do, where it cannot be read.
    """
    file = file_text(path)
    return _read(file.text, file)


def read_bytes(content: bytes, name: str) -> Minutes:
    """The minutes in an uploaded file's ``content``; ``name`` stands in its errors. Raises InputError."""
    file = bytes_text(content, name)
    return _read(file.text, file)


def _read(text: str, file: FileText | None) -> Minutes:
    found = report(text)
    held = meetings(found)
    return Minutes(text, found, held, clauses(found, held), file)
