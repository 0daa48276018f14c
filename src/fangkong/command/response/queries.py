"""Reads on response levels, plans and runs, by knowledge (``at``) and within the actor's scope."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Count, Q, QuerySet

from fangkong.core.areas import ancestors
from fangkong.core.clock import civil_day
from fangkong.core.errors import InputError, NotFound
from fangkong.record.access import Actor, inside_area, visible
from fangkong.record.installation import installation
from fangkong.record.models import Order, Task
from fangkong.record.paging import Page

from ..models import Plan, PlanRun, ResponseLevel
from ..tasks.states import UNFINISHED
from .level_rows import DECLARED, READ, holding
from .level_rules import Offered, offers_of
from .plan_rows import RUN
from .yield_rules import cohort_of, needs_room, yield_rule
from .yielding import BINDING, orders_in_the_way

#: Levels that hold at once, shown on one page.
MOST_IN_FORCE = 60


@dataclass(frozen=True)
class ItemTime:
    """One step of a run: its task, how long it took since the start, and whether that was within its hours."""

    n: int
    title: str
    task: Task | None
    within_hours: float
    after: list[int]
    took: timedelta | None
    late: bool


@dataclass(frozen=True)
class YieldGroup:
    """Orders of one kind in one street that yield to a run, and the people that they bind."""

    kind: str
    area_code: str
    cohort: str
    approved: int
    suspended: int
    ended: int
    rooms: int


@dataclass(frozen=True)
class Yielding:
    """The orders that yield to a run as its reader sees them, the rooms they need, and those that are there."""

    groups: list[YieldGroup] = field(default_factory=list)
    rule_rows: list[str] = field(default_factory=list)
    orders: int = 0
    approved: int = 0
    suspended: int = 0
    rooms_needed: int = 0
    rooms_found: int = 0
    cohorts: dict[str, int] = field(default_factory=dict)

    @property
    def rooms_lacking(self) -> int:
        """How many rooms are still to be found."""
        return max(0, self.rooms_needed - self.rooms_found)


def levels_in_force(*, actor: Actor, at: datetime, day: date) -> list[ResponseLevel]:
    """The levels that hold on the civil day ``day``, as known at ``at``, the highest first; the first sixty.

    Raises Forbidden without ``plan.read``.
    """
    rows = _levels(actor, at).filter(holding(day))
    return list(rows.order_by("level", "area_code", "key")[:MOST_IN_FORCE])


def levels_proposed(*, actor: Actor, at: datetime) -> list[ResponseLevel]:
    """The levels that wait for somebody to declare them, the oldest first. Raises Forbidden without ``plan.read``."""
    rows = _levels(actor, at).filter(state="proposed")
    return list(rows.order_by("known_from", "key")[:MOST_IN_FORCE])


def levels_history(*, actor: Actor, at: datetime, limit: int = 25, after: str = "") -> Page[ResponseLevel]:
    """Every level that was declared, the latest first. Raises InputError ``page.bad_place``."""
    rows = later = _levels(actor, at).filter(state__in=DECLARED)
    if after:
        text, _, key = after.partition("|")
        try:
            day = date.fromisoformat(text)
        except ValueError:
            raise InputError("page.bad_place", place=after) from None
        later = rows.filter(Q(starts_on__lt=day) | Q(starts_on=day, key__gt=key))
    found = list(later.order_by("-starts_on", "key")[: limit + 1])
    page, more = found[:limit], len(found) > limit
    total = rows.count() if after or more else len(found)
    return Page(page, total, f"{page[-1].starts_on.isoformat()}|{page[-1].key}" if more else "")


def level_get(level_key: str, *, actor: Actor, at: datetime) -> ResponseLevel:
    """The level as it was known at ``at``. Raises NotFound ``level.unknown``, also outside the scope."""
    found = _levels(actor, at).filter(key=level_key).first()
    if found is None:
        raise NotFound("level.unknown", key=level_key[:96])
    return found


def level_versions(level_key: str, *, actor: Actor, at: datetime) -> list[ResponseLevel]:
    """Every version known by ``at``, the first one first. Raises NotFound ``level.unknown``."""
    level_get(level_key, actor=actor, at=at)
    return list(ResponseLevel.objects.filter(key=level_key, known_from__lte=at).order_by("known_from"))


def level_offers(level: ResponseLevel) -> list[tuple[Offered, dict[str, str] | None]]:
    """What the level offers beside plans, each with what a person has started of it, None where nothing."""
    taken = {each["code"]: each for each in level.taken}
    if level.hazard != "epidemic":
        return []
    return [(offer, taken.get(offer.code)) for offer in offers_of(level.level)]


def plans_offered(level: ResponseLevel, *, actor: Actor, at: datetime) -> list[Plan]:
    """The plans in force that the level offers: of its hazard, for its area or a part of it, at this level."""
    rows = _plans(actor, at).filter(state="in_force", hazard=level.hazard)
    rows = visible_inside(rows, level.area_code)
    return [plan for plan in rows.order_by("title", "key") if not plan.levels or level.level in plan.levels]


def visible_inside(rows: QuerySet[Plan], area_code: str) -> QuerySet[Plan]:
    """``rows`` whose area holds ``area_code`` or lies inside it."""
    return rows.filter(inside_area(area_code) | Q(area_code__in=ancestors(area_code)))


def orders_would_yield(level: ResponseLevel, *, actor: Actor, at: datetime) -> int:
    """How many orders to stay somewhere the actor sees in the area of a level whose hazard they would yield to."""
    return visible(orders_in_the_way(level.area_code, level.hazard, at), actor, at=at).count()


def plans_list(
    *, actor: Actor, at: datetime, state: str = "in_force", kind: str = "", limit: int = 25, after: str = ""
) -> Page[Plan]:
    """The plans that the actor sees, by kind and title. Raises InputError ``page.bad_place``."""
    rows = _plans(actor, at).filter(state=state)
    if kind:
        rows = rows.filter(kind=kind)
    later = rows
    if after:
        held = rows.filter(key=after).first()
        if held is None:
            raise InputError("page.bad_place", place=after[:96])
        beyond = Q(kind__gt=held.kind) | Q(kind=held.kind, title__gt=held.title)
        later = rows.filter(beyond | Q(kind=held.kind, title=held.title, key__gt=held.key))
    found = list(later.order_by("kind", "title", "key")[: limit + 1])
    page, more = found[:limit], len(found) > limit
    total = rows.count() if after or more else len(found)
    return Page(page, total, page[-1].key if more else "")


def plan_kinds(*, actor: Actor, at: datetime) -> list[str]:
    """The kinds that plans in force have, in the office's own words."""
    rows = _plans(actor, at).filter(state__in=("in_force", "draft"))
    return sorted(rows.order_by().values_list("kind", flat=True).distinct())


