"""What leaves as CSV or XLSX holds no cell that a spreadsheet would run, whatever the sender wrote."""

from __future__ import annotations

import ast
import csv
import io
from pathlib import Path

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

import fangkong
from fangkong.faces.web.board.tests.made_city import browser, made_city
from fangkong.record.models import Receipt, ReceiptRow

FACES = Path(fangkong.__file__).parent / "faces"
EVIL = ("=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\t=1", "\r=1", '=HYPERLINK("http://127.0.0.1/")')
STARTS = ("=", "+", "-", "@")
#: The modules that write tables for people; another that begins to must be walked here too.
WRITERS = {"papers/error_workbook.py", "web/receive/receipt_views.py"}


def writes_tables(source: str) -> bool:
    """Whether a module imports something that writes CSV or workbooks."""
    for node in ast.walk(ast.parse(source)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
        module = (node.module or "") if isinstance(node, ast.ImportFrom) else ""
        if {name.partition(".")[0] for name in [*names, module]} & {
            "csv",
            "xlsxwriter",
            "openpyxl",
            "pandas",
        }:
            return True
    return False


def runs(value: object) -> bool:
    """Whether a spreadsheet would take a cell's text for a formula."""
    return isinstance(value, str) and value.strip().startswith(STARTS)


def test_every_module_that_writes_tables_is_walked_here():
    files = [path for path in FACES.rglob("*.py") if "tests" not in path.parts]
    found = {path.relative_to(FACES).as_posix() for path in files if writes_tables(path.read_text("utf-8"))}
    assert found == WRITERS
    assert writes_tables("from openpyxl.styles import Font")


@pytest.mark.django_db
def test_no_cell_of_an_export_starts_a_formula():
    made_city(2)
    duty = browser("duty_officer")
    # Their words as names of columns, in cells, and as the name of the sheet.
    book = openpyxl.Workbook()
    book.active.title = "=1+1"
    for row in (["物资日报"], ["物资名称", "计量单位", "昨日结存", "今日结存", *EVIL[:2]], ["口罩", *EVIL]):
        book.active.append([f"{cell}" for cell in row])
    for line in book.active.iter_rows():
        for cell in line:
            cell.data_type = "s"
    out = io.BytesIO()
    book.save(out)
    assert (
        duty.post("/receive/", {"file": SimpleUploadedFile("=物资.xlsx", out.getvalue())}).status_code == 302
    )
    receipt = Receipt.objects.get()
    for number, evil in enumerate(EVIL, 10):
        ReceiptRow.objects.create(
            receipt_key=receipt.key,
            row_number=number,
            column=evil,
            outcome="held",
            reason="unknown_value",
            params={"value": evil, "column": evil},
        )
    answer = duty.get(f"/receive/{receipt.key}/rows.csv")
    table = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert len(table) > len(EVIL)
    assert [cell for row in table for cell in row if runs(cell)] == []
    for lang in ("zh", "en"):
        back = duty.post(f"/receive/{receipt.key}/send-back/", {"lang": lang})
        assert back.status_code == 200
        workbook = openpyxl.load_workbook(io.BytesIO(back.content))
        held = [
            cell for sheet in workbook for row in sheet.iter_rows() for cell in row if cell.value is not None
        ]
        assert len(held) > 10
        assert [cell.value for cell in held if cell.data_type == "f" or runs(cell.value)] == []
