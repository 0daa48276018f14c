"""A meeting is called on a page: from nothing, or as the follow-on of one above."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from fangkong.command.meetings import actions, queries
from fangkong.command.meetings.agenda import standing_reports
from fangkong.command.meetings.rows import FOLLOW_ON, KINDS, WRITE
from fangkong.command.models import Meeting
from fangkong.core.errors import FangkongError
from fangkong.faces.papers.meeting_phrases import number_of
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.control.presenting import said
from fangkong.faces.web.gate import desk
from fangkong.faces.web.typed_times import moment_typed
from fangkong.faces.web.viewing import Viewing
from fangkong.faces.words.errors import error_text

from .typed import number_or_none, pairs_typed, venues_typed

_TEXTS = ("body", "number", "kind", "starts_at", "chairs", "venues", "items")
_LENGTH = 4000


@desk("meetings", WRITE)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The form, or the meeting that was called; what is refused is said above the form, with all that was typed."""
    viewing: Viewing = request.viewing
    follows = _followed(viewing, request.GET.get("follows", "")[:96])
    if request.method != "POST":
        return _form(request, follows, _offered(viewing, follows))
    viewing.require_live()
    typed: dict[str, Any] = {name: request.POST.get(name, "")[:_LENGTH] for name in _TEXTS}
    typed["reports"] = [each[:24] for each in request.POST.getlist("report")]
    try:
        key = _call(viewing, follows, typed)
    except FangkongError as problem:
        text = error_text(problem, get_language() or "zh-hans")
        return _form(request, follows, typed, problem=text, status=400)
    return redirect("meeting", key=key)


def _followed(viewing: Viewing, key: str) -> Meeting | None:
    return queries.meeting_get(key, actor=viewing.actor, at=viewing.at) if key else None


def _call(viewing: Viewing, follows: Meeting | None, typed: dict[str, Any]) -> str:
    shared: dict[str, Any] = {
        "body": typed["body"],
        "number": number_or_none(typed["number"], "meeting.bad_number"),
        "area_code": viewing.actor.area_code,
        "starts_at": moment_typed(typed["starts_at"], viewing.installation.zone, "meeting.field.starts_at"),
        "chairs": pairs_typed(typed["chairs"], "name", "post"),
        "venues": venues_typed(typed["venues"]),
        "agenda": [*typed["reports"], *pairs_typed(typed["items"], "title", "by")],
        **viewing.by(),
    }
    if follows is not None:
        return actions.meeting_follow(follows.key, **shared)
    return actions.meeting_call(kind=typed["kind"], **shared)


def _offered(viewing: Viewing, follows: Meeting | None) -> dict[str, Any]:
    """The empty form: the office's habit is the next morning; a follow-on meeting is the same day."""
    typed: dict[str, Any] = dict.fromkeys(_TEXTS, "")
    typed["reports"] = [report.code for report in standing_reports()]
    typed["kind"] = "ordinary"
    latest = queries.meetings_list(actor=viewing.actor, at=viewing.at, limit=1).rows
    mine = [each for each in latest if each.area_code == viewing.actor.area_code]
    if mine:
        typed["body"] = mine[0].body
        typed["chairs"] = "\n".join(f"{each['name']} | {each['post']}" for each in mine[0].chairs)
        typed["venues"] = "\n".join(
            each["name"] if each["expected"] is None else f"{each['name']} | {each['expected']}"
            for each in mine[0].venues
        )
    zone = viewing.installation.zone
    day = viewing.day if follows else viewing.day + timedelta(days=1)
    typed["starts_at"] = f"{day.isoformat()}T{viewing.at.astimezone(zone):%H}:30"
    return typed


def _form(
    request: HttpRequest,
    follows: Meeting | None,
    typed: dict[str, Any],
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    viewing: Viewing = request.viewing
    area_code = viewing.actor.area_code
    context = {
        "page_title": said("meeting.follow" if follows else "meeting.new"),
        "follows": follows,
        "follows_name": number_of(follows.body, follows.number, follows.kind, get_language() or "")
        if follows
        else "",
        "office": area_names([area_code]).get(area_code, area_code),
        "typed": typed,
        "kinds": [kind for kind in KINDS if kind != FOLLOW_ON],
        "reports": [
            {"code": report.code, "by": report.by, "on": report.code in typed["reports"]}
            for report in standing_reports()
        ],
        "problem": problem,
        "blocked": viewing.looking_back,
    }
    return render(request, "meetings/new.html", context, status=status)
