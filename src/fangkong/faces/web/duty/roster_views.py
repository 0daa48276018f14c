"""The roster's week, wide as a table and narrow as a list; and one shift with what may be done to it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from fangkong.command.duty import queries
from fangkong.command.duty.closing import close_out_day
from fangkong.command.duty.holidays import years_known
from fangkong.command.duty.roster import RosterBroken
from fangkong.command.duty.rows import OWN, PLANNED, READ, WRITE, duty_staff, version_of
from fangkong.core.clock import civil_day
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.control.presenting import people_names, said
from fangkong.faces.web.gate import desk
from fangkong.faces.web.viewing import Viewing

from .presenting import office_asked, shift_row, violation_words

DAYS = 7


@desk("duty", READ)
@require_GET
def roster(request: HttpRequest) -> HttpResponse:
    """One week of an office's roster, each violation beside its shift."""
    viewing: Viewing = request.viewing
    actor, at = viewing.actor, viewing.at
    area_code, monday = office_asked(request), _monday(request)
    found = queries.roster_days(area_code, monday, DAYS, actor=actor, at=at)
    names = people_names(queries.names_on(found.shifts))
    names |= people_names(
        each.user_key for group in found.violations.values() for each in group if each.user_key not in names
    )
    near = queries.holes_of_the_day(actor=actor, at=at).get(area_code, [])
    areas = area_names([area_code])
    may_keep = actor.may(WRITE) and area_code == actor.area_code and not viewing.looking_back
    context: dict[str, Any] = {
        "page_title": said("duty.page"),
        "area": area_code,
        "area_name": areas.get(area_code, area_code),
        "first": monday,
        "last": monday + timedelta(days=DAYS - 1),
        "earlier": monday - timedelta(days=DAYS),
        "later": monday + timedelta(days=DAYS),
        "rows": [
            shift_row(shift, found.violations.get(shift.key, []), names, viewing) for shift in found.shifts
        ],
        "loose": [violation_words(each, names, viewing) for each in found.violations.get("", [])],
        "broken": found.violation_count,
        "near": near,
        "now": [
            shift_row(each, [], names, viewing)
            for each in found.shifts
            if each.starts_at <= at < each.ends_at
        ],
        "may_keep": may_keep,
        "may_own": actor.may(OWN),
        "no_holidays": monday.year not in years_known(),
        "year": str(monday.year),
        "close_out_on": close_out_day(at),
    }
    return render(request, "duty/roster.html", context)


def _monday(request: HttpRequest) -> date:
    try:
        asked = date.fromisoformat(request.GET.get("week", "")[:10])
    except ValueError:
        asked = request.viewing.day
    return asked - timedelta(days=asked.weekday())


@desk("duty", READ)
@require_GET
def shift(request: HttpRequest, key: str) -> HttpResponse:
    """One shift: its people, its telephone tests, its history, and what its reader may do to it."""
    return shift_page(request, key)


def shift_page(
    request: HttpRequest,
    key: str,
    *,
    problem: str = "",
    broken: RosterBroken | None = None,
    deed: str = "",
    typed: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of the shift; what was refused stands where it was typed, with the violations it would bring."""
    viewing: Viewing = request.viewing
    actor, at = viewing.actor, viewing.at
    found = queries.shift_get(key, actor=actor, at=at)
    history = queries.shift_history(key, actor=actor, at=at)
    day = civil_day(found.starts_at, viewing.installation.zone)
    days = (civil_day(found.ends_at, viewing.installation.zone) - day).days + 1
    near = queries.roster_days(found.area_code, day, days, actor=actor, at=at)
    staff = duty_staff(found.area_code)
    told = [each.user_key for each in (*near.violations.get(key, []), *(broken.violations if broken else ()))]
    tested = [key for test in found.phone_tests for key in (test["user_key"], test["by"])]
    names = people_names([*queries.names_on([found]), *(row.source_key for row in history), *told, *tested])
    may_keep = actor.may(WRITE) and actor.sees(found.area_code) and not viewing.looking_back
    posts = queries.posts_of(found, actor.key)
    context: dict[str, Any] = {
        "page_title": said("duty.shift"),
        "row": shift_row(found, near.violations.get(key, []), names, viewing),
        "shift": found,
        "seen": version_of(found),
        "area_name": area_names([found.area_code]).get(found.area_code, found.area_code),
        "history": [{"row": row, "by": names.get(row.source_key, "")} for row in reversed(history)],
        "tests": [
            {**test, "who": names.get(test["user_key"], ""), "by_name": names.get(test["by"], "")}
            for test in found.phone_tests
        ],
        "callable": [
            {"key": each, "name": names.get(each, "")}
            for each in queries.names_on([found])
            if each != actor.key
        ],
        "staff": staff,
        "may_keep": may_keep and found.state in (PLANNED, "on"),
        "may_cancel": may_keep and found.state == PLANNED,
        "may_call": may_keep and found.state == "on",
        "posts": posts,
        "may_ask": bool(posts)
        and actor.may(OWN)
        and found.state == PLANNED
        and found.starts_at > at
        and not viewing.looking_back,
        "me": actor.key,
        "deed": deed,
        "problem": problem,
        "broken": [violation_words(each, names, viewing) for each in broken.violations] if broken else [],
        "token": broken.token if broken else "",
        "typed": typed
        or {
            "chief": found.chief_key,
            "deputy": found.deputy_key,
            "experts": list(found.expert_keys),
            "ends_at": found.ends_at.astimezone(viewing.installation.zone).strftime("%Y-%m-%dT%H:%M"),
        },
    }
    return render(request, "duty/shift.html", context, status=status)
