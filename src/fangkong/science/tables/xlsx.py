"""XLSX and XLSM workbooks: which sheets there are, their styles, strings and comments; the rows stream.

Read here part by part and not through a spreadsheet library: one pass gives values, formulas, strikes and hidden
rows together, in bounded memory, and every part goes through a parser that refuses entities. Format: ECMA-376.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .codes import issue
from .hostile import chunks, limits, open_archive, parse_xml, refused
from .parts import Merge, Sheet, SheetRow, Workbook
from .xlsx_sheet import CellStyle, SheetContext, column_number, sheet_rows

_OTHER_ARCHIVES = (
    ("word/document.xml", "docx"),
    ("ppt/presentation.xml", "pptx"),
    ("xl/workbook.bin", "xlsb"),
    ("content.xml", "opendocument"),
)


def open_xlsx(path: Path, name: str) -> Workbook:
    """The workbook of an XLSX or XLSM file; macros, drawings and outside links are never opened.

    Each sheet's bytes are gone through once here (damage, merged ranges, outside links), and again, parsed, by each
    call of its ``rows``. Conditional formats, data validations and filters are not looked at.

    Raises:
        FileRefused: FILE_TRUNCATED, ARCHIVE_EXPANDS_TOO_MUCH, XML_ENTITY_REFUSED, TOO_MANY_COLUMNS, or
            FILE_TYPE_MISMATCH for an archive that is no workbook.
    """
    with open_archive(path) as archive:
        names = set(archive.namelist())
        main = _main_part(archive, names)
        bounds = limits()["archive"]
        for part in sorted(names):
            if part.endswith((".xml", ".rels", ".vml")):
                _refuse_document_type(archive, part)
        listed, base_1904, main_links = _workbook_part(archive, main)
        relations = _relations(archive, main, names)
        strings = _part_of(relations, "/sharedStrings")
        styles_part = _part_of(relations, "/styles")
        texts = (
            _SharedStrings.read(archive, strings, bounds["shared_strings"])
            if strings in names
            else _SharedStrings()
        )
        styles = _styles(archive, styles_part, bounds["styles"]) if styles_part in names else []
        sheets: list[Sheet] = []
        formula_links = False
        for title, state, relation in listed:
            kind, target = relations.get(relation, ("", ""))
            if target not in names or not kind.endswith("/worksheet"):
                continue
            seen = _Survey.of(archive, target)
            formula_links = formula_links or seen.outside_formula
            context = SheetContext(texts, styles, base_1904, _comments(archive, target, names))
            rows = _row_source(path, target, context, None if context.comments else seen.filled_to)
            if seen.wide or seen.unusual:
                _check_whole(rows)
            sheets.append(Sheet(name=title, rows=rows, hidden=state != "visible", merges=tuple(seen.merges)))
        if not sheets:
            raise refused("FILE_EMPTY")
        links = main_links or any(part.startswith("xl/externalLinks/") for part in names)
    workbook = Workbook(name=name, form="xlsx", sheets=sheets)
    if links and not formula_links:
        workbook.issues.append(issue(None, "", "EXTERNAL_LINK_IGNORED"))
    return workbook


def _row_source(path: Path, target: str, context: SheetContext, filled_to: int | None) -> Any:
    """The rows of a sheet; nothing beyond byte ``filled_to`` holds a value, and only a short rest is gone through."""

    def rows() -> Iterator[SheetRow]:
        with zipfile.ZipFile(path) as archive:
            yield from sheet_rows(chunks(archive, target), context, filled_to)

    return rows


def _check_whole(rows: Any) -> None:
    """Refuse at opening what a closer look shows: values in columns past the limit, entities in unusual encodings."""
    for row in rows():
        if "TOO_MANY_COLUMNS" in row.findings:
            raise refused("TOO_MANY_COLUMNS", limit=limits()["sheet"]["columns"])


def _refuse_document_type(archive: zipfile.ZipFile, part: str) -> None:
    """Refuse a document type in any part, also in those never opened: no spreadsheet program writes one."""
    head = next(chunks(archive, part), b"")
    if _Survey.ENTITY.search(head):
        raise refused("XML_ENTITY_REFUSED", part=part)


def _main_part(archive: zipfile.ZipFile, names: set[str]) -> str:
    if "_rels/.rels" in names:
        for kind, target in _relations(archive, "", names).values():
            if kind.endswith("/officeDocument") and target in names and target.startswith("xl/"):
                return target if target.endswith(".xml") else _no_workbook(names)
    if "xl/workbook.xml" in names:
        return "xl/workbook.xml"
    return _no_workbook(names)


def _no_workbook(names: set[str]) -> str:
    found = next((kind for part, kind in _OTHER_ARCHIVES if part in names), "zip")
    raise refused("FILE_TYPE_MISMATCH", found=found)


def _read_small(archive: zipfile.ZipFile, part: str, limit: int) -> Iterator[bytes]:
    if archive.getinfo(part).file_size > limit:
        raise refused("ARCHIVE_EXPANDS_TOO_MUCH", part=part, limit=limit)
    return chunks(archive, part)


def _nothing(_: str) -> None:
    return None


def _relations(archive: zipfile.ZipFile, part: str, names: set[str]) -> dict[str, tuple[str, str]]:
    """Relation id → (kind, target part) of the parts inside the file; outside targets have target ""."""
    folder, base = posixpath.split(part)
    rels = posixpath.join(folder, "_rels", base + ".rels") if part else "_rels/.rels"
    found: dict[str, tuple[str, str]] = {}
    if rels not in names:
        return found

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship":
            target = attributes.get("Target", "")
            if attributes.get("TargetMode") == "External":
                target = ""
            elif target.startswith("/"):
                target = target.lstrip("/")
            else:
                target = posixpath.normpath(posixpath.join(folder, target))
            found[attributes.get("Id", "")] = (attributes.get("Type", ""), target)

    parse_xml(_read_small(archive, rels, limits()["archive"]["small_part"]), start, _nothing, _nothing)
    return found


def _part_of(relations: dict[str, tuple[str, str]], kind: str) -> str:
    return next((target for found, target in relations.values() if found.endswith(kind)), "")


def _workbook_part(archive: zipfile.ZipFile, main: str) -> tuple[list[tuple[str, str, str]], bool, bool]:
    """The sheets as (name, state, relation id), whether days count from 1904, whether outside books are named."""
    sheets: list[tuple[str, str, str]] = []
    base_1904 = links = False

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal base_1904, links
        if name == "sheet":
            relation = next(
                (value for key, value in attributes.items() if key.rpartition(":")[2] == "id"), ""
            )
            sheets.append((attributes.get("name", ""), attributes.get("state", "visible"), relation))
            if len(sheets) > limits()["sheet"]["sheets"]:
                raise refused("ARCHIVE_EXPANDS_TOO_MUCH", sheets=len(sheets))
        elif name == "workbookPr":
            base_1904 = attributes.get("date1904", "0") in ("1", "true", "on")
        elif name == "externalReference":
            links = True

    parse_xml(_read_small(archive, main, limits()["archive"]["small_part"]), start, _nothing, _nothing)
    return sheets, base_1904, links


class _SharedStrings:
    """The workbook's strings in one block of bytes: a million of them take the room of their letters."""

    def __init__(self) -> None:
        self._block = bytearray()
        self._ends = array("Q")
        self._struck: set[int] = set()

    @classmethod
    def read(cls, archive: zipfile.ZipFile, part: str, limit: int) -> _SharedStrings:
        self = cls()
        pieces: list[str] = []
        longest = limits()["sheet"]["field_characters"]
        collecting = phonetic = run_struck = False
        runs: list[bool] = []
        size = 0

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal collecting, phonetic, run_struck, size
            if name == "t":
                collecting = not phonetic
            elif name == "si":
                pieces.clear()
                runs.clear()
                size = 0
                run_struck = False
            elif name == "r":
                run_struck = False
            elif name == "rPh":
                # The reading aid above a word (pinyin, furigana) is no part of the text.
                phonetic = True
            elif name == "strike":
                run_struck = attributes.get("val", "1") not in ("0", "false")

        def text(piece: str) -> None:
            nonlocal size
            # One letter more than the limit is kept, so that the cell knows it was cut.
            if collecting and size <= longest:
                pieces.append(piece[: longest + 1 - size])
                size += len(piece)

        def end(name: str) -> None:
            nonlocal collecting, phonetic
            if name == "t":
                if collecting:
                    runs.append(run_struck)
                collecting = False
            elif name == "rPh":
                phonetic = False
            elif name == "si":
                if runs and all(runs):
                    self._struck.add(len(self._ends))
                self._block += "".join(pieces).encode("utf-8", "replace")
                self._ends.append(len(self._block))

        parse_xml(_read_small(archive, part, limit), start, text, end)
        return self

    def __getitem__(self, number: int) -> tuple[str, bool]:
        """The text with that number and whether all of it is struck through; "" for a number there is not."""
        if not 0 <= number < len(self._ends):
            return "", False
        begin = self._ends[number - 1] if number else 0
        return self._block[begin : self._ends[number]].decode("utf-8"), number in self._struck


