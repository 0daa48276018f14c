"""Contingency plans: the list, one plan with its checklist and its deeds, and the form that writes one."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fangkong.command.models import Plan
from fangkong.command.response import actions, queries
from fangkong.command.response.examples import example_plans
from fangkong.command.response.level_rules import ROMAN, hazards
from fangkong.command.response.plan_rows import APPROVE, START, WRITE
from fangkong.command.response.yield_rules import evacuation_hazards
from fangkong.command.response.yielding import yields_of
from fangkong.command.tasks.evidence import evidence_kinds
from fangkong.command.tasks.owners import doing_roles, held, staffed
from fangkong.core.errors import InputError, NotFound
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.control.presenting import coded, people_names, said
from fangkong.faces.web.gate import desk
from fangkong.faces.web.paging import pager
from fangkong.faces.web.viewing import Viewing
from fangkong.faces.words import catalogue

from .typed import MOST_CHARACTERS, Refused, tried

READ = "plan.read"
PAGE_ROWS = 25
STATES = ("in_force", "draft", "retired")

#: Rows of an empty checklist, and the most that a form takes.
ROWS, MOST_ROWS = 6, 60

_STEP = ("title", "owner_role", "post", "within_hours", "evidence_kind", "after")


@desk("plans", READ)
@require_GET
def plans(request: HttpRequest) -> HttpResponse:
    """The plans that the reader sees; state and kind are filters in the address."""
    viewing: Viewing = request.viewing
    actor, at = viewing.actor, viewing.at
    show = request.GET.get("show", "in_force")
    show = show if show in STATES else "in_force"
    kinds = queries.plan_kinds(actor=actor, at=at)
    kind = request.GET.get("kind", "")
    kind = kind if kind in kinds else ""
    page = queries.plans_list(
        actor=actor, at=at, state=show, kind=kind, limit=PAGE_ROWS, after=request.GET.get("after", "")
    )
    runs = queries.runs_list(actor=actor, at=at)
    named = queries.plans_named([run.plan_key for run in runs], actor=actor, at=at)
    progress = queries.runs_progress([run.key for run in runs], at=at)
    areas = area_names([*(each.area_code for each in page.rows), *(run.area_code for run in runs)])
    context: dict[str, Any] = {
        "page_title": said("plan.page"),
        "show": show,
        "states": STATES,
        "kind": kind,
        "kinds": kinds,
        "rows": [
            {
                "plan": each,
                "area": areas.get(each.area_code, each.area_code),
                "steps": len(each.checklist),
                "levels": level_names(each),
            }
            for each in page.rows
        ],
        "runs": [
            {
                "run": run,
                "plan": named.get(run.plan_key),
                "area": areas.get(run.area_code, run.area_code),
                "tasks": progress.get(run.key, (0, 0))[0],
                "done": progress.get(run.key, (0, 0))[1],
            }
            for run in runs
        ],
        "may": actor.may(WRITE) and not viewing.looking_back,
        "pager": pager(request, page, **({"show": show} | ({"kind": kind} if kind else {}))),
    }
    return render(request, "response/plans.html", context)


def level_names(plan: Plan) -> str:
    """The levels at which the plan is offered, in words."""
    if not plan.levels:
        return said("plan.levels_all") if plan.hazard else ""
    return said("frame.and").join(said(f"response.level.{number}") for number in plan.levels)


def steps_of(plan: Plan) -> list[dict[str, Any]]:
    """The checklist with its codes in words."""
    return [
        item
        | {
            "owner": coded("role", item["owner_role"]),
            "proof": coded("task.evidence", item["evidence_kind"]) if item["evidence_kind"] else "",
            "behind": said("frame.and").join(str(n) for n in item["after"]),
        }
        for item in plan.checklist
    ]


@desk("plans", READ)
@require_GET
def plan(request: HttpRequest, key: str) -> HttpResponse:
    """One plan: its checklist, its editions, its runs, and what may be done with it."""
    return _plan_page(request, key)


def _plan_page(request: HttpRequest, key: str, refused: Refused | None = None) -> HttpResponse:
    viewing: Viewing = request.viewing
    actor, at = viewing.actor, viewing.at
    found = queries.plan_get(key, actor=actor, at=at)
    editions = queries.plan_editions(found, actor=actor, at=at)
    runs = queries.runs_list(actor=actor, at=at, plan_key=key)
    progress = queries.runs_progress([run.key for run in runs], at=at)
    people = people_names([found.written_by, found.approved_by, *(run.started_by for run in runs)])
    areas = area_names([found.area_code, *(run.area_code for run in runs)])
    live = not viewing.looking_back and actor.sees(found.area_code)
    may_start = live and found.state == "in_force" and actor.may(START)
    typed = refused.typed if refused else {}
    context: dict[str, Any] = {
        "page_title": found.title,
        "plan": found,
        "area": areas.get(found.area_code, found.area_code),
        "levels": level_names(found),
        "steps": steps_of(found),
        "editions": editions,
        "runs": [
            {
                "run": run,
                "area": areas.get(run.area_code, run.area_code),
                "by": people.get(run.started_by, ""),
                "tasks": progress.get(run.key, (0, 0))[0],
                "done": progress.get(run.key, (0, 0))[1],
            }
            for run in runs
        ],
        "written_by": people.get(found.written_by, ""),
        "approved_by": people.get(found.approved_by, ""),
        "may_write": live and actor.may(WRITE) and found.state != "draft",
        "may_approve": live and found.state == "draft" and actor.may(APPROVE),
        "may_drop": live and found.state == "draft" and (actor.may(APPROVE) or found.written_by == actor.key),
        "may_retire": live and found.state == "in_force" and actor.may(APPROVE),
        "own_draft": found.written_by == actor.key,
        "unstaffed": _unstaffed(found) if may_start else [],
        "starts": _starts(viewing, found, request, refused) if may_start else [],
        "refused": refused,
        "typed": typed,
    }
    return render(request, "response/plan.html", context, status=refused.status if refused else 200)


def _unstaffed(found: Plan) -> list[str]:
    """The roles of the checklist that nobody active holds here: their tasks go to the duty officer."""
    staff = staffed()
    roles = dict.fromkeys(item["owner_role"] for item in found.checklist)
    return [coded("role", role) for role in roles if not held(role, found.area_code, staff)]


def _starts(
    viewing: Viewing, found: Plan, request: HttpRequest, refused: Refused | None
) -> list[dict[str, Any]]:
    """The two ways to set the plan in motion, each with what will happen and to how many."""
    yields = len(yields_of(found, found.area_code, drill=False, at=viewing.at))
    typed = refused.typed if refused else {}
    token = typed.get("submit") or secrets.token_urlsafe(12)
    level_key = typed.get("level") or request.GET.get("level", "")[:96]
    roles = len({item["owner_role"] for item in found.checklist})
    ways = []
    for deed in ("start", "drill"):
        count = said("plan.confirm.tasks", n=len(found.checklist), roles=roles)
        if deed == "start" and found.evacuates:
            count = said("plan.confirm.with_orders", tasks=count, n=yields)
        here = refused if refused is not None and refused.deed == deed else None
        ways.append(
            {
                "id": deed,
                "title": said(f"plan.deed.{deed}"),
                "what": said(f"plan.confirm.{deed}"),
                "how_many": count,
                "verb": said(f"plan.deed.{deed}"),
                "name": "deed",
                "value": deed,
                "hidden": [
                    {"name": "submit", "value": token},
                    {"name": "level", "value": level_key if deed == "start" else ""},
                ],
                "action": reverse("plan_do", args=[found.key]),
                "reason_required": True,
                "reason": here.typed.get("reason", "") if here else "",
                "problem": here.problem if here else "",
            }
        )
    return ways


@desk("plans", READ)
@require_POST
def do(request: HttpRequest, key: str) -> HttpResponse:
    """One deed on the plan; what is refused is said where it was typed."""
    viewing: Viewing = request.viewing
    post = request.POST
    by = viewing.by()
    reason = post.get("reason", "")[:400]
    found = queries.plan_get(key, actor=viewing.actor, at=viewing.at)
    made: list[str] = []

    def start(drill: bool) -> None:
        made.append(
            actions.plan_start(
                key,
                drill=drill,
                reason=reason,
                submit=post.get("submit", "")[:80],
                area_code=found.area_code,
                level_key=post.get("level", "")[:96],
                **by,
            )
        )

    deeds: dict[str, Callable[[], Any]] = {
        "approve": lambda: actions.plan_approve(key, **by),
        "reject": lambda: actions.plan_reject(key, reason, **by),
        "retire": lambda: actions.plan_retire(key, reason, **by),
        "start": lambda: start(False),
        "drill": lambda: start(True),
    }
    deed = post.get("deed", "")
    if deed not in deeds:
        return redirect("plan", key=key)
    refused = tried(request, deed, deeds[deed])
    if refused:
        return _plan_page(request, key, refused)
    return redirect("plan_run", key=made[0]) if made else redirect("plan", key=key)


@desk("plans", WRITE)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A plan written: from nothing, from an example, or as the next edition of one."""
    viewing: Viewing = request.viewing
    earlier = _earlier(request)
    refused, made = None, list[str]()
    more = "more" in request.POST
    if request.method == "POST" and not more:
        refused = tried(request, "new", lambda: made.append(_draft(request)))
        if refused is None:
            return redirect("plan", key=made[0])
    typed = _typed(request) if request.method == "POST" else _offered(request, earlier)
    if more:
        typed["steps"] = (typed["steps"] + [dict.fromkeys(_STEP, "")] * ROWS)[:MOST_ROWS]
    context: dict[str, Any] = {
        "page_title": said("plan.next_edition" if earlier else "plan.new"),
        "earlier": earlier,
        "typed": typed,
        "steps": list(enumerate(typed["steps"], start=1)),
        "hazards": list(hazards()),
        "evacuation_hazards": said("frame.and").join(
            said(f"response.hazard.{each}") for each in sorted(evacuation_hazards())
        ),
        "levels": [(str(n), said(f"response.level.{n}"), str(n) in typed["levels"]) for n in ROMAN],
        "roles": doing_roles(),
        "proofs": [(code, coded("task.evidence", code)) for code in evidence_kinds()],
        "examples": [(each.code, each.title) for each in example_plans(_tongue())],
        "more_rows": len(typed["steps"]) < MOST_ROWS,
        "refused": refused,
        "blocked": viewing.looking_back,
    }
    return render(request, "response/plan_new.html", context, status=refused.status if refused else 200)


