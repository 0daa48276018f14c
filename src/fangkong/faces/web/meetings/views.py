"""The list of meetings: those to come first, then those held; and one meeting."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from fangkong.command.meetings import queries
from fangkong.command.meetings.rows import WRITE
from fangkong.command.models import Meeting
from fangkong.faces.papers.meeting_phrases import number_of
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.control.presenting import said
from fangkong.faces.web.gate import desk
from fangkong.faces.web.paging import pager, whole_number
from fangkong.faces.web.viewing import Viewing

from .meeting_page import meeting_page

PAGE_ROWS = 25

SHOWS = ("all", "held", "closed", "cancelled")


@desk("meetings", "meeting.read")
@require_GET
def meetings(request: HttpRequest) -> HttpResponse:
    """The meetings that the reader sees; state and number are filters in the address."""
    viewing: Viewing = request.viewing
    actor, at = viewing.actor, viewing.at
    show = request.GET.get("show", "all")
    show = show if show in SHOWS else "all"
    number = whole_number(request, "number", 0)
    asked: dict[str, Any] = {"actor": actor, "at": at}
    after = request.GET.get("after", "")
    coming = (
        [] if number or after else queries.meetings_list(show=queries.COMING, limit=PAGE_ROWS, **asked).rows
    )
    page = queries.meetings_list(
        show=queries.PAST if show == "all" else show,
        number=number or None,
        limit=PAGE_ROWS,
        after=after,
        **asked,
    )
    names = area_names([each.area_code for each in (*coming, *page.rows)])
    kept = {"show": show} | ({"number": str(number)} if number else {})
    context = {
        "page_title": said("meeting.page"),
        "show": show,
        "shows": SHOWS,
        "number": number or "",
        "counts": queries.meeting_counts(**asked),
        "may_call": actor.may(WRITE) and not viewing.looking_back,
        "coming": [_row(each, names) | {"left": each.starts_at - at} for each in coming if each.starts_at],
        "rows": [_row(each, names) for each in page.rows],
        "pager": pager(request, page, **kept),
    }
    return render(request, "meetings/meetings.html", context)


@desk("meetings", "meeting.read")
@require_GET
def meeting(request: HttpRequest, key: str) -> HttpResponse:
    """One meeting: agenda with papers, attendance, decisions and what became of them, minutes, chain."""
    return meeting_page(request, key)


def _row(meeting: Meeting, names: dict[str, str]) -> dict[str, Any]:
    counted = [venue["present"] for venue in meeting.venues if venue.get("present") is not None]
    return {
        "meeting": meeting,
        "name": number_of(meeting.body, meeting.number, meeting.kind, get_language() or ""),
        "area": names.get(meeting.area_code, meeting.area_code),
        "present": sum(counted) if counted else None,
    }
