"""Why an answer or a plan is what it is, as plain data: the faces put it into words.

Everything returned is made of dicts, lists, texts, numbers and ISO days, so that it can be written as JSON
and shown as a page from one and the same description.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from fangkong.core.areas import HOME_COUNTRY
from fangkong.science.rules.answers import Answer, Conflict, InForce, NoRuleInForce, NotInPack, Question
from fangkong.science.rules.packs import ANY_DISEASE, Coverage, Document, Row, jurisdiction_of, plain
from fangkong.science.rules.plan import Plan, StagePlan
from fangkong.science.rules.resolver import RuleBook, holds
from fangkong.science.rules.transitions import transition_of
from fangkong.science.rules.validation import matches

#: Type of an answer -> its code.
ANSWERS: Mapping[type, str] = {
    InForce: "in_force",
    NoRuleInForce: "no_rule_in_force",
    NotInPack: "not_in_pack",
    Conflict: "conflict",
    Plan: "plan",
}


def explain(answer: Answer | Plan, book: RuleBook | None = None) -> dict[str, Any]:
    """How ``answer`` came about; ``book`` gives the titles of the documents that a coverage rests on.

    Every result has ``answer`` (a code of :data:`ANSWERS`) and ``confidence`` (the lowest mark used, "" when
    no row was). An answer on a key has ``question`` and, as it applies, ``row`` (the deciding one),
    ``ceiling`` (the national row above it), ``passed_over`` (rows with a why-code), ``flags``, ``coverage``
    (the entry that speaks for the silence), ``silent_above``, ``last_row``, ``next_row``, ``missing``,
    ``scopes``, ``rows`` (those that tie) and ``transition``. A plan has ``stages``, ``rules`` (part and row),
    ``unanswered`` (each an explanation), ``release_rule``, ``transfer_within_hours`` and ``total_days``.

    >>> from fangkong.science.rules.resolver import rule_book
    >>> answer = rule_book().resolve("contact.lookback_days", on=date(2021, 10, 20), disease="covid-19")
    >>> said = explain(answer)
    >>> said["answer"], said["row"]["value"], said["ceiling"]
    ('in_force', 2, None)
    """
    if isinstance(answer, Plan):
        return _plan(answer, book)
    data: dict[str, Any] = {
        "answer": ANSWERS[type(answer)],
        "question": _question(answer.asked),
        "confidence": "",
    }
    if isinstance(answer, InForce):
        ceilings = [row for row in answer.used if row.row_id != answer.row.row_id]
        return data | {
            "confidence": answer.confidence,
            "kind": answer.kind,
            "row": row_data(answer.row),
            "ceiling": row_data(ceilings[0]) if ceilings else None,
            "passed_over": [{"why": each.why, "row": row_data(each.row)} for each in answer.others],
            "flags": list(answer.flags),
            "decides_alone": answer.decides_alone,
            "binding": answer.binding,
            "transition": _transition(answer.row),
        }
    if isinstance(answer, Conflict):
        return data | {"rows": [row_data(row) for row in answer.rows]}
    data |= {
        "last_row": row_data(answer.last_row) if answer.last_row else None,
        "next_row": row_data(answer.next_row) if answer.next_row else None,
    }
    if isinstance(answer, NoRuleInForce):
        return data | {"coverage": coverage_data(answer.coverage, book)}
    return data | {
        "missing": list(answer.missing),
        "scopes": [plain(scope) for scope in answer.scopes],
        "silent_above": coverage_data(answer.silent_above, book) if answer.silent_above else None,
    }


def key_rows(book: RuleBook, key: str, *, disease: str, area: str = HOME_COUNTRY) -> tuple[Row, ...]:
    """Every row of ``key`` that may speak of ``disease`` in ``area``, by first day: its timelines.

    Rows for any disease and of the areas above ``area`` are among them.
    """
    place = jurisdiction_of(area)
    found = [
        row
        for pack in book.packs
        if pack.disease in (disease, ANY_DISEASE)
        for row in pack.rows
        if row.key == key and holds(row.jurisdiction, place)
    ]
    return tuple(sorted(found, key=lambda row: (row.effective_from, row.row_id)))


def key_coverage(book: RuleBook, key: str, *, disease: str, area: str = HOME_COUNTRY) -> tuple[Coverage, ...]:
    """Every coverage entry that speaks of ``key`` for ``disease`` in ``area`` or above, by first day."""
    place = jurisdiction_of(area)
    found = [
        entry
        for pack in book.packs
        if pack.disease in (disease, ANY_DISEASE)
        for entry in pack.coverage
        if any(matches(pattern, key) for pattern in entry.keys)
        and any(holds(each, place) for each in entry.areas)
    ]
    return tuple(sorted(found, key=lambda entry: (entry.from_on, entry.pack)))


def row_data(row: Row) -> dict[str, Any]:
    """Every field of ``row`` as plain data; ``effective_to`` is None while it stays in force as far as read."""
    return {
        "rule_row": row.row_id,
        "pack": row.pack,
        "disease": row.disease,
        "jurisdiction": row.jurisdiction,
        "key": row.key,
        "value": plain(row.value),
        "unit": row.unit,
        "scope": plain(row.scope),
        "effective_from": row.effective_from.isoformat(),
        "effective_to": plain(row.effective_to),
        "end_basis": row.end_basis,
        "date_precision": row.date_precision,
        "authority": row.authority,
        "document": document_data(row.document),
        "legal_basis": row.legal_basis,
        "source": list(row.source),
        "confidence": row.confidence,
        "transition": row.transition,
        "transition_rule": plain(row.transition_rule),
        "stricter": plain(row.stricter),
        "note_zh": row.note_zh,
        "note_en": row.note_en,
    }


def document_data(document: Document) -> dict[str, Any]:
    """``document`` as plain data; ``title_en`` is "" where no English title is known."""
    return {
        "id": document.document_id,
        "title_zh": document.title_zh,
        "title_en": document.title_en,
        "number": document.number,
        "issued_by": document.issued_by,
        "issued_on": plain(document.issued_on),
        "confidence": document.confidence,
        "source": list(document.source),
    }


def coverage_data(coverage: Coverage, book: RuleBook | None = None) -> dict[str, Any]:
    """The entry as plain data; its ``basis`` as documents when ``book`` holds the pack, else as their names."""
    documents: Mapping[str, Document] = (
        next((pack.documents for pack in book.packs if pack.name == coverage.pack), {}) if book else {}
    )
    return {
        "pack": coverage.pack,
        "from": coverage.from_on.isoformat(),
        "to": None if coverage.to_on == date.max else coverage.to_on.isoformat(),
        "areas": list(coverage.areas),
        "keys": list(coverage.keys),
        "complete": coverage.complete,
        "basis": [document_data(documents[name]) if name in documents else name for name in coverage.basis],
        "missing": list(coverage.missing),
        "note_en": coverage.note_en,
    }


def stage_data(stage: StagePlan) -> dict[str, Any]:
    """``stage`` as plain data; a day or an end that only a condition gives is None."""
    return {
        "place": stage.place,
        "days": stage.days,
        "first_day": plain(stage.first_day),
        "last_day": plain(stage.last_day),
        "test_days": plain(stage.test_days),
        "choice": stage.choice,
        "not_before": plain(stage.not_before),
    }


def _plan(plan: Plan, book: RuleBook | None) -> dict[str, Any]:
    return {
        "answer": ANSWERS[Plan],
        "situation": {
            "disease": plan.disease,
            "role": plan.role,
            **{name: plain(value) for name, value in plan.situation.items()},
        },
        "on": plan.resolved_on.isoformat(),
        "area": plan.area,
        "day0_on": plain(plan.day0_on),
        "stages": [stage_data(stage) for stage in plan.stages],
        "total_days": plan.total_days,
        "first_day": plain(plan.first_day),
        "last_day": plain(plan.last_day),
        "test_days": plain(plan.test_days),
        "unplaced_tests": [{"place": place, "day": day} for place, day in plan.unplaced_tests],
        "tests_in_window": plain(plan.tests_in_window),
        "release_rule": plain(plan.release_rule),
        "release_key": plan.release_key,
        "specimen": plan.specimen,
        "transfer_within_hours": plan.transfer_within_hours,
        "confidence": plan.confidence if plan.uses else "",
        "decides_alone": plan.decides_alone,
        "to_confirm": [use.rule_row for use in plan.to_confirm],
        "legal_basis": list(plan.legal_basis),
        "documents": [document_data(document) for document in plan.documents],
        "rules": [
            {
                "part": use.part,
                "flags": list(use.flags),
                "row": row_data(use.row),
                "transition": _transition(use.row),
            }
            for use in plan.uses
        ],
        "unanswered": [explain(answer, book) for answer in plan.unanswered],
    }


def _question(asked: Question) -> dict[str, Any]:
    return {
        "key": asked.key,
        "on": asked.on.isoformat(),
        "disease": asked.disease,
        "area": asked.area,
        "facts": {name: plain(value) for name, value in asked.scope},
    }


def _transition(row: Row) -> dict[str, Any]:
    """What the row says of running orders and new cases: its text, and how the machine reads it."""
    read = transition_of(row)
    return {"text": row.transition, "running": read.running, "new_cases": read.new_cases}
