"""Tables written as HTML or as XML Spreadsheet 2003 under the name of a workbook, as many systems export them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path

from .hostile import limits, parse_xml, refused
from .parts import Cell, CellValue, Merge, Sheet, SheetRow, Workbook
from .stored_values import EMPTY, is_plain, number_cell, text_cell

_QUOTE_OR_END = re.compile("[\"'>]")


class _Grid:
    """One table as it is read: cells set down at the first free place, spans kept as merged ranges."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.rows: dict[int, dict[int, Cell]] = {}
        self.merges: list[Merge] = []
        self.hidden: set[int] = set()
        self.row = 0
        self.column = 0
        self._taken: set[tuple[int, int]] = set()

    def next_row(self, number: int = 0) -> None:
        self.row = max(self.row + 1, number)
        self.column = 0

    def place(self, cell: Cell, across: int = 1, down: int = 1, column: int = 0) -> None:
        bounds = limits()["sheet"]
        self.column = column or self.column + 1
        while (self.row, self.column) in self._taken:
            self.column += 1
        if self.column > bounds["columns"]:
            raise refused("TOO_MANY_COLUMNS", columns=self.column, limit=bounds["columns"])
        across = max(1, min(across, bounds["columns"]))
        down = max(1, min(down, 65_536))
        if cell:
            self.rows.setdefault(self.row, {})[self.column] = cell
        if across > 1 or down > 1:
            self.merges.append(Merge(self.row, self.row + down - 1, self.column, self.column + across - 1))
            if len(self.merges) * 4 > bounds["merges"] or across * down > bounds["merges"]:
                raise refused("ARCHIVE_EXPANDS_TOO_MUCH", limit=bounds["merges"])
            self._taken.update(
                (self.row + r, self.column + c) for r in range(down) for c in range(across) if r or c
            )
            if len(self._taken) > 4 * bounds["merges"]:
                raise refused("ARCHIVE_EXPANDS_TOO_MUCH", limit=bounds["merges"])
            self.column += across - 1

    def sheet(self) -> Sheet:
        return Sheet(name=self.name, rows=self._source(), merges=tuple(self.merges))

    def _source(self) -> Callable[[], Iterator[SheetRow]]:
        def rows() -> Iterator[SheetRow]:
            for number in sorted(self.rows):
                found = self.rows[number]
                cells = [EMPTY] * max(found)
                for column, cell in found.items():
                    cells[column - 1] = cell
                plain = all(map(is_plain, found.values()))
                yield SheetRow(number, cells, number in self.hidden, plain=plain)

        return rows


def open_markup(path: Path, name: str) -> Workbook:
    """The workbook of the tables in an HTML page or XML spreadsheet; scripts, links and images are not looked at.

    Raises:
        FileRefused: FILE_TYPE_MISMATCH where there is no table, XML_ENTITY_REFUSED, TOO_MANY_COLUMNS,
            ARCHIVE_EXPANDS_TOO_MUCH for a page past the size held in memory.
    """
    size = path.stat().st_size
    if size > limits()["html"]["bytes"]:
        raise refused("ARCHIVE_EXPANDS_TOO_MUCH", packed=size, limit=limits()["html"]["bytes"])
    content = path.read_bytes()
    if b"urn:schemas-microsoft-com:office:spreadsheet" in content[:4096]:
        grids = _xml_spreadsheet(content)
    elif re.search(rb"<!ENTITY", content, re.IGNORECASE):
        raise refused("XML_ENTITY_REFUSED")
    else:
        reader = _TableReader()
        reader.feed(_tags_and_text(_decoded(content)))
        reader.close()
        grids = reader.grids
    grids = [grid for grid in grids if grid.rows]
    if not grids:
        raise refused("FILE_TYPE_MISMATCH", found="markup")
    bounds = limits()["sheet"]
    held = sum(len(row) for grid in grids for row in grid.rows.values())
    places = sum(max(row) for grid in grids for row in grid.rows.values())
    if places - held > bounds["empty_cells"] + bounds["empty_for_each"] * held:
        raise refused("ARCHIVE_EXPANDS_TOO_MUCH", cells=places, limit=bounds["empty_cells"])
    return Workbook(name=name, form="xls", sheets=[grid.sheet() for grid in grids], encoding="")


def _decoded(content: bytes) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace")
    stated = re.search(rb"charset=[\"']?([\w-]+)", content[:4096])
    names = ["utf-8-sig", "gb18030"]
    if stated and (said := stated[1].decode().lower()) in ("gb2312", "gbk", "gb18030"):
        names = ["gb18030"]
    elif stated and said == "big5":
        names = ["big5hkscs"]
    for encoding in names:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode(names[-1], "replace")


def _tags_and_text(page: str) -> str:
    """The page without comments, declarations and signs that begin no tag.

    The library's parser looks for the end of each of these over the whole rest of the page, so that a page of
    beginnings would keep it busy for hours. A comment that never ends goes on to the end, as in a browser.
    """
    kept, at = [], 0
    while (begin := page.find("<!--", at)) >= 0:
        kept += [page[at:begin], " "]
        end = page.find("-->", begin + 4)
        at = end + 3 if end >= 0 else len(page)
    kept.append(page[at:])
    text = "".join(kept)
    end = text.rfind(">") + 1
    tags, rest = text[:end], text[end:]
    tags = re.sub(r"<[!?][^>]*>", " ", tags)
    return re.sub(r"<(?![a-zA-Z/])", "&lt;", tags) + rest.replace("<", "&lt;")


