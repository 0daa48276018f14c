"""The steps of an event that was declared over, and of a plan that was run, for real or as a drill."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Count, Max, Min

from fangkong.record.access import inside_area
from fangkong.record.models import Case, Signal, Task, Timer

from ..models import Directive, PlanRun, ResponseLevel
from .opening import REVIEWED
from .steps import Limit, Step, limit_of_timer

#: Items of a plan that stand on one page; a longer plan says how many there are.
MOST_ITEMS = 100


def signal_steps(signal_key: str, *, at: datetime) -> list[Step]:
    """The steps of a cluster: emerged, detected, notified, closed, against the targets; [] for another key."""
    versions = list(Signal.objects.filter(key=signal_key, known_from__lte=at).order_by("known_from"))
    if not versions:
        return []
    signal = versions[-1]
    timers = {
        timer.clock: limit_of_timer(timer, at)
        for timer in Timer.objects.known_at(at).filter(subject_key=signal_key).exclude(state="cancelled")
    }
    emerged = signal.params.get("emerged_on")
    verified = next((each for each in versions if each.state == "verified"), None)
    closed = next((each for each in versions if each.state == "closed"), None)
    return [
        Step("emerged", on=date.fromisoformat(emerged), known_from=versions[0].known_from)
        if emerged
        else Step("emerged"),
        Step(
            "detected",
            at=signal.raised_at,
            known_from=versions[0].known_from,
            limits=_of(timers, "target.detect_days"),
        ),
        _known("notified", verified, _of(timers, "report.cluster_hours", "target.notify_days")),
        _known("closed", closed, _of(timers, "target.respond_days")),
    ]


def level_steps(level_key: str, *, at: datetime) -> list[Step]:
    """The steps of a declared response: proposed, declared, changed, what happened meanwhile, ended."""
    versions = _levels(level_key, at)
    if not versions:
        return []
    level, first = versions[-1], versions[0]
    in_force = [each for each in versions if each.state == "in_force"]
    # One declaration of each level of the chain: the first is the event's, those after it change the level.
    declared = list({each.key: each for each in reversed(in_force)}.values())[::-1]
    ended = next((each for each in versions if each.state == "ended"), None)
    # Day by day: cases are counted by the day they were reported on.
    cases = Case.objects.known_at(at).filter(
        inside_area(level.area_code), classification__in=REVIEWED, reported_on__gte=first.starts_on
    )
    if level.disease:
        cases = cases.filter(disease=level.disease)
    if level.ended_on:
        cases = cases.filter(reported_on__lt=level.ended_on)
    counted = cases.aggregate(n=Count("id"), begin=Min("reported_on"), end=Max("reported_on"))
    issued = Directive.objects.known_at(at).filter(
        inside_area(level.area_code), issued_at__gte=first.known_from
    )
    if ended is not None:
        issued = issued.filter(issued_at__lte=ended.known_from)
    papers = issued.aggregate(n=Count("id"), begin=Min("issued_at"), end=Max("issued_at"))
    return [
        _known("level_proposed", first),
        _known("level_declared", declared[0] if declared else None),
        *(_known("level_changed", each) for each in declared[1:]),
        Step("cases_reported", on=counted["begin"], until_on=counted["end"], n=counted["n"]),
        Step(
            "directives_issued",
            at=papers["begin"],
            until=papers["end"],
            known_from=papers["begin"],
            n=papers["n"],
        ),
        _known("level_ended", ended),
    ]


def _levels(level_key: str, at: datetime) -> list[ResponseLevel]:
    """The versions known by ``at`` of the level and of those that it followed, the earliest first."""
    versions: list[ResponseLevel] = []
    seen: set[str] = set()
    key = level_key
    while key and key not in seen:
        seen.add(key)
        rows = list(ResponseLevel.objects.filter(key=key, known_from__lte=at).order_by("known_from"))
        versions = [*rows, *versions]
        key = rows[-1].follows_key if rows else ""
    return versions


def plan_run_steps(run_key: str, *, at: datetime) -> list[Step]:
    """The steps of a plan's run: started, each item against its deadline, ended; [] for a run not known by ``at``."""
    run = PlanRun.objects.known_at(at).filter(key=run_key).first()
    if run is None:
        return []
    tasks = Task.objects.known_at(at).filter(carries_out_kind="plan_run", carries_out_key=run_key)
    items = [_item(task, at) for task in tasks.order_by("due_at", "key")[:MOST_ITEMS]]
    ended = (
        Step("plan_ended", at=run.ended_at, known_from=run.known_from) if run.ended_at else Step("plan_ended")
    )
    started = Step("plan_started", at=run.started_at, known_from=run.started_at)
    return [started, *items, ended]


def _item(task: Task, at: datetime) -> Step:
    end = task.done_at or at
    late = end > task.due_at
    limit = Limit(
        clock="",
        rule_row=task.rule_row,
        due_at=task.due_at,
        kept=int(task.done_at is not None and not late),
        missed=int(late),
        running=int(task.done_at is None and not late),
        late_by=task.done_at - task.due_at if task.done_at and late else None,
    )
    done = task.done_at
    return Step("plan_item", at=done, known_from=done, title=task.title, limits=(limit,))


def _known(code: str, version: Signal | ResponseLevel | None, limits: tuple[Limit, ...] = ()) -> Step:
    if version is None:
        return Step(code, limits=limits)
    return Step(code, at=version.known_from, known_from=version.known_from, limits=limits)


def _of(timers: dict[str, Limit], *clocks: str) -> tuple[Limit, ...]:
    return tuple(timers[clock] for clock in clocks if clock in timers)