def _styles(archive: zipfile.ZipFile, part: str, limit: int) -> list[CellStyle]:
    formats: dict[int, str] = {}
    strikes: list[bool] = []
    styles: list[CellStyle] = []
    inside: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        parent = inside[-1] if inside else ""
        inside.append(name)
        if name == "numFmt" and parent == "numFmts":
            formats[_number(attributes.get("numFmtId"))] = attributes.get("formatCode", "")[:255]
        elif name == "font" and parent == "fonts":
            strikes.append(False)
        elif name == "strike" and parent == "font" and "fonts" in inside:
            strikes[-1] = attributes.get("val", "1") not in ("0", "false")
        elif name == "xf" and parent == "cellXfs":
            font = _number(attributes.get("fontId"))
            styles.append(
                CellStyle(
                    number=_number(attributes.get("numFmtId")),
                    struck=font < len(strikes) and strikes[font],
                    apostrophe=attributes.get("quotePrefix", "0") in ("1", "true"),
                )
            )
        if max(len(styles), len(strikes), len(formats)) > limits()["sheet"]["cell_styles"]:
            raise refused("ARCHIVE_EXPANDS_TOO_MUCH", part=part, limit=limits()["sheet"]["cell_styles"])

    def end(_: str) -> None:
        inside.pop()

    parse_xml(_read_small(archive, part, limit), start, _nothing, end)
    return [style.with_formats(formats) for style in styles]


