"""The notices of an order as files: served on whom it binds, and given out when it has ended."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from fangkong.desks.control import queries
from fangkong.faces.papers import order_notice_docx, order_notice_pdf
from fangkong.faces.papers.order_phrases import OrderFacts
from fangkong.faces.web.gate import desk
from fangkong.faces.web.viewing import Viewing

from .order_facts import facts_of

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


#: Ending of the file -> how it is made, and its kind on the wire.
_MADE = {"pdf": (order_notice_pdf, "application/pdf"), "docx": (order_notice_docx, DOCX)}


@desk("control", "order.read")
@require_safe
def paper(request: HttpRequest, key: str, *, ending: str, release: bool) -> HttpResponse:
    """The notice of the order, or its release notice, as PDF or Word in the page's language."""
    viewing: Viewing = request.viewing
    facts = _facts(viewing, key)
    make, kind = _MADE[ending]
    body = make(facts, get_language() or "", on=viewing.day, release=release)
    response = HttpResponse(body, content_type=kind)
    name = f"{'release' if release else 'order'}-{facts.order.order_no}.{ending}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _facts(viewing: Viewing, key: str) -> OrderFacts:
    order = queries.order_get(key, actor=viewing.actor, at=viewing.at)
    return facts_of(viewing, order, queries.order_history(key, actor=viewing.actor, at=viewing.at))
