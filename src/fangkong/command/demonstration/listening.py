"""What came from below in the demonstration, through the room's own actions."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from fangkong.command.listening.actions import (
    concern_answer,
    concern_enter,
    concerns_merge,
    concerns_paste,
    problem_raise,
    proposal_make,
    proposal_tried,
)
from fangkong.command.listening.references import references_offered
from fangkong.command.models import Concern
from fangkong.command.reactions.running import run_reactions
from fangkong.core.clock import civil_day
from fangkong.record import audit
from fangkong.record.access import Actor, system_actor
from fangkong.record.installation import installation

from .story import story


def load_listening(actors: dict[str, Actor]) -> None:
    """The concerns, the problem and the proposal of ``listening.toml``; a second time nothing changes.

    One transaction: after a kill all of it is there or nothing.
    """
    told = _told()
    at = story().opens_at - timedelta(hours=told["hours_before"])
    voiced_on = civil_day(at, installation().zone)
    enters, area_code = actors[told["enters"]], told["area_code"]
    with audit.writing():
        if not Concern.objects.filter(area_code=area_code).exists():
            concerns_paste(
                told["comments"],
                channel=told["channel"],
                area_code=area_code,
                voiced_on=voiced_on,
                actor=enters,
                at=at,
            )
            first = Concern.objects.open().get(area_code=area_code, theme="food")
            other = concern_enter(
                told["hotline"],
                channel="hotline",
                area_code=area_code,
                voiced_on=voiced_on,
                theme="food",
                votes=told["hotline_votes"],
                actor=enters,
                at=at + timedelta(hours=1),
            )
            concerns_merge([other], first.key, actor=enters, at=at + timedelta(hours=2))
            _answer(actors[told["answers"]], told)
        _problem_and_proposal(actors, told)
    run_reactions(actor=system_actor("reaction"))


def _answer(actor: Actor, told: dict[str, Any]) -> None:
    """The other matter is answered by a duty in force, when the demonstration has one."""
    at = story().opens_at - timedelta(hours=1)
    duties = references_offered(("duty",), actor=actor, at=at)
    held = Concern.objects.open().filter(area_code=told["area_code"], state="open").exclude(theme="food")
    for concern in held.order_by("key")[:1]:
        if duties:
            concern_answer(
                concern.key,
                answer=told["answer"],
                answered_in_kind="duty",
                answered_in_key=duties[0].key,
                changed=told["changed"],
                actor=actor,
                at=at,
            )


def _problem_and_proposal(actors: dict[str, Actor], told: dict[str, Any]) -> None:
    at = story().opens_at - timedelta(hours=told["hours_before"])
    problem, proposal = told["problem"], told["proposal"]
    problem_raise(
        title=problem["title"],
        words=problem["words"],
        area_code=story().area_code,
        owner_role=problem["owner"],
        actor=actors[problem["by"]],
        at=at,
    )
    by = actors[proposal["by"]]
    key = proposal_make(
        title=proposal["title"], words=proposal["words"], area_code=by.area_code, actor=by, at=at
    )
    proposal_tried(
        key,
        tried_in=proposal["tried_in"],
        result=proposal["result"],
        actor=by,
        at=at + timedelta(hours=3),
    )


@cache
def _told() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("listening.toml").read_text(encoding="utf-8"))
