"""A directive is drafted: by one person, with its purpose, measures, recipients, deadline and last day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from fangkong.core.areas import contains
from fangkong.core.clock import FAR_FUTURE, civil_day
from fangkong.core.errors import Conflict, Forbidden, InputError, NotFound
from fangkong.core.keys import stable_key
from fangkong.record import audit
from fangkong.record.access import Actor, visible
from fangkong.record.access.actor import roles, roles_that_may
from fangkong.record.installation import installation
from fangkong.record.load import load, revise
from fangkong.record.locking import lock_name
from fangkong.record.models import Area

from ..models import Clause, Directive, DirectiveRecipient
from ..tasks.evidence import evidence_kind
from .restricting import restricts
from .rows import (
    ACKNOWLEDGE,
    DRAFT,
    RUNNING,
    directive_event,
    directive_no_of,
    need_state,
    open_directive,
)

Addressee = Mapping[str, str]


def directive_draft(
    *,
    title: str,
    purpose: str,
    measures: Sequence[Mapping[str, str]],
    area_code: str,
    recipients: Sequence[Addressee],
    due_at: datetime,
    reply_by: datetime | None = None,
    sunset_on: date,
    evidence: str = "",
    proportionality_note: str = "",
    exceptions: Iterable[str] = (),
    legal_basis: Iterable[str] = (),
    clause_key: str = "",
    meeting_key: str = "",
    parent_key: str = "",
    actor: Actor,
    at: datetime,
) -> str:
    """The key of the draft of the office of ``area_code``, made once: the same words again give the same draft.

    ``measures`` are ``{text, evidence_kind}``, with ``clause_key`` where each comes from a clause of its own;
    ``recipients`` are ``{area_code, role, unit}`` inside the office's area. A measure that restricts people needs
    ``proportionality_note``; one that binds a named person is no directive but an order. A draft with
    ``parent_key`` carries on a directive that the office has received.

    Raises Forbidden without ``directive.draft`` in the area; InputError ``directive.title_needed``,
    ``purpose_needed``, ``measure_needed``, ``recipient_needed``, ``recipient_outside``, ``recipient_role``,
    ``due_past``, ``reply_outside``, ``sunset_early``, ``proportionality_needed``, ``later_than_parent``;
    Conflict ``directive.over`` when these very words were withdrawn, done or lapsed before.
    """
    actor.require(DRAFT, area_code)
    row: dict[str, Any] = {
        "title": title.strip(),
        "area_code": area_code,
        "purpose": purpose.strip(),
        "evidence": evidence.strip(),
        "measures": _measures(measures),
        "addressed_to": _recipients(recipients, area_code),
        "proportionality_note": proportionality_note.strip(),
        "exceptions": _lines(exceptions),
        "legal_basis": _lines(legal_basis),
        "due_at": due_at,
        "reply_by": reply_by,
        "sunset_on": sunset_on,
        "clause_key": clause_key,
        "meeting_key": meeting_key,
        "parent_key": parent_key,
    }
    _check(row, actor, at)
    return _write(stable_key("directive", row), row, actor, at)


def directive_redraft(
    directive_key: str,
    *,
    title: str,
    purpose: str,
    measures: Sequence[Mapping[str, str]],
    recipients: Sequence[Addressee],
    due_at: datetime,
    reply_by: datetime | None = None,
    sunset_on: date,
    evidence: str = "",
    proportionality_note: str = "",
    exceptions: Iterable[str] = (),
    legal_basis: Iterable[str] = (),
    seen: str = "",
    actor: Actor,
    at: datetime,
) -> None:
    """The draft says this from now on; what it came of and its number stay. The same words again change nothing.

    Only whoever drafted it may: the second person issues what the first one wrote. ``seen`` is the version that the
    writer read (``known_from``). Raises as :func:`directive_draft`; NotFound ``directive.unknown``, Forbidden
    ``directive.not_your_draft``, Conflict ``directive.wrong_state`` once it is issued or gone, ``directive.changed``
    when it was rewritten in between.
    """
    with audit.writing():
        directive = open_directive(directive_key, actor)
        actor.require(DRAFT, directive.area_code)
        need_state(directive, "draft")
        if directive.drafted_by != actor.key:
            raise Forbidden("directive.not_your_draft", permission=DRAFT, roles=[])
        if seen and directive.known_from.isoformat() != seen:
            raise Conflict("directive.changed", directive_no=directive.directive_no)
        row: dict[str, Any] = {
            "title": title.strip(),
            "purpose": purpose.strip() if not directive.parent_key else directive.purpose,
            "evidence": evidence.strip(),
            "measures": _with_clauses(_measures(measures), directive.measures),
            "addressed_to": _recipients(recipients, directive.area_code),
            "proportionality_note": proportionality_note.strip(),
            "exceptions": _lines(exceptions),
            "legal_basis": _lines(legal_basis) if not directive.parent_key else directive.legal_basis,
            "due_at": due_at,
            "reply_by": reply_by,
            "sunset_on": sunset_on,
        }
        kept = {
            "area_code": directive.area_code,
            "clause_key": directive.clause_key,
            "parent_key": directive.parent_key,
        }
        _check(row | kept, actor, at)
        if any(getattr(directive, name) != value for name, value in row.items()):
            revise(directive, at=at, actor=actor.key, verb="directive.redraft", **row)


def directive_carry_on(
    recipient_key: str,
    *,
    title: str = "",
    measures: Sequence[Mapping[str, str]],
    recipients: Sequence[Addressee],
    due_at: datetime,
    sunset_on: date | None = None,
    reply_by: datetime | None = None,
    evidence: str = "",
    proportionality_note: str = "",
    exceptions: Iterable[str] | None = None,
    actor: Actor,
    at: datetime,
) -> str:
    """The key of the draft by which the recipient's office asks the same of the level below.

    Clause, meeting, purpose and legal basis come from the directive above, whose deadline and last day are its
    limits; title, last day and exceptions too where none are given. Raises NotFound ``directive.unknown``, Forbidden
    outside the recipient's own area, Conflict ``directive.acknowledge_first`` or ``directive.wrong_state``, and
    as :func:`directive_draft`.
    """
    held = DirectiveRecipient.objects.open().filter(key=recipient_key)
    recipient = visible(held, actor).first()
    if recipient is None:
        raise NotFound("directive.unknown", key=recipient_key)
    actor.require(DRAFT, recipient.area_code)
    if recipient.state not in ("acknowledged", "replied"):
        raise Conflict("directive.acknowledge_first", state=recipient.state)
    parent = Directive.objects.get(key=recipient.directive_key, known_to=FAR_FUTURE)
    return directive_draft(
        title=title or parent.title,
        purpose=parent.purpose,
        measures=measures,
        area_code=recipient.area_code,
        recipients=recipients,
        due_at=due_at,
        reply_by=reply_by,
        sunset_on=sunset_on or parent.sunset_on,
        evidence=evidence or parent.evidence,
        proportionality_note=proportionality_note,
        exceptions=parent.exceptions if exceptions is None else exceptions,
        legal_basis=parent.legal_basis,
        clause_key=parent.clause_key,
        meeting_key=parent.meeting_key,
        parent_key=parent.key,
        actor=actor,
        at=at,
    )


def _check(row: Mapping[str, Any], actor: Actor, at: datetime) -> None:
    """Nothing when the words of ``row`` make a directive. Raises as :func:`directive_draft`."""
    _check_words(row)
    _check_times(row["due_at"], row["reply_by"], row["sunset_on"], at)
    texts = [measure["text"] for measure in row["measures"]]
    if not row["proportionality_note"] and restricts(texts, _alarms_of(row["clause_key"])):
        raise InputError("directive.proportionality_needed")
    if row["parent_key"]:
        _check_parent(row["parent_key"], row, actor)


def _with_clauses(
    measures: list[dict[str, Any]], before: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """A measure whose words stayed keeps the clause that it came of."""
    came_of = {each["text"]: each["clause_key"] for each in before if each.get("clause_key")}
    return [
        each | ({"clause_key": came_of[each["text"]]} if each["text"] in came_of else {}) for each in measures
    ]


def _measures(given: Sequence[Mapping[str, str]]) -> list[dict[str, Any]]:
    kept = [measure for measure in given if measure.get("text", "").strip()]
    for measure in kept:
        evidence_kind(measure.get("evidence_kind", ""))
    return [
        {"n": n, "text": measure["text"].strip(), "evidence_kind": measure.get("evidence_kind", "")}
        | ({"clause_key": measure["clause_key"]} if measure.get("clause_key") else {})
        for n, measure in enumerate(kept, start=1)
    ]


def _recipients(given: Sequence[Addressee], area_code: str) -> list[dict[str, str]]:
    """Each office once, in a settled order, so that the order of ticking boxes makes no other directive."""
    found: dict[tuple[str, str, str], dict[str, str]] = {}
    for each in given:
        where, role, unit = each["area_code"], each["role"], each.get("unit", "").strip()
        if not contains(area_code, where):
            raise InputError("directive.recipient_outside", given=where[:24], area_code=area_code)
        able = roles_that_may(ACKNOWLEDGE)
        if role not in roles() or role not in able:
            raise InputError("directive.recipient_role", role=role[:24], roles=able)
        found[where, role, unit] = {"area_code": where, "role": role, "unit": unit}
    areas = {where for where, *_ in found}
    missing = areas - set(Area.objects.open().filter(key__in=areas).values_list("key", flat=True))
    # An office of nowhere would never acknowledge; where no register of areas is kept nobody can say so.
    if missing and Area.objects.open().exists():
        raise InputError("directive.recipient_area_unknown", given=min(missing))
    return [found[key] for key in sorted(found)]


def _check_words(row: Mapping[str, Any]) -> None:
    if not row["title"]:
        raise InputError("directive.title_needed")
    longest = Directive._meta.get_field("title").max_length or 0
    if len(row["title"]) > longest:
        raise InputError("directive.title_long", n=longest)
    if not row["purpose"]:
        raise InputError("directive.purpose_needed")
    if not row["measures"]:
        raise InputError("directive.measure_needed")
    if not row["addressed_to"]:
        raise InputError("directive.recipient_needed")


def _check_times(due_at: datetime, reply_by: datetime | None, sunset_on: date, at: datetime) -> None:
    zone = installation().zone
    if due_at <= at:
        raise InputError("directive.due_past")
    if sunset_on < civil_day(due_at, zone):
        raise InputError("directive.sunset_early", due_on=civil_day(due_at, zone).isoformat())
    if reply_by is not None and (reply_by <= at or civil_day(reply_by, zone) > sunset_on):
        raise InputError("directive.reply_outside")


def _lines(given: Iterable[str]) -> list[str]:
    return [line.strip() for line in given if line.strip()]


def _alarms_of(clause_key: str) -> list[str]:
    if not clause_key:
        return []
    found = Clause.objects.open().filter(key=clause_key).values_list("alarms", flat=True).first()
    return [each if isinstance(each, str) else str(each.get("code", "")) for each in found or []]


def _check_parent(parent_key: str, row: Mapping[str, Any], actor: Actor) -> None:
    """The directive above binds this office, is in force, and is neither later nor longer than it."""
    received = DirectiveRecipient.objects.open().filter(directive_key=parent_key, area_code=row["area_code"])
    parent = Directive.objects.open().filter(key=parent_key).first()
    if parent is None or not visible(received, actor).exists():
        raise NotFound("directive.unknown", key=parent_key)
    if parent.state != "issued":
        raise Conflict("directive.parent_over", directive_no=parent.directive_no, state=parent.state)
    if row["due_at"] > parent.due_at or row["sunset_on"] > parent.sunset_on:
        raise InputError(
            "directive.later_than_parent",
            due_at=parent.due_at.astimezone(installation().zone).strftime("%Y-%m-%d %H:%M"),
            sunset_on=parent.sunset_on.isoformat(),
        )


def _write(key: str, words: Mapping[str, Any], actor: Actor, at: datetime) -> str:
    with audit.writing():
        lock_name("directive", key)
        held = Directive.objects.open().filter(key=key).first()
        if held is not None:
            if held.state not in RUNNING:
                raise Conflict("directive.over", directive_no=held.directive_no, state=held.state)
            return key
        row = {
            "key": key,
            **words,
            "directive_no": directive_no_of(key, words["area_code"], civil_day(at, installation().zone)),
            "issuer_role": actor.role,
            "state": "draft",
            "drafted_by": actor.key,
            "drafted_at": at,
        }
        load(Directive, [row], actor=actor.key, source_key=actor.key, known_from=at)
        audit.note(
            actor=actor.key,
            verb="directive.draft",
            object_kind="directive",
            object_key=key,
            area_code=words["area_code"],
            values=row,
        )
        directive_event(Directive(**row), "drafted", at)
    return key
