"""A directive as a file: PDF, or Word in the office's own template."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from fangkong.command.directives import queries
from fangkong.faces.papers.directive_paper import DirectiveNames, directive_docx, directive_pdf
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.control.presenting import people_names
from fangkong.faces.web.gate import desk
from fangkong.faces.web.viewing import Viewing

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

#: Ending of the file -> how it is made, and its kind on the wire.
_MADE = {"pdf": (directive_pdf, "application/pdf"), "docx": (directive_docx, DOCX)}


@desk("directives", "directive.read")
@require_safe
def paper(request: HttpRequest, key: str, *, ending: str) -> HttpResponse:
    """The directive as PDF or Word in the page's language, with the recipients that its reader sees."""
    viewing: Viewing = request.viewing
    found = queries.directive_get(key, actor=viewing.actor, at=viewing.at)
    recipients = queries.recipients_of(key, actor=viewing.actor, at=viewing.at)
    people = people_names([found.issued_by, found.drafted_by])
    areas = area_names([found.area_code, *(each["area_code"] for each in found.addressed_to)])
    names = DirectiveNames(
        areas=areas,
        issued_by=people.get(found.issued_by, ""),
        drafted_by=people.get(found.drafted_by, ""),
    )
    make, kind = _MADE[ending]
    response = HttpResponse(make(found, recipients, names, get_language() or ""), content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{found.directive_no}.{ending}"'
    return response
