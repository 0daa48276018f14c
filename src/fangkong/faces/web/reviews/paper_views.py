"""A review as a file: PDF, or Word in the office's own template."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from fangkong.command.reviews import queries
from fangkong.faces.papers.review_paper import ReviewNames, review_docx, review_pdf
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.control.presenting import people_names
from fangkong.faces.web.gate import desk
from fangkong.faces.web.viewing import Viewing

from .views import subject_text

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

#: Ending of the file -> how it is made, and its kind on the wire.
_MADE = {"pdf": (review_pdf, "application/pdf"), "docx": (review_docx, DOCX)}


@desk("reviews", "review.read")
@require_safe
def paper(request: HttpRequest, key: str, *, ending: str) -> HttpResponse:
    """The review as PDF or Word in the page's language, with the gaps that its reader sees."""
    viewing: Viewing = request.viewing
    actor, at = viewing.actor, viewing.at
    found = queries.review_get(key, actor=actor, at=at)
    steps = queries.review_timeline(found, at=at)
    gaps = queries.gaps_of(key, actor=actor, at=at)
    names = ReviewNames(
        subject=subject_text(found, queries.review_subjects([found], at=at)),
        area=area_names([found.area_code])[found.area_code],
        closed_by=people_names([found.closed_by]).get(found.closed_by, ""),
    )
    make, kind = _MADE[ending]
    response = HttpResponse(make(found, steps, gaps, names, get_language() or ""), content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="review-{found.key[-8:]}.{ending}"'
    return response
