"""A narrower extent beside an order on many people: what it would restrict, and what speaks for the wider one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fangkong.core.errors import InputError
from fangkong.record.models import Order, Place
from fangkong.science.rules import Row
from fangkong.science.rules.areas.smallest_unit import (
    AllowedUnits,
    Comparison,
    ScreeningRound,
    Unit,
    compare,
)

#: What the details of an order call the narrower extent that its proposer counted.
SMALLER_UNIT, SMALLER_RESIDENTS = "smaller_unit", "smaller_residents"

#: What they call the round of tests in the extra area: people tested, infections found, and its day.
ROUND_TESTED, ROUND_POSITIVE, ROUND_ON = "round_tested", "round_positive", "round_on"


@dataclass(frozen=True)
class Spread:
    """How the infection passes on around the order: (lowest, central, highest) reproduction number, mean days."""

    reproduction: tuple[float, float, float]
    generation_days: float


@dataclass(frozen=True)
class TravellerClass:
    """People whom the rules let a journey's order be set for: ``code`` with ``params``, for the words."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Alternative:
    """The smallest lawful set beside the order, or why there is none.

    ``allowed`` are the units by which the rules let such an area be set, ``classes`` the travellers for whom they
    let a journey be checked (None and empty: the rules do not say, or the order is on neither). ``comparison``
    holds the restricted person-days of both; without it ``why`` is the code that says what is missing. ``source``:
    ``record`` (places of the cases and populations on record), ``stated`` (counted by whoever proposed) or
    ``rules`` (the rules let nobody be held). ``units`` are the units of the smallest set, smallest code first;
    ``places`` the parts of the order's place that the record ties to cases; ``note`` a code that says by what
    right the narrower extent is lawful where no row names a unit.
    """

    allowed: AllowedUnits | None
    units: tuple[Unit, ...] = ()
    comparison: Comparison | None = None
    source: str = ""
    why: str = ""
    rows: tuple[Row, ...] = ()
    classes: tuple[TravellerClass, ...] = ()
    places: tuple[Place, ...] = ()
    note: str = ""


def order_days(order: Order) -> int:
    """The days of the order, the first and the last counted."""
    return (order.expires_on - order.starts_on).days + 1


def people_of(order: Order) -> int:
    """The people whom the order restricts, as its proposer counted them; 0 when nobody did."""
    people = (order.details or {}).get("residents")
    return people if isinstance(people, int) and not isinstance(people, bool) else 0


def compared(order: Order, units: tuple[Unit, ...], spread: Spread | None) -> Comparison:
    """The order against ``units``, with the cases averted where a round of tests in the extra area is on it."""
    wider = Unit(order.area_code, str((order.details or {}).get("unit", "")), people_of(order))
    return compare(
        [wider],
        units,
        order_days(order),
        screening=round_of(order.details or {}),
        reproduction=spread.reproduction if spread else None,
        generation_days=spread.generation_days if spread else None,
    )


def round_of(details: Mapping[str, Any]) -> ScreeningRound | None:
    """The round of tests in the extra area that an order's details hold; None without one."""
    tested, positive = details.get(ROUND_TESTED), details.get(ROUND_POSITIVE)
    if isinstance(tested, int) and isinstance(positive, int) and 0 <= positive <= tested and tested:
        return ScreeningRound(tested, positive)
    return None


def check_counts(details: Mapping[str, Any], people: int) -> None:
    """Refuses a narrower extent with more people than the order, and a round that found more than it tested.

    Raises InputError ``order.smaller_not_smaller`` or ``order.round_wrong``.
    """
    smaller = details.get(SMALLER_RESIDENTS)
    if smaller is not None and smaller > people:
        raise InputError("order.smaller_not_smaller", given=smaller, people=people)
    if (ROUND_TESTED in details or ROUND_POSITIVE in details) and round_of(details) is None:
        raise InputError("order.round_wrong")
