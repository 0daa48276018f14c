"""The situation report as a page, a PDF, a Word file and open figures; and its signature."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_POST, require_safe

from fangkong.command.reports import day_pack, figures_json, report_current, report_get, report_sign
from fangkong.core.errors import InputError, NotFound
from fangkong.desks.assess import queries as assess
from fangkong.faces.papers import day_pack_pdf, paper_view, situation_docx, situation_pdf
from fangkong.faces.web.control.presenting import said
from fangkong.faces.web.gate import desk
from fangkong.faces.web.viewing import Viewing
from fangkong.record.access import visible
from fangkong.record.models import Document

#: Earlier reports listed beside the paper.
PAST_ROWS = 14
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@desk("command", "report.read")
@require_safe
def latest(request: HttpRequest) -> HttpResponse:
    """The report of the last closed day."""
    viewing: Viewing = request.viewing
    return _page(request, viewing.through)


@desk("command", "report.read")
@require_safe
def report(request: HttpRequest, day: date) -> HttpResponse:
    """The report of one day, as it is known at the viewer's knowledge instant."""
    return _page(request, day)


def _content(viewing: Viewing, day: date) -> dict[str, Any]:
    """The issued report of ``day``, else a draft of it. Raises InputError for a day still to come."""
    if day > viewing.day:
        raise InputError("report.future_day", as_of=day.isoformat(), today=viewing.day.isoformat())
    try:
        return report_get(day, actor=viewing.actor, at=viewing.at)
    except NotFound:
        return report_current(day, actor=viewing.actor, at=viewing.at)


def _page(request: HttpRequest, day: date) -> HttpResponse:
    viewing: Viewing = request.viewing
    context: dict[str, Any] = {"page_title": said("report.title"), "day": day}
    if assess.subject_default(actor=viewing.actor, at=viewing.at) is None:
        return render(request, "report/report.html", context | {"empty": True})
    content = _content(viewing, day)
    issue = content.get("issue")
    may = viewing.actor.may("report.sign") and viewing.actor.sees(content["area"]["code"])
    context |= {
        "paper": paper_view(content, get_language() or ""),
        "issue": issue,
        "may_sign": bool(issue and not issue["signed_by"] and may and not viewing.looking_back),
        "may_figures": viewing.actor.may("daily.read"),
        "past": _past(viewing, content["area"]["code"], content["disease"]),
    }
    return render(request, "report/report.html", context)


def _past(viewing: Viewing, area_code: str, disease: str) -> list[dict[str, Any]]:
    """The issued reports known to the viewer, the latest day first."""
    rows = visible(Document.objects.known_at(viewing.at), viewing.actor, at=viewing.at).filter(
        kind="situation_report", area_code=area_code, content__disease=disease, as_of__lte=viewing.day
    )
    return [
        {"day": as_of, "href": reverse("report_day", args=[as_of]), "signed": bool(signed)}
        for as_of, signed in rows.order_by("-as_of").values_list("as_of", "signed_by")[:PAST_ROWS]
        if as_of is not None
    ]


@desk("command", "report.read")
@require_safe
def pdf(request: HttpRequest, day: date) -> HttpResponse:
    """The report as PDF in the page's language."""
    content = _content(request.viewing, day)
    return _file(situation_pdf(content, get_language() or ""), "application/pdf", day, "pdf")


@desk("command", "report.read")
@require_safe
def docx(request: HttpRequest, day: date) -> HttpResponse:
    """The report as a Word file in the page's language."""
    content = _content(request.viewing, day)
    return _file(situation_docx(content, get_language() or ""), DOCX, day, "docx")


@desk("command", "daily.read")
@require_safe
def figures(request: HttpRequest, day: date) -> HttpResponse:
    """The open figures of the day as JSON: codes and numbers, the same in every language."""
    viewing: Viewing = request.viewing
    if day > viewing.day:
        raise InputError("report.future_day", as_of=day.isoformat(), today=viewing.day.isoformat())
    text = json.dumps(figures_json(day, actor=viewing.actor), ensure_ascii=False, indent=1)
    return _file(text.encode(), "application/json; charset=utf-8", day, "json")


def _file(body: bytes, kind: str, day: date, ending: str) -> HttpResponse:
    response = HttpResponse(body, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="situation-report-{day.isoformat()}.{ending}"'
    return response


@desk("command", "report.read")
@require_safe
def codes(request: HttpRequest, day: date) -> HttpResponse:
    """The situation report itself as JSON: every field as code and figure, the same in every language."""
    text = json.dumps(_content(request.viewing, day), ensure_ascii=False, indent=1)
    return _file(text.encode(), "application/json; charset=utf-8", day, "codes.json")


@desk("command", "report.read")
@require_safe
def pack(request: HttpRequest, day: date) -> HttpResponse:
    """The paper pack of the day for the viewer's own area, as far as the viewer's role sees its lists."""
    viewing: Viewing = request.viewing
    if day > viewing.day:
        raise InputError("report.future_day", as_of=day.isoformat(), today=viewing.day.isoformat())
    content = day_pack(day, actor=viewing.actor)
    response = HttpResponse(day_pack_pdf(content, get_language() or ""), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="day-pack-{day.isoformat()}.pdf"'
    return response


@desk("command", "report.sign")
@require_POST
def sign(request: HttpRequest, day: date) -> HttpResponse:
    """The issued report of ``day``, signed; the page again. Raises Conflict while looking back."""
    viewing: Viewing = request.viewing
    viewing.require_live()
    held = report_get(day, actor=viewing.actor, at=viewing.at)
    report_sign(held["issue"]["key"], **viewing.by())
    return redirect("report_day", day=day)
