"""Tasks that follow from an event or from what the rules could not decide."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fangkong.core.clock import FAR_FUTURE
from fangkong.desks.control.proposals import Proposal
from fangkong.record.access import Actor
from fangkong.record.installation import installation
from fangkong.record.models import Event, Task

from ..tasks.actions import task_create, task_done, task_revoke
from ..tasks.deadlines import deadline_of
from ..tasks.states import STEPS, UNFINISHED, task_kind


def task_for(
    kind: str,
    event: Event,
    actor: Actor,
    *,
    subject_kind: str,
    subject_key: str = "",
    area_code: str = "",
    params: dict[str, Any] | None = None,
    facts: dict[str, Any] | None = None,
    named: bool = True,
) -> str:
    """The outcome ``task``: a task of ``kind`` about the event's subject or ``subject_key``, by its clock.

    ``named``: whether the task may say which person it is about; a gate's may not.
    ``facts`` are the facts of this case that the clock's rule rows are asked with, over those of the kind.
    """
    disease = event.params.get("disease", "")
    deadline = deadline_of(kind, disease=disease, area_code=event.area_code, at=event.at, facts=facts)
    names = ("person_key", "disease") if named else ("disease",)
    shared = {name: event.params[name] for name in names if name in event.params}
    task_create(
        kind,
        params=shared | (params or {}),
        area_code=area_code or event.area_code,
        owner_role=task_kind(kind).owner_role,
        due_at=deadline.due_at,
        subject_kind=subject_kind,
        subject_key=subject_key or event.subject_key,
        rule_row=deadline.rule_row,
        actor=actor,
        at=event.at,
    )
    return "task"


def follow_up(proposal: Proposal, event: Event, actor: Actor, *, subject_kind: str) -> str:
    """The proposal's code, after a task for a named person where the rules or the facts are silent."""
    if proposal.to_decide:
        params = {"why": proposal.code, "rule_key": proposal.params.get("rule_key", "")}
        task_for("rule_decision", event, actor, subject_kind=subject_kind, params=params)
    elif proposal.code == "exposure_date_unknown":
        task_for("find_exposure_date", event, actor, subject_kind=subject_kind)
    elif proposal.code == "outside_jurisdiction":
        # The task stands where the office can see it; the letter itself says where the person stays.
        task_for(
            "request_assistance",
            event,
            actor,
            subject_kind=subject_kind,
            area_code=installation().area_code,
            params={"to_area": proposal.params["area_code"]},
        )
    return proposal.code


def finish(task_keys: Iterable[str], event: Event, actor: Actor) -> str:
    """The outcome after the tasks that are still open are done: ``done``, or ``no_open_task``."""
    open_tasks = _open(task_keys).filter(state__in=STEPS["done"]).values_list("key", flat=True)
    keys = list(open_tasks)
    for key in keys:
        task_done(key, actor=actor, at=event.at)
    return "done" if keys else "no_open_task"


def revoke(task_keys: Iterable[str], event: Event, actor: Actor, *, reason: str) -> str:
    """The outcome after the unfinished tasks are revoked: ``revoked``, or ``no_open_task``."""
    keys = list(_open(task_keys).filter(state__in=UNFINISHED).values_list("key", flat=True))
    for key in keys:
        task_revoke(key, actor=actor, at=event.at, note=reason)
    return "revoked" if keys else "no_open_task"


def _open(task_keys: Iterable[str]) -> Any:
    return Task.objects.filter(key__in=list(task_keys), known_to=FAR_FUTURE).order_by("key")
