"""Rules in words: a problem of a pack, a value with its unit, a scope, a place, the document of a row."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from fangkong.faces.words import catalogue
from fangkong.science.rules import Problem, plain

#: Unit of a plain value -> the code that says it with its unit.
_AMOUNTS = {
    unit: f"rules.amount.{unit.lower()}" for unit in ("d", "h", "m", "y", "percent", "count", "rooms", "Ct")
}


def problem_text(problem: Problem, lang: str | None) -> str:
    """What is wrong and what to do, in ``lang``; where it is stands in :func:`problem_place`."""
    code = f"rules.problem.{problem.code}"
    return catalogue.word(
        code, lang, **{name: _said(name, value, lang) for name, value in problem.params.items()}
    )


def problem_place(problem: Problem, lang: str | None) -> str:
    """The file, and the row where there is one."""
    if problem.row is None:
        return problem.pack
    return catalogue.word("cli.rules.place_row", lang, pack=problem.pack, row=str(problem.row))


def _said(name: str, value: Any, lang: str | None) -> str:
    if name == "expected":
        return catalogue.word(f"rules.shape.{value}", lang)
    if name == "scope":
        return scope_text(value, lang)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return catalogue.word("frame.and", lang).join(map(str, value)) or catalogue.word(
            "cli.rules.none", lang
        )
    return str(value)


def scope_text(scope: Mapping[str, Any], lang: str | None) -> str:
    """``person: close contact``; that it is everybody when the scope is empty. Facts without words stay codes."""
    pairs = [
        catalogue.word(
            "rules.scope_pair",
            lang,
            name=_coded("rules.scope", name, lang),
            value=fact_text(name, value, lang),
        )
        for name, value in scope.items()
    ]
    return catalogue.word("frame.and", lang).join(pairs) or catalogue.word("rules.everybody", lang)


def fact_text(name: str, value: Any, lang: str | None) -> str:
    """The word of a fact's value: ``high`` of ``area`` is "high risk"; a code without words as it stands."""
    return _coded(f"rules.fact.{name}", str(value), lang)


def place_text(place: str, lang: str | None) -> str:
    """The word of a place of stay; the code itself where a local pack brought it."""
    return _coded("order.stage", place, lang)


def release_text(release: Any, lang: str | None) -> str:
    """The words of a release condition; a condition without words of its own as it stands in the pack."""
    return _coded("release", release, lang) if isinstance(release, str) else value_text(release, "", lang)


def part_text(part: str, lang: str | None) -> str:
    """What a row gives to a plan: ``test_days`` is "test days"."""
    return _coded("rules.part", part, lang)


def transition_text(transition: Mapping[str, Any], lang: str | None) -> str:
    """What becomes of running orders and which day decides a new case, in words.

    ``transition`` is what ``science.rules.explain`` gives: ``running`` and ``new_cases`` as the machine reads the
    row, and ``text`` in the pack's own words, which are English only and are shown as a quotation.
    """
    parts = {
        name: catalogue.word(f"rules.transition.{name}.{transition[name]}", lang)
        for name in ("running", "new_cases")
    }
    return catalogue.word("rules.transition.both", lang, **parts)


def _coded(prefix: str, value: str, lang: str | None) -> str:
    code = f"{prefix}.{value.lower()}"
    return catalogue.word(code, lang) if catalogue.has_word(code) else value


def value_text(value: Any, unit: str, lang: str | None) -> str:
    """The value of a row: a quantity with its unit, yes or no, stages and test days in words, else as it stands.

    >>> value_text(2, "h", "en"), value_text(True, "bool", "zh"), value_text((), "d", "en")
    ('2 hours', '是', 'nothing')
    """
    if isinstance(value, bool):
        return catalogue.word(f"cli.rules.{'yes' if value else 'no'}", lang)
    if isinstance(value, int | float):
        return catalogue.word(_AMOUNTS[unit], lang, n=value) if unit in _AMOUNTS else f"{value:,}"
    if isinstance(value, str):
        return value
    if isinstance(value, Sequence | Mapping) and not value:
        return catalogue.word("rules.nothing", lang)
    if isinstance(value, Sequence) and all(
        isinstance(e, Mapping) and {"place", "days"} <= set(e) for e in value
    ):
        return " → ".join(
            catalogue.word("order.stage_days", lang, place=place_text(each["place"], lang), n=each["days"])
            for each in value
        )
    if unit == "day" and isinstance(value, Mapping):
        comma = catalogue.word("frame.and", lang)
        return comma.join(f"{place_text(each, lang)} {_days(days)}" for each, days in value.items())
    return json.dumps(plain(value), ensure_ascii=False)


def _days(days: Any) -> str:
    return "/".join(map(str, days)) if isinstance(days, Sequence) else str(days)


def title_text(document: Mapping[str, Any], lang: str | None) -> str:
    """The title of a document as :func:`fangkong.science.rules.explain.document_data` gives it, with its number.

    The Chinese title where no English one is known.
    """
    english = catalogue.language(lang) == "en"
    title = (document["title_en"] or document["title_zh"]) if english else document["title_zh"]
    number = document["number"]
    return f"{title} {number}" if number and number not in title else str(title)
