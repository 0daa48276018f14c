"""Files as an enemy, a broken disk or a strange program makes them; every person in them is made up.

`FILES` names each of them, says how it is made, and what must become of it: "refused" with its code, or "received"
with its code among the issues ("" where nothing is wrong with it).
"""

from __future__ import annotations

import io
import json
import os
import struct
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import xlsxwriter

#: What must become of a file that only some users may read.
UNREADABLE = "received" if os.geteuid() == 0 else "refused"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
HEAD = ["序号", "姓名", "证件号码", "联系电话", "关联病例", "末次接触时间", "管控方式"]
SHEET = "xl/worksheets/sheet1.xml"
EVIL = "=cmd|' /C calc'!A0"


@dataclass(frozen=True)
class Hostile:
    """One file: its name, what must become of it, the code that must be said, and how it is made."""

    name: str
    fate: str
    code: str
    make: Callable[[Path], object]


def number_of(place: int) -> str:
    """An invented number (no area begins with 99) with its check digit, GB 11643."""
    body = f"99020319{60 + place % 30}0{1 + place % 9}11{place % 1000:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]


def contact(place: int) -> list[Any]:
    """A row of a contact ledger."""
    name = "试" + chr(0x4E00 + place % 5000)
    return [place, name, number_of(place), f"100{place:08d}", "病例1", "2022-04-05", "集中隔离"]


def ledger(count: int = 3) -> list[list[Any]]:
    """A whole contact ledger of ``count`` people."""
    return [HEAD, *(contact(place) for place in range(1, count + 1))]


def csv_text(rows: Sequence[Sequence[Any]]) -> str:
    """The rows as plain separated text."""
    return "".join(",".join(map(str, row)) + "\r\n" for row in rows)


def written(content: str | bytes, encoding: str = "utf-8") -> Callable[[Path], object]:
    """Writes the content as it stands."""
    data = content.encode(encoding, "surrogatepass") if isinstance(content, str) else content
    return lambda path: path.write_bytes(data)


def book_bytes(rows: Sequence[Sequence[Any]], change: Callable[[Any, Any], object] | None = None) -> bytes:
    """A workbook of one sheet; ``change(workbook, sheet)`` does the rest."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    for row in rows:
        sheet.append(list(row))
    if change is not None:
        change(workbook, sheet)
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def book(rows: Sequence[Sequence[Any]], change: Callable[[Any, Any], object] | None = None) -> Any:
    """Writes a workbook."""
    return lambda path: path.write_bytes(book_bytes(rows, change))


def parts(changed: dict[str, str | bytes], rows: Sequence[Sequence[Any]] = ()) -> Callable[[Path], object]:
    """Writes a workbook some of whose parts are others."""

    def make(path: Path) -> None:
        with zipfile.ZipFile(io.BytesIO(book_bytes(rows or ledger()))) as old:
            kept = {name: old.read(name) for name in old.namelist() if name not in changed}
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
            for name, content in {**kept, **changed}.items():
                new.writestr(name, content)

    return make


def sheet_xml(body: str, before: str = "", dimension: str = "") -> str:
    """A sheet's XML."""
    said = f'<dimension ref="{dimension}"/>' if dimension else ""
    return f'<?xml version="1.0"?>{before}<worksheet xmlns="{MAIN}">{said}<sheetData>{body}</sheetData></worksheet>'


def cells(rows: Sequence[Sequence[Any]]) -> str:
    """Rows of text in the cells themselves."""
    return "".join(
        f'<row r="{n}">' + "".join(f'<c t="inlineStr"><is><t>{v}</t></is></c>' for v in row) + "</row>"
        for n, row in enumerate(rows, 1)
    )


def _blown_up(part: str, megabytes: int) -> Callable[[Path], object]:
    """A workbook one of whose parts goes on for long with blanks."""

    def make(path: Path) -> None:
        path.write_bytes(book_bytes(ledger()))
        with (
            zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
            archive.open(part, "w", force_zip64=True) as out,
        ):
            for _ in range(megabytes):
                out.write(b" " * (1 << 20))

    return make


