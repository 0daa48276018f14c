"""The rows of one XLSX sheet, parsed as they stream out of the archive."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol
from xml.parsers import expat

from .hostile import limits, refused, safe_parser
from .parts import Cell, SheetRow
from .stored_values import EMPTY, bool_cell, builtin_format, is_plain, number_cell, text_cell


class Strings(Protocol):
    """The workbook's shared strings by number, each with whether it is struck through."""

    def __getitem__(self, number: int, /) -> tuple[str, bool]: ...


@dataclass(frozen=True, slots=True)
class CellStyle:
    """What a cell's style says of its value: the number format, a strike, a typed apostrophe."""

    number: int = 0
    struck: bool = False
    apostrophe: bool = False
    number_format: str = ""

    def with_formats(self, formats: Mapping[int, str]) -> CellStyle:
        """The style with its format's text, from the workbook's own formats or the built-in ones."""
        text = formats.get(self.number, builtin_format(self.number))
        return replace(self, number_format="" if text == "General" else text)


@dataclass(frozen=True, slots=True)
class SheetContext:
    """What the cells of a sheet refer to."""

    strings: Strings
    styles: list[CellStyle]
    base_1904: bool = False
    comments: Mapping[tuple[int, int], str] = field(default_factory=dict)


_PLAIN_STYLE = CellStyle()
_columns: dict[str, int] = {}


def column_number(letters: str) -> int:
    """The 1-based number of a column: A → 1, AA → 27."""
    found = _columns.get(letters)
    if found is None:
        found = 0
        for letter in letters:
            found = found * 26 + ord(letter) - 64
        _columns[letters] = found
    return found


def sheet_rows(
    pieces: Iterator[bytes], context: SheetContext, filled_to: int | None = None
) -> Iterator[SheetRow]:
    """The rows of a sheet from its XML, in order; rows the sheet leaves out are not given.

    Where the XML breaks off, the last row given has FILE_TRUNCATED among its findings. A long rest after byte
    ``filled_to`` is left out: rows to the end of the sheet that are formatted and hold nothing.
    """
    reader = _SheetReader(context)
    enough = None if filled_to is None else filled_to + limits()["sheet"]["empty_rest"]
    read = 0
    try:
        for piece in pieces:
            reader.parser.Parse(piece, False)
            yield from reader.done
            reader.done.clear()
            read += len(piece)
            if enough is not None and read > enough:
                return
        reader.parser.Parse(b"", True)
    except (expat.ExpatError, ValueError, LookupError):
        yield from reader.done
        yield SheetRow(reader.row_number + 1, [], findings=("FILE_TRUNCATED",))
        return
    yield from reader.done


