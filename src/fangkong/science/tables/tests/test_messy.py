"""The spreadsheets of a fictional district, with their key: recall, false alarms, extra findings, rows conserved."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
import xlrd

from fangkong.science.tables.check import CheckedFile, Known, check_file
from fangkong.science.tables.scoring import Score, score

pytestmark = pytest.mark.real_data

#: The files of the key that are tables, in the order in which they came.
FILES = (
    "A_浦江区密接台账_0327_终版(2).xlsx",
    "B_核酸结果导出_20220328.csv",
    "C_街道重点人群排摸日报.xlsx",
    "D_外省协查名单.txt",
    "E_物资日报_0327.xls",
    "E_物资日报_0328.xls",
)
#: Cases 1 to 9 exist, as the key says.
KNOWN = Known(case_exists=lambda case: (int(re.sub(r"\D", "", case) or 0)) in range(1, 10))
#: Rule set 2022-03, as the key says.
RELEASE_DAYS = {"": 14}


def checked(path: Path, previous: CheckedFile | None = None) -> CheckedFile:
    return check_file(
        path,
        today=date(2022, 3, 29),
        zone=ZoneInfo("Asia/Shanghai"),
        known=KNOWN,
        previous=previous,
        release_days=RELEASE_DAYS,
    )


@pytest.fixture(scope="module")
def key(real_data: Path) -> dict[str, Any]:
    return json.loads((real_data / "messy" / "expected.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def files(real_data: Path) -> Iterator[dict[str, CheckedFile]]:
    found: dict[str, CheckedFile] = {}
    for name in FILES:
        previous = found.get("E_物资日报_0327.xls") if name == "E_物资日报_0328.xls" else None
        found[name] = checked(real_data / "messy" / name, previous)
    yield found
    for file in found.values():
        file.close()


def numbers(file: CheckedFile) -> list[int]:
    return [row.number for table in file.tables for row in table.rows]


def scores(files: dict[str, CheckedFile], key: dict[str, Any]) -> dict[str, Score]:
    return {name: score(file.every_issue(), key[name], numbers(file)) for name, file in files.items()}


@pytest.mark.parametrize("name", FILES)
def test_each_file_is_found_out(name: str, files: dict[str, CheckedFile], key: dict[str, Any]) -> None:
    found = scores(files, key)[name]
    assert found.recall >= 0.95, found.missed
    assert found.false_alarms <= 0.02, found.beside


def test_all_files_together(files: dict[str, CheckedFile], key: dict[str, Any]) -> None:
    whole = sum(scores(files, key).values(), Score())
    assert whole.recall >= 0.95, whole.missed
    assert whole.false_alarms <= 0.02, whole.beside
    assert whole.extra_share <= 0.15, whole.beside


@pytest.mark.parametrize("name", FILES)
def test_what_is_merely_noted_is_noted(name: str, files: dict[str, CheckedFile], key: dict[str, Any]) -> None:
    found = {(issue.row, issue.code) for issue in files[name].every_issue()}
    wanted = {(entry["row"], entry["code"]) for entry in key[name]["issues"] if entry["severity"] == "info"}
    assert wanted - found == set()


def rows_by_hand(path: Path) -> set[int]:
    """The rows of data, counted without the readers: those below the header that have more than one cell filled and
    are no total and no header.
    """
    if path.suffix == ".xlsx":
        sheet = openpyxl.load_workbook(path).worksheets[0]
        lines = {row[0].row: [cell.value for cell in row] for row in sheet.iter_rows()}
    elif path.suffix == ".xls":
        page = xlrd.open_workbook(path).sheet_by_index(0)
        lines = {row + 1: page.row_values(row) for row in range(page.nrows)}
    else:
        encoding = "gb18030" if path.suffix == ".csv" else "utf-16"
        with path.open(encoding=encoding, newline="") as stream:
            separator = "," if path.suffix == ".csv" else "\t"
            lines = dict(enumerate(csv.reader(stream, delimiter=separator), start=1))
    filled = {row: [cell for cell in cells if cell not in (None, "")] for row, cells in lines.items()}
    heads = ("序号", "条码号", "街道", "协查编号", "类别")
    found = set()
    below = False
    for row, cells in filled.items():
        if cells and cells[0] in heads:
            below = True
        elif below and len(cells) > 1 and not {"合计", "总计", "小计", "姓名", "红码"} & set(cells):
            found.add(row)
    return found


@pytest.mark.parametrize("name", FILES)
def test_no_row_is_lost_and_none_is_made(name: str, files: dict[str, CheckedFile], real_data: Path) -> None:
    file = files[name]
    assert set(numbers(file)) == rows_by_hand(real_data / "messy" / name)
    assert len(numbers(file)) == len(set(numbers(file))) == file.rows_in
    assert file.rows_in == sum(file.counts.values())


def test_one_person_near_two_cases_keeps_both(files: dict[str, CheckedFile]) -> None:
    rows = {row.number: row for row in files[FILES[0]].tables[0].rows}
    assert rows[47].values["case_ref"] == ("病例3", "病例4")
    assert rows[41].values["id_number"] == rows[7].values["id_number"]
    assert rows[41].outcome == rows[7].outcome == "accepted"


def test_what_a_person_must_decide_is_held(files: dict[str, CheckedFile]) -> None:
    outcomes = {row.number: row.outcome for row in files[FILES[0]].tables[0].rows}
    assert {outcomes[row] for row in (13, 18, 20, 22, 42, 56)} == {"held"}
    assert {outcomes[row] for row in (5, 9, 15, 26, 30, 55)} == {"accepted"}


def test_ebola_dirty_has_two_hundred_outcomes_before_onset(real_data: Path) -> None:
    file = checked(real_data / "ebola_sim_dirty_linelist.csv")
    with (real_data / "ebola_sim_dirty_linelist.csv").open(encoding="utf-8", newline="") as stream:
        reversed_rows = {
            number
            for number, row in enumerate(csv.DictReader(stream), start=2)
            if row["date_of_outcome"]
            and row["date_of_onset"]
            and row["date_of_outcome"] < row["date_of_onset"]
        }
    found = {(issue.row, issue.code) for issue in file.every_issue() if issue.severity != "info"}
    assert found == {(row, "INTERVAL_REVERSED") for row in reversed_rows}
    assert len(reversed_rows) == 200


def test_hagelloch_keeps_its_days_of_1861(real_data: Path) -> None:
    file = checked(real_data / "measles_hagelloch_1861.csv")
    with (real_data / "measles_hagelloch_1861.csv").open(encoding="utf-8", newline="") as stream:
        onsets = [row["date_of_prodrome"] for row in csv.DictReader(stream)]
    assert [str(row.values["onset_on"]) for row in file.tables[0].rows] == onsets
    assert "DATE_BEFORE_1900" in {issue.code for issue in file.every_issue()}
