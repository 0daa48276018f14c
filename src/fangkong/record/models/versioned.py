"""What every bitemporal table shares: a stable key, and when the office knew the row.

A row is one version of what is known under ``key``. Nothing is overwritten: a correction closes the open
version (``known_to``) and opens another; a withdrawal only closes. Relations point at keys, never at row ids.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Self

from django.db import models
from django.db.models import Q

from fangkong.core.clock import FAR_FUTURE


def machine_now() -> datetime:
    """The machine's clock, for ``recorded_at`` only."""
    return datetime.now(UTC)


class VersionedQuerySet(models.QuerySet):
    """Reads by knowledge: ``known_at(instant)`` or ``open()``; never "the latest row per key"."""

    def known_at(self, instant: datetime) -> Self:
        """The versions that the office held to be true at ``instant``."""
        return self.filter(known_from__lte=instant, known_to__gt=instant)

    def open(self) -> Self:
        """The versions not yet superseded."""
        return self.filter(known_to=FAR_FUTURE)


class Versioned(models.Model):
    """One version of a fact."""

    key = models.CharField(max_length=96)
    known_from = models.DateTimeField()
    known_to = models.DateTimeField(default=FAR_FUTURE)
    recorded_at = models.DateTimeField(default=machine_now)
    #: The receipt or the actor that taught us this version; not part of the fact.
    source_key = models.CharField(max_length=96, default="", blank=True)

    objects = VersionedQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=Q(known_to=FAR_FUTURE), name="%(class)s_one_open"
            ),
            models.UniqueConstraint(fields=["key", "known_from"], name="%(class)s_one_from"),
            models.CheckConstraint(
                condition=Q(known_to__gt=models.F("known_from")), name="%(class)s_forward"
            ),
        ]

    def __str__(self) -> str:
        return f"{type(self).__name__} {self.key}"

    @classmethod
    def fact_fields(cls) -> list[models.Field[Any, Any]]:
        """The fields that make up the fact: all but row id, key, knowledge times, clock and source."""
        outside = {"id", "key", "known_from", "known_to", "recorded_at", "source_key"}
        return [field for field in cls._meta.concrete_fields if field.name not in outside]
