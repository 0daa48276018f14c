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


@desk("control", "order.read")
@require_safe
def notice_pdf(request: HttpRequest, key: str) -> HttpResponse:
    """The notice of the order as PDF in the page's language."""
    return _pdf(request, key, release=False)


@desk("control", "order.read")
@require_safe
def notice_docx(request: HttpRequest, key: str) -> HttpResponse:
    """The notice of the order as a Word file in the page's language."""
    return _docx(request, key, release=False)


@desk("control", "order.read")
@require_safe
def release_pdf(request: HttpRequest, key: str) -> HttpResponse:
    """The release notice as PDF in the page's language."""
    return _pdf(request, key, release=True)


@desk("control", "order.read")
@require_safe
def release_docx(request: HttpRequest, key: str) -> HttpResponse:
    """The release notice as a Word file in the page's language."""
    return _docx(request, key, release=True)


def _pdf(request: HttpRequest, key: str, *, release: bool) -> HttpResponse:
    facts, viewing = _facts(request, key), request.viewing
    body = order_notice_pdf(facts, get_language() or "", on=viewing.day, release=release)
    return _file(body, "application/pdf", facts, release, "pdf")


def _docx(request: HttpRequest, key: str, *, release: bool) -> HttpResponse:
    facts, viewing = _facts(request, key), request.viewing
    body = order_notice_docx(facts, get_language() or "", on=viewing.day, release=release)
    return _file(body, DOCX, facts, release, "docx")


def _facts(request: HttpRequest, key: str) -> OrderFacts:
    viewing: Viewing = request.viewing
    order = queries.order_get(key, actor=viewing.actor, at=viewing.at)
    return facts_of(viewing, order, queries.order_history(key, actor=viewing.actor, at=viewing.at))


def _file(body: bytes, kind: str, facts: OrderFacts, release: bool, ending: str) -> HttpResponse:
    response = HttpResponse(body, content_type=kind)
    name = f"{'release' if release else 'order'}-{facts.order.order_no}.{ending}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
