"""Example plans that ship: clearly examples, for the demonstration and as a beginning to write one's own."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class ExamplePlan:
    """One example in one language, with the fields that ``plan_draft`` takes."""

    code: str
    kind: str
    title: str
    hazard: str
    evacuates: bool
    levels: tuple[int, ...]
    checklist: tuple[Mapping[str, Any], ...]


def example_plans(lang: str) -> list[ExamplePlan]:
    """The examples in ``lang`` (``zh`` or ``en``), in the order of the file."""
    return [
        ExamplePlan(
            code=entry["code"],
            kind=entry[f"kind_{lang}"],
            title=entry[f"title_{lang}"],
            hazard=entry["hazard"],
            evacuates=entry["evacuates"],
            levels=tuple(entry["levels"]),
            checklist=tuple(_item(n, step, lang) for n, step in enumerate(entry["step"], start=1)),
        )
        for entry in _table()["plan"]
    ]


def _item(n: int, step: Mapping[str, Any], lang: str) -> dict[str, Any]:
    return {
        "n": n,
        "title": step[lang],
        "owner_role": step["owner"],
        "post": step.get(f"post_{lang}", ""),
        "within_hours": step["hours"],
        "evidence_kind": step.get("proof", ""),
        "after": list(step.get("after", ())),
    }


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_name("example_plans.toml").read_text(encoding="utf-8"))
