"""The rows of minutes: permissions, kinds, states, how an open clause is found and locked, how changes are written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from fangkong.core.clock import FAR_FUTURE
from fangkong.core.errors import Conflict, InputError, NotFound
from fangkong.record import audit
from fangkong.record.access import Actor, visible
from fangkong.record.load import fact_of, load
from fangkong.record.locking import locked
from fangkong.record.models import Document

from ..models import Clause
from .limits import limit

READ, CONFIRM = "meeting.read", "minutes.confirm"

#: Where the text comes from -> the kind of its document.
KINDS = {"own": "minutes", "superior": "instruction"}

#: Classes that ask somebody to do something.
TASK_CLASSES = ("decision", "standing_duty")
CLASSES = (*TASK_CLASSES, "principle", "fact", "unreadable")

#: States of a clause.
UNDECIDED, CONFIRMED, MERGED, SET_ASIDE = "read", "confirmed", "merged", "set_aside"

#: What a clause may lead to beside what the directives' room makes of it.
NOT_FOR_US, CLAUSE, DOCUMENT = "not_for_us", "clause", "document"

#: The longest reason that is kept.
_REASON_LENGTH = 400


def open_document(document_key: str, actor: Actor) -> Document:
    """The open version of minutes or an instruction in the actor's area, without its text.

    Raises NotFound ``minutes.unknown``, also outside the actor's scope.
    """
    rows = Document.objects.open().filter(key=document_key, kind__in=KINDS.values()).defer("content")
    found = visible(rows, actor).first()
    if found is None:
        raise NotFound("minutes.unknown", key=document_key[:96])
    return found


def open_clauses(keys: Sequence[str], actor: Actor) -> list[Clause]:
    """The open versions of the clauses in the order given, locked where the engine locks rows.

    Raises InputError ``minutes.none_chosen`` or ``minutes.too_many_at_once``, NotFound ``minutes.unknown_clause``
    for one that is not there or outside the scope, Forbidden without ``minutes.confirm`` in its area.
    """
    wanted = list(dict.fromkeys(keys))
    if not wanted:
        raise InputError("minutes.none_chosen")
    if len(wanted) > limit("most_at_once"):
        raise InputError("minutes.too_many_at_once", n=len(wanted), limit=limit("most_at_once"))
    actor.require(CONFIRM)
    rows = Clause.objects.filter(key__in=wanted, known_to=FAR_FUTURE).order_by("key")
    found = {clause.key: clause for clause in locked(visible(rows, actor))}
    for key in wanted:
        if key not in found:
            raise NotFound("minutes.unknown_clause", key=key[:96])
    return [found[key] for key in wanted]


def check_seen(clauses: Iterable[Clause], seen: Mapping[str, str]) -> None:
    """Nothing when each clause is as it stood on the form. Raises Conflict ``minutes.clause_changed``.

    ``seen``: key -> the instant (ISO) since when what was shown is known; a clause that is not in it is not checked.
    """
    for clause in clauses:
        if clause.key in seen and seen[clause.key] != clause.known_from.isoformat():
            raise Conflict("minutes.clause_changed", position=clause.position)


def need_undecided(clauses: Iterable[Clause]) -> None:
    """Nothing when nobody has decided them. Raises Conflict ``minutes.clause_decided`` naming place and state."""
    for clause in clauses:
        if clause.state != UNDECIDED:
            raise decided(clause)


def decided(clause: Clause) -> Conflict:
    """The refusal for a clause that somebody has decided already."""
    return Conflict("minutes.clause_decided", position=clause.position, clause_state=clause.state)


def reason_of(text: str) -> str:
    """The reason as it is kept. Raises InputError ``minutes.reason_needed`` for an empty one."""
    if not text.strip():
        raise InputError("minutes.reason_needed")
    return text.strip()[:_REASON_LENGTH]


def write_clauses(
    clauses: Sequence[Clause], changes: Sequence[Mapping[str, Any]], *, verb: str, actor: Actor, at: datetime
) -> None:
    """New versions of ``clauses`` with ``changes`` each, in one load, and one audit row for each clause.

    Two changes in one instant cannot both be the truth since then: the later is moved on by a microsecond.
    """
    latest = max(clause.known_from for clause in clauses)
    since = max(at, latest + timedelta(microseconds=1))
    rows = [fact_of(clause) | dict(change) for clause, change in zip(clauses, changes, strict=True)]
    load(Clause, rows, actor=actor.key, source_key=actor.key, known_from=since)
    for clause, change in zip(clauses, changes, strict=True):
        audit.note(
            actor=actor.key,
            verb=verb,
            object_kind="clause",
            object_key=clause.key,
            area_code=clause.area_code,
            values=change,
        )
