"""The tables of a workbook: titles, headers, columns, rows of data, and what is none of these."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice

from .codes import issue
from .hostile import limits
from .layout_header import Header, find_header, signature
from .layout_rows import Habits, RowReader, habits_of
from .layout_transposed import stood_up
from .layout_words import header_share, is_data_cell, names_sheet
from .parts import Issue, Merge, Sheet, SheetRow, Table, TableColumn, TableRow, Workbook


def tables_of(workbook: Workbook) -> list[Table]:
    """The tables in the visible sheets of a workbook, in order.

    A table's ``rows`` stream and can be read once; its ``skipped`` and ``issues`` are whole when they are at their
    end. What concerns sheets (hidden, void) is appended to ``workbook.issues``. Every row of a sheet that holds
    anything is a line of ``title``, one of ``header_rows``, a row of data, or in ``skipped``. A sheet that only
    explains (a dictionary, instructions) is a table without columns whose text is all title.

    Tables below one another are told apart in sheets that fit the rows looked at ahead; tables side by side are not.
    """
    tables: list[Table] = []
    known: dict[tuple[str, ...], Table] = {}
    set_aside = _set_aside(workbook)
    for sheet in workbook.sheets:
        code = set_aside.get(id(sheet))
        if code == "":
            tables.append(_explanation(workbook, sheet))
        elif code is not None:
            _tell(workbook, issue(None, "", code, sheet=sheet.name))
        else:
            tables += _sheet_tables(workbook, sheet, known)
    if not any(table.columns for table in tables):
        empty = not tables and not any(sheet.hidden for sheet in workbook.sheets)
        _tell(workbook, issue(None, "", "FILE_EMPTY" if empty else "NO_DATA_ROWS"))
    return tables


def _tell(workbook: Workbook, found: Issue) -> None:
    if found not in workbook.issues:
        workbook.issues.append(found)


def _set_aside(workbook: Workbook) -> dict[int, str]:
    """Sheets that are not read, by identity: the code that says so, "" for one that only explains.

    A name alone does not set aside the only sheet there is.
    """
    found: dict[int, str] = {}
    for sheet in workbook.sheets:
        if sheet.hidden:
            found[id(sheet)] = "HIDDEN_SHEET_IGNORED"
        elif names_sheet(sheet.name, "void"):
            found[id(sheet)] = "EXTRA_SHEET_VOID"
        elif names_sheet(sheet.name, "reference"):
            found[id(sheet)] = ""
    visible = [sheet for sheet in workbook.sheets if not sheet.hidden]
    if all(id(sheet) in found for sheet in visible):
        for sheet in visible:
            del found[id(sheet)]
    return found


def _explanation(workbook: Workbook, sheet: Sheet) -> Table:
    lines = [_line(row) for row in sheet.rows() if any(row.cells)]
    return Table(workbook.name, sheet.name, lines, (), [], iter(()))


def _line(row: SheetRow) -> str:
    return "   ".join(cell.text.strip() for cell in row.cells if cell.text.strip())


def _sheet_tables(workbook: Workbook, sheet: Sheet, known: dict[tuple[str, ...], Table]) -> list[Table]:
    source = sheet.rows()
    ahead = list(islice(source, limits()["layout"]["lookahead_rows"]))
    if not any(cell for row in ahead for cell in row.cells):
        # A long run of formatted blank rows may stand before the first value.
        source = (row for row in source if any(row.cells) or row.findings)
        ahead = list(islice(source, limits()["layout"]["lookahead_rows"]))
        if not any(cell for row in ahead for cell in row.cells):
            return []
    rest = next(source, None)
    whole = rest is None
    if rest is not None:
        source = chain((rest,), source)
    if whole and len(ahead) <= limits()["layout"]["transposed_rows"]:
        upright = stood_up(ahead, sheet.merges)
        if upright is not None:
            return [_transposed(workbook, sheet, *upright)]
    parts = _parts(ahead, sheet.merges) if whole and workbook.form != "json" else [ahead]
    return [
        _table(workbook, sheet, part, source if place == len(parts) - 1 else iter(()), known)
        for place, part in enumerate(parts)
    ]


def _parts(rows: list[SheetRow], merges: Sequence[Merge]) -> list[list[SheetRow]]:
    """The rows cut before each further header, with the title above it."""
    first = find_header(rows, merges)
    if first is None or not first.rows:
        return [rows]
    parts: list[list[SheetRow]] = []
    begin = 0
    last_header = first.rows[-1]
    signatures = set(first.signatures)
    for place, row in enumerate(rows):
        if row.number <= last_header + 1 or signature(row.cells) in signatures:
            continue
        held = [cell for cell in row.cells if cell.text.strip()]
        if len(held) < 3 or any(map(is_data_cell, held)) or header_share(held) < 0.75:
            continue
        cut = place
        while cut > begin and sum(1 for cell in rows[cut - 1].cells if cell.text.strip()) == 1:
            cut -= 1
        # A new table stands apart: a blank row or a missing one above it.
        apart = cut > 0 and (not any(rows[cut - 1].cells) or rows[cut].number > rows[cut - 1].number + 1)
        if not apart or rows[cut - 1].number <= last_header:
            continue
        parts.append(rows[begin:cut])
        begin = cut
        header = find_header(rows[cut:], merges)
        if header is None or not header.rows:
            continue
        last_header = header.rows[-1]
        signatures |= set(header.signatures)
    return [*parts, rows[begin:]]


def _transposed(workbook: Workbook, sheet: Sheet, header: Header, records: list[SheetRow]) -> Table:
    table = Table(
        workbook.name, sheet.name, [_line(row) for row in header.title], (), header.columns, iter(())
    )
    table.issues.append(issue(None, "", "TABLE_TRANSPOSED", sheet=sheet.name))
    # Merges and gaps are those of rows, and these are columns.
    reader = RowReader(table, header, (), "json", Habits())
    table.rows = reader.rows(iter(records), 0)
    return table


def _table(
    workbook: Workbook,
    sheet: Sheet,
    ahead: list[SheetRow],
    source: Iterator[SheetRow],
    known: dict[tuple[str, ...], Table],
) -> Table:
    header = find_header(ahead, sheet.merges)
    assert header is not None, "the caller has seen a cell that holds something"
    title = {row.number for row in header.title}
    below = [
        row
        for row in ahead
        if row.number not in title
        and row.number not in header.rows
        and (not header.rows or row.number > header.rows[0])
    ]
    names = tuple(column.name for column in header.columns)
    continued = known.get(names) if header.rows and header.rows != (0,) else _continues(header, below, known)
    if continued is not None and continued.sheet == sheet.name:
        continued = None
    if continued is not None and not header.rows:
        header = replace(header, columns=list(continued.columns))
    table = Table(
        workbook.name, sheet.name, [_line(row) for row in header.title], header.rows, header.columns, iter(())
    )
    _tell_of_header(table, header, ahead)
    if continued is not None:
        table.issues.append(issue(None, "", "SHEET_CONTINUED", sheet=sheet.name))
    elif header.rows:
        known[names] = table
    reader = RowReader(table, header, sheet.merges, workbook.form, habits_of(header, below, sheet.merges))
    last_number = max([*header.rows, *title], default=below[0].number - 1 if below else 0)
    if reader.form in ("xlsx", "xls") and below and not header.rows and not title:
        last_number = below[0].number - 1
    table.rows = _streamed(reader, below, source, last_number)
    return table


def _streamed(
    reader: RowReader, below: list[SheetRow], source: Iterator[SheetRow], last_number: int
) -> Iterator[TableRow]:
    yield from reader.rows(chain(below, source), last_number)


def _continues(header: Header, below: list[SheetRow], known: dict[tuple[str, ...], Table]) -> Table | None:
    """The last table whose columns a sheet without a header goes on with."""
    if header.rows or not known:
        return None
    last = list(known.values())[-1]
    filled = [row for row in below if any(row.cells)]
    widths = {len(row.cells) for row in filled}
    same = len(last.columns) in widths and max(widths, default=0) <= len(last.columns)
    return last if same and filled and any(is_data_cell(cell) for cell in filled[0].cells) else None


def _tell_of_header(table: Table, header: Header, ahead: list[SheetRow]) -> None:
    if header.levels >= 2:
        code = "HEADER_TWO_ROWS" if header.levels == 2 else "HEADER_MULTI_ROW"
        table.issues.append(issue(header.rows[0], "", code, sheet=table.sheet))
    above = set(header.rows) | {row.number for row in header.title}
    columns: Sequence[TableColumn] = header.columns
    for row in ahead:
        if row.number not in above:
            continue
        commented = next((index for index, cell in enumerate(row.cells) if cell.comment), None)
        if commented is not None:
            name = columns[commented].name if commented < len(columns) else ""
            table.issues.append(issue(row.number, name, "CELL_COMMENT_KEPT", sheet=table.sheet))
        for code in row.findings:
            number = None if code.startswith("FILE_") else row.number
            table.issues.append(issue(number, "", code, sheet=table.sheet))
