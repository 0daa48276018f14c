"""The tasks by which a directive is carried out: each for a post and one person, none outside its area or its time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from fangkong.core.areas import contains
from fangkong.core.clock import civil_day
from fangkong.core.errors import InputError, NotFound
from fangkong.record import audit
from fangkong.record.access import Actor, visible
from fangkong.record.installation import installation
from fangkong.record.locking import locked_one

from ..models import Directive, DirectiveRecipient
from ..tasks.giving import NewTask, tasks_create
from .rows import SUBJECT, need_state


def directive_tasks_create(
    directive_key: str, rows: Sequence[NewTask], *, actor: Actor, at: datetime
) -> list[str]:
    """The keys of the tasks that carry out the issued directive, in the order given; the same rows make no second ones.

    Whoever works in the issuing office's area, or in that of a recipient, gives them there. Raises NotFound
    ``directive.unknown``; Conflict ``directive.wrong_state``; InputError ``directive.task_outside`` or
    ``directive.task_after_sunset``; Forbidden without ``task.write`` in a task's area; and as ``tasks_create``.
    """
    with audit.writing():
        directive = locked_one(Directive.objects.open().filter(key=directive_key))
        if directive is None or not _concerns(directive, actor):
            raise NotFound("directive.unknown", key=directive_key)
        need_state(directive, "issued")
        zone = installation().zone
        for n, row in enumerate(rows, start=1):
            if not contains(directive.area_code, row.area_code):
                raise InputError("directive.task_outside", n=n, given=row.area_code[:24])
            if civil_day(row.due_at, zone) > directive.sunset_on:
                raise InputError(
                    "directive.task_after_sunset", n=n, sunset_on=directive.sunset_on.isoformat()
                )
        given = [replace(row, carries_out_kind=SUBJECT, carries_out_key=directive.key) for row in rows]
        return tasks_create(given, actor=actor, at=at)


def _concerns(directive: Directive, actor: Actor) -> bool:
    if actor.sees(directive.area_code):
        return True
    received = DirectiveRecipient.objects.open().filter(directive_key=directive.key)
    return visible(received, actor).exists()
