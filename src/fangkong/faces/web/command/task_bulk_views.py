"""Many tasks at once: given, handed to somebody, taken from somebody who is away, split among several."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_POST

from fangkong.command.tasks import queries
from fangkong.command.tasks.assigning import tasks_assign, tasks_reassign, tasks_split
from fangkong.command.tasks.boards import TaskFilter, keys_to_assign, tasks_board
from fangkong.command.tasks.giving import PARTIES, NewTask, tasks_create
from fangkong.core.errors import Conflict, FangkongError, InputError
from fangkong.faces.web.control.presenting import people_names, said
from fangkong.faces.web.gate import desk
from fangkong.faces.web.typed_times import moment_typed
from fangkong.faces.web.viewing import Viewing
from fangkong.faces.words.errors import error_text

from .task_choices import (
    area_choices,
    evidence_choices,
    owner_choices,
    owner_typed,
    party_choices,
    person_typed,
)
from .task_rows import task_rows
from .task_views import conflict_said, filter_of, task_page

#: The most tasks that one act hands to somebody.
MOST = 5000

#: The most tasks that one form gives: lines times areas.
MOST_GIVEN = 500

#: Tasks named on the page that asks whether they are to be assigned.
_NAMED = 10


@desk("tasks", "task.write")
@require_http_methods(["GET", "POST"])
def assign(request: HttpRequest) -> HttpResponse:
    """The chosen tasks, or all that fit the filter, to a role or a person; asked with their number first."""
    viewing: Viewing = request.viewing
    viewing.require_live()
    given = request.POST if request.method == "POST" else request.GET
    wanted = filter_of(given)
    keys = _chosen(given, wanted, viewing)
    problem, status = "", 200
    if request.method == "POST":
        try:
            return _assigned(request, keys, viewing)
        except (InputError, Conflict) as refused:
            problem, status = _said(refused, viewing), 409 if isinstance(refused, Conflict) else 400
    page = queries.tasks_by_key(keys[:_NAMED], actor=viewing.actor, at=viewing.at)
    context = {
        "page_title": said("task.assign.page"),
        "n": len(keys),
        "keys": [] if given.get("all") == "yes" else keys,
        "all": given.get("all") == "yes",
        "chosen": wanted.chosen(),
        "rows": task_rows(page, viewing),
        "more": max(0, len(keys) - _NAMED),
        "problem": problem,
        "typed": given,
        **owner_choices(viewing.actor),
    }
    return render(request, "command/task_assign.html", context, status=status)


def _chosen(given: Any, wanted: TaskFilter, viewing: Viewing) -> list[str]:
    if given.get("all") == "yes":
        return keys_to_assign(wanted, actor=viewing.actor, at=viewing.at, limit=MOST)
    return sorted(set(given.getlist("key")))[:MOST]


def _assigned(request: HttpRequest, keys: list[str], viewing: Viewing) -> HttpResponse:
    seen = request.POST.get("n", "")
    if seen != str(len(keys)):
        raise Conflict("task.number_changed", n=len(keys))
    owner: dict[str, Any] = owner_typed(request.POST)
    tasks_assign(keys, **owner, post=request.POST.get("post", ""), **viewing.by())
    return redirect(f"{reverse('tasks')}?show=all")


@desk("tasks", "task.write")
@require_http_methods(["GET", "POST"])
def reassign(request: HttpRequest) -> HttpResponse:
    """Everything that one person holds, to another or back to the role."""
    viewing: Viewing = request.viewing
    viewing.require_live()
    given, problem, status = request.POST or request.GET, "", 200
    if request.method == "POST":
        try:
            return _reassigned(request, viewing)
        except (InputError, Conflict) as refused:
            problem, status = _said(refused, viewing), 409 if isinstance(refused, Conflict) else 400
    holders = tasks_board(actor=viewing.actor, at=viewing.at).holders
    people = people_names(key for key, _ in holders)
    context = {
        "page_title": said("task.reassign.page"),
        "holders": [{"key": key, "name": people[key], "n": n} for key, n in holders],
        "from_key": given.get("from", ""),
        "areas": area_choices(viewing.actor, _english()),
        "problem": problem,
        "typed": given,
        **owner_choices(viewing.actor),
    }
    return render(request, "command/task_reassign.html", context, status=status)


def _reassigned(request: HttpRequest, viewing: Viewing) -> HttpResponse:
    person = person_typed(request.POST.get("person", ""))
    moved = tasks_reassign(
        request.POST.get("from", "")[:96],
        to_key=person.key if person else "",
        area_code=request.POST.get("area", "")[:24],
        **viewing.by(),
        reason=request.POST.get("reason", ""),
    )
    if not moved:
        raise InputError("task.nothing_held")
    target = f"?person={person.key}" if person else ""
    return redirect(f"{reverse('tasks')}{target}")


@desk("tasks", "task.write")
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Tasks given in words: one for each line in each chosen area."""
    viewing: Viewing = request.viewing
    viewing.require_live()
    problem, status = "", 200
    if request.method == "POST":
        try:
            rows = _rows_typed(request, viewing)
            tasks_create(rows, **viewing.by())
            return redirect(f"{reverse('tasks')}?kind=directed")
        except InputError as refused:
            problem, status = _said(refused, viewing), 400
    context = {
        "page_title": said("task.new.page"),
        "areas": area_choices(viewing.actor, _english()),
        "kinds": evidence_choices(),
        "parties": [
            (party, name, request.POST.get(f"party_{party}", "")[:80]) for party, name in party_choices()
        ],
        "problem": problem,
        "typed": request.POST,
        "ticked": request.POST.getlist("area"),
        **owner_choices(viewing.actor),
    }
    return render(request, "command/task_new.html", context, status=status)


