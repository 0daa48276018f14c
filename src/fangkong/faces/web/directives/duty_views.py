"""Standing duties: those in force, one with what it has opened, and the form that establishes one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fangkong.command.directives import actions
from fangkong.command.directives.duties import RECURS
from fangkong.command.directives.duty_queries import (
    Kept,
    duties_kept,
    duties_list,
    duty_get,
    duty_history,
    duty_tasks,
)
from fangkong.command.directives.duty_tasks import DUTY
from fangkong.command.directives.rows import DRAFT
from fangkong.command.directives.triggers import triggers
from fangkong.command.models import StandingDuty
from fangkong.command.tasks.owners import doing_roles
from fangkong.core.errors import FangkongError, NotFound
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.control.presenting import coded, people_names, said
from fangkong.faces.web.gate import desk
from fangkong.faces.web.histories import history_rows
from fangkong.faces.web.paging import pager
from fangkong.faces.web.typed_times import day_typed
from fangkong.faces.web.viewing import Viewing
from fangkong.faces.words.errors import error_text

from .proofs import evidence_choices
from .reckoned import reckoned

PAGE_ROWS = 25

STATES = ("in_force", "ended")

_FIELDS = (
    "title",
    "area_code",
    "owner_role",
    "post",
    "opens",
    "measure",
    "evidence_kind",
    "starts_on",
    "review_on",
)


@desk("directives", "directive.read")
@require_GET
def duties(request: HttpRequest) -> HttpResponse:
    """The standing duties, the next to be looked at again first."""
    viewing: Viewing = request.viewing
    actor, at = viewing.actor, viewing.at
    show = request.GET.get("show", "in_force")
    show = show if show in STATES else "in_force"
    page = duties_list(actor=actor, at=at, state=show, limit=PAGE_ROWS, after=request.GET.get("after", ""))
    kept = duties_kept([each.key for each in page.rows], actor=actor, at=at)
    areas = area_names([each.area_code for each in page.rows])
    owners = people_names([each.owner_key for each in page.rows])
    context = {
        "page_title": said("standing_duty.page"),
        "show": show,
        "states": STATES,
        "may": actor.may(DRAFT) and not viewing.looking_back,
        "rows": [
            {
                "duty": each,
                "area": areas.get(each.area_code, each.area_code),
                "owner": owners.get(each.owner_key) or coded("role", each.owner_role),
                "opens": opens_text(each),
                "kept": kept.get(each.key, Kept()),
                "late": show == "in_force" and each.review_on <= viewing.day,
            }
            for each in page.rows
        ],
        "pager": pager(request, page, show=show),
    }
    return render(request, "directives/duties.html", context)


def opens_text(duty: StandingDuty) -> str:
    """What opens a task of the duty, in words."""
    if duty.trigger:
        return coded("standing_duty.trigger", duty.trigger)
    return said(f"standing_duty.recurs.{duty.recurs or 'never'}")


@desk("directives", "directive.read")
@require_GET
def duty(request: HttpRequest, key: str) -> HttpResponse:
    """One standing duty with its measure and the tasks it has opened."""
    return _duty_page(request, key)


def _duty_page(
    request: HttpRequest, key: str, deed: str = "", problem: str = "", status: int = 200
) -> HttpResponse:
    viewing: Viewing = request.viewing
    actor, at = viewing.actor, viewing.at
    found = duty_get(key, actor=actor, at=at)
    page = duty_tasks(key, actor=actor, at=at, limit=PAGE_ROWS, after=request.GET.get("after", ""))
    areas = area_names([found.area_code, *(task.area_code for task in page.rows)])
    history = duty_history(key, actor=actor, at=at)
    people = people_names(
        [
            found.owner_key,
            found.decided_by,
            *(task.owner_key for task in page.rows),
            *(each.source_key for each in history),
        ]
    )
    may = (
        not viewing.looking_back
        and found.state == "in_force"
        and actor.may(DRAFT)
        and actor.sees(found.area_code)
    )
    context: dict[str, Any] = {
        "page_title": found.title,
        "duty": found,
        "area": areas.get(found.area_code, found.area_code),
        "owner": people.get(found.owner_key) or coded("role", found.owner_role),
        "decided_by": people.get(found.decided_by, ""),
        "opens": opens_text(found),
        "kept": duties_kept([key], actor=actor, at=at).get(key, Kept()),
        "tasks": [
            {
                "task": task,
                "area": areas.get(task.area_code, task.area_code),
                "owner": people.get(task.owner_key) or coded("role", task.owner_role),
            }
            for task in page.rows
        ],
        "pager": pager(request, page),
        "reckoned": reckoned(DUTY, [key], viewing),
        "history": history_rows(history, people),
        "may": may,
        "deed": deed,
        "problem": problem,
        "typed": {name: request.POST.get(name, "")[:400] for name in ("reason", "review_on")},
        "late": found.state == "in_force" and found.review_on <= viewing.day,
    }
    return render(request, "directives/duty.html", context, status=status)


@desk("directives", "directive.read")
@require_POST
def keep(request: HttpRequest, key: str) -> HttpResponse:
    """The duty looked at, and kept until another day."""
    return _done(request, key, "keep")


@desk("directives", "directive.read")
@require_POST
def end(request: HttpRequest, key: str) -> HttpResponse:
    """The duty ended."""
    return _done(request, key, "end")


def _done(request: HttpRequest, key: str, deed: str) -> HttpResponse:
    viewing: Viewing = request.viewing
    viewing.require_live()
    by = viewing.by()
    reason = request.POST.get("reason", "")[:400]
    try:
        if deed == "keep":
            day = day_typed(request.POST.get("review_on", ""), "standing_duty.column.review")
            actions.standing_duty_keep(key, review_on=day, reason=reason, **by)
        else:
            actions.standing_duty_end(key, reason, **by)
    except NotFound:
        raise
    except FangkongError as problem:
        text = error_text(problem, get_language() or "zh-hans")
        return _duty_page(request, key, deed, text, status=400)
    return redirect("standing_duty", key=key)


@desk("directives", DRAFT)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The form, or the duty that was made of it."""
    viewing: Viewing = request.viewing
    problem, status = "", 200
    if request.method == "POST":
        viewing.require_live()
        try:
            return redirect("standing_duty", key=_establish(request))
        except FangkongError as refused:
            problem, status = error_text(refused, get_language() or "zh-hans"), 400
    typed = {name: request.POST.get(name, "")[:400] for name in _FIELDS}
    if request.method != "POST":
        # A week to see whether it works, then somebody looks again.
        first = {"starts_on": viewing.day, "review_on": viewing.day + timedelta(weeks=1)}
        typed |= {name: day.isoformat() for name, day in first.items()}
        typed["area_code"] = viewing.actor.area_code
    context = {
        "page_title": said("standing_duty.new"),
        "typed": typed,
        "roles": doing_roles(),
        "triggers": list(triggers()),
        "recurs": RECURS,
        "kinds": evidence_choices(),
        "problem": problem,
        "blocked": viewing.looking_back,
    }
    return render(request, "directives/duty_new.html", context, status=status)


def _establish(request: HttpRequest) -> str:
    viewing, post = request.viewing, request.POST
    opens = post.get("opens", "")
    return actions.standing_duty_establish(
        title=post.get("title", "")[:400],
        area_code=post.get("area_code", "").strip()[:24],
        owner_role=post.get("owner_role", "")[:24],
        post=post.get("post", "")[:80],
        trigger="" if opens in RECURS else opens[:40],
        recurs=opens if opens in RECURS else "",
        measure=post.get("measure", "")[:200],
        evidence_kind=post.get("evidence_kind", "")[:24],
        starts_on=day_typed(post.get("starts_on", ""), "standing_duty.field.starts_on"),
        review_on=day_typed(post.get("review_on", ""), "standing_duty.column.review"),
        **viewing.by(),
    )
