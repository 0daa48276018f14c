"""How the infection passes on around an order, from the assessment of its district: for the cases averted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from fangkong.core.errors import Forbidden, NotFound
from fangkong.desks.assess import queries as assess
from fangkong.desks.assess.values import Value
from fangkong.desks.control.alternatives import Spread
from fangkong.desks.control.narrower import round_of
from fangkong.faces.web.viewing import Viewing
from fangkong.record.models import Order
from fangkong.science.epi.intervals import PublishedInterval

#: Digits of a district's code: a building has too few cases for a reproduction number of its own.
_DISTRICT = 6


@dataclass(frozen=True)
class SpreadAround:
    """The spread with where it was estimated, as of which day, and who published the interval."""

    spread: Spread
    area_code: str
    as_of: date
    source: str


def spread_around(viewing: Viewing, order: Order) -> SpreadAround | None:
    """The reproduction number of the order's district and the interval of the disease; None where there is none.

    Asked only for an order with a round of tests in the extra area: nothing else needs it.
    """
    if round_of(order.details or {}) is None:
        return None
    area = order.area_code[:_DISTRICT]
    try:
        found = assess.assessment(
            order.disease, area, actor=viewing.actor, at=viewing.at, through=viewing.through
        )
    except (Forbidden, NotFound):
        return None
    rt, interval = found.reproduction, found.interval
    if not isinstance(rt, Value) or not isinstance(interval, PublishedInterval):
        return None
    if rt.lower is None or rt.upper is None:
        return None
    spread = Spread((rt.lower, rt.mean, rt.upper), interval.mean_days)
    return SpreadAround(spread, area, rt.as_of, interval.source)
