"""What must stand before an order starts: rank, gates, no over-reach, no child parted unasked, no day too many."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from fangkong.core.areas import level_of
from fangkong.core.clock import civil_day
from fangkong.core.errors import Conflict, Forbidden
from fangkong.record.access import Actor
from fangkong.record.access.actor import roles_that_may
from fangkong.record.installation import installation
from fangkong.record.models import Order

from .gates import missing_gates
from .held_facts import ASKED, Held, Near
from .order_rows import decide_permission
from .restricted_days import days_restricted
from .safeguards import safeguards

#: Ranks from the lowest to the highest, and the level of area that an office of each rank governs.
RANKS = ("county", "prefecture", "province", "national")
_RANK_OF_LEVEL = {"district": "county", "city": "prefecture", "province": "province", "country": "national"}


def rank_of_area(area_code: str) -> str:
    """The rank of the office that governs ``area_code``; "" below the county, where nobody signs orders.

    >>> rank_of_area("310115"), rank_of_area("3101"), rank_of_area("310115001")
    ('county', 'prefecture', '')
    """
    try:
        return _RANK_OF_LEVEL.get(level_of(area_code), "")
    except ValueError:
        return ""


def check_start(order: Order, actor: Actor, at: datetime, held: Held = ASKED) -> None:
    """Nothing when the order may start under ``actor``'s signature; ``held`` answers for the record.

    Raises Forbidden ``order.rank_too_low`` naming the rank that may sign; Conflict ``order.gates_missing``,
    ``order.over_reach``, ``order.consent_needed`` or ``order.too_many_days``, each with what is missing.
    """
    _check_rank(order, actor)
    if missing := missing_gates(order):
        raise Conflict("order.gates_missing", order_no=order.order_no, gates=missing)
    blocking = [finding["code"] for finding in order.findings if finding.get("blocks")]
    if blocking:
        raise Conflict("order.over_reach", order_no=order.order_no, findings=blocking)
    if order.subject_kind == "person":
        _check_consent(order, at, held)
        _check_days(order, at, held)


def check_resume(order: Order, at: datetime) -> None:
    """Nothing when the suspended order may bind again: it was signed, so only what may have gone since is asked.

    Raises Conflict ``order.over`` after its last day, ``order.consent_needed`` when a consent was taken back.
    """
    if order.expires_on < civil_day(at, installation().zone):
        raise Conflict("order.over", order_no=order.order_no, expires_on=order.expires_on.isoformat())
    if order.subject_kind == "person":
        _check_consent(order, at, ASKED)


def _check_consent(order: Order, at: datetime, held: Held) -> None:
    if people := list(parted_people(order, at, held)):
        raise Conflict("order.consent_needed", order_no=order.order_no, people=len(people))


def _check_rank(order: Order, actor: Actor) -> None:
    if not order.required_rank:
        return
    rank = rank_of_area(actor.area_code)
    if rank not in RANKS or RANKS.index(rank) < RANKS.index(order.required_rank):
        permission = decide_permission(order)
        raise Forbidden(
            "order.rank_too_low",
            permission=permission,
            roles=roles_that_may(permission),
            rank=rank or "below_county",
            required_rank=order.required_rank,
        )


def parted_people(order: Order, at: datetime, held: Held = ASKED) -> Iterator[str]:
    """People whom the order would part from a carer or a dependent without a recorded consent.

    The order's own person when they are a minor or have a carer, and everybody whom the person cares for.
    Nobody is parted when the order keeps the person at home, or when the other is under an order to the same
    place for the same days.
    """
    if all(stage["place"] in safeguards().places_at_home for stage in order.stages):
        return
    day = civil_day(at, installation().zone)
    pairs = list(_pairs(order, day, held.people_near(order.person_key, at)))
    if not pairs:
        return
    given = held.consents_given(order.key, at)
    for dependent, carer in pairs:
        other = carer if dependent == order.person_key else dependent
        if dependent not in given and not _together(order, held.orders_of(other, at) if other else ()):
            yield dependent


def _pairs(order: Order, day: date, people: Iterable[Near]) -> Iterator[tuple[str, str]]:
    """(dependent, carer) pairs that the order touches."""
    for key, carer_key, birth_year in people:
        minor = birth_year is not None and day.year - birth_year < safeguards().minor_under_years
        if key != order.person_key:
            yield key, order.person_key
        elif carer_key or minor:
            yield key, carer_key


def _together(order: Order, theirs: Iterable[Order]) -> bool:
    """True when one of ``theirs`` leads the other to the same first place over the same days."""
    first: dict[str, Any] = order.stages[0]
    return any(
        other.stages and other.stages[0]["place"] == first["place"]
        for other in theirs
        if other.state in ("proposed", "approved") and other.expires_on >= order.starts_on
    )


def _check_days(order: Order, at: datetime, held: Held) -> None:
    """The person's days under restriction for one reason stay within what the rule, or the safeguard, gives.

    Orders that follow one another for the same exposure count together; where no row gives days, all of them
    together stay within the safeguard's limit.
    """
    if order.kind == "isolation":
        return
    theirs = held.orders_of(order.person_key, at)
    restricted = days_restricted(theirs, order.disease, reason_key=order.reason_key, also=order)
    by_rule = sum(_stage_days(stage) for stage in order.stages)
    cap = by_rule if order.rule_rows else safeguards().max_days
    if restricted.days > cap:
        raise Conflict("order.too_many_days", order_no=order.order_no, days=restricted.days, cap=cap)


def _stage_days(stage: dict[str, Any]) -> int:
    return (date.fromisoformat(stage["last_on"]) - date.fromisoformat(stage["first_on"])).days + 1
