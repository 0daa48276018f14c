"""One directive: its paper, its recipients with their clocks, its tree, and the deeds that the reader may do."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from fangkong.command.directives import queries
from fangkong.command.directives.rows import ACKNOWLEDGE, DRAFT, ISSUE, SUBJECT, WAITING, addressed
from fangkong.command.directives.tree import DirectiveTree, TreeNode, directive_tree
from fangkong.command.models import Directive, DirectiveRecipient
from fangkong.command.tasks.owners import doing_roles
from fangkong.command.tasks.states import UNFINISHED
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.control.presenting import coded, people_names, said
from fangkong.faces.web.histories import history_rows
from fangkong.faces.web.refusals import Refused
from fangkong.faces.web.viewing import Viewing

from .proofs import evidence_choices, with_proofs
from .reckoned import reckoned

#: Tasks shown on one page, the open ones that are due first; the counts hold all of them.
MOST_TASKS = 40


def directive_page(
    request: HttpRequest, key: str, refused: Refused | None = None, status: int = 200
) -> HttpResponse:
    """The page of the directive ``key``; with ``refused``, the problem stands where it was typed."""
    viewing: Viewing = request.viewing
    actor, at = viewing.actor, viewing.at
    found = queries.directive_get(key, actor=actor, at=at)
    history = queries.directive_history(key, actor=actor, at=at)
    recipients = queries.recipients_of(key, actor=actor, at=at)
    tree = directive_tree(key, actor=actor, at=at)
    named = queries.directives_named([found.parent_key], actor=actor, at=at)
    areas = area_names(_areas_of(found, tree))
    people = people_names(
        [
            found.drafted_by,
            found.issued_by,
            *(each.acknowledged_by for each in recipients),
            *(each.source_key for each in history),
            *(task.owner_key for node in tree.nodes for task in node.tasks[:MOST_TASKS]),
        ]
    )
    own = [each for each in recipients if addressed(each, actor)]
    deeds = _deeds(viewing, found, own, refused)
    context = {
        "page_title": said("directive.page_one", number=found.directive_no),
        "directive": found,
        "office": areas.get(found.area_code, found.area_code),
        "drafted_by": people.get(found.drafted_by, ""),
        "issued_by": people.get(found.issued_by, ""),
        "exceptions": [coded("order.exception", each) for each in found.exceptions],
        "measures": with_proofs(found.measures),
        "parent": named.get(found.parent_key),
        "recipients": _recipient_rows(found, recipients, areas, people, viewing),
        "tree": _tree_rows(tree, areas),
        "tree_counts": _counted(tree),
        "by_area": _by_area(tree, areas),
        "reckoned": reckoned(SUBJECT, [node.key for node in tree.nodes], viewing),
        "tasks": _task_rows(tree.nodes[0], areas, people, viewing),
        "task_total": len(tree.nodes[0].tasks),
        "history": history_rows(history, people),
        "deeds": deeds,
        "reads_orders": viewing.actor.may("order.read"),
        **_task_form(viewing, found, own),
        "carry_on_href": _carry_on_href(viewing, found, own),
        "edit_href": reverse("directive_edit", args=[found.key])
        if found.state == "draft" and found.drafted_by == viewing.actor.key and not viewing.looking_back
        else "",
        "stray_problem": _stray(refused, deeds),
        "late": found.due_at < at and found.state == "issued",
        "left": found.due_at - at,
    }
    return render(request, "directives/directive.html", context, status=status)


def _areas_of(found: Directive, tree: DirectiveTree) -> list[str]:
    codes = {found.area_code, *(each["area_code"] for each in found.addressed_to)}
    codes |= set(tree.recipients_by_area) | set(tree.tasks_by_area)
    return sorted(codes | {node.area_code for node in tree.nodes})


def _recipient_rows(
    found: Directive,
    recipients: list[DirectiveRecipient],
    areas: dict[str, str],
    people: dict[str, str],
    viewing: Viewing,
) -> list[dict[str, Any]]:
    """The recipients with their state and clock; of a draft, whom it will be for."""
    if found.state == "draft":
        return [
            {"area": areas.get(each["area_code"], ""), "role": each["role"], "unit": each["unit"]}
            for each in found.addressed_to
        ]
    return [
        {
            "recipient": each,
            "area": areas.get(each.area_code, each.area_code),
            "role": each.role,
            "unit": each.unit,
            "by": people.get(each.acknowledged_by, ""),
            "left": each.acknowledge_by - viewing.at,
            "late": each.state == "awaiting" and each.acknowledge_by < viewing.at,
        }
        for each in recipients
    ]


def _tree_rows(tree: DirectiveTree, areas: dict[str, str]) -> list[dict[str, Any]]:
    """Every directive under this one, indented by its level."""
    return [
        {
            "node": node,
            "office": areas.get(node.area_code, node.area_code),
            "level": min(node.depth, 4),
            "waiting": [
                areas.get(each.area_code, each.area_code)
                for each in node.recipients
                if each.state == "awaiting"
            ],
        }
        for node in tree.nodes[1:]
    ]


def _counted(tree: DirectiveTree) -> list[tuple[str, list[tuple[str, int]]]]:
    """What the whole tree comes to: directives, receipts and tasks by state."""
    kinds = (
        ("directive.state", tree.directives),
        ("recipient.state", tree.recipients),
        ("task.state", tree.tasks),
    )
    return [(prefix, sorted(counts.items())) for prefix, counts in kinds if counts]


def _by_area(tree: DirectiveTree, areas: dict[str, str]) -> list[dict[str, Any]]:
    """Area by area: receipts and those still awaited, tasks and those still open."""
    rows = []
    for code in sorted(set(tree.recipients_by_area) | set(tree.tasks_by_area)):
        received = tree.recipients_by_area.get(code, Counter())
        tasks = tree.tasks_by_area.get(code, Counter())
        rows.append(
            {
                "name": areas.get(code, code),
                "receipts": sum(received.values()),
                "awaiting": received.get("awaiting", 0),
                "tasks": sum(tasks.values()),
                "open": sum(n for state, n in tasks.items() if state in UNFINISHED),
                "late": tasks.get("overdue", 0),
            }
        )
    return rows


def _task_rows(
    node: TreeNode, areas: dict[str, str], people: dict[str, str], viewing: Viewing
) -> list[dict[str, Any]]:
    shown = sorted(node.tasks, key=lambda task: (task.state not in UNFINISHED, task.due_at, task.key))
    return [
        {
            "task": task,
            "area": areas.get(task.area_code, task.area_code),
            "owner": people.get(task.owner_key) or coded("role", task.owner_role),
            "late": task.state in UNFINISHED and task.due_at < viewing.at,
        }
        for task in shown[:MOST_TASKS]
    ]


def _deeds(
    viewing: Viewing, found: Directive, own: list[DirectiveRecipient], refused: Refused | None
) -> list[dict[str, Any]]:
    """The deeds that the reader may do now, the next one first; none on a past day."""
    if viewing.looking_back:
        return []
    actor, names = viewing.actor, list[tuple[str, str]]()
    if found.state == "issued" and actor.may(ACKNOWLEDGE):
        for each in own:
            if each.state == "awaiting":
                names.append(("acknowledge", each.key))
            elif each.state in WAITING:
                names += [("reply", each.key), ("done", each.key)]
    office = actor.sees(found.area_code)
    if office and found.state == "draft" and actor.may(ISSUE):
        names.append(("issue", ""))
    if found.state == "issued" and actor.may("task.write") and (office or own):
        names.append(("tasks", ""))
    if office and found.state == "issued" and actor.may(ISSUE):
        names += [("complete", ""), ("withdraw", "")]
    elif office and found.state == "draft" and (actor.may(DRAFT) or actor.may(ISSUE)):
        names.append(("withdraw", ""))
    drafted = found.drafted_by == actor.key
    return [_deed(found, name, key, refused, drafted=drafted) for name, key in names]


def _deed(
    found: Directive, name: str, recipient_key: str, refused: Refused | None, *, drafted: bool
) -> dict[str, Any]:
    here = refused if refused is not None and refused.deed == name else None
    return {
        "name": name,
        "label": said(f"directive.deed.{name}"),
        "text": said(f"directive.deed.{name}.text"),
        "action": reverse(f"directive_{name}", args=[found.key]),
        "recipient": recipient_key,
        "open": here is not None or name in ("acknowledge", "issue"),
        "problem": here.problem if here else "",
        "typed": here.typed if here else {},
        "blocked": said("directive.two_people_hint") if name == "issue" and drafted else "",
    }


def _task_form(viewing: Viewing, found: Directive, own: list[DirectiveRecipient]) -> dict[str, Any]:
    """What the form for tasks offers: roles, proofs, the reader's area, and the directive's deadline."""
    local = found.due_at.astimezone(viewing.installation.zone)
    return {
        "task_roles": doing_roles(),
        "kinds": evidence_choices(),
        "task_area": own[0].area_code if own else found.area_code,
        "task_due": local.strftime("%Y-%m-%dT%H:%M"),
    }


def _stray(refused: Refused | None, deeds: list[dict[str, Any]]) -> str:
    """What was refused when the page has no form of it any more: it is said at the head instead; else ""."""
    if refused is None or any(deed["name"] == refused.deed for deed in deeds):
        return ""
    return refused.problem


def _carry_on_href(viewing: Viewing, found: Directive, own: list[DirectiveRecipient]) -> str:
    """Where the reader's office asks the same of the level below; "" where it cannot."""
    held = [each for each in own if each.state in ("acknowledged", "replied")]
    if viewing.looking_back or found.state != "issued" or not held or not viewing.actor.may(DRAFT):
        return ""
    return f"{reverse('directive_new')}?from={held[0].key}"
