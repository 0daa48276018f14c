"""Rows below a header: which are data, which are not, what is filled in from above; none is lost."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fangkong.science.tables.layout_formulas import is_stale

from .made_files import codes, few_examples, one_table, read, text, texts, xlsx

HEADER = ["序号", "姓名", "电话", "现住址"]


def person(number: int, *, address: Any = "虚构路1号") -> list[Any]:
    return [number, f"测试{number}", f"1000000{number:04d}", address]


def test_sections_notes_totals_and_blanks_are_no_data(tmp_path: Path) -> None:
    rows = [
        HEADER,
        ["一、高铁到达"],
        person(1),
        person(2),
        ["小计", "2人"],
        ["—— 以下为3月26日新增 ——"],
        person(3),
        [],
        person(4),
        [5],
        [6],
        ["合计", "4人"],
        ["注：以上由铁路部门提供"],
        ["填表人：测试", "审核：试验", None, "日期：2022年3月27日"],
        ["联系不上的请电告"],
    ]
    table, data = one_table(xlsx(tmp_path / "a.xlsx", rows))
    assert [(row.number, row.section) for row in data] == [
        (3, "一、高铁到达"),
        (4, "一、高铁到达"),
        (7, "—— 以下为3月26日新增 ——"),
        (9, "—— 以下为3月26日新增 ——"),
    ]
    assert codes(table) == [
        (2, "SECTION_ROW_SKIPPED"),
        (5, "SUBTOTAL_SKIPPED"),
        (6, "SECTION_ROW_SKIPPED"),
        (8, "BLANK_ROW_SKIPPED"),
        (12, "TOTAL_ROW_SKIPPED"),
        (13, "NOTE_ROW_SKIPPED"),
        (14, "NOTE_ROW_SKIPPED"),
        (15, "NOTE_ROW_SKIPPED"),
    ]
    total = next(skipped for skipped in table.skipped if skipped.why == "total")
    assert [cell.text for cell in total.cells[:2]] == ["合计", "4人"]


def test_blank_rows_at_the_end_are_no_news(tmp_path: Path) -> None:
    table, _ = one_table(text(tmp_path / "a.csv", "序号,姓名,电话\n1,甲,1\n,,\n2,乙,2\n,,\n\n\n"))
    assert codes(table) == [(3, "BLANK_ROW_SKIPPED")]


def test_a_header_printed_again_on_the_next_page_is_skipped(tmp_path: Path) -> None:
    rows = [
        ["其中", None, "电话"],
        ["姓名", "年龄", None],
        ["甲", 3, "1"],
        ["其中", None, "电话"],
        ["姓名", "年龄", None],
        ["乙", 4, "2"],
    ]
    spans = ("A1:B1", "C1:C2")
    table, data = one_table(
        xlsx(tmp_path / "a.xlsx", rows, lambda book, sheet: [sheet.merge_cells(span) for span in spans])
    )
    assert codes(table) == [(1, "HEADER_TWO_ROWS"), (4, "REPEATED_HEADER_SKIPPED")]
    assert [skipped.why for skipped in table.skipped] == ["repeated_header", "repeated_header"]
    assert len(data) == 2


def test_merged_cells_are_filled_down_and_told_at_their_first_row(tmp_path: Path) -> None:
    rows = [
        ["街道", "居委", "数量"],
        ["东湖街道", "一居", 1],
        [None, "二居", 2],
        [None, "小计", 3],
        ["西湖街道", "一居", 4],
    ]
    table, data = one_table(xlsx(tmp_path / "a.xlsx", rows, lambda book, sheet: sheet.merge_cells("A2:A4")))
    assert [row.cells[0].text for row in data] == ["东湖街道", "东湖街道", "西湖街道"]
    assert codes(table) == [(2, "MERGED_CELL_FILLED_DOWN"), (4, "SUBTOTAL_SKIPPED")]


def test_the_day_of_a_person_is_never_taken_from_the_row_above(tmp_path: Path) -> None:
    rows = [
        ["病例编号", "发病日期", "报告日期"],
        ["A1", "2022-04-01", "2022-04-02"],
        ["A2", None, "2022-04-03"],
        ["A3", None, "2022-04-04"],
    ]
    table, data = one_table(xlsx(tmp_path / "a.xlsx", rows))
    assert [row.cells[1].text for row in data] == ["2022-04-01", "", ""]
    assert codes(table) == []


def test_a_category_written_once_covers_the_rows_below(tmp_path: Path) -> None:
    rows = [
        ["类别", "品名", "单位", "库存"],
        ["口罩", "医用", "只", 1],
        [None, "N95", "只", 2],
        ["防护", "面屏", "个", 3],
        [None, "帽", "个", 4],
    ]
    table, data = one_table(xlsx(tmp_path / "a.xlsx", rows))
    assert [row.cells[0].text for row in data] == ["口罩", "口罩", "防护", "防护"]
    assert codes(table) == [(3, "MERGED_CATEGORY_BLANK"), (5, "MERGED_CATEGORY_BLANK")]


def test_a_gap_among_repeated_or_personal_values_is_not_filled(tmp_path: Path) -> None:
    repeated = [
        ["类别", "品名", "库存"],
        ["口罩", "医用", 1],
        ["口罩", "N95", 2],
        [None, "KN95", 2],
        ["防护", "面屏", 3],
        [None, "帽", 1],
    ]
    table, data = one_table(xlsx(tmp_path / "a.xlsx", repeated))
    assert data[2].cells[0].text == ""
    assert table.issues == []
    people = [
        ["姓名", "电话", "住址"],
        ["测试甲", "1", "路"],
        [None, "2", "路"],
        ["测试乙", "3", "路"],
        [None, "4", "路"],
    ]
    assert one_table(xlsx(tmp_path / "b.xlsx", people))[0].issues == []


def test_ditto_marks_take_the_value_above_through_a_chain(tmp_path: Path) -> None:
    rows = [
        HEADER,
        person(1),
        person(2, address="〃"),
        person(3, address="同上"),
        person(4, address="同心路2号"),
    ]
    table, data = one_table(xlsx(tmp_path / "a.xlsx", rows))
    assert [row.cells[3].text for row in data] == ["虚构路1号", "虚构路1号", "虚构路1号", "同心路2号"]
    assert codes(table) == [(3, "DITTO_MARK_RESOLVED"), (4, "DITTO_MARK_RESOLVED")]


def test_clean_tables_have_no_findings(tmp_path: Path) -> None:
    rows = [HEADER, *(person(n) for n in range(1, 60))]
    rows[7][2] = None
    rows[9][3] = "——"
    rows[11][3] = "/"
    assert one_table(xlsx(tmp_path / "a.xlsx", rows))[0].issues == []
    content = "\n".join(",".join("" if value is None else str(value) for value in row) for row in rows) + "\n"
    assert one_table(text(tmp_path / "a.csv", content))[0].issues == []


def test_a_name_that_holds_a_word_for_sums_is_a_name(tmp_path: Path) -> None:
    content = "姓名,电话,单位\n总计划,1,合计科技公司\n共和国,2,总部\nSumner,3,Total Oil\n"
    table, data = one_table(text(tmp_path / "a.csv", content))
    assert len(data) == 3
    assert table.issues == []


def test_formulas_worked_out_again() -> None:
    numbers: dict[tuple[int, int], float | None] = {
        (1, 1): 1.0,
        (2, 1): 2.0,
        (3, 1): None,
        (4, 1): float("nan"),
    }
    assert not is_stale("=SUM(A1:A3)", 3, numbers)
    assert is_stale("=SUM(A1:A3)", 4, numbers)
    assert not is_stale("=A1+A2*2-(A1-A2)/2", 5.5, numbers)
    assert is_stale("=AVERAGE(A1,A2)+10%", 99, numbers) is False, "a sign not known: nothing is said"
    assert not is_stale("=SUM(A1:A4)", 99, numbers), "a value never calculated: nothing is said"
    assert not is_stale("=A1/A9", 99, numbers), "a division by a blank: nothing is said"
    assert not is_stale("=Sheet2!A1+A1", 99, numbers)
    assert not is_stale("=" + "(" * 900, 99, numbers)


cell_texts = st.one_of(
    st.just(""),
    st.sampled_from(
        [
            "合计",
            "小计",
            "注：x",
            "同上",
            "〃",
            '"',
            "姓名",
            "一、名单",
            " ",
            "=1+1",
            "#N/A",
            "'1",
            "——",
            "##",
        ]
    ),
    st.text(alphabet="甲乙12ab \n\r,;|\t\"'=", max_size=6),
    st.integers(0, 10**18).map(str),
)
grids = st.lists(st.lists(cell_texts, min_size=1, max_size=6), min_size=1, max_size=14)


def conserved(path: Path, held: int) -> None:
    """Every row that holds something is title, header, data or skipped, and only one of these."""
    _, tables = read(path)
    if any(found.code == "TABLE_TRANSPOSED" for table, _ in tables for found in table.issues):
        return
    counted = 0
    for table, rows in tables:
        skipped = [each for each in table.skipped if any(cell.text.strip() for cell in each.cells)]
        numbers = [*table.header_rows, *(row.number for row in rows), *(each.number for each in skipped)]
        assert len(set(numbers)) == len(numbers)
        counted += len(table.title) + len(numbers)
    assert counted == held


@given(grids)
@few_examples
def test_no_row_of_a_separated_file_is_lost(grid: list[list[str]]) -> None:
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    flat = [["".join(value.split()) for value in row] for row in grid]
    known = [["甲", "乙", "丙"], *([str(number), "测试", "丁"] for number in range(10))]
    writer.writerows([*known, *flat])
    held = len(known) + sum(1 for row in flat if any(row))
    with TemporaryDirectory() as folder:
        conserved(text(Path(folder) / "a.csv", written.getvalue()), held)


@given(grids)
@few_examples
def test_no_row_of_a_workbook_is_lost(grid: list[list[str]]) -> None:
    plain = [[value.replace("\r", "") or None for value in row] for row in grid]
    held = sum(1 for row in plain if any(value and value.strip().strip("'") for value in row))
    if not held:
        return
    with TemporaryDirectory() as folder:
        conserved(xlsx(Path(folder) / "a.xlsx", plain), held)


def test_texts_of_data_are_those_of_the_file(tmp_path: Path) -> None:
    rows = [HEADER, person(1, address=" 虚构路 1号\u3000"), person(2, address="甲\n乙")]
    assert [row[3] for row in texts(one_table(xlsx(tmp_path / "a.xlsx", rows))[1])] == [
        " 虚构路 1号\u3000",
        "甲\n乙",
    ]
