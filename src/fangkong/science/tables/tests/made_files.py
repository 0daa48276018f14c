"""Small files made for the tests of the readers: every person in them is invented."""

from __future__ import annotations

import io
import os
import struct
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
from hypothesis import settings

from fangkong.science.tables.layout import tables_of
from fangkong.science.tables.parts import Table, TableRow, Workbook
from fangkong.science.tables.workbook import open_workbook

#: Files are slow to make; `make deep` takes the profile's many.
few_examples = settings() if os.environ.get("FANGKONG_DEEP") else settings(max_examples=40)

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def xlsx(
    path: Path, rows: Sequence[Sequence[Any]], change: Callable[[Any, Any], object] | None = None
) -> Path:
    """A workbook with these rows on its first sheet; ``change(workbook, sheet)`` does the rest."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    for row in rows:
        sheet.append(list(row))
    if change is not None:
        change(workbook, sheet)
    workbook.save(path)
    return path


def changed_parts(path: Path, parts: dict[str, str | bytes]) -> Path:
    """The archive at ``path`` written again with some of its parts replaced or added."""
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as old:
        kept = {name: old.read(name) for name in old.namelist() if name not in parts}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in {**kept, **parts}.items():
            new.writestr(name, content)
    return path


def sheet_xml(body: str, before: str = "") -> str:
    return f'<?xml version="1.0"?>{before}<worksheet xmlns="{MAIN}"><sheetData>{body}</sheetData></worksheet>'


def inline(place: str, value: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{value}</t></is></c>'


def text(path: Path, content: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(content.encode(encoding))
    return path


def biff8(
    rows: Sequence[Sequence[Any]],
    *,
    merges: Sequence[tuple[int, int, int, int]] = (),
    hidden_rows: Sequence[int] = (),
    struck_rows: Sequence[int] = (),
    base_1904: bool = False,
    hidden_sheet: bool = False,
) -> bytes:
    """The bytes of an XLS workbook of one sheet. Floats in a row are day numbers, ints plain numbers."""

    def record(kind: int, body: bytes) -> bytes:
        return struct.pack("<HH", kind, len(body)) + body

    def string(value: str, length: str) -> bytes:
        return struct.pack(length + "B", len(value), 1) + value.encode("utf-16-le")

    def font(options: int) -> bytes:
        return record(
            0x31, struct.pack("<HHHHHBBBB", 200, options, 0x7FFF, 400, 0, 0, 0, 0, 0) + string("Arial", "<B")
        )

    def style(font_number: int, number_format: int, kind: int) -> bytes:
        return record(0xE0, struct.pack("<HHHBBBBIiH", font_number, number_format, kind, 0, 0, 0, 0, 0, 0, 0))

    head = record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0)) + record(0x42, struct.pack("<H", 1200))
    head += record(0x22, struct.pack("<H", int(base_1904))) + font(0) + font(8)
    # Style 0 is the parent; then plain, date (built-in format 14), struck through.
    head += style(0, 0, 0xFFF4) + style(0, 0, 0) + style(0, 14, 0) + style(1, 0, 0)
    name = string("表", "<B")
    offset = len(head) + 4 + 6 + len(name) + 4
    head += record(0x85, struct.pack("<IBB", offset, int(hidden_sheet), 0) + name) + record(0x0A, b"")
    body = record(0x809, struct.pack("<HHHHII", 0x600, 16, 0, 0, 0, 0))
    for number, row in enumerate(rows):
        bits = 0x20 if number + 1 in hidden_rows else 0
        body += record(0x208, struct.pack("<HHHHHHI", number, 0, len(row), 300, 0, 0, bits))
        for column, value in enumerate(row):
            struck = 3 if number + 1 in struck_rows else 1
            if isinstance(value, str):
                body += record(0x204, struct.pack("<HHH", number, column, struck) + string(value, "<H"))
            elif isinstance(value, float):
                body += record(0x203, struct.pack("<HHHd", number, column, 2, value))
            elif value is not None:
                body += record(0x203, struct.pack("<HHHd", number, column, struck, value))
    if merges:
        spans = b"".join(struct.pack("<HHHH", r1 - 1, r2 - 1, c1 - 1, c2 - 1) for r1, r2, c1, c2 in merges)
        body += record(0xE5, struct.pack("<H", len(merges)) + spans)
    return head + body + record(0x0A, b"")


def read(path: Path) -> tuple[Workbook, list[tuple[Table, list[TableRow]]]]:
    """The workbook and its tables, each read to its end."""
    workbook = open_workbook(path)
    return workbook, [(table, list(table.rows)) for table in tables_of(workbook)]


def one_table(path: Path) -> tuple[Table, list[TableRow]]:
    (found,) = read(path)[1]
    return found


def codes(table: Table) -> list[tuple[int | None, str]]:
    return sorted(
        ((each.row, each.code) for each in table.issues), key=lambda found: (found[0] or 0, found[1])
    )


def texts(rows: Sequence[TableRow]) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in rows]
