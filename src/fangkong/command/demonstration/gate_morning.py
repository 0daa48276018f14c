"""The last minutes of the gates before the morning: permits asked for, trucks and an emergency that passed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from fangkong.core.clock import civil_day
from fangkong.desks.control.actions import (
    Holder,
    Shown,
    passage_emergency,
    passage_record,
    permit_issue,
    permit_propose,
)
from fangkong.desks.control.gate_answers import FREIGHT
from fangkong.desks.control.queries import gates_of
from fangkong.record.access import Actor
from fangkong.record.installation import installation
from fangkong.record.models import Permit

from .story import story


def live_gate_morning(actors: dict[str, Actor], *, opens_at: datetime) -> int:
    """How many permits and passages of the story are in the record afterwards; again, the same ones."""
    told = story().settings["checkpoints"]
    guard = actors[told["gate_user"]]
    for asked in told["permits"]:
        _permit(asked, actors, _at(asked, opens_at), told["issued_reason"])
    gates = [place for place in gates_of(actor=guard, at=opens_at) if place.kind == "checkpoint"]
    if not gates:
        return len(told["permits"])
    for truck in told["trucks"]:
        at = _at(truck, opens_at)
        shown = Shown(
            tested_at=at - timedelta(hours=truck["tested_hours"]),
            antigen=truck["antigen"] or None,
            code="green",
        )
        holder = Holder(number=truck["number"], plate=truck["plate"])
        passage_record(gates[0].key, kind=FREIGHT, holder=holder, shown=shown, actor=guard, at=at)
    for patient in told["emergencies"]:
        shown = Shown(condition=patient["condition"])
        passage_emergency(gates[0].key, shown=shown, actor=guard, at=_at(patient, opens_at))
    return len(told["permits"]) + len(told["trucks"]) + len(told["emergencies"])


def _permit(asked: dict[str, Any], actors: dict[str, Actor], at: datetime, reason: str) -> None:
    condition = story().settings["checkpoints"]["emergencies"][0]["condition"]
    key = permit_propose(
        asked["kind"],
        holder=Holder(number=asked["number"], plate=asked["plate"]),
        shown=Shown(from_area=asked["from"], to_area=asked["to"], condition=condition),
        starts_on=civil_day(at, installation().zone),
        actor=actors["duty_officer"],
        at=at,
    )
    if asked["issued"] and Permit.objects.open().filter(key=key, state="proposed").exists():
        permit_issue(
            key,
            reason=reason,
            actor=actors["health_authority"],
            at=at + timedelta(minutes=asked["minutes"] / 5),
        )


def _at(told: dict[str, Any], opens_at: datetime) -> datetime:
    return opens_at - timedelta(minutes=told["minutes"])
