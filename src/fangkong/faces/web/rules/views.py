"""One situation under every edition side by side; one key with its answers and its timeline."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from fangkong.core.areas import HOME_COUNTRY
from fangkong.core.errors import InputError
from fangkong.desks.control.rulebook import rulebook
from fangkong.faces.web.control.presenting import said
from fangkong.faces.web.gate import desk
from fangkong.faces.words.errors import error_text
from fangkong.science.rules import RuleBook, plain
from fangkong.science.rules.diff import plan_timeline
from fangkong.science.rules.explain import coverage_data, explain, key_coverage, key_rows, row_data
from fangkong.science.rules.packs import Table
from fangkong.science.rules.roles import role_table

from . import choices, presenting


@desk("rules", "order.read")
@require_GET
def explorer(request: HttpRequest) -> HttpResponse:
    """One person's situation under every edition: a column for each stretch of days with one outcome."""
    book, viewing = rulebook(), request.viewing
    asked, roles = request.GET, role_table().roles
    disease = asked.get("disease", "") or viewing.installation.disease
    role = roles.get(asked.get("role", "")) or next(iter(roles.values()))
    area = asked.get("area", "") or viewing.installation.area_code or HOME_COUNTRY
    anchor, problem = _day(asked.get("day", ""), viewing.day)
    facts = choices.fact_options(book, role, disease, asked.dict())
    situation = {
        "disease": disease,
        "role": role.name,
        # Whichever event the rows of an edition count from, it is the day that was given.
        **dict.fromkeys(role.day0, anchor),
        **{fact["name"]: fact["chosen"] for fact in facts if fact["chosen"]},
    }
    editions: list[dict[str, Any]] = []
    if not problem:
        try:
            found = plan_timeline(book, situation, area=area)
            editions = [presenting.edition(each, viewing.day, book, area) for each in found]
        except InputError as error:
            problem = error_text(error, get_language())
    context = {
        "page_title": said("rules.page.title"),
        "diseases": choices.diseases(book, disease),
        "roles": choices.role_options(role.name),
        "areas": choices.areas(book, viewing.installation.area_code, area),
        "facts": facts,
        "day": anchor,
        "day_label": said("frame.and").join(said(f"rules.date.{name}") for name in role.day0),
        "editions": editions,
        "problem": problem,
    }
    return render(request, "rules/explorer.html", context, status=400 if problem else 200)


@desk("rules", "order.read")
@require_GET
def key(request: HttpRequest) -> HttpResponse:
    """One key: the answer on a day for each kind of person, place or thing, and every row with its dates."""
    book, viewing = rulebook(), request.viewing
    asked = request.GET
    disease = asked.get("disease", "") or viewing.installation.disease
    area = asked.get("area", "") or viewing.installation.area_code or HOME_COUNTRY
    on, problem = _day(asked.get("on", ""), viewing.day)
    name = asked.get("key", "")
    answers: list[dict[str, Any]] = []
    if name and not problem:
        try:
            answers = _answers(book, name, disease, on, area)
        except InputError as error:
            problem = error_text(error, get_language())
    rows = key_rows(book, name, disease=disease, area=area) if answers else ()
    entries = key_coverage(book, name, disease=disease, area=area) if answers else ()
    context = {
        "page_title": said("rules.page.key_title"),
        "key": name,
        "kind": book.keys[name].kind if name in book.keys else "",
        "diseases": choices.diseases(book, disease, every=True),
        "areas": choices.areas(book, viewing.installation.area_code, area),
        "keys": choices.keys(book, name, disease),
        "on": on,
        "answers": answers,
        "rows": [presenting.row(row_data(row)) | {"current": row.in_force(on)} for row in rows],
        "coverage": [presenting.coverage(coverage_data(entry, book)) for entry in entries],
        "problem": problem,
    }
    return render(request, "rules/key.html", context, status=400 if problem else 200)


def _answers(book: RuleBook, name: str, disease: str, on: date, area: str) -> list[dict[str, Any]]:
    """The answer for every scope that rows of the key have; one for everybody where there is no row."""
    rows = key_rows(book, name, disease=disease, area=area)
    scopes = list(dict.fromkeys(row.scope for row in rows)) or [Table({})]
    return [
        presenting.answer(
            explain(book.resolve(name, on=on, disease=disease, area=area, scope=plain(scope)), book), area
        )
        for scope in scopes
    ]


def _day(given: str, otherwise: date) -> tuple[date, str]:
    """The day asked for, and what is wrong with it."""
    try:
        return (date.fromisoformat(given) if given else otherwise), ""
    except ValueError:
        return otherwise, said("rules.page.bad_day", given=given[:20])
