"""Text files: separated values in any encoding, and text laid out by bytes, streamed as rows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import dropwhile, islice
from pathlib import Path
from typing import TextIO

from .hostile import limits, refused
from .parts import Cell, Sheet, SheetRow, Workbook
from .stored_values import EMPTY, is_plain, text_cell
from .text_encoding import text_encoding
from .text_separator import Cutter, Record, fixed_layout, is_ruler, records, separator_of

_CACHED_CELLS = 50_000
#: What a line without a value consists of.
_BLANK = "\ufeff \t\r\n\x00\ufffd\u3000,;|"


def open_text(path: Path, name: str) -> Workbook:
    """The workbook of one sheet that a text file is: its encoding, its separator, its rows as a stream.

    Each call of the sheet's ``rows`` reads the file again; no more than a record is held in memory.

    Raises:
        FileRefused: FILE_EMPTY, FILE_TYPE_MISMATCH for bytes that are no text, TOO_MANY_COLUMNS.
    """
    encoding = text_encoding(path)
    if encoding.binary:
        raise refused("FILE_TYPE_MISMATCH", found="binary")
    bounds = limits()
    with _opened(path, encoding.name) as stream:
        # Lines without a value at the top tell nothing of the separator.
        filled = dropwhile(lambda line: not line[0].strip(_BLANK), _lines(stream))
        sample = list(islice(filled, bounds["text"]["separator_sample_lines"]))
    if not sample:
        raise refused("FILE_EMPTY")
    lines = [line.rstrip("\r\n") for line, _ in sample]
    hint = re.fullmatch(r"sep=(.)", lines[0].strip()) if lines else None
    full = [line for line in lines if line.strip()]
    separator = hint[1] if hint else separator_of(full)
    cutter: Cutter | None = None
    if separator == "" or (separator == "|" and sum(map(is_ruler, full)) > 0):
        cutter = None if separator else fixed_layout(full)
    widths = Counter(
        len(record.fields)
        for record in records(iter([line + "\n" for line in lines]), separator or ",")
        if separator
    )
    if widths and max(widths) > bounds["sheet"]["columns"]:
        raise refused("TOO_MANY_COLUMNS", columns=max(widths), limit=bounds["sheet"]["columns"])
    width = widths.most_common(1)[0][0] if widths else 0

    def rows() -> Iterator[SheetRow]:
        with _opened(path, encoding.name) as stream:
            yield from _rows(stream, separator, cutter, width)

    return Workbook(
        name=name,
        form="fixed" if cutter else "csv",
        sheets=[Sheet(name="", rows=rows)],
        encoding=encoding.name,
        separator=separator,
    )


def _opened(path: Path, encoding: str) -> TextIO:
    return path.open(encoding=encoding, errors="replace", newline="")


def _lines(stream: TextIO) -> Iterator[tuple[str, bool]]:
    """The physical lines with their ends, and whether each was cut for its length."""
    longest = limits()["text"]["line_characters"]
    while line := stream.readline(longest):
        if len(line) < longest or line[-1] in "\r\n":
            yield line, False
            continue
        while (rest := stream.readline(longest)) and rest[-1] not in "\r\n":
            pass
        yield line + "\n", True


def _rows(stream: TextIO, separator: str, cutter: Cutter | None, width: int) -> Iterator[SheetRow]:
    bounds = limits()["sheet"]
    cache: dict[str, Cell] = {"": EMPTY}
    cut_lines: set[int] = set()
    seen = 0
    ends_open = False
    borders = separator == "|"

    def plain_lines() -> Iterator[str]:
        nonlocal seen, ends_open
        for line, cut in _lines(stream):
            seen += 1
            if cut:
                cut_lines.add(seen)
            ends_open = line[-1] not in "\r\n"
            if "\x00" in line:
                line = _without_nul(line)
            yield line

    plain = True
    too_long = False

    def new_cell(field: str) -> Cell:
        nonlocal plain, too_long
        if len(field) > bounds["field_characters"]:
            field = field[: bounds["field_characters"]]
            too_long = True
        cell = text_cell(field)
        if not is_plain(cell):
            plain = False
        elif len(field) < 64:
            if len(cache) > _CACHED_CELLS:
                cache.clear()
                cache[""] = EMPTY
            cache[field] = cell
        return cell

    source: Iterator[Record]
    if cutter is not None:
        source = (
            Record(number, [""] if is_ruler(line) else cutter(line.rstrip("\r\n")))
            for number, line in enumerate(plain_lines(), 1)
        )
    elif separator:
        source = records(plain_lines(), separator, width)
    else:
        source = (Record(number, [line.rstrip("\r\n")]) for number, line in enumerate(plain_lines(), 1))
    last: SheetRow | None = None
    for record in source:
        if last is not None:
            yield last
        fields = record.fields
        findings = record.findings
        if borders and len(fields) > 2 and not fields[0].strip() and not fields[-1].strip():
            fields = [""] if is_ruler("|".join(fields)) else [field.strip() for field in fields[1:-1]]
        if len(fields) > bounds["columns"]:
            fields = fields[: bounds["columns"]]
            findings = (*findings, "TOO_MANY_COLUMNS")
        if record.line in cut_lines:
            findings = (*findings, "FIELD_TOO_LONG")
        plain = True
        cells = [cache[field] if field in cache else new_cell(field) for field in fields]
        if too_long and "FIELD_TOO_LONG" not in findings:
            findings = (*findings, "FIELD_TOO_LONG")
        too_long = False
        last = SheetRow(record.line, cells, findings=findings, plain=plain)
    if last is not None:
        # Cut in the middle of a row or of a character: no end of line, and what the other rows have is missing.
        short = 1 < width > len(last.cells)
        broken = bool(last.cells) and last.cells[-1].text.endswith("�")
        if ends_open and (short or broken) and last.number > 1 and any(last.cells):
            last = SheetRow(last.number, last.cells, findings=(*last.findings, "FILE_TRUNCATED"))
        yield last


def _without_nul(line: str) -> str:
    """The line with NUL bytes shown as replacement characters; a line of nothing else is what a crash left: blank."""
    end = line[len(line.rstrip("\r\n")) :]
    body = line[: len(line) - len(end)]
    return end if not body.strip("\x00") else body.rstrip("\x00").replace("\x00", "�") + end
