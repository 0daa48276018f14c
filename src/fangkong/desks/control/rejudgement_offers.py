"""Offered computations: which wait for somebody, and their acceptance or refusal, one by one or many at once.

Accepting only ever shortens or ends, so it takes one signature: whoever proposed the order may free the person
sooner, and nobody may hold them longer this way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet

from fangkong.core.clock import FAR_FUTURE, civil_day
from fangkong.core.errors import Conflict, InputError, NotFound
from fangkong.record import audit
from fangkong.record.access import Actor, inside_area, visible
from fangkong.record.installation import installation
from fangkong.record.load import Row, fact_of, load
from fangkong.record.locking import locked
from fangkong.record.models import Order, Rejudgement
from fangkong.record.paging import Page, keyset_page

from .order_rows import DECIDE, RUNNING, order_event, refuse_system

READ = "order.read"

#: What an offer may come to, the most pressing first: nobody is held a day without need.
OUTCOMES = ("ends_now", "shorter", "not_decided")

#: Outcomes that can be accepted as they stand; the third waits for a person's own decision.
ACCEPTABLE = ("ends_now", "shorter")

#: Offers decided in one transaction, and keys asked for in one query.
CHUNK, _SLICE = 1000, 500

#: What the column of the reason holds.
_MOST_REASON = 400


@dataclass(frozen=True)
class OffersHere:
    """How many offers of one outcome wait in one area, by the code that stands on them."""

    area_code: str
    outcome: str
    count: int


@dataclass(frozen=True)
class SameComputation:
    """How many offers move the last day from ``before`` to ``after``; None where nothing is asked any more."""

    before: date | None
    after: date | None
    count: int


def offers_list(
    *, actor: Actor, at: datetime, outcome: str, area_code: str = "", limit: int = 50, after: str = ""
) -> Page[Rejudgement]:
    """The offers of one outcome that wait, inside ``area_code`` where given, the earliest judged first.

    Offers on orders that are over are left out. Raises Forbidden without ``order.read``.
    """
    rows = _waiting(actor, at, area_code).filter(outcome=outcome)
    return keyset_page(rows, "judged_on", date.fromisoformat, limit=limit, after=after)


def offers_count(*, actor: Actor, at: datetime) -> list[OffersHere]:
    """How many offers wait, by area and outcome; one query. Raises as :func:`offers_list`."""
    counted = _waiting(actor, at, "").order_by().values("area_code", "outcome").annotate(n=Count("id"))
    found = [OffersHere(row["area_code"], row["outcome"], row["n"]) for row in counted]
    return sorted(found, key=lambda each: (each.area_code, OUTCOMES.index(each.outcome)))


def offers_computed(*, actor: Actor, at: datetime, outcome: str, area_code: str) -> list[SameComputation]:
    """The computations among the offers of one area, by last day before and after; one query. Raises as above."""
    rows = _waiting(actor, at, area_code).filter(outcome=outcome).order_by()
    counted = rows.values("before__expires_on", "after__expires_on").annotate(n=Count("id"))
    found = [
        SameComputation(_day(row["before__expires_on"]), _day(row["after__expires_on"]), row["n"])
        for row in counted
    ]
    return sorted(found, key=lambda each: (each.after or date.min, each.before or date.min))


def offers_keys(*, actor: Actor, at: datetime, outcome: str, area_code: str) -> list[str]:
    """The keys of all those offers, sorted. Raises as above."""
    rows = _waiting(actor, at, area_code).filter(outcome=outcome)
    return list(rows.order_by("key").values_list("key", flat=True))


def rejudgement_accept(rejudgement_key: str, *, actor: Actor, at: datetime, reason: str = "") -> None:
    """The offered computation replaces the running one: the order ends earlier, or now.

    Raises NotFound ``rejudgement.unknown``, Conflict ``rejudgement.not_offered``, ``rejudgement.undecided`` or
    ``order.not_running``, Forbidden without ``order.decide`` in the area or for the platform itself.
    """
    _decide([rejudgement_key], "accepted", reason, actor, at)


def rejudgement_decline(rejudgement_key: str, *, actor: Actor, at: datetime, reason: str) -> None:
    """The order stays as it runs, for the stated reason. Raises as ``rejudgement_accept``, InputError without."""
    _decide([rejudgement_key], "declined", reason, actor, at)


def rejudgements_accept(rejudgement_keys: Sequence[str], *, actor: Actor, at: datetime, reason: str) -> int:
    """How many offers were accepted for one stated reason.

    Each thousand of sorted keys is decided as a whole or not at all, in one transaction; every order has its
    own audit row and its own event, from which its notice follows. When a thousand is refused, those before it
    stand and are no longer offered. Raises InputError ``rejudgement.none_chosen`` or
    ``rejudgement.reason_needed``, else as ``rejudgement_accept``, naming the order that stood in the way.
    """
    return _decide_many(rejudgement_keys, "accepted", reason, actor, at)


def rejudgements_decline(rejudgement_keys: Sequence[str], *, actor: Actor, at: datetime, reason: str) -> int:
    """How many offers were declined for one stated reason. Raises as :func:`rejudgements_accept`."""
    return _decide_many(rejudgement_keys, "declined", reason, actor, at)


def _decide_many(keys: Sequence[str], state: str, reason: str, actor: Actor, at: datetime) -> int:
    refuse_system(actor, DECIDE)
    wanted = sorted(set(keys))
    if not wanted:
        raise InputError("rejudgement.none_chosen")
    if not reason.strip():
        raise InputError("rejudgement.reason_needed")
    for start in range(0, len(wanted), CHUNK):
        _decide(wanted[start : start + CHUNK], state, reason, actor, at)
    return len(wanted)


def _decide(keys: Sequence[str], state: str, reason: str, actor: Actor, at: datetime) -> None:
    """Every offer of ``keys`` is decided, or none: whatever is refused is refused before anything is written."""
    refuse_system(actor, DECIDE)
    with audit.writing():
        offers = _offered(keys, actor)
        orders = _running(offers)
        for offer in offers:
            order_no = orders[offer.order_key].order_no
            if state == "accepted" and offer.outcome not in ACCEPTABLE:
                raise Conflict("rejudgement.undecided", order_no=order_no)
            if state == "declined" and not reason.strip():
                raise InputError("order.reason_needed", order_no=order_no)
        # Two versions of one key cannot begin at one instant.
        latest = max(row.known_from for row in (*offers, *orders.values()))
        at = max(at, latest + timedelta(microseconds=1))
        decision = {
            "state": state,
            "decided_by": actor.key,
            "decided_at": at,
            "decision_reason": reason.strip()[:_MOST_REASON],
        }
        _write(Rejudgement, [(offer, decision) for offer in offers], f"rejudgement.{state}", actor, at)
        if state == "accepted":
            _end_earlier([(offer, orders[offer.order_key]) for offer in offers], actor, at)


def _end_earlier(decided: list[tuple[Rejudgement, Order]], actor: Actor, at: datetime) -> None:
    over = [
        (order, _changed(offer, actor) | {"state": "withdrawn"}) for offer, order in decided if _ends(offer)
    ]
    sooner = [(order, _shortened(offer, order, actor)) for offer, order in decided if not _ends(offer)]
    _write(Order, over, "order.withdraw", actor, at)
    _write(Order, sooner, "order.shorten", actor, at)
    for offer, order in decided:
        order_event(order, "withdrawn" if _ends(offer) else "shortened", at)


def _ends(offer: Rejudgement) -> bool:
    return offer.outcome == "ends_now"


def _changed(offer: Rejudgement, actor: Actor) -> Row:
    return {"change_reason": offer.key, "changed_by": actor.key, "judged_on": offer.judged_on}


def _shortened(offer: Rejudgement, order: Order, actor: Actor) -> Row:
    return _changed(offer, actor) | {
        "stages": offer.after["stages"],
        "expires_on": date.fromisoformat(offer.after["expires_on"]),
        "situation": offer.after["situation"],
        "rule_rows": offer.after["rule_rows"] or order.rule_rows,
    }


def _write(
    model: type[Order] | type[Rejudgement],
    changed: Sequence[tuple[Order | Rejudgement, Row]],
    verb: str,
    actor: Actor,
    at: datetime,
) -> None:
    """The new versions in one write, and an audit row for each of them."""
    if not changed:
        return
    rows = [fact_of(version) | changes for version, changes in changed]
    load(model, rows, actor=actor.key, source_key=actor.key, known_from=at)
    for version, changes in changed:
        audit.note(
            actor=actor.key,
            verb=verb,
            object_kind=model._meta.model_name or "",
            object_key=version.key,
            area_code=version.area_code,
            values=changes,
        )


def _offered(keys: Sequence[str], actor: Actor) -> list[Rejudgement]:
    """The offers, locked, in the order of their keys."""
    found: dict[str, Rejudgement] = {}
    for some in _sliced(keys):
        rows = visible(Rejudgement.objects.filter(key__in=some, known_to=FAR_FUTURE), actor)
        found |= {offer.key: offer for offer in locked(rows.order_by("key"))}
    for key in keys:
        if key not in found:
            raise NotFound("rejudgement.unknown", key=key)
        actor.require(DECIDE, found[key].area_code)
        if found[key].state != "offered":
            raise Conflict("rejudgement.not_offered", state=found[key].state)
    return [found[key] for key in keys]


def _running(offers: Sequence[Rejudgement]) -> dict[str, Order]:
    """Key -> running order of each offer, locked."""
    found: dict[str, Order] = {}
    for some in _sliced([offer.order_key for offer in offers]):
        rows = Order.objects.filter(key__in=some, known_to=FAR_FUTURE)
        found |= {order.key: order for order in locked(rows.order_by("key"))}
    for order in found.values():
        if order.state not in RUNNING:
            raise Conflict("order.not_running", order_no=order.order_no, state=order.state)
    named = Counter(offer.order_key for offer in offers)
    for order_key, offered in named.items():
        if offered > 1:
            raise Conflict("rejudgement.two_offers", order_no=found[order_key].order_no)
    return found


def _waiting(actor: Actor, at: datetime, area_code: str) -> QuerySet[Rejudgement]:
    actor.require(READ)
    today = civil_day(at, installation().zone)
    running = Order.objects.known_at(at).filter(
        key=OuterRef("order_key"), state__in=RUNNING, expires_on__gte=today
    )
    rows = visible(Rejudgement.objects.known_at(at), actor, at=at).filter(Exists(running), state="offered")
    return rows.filter(inside_area(area_code)) if area_code else rows


def _sliced(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(keys), _SLICE):
        yield keys[start : start + _SLICE]


def _day(text: Any) -> date | None:
    return date.fromisoformat(text) if text else None
