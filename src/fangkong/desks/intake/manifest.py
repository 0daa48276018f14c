"""What a receipt's staged form holds, in numbers; and how the rows of several sheets are numbered in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

#: Rows of one sheet: more than a spreadsheet holds.
_SHEET_ROWS = 1 << 24


@dataclass
class Manifest:
    """What was staged: rows by outcome, number of facts, first and last day, columns nobody reads."""

    rows: int = 0
    accepted: int = 0
    held: int = 0
    rejected: int = 0
    facts: int = 0
    first_day: str = ""
    last_day: str = ""
    known_at: str = ""
    back_fill: bool = False
    ignored_columns: tuple[str, ...] = ()
    #: Accepted rows that an earlier file brought word for word.
    unchanged: int = 0
    #: How the rows were read, and the last row of each table before they were applied (``seen_rows``).
    reading: str = ""
    ids_before: dict[str, int] = field(default_factory=dict)
    #: The sheets of a workbook, in the order in which its rows are numbered; () for a text file.
    sheets: tuple[str, ...] = ()

    def place(self, identifier: int) -> dict[str, Any]:
        """Where a row stands: its sheet, "" for a file without sheets, and its number there."""
        if not self.sheets:
            return {"sheet": "", "row_number": identifier}
        sheet, number = divmod(identifier, _SHEET_ROWS)
        return {"sheet": self.sheets[sheet][:40], "row_number": number}

    def identifiers(self, places: Iterable[tuple[str, int]]) -> dict[int, tuple[str, int]]:
        """Each number by which a row at one of ``places`` may go here → its place; the inverse of `place`."""
        found: dict[int, tuple[str, int]] = {}
        for sheet, number in places:
            if not self.sheets:
                found[number] = (sheet, number)
            for index, name in enumerate(self.sheets):
                if name[:40] == sheet:
                    found[row_id(index, number)] = (sheet, number)
        return found


def row_id(sheet: int, number: int) -> int:
    """The number of a row within its receipt: of the first sheet the row's own.

    >>> row_id(0, 9), row_id(2, 9) > row_id(1, 9) > row_id(0, 1_048_576)
    (9, True)
    """
    return sheet * _SHEET_ROWS + number


def number_of(identifier: int) -> int:
    """The number of a row on its own sheet.

    >>> number_of(row_id(2, 9))
    9
    """
    return identifier % _SHEET_ROWS
