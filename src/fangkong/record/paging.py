"""Keyset paging: a page is asked for by the place where the last one ended, which no new row moves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, TypeVar

from django.db.models import Q, QuerySet

from fangkong.core.errors import InputError

from .models import Versioned

V = TypeVar("V", bound=Versioned)


@dataclass(frozen=True)
class Page(Generic[V]):
    """One page; ``after`` is the place where the next one begins, "" on the last."""

    rows: list[V]
    total: int
    after: str


def keyset_page(
    rows: QuerySet[V], field: str, read: Callable[[str], date | datetime], *, limit: int, after: str
) -> Page[V]:
    """The page of ``rows`` in order of (``field``, key) that begins after the place ``after``.

    ``read`` makes the field's value of its ISO text. The total costs a query of its own only where one page
    does not hold everything. Raises InputError ``page.bad_place`` for a place that no page gave out.
    """
    later = rows
    if after:
        text, _, key = after.partition("|")
        try:
            start = read(text)
        except ValueError:
            raise InputError("page.bad_place", place=after) from None
        later = rows.filter(Q(**{f"{field}__gt": start}) | Q(**{field: start}, key__gt=key))
    found = list(later.order_by(field, "key")[: limit + 1])
    page, more = found[:limit], len(found) > limit
    total = rows.count() if after or more else len(found)
    place = f"{getattr(page[-1], field).isoformat()}|{page[-1].key}" if more else ""
    return Page(page, total, place)
