"""How many swabs may go into one tube: the sizes of the row of the day, and those that only another day's row has."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from fangkong.core.areas import HOME_COUNTRY
from fangkong.science.rules.answers import InForce
from fangkong.science.rules.explain import key_rows
from fangkong.science.rules.packs import Row
from fangkong.science.rules.resolver import RuleBook

_POOLS = "testing.pool_sizes"
_POOL_OF = re.compile(r"^pool_of_(\d+)$")


@dataclass(frozen=True, slots=True)
class PoolSize:
    """``people`` in a tube. ``in_force``: the row of the day names the size; else ``row`` is the one that does."""

    people: int
    in_force: bool
    row: Row


def pool_sizes(book: RuleBook, *, on: date, disease: str, area: str = HOME_COUNTRY) -> tuple[PoolSize, ...]:
    """Every pool size that a row on ``disease`` names, the smallest first; empty when the packs name none.

    A size that the row in force on ``on`` does not name carries the next row that does, else the last that did,
    so that a plan may compare it without passing it off as allowed.

    >>> from fangkong.science.rules.resolver import rule_book
    >>> found = pool_sizes(rule_book(), on=date(2021, 10, 20), disease="covid-19")
    >>> [(size.people, size.in_force) for size in found]
    [(1, True), (5, True), (10, True), (20, False)]
    """
    if _POOLS not in book.keys:
        return ()
    answer = book.resolve(_POOLS, on=on, disease=disease, area=area)
    current = _sizes_of(answer.row) if isinstance(answer, InForce) else ()
    rows = key_rows(book, _POOLS, disease=disease, area=area)
    later = [row for row in rows if row.effective_from > on]
    earlier = [row for row in reversed(rows) if row.effective_from <= on]
    found: dict[int, PoolSize] = {}
    if isinstance(answer, InForce):
        found = {people: PoolSize(people, True, answer.row) for people in current}
    for row in (*later, *earlier):
        for people in _sizes_of(row):
            found.setdefault(people, PoolSize(people, False, row))
    return tuple(found[people] for people in sorted(found))


def _sizes_of(row: Row) -> tuple[int, ...]:
    words = (_POOL_OF.match(str(word)) for word in row.value)
    return tuple(int(word[1]) for word in words if word)
