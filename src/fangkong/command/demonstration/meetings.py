"""Meetings of the demonstration: one held yesterday with decisions and signed minutes, one called for tomorrow."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from fangkong.command.directives.actions import directive_issue, recipient_acknowledge
from fangkong.command.directives.offices import offices_below
from fangkong.command.meetings.actions import (
    agenda_item_add,
    decision_confirm,
    decision_enter,
    dissent_record,
    meeting_call,
    meeting_hold,
    minutes_sign,
    minutes_write,
)
from fangkong.command.models import Directive, DirectiveRecipient, Meeting
from fangkong.core.clock import civil_day
from fangkong.record import audit
from fangkong.record.access import Actor
from fangkong.record.installation import installation

from .story import story


def load_meetings(actors: dict[str, Actor]) -> None:
    """The meetings of ``meetings.toml``, through the room's own actions; a second time nothing changes.

    One transaction: after a kill all of it is there or nothing.
    """
    told = _told()
    with audit.writing():
        key = _call(told, told["held"], -told["held"]["starts_hours"], -told["held"]["called_hours"], actors)
        if Meeting.objects.open().filter(key=key, state="called").exists():
            _hold(key, told, actors)
        _call(told, told["coming"], told["coming"]["starts_hours"], -told["coming"]["called_hours"], actors)


def _call(
    told: Mapping[str, Any], given: Mapping[str, Any], starts: float, called: float, actors: dict[str, Actor]
) -> str:
    return meeting_call(
        body=told["body"],
        number=given["number"],
        kind="numbered",
        area_code=story().area_code,
        starts_at=_opening(starts),
        chairs=told["chairs"],
        venues=told["venues"],
        actor=actors[told["writer"]],
        at=_opening(called),
    )


def _hold(key: str, told: Mapping[str, Any], actors: dict[str, Actor]) -> None:
    given, writer = told["held"], actors[told["writer"]]
    agenda_item_add(key, **given["item"], actor=writer, at=_opening(-given["called_hours"] + 1))
    at, step = _opening(-given["starts_hours"] + 1), timedelta(minutes=given["minutes_apart"])
    meeting_hold(key, present=given["present"], heard=given["heard"], actor=writer, at=at)
    clauses = []
    for decision in given["decision"]:
        at += step
        clauses.append(
            decision_enter(key, decision["text"], clause_class=decision["class"], actor=writer, at=at)
        )
    dissent = given["dissent"]
    dissent_record(
        key,
        by=dissent["by"],
        clause_key=clauses[dissent["on"] - 1],
        words=dissent["words"],
        actor=writer,
        at=at,
    )
    minutes_write(key, actor=writer, at=at + step)
    minutes_sign(key, actor=actors[told["signer"]], at=at + 2 * step)
    for clause, decision in zip(clauses, given["decision"], strict=True):
        at += step
        _lead(clause, decision, told, actors, at, step)


def _lead(
    clause: str,
    decision: Mapping[str, Any],
    told: Mapping[str, Any],
    actors: dict[str, Actor],
    at: datetime,
    step: timedelta,
) -> None:
    """The decision gets its owner, if anybody was found; the directive is issued and acknowledged as the table says."""
    writer = actors[told["writer"]]
    if decision["class"] == "standing_duty":
        decision_confirm(
            clause,
            as_="standing_duty",
            owner_role=decision["role"],
            measure=decision["measure"],
            actor=writer,
            at=at,
        )
        return
    if "due_hours" not in decision:
        return
    below = offices_below(story().area_code)[0].role
    due_at = _opening(decision["due_hours"])
    led = decision_confirm(
        clause,
        as_="directive",
        owner_role=decision.get("role", below),
        where="own" if "role" in decision else "below",
        due_at=due_at,
        sunset_on=civil_day(due_at, installation().zone) + timedelta(days=decision["stands_days"]),
        actor=writer,
        at=at,
    )
    if not decision.get("issued") or not Directive.objects.open().filter(key=led, state="draft").exists():
        return
    at += step
    directive_issue(led, actor=actors[told["signer"]], at=at)
    for recipient in DirectiveRecipient.objects.open().filter(directive_key=led).order_by("area_code"):
        receiver = actors.get(recipient.role)
        if decision.get("acknowledged") and receiver and receiver.area_code == recipient.area_code:
            recipient_acknowledge(recipient.key, actor=receiver, at=at + step)


def _opening(hours: float) -> datetime:
    """``hours`` after the console opens; before it for a negative number."""
    return story().opens_at + timedelta(hours=hours)


@cache
def _told() -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_name("meetings.toml").read_text(encoding="utf-8"))
