"""Reads on directives, by knowledge (``at``): of offices in the actor's area, and addressed to an office there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from fangkong.core.errors import NotFound
from fangkong.record.access import Actor, inside_area, visible
from fangkong.record.paging import Page, keyset_page

from ..models import Directive, DirectiveRecipient
from ..tasks.states import UNFINISHED
from .rows import READ, SUBJECT, WAITING
from .seen_tasks import seen_tasks


@dataclass(frozen=True)
class Progress:
    """How far a directive has come, as far as the reader sees: recipients and tasks."""

    recipients: int = 0
    acknowledged: int = 0
    done: int = 0
    tasks: int = 0
    tasks_open: int = 0
    tasks_late: int = 0


def directives_list(
    *,
    actor: Actor,
    at: datetime,
    ours: bool = False,
    state: str = "",
    area_code: str = "",
    limit: int = 50,
    after: str = "",
) -> Page[Directive]:
    """The directives that the actor sees, the earliest deadline first.

    ``ours``: of the actor's own office; ``area_code``: with a recipient there. A draft is seen by its own side
    only. Raises Forbidden without ``directive.read``.
    """
    rows = _directives(actor, at)
    if ours:
        rows = rows.filter(area_code=actor.area_code)
    if state:
        rows = rows.filter(state=state)
    if area_code:
        there = DirectiveRecipient.objects.known_at(at).filter(
            inside_area(area_code), directive_key=OuterRef("key")
        )
        rows = rows.filter(Exists(there))
    return keyset_page(rows, "due_at", datetime.fromisoformat, limit=limit, after=after)


def directive_counts(*, actor: Actor, at: datetime) -> dict[str, int]:
    """State -> number of directives that the actor sees; one query, states without any are absent."""
    rows = _directives(actor, at).order_by().values_list("state").annotate(n=Count("id"))
    return dict(sorted(rows))


def recipients_to_acknowledge(
    *, actor: Actor, at: datetime, limit: int = 50, after: str = ""
) -> Page[DirectiveRecipient]:
    """What waits for the actor's own office to acknowledge, the earliest limit first."""
    actor.require(READ)
    rows = _mine(actor, at).filter(state="awaiting")
    return keyset_page(rows, "acknowledge_by", datetime.fromisoformat, limit=limit, after=after)


def recipients_to_acknowledge_count(*, actor: Actor, at: datetime) -> int:
    """How many directives wait for the actor's own office: the number beside the room's name on every page."""
    return _mine(actor, at).filter(state="awaiting").count()


def recipients_waiting(*, actor: Actor, at: datetime) -> dict[str, dict[str, int]]:
    """Area -> state -> number of recipients who still have something to do; one query."""
    actor.require(READ)
    rows = visible(DirectiveRecipient.objects.known_at(at), actor).filter(state__in=WAITING)
    found: dict[str, dict[str, int]] = {}
    counted = rows.order_by().values_list("area_code", "state").annotate(n=Count("id"))
    for area_code, state, n in sorted(counted):
        found.setdefault(area_code, {})[state] = n
    return found


def directive_get(directive_key: str, *, actor: Actor, at: datetime) -> Directive:
    """The directive as it was known at ``at``. Raises NotFound ``directive.unknown``, also outside the scope."""
    directive = _directives(actor, at).filter(key=directive_key).first()
    if directive is None:
        raise NotFound("directive.unknown", key=directive_key)
    return directive


def directives_named(keys: Iterable[str], *, actor: Actor, at: datetime) -> dict[str, Directive]:
    """Key -> directive of those that the actor sees; one query."""
    wanted = {key for key in keys if key}
    return {each.key: each for each in _directives(actor, at).filter(key__in=wanted)} if wanted else {}


def directive_history(directive_key: str, *, actor: Actor, at: datetime) -> list[Directive]:
    """Every version known by ``at``, the first one first. Raises NotFound ``directive.unknown``."""
    directive_get(directive_key, actor=actor, at=at)
    return list(Directive.objects.filter(key=directive_key, known_from__lte=at).order_by("known_from"))


def recipients_of(directive_key: str, *, actor: Actor, at: datetime) -> list[DirectiveRecipient]:
    """The recipients that the actor sees: all of the own office's directive, else those in the own area."""
    rows = visible(DirectiveRecipient.objects.known_at(at), actor).filter(directive_key=directive_key)
    return list(rows.order_by("area_code", "role", "unit"))


def directives_progress(keys: Iterable[str], *, actor: Actor, at: datetime) -> dict[str, Progress]:
    """Key -> progress of each directive; two queries for any number."""
    wanted = list(keys)
    if not wanted:
        return {}
    recipients = visible(DirectiveRecipient.objects.known_at(at), actor).filter(directive_key__in=wanted)
    counted = (
        recipients.order_by()
        .values_list("directive_key")
        .annotate(
            n=Count("id"),
            acknowledged=Count("id", filter=Q(acknowledged_at__isnull=False)),
            done=Count("id", filter=Q(state="done")),
        )
    )
    heard = {key: numbers for key, *numbers in counted}
    tasks = _tasks_counted(wanted, actor, at)
    return {key: Progress(*heard.get(key, _NOTHING), *tasks.get(key, _NOTHING)) for key in wanted}


_NOTHING = (0, 0, 0)


def _tasks_counted(keys: list[str], actor: Actor, at: datetime) -> dict[str, list[int]]:
    rows = seen_tasks(actor, at, SUBJECT).filter(carries_out_key__in=keys)
    unfinished = Q(state__in=UNFINISHED)
    counted = (
        rows.order_by()
        .values_list("carries_out_key")
        .annotate(
            n=Count("id"),
            unfinished=Count("id", filter=unfinished),
            late=Count("id", filter=unfinished & Q(due_at__lt=at)),
        )
    )
    return {key: numbers for key, *numbers in counted}


def _mine(actor: Actor, at: datetime) -> QuerySet[DirectiveRecipient]:
    rows = visible(DirectiveRecipient.objects.known_at(at), actor)
    return rows.filter(area_code=actor.area_code, role=actor.role)


def _directives(actor: Actor, at: datetime) -> QuerySet[Directive]:
    """What the actor may read: the offices of the own area, and what is addressed to an office there."""
    actor.require(READ)
    rows = Directive.objects.known_at(at)
    if actor.everywhere:
        return rows
    received = visible(DirectiveRecipient.objects.known_at(at), actor).filter(directive_key=OuterRef("key"))
    own = visible(Directive.objects.known_at(at), actor).filter(key=OuterRef("key"))
    return rows.filter(Exists(own) | Exists(received))
