"""Entering the roster: one shift, a week by pattern, or rows pasted from a spreadsheet."""

from __future__ import annotations

import re
from datetime import date, time, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from fangkong.command.duty import actions
from fangkong.command.duty.actions import NewShift, RosterBroken, Team
from fangkong.command.duty.rows import WRITE, duty_staff
from fangkong.command.office_clocks import office_clock
from fangkong.core.errors import FangkongError, InputError
from fangkong.faces.web.control.presenting import people_names, said
from fangkong.faces.web.gate import desk
from fangkong.faces.web.refusals import status_of
from fangkong.faces.web.typed_times import day_typed, moment_typed
from fangkong.faces.web.viewing import Viewing
from fangkong.faces.words.errors import error_text

from .presenting import MOST_CHARACTERS, violation_words

WAYS = ("pattern", "one", "rows")

#: How many teams the form of a pattern offers.
TEAMS = 7


@desk("duty", WRITE)
@require_http_methods(["GET", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """The form of one way to enter shifts, or the week that came of it."""
    viewing: Viewing = request.viewing
    way = request.POST.get("way") or request.GET.get("way", "")
    way = way if way in WAYS else WAYS[0]
    problem, broken, status = "", None, 200
    if request.method == "POST":
        viewing.require_live()
        try:
            first = _WAYS[way](request)
            return redirect(f"{reverse('duty')}?week={first.isoformat()}")
        except FangkongError as refused:
            problem = error_text(refused, get_language() or "zh-hans")
            broken = refused if isinstance(refused, RosterBroken) else None
            status = status_of(refused)
    names = people_names(each.user_key for each in broken.violations) if broken else {}
    context = {
        "page_title": said("duty.enter"),
        "way": way,
        "ways": WAYS,
        "staff": duty_staff(viewing.actor.area_code),
        "typed": _typed(request, viewing),
        "problem": problem,
        "broken": [violation_words(each, names, viewing) for each in broken.violations] if broken else [],
        "token": broken.token if broken else "",
        "blocked": viewing.looking_back,
    }
    return render(request, "duty/enter.html", context, status=status)


def _typed(request: HttpRequest, viewing: Viewing) -> dict[str, Any]:
    """What stands in the form: what was typed, else next Monday and the office's hand-over hour."""
    post = request.POST
    handover = office_clock("handover").at or time()
    monday = viewing.day + timedelta(days=7 - viewing.day.weekday())
    start = f"{monday.isoformat()}T{handover:%H:%M}"
    teams = [(post.get(f"chief{n}", "")[:96], post.get(f"deputy{n}", "")[:96]) for n in range(TEAMS)]
    return {
        "first_on": post.get("first_on", monday.isoformat())[:10],
        "days": post.get("days", "7")[:9],
        "changes": post.get("changes", f"{handover:%H:%M}")[:80],
        "teams": [
            {"n": n, "number": n + 1, "chief": chief, "deputy": deputy}
            for n, (chief, deputy) in enumerate(teams)
        ],
        "starts_at": post.get("starts_at", start)[:25],
        "ends_at": post.get("ends_at", f"{(monday + timedelta(days=1)).isoformat()}T{handover:%H:%M}")[:25],
        "chief": post.get("chief", "")[:96],
        "deputy": post.get("deputy", "")[:96],
        "experts": [key[:96] for key in post.getlist("experts")],
        "rows": post.get("rows", "")[:MOST_CHARACTERS],
    }


def _given(request: HttpRequest) -> dict[str, Any]:
    viewing: Viewing = request.viewing
    return {
        "area_code": viewing.actor.area_code,
        "knowingly": request.POST.get("knowingly", "")[:40],
        **viewing.by(),
    }


def _one(request: HttpRequest) -> date:
    typed = _typed(request, request.viewing)
    new = NewShift(
        moment_typed(typed["starts_at"], request.viewing.installation.zone, "duty.field.starts_at"),
        moment_typed(typed["ends_at"], request.viewing.installation.zone, "duty.field.ends_at"),
        typed["chief"],
        typed["deputy"],
        typed["experts"],
    )
    actions.shift_enter(new, **_given(request))
    return new.starts_at.date()


def _pattern(request: HttpRequest) -> date:
    typed = _typed(request, request.viewing)
    teams = [
        Team(each["chief"], each["deputy"]) for each in typed["teams"] if each["chief"] or each["deputy"]
    ]
    first_on = day_typed(typed["first_on"], "duty.field.first_on")
    days = typed["days"].strip()
    if not (days.isascii() and days.isdigit()):
        raise InputError("duty.days_unreadable", given=days)
    changes = _hours_typed(typed["changes"])
    actions.roster_fill(first_on=first_on, days=int(days), changes=changes, teams=teams, **_given(request))
    return first_on


def _hours_typed(given: str) -> list[time]:
    """The hours of change, apart by commas or blanks. Raises InputError ``duty.changes_unreadable``."""
    try:
        return [time.fromisoformat(part) for part in re.split(r"[\s,，、;；]+", given.strip()) if part]
    except ValueError:
        raise InputError("duty.changes_unreadable", given=given) from None


def _rows(request: HttpRequest) -> date:
    typed = _typed(request, request.viewing)
    actions.roster_import(typed["rows"], **_given(request))
    found = re.search(r"(\d{4})\D(\d{1,2})\D(\d{1,2})", typed["rows"])
    return date(*(int(part) for part in found.groups())) if found else request.viewing.day


_WAYS = {"one": _one, "pattern": _pattern, "rows": _rows}
