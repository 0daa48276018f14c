"""Somebody needs a doctor now: whoever stands there says so with one press, and the duty officer has it at once."""

from __future__ import annotations

from datetime import datetime

from fangkong.core.errors import Forbidden
from fangkong.record import audit, events
from fangkong.record.access import Actor, system_actor
from fangkong.record.access.actor import roles_that_may
from fangkong.record.models import Task

from .deadlines import deadline_of
from .giving import NewTask, tasks_create
from .owners import DOES
from .states import UNFINISHED, task_kind

KIND = "arrange_care"


def emergency_call(*, area_code: str, where: str, disease: str, actor: Actor, at: datetime) -> str:
    """The key of the task that gets the patient to a doctor; it is told at once to the role that owns it.

    Called twice for the same place, it is one task while it is open. No test and no code is asked for.
    ``where`` is a place, never a person. Whoever may do tasks may call,
    in their own area. Raises Forbidden, and InputError ``task.title_needed`` without a place.
    """
    if not any(actor.may(permission) for permission in DOES):
        raise Forbidden("access.not_your_role", permission=DOES[0], roles=roles_that_may(DOES[0]))
    if not actor.sees(area_code):
        raise Forbidden("access.not_your_area", permission=DOES[0], roles=roles_that_may(DOES[0]))
    deadline = deadline_of(KIND, disease=disease, area_code=area_code, at=at)
    role = task_kind(KIND).owner_role
    new = NewTask(
        title=where,
        owner_role=role,
        area_code=area_code,
        due_at=deadline.due_at,
        rule_row=deadline.rule_row,
        subject_kind="caller",
        subject_key=actor.key,
        kind=KIND,
    )
    with audit.writing():
        called = Task.objects.open().filter(
            kind=KIND, subject_key=actor.key, area_code=area_code, title=where.strip(), state__in=UNFINISHED
        )
        if waiting := called.first():
            return waiting.key
        # The caller may not give tasks; the office's own hand does, as it does for what comes from a gate.
        key = tasks_create([new], actor=system_actor("emergency"), at=at)[0]
        params = {"role": role, "reason": "emergency", "owner_role": role, "by": actor.key}
        events.emit("task.escalated", key, area_code, at=at, params=params)
    return key
