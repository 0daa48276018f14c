"""One set of invented minutes in the demonstration, part of its clauses decided, the rest waiting for the morning."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

from fangkong.record import audit
from fangkong.record.access import Actor

from ..minutes.actions import clause_confirm, clause_set_aside, minutes_receive
from ..minutes.queries import document_clauses
from ..models import Clause
from .story import story


def load_minutes(actors: dict[str, Actor]) -> str:
    """The key of the minutes, in the record afterwards with what was decided; again, the same.

    One transaction: after a kill all of it is there or nothing.
    """
    with audit.writing():
        told = tomllib.loads(Path(__file__).with_name("minutes.toml").read_text(encoding="utf-8"))
        actor, opens_at = actors["general_group"], story().opens_at
        received_at = opens_at - timedelta(hours=told["received_hours"])
        decided_at = opens_at - timedelta(hours=told["decided_hours"])
        area_code = story().area_code
        key = minutes_receive(told["text"], area_code=area_code, actor=actor, at=received_at)
        clauses = document_clauses(key, actor=actor, at=opens_at)
        shared: dict[str, Any] = {"area_code": area_code, "actor": actor, "at": decided_at}
        due_at = decided_at + timedelta(hours=told["due_hours"])
        for entry in told["directive"]:
            clause = _saying(clauses, entry["words"])
            clause_confirm(
                clause.key,
                as_="directive",
                title="",
                owner_role=entry["owner_role"],
                where=entry["where"],
                due_at=due_at,
                **shared,
            )
        for entry in told["duty"]:
            clause = _saying(clauses, entry["words"])
            clause_confirm(
                clause.key,
                as_="standing_duty",
                title="",
                owner_role=entry["owner_role"],
                trigger=entry["trigger"],
                **shared,
            )
        for entry in told["set_aside"]:
            clause_set_aside(
                _saying(clauses, entry["words"]).key, entry["reason"], actor=actor, at=decided_at
            )
        return key


def _saying(clauses: list[Clause], words: str) -> Clause:
    return next(clause for clause in clauses if words in clause.text)