def _number(raw: str | None) -> int:
    return int(raw) if raw and raw.isdecimal() and len(raw) < 10 else 0


def _comments(archive: zipfile.ZipFile, sheet: str, names: set[str]) -> dict[tuple[int, int], str]:
    """(row, column) → the comment's text."""
    part = _part_of(_relations(archive, sheet, names), "/comments")
    found: dict[tuple[int, int], str] = {}
    if part not in names:
        return found
    at: tuple[int, int] | None = None
    pieces: list[str] = []
    collecting = False

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal at, collecting
        if name == "comment":
            match = re.fullmatch(r"([A-Z]{1,3})(\d{1,7})", attributes.get("ref", ""))
            at = (int(match[2]), column_number(match[1])) if match else None
            pieces.clear()
        elif name == "t":
            collecting = True

    def text(piece: str) -> None:
        if collecting and len(pieces) < limits()["sheet"]["field_characters"]:
            pieces.append(piece)

    def end(name: str) -> None:
        nonlocal collecting
        if name == "t":
            collecting = False
        elif name == "comment" and at is not None:
            found[at] = "".join(pieces)
            if len(found) > limits()["sheet"]["comments"]:
                raise refused("ARCHIVE_EXPANDS_TOO_MUCH", part=part, limit=limits()["sheet"]["comments"])

    parse_xml(_read_small(archive, part, limits()["archive"]["comments"]), start, text, end)
    return found


