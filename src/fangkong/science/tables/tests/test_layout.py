"""Where tables begin: titles, headers of one to three rows, sheets that go on, tables on their side."""

from __future__ import annotations

from pathlib import Path

import pytest

from fangkong.science.tables.layout import tables_of
from fangkong.science.tables.layout_words import is_category, is_header_word, is_note, names_sheet, sum_kind
from fangkong.science.tables.workbook import open_workbook

from .made_files import codes, one_table, read, text, xlsx


def names(path: Path) -> list[str]:
    return [column.name for column in one_table(path)[0].columns]


def test_titles_above_a_header_are_kept_and_not_taken_for_it(tmp_path: Path) -> None:
    rows = [
        ["浦江区到达人员名单"],
        ["填报单位：浦江区", None, None, "填报时间：2022年3月27日", None, "单位：人"],
        [],
        ["序号", "姓名", "证件号", "车次", "座位", "到达时间"],
        [1, "测试甲", "990101199001010011", "G1", "1A", "2022-03-27"],
    ]
    table, data = one_table(xlsx(tmp_path / "a.xlsx", rows))
    assert table.title == ["浦江区到达人员名单", "填报单位：浦江区   填报时间：2022年3月27日   单位：人"]
    assert table.header_rows == (4,)
    assert [row.number for row in data] == [5]
    assert table.issues == []


def test_merged_headers_of_two_and_three_rows_name_their_columns(tmp_path: Path) -> None:
    rows = [
        ["医疗机构床位日报"],
        ["机构", "床位情况", None, None, None, "出入院", None],
        [None, "编制", "开放", None, "占用", "入院", "出院"],
        [None, None, "普通", "重症", None, None, None],
        ["虚构一院", 100, 80, 10, 50, 3, 2],
    ]
    spans = ("A1:G1", "A2:A4", "B2:E2", "F2:G2", "B3:B4", "C3:D3", "E3:E4", "F3:F4", "G3:G4")
    path = xlsx(tmp_path / "a.xlsx", rows, lambda book, sheet: [sheet.merge_cells(span) for span in spans])
    table, data = one_table(path)
    assert table.header_rows == (2, 3, 4)
    assert codes(table) == [(2, "HEADER_MULTI_ROW")]
    assert names(path) == [
        "机构",
        "床位情况/编制",
        "床位情况/开放/普通",
        "床位情况/开放/重症",
        "床位情况/占用",
        "出入院/入院",
        "出入院/出院",
    ]
    assert len(data) == 1


def test_a_split_header_is_known_without_merges(tmp_path: Path) -> None:
    content = "街道,居委,应排摸数,已排摸数,其中,,,备注\n,,,,红码,黄码,不在沪,\n"
    content += "东湖街道,一居,120,118,1,3,2,\n东湖街道,二居,9,9,0,0,0,\n"
    table, data = one_table(text(tmp_path / "a.csv", content))
    assert table.header_rows == (1, 2)
    assert codes(table) == [(1, "HEADER_TWO_ROWS")]
    assert [column.path for column in table.columns][4:7] == [
        ("其中", "红码"),
        ("其中", "黄码"),
        ("其中", "不在沪"),
    ]
    assert len(data) == 2


def test_groups_repeated_over_their_columns_are_a_level(tmp_path: Path) -> None:
    content = "Contact,Contact,Contact,Person\nfirstName,lastName,sex,phone\nTest,A,MALE,1\nTest,B,FEMALE,2\n"
    assert names(text(tmp_path / "a.csv", content)) == [
        "Contact/firstName",
        "Contact/lastName",
        "Contact/sex",
        "Person/phone",
    ]


def test_the_row_that_numbers_the_columns_belongs_to_the_header(tmp_path: Path) -> None:
    rows = [
        ["单位", "人数", "男", "女"],
        ["甲", "1", "2", "3"],
        ["东湖街道", 10, 5, 5],
        ["西湖街道", 10, 5, 5],
    ]
    table, data = one_table(xlsx(tmp_path / "a.xlsx", rows))
    assert table.header_rows == (1, 2)
    assert [column.path for column in table.columns] == [("单位",), ("人数",), ("男",), ("女",)]
    assert table.issues == []
    assert len(data) == 2


def test_days_may_head_the_columns(tmp_path: Path) -> None:
    rows = [["地区", "3月25日", "3月26日"], ["浦江区", 1, 2], ["山南区", 1, 2]]
    assert names(xlsx(tmp_path / "a.xlsx", rows)) == ["地区", "3月25日", "3月26日"]


def test_a_first_row_of_text_below_words_unknown_is_still_a_header(tmp_path: Path) -> None:
    table, data = one_table(text(tmp_path / "a.csv", "foo,bar,baz\nx,y,z\nu,v,w\n"))
    assert table.header_rows == (1,)
    assert len(data) == 2


def test_data_without_a_header_have_letters_for_columns(tmp_path: Path) -> None:
    content = "990220327000001,虚构采样点,2022-03-27,测试甲\n990220327000002,虚构采样点,2022-03-27,测试乙\n"
    table, data = one_table(text(tmp_path / "a.csv", content))
    assert table.header_rows == ()
    assert [column.name for column in table.columns] == ["A", "B", "C", "D"]
    assert [row.number for row in data] == [1, 2]


