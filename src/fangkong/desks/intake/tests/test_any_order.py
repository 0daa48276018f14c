"""Files come in any order: what waits for another file is taken when that is there."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings

from fangkong.desks.intake.actions import in_receiving_order, receive_file
from fangkong.record.digest import record_digest
from fangkong.record.models import Case, Contact, Event, Receipt, ReceiptRow, TransmissionLink

from .conftest import LINE_LIST

LINKS = """
code = "links"
title_zh = "关系"
title_en = "Links"
target = "transmission_links"
known = "cases"
column = [{ name = "from", field = "from_case_no" }, { name = "to", field = "to_case_no" }]
"""
CASES = ("case,reported,area", "A1,2022-04-01,990101", "A2,2022-04-01,990102", "A3,2022-04-02,990102")
ID = "990101199001011234"
REGISTER = "病例编号,姓名,证件号码,电话,接触类型,接触场所,末次接触日期,区划代码"


@pytest.fixture
def links(office, tmp_path, sent):
    """A function that receives links between case numbers."""
    mapping = tmp_path / "links.toml"
    mapping.write_text(LINKS, encoding="utf-8")

    def run(*rows: str) -> Receipt:
        return receive_file(sent("from,to", *rows, name="links.csv"), actor=office, mapping_file=mapping)

    return run


@pytest.fixture
def cases(office, cases_mapping, sent):
    """A function that receives a line list."""

    def run(*rows: str) -> Receipt:
        return receive_file(
            sent(*(rows or CASES), name="cases.csv"), actor=office, mapping_file=cases_mapping
        )

    return run


def reasons(receipt: Receipt) -> list[tuple[int, str]]:
    rows = ReceiptRow.objects.filter(receipt_key=receipt.key).order_by("row_number")
    return list(rows.values_list("row_number", "reason"))


class TestLinksBeforeTheirCases:
    ROWS = ("A1,A2", "A2,A2", "A1,A3", "A1,A2", "A1,A9")

    def test_enter_with_the_line_list(self, links, cases):
        early = links(*self.ROWS)
        assert [reason for _, reason in reasons(early)] == ["unknown_case"] * 5
        cases()
        assert TransmissionLink.objects.count() == 2
        early.refresh_from_db()
        assert (early.row_count, early.accepted, early.held, early.rejected) == (5, 2, 1, 2)
        assert reasons(early) == [(3, "link_to_itself"), (5, "duplicate_row"), (6, "unknown_case")]

    def test_are_known_since_both_cases_are(self, links, cases):
        """As if the line list had come first: not since the day on which somebody sent it."""
        early = links("A1,A2", "A1,A3")
        cases()
        known = dict(Case.objects.values_list("key", "known_from"))
        for link in TransmissionLink.objects.all():
            assert link.known_from == max(known[link.from_case_key], known[link.to_case_key])
            assert link.source_key == early.key
        early.refresh_from_db()
        assert early.known_at == max(known.values())
        told = Event.objects.get(kind="receipt.applied", subject_key=early.key)
        assert told.at == early.known_at

    def test_change_nothing_when_nothing_new_is_known(self, links, cases):
        links(*self.ROWS)
        cases()
        before = record_digest()
        links(*self.ROWS)
        cases()
        assert record_digest() == before

    def test_come_again_in_a_file_that_was_held(self, links, cases):
        """The case of one row comes with a second line list."""
        links(*self.ROWS)
        cases()
        cases("case,reported,area", "A9,2022-04-03,990101")
        assert TransmissionLink.objects.count() == 3


class TestARegisterBeforeItsCases:
    def test_is_taken_when_it_is_sent_again(self, office, cases, sent):
        row = f"A1,司徒霁月,{ID},10012345678,密接,家庭,2022-04-02,990101"
        path = sent(REGISTER, row, name="register.csv")
        held = receive_file(path, actor=office)
        assert reasons(held) == [(2, "unknown_case")]
        cases()
        taken = receive_file(path, actor=office)
        assert (taken.key, taken.accepted, taken.held, reasons(taken)) == (held.key, 1, 0, [])
        assert Contact.objects.count() == 1
        assert not list((Path(settings.HOME) / "receipts").rglob("key.sealed"))

    def test_says_nothing_of_who_while_it_waits(self, office, sent):
        path = sent(REGISTER, f"A1,司徒霁月,{ID},10012345678,密接,家庭,2022-04-02,990101")
        receive_file(path, actor=office)
        staged = [p for p in (Path(settings.HOME) / "receipts").rglob("*") if p.is_file()]
        assert not [p for p in staged for text in ("司徒霁月", ID) if text.encode() in p.read_bytes()]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_files_that_come_together_are_received_cases_first(office, sent, settings, encoding):
    """A register of contacts cannot wait in the record: what it says of people stays sealed or outside."""
    folder = Path(settings.HOME) / "mappings"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "made-up-cases.toml").write_text(LINE_LIST, encoding="utf-8")
    row = f"A1,司徒霁月,{ID},10012345678,密接,家庭,2022-04-02,990101"
    unknown = sent("alpha,beta", "1,2", name="a.csv")
    register = sent(REGISTER, row, name="b.csv", encoding=encoding)
    cases = sent(*CASES, name="c.csv", encoding=encoding)
    paths = [unknown, register, cases, unknown.with_name("none.csv")]
    assert in_receiving_order(paths) == [cases, register, unknown, paths[3]]
    for path in (cases, register):
        assert receive_file(path, actor=office).held == 0
    (folder / "made-up-cases.toml").unlink()
