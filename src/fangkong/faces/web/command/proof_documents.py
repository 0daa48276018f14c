"""The documents on record that prove a task done: those to choose from, and those that were given, with their pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from django.urls import reverse
from django.utils.translation import get_language

from fangkong.faces.web.control.presenting import said
from fangkong.faces.web.viewing import Viewing
from fangkong.faces.words import formats
from fangkong.record.access import visible
from fangkong.record.models import Document

#: Documents offered, the latest first: an older one is named by its number or title.
MOST = 30

#: Kind of a document -> its page and the permission that the page asks for. Other kinds prove nothing.
_PAGES = {
    "minutes": ("minutes_document", "meeting.read"),
    "instruction": ("minutes_document", "meeting.read"),
    "report_upward": ("minutes_report", "meeting.read"),
    "situation_report": ("report_day", "report.read"),
}


def documents_offered(viewing: Viewing) -> list[tuple[str, str]]:
    """(key, title) of the latest documents whose pages the reader may open; one query."""
    kinds = [kind for kind, (_, permission) in _PAGES.items() if viewing.actor.may(permission)]
    if not kinds:
        return []
    rows = visible(Document.objects.known_at(viewing.at).filter(kind__in=kinds), viewing.actor)
    return [(each.key, _title(each)) for each in rows.order_by("-as_of", "-known_from", "key")[:MOST]]


def documents_given(keys: Iterable[str], viewing: Viewing) -> Mapping[str, dict[str, str]]:
    """Key -> {title, href} of documents given as proof; one query, none for no keys.

    Those that the reader may not open are left out.
    """
    wanted = {key for key in keys if key}
    if not wanted:
        return {}
    rows = visible(
        Document.objects.known_at(viewing.at).filter(key__in=wanted, kind__in=_PAGES), viewing.actor
    )
    return {
        each.key: {"title": _title(each), "href": _href(each)}
        for each in rows
        if viewing.actor.may(_PAGES[each.kind][1])
    }


def _href(document: Document) -> str:
    name = _PAGES[document.kind][0]
    return reverse(name, args=[document.as_of if document.kind == "situation_report" else document.key])


def _title(document: Document) -> str:
    """The title that people gave it; a paper of the office by its kind and day."""
    day = formats.day_full(document.as_of, get_language()) if isinstance(document.as_of, date) else ""
    if document.kind in ("minutes", "instruction"):
        return (
            f"{document.title} · {day}"
            if day and str(document.as_of) not in document.title
            else document.title
        )
    return f"{said(f'task.proof.kind.{document.kind}')} · {day}"