def test_line_breaks_in_headers_join_as_the_script_does(tmp_path: Path) -> None:
    rows = [["序号", "现住址\n（户）", "Date of\nonset"], [1, "虚构路1号", "2022-03-27"]]
    assert names(xlsx(tmp_path / "a.xlsx", rows)) == ["序号", "现住址（户）", "Date of onset"]


def test_sheets_that_go_on_with_the_same_table(tmp_path: Path) -> None:
    def add(workbook: object, sheet: object) -> None:
        second = workbook.create_sheet("名单2")
        second.append(["序号", "姓名", "电话"])
        second.append([3, "测试丙", "10000000003"])
        third = workbook.create_sheet("名单3")
        third.append([4, "测试丁", "10000000004"])
        workbook.create_sheet("填表说明").append(["请如实填写"])

    workbook, tables = read(
        xlsx(tmp_path / "a.xlsx", [["序号", "姓名", "电话"], [1, "测试甲", "1"], [2, "测试乙", "2"]], add)
    )
    assert [len(rows) for _, rows in tables] == [2, 1, 1, 0]
    assert [codes(table) for table, _ in tables] == [
        [],
        [(None, "SHEET_CONTINUED")],
        [(None, "SHEET_CONTINUED")],
        [],
    ]
    assert [column.name for column in tables[2][0].columns] == ["序号", "姓名", "电话"]
    assert tables[3][0].title == ["请如实填写"]
    assert workbook.issues == []


def test_tables_below_one_another_are_told_apart(tmp_path: Path) -> None:
    rows = [
        ["一、床位"],
        ["机构", "编制床位", "占用床位"],
        ["虚构一院", 10, 5],
        [],
        ["二、物资"],
        ["品名", "单位", "数量", "备注"],
        ["口罩", "只", 100, None],
        ["手套", "双", 10, None],
    ]
    _, tables = read(xlsx(tmp_path / "a.xlsx", rows))
    assert [(table.title, table.header_rows, len(data)) for table, data in tables] == [
        (["一、床位"], (2,), 1),
        (["二、物资"], (6,), 2),
    ]


def test_a_table_on_its_side_is_stood_up(tmp_path: Path) -> None:
    rows = [
        ["姓名", "测试甲", "测试乙"],
        ["性别", "男", "女"],
        ["年龄", 38, 40],
        ["身份证号", "990101199001010011", "990101199001010012"],
        ["联系电话", "10000000001", "10000000002"],
    ]
    table, data = one_table(xlsx(tmp_path / "a.xlsx", rows))
    assert codes(table) == [(None, "TABLE_TRANSPOSED")]
    assert [column.name for column in table.columns] == ["姓名", "性别", "年龄", "身份证号", "联系电话"]
    assert [(row.number, row.cells[0].text) for row in data] == [(2, "测试甲"), (3, "测试乙")]


def test_measures_down_the_side_of_a_table_do_not_lay_it_down(tmp_path: Path) -> None:
    rows = [["类别", "人数", "备注"], ["确诊病例", 1, None], ["无症状", 2, None], ["死亡", 3, None]]
    table, data = one_table(xlsx(tmp_path / "a.xlsx", rows))
    assert len(data) == 3
    assert table.issues == []


def test_the_rows_looked_at_ahead_are_bounded(tmp_path: Path) -> None:
    path = text(tmp_path / "a.csv", "序号,姓名,电话\n" + "".join(f"{n},测试{n},1\n" for n in range(5000)))
    (table,) = tables_of(open_workbook(path))
    first = next(iter(table.rows))
    assert first.number == 2
    assert sum(1 for _ in table.rows) == 4999


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("合计", "total"),
        ("合 计", "total"),
        ("总计（人）", "total"),
        ("共计：63人", "total"),
        ("Grand Total", "total"),
        ("小计", "subtotal"),
        ("东湖街道小计", "subtotal"),
        ("Subtotal", "subtotal"),
        ("合计划", ""),
        ("测试合", ""),
        ("总务科", ""),
        ("Sumner", ""),
    ],
)
def test_words_for_sums(said: str, kind: str) -> None:
    assert sum_kind(said) == kind


def test_words_for_notes_headers_categories_and_sheets() -> None:
    assert all(
        map(is_note, ["注：1.以市级编号为准", "填表人：测试甲", "※ 联系不上的填无", "Note: x", "备注: y"])
    )
    assert not any(map(is_note, ["注册护士", "附属医院", "10000000001", "来源地不明", "说明会会场"]))
    assert all(
        map(is_header_word, ["姓名", "联系电话", "末次接触时间", "dateOfOnset", "Case ID", "ORF1ab Ct"])
    )
    assert not any(
        map(is_header_word, ["测试甲", "虚构路100弄1号101室", "10000000001", "2022年3月27日", "Müller"])
    )
    assert is_category("类别")
    assert is_category("所属街道")
    assert not is_category("街道联系人电话")
    assert all(
        names_sheet(name, "void")
        for name in ("作废", "台账（旧）", "密接_old", "模板", "Copy of list", "旧版")
    )
    assert not any(
        names_sheet(name, "void") for name in ("新旧对照", "旧金山航班", "Gold", "密接台账 (2)", "Sheet1")
    )
