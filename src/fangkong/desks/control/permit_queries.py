"""What the control desk says of permits and checkpoints, in the actor's scope: the gate gets no list of people."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import QuerySet

from fangkong.core.errors import NotFound
from fangkong.record.access import Actor, visible
from fangkong.record.models import Passage, Permit, Place
from fangkong.record.paging import Page, keyset_page

from .passages import RECORD
from .permit_figures import figures
from .permits import READ

READ_PASSAGES = "passage.read"


def permits_list(
    *, actor: Actor, at: datetime, state: str = "", limit: int = 50, after: str = ""
) -> Page[Permit]:
    """The permits in the actor's scope, of one ``state`` or all, the earliest first day first.

    Raises Forbidden without ``permit.read``.
    """
    rows = _permits(actor, at)
    if state:
        rows = rows.filter(state=state)
    return keyset_page(rows, "starts_on", date.fromisoformat, limit=limit, after=after)


def permits_to_decide_count(*, actor: Actor, at: datetime) -> int:
    """How many permits wait for a decision in the actor's scope. Raises Forbidden without ``permit.read``."""
    return _permits(actor, at).filter(state="proposed").count()


def permit_get(permit_key: str, *, actor: Actor, at: datetime) -> Permit:
    """The permit as known at ``at``. Raises NotFound ``permit.unknown``, also outside the scope."""
    permit = _permits(actor, at).filter(key=permit_key).first()
    if permit is None:
        raise NotFound("permit.unknown", key=permit_key)
    return permit


def passages_of_person(person_key: str, *, actor: Actor, at: datetime) -> list[Passage]:
    """Where one person passed, the latest first: for the investigation, never for a gate.

    Raises Forbidden without ``passage.read``.
    """
    actor.require(READ_PASSAGES)
    rows = visible(Passage.objects.known_at(at), actor, at=at).filter(person_key=person_key)
    return list(rows.order_by("-passed_at", "key"))


def gates_of(*, actor: Actor, at: datetime) -> list[Place]:
    """The checkpoints and hospitals in the actor's area at which passages are recorded, by area and key.

    Raises Forbidden without ``passage.record``.
    """
    actor.require(RECORD)
    rows = visible(Place.objects.known_at(at), actor, at=at).filter(kind__in=figures()["gate"]["places"])
    return list(rows.order_by("kind", "area_code", "key"))


def _permits(actor: Actor, at: datetime) -> QuerySet[Permit]:
    actor.require(READ)
    return visible(Permit.objects.known_at(at), actor, at=at)
