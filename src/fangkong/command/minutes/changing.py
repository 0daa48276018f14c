"""What a person changes about a clause without making work of it: its reading, its place, or that it is set aside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from fangkong.core.clock import FAR_FUTURE
from fangkong.core.errors import Conflict, InputError
from fangkong.record import audit
from fangkong.record.access import Actor
from fangkong.record.locking import locked

from ..models import Clause, Directive, StandingDuty
from .deciding import DIRECTIVE, STANDING_DUTY
from .rows import (
    CLASSES,
    CLAUSE,
    CONFIRMED,
    DOCUMENT,
    MERGED,
    NOT_FOR_US,
    SET_ASIDE,
    TASK_CLASSES,
    UNDECIDED,
    check_seen,
    decided,
    need_undecided,
    open_clauses,
    reason_of,
    write_clauses,
)

#: States in which what a clause led to is over without having been done.
_OVER = {"withdrawn", "lapsed", "ended"}


def clause_edit(
    key: str,
    *,
    text: str | None = None,
    clause_class: str | None = None,
    reason: str = "",
    seen: str = "",
    actor: Actor,
    at: datetime,
) -> None:
    """The reading of the clause as a person corrects it; its quote never changes.

    Calling a decision or standing duty what was read as something else needs a reason. Raises InputError
    ``minutes.text_empty``, ``minutes.unknown_class``, ``minutes.reason_needed``; conflicts as ``clauses_confirm``.
    """
    with audit.writing():
        (clause,) = open_clauses([key], actor)
        need_undecided([clause])
        check_seen([clause], {key: seen} if seen else {})
        changes: dict[str, Any] = {}
        if text is not None and text.strip() != clause.text:
            if not text.strip():
                raise InputError("minutes.text_empty")
            changes["text"] = text.strip()
        if clause_class is not None and clause_class != clause.clause_class:
            if clause_class not in CLASSES:
                raise InputError("minutes.unknown_class", given=clause_class[:24], classes=list(CLASSES))
            changes["clause_class"] = clause_class
            if clause_class in TASK_CLASSES and clause.clause_class not in TASK_CLASSES:
                changes |= {"decision_reason": reason_of(reason), "is_heading": False}
        if changes:
            write_clauses([clause], [changes], verb="clause.edit", actor=actor, at=at)


def clause_set_aside(
    key: str, reason: str, *, not_for_us: bool = False, seen: str = "", actor: Actor, at: datetime
) -> None:
    """The clause opens nothing, with the reason kept; ``not_for_us``: it asks somebody else.

    The same person setting it aside again changes nothing. Raises InputError ``minutes.reason_needed``; conflicts
    as ``clauses_confirm``.
    """
    with audit.writing():
        (clause,) = open_clauses([key], actor)
        why = reason_of(reason)
        same = clause.state == SET_ASIDE and clause.decision_reason == why and clause.decided_by == actor.key
        if same:
            return
        need_undecided([clause])
        check_seen([clause], {key: seen} if seen else {})
        change = {
            "state": SET_ASIDE,
            "decided_by": actor.key,
            "decided_at": at,
            "decision_reason": why,
            "leads_to_kind": NOT_FOR_US if not_for_us else "",
        }
        write_clauses([clause], [change], verb="clause.set_aside", actor=actor, at=at)


def clauses_merge(keys: Sequence[str], into: str, *, actor: Actor, at: datetime) -> None:
    """The clauses say the same as the clause ``into`` of the same text: it stands for them, and nothing is doubled.

    Merging again into the same clause changes nothing. Raises InputError ``minutes.merge_itself`` or
    ``minutes.one_text``; Conflict ``minutes.clause_decided`` for a clause that is decided, or one to merge into
    that is itself merged or set aside.
    """
    if into in keys:
        raise InputError("minutes.merge_itself")
    with audit.writing():
        target, *clauses = open_clauses([into, *keys], actor)
        if not clauses:
            raise InputError("minutes.none_chosen")
        if {clause.document_key for clause in clauses} != {target.document_key}:
            raise InputError("minutes.one_text")
        if target.state in (MERGED, SET_ASIDE):
            raise decided(target)
        fresh = [clause for clause in clauses if (clause.state, clause.leads_to_key) != (MERGED, into)]
        need_undecided(fresh)
        # What was merged into one of these goes with it, so that no clause points at one that stands for nothing.
        behind = Clause.objects.filter(
            leads_to_kind=CLAUSE, leads_to_key__in=[clause.key for clause in fresh], known_to=FAR_FUTURE
        )
        fresh += locked(behind)
        change = {
            "state": MERGED,
            "decided_by": actor.key,
            "decided_at": at,
            "leads_to_kind": CLAUSE,
            "leads_to_key": into,
        }
        if fresh:
            write_clauses(fresh, [change] * len(fresh), verb="clause.merge", actor=actor, at=at)


def clause_reopen(key: str, reason: str, *, actor: Actor, at: datetime) -> None:
    """The clause waits for a decision again: it was set aside or merged, or what it led to is over undone.

    Raises InputError ``minutes.reason_needed``; Conflict ``minutes.still_carried`` when what it led to stands, or
    ``minutes.clause_decided`` when a corrected text has taken its place.
    """
    with audit.writing():
        (clause,) = open_clauses([key], actor)
        why = reason_of(reason)
        if clause.state == UNDECIDED:
            return
        if clause.leads_to_kind == DOCUMENT:
            raise decided(clause)
        if clause.state == CONFIRMED and not _is_over(clause):
            raise Conflict("minutes.still_carried", position=clause.position, kind=clause.leads_to_kind)
        change = {
            "state": UNDECIDED,
            "decided_by": "",
            "decided_at": None,
            "decision_reason": why,
            "leads_to_kind": "",
            "leads_to_key": "",
        }
        write_clauses([clause], [change], verb="clause.reopen", actor=actor, at=at)


def _is_over(clause: Clause) -> bool:
    model = {DIRECTIVE: Directive, STANDING_DUTY: StandingDuty}.get(clause.leads_to_kind)
    if model is None:
        return True
    state = model.objects.filter(key=clause.leads_to_key, known_to=FAR_FUTURE).values_list("state", flat=True)
    return next(iter(state), "ended") in _OVER
