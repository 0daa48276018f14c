"""One directive down to its last receipt and its last task, in as many queries as it has levels, and two more."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from fangkong.record.access import Actor, visible

from ..models import Directive, DirectiveRecipient
from ..tasks.states import UNFINISHED
from .queries import directive_get
from .rows import RUNNING, SUBJECT
from .seen_tasks import seen_tasks

#: Keys asked for at once.
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class TreeRecipient:
    """One office that received a directive of the tree."""

    key: str
    area_code: str
    role: str
    unit: str
    state: str
    acknowledge_by: datetime
    acknowledged_at: datetime | None


@dataclass(frozen=True, slots=True)
class TreeTask:
    """One task of a directive of the tree."""

    key: str
    title: str
    state: str
    area_code: str
    owner_role: str
    owner_key: str
    due_at: datetime


@dataclass(slots=True)
class TreeNode:
    """One directive of the tree, ``depth`` levels under the first."""

    key: str
    directive_no: str
    title: str
    area_code: str
    state: str
    due_at: datetime
    parent_key: str
    depth: int
    #: It still binds, or may come to bind, although the directive that it carries on is over.
    parent_over: bool = False
    recipients: list[TreeRecipient] = field(default_factory=list)
    tasks: list[TreeTask] = field(default_factory=list)

    @property
    def acknowledged(self) -> int:
        """How many of the recipients have acknowledged."""
        return sum(each.acknowledged_at is not None for each in self.recipients)

    @property
    def tasks_open(self) -> int:
        """How many of the tasks somebody still has to do."""
        return sum(task.state in UNFINISHED for task in self.tasks)


@dataclass(frozen=True)
class DirectiveTree:
    """The nodes, each before those below it; and what they come to."""

    nodes: list[TreeNode]
    #: State -> number of directives, of recipients and of tasks of the whole tree.
    directives: Counter[str]
    recipients: Counter[str]
    tasks: Counter[str]
    #: Area -> state -> number of recipients, and of tasks.
    recipients_by_area: dict[str, Counter[str]]
    tasks_by_area: dict[str, Counter[str]]


def directive_tree(directive_key: str, *, actor: Actor, at: datetime) -> DirectiveTree:
    """The tree under the directive as known at ``at``, as far as the actor sees it.

    One query for each level, one for all recipients, one for all tasks (in chunks of 500 keys). Raises NotFound
    ``directive.unknown``, also outside the scope.
    """
    top = directive_get(directive_key, actor=actor, at=at)
    levels = [[_node(_values(top), 0)]]
    seen = {top.key}
    while levels[-1]:
        below = visible(Directive.objects.known_at(at), actor)
        rows = _for_keys(below, "parent_key", [node.key for node in levels[-1]], _DIRECTIVE)
        nodes = [_node(row, len(levels)) for row in rows if row[0] not in seen]
        seen |= {node.key for node in nodes}
        above = {node.key: node.state for node in levels[-1]}
        for node in nodes:
            node.parent_over = node.state in RUNNING and above[node.parent_key] not in RUNNING
        levels.append(nodes)
    nodes = list(_in_order(levels))
    _hang_recipients(nodes, actor, at)
    _hang_tasks(nodes, actor, at)
    return _summed(nodes)


_DIRECTIVE = ("key", "directive_no", "title", "area_code", "state", "due_at", "parent_key")
_RECIPIENT = ("key", "area_code", "role", "unit", "state", "acknowledge_by", "acknowledged_at")
_TASK = ("key", "title", "state", "area_code", "owner_role", "owner_key", "due_at")


def _values(directive: Directive) -> tuple[Any, ...]:
    return tuple(getattr(directive, name) for name in _DIRECTIVE)


def _node(row: tuple[Any, ...], depth: int) -> TreeNode:
    key, directive_no, title, area_code, state, due_at, parent_key = row
    return TreeNode(key, directive_no, title, area_code, state, due_at, parent_key, depth)


def _for_keys(
    rows: QuerySet[Any],
    name: str,
    keys: list[str],
    fields: Iterable[str],
) -> Iterator[tuple[Any, ...]]:
    for start in range(0, len(keys), _CHUNK):
        found = rows.filter(**{f"{name}__in": keys[start : start + _CHUNK]})
        yield from found.order_by("area_code", "key").values_list(*fields)


def _in_order(levels: list[list[TreeNode]]) -> Iterator[TreeNode]:
    below: dict[str, list[TreeNode]] = defaultdict(list)
    for nodes in levels[1:]:
        for node in nodes:
            below[node.parent_key].append(node)
    waiting = list(levels[0])
    while waiting:
        node = waiting.pop()
        yield node
        waiting += reversed(below[node.key])


def _hang_recipients(nodes: list[TreeNode], actor: Actor, at: datetime) -> None:
    by_key = {node.key: node for node in nodes}
    rows = visible(DirectiveRecipient.objects.known_at(at), actor)
    for row in _for_keys(rows, "directive_key", list(by_key), (*_RECIPIENT, "directive_key")):
        by_key[row[-1]].recipients.append(TreeRecipient(*row[:-1]))


def _hang_tasks(nodes: list[TreeNode], actor: Actor, at: datetime) -> None:
    by_key = {node.key: node for node in nodes}
    rows = seen_tasks(actor, at, SUBJECT)
    for row in _for_keys(rows, "carries_out_key", list(by_key), (*_TASK, "carries_out_key")):
        by_key[row[-1]].tasks.append(TreeTask(*row[:-1]))


def _summed(nodes: list[TreeNode]) -> DirectiveTree:
    recipients, tasks = Counter[str](), Counter[str]()
    recipients_by_area: dict[str, Counter[str]] = defaultdict(Counter)
    tasks_by_area: dict[str, Counter[str]] = defaultdict(Counter)
    for node in nodes:
        for recipient in node.recipients:
            recipients[recipient.state] += 1
            recipients_by_area[recipient.area_code][recipient.state] += 1
        for task in node.tasks:
            tasks[task.state] += 1
            tasks_by_area[task.area_code][task.state] += 1
    return DirectiveTree(
        nodes,
        Counter(node.state for node in nodes),
        recipients,
        tasks,
        dict(sorted(recipients_by_area.items())),
        dict(sorted(tasks_by_area.items())),
    )
