"""One text, clause by clause: read, decided by keyboard, with what is broken, alarming or only proposed said beside."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from fangkong.command.directives.duties import RECURS
from fangkong.command.directives.triggers import triggers
from fangkong.command.minutes import queries
from fangkong.command.minutes.capabilities import capabilities
from fangkong.command.minutes.personal_orders import personal_orders
from fangkong.command.minutes.rows import CLASSES, CONFIRM, TASK_CLASSES
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.control.presenting import people_names, said
from fangkong.faces.web.directives.proofs import evidence_choices
from fangkong.faces.web.gate import desk
from fangkong.faces.web.paging import whole_number
from fangkong.faces.web.viewing import Viewing
from fangkong.record.models import Document

from .presenting import DEEDS, Line, forms_of, line_of
from .typed import habit_due, owners_of

#: Rows on one page; the longest report that was read has fewer.
PAGE_ROWS = 100


@desk("minutes", "meeting.read")
@require_GET
def document(request: HttpRequest, key: str) -> HttpResponse:
    """The clauses in order, the first undecided one open, or the one that the address names."""
    return document_page(request, key)


def document_page(
    request: HttpRequest,
    key: str,
    *,
    deed: str = "",
    at_clause: str = "",
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    """The page; with what was refused (``deed`` of the clause ``at_clause``, or ``bulk``) said in place."""
    viewing: Viewing = request.viewing
    actor, at = viewing.actor, viewing.at
    found = queries.document_get(key, actor=actor, at=at)
    clauses = queries.document_clauses(key, actor=actor, at=at)
    positions = {clause.key: clause.position for clause in clauses}
    shown = queries.folded(clauses)
    current = positions.get(at_clause) or whole_number(request, "at", 0) or _first_open(shown)
    people = people_names(
        [clause.decided_by for clause in clauses] + [str(found.content.get("received_by", ""))]
    )
    lines = [line_of(each, positions, current, people) for each in shown]
    may = actor.may(CONFIRM) and actor.sees(found.area_code) and not viewing.looking_back
    here = next((n for n, line in enumerate(lines) if line.current), 0)
    start = here - here % PAGE_ROWS
    typed = {name: value for name, value in request.POST.items() if isinstance(value, str)}
    voices = queries.document_voices(found)
    context: dict[str, Any] = {
        "page_title": found.title,
        "document": found,
        "area": area_names([found.area_code]).get(found.area_code, found.area_code),
        "received_by": people.get(str(found.content.get("received_by", "")), ""),
        "replaced_by": queries.replaced_by(key, actor=actor, at=at),
        "meetings": queries.document_meetings(key, actor=actor, at=at),
        "breaks": _breaks(found),
        "orders": _orders(found, viewing),
        "lines": lines[start : start + PAGE_ROWS],
        "earlier": lines[start - PAGE_ROWS].href if start else "",
        "later": lines[start + PAGE_ROWS].href if len(lines) > start + PAGE_ROWS else "",
        "counts": _counts(lines),
        "voices": voices,
        "may_listen": actor.may("listening.write") and not viewing.looking_back,
        "may": may,
        "labels": {name: said(f"minutes.{name}") for name in ("quote", "tick")}
        | {"colon": said("frame.colon")},
        "done": request.GET.get("done", "")[:12],
        "problem": problem if deed in ("bulk", "voices") else "",
        "bulk_open": deed == "bulk",
        "bulk": {
            "due_at": habit_due(viewing).astimezone(viewing.installation.zone).strftime("%Y-%m-%dT%H:%M")
        }
        | (typed if deed == "bulk" else {}),
        "chosen": set(request.POST.getlist("clause")) if deed == "bulk" else set(),
    }
    if context["done"] in (*DEEDS, "bulk", "voices"):
        context["toast"] = {"text": said(f"minutes.done.{context['done']}")}
    if may:
        context |= _offers(found.area_code)
        _open_forms(lines, viewing, request, deed, problem, typed)
    return render(request, "minutes/document.html", context, status=status)


def _breaks(document: Document) -> list[dict[str, Any]]:
    """Where the text breaks off or cannot be read, with the line and the character of it, both from 1."""
    text = str(document.content["text"])
    found = []
    for each in queries.breaks_of(document):
        start = int(each["span"][0])
        before = text[:start]
        found.append(each | {"line": before.count("\n") + 1, "place": start - before.rfind("\n")})
    return found


def _orders(document: Document, viewing: Viewing) -> dict[str, Any]:
    """Whether the rules of the text's own day order isolation, and that day; {} without a disease or an area."""
    here = viewing.installation
    if not here.disease or not here.area_code:
        return {}
    day = document.as_of or viewing.day
    return {"code": personal_orders(disease=here.disease, area_code=here.area_code, on=day), "day": day}


def _first_open(shown: list[queries.Shown]) -> int:
    """The place of the first clause that asks for something and that nobody has decided; else of the first."""
    waiting = (
        each.clause.position
        for each in shown
        if each.clause.state == "read" and each.clause.clause_class in (*TASK_CLASSES, "unreadable")
    )
    return next(waiting, shown[0].clause.position)


def _counts(lines: list[Line]) -> dict[str, int]:
    counts = dict.fromkeys(CLASSES, 0)
    for line in lines:
        counts[line.clause.clause_class] += 1
    waiting = sum(line.undecided and line.clause.clause_class in TASK_CLASSES for line in lines)
    asked = sum(counts[name] for name in TASK_CLASSES)
    return counts | {"asked": asked, "waiting": waiting}


def _offers(area_code: str) -> dict[str, Any]:
    return {
        "owners": owners_of(area_code),
        "kinds": evidence_choices(),
        "triggers": list(triggers()),
        "recurs": RECURS,
        "classes": CLASSES,
        "desks": list(dict.fromkeys(each.desk for each in capabilities().values() if each.desk)),
    }


def _open_forms(
    lines: list[Line], viewing: Viewing, request: HttpRequest, deed: str, problem: str, typed: dict[str, str]
) -> None:
    """The forms of the current clause, the one that was refused, asked for or most likely opened."""
    for line in lines:
        if not line.current:
            continue
        refused = bool(problem) and deed in DEEDS
        forms = forms_of(line.clause, viewing, typed if refused else {})
        asked = request.GET.get("do", "")
        wanted = deed if refused else asked if asked in DEEDS else forms["first"]
        line.forms = forms | {
            "open": wanted,
            "asked": asked in DEEDS or refused,
            "problem": problem if refused else "",
        }
