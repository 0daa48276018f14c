"""A file goes in; every row of it comes out once, accepted, held or rejected, and nothing is guessed."""

from __future__ import annotations

import tracemalloc
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter

from fangkong.science.tables.check import CheckedFile, check_file
from fangkong.science.tables.checked_rows import CheckedRows
from fangkong.science.tables.codes import issue, severities
from fangkong.science.tables.outcomes import OUTCOMES, rank_of, ranks
from fangkong.science.tables.scoring import score

from .kinds.making import as_csv, as_xlsx, id_number

ZONE = ZoneInfo("Asia/Shanghai")
HEAD = ["姓名", "证件号码", "联系电话", "关联病例", "末次接触时间", "管控方式"]


def contacts(count: int) -> list[list[object]]:
    rows: list[list[object]] = [HEAD]
    for place in range(count):
        number = id_number(f"19{60 + place % 30}0{1 + place % 9}11", place % 1000)
        name = "试" + chr(0x4E00 + place % 5000) + chr(0x5E00 + place // 5000)
        rows.append([name, number, f"100{place:08d}", "病例1", "2022-04-05", "集中隔离"])
    return rows


def checked(path: Path, **given: object) -> CheckedFile:
    return check_file(path, today=date(2022, 4, 11), zone=ZONE, **given)  # type: ignore[arg-type]


def test_no_info_decides_on_a_row() -> None:
    assert [code for code in ranks() if severities()[code] == "info"] == []


def test_every_code_that_decides_is_a_code() -> None:
    assert set(ranks()) <= set(severities())
    assert OUTCOMES[rank_of(["ID_CHECKSUM", "BALANCE_ERROR"])] == "rejected"
    assert OUTCOMES[rank_of([])] == "accepted"


def test_rows_come_out_as_they_went_in(tmp_path: Path) -> None:
    rows = contacts(1200)
    rows[1100][1] = str(rows[1100][1])[:-1]
    as_csv(rows)(tmp_path / "密接.csv")
    file = checked(tmp_path / "密接.csv")
    table = file.tables[0]
    assert [row.number for row in table.rows] == list(range(2, 1202))
    assert [row.values["name"] for row in table.rows] == [row[0] for row in rows[1:]]
    # Gone through a second time they are the same.
    assert [row.outcome for row in table.rows].count("held") == 1
    assert file.counts == {"accepted": 1199, "held": 1, "rejected": 0}
    file.close()


def test_what_the_last_row_shows_reaches_the_first(tmp_path: Path) -> None:
    head = ["管号", "姓名", "证件号", "采样时间", "混采类型", "结果"]
    rows: list[list[object]] = [head]
    for place in range(3):
        number = id_number(f"197{place}0101", place)
        rows.append(["A0001", f"试{'甲乙丙'[place]}", number, "2022-04-09 08:00", "单采", "阴性"])
    as_csv(rows)(tmp_path / "核酸结果.csv")
    file = checked(tmp_path / "核酸结果.csv")
    assert [(found.row, found.code) for found in file.every_issue()] == [
        (4, "SINGLE_SAMPLING_SHARED_BARCODE")
    ]
    # One finding at one row, yet all three rows wait for the decision.
    assert [row.outcome for row in file.tables[0].rows] == ["held"] * 3


def test_a_column_nobody_understood_is_kept(tmp_path: Path) -> None:
    rows = [[*row, f"特{place}"] for place, row in enumerate(contacts(5))]
    rows[0][-1] = "内部流转号"
    as_csv(rows)(tmp_path / "密接.csv")
    values = [row.values for row in checked(tmp_path / "密接.csv").tables[0].rows]
    assert [value["other:内部流转号"] for value in values] == [f"特{place}" for place in range(1, 6)]


def test_a_file_that_cannot_be_read_says_so_and_has_no_rows(tmp_path: Path) -> None:
    (tmp_path / "空.csv").write_bytes(b"")
    file = checked(tmp_path / "空.csv")
    assert file.refused
    assert [(found.row, found.code) for found in file.every_issue()] == [(None, "FILE_EMPTY")]
    assert file.rows_in == 0


def test_a_header_without_rows_is_no_error(tmp_path: Path) -> None:
    as_csv([HEAD])(tmp_path / "密接.csv")
    file = checked(tmp_path / "密接.csv")
    assert not file.refused
    assert {found.code for found in file.every_issue()} == {"NO_DATA_ROWS"}


def test_tomorrows_stock_is_held_against_todays(tmp_path: Path) -> None:
    head = ["品名", "单位", "昨日库存", "今日入库", "今日出库", "今日库存"]
    as_xlsx([["物资日报（4月9日）"], head, ["防护服", "套", 100, 0, 20, 80]])(tmp_path / "物资0409.xlsx")
    as_xlsx([["物资日报（4月10日）"], head, ["防护服", "套", 70, 0, 20, 50]])(tmp_path / "物资0410.xlsx")
    before = checked(tmp_path / "物资0409.xlsx")
    assert [(line.item, line.closing, line.day) for line in before.stock] == [
        ("防护服", 80.0, date(2022, 4, 9))
    ]
    for previous in (before, before.stock):
        after = checked(tmp_path / "物资0410.xlsx", previous=previous)
        assert [(found.row, found.code) for found in after.every_issue()] == [(3, "OPENING_NOT_CLOSING")]
    assert list(checked(tmp_path / "物资0410.xlsx").every_issue()) == []


def test_items_of_one_name_and_two_sizes_are_two_items(tmp_path: Path) -> None:
    head = ["品名", "规格", "单位", "昨日库存", "今日入库", "今日出库", "今日库存"]
    for day, (small, large) in ((9, (100, 40)), (10, (90, 30))):
        rows: list[list[object]] = [[f"物资日报（4月{day}日）"], head]
        rows += [["手套", size, "双", had, 0, 10, had - 10] for size, had in (("S", small), ("L", large))]
        as_xlsx(rows)(tmp_path / f"物资04{day:02d}.xlsx")
    before = checked(tmp_path / "物资0409.xlsx")
    assert list(checked(tmp_path / "物资0410.xlsx", previous=before).every_issue()) == []


def test_a_total_at_the_end_of_a_continued_sheet_stands_for_both(tmp_path: Path) -> None:
    people = contacts(6)
    book = xlsxwriter.Workbook(str(tmp_path / "密接.xlsx"))
    for name, rows in (("密接", people[:4]), ("密接续表", [people[0], *people[4:], ["合计", "6人"]])):
        page = book.add_worksheet(name)
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)
    book.close()
    file = checked(tmp_path / "密接.xlsx")
    assert file.rows_in == 6
    assert {found.code for found in file.every_issue()} == {"SHEET_CONTINUED", "TOTAL_ROW_SKIPPED"}