def _nested(path: Path) -> None:
    """A zip in a zip in a zip, each of many megabytes of nothing."""
    inner = b"\0" * (1 << 24)
    for _ in range(3):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(3):
                archive.writestr(f"{number}.zip", inner)
        inner = out.getvalue()
    path.write_bytes(inner)


def _lying(path: Path) -> None:
    """A workbook whose directory says that a sheet of 80 MB has 200 bytes."""
    _blown_up("xl/worksheets/sheet9.xml", 80)(path)
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        large = archive.getinfo("xl/worksheets/sheet9.xml").file_size
    for place in range(len(data) - 4):
        if data[place : place + 4] == struct.pack("<I", large):
            data[place : place + 4] = struct.pack("<I", 200)
    path.write_bytes(data)


def _overlapping(path: Path) -> None:
    """An archive of a thousand names for one and the same packed part."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/a.xml", b" " * (1 << 20))
        first = archive.infolist()[0]
        for number in range(1000):
            twin = zipfile.ZipInfo(f"xl/{number}.xml")
            for name in ("CRC", "compress_size", "file_size", "header_offset", "compress_type"):
                setattr(twin, name, getattr(first, name))
            archive.filelist.append(twin)
            archive.NameToInfo[twin.filename] = twin
        archive._didModify = True
    path.write_bytes(out.getvalue())


def _encrypted(path: Path) -> None:
    """The shell of a password-protected workbook: an OLE container with the streams that Office names."""
    sector = 512
    fat_sector, directory_sector = 0, 1
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, directory_sector, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<I", fat_sector) + b"\xff" * 4 * 108
    content = os.urandom(4096 * 2)
    chain = [0xFFFFFFFD, 0xFFFFFFFE]
    pieces = [content[start : start + sector] for start in range(0, len(content), sector)]
    chain += [2 + place + 1 for place in range(len(pieces) - 1)] + [0xFFFFFFFE]
    fat = struct.pack(f"<{len(chain)}I", *chain).ljust(sector, b"\xff")

    def entry(name: str, kind: int, start: int, size: int, child: int, right: int) -> bytes:
        coded = name.encode("utf-16-le") + b"\0\0"
        body = coded.ljust(64, b"\0") + struct.pack("<HBB", len(coded), kind, 1)
        body += struct.pack("<III", 0xFFFFFFFF, right, child) + bytes(36)
        return body + struct.pack("<IQ", start, size)

    none = 0xFFFFFFFF
    directory = entry("Root Entry", 5, 0xFFFFFFFE, 0, 1, none)
    directory += entry("EncryptedPackage", 2, 2, len(content), none, 2)
    directory += entry("EncryptionInfo", 2, 0xFFFFFFFE, 0, none, none)
    path.write_bytes(header + fat + directory.ljust(sector, b"\0") + b"".join(pieces))


def _half(content: Callable[[], bytes]) -> Callable[[Path], object]:
    def make(path: Path) -> None:
        whole = content()
        path.write_bytes(whole[: len(whole) * 3 // 5])

    return make


def old_book_bytes(rows: Sequence[Sequence[Any]]) -> bytes:
    """The bytes of an XLS workbook of one sheet (BIFF8, no container)."""

    def record(kind: int, body: bytes) -> bytes:
        return struct.pack("<HH", kind, len(body)) + body

    def string(value: str, length: str) -> bytes:
        return struct.pack(length + "B", len(value), 1) + value.encode("utf-16-le")

    head = record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0)) + record(0x42, struct.pack("<H", 1200))
    head += record(
        0x31, struct.pack("<HHHHHBBBB", 200, 0, 0x7FFF, 400, 0, 0, 0, 0, 0) + string("Arial", "<B")
    )
    for kind in (0xFFF4, 0):
        head += record(0xE0, struct.pack("<HHHBBBBIiH", 0, 0, kind, 0, 0, 0, 0, 0, 0, 0))
    name = string("表", "<B")
    head += record(0x85, struct.pack("<IBB", len(head) + 14 + len(name), 0, 0) + name) + record(0x0A, b"")
    body = record(0x809, struct.pack("<HHHHII", 0x600, 16, 0, 0, 0, 0))
    for number, row in enumerate(rows):
        body += record(0x208, struct.pack("<HHHHHHI", number, 0, len(row), 300, 0, 0, 0))
        for column, value in enumerate(row):
            body += record(0x204, struct.pack("<HHH", number, column, 1) + string(str(value), "<H"))
    return head + body + record(0x0A, b"")


def _with_macro(workbook: Any, sheet: Any) -> None:
    sheet["H1"], sheet["H2"] = "备注", EVIL
    workbook.create_sheet("宏")


def _macro_book(path: Path) -> None:
    path.write_bytes(book_bytes(ledger(), _with_macro))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0" + os.urandom(4000))


def _linked(path: Path) -> None:
    """Cells whose values come from another workbook and from a program (DDE)."""
    parts(
        {
            SHEET: sheet_xml(
                cells(ledger()[:2])
                + '<row r="3"><c r="A3"><f>[1]Sheet1!$A$1</f><v>2</v></c>'
                + '<c r="B3" t="str"><f>cmd|\' /C calc\'!A0</f><v>试乙</v></c>'
                + f'<c r="C3" t="inlineStr"><is><t>{number_of(2)}</t></is></c>'
                + '<c r="D3" t="inlineStr"><is><t>10000000002</t></is></c>'
                + '<c r="E3" t="inlineStr"><is><t>病例1</t></is></c>'
                + '<c r="F3" t="inlineStr"><is><t>2022-04-05</t></is></c>'
                + '<c r="G3" t="inlineStr"><is><t>集中隔离</t></is></c></row>'
            ),
            "xl/externalLinks/externalLink1.xml": (
                f'<externalLink xmlns="{MAIN}"><ddeLink ddeService="cmd" ddeTopic="/C calc"/></externalLink>'
            ),
            "xl/externalLinks/_rels/externalLink1.xml.rels": (
                '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
                '<Relationship Id="rId1" Type="x" Target="http://127.0.0.1:9/x.xlsx" TargetMode="External"/>'
                "</Relationships>"
            ),
        }
    )(path)


def _many_sheets(workbook: Any, sheet: Any) -> None:
    for number in range(99):
        other = workbook.create_sheet(f"表{number}")
        other.append(HEAD)
        other.append(contact(100 + number))


def _rows_only(path: Path) -> None:
    empty = "".join(f'<row r="{n}"><c r="A{n}" s="0"/></row>' for n in range(1, 100_000))
    parts({SHEET: sheet_xml(empty)})(path)


def _padded(make: Callable[[Path], object]) -> Callable[[Path], object]:
    """The same archive with a part that does not pack, so that the whole does not look like a bomb."""

    def padded(path: Path) -> None:
        make(path)
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr("xl/media/image1.bin", os.urandom(600_000))

    return padded


def _long(piece: str, megabytes: int = 16) -> str:
    return piece * ((megabytes << 20) // len(piece))


def _strings(content: str) -> Callable[[Path], object]:
    """A workbook whose shared strings are others."""

    def make(path: Path) -> None:
        out = io.BytesIO()
        with xlsxwriter.Workbook(out) as workbook:
            sheet = workbook.add_worksheet()
            for number, row in enumerate(ledger()):
                sheet.write_row(number, 0, row)
        with zipfile.ZipFile(out) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
            for name in old.namelist():
                new.writestr(name, content if name == "xl/sharedStrings.xml" else old.read(name))

    return make


def _locked_away(path: Path) -> None:
    path.write_text(csv_text(ledger(5)), encoding="utf-8")
    path.chmod(0)


def _pointed_at(path: Path) -> None:
    whole = path.with_name("pointed-at.txt")
    whole.write_text(csv_text(ledger(4)), encoding="utf-8")
    path.symlink_to(whole)


def _widened(row: Sequence[Any], extra: int) -> str:
    return ",".join([*map(str, row), *(f"备{n}" for n in range(extra))]) + "\n"


_ENTITY = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
_OUTSIDE = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><x>&a;</x>'
_LAUGHS = '<row r="1"><c r="A1" t="inlineStr"><is><t>&b;</t></is></c></row>'
_FAR = '<row r="1"><c r="A1" t="inlineStr"><is><t>姓名</t></is></c><c r="XFD1"><v>1</v></c></row>'
_PLAIN = csv_text(ledger())
_QUOTE = '"' + "没有结尾"
_2003 = '<?xml version="1.0"?><Workbook xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
_WIDE_HEAD = [*HEAD, *(f"备{n}" for n in range(1990))]
_STRINGS = f'<sst xmlns="{MAIN}">'
TOO_MUCH, CUT, OTHER, EMPTY = "ARCHIVE_EXPANDS_TOO_MUCH", "FILE_TRUNCATED", "FILE_TYPE_MISMATCH", "FILE_EMPTY"
WIDE, LONG, ENTITY = "TOO_MANY_COLUMNS", "FIELD_TOO_LONG", "XML_ENTITY_REFUSED"


def _rows_of(rows: Sequence[Sequence[Any]], row: str, cell: str) -> str:
    """The rows in tags: ``row`` and ``cell`` hold a "%s" for what is in them."""
    return "".join(row % "".join(cell % value for value in each) for each in rows)


_PAGE = _rows_of(ledger(), "<tr>%s</tr>", "<td>%s</td>")
_SHEET_2003 = _rows_of(ledger(), "<Row>%s</Row>", '<Cell><Data ss:Type="String">%s</Data></Cell>')

FILES: tuple[Hostile, ...] = (
    # Archives that expand, and those that hide it beside a part that does not.
    Hostile("bomb.xlsx", "refused", TOO_MUCH, _blown_up("xl/worksheets/sheet9.xml", 100)),
    Hostile("nested.xlsx", "refused", OTHER, _nested),
    Hostile("lying.xlsx", "refused", CUT, _lying),
    Hostile("overlapping.xlsx", "refused", TOO_MUCH, _overlapping),
    Hostile("rows.xlsx", "refused", EMPTY, _padded(parts({SHEET: sheet_xml(_long("<row/>"))}))),
    Hostile("cells.xlsx", "refused", EMPTY, _padded(parts({SHEET: sheet_xml("<row>" + _long("<c/>"))}))),
    Hostile(
        "cells-and-one.xlsx",
        "refused",
        TOO_MUCH,
        _padded(parts({SHEET: sheet_xml("<row>" + _long("<c/>") + "<c><v>1</v></c></row>")})),
    ),
    Hostile("deep.xlsx", "refused", TOO_MUCH, _padded(parts({SHEET: sheet_xml(_long("<x>"))}))),
    Hostile(
        "brackets.xlsx",
        "refused",
        "",
        _padded(parts({SHEET: sheet_xml('<row r="1"><c r="A1"><f>' + _long("[", 4) + "</f></c></row>")})),
    ),
    Hostile("strings.xlsx", "refused", TOO_MUCH, _padded(_strings(_STRINGS + _long("<si/>") + "</sst>"))),
    Hostile(
        "merges.xlsx",
        "refused",
        TOO_MUCH,
        parts(
            {
                SHEET: sheet_xml(cells(ledger()))
                + "".join(f'<mergeCell ref="A1:XFD{n}"/>' for n in range(1, 60_000))
            }
        ),
    ),
    # XML that defines or fetches.
    Hostile("laughs.xlsx", "refused", ENTITY, parts({SHEET: sheet_xml(_LAUGHS, _ENTITY)})),
    Hostile("outside.xlsx", "refused", ENTITY, parts({SHEET: _OUTSIDE})),
    Hostile("outside-styles.xlsx", "refused", ENTITY, parts({"xl/styles.xml": _OUTSIDE})),
    Hostile("outside-strings.xlsx", "refused", ENTITY, _strings(_OUTSIDE)),
    Hostile("entity.xls", "refused", ENTITY, written(_OUTSIDE.replace("<x>", "<table><tr><td>"))),
    # Too wide, too long, too large.
    Hostile("wide.csv", "refused", WIDE, written(_widened(HEAD, 10_000) * 3)),
    Hostile(
        "wide.xlsx",
        "refused",
        WIDE,
        parts({SHEET: sheet_xml(cells([[f"列{n}" for n in range(16_384)], ["1"] * 16_384]))}),
    ),
    Hostile("last-column.xlsx", "refused", WIDE, parts({SHEET: sheet_xml(_FAR)})),
    Hostile("hollow.csv", "refused", TOO_MUCH, written(csv_text([_WIDE_HEAD]) + "1,试甲,b,c\n" * 10_000)),
    Hostile(
        "hollow.json",
        "refused",
        TOO_MUCH,
        written(json.dumps([dict.fromkeys(_WIDE_HEAD, 1), *[{"姓名": "试甲"}] * 10_000])),
    ),
    Hostile(
        "hollow.xls",
        "refused",
        TOO_MUCH,
        written(
            _2003
            + '<Worksheet ss:Name="a"><Table>'
            + '<Row><Cell ss:Index="1999"><Data>x</Data></Cell></Row>' * 20_000
            + "</Table></Worksheet></Workbook>"
        ),
    ),
    Hostile(
        "claims-all.xlsx",
        "received",
        "",
        parts({SHEET: sheet_xml(cells(ledger()), dimension="A1:XFD1048576")}),
    ),
    Hostile(
        "last-cell.xlsx",
        "refused",
        WIDE,
        parts({SHEET: sheet_xml(cells(ledger()) + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')}),
    ),
    Hostile("blank-rows.xlsx", "refused", EMPTY, _rows_only),
    Hostile("blank-rows.csv", "refused", EMPTY, written(",,,,\r\n" * 50_000)),
    Hostile("large-cell.csv", "received", LONG, written(_PLAIN + _PLAIN.splitlines()[1] + "x" * 1_000_000)),
    Hostile(
        "large-cell.xlsx",
        "received",
        LONG,
        parts({SHEET: sheet_xml(cells([HEAD, contact(1), [*contact(2)[:6], "x" * 1_000_000]]))}),
    ),
    Hostile("long-line.csv", "received", LONG, written(_PLAIN + "x" * 10_000_000)),
    Hostile("one-line.csv", "refused", WIDE, written("序号,姓名," * 100_000)),
    Hostile("sheets.xlsx", "received", "", book(ledger(), _many_sheets)),
    # Text that drives a pattern mad.
    Hostile("dashes.csv", "received", "", written("-" * 80 + "说明\n" + _PLAIN)),
    Hostile("figures.csv", "received", LONG, written(csv_text([HEAD, ["1" * 30_000 + "x"] * 7] * 3))),
    Hostile("spaces.csv", "received", "", written(csv_text([HEAD, [" " * 400 + "x"] * 7] * 3))),
    Hostile(
        "quotes.csv", "received", "CSV_UNCLOSED_QUOTE", written(csv_text([HEAD]) + f"4,{_QUOTE}\n" * 500)
    ),
    Hostile("comments.xls", "refused", OTHER, written("<table>" + "<!--" * 500_000)),
    Hostile("declared.xls", "refused", OTHER, written("<table>" + "<![ >" * 400_000 + "</table>")),
    Hostile("attributes.xls", "refused", OTHER, written("<table><td " + "a=b " * 500_000 + ">")),
    Hostile("tables.xls", "refused", TOO_MUCH, written("<table><tr><td>" * 20_000)),
    Hostile(
        "spans.xls",
        "refused",
        TOO_MUCH,
        written("<table>" + "<tr><td rowspan=60000 colspan=1900>x</td></tr>" * 9 + "</table>"),
    ),
    # Broken text.
    Hostile("quote.csv", "received", "CSV_UNCLOSED_QUOTE", written(_PLAIN + f"4,{_QUOTE}\r\n" + _PLAIN * 9)),
    Hostile(
        "nul.csv", "received", "NAME_REPLACEMENT_CHARACTER", written(_PLAIN.encode() + b"4,a\x00b,\x00\r\n")
    ),
    Hostile("all-nul.csv", "refused", OTHER, written(bytes(100_000))),
    Hostile(
        "invalid-utf8.csv",
        "received",
        "NAME_REPLACEMENT_CHARACTER",
        written(_PLAIN.encode() + b"4,\xff\xfe\xe4,,,,,\r\n"),
    ),
    Hostile("surrogates.csv", "received", "", written(_PLAIN + "4,\ud800\udfff\ud800,,,,,\r\n")),
    Hostile(
        "surrogates-utf16.csv",
        "received",
        "",
        written(b"\xff\xfe" + _PLAIN.encode("utf-16-le") + b"\x00\xd8" * 9),
    ),
    Hostile("odd-utf16.csv", "received", CUT, written(b"\xff\xfe" + _PLAIN.encode("utf-16-le") + b"\x00")),
    Hostile("right-to-left.csv", "received", "", written(_PLAIN.replace("试", "\u202e\u200f试"))),
    Hostile("formulas.csv", "received", "FORMULA_INJECTION_DEFUSED", written(_PLAIN.replace("试", EVIL))),
    Hostile("header.csv", "received", "NO_DATA_ROWS", written(csv_text([HEAD]))),
    Hostile("empty.csv", "refused", EMPTY, written(b"")),
    Hostile("mark-only.csv", "refused", EMPTY, written(b"\xef\xbb\xbf")),
    Hostile("twice.csv", "received", "", written(csv_text([[*HEAD, "姓名"], [*contact(1), "甲"]]))),
    # Broken and disguised workbooks.
    Hostile("half.xlsx", "refused", CUT, _half(lambda: book_bytes(ledger(200)))),
    Hostile("half.xls", "refused", CUT, _half(lambda: old_book_bytes(ledger(200)))),
    Hostile("whole.xls", "received", "", written(old_book_bytes(ledger()))),
    Hostile("workbook.csv", "received", OTHER, book(ledger())),
    Hostile("text.xlsx", "received", OTHER, written(_PLAIN)),
    Hostile("program.xlsx", "refused", OTHER, written(b"MZ\x90\x00" + bytes(500))),
    Hostile("page.xls", "received", OTHER, written(f"<script>alert(1)</script><table>{_PAGE}</table>")),
    Hostile(
        "spreadsheet-2003.xls",
        "received",
        "",
        written(f'{_2003}<Worksheet ss:Name="a"><Table>{_SHEET_2003}</Table></Worksheet></Workbook>'),
    ),
    Hostile("linked.xlsx", "received", "EXTERNAL_LINK_IGNORED", _linked),
    Hostile("macro.xlsm", "received", "FORMULA_INJECTION_DEFUSED", _macro_book),
    Hostile("locked.xlsx", "refused", OTHER, _encrypted),
    Hostile("no-sheet.xlsx", "refused", EMPTY, parts({SHEET: ""})),
    Hostile("empty.xlsx", "refused", EMPTY, book([])),
    # JSON.
    Hostile("deep.json", "refused", TOO_MUCH, written('{"a":' * 10_000 + "1" + "}" * 10_000)),
    Hostile("deep-lists.json", "refused", TOO_MUCH, written("[" * 10_000 + "]" * 10_000)),
    Hostile(
        "deep-lines.jsonl", "refused", TOO_MUCH, written(('{"姓名":' + "[" * 5_000 + "]" * 5_000 + "}\n") * 3)
    ),
    Hostile("huge-number.json", "received", LONG, written('[{"姓名": "试", "年龄": ' + "9" * 200_000 + "}]")),
    Hostile(
        "exponent.json", "received", "", written('[{"姓名": "试", "年龄": 1e999999999, "序号": -1e400}]')
    ),
    Hostile("nan.json", "received", "", written('[{"姓名": "试", "年龄": NaN, "序号": -Infinity}]')),
    Hostile(
        "twice.json", "received", "", written('[{"姓名": "试甲", "姓名": "试乙", "联系电话": "10000000001"}]')
    ),
    Hostile("surrogate.json", "received", "", written('[{"姓名": "\\ud800", "联系电话": "\\udfff\\u0000"}]')),
    Hostile("half.json", "refused", CUT, written('[{"姓名": "试甲"}, {"姓名": "试')),
    # What is no plain file.
    Hostile("folder.csv", "refused", "", lambda path: path.mkdir()),
    Hostile("pipe.csv", "refused", "", lambda path: os.mkfifo(path)),
    Hostile("dangling.csv", "refused", "", lambda path: path.symlink_to("/nowhere/at/all")),
    Hostile("pointer.csv", "received", "", _pointed_at),
    Hostile("locked-away.csv", UNREADABLE, "", _locked_away),
)
