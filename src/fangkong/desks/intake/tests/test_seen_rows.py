"""A list that is sent again says again what it said: only its changed rows are decided."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from fangkong.desks.intake import decide
from fangkong.desks.intake.actions import receive_file
from fangkong.record.digest import record_digest
from fangkong.record.identities import identity_load
from fangkong.record.identity_purging import person_purge
from fangkong.record.installation import installation
from fangkong.record.load import revise, withdraw
from fangkong.record.models import Case, IdentityKey, ReceiptRow
from fangkong.record.retention.kept_files import Brought

HEADER = "case,reported,area,id,name"
ROWS = [
    f"K{n},2022-04-{10 + n},99010{1 + n % 2},99010119800101{n:04d},王{'一二三四五六'[n]}" for n in range(6)
]


@pytest.fixture
def decided(monkeypatch) -> list[int]:
    """The numbers of the rows that were decided, and not known by their digest."""
    numbers: list[int] = []
    whole = decide.LineListColumns.decide

    def told(self, rows, sink):
        numbers.extend(row.number for row in rows)
        whole(self, rows, sink)

    monkeypatch.setattr(decide.LineListColumns, "decide", told)
    return numbers


@pytest.fixture
def listed(office, sent, cases_mapping, decided):
    """The list as it first came."""
    receive_file(sent(HEADER, *ROWS), actor=office, mapping_file=cases_mapping)
    decided.clear()
    return cases_mapping


def again(office, sent, mapping, rows, name="again.csv"):
    return receive_file(sent(HEADER, *rows, name=name), actor=office, mapping_file=mapping)


class TestSentAgain:
    def test_shuffled_with_one_value_changed_only_that_row_is_decided(self, office, sent, listed, decided):
        rows = [*reversed(ROWS)]
        rows[2] = rows[2].replace("2022-04-13", "2022-04-12")
        before = record_digest()
        receipt = again(office, sent, listed, rows)
        assert decided == [4]
        assert (receipt.row_count, receipt.accepted, receipt.inserted) == (6, 6, 0)
        assert (receipt.revised, receipt.unchanged) == (1, 5)
        assert (receipt.first_day.day, receipt.last_day.day) == (10, 15)
        after = record_digest()
        assert {name for name in after if after[name] != before[name]} == {
            "record",
            "case",
            "event",
            "receipt",
        }

    def test_it_leaves_what_deciding_every_row_leaves(self, office, sent, listed, decided, monkeypatch):
        rows = [ROWS[0].replace("990101,", "990102,"), *ROWS[1:]]
        monkeypatch.setattr("fangkong.desks.intake.staging.SeenRows._receipts", lambda self, work: [])
        every = again(office, sent, listed, rows)
        assert len(decided) == 6
        assert (every.accepted, every.inserted, every.revised, every.unchanged) == (6, 0, 1, 5)

    def test_a_row_that_stands_twice_is_still_a_duplicate(self, office, sent, listed):
        receipt = again(office, sent, listed, [*ROWS, ROWS[3], ROWS[4].replace("王五", "王王")])
        assert (receipt.accepted, receipt.rejected) == (6, 2)
        reasons = ReceiptRow.objects.filter(receipt_key=receipt.key).values_list("row_number", "reason")
        assert dict(reasons) == {8: "duplicate_row", 9: "duplicate_row"}

    def test_the_third_time_the_change_is_known_too(self, office, sent, listed, decided):
        rows = [ROWS[0].replace("04-10", "04-09"), *ROWS[1:]]
        again(office, sent, listed, rows)
        decided.clear()
        receipt = again(office, sent, listed, rows[::-1], name="third.csv")
        assert decided == []
        assert (receipt.accepted, receipt.unchanged, receipt.revised) == (6, 6, 0)


class TestWhatSomebodyTouched:
    def test_a_revised_case_is_decided_again(self, office, sent, listed, decided):
        case = Case.objects.open().get(case_no="K1")
        revise(case, at=installation().now(), actor="t", verb="case.revise", severity="mild")
        receipt = again(office, sent, listed, ROWS[::-1])
        assert decided == [6]
        assert (receipt.revised, receipt.unchanged) == (1, 5)

    def test_a_withdrawn_case_is_decided_again(self, office, sent, listed, decided):
        case = Case.objects.open().get(case_no="K1")
        withdraw(Case, [case.key], at=installation().now(), actor="t", reason="wrong")
        receipt = again(office, sent, listed, ROWS[::-1])
        assert decided == [6]
        assert (receipt.inserted, receipt.unchanged) == (1, 5)

    def test_a_value_that_is_sent_back_is_taken_back(self, office, sent, listed):
        again(office, sent, listed, [ROWS[0].replace("04-10", "04-09"), *ROWS[1:]])
        back = again(office, sent, listed, ROWS[::-1], name="back.csv")
        assert (back.revised, back.unchanged) == (1, 5)
        assert Case.objects.open().get(case_no="K0").reported_on.day == 10

    def test_a_second_person_with_the_number_makes_the_row_wait(self, office, sent, listed):
        identity_load(
            [("person-other", {"id_number": "990101198001010002"})],
            actor="t",
            category="identity",
            at=datetime(2022, 4, 20, tzinfo=UTC),
        )
        receipt = again(office, sent, listed, ROWS[::-1])
        assert (receipt.accepted, receipt.held) == (5, 1)

    def test_a_purged_person_is_decided_again(self, office, sent, listed, decided):
        person = Case.objects.open().get(case_no="K1").person_key
        person_purge([person], actor="t", reason="asked")
        again(office, sent, listed, ROWS[::-1])
        assert decided == [6]
        assert IdentityKey.objects.count() == 6

    def test_a_purge_finds_the_file_that_only_repeated(self, office, sent, listed):
        receipt = again(office, sent, listed, ROWS[::-1])
        person = Case.objects.open().get(case_no="K1").person_key
        assert receipt.key in Brought().receipts_of([person])
