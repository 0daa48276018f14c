"""The rows of a checked file, one after another, with the line on which each begins."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from fangkong.core.errors import InputError

from .file_checks import SEPARATORS, CheckedFile
from .limits import limits


@dataclass(frozen=True)
class CsvRow:
    """The cells of one row; ``number`` is the line of the file on which it begins (the header is line 1)."""

    number: int
    cells: list[str]


@dataclass
class CsvTable:
    """The header's column names, and the rows after it as they are read."""

    columns: list[str]
    rows: Iterator[CsvRow]


class _Lines:
    """The physical lines of a file; remembers whether the last one was ended, and how far it has read."""

    def __init__(self, handle: IO[str], name: str) -> None:
        self.handle, self.name, self.number, self.ended = handle, name, 0, True

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        longest = limits().line_characters
        line = self.handle.readline(longest + 1)
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) > longest:
            raise InputError("intake.line_too_long", file=self.name, row=self.number, limit=longest)
        self.ended = line.endswith(("\n", "\r"))
        return line


def read_table(file: CheckedFile, handle: IO[str]) -> CsvTable:
    """The table in ``handle``, opened with ``newline=""`` in the file's encoding.

    Raises InputError naming file and row when there is no header, a column stands twice, quotation marks do
    not close, a field or line is too long, or the file ends in the middle of a row (raised while reading).
    """
    lines = _Lines(handle, file.name)
    header = ""
    for header in lines:
        if header.strip("\r\n ,;\t"):
            break
    else:
        raise InputError("intake.file_empty", file=file.name)
    separator = max(SEPARATORS, key=header.count)
    reader = _records(lines, separator, file.name, header)
    first = next(reader)
    columns = [cell.strip() for cell in first.cells]
    # Spreadsheets end every line, the header too, with as many empty cells as the widest one needs.
    padded = len(columns)
    while columns and not columns[-1]:
        columns.pop()
    for position, column in enumerate(columns):
        if column and column in columns[:position]:
            raise InputError("intake.column_twice", file=file.name, row=first.number, column=column)
    return CsvTable(columns, _rows(reader, columns, padded, lines, file.name))


def columns_of(file: CheckedFile) -> list[str]:
    """The header's column names. Raises InputError as `read_table` does."""
    with file.path.open(encoding=file.encoding, newline="") as handle:
        return read_table(file, handle).columns


def _rows(
    records: Iterator[CsvRow], columns: list[str], padded: int, lines: _Lines, name: str
) -> Iterator[CsvRow]:
    """The records without blank ones; empty cells below empty cells of the header are cut off.

    An empty cell beyond them stays: a separator too many may have moved every cell before it.
    """
    width = len(columns)
    for record in records:
        cells = record.cells
        if not any(cell.strip() for cell in cells):
            continue
        if width < len(cells) <= padded and not any(cell.strip() for cell in cells[width:]):
            del cells[width:]
        if len(cells) < width and not lines.ended:
            raise InputError(
                "intake.file_truncated",
                file=name,
                row=record.number,
                column=columns[len(cells) - 1],
                cells=len(cells),
                columns=width,
            )
        yield record


def _records(lines: _Lines, separator: str, name: str, header: str) -> Iterator[CsvRow]:
    csv.field_size_limit(limits().field_characters)

    def all_lines() -> Iterator[str]:
        yield header
        yield from lines

    reader = csv.reader(all_lines(), delimiter=separator, strict=True)
    while True:
        begins = lines.number + 1 if reader.line_num else lines.number
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _csv_refusal(str(error), name, begins) from None
        if cells:
            yield CsvRow(begins, cells)


def _csv_refusal(message: str, name: str, row: int) -> InputError:
    if "field larger" in message:
        return InputError("intake.field_too_long", file=name, row=row, limit=limits().field_characters)
    if "unexpected end" in message:
        return InputError("intake.quote_open", file=name, row=row)
    return InputError("intake.quote_misplaced", file=name, row=row)
