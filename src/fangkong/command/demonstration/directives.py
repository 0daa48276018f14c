"""Directives and standing duties of the demonstration: one at work in the districts, one draft, three duties."""

from __future__ import annotations

import tomllib
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from fangkong.command.directives.actions import (
    directive_draft,
    directive_issue,
    directive_tasks_create,
    recipient_acknowledge,
    recipient_reply,
    standing_duty_establish,
)
from fangkong.command.directives.offices import offices_below
from fangkong.command.models import Directive, DirectiveRecipient
from fangkong.command.reactions.running import run_reactions
from fangkong.command.tasks.giving import NewTask
from fangkong.core.clock import civil_day
from fangkong.record import audit
from fangkong.record.access import Actor, system_actor
from fangkong.record.installation import installation

from .story import story


def load_directives(actors: dict[str, Actor]) -> None:
    """The directives and duties of ``directives.toml``, through the room's own actions; a second time nothing changes.

    One transaction: after a kill all of it is there or nothing.
    """
    with audit.writing():
        for given in _told()["directive"]:
            _directive(given, actors)
        for given in _told()["duty"]:
            _duty(given, actors)
    run_reactions(actor=system_actor("reaction"))


def _directive(given: dict[str, Any], actors: dict[str, Actor]) -> None:
    at = _before_opening(given["hours_before"])
    due_at = story().opens_at + timedelta(hours=given["due_hours"])
    area_code = story().area_code
    below = [{"area_code": each.area_code, "role": each.role} for each in offices_below(area_code)]
    key = directive_draft(
        title=given["title"],
        purpose=given["purpose"],
        evidence=given.get("evidence", ""),
        measures=given["measures"],
        area_code=area_code,
        recipients=below + [{"area_code": area_code, "role": role} for role in given.get("groups", [])],
        due_at=due_at,
        sunset_on=_today() + timedelta(days=given["stands_days"]),
        proportionality_note=given.get("proportionality_note", ""),
        exceptions=given.get("exceptions", []),
        actor=actors[given["drafter"]],
        at=at,
    )
    issued = Directive.objects.open().filter(key=key, state="draft").exists() and "issuer" in given
    if not issued:
        return
    at += timedelta(minutes=given["minutes_apart"])
    directive_issue(key, actor=actors[given["issuer"]], at=at)
    for recipient in DirectiveRecipient.objects.open().filter(directive_key=key).order_by("area_code"):
        receiver = actors.get(recipient.role)
        if receiver is None or receiver.area_code != recipient.area_code:
            continue
        at += timedelta(minutes=given["minutes_apart"])
        recipient_acknowledge(recipient.key, actor=receiver, at=at)
        if given.get("reply"):
            recipient_reply(recipient.key, given["reply"], actor=receiver, at=at)
    rows = [
        NewTask(
            title=title,
            owner_role=given["task_role"],
            area_code=area_code,
            due_at=due_at,
            evidence_kind=given.get("task_evidence", ""),
        )
        for title in given.get("tasks", [])
    ]
    if rows:
        directive_tasks_create(key, rows, actor=actors[given["issuer"]], at=at)


def _duty(given: dict[str, Any], actors: dict[str, Actor]) -> None:
    standing_duty_establish(
        title=given["title"],
        area_code=story().area_code,
        owner_role=given["owner_role"],
        post=given.get("post", ""),
        trigger=given.get("trigger", ""),
        recurs=given.get("recurs", ""),
        measure=given.get("measure", ""),
        starts_on=_today(),
        review_on=_today() + timedelta(days=given["review_days"]),
        actor=actors[given["by"]],
        at=_before_opening(given["hours_before"]),
    )


def _before_opening(hours: float) -> datetime:
    return story().opens_at - timedelta(hours=hours)


def _today() -> Any:
    return civil_day(story().opens_at, installation().zone)


@cache
def _told() -> dict[str, list[dict[str, Any]]]:
    return tomllib.loads(Path(__file__).with_name("directives.toml").read_text(encoding="utf-8"))
