"""Everything that is open at the close of a day, as lines of one list: what, whose, until when, why.

Read with the office's own eye (:func:`office_eye`) where the list becomes a paper; with a reader's own for a page.
A fixed number of queries, whatever the rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db.models import Q

from fangkong.desks.control.queries import orders_to_decide
from fangkong.desks.intake.queries import receipts
from fangkong.desks.monitor.queries import signals_open
from fangkong.record.access import Actor, inside_area, visible
from fangkong.record.access.actor import roles
from fangkong.record.installation import installation
from fangkong.record.models import Task

from ..directives.rows import RECIPIENT
from ..models import CarryOver, Directive, DirectiveRecipient, Gap
from ..tasks.states import UNFINISHED, task_kinds
from ..timers.missed import FOLLOW_UP
from ..timers.queries import timers_missed

#: Kind of a line -> the permission that shows it, in the order of the page.
KINDS: Mapping[str, str] = {
    "task": "task.read",
    "directive": "directive.read",
    "order": "order.read",
    "signal": "signal.read",
    "limit": "board.read",
    "gap": "review.read",
    "receipt": "receipt.read",
}

#: What closes the day is not left over by it.
OWN_TASKS = ("close_out",)

#: More lines of one kind than this are no list that anybody signs; what lies beyond is counted by its own page.
MOST_OF_A_KIND = 10_000

#: The task that waits beside an order to decide: one line for both.
_DECIDE = "decide_order"


@dataclass(frozen=True)
class OpenItem:
    """One line. ``title`` is free text and "" where ``code`` (a code of the words) says it all.

    ``about`` is a code of the words too: which limit a task follows up, "" for all others. ``of_key`` is the key of
    the paper on whose page the line is dealt with, "" where that is the line's own page. ``why`` and ``until_at``
    stand once somebody of the office has given the reason for the night.
    """

    kind: str
    key: str
    area_code: str
    code: str
    title: str = ""
    owner_role: str = ""
    owner_key: str = ""
    due_at: datetime | None = None
    why: str = ""
    until_at: datetime | None = None
    said_by: str = ""
    about: str = ""
    of_key: str = ""

    @property
    def name(self) -> str:
        """``kind|key``: how a form and a snapshot name the line."""
        return f"{self.kind}|{self.key}"

    def as_row(self) -> dict[str, Any]:
        """The line as a snapshot keeps it: plain JSON."""
        row = asdict(self)
        for name in ("due_at", "until_at"):
            row[name] = row[name].isoformat() if row[name] else None
        return row


def item_of(row: Mapping[str, Any]) -> OpenItem:
    """The line that a snapshot kept."""
    fields = {name: row[name] for name in OpenItem.__dataclass_fields__ if name in row}
    for name in ("due_at", "until_at"):
        fields[name] = datetime.fromisoformat(fields[name]) if fields.get(name) else None
    return OpenItem(**fields)


def office_eye(area_code: str) -> Actor:
    """Who reads for the paper of an office: everything that its duty officer may read, and nothing beyond its area."""
    may = frozenset(roles()["duty_officer"]["may"])
    return Actor("system:duty", "duty_officer", area_code, may, "no")


def open_items(area_code: str, on: date, *, actor: Actor, at: datetime) -> list[OpenItem]:
    """The lines of the office that are open at ``at`` for the close-out of ``on``, the earliest limit first.

    Kinds that the actor may not read are left out. Tasks, receipts of directives and gaps count when they were
    due by the close of the day (or by ``at``, in the night behind it); all else counts while it is open.
    """
    until = max(installation().close_of(on), at)
    found: list[OpenItem] = []
    for kind, permission in KINDS.items():
        if actor.may(permission):
            found += _READERS[kind](area_code, until, actor, at)
    found = _one_line_for_order_and_task(found)
    reasons = _reasons(area_code, on, at)
    lines = [_with_reason(item, reasons) for item in found]
    order = list(KINDS)
    return sorted(
        lines, key=lambda item: (order.index(item.kind), item.due_at is None, item.due_at or until, item.key)
    )


def _tasks(area_code: str, until: datetime, actor: Actor, at: datetime) -> list[OpenItem]:
    rows = visible(Task.objects.known_at(at), actor).filter(
        inside_area(area_code), state__in=UNFINISHED, due_at__lte=until
    )
    names = (
        "key",
        "area_code",
        "kind",
        "title",
        "owner_role",
        "owner_key",
        "due_at",
        "subject_key",
        "params",
    )
    listed = rows.exclude(kind__in=OWN_TASKS).order_by("due_at", "key")[:MOST_OF_A_KIND]
    return [
        OpenItem(
            "task",
            key,
            area,
            # A part of a task that has no words of its own is called by the kind of the whole.
            f"task.kind.{title if title in task_kinds() else kind}",
            "" if title in task_kinds() else title,
            role,
            owner,
            due_at,
            # The subject of a task to decide is kept in ``said_by`` until it has met its order.
            said_by=subject if kind == _DECIDE else "",
            about=limit_followed(kind, params),
        )
        for key, area, kind, title, role, owner, due_at, subject, params in listed.values_list(*names)
    ]


def limit_followed(kind: str, params: Mapping[str, Any]) -> str:
    """The code of the words of the limit that a task of ``kind`` follows up; "" for a task of another kind."""
    return f"timer.clock.{params['clock'].partition(':')[0]}" if kind == FOLLOW_UP else ""


def _directives(area_code: str, until: datetime, actor: Actor, at: datetime) -> list[OpenItem]:
    rows = visible(DirectiveRecipient.objects.known_at(at), actor).filter(
        inside_area(area_code), state="awaiting", acknowledge_by__lte=until
    )
    waiting = list(rows.order_by("acknowledge_by", "key")[:MOST_OF_A_KIND])
    keys = {each.directive_key for each in waiting}
    titles = (
        dict(Directive.objects.known_at(at).filter(key__in=keys).values_list("key", "title")) if keys else {}
    )
    return [
        OpenItem(
            "directive",
            each.key,
            each.area_code,
            "closeout.item.directive",
            titles.get(each.directive_key, ""),
            each.role,
            due_at=each.acknowledge_by,
            of_key=each.directive_key,
        )
        for each in waiting
    ]


def _orders(area_code: str, until: datetime, actor: Actor, at: datetime) -> list[OpenItem]:
    page = orders_to_decide(actor=actor, at=at, area_code=area_code, limit=MOST_OF_A_KIND)
    return [
        OpenItem("order", each.key, each.area_code, f"order.type.{each.kind}", each.order_no)
        for each in page.rows
    ]


def _signals(area_code: str, until: datetime, actor: Actor, at: datetime) -> list[OpenItem]:
    page = signals_open(actor=actor, at=at, area_code=area_code, limit=MOST_OF_A_KIND)
    return [OpenItem("signal", each.key, each.area_code, f"signal.kind.{each.kind}") for each in page.rows]


def _limits(area_code: str, until: datetime, actor: Actor, at: datetime) -> list[OpenItem]:
    page = timers_missed(actor=actor, at=at, open_only=True, limit=MOST_OF_A_KIND)
    eye = office_eye(area_code)
    return [
        OpenItem(
            "limit",
            each.key,
            each.area_code,
            f"timer.clock.{each.clock}",
            owner_role=each.escalated_to,
            due_at=each.due_at,
        )
        for each in page.rows
        # A directive that nobody has acknowledged stands on a line of its own.
        if eye.sees(each.area_code) and each.subject_kind != RECIPIENT
    ]


def _gaps(area_code: str, until: datetime, actor: Actor, at: datetime) -> list[OpenItem]:
    rows = visible(Gap.objects.known_at(at), actor).filter(
        inside_area(area_code), state="open", due_at__lte=until
    )
    return [
        OpenItem(
            "gap",
            each.key,
            each.area_code,
            "closeout.item.gap",
            each.title,
            each.owner_role,
            each.owner_key,
            each.due_at,
        )
        for each in rows.order_by("due_at", "key")[:MOST_OF_A_KIND]
    ]


def _receipts(area_code: str, until: datetime, actor: Actor, at: datetime) -> list[OpenItem]:
    unfinished = Q(state__in=("staged", "applying")) | Q(held__gt=0)
    rows = receipts(actor=actor, at=at).filter(inside_area(area_code)).filter(unfinished)
    return [
        OpenItem(
            "receipt",
            each.key,
            each.area_code,
            f"closeout.item.receipt_{'held' if each.state == 'applied' else 'unfinished'}",
            each.file_name,
            owner_key=each.received_by,
        )
        for each in rows[:MOST_OF_A_KIND]
    ]


_READERS = {
    "task": _tasks,
    "directive": _directives,
    "order": _orders,
    "signal": _signals,
    "limit": _limits,
    "gap": _gaps,
    "receipt": _receipts,
}


def _one_line_for_order_and_task(found: Iterable[OpenItem]) -> list[OpenItem]:
    """The order keeps the owner and the limit of the task that waits beside it; the task goes."""
    lines = list(found)
    orders = {item.key for item in lines if item.kind == "order"}
    decides = {item.said_by: item for item in lines if item.kind == "task" and item.said_by in orders}
    merged = []
    for item in lines:
        if item.kind == "task" and item.said_by:
            if item.said_by not in orders:
                merged.append(replace(item, said_by=""))
        elif item.kind == "order" and item.key in decides:
            task = decides[item.key]
            merged.append(
                replace(item, owner_role=task.owner_role, owner_key=task.owner_key, due_at=task.due_at)
            )
        else:
            merged.append(item)
    return merged


def _reasons(area_code: str, on: date, at: datetime) -> dict[str, CarryOver]:
    """``kind|key`` -> the reason given for that night, the office's own before one of an office inside it."""
    rows = CarryOver.objects.known_at(at).filter(inside_area(area_code), on=on)
    found: dict[str, CarryOver] = {}
    for row in rows.order_by("area_code", "key"):
        found.setdefault(f"{row.item_kind}|{row.item_key}", row)
    return found


def _with_reason(item: OpenItem, reasons: Mapping[str, CarryOver]) -> OpenItem:
    said = reasons.get(item.name)
    return replace(item, why=said.why, until_at=said.until_at, said_by=said.said_by) if said else item
