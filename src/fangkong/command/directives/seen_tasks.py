"""The tasks that a reader of directives and duties may see of them: the same ones as on the list of tasks."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from fangkong.record.access import Actor, visible
from fangkong.record.models import Task

from ..tasks.queries import READ, WRITE


def seen_tasks(actor: Actor, at: datetime, carries_out_kind: str) -> QuerySet[Task]:
    """The tasks that carry out a directive (``directive``) or a duty (``standing_duty``), within the actor's scope.

    A role without ``task.read`` sees none, one without ``task.write`` only its own.
    """
    rows = visible(Task.objects.known_at(at), actor, at=at).filter(carries_out_kind=carries_out_kind)
    if not actor.may(READ):
        return rows.none()
    if not (actor.may(WRITE) or actor.role == "oversight"):
        rows = rows.filter(owner_role=actor.role, owner_key__in=("", actor.key))
    return rows
