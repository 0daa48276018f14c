"""Separated and fixed text: encodings, separators, quotes, rows that do not fit."""

from __future__ import annotations

from pathlib import Path

import pytest

from fangkong.science.tables.hostile import FileRefused
from fangkong.science.tables.workbook import open_workbook

from .made_files import codes, one_table, read, text, texts

PEOPLE = "序号,姓名,联系电话,现住址\r\n1,测试甲,10000000001,虚构路一号\r\n2,测试䶮,10000000002,虚构路二号\r\n"
TAIWAN = "編號,姓名,電話,地址\n1,測試甲,10000000001,臺北市虛構路一號\n2,測試乙,10000000002,高雄市虛構街二號\n"


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("gb18030", "gb18030"),
    ],
)
def test_chinese_text_reads_the_same_in_every_encoding(tmp_path: Path, encoding: str, found: str) -> None:
    path = text(tmp_path / "名单.csv", PEOPLE, encoding)
    assert open_workbook(path).encoding == found
    table, rows = one_table(path)
    assert [column.name for column in table.columns] == ["序号", "姓名", "联系电话", "现住址"]
    assert [row.cells[1].text for row in rows] == ["测试甲", "测试䶮"]
    assert table.issues == []


def test_big5_and_latin_text_are_known_by_their_characters(tmp_path: Path) -> None:
    assert one_table(text(tmp_path / "a.csv", TAIWAN, "big5"))[1][0].cells[3].text == "臺北市虛構路一號"
    german = "Name;Ort;Straße\nMüller;Köln;Große Straße 1\nJürgen;München;Weißweg 2\n"
    table, rows = one_table(text(tmp_path / "b.csv", german, "latin-1"))
    assert [column.name for column in table.columns] == ["Name", "Ort", "Straße"]
    assert texts(rows)[1] == ["Jürgen", "München", "Weißweg 2"]


def test_one_bad_byte_spoils_one_character_and_not_the_encoding(tmp_path: Path) -> None:
    good = PEOPLE.encode() + "3,测试丙,10000000003,虚构路三号\r\n".encode() * 40
    path = tmp_path / "a.csv"
    path.write_bytes(good.replace("丙".encode(), b"\xff", 1))
    rows = one_table(path)[1]
    assert rows[2].cells[1].text == "测试�"
    assert rows[3].cells[1].text == "测试丙"


