"""Editions, answers and rows as the rule pages show them: every code in words, every row with its mark."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import get_language

from fangkong.faces.web.control.presenting import said
from fangkong.faces.words import formats, rule_words
from fangkong.faces.words.catalogue import has_word, language
from fangkong.science.rules import Plan, RuleBook
from fangkong.science.rules.diff import Edition
from fangkong.science.rules.explain import document_data, explain, row_data
from fangkong.science.rules.roles import role_table


def edition(found: Edition, today: date, book: RuleBook, area: str) -> dict[str, Any]:
    """One column of the explorer."""
    current = found.from_day <= today and (found.to_day is None or today <= found.to_day)
    shown: dict[str, Any] = {
        "span": span(found.from_day, found.to_day),
        "current": current,
        "documents": [title(document_data(document)) for document in found.documents],
        "plan": None,
        "answer": None,
    }
    if isinstance(found.answer, Plan):
        shown["plan"] = _plan(found.answer, area)
    elif found.answer is not None:
        shown["answer"] = answer(explain(found.answer, book), area)
    return shown


def _plan(plan: Plan, area: str) -> dict[str, Any]:
    lang = get_language()
    tests_known = all(stage.test_days is not None for stage in plan.stages)
    return {
        "total_days": plan.total_days,
        "open_ended": any(stage.last_day is None for stage in plan.stages),
        "stages": [
            {
                "place": rule_words.place_text(stage.place, lang),
                "days": stage.days,
                "span": span(stage.first_day, stage.last_day)
                if stage.first_day
                else said("rules.page.after_release"),
                "choice": stage.choice and coded("rules.choice", stage.choice),
                "tests": None
                if stage.test_days is None
                else [formats.day(day, lang) for day in stage.test_days],
            }
            for stage in plan.stages
        ],
        "test_count": len(plan.test_days),
        "tests_known": tests_known,
        "release": _release(plan),
        "transfer": plan.transfer_within_hours,
        "specimen": plan.specimen and coded("rules.specimen", plan.specimen),
        "mark": plan.confidence if plan.uses else "",
        "decides_alone": plan.decides_alone,
        "unanswered": [
            {
                "key": each.asked.key,
                "part": _part_of(plan, each.asked.key),
                "text": said(f"rules.answer.{explain(each)['answer']}"),
            }
            for each in plan.unanswered
        ],
        "rules": [
            {
                "part": rule_words.part_text(use.part, lang),
                "note": note(row_data(use.row)),
                "mark": use.row.confidence,
                "key": use.row.key,
                "href": key_href(use.row.key, plan.disease, plan.resolved_on, area),
            }
            for use in plan.uses
        ],
        "legal_basis": plan.legal_basis,
    }


def _part_of(plan: Plan, name: str) -> str:
    """What the key ``name`` would have given to the plan, in words."""
    parts = role_table().roles[plan.role].parts
    part = next((part for part, key in parts.items() if key == name), "stages")
    return rule_words.part_text(part, get_language())


def _release(plan: Plan) -> str:
    """The condition in words; where it is a table, the line of its row that is fit for a notice."""
    if isinstance(plan.release_rule, str):
        return rule_words.release_text(plan.release_rule, get_language()) if plan.release_rule else ""
    return next((note(row_data(use.row)) for use in plan.uses if use.part == "release_rule"), "")


def answer(explained: Mapping[str, Any], area: str) -> dict[str, Any]:
    """One explained answer: what it means, the deciding row or the silence with what is near."""
    lang = get_language()
    asked = explained["question"]
    on = date.fromisoformat(asked["on"])
    shown = {
        "kind": explained["answer"],
        "scope": rule_words.scope_text(asked["facts"], lang),
        "row": row(explained["row"]) if "row" in explained else None,
        "ceiling": row(explained["ceiling"]) if explained.get("ceiling") else None,
        "transition": rule_words.transition_text(explained["transition"], lang)
        if "transition" in explained
        else "",
        # The pack's own words are English: a quotation for who reads English, nothing for who does not.
        "transition_source": explained.get("transition", {}).get("text", "")
        if language(lang) == "en"
        else "",
        "flags": [said(f"rules.flag.{flag}") for flag in explained.get("flags", ())],
        "passed_over": [
            row(each["row"]) | {"why": said(f"rules.why.{each['why']}")}
            for each in explained.get("passed_over", ())
        ],
        "ties": [row(each) for each in explained.get("rows", ())],
        "coverage": coverage(explained["coverage"]) if explained.get("coverage") else None,
        "above": coverage(explained["silent_above"]) if explained.get("silent_above") else None,
        "last": row(explained["last_row"]) if explained.get("last_row") else None,
        "next": row(explained["next_row"]) if explained.get("next_row") else None,
        "href": key_href(asked["key"], asked["disease"], on, area),
        "key": asked["key"],
    }
    return shown


def row(data: Mapping[str, Any]) -> dict[str, Any]:
    """One row: when, whom, what, on what basis, how sure."""
    lang = get_language()
    first = date.fromisoformat(data["effective_from"])
    last = date.fromisoformat(data["effective_to"]) if data["effective_to"] else None
    value = data["value"]
    in_words = (
        isinstance(value, bool | int | float)
        or value in ([], {})
        or data["unit"] == "day"
        or data["key"].endswith(".stages")
    )
    return {
        "id": data["rule_row"],
        "span": span(first, last),
        "scope": rule_words.scope_text(data["scope"], lang),
        "value": rule_words.value_text(value, data["unit"], lang) if in_words else "",
        "code": "" if in_words else rule_words.value_text(value, data["unit"], lang),
        "note": note(data),
        "authority": said(f"rules.authority.{data['authority']}"),
        "title": title(data["document"]),
        "basis": data["legal_basis"],
        "mark": data["confidence"],
        "source": data["source"],
    }


def coverage(data: Mapping[str, Any]) -> dict[str, Any]:
    """One entry of what a pack says it holds."""
    last = date.fromisoformat(data["to"]) if data["to"] else None
    titles = [each if isinstance(each, str) else title(each) for each in data["basis"]]
    return {
        "pack": data["pack"],
        "span": span(date.fromisoformat(data["from"]), last),
        "complete": data["complete"],
        "basis": said("frame.and").join(titles),
    }


def note(data: Mapping[str, Any]) -> str:
    """The line of a row that is fit for a notice, in the page's language."""
    return str(data["note_en"] if language(get_language()) == "en" else data["note_zh"])


def title(document: Mapping[str, Any]) -> str:
    """The title of a document with its number; Chinese where no English title is known."""
    return rule_words.title_text(document, get_language())


def span(first: date, last: date | None) -> str:
    """ "2022-06-28 至 2022-11-10", "28 Jun 2022 to 10 Nov 2022"; open at the end without a last day."""
    lang = get_language()
    if last is None:
        return said("cli.rules.row_open", first=_whole(first, lang))
    return said("cli.rules.row_span", first=_whole(first, lang), last=_whole(last, lang))


def _whole(day: date, lang: str | None) -> str:
    return day.isoformat() if language(lang) == "zh" else formats.day_full(day, lang)


def coded(prefix: str, value: str) -> str:
    """The word of a code; the code itself when a local pack brought it."""
    code = f"{prefix}.{value}"
    return said(code) if has_word(code) else value


def key_href(name: str, disease: str, on: date, area: str) -> str:
    """The page of a key as it stands on a day."""
    asked = urlencode({"key": name, "disease": disease, "on": on.isoformat(), "area": area})
    return f"{reverse('rules_key')}?{asked}"
