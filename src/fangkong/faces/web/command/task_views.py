"""Tasks: the list by filter, one task, and its steps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_POST

from fangkong.command.office_clocks import OFFICE
from fangkong.command.tasks import actions, queries
from fangkong.command.tasks.boards import TaskFilter, tasks_filtered
from fangkong.command.tasks.evidence import evidence_kind
from fangkong.command.tasks.giving import PARTIES
from fangkong.command.tasks.states import STEPS, UNFINISHED
from fangkong.core.errors import Conflict, Forbidden, InputError
from fangkong.faces.web.control.presenting import coded, people_names, said
from fangkong.faces.web.gate import desk
from fangkong.faces.web.paging import pager
from fangkong.faces.web.viewing import Viewing
from fangkong.faces.words import formats
from fangkong.faces.words.errors import error_text
from fangkong.public.third_party import KIND as REPORT
from fangkong.record.models import Task

from .limits_followed import limits_followed
from .proof_documents import documents_offered
from .task_rows import carried_out, history_rows, proof_rows, task_rows
from .task_subjects import subjects_of

PAGE_ROWS = 30

#: Step -> (action, whether it needs a note).
ACTIONS: dict[str, tuple[Callable[..., Any], bool]] = {
    "acknowledge": (actions.task_acknowledge, False),
    "done": (actions.task_done, False),
    "verify": (actions.task_verify, False),
    "refuse": (actions.task_refuse, True),
    "return": (actions.task_return, True),
    "revoke": (actions.task_revoke, True),
}

#: Steps for those who may give tasks, not for those who only do them.
_SUPERVISED = ("verify", "refuse", "revoke")

#: Where the subject of a task is shown, and the permission its page asks for.
SUBJECT_PAGES = {
    "order": ("order", "order.read"),
    "case": ("case", "case.read"),
    "signal": ("signal", "signal.read"),
    "person": ("person", "person.unmask"),
    "task": ("task", "task.read"),
    "directive_below": ("directive", "directive.read"),
    "level": ("level", "plan.read"),
    "plan_run": ("plan_run", "plan.read"),
    "permit": ("permit", "permit.read"),
}

#: The parts of a filter that an address may hold.
_FILTERED = ("state", "area", "role", "person", "post", "kind", "carries_out")


@desk("tasks", "task.read")
@require_GET
def tasks(request: HttpRequest) -> HttpResponse:
    """The unfinished tasks, the earliest deadline first; filters stand in the address."""
    viewing = request.viewing
    show, wanted = request.GET.get("show", "all"), filter_of(request.GET)
    common = {
        "actor": viewing.actor,
        "at": viewing.at,
        "limit": PAGE_ROWS,
        "after": request.GET.get("after", ""),
    }
    page = queries.tasks_open(mine=True, **common) if show == "mine" else tasks_filtered(wanted, **common)
    counts = queries.task_counts(actor=viewing.actor, at=viewing.at)
    about = subjects_of(page.rows, actor=viewing.actor, at=viewing.at)
    may_assign = viewing.actor.may("task.write") and not viewing.looking_back
    chosen = wanted.chosen()
    context = {
        "page_title": said("task.page"),
        "may_take_report": may_assign,
        "may_assign": may_assign,
        "show": "all" if show not in ("mine", "overdue") else show,
        "open": sum(counts.get(state, 0) for state in UNFINISHED),
        "overdue": queries.tasks_overdue(actor=viewing.actor, at=viewing.at, limit=1).total,
        "filters": _filters_said(chosen),
        "chosen": chosen,
        "total": page.total,
        "rows": [
            row
            | {"about": about.get(row["task"].key, ""), "assignable": row["task"].state in STEPS["assign"]}
            for row in task_rows(page.rows, viewing)
        ],
        "pager": pager(request, page, show=show, **chosen),
    }
    return render(request, "command/tasks.html", context)


def filter_of(given: Any) -> TaskFilter:
    """The filter that an address or a form asks for."""
    named = {name: given.get(name, "")[:96] for name in _FILTERED}
    if named["state"] not in UNFINISHED:
        named["state"] = ""
    late = given.get("show") == "overdue" or given.get("late") == "yes"
    return TaskFilter(**named, late=late, untaken=given.get("untaken") == "yes")


def _filters_said(chosen: dict[str, str]) -> list[str]:
    """What the list is narrowed to, in words; the pick "overdue" says itself."""
    people = people_names([chosen["person"]]) if chosen.get("person", "-") != "-" else {}
    said_by = {
        "state": lambda value: coded("task.state", value),
        "role": lambda value: coded("role", value),
        "kind": lambda value: coded("task.kind", value),
        "person": lambda value: people.get(value) or said("task.filter.nobody"),
        "carries_out": lambda value: said("task.filter.carries_out"),
        "untaken": lambda value: said("task.untaken"),
    }
    return [said_by.get(name, str)(value) for name, value in chosen.items() if name != "late"]


@desk("tasks", "task.read")
@require_GET
def task(request: HttpRequest, key: str) -> HttpResponse:
    """One task, its proof, its history, and the steps that the reader may take."""
    return task_page(request, key)


def task_page(request: HttpRequest, key: str, problem: str = "", status: int = 200) -> HttpResponse:
    """The page of one task; after a refused step with what is wrong and what was typed."""
    viewing: Viewing = request.viewing
    # A refused step shows the task as it stands now, not as it stood when the request came in.
    at = viewing.installation.now() if problem and not viewing.looking_back else viewing.at
    found = queries.task_get(key, actor=viewing.actor, at=at)
    row = task_rows([found], viewing)[0]
    before = queries.tasks_before(found, at=at)
    asked = evidence_kind(found.evidence_kind)
    writes = viewing.actor.may("task.write")
    steps = _steps(found, viewing, waits=bool(before.waits))
    context = {
        "page_title": row["deed"],
        "row": row,
        "task": found,
        "seen": actions.version_of(found),
        "steps": steps,
        "may": not viewing.looking_back,
        "may_assign": writes and not viewing.looking_back and found.state in STEPS["assign"],
        "may_split": writes and not viewing.looking_back and found.state in STEPS["split"],
        "asked": asked,
        "carried": carried_out(found, viewing),
        "limits": limits_followed(found, viewing),
        "office_limit": found.rule_row.startswith(OFFICE),
        "before": task_rows(before.all, viewing),
        "waits": len(before.waits),
        "parties": [(party, found.four_parties[party]) for party in PARTIES if party in found.four_parties],
        "proof": proof_rows(found, viewing),
        "subject_href": _subject_href(found, viewing),
        "check": said(f"third_party.check.{found.params['topic']}") if found.kind == REPORT else "",
        "about": subjects_of([found], actor=viewing.actor, at=at).get(found.key, ""),
        "history": history_rows(queries.task_history(key, actor=viewing.actor, at=at)),
        "problem": problem,
        "note": request.POST.get("note", "")[:400],
        "typed": request.POST.get("proof", "")[:4000],
        "typed_document": request.POST.get("proof_document", "")[:96],
        "documents": documents_offered(viewing) if asked.form == "document" and "done" in steps else [],
    }
    return render(request, "command/task.html", context, status=status)


def _steps(task: Task, viewing: Viewing, *, waits: bool) -> list[str]:
    """The steps that the reader may take now, the likeliest first."""
    actor = viewing.actor
    own = actor.may("task.own") and task.owner_role == actor.role and task.owner_key in ("", actor.key)
    steps = [name for name in ACTIONS if task.state in STEPS[name]]
    if task.acknowledged_at is not None:
        steps = [name for name in steps if name != "acknowledge"]
    if waits:
        steps = [name for name in steps if name != "done"]
    if actor.may("task.write"):
        return steps
    return [name for name in steps if own and name not in _SUPERVISED]


def _subject_href(task: Task, viewing: Any) -> str:
    """The page of what the task is about, "" where it has none or the reader may not open it."""
    name, permission = SUBJECT_PAGES.get(task.subject_kind, ("", ""))
    if not name or not viewing.actor.may(permission):
        return ""
    key = task.params["about_key"] if task.kind == REPORT else task.subject_key
    return reverse(name, args=[key])


@desk("tasks", "task.read")
@require_POST
def step(request: HttpRequest, key: str) -> HttpResponse:
    """The step taken; the task again, or the day that the step was taken from."""
    viewing = request.viewing
    viewing.require_live()
    name, note = request.POST.get("step", ""), request.POST.get("note", "")
    try:
        if name not in ACTIONS:
            raise InputError("task.unknown_step", step=name[:20])
        action, needs_note = ACTIONS[name]
        extra: dict[str, Any] = {"note": note} if needs_note or (name == "done" and note) else {}
        if name == "done":
            extra["evidence"] = _proof_typed(request)
        seen = request.POST.get("seen", "")
        action(key, **viewing.by(), seen=seen, **extra)
    except InputError as problem:
        return task_page(request, key, error_text(problem, get_language() or "zh-hans"), status=400)
    except Forbidden as problem:
        if problem.code != "task.two_people":
            raise
        return task_page(request, key, error_text(problem, get_language() or "zh-hans"), status=403)
    except Conflict as problem:
        return task_page(request, key, conflict_said(problem, viewing), status=409)
    if request.POST.get("back") == "my_day":
        return redirect(f"{reverse('my_day')}?done={name}")
    return redirect("task", key=key)


def _proof_typed(request: HttpRequest) -> list[dict[str, str]]:
    texts = [{"text": text[:4000]} for text in request.POST.getlist("proof") if text.strip()]
    chosen = request.POST.get("proof_document", "")[:96]
    return [{"document_key": chosen}, *texts] if chosen else texts


def conflict_said(problem: Conflict, viewing: Viewing) -> str:
    """What stands in the way, and who brought it about and when."""
    text = error_text(problem, get_language() or "zh-hans")
    if not problem.params.get("by"):
        return text
    local = datetime.fromisoformat(problem.params["since"]).astimezone(viewing.installation.zone)
    who = said(
        "task.meanwhile",
        by=people_names([problem.params["by"]])[problem.params["by"]],
        at=formats.moment(local, get_language()),
        state=coded("task.state", problem.params["state"]),
    )
    return f"{text} {who}"
