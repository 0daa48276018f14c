"""Real-shaped files with bytes flipped, rows moved and cells replaced: each row comes out once, and none crashes."""

from __future__ import annotations

import csv
import io
import os
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.exceptions import IllegalCharacterError

from fangkong.science.tables.check import CheckedFile, check_file
from fangkong.science.tables.codes import severities
from tests.integration.hostile_files import EVIL, HEAD, book_bytes, contact, csv_text, ledger, old_book_bytes

#: A file takes a fiftieth of a second; `make deep` takes the profile's many.
few_examples = settings() if os.environ.get("FANGKONG_DEEP") else settings(max_examples=60)

CROSSTAB = [
    ["核酸筛查日报"],
    ["街道", "应检人数", "实检人数", "阳性数"],
    ["柳堤", 100, 98, 0],
    ["望海", 200, 190, 1],
    ["合计", 300, 288, 1],
]
SUPPLIES = [
    ["物资日报（4月9日）"],
    ["品名", "单位", "昨日库存", "今日入库", "今日出库", "今日库存"],
    ["防护服", "套", 100, 0, 20, 80],
    ["手套", "双", 50, 10, 5, 55],
]
SHAPES = (ledger(6), CROSSTAB, SUPPLIES)
NASTY = (
    *(
        "",
        EVIL,
        "=1/0",
        "#REF!",
        "\x00",
        "\u202e",
        "9" * 400,
        "1e999",
        "-",
        "NaN",
        "０１２",
        "二〇二二年",
        "合计",
    ),
    *(
        "2022-02-30",
        "12/31/9999",
        "0000-00-00",
        "99:99",
        "(" * 90,
        "、" * 90,
        "'0123",
        "测" * 600,
        "a,b",
        '"',
    ),
)
nasty = st.sampled_from(NASTY) | st.text(max_size=12)


def checked(name: str, content: bytes) -> tuple[CheckedFile, list[int]]:
    """The file checked, and the numbers of its rows as they came out."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        file = check_file(path, today=date(2022, 4, 11), zone=ZoneInfo("Asia/Shanghai"))
        numbers = [row.number for table in file.tables for row in table.rows]
        assert_sound(file, numbers)
        file.close()
        return file, numbers


def assert_sound(file: CheckedFile, numbers: list[int]) -> None:
    """What is true of every file: rows add up, and each issue is a known one at a row that can be."""
    assert sum(file.counts.values()) == file.rows_in == len(numbers)
    for found in file.every_issue():
        assert found.code in severities()
        assert found.row is None or 0 <= found.row <= 1_048_576
    for table in file.tables:
        for row in table.rows:
            assert all(issue.row == row.number for issue in row.issues)


@given(
    st.sampled_from(SHAPES),
    st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99), nasty), max_size=6),
    st.randoms(use_true_random=False),
    st.booleans(),
)
@few_examples
def test_hypothesis_cells_replaced_and_rows_moved(shape, changes, random, as_book):
    rows = [list(row) for row in shape]
    for down, across, value in changes:
        row = rows[down % len(rows)]
        row[across % len(row)] = value
    if random.random() < 0.5:
        random.shuffle(rows)
    if as_book:
        try:
            content = book_bytes(rows)
        except IllegalCharacterError:  # what no workbook can hold
            return
        _, numbers = checked("a.xlsx", content)
    else:
        text = io.StringIO()
        csv.writer(text).writerows(rows)
        _, numbers = checked("a.csv", text.getvalue().encode("utf-8", "replace"))
    assert len(set(numbers)) == len(numbers)
    assert all(number >= 1 for number in numbers)


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=12))
@few_examples
def test_hypothesis_bytes_flipped_in_text(changes):
    content = bytearray(csv_text(ledger(8)).encode("gb18030"))
    for place, byte in changes:
        content[place % len(content)] = byte
    checked("密接.csv", bytes(content))


@given(st.booleans(), st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=6))
@few_examples
def test_hypothesis_bytes_flipped_in_workbooks(old, changes):
    content = bytearray(old_book_bytes(ledger(8)) if old else _BOOK)
    for place, byte in changes:
        content[place % len(content)] = byte
    checked("密接.xls" if old else "密接.xlsx", bytes(content))


_BOOK = book_bytes(ledger(8))


@given(st.lists(st.sampled_from(range(1, 40)), min_size=1, max_size=30))
@few_examples
def test_hypothesis_as_many_rows_come_out_as_went_in(people):
    """Whoever stands in them and however often: a row of a person is never lost and never doubled."""
    rows = [HEAD, *(contact(person) for person in people)]
    for name, content in (("密接.csv", csv_text(rows).encode()), ("密接.xlsx", book_bytes(rows))):
        _, numbers = checked(name, content)
        assert numbers == list(range(2, len(people) + 2))
