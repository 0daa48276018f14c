"""What goes back to the sender: their cells at their places, the faulty ones marked, and nothing that runs."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from fangkong.faces.papers import error_workbook as module
from fangkong.faces.papers.error_workbook import error_workbook, plain_text
from fangkong.science.tables.check import check_file
from fangkong.science.tables.codes import issue
from fangkong.science.tables.parts import Issue

LEDGER = [
    ["密接台账"],
    ["姓名", "身份证号", "联系电话", "末次接触时间"],
    ["测试甲", "990101199001010017", "10012345678", "2022-03-20"],
    ["测试乙", "990101199001019999", "1001234567", "2022-02-30"],
]


def ledger(folder: Path) -> Path:
    book = openpyxl.Workbook()
    book.active.title = "台账"
    for row in LEDGER:
        book.active.append(row)
    book.save(folder / "ledger.xlsx")
    return folder / "ledger.xlsx"


def found_in(path: Path) -> list[Issue]:
    checked = check_file(path, today=date(2022, 4, 1), zone=ZoneInfo("Asia/Shanghai"))
    return list(checked.every_issue())


def back(path: Path, issues: list[Issue], lang: str = "zh") -> openpyxl.Workbook:
    out = path.with_name(f"back-{lang}.xlsx")
    error_workbook(path, issues, lang, out)
    return openpyxl.load_workbook(out)


def test_the_sender_finds_their_own_cells_at_their_places(tmp_path):
    sheet = back(ledger(tmp_path), [])["台账"]
    assert [[cell.value for cell in row if cell.value] for row in sheet.iter_rows()] == LEDGER
    assert sheet.freeze_panes == "A3"


def test_a_faulty_cell_is_coloured_and_says_what_is_wrong(tmp_path):
    path = ledger(tmp_path)
    found = found_in(path)
    assert {"DATE_INVALID", "PHONE_LENGTH"} <= {each.code for each in found}
    sheet = back(path, found)["台账"]
    assert sheet["D4"].fill.fgColor.rgb.endswith("F8D0CC")
    assert sheet["D4"].comment.text.startswith("错误：")
    assert sheet["C4"].comment is not None
    assert sheet["D3"].comment is None
    assert sheet["D3"].fill.fill_type is None


def test_the_first_sheet_lists_every_finding_in_the_senders_language(tmp_path):
    path = ledger(tmp_path)
    found = found_in(path)
    for lang, heading in (("zh", "怎么改"), ("en", "What to do")):
        book = back(path, found, lang)
        first = book.worksheets[0]
        assert first["G4"].value == heading
        lines = [[cell.value for cell in row] for row in first.iter_rows(min_row=5)]
        assert len(lines) == len(found)
        assert sorted(line[3] for line in lines) == sorted(each.code for each in found)
        line = next(line for line in lines if line[3] == "DATE_INVALID")
        assert line[:3] == ["台账", "4", "末次接触时间"]
        assert line[5]
        assert line[6]
        row = next(row for row in first.iter_rows(min_row=5) if row[3].value == "DATE_INVALID")
        assert row[1].hyperlink.location.endswith("!D4")


ATTACKS = ("=1+1", "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1+1", "\r=1+1", "＝1+1", " =1+1")


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_no_cell_starts_a_formula(tmp_path, form):
    path = tmp_path / f"attack.{form}"
    if form == "csv":
        lines = [f'"{attack}",10012345678,"{attack}"' for attack in ATTACKS]
        path.write_bytes("\r\n".join(["姓名,联系电话,备注", *lines]).encode())
    else:
        book = openpyxl.Workbook()
        book.active.append(["姓名", "联系电话", "备注"])
        for attack in ATTACKS:
            book.active.append([attack, "10012345678", attack])
        book.save(path)
    issues = [*found_in(path), issue(2, "=1+1", "VALUE_MISSING")]
    book = back(path, issues)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert len(cells) > 3 * len(ATTACKS)
    for cell in cells:
        assert cell.data_type != "f", cell.coordinate
        assert not str(cell.value).lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "＝"))


def test_figures_with_a_sign_and_dashes_stay_as_they_are():
    assert [plain_text(text) for text in ("-5", "+86", "-3.5%", "-", "--", "-1,200")] == [
        "-5",
        "+86",
        "-3.5%",
        "-",
        "--",
        "-1,200",
    ]


def test_a_text_file_goes_back_as_a_workbook(tmp_path):
    path = tmp_path / "results.csv"
    path.write_text("样本编号,结果\nS1,阴性\nS2,大概\n", encoding="gb18030")
    sheet = back(path, [issue(3, "结果", "RESULT_VOCABULARY_UNKNOWN")]).worksheets[1]
    assert [cell.value for cell in sheet[3]] == ["S2", "大概"]
    assert sheet["B3"].comment is not None


@pytest.mark.real_data
def test_every_messy_file_goes_back_with_each_of_its_findings(real_data, tmp_path):
    for path in sorted((real_data / "messy").glob("[A-E]_*")):
        found = found_in(path)
        out = tmp_path / f"{path.stem}.xlsx"
        assert error_workbook(path, found, "en", out) == len(found) > 0
        book = openpyxl.load_workbook(out)
        assert len(list(book.worksheets[0].iter_rows(min_row=5))) == len(found)
        marked = {
            cell.row
            for sheet in book.worksheets[1:]
            for row in sheet.iter_rows()
            for cell in row
            if cell.comment
        }
        assert marked == {each.row for each in found if each.row is not None}


def test_of_a_long_sheet_the_faulty_rows_stand_at_their_own_places(tmp_path, monkeypatch):
    path = tmp_path / "long.csv"
    path.write_text("样本编号,结果\n" + "".join(f"S{n},阴性\n" for n in range(60)), encoding="utf-8")
    monkeypatch.setitem(module._limits(), "whole_rows", 20)
    book = back(path, [issue(50, "结果", "RESULT_VOCABULARY_UNKNOWN")])
    sheet = book.worksheets[1]
    filled = {cell.row for row in sheet.iter_rows() for cell in row if cell.value}
    assert filled == {1, 50}
    assert sheet["A50"].value == "S48"
    assert "只留表头" in book.worksheets[0]["A3"].value


def test_a_sheet_whose_name_is_taken_gets_another(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "问题清单"
    for row in LEDGER:
        book.active.append(row)
    book.save(tmp_path / "same.xlsx")
    assert back(tmp_path / "same.xlsx", []).sheetnames == ["问题清单", "问题清单 2"]
