"""A plan as a file: PDF, or Word in the office's own template."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from fangkong.command.response import queries
from fangkong.faces.papers.plan_paper import PlanNames, plan_docx, plan_pdf
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.control.presenting import people_names
from fangkong.faces.web.gate import desk
from fangkong.faces.web.viewing import Viewing

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

#: Ending of the file -> how it is made, and its kind on the wire.
_MADE = {"pdf": (plan_pdf, "application/pdf"), "docx": (plan_docx, DOCX)}


@desk("plans", "plan.read")
@require_safe
def paper(request: HttpRequest, key: str, *, ending: str) -> HttpResponse:
    """The plan as PDF or Word in the page's language."""
    viewing: Viewing = request.viewing
    found = queries.plan_get(key, actor=viewing.actor, at=viewing.at)
    people = people_names([found.written_by, found.approved_by])
    names = PlanNames(
        area=area_names([found.area_code]).get(found.area_code, found.area_code),
        written_by=people.get(found.written_by, ""),
        approved_by=people.get(found.approved_by, ""),
    )
    make, kind = _MADE[ending]
    response = HttpResponse(make(found, names, get_language() or ""), content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{found.key}-{found.edition}.{ending}"'
    return response
