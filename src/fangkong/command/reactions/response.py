"""What follows from a proposed level and from an evacuation: somebody with the right decides."""

from __future__ import annotations

from fangkong.record.access import Actor
from fangkong.record.models import Event, Order

from ..models import PlanRun
from ..tasks.actions import task_key_of
from .follow_up import finish, revoke, task_for

DECIDE, SUSPEND, RESUME = "decide_level", "suspend_for_evacuation", "decide_resumption"


def ask_for_declaration(event: Event, actor: Actor) -> str:
    """The task to declare the proposed level, or to decline it."""
    return task_for(
        DECIDE, event, actor, subject_kind="level", params={"level": event.params.get("level", "")}
    )


def close_declaration(event: Event, actor: Actor) -> str:
    """Somebody decided: the task to decide is done."""
    return finish([task_key_of(DECIDE, "level", event.subject_key)], event, actor)


def ask_for_suspension(event: Event, actor: Actor) -> str:
    """The task to suspend the orders that yield to an evacuation; none where no order is in its way."""
    if not event.params.get("yields"):
        return "nothing_yields"
    params = {"n": event.params["yields"], "hazard": event.params.get("hazard", "")}
    return task_for(SUSPEND, event, actor, subject_kind="plan_run", params=params, named=False)


def ask_for_resumption(event: Event, actor: Actor) -> str:
    """The task to decide on each order that is still suspended when the evacuation is over."""
    closed = revoke([task_key_of(SUSPEND, "plan_run", event.subject_key)], event, actor, reason=event.kind)
    run = PlanRun.objects.known_at(event.at).filter(key=event.subject_key).first()
    if run is None or run.drill or not run.yields:
        return closed
    keys = [each["order_key"] for each in run.yields]
    left = sum(
        Order.objects.known_at(event.at).filter(key__in=keys[n : n + 500], state="suspended").count()
        for n in range(0, len(keys), 500)
    )
    if not left:
        return "nothing_suspended"
    return task_for(RESUME, event, actor, subject_kind="plan_run", params={"n": left}, named=False)
