"""Scope in SQL: which rows an actor sees. The only place where area codes are compared for access."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from fangkong.core.areas import Range, code_ranges
from fangkong.record.models import PersonArea

from .actor import Actor

M = TypeVar("M", bound=Model)


def _within(ranges: Iterable[Range], field: str) -> Q:
    """The condition that the code in ``field`` lies in one of the half-open ``ranges``; none lets nothing in."""
    within = Q(pk__in=[])
    for low, high in ranges:
        within |= Q(**{f"{field}__gte": low, f"{field}__lt": high})
    return within


def inside_area(area_code: str, field: str = "area_code") -> Q:
    """The condition that the code in ``field`` is ``area_code`` or lies inside it: a filter, not a permission."""
    return _within(code_ranges(area_code), field)


def visible(rows: QuerySet[M], actor: Actor, *, at: datetime | None = None) -> QuerySet[M]:
    """``rows`` that the actor may see.

    A row with a person is seen where it is counted and wherever the person has a tie known at ``at``
    (now, when None): one person living in one city and working in the next is seen by both.
    """
    if actor.everywhere:
        return rows
    fields = {field.name for field in rows.model._meta.concrete_fields}
    within = _within(actor.ranges, "area_code") if "area_code" in fields else Q(pk__in=[])
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
    return ties.filter(_within(actor.ranges, "area_code"))
