"""One run of a plan: its steps and their times, the orders that yield, the sites found, and how it ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from fangkong.command.office_clocks import OFFICE
from fangkong.command.response import actions, queries
from fangkong.command.response.plan_rows import START
from fangkong.command.tasks.states import UNFINISHED
from fangkong.desks.control.actions import SUSPEND
from fangkong.faces.papers.order_phrases import rule_lines
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.control.presenting import coded, people_names, said
from fangkong.faces.web.gate import desk
from fangkong.faces.web.viewing import Viewing

from .typed import Refused, number_typed, tried

READ = "plan.read"


@desk("plans", READ)
@require_GET
def run(request: HttpRequest, key: str) -> HttpResponse:
    """The run with its progress."""
    return _run_page(request, key)


def _run_page(request: HttpRequest, key: str, refused: Refused | None = None) -> HttpResponse:
    viewing: Viewing = request.viewing
    actor, at = viewing.actor, viewing.at
    found = queries.run_get(key, actor=actor, at=at)
    plan = queries.plan_get(found.plan_key, actor=actor, at=at)
    steps = queries.run_times(found, plan, at=at)
    yielding = queries.run_yielding(found, actor=actor, at=at)
    people = people_names(
        [found.started_by, found.ended_by, *(step.task.owner_key for step in steps if step.task)]
    )
    areas = area_names(
        [
            found.area_code,
            *(group.area_code for group in yielding.groups),
            *(site["area_code"] for site in found.sites),
        ]
    )
    live = not viewing.looking_back and found.state == "running" and actor.sees(found.area_code)
    done = sum(step.took is not None for step in steps)
    left = sum(step.task is not None and step.task.state in UNFINISHED for step in steps)
    context: dict[str, Any] = {
        "page_title": plan.title,
        "run": found,
        "plan": plan,
        "area": areas.get(found.area_code, found.area_code),
        "started_by": people.get(found.started_by, ""),
        "ended_by": people.get(found.ended_by, ""),
        "steps": [
            {
                "step": step,
                "owner": _owner(step, people, plan),
                "took": duration(step.took) if step.took is not None else "",
                "within": duration(timedelta(hours=step.within_hours)),
                "behind": said("frame.and").join(str(n) for n in step.after),
            }
            for step in steps
        ],
        "reads_tasks": actor.may("task.read"),
        # Once it is over, a run that needed no room has nothing to say of rooms.
        "shows_sites": bool(live or found.sites or yielding.rooms_needed),
        "done": done,
        "total": len(steps),
        "late": sum(step.late for step in steps),
        "left": left,
        "elapsed": duration((found.ended_at or at) - found.started_at),
        "yielding": yielding,
        "groups": [
            {
                "group": group,
                "area": areas.get(group.area_code, group.area_code),
                "kind": coded("order.type", group.kind),
            }
            for group in yielding.groups
        ],
        "cohorts": [(said(f"plan.cohort.{name}"), n) for name, n in yielding.cohorts.items()],
        "rules": [
            line for line in rule_lines(yielding.rule_rows, request.LANGUAGE_CODE) if ":" in line.row_id
        ],
        "own_safeguard": any(row.startswith(OFFICE) for row in yielding.rule_rows),
        "sites": [site | {"area": areas.get(site["area_code"], site["area_code"])} for site in found.sites],
        "may_suspend": live and actor.may(SUSPEND) and yielding.approved > 0,
        "may_run": live and actor.may(START),
        "suspend": _suspend(found.key, yielding.approved, refused),
        "end": _end(found.key, left, refused),
        "refused": refused,
    }
    return render(request, "response/run.html", context, status=refused.status if refused else 200)


def duration(length: timedelta) -> str:
    """ "1 h 20 min" in the page's language."""
    minutes = max(0, int(length.total_seconds() // 60))
    if minutes < 60:
        return said("plan.minutes", n=minutes)
    if minutes % 60 == 0:
        return said("plan.hours", n=minutes // 60)
    return said("plan.hours_minutes", hours=minutes // 60, minutes=minutes % 60)


def _owner(step: Any, people: dict[str, str], plan: Any) -> str:
    if step.task is not None:
        return people.get(step.task.owner_key) or coded("role", step.task.owner_role)
    item = next(each for each in plan.checklist if each["n"] == step.n)
    return coded("role", item["owner_role"])


def _suspend(key: str, n: int, refused: Refused | None) -> dict[str, Any]:
    here = refused if refused is not None and refused.deed == "suspend" else None
    return {
        "id": "suspend",
        "title": said("plan.deed.suspend"),
        "what": said("plan.confirm.suspend"),
        "how_many": said("plan.confirm.suspend_orders", n=n),
        "until": said("plan.confirm.suspend_until"),
        "verb": said("plan.deed.suspend"),
        "name": "deed",
        "value": "suspend",
        "action": reverse("plan_run_do", args=[key]),
        "reason_required": True,
        "reason": here.typed.get("reason", "") if here else "",
        "problem": here.problem if here else "",
    }


def _end(key: str, left: int, refused: Refused | None) -> dict[str, Any]:
    here = refused if refused is not None and refused.deed == "end" else None
    return {
        "id": "end",
        "title": said("plan.deed.end"),
        "what": said("plan.confirm.end"),
        "how_many": said("plan.confirm.end_tasks", n=left),
        "verb": said("plan.deed.end"),
        "name": "deed",
        "value": "end",
        "action": reverse("plan_run_do", args=[key]),
        "reason_required": True,
        "reason": here.typed.get("reason", "") if here else "",
        "problem": here.problem if here else "",
    }


@desk("plans", READ)
@require_POST
def do(request: HttpRequest, key: str) -> HttpResponse:
    """One deed on the run; what is refused is said where it was typed."""
    viewing: Viewing = request.viewing
    post = request.POST
    by = viewing.by()
    reason = post.get("reason", "")[:400]
    queries.run_get(key, actor=viewing.actor, at=viewing.at)
    deeds: dict[str, Callable[[], Any]] = {
        "suspend": lambda: actions.yields_suspend(key, reason=reason, **by),
        "site": lambda: actions.site_add(
            key,
            name=post.get("name", ""),
            area_code=post.get("area_code", "")[:24],
            rooms=number_typed(post.get("rooms", ""), "plan.site_rooms"),
            **by,
        ),
        "end": lambda: actions.plan_end(key, reason, **by),
    }
    deed = post.get("deed", "")
    if deed not in deeds:
        return redirect("plan_run", key=key)
    refused = tried(request, deed, deeds[deed])
    return _run_page(request, key, refused) if refused else redirect("plan_run", key=key)
