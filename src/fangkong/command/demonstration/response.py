"""Response levels and plans of the invented city: one level in force, a flood announced, example plans, one drill."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

from fangkong.core.clock import civil_day
from fangkong.record import audit
from fangkong.record.access import Actor, system_actor
from fangkong.record.installation import installation
from fangkong.record.models import Task

from ..models import Plan, PlanRun, ResponseLevel
from ..reactions.running import run_reactions
from ..response.actions import (
    level_declare,
    level_propose,
    level_record,
    plan_approve,
    plan_draft,
    plan_end,
    plan_start,
)
from ..response.examples import example_plans
from ..tasks.actions import task_done, task_verify
from ..tasks.evidence import evidence_kind
from .story import story


def load_response(actors: dict[str, Actor]) -> int:
    """How many plans of the story are in the record afterwards; again, the same ones. ``actors`` are by role.

    One transaction: after a kill all of it is there or nothing.
    """
    told = tomllib.loads(Path(__file__).with_name("response.toml").read_text(encoding="utf-8"))
    with audit.writing():
        _levels(told, actors)
        plans = _plans(told["plans"], actors)
        _drill(told["drill"], plans, actors)
    run_reactions(actor=system_actor("reaction"))
    return len(plans)


def _levels(told: dict[str, Any], actors: dict[str, Actor]) -> None:
    zone, level, flood = installation().zone, told["level"], told["flood"]
    at = story().opens_at - timedelta(days=level["days_before"])
    day = civil_day(at, zone)
    key = level_propose(
        area_code=story().area_code,
        hazard="epidemic",
        disease=story().disease,
        level=level["level"],
        matters=level["matters"],
        measures=level["measures"],
        starts_on=day,
        review_on=day + timedelta(days=level["review_after_days"]),
        actor=actors["duty_officer"],
        at=at,
    )
    if ResponseLevel.objects.open().filter(key=key, state="proposed").exists():
        level_declare(key, actor=actors["co_chair"], at=at + timedelta(hours=1))
    at = story().opens_at - timedelta(days=flood["days_before"])
    level_record(
        area_code=flood["area_code"],
        hazard="flood",
        level=flood["level"],
        rank=flood["rank"],
        document=flood["document"],
        matters=flood["matters"],
        starts_on=civil_day(at, zone),
        actor=actors["duty_officer"],
        at=at,
    )


def _plans(told: dict[str, Any], actors: dict[str, Actor]) -> dict[str, str]:
    """Code of the example -> key of its plan, approved."""
    at = story().opens_at - timedelta(days=told["days_before"])
    keys = {}
    for example in example_plans("zh"):
        key = keys[example.code] = plan_draft(
            kind=example.kind,
            title=example.title,
            area_code=story().area_code,
            hazard=example.hazard,
            levels=example.levels,
            evacuates=example.evacuates,
            checklist=example.checklist,
            actor=actors["duty_officer"],
            at=at,
        )
        if Plan.objects.open().filter(key=key, state="draft").exists():
            plan_approve(key, actor=actors["co_chair"], at=at + timedelta(hours=2))
    return keys


def _drill(told: dict[str, Any], plans: dict[str, str], actors: dict[str, Actor]) -> None:
    """A drill of some days ago, every step done, some late."""
    duty, chair = actors["duty_officer"], actors["co_chair"]
    at = story().opens_at - timedelta(days=told["days_before"])
    key = plan_start(
        plans[told["plan"]],
        drill=True,
        reason=told["reason"],
        submit="demonstration",
        area_code=told["street"],
        actor=duty,
        at=at,
    )
    if not PlanRun.objects.open().filter(key=key, state="running").exists():
        return
    tasks = sorted(Task.objects.open().filter(carries_out_key=key), key=lambda task: int(task.params["n"]))
    last = at
    for task, share in zip(tasks, told["shares"], strict=True):
        done_at = max(at + (task.due_at - at) * share, last)
        last = max(last, done_at)
        if task.state != "awaiting":
            continue
        text = told["proof"].get(evidence_kind(task.evidence_kind).form, told["proof"]["text"])
        evidence = [{"text": text}] if task.evidence_kind else []
        if task_done(task.key, actor=duty, at=done_at, evidence=evidence) == "to_verify":
            task_verify(task.key, actor=chair, at=done_at + timedelta(minutes=1))
    plan_end(key, told["note"], actor=duty, at=last + timedelta(minutes=10))
