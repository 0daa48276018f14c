"""Reads on minutes, by knowledge (``at``) and within the actor's scope."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet

from fangkong.core.errors import NotFound
from fangkong.record.access import Actor, visible
from fangkong.record.models import Document
from fangkong.record.paging import Page, keyset_page

from ..models import Clause, Meeting
from .rows import KINDS, READ, TASK_CLASSES, UNDECIDED
from .voices import Voice, voices


@dataclass(frozen=True)
class Tally:
    """How far the clauses of one text have come: all, those that ask for something, those nobody has decided."""

    clauses: int = 0
    asked: int = 0
    waiting: int = 0


@dataclass
class Shown:
    """One clause as the page shows it, with the headings and repetitions folded under it."""

    clause: Clause
    folded: list[Clause] = field(default_factory=list)


def documents_list(
    *, actor: Actor, at: datetime, kind: str = "", limit: int = 25, after: str = ""
) -> Page[Document]:
    """The minutes and instructions that the actor sees, without their text, the one that came first at first.

    ``kind``: ``minutes`` or ``instruction``. Raises Forbidden without ``meeting.read``.
    """
    rows = _documents(actor, at)
    if kind in KINDS.values():
        rows = rows.filter(kind=kind)
    return keyset_page(rows, "known_from", datetime.fromisoformat, limit=limit, after=after)


def document_get(document_key: str, *, actor: Actor, at: datetime) -> Document:
    """The document as it was known at ``at``, its text with it. Raises NotFound ``minutes.unknown``."""
    found = _with_text(actor, at).filter(key=document_key).first()
    if found is None:
        raise NotFound("minutes.unknown", key=document_key[:96])
    return found


def replaced_by(document_key: str, *, actor: Actor, at: datetime) -> str:
    """The key of the corrected text that took the document's place by ``at``, "" while none has."""
    rows = _documents(actor, at).filter(content__replaces=document_key).order_by("known_from")
    return rows.values_list("key", flat=True).first() or ""


def document_meetings(document_key: str, *, actor: Actor, at: datetime) -> list[Meeting]:
    """The meetings that the text tells of, a follow-on one behind the one it follows."""
    actor.require(READ)
    rows = visible(Meeting.objects.known_at(at), actor).filter(source_document_key=document_key)
    return sorted(rows, key=lambda meeting: (bool(meeting.follows_key), meeting.key))


def document_clauses(document_key: str, *, actor: Actor, at: datetime) -> list[Clause]:
    """Every clause of the text in its order, as known at ``at``; one query."""
    actor.require(READ)
    return list(_clauses(actor, at).filter(document_key=document_key).order_by("position"))


def clause_get(clause_key: str, *, actor: Actor, at: datetime) -> Clause:
    """The clause as it was known at ``at``. Raises NotFound ``minutes.unknown_clause``."""
    actor.require(READ)
    found = _clauses(actor, at).filter(key=clause_key).first()
    if found is None:
        raise NotFound("minutes.unknown_clause", key=clause_key[:96])
    return found


def folded(clauses: Iterable[Clause]) -> list[Shown]:
    """The clauses in order, what repeats another (headings too) folded under that one."""
    ordered = list(clauses)
    shown = {clause.key: Shown(clause) for clause in ordered}
    kept = []
    for clause in ordered:
        above = _first_of(clause, shown)
        if above is not clause and clause.state == UNDECIDED:
            shown[above.key].folded.append(clause)
        else:
            kept.append(shown[clause.key])
    return kept


def _first_of(clause: Clause, shown: dict[str, Shown]) -> Clause:
    """The clause that ``clause`` repeats in the end; itself where it repeats none (or in a ring)."""
    seen, here = {clause.key}, clause
    while here.duplicate_of in shown and here.duplicate_of not in seen:
        seen.add(here.duplicate_of)
        here = shown[here.duplicate_of].clause
    return clause if here.duplicate_of in seen and here.duplicate_of else here


def tallies(keys: Iterable[str], *, actor: Actor, at: datetime) -> dict[str, Tally]:
    """Document -> how far its clauses have come; one query for any number."""
    wanted = list(keys)
    if not wanted:
        return {}
    rows = _clauses(actor, at).filter(document_key__in=wanted).order_by()
    counted = rows.values_list("document_key", "clause_class", "state", "duplicate_of", "is_heading")
    found: dict[str, list[int]] = {key: [0, 0, 0] for key in wanted}
    for document_key, clause_class, state, repeats, heading, n in counted.annotate(n=Count("id")):
        asked = clause_class in TASK_CLASSES and not repeats and not heading
        numbers = found[document_key]
        numbers[0] += n
        numbers[1] += n * asked
        numbers[2] += n * (asked and state == UNDECIDED)
    return {key: Tally(*numbers) for key, numbers in found.items()}


def document_voices(document: Document) -> list[Voice]:
    """What readers wrote below the report: offered to Listening, no clauses."""
    return voices(document.content["text"], int(document.content["report_span"][1]))


def breaks_of(document: Document) -> list[dict[str, Any]]:
    """Where the text breaks off or cannot be read: [{code, quote, span}]."""
    return list(document.content["breaks"])


def _clauses(actor: Actor, at: datetime) -> QuerySet[Clause]:
    return visible(Clause.objects.known_at(at), actor)


def _with_text(actor: Actor, at: datetime) -> QuerySet[Document]:
    actor.require(READ)
    return visible(Document.objects.known_at(at), actor).filter(kind__in=KINDS.values())


def _documents(actor: Actor, at: datetime) -> QuerySet[Document]:
    return _with_text(actor, at).defer("content")
