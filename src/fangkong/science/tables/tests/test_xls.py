"""XLS workbooks, and tables of markup under the name of one."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from fangkong.science.tables.hostile import FileRefused
from fangkong.science.tables.workbook import open_workbook

from .made_files import biff8, codes, one_table, read, text, texts

ROWS = [
    ["街道", "姓名", "到达日期"],
    ["东湖街道", "测试甲", 44644.0],
    [None, "测试乙", 44645.0],
    ["西湖街道", "测试丙", 44646.0],
]


def test_merges_hidden_and_struck_rows_and_dates(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    path.write_bytes(biff8(ROWS, merges=[(2, 3, 1, 1)], hidden_rows=[3], struck_rows=[4]))
    assert open_workbook(path).form == "xls"
    table, rows = one_table(path)
    assert codes(table) == [(2, "MERGED_CELL_FILLED_DOWN"), (3, "HIDDEN_ROW"), (4, "STRIKETHROUGH_ROW")]
    assert [row.cells[0].text for row in rows] == ["东湖街道", "东湖街道", "西湖街道"]
    assert rows[0].cells[2].value == date(2022, 3, 24)


def test_the_1904_calendar_counts_from_1904(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    path.write_bytes(biff8([["姓名", "日期"], ["测试甲", 44644.0 - 1462]], base_1904=True))
    assert one_table(path)[1][0].cells[1].value == date(2022, 3, 24)


def test_a_hidden_sheet_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    path.write_bytes(biff8(ROWS, hidden_sheet=True))
    workbook, tables = read(path)
    assert tables == []
    assert [found.code for found in workbook.issues] == ["HIDDEN_SHEET_IGNORED", "NO_DATA_ROWS"]


def test_half_a_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    with pytest.raises(FileRefused) as refusal:
        open_workbook(path)
    assert refusal.value.issue.code == "FILE_TRUNCATED"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_page_under_the_name_of_a_workbook_is_read_and_named(tmp_path: Path, encoding: str) -> None:
    page = (
        "<html><head><style>td{}</style></head><body><table border=1><tr><th colspan=3>到达人员</th></tr>"
        "<tr><th>街道</th><th>姓名</th><th>电话</th></tr>"
        "<tr><td rowspan=2>东湖街道</td><td>测试甲</td><td>10000000001</td></tr>"
        "<tr><td>测试&amp;乙</td><td><s>10000000002</s></td></tr></table></body></html>"
    )
    workbook, [(table, rows)] = read(text(tmp_path / "a.xls", page, encoding))
    assert [found.code for found in workbook.issues] == ["FILE_TYPE_MISMATCH"]
    assert table.title == ["到达人员"]
    assert texts(rows) == [["东湖街道", "测试甲", "10000000001"], ["东湖街道", "测试&乙", "10000000002"]]
    assert codes(table) == [(3, "MERGED_CELL_FILLED_DOWN"), (4, "STRIKETHROUGH_ROW")]


def test_an_xml_spreadsheet_is_read(tmp_path: Path) -> None:
    sheet = (
        '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="表"><Table>'
        '<Row><Cell><Data ss:Type="String">姓名</Data></Cell><Cell><Data ss:Type="String">年龄</Data></Cell>'
        '<Cell><Data ss:Type="String">日期</Data></Cell></Row>'
        '<Row ss:Index="3"><Cell><Data ss:Type="String">测试甲</Data></Cell>'
        '<Cell><Data ss:Type="Number">38</Data></Cell>'
        '<Cell><Data ss:Type="DateTime">2022-03-24T00:00:00.000</Data></Cell></Row></Table></Worksheet></Workbook>'
    )
    _, [(table, rows)] = read(text(tmp_path / "a.xls", sheet))
    assert (table.sheet, texts(rows)) == ("表", [["测试甲", "38", "2022-03-24"]])


def test_markup_without_a_table_is_refused(tmp_path: Path) -> None:
    for content in ("<html><body>请登录</body></html>", '<?xml version="1.0"?><adx><group/></adx>'):
        with pytest.raises(FileRefused) as refusal:
            open_workbook(text(tmp_path / "a.xls", content))
        assert refusal.value.issue.code == "FILE_TYPE_MISMATCH"


@pytest.mark.real_data
def test_the_shared_supplies_keep_their_categories(real_data: Path) -> None:
    table, rows = one_table(real_data / "messy" / "E_物资日报_0327.xls")
    assert [row.cells[0].text for row in rows] == ["口罩", "口罩", "口罩", "防护", "检测", "检测"]
    assert codes(table) == [(row, "MERGED_CATEGORY_BLANK") for row in (4, 5, 8)]