def plan_get(plan_key: str, *, actor: Actor, at: datetime) -> Plan:
    """The plan as it was known at ``at``. Raises NotFound ``plan.unknown``, also outside the scope."""
    found = _plans(actor, at).filter(key=plan_key).first()
    if found is None:
        raise NotFound("plan.unknown", key=plan_key[:96])
    return found


def plan_editions(plan: Plan, *, actor: Actor, at: datetime) -> list[Plan]:
    """Every edition of the plan's series, the newest first."""
    rows = _plans(actor, at).filter(series_key=plan.series_key)
    return list(rows.order_by("-edition", "-known_from", "key")[:50])


def plans_named(keys: Iterable[str], *, actor: Actor, at: datetime) -> dict[str, Plan]:
    """Key -> plan, for those of ``keys`` that the actor sees; one query."""
    wanted = sorted({key for key in keys if key})
    return {plan.key: plan for plan in _plans(actor, at).filter(key__in=wanted)} if wanted else {}


def runs_list(
    *, actor: Actor, at: datetime, plan_key: str = "", state: str = "", limit: int = 10
) -> list[PlanRun]:
    """The latest runs that the actor sees, of one plan or of all. Raises Forbidden without ``plan.read``."""
    rows = _runs(actor, at)
    if plan_key:
        rows = rows.filter(plan_key=plan_key)
    if state:
        rows = rows.filter(state=state)
    return list(rows.order_by("-started_at", "key")[:limit])


def run_get(run_key: str, *, actor: Actor, at: datetime) -> PlanRun:
    """The run as it was known at ``at``. Raises NotFound ``plan.run_unknown``, also outside the scope."""
    found = _runs(actor, at).filter(key=run_key).first()
    if found is None:
        raise NotFound("plan.run_unknown", key=run_key[:96])
    return found


def runs_progress(keys: Iterable[str], *, at: datetime) -> dict[str, tuple[int, int]]:
    """Run key -> (tasks, of them finished); one query for any number."""
    wanted = sorted(set(keys))
    if not wanted:
        return {}
    rows = Task.objects.known_at(at).filter(carries_out_kind=RUN, carries_out_key__in=wanted).order_by()
    counted = rows.values_list("carries_out_key").annotate(
        n=Count("id"), unfinished=Count("id", filter=Q(state__in=UNFINISHED))
    )
    return {key: (n, n - unfinished) for key, n, unfinished in counted}