class _SheetReader:
    def __init__(self, context: SheetContext) -> None:
        self.context = context
        self.done: list[SheetRow] = []
        self.row_number = 0
        self.parser = safe_parser(self._start, self._text, self._end)
        self._limits = limits()["sheet"]
        self._cells: list[Cell] = []
        self._hidden = False
        self._findings: tuple[str, ...] = ()
        self._plain = True
        self._column = 0
        self._kind = ""
        self._style = _PLAIN_STYLE
        self._value: list[str] = []
        self._formula: list[str] = []
        self._has_formula = False
        self._into: list[str] | None = None
        self._size = 0
        self._shared: dict[str, tuple[str, str]] = {}
        self._shared_key = ""
        self._cached: dict[tuple[int, int], Cell] = {}
        self._phonetic = False
        self._depth = 0
        self._held = 0
        self._empty = 0

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > self._limits["depth"]:
            raise refused("ARCHIVE_EXPANDS_TOO_MUCH", depth=self._depth, limit=self._limits["depth"])
        if ":" in name:
            name = name.rpartition(":")[2]
        if name == "c":
            self._start_cell(attributes)
        elif name == "v" or (name == "t" and not self._phonetic):
            self._into = self._value
        elif name == "f":
            self._into = self._formula
            self._has_formula = True
            self._shared_key = attributes.get("si", "") if attributes.get("t") == "shared" else ""
        elif name == "row":
            self._start_row(attributes)
        elif name == "rPh":
            self._phonetic = True

    def _start_row(self, attributes: dict[str, str]) -> None:
        stated = attributes.get("r", "")
        number = int(stated) if stated.isdecimal() and len(stated) < 8 else 0
        self.row_number = max(self.row_number + 1, number)
        if self.row_number > self._limits["rows"]:
            raise refused("ARCHIVE_EXPANDS_TOO_MUCH", rows=self.row_number, limit=self._limits["rows"])
        self._hidden = attributes.get("hidden", "0") in ("1", "true") or attributes.get("zeroHeight") == "1"
        self._cells = []
        self._findings = ()
        self._plain = True
        self._column = 0

    def _start_cell(self, attributes: dict[str, str]) -> None:
        letters = attributes.get("r", "").rstrip("0123456789")
        if letters:
            if len(letters) <= 3 and letters.isalpha() and letters.isascii():
                self._column = column_number(letters.upper())
            else:
                self._column += 1
        else:
            self._column += 1
        self._kind = attributes.get("t", "n")
        style = attributes.get("s", "")
        styles = self.context.styles
        index = int(style) if style.isdecimal() and len(style) < 7 else 0
        self._style = styles[index] if index < len(styles) else _PLAIN_STYLE
        self._value.clear()
        self._formula.clear()
        self._has_formula = False
        self._size = 0

    def _text(self, piece: str) -> None:
        if self._into is not None:
            room = self._limits["field_characters"] - self._size
            self._size += len(piece)
            if room > 0:
                self._into.append(piece[:room])
            if len(piece) > room and "FIELD_TOO_LONG" not in self._findings:
                self._findings = (*self._findings, "FIELD_TOO_LONG")
                self._plain = False

    def _end(self, name: str) -> None:
        self._depth -= 1
        if ":" in name:
            name = name.rpartition(":")[2]
        if name in ("v", "t", "f"):
            self._into = None
        elif name == "c":
            self._end_cell()
        elif name == "row":
            if not self._cells:
                self._count_empty()
            self.done.append(
                SheetRow(self.row_number, self._cells, self._hidden, self._findings, self._plain)
            )
        elif name == "rPh":
            self._phonetic = False
        else:
            self._count_empty()

    def _end_cell(self) -> None:
        comment = (
            self.context.comments.get((self.row_number, self._column), "") if self.context.comments else ""
        )
        if not self._value and not self._has_formula and not comment:
            self._count_empty()
            return
        self._held += 1
        cell = self._cell(comment)
        cells = self._cells
        column = self._column
        if column > self._limits["columns"]:
            if cell and "TOO_MANY_COLUMNS" not in self._findings:
                self._findings = (*self._findings, "TOO_MANY_COLUMNS")
            return
        if len(cells) < column - 1:
            left_out = column - 1 - len(cells)
            cells.extend([EMPTY] * left_out)
            self._count_empty(left_out)
        if len(cells) == column - 1:
            cells.append(cell)
        else:
            cells[column - 1] = cell
        if self._plain and not is_plain(cell):
            self._plain = False

    def _count_empty(self, count: int = 1) -> None:
        """Cells and rows that are only formatted are common; so many more of them than of the others are not."""
        self._empty += count
        if self._empty > self._limits["empty_cells"] + self._limits["empty_for_each"] * self._held:
            raise refused("ARCHIVE_EXPANDS_TOO_MUCH", cells=self._empty, limit=self._limits["empty_cells"])

    def _cell(self, comment: str) -> Cell:
        raw = "".join(self._value)
        style = self._style
        kind = self._kind
        struck = style.struck
        if kind == "s":
            text, struck_text = (
                self.context.strings[int(raw)] if raw.isdecimal() and len(raw) < 10 else ("", False)
            )
            struck = struck or struck_text
            if len(text) > self._limits["field_characters"]:
                text = text[: self._limits["field_characters"]]
                self._findings = (*self._findings, "FIELD_TOO_LONG")
                self._plain = False
            cell = text_cell(text)
        elif kind in ("str", "inlineStr"):
            cell = text_cell(raw)
        elif kind == "e":
            cell = Cell(value=raw, text=raw, error=True)
        elif kind == "b":
            cell = bool_cell(raw)
        elif kind == "d":
            cell = Cell(value=raw, text=raw)
        elif raw:
            cell = number_cell(raw, style.number_format, base_1904=self.context.base_1904)
        else:
            cell = EMPTY
        if self._has_formula or struck or style.apostrophe or comment or style.number_format:
            cell = replace(
                cell,
                number_format=style.number_format,
                struck=struck and cell.text != "",
                apostrophe=cell.apostrophe or (style.apostrophe and kind in ("s", "str", "inlineStr")),
                comment=comment,
                formula=self._formula_text() if self._has_formula else "",
                uncalculated=self._has_formula and not raw and kind != "str",
            )
        return cell

    def _formula_text(self) -> str:
        """The formula with its "="; one shared with the cell above is moved to this row."""
        text = "".join(self._formula)
        here = f"{_letters(self._column)}{self.row_number}"
        if self._shared_key:
            if text:
                self._shared[self._shared_key] = (text, here)
            elif self._shared_key in self._shared:
                original, origin = self._shared[self._shared_key]
                text = moved_formula(original, origin, here)
        return "=" + text


def _letters(column: int) -> str:
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


_REFERENCE = re.compile(r"(?<![A-Za-z_.\d!\]])(\$?)([A-Z]{1,3})(\$?)(\d{1,7})(?![\d(A-Za-z_])")


def moved_formula(formula: str, origin: str, here: str) -> str:
    """A shared formula as it reads in another cell: references without "$" move along.

    >>> moved_formula("SUM(B2:$C2)", "D2", "D4")
    'SUM(B4:$C4)'
    """
    start = re.fullmatch(r"([A-Z]{1,3})(\d+)", origin)
    goal = re.fullmatch(r"([A-Z]{1,3})(\d+)", here)
    if not start or not goal:
        return formula
    across = column_number(goal[1]) - column_number(start[1])
    down = int(goal[2]) - int(start[2])

    def moved(match: re.Match[str]) -> str:
        column = match[2] if match[1] else _letters(max(1, column_number(match[2]) + across))
        row = match[4] if match[3] else str(max(1, int(match[4]) + down))
        return f"{match[1]}{column}{match[3]}{row}"

    return _REFERENCE.sub(moved, formula)
