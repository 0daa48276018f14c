"""XLSX cells: values, formats, calendars, formulas, marks; and sheets hidden, wide or broken."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path

import pytest
import xlsxwriter
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from fangkong.science.tables.stored_values import date_parts, moment, number_cell
from fangkong.science.tables.workbook import open_workbook
from fangkong.science.tables.xlsx_sheet import moved_formula

from .made_files import changed_parts, codes, inline, one_table, read, sheet_xml, xlsx


def test_dates_of_both_calendars_are_the_same_days(tmp_path: Path) -> None:
    rows = [["日期", "时刻", "时间"], [date(2022, 3, 24), datetime(2022, 3, 24, 14, 30), time(7, 5)]]  # noqa: DTZ001

    def mac(workbook: object, sheet: object) -> None:
        workbook.epoch = CALENDAR_MAC_1904

    for path in (xlsx(tmp_path / "a.xlsx", rows), xlsx(tmp_path / "b.xlsx", rows, mac)):
        cells = one_table(path)[1][0].cells
        assert cells[0].value == date(2022, 3, 24)
        assert cells[1].value == datetime(2022, 3, 24, 14, 30)  # noqa: DTZ001
        assert cells[2].value == time(7, 5)
        assert [cell.text for cell in cells] == ["2022-03-24", "2022-03-24 14:30", "07:05"]


def test_the_day_that_never_was_stays_a_number() -> None:
    assert moment(59.0) == datetime(1900, 2, 28)  # noqa: DTZ001
    assert moment(61.0) == datetime(1900, 3, 1)  # noqa: DTZ001
    assert number_cell("60", "yyyy-mm-dd").value == 60
    assert number_cell("-3", "yyyy-mm-dd").value == -3


@pytest.mark.parametrize(
    ("number_format", "shows"),
    [
        ('yyyy"年"m"月"d"日"', "date"),
        ("[$-804]yyyy/m/d;@", "date"),
        ("m/d/yy h:mm", "datetime"),
        ("h:mm:ss", "time"),
        ("mm:ss.0", "time"),
        ("[h]:mm", "elapsed"),
        ("#,##0.00_);[Red](#,##0.00)", ""),
        ('0"人"', ""),
        ('"第"0"天"', ""),
        ("G/通用格式", ""),
        ("0.00E+00", ""),
        ("@", ""),
    ],
)
def test_number_formats_tell_dates_from_numbers(number_format: str, shows: str) -> None:
    assert date_parts(number_format) == shows


def test_no_digit_of_a_number_is_lost(tmp_path: Path) -> None:
    sheet = sheet_xml(
        f'<row r="1">{inline("A1", "证件号")}{inline("B1", "数量")}</row>'
        '<row r="2"><c r="A2"><v>990101199512120317</v></c><c r="B2"><v>12.5</v></c></row>'
        '<row r="3"><c r="A3"><v>9.9010119951212E+17</v></c><c r="B3"><v>1E-3</v></c></row>'
    )
    path = changed_parts(xlsx(tmp_path / "a.xlsx", [["x"]]), {"xl/worksheets/sheet1.xml": sheet})
    first, second = one_table(path)[1]
    assert (first.cells[0].value, first.cells[0].text) == (990101199512120317, "990101199512120317")
    assert second.cells[0].text == "990101199512120000"
    assert (first.cells[1].text, second.cells[1].text) == ("12.5", "0.001")


def test_leading_zeros_shown_by_a_format_are_in_the_text(tmp_path: Path) -> None:
    def zeros(workbook: object, sheet: object) -> None:
        sheet["A2"].number_format = "000000"

    cell = one_table(xlsx(tmp_path / "a.xlsx", [["条码号", "姓名"], [42, "甲"]], zeros))[1][0].cells[0]
    assert (cell.value, cell.text) == (42, "000042")


def test_marks_of_cells_and_rows_are_told(tmp_path: Path) -> None:
    def mark(workbook: object, sheet: object) -> None:
        sheet["B2"].comment = Comment("已核实", "测试员")
        sheet["C3"].quotePrefix = True
        sheet.row_dimensions[4].hidden = True
        for cell in sheet[5]:
            cell.font = Font(strike=True)
        sheet["B6"].font = Font(strike=True)

    rows = [["序号", "姓名", "电话", "数量"], *([n, f"测试{n}", f"1000000000{n}", n] for n in range(1, 7))]
    rows[6][3] = "#N/A"
    rows[6][2] = "'10000000006"
    table, data = one_table(xlsx(tmp_path / "a.xlsx", rows, mark))
    assert codes(table) == [
        (2, "CELL_COMMENT_KEPT"),
        (3, "LEADING_APOSTROPHE"),
        (4, "HIDDEN_ROW"),
        (5, "STRIKETHROUGH_ROW"),
        (7, "CELL_ERROR_VALUE"),
        (7, "LEADING_APOSTROPHE"),
    ]
    assert data[0].cells[1].comment == "已核实"
    assert [(row.hidden, row.struck) for row in data[2:5]] == [(True, False), (False, True), (False, False)]
    assert data[5].cells[2].text == "10000000006"


def test_an_apostrophe_on_a_whole_column_is_told_once(tmp_path: Path) -> None:
    def quote(workbook: object, sheet: object) -> None:
        for row in range(2, 12):
            sheet.cell(row, 2).quotePrefix = True

    rows = [["姓名", "证件号"], *([f"测试{n}", f"99010119900101{n:04d}"] for n in range(10))]
    assert codes(one_table(xlsx(tmp_path / "a.xlsx", rows, quote))[0]) == [(2, "LEADING_APOSTROPHE")]


def test_formulas_never_calculated_and_formulas_gone_stale(tmp_path: Path) -> None:
    rows = [
        ["品名", "昨日库存", "入库", "出库", "库存"],
        ["口罩", 10, 5, 3, "=B2+C2-D2"],
        ["合计", "=SUM(B2:B2)", 5, 3, 12],
    ]
    assert codes(one_table(xlsx(tmp_path / "a.xlsx", rows))[0]) == [
        (2, "FORMULA_NOT_CALCULATED"),
        (3, "FORMULA_NOT_CALCULATED"),
        (3, "TOTAL_ROW_SKIPPED"),
    ]
    book = xlsxwriter.Workbook(str(tmp_path / "b.xlsx"))
    sheet = book.add_worksheet()
    for number, row in enumerate(
        [*rows[:1], ["口罩", 10, 5, 3], ["手套", 10, 5, 3], ["面屏", 10, 5, 3], ["帽", 1, 1, 1]]
    ):
        sheet.write_row(number, 0, row)
    sheet.write_formula("E2", "=B2+C2-D2", None, 12)
    sheet.write_formula("E3", "=B3+C3-D3", None, 99)
    # A formula of a kind that is not worked out again, and one that looks below itself.
    sheet.write_formula("E4", '=IF(B4>0,"有",1)', None, 5)
    sheet.write_formula("E5", "=SUM(B5:B6)*2", None, 3)
    book.close()
    assert codes(one_table(tmp_path / "b.xlsx")[0]) == [
        (3, "FORMULA_CACHE_STALE"),
        (5, "FORMULA_CACHE_STALE"),
    ]


def test_shared_formulas_move_with_their_cell(tmp_path: Path) -> None:
    assert moved_formula("SUM($B2:C2)+D$1", "E2", "F4") == "SUM($B4:D4)+E$1"
    head = "".join(
        f'<c r="{c}1" t="inlineStr"><is><t>{t}</t></is></c>'
        for c, t in zip("ABC", ("品名", "入库", "库存"), strict=True)
    )
    body = "".join(
        f'<row r="{n}"><c r="A{n}" t="inlineStr"><is><t>物{n}</t></is></c><c r="B{n}"><v>{n}</v></c>'
        f'<c r="C{n}"><f t="shared" si="0"{" ref=&quot;C2:C4&quot;" if n == 2 else ""}>{"B2*2" if n == 2 else ""}</f>'
        f"<v>{2 * n if n != 4 else 7}</v></c></row>".replace("&quot;", '"')
        for n in (2, 3, 4)
    )
    sheet = sheet_xml(f'<row r="1">{head}</row>{body}')
    path = changed_parts(xlsx(tmp_path / "a.xlsx", [["x"]]), {"xl/worksheets/sheet1.xml": sheet})
    assert codes(one_table(path)[0]) == [(4, "FORMULA_CACHE_STALE")]


def test_text_struck_inside_shared_strings_and_reading_aids(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"))
    sheet = book.add_worksheet()
    struck = book.add_format({"font_strikeout": True})
    sheet.write_row(0, 0, ["序号", "姓名", "电话"])
    sheet.write_row(1, 0, [1, "测试甲", "10000000001"])
    sheet.write_row(2, 0, [2, "测试乙", "10000000002"], struck)
    book.close()
    table, rows = one_table(tmp_path / "a.xlsx")
    assert codes(table) == [(3, "STRIKETHROUGH_ROW")]
    assert rows[1].cells[1].text == "测试乙"


def test_links_to_other_workbooks_are_named_where_they_stand(tmp_path: Path) -> None:
    rows = [["品名", "数量", "单位"], ["口罩", "=[1]Sheet1!A1", "只"], ["手套", "=cmd|'/c calc'!A0", "双"]]
    assert codes(one_table(xlsx(tmp_path / "a.xlsx", rows))[0]) == [
        (2, "EXTERNAL_LINK_IGNORED"),
        (2, "FORMULA_NOT_CALCULATED"),
        (3, "FORMULA_INJECTION_DEFUSED"),
        (3, "FORMULA_NOT_CALCULATED"),
    ]
    path = changed_parts(
        xlsx(tmp_path / "b.xlsx", [["品名", "数量"], ["口罩", 1]]),
        {"xl/externalLinks/externalLink1.xml": "<x/>"},
    )
    assert [found.code for found in open_workbook(path).issues] == ["EXTERNAL_LINK_IGNORED"]


def test_hidden_and_void_sheets_are_set_aside_and_named(tmp_path: Path) -> None:
    def sheets(workbook: object, sheet: object) -> None:
        sheet.title = "密接台账"
        for name, state in (
            ("作废", "visible"),
            ("台账(旧)", "visible"),
            ("字典", "hidden"),
            ("码", "veryHidden"),
        ):
            added = workbook.create_sheet(name)
            added.sheet_state = state
            added.append(["序号", "姓名"])
            added.append([1, "测试乙"])
        workbook.create_sheet("Sheet3")

    workbook, tables = read(xlsx(tmp_path / "a.xlsx", [["序号", "姓名"], [1, "测试甲"]], sheets))
    assert [(table.sheet, len(rows)) for table, rows in tables] == [("密接台账", 1)]
    assert [(found.row, found.code, found.sheet) for found in workbook.issues] == [
        (None, "EXTRA_SHEET_VOID", "作废"),
        (None, "EXTRA_SHEET_VOID", "台账(旧)"),
        (None, "HIDDEN_SHEET_IGNORED", "字典"),
        (None, "HIDDEN_SHEET_IGNORED", "码"),
    ]


def test_the_only_sheet_is_read_whatever_its_name(tmp_path: Path) -> None:
    def title(workbook: object, sheet: object) -> None:
        sheet.title = "台账模板"

    workbook, [(_, rows)] = read(xlsx(tmp_path / "a.xlsx", [["序号", "姓名"], [1, "测试甲"]], title))
    assert len(rows) == 1
    assert workbook.issues == []


def test_a_sheet_that_lies_about_its_size_is_read_as_it_is(tmp_path: Path) -> None:
    body = f'<row r="1">{inline("A1", "姓名")}{inline("B1", "电话")}</row>'
    body += f'<row r="2">{inline("A2", "甲")}{inline("B2", "1")}</row>'
    body += (
        f'<row r="1048576">{inline("A1048576", "乙")}{inline("B1048576", "2")}<c r="XFD1048576" s="0"/></row>'
    )
    sheet = sheet_xml(body).replace("<sheetData>", '<dimension ref="A1:XFD1048576"/><sheetData>')
    path = changed_parts(xlsx(tmp_path / "a.xlsx", [["x"]]), {"xl/worksheets/sheet1.xml": sheet})
    table, rows = one_table(path)
    assert [row.number for row in rows] == [2, 1048576]
    assert codes(table) == [(3, "BLANK_ROW_SKIPPED")]


def test_a_sheet_that_breaks_off_keeps_the_rows_before(tmp_path: Path) -> None:
    rows = [["姓名", "电话"], ["甲", "1"], ["乙", "2"]]
    path = xlsx(tmp_path / "a.xlsx", rows)
    whole = sheet_xml(
        "".join(
            f'<row r="{n}">{inline(f"A{n}", a)}{inline(f"B{n}", b)}</row>' for n, (a, b) in enumerate(rows, 1)
        )
    )
    path = changed_parts(path, {"xl/worksheets/sheet1.xml": whole[: whole.index('<c r="B3"')]})
    table, data = one_table(path)
    assert [row.number for row in data] == [2]
    assert codes(table) == [(None, "FILE_TRUNCATED")]
