"""The morning's tasks of one grid worker in the demonstration, given by the street and partly taken already."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from fangkong.command.reactions.running import run_reactions
from fangkong.command.tasks.actions import task_acknowledge
from fangkong.command.tasks.giving import PARTIES, NewTask, tasks_create
from fangkong.record import audit
from fangkong.record.access import Actor, system_actor
from fangkong.record.models import Task

from .story import story


def give_tasks(actors: dict[str, Actor]) -> None:
    """The tasks of ``given_tasks.toml``; a second time nothing changes, and after a kill all are there or none."""
    told, opens_at = _told(), story().opens_at
    giver, owner = actors[told["giver"]], actors[told["owner"]]
    rows = [
        NewTask(
            title=given["title"],
            owner_role=owner.role,
            owner_key=owner.key,
            area_code=told["area_code"],
            due_at=opens_at + timedelta(minutes=given["due_minutes"]),
            post=told["post"],
            four_parties={party: given[party] for party in PARTIES if party in given},
            evidence_kind=given.get("evidence_kind", ""),
        )
        for given in told["task"]
    ]
    with audit.writing():
        at = opens_at - timedelta(minutes=told["given_minutes_before"])
        keys = tasks_create(rows, actor=giver, at=at)
        taken = [key for key, given in zip(keys, told["task"], strict=True) if given.get("taken")]
        for task in Task.objects.open().filter(key__in=taken, state="awaiting").order_by("key"):
            at = opens_at - timedelta(minutes=told["taken_minutes_before"])
            task_acknowledge(task.key, actor=owner, at=at)
    run_reactions(actor=system_actor("reaction"))


@cache
def _told() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("given_tasks.toml").read_text(encoding="utf-8"))
