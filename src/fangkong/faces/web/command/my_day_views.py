"""My day: what one person has to do, on a phone, with the call for a doctor always in reach."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_POST

from fangkong.command.models import Directive, DutyShift
from fangkong.command.tasks.actions import version_of
from fangkong.command.tasks.emergency import emergency_call
from fangkong.command.tasks.my_day import my_day
from fangkong.command.tasks.owners import DOES
from fangkong.core.errors import InputError
from fangkong.faces.web.control.presenting import said
from fangkong.faces.web.gate import desk
from fangkong.faces.web.paging import pager
from fangkong.faces.web.viewing import Viewing
from fangkong.faces.words import formats
from fangkong.record.models import Task

from .proof_documents import documents_offered
from .task_rows import task_rows

PAGE_ROWS = 20

#: Deeds after which the page says that they are done.
_DONE = ("acknowledge", "done", "emergency")


@desk("my_day", "task.read")
@require_GET
def day(request: HttpRequest) -> HttpResponse:
    """The reader's own day."""
    return _page(request)


@desk("my_day", "task.read")
@require_POST
def emergency(request: HttpRequest) -> HttpResponse:
    """A doctor called to a place in the reader's area."""
    viewing: Viewing = request.viewing
    viewing.require_live()
    try:
        emergency_call(
            area_code=viewing.actor.area_code,
            where=request.POST.get("where", ""),
            disease=viewing.installation.disease,
            **viewing.by(),
        )
    except InputError:
        return _page(request, said("my_day.emergency.where_needed"), status=400)
    return redirect(f"{reverse('my_day')}?done=emergency")


def _page(request: HttpRequest, problem: str = "", status: int = 200) -> HttpResponse:
    viewing: Viewing = request.viewing
    found = my_day(actor=viewing.actor, at=viewing.at, limit=PAGE_ROWS, after=request.GET.get("after", ""))
    rows = task_rows([*found.tasks.rows, *found.done], viewing)
    todo, done = rows[: len(found.tasks.rows)], rows[len(found.tasks.rows) :]
    for row in todo:
        row["waits"] = found.waiting.get(row["task"].key, 0)
        row["seen"] = version_of(row["task"])
        row["taken"] = row["task"].owner_key == viewing.actor.key and row["task"].state != "awaiting"
    keys = {recipient.directive_key for recipient in found.directives}
    titles = dict(Directive.objects.known_at(viewing.at).filter(key__in=keys).values_list("key", "title"))
    told = request.GET.get("done", "")
    context = {
        "page_title": said("my_day.page"),
        "rows": todo,
        "total": found.tasks.total,
        "first_due": _clock(todo[0]["task"]) if todo else "",
        "done": done,
        "directives": [
            {"recipient": recipient, "title": titles.get(recipient.directive_key, "")}
            for recipient in found.directives
        ],
        "handovers": found.handovers,
        "documents": documents_offered(viewing) if any(row["form"] == "document" for row in todo) else [],
        "shifts": [{"shift": shift, "post": _post(shift, viewing.actor.key)} for shift in found.shifts],
        "may": not viewing.looking_back,
        "may_call": not viewing.looking_back and any(viewing.actor.may(each) for each in DOES),
        "told": told if told in _DONE else "",
        "problem": problem,
        "pager": pager(request, found.tasks),
    }
    return render(request, "command/my_day.html", context, status=status)


def _clock(task: Task) -> str:
    return formats.moment(timezone.localtime(task.due_at), get_language())


def _post(shift: DutyShift, key: str) -> str:
    """The reader's post on the shift."""
    if shift.chief_key == key:
        return said("my_day.shift.chief")
    if shift.deputy_key == key:
        return said("my_day.shift.deputy")
    return said("my_day.shift.expert")
