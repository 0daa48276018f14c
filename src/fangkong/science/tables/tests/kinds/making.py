"""Spreadsheets made for tests, each with the key of what is wrong in it; every person in them is made up."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import xlsxwriter

from fangkong.science.tables.codes import severities

Rows = Sequence[Sequence[Any]]


@dataclass(frozen=True)
class Formula:
    """A formula with the value stored for it; None where it was never calculated."""

    text: str
    value: float | None


@dataclass(frozen=True)
class Sheet:
    """A file by another hand: its name, how it is written, its rows of data, and the key.

    ``key`` maps a row to the codes in it, apart by spaces; ``shared`` a code at a row to the other rows that share the
    problem; ``also`` to codes that are true there but need not be found.
    """

    name: str
    kind: str
    write: Callable[[Path], None]
    rows: Sequence[int]
    key: Mapping[int | None, str] = field(default_factory=dict)
    also: Mapping[int | None, str] = field(default_factory=dict)
    shared: Mapping[tuple[int, str], Sequence[int]] = field(default_factory=dict)
    previous: str = ""

    @property
    def expected(self) -> dict[str, Any]:
        """The key in the form of `score`."""
        return {
            "issues": [
                {
                    "row": row,
                    "code": code,
                    "severity": severities()[code],
                    "rows": list(self.shared.get((row, code), ())) if row is not None else [],
                }
                for row, codes in self.key.items()
                for code in codes.split()
            ],
            "also": [
                {"row": row, "code": code} for row, codes in self.also.items() for code in codes.split()
            ],
        }


def id_number(born: str, sequence: int, area: str = "990203") -> str:
    """A resident number with the right check digit (GB 11643-1999); ``sequence`` is odd for men."""
    body = f"{area}{born}{sequence:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]


def as_csv(rows: Rows, *, encoding: str = "utf-8-sig", separator: str = ",") -> Callable[[Path], None]:
    """Writes the rows as separated text."""

    def write(path: Path) -> None:
        text = io.StringIO()
        csv.writer(text, delimiter=separator).writerows(
            ["" if cell is None else cell for cell in row] for row in rows
        )
        path.write_bytes(text.getvalue().encode(encoding))

    return write


def as_xlsx(
    rows: Rows,
    *,
    sheet: str = "Sheet1",
    merges: Sequence[str] = (),
    hidden: Sequence[int] = (),
    struck: Sequence[int] = (),
    date_format: str = "yyyy-mm-dd",
) -> Callable[[Path], None]:
    """Writes the rows as a workbook; ``merges`` as "A1:C1", ``hidden`` and ``struck`` rows 1-based."""

    def write(path: Path) -> None:
        book = xlsxwriter.Workbook(str(path))
        page = book.add_worksheet(sheet)
        dated = book.add_format({"num_format": date_format})
        crossed = book.add_format({"font_strikeout": True})
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                form = crossed if number + 1 in struck else None
                if isinstance(cell, Formula):
                    page.write_formula(
                        number, column, cell.text, form, "" if cell.value is None else cell.value
                    )
                elif hasattr(cell, "year"):
                    page.write_datetime(number, column, cell, dated)
                elif isinstance(cell, str):
                    page.write_string(number, column, cell, form)
                elif cell is not None:
                    page.write(number, column, cell, form)
        for place in merges:
            first = place.split(":")[0]
            column, line = ord(first[0]) - ord("A"), int(first[1:]) - 1
            held = rows[line][column]
            page.merge_range(place, held if held is not None else "")
        for line in hidden:
            page.set_row(line - 1, None, None, {"hidden": True})
        book.close()

    return write
