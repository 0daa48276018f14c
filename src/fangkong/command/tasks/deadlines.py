"""When a task is due: the clock of the rule in force, else the close of the day (事不过夜)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fangkong.core.clock import civil_day
from fangkong.desks.control.rulebook import rulebook
from fangkong.record.installation import installation
from fangkong.science.rules import InForce

from .states import days_without_clock, task_kind


@dataclass(frozen=True)
class Deadline:
    """The moment and the rule row that sets it; ``rule_row`` is "" for same-day closure."""

    due_at: datetime
    rule_row: str


def deadline_of(
    kind: str, *, disease: str, area_code: str, at: datetime, facts: Mapping[str, Any] | None = None
) -> Deadline:
    """When a task of ``kind`` that starts at ``at`` is due.

    ``facts`` go over the facts that the kind asks its rules with. The first clock of the kind with a row in
    force on the civil day counts its hours from ``at``. A clock that no row decides sets nothing, nor does a
    target that binds nobody: the task is then due after the minutes of its kind, else at the close of the day.
    """
    here = installation()
    day, scope = civil_day(at, here.zone), {**task_kind(kind).scope, **(facts or {})}
    for key in task_kind(kind).clock:
        answer = rulebook().resolve(key, on=day, disease=disease, area=area_code, scope=scope)
        if isinstance(answer, InForce) and answer.binding and answer.row.unit == "h":
            return Deadline(at + timedelta(hours=float(answer.value)), answer.rule_row)
    if minutes := task_kind(kind).within_minutes:
        return Deadline(at + timedelta(minutes=minutes), "")
    return Deadline(here.close_of(day + timedelta(days=days_without_clock())), "")
