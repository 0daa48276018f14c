"""Protected reports: the list without their texts, one with its text, and what oversight answers."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_POST

from fangkong.core.errors import InputError
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.control.presenting import said
from fangkong.faces.web.gate import desk
from fangkong.faces.web.paging import pager
from fangkong.faces.words.errors import error_text
from fangkong.public import protected_line
from fangkong.record.access import visible
from fangkong.record.models import Order, ProtectedReport, User

PAGE_ROWS = 30


@desk("oversight", protected_line.READ)
@require_GET
def reports(request: HttpRequest) -> HttpResponse:
    """The reports that wait, or all of them: the filter is in the address. No text stands on this page."""
    viewing, show = request.viewing, "all" if request.GET.get("show") == "all" else "open"
    page = protected_line.reports_list(
        actor=viewing.actor,
        at=viewing.at,
        open_only=show == "open",
        limit=PAGE_ROWS,
        after=request.GET.get("after", ""),
    )
    context = {
        "page_title": said("watch.reports"),
        "show": show,
        "rows": [
            {"report": row, "area": area} for row, area in zip(page.rows, areas_of(page.rows), strict=True)
        ],
        "pager": pager(request, page, show=show),
    }
    return render(request, "oversight/reports.html", context)


def areas_of(reports: list[ProtectedReport]) -> list[str]:
    """The names of the areas that the reports name, or that they name none."""
    codes = [report.area_code for report in reports if report.area_code]
    names = area_names(codes) if codes else {}
    return [names.get(report.area_code, "") or said("watch.no_area") for report in reports]


@desk("oversight", protected_line.READ)
@require_GET
def report(request: HttpRequest, key: str) -> HttpResponse:
    """One report with its text; the look is recorded."""
    return _report_page(request, key)


def _report_page(
    request: HttpRequest, key: str, problem: str = "", answer: str = "", status: int = 200
) -> HttpResponse:
    viewing = request.viewing
    found = protected_line.report_read(key, actor=viewing.actor, at=viewing.at)
    named = Order.objects.known_at(viewing.at).filter(key=found.order_key)
    order = visible(named, viewing.actor, at=viewing.at).first() if found.order_key else None
    context: dict[str, Any] = {
        "page_title": said("watch.report"),
        "report": found,
        "area": areas_of([found])[0],
        "order": order,
        "handler": User.objects.filter(key=found.handled_by).values_list("display_name", flat=True).first(),
        "may": not viewing.looking_back and found.state != protected_line.CLOSED,
        "taken": found.handled_by == viewing.actor.key,
        "most": protected_line.MOST_ANSWER,
        "problem": problem,
        "answer": answer,
    }
    return render(request, "oversight/report.html", context, status=status)


@desk("oversight", protected_line.READ)
@require_POST
def step(request: HttpRequest, key: str) -> HttpResponse:
    """The report taken, or answered; the report again. What is missing is said in place."""
    viewing = request.viewing
    viewing.require_live()
    name, answer = request.POST.get("step", ""), request.POST.get("answer", "")
    now = viewing.installation.now()
    try:
        if name == "take":
            protected_line.report_take(key, actor=viewing.actor, at=now)
        elif name == "close":
            protected_line.report_close(key, answer=answer, actor=viewing.actor, at=now)
        else:
            raise InputError("protected.unknown_step")
    except InputError as problem:
        return _report_page(
            request, key, error_text(problem, get_language() or "zh-hans"), answer, status=400
        )
    return redirect("protected_report", key=key)
