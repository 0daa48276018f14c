"""The spreadsheets of a fictional district, received as a district sends them: what the key says is on the receipt."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from fangkong.desks.intake.actions import receive_file
from fangkong.desks.intake.receipt_issues import receipt_issues
from fangkong.record.access import Actor, system_actor
from fangkong.record.actions import areas_load
from fangkong.record.digest import record_digest
from fangkong.record.installation import installation_set
from fangkong.record.models import Receipt
from fangkong.science.tables.parts import Issue
from fangkong.science.tables.scoring import Score, score

pytestmark = [pytest.mark.real_data, pytest.mark.django_db]

#: In the order in which they came: the second day's stock is held against the first's.
FILES = (
    "A_浦江区密接台账_0327_终版(2).xlsx",
    "B_核酸结果导出_20220328.csv",
    "C_街道重点人群排摸日报.xlsx",
    "D_外省协查名单.txt",
    "E_物资日报_0327.xls",
    "E_物资日报_0328.xls",
)


@pytest.fixture
def office() -> Actor:
    areas = [{"key": "9901", "name_zh": "临江市"}, {"key": "990101", "name_zh": "浦江区"}]
    areas_load(areas, actor="test", known_from=datetime(2020, 1, 1, tzinfo=UTC), source_key="test")
    installation_set(actor="test", area_code="9901", disease="covid-19")
    return system_actor("cli")


@pytest.fixture
def received(office: Actor, real_data: Path) -> dict[str, tuple[Receipt, list[Issue]]]:
    found = {}
    for name in FILES:
        receipt = receive_file(real_data / "messy" / name, actor=office)
        found[name] = (receipt, receipt_issues(receipt, actor=office))
    return found


def test_the_key_is_met(received: dict[str, tuple[Receipt, list[Issue]]], real_data: Path) -> None:
    key: dict[str, Any] = json.loads((real_data / "messy" / "expected.json").read_text(encoding="utf-8"))
    whole = sum((score(issues, key[name]) for name, (_, issues) in received.items()), Score())
    assert whole.recall >= 0.95, whole.missed
    assert whole.extra_share <= 0.15, whole.beside


def test_rows_are_conserved(received: dict[str, tuple[Receipt, list[Issue]]], real_data: Path) -> None:
    key: dict[str, Any] = json.loads((real_data / "messy" / "expected.json").read_text(encoding="utf-8"))
    for name, (receipt, _) in received.items():
        assert receipt.row_count == receipt.accepted + receipt.held + receipt.rejected
        if "data_rows" in key[name]:
            assert receipt.row_count == key[name]["data_rows"], name


def test_a_case_that_nobody_knows_is_one_fact_of_the_file(
    received: dict[str, tuple[Receipt, list[Issue]]],
) -> None:
    receipt, issues = received[FILES[0]]
    assert receipt.accepted == 0
    assert [issue.row for issue in issues if issue.params.get("reason") == "unknown_case"] == [None]


def test_the_same_files_again_change_nothing(
    received: dict[str, tuple[Receipt, list[Issue]]], office: Actor, real_data: Path
) -> None:
    before = record_digest()
    for name in FILES:
        assert receive_file(real_data / "messy" / name, actor=office) == received[name][0]
    assert record_digest() == before


def test_nothing_is_said_twice(received: dict[str, tuple[Receipt, list[Issue]]]) -> None:
    for name, (_, issues) in received.items():
        said = [(issue.sheet, issue.row, issue.column, issue.code) for issue in issues]
        assert len(said) == len(set(said)), name
