"""A plan set in motion: all of its items become tasks in one act, timed; a drill touches nothing but its own tasks."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from fangkong.core.areas import contains
from fangkong.core.errors import Conflict, InputError
from fangkong.core.keys import stable_key
from fangkong.record import audit
from fangkong.record.access import Actor
from fangkong.record.load import load, revise
from fangkong.record.models import Task

from ..models import Plan, PlanRun
from ..tasks.actions import task_revoke
from ..tasks.giving import NewTask, key_of, tasks_create
from ..tasks.states import UNFINISHED
from .level_rows import open_level, reason_of
from .offers import PLAN_RUN, took
from .plan_rows import RUN, START, in_order, open_plan, open_run, refuse_system, run_event
from .yielding import yields_of

_REASON = 400


def plan_start(
    plan_key: str,
    *,
    drill: bool = False,
    reason: str,
    submit: str,
    area_code: str = "",
    level_key: str = "",
    actor: Actor,
    at: datetime,
) -> str:
    """The key of the run; every item of the checklist is a task of its owner, due within its hours from now.

    ``submit`` is the form's own token: the same submit twice is one run with one set of tasks. ``area_code``
    narrows the run to a part of the plan's area; ``level_key`` is the response level under which it starts. Raises
    NotFound ``plan.unknown`` or ``level.unknown``; Forbidden without ``plan.start`` in the area or for the platform
    itself; InputError ``plan.reason_needed`` or ``plan.other_area``; Conflict ``plan.wrong_state``, or
    ``plan.already_running`` when it runs there in earnest since another submit.
    """
    refuse_system(actor, START)
    with audit.writing():
        plan = open_plan(plan_key, actor, "in_force", "retired")
        where = area_code or plan.area_code
        if not contains(plan.area_code, where):
            raise InputError("plan.other_area")
        actor.require(START, where)
        key = stable_key(RUN, plan.key, where, drill, submit)
        if PlanRun.objects.filter(key=key).exists():
            return key
        if plan.state != "in_force":
            raise Conflict("plan.wrong_state", plan_state=plan.state)
        why = reason_of(reason, "plan.reason_needed")
        running = PlanRun.objects.open().filter(plan_key=plan.key, area_code=where, state="running")
        other = running.filter(drill=drill).first()
        if other is not None:
            raise Conflict("plan.already_running", since=other.started_at.isoformat())
        level = open_level(level_key, actor, "in_force") if level_key else None
        run = PlanRun(
            key=key,
            plan_key=plan.key,
            area_code=where,
            hazard=plan.hazard,
            drill=drill,
            reason=why[:_REASON],
            started_by=actor.key,
            started_at=at,
            state="running",
            level_key=level.key if level else "",
            yields=yields_of(plan, where, drill=drill, at=at),
        )
        row = {field.name: getattr(run, field.name) for field in PlanRun.fact_fields()} | {"key": key}
        load(PlanRun, [row], actor=actor.key, source_key=actor.key, known_from=at)
        audit.note(
            actor=actor.key,
            verb="plan.start_drill" if drill else "plan.start",
            object_kind="planrun",
            object_key=key,
            area_code=where,
            values=row,
        )
        tasks_create(_tasks(plan, run), actor=actor, at=at)
        if level is not None and not drill:
            took(level, plan.key, PLAN_RUN, key, actor, at)
        # A drill is told under another name: nobody's console must say that a plan was started.
        run_event(run, "drill_started" if drill else "started", at, by=actor.key, yields=len(run.yields))
    return key


def plan_end(run_key: str, note: str, *, actor: Actor, at: datetime) -> int:
    """How many tasks were still open, and revoked with the run that is over.

    Orders that yielded stay as they are: somebody with the right decides on each. Raises NotFound
    ``plan.run_unknown``, Forbidden without ``plan.start`` in the run's area, Conflict ``plan.run_over``, InputError
    ``plan.reason_needed``.
    """
    refuse_system(actor, START)
    with audit.writing():
        run = open_run(run_key, actor)
        actor.require(START, run.area_code)
        why = reason_of(note, "plan.reason_needed")
        tasks = Task.objects.open().filter(carries_out_kind=RUN, carries_out_key=run.key)
        states = list(tasks.order_by("key").values_list("key", "state"))
        left = [key for key, state in states if state in UNFINISHED]
        for key in left:
            task_revoke(key, actor=actor, at=at, note=why)
        revise(
            run,
            at=at,
            actor=actor.key,
            verb="plan.end",
            state="ended",
            ended_at=at,
            ended_by=actor.key,
            end_note=why,
        )
        run_event(run, "ended", at, by=actor.key, tasks=len(states), revoked=len(left))
    return len(left)


def drill_mark() -> str:
    """What stands before the title of every task of a drill."""
    return str(_table()["drill_mark"])


def _tasks(plan: Plan, run: PlanRun) -> list[NewTask]:
    """One task for each item, behind those that it waits for."""
    keys: dict[int, str] = {}
    rows = []
    for item in in_order(plan.checklist):
        row = NewTask(
            title=f"{drill_mark()}{item['title']}" if run.drill else item["title"],
            owner_role=item["owner_role"],
            area_code=run.area_code,
            due_at=run.started_at + timedelta(hours=item["within_hours"]),
            post=item["post"],
            evidence_kind=item["evidence_kind"],
            depends_on=[keys[n] for n in item["after"]],
            carries_out_kind=RUN,
            carries_out_key=run.key,
            params={"n": item["n"], "drill": run.drill},
        )
        keys[item["n"]] = key_of(row)
        rows.append(row)
    return rows


@cache
def _table() -> Mapping[str, str]:
    return tomllib.loads(Path(__file__).with_name("plans.toml").read_text(encoding="utf-8"))
