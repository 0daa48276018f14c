"""Daily counts by area: negative counts, a part above its whole, an area and day that stand twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..parts import Issue
from .rows import ReadRow, ReadTotal, Setting, plain
from .screening_crosstab import fractions, negatives, unit_key


class DailyCounts:
    """The check of a table of counts. Fractions are doubtful only among columns that otherwise hold whole numbers."""

    def __init__(self, setting: Setting) -> None:
        self._units: dict[tuple[str, ...], int] = {}
        self._rows = 0
        self._fractions: list[Issue] = []

    def row(self, row: ReadRow) -> Iterator[Issue]:
        self._rows += 1
        measure, day = plain(row.values.get("measure") or ""), str(row.values.get("day") or "")
        unit = unit_key(row)
        if any(unit) or day:
            first = self._units.setdefault((*unit, measure, day), row.number)
            if first != row.number:
                yield row.found("", "DUPLICATE_UNIT_ROW", first=first)
        yield from negatives(row)
        self._fractions += fractions(row)

    def end(self, totals: Sequence[ReadTotal]) -> Iterator[Issue]:
        if 4 * len({found.row for found in self._fractions}) <= self._rows:
            yield from self._fractions
