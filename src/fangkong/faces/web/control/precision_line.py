"""The precision of the orders in one line: the pair, each share with its interval or the reason for none."""

from __future__ import annotations

from django.utils.translation import get_language

from fangkong.desks.control.queries import OrderPrecision
from fangkong.faces.words import formats
from fangkong.science.rules.areas.precision import NoShare
from fangkong.science.rules.areas.proportion import Share

from .presenting import said


def precision_line(found: OrderPrecision) -> str:
    """The sentence under the heading of the page of orders."""
    lang = get_language()
    return said(
        "order.precision",
        since=formats.day(found.since, lang),
        through=formats.day(found.through, lang),
        restricted=found.restricted,
        infected=found.infected,
        new=found.new_infections,
        controlled=found.already_controlled,
        infected_share=_share(found.pair.infected_of_restricted),
        controlled_share=_share(found.pair.controlled_of_new),
    )


def _share(share: Share | NoShare) -> str:
    if isinstance(share, NoShare):
        return said(share.code)
    percent = {name: f"{100 * getattr(share, name):.1f}%" for name in ("value", "low", "high")}
    return said("order.precision_share", **percent)