@pytest.mark.parametrize("separator", [",", "\t", ";", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_separator_and_line_end_are_found(tmp_path: Path, separator: str, line_end: str) -> None:
    lines = [["序号", "姓名", "数量"], ["1", "测试甲", "2"], ["2", "测试乙", "3"]]
    path = text(tmp_path / "a.txt", line_end.join(separator.join(line) for line in lines) + line_end)
    assert open_workbook(path).separator == separator
    assert texts(one_table(path)[1]) == lines[1:]


def test_commas_inside_tab_separated_addresses_do_not_mislead(tmp_path: Path) -> None:
    path = text(tmp_path / "a.txt", "姓名\t住址\t电话\n甲\t虚构路1号,2室,3床\t1\n乙\t虚构路2号,1室,2床\t2\n")
    assert open_workbook(path).separator == "\t"


def test_fixed_layout_is_cut_by_bytes_not_by_characters(tmp_path: Path) -> None:
    def pad(value: str, places: int) -> str:
        return value + " " * (places - len(value.encode("gb18030")))

    people = [
        ("序号", "姓名", "年龄", "现住址"),
        ("1", "测试甲", "38", "虚构路1号"),
        ("2", "测试欧阳乙", "4", "路"),
    ]
    people += [("10", "丙", "", "虚构路3号")]
    body = "\r\n".join("".join(pad(value, 12) for value in row).rstrip() for row in people)
    for encoding in ("gb18030", "utf-8"):
        path = text(tmp_path / "a.txt", "浦江区名单\r\n" + body + "\r\n", encoding)
        assert open_workbook(path).form == "fixed"
        table, rows = one_table(path)
        assert table.title == ["浦江区名单"]
        assert texts(rows) == [list(row) for row in people[1:]]


def test_ruler_gives_the_columns_where_gaps_do_not(tmp_path: Path) -> None:
    lines = [
        "序号 姓名         年龄",
        "---- ------------ ----",
        "1    测试 甲      38",
        "2    测试乙       4",
    ]
    table, rows = one_table(text(tmp_path / "a.txt", "\n".join(lines) + "\n", "gb18030"))
    assert texts(rows) == [["1", "测试 甲", "38"], ["2", "测试乙", "4"]]
    assert table.issues == []


def test_a_quote_never_closed_costs_one_row_and_not_the_rest(tmp_path: Path) -> None:
    path = text(tmp_path / "a.csv", '序号,姓名,电话\n1,测试甲,1\n2,"测试乙,2\n3,测试丙,3\n4,"测试丁",4\n')
    table, rows = one_table(path)
    assert [row.number for row in rows] == [2, 3, 4, 5]
    assert codes(table) == [(3, "CSV_UNCLOSED_QUOTE")]
    assert [row.cells[1].text for row in rows] == ["测试甲", '"测试乙', "测试丙", "测试丁"]


def test_a_field_over_several_lines_is_one_row_numbered_by_its_first_line(tmp_path: Path) -> None:
    path = text(tmp_path / "a.csv", '序号,姓名,备注\n1,测试甲,"第一行\n第二行"\n2,"说""好""",好\n')
    table, rows = one_table(path)
    assert [(row.number, row.cells[2].text) for row in rows] == [(2, "第一行\n第二行"), (4, "好")]
    assert rows[1].cells[1].text == '说"好"'
    assert table.issues == []


def test_a_single_quote_mark_in_a_field_is_a_ditto_mark(tmp_path: Path) -> None:
    table, rows = one_table(text(tmp_path / "a.csv", '序号,姓名,住址\n1,测试甲,虚构路1号\n2,测试乙,"\n'))
    assert rows[1].cells[2].text == "虚构路1号"
    assert codes(table) == [(3, "DITTO_MARK_RESOLVED")]


def test_rows_with_too_many_or_too_few_fields_are_named(tmp_path: Path) -> None:
    lines = [
        "序号,姓名,电话",
        "1,甲,1",
        "2,乙,2,多出",
        "3,丙",
        "4,丁,4,,",
        *(f"{n},戊,5" for n in range(5, 12)),
    ]
    table, rows = one_table(text(tmp_path / "a.csv", "\n".join(lines) + "\n"))
    assert codes(table) == [(3, "COLUMN_COUNT"), (4, "COLUMN_COUNT")]
    assert [cell.text for cell in rows[1].spare] == ["多出"]


def test_lines_shortened_by_an_editor_are_a_habit_and_no_finding(tmp_path: Path) -> None:
    lines = [
        "序号\t姓名\t电话\t备注",
        "1\t甲\t1",
        "2\t乙\t2",
        "3\t丙\t3\t好",
        "4\t丁\t4",
        "5\t戊\t5",
        "6\t己\t6",
    ]
    assert one_table(text(tmp_path / "a.txt", "\n".join(lines) + "\n"))[0].issues == []


def test_a_file_cut_in_the_middle_of_a_row_says_so(tmp_path: Path) -> None:
    table, rows = one_table(text(tmp_path / "a.csv", "序号,姓名,电话\n1,甲,1\n2,乙,2\n3,丙,3\n4,测"))
    assert codes(table) == [(None, "FILE_TRUNCATED"), (5, "COLUMN_COUNT")]
    assert len(rows) == 4
    within = tmp_path / "c.csv"
    within.write_bytes("序号,姓名\n1,甲\n2,乙\n3,丙丁".encode("gb18030")[:-1])
    assert codes(one_table(within)[0]) == [(None, "FILE_TRUNCATED")]
    assert one_table(text(tmp_path / "b.csv", "序号,姓名\n1,甲\n2,乙"))[0].issues == []


def test_formula_like_text_is_kept_as_text_and_named(tmp_path: Path) -> None:
    lines = [
        "序号,姓名,电话,结果",
        "1,=1+1,10000000001,-",
        '2,"=HYPERLINK(""http://x"",""y"")",2,+',
        "3,@SUM(A1),3,-5",
    ]
    lines += ["4,+cmd|' /C calc'!A0,4,2022-03-27", "5,甲,+86-10-0000001,-阴性", "6,乙,6,-2+3", "7,丙,7,——"]
    table, rows = one_table(text(tmp_path / "a.csv", "\n".join(lines) + "\n"))
    assert codes(table) == [(row, "FORMULA_INJECTION_DEFUSED") for row in (2, 3, 4, 5, 7)]
    assert rows[0].cells[1].text == "=1+1"
    assert rows[0].cells[1].formula == ""


def test_nul_bytes_are_shown_and_never_hidden(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"id,name,phone\n1,Test\x00A,100\n2,Test B,100\n" + b"\x00" * 2)
    assert [row.cells[1].text for row in one_table(path)[1]] == ["Test�A", "Test B"]


def test_empty_files_and_headers_alone(tmp_path: Path) -> None:
    for content in ("", "\n\n  \n", "\ufeff"):
        with pytest.raises(FileRefused) as refusal:
            open_workbook(text(tmp_path / "a.csv", content))
        assert refusal.value.issue.code == "FILE_EMPTY"
        assert refusal.value.issue.row is None
    table, rows = one_table(text(tmp_path / "b.csv", "序号,姓名,电话\n"))
    assert rows == []
    assert codes(table) == [(None, "NO_DATA_ROWS")]


def test_numbers_in_text_lose_nothing(tmp_path: Path) -> None:
    rows = one_table(text(tmp_path / "a.csv", "条码号,姓名\n0990220327000001234567,甲\n9.9022E+14,乙\n"))[1]
    assert [row.cells[0].text for row in rows] == ["0990220327000001234567", "9.9022E+14"]


@pytest.mark.real_data
def test_the_shared_text_files_read_whole(real_data: Path) -> None:
    _, [(table, rows)] = read(real_data / "messy" / "B_核酸结果导出_20220328.csv")
    assert len(rows) == 302
    assert codes(table) == [(203, "REPEATED_HEADER_SKIPPED"), (254, "BLANK_ROW_SKIPPED")]
    _, [(table, rows)] = read(real_data / "messy" / "D_外省协查名单.txt")
    assert codes(table) == [(9, "DITTO_MARK_RESOLVED")]
    assert len(rows) == 8
    for path in sorted((real_data / "interchange" / "sormas").glob("*.csv")):
        for table, _ in read(path)[1]:
            two_rows = "region" not in path.name and "tab" not in path.name
            assert table.header_rows == ((1, 2) if two_rows else (1,)), path.name
