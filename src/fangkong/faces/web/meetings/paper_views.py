"""The minutes of a meeting as a file: PDF, or Word in the office's own template; any edition."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from fangkong.command.meetings import queries
from fangkong.core.errors import NotFound
from fangkong.faces.papers.meeting_paper import MeetingNames, minutes_docx, minutes_pdf
from fangkong.faces.papers.meeting_phrases import areas_of
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.gate import desk
from fangkong.faces.web.paging import whole_number
from fangkong.faces.web.viewing import Viewing

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

#: Ending of the file -> how it is made, and its kind on the wire.
_MADE = {"pdf": (minutes_pdf, "application/pdf"), "docx": (minutes_docx, DOCX)}


@desk("meetings", "meeting.read")
@require_safe
def paper(request: HttpRequest, key: str, *, ending: str) -> HttpResponse:
    """The last edition, or that of ``?edition=``, in the page's language. NotFound while nobody has written any."""
    viewing: Viewing = request.viewing
    meeting = queries.meeting_get(key, actor=viewing.actor, at=viewing.at)
    editions = {
        each.number: each for each in queries.minutes_editions(meeting, actor=viewing.actor, at=viewing.at)
    }
    wanted = whole_number(request, "edition", max(editions, default=0))
    if wanted not in editions:
        raise NotFound("meeting.no_such_edition", edition=wanted)
    edition = editions[wanted]
    told = edition.content["paper"]
    names = MeetingNames(
        areas=area_names([meeting.area_code, *sorted(areas_of(told["agenda"]))]),
    )
    make, kind = _MADE[ending]
    response = HttpResponse(make(edition, names, get_language() or ""), content_type=kind)
    name = f"{edition.content['minutes_no']}-{edition.number}"
    response["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    return response
