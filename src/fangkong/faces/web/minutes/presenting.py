"""One clause as the page shows it: quote beside reading, class with why, owner with basis, what it led to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language

from fangkong.command.directives.restricting import restricts
from fangkong.command.minutes.deciding import DIRECTIVE, STANDING_DUTY, asks_reason
from fangkong.command.minutes.proposals import (
    BELOW,
    OWN,
    Offered,
    look_again_on,
    named_office,
    offered,
    without_year,
)
from fangkong.command.minutes.queries import Shown
from fangkong.command.minutes.rows import CLAUSE, DOCUMENT, UNDECIDED
from fangkong.command.models import Clause
from fangkong.faces.web.control.presenting import said
from fangkong.faces.web.viewing import Viewing
from fangkong.faces.words import formats
from fangkong.faces.words.catalogue import has_word
from fangkong.record.installation import installation

from .typed import habit_due

#: What may be done to a clause -> its key on the keyboard.
DEEDS = {"confirm": "c", "duty": "d", "set_aside": "x", "merge": "m", "edit": "e", "link": "l", "reopen": "o"}


@dataclass(frozen=True)
class Fact:
    """One thing said of a clause; ``note`` beside it, ``warn`` when it is only a proposal."""

    label: str
    value: str
    note: str = ""
    warn: bool = False


@dataclass
class Line:
    """One row of the page."""

    clause: Clause
    href: str
    folded: list[Clause]
    #: How sure the class is, and the words that decided it.
    sure: str
    why: str
    #: What the text says of owner, object, deadline, trigger and proof, and why somebody decided as they did.
    facts: list[Fact]
    #: Who decided, and when.
    decided: str
    alarms: list[str]
    repairs: list[str]
    led: dict[str, str]
    undecided: bool
    #: Asks for something, and nobody has decided: may be one of many confirmed at once.
    asks: bool
    current: bool = False
    forms: dict[str, Any] = field(default_factory=dict)


def line_of(shown: Shown, positions: dict[str, int], current: int, people: Mapping[str, str]) -> Line:
    """The row of a clause; ``positions``: key -> place of every clause of the text; ``people``: key -> name."""
    clause = shown.clause
    sure = said("minutes.sure", percent=round(clause.confidence * 100))
    return Line(
        clause=clause,
        href=f"?at={clause.position}#c{clause.position}",
        folded=shown.folded,
        sure=sure,
        why=said("frame.and").join(why_of(clause)) or said("minutes.why_none"),
        facts=list(_facts(clause)),
        decided=_decided(clause, people),
        alarms=[code for code in clause.alarms if has_word(f"minutes.alarm.{code}")],
        repairs=[code for code in clause.repairs if has_word(f"minutes.repair.{code}")],
        led=led_of(clause, positions),
        undecided=clause.state == UNDECIDED,
        asks=clause.state == UNDECIDED and not asks_reason(clause),
        current=clause.position == current,
    )


def _facts(clause: Clause) -> Iterator[Fact]:
    if name := clause.owner.get("name"):
        basis = str(clause.owner.get("basis", ""))
        note = said(f"minutes.owner_basis.{basis}") if basis else ""
        yield Fact(said("minutes.field.owner"), name, note, basis == "implied")
    if clause.object:
        yield Fact(said("minutes.field.object"), clause.object)
    if word := clause.deadline.get("word"):
        yield Fact(said("minutes.field.deadline"), word)
    if clause.trigger:
        yield Fact(said("minutes.field.trigger"), clause.trigger)
    if clause.evidence and has_word(f"task.evidence.{clause.evidence}"):
        yield Fact(said("minutes.field.proof"), said(f"task.evidence.{clause.evidence}"))
    if clause.decision_reason:
        yield Fact(said("confirm.reason"), clause.decision_reason)


def _decided(clause: Clause, people: Mapping[str, str]) -> str:
    if not clause.decided_by or clause.decided_at is None:
        return ""
    local = clause.decided_at.astimezone(installation().zone)
    moment = f"{formats.day(local.date(), get_language())} {formats.time(local)}"
    return said("minutes.decided", who=people.get(clause.decided_by, ""), at=moment)


def why_of(clause: Clause) -> list[str]:
    """The words that decided the class, each with what it was taken for; a list without a name shows its word alone."""
    found = []
    for reason in clause.why:
        name, _, word = str(reason).partition(":")
        code = f"minutes.why.{name}"
        label = said(code) if has_word(code) else ""
        found.append(said("minutes.why", label=label, word=word) if label and word else label or word)
    return [text for text in dict.fromkeys(found) if text]


def led_of(clause: Clause, positions: dict[str, int]) -> dict[str, str]:
    """What the clause led to: ``text`` and ``href`` ("" where there is no page), {} while it led to nothing."""
    kind, key = clause.leads_to_kind, clause.leads_to_key
    if not kind:
        return {}
    if kind == CLAUSE:
        n = positions.get(key, 0)
        return {"text": said("minutes.led.clause", n=n), "href": f"?at={n}#c{n}"}
    pages = {
        DIRECTIVE: "directive",
        STANDING_DUTY: "standing_duty",
        "task": "task",
        DOCUMENT: "minutes_document",
    }
    text = said(f"minutes.led.{kind}")
    if kind == "page":
        text += said("frame.colon") + said(f"frame.desk.{key}")
    return {"text": text, "href": reverse(pages[kind], args=[key]) if kind in pages else ""}


def forms_of(clause: Clause, viewing: Viewing, typed: dict[str, str]) -> dict[str, Any]:
    """What the forms of the clause begin with: what its words propose, or what was ``typed`` before a refusal."""
    zone = installation().zone
    found = offered(clause)
    stated = found.due_at if found.due_at and found.due_at > viewing.at else None
    due = stated or habit_due(viewing)
    duty = clause.clause_class == STANDING_DUTY
    begins = {
        "owner": _owner_value(found, clause),
        "due_at": due.astimezone(zone).strftime("%Y-%m-%dT%H:%M"),
        "title": clause.text[:200],
        "evidence_kind": found.evidence_kind,
        "opens": found.trigger or found.recurs,
        "measure": _measure(clause, found),
        "review_on": look_again_on(viewing.day).isoformat(),
        "sunset_on": look_again_on(viewing.day + timedelta(days=1)).isoformat(),
        "text": clause.text,
        "clause_class": clause.clause_class,
        "reason": "",
        "proportionality_note": "",
        "into": "",
        "target": "",
    }
    return {
        "typed": begins | typed,
        "stated": stated is not None,
        "year_open": stated is not None and without_year(clause),
        "past": bool(found.due_at) and stated is None,
        "offered": found,
        "basis": found.owner_basis,
        "asks_reason": asks_reason(clause),
        "restricts": restricts([clause.text], clause.alarms),
        "first": "duty" if duty else "confirm" if clause.clause_class == "decision" else "set_aside",
        "seen": clause.known_from.isoformat(),
    }


def _owner_value(found: Offered, clause: Clause) -> str:
    """The choice that the form begins with: the one office that is named, else what the name usually means."""
    if office := named_office(clause):
        return f"at|{office.area_code}|{office.role}"
    if not found.owner_role:
        return ""
    return BELOW if found.owner_where == BELOW else f"{OWN}|{found.owner_role}"


def _measure(clause: Clause, found: Offered) -> str:
    """How one sees that the duty is kept, offered in words that a person may change."""
    if not found.evidence_kind:
        return ""
    proof = said(f"task.evidence.{found.evidence_kind}")
    return said("minutes.measure_offered", proof=proof, object=clause.object or clause.text)[:200]
