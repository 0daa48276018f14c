"""A report cut into clauses: what each is, who has to act, on what, until when, and the exact quote.

The report is cut at stops and commas, each comma piece is judged, and neighbours that only make sense together (an aim
with its act, an open frame with what follows, exhortations in a row) become one clause. Between the clauses are only
stops, blanks and the lead-ins ("the meeting stressed"): no overlap, no hole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from .alarms import UNKNOWN_ORGANISATION, alarms
from .classes import AIM, DECISION, DUTY, FACT, OPEN, PRINCIPLE, TASKS, UNREADABLE, Verdict
from .cutting import sentences
from .damage import TRUNCATED
from .damage import UNREADABLE as BROKEN
from .details import Deadline, TimeWord, deadline, evidence, matter, place, time_word, trigger
from .doubles import repeats
from .grouping import Group, cut_off, groups_of
from .meetings import Meeting
from .owners import Owner, suspect
from .page import Report
from .repaired import Repaired
from .tables import is_task_row, row_deadline

#: With a larger share of broken characters nothing is read from a clause.
MOST_BROKEN = 0.3


@dataclass(frozen=True)
class Clause:
    """One clause of a report.

    ``quote`` is exactly ``source[span[0]:span[1]]``; ``text`` is our reading of it (never a citation);
    ``kind``: decision, standing_duty, principle, fact, unreadable (``class`` in JSON); ``owner``: its basis is stated,
    carried_over or implied, the last a proposal to be confirmed; ``deadline``: only where the text has one;
    ``trigger``: the event that opens one task each time; ``evidence``: code of what would show it done;
    ``duplicate_of``: id of the clause that it repeats; ``confidence``: in [0, 1]; ``repairs``, ``alarms``: codes;
    ``why``: the words that decided, each as ``list:word``.
    """

    id: str
    meeting: str | None
    quote: str
    span: tuple[int, int]
    text: str
    kind: str
    owner: Owner | None
    object: str | None
    place: str | None
    time: TimeWord | None
    deadline: Deadline | None
    trigger: str | None
    evidence: str | None
    duplicate_of: str | None
    confidence: float
    is_heading: bool
    repairs: tuple[str, ...]
    alarms: tuple[str, ...]
    why: tuple[str, ...]

    @property
    def is_task(self) -> bool:
        """Whether it is proposed as a directive or standing duty: a decision or duty that repeats no other."""
        return self.kind in TASKS and self.duplicate_of is None and not self.is_heading


def clauses(report: Report, meetings: Sequence[Meeting] = ()) -> tuple[Clause, ...]:
    """The clauses of ``report`` in order. Total: any text gives a result; linear in its length.

    ``meetings`` give each clause its meeting, and its deadlines their year.
    """
    reading = report.text
    groups = [group for sentence in sentences(reading.text) for group in groups_of(sentence, reading)]
    found = [_clause(group, number, reading, meetings) for number, group in enumerate(groups, 1)]
    return _without_doubles(found)


def _without_doubles(found: Sequence[Clause]) -> tuple[Clause, ...]:
    same = repeats([clause.text for clause in found], [clause.is_heading for clause in found])
    result = []
    for clause, other in zip(found, same, strict=True):
        if other is not None:
            kind = found[other].kind if clause.is_heading else clause.kind
            clause = replace(clause, duplicate_of=found[other].id, kind=kind)
        elif clause.is_heading and clause.kind in TASKS:
            # A heading frames what follows; the acts stand in the body.
            clause = replace(clause, kind=PRINCIPLE, owner=None, why=("heading:", *clause.why))
        result.append(clause)
    return tuple(result)


def _clause(group: Group, number: int, reading: Repaired, meetings: Sequence[Meeting]) -> Clause:
    text = reading.text[group.start : group.end]
    span = reading.source_span(group.start, group.end)
    kind = _final_kind(group, text, reading)
    repairs = set(reading.repairs(group.start, group.end))
    if not cut_off(reading, group.start, group.end):
        repairs.discard(TRUNCATED)
    meeting = _meeting_of(span, meetings)
    task = kind in TASKS
    lead = next((item for item in group.pieces if item.verdict.kind == group.kind), group.pieces[0])
    order = reading.text[lead.start + (lead.subject.rest if lead.subject else 0) : lead.piece.end]
    raised = [code for code in alarms(text) if code != UNKNOWN_ORGANISATION or kind != FACT]
    document = any(reason.startswith("document:") for item in group.pieces for reason in item.verdict.why)
    return Clause(
        id=f"C{number:03d}",
        meeting=meeting.id if meeting else None,
        quote=reading.source[span[0] : span[1]],
        span=span,
        text=text,
        kind=kind,
        owner=None
        if kind in (FACT, UNREADABLE) or (group.owner and suspect(group.owner.name))
        else group.owner,
        object=matter(order, _verb_of(lead.verdict)) if kind in (DECISION, DUTY, PRINCIPLE) else None,
        place=place(text) if task else None,
        time=time_word(text) if task else None,
        deadline=(row_deadline(text, _day(meeting)) if is_task_row(text) else deadline(text, _day(meeting)))
        if task
        else None,
        trigger=trigger(text) if task else None,
        evidence=evidence(text, document) if task else None,
        duplicate_of=None,
        confidence=_confidence(group, kind, bool(repairs & {TRUNCATED, "garbled_bytes"})),
        is_heading=group.heading,
        repairs=tuple(sorted(repairs)),
        alarms=tuple(raised) if task or kind == PRINCIPLE else (),
        why=tuple(dict.fromkeys(reason for item in group.pieces for reason in item.verdict.why)),
    )


def _final_kind(group: Group, text: str, reading: Repaired) -> str:
    broken = text.count(BROKEN) > MOST_BROKEN * len(text)
    told = group.kind == FACT and any(item.verdict.kind == FACT for item in group.pieces)
    if broken or (not told and cut_off(reading, group.start, group.end)):
        return UNREADABLE
    return group.kind


def _verb_of(verdict: Verdict) -> str:
    for reason in verdict.why:
        name, _, word = reason.partition(":")
        if name in ("finish", "continue", "exhort"):
            return word
    return ""


def _meeting_of(span: tuple[int, int], meetings: Sequence[Meeting]) -> Meeting | None:
    best: tuple[int, Meeting] | None = None
    for meeting in meetings:
        for start, end in meeting.spans:
            if start < span[1] and end > span[0] and (best is None or end - start < best[0]):
                best = end - start, meeting
    return best[1] if best else None


def _day(meeting: Meeting | None) -> date | None:
    return meeting.day.day if meeting else None


def _confidence(group: Group, kind: str, damaged: bool) -> float:
    """How sure the class is: by the distance of the two scores, lower where a decision and a duty lie close."""
    margins = [abs(item.verdict.task - item.verdict.principle) for item in group.pieces]
    narrated = any(item.verdict.narrated for item in group.pieces)
    value = 0.95 if narrated and kind == FACT else 0.55 + min(0.4, 0.12 * max(margins, default=0.0))
    finishing = max((item.verdict.finishing for item in group.pieces), default=0.0)
    if kind in TASKS and 1.0 <= finishing < 2.6:
        value -= 0.1
    if damaged or all(item.verdict.kind in (OPEN, AIM) for item in group.pieces):
        value -= 0.2
    return round(max(0.1, value), 2)
