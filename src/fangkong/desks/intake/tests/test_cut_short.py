"""An import that a kill cut short: whatever is received next meets the people whom it has brought already."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from fangkong.desks.intake import apply
from fangkong.desks.intake.actions import receive_file
from fangkong.record.models import Case, Contact, Person, Receipt

ID_A1, ID_A2 = "990101199001010019", "990101199202020029"


class Killed(BaseException):
    """Stands for a SIGKILL, which the kill tests send for real."""


class _Fatal:
    def passed(self) -> None:
        raise Killed


@pytest.fixture
def cut_short(office, cases_mapping, sent, monkeypatch, settings, tmp_path) -> None:
    """Cases A1 and A2 are in the record; the import died before their people could be found by number."""
    # What it leaves in the folder of receipts is nobody else's.
    settings.HOME = tmp_path / "home"
    rows = (f"A1,2022-04-01,990101,{ID_A1},司徒霁月", f"A2,2022-04-01,990101,{ID_A2},欧阳川")
    path = sent("case,reported,area,id,name", *rows, name="cases.csv")
    with monkeypatch.context() as patched:
        patched.setattr(apply, "_CHUNK_APPLIED", _Fatal())
        with pytest.raises(Killed):
            receive_file(path, actor=office, mapping_file=cases_mapping)
    assert Receipt.objects.get().state == "applying"
    assert Case.objects.count() == 2


def _book(path: Path, rows: list[list[str]]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_ledger_meets_its_people(cut_short, office, sent, tmp_path, kind):
    header = "序号,姓名,证件号码,联系电话,关联病例,末次接触时间,区"
    row = f"1,欧阳川,{ID_A2},10000000001,A1,2022-04-10,柳堤区"
    if kind == "csv":
        path = sent(header, row, name="密接台账.csv")
    else:
        path = _book(tmp_path / "密接台账.xlsx", [header.split(","), row.split(",")])
    receipt = receive_file(path, actor=office)
    assert (receipt.mapping, receipt.accepted) == ("table:contact_ledger", 1)
    assert Contact.objects.get().person_key == Case.objects.get(case_no="A2").person_key
    assert Person.objects.open().count() == 2


def test_a_register_that_a_mapping_knows_meets_its_people(cut_short, office, sent):
    header = "病例编号,姓名,证件号码,电话,接触类型,接触场所,末次接触日期,区划代码"
    path = sent(header, f"A1,欧阳川,{ID_A2},,密接,家庭,2022-04-02,990101", name="register.csv")
    receipt = receive_file(path, actor=office)
    assert (receipt.mapping, receipt.accepted) == ("contact-register", 1)
    assert Contact.objects.get().person_key == Case.objects.get(case_no="A2").person_key