def _tongue() -> str:
    return catalogue.language(get_language())


def _earlier(request: HttpRequest) -> Plan | None:
    key = (request.POST.get("replaces") or request.GET.get("replaces", ""))[:96]
    if not key:
        return None
    return queries.plan_get(key, actor=request.viewing.actor, at=request.viewing.at)


def _offered(request: HttpRequest, earlier: Plan | None) -> dict[str, Any]:
    """What the empty form begins with: the edition before, an example, or nothing."""
    asked = request.GET.get("example", "")
    example = next((each for each in example_plans(_tongue()) if each.code == asked), None)
    if asked and example is None:
        raise NotFound("plan.unknown", key=asked[:96])
    source = earlier or example
    typed: dict[str, Any] = {
        "area_code": earlier.area_code if earlier else request.viewing.actor.area_code,
        "kind": source.kind if source else "",
        "title": source.title if source else "",
        "hazard": source.hazard if source else "",
        "evacuates": bool(source and source.evacuates),
        "levels": [str(n) for n in source.levels] if source else [],
        "steps": [
            {name: ", ".join(map(str, item[name])) if name == "after" else str(item[name]) for name in _STEP}
            for item in (source.checklist if source else ())
        ],
    }
    if not typed["steps"]:
        typed["steps"] = [dict.fromkeys(_STEP, "")] * ROWS
    return typed


