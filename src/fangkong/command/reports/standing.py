"""How the office itself stands: limits kept, gaps, receipts, duty, voices and gates, all counted in one query.

The board and the situation report read the same counts, so that they cannot differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import CharField, Count, F, Min, Model, Q, QuerySet, Value
from django.db.models.functions import Concat

from fangkong.core.clock import end_of_day, start_of_day
from fangkong.record.access import Actor, inside_area, visible
from fangkong.record.installation import installation
from fangkong.record.models import Appeal, Passage, Permit, Signal, Task, Timer

from ..directives.rows import WAITING
from ..models import (
    Concern,
    Directive,
    DirectiveRecipient,
    DutyShift,
    Gap,
    NewProblem,
    ResponseLevel,
    Review,
)
from ..tasks.queries import LATE
from ..tasks.states import UNFINISHED
from ..timers.life import CANCELLED, MET, MISSED, RUNNING
from .settings import paper_setting

_NOTHING = (0, 0, 0)


@dataclass(frozen=True, slots=True)
class Standing:
    """The counts of one area at one instant: code -> three numbers whose meaning is the code's own."""

    counts: Mapping[str, tuple[int, int, int]]
    at: datetime
    on: date
    #: The first day of the window in which limits and decisions are counted.
    since: date

    def __getitem__(self, code: str) -> tuple[int, int, int]:
        return self.counts.get(code, _NOTHING)

    def starting(self, prefix: str) -> dict[str, tuple[int, int, int]]:
        """What comes after ``prefix`` in the codes that begin with it -> their numbers."""
        return {
            code.removeprefix(prefix): found
            for code, found in sorted(self.counts.items())
            if code.startswith(prefix)
        }


def standing(disease: str, area_code: str, *, actor: Actor, at: datetime, as_of: date) -> Standing:
    """What stands in the area at ``at``, as far as the actor's scope goes; one query.

    Arguments: ``disease`` limits what belongs to a disease (timers, signals, permits, passages); ``as_of`` is
    the civil day that "that day" means. Whoever calls has checked what the reader may see of it.
    """
    zone = installation().zone
    since = as_of - timedelta(days=paper_setting("timeliness_days") - 1)
    asked = _Asked(
        disease=disease,
        area_code=area_code,
        actor=actor,
        at=at,
        on=as_of,
        since=start_of_day(since, zone),
        day_begins=start_of_day(as_of, zone),
        due_by=end_of_day(as_of + timedelta(days=1), zone),
    )
    first, *others = (*_of_the_office(asked), *_of_the_people(asked))
    rows = first.union(*others, all=True)
    return Standing({code: (a, b, c) for code, a, b, c in rows}, at, as_of, since)


@dataclass(frozen=True, slots=True)
class _Asked:
    disease: str
    area_code: str
    actor: Actor
    at: datetime
    on: date
    since: datetime
    day_begins: datetime
    #: The close of the day after: what "the next 24 hours" reach to.
    due_by: datetime

    def rows(self, model: type[Model]) -> QuerySet[Any]:
        """The rows of ``model`` known at the instant, within the area and the actor's scope."""
        known = model._default_manager.known_at(self.at)
        rows = visible(known, self.actor, at=self.at).filter(inside_area(self.area_code))
        if (
            any(field.name == "disease" for field in model._meta.concrete_fields)
            and model is not ResponseLevel
        ):
            # A review or a signal that belongs to no disease is the office's own.
            rows = rows.filter(disease__in=(self.disease, ""))
        return rows.order_by()


def _part(
    rows: QuerySet[Any], code: Any, a: Any = None, b: Q | None = None, c: Q | None = None
) -> QuerySet[Any]:
    """One part of the union: how many rows (or ``a``), and how many of them meet ``b`` and ``c``."""
    never = Q(pk__in=[])
    return (
        rows.annotate(part=code)
        .values("part")
        .annotate(
            a=Count("pk") if a is None else a,
            b=Count("pk", filter=never if b is None else b),
            c=Count("pk", filter=never if c is None else c),
        )
        .values_list("part", "a", "b", "c")
    )


