"""Blank cells that the kind of file does not allow."""

from __future__ import annotations

from array import array
from collections.abc import Iterator

from ..codes import issue
from ..columns import fields
from ..parts import Issue
from .lexicon import lexicon
from .rows import ReadRow

#: A cell that says why it has no value was reported by its reader; one of these has nothing in it.
BLANK = frozenset({"empty", "placeholder"})


class Required:
    """Reports the blanks of the fields that ``required.toml`` names for a kind, and for a shipped layout of it.

    Whether a sender keeps a column is known only at the end, so its blanks wait as row numbers.
    """

    def __init__(self, kind: str, layout: str = "") -> None:
        shares = lexicon("required").get(kind, {}) | lexicon("required").get(layout, {})
        self._kept = {key: _Blanks(share) for key, share in shares.items()}
        self._rows = 0

    def row(self, row: ReadRow) -> None:
        if not self._rows:
            self._kept = {key: blanks for key, blanks in self._kept.items() if key in row.columns}
        self._rows += 1
        for key, blanks in self._kept.items():
            if key not in row.values and is_blank(row, key):
                blanks.column = row.columns[key]
                blanks.numbers.append(row.number)

    def end(self) -> Iterator[Issue]:
        for key, blanks in self._kept.items():
            if len(blanks.numbers) <= (1 - blanks.share) * self._rows:
                for number in blanks.numbers:
                    yield issue(number, blanks.column, fields()[key].missing)


class _Blanks:
    __slots__ = ("column", "numbers", "share")

    def __init__(self, share: float) -> None:
        self.share = share
        self.column = ""
        self.numbers = array("q")


def is_blank(row: ReadRow, key: str) -> bool:
    """Whether the cell holds nothing, or only a mark that stands for nothing."""
    return row.values.get(key) is None and row.states.get(key, "empty") in BLANK