def _typed(request: HttpRequest) -> dict[str, Any]:
    post = request.POST
    columns = [post.getlist(f"step_{name}") for name in _STEP]
    steps = [
        {name: value[:MOST_CHARACTERS] for name, value in zip(_STEP, values, strict=True)}
        for values in zip(*columns, strict=False)
    ]
    typed: dict[str, Any] = {
        name: post.get(name, "")[:MOST_CHARACTERS] for name in ("area_code", "kind", "title", "hazard")
    }
    return typed | {
        "evacuates": bool(post.get("evacuates")),
        "levels": [each[:2] for each in post.getlist("levels")],
        "steps": steps[:MOST_ROWS],
    }


def _draft(request: HttpRequest) -> str:
    viewing, typed = request.viewing, _typed(request)
    # Empty rows are left out, and what came behind them is numbered anew, the numbers in "after" with it.
    filled = [(n, step) for n, step in enumerate(typed["steps"], start=1) if step["title"].strip()]
    numbers = {n: place for place, (n, _) in enumerate(filled, start=1)}
    return actions.plan_draft(
        kind=typed["kind"],
        title=typed["title"],
        area_code=typed["area_code"].strip()[:24],
        hazard=typed["hazard"][:24],
        levels=[int(each) for each in typed["levels"] if each.isdigit()],
        evacuates=typed["evacuates"],
        checklist=[_item(numbers[n], step, numbers) for n, step in filled],
        replaces_key=request.POST.get("replaces", "")[:96],
        **viewing.by(),
    )


def _item(n: int, step: dict[str, str], numbers: dict[int, int]) -> dict[str, Any]:
    try:
        hours = float(step["within_hours"])
    except ValueError:
        raise InputError("plan.item_hours", n=n) from None
    after = []
    for each in step["after"].replace("，", ",").replace("、", ",").split(","):
        if each.strip():
            if not each.strip().isdigit() or int(each) not in numbers:
                raise InputError("plan.item_after", n=n)
            after.append(numbers[int(each)])
    whole = int(hours) if hours.is_integer() else hours
    return step | {"within_hours": whole, "after": after}
