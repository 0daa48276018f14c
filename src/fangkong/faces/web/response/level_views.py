"""What response is in force where, its history, one level with its deeds, and the two forms that make one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fangkong.command.models import ResponseLevel
from fangkong.command.response import actions, queries
from fangkong.command.response.level_rows import DECLARE, PROPOSE, entered_as_fact, latest_review
from fangkong.command.response.level_rules import ROMAN, hazards, level_authority, rows_on_ending
from fangkong.command.response.plan_rows import START
from fangkong.command.response.yield_rules import evacuation_hazards
from fangkong.command.tasks.owners import doing_roles
from fangkong.desks.control.starting import RANKS
from fangkong.faces.papers.order_phrases import rule_lines
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.control.presenting import coded, people_names, said
from fangkong.faces.web.figures import disease_name
from fangkong.faces.web.gate import desk
from fangkong.faces.web.histories import history_rows
from fangkong.faces.web.paging import pager
from fangkong.faces.web.typed_times import day_or_none, day_typed
from fangkong.faces.web.viewing import Viewing
from fangkong.record.rulebook import rulebook

from .typed import MOST_CHARACTERS, Refused, number_typed, tried

READ = "plan.read"
PAGE_ROWS = 25

_TEXTS = (
    "area_code", "hazard", "disease", "level", "rank", "document", "matters", "measures", "starts_on",
    "review_on", "expected_until", "ended_on", "known_on", "reason",
)  # fmt: skip


@desk("response", READ)
@require_GET
def response(request: HttpRequest) -> HttpResponse:
    """What is in force where, what waits for a decision, which plans run, and the history."""
    viewing: Viewing = request.viewing
    actor, at = viewing.actor, viewing.at
    current = queries.levels_in_force(actor=actor, at=at, day=viewing.day)
    waiting = queries.levels_proposed(actor=actor, at=at)
    page = queries.levels_history(actor=actor, at=at, limit=PAGE_ROWS, after=request.GET.get("after", ""))
    runs = queries.runs_list(actor=actor, at=at, state="running")
    plans = queries.plans_named([run.plan_key for run in runs], actor=actor, at=at)
    progress = queries.runs_progress([run.key for run in runs], at=at)
    every = [*current, *waiting, *page.rows]
    areas = area_names([*(each.area_code for each in every), *(run.area_code for run in runs)])
    evacuating = {each.hazard for each in current} & evacuation_hazards()
    flooded = next((each for each in current if each.hazard in evacuating), None)
    context: dict[str, Any] = {
        "page_title": said("response.page"),
        "current": [_row(each, areas) for each in current],
        "waiting": [_row(each, areas) for each in waiting],
        "history": [_row(each, areas) for each in page.rows],
        "pager": pager(request, page),
        "runs": [
            {
                "run": run,
                "plan": plans.get(run.plan_key),
                "area": areas.get(run.area_code, run.area_code),
                "tasks": progress.get(run.key, (0, 0))[0],
                "done": progress.get(run.key, (0, 0))[1],
            }
            for run in runs
        ],
        "two_hazards": flooded and queries.orders_would_yield(flooded, actor=actor, at=at),
        "flooded": flooded and _row(flooded, areas),
        "may_propose": actor.may(PROPOSE) and not viewing.looking_back,
    }
    return render(request, "response/response.html", context)


def level_title(level: ResponseLevel) -> str:
    """ "Level III, epidemic (COVID-19)" in the page's language."""
    what = said(f"response.hazard.{level.hazard}")
    if level.disease:
        what = said("response.hazard_of", hazard=what, disease=disease_name(level.disease))
    return said("response.level_title", level=said(f"response.level.{level.level}"), hazard=what)


def _row(level: ResponseLevel, areas: dict[str, str]) -> dict[str, Any]:
    return {
        "level": level,
        "title": level_title(level),
        "area": areas.get(level.area_code, level.area_code),
        "entered": entered_as_fact(level),
        "rank": rank_name(level.rank),
    }


def rank_name(rank: str) -> str:
    """The rank in words; ``unknown`` says so."""
    return said("response.rank_unknown") if rank not in RANKS else coded("order.rank", rank)


@desk("response", READ)
@require_GET
def level(request: HttpRequest, key: str) -> HttpResponse:
    """One level: what it says, by which rows, what it offers, what may be done."""
    return _level_page(request, key)


