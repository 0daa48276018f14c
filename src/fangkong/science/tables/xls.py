"""XLS workbooks (BIFF), read with xlrd and its formatting: merges, hidden rows, strikes, both calendars."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import xlrd

from .hostile import limits, refused
from .parts import Cell, Merge, Sheet, SheetRow, Workbook
from .stored_values import EMPTY, is_plain, number_cell, text_cell


def open_xls(path: Path, name: str) -> Workbook:
    """The workbook of an XLS file. Formulas show as the values they had; xlrd does not give their text.

    Raises:
        FileRefused: FILE_TRUNCATED for a damaged file, FILE_TYPE_MISMATCH for an encrypted one or a container of
            another kind (a Word document), ARCHIVE_EXPANDS_TOO_MUCH for one past the size held in memory.
    """
    size = path.stat().st_size
    if size > limits()["xls"]["bytes"]:
        raise refused("ARCHIVE_EXPANDS_TOO_MUCH", packed=size, limit=limits()["xls"]["bytes"])
    book = _book(path)
    sheets = []
    for sheet in book.sheets():
        merges = tuple(
            Merge(r1 + 1, r2, c1 + 1, c2) for r1, r2, c1, c2 in sheet.merged_cells if r1 < r2 and c1 < c2
        )
        sheets.append(
            Sheet(name=sheet.name, rows=_row_source(book, sheet), hidden=sheet.visibility != 0, merges=merges)
        )
    if not sheets:
        raise refused("FILE_EMPTY")
    return Workbook(name=name, form="xls", sheets=sheets)


def _book(path: Path) -> Any:
    content = path.read_bytes()
    try:
        # Rows as long as they are: one stray cell at the far corner would else fill sixteen million.
        return xlrd.open_workbook(
            file_contents=content, formatting_info=True, ragged_rows=True, logfile=io.StringIO()
        )
    except Exception as problem:
        # xlrd meets damage with errors of every kind (assertions, struct, index); none says more than this.
        said = str(problem).lower()
        if "encrypted" in said or "password" in said or "EncryptedPackage".encode("utf-16-le") in content:
            raise refused("FILE_TYPE_MISMATCH", found="encrypted") from problem
        if "WordDocument".encode("utf-16-le") in content:
            raise refused("FILE_TYPE_MISMATCH", found="doc") from problem
        raise refused("FILE_TRUNCATED", found="xls") from problem


def _row_source(book: Any, sheet: Any) -> Any:
    def rows() -> Iterator[SheetRow]:
        base_1904 = book.datemode == 1
        width = min(sheet.ncols, limits()["sheet"]["columns"])
        notes = sheet.cell_note_map
        for row in range(sheet.nrows):
            info = sheet.rowinfo_map.get(row)
            cells: list[Cell] = []
            for column in range(min(width, sheet.row_len(row))):
                note = notes.get((row, column))
                cells.append(_cell(book, sheet.cell(row, column), note.text if note else "", base_1904))
            plain = all(is_plain(cell) for cell in cells)
            yield SheetRow(row + 1, cells, hidden=bool(info and info.hidden), plain=plain)

    return rows


def _cell(book: Any, stored: Any, comment: str, base_1904: bool) -> Cell:
    kind = stored.ctype
    if kind in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK) and not comment:
        return EMPTY
    # A damaged file may name styles and fonts that it does not have.
    styled = stored.xf_index is not None and 0 <= stored.xf_index < len(book.xf_list)
    style = book.xf_list[stored.xf_index] if styled else None
    font = book.font_list[style.font_index] if style and style.font_index < len(book.font_list) else None
    struck = bool(font and font.struck_out)
    shown = book.format_map.get(style.format_key) if style else None
    number_format = shown.format_str if shown and shown.format_str != "General" else ""
    if kind == xlrd.XL_CELL_TEXT:
        cell = text_cell(stored.value)
        marked = bool(style and style.lotus_123_prefix)
    elif kind in (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE):
        cell, marked = number_cell(repr(stored.value), number_format, base_1904=base_1904), False
    elif kind == xlrd.XL_CELL_BOOLEAN:
        cell, marked = Cell(value=bool(stored.value), text="TRUE" if stored.value else "FALSE"), False
    elif kind == xlrd.XL_CELL_ERROR:
        text = xlrd.error_text_from_code.get(stored.value, "#N/A")
        cell, marked = Cell(value=text, text=text, error=True), False
    else:
        cell, marked = EMPTY, False
    return Cell(
        value=cell.value,
        text=cell.text,
        number_format=number_format,
        comment=comment,
        apostrophe=cell.apostrophe or marked,
        struck=struck and cell.text != "",
        error=cell.error,
    )
