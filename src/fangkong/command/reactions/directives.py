"""What follows when a directive is over and levels below still carry it on: whoever issued theirs decides."""

from __future__ import annotations

from datetime import timedelta

from fangkong.core.clock import civil_day
from fangkong.record.access import Actor
from fangkong.record.installation import installation
from fangkong.record.models import Event, Task

from ..models import Directive
from ..tasks.actions import task_done, task_revoke
from ..tasks.giving import NewTask, tasks_create
from ..tasks.owners import can_do, doing_roles, users_of
from ..tasks.states import STEPS, UNFINISHED, task_kind

#: The task to decide on a directive whose parent is over: it is withdrawn, or the reason for keeping it is said.
DECIDE = "decide_directive_below"

#: How that task names the directive, and the proof that closes it: the reason in words.
SUBJECT, REASON = "directive_below", "text"


def ask_below(event: Event, actor: Actor) -> str:
    """``asked:<n>``: one task for each issued directive that carries this one on, for whoever issued it."""
    below = Directive.objects.known_at(event.at).filter(parent_key=event.subject_key, state="issued")
    children = list(below.order_by("key"))
    if not children:
        return "nothing_below"
    people = users_of(child.issued_by for child in children)
    here = installation()
    today = civil_day(event.at, here.zone)
    due_at = here.close_of(today)
    if due_at <= event.at:
        due_at = here.close_of(today + timedelta(days=1))
    rows = []
    for child in children:
        role = child.issuer_role if child.issuer_role in doing_roles() else task_kind(DECIDE).owner_role
        issuer = people.get(child.issued_by)
        there = issuer is not None and issuer.role == role and can_do(issuer, role, child.area_code)
        rows.append(
            NewTask(
                title=child.title,
                kind=DECIDE,
                owner_role=role,
                owner_key=child.issued_by if there else "",
                area_code=child.area_code,
                due_at=due_at,
                evidence_kind=REASON,
                subject_kind=SUBJECT,
                subject_key=child.key,
                params={"parent_key": event.subject_key},
            )
        )
    tasks_create(rows, actor=actor, at=event.at)
    return f"asked:{len(rows)}"


def close_below(event: Event, actor: Actor) -> str:
    """The directive itself is over: the task to decide on it is done with the reason given, or no longer asked for."""
    waiting = Task.objects.open().filter(kind=DECIDE, subject_key=event.subject_key, state__in=UNFINISHED)
    tasks = list(waiting.order_by("key"))
    if not tasks:
        return "no_open_task"
    ended = Directive.objects.known_at(event.at).get(key=event.subject_key)
    for task in tasks:
        if ended.change_reason and task.state in STEPS["done"]:
            proof = [{"kind": REASON, "text": ended.change_reason}]
            task_done(task.key, evidence=proof, actor=actor, at=event.at)
        else:
            task_revoke(task.key, actor=actor, at=event.at, note=event.kind)
    return "closed"
