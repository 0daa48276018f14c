"""The hand-over as a file: PDF, or Word in the office's own template."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from fangkong.command.duty import queries
from fangkong.command.duty.handovers import handover_key_of
from fangkong.command.duty.rows import READ
from fangkong.core.errors import NotFound
from fangkong.faces.papers.handover_paper import HandoverNames, handover_docx, handover_pdf
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.control.presenting import people_names
from fangkong.faces.web.gate import desk
from fangkong.faces.web.viewing import Viewing

from .presenting import office_asked

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

_MADE = {"pdf": (handover_pdf, "application/pdf"), "docx": (handover_docx, DOCX)}


@desk("close_out", READ)
@require_safe
def paper(request: HttpRequest, on: date, *, ending: str) -> HttpResponse:
    """The hand-over of the night in the page's language, with the lines that its reader may read."""
    viewing: Viewing = request.viewing
    actor, at = viewing.actor, viewing.at
    area_code = office_asked(request)
    found = queries.handover_get(area_code, on, actor=actor, at=at)
    if found is None:
        raise NotFound("handover.unknown", key=handover_key_of(area_code, on))
    lines, hidden = queries.handover_lines(found, actor)
    shifts = queries.shifts_named([found.from_shift_key, found.to_shift_key], actor=actor, at=at)
    people = [found.signed_out_by, found.signed_in_by, *(item.owner_key for item, _ in lines)]
    names = HandoverNames(
        areas=area_names([area_code, *(item.area_code for item, _ in lines)]),
        people=people_names([*people, *queries.names_on(list(shifts.values()))]),
    )
    going, coming = (shifts.get(key) for key in (found.from_shift_key, found.to_shift_key))
    make, kind = _MADE[ending]
    body = make(found, lines, hidden, (going, coming), names, get_language() or "")
    response = HttpResponse(body, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="handover-{area_code}-{on.isoformat()}.{ending}"'
    return response
