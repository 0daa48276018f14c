"""Tables that lie on their side: the field names run down the first column, each further column is one record."""

from __future__ import annotations

from collections.abc import Sequence

from .layout_header import Header, header_text
from .layout_words import is_data_cell, is_header_word
from .parts import Merge, SheetRow, TableColumn
from .stored_values import EMPTY, is_plain


def stood_up(rows: Sequence[SheetRow], merges: Sequence[Merge]) -> tuple[Header, list[SheetRow]] | None:
    """The header and the records of a table on its side, None where the rows are no such table.

    A record's number is that of its spreadsheet column (A is 1). Recognised by the first column: most of its texts
    name fields, all are different, and the first row names none beyond its own first cell.
    """
    body = [row for row in rows if sum(1 for cell in row.cells if cell.text.strip()) > 1]
    if len(body) < 3 or any(not row.cells or not row.cells[0].text.strip() for row in body):
        return None
    names = [header_text(row.cells[0].text) for row in body]
    fields = sum(1 for name in names if is_header_word(name))
    if fields < 3 or fields < 0.6 * len(names) or len(set(names)) < len(names):
        return None
    if any(is_data_cell(row.cells[0]) for row in body):
        return None
    top = [cell for cell in body[0].cells[1:] if cell.text.strip()]
    if any(is_header_word(cell.text) for cell in top) or not is_header_word(names[0]):
        return None
    width = max(len(row.cells) for row in body)
    if len(body) < width - 1 and fields < len(names):
        return None
    records: list[SheetRow] = []
    for column in range(1, width):
        cells = [row.cells[column] if column < len(row.cells) else EMPTY for row in body]
        if any(cells):
            records.append(SheetRow(column + 1, cells, plain=all(map(is_plain, cells))))
    columns = [TableColumn(index, (name,)) for index, name in enumerate(names)]
    title = [row for row in rows if any(row.cells) and row not in body]
    return Header((), columns, title, 1), records