def _named(code: str) -> Any:
    return Value(code, output_field=CharField())


def _grouped(prefix: str, field: str) -> Any:
    return Concat(Value(prefix), F(field), output_field=CharField())


def _of_the_office(asked: _Asked) -> list[QuerySet[Any]]:
    """How the office keeps its own house: all of a noun, what is open of it, what of that is late."""
    at, rows = asked.at, asked.rows
    late = Q(due_at__lt=at)
    decided = Q(state__in=(MET, MISSED)) | Q(due_at__lte=at)
    timers = rows(Timer).exclude(state=CANCELLED).filter(decided, due_at__gte=asked.since)
    on_now = Q(starts_at__lte=at, ends_at__gt=at)
    next_day = Q(due_at__gte=at, due_at__lte=asked.due_by)
    shifts = rows(DutyShift).exclude(state="cancelled").filter(ends_at__gt=asked.since)
    return [
        _part(timers, _grouped("limit:", "clock"), b=Q(state=MET)),
        _part(
            rows(Task).filter(state__in=UNFINISHED),
            _named("tasks"),
            b=late & Q(state__in=LATE),
            c=Q(state__in=("awaiting", "overdue"), acknowledged_at=None, acknowledge_by__lt=at),
        ),
        _part(
            rows(Directive).exclude(state="draft"),
            _named("directives"),
            b=Q(state="issued"),
            c=Q(state="issued") & late,
        ),
        _part(
            rows(DirectiveRecipient),
            _named("receipts"),
            b=Q(state="awaiting"),
            c=Q(state__in=WAITING, acknowledged_at=None, acknowledge_by__lt=at),
        ),
        _part(rows(Review), _named("reviews"), b=~Q(state="closed"), c=~Q(state="closed") & late),
        _part(rows(Gap), _named("gaps"), b=~Q(state="closed"), c=~Q(state="closed") & late),
        _part(rows(NewProblem), _named("problems"), b=~Q(state="answered"), c=~Q(state="answered") & late),
        _part(shifts, _named("shifts"), b=on_now, c=on_now & ~Q(phone_tests=[])),
        _part(
            rows(ResponseLevel).filter(state="in_force"),
            _grouped("level:", "hazard"),
            a=Min("level"),
            b=Q(pk__isnull=False),
        ),
        _part(rows(Directive).filter(next_day, state="issued"), _named("due:directives_due")),
        _part(rows(Review).exclude(state="closed").filter(next_day), _named("due:reviews_due")),
        _part(rows(Timer).filter(next_day, state=RUNNING), _named("due:limits_due")),
        # A level that ended still shows that the register of levels is kept.
        _part(rows(ResponseLevel).exclude(state="proposed"), _named("levels"), b=Q(state="in_force")),
    ]


def _of_the_people(asked: _Asked) -> list[QuerySet[Any]]:
    """What people meet with: complaints, appeals, permits, gates, alarms."""
    rows, today = asked.rows, Q(raised_at__gte=asked.day_begins)
    passages = rows(Passage).filter(passed_at__gte=asked.day_begins, passed_at__lte=asked.at)
    signals = rows(Signal).filter(today | ~Q(state="closed"))
    return [
        _part(
            rows(Concern).exclude(state="merged"),
            _named("concerns"),
            b=Q(state="open"),
            c=Q(voiced_on=asked.on),
        ),
        _part(
            rows(Appeal),
            _named("appeals"),
            a=Count("pk", filter=Q(state__in=("upheld", "dismissed"))),
            b=Q(state="upheld"),
            c=Q(state="filed"),
        ),
        _part(
            rows(Permit),
            _named("permits"),
            b=Q(state="proposed"),
            c=Q(decided_at__gte=asked.since),
        ),
        _part(passages, _named("passages"), b=Q(answer="pass"), c=Q(emergency=True)),
        _part(signals, _grouped("signal:", "kind"), a=Count("pk", filter=today), b=~Q(state="closed")),
    ]