def test_a_saved_mapping_decides(tmp_path: Path) -> None:
    rows = contacts(5)
    rows[0] = ["甲栏", "乙栏", "丙栏", "丁栏", "戊栏", "己栏"]
    as_csv(rows)(tmp_path / "表.csv")
    saved = dict(
        zip(rows[0], ("name", "id_number", "phone", "case_ref", "exposure_at", "control_mode"), strict=True)
    )
    file = checked(tmp_path / "表.csv", saved=saved)
    assert file.tables[0].kind == "contact_ledger"
    assert all(row.values["exposure_at"] is not None for row in file.tables[0].rows)


def test_two_checks_of_one_file_say_the_same(tmp_path: Path) -> None:
    rows = [*contacts(50), *contacts(10)[1:]]
    as_csv(rows)(tmp_path / "密接.csv")
    said = [list(checked(tmp_path / "密接.csv").every_issue()) for _ in range(2)]
    assert said[0] == said[1]
    assert {found.code for found in said[0]} == {"EXACT_DUPLICATE_ROW"}


@pytest.mark.parametrize("count", [999, 1000, 2001])
def test_spooled_rows_are_whole_at_every_size(count: int) -> None:
    rows = CheckedRows("Sheet1")
    for number in range(count):
        rows.add(number, {"value": number}, ())
    late = rows.add_late([issue(count - 1, "", "NEGATIVE_COUNT"), issue(count + 5, "", "TOTAL_DISAGREES")])
    assert [found.code for found in late] == ["TOTAL_DISAGREES"]
    assert [row.values["value"] for row in rows] == list(range(count))
    assert [row.outcome for row in rows][-1] == "rejected"
    assert rows.counts == {"accepted": count - 1, "held": 0, "rejected": 1}


def test_a_row_costs_less_than_a_kilobyte(tmp_path: Path) -> None:
    """A million rows fit in a gigabyte, even were none of them put on disk."""
    kept = []
    for count in (1000, 3000):
        as_csv(contacts(count))(tmp_path / f"密接{count}.csv")
        tracemalloc.start()
        file = checked(tmp_path / f"密接{count}.csv")
        kept.append(tracemalloc.get_traced_memory()[0])
        tracemalloc.stop()
        file.close()
    assert (kept[1] - kept[0]) / 2000 < 1000


def test_scoring_counts_what_the_key_says() -> None:
    key = {
        "issues": [
            {"row": 3, "code": "ID_CHECKSUM", "severity": "error"},
            {"row": 4, "code": "TUBE_OVERFULL", "severity": "warning", "rows": [5, 6]},
            {"row": 7, "code": "TIME_24_00", "severity": "info"},
            {"row": 8, "code": "DATE_MISSING", "severity": "error"},
        ],
        "also": [{"row": 9, "code": "ID_MASKED"}],
    }
    found = [
        issue(3, "", "ID_CHECKSUM"),
        issue(6, "", "TUBE_OVERFULL"),
        issue(9, "", "ID_MASKED"),
        issue(10, "", "PHONE_LENGTH"),
        issue(11, "", "TIME_24_00"),
    ]
    result = score(found, key, range(3, 13))
    assert (result.recalled, result.expected) == (2, 3)
    assert result.missed == ((8, "DATE_MISSING"),)
    # Rows 10, 11 and 12 are clean; an info alarms nobody.
    assert (result.alarmed, result.clean) == (1, 3)
    assert (result.extra, result.emitted) == (2, 5)
