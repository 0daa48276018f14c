"""The answers in words: one sentence with its rule rows, and a commute with both ends' rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from fangkong.faces.papers.order_phrases import rule_lines
from fangkong.faces.words import formats
from fangkong.faces.words.catalogue import has_word, word
from fangkong.science.rules.basis import Basis
from fangkong.science.rules.movement.commute_rules import EndRules
from fangkong.science.rules.movement.commuter import CommuteAnswer
from fangkong.science.rules.movement.travellers import Duty, WhatApplies

_HOUR = timedelta(hours=1)


def sentence_in_words(found: WhatApplies, on: date, lang: str) -> dict[str, Any]:
    """``found`` as one sentence, with the rows behind it, what the rules leave open, and its as-of day."""
    clauses = [_clause(duty, lang) for duty in found.duties]
    if found.may_leave is False:
        clauses.append(word("applies.page.may_not_leave", lang))
    return {
        "sentence": word("applies.page.sentence", lang, text=word("applies.page.join", lang).join(clauses)),
        "as_of": word("applies.page.as_of", lang, day=formats.day_full(on, lang)),
        **_basis(found.basis, lang),
    }


def commute_in_words(found: CommuteAnswer, on: date, lang: str) -> dict[str, Any]:
    """``found`` as the page shows it: the answer, the end that binds, both ends' rows, and a refusal's cost."""
    ends = {each.code: each.binding_end for each in found.comparisons}
    cost = ""
    if found.cost is not None:
        cost = word("commute.cost_open", lang)
        if found.cost.possible_on is not None:
            cost = word(
                "commute.cost",
                lang,
                work_days=found.cost.work_days,
                person_days=found.cost.person_days,
                possible_on=formats.day_full(found.cost.possible_on, lang),
            )
    return {
        "answer": word(f"commute.answer.{found.answer}", lang),
        "state": found.answer,
        "binding": _binding(found.binding_end, lang),
        "needs": [
            {
                "text": word(f"commute.need.{need.code}", lang),
                "end": word(f"commute.end.{ends.get(need.code, need.requirement.end)}", lang),
            }
            for need in found.needs
        ],
        "ends": [_end(end, lang) for end in (found.home, found.work)],
        "recognised": word("commute.recognised", lang) if found.recognition.accepted_at_both else "",
        "not_applied": [
            {
                "end": word(f"commute.end.{each.end}", lang),
                "why": word(f"commute.not_applied.{each.why}", lang),
                "rule": rule_lines([each.row.row_id], lang)[0],
            }
            for each in found.not_applied
        ],
        "cost": cost,
        "as_of": word("applies.page.as_of", lang, day=formats.day_full(on, lang)),
        **_basis(found.basis, lang),
    }


def _binding(end: str, lang: str) -> str:
    """The end that decides the answer; of both, that each of them asks for something that is still missing."""
    if end == "both":
        return word("applies.page.binding_both", lang)
    return word(f"commute.end.{end}", lang) if end else ""


def _clause(duty: Duty, lang: str) -> str:
    """The words of one duty; of a regime that a local pack brought, what its row says."""
    if not has_word(duty.code) and duty.row is not None:
        return duty.row.note_en if lang.startswith("en") else duty.row.note_zh
    return word(duty.code, lang, **_shown(duty.params, lang))


def _shown(params: Mapping[str, Any], lang: str) -> dict[str, Any]:
    days = {name: formats.day(date.fromisoformat(params[name]), lang) for name in _DAYS if name in params}
    return {**params, **days}


#: Parameters of duties that are days.
_DAYS = ("first_day", "last_day")


def _end(end: EndRules, lang: str) -> dict[str, Any]:
    return {
        "name": word(f"commute.end.{end.end}", lang),
        "rows": [
            {
                "text": word(f"commute.need.{each.code}", lang),
                "value": _value(each.value, each.code, lang),
                "rule": rule_lines([each.rule_row], lang)[0],
            }
            for each in end.requirements
        ],
        "silent": end.silent,
    }


def _value(value: Any, code: str, lang: str) -> str:
    if isinstance(value, timedelta):
        return word("applies.page.hours", lang, n=value // _HOUR)
    if code == "tests_per_week":
        return word("applies.page.times", lang, n=value)
    if isinstance(value, int) and not isinstance(value, bool):
        return word("applies.page.days", lang, n=value)
    return ""


def _basis(basis: Basis, lang: str) -> dict[str, Any]:
    return {
        "rules": rule_lines(list(basis.rule_rows), lang),
        "open": len(basis.unanswered),
    }
