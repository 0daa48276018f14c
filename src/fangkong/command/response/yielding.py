"""Two hazards at once: which orders yield to an evacuation, and how a person with the right suspends them.

A run suspends nothing. It lists the orders that tell people to stay where the plan moves them out, each with the
row by which it yields; whoever may suspend orders does so, area by area; when the run ends (the water is back)
somebody decides on what is still suspended. No list of names leaves the desks for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q, QuerySet

from fangkong.core.areas import ancestors, contains
from fangkong.core.clock import civil_day
from fangkong.core.errors import Conflict, InputError
from fangkong.desks.control.actions import SUSPEND, order_suspend
from fangkong.record import audit
from fangkong.record.access import Actor, inside_area, visible
from fangkong.record.installation import installation
from fangkong.record.load import revise
from fangkong.record.models import Order

from ..models import Plan, PlanRun
from .level_rows import reason_of
from .plan_rows import START, open_run, refuse_system
from .yield_rules import row_of, yield_rule

#: States of an order that an evacuation may still meet.
BINDING = ("approved", "suspended")

_NAME = 120
_CHUNK = 100


def orders_in_the_way(area_code: str, hazard: str, at: datetime) -> QuerySet[Order]:
    """Orders known at ``at`` to stay somewhere in ``area_code`` today that would yield to an evacuation from it.

    Of everybody: whoever calls narrows them to what its reader sees. An order on a wider area that holds this one
    counts too. None for a hazard to which no order yields.
    """
    rows = Order.objects.known_at(at)
    rule = yield_rule(hazard)
    if rule is None:
        return rows.none()
    today = civil_day(at, installation().zone)
    wider = Q(subject_kind="area", area_code__in=ancestors(area_code))
    return rows.filter(
        inside_area(area_code) | wider,
        kind__in=rule.orders,
        state="approved",
        starts_on__lte=today,
        expires_on__gte=today,
    )


def yields_of(plan: Plan, area_code: str, *, drill: bool, at: datetime) -> list[dict[str, str]]:
    """[{order_key, rule_row, reason}] of the orders that yield to a run of ``plan`` in the area; none to a drill."""
    rule = yield_rule(plan.hazard)
    if drill or not plan.evacuates or rule is None:
        return []
    row = row_of(rule, on=civil_day(at, installation().zone), area_code=area_code)
    keys = orders_in_the_way(area_code, plan.hazard, at).order_by("key").values_list("key", flat=True)
    return [{"order_key": key, "rule_row": row, "reason": rule.code} for key in keys]


def yields_refresh(at: datetime, *, actor: Actor) -> int:
    """How many orders approved since were put on the lists of running evacuations. Idempotent."""
    added = 0
    runs = PlanRun.objects.open().filter(state="running", drill=False, known_from__lt=at)
    for run in runs.order_by("key"):
        plan = Plan.objects.open().get(key=run.plan_key)
        if not plan.evacuates:
            continue
        held = {each["order_key"] for each in run.yields}
        found = yields_of(plan, run.area_code, drill=False, at=at)
        fresh = [each for each in found if each["order_key"] not in held]
        if fresh:
            with audit.writing():
                revise(run, at=at, actor=actor.key, verb="plan.find_yields", yields=[*run.yields, *fresh])
            added += len(fresh)
    return added


def yields_suspend(
    run_key: str,
    *,
    reason: str,
    order_keys: Sequence[str] | None = None,
    area_code: str = "",
    actor: Actor,
    at: datetime,
) -> int:
    """How many orders that yield to the running evacuation were suspended now, by a person with the right to.

    ``order_keys`` or ``area_code`` narrow them; left out, all of the list that the actor sees. What was suspended or
    has ended meanwhile is passed over, so that the same submit twice suspends nothing twice. Raises NotFound
    ``plan.run_unknown``; Forbidden without ``order.suspend`` in the run's area or for the platform itself; Conflict
    ``plan.run_over`` or ``plan.drill_touches_no_order``; InputError ``plan.reason_needed`` or ``plan.not_yielding``
    for an order that is not on the list.
    """
    refuse_system(actor, SUSPEND)
    why = reason_of(reason, "plan.reason_needed")
    with audit.writing():
        run = open_run(run_key, actor)
        actor.require(SUSPEND, run.area_code)
        if run.drill:
            raise Conflict("plan.drill_touches_no_order")
    listed = {each["order_key"] for each in run.yields}
    if order_keys is not None and not listed.issuperset(order_keys):
        raise InputError("plan.not_yielding")
    rows = visible(Order.objects.open().filter(state="approved"), actor)
    if area_code:
        rows = rows.filter(inside_area(area_code))
    wanted = sorted(listed if order_keys is None else set(order_keys))
    suspended = 0
    for start in range(0, len(wanted), _CHUNK):
        with audit.writing():
            keys = rows.filter(key__in=wanted[start : start + _CHUNK]).order_by("key")
            for key in list(keys.values_list("key", flat=True)):
                order_suspend(key, reason=why, actor=actor, at=at)
                suspended += 1
    return suspended


def site_add(run_key: str, *, name: str, area_code: str, rooms: int, actor: Actor, at: datetime) -> None:
    """The run knows a place where people under orders can go: outside the danger, with so many rooms.

    The same name and area again corrects the number; with the same number nothing changes. Raises NotFound
    ``plan.run_unknown``; Forbidden without ``plan.start`` in the run's area; Conflict ``plan.run_over``; InputError
    ``plan.site_name``, ``plan.site_rooms`` or ``plan.site_in_danger``.
    """
    refuse_system(actor, START)
    with audit.writing():
        run = open_run(run_key, actor)
        actor.require(START, run.area_code)
        site = {"name": name.strip()[:_NAME], "area_code": area_code.strip()}
        if not (site["name"] and site["area_code"].isalnum()):
            raise InputError("plan.site_name")
        if rooms < 1:
            raise InputError("plan.site_rooms")
        for danger in _dangers(run):
            if contains(danger, site["area_code"]) or contains(site["area_code"], danger):
                raise InputError("plan.site_in_danger")
        if any({k: each.get(k) for k in (*site, "rooms")} == site | {"rooms": rooms} for each in run.sites):
            return
        others = [each for each in run.sites if {k: each[k] for k in site} != site]
        entry = site | {"rooms": rooms, "by": actor.key, "at": at.isoformat()}
        revise(run, at=at, actor=actor.key, verb="plan.add_site", sites=[*others, entry])


def _dangers(run: PlanRun) -> list[str]:
    """The areas from which people are moved out now, this run's own first; of a drill only its own."""
    if run.drill:
        return [run.area_code]
    others = PlanRun.objects.open().filter(state="running", drill=False).exclude(key=run.key)
    plans = Plan.objects.open().filter(evacuates=True).values("key")
    return [run.area_code, *others.filter(plan_key__in=plans).values_list("area_code", flat=True)]
