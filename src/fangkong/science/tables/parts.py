"""What a file is made of: cells, rows, sheets, tables; and what is found wrong in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, Literal

#: A cell as stored. None stands for an empty one.
CellValue = str | int | float | bool | date | datetime | time | None

Severity = Literal["info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Issue:
    """One finding: where, what, how grave. Its words are made by the faces from ``code`` and ``params``.

    ``code`` is one of the importer's issue codes (``codes.toml``). ``row`` is the 1-based spreadsheet row or
    physical line, None for the file; ``column`` is the column's name as the sender wrote it, "" for the whole row.
    ``params`` hold what the words need and never a person's name, number or phone.
    """

    row: int | None
    column: str
    code: str
    severity: Severity
    params: Mapping[str, Any] = field(default_factory=dict)
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its stored value, what a reader of the sheet sees, and how it was typed."""

    value: CellValue = None
    #: The value as text, untrimmed; "" for an empty cell. Of a number, without loss (no "1.2E+10").
    text: str = ""
    #: The formula's text, "" where there is none.
    formula: str = ""
    #: The spreadsheet's number format ("yyyy-mm-dd", "0.00%"), "" where there is none.
    number_format: str = ""
    comment: str = ""
    #: Typed with a leading apostrophe, struck through, an error value such as #N/A, a formula never calculated.
    apostrophe: bool = False
    struck: bool = False
    error: bool = False
    uncalculated: bool = False

    def __bool__(self) -> bool:
        return self.text.strip() != "" or self.uncalculated


@dataclass(frozen=True, slots=True)
class SheetRow:
    """The cells of one physical row; ``number`` is 1-based.

    ``findings`` are codes the reader itself has for this row (CSV_UNCLOSED_QUOTE, FIELD_TOO_LONG …); one that
    begins with FILE_ concerns the file. ``plain`` promises that no cell needs a second look: no comment, error,
    formula, strike, apostrophe, ditto mark or formula-like text.
    """

    number: int
    cells: list[Cell]
    hidden: bool = False
    findings: tuple[str, ...] = ()
    plain: bool = False


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged range, 1-based, both ends included."""

    first_row: int
    last_row: int
    first_column: int
    last_column: int


@dataclass
class Sheet:
    """One sheet, or the whole of a text file. ``rows()`` streams its rows from the top, anew at each call."""

    name: str
    rows: Callable[[], Iterator[SheetRow]]
    hidden: bool = False
    merges: tuple[Merge, ...] = ()


@dataclass
class Workbook:
    """A file opened: how it is written and its sheets in order; ``issues`` concern the whole file."""

    name: str
    #: "csv" | "xlsx" | "xls" | "fixed" | "json"
    form: str
    sheets: list[Sheet]
    encoding: str = ""
    separator: str = ""
    issues: list[Issue] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class TableColumn:
    """One column: its place in the row and its header from the top level down (("接触情况", "末次接触时间"))."""

    index: int
    path: tuple[str, ...]

    @property
    def name(self) -> str:
        """The lowest header, with the levels above it where there are any: "接触情况/末次接触时间"."""
        return "/".join(part for part in self.path if part)


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row of data. ``cells`` has one cell for each column; merged and ditto cells are filled.

    ``section`` is the text of the last section row above ("以下为3月26日新增"), "" where there is none.
    ``spare`` are cells beyond the last column that hold something.
    """

    number: int
    cells: list[Cell]
    section: str = ""
    hidden: bool = False
    struck: bool = False
    spare: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True)
class SkippedRow:
    """A row that is no data, and why: "total" | "subtotal" | "note" | "section" | "blank" | "repeated_header".

    A total or subtotal keeps its cells, so that the sums can be checked against it.
    """

    number: int
    why: str
    cells: list[Cell]


@dataclass
class Table:
    """One table of a sheet. ``rows`` streams the rows of data; ``skipped`` and ``issues`` fill as it is read."""

    file_name: str
    sheet: str
    #: Text above the header (title, unit, reporting time), line by line.
    title: list[str]
    header_rows: tuple[int, ...]
    columns: list[TableColumn]
    rows: Iterator[TableRow]
    skipped: list[SkippedRow] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
