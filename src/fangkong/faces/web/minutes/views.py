"""The minutes and instructions that came in, and the place where one is pasted or dropped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from fangkong.command.minutes import queries
from fangkong.command.minutes.actions import minutes_receive
from fangkong.command.minutes.queries import Tally
from fangkong.command.minutes.rows import CONFIRM, KINDS
from fangkong.core.errors import FangkongError, InputError
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.control.presenting import said
from fangkong.faces.web.gate import desk
from fangkong.faces.web.paging import pager
from fangkong.faces.web.viewing import Viewing
from fangkong.faces.words.errors import error_text

PAGE_ROWS = 25

SHOWS = ("all", *KINDS.values())


@desk("minutes", "meeting.read")
@require_http_methods(["GET", "HEAD", "POST"])
def minutes(request: HttpRequest) -> HttpResponse:
    """The list with the form; after a text its page, after a refusal the reason in place with what was typed."""
    viewing: Viewing = request.viewing
    problem, status = "", 200
    if request.method == "POST":
        viewing.require_live()
        try:
            return redirect("minutes_document", key=_received(request))
        except FangkongError as refused:
            problem, status = error_text(refused, get_language() or "zh-hans"), 400
    return render(request, "minutes/minutes.html", _context(request, problem), status=status)


def _context(request: HttpRequest, problem: str) -> dict[str, Any]:
    viewing: Viewing = request.viewing
    actor, at = viewing.actor, viewing.at
    show = request.GET.get("show", "all")
    show = show if show in SHOWS else "all"
    page = queries.documents_list(
        actor=actor,
        at=at,
        kind="" if show == "all" else show,
        limit=PAGE_ROWS,
        after=request.GET.get("after", ""),
    )
    counted = queries.tallies([each.key for each in page.rows], actor=actor, at=at)
    areas = area_names([each.area_code for each in page.rows])
    names = ("text", "source", "replaces")
    return {
        "page_title": said("minutes.page"),
        "show": show,
        "shows": SHOWS,
        "rows": [
            {
                "document": each,
                "area": areas.get(each.area_code, each.area_code),
                "tally": counted.get(each.key, Tally()),
            }
            for each in page.rows
        ],
        "pager": pager(request, page, show=show),
        "may": actor.may(CONFIRM) and bool(actor.area_code) and not viewing.looking_back,
        "sources": list(KINDS),
        "typed": {name: request.POST.get(name, "") for name in names},
        "problem": problem,
    }


def _received(request: HttpRequest) -> str:
    viewing, post = request.viewing, request.POST
    upload = request.FILES.get("file")
    text = post.get("text", "")
    if upload is None and not text.strip():
        raise InputError("minutes.nothing_given")
    shared: dict[str, Any] = {
        "source": post.get("source", "own")[:24],
        "area_code": viewing.actor.area_code,
        "replaces": post.get("replaces", "")[:96],
        **viewing.by(),
    }
    if upload is None:
        return minutes_receive(text, **shared)
    return minutes_receive(Path(upload.temporary_file_path()), file_name=Path(upload.name).name, **shared)
