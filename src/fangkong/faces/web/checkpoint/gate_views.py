"""The checkpoint's page: one question, one large answer, what to do next. Nothing typed is shown again."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from fangkong.command.tasks.queries import tasks_open
from fangkong.core.errors import Conflict, FangkongError, Forbidden, InputError, NotFound
from fangkong.desks.control.actions import (
    Answered,
    passage_emergency,
    passage_record,
    passage_refuse,
)
from fangkong.desks.control.gate_answers import COMMUTER, FREIGHT
from fangkong.desks.control.passages import OTHER, RECORD
from fangkong.desks.control.queries import gates_of
from fangkong.faces.papers.order_phrases import rule_lines
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.control.presenting import said
from fangkong.faces.web.gate import desk
from fangkong.faces.web.viewing import Viewing
from fangkong.faces.words import formats
from fangkong.faces.words.catalogue import has_word
from fangkong.faces.words.errors import error_text
from fangkong.record.models import Place, Task
from fangkong.science.rules.movement.medical_gate import emergencies

from .typed import CODES, RESULTS, holder_of, shown_of, typed_of

#: The session remembers at which gate somebody stands.
_GATE = "gate"

#: The kind of place that a journey meets next.
_ON_THE_ROAD = "checkpoint"

ALERT_ROWS = 20

#: Which kind of note the answer stands in.
_NOTE = {"pass": "", "escort": "", "test": "note--wait", "divert": "note--wait"}


@desk("checkpoint", RECORD)
@sensitive_post_parameters("number", "plate")
@require_http_methods(["GET", "HEAD", "POST"])
def gate(request: HttpRequest) -> HttpResponse:
    """The form; posted, the answer stands above it and what was typed is gone."""
    viewing: Viewing = request.viewing
    typed = typed_of(request.POST)
    kind = typed["kind"] or request.GET.get("kind", "")
    kind = kind if kind in (FREIGHT, COMMUTER) else FREIGHT
    act = request.POST.get("act", "")
    answer, problem, status = None, "", 200
    if request.method == "POST":
        try:
            viewing.require_live()
            answer = _answered(viewing, act, kind, typed)
        except NotFound:
            raise
        except FangkongError as refused:
            status = {Forbidden: 403, Conflict: 409}.get(type(refused), 400)
            problem = error_text(refused, get_language() or "zh-hans")
        else:
            request.session[_GATE] = typed["place"]
            typed = typed_of({})
    return render(
        request, "checkpoint/gate.html", _context(request, kind, act, typed, answer, problem), status=status
    )


def _answered(viewing: Viewing, act: str, kind: str, typed: dict[str, str]) -> Answered:
    now = viewing.installation.now()
    shown, holder = shown_of(typed, now), holder_of(typed)
    by: dict[str, Any] = {"actor": viewing.actor, "at": now}
    if act == "emergency":
        return passage_emergency(typed["place"], shown=shown, holder=holder, **by)
    if act == "refused":
        return passage_refuse(
            typed["place"],
            shown=shown,
            holder=holder,
            refused_by=typed["refused_by"],
            reason=typed["reason"],
            **by,
        )
    if act != "check":
        raise InputError("checkpoint.unknown_act")
    return passage_record(
        typed["place"], kind=kind, holder=holder, shown=shown, next_place_key=typed["next"], **by
    )


def _context(
    request: HttpRequest, kind: str, act: str, typed: dict[str, str], answer: Answered | None, problem: str
) -> dict[str, Any]:
    viewing: Viewing = request.viewing
    places = gates_of(actor=viewing.actor, at=viewing.at)
    names = area_names([place.area_code for place in places])
    return {
        "page_title": said("checkpoint.page"),
        "kind": kind,
        "kinds": [(code, said(f"permit.kind.{code}")) for code in (FREIGHT, COMMUTER)],
        "act": act,
        "typed": typed,
        "place": typed["place"] or request.session.get(_GATE, ""),
        "places": [(place.key, _place_name(place, names)) for place in places],
        "next_places": [
            (place.key, _place_name(place, names)) for place in places if place.kind == _ON_THE_ROAD
        ],
        "results": [(code, said(f"checkpoint.result.{code}")) for code in RESULTS],
        "codes": [(code, said(f"checkpoint.code.{code}")) for code in CODES],
        "conditions": [(code, said(f"medical.condition.{code}")) for code in (*emergencies(), OTHER)],
        "answer": answer_in_words(answer) if answer else None,
        "problem": problem,
        "alerts": _alerts_panel(viewing),
        "blocked": viewing.looking_back,
    }


def answer_in_words(answer: Answered) -> dict[str, Any]:
    """The answer as the page shows it: one line, the reasons, what to do next, what not to do, the rows."""
    lang = get_language()
    codes = [code for code in answer.reasons if has_word(code)]
    must_not = answer.details.get("must_not", ()) if answer.answer != "call_help" else ()
    ends = answer.details.get("ends") or {}
    lines = [said(code) for code in codes]
    if answer.test_valid and ends.get("home") and ends.get("work"):
        lines.append(said("commute.recognised"))
    return {
        "state": answer.answer,
        "note": _NOTE.get(answer.answer, "note--stop"),
        "good": answer.answer in ("pass", "escort"),
        "line": said(f"passage.answer.{answer.answer}"),
        "reasons": lines,
        "next": said(f"passage.next.{answer.answer}"),
        "must_not": [said(f"truck.must_not.{code}") for code in must_not],
        "rules": rule_lines(list(answer.rule_rows), lang),
    }


def _place_name(place: Place, names: dict[str, str]) -> str:
    english = (get_language() or "").startswith("en")
    name = place.name_en or place.name_zh if english else place.name_zh
    return said("checkpoint.place", area=names.get(place.area_code, place.area_code), name=name)


def _alerts_panel(viewing: Viewing) -> dict[str, Any]:
    """The context of components/list_panel.html: what this role has to do at its gates."""
    page = tasks_open(actor=viewing.actor, at=viewing.at, mine=True, limit=ALERT_ROWS)
    names = area_names([task.area_code for task in page.rows]) if page.rows else {}
    return {
        "title": said("checkpoint.alerts"),
        "count": page.total,
        "rows": [_alert(task, names, viewing) for task in page.rows],
        "empty": said("checkpoint.alerts_none"),
    }


def _alert(task: Task, names: dict[str, str], viewing: Viewing) -> dict[str, Any]:
    due = task.due_at.astimezone(viewing.installation.zone)
    return {
        "title": said(f"task.kind.{task.kind}"),
        "href": reverse("task", args=[task.key]),
        "note": said(
            "checkpoint.alert_note",
            area=names.get(task.area_code, task.area_code),
            due=formats.moment(due, get_language()),
        ),
        "chip": f"task.state.{task.state}",
    }
