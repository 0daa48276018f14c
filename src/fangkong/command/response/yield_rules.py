"""Which orders yield to which run of a plan, by which row; and how people under them are kept apart on the way."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from fangkong.desks.control.rulebook import rulebook
from fangkong.science.rules import InForce


@dataclass(frozen=True)
class YieldRule:
    """Orders of some kinds yield to the runs of evacuating plans of some hazards."""

    code: str
    hazards: tuple[str, ...]
    orders: tuple[str, ...]
    #: (key of the packs, scope it is asked with)
    rows: tuple[tuple[str, Mapping[str, str]], ...]
    words: tuple[str, ...]
    else_row: str


def yield_rule(hazard: str) -> YieldRule | None:
    """The rule for an evacuation because of ``hazard``; None where no order yields to it."""
    return next((rule for rule in _rules() if hazard in rule.hazards), None)


def evacuation_hazards() -> set[str]:
    """The hazards because of which people are moved out."""
    return {hazard for rule in _rules() for hazard in rule.hazards}


def row_of(rule: YieldRule, *, on: date, area_code: str) -> str:
    """The row in force on the day ``on`` that lets people be moved out; without one the office's own safeguard."""
    for key, scope in rule.rows:
        answer = rulebook().resolve(key, on=on, area=area_code, scope=scope)
        if isinstance(answer, InForce) and set(answer.value) & set(rule.words):
            return answer.rule_row
    return rule.else_row


def cohort_of(order_kind: str) -> str:
    """The group in which people under an order of this kind travel: ``cases`` or ``contacts``; "" for no person."""
    return str(_table()["cohort"].get(order_kind, ""))


def needs_room(stages: list[dict[str, Any]], on: date) -> bool:
    """True when the stage that runs on ``on`` keeps the person in a room of a site, not at home."""
    day = on.isoformat()
    return any(
        stage.get("first_on", "") <= day <= stage.get("last_on", day)
        and stage.get("place") in _table()["rooms"]["places"]
        for stage in stages
    )


@cache
def _rules() -> tuple[YieldRule, ...]:
    return tuple(
        YieldRule(
            entry["code"],
            tuple(entry["hazards"]),
            tuple(entry["orders"]),
            tuple((row["key"], row["scope"]) for row in entry["rows"]),
            tuple(entry["words"]),
            entry["else_row"],
        )
        for entry in _table()["rule"]
    )


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_name("yielding.toml").read_text(encoding="utf-8"))
