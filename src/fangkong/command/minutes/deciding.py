"""A clause is confirmed by a person: as a directive's measure, as a standing duty, or as carried by what is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from fangkong.core.clock import civil_day
from fangkong.core.errors import FangkongError, InputError, NotFound
from fangkong.core.killpoints import kill_point
from fangkong.record import audit, events
from fangkong.record.access import Actor, visible
from fangkong.record.installation import installation
from fangkong.record.models import Document, Task

from ..directives.drafting import directive_draft
from ..directives.duties import standing_duty_establish
from ..directives.offices import offices_below
from ..models import Clause, Directive, StandingDuty
from ..tasks.evidence import evidence_kinds
from ..tasks.owners import check_owners
from .capabilities import capabilities
from .proposals import BELOW, OWN, look_again_on
from .rows import (
    CONFIRMED,
    TASK_CLASSES,
    check_seen,
    decided,
    need_undecided,
    open_clauses,
    reason_of,
    write_clauses,
)

DIRECTIVE, STANDING_DUTY = "directive", "standing_duty"

#: What may carry a clause that needs nothing new.
CARRIERS = (DIRECTIVE, STANDING_DUTY, "task", "page")

#: Between what a clause leads to and the clause itself.
LED = kill_point("minutes.clause_led")


@dataclass(frozen=True)
class Decision:
    """What a person decides about clauses; ``where`` is ``own`` (the office of ``area_code``) or ``below`` (each
    office one level under it). Fields that an entry does not need stay empty."""

    as_: str
    owner_role: str
    area_code: str
    owner_key: str = ""
    where: str = OWN
    unit: str = ""
    post: str = ""
    title: str = ""
    purpose: str = ""
    due_at: datetime | None = None
    reply_by: datetime | None = None
    sunset_on: date | None = None
    proportionality_note: str = ""
    exceptions: Sequence[str] = ()
    evidence_kind: str | None = None
    trigger: str = ""
    recurs: str = ""
    measure: str = ""
    starts_on: date | None = None
    review_on: date | None = None
    reason: str = ""
    seen: Mapping[str, str] = field(default_factory=dict)


def clause_confirm(
    key: str,
    *,
    as_: str,
    title: str,
    owner_role: str,
    owner_key: str = "",
    area_code: str,
    due_at: datetime | None = None,
    actor: Actor,
    at: datetime,
    **more: Any,
) -> str:
    """The key of the directive's draft or of the standing duty that the clause led to.

    As :func:`clauses_confirm` for one clause; ``more`` are further fields of :class:`Decision`.
    """
    decision = Decision(
        as_=as_,
        title=title,
        owner_role=owner_role,
        owner_key=owner_key,
        area_code=area_code,
        due_at=due_at,
        **more,
    )
    return clauses_confirm([key], decision, actor=actor, at=at)[0]


def clauses_confirm(
    keys: Sequence[str], decision: Decision, *, together: bool = True, actor: Actor, at: datetime
) -> list[str]:
    """The keys of what the clauses led to, one for each clause in the order given; all of them are written or none.

    ``together``: clauses of one text become one directive with a measure each; a standing duty is always one for
    each clause. A clause that asks for nothing (principle, fact), repeats another or heads others needs a reason.
    The same person sending the same decision again changes nothing.

    Raises InputError ``minutes.unknown_way``, ``minutes.due_needed``, ``minutes.one_owner`` (a duty or a named
    person for many offices), ``minutes.no_office_below``, ``minutes.unreadable``, ``minutes.reason_needed_here``,
    ``minutes.one_text``, and as ``directive_draft``, ``standing_duty_establish`` and ``open_clauses``; Conflict
    ``minutes.clause_decided`` when somebody was faster, ``minutes.clause_changed`` when the form was old.
    """
    _check(decision)
    with audit.writing():
        clauses = open_clauses(keys, actor)
        if any(clause.state == CONFIRMED for clause in clauses):
            return _again(clauses, decision, together, actor, at)
        need_undecided(clauses)
        check_seen(clauses, decision.seen)
        for clause in clauses:
            _check_clause(clause, decision)
        led = _lead(clauses, decision, together, actor, at)
        LED.passed()
        _write(clauses, decision.as_, led, decision, actor, at)
    return led


def clause_link(
    key: str, kind: str, target_key: str, *, reason: str = "", seen: str = "", actor: Actor, at: datetime
) -> None:
    """The clause is carried by what is there already: a directive, standing duty or task, or a desk's page.

    ``target_key`` of a page is the key of its desk. Raises InputError ``minutes.unknown_carrier``, NotFound
    ``minutes.no_such_carrier`` for one that is not there or outside the scope; reasons and conflicts as
    :func:`clauses_confirm`.
    """
    if kind not in CARRIERS:
        raise InputError("minutes.unknown_carrier", given=kind[:24], kinds=list(CARRIERS))
    with audit.writing():
        clauses = open_clauses([key], actor)
        need_undecided(clauses)
        check_seen(clauses, {key: seen} if seen else {})
        decision = Decision(as_=kind, owner_role="", area_code=clauses[0].area_code, reason=reason)
        _check_clause(clauses[0], decision)
        if not _is_there(kind, target_key, actor):
            raise NotFound("minutes.no_such_carrier", key=target_key[:96])
        _write(clauses, kind, [target_key], decision, actor, at)


def asks_reason(clause: Clause) -> bool:
    """True when making work of ``clause`` needs a reason: it asks for nothing, heads others, or repeats one."""
    return clause.clause_class not in TASK_CLASSES or clause.is_heading or bool(clause.duplicate_of)


def _is_there(kind: str, key: str, actor: Actor) -> bool:
    if kind == "page":
        return bool(key) and key in {each.desk for each in capabilities().values()}
    model = {DIRECTIVE: Directive, STANDING_DUTY: StandingDuty, "task": Task}[kind]
    return visible(model.objects.open().filter(key=key), actor).exists()


def _check(decision: Decision) -> None:
    if decision.as_ not in (DIRECTIVE, STANDING_DUTY):
        raise InputError("minutes.unknown_way", given=decision.as_[:24])
    if decision.where == BELOW and (decision.as_ == STANDING_DUTY or decision.owner_key):
        raise InputError("minutes.one_owner")
    if decision.as_ == DIRECTIVE and decision.due_at is None:
        raise InputError("minutes.due_needed")
    if decision.owner_key:
        check_owners([(decision.owner_role, decision.owner_key, decision.area_code)])


def _check_clause(clause: Clause, decision: Decision) -> None:
    if clause.clause_class == "unreadable":
        raise InputError("minutes.unreadable", position=clause.position)
    if asks_reason(clause) and not decision.reason.strip():
        raise InputError(
            "minutes.reason_needed_here", position=clause.position, clause_class=clause.clause_class
        )


def _again(
    clauses: Sequence[Clause], decision: Decision, together: bool, actor: Actor, at: datetime
) -> list[str]:
    """The same keys when this person has decided just so before. Raises Conflict ``minutes.clause_decided`` else."""
    first = next(clause for clause in clauses if clause.state == CONFIRMED)
    if any(clause.state != CONFIRMED or clause.decided_by != actor.key for clause in clauses):
        raise decided(first)
    try:
        led = _lead(clauses, decision, together, actor, at)
    except FangkongError:
        raise decided(first) from None
    if [clause.leads_to_key for clause in clauses] != led:
        # Raised inside the transaction: what was just drafted goes with it.
        raise decided(first)
    return led


def _lead(
    clauses: Sequence[Clause], decision: Decision, together: bool, actor: Actor, at: datetime
) -> list[str]:
    if decision.as_ == STANDING_DUTY:
        return [_duty(clause, decision, actor, at) for clause in clauses]
    if len({clause.document_key for clause in clauses}) > 1:
        raise InputError("minutes.one_text")
    rows = Document.objects.open().filter(key=clauses[0].document_key)
    title = rows.values_list("title", flat=True).get()
    if together:
        return [_directive(clauses, title, decision, actor, at)] * len(clauses)
    return [_directive([clause], title, decision, actor, at) for clause in clauses]


def _directive(clauses: Sequence[Clause], source: str, decision: Decision, actor: Actor, at: datetime) -> str:
    first = clauses[0]
    assert decision.due_at is not None, "checked before"
    due_on = civil_day(decision.due_at, installation().zone)
    return directive_draft(
        title=(decision.title or first.object or first.text)[:200],
        purpose=decision.purpose or source,
        measures=[
            {"text": each.text, "evidence_kind": _proof(each, decision), "clause_key": each.key}
            for each in clauses
        ],
        area_code=first.area_code,
        recipients=_recipients(decision),
        due_at=decision.due_at,
        reply_by=decision.reply_by,
        sunset_on=decision.sunset_on or look_again_on(due_on),
        evidence="\n".join([f"《{source}》", *(each.quote for each in clauses)]),
        proportionality_note=decision.proportionality_note,
        exceptions=decision.exceptions,
        clause_key=first.key,
        meeting_key=first.meeting_key,
        actor=actor,
        at=at,
    )


def _duty(clause: Clause, decision: Decision, actor: Actor, at: datetime) -> str:
    starts_on = decision.starts_on or civil_day(at, installation().zone)
    return standing_duty_establish(
        title=(decision.title or clause.text)[:400],
        area_code=decision.area_code,
        owner_role=decision.owner_role,
        owner_key=decision.owner_key,
        post=decision.post,
        trigger=decision.trigger,
        recurs=decision.recurs,
        measure=decision.measure,
        evidence_kind=_proof(clause, decision),
        starts_on=starts_on,
        review_on=decision.review_on or look_again_on(starts_on),
        clause_key=clause.key,
        meeting_key=clause.meeting_key,
        actor=actor,
        at=at,
    )


def _proof(clause: Clause, decision: Decision) -> str:
    """The proof that the person asks for; what the text was read to want where the person left it so (None)."""
    if decision.evidence_kind is not None:
        return decision.evidence_kind
    return clause.evidence if clause.evidence in evidence_kinds() else ""


def _recipients(decision: Decision) -> list[dict[str, str]]:
    if decision.where != BELOW:
        return [{"area_code": decision.area_code, "role": decision.owner_role, "unit": decision.unit}]
    found = offices_below(decision.area_code)
    if not found:
        raise InputError("minutes.no_office_below", area_code=decision.area_code)
    return [{"area_code": each.area_code, "role": each.role, "unit": ""} for each in found]


def _write(
    clauses: Sequence[Clause], kind: str, led: Sequence[str], decision: Decision, actor: Actor, at: datetime
) -> None:
    given = {
        "role": decision.owner_role,
        "area_code": decision.area_code,
        "where": decision.where,
        "person_key": decision.owner_key,
    }
    changes = [
        {
            "state": CONFIRMED,
            "decided_by": actor.key,
            "decided_at": at,
            "decision_reason": reason_of(decision.reason)
            if decision.reason.strip()
            else clause.decision_reason,
            "leads_to_kind": kind,
            "leads_to_key": key,
            "owner": {**clause.owner, **(given if decision.owner_role else {})},
        }
        for clause, key in zip(clauses, led, strict=True)
    ]
    write_clauses(clauses, changes, verb="clause.confirm", actor=actor, at=at)
    for clause, key in zip(clauses, led, strict=True):
        params = {"leads_to_kind": kind, "leads_to_key": key, "document_key": clause.document_key}
        events.emit("clause.confirmed", clause.key, clause.area_code, at=at, params=params)
