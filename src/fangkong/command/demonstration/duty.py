"""Duty in the demonstration: a week's roster without a hole, one swap that waits, and the night's hand-over."""

from __future__ import annotations

import tomllib
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from fangkong.command.duty.actions import (
    Team,
    close_out_carry,
    handover_draw_up,
    phone_test_record,
    roster_fill,
    swap_agree,
    swap_ask,
)
from fangkong.command.duty.open_items import office_eye, open_items
from fangkong.command.duty.watch import duty_watch
from fangkong.command.models import Handover
from fangkong.command.office_clocks import office_clock
from fangkong.command.reactions.running import run_reactions
from fangkong.core.clock import civil_day
from fangkong.record import audit
from fangkong.record.access import Actor, system_actor
from fangkong.record.installation import installation

from .story import story


def load_duty(actors: dict[str, Actor]) -> None:
    """The roster, the swap and the night of ``duty.toml``, through the room's own actions.

    A second time nothing changes. One transaction: after a kill all of it is there or nothing.
    """
    told, opens_at = _told(), story().opens_at
    today = civil_day(opens_at, installation().zone)
    with audit.writing():
        if not Handover.objects.filter(area_code=story().area_code).exists():
            keys = _roster(told, actors, today - timedelta(days=today.weekday()))
            _swap(told["swap"], actors, keys)
            _night(told["night"], actors, keys[0], actors[told["keeper"]])
    run_reactions(actor=system_actor("reaction"))


def _roster(told: dict[str, Any], actors: dict[str, Actor], monday: date) -> list[str]:
    change = office_clock("handover").at
    assert change is not None
    teams = [
        Team(actors[team["chief"]].key, actors[team["deputy"]].key if "deputy" in team else "")
        for team in told["teams"]
    ]
    return roster_fill(
        area_code=story().area_code,
        first_on=monday,
        days=told["days"],
        changes=[change],
        teams=teams,
        actor=actors[told["keeper"]],
        at=story().opens_at - timedelta(hours=told["entered_hours_before"]),
    )


def _swap(told: dict[str, Any], actors: dict[str, Actor], keys: list[str]) -> None:
    at = story().opens_at - timedelta(hours=told["hours_before"])
    asks, asked = actors[told["asks"]], actors[told["asked"]]
    key = swap_ask(
        keys[told["shift"]], post=told["post"], to_key=asked.key, reason=told["reason"], actor=asks, at=at
    )
    swap_agree(key, actor=asked, at=at + timedelta(hours=1))


def _night(told: dict[str, Any], actors: dict[str, Actor], shift_key: str, keeper: Actor) -> None:
    worker, here = system_actor("worker"), installation()
    on = civil_day(story().opens_at, here.zone) - timedelta(days=1)
    begins, closes = (_hour(name, on) for name in ("handover", "close_out"))
    area_code, first = story().area_code, _told()["teams"][0]
    duty_watch(begins, worker)
    for role in first.values():
        at = begins + timedelta(minutes=told["answered_minutes"])
        phone_test_record(shift_key, actors[role].key, answered=True, actor=keeper, at=at)
    duty_watch(closes, worker)
    chief, at = actors[first["chief"]], closes + timedelta(minutes=told["closed_minutes"])
    names = [item.name for item in open_items(area_code, on, actor=office_eye(area_code), at=at)]
    if names:
        until_at = at + timedelta(hours=told["until_hours"])
        close_out_carry(
            names, area_code=area_code, on=on, why=told["why"], until_at=until_at, actor=chief, at=at
        )
    handover_draw_up(area_code, on, note=told["note"], actor=chief, at=at + timedelta(minutes=1))


def _hour(name: str, day: date) -> datetime:
    at = office_clock(name).at
    assert at is not None
    return datetime.combine(day, at, installation().zone)


@cache
def _told() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("duty.toml").read_text(encoding="utf-8"))
