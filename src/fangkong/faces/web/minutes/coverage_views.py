"""The coverage table of one text, and the reports upward: as pages, PDF and Word."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from fangkong.command.minutes import actions, upward
from fangkong.command.minutes.capabilities import capabilities
from fangkong.command.minutes.coverage import Coverage, CoverageRow, coverage
from fangkong.command.minutes.rows import CONFIRM
from fangkong.core.errors import FangkongError, Forbidden, NotFound
from fangkong.faces.papers.coverage_paper import (
    CoverageNames,
    coverage_docx,
    coverage_pdf,
    report_of,
    table_of,
)
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.control.presenting import coded, people_names, said
from fangkong.faces.web.frame import RAIL, may_open
from fangkong.faces.web.gate import desk
from fangkong.faces.web.viewing import Viewing
from fangkong.faces.words.errors import error_text
from fangkong.record.access import Actor
from fangkong.record.models import Document

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

#: Ending of the file -> how it is made, and its kind on the wire.
_MADE = {"pdf": (coverage_pdf, "application/pdf"), "docx": (coverage_docx, DOCX)}

#: What carries a requirement -> its page, and the permission that the page asks for.
_PAGES = {
    "directive": ("directive", "directive.read"),
    "standing_duty": ("standing_duty", "directive.read"),
    "task": ("task", "task.read"),
}


@desk("minutes", "meeting.read")
@require_http_methods(["GET", "HEAD", "POST"])
def table(request: HttpRequest, key: str) -> HttpResponse:
    """The table as it is known now (or on the day looked back at); a POST drafts a report upward from it."""
    viewing: Viewing = request.viewing
    problem, status = "", 200
    if request.method == "POST":
        viewing.require_live()
        try:
            report_key = actions.report_upward_draft(
                key,
                edition=request.POST.get("edition", "")[:12],
                remark=request.POST.get("remark", "")[:4000],
                **viewing.by(),
            )
            return redirect("minutes_report", key=report_key)
        except NotFound:
            raise
        except FangkongError as refused:
            problem = error_text(refused, get_language() or "zh-hans")
            status = 403 if isinstance(refused, Forbidden) else 400
    found = coverage(key, actor=viewing.actor, at=viewing.at)
    context = {
        "page_title": said("minutes.coverage"),
        "table": found,
        "rows": _rows(found.rows, viewing.actor),
        "counts": list(found.counts.items()),
        "missing": [_named(row) for row in found.not_covered],
        "deskless": [_named(row) for row in found.without_desk],
        "reports": upward.reports_upward(key, actor=viewing.actor, at=viewing.at),
        "may": viewing.actor.may(CONFIRM) and not viewing.looking_back,
        "editions": upward.EDITIONS,
        "remark": request.POST.get("remark", "")[:4000],
        "problem": problem,
    }
    return render(request, "minutes/coverage.html", context, status=status)


@desk("minutes", "meeting.read")
@require_safe
def table_paper(request: HttpRequest, key: str, *, ending: str) -> HttpResponse:
    """The table as PDF or Word in the page's language."""
    viewing: Viewing = request.viewing
    found = coverage(key, actor=viewing.actor, at=viewing.at)
    return _paper(table_of(found, _names(found.rows, found), get_language() or ""), "coverage", ending)


@desk("minutes", "meeting.read")
@require_safe
def report(request: HttpRequest, key: str) -> HttpResponse:
    """One report upward with the table as of its day."""
    return _report_page(request, key)


@desk("minutes", "meeting.read")
@require_POST
def send(request: HttpRequest, key: str) -> HttpResponse:
    """The report sent by another person than its drafter."""
    viewing: Viewing = request.viewing
    viewing.require_live()
    try:
        actions.report_upward_send(key, **viewing.by())
    except NotFound:
        raise
    except FangkongError as problem:
        status = 403 if isinstance(problem, Forbidden) else 409
        return _report_page(request, key, error_text(problem, get_language() or "zh-hans"), status)
    return redirect("minutes_report", key=key)


