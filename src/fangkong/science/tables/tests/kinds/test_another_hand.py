"""Spreadsheets that another hand made: the keys were written before the checks had seen the files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from fangkong.science.tables.check import CheckedFile, check_file
from fangkong.science.tables.scoring import Score, score

from . import (
    sheets_of_counts,
    sheets_of_odd_habits,
    sheets_of_persons,
    sheets_of_specimens,
    sheets_without_fault,
)
from .making import Sheet

MODULES = (
    sheets_of_persons,
    sheets_of_specimens,
    sheets_of_counts,
    sheets_of_odd_habits,
    sheets_without_fault,
)
SHEETS = [sheet for module in MODULES for sheet in module.sheets()]
ZONE = ZoneInfo("Asia/Shanghai")


def checked(sheet: Sheet, folder: Path) -> CheckedFile:
    """The sheet written and checked, after the one before it."""
    previous = None
    if sheet.previous:
        before = next(other for other in SHEETS if other.name == sheet.previous)
        previous = checked(before, folder)
    path = folder / sheet.name
    sheet.write(path)
    return check_file(path, today=date(2022, 4, 11), zone=ZONE, previous=previous)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[CheckedFile, Score]]]:
    folder = tmp_path_factory.mktemp("sheets")
    found = {}
    for sheet in SHEETS:
        file = checked(sheet, folder)
        found[sheet.name] = file, score(file.every_issue(), sheet.expected, sheet.rows)
    yield found
    for file, _ in found.values():
        file.close()


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_each_row_of_data_is_counted_once(
    sheet: Sheet, results: dict[str, tuple[CheckedFile, Score]]
) -> None:
    file, _ = results[sheet.name]
    numbers = [row.number for table in file.tables for row in table.rows]
    assert numbers == list(sheet.rows)
    assert file.rows_in == len(numbers) == sum(file.counts.values())


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_each_file_is_known_for_what_it_is(
    sheet: Sheet, results: dict[str, tuple[CheckedFile, Score]]
) -> None:
    assert [table.kind for table in results[sheet.name][0].tables] == [sheet.kind]


def test_what_is_wrong_is_found_and_what_is_right_is_left_alone(
    results: dict[str, tuple[CheckedFile, Score]],
) -> None:
    whole = sum((found for _, found in results.values()), Score())
    assert whole.recall >= 0.95, whole.missed
    assert whole.false_alarms <= 0.02, whole.beside
    assert whole.extra_share <= 0.15, whole.beside
    assert whole.expected > 80
    assert whole.clean > 350