def _level_page(request: HttpRequest, key: str, refused: Refused | None = None) -> HttpResponse:
    viewing: Viewing = request.viewing
    actor, at = viewing.actor, viewing.at
    found = queries.level_get(key, actor=actor, at=at)
    versions = queries.level_versions(key, actor=actor, at=at)
    people = people_names(
        [
            found.proposed_by,
            found.declared_by,
            *(each["by"] for each in found.taken),
            *(each.source_key for each in versions),
        ]
    )
    areas = area_names([found.area_code])
    holds = found.state == "in_force"
    live = not viewing.looking_back and actor.sees(found.area_code)
    plans = queries.plans_offered(found, actor=actor, at=at) if holds else []
    offers = queries.level_offers(found) if found.state in ("in_force", "proposed") else []
    context: dict[str, Any] = {
        "page_title": level_title(found),
        "reads_orders": viewing.actor.may("order.read"),
        "found": found,
        "area": areas.get(found.area_code, found.area_code),
        "rank": rank_name(found.rank),
        "entered": entered_as_fact(found),
        "proposed_by": people.get(found.proposed_by, ""),
        "declared_by": people.get(found.declared_by, ""),
        "rules": rule_lines(found.rule_rows, request.LANGUAGE_CODE),
        "ending_rules": rule_lines(
            rows_on_ending(disease=found.disease, area_code=found.area_code, on=viewing.day),
            request.LANGUAGE_CODE,
        )
        if found.state in ("in_force", "ended")
        else [],
        "offers": [
            {
                "offer": offer,
                "title": said(f"response.offer.{offer.code}"),
                "taken": taken and taken | {"by": people.get(taken["by"], "")},
            }
            for offer, taken in offers
        ],
        "plans": [
            {"plan": plan, "runs": [each["key"] for each in found.taken if each["code"] == plan.key]}
            for plan in plans
        ],
        "yielding": queries.orders_would_yield(found, actor=actor, at=at) if holds else 0,
        "started": [each | {"by": people.get(each["by"], "")} for each in found.taken],
        "history": history_rows(versions, people),
        "roles": doing_roles(),
        "may_take": live and holds and actor.may("directive.draft"),
        "may_start": live and holds and actor.may(START),
        "deeds": _deeds(viewing, found) if live else [],
        "late": holds and found.review_on <= viewing.day,
        "refused": refused,
        "tomorrow": viewing.day + timedelta(days=1),
        "latest_review": latest_review(viewing.day),
        "two_people": found.state == "proposed" and found.proposed_by == actor.key,
    }
    return render(request, "response/level.html", context, status=refused.status if refused else 200)


def _deeds(viewing: Viewing, found: ResponseLevel) -> list[str]:
    actor = viewing.actor
    if found.state == "proposed":
        names = ["declare", "reject"] if actor.may(DECLARE) else []
        return names or (["reject"] if found.proposed_by == actor.key else [])
    if found.state == "in_force" and actor.may(PROPOSE if entered_as_fact(found) else DECLARE):
        return ["keep", "end"]
    return []


@desk("response", READ)
@require_POST
def do(request: HttpRequest, key: str) -> HttpResponse:
    """One deed on the level; what is refused is said where it was typed."""
    viewing: Viewing = request.viewing
    post = request.POST
    by = viewing.by()
    reason = post.get("reason", "")
    deeds: dict[str, Callable[[], Any]] = {
        "declare": lambda: actions.level_declare(key, **by),
        "reject": lambda: actions.level_reject(key, reason, **by),
        "keep": lambda: actions.level_keep(
            key, review_on=day_typed(post.get("review_on", ""), "response.column.review"), reason=reason, **by
        ),
        "end": lambda: actions.level_end(
            key,
            ended_on=day_typed(post.get("ended_on", ""), "response.field.ended_on"),
            reason=reason,
            document=post.get("document", ""),
            **by,
        ),
        "take": lambda: actions.level_offer_take(
            key,
            post.get("code", "")[:40],
            title=post.get("title", "")[:400],
            owner_role=post.get("owner_role", "")[:24],
            post=post.get("post", "")[:80],
            **by,
        ),
    }
    deed = post.get("deed", "")
    queries.level_get(key, actor=viewing.actor, at=viewing.at)
    if deed not in deeds:
        return redirect("level", key=key)
    refused = tried(request, deed, deeds[deed])
    return _level_page(request, key, refused) if refused else redirect("level", key=key)


@desk("response", PROPOSE)
@require_http_methods(["GET", "POST"])
def propose(request: HttpRequest) -> HttpResponse:
    """A level of the own office proposed; another declares it."""
    return _form(request, "propose", _propose)


