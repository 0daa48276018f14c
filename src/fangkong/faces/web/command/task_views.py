"""Tasks: the day's list, one task, and its steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_POST

from fangkong.command.tasks import actions, queries
from fangkong.command.tasks.states import STEPS, UNFINISHED
from fangkong.core.errors import InputError
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.control.presenting import coded, said
from fangkong.faces.web.gate import desk
from fangkong.faces.web.paging import pager
from fangkong.faces.words.errors import error_text
from fangkong.record.models import Task, User

from .task_subjects import subjects_of

PAGE_ROWS = 30

#: Step -> (action, whether it needs a note).
ACTIONS: dict[str, tuple[Callable[..., Any], bool]] = {
    "acknowledge": (actions.task_acknowledge, False),
    "done": (actions.task_done, False),
    "verify": (actions.task_verify, False),
    "return": (actions.task_return, True),
    "revoke": (actions.task_revoke, True),
}

#: Where the subject of a task is shown, and the permission its page asks for.
SUBJECT_PAGES = {"order": ("order", "order.read"), "case": ("case", "case.read")}


@desk("tasks", "task.read")
@require_GET
def tasks(request: HttpRequest) -> HttpResponse:
    """The unfinished tasks, the earliest deadline first; "mine" and "overdue" are filters in the address."""
    viewing = request.viewing
    show = request.GET.get("show", "all")
    common = {
        "actor": viewing.actor,
        "at": viewing.at,
        "limit": PAGE_ROWS,
        "after": request.GET.get("after", ""),
    }
    if show == "overdue":
        page = queries.tasks_overdue(**common)
    else:
        page = queries.tasks_open(mine=show == "mine", **common)
    areas = area_names([task.area_code for task in page.rows])
    owners = dict(
        User.objects.filter(key__in={t.owner_key for t in page.rows if t.owner_key}).values_list(
            "key", "display_name"
        )
    )
    counts = queries.task_counts(actor=viewing.actor, at=viewing.at)
    about = subjects_of(page.rows, actor=viewing.actor, at=viewing.at)
    context = {
        "page_title": said("task.page"),
        "show": show,
        "open": sum(counts.get(state, 0) for state in UNFINISHED),
        "overdue": queries.tasks_overdue(actor=viewing.actor, at=viewing.at, limit=1).total,
        "rows": [
            _row(task, viewing, areas, owners) | {"about": about.get(task.key, "")} for task in page.rows
        ],
        "pager": pager(request, page, show=show),
    }
    return render(request, "command/tasks.html", context)


def _row(task: Task, viewing: Any, areas: dict[str, str], owners: dict[str, str]) -> dict[str, Any]:
    return {
        "task": task,
        "deed": coded("task.kind", task.kind),
        "area": areas.get(task.area_code, task.area_code),
        "owner": owners.get(task.owner_key) or coded("role", task.owner_role),
        "left": task.due_at - viewing.at,
        "late": task.due_at < viewing.at,
    }


@desk("tasks", "task.read")
@require_GET
def task(request: HttpRequest, key: str) -> HttpResponse:
    """One task, its history, and the steps that the reader may take."""
    return _task_page(request, key)


def _task_page(
    request: HttpRequest, key: str, problem: str = "", note: str = "", status: int = 200
) -> HttpResponse:
    viewing = request.viewing
    found = queries.task_get(key, actor=viewing.actor, at=viewing.at)
    steps = [name for name in ACTIONS if found.state in STEPS[name]]
    may = viewing.actor.may("task.write") or (
        viewing.actor.may("task.own") and found.owner_role == viewing.actor.role
    )
    name, permission = SUBJECT_PAGES.get(found.subject_kind, ("", ""))
    owners = dict(User.objects.filter(key=found.owner_key).values_list("key", "display_name"))
    context = {
        "page_title": coded("task.kind", found.kind),
        "row": _row(found, viewing, area_names([found.area_code]), owners),
        "task": found,
        "steps": [{"name": step, "needs_note": ACTIONS[step][1]} for step in steps] if may else [],
        "may": may and not viewing.looking_back,
        "subject_href": reverse(name, args=[found.subject_key])
        if name and viewing.actor.may(permission)
        else "",
        "about": subjects_of([found], actor=viewing.actor, at=viewing.at).get(found.key, ""),
        "history": queries.task_history(key, actor=viewing.actor, at=viewing.at),
        "problem": problem,
        "note": note,
    }
    return render(request, "command/task.html", context, status=status)


@desk("tasks", "task.read")
@require_POST
def step(request: HttpRequest, key: str) -> HttpResponse:
    """The step taken; the task again."""
    viewing = request.viewing
    viewing.require_live()
    name, note = request.POST.get("step", ""), request.POST.get("note", "")
    try:
        if name not in ACTIONS:
            raise InputError("task.unknown_step", step=name[:20])
        action, needs_note = ACTIONS[name]
        extra = {"note": note} if needs_note or (name == "done" and note) else {}
        action(key, actor=viewing.actor, at=viewing.installation.now(), **extra)
    except InputError as problem:
        return _task_page(request, key, error_text(problem, get_language() or "zh-hans"), note, status=400)
    return redirect("task", key=key)
