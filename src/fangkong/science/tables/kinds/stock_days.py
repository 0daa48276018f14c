"""A day's stock against the day's before it: units that changed, items merged and split, openings that do not fit."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import combinations

from ..codes import issue
from ..parts import Issue
from ..values.units import factor
from .lexicon import lexicon
from .rows import StockLine, plain


@dataclass(frozen=True, slots=True)
class StockRow:
    """One row of a stock report."""

    number: int
    item: str
    unit: str
    opening: float | None
    closing: float | None
    day: date | None
    columns: Mapping[str, str]


def compare_days(before: Sequence[StockLine], rows: Sequence[StockRow]) -> Iterator[Issue]:
    """What the closing stock ``before`` and the rows of the next day say of one another."""
    left = {item_name(line.item): line for line in before}
    today = Counter(item_name(row.item) for row in rows)
    # A name that stands twice on a day cannot be followed from one to the next.
    twice = {name for name, count in Counter(item_name(line.item) for line in before).items() if count > 1}
    twice |= {name for name, count in today.items() if count > 1}
    fresh: list[StockRow] = []
    for row in rows:
        if item_name(row.item) in twice:
            continue
        if (line := left.get(item_name(row.item))) is not None:
            yield from _one_item(line, row)
        else:
            fresh.append(row)
    gone = [line for name, line in left.items() if name not in today and name not in twice]
    taken: set[str] = set()
    for row in list(fresh):
        parts = _merged(row, gone)
        if parts:
            taken |= {line.item for line in parts}
            fresh.remove(row)
            yield issue(
                row.number, row.columns.get("item", ""), "ITEMS_MERGED_BETWEEN_DAYS", items=len(parts)
            )
            if row.opening is not None and not _is_sum(row, parts):
                yield _opening(row, sum(line.closing for line in parts))
    for line in gone:
        if line.item in taken:
            continue
        pieces = _split(line, fresh)
        if pieces:
            fresh = [row for row in fresh if row not in pieces]
            first = pieces[0]
            yield issue(
                first.number,
                first.columns.get("item", ""),
                "ITEMS_SPLIT_BETWEEN_DAYS",
                items=len(pieces),
                rows=[row.number for row in pieces],
            )
            if all(row.opening is not None for row in pieces) and not _adds_up(line, pieces):
                yield _opening(pieces[0], line.closing)


def _one_item(line: StockLine, row: StockRow) -> Iterator[Issue]:
    """One item on both days: its unit and its opening stock."""
    column = row.columns.get("unit", "")
    ratio = 1.0
    if line.unit and row.unit and plain(line.unit) != plain(row.unit):
        units = {"before": line.unit, "now": row.unit}
        known = factor(line.unit, row.unit)
        if known is None:
            yield issue(row.number, column, "UNIT_NOT_CONVERTIBLE", **units)
            return
        ratio = known
        if ratio == 1:
            yield issue(row.number, column, "UNIT_SYNONYM", **units)
        elif row.opening is None or _equal(line.closing * ratio, row.opening):
            yield issue(row.number, column, "UNIT_CHANGED_BETWEEN_DAYS", **units)
        else:
            yield issue(row.number, column, "UNIT_CHANGE_INCONSISTENT", **units)
            return
    if row.opening is not None and not _equal(line.closing * ratio, row.opening):
        yield _opening(row, line.closing * ratio)


def _opening(row: StockRow, closing: float) -> Issue:
    return issue(
        row.number,
        row.columns.get("opening", ""),
        "OPENING_NOT_CLOSING",
        opening=row.opening,
        closing=closing,
    )


def _merged(row: StockRow, gone: Sequence[StockLine]) -> list[StockLine]:
    """The items of the day before that ``row`` puts together: by its name, else by a sum that can be no other."""
    names = parts_of(row.item)
    named = [line for line in gone if item_name(line.item) in names]
    if len(named) > 1:
        return named
    if row.opening is None or row.opening <= 0:
        return []
    fits = [
        list(lines)
        for many in (2, 3)
        for lines in combinations(gone[:20], many)
        if _is_sum(row, lines) and all(line.closing > 0 for line in lines)
    ]
    return fits[0] if len(fits) == 1 else []


def _split(line: StockLine, fresh: Sequence[StockRow]) -> list[StockRow]:
    """The rows of today that one item of the day before became."""
    names = parts_of(line.item)
    named = [row for row in fresh if item_name(row.item) in names]
    if len(named) > 1:
        return named
    if line.closing <= 0:
        return []
    fits = [
        list(rows)
        for many in (2, 3)
        for rows in combinations(fresh[:20], many)
        if _adds_up(line, rows) and all((row.opening or 0) > 0 for row in rows)
    ]
    return fits[0] if len(fits) == 1 else []


def _is_sum(row: StockRow, lines: Sequence[StockLine]) -> bool:
    ratios = [_ratio(line.unit, row.unit) for line in lines]
    if row.opening is None or None in ratios:
        return False
    total = sum(line.closing * (ratio or 0) for line, ratio in zip(lines, ratios, strict=True))
    return _equal(total, row.opening)


def _adds_up(line: StockLine, rows: Sequence[StockRow]) -> bool:
    ratios = [_ratio(row.unit, line.unit) for row in rows]
    if any(row.opening is None for row in rows) or None in ratios:
        return False
    total = sum((row.opening or 0) * (ratio or 0) for row, ratio in zip(rows, ratios, strict=True))
    return _equal(total, line.closing)


def _ratio(of: str, to: str) -> float | None:
    return factor(of, to) if of and to else 1.0


def _equal(first: float, second: float) -> bool:
    return abs(first - second) <= 1e-6 * max(1.0, abs(first), abs(second))


@cache
def item_name(text: str) -> str:
    """An item's name by which it is found again the next day: without width, case, and words that tell nothing.

    >>> item_name("KN95口罩") == item_name("KN95"), item_name("医用外科口罩") == item_name("外科口罩")
    (True, True)
    """
    name = plain(text)
    for word in lexicon("supplies")["items"]["generic"]:
        shorter = name.replace(word, "")
        name = shorter or name
    return name


@cache
def parts_of(text: str) -> frozenset[str]:
    """The names of the items that a joint name puts together; of a single one, itself.

    >>> sorted(parts_of("N95/KN95"))
    ['kn95', 'n95']
    """
    joints = "|".join(re.escape(joint) for joint in lexicon("supplies")["items"]["joints"])
    return frozenset(item_name(part) for part in re.split(joints, text) if part.strip())