class _TableReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.grids: list[_Grid] = []
        self._open: list[_Grid] = []
        self._pieces: list[str] | None = None
        self._spans = (1, 1)
        self._struck = 0
        self._all_struck = True
        self._silent = 0

    def parse_starttag(self, i: int) -> int:
        """As the library does, but a tag with no end of attributes is passed over: each would cost it memory."""
        last = i + limits()["html"]["tag"]
        at = i
        while found := _QUOTE_OR_END.search(self.rawdata, at, last):
            at = found.end()
            if found[0] == ">":
                return super().parse_starttag(i)
            # A quote that is not closed is an apostrophe in the middle of a word.
            at = max(at, self.rawdata.find(found[0], at, last) + 1)
        end = self.rawdata.find(">", last)
        return end + 1 if end >= 0 else len(self.rawdata)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._end_cell()
            self._open.append(_Grid(""))
            self.grids.append(self._open[-1])
            if len(self.grids) > limits()["html"]["tables"]:
                raise refused("ARCHIVE_EXPANDS_TOO_MUCH", limit=limits()["html"]["tables"])
        elif tag in ("script", "style", "title"):
            self._silent += 1
        elif not self._open:
            return
        elif tag == "tr":
            self._end_cell()
            self._open[-1].next_row()
            if "display:none" in (dict(attrs).get("style") or "").replace(" ", "").lower():
                self._open[-1].hidden.add(self._open[-1].row)
        elif tag in ("td", "th"):
            self._end_cell()
            said = dict(attrs)
            self._spans = (_span(said.get("colspan")), _span(said.get("rowspan")))
            self._pieces = []
            self._all_struck = True
        elif tag == "br" and self._pieces is not None:
            self._pieces.append("\n")
        elif tag in ("s", "strike", "del"):
            self._struck += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr"):
            self._end_cell()
        elif tag == "table" and self._open:
            self._end_cell()
            self._open.pop()
        elif tag in ("script", "style", "title"):
            self._silent = max(0, self._silent - 1)
        elif tag in ("s", "strike", "del"):
            self._struck = max(0, self._struck - 1)

    def handle_data(self, data: str) -> None:
        if self._pieces is not None and not self._silent:
            self._pieces.append(data)
            if data.strip() and not self._struck:
                self._all_struck = False

    def close(self) -> None:
        super().close()
        self._end_cell()

    def _end_cell(self) -> None:
        if self._pieces is None or not self._open:
            return
        grid = self._open[-1]
        if not grid.row:
            grid.next_row()
        longest = limits()["sheet"]["field_characters"]
        text = "".join(self._pieces).replace("\xa0", " ").strip()[:longest]
        struck = bool(text) and self._all_struck
        grid.place(text_cell(text, struck=struck), *self._spans)
        self._pieces = None


def _span(said: str | None) -> int:
    return int(said) if said and said.isdecimal() and len(said) < 6 else 1


def _xml_spreadsheet(content: bytes) -> list[_Grid]:
    """The sheets of an XML Spreadsheet 2003 (Microsoft's schema "urn:schemas-microsoft-com:office:spreadsheet")."""
    grids: list[_Grid] = []
    pieces: list[str] | None = None
    kind = ""
    spans = (1, 1, 0)
    cell: Cell = EMPTY

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal pieces, kind, spans, cell
        said = {key.rpartition(":")[2]: value for key, value in attributes.items()}
        if name == "Worksheet":
            grids.append(_Grid(said.get("Name", "")))
        elif not grids:
            return
        elif name == "Row":
            grids[-1].next_row(_span(said.get("Index")) if "Index" in said else 0)
            if said.get("Hidden") == "1":
                grids[-1].hidden.add(grids[-1].row)
        elif name == "Cell":
            across = _span(said.get("MergeAcross", "0")) + 1 if said.get("MergeAcross") else 1
            down = _span(said.get("MergeDown", "0")) + 1 if said.get("MergeDown") else 1
            spans = (across, down, _span(said.get("Index")) if "Index" in said else 0)
            cell = EMPTY
        elif name == "Data":
            kind = said.get("Type", "String")
            pieces = []

    def text(piece: str) -> None:
        if pieces is not None:
            pieces.append(piece)

    def end(name: str) -> None:
        nonlocal pieces, cell
        if name == "Data" and pieces is not None:
            cell = _xml_value("".join(pieces)[: limits()["sheet"]["field_characters"]], kind)
            pieces = None
        elif name == "Cell" and grids:
            grids[-1].place(cell, *spans)

    parse_xml(iter([content]), start, text, end)
    return grids


def _xml_value(text: str, kind: str) -> Cell:
    if kind == "Number":
        return number_cell(text)
    if kind == "Error":
        return Cell(value=text, text=text, error=True)
    if kind == "DateTime":
        from datetime import datetime

        try:
            when: CellValue = datetime.fromisoformat(text)
        except ValueError:
            return text_cell(text)
        return Cell(value=when, text=text.replace("T", " ").removesuffix(".000").removesuffix(" 00:00:00"))
    return text_cell(text)