def _rows_typed(request: HttpRequest, viewing: Viewing) -> list[NewTask]:
    post = request.POST
    titles = [line.strip() for line in post.get("titles", "").splitlines() if line.strip()]
    areas = [area[:24] for area in post.getlist("area")]
    if not titles:
        raise InputError("task.title_needed", n=1)
    if not areas:
        raise InputError("task.area_needed", n=1)
    if len(titles) * len(areas) > MOST_GIVEN:
        raise InputError("task.too_many", n=len(titles) * len(areas), most=MOST_GIVEN)
    owner = owner_typed(post)
    due_at = moment_typed(post.get("due_at", ""), viewing.installation.zone, "task.due")
    parties = {party: post.get(f"party_{party}", "").strip()[:80] for party in PARTIES}
    return [
        NewTask(
            title=title,
            owner_role=owner["owner_role"],
            owner_key=owner["owner_key"],
            area_code=area,
            due_at=due_at,
            post=post.get("post", ""),
            four_parties={party: text for party, text in parties.items() if text},
            evidence_kind=post.get("evidence_kind", "")[:24],
        )
        for area in areas
        for title in titles
    ]


@desk("tasks", "task.write")
@require_POST
def split(request: HttpRequest, key: str) -> HttpResponse:
    """The task once for each person named; the page of the task, which now waits for them."""
    viewing: Viewing = request.viewing
    viewing.require_live()
    try:
        names = request.POST.get("people", "").replace(",", " ").replace("，", " ").replace("、", " ").split()
        people = [person for person in map(person_typed, names) if person is not None]
        now = viewing.installation.now()
        tasks_split(key, to_keys=[person.key for person in people], actor=viewing.actor, at=now)
    except (InputError, Conflict) as refused:
        status = 409 if isinstance(refused, Conflict) else 400
        return task_page(request, key, _said(refused, viewing), status=status)
    return redirect("task", key=key)


def _said(problem: FangkongError, viewing: Viewing) -> str:
    if isinstance(problem, Conflict):
        return conflict_said(problem, viewing)
    return error_text(problem, get_language() or "zh-hans")


def _english() -> bool:
    return (get_language() or "").startswith("en")
