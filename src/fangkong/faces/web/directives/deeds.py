"""What is done to a directive from its page: one POST each; what is refused is said in place, with what was typed."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from fangkong.command.directives import actions, queries
from fangkong.command.tasks.giving import NewTask
from fangkong.core.errors import InputError, NotFound
from fangkong.faces.web.gate import desk
from fangkong.faces.web.refusals import deed_view
from fangkong.faces.web.typed_times import moment_typed
from fangkong.faces.web.viewing import Viewing

from .directive_page import directive_page
from .typed import task_lines

#: The longest text that is read of a field.
MOST_CHARACTERS = 4000


def _deed(name: str, do: Callable[[HttpRequest, str], None]) -> Callable[..., HttpResponse]:
    """The view that does ``do`` to the directive; the permission is the action's own."""
    gate = desk("directives", "directive.read")
    return deed_view(gate, name, do, directive_page, "directive", MOST_CHARACTERS)


def _recipient(request: HttpRequest, key: str) -> str:
    """The recipient that the form is about: one of this very directive."""
    wanted, by = request.POST.get("recipient", ""), request.viewing.by()
    if wanted not in {each.key for each in queries.recipients_of(key, **by)}:
        raise NotFound("directive.unknown", key=wanted[:96])
    return wanted


def _issue(request: HttpRequest, key: str) -> None:
    """The draft issued."""
    actions.directive_issue(key, **request.viewing.by())


def _withdraw(request: HttpRequest, key: str) -> None:
    """The directive taken back."""
    actions.directive_withdraw(key, request.POST.get("reason", ""), **request.viewing.by())


def _complete(request: HttpRequest, key: str) -> None:
    """The directive closed by hand."""
    actions.directive_complete(key, request.POST.get("reason", ""), **request.viewing.by())


def _acknowledge(request: HttpRequest, key: str) -> None:
    """The directive acknowledged for the reader's office."""
    actions.recipient_acknowledge(_recipient(request, key), **request.viewing.by())


def _reply(request: HttpRequest, key: str) -> None:
    """What the reader's office answers."""
    text = request.POST.get("reply", "")[:MOST_CHARACTERS]
    actions.recipient_reply(_recipient(request, key), text, **request.viewing.by())


def _done(request: HttpRequest, key: str) -> None:
    """The directive reported done by the reader's office."""
    actions.recipient_done(_recipient(request, key), **request.viewing.by())


def _tasks(request: HttpRequest, key: str) -> None:
    """Tasks given under the directive: one for each line."""
    viewing: Viewing = request.viewing
    post = request.POST
    given = [
        NewTask(
            title=line.title,
            owner_role=post.get("owner_role", "")[:24],
            area_code=line.area_code or post.get("area_code", "").strip()[:24],
            due_at=moment_typed(post.get("due_at", ""), viewing.installation.zone, "task.due"),
            post=post.get("post", "").strip()[:80],
            evidence_kind=post.get("evidence_kind", "")[:24],
        )
        for line in task_lines(post.get("titles", "")[:MOST_CHARACTERS])
    ]
    if not given:
        raise InputError("directive.task_needed")
    actions.directive_tasks_create(key, given, **request.viewing.by())


issue = _deed("issue", _issue)
withdraw = _deed("withdraw", _withdraw)
complete = _deed("complete", _complete)
acknowledge = _deed("acknowledge", _acknowledge)
reply = _deed("reply", _reply)
done = _deed("done", _done)
tasks = _deed("tasks", _tasks)
