"""The rows below a header told apart as they stream: data, totals, notes, sections, blanks, headers written again."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time

from .codes import issue
from .hostile import is_formula_like, limits
from .layout_formulas import is_dangerous, is_stale, last_row, reaches_outside
from .layout_header import Header, signature
from .layout_words import bare, is_category, is_data_cell, is_ditto, is_note, is_section, sum_kind
from .parts import Cell, Merge, SheetRow, SkippedRow, Table, TableRow
from .stored_values import EMPTY, without_marks


@dataclass(frozen=True, slots=True)
class Habits:
    """What the first rows of a table show to be its way of writing, and so no finding row by row."""

    #: Lines are often shorter than the header (editors that strip trailing separators).
    short_rows: bool = False
    #: Columns nearly all of whose cells were typed with an apostrophe.
    apostrophes: frozenset[int] = frozenset()
    #: The column whose category is written once for all the rows it covers, None where there is none.
    category: int | None = None


def habits_of(header: Header, rows: Sequence[SheetRow], merges: Sequence[Merge]) -> Habits:
    """The habits of a table, from the rows of data at its beginning."""
    width = len(header.columns)
    data = [
        row
        for row in rows
        if sum(1 for cell in row.cells if cell.text.strip()) > 1 and not _names_sum(row.cells)
    ]
    if not data:
        return Habits()
    short = sum(1 for row in data if len(row.cells) < width) / len(data)
    apostrophes = set()
    for index in range(width):
        cells = [row.cells[index] for row in data if index < len(row.cells) and row.cells[index].text]
        if len(cells) >= 5 and sum(cell.apostrophe for cell in cells) > 0.5 * len(cells):
            apostrophes.add(index)
    return Habits(
        short_rows=short > (limits()["layout"]["short_rows_habit"] if len(data) > 4 else 0.5)
        and len(data) > 1,
        apostrophes=frozenset(apostrophes),
        category=_category_column(header, data, merges),
    )


def _names_sum(cells: Sequence[Cell]) -> str:
    """ "total" or "subtotal" where one of the first two cells that hold something says so, within three columns."""
    seen = 0
    for cell in cells[:3]:
        if cell.text.strip():
            kind = sum_kind(cell.text) if isinstance(cell.value, str) else ""
            if kind:
                return kind
            seen += 1
            if seen == 2:
                break
    return ""


def _category_column(header: Header, data: Sequence[SheetRow], merges: Sequence[Merge]) -> int | None:
    """The first column that is a category by its name and is written once for the rows it covers.

    Blank cells mean "as above" only where no category is ever written twice running: in a column that repeats it
    on every row, a blank is a value that is missing.
    """
    for column in header.columns[:2]:
        if not is_category(column.name):
            continue
        if any(
            merge.first_column - 1 <= column.index < merge.last_column
            and merge.last_row > merge.first_row
            and (not header.rows or merge.first_row > header.rows[-1])
            for merge in merges
        ):
            return None
        texts = [
            row.cells[column.index].text.strip() if column.index < len(row.cells) else "" for row in data
        ]
        written = [text for text in texts if text]
        blanks = len(texts) - len(written)
        repeated = any(one and one == two for one, two in itertools.pairwise(texts))
        distinct = len(set(written)) == len(written)
        if not texts or not texts[0] or not blanks or repeated or not distinct:
            return None
        # One blank in a column of many different names is a gap; a category covers several rows as a rule.
        return column.index if blanks >= 2 or blanks * 4 >= len(texts) else None
    return None


class RowReader:
    """Reads the rows below a header once, filling the table's ``skipped`` and ``issues`` on the way."""

    def __init__(
        self, table: Table, header: Header, merges: Sequence[Merge], form: str, habits: Habits
    ) -> None:
        self.table = table
        self.header = header
        self.form = form
        self.habits = habits
        self.width = len(header.columns)
        self._merges = sorted(
            (m for m in merges if not header.rows or m.first_row > header.rows[-1]), key=lambda m: m.first_row
        )
        self._wide = {
            m.first_row
            for m in self._merges
            if m.last_column - m.first_column + 1 >= max(2, 0.5 * self.width)
        }
        self._down = [m for m in self._merges if m.last_row > m.first_row and m.first_row not in self._wide]
        self._next_merge = 0
        self._open: dict[int, tuple[int, Cell]] = {}
        self._category_cell: Cell | None = None
        self._section = ""
        self._waiting: list[SheetRow] = []
        self._blanks: list[SheetRow] = []
        self._above: list[Cell] = []
        self._count = 0
        self._numbers: dict[tuple[int, int], float | None] = {}
        self._formulas_looked_at = form == "xlsx"
        self._later: list[tuple[SheetRow, int]] = []
        self._apostrophes_told: set[int] = set()
        self._header_again = 0
        self._header_begins = {said[0] for said in header.signatures if said}

    def rows(self, source: Iterator[SheetRow], last_number: int) -> Iterator[TableRow]:
        """The rows of data in ``source``, whose first row follows row ``last_number``."""
        for row in source:
            if self.form in ("xlsx", "xls") and row.number > last_number + 1:
                self._gap(last_number + 1, row.number - 1)
            last_number = row.number
            if self._formulas_looked_at:
                self._remember(row)
            data = self._told_apart(row)
            if data is not None:
                yield data
        self._finish()

    def _gap(self, first: int, last: int) -> None:
        """Blank rows that the sheet leaves out."""
        told = limits()["layout"]["blank_rows_told"]
        for number in range(first, (last if last - first < told else first) + 1):
            self._blank(SheetRow(number, []))

    def _blank(self, row: SheetRow) -> None:
        if len(self._blanks) < limits()["layout"]["blank_rows_told"]:
            self._blanks.append(row)

    def _told_apart(self, row: SheetRow) -> TableRow | None:
        cells = row.cells
        if row.plain and not row.findings and self._is_ordinary(cells):
            if self._waiting:
                self._settle_waiting(before_data=True)
            if self._blanks:
                self._tell_blanks()
            return self._data(row, [])
        filled = [
            index
            for index, cell in enumerate(cells)
            if (cell.text and cell.text.strip()) or cell.uncalculated
        ]
        if row.findings:
            for code in row.findings:
                self._tell(None if code.startswith("FILE_") else row.number, "", code)
        if not filled:
            if row.findings and not cells:
                return None
            self._blank(row)
            return None
        if self.header.signatures and self._is_header_again(row):
            return None
        kind = _names_sum(cells)
        if kind:
            self._settle_waiting(before_data=True)
            self._skip(row, kind, "TOTAL_ROW_SKIPPED" if kind == "total" else "SUBTOTAL_SKIPPED")
            return None
        first = cells[filled[0]]
        if self._reads_as_note(row, filled):
            self._settle_waiting(before_data=False)
            self._skip(row, "note", "NOTE_ROW_SKIPPED")
            return None
        if len(filled) == 1 and self.width >= 3 and not row.findings:
            alone = first.text.strip()
            if filled[0] == 0 and self._is_serial() and is_data_cell(first):
                # A row numbered in advance and never filled in.
                self._blank(row)
                return None
            apart = row.number in self._wide or filled[0] == 0 or is_section(alone)
            if apart and isinstance(first.value, str) and not is_data_cell(first):
                self._waiting.append(row)
                return None
        self._settle_waiting(before_data=True)
        self._tell_blanks()
        return self._data(row, filled)

    def _is_ordinary(self, cells: list[Cell]) -> bool:
        """Whether a plain row is surely data: most are, and this look at them is a short one."""
        texts = [cell.text for cell in cells]
        if len(texts) - texts.count("") <= 2:
            return False
        first = texts[0]
        if not first or bare(first) in self._header_begins or _names_sum(cells):
            return False
        return not is_note(first)

    def _is_serial(self) -> bool:
        name = bare(self.header.columns[0].name) if self.header.columns else ""
        return name in ("序号", "编号", "号", "no", "no.", "#", "id", "sn", "serial", "index", "行号", "序")

    def _is_header_again(self, row: SheetRow) -> bool:
        said = signature(row.cells)
        if said not in self.header.signatures or len(said) < 2:
            return False
        self._settle_waiting(before_data=True)
        if self._header_again and row.number == self._header_again + 1:
            self.table.skipped.append(SkippedRow(row.number, "repeated_header", row.cells))
        else:
            self._skip(row, "repeated_header", "REPEATED_HEADER_SKIPPED")
        self._header_again = row.number
        return True

    def _reads_as_note(self, row: SheetRow, filled: list[int]) -> bool:
        texts = [row.cells[index].text for index in filled]
        if not is_note(texts[0]):
            return False
        # SORMAS marks lines that only explain the columns with "##", whatever their length.
        marked = texts[0].lstrip().startswith("##")
        # A line of particulars: "填表人：…  审核：…  日期：…".
        stated = sum(1 for text in texts if ":" in text[:10] or "：" in text[:10])
        return (
            marked
            or 3 * stated >= 2 * len(texts) >= 4
            or len(filled) <= max(2, self.width // 2)
            or all(is_note(text) for text in texts)
        )

    def _settle_waiting(self, *, before_data: bool) -> None:
        """Rows of one cell are sections when rows follow them, and notes when none does."""
        for row in self._waiting:
            text = next(cell.text.strip() for cell in row.cells if cell.text.strip())
            if before_data:
                self._section = text
                self._skip(row, "section", "SECTION_ROW_SKIPPED")
            else:
                self._skip(row, "note", "NOTE_ROW_SKIPPED")
        self._waiting.clear()

    def _tell_blanks(self) -> None:
        for row in self._blanks:
            self.table.skipped.append(SkippedRow(row.number, "blank", row.cells))
            if self._count:
                self._tell(row.number, "", "BLANK_ROW_SKIPPED")
        self._blanks.clear()

    def _skip(self, row: SheetRow, why: str, code: str) -> None:
        self.table.skipped.append(SkippedRow(row.number, why, row.cells))
        self._tell(row.number, "", code)
        if not row.plain:
            self._look_again(row)

    def _tell(self, row: int | None, column: str, code: str) -> None:
        self.table.issues.append(issue(row, column, code, sheet=self.table.sheet))

    def _data(self, row: SheetRow, filled: list[int]) -> TableRow:
        self._count += 1
        cells = row.cells
        width = self.width
        spare: tuple[Cell, ...] = ()
        struck = False
        if len(cells) != width:
            if len(cells) > width:
                spare = tuple(cell for cell in cells[width:] if cell)
            if self.form in ("csv", "fixed"):
                too_short = len(cells) < width and not self.habits.short_rows
                if (spare or too_short) and "CSV_UNCLOSED_QUOTE" not in row.findings:
                    self._tell(row.number, "", "COLUMN_COUNT")
            cells = cells[:width] if len(cells) > width else cells + [EMPTY] * (width - len(cells))
        elif self._down or self.habits.category is not None or not row.plain:
            cells = list(cells)
        if not row.plain:
            self._look_again(row)
            struck = 2 * sum(1 for index in filled if row.cells[index].struck) >= len(filled)
            if struck:
                self._tell(row.number, "", "STRIKETHROUGH_ROW")
            self._resolve_dittos(row.number, cells)
        if row.hidden:
            self._tell(row.number, "", "HIDDEN_ROW")
        if self._down:
            self._fill_merges(row.number, cells)
        if self.habits.category is not None:
            self._fill_category(row.number, cells, self.habits.category)
        self._above = cells
        return TableRow(row.number, cells, self._section, row.hidden, struck, spare)

    def _fill_merges(self, number: int, cells: list[Cell]) -> None:
        while self._next_merge < len(self._down) and self._down[self._next_merge].first_row <= number:
            merge = self._down[self._next_merge]
            self._next_merge += 1
            index = merge.first_column - 1
            if merge.first_row == number and index < self.width and cells[index]:
                self._open[index] = (merge.last_row, without_marks(cells[index]))
                self._tell(number, self.header.columns[index].name, "MERGED_CELL_FILLED_DOWN")
        for index, (last, cell) in list(self._open.items()):
            if number > last:
                del self._open[index]
            elif not cells[index]:
                cells[index] = cell

    def _fill_category(self, number: int, cells: list[Cell], index: int) -> None:
        if cells[index]:
            self._category_cell = without_marks(cells[index])
        elif self._category_cell is not None and sum(1 for cell in cells if cell.text) >= 2:
            cells[index] = self._category_cell
            self._tell(number, self.header.columns[index].name, "MERGED_CATEGORY_BLANK")

    def _resolve_dittos(self, number: int, cells: list[Cell]) -> None:
        column = ""
        resolved = False
        for index, cell in enumerate(cells):
            if cell.text and index < len(self._above) and is_ditto(cell.text):
                cells[index] = without_marks(self._above[index])
                column = column or self.header.columns[index].name
                resolved = True
        if resolved:
            self._tell(number, column, "DITTO_MARK_RESOLVED")

    def _look_again(self, row: SheetRow) -> None:
        """Tell once of each thing the row's cells have about them, at the first column that has it."""
        told: dict[str, int] = {}
        for index, cell in enumerate(row.cells):
            if cell.comment:
                told.setdefault("CELL_COMMENT_KEPT", index)
            if cell.error:
                told.setdefault("CELL_ERROR_VALUE", index)
            if cell.apostrophe and not (index in self.habits.apostrophes and index in self._apostrophes_told):
                told.setdefault("LEADING_APOSTROPHE", index)
                self._apostrophes_told.add(index)
            if cell.formula:
                self._look_at_formula(row, index, told)
            elif (
                cell.text
                and cell.text[0] in "=+-@\t\r "
                and isinstance(cell.value, str)
                and is_formula_like(cell.text)
            ):
                told.setdefault("FORMULA_INJECTION_DEFUSED", index)
        for code, index in told.items():
            self._tell(row.number, self._column_name(index), code)

    def _column_name(self, index: int) -> str:
        return self.header.columns[index].name if index < self.width else ""

    def _look_at_formula(self, row: SheetRow, index: int, told: dict[str, int]) -> None:
        cell = row.cells[index]
        if reaches_outside(cell.formula):
            told.setdefault("EXTERNAL_LINK_IGNORED", index)
        if is_dangerous(cell.formula):
            told.setdefault("FORMULA_INJECTION_DEFUSED", index)
        if cell.uncalculated:
            told.setdefault("FORMULA_NOT_CALCULATED", index)
        elif self._formulas_looked_at and isinstance(cell.value, int | float):
            if last_row(cell.formula) > row.number:
                self._later.append((row, index))
            elif is_stale(cell.formula, float(cell.value), self._numbers):
                told.setdefault("FORMULA_CACHE_STALE", index)

    def _remember(self, row: SheetRow) -> None:
        """Keep the row's numbers for its formulas; past the limit, formulas of the rest are not looked at."""
        for index, cell in enumerate(row.cells, 1):
            value = cell.value
            if cell.uncalculated:
                self._numbers[row.number, index] = float("nan")
            elif isinstance(value, bool | date | time | str):
                self._numbers[row.number, index] = None
            elif value is not None:
                self._numbers[row.number, index] = float(value)
        if len(self._numbers) > limits()["layout"]["formula_cells"]:
            self._formulas_looked_at = False
            self._numbers.clear()
            self._later.clear()

    def _finish(self) -> None:
        self._settle_waiting(before_data=False)
        for row in self._blanks:
            self.table.skipped.append(SkippedRow(row.number, "blank", row.cells))
        self._blanks.clear()
        stale: set[int] = set()
        for row, index in self._later:
            value = row.cells[index].value
            assert isinstance(value, int | float)
            if row.number not in stale and is_stale(row.cells[index].formula, float(value), self._numbers):
                stale.add(row.number)
                self._tell(row.number, self._column_name(index), "FORMULA_CACHE_STALE")
        if not self._count:
            self._tell(None, "", "NO_DATA_ROWS")
        self.table.skipped.sort(key=lambda skipped: skipped.number)