@desk("response", PROPOSE)
@require_http_methods(["GET", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """A level that was declared elsewhere entered as a fact, with its document."""
    return _form(request, "enter", _enter)


def _form(request: HttpRequest, what: str, make: Callable[[HttpRequest], str]) -> HttpResponse:
    viewing: Viewing = request.viewing
    made: list[str] = []
    refused = None
    if request.method == "POST":
        refused = tried(request, what, lambda: made.append(make(request)))
        if refused is None:
            return redirect("level", key=made[0])
    typed = {name: request.POST.get(name, "")[:MOST_CHARACTERS] for name in _TEXTS}
    if request.method != "POST":
        typed |= {
            "area_code": viewing.actor.area_code,
            "hazard": "epidemic" if what == "propose" else request.GET.get("hazard", "epidemic")[:24],
            "disease": viewing.installation.disease,
            "level": "3",
            "starts_on": viewing.day.isoformat(),
            "review_on": (viewing.day + timedelta(weeks=1)).isoformat(),
        }
    own = [code for code, hazard in hazards().items() if hazard.declared_by == "rules"]
    context: dict[str, Any] = {
        "page_title": said(f"response.{what}"),
        "what": what,
        "lead": said(f"response.{what}_lead"),
        "typed": typed,
        "hazards": own if what == "propose" else list(hazards()),
        "levels": [(str(number), said(f"response.level.{number}")) for number in ROMAN],
        "ranks": RANKS,
        "diseases": [(code, disease_name(code)) for code in rulebook().diseases()],
        "who": _who(viewing) if what == "propose" else [],
        "refused": refused,
        "blocked": viewing.looking_back,
    }
    return render(request, "response/level_form.html", context, status=refused.status if refused else 200)


def _who(viewing: Viewing) -> list[dict[str, str]]:
    """Who signs which level over the reader's own area today, with the row that says so."""
    rows = []
    for number in ROMAN:
        found = level_authority(
            hazard="epidemic",
            level=number,
            area_code=viewing.actor.area_code,
            disease=viewing.installation.disease,
            on=viewing.day,
        )
        lines = rule_lines(found.rule_rows[:1], None)
        rows.append(
            {
                "level": said(f"response.level.{number}"),
                "rank": rank_name(found.rank),
                "title": lines[0].title if lines else "",
            }
        )
    return rows


def _propose(request: HttpRequest) -> str:
    viewing, post = request.viewing, request.POST
    return actions.level_propose(
        area_code=post.get("area_code", "").strip()[:24],
        hazard=post.get("hazard", "")[:24],
        disease=post.get("disease", "")[:40],
        level=number_typed(post.get("level", ""), "level.unknown_level"),
        matters=post.get("matters", "")[:MOST_CHARACTERS],
        measures=post.get("measures", "")[:MOST_CHARACTERS].splitlines(),
        starts_on=day_typed(post.get("starts_on", ""), "response.field.starts_on"),
        review_on=day_typed(post.get("review_on", ""), "response.column.review"),
        expected_until=day_or_none(post.get("expected_until", ""), "response.field.expected_until"),
        document=post.get("document", "")[:200],
        reason=post.get("reason", "")[:400],
        **viewing.by(),
    )


def _enter(request: HttpRequest) -> str:
    viewing, post = request.viewing, request.POST
    hazard = post.get("hazard", "")[:24]
    known_on = day_or_none(post.get("known_on", ""), "response.field.known_on")
    needs_disease = hazard in hazards() and hazards()[hazard].needs_disease
    return actions.level_record(
        area_code=post.get("area_code", "").strip()[:24],
        hazard=hazard,
        disease=post.get("disease", "")[:40] if needs_disease else "",
        level=number_typed(post.get("level", ""), "level.unknown_level"),
        rank=post.get("rank", "")[:12],
        document=post.get("document", "")[:200],
        matters=post.get("matters", "")[:MOST_CHARACTERS],
        measures=post.get("measures", "")[:MOST_CHARACTERS].splitlines(),
        starts_on=day_typed(post.get("starts_on", ""), "response.field.starts_on"),
        review_on=day_or_none(post.get("review_on", ""), "response.column.review"),
        ended_on=day_or_none(post.get("ended_on", ""), "response.field.ended_on_past"),
        known_at=viewing.installation.close_of(known_on) if known_on and known_on < viewing.day else None,
        **viewing.by(),
    )