def run_times(run: PlanRun, plan: Plan, *, at: datetime) -> list[ItemTime]:
    """Every step of the run in the order of the checklist, with the time it took against its hours."""
    tasks = Task.objects.known_at(at).filter(carries_out_kind=RUN, carries_out_key=run.key)
    by_number = {task.params.get("n"): task for task in tasks}
    times = []
    for item in plan.checklist:
        task = by_number.get(item["n"])
        done_at = task.done_at if task is not None and task.state in ("done", "to_verify") else None
        took = done_at - run.started_at if done_at else None
        limit = timedelta(hours=item["within_hours"])
        open_still = task is not None and task.state in UNFINISHED and done_at is None
        late = took > limit if took is not None else open_still and at - run.started_at > limit
        times.append(
            ItemTime(item["n"], item["title"], task, item["within_hours"], item["after"], took, late)
        )
    return times


def run_yielding(run: PlanRun, *, actor: Actor, at: datetime) -> Yielding:
    """The orders that yield to the run, grouped by street and kind: numbers only, no person among them."""
    day = civil_day(at, installation().zone)
    groups: dict[tuple[str, str], Counter[str]] = {}
    cohorts: Counter[str] = Counter()
    for kind, area_code, state, subject, stages in _yielding_rows(run, actor, at):
        counts = groups.setdefault((area_code[:9], kind), Counter())
        binding = state in BINDING
        counts[state if binding else "ended"] += 1
        if binding and subject == "person":
            cohorts[cohort_of(kind)] += 1
            counts["rooms"] += needs_room(stages, day)
    rows = [
        YieldGroup(
            kind,
            area_code,
            cohort_of(kind),
            counts["approved"],
            counts["suspended"],
            counts["ended"],
            counts["rooms"],
        )
        for (area_code, kind), counts in sorted(groups.items())
    ]
    return Yielding(
        groups=rows,
        rule_rows=list(dict.fromkeys(each["rule_row"] for each in run.yields)),
        orders=sum(g.approved + g.suspended + g.ended for g in rows),
        approved=sum(g.approved for g in rows),
        suspended=sum(g.suspended for g in rows),
        rooms_needed=sum(g.rooms for g in rows),
        rooms_found=sum(site["rooms"] for site in run.sites),
        cohorts={name: n for name, n in sorted(cohorts.items()) if name},
    )


def orders_that_yield(run: PlanRun, *, actor: Actor, at: datetime, limit: int = 40) -> list[Order]:
    """The first orders of the run's list that still bind and that the actor sees."""
    listed = {each["order_key"] for each in run.yields}
    rows = _in_the_area(run, actor, at).filter(state__in=BINDING).order_by("area_code", "key")
    keys = [key for key in rows.values_list("key", flat=True) if key in listed][:limit]
    return sorted(Order.objects.known_at(at).filter(key__in=keys), key=lambda o: (o.area_code, o.key))


def _yielding_rows(
    run: PlanRun, actor: Actor, at: datetime
) -> Iterable[tuple[str, str, str, str, list[dict[str, str]]]]:
    """The orders of the run's list that the actor sees; one query for any number."""
    listed = {each["order_key"] for each in run.yields}
    if not listed:
        return []
    rows = _in_the_area(run, actor, at)
    found = rows.values_list("key", "kind", "area_code", "state", "subject_kind", "stages")
    return [values for key, *values in found if key in listed]


def _in_the_area(run: PlanRun, actor: Actor, at: datetime) -> QuerySet[Order]:
    """Orders in the run's area or on a wider one, of kinds that may yield, that bound somebody since it started."""
    rule = yield_rule(run.hazard)
    rows = Order.objects.known_at(at)
    if rule is None:
        return rows.none()
    wider = Q(subject_kind="area", area_code__in=ancestors(run.area_code))
    since = civil_day(run.started_at, installation().zone)
    rows = rows.filter(inside_area(run.area_code) | wider, kind__in=rule.orders, expires_on__gte=since)
    return visible(rows, actor, at=at)


def _levels(actor: Actor, at: datetime) -> QuerySet[ResponseLevel]:
    actor.require(READ)
    return visible(ResponseLevel.objects.known_at(at), actor)


def _plans(actor: Actor, at: datetime) -> QuerySet[Plan]:
    actor.require(READ)
    return visible(Plan.objects.known_at(at), actor)


def _runs(actor: Actor, at: datetime) -> QuerySet[PlanRun]:
    actor.require(READ)
    return visible(PlanRun.objects.known_at(at), actor)