@desk("minutes", "meeting.read")
@require_safe
def report_paper(request: HttpRequest, key: str, *, ending: str) -> HttpResponse:
    """The report as PDF or Word in the page's language."""
    viewing: Viewing = request.viewing
    found = upward.report_upward_get(key, actor=viewing.actor, at=viewing.at)
    rows = upward.rows_of(found.content)
    return _paper(report_of(found, rows, _names(rows, found), get_language() or ""), "report", ending)


def _report_page(request: HttpRequest, key: str, problem: str = "", status: int = 200) -> HttpResponse:
    viewing: Viewing = request.viewing
    found = upward.report_upward_get(key, actor=viewing.actor, at=viewing.at)
    drafter = found.content["drafted_by"]
    people = people_names([drafter, found.signed_by])
    own = drafter == viewing.actor.key
    context = {
        "page_title": said("minutes.upward"),
        "report": found,
        "rows": _rows(upward.rows_of(found.content), viewing.actor),
        "counts": list(found.content["counts"].items()),
        "drafted_by": people.get(drafter, ""),
        "signed_by": people.get(found.signed_by, ""),
        "may_send": not viewing.looking_back
        and found.content["state"] == "draft"
        and not own
        and upward.may_send(viewing.actor),
        "problem": problem,
    }
    return render(request, "minutes/report.html", context, status=status)


def _paper(view: tuple[Mapping[str, Any], Any, str], name: str, ending: str) -> HttpResponse:
    make, kind = _MADE[ending]
    response = HttpResponse(make(*view), content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}-{view[1].isoformat()}.{ending}"'
    return response


def _names(rows: Iterable[CoverageRow], of: Coverage | Document) -> CoverageNames:
    owners = [owner for row in rows for owner in row.owners]
    people = [owner["person_key"] for owner in owners]
    if isinstance(of, Document):
        people += [of.content["drafted_by"], of.signed_by]
    areas = area_names([of.area_code, *(owner["area_code"] for owner in owners)])
    return CoverageNames(areas=areas, people=people_names(people))


def _named(row: CoverageRow) -> dict[str, Any]:
    return {
        "position": row.position,
        "text": row.text,
        "capability": capability_name(row.capability),
        "lacks": lacks_named(row),
    }


def lacks_named(row: CoverageRow) -> str:
    """What the row asks for and no desk shows yet, by name in the page's language; "" for nothing."""
    return said("frame.and").join(said(f"minutes.lacks.{code}") for code in row.lacks)


def capability_name(code: str) -> str:
    """ "C4 流调追踪" in the page's language; "" for none."""
    if not code:
        return ""
    each = capabilities()[code]
    return f"{code} {each.en if (get_language() or '').startswith('en') else each.zh}"


def _rows(rows: list[CoverageRow], actor: Actor) -> list[dict[str, Any]]:
    owners = [owner for row in rows for owner in row.owners]
    areas = area_names([owner["area_code"] for owner in owners])
    people = people_names([owner["person_key"] for owner in owners])
    pages = {key: name for group in RAIL for key, name, permission, _ in group if may_open(actor, permission)}
    shown = []
    for row in rows:
        page = row.key if row.kind == "page" else row.desk
        shown.append(
            {
                "row": row,
                "capability": capability_name(row.capability),
                "desk": coded("frame.desk", page) if page else "",
                "desk_href": reverse(pages[page]) if page in pages else "",
                "lacks": lacks_named(row),
                "carrier": said(f"minutes.led.{row.kind}") if row.kind else "",
                "href": _carrier_href(row, actor),
                "owners": said("frame.and").join(
                    dict.fromkeys(_owner_text(owner, areas, people) for owner in row.owners)
                ),
            }
        )
    return shown


def _carrier_href(row: CoverageRow, actor: Actor) -> str:
    """The page of what carries the requirement; "" where it has none, or the reader may not open it."""
    name, permission = _PAGES.get(row.kind, ("", ""))
    return reverse(name, args=[row.key]) if name and actor.may(permission) else ""


def _owner_text(owner: Mapping[str, str], areas: Mapping[str, str], people: Mapping[str, str]) -> str:
    where = areas.get(owner["area_code"], owner["area_code"])
    who = people.get(owner["person_key"]) or coded("role", owner["role"])
    return said("minutes.owner_at", who=who, where=where)
