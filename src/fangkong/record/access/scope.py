"""Scope in SQL: which rows an actor sees. The only place where area codes are compared for access."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from fangkong.record.models import PersonArea

from .actor import Actor

M = TypeVar("M", bound=Model)


def _inside(actor: Actor, field: str) -> Q:
    within = Q(pk__in=[])
    for low, high in actor.ranges:
        within |= Q(**{f"{field}__gte": low, f"{field}__lt": high})
    return within


def visible(rows: QuerySet[M], actor: Actor, *, at: datetime | None = None) -> QuerySet[M]:
    """``rows`` that the actor may see.

    A row with a person is seen where it is counted and wherever the person has a tie known at ``at``
    (now, when None): one person living in one city and working in the next is seen by both.
    """
    if actor.everywhere:
        return rows
    fields = {field.name for field in rows.model._meta.concrete_fields}
    within = _inside(actor, "area_code") if "area_code" in fields else Q(pk__in=[])
    if "person_key" in fields:
        within |= Exists(_ties(actor, at).filter(person_key=OuterRef("person_key")))
    return rows.filter(within)


def visible_people(rows: QuerySet[M], actor: Actor, *, at: datetime | None = None) -> QuerySet[M]:
    """``rows`` of Person (keyed by the person) that have a tie in the actor's scope."""
    if actor.everywhere:
        return rows
    return rows.filter(Exists(_ties(actor, at).filter(person_key=OuterRef("key"))))


def _ties(actor: Actor, at: datetime | None) -> QuerySet[PersonArea]:
    ties = PersonArea.objects.open() if at is None else PersonArea.objects.known_at(at)
    return ties.filter(_inside(actor, "area_code"))
