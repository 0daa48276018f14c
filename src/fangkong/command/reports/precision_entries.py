"""The precision of the orders as entries: the pair of shares, and what the smallest lawful set would restrict."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from fangkong.desks.control.lawful_set import LawfulSet, lawful_set
from fangkong.desks.control.queries import OrderPrecision, orders_precision
from fangkong.record.access import Actor
from fangkong.science.rules.areas.precision import NoShare
from fangkong.science.rules.areas.proportion import Share

from .entries import Entry, figure, refusal

#: The pair is of orders and cases, the set of orders alone.
_PAIR_SOURCES = ("record.order", "record.case")
_SOURCES = ("record.order",)


def precision_block(disease: str, area_code: str, *, actor: Actor, at: datetime) -> dict[str, Any]:
    """The pair with its intervals, and the orders in force against the smallest lawful set as known at ``at``.

    ``rows`` are the orders that make the difference: {order, subject, why, person_days}. Counts are of every
    order on record and carry no interval. What the data do not carry is refused with its reason.
    """
    pair = orders_precision(actor=actor, at=at, disease=disease, area_code=area_code)
    found = lawful_set(actor=actor, at=at, disease=disease, area_code=area_code)
    return {
        "entries": [*pair_entries(pair), *lawful_entries(found)],
        "rows": [
            {
                "order": each.order_no,
                "subject": each.subject_kind,
                "why": each.why,
                "person_days": each.person_days,
            }
            for each in found.beyond
        ],
    }


def pair_entries(pair: OrderPrecision) -> list[Entry]:
    """The two shares with exact intervals over the window of days."""
    days = {"first_day": pair.since.isoformat(), "last_day": pair.through.isoformat()}
    shares = {
        "restricted_infected": pair.pair.infected_of_restricted,
        "infections_controlled": pair.pair.controlled_of_new,
    }
    return [_share(code, share, days, pair.through) for code, share in shares.items()]


def lawful_entries(found: LawfulSet) -> list[Entry]:
    """Persons and person-days as ordered and in the smallest lawful set, and the difference."""
    shown: list[Entry] = []
    if found.ordered.persons or found.unjudged:
        shown += [
            _count("lawful_ordered_persons", found.ordered.persons, found.on),
            _count("lawful_smallest_persons", found.lawful.persons, found.on),
            _count("lawful_ordered_person_days", found.ordered.person_days, found.on),
            _count("lawful_smallest_person_days", found.lawful.person_days, found.on),
        ]
    else:
        shown.append(refusal("lawful_ordered_persons", "precision.no_order_in_force"))
    for why, persons in sorted(found.unjudged.items()):
        shown.append(refusal("lawful_unjudged", f"precision.{why}", n=persons))
    if found.areas.persons:
        shown += [
            _count("lawful_area_person_days", found.areas.person_days, found.on),
            _count("lawful_area_smallest_person_days", found.areas_lawful.person_days, found.on),
        ]
    for why, orders in sorted(found.areas_unknown.items()):
        shown.append(refusal("lawful_areas", f"precision.{why}", n=orders))
    if found.ordered.persons or found.areas.persons:
        shown.append(_count("lawful_excess_person_days", found.excess, found.on, orders=found.beyond_orders))
    return shown


def _count(code: str, value: int, as_of: date, **params: Any) -> Entry:
    return figure(code, value, sources=_SOURCES, as_of=as_of, params=params)


def _share(code: str, share: Share | NoShare, days: dict[str, str], as_of: date) -> Entry:
    if isinstance(share, NoShare):
        return refusal(code, share.code, **days)
    return figure(
        code,
        share.count,
        whole=share.total,
        interval=(share.low, share.high, share.level),
        sources=_PAIR_SOURCES,
        as_of=as_of,
        params=days,
    )
