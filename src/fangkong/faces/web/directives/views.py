"""The list of directives, what waits for the reader's own office first; and one directive."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from fangkong.command.directives import queries
from fangkong.command.directives.rows import DRAFT
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.control.presenting import said
from fangkong.faces.web.gate import desk
from fangkong.faces.web.paging import pager
from fangkong.faces.web.viewing import Viewing

from .directive_page import directive_page

PAGE_ROWS = 25

#: What the filter offers: states of a directive, and those of the own office.
STATES = ("draft", "issued", "completed", "withdrawn", "lapsed")
SHOWS = ("all", "ours", *STATES)

#: Areas shown in the line of who has not answered yet.
MOST_AREAS = 12


@desk("directives", "directive.read")
@require_GET
def directives(request: HttpRequest) -> HttpResponse:
    """The directives that the reader sees; state and area are filters in the address."""
    viewing: Viewing = request.viewing
    actor, at = viewing.actor, viewing.at
    show = request.GET.get("show", "all")
    show = show if show in SHOWS else "all"
    area = request.GET.get("area", "")[:24]
    page = queries.directives_list(
        actor=actor,
        at=at,
        ours=show == "ours",
        state=show if show in STATES else "",
        area_code=area if area.isalnum() else "",
        limit=PAGE_ROWS,
        after=request.GET.get("after", ""),
    )
    progress = queries.directives_progress([each.key for each in page.rows], actor=actor, at=at)
    waiting = queries.recipients_waiting(actor=actor, at=at)
    mine = queries.recipients_to_acknowledge(actor=actor, at=at, limit=PAGE_ROWS)
    asked = queries.directives_named([each.directive_key for each in mine.rows], actor=actor, at=at)
    names = area_names(
        [*(each.area_code for each in page.rows), *waiting, *(each.area_code for each in asked.values())]
    )
    kept = {"show": show} | ({"area": area} if area else {})
    context: dict[str, Any] = {
        "page_title": said("directive.page"),
        "show": show,
        "shows": SHOWS,
        "area": area,
        "area_name": names.get(area, area),
        "may_draft": actor.may(DRAFT) and not viewing.looking_back,
        "mine": [
            {
                "recipient": recipient,
                "directive": asked[recipient.directive_key],
                "office": names.get(asked[recipient.directive_key].area_code, ""),
                "left": recipient.acknowledge_by - at,
                "late": recipient.acknowledge_by < at,
            }
            for recipient in mine.rows
            if recipient.directive_key in asked
        ],
        "mine_total": mine.total,
        "may_act": not viewing.looking_back,
        "counts": queries.directive_counts(actor=actor, at=at),
        "areas": [
            {
                "code": code,
                "name": names.get(code, code),
                "awaiting": states.get("awaiting", 0),
                "working": sum(states.values()) - states.get("awaiting", 0),
            }
            for code, states in list(waiting.items())[:MOST_AREAS]
        ],
        "rows": [
            {
                "directive": each,
                "office": names.get(each.area_code, each.area_code),
                "progress": progress[each.key],
                "left": each.due_at - at,
                "late": each.due_at < at and each.state in ("draft", "issued"),
            }
            for each in page.rows
        ],
        "pager": pager(request, page, **kept),
    }
    return render(request, "directives/directives.html", context)


@desk("directives", "directive.read")
@require_GET
def directive(request: HttpRequest, key: str) -> HttpResponse:
    """One directive as its paper reads, with its recipients, its tree and what its reader may do."""
    return directive_page(request, key)