class _Survey:
    """What a sheet's bytes show without parsing: merged ranges (they follow the rows), outside links, oddities."""

    _MERGE = re.compile(
        rb"<(?:\w+:)?mergeCell\s[^<>]*?ref=[\"']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})[\"']"
    )
    _OUTSIDE = re.compile(rb"<(?:\w+:)?f(?:\s[^<>]*)?>[^<]*?\[(?:\d+\]|[^\[\]<]*\.xl)")
    _WIDE = re.compile(rb"<(?:\w+:)?c\s[^<>]*?r=[\"'][A-Z]{3}\d")
    _CELL = re.compile(rb"<(?:\w+:)?c[\s>]")
    _PLACED = re.compile(rb"<(?:\w+:)?c\s[^<>]*?\br=")
    _FILLED = (b"</v>", b"</t>", b"</f>", b"<f ", b"<f/", b"<f>")
    ENTITY = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
    _OVERLAP = 4096

    def __init__(self) -> None:
        self.merges: list[Merge] = []
        self.outside_formula = self.wide = self.unusual = False
        #: The byte after which no cell holds anything, None where that was not found out.
        self.filled_to: int | None = 0

    @classmethod
    def of(cls, archive: zipfile.ZipFile, part: str) -> _Survey:
        self = cls()
        merges: dict[tuple[int, int, int, int], None] = {}
        tail = b""
        first = True
        read = 0
        for piece in chunks(archive, part):
            window = tail + piece
            read += len(piece)
            if first and b"<worksheet" not in piece:
                self.filled_to = None
            if self.filled_to is not None and any(mark in window for mark in self._FILLED):
                self.filled_to = read
            if first:
                # A sheet in another encoding, or whose cells do not name their place, is parsed whole instead.
                self.unusual = (
                    piece[:2] in (b"\xff\xfe", b"\xfe\xff")
                    or b"\x00" in piece[:200]
                    or (self._CELL.search(piece) is not None and not self._PLACED.search(piece))
                )
                first = False
            if self.ENTITY.search(window):
                raise refused("XML_ENTITY_REFUSED", part=part)
            if b"mergeCell" in window:
                for c1, r1, c2, r2 in self._MERGE.findall(window):
                    span = (int(r1), int(r2), column_number(c1.decode()), column_number(c2.decode()))
                    merges[span] = None
                if len(merges) > limits()["sheet"]["merges"]:
                    raise refused("ARCHIVE_EXPANDS_TOO_MUCH", part=part, limit=limits()["sheet"]["merges"])
            if not self.outside_formula and b"[" in window:
                self.outside_formula = self._OUTSIDE.search(window) is not None
            if not self.wide:
                self.wide = self._WIDE.search(window) is not None
            tail = window[-cls._OVERLAP :]
        widest = limits()["sheet"]["columns"]
        self.merges = [
            Merge(first_row, last_row, first, min(last, widest))
            for first_row, last_row, first, last in sorted(merges)
            if first_row <= last_row and first <= min(last, widest)
        ]
        # Ranges over one another, which no program makes: each row would have to be held against all of them.
        ahead = limits()["layout"]["lookahead_rows"]
        wide = sum(
            (min(merge.last_row, ahead) - merge.first_row + 1) * (merge.last_column - merge.first_column + 1)
            for merge in self.merges
            if merge.first_row <= ahead
        )
        if wide > 2 * ahead * widest:
            raise refused("ARCHIVE_EXPANDS_TOO_MUCH", part=part, limit=2 * ahead * widest)
        return self
