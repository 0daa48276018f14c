"""One step of a review's timeline: when it happened, since when the office knew, against which limit."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.db.models import Case, Count, F, Max, Min, Q, QuerySet, Value, When

from fangkong.record.models import Timer

from ..timers.life import CANCELLED, MET, MISSED, RUNNING


@dataclass(frozen=True)
class Limit:
    """A time limit beside a step: of one deed, or of many counted together.

    Attributes:
        clock: the name of the timer's clock; "" for the deadline of a task.
        rule_row: the row that sets it, "office:<name>" for the office's own.
        due_at: when it was over; of many, the earliest.
        kept, missed, running: how many deeds were in time, were late or are late by now, have time left.
        late_by: how much too late the deed of a single limit came; None where it was in time or is not done.
        target: it is measured and binds nobody.
    """

    clock: str
    rule_row: str
    due_at: datetime
    kept: int = 0
    missed: int = 0
    running: int = 0
    late_by: timedelta | None = None
    target: bool = False

    @property
    def state(self) -> str:
        """missed when any was missed, else running when any runs, else kept."""
        return "missed" if self.missed else "running" if self.running else "kept"


@dataclass(frozen=True)
class Step:
    """One step. ``at`` or ``on`` (with ``until``) is when it happened, ``known_from`` since when the office knew.

    A step without either, and without a count, is not recorded. ``n`` of ``of`` counts deeds of many;
    ``took`` is the time since the step before it that has a moment or day, whole days where either has only a day.
    """

    code: str
    at: datetime | None = None
    on: date | None = None
    until: datetime | None = None
    until_on: date | None = None
    known_from: datetime | None = None
    n: int | None = None
    of: int | None = None
    title: str = ""
    limits: tuple[Limit, ...] = field(default=())
    took: timedelta | None = None
    took_in_days: bool = False

    @property
    def recorded(self) -> bool:
        """True when the record says anything of it."""
        return self.at is not None or self.on is not None or bool(self.n)

    @property
    def missed(self) -> bool:
        """True when a limit that binds was missed."""
        return any(limit.missed and not limit.target for limit in self.limits)

    def frozen(self) -> dict[str, Any]:
        """The step as JSON, as a closed review keeps it; :func:`thawed` gives it back."""
        row = asdict(self)
        row["limits"] = [_plain(asdict(limit)) for limit in self.limits]
        return _plain(row)


def thawed(row: Mapping[str, Any]) -> Step:
    """The step that ``frozen`` made ``row`` of."""
    values = _read(row)
    values["limits"] = tuple(Limit(**_read(limit)) for limit in row["limits"])
    return Step(**values)


def with_times(steps: Sequence[Step], day_of: Any) -> list[Step]:
    """``steps`` with the time that each took since the one before it; ``day_of`` gives the civil day of a moment."""
    timed: list[Step] = []
    before: Step | None = None
    for step in steps:
        if step.at is None and step.on is None:
            timed.append(step)
            continue
        if before is None:
            timed.append(step)
        elif step.at is not None and before.at is not None:
            timed.append(replace(step, took=step.at - before.at))
        else:
            days = _day(step, day_of) - _day(before, day_of)
            timed.append(replace(step, took=days, took_in_days=True))
        before = step
    return timed


def step_codes() -> frozenset[str]:
    """Every code of a step that a remark may be about."""
    table = _table()
    return frozenset(code for kind in ("case", "plan_run", "event") for code in table[kind])


def codes_of(kind: str) -> tuple[str, ...]:
    """The codes of the steps of one kind of review, in their order."""
    return tuple(_table()[kind])


def limit_of_timer(timer: Timer, at: datetime) -> Limit:
    """The limit of one timer as it stood at ``at``; a running one that is past its end counts as missed."""
    missed = timer.state == MISSED or (timer.state == RUNNING and timer.due_at < at)
    late = timer.met_at - timer.due_at if timer.met_at and timer.met_at > timer.due_at else None
    return Limit(
        clock=timer.clock,
        rule_row=timer.rule_row,
        due_at=timer.due_at,
        kept=int(timer.state == MET),
        missed=int(missed),
        running=int(timer.state == RUNNING and not missed),
        late_by=late,
        target=timer.target,
    )


def limits_counted(timers: QuerySet[Timer], at: datetime, *, alone: Sequence[str]) -> tuple[Limit, ...]:
    """The limits of the timers in one query, the earliest first: of the subjects ``alone`` one for each timer.

    Those of all other subjects are counted together, one limit for each clock and rule row.
    """
    missed = Q(state=MISSED) | Q(state=RUNNING, due_at__lt=at)
    single = Case(When(subject_key__in=alone, then=F("key")), default=Value(""))
    rows = timers.exclude(state=CANCELLED).order_by().values("clock", "rule_row", "target", single=single)
    counted = rows.annotate(
        due=Min("due_at"),
        met=Max("met_at"),
        kept=Count("id", filter=Q(state=MET)),
        missed=Count("id", filter=missed),
        running=Count("id", filter=Q(state=RUNNING, due_at__gte=at)),
    )
    return tuple(
        Limit(
            clock=row["clock"],
            rule_row=row["rule_row"],
            due_at=row["due"],
            kept=row["kept"],
            missed=row["missed"],
            running=row["running"],
            late_by=row["met"] - row["due"]
            if row["single"] and row["met"] and row["met"] > row["due"]
            else None,
            target=row["target"],
        )
        for row in counted.order_by("due", "clock", "rule_row", "single")
    )


def _day(step: Step, day_of: Any) -> date:
    day: date = step.on if step.on is not None else day_of(step.at)
    return day


#: Fields of steps and limits that are not plain JSON, by what they hold.
_MOMENTS = ("at", "until", "known_from", "due_at")
_DAYS = ("on", "until_on")
_SPANS = ("took", "late_by")


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    for name, value in row.items():
        if isinstance(value, datetime | date):
            row[name] = value.isoformat()
        elif isinstance(value, timedelta):
            row[name] = value.total_seconds()
    return row


def _read(row: Mapping[str, Any]) -> dict[str, Any]:
    values = dict(row)
    for name, value in row.items():
        if value is None:
            continue
        if name in _MOMENTS:
            values[name] = datetime.fromisoformat(value)
        elif name in _DAYS:
            values[name] = date.fromisoformat(value)
        elif name in _SPANS:
            values[name] = timedelta(seconds=value)
    return values


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_name("steps.toml").read_text(encoding="utf-8"))
