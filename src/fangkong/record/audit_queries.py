"""Reads of the audit chain for oversight, within the reader's scope."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from .access import Actor
from .installation import installation
from .models import AuditRow


@dataclass(frozen=True)
class AuditPage:
    """One page of audit rows, newest first; ``before`` is where the next page begins, 0 on the last."""

    rows: list[AuditRow]
    before: int


def audit_rows(*, actor: Actor, verb: str = "", before: int = 0, limit: int = 50) -> AuditPage:
    """The newest audit rows that the actor may read.

    Rows without an area (sign-ins, bulk loads, keys) are shown to those who oversee the whole jurisdiction.
    Raises Forbidden without ``audit.read``.
    """
    actor.require("audit.read")
    rows = AuditRow.objects.order_by("-seq")
    if not actor.sees(installation().area_code):
        inside = Q(pk__in=[])
        for low, high in actor.ranges:
            inside |= Q(area_code__gte=low, area_code__lt=high)
        rows = rows.filter(inside)
    if verb:
        rows = rows.filter(verb=verb)
    if before:
        rows = rows.filter(seq__lt=before)
    found = list(rows[: limit + 1])
    return AuditPage(found[:limit], found[limit - 1].seq if len(found) > limit else 0)
