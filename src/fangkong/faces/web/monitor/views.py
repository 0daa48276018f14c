"""Signals: the list with its clocks, one signal, and its deeds: to verify, to say what was found, to close."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_POST

from fangkong.core.errors import Conflict, FangkongError, Forbidden, InputError
from fangkong.desks.monitor import actions, queries
from fangkong.desks.monitor.outcomes import FINDINGS, outcome_needs, outcomes_of
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.control.presenting import coded, said
from fangkong.faces.web.figures import disease_name
from fangkong.faces.web.gate import desk
from fangkong.faces.web.paging import pager
from fangkong.faces.web.viewing import Viewing
from fangkong.faces.words.errors import error_text
from fangkong.record.access.actor import roles_that_may

from .alarm_steps import alarm_steps
from .alarm_words import alarm_of_page, alarm_sentence
from .clocks import clocks_of
from .subjects import subjects_of

PAGE_ROWS = 30

#: What the list shows: the signals that wait for somebody before those that are done with.
SHOWS = (actions.OPEN, actions.VERIFIED, actions.INVESTIGATED, actions.CLOSED)


@desk("monitor", "signal.read")
@require_GET
def signals(request: HttpRequest) -> HttpResponse:
    """The signals of one state, the latest first, each with what is due next; those to verify come first."""
    return _list_page(request)


def _list_page(request: HttpRequest) -> HttpResponse:
    viewing: Viewing = request.viewing
    counts = queries.signals_count_by_state(actor=viewing.actor, at=viewing.at)
    show = request.GET.get("show", "")
    if show not in SHOWS:
        show = next((state for state in SHOWS if counts.get(state)), actions.OPEN)
    page = queries.signals_in(
        show, actor=viewing.actor, at=viewing.at, limit=PAGE_ROWS, after=request.GET.get("after", "")
    )
    context = {
        "page_title": said("signals.page.title"),
        "show": show,
        "shows": [
            (state, counts.get(state, 0))
            for state in SHOWS
            if counts.get(state) or state in (actions.OPEN, actions.CLOSED)
        ],
        "unclosed": sum(n for state, n in counts.items() if state != actions.CLOSED),
        "rows": _rows(page.rows, viewing),
        "pager": pager(request, page, show=show),
    }
    return render(request, "monitor/signals.html", context)


def _rows(found: list[queries.SignalRow], viewing: Viewing) -> list[dict[str, Any]]:
    areas = area_names([row.area_code for row in found])
    subjects = subjects_of(found, actor=viewing.actor, at=viewing.at)
    clocks = clocks_of(found, actor=viewing.actor, at=viewing.at)
    return [
        {
            "signal": row,
            "kind": coded("signal.kind", row.kind),
            "area": areas[row.area_code],
            "disease": disease_name(row.disease),
            "about": subjects.get(row.key),
            "says": alarm_sentence(row),
            "next": next((clock for clock in clocks[row.key] if clock["runs"]), None),
            "clocks": clocks[row.key],
            "may": _may(viewing, row),
            "outcome": coded("signal.outcome", row.params.get("outcome", ""))
            if row.params.get("outcome")
            else "",
        }
        for row in found
    ]


def _may(viewing: Viewing, row: queries.SignalRow) -> bool:
    """True for whoever may verify or close the signal now, and is not whom it is about."""
    actor = viewing.actor
    return (
        not viewing.looking_back
        and row.state != actions.CLOSED
        and actor.may(actions.PERMISSION)
        and row.params.get("signed_by") != actor.key
    )


@desk("monitor", "signal.read")
@require_GET
def signal(request: HttpRequest, key: str) -> HttpResponse:
    """One signal: what it says, its clocks, its history, and what its reader may do."""
    return _signal_page(request, key)


def _signal_page(
    request: HttpRequest, key: str, problem: str = "", outcome: str = "", status: int = 200
) -> HttpResponse:
    viewing: Viewing = request.viewing
    found = queries.signal_get(key, actor=viewing.actor, at=viewing.at)
    row = _rows([found], viewing)[0]
    history = queries.signal_history(key, actor=viewing.actor, at=viewing.at)
    finding = found.params.get("finding", "")
    context = row | {
        "page_title": row["kind"],
        "outcomes": [(code, said(f"signal.outcome.{code}")) for code in outcomes_of(found.kind)],
        "needs": _needs(found),
        "findings": [(code, said(f"signal.finding.{code}")) for code in FINDINGS],
        "finding": coded("signal.finding", finding) if finding else "",
        "alarm": alarm_of_page(found),
        "steps": alarm_steps(found, history, row["clocks"], viewing.installation.zone),
        "chosen": outcome,
        "history": history,
        "who_may": said("frame.and").join(coded("role", role) for role in roles_that_may(actions.PERMISSION)),
        "about_reader": found.params.get("signed_by") == viewing.actor.key,
        "problem": problem,
    }
    return render(request, "monitor/signal.html", context, status=status)


def _needs(found: queries.SignalRow) -> list[str]:
    """The outcomes that ask for a step which was not taken yet, each with that step."""
    waiting = SHOWS[SHOWS.index(found.state) + 1 :] if found.state in SHOWS else ()
    return [
        said(f"signals.needs.{needed}", outcome=said(f"signal.outcome.{code}"))
        for code in outcomes_of(found.kind)
        if (needed := outcome_needs(found.kind, code)) in waiting and needed
    ]


def _deed(request: HttpRequest, key: str, do: Callable[[dict[str, Any]], None]) -> HttpResponse:
    """The signal again after ``do``; what was refused is said in place."""
    viewing: Viewing = request.viewing
    viewing.require_live()
    try:
        do(viewing.by())
    except (Conflict, Forbidden, InputError) as refused:
        status = 403 if isinstance(refused, Forbidden) else 409 if isinstance(refused, Conflict) else 400
        return _signal_page(request, key, _said(refused), request.POST.get("outcome", ""), status=status)
    return redirect("signal", key=key)


@desk("monitor", "signal.read")
@require_POST
def verify(request: HttpRequest, key: str) -> HttpResponse:
    """The signal is real; from the list the reader goes back to the list."""
    answer = _deed(request, key, lambda by: actions.signal_verify(key, **by))
    if answer.status_code == 302 and request.POST.get("back") == "list":
        return redirect(reverse("signals"))
    return answer


@desk("monitor", "signal.read")
@require_POST
def investigate(request: HttpRequest, key: str) -> HttpResponse:
    """What the investigation of a verified signal found."""
    finding = request.POST.get("finding", "")[:24]
    return _deed(request, key, lambda by: actions.signal_investigate(key, finding=finding, **by))


@desk("monitor", "signal.read")
@require_POST
def close(request: HttpRequest, key: str) -> HttpResponse:
    """The signal closed with the outcome chosen."""
    outcome = request.POST.get("outcome", "")[:24]
    return _deed(request, key, lambda by: actions.signal_close(key, outcome=outcome, **by))


def _said(refused: FangkongError) -> str:
    if refused.code == "signal.unknown_outcome":
        # The general sentence lists codes; here the outcomes stand on the page.
        return said("signals.outcome_needed")
    if refused.code == "signal.unknown_finding":
        return said("signals.finding_needed")
    return error_text(refused, get_language() or "zh-hans")
