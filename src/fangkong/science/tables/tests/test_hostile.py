"""Files built to break a reader: refused or defused within 5 seconds and 300 MB, and none crashes it."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fangkong.science.tables.hostile import FileRefused, is_formula_like, limits
from fangkong.science.tables.layout import tables_of
from fangkong.science.tables.workbook import open_workbook

from .made_files import (
    MAIN,
    biff8,
    changed_parts,
    codes,
    few_examples,
    one_table,
    read,
    sheet_xml,
    text,
    xlsx,
)

SECONDS = 5
MEGABYTES = 300
_READER = """
import json, resource, sys, time
limit = int(sys.argv[1]) << 20
resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
from fangkong.science.tables.hostile import FileRefused
from fangkong.science.tables.layout import tables_of
from fangkong.science.tables.workbook import open_workbook
for path in sys.argv[2:]:
    began = time.process_time()
    try:
        workbook = open_workbook(path)
        found = set()
        for table in tables_of(workbook):
            for row in table.rows:
                pass
            found |= {issue.code for issue in table.issues}
        found |= {issue.code for issue in workbook.issues}
    except FileRefused as refusal:
        found = {"refused", refusal.issue.code}
    print(json.dumps([path, sorted(found), time.process_time() - began]))
"""


def refusal_of(path: Path) -> str:
    with pytest.raises(FileRefused) as refusal:
        open_workbook(path)
    assert refusal.value.issue.row is None
    return refusal.value.issue.code


def book(path: Path) -> Path:
    return xlsx(path, [["序号", "姓名"], [1, "测试甲"]])


def with_sheet(path: Path, sheet: str) -> Path:
    return changed_parts(book(path), {"xl/worksheets/sheet1.xml": sheet})


def _zeros(path: Path, part: str, megabytes: int, head: str) -> Path:
    """A workbook one of whose parts goes on for long with blanks."""
    book(path)
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open(part, "w", force_zip64=True) as out,
    ):
        out.write(head.encode())
        for _ in range(megabytes):
            out.write(b" " * (1 << 20))
    return path


def _hostile_files(folder: Path) -> dict[Path, set[str]]:
    entity = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    laughs = sheet_xml('<row r="1"><c r="A1" t="inlineStr"><is><t>&b;</t></is></c></row>', entity)
    wide = "".join(f'<c t="inlineStr"><is><t>c{n}</t></is></c>' for n in range(10_000))
    styles = (
        f'<styleSheet xmlns="{MAIN}"><cellXfs>' + '<xf numFmtId="0"/>' * 200_000 + "</cellXfs></styleSheet>"
    )
    empty_rows = "".join(f'<row r="{n}"><c r="A{n}" s="0"/></row>' for n in range(1, 60_000))
    long_text = '<row r="1"><c r="A1" t="inlineStr"><is><t>姓名</t></is></c></row>'
    long_text += f'<row r="2"><c r="A2" t="inlineStr"><is><t>{"x" * 4_000_000}</t></is></c></row>'
    merges = "".join(f'<mergeCell ref="A{n}:B{n}"/>' for n in range(1, 300_000))
    files = {
        _zeros(folder / "bomb.xlsx", "xl/extra.xml", 90, "<x>"): {"refused", "ARCHIVE_EXPANDS_TOO_MUCH"},
        with_sheet(folder / "laughs.xlsx", laughs): {"refused", "XML_ENTITY_REFUSED"},
        with_sheet(folder / "wide.xlsx", sheet_xml(f'<row r="1">{wide}</row>')): {
            "refused",
            "TOO_MANY_COLUMNS",
        },
        changed_parts(book(folder / "styles.xlsx"), {"xl/styles.xml": styles}): {
            "refused",
            "ARCHIVE_EXPANDS_TOO_MUCH",
        },
        with_sheet(folder / "rows.xlsx", sheet_xml(empty_rows)): {"FILE_EMPTY"},
        with_sheet(folder / "long.xlsx", sheet_xml(long_text)): {"FIELD_TOO_LONG"},
        with_sheet(
            folder / "merges.xlsx",
            sheet_xml("").replace("</worksheet>", f"<mergeCells>{merges}</mergeCells></worksheet>"),
        ): {"refused", "ARCHIVE_EXPANDS_TOO_MUCH"},
        text(folder / "wide.csv", ",".join(f"c{n}" for n in range(10_000)) + "\n"): {
            "refused",
            "TOO_MANY_COLUMNS",
        },
        text(folder / "line.csv", "x" * 20_000_000): {"FIELD_TOO_LONG"},
        text(folder / "field.csv", "id,name,remark\n1," + "x" * 900_000 + ",y\n2,b,c\n"): {"FIELD_TOO_LONG"},
        text(folder / "quote.csv", "id,name\n" + '1,"x\n' * 20_000): {"CSV_UNCLOSED_QUOTE"},
        text(folder / "commas.csv", "id,name\n1,a\n" + "," * 900_000 + "\n"): {"TOO_MANY_COLUMNS"},
        text(folder / "deep.json", '{"a":' * 200_000): {"refused", "ARCHIVE_EXPANDS_TOO_MUCH"},
        text(
            folder / "spans.xls",
            "<table>" + "<tr><td rowspan=60000 colspan=1900>x</td></tr>" * 9 + "</table>",
        ): {
            "refused",
            "ARCHIVE_EXPANDS_TOO_MUCH",
        },
        text(
            folder / "entity.xls",
            '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "a">]><table><tr><td>&a;</td></tr></table>',
        ): {
            "refused",
            "XML_ENTITY_REFUSED",
        },
    }
    return files


@pytest.mark.skipif(sys.platform != "linux", reason="the limit of a process's data is Linux's")
def test_hostile_files_cost_little_time_and_memory(tmp_path: Path) -> None:
    files = _hostile_files(tmp_path)
    said = subprocess.run(
        [sys.executable, "-c", _READER, str(MEGABYTES), *map(str, files)],
        capture_output=True,
        text=True,
        timeout=SECONDS * len(files),
        check=False,
    )
    assert said.returncode == 0, said.stderr
    answers = [json.loads(line) for line in said.stdout.splitlines()]
    assert len(answers) == len(files)
    for path, found, seconds in answers:
        assert files[Path(path)] <= set(found), (path, found)
        assert seconds < SECONDS, (path, seconds)


@pytest.mark.parametrize(
    "part", ["xl/sharedStrings.xml", "xl/workbook.xml", "xl/styles.xml", "docProps/core.xml"]
)
def test_an_entity_in_any_part_is_refused(tmp_path: Path, part: str) -> None:
    document = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><x>&a;</x>'
    assert refusal_of(changed_parts(book(tmp_path / "a.xlsx"), {part: document})) == "XML_ENTITY_REFUSED"


def test_an_entity_in_another_encoding_is_refused(tmp_path: Path) -> None:
    document = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x [<!ENTITY a "a">]><worksheet/>'
    path = changed_parts(book(tmp_path / "a.xlsx"), {"xl/worksheets/sheet1.xml": document.encode("utf-16")})
    assert refusal_of(path) == "XML_ENTITY_REFUSED"


def test_half_a_workbook_and_a_damaged_one_are_refused(tmp_path: Path) -> None:
    whole = book(tmp_path / "a.xlsx").read_bytes()
    half = tmp_path / "half.xlsx"
    half.write_bytes(whole[: len(whole) // 2])
    assert refusal_of(half) == "FILE_TRUNCATED"
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        start = archive.getinfo("xl/worksheets/sheet1.xml").header_offset + 60
    damaged = tmp_path / "damaged.xlsx"
    damaged.write_bytes(whole[:start] + bytes(20) + whole[start + 20 :])
    assert refusal_of(damaged) == "FILE_TRUNCATED"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.csv", b"%PDF-1.7\n", "FILE_TYPE_MISMATCH"),
        ("a.xlsx", b"\x89PNG\r\n\x1a\n", "FILE_TYPE_MISMATCH"),
        ("a.csv", bytes(range(256)) * 20, "FILE_TYPE_MISMATCH"),
        ("a.xlsx", b"", "FILE_EMPTY"),
        ("a.xlsx", b"PK\x03\x04", "FILE_TRUNCATED"),
    ],
)
def test_other_files_are_refused_by_what_they_hold(
    tmp_path: Path, name: str, content: bytes, code: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert refusal_of(path) == code


def test_a_document_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    assert refusal_of(path) == "FILE_TYPE_MISMATCH"


def test_a_name_that_lies_is_named_and_the_content_read(tmp_path: Path) -> None:
    path = text(tmp_path / "a.xlsx", "序号,姓名\n1,测试甲\n")
    workbook, [(_, rows)] = read(path)
    assert [(found.row, found.code) for found in workbook.issues] == [(None, "FILE_TYPE_MISMATCH")]
    assert len(rows) == 1
    as_text = tmp_path / "b.csv"
    as_text.write_bytes(book(tmp_path / "b.xlsx").read_bytes())
    assert [found.code for found in open_workbook(as_text).issues] == ["FILE_TYPE_MISMATCH"]
    assert open_workbook(as_text, name="b.xlsx").issues == []


def test_a_workbook_without_a_value_says_that_it_is_empty(tmp_path: Path) -> None:
    workbook, tables = read(xlsx(tmp_path / "a.xlsx", []))
    assert tables == []
    assert [found.code for found in workbook.issues] == ["FILE_EMPTY"]


@pytest.mark.parametrize(
    ("said", "runs"),
    [
        ("=1+1", True),
        ("\t=cmd", True),
        ("+cmd|' /C calc'!A0", True),
        ("-2+3+cmd|'x'!A0", True),
        ("@SUM(1)", True),
        ("+A1+B1", True),
        ("-5", False),
        ("+86 10 0000 0000", False),
        ("+86-10-00000000", False),
        ("-", False),
        ("+", False),
        ("++", False),
        ("-阴性", False),
        ("--", False),
        ("===", False),
        ("@测试甲", False),
        ("-3.5", False),
    ],
)
def test_what_a_spreadsheet_would_run(said: str, runs: bool) -> None:
    assert is_formula_like(said) is runs


def _read_to_the_end(path: Path) -> None:
    try:
        workbook = open_workbook(path)
        for table in tables_of(workbook):
            for row in table.rows:
                assert len(row.cells) == len(table.columns)
    except FileRefused as refusal:
        if refusal.issue.row is not None:
            raise


beginnings = st.sampled_from(
    [
        b"",
        b"\xff\xfe",
        b"\xfe\xff",
        b"\xef\xbb\xbf",
        b"PK\x03\x04",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"\t\x08\x10\x00",
        b"<table><tr><td>",
        b'[{"a":',
        b'{"a": 1}\n',
        b'<?xml version="1.0"?>',
        "序号,姓名\n".encode(),
        "编号\t".encode("gb18030"),
    ]
)


@given(
    beginnings,
    st.binary(max_size=300),
    st.sampled_from(["a.csv", "a.xlsx", "a.xls", "a.json", "a.jsonl", "a"]),
)
@few_examples
def test_any_bytes_are_read_or_refused(beginning: bytes, rest: bytes, name: str) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(beginning + rest)
        _read_to_the_end(path)


@given(st.text(alphabet="甲1a\",;\t|\r\n\x00 ='#-〃合计", max_size=80))
@few_examples
def test_any_text_is_read_or_refused(content: str) -> None:
    with TemporaryDirectory() as folder:
        _read_to_the_end(text(Path(folder) / "a.csv", content))


@cache
def _whole(old: bool) -> bytes:
    """The bytes of a small workbook, made once: the time stands in them."""
    if old:
        return biff8([["姓名", "年龄"], ["甲", 3]], merges=[(1, 1, 1, 2)])
    with TemporaryDirectory() as folder:
        return book(Path(folder) / "a.xlsx").read_bytes()


@given(st.booleans(), st.lists(st.tuples(st.integers(0, 9999), st.integers(0, 255)), min_size=1, max_size=4))
@few_examples
def test_a_workbook_with_any_bytes_changed_is_read_or_refused(
    old: bool, changes: list[tuple[int, int]]
) -> None:
    content = bytearray(_whole(old))
    for place, byte in changes:
        content[place % len(content)] = byte
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.xlsx"
        path.write_bytes(content)
        _read_to_the_end(path)


tags = st.sampled_from(
    [
        "<row>",
        "</row>",
        '<row r="9999999">',
        '<c r="A1">',
        '<c r="XFD2" t="s">',
        '<c t="e">',
        "</c>",
        "<v>1e999</v>",
        "<v>-1</v>",
        "<v>99999999999999999999</v>",
        "<f>SUM(A1:XFD1048576)</f>",
        '<f t="shared" si="0"/>',
        "<is><t>姓名</t></is>",
        "<t/>",
        "x",
        '<c s="77" t="b">',
        '<c r="ZZZZ9">',
        '<c r="a1" t="inlineStr">',
        "<rPh>",
        "</rPh>",
        '<row r="-1" hidden="1">',
        "&amp;",
    ]
)


@given(st.lists(tags, max_size=25))
@few_examples
def test_a_sheet_of_any_tags_is_read_or_refused(pieces: list[str]) -> None:
    with TemporaryDirectory() as folder:
        _read_to_the_end(with_sheet(Path(folder) / "a.xlsx", sheet_xml("".join(pieces))))


def test_limits_are_data_and_guard_what_they_name(tmp_path: Path) -> None:
    columns = limits()["sheet"]["columns"]
    fits = text(
        tmp_path / "a.csv",
        ",".join(f"名称{n}" for n in range(columns)) + "\n" + ",".join("1" * columns) + "\n",
    )
    assert len(one_table(fits)[0].columns) == columns
    assert (
        refusal_of(text(tmp_path / "b.csv", ",".join(f"名称{n}" for n in range(columns + 1)) + "\n"))
        == "TOO_MANY_COLUMNS"
    )
    assert codes(one_table(fits)[0]) == []
