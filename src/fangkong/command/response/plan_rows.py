"""The rows of plans and their runs: permissions, how an open version is found, and what a checklist must be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from graphlib import CycleError, TopologicalSorter
from typing import Any

from fangkong.core.clock import FAR_FUTURE
from fangkong.core.errors import Conflict, Forbidden, InputError, NotFound
from fangkong.record import events
from fangkong.record.access import Actor, visible
from fangkong.record.access.actor import roles_that_may
from fangkong.record.locking import locked_one

from ..models import Plan, PlanRun
from ..tasks.evidence import evidence_kind
from ..tasks.owners import check_owners

WRITE, APPROVE, START = "plan.write", "plan.approve", "plan.start"

#: How tasks and reviews name a run.
RUN = "plan_run"

_MOST_ITEMS = 200
_TITLE, _POST = 400, 80

Item = dict[str, Any]


def refuse_system(actor: Actor, permission: str) -> None:
    """Nothing for a person. Raises Forbidden ``plan.system_never_acts`` for the platform itself."""
    if actor.everywhere:
        raise Forbidden("plan.system_never_acts", permission=permission, roles=roles_that_may(permission))


def open_plan(plan_key: str, actor: Actor, *states: str) -> Plan:
    """The open version of a plan in the actor's area, locked, in one of ``states``.

    Raises NotFound ``plan.unknown``, also outside the scope; Conflict ``plan.wrong_state`` naming the state.
    """
    rows = Plan.objects.filter(key=plan_key, known_to=FAR_FUTURE)
    found = locked_one(visible(rows, actor))
    if found is None:
        raise NotFound("plan.unknown", key=plan_key[:96])
    if found.state not in states:
        raise Conflict("plan.wrong_state", plan_state=found.state)
    return found


def open_run(run_key: str, actor: Actor) -> PlanRun:
    """The open version of a run in the actor's area, locked and still running.

    Raises NotFound ``plan.run_unknown``, also outside the scope; Conflict ``plan.run_over``.
    """
    rows = PlanRun.objects.filter(key=run_key, known_to=FAR_FUTURE)
    found = locked_one(visible(rows, actor))
    if found is None:
        raise NotFound("plan.run_unknown", key=run_key[:96])
    if found.state != "running":
        raise Conflict("plan.run_over")
    return found


def checklist_of(items: Sequence[Mapping[str, Any]], area_code: str) -> list[Item]:
    """The checklist as it is kept, numbered from 1 in the order given.

    Each of ``items`` holds ``title``, ``owner_role``, ``post``, ``within_hours`` (a number above 0),
    ``evidence_kind`` and ``after`` (numbers of items that come first). Raises InputError ``plan.items_needed``,
    ``plan.too_many_items``, ``plan.item_title``, ``plan.item_hours``, ``plan.item_after``, ``plan.item_twice``,
    ``plan.cycle``, ``task.unknown_evidence``, and as ``check_owners``; ``n`` names the item.
    """
    if not items:
        raise InputError("plan.items_needed")
    if len(items) > _MOST_ITEMS:
        raise InputError("plan.too_many_items", n=len(items), most=_MOST_ITEMS)
    kept = [_item(n, item, len(items)) for n, item in enumerate(items, start=1)]
    check_owners([(item["owner_role"], "", area_code) for item in kept])
    seen: dict[tuple[Any, ...], int] = {}
    for item in kept:
        same = (item["title"], item["owner_role"], item["post"], item["within_hours"])
        if same in seen:
            raise InputError("plan.item_twice", n=item["n"], other=seen[same])
        seen[same] = item["n"]
    try:
        TopologicalSorter({item["n"]: item["after"] for item in kept}).prepare()
    except CycleError as ring:
        raise InputError("plan.cycle", items=[str(n) for n in sorted(set(ring.args[1]))]) from None
    return kept


def in_order(checklist: Sequence[Item]) -> list[Item]:
    """The items so that each stands behind those that come before it."""
    by_number = {item["n"]: item for item in checklist}
    return [
        by_number[n]
        for n in TopologicalSorter({item["n"]: item["after"] for item in checklist}).static_order()
    ]


def _item(n: int, item: Mapping[str, Any], total: int) -> Item:
    title = str(item.get("title", "")).strip()[:_TITLE]
    if not title:
        raise InputError("plan.item_title", n=n)
    hours = item.get("within_hours")
    if isinstance(hours, bool) or not isinstance(hours, int | float) or not 0 < hours < float("inf"):
        raise InputError("plan.item_hours", n=n)
    kind = str(item.get("evidence_kind", ""))
    evidence_kind(kind)
    after = sorted({int(before) for before in item.get("after", ())})
    if any(before not in range(1, total + 1) or before == n for before in after):
        raise InputError("plan.item_after", n=n)
    return {
        "n": n,
        "title": title,
        "owner_role": str(item.get("owner_role", "")),
        "post": str(item.get("post", "")).strip()[:_POST],
        "within_hours": hours,
        "evidence_kind": kind,
        "after": after,
    }


def run_event(run: PlanRun, what: str, at: datetime, **params: Any) -> None:
    """Tells whoever reacts that ``what`` happened to the run; ``params`` hold keys and codes only."""
    told = {"plan_key": run.plan_key, "hazard": run.hazard, "drill": run.drill}
    events.emit(f"plan.{what}", run.key, run.area_code, at=at, params=told | params)
