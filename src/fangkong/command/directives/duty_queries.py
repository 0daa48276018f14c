"""Reads on standing duties, by knowledge (``at``) and within the actor's scope."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet

from fangkong.core.errors import NotFound
from fangkong.record.access import Actor, visible
from fangkong.record.models import Task
from fangkong.record.paging import Page, keyset_page

from ..models import StandingDuty
from ..tasks.states import UNFINISHED
from .duties import IN_FORCE
from .duty_tasks import DUTY
from .rows import READ
from .seen_tasks import seen_tasks


@dataclass(frozen=True)
class Kept:
    """What a duty has opened: tasks, those still open, those late."""

    tasks: int = 0
    tasks_open: int = 0
    tasks_late: int = 0


def duties_list(
    *,
    actor: Actor,
    at: datetime,
    state: str = IN_FORCE,
    trigger: str = "",
    limit: int = 50,
    after: str = "",
) -> Page[StandingDuty]:
    """The standing duties that the actor sees, the next to be looked at again first.

    Raises Forbidden without ``directive.read``.
    """
    rows = _duties(actor, at).filter(state=state)
    if trigger:
        rows = rows.filter(trigger=trigger)
    return keyset_page(rows, "review_on", date.fromisoformat, limit=limit, after=after)


def duty_get(duty_key: str, *, actor: Actor, at: datetime) -> StandingDuty:
    """The duty as it was known at ``at``. Raises NotFound ``standing_duty.unknown``, also outside the scope."""
    duty = _duties(actor, at).filter(key=duty_key).first()
    if duty is None:
        raise NotFound("standing_duty.unknown", key=duty_key)
    return duty


def duty_history(duty_key: str, *, actor: Actor, at: datetime) -> list[StandingDuty]:
    """Every version known by ``at``, the first one first. Raises NotFound ``standing_duty.unknown``."""
    duty_get(duty_key, actor=actor, at=at)
    return list(StandingDuty.objects.filter(key=duty_key, known_from__lte=at).order_by("known_from"))


def duty_tasks(duty_key: str, *, actor: Actor, at: datetime, limit: int = 50, after: str = "") -> Page[Task]:
    """The tasks that the duty has opened and that the actor sees, the earliest deadline first."""
    rows = seen_tasks(actor, at, DUTY).filter(carries_out_key=duty_key)
    return keyset_page(rows, "due_at", datetime.fromisoformat, limit=limit, after=after)


def duties_kept(keys: Iterable[str], *, actor: Actor, at: datetime) -> dict[str, Kept]:
    """Key -> what each duty has opened; one query for any number."""
    wanted = list(keys)
    if not wanted:
        return {}
    unfinished = Q(state__in=UNFINISHED)
    rows = seen_tasks(actor, at, DUTY).filter(carries_out_key__in=wanted).order_by()
    counted = rows.values_list("carries_out_key").annotate(
        n=Count("id"),
        unfinished=Count("id", filter=unfinished),
        late=Count("id", filter=unfinished & Q(due_at__lt=at)),
    )
    return {key: Kept(n, unfinished_n, late) for key, n, unfinished_n, late in counted}


def _duties(actor: Actor, at: datetime) -> QuerySet[StandingDuty]:
    actor.require(READ)
    return visible(StandingDuty.objects.known_at(at), actor)
