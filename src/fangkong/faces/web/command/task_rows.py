"""A task as lists and pages show it: the deed in words, whose it is, what it carries out, what proves it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language

from fangkong.command.duty.open_items import limit_followed
from fangkong.command.models import Directive, StandingDuty
from fangkong.command.tasks.evidence import evidence_kind
from fangkong.command.tasks.giving import DIRECTED
from fangkong.faces.papers.open_line import line_words
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.control.presenting import coded, people_names, said
from fangkong.faces.web.viewing import Viewing
from fangkong.record.access import visible
from fangkong.record.models import Task

from .proof_documents import documents_given

#: What a task can carry out: the name of its page and the permission that the page asks for.
CARRIED = {
    "directive": ("directive", "directive.read"),
    "standing_duty": ("duty", "duty.read"),
    "plan_run": ("plan_run", "plan.read"),
    "review": ("review", "review.read"),
    "clause": ("clause", "meeting.read"),
}

_TITLED = {"directive": Directive, "standing_duty": StandingDuty}


def deed_of(task: Task) -> str:
    """What is to be done: the words of whoever gave it, else those of its kind."""
    if task.kind == DIRECTED:
        # A part of a task that has no words of its own is called by the kind of the whole.
        return coded("task.kind", task.title)
    # Several tasks that follow up limits stand in one list: which limit was missed tells them apart.
    kind = line_words(f"task.kind.{task.kind}", limit_followed(task.kind, task.params), get_language())
    return f"{kind} · {task.title}" if task.title else kind


def task_rows(tasks: Iterable[Task], viewing: Viewing) -> list[dict[str, Any]]:
    """The rows of a list, two queries for any number: {task, deed, area, owner, person, left, late, untaken, form}."""
    found = list(tasks)
    areas = area_names([task.area_code for task in found])
    people = _people(people_names(task.owner_key for task in found))
    return [
        {
            "task": task,
            "deed": deed_of(task),
            "area": areas.get(task.area_code, task.area_code),
            "owner": people.get(task.owner_key) or coded("role", task.owner_role),
            "person": people.get(task.owner_key, ""),
            "left": task.due_at - viewing.at,
            "late": task.due_at < viewing.at,
            "escalated": task.params.get("escalated_to", ""),
            "form": evidence_kind(task.evidence_kind).form,
        }
        for task in found
    ]


def _people(names: Mapping[str, str]) -> dict[str, str]:
    """The names without the platform: what it did by itself has nobody for an owner."""
    return {key: name for key, name in names.items() if not key.startswith("system:")}


def carried_out(task: Task, viewing: Viewing) -> dict[str, str]:
    """{kind, title, href} of what the task carries out, {} where nothing; one query at most.

    The title and the way there are "" for a reader who may not open it.
    """
    if not task.carries_out_kind:
        return {}
    found = {"kind": coded("task.carries", task.carries_out_kind), "title": "", "href": ""}
    page, permission = CARRIED.get(task.carries_out_kind, ("", ""))
    if not page or not viewing.actor.may(permission):
        return found
    if model := _TITLED.get(task.carries_out_kind):
        rows = model.objects.known_at(viewing.at).filter(key=task.carries_out_key)
        title = visible(rows, viewing.actor).values_list("title", flat=True).first()
        if title is None:
            return found
        found["title"] = title
    # A room that this installation has not got yet has no page.
    with suppress(NoReverseMatch):
        found["href"] = reverse(page, args=[task.carries_out_key])
    return found


def history_rows(versions: list[Task]) -> list[dict[str, Any]]:
    """Each change of a task, the latest first: {state, at, by, owner, note, escalated}; one query for the names."""
    people = people_names(
        key for version in versions for key in (version.source_key, version.owner_key) if key
    )
    rows = []
    for before, version in zip([None, *versions], versions, strict=False):
        changed = before is None or (before.owner_role, before.owner_key) != (
            version.owner_role,
            version.owner_key,
        )
        owner = _people(people).get(version.owner_key) or coded("role", version.owner_role)
        escalated = version.params.get("escalated_to", "")
        rows.append(
            {
                "state": version.state,
                "at": version.known_from,
                "by": people.get(version.source_key, ""),
                "owner": owner if changed else "",
                "note": version.note if before is None or version.note != before.note else "",
                "escalated": coded("role", escalated)
                if escalated and (before is None or not before.params.get("escalated_to"))
                else "",
            }
        )
    return rows[::-1]


def proof_rows(task: Task, viewing: Viewing) -> list[dict[str, Any]]:
    """The proof that was given: {kind, text, document_key, document {title, href} or {}, by (a name), at}."""
    people = people_names(item["by"] for item in task.evidence)
    documents = documents_given((item["document_key"] for item in task.evidence), viewing)
    return [
        item
        | {
            "kind": said(f"task.evidence.{item['kind']}"),
            "by": people[item["by"]],
            "document": documents.get(item["document_key"], {}),
        }
        for item in task.evidence
    ]
