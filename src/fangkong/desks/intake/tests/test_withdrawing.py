"""A file withdrawn takes with it what it alone brought, and nothing that another file says too."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from fangkong.core.errors import Conflict, Forbidden, InputError
from fangkong.desks.intake.actions import receive_file
from fangkong.desks.intake.withdrawing import receipt_withdraw
from fangkong.record.digest import record_digest
from fangkong.record.models import Case, DailyCount, IdentityKey, Person, Receipt

HEADER = "day,where,what,n"
NOW = datetime.now(UTC)
CASES = "case,reported,area,id,name"


@pytest.fixture
def receive(office, counts_mapping, cases_mapping, sent):
    def take(*rows: str, name: str = "counts.csv", header: str = HEADER):
        mapping = counts_mapping if header == HEADER else cases_mapping
        return receive_file(sent(header, *rows, name=name), actor=office, mapping_file=mapping)

    return take


def undo(receipt, office, at=None):
    return receipt_withdraw(receipt.key, reason="报错了", actor=office, at=at or NOW + timedelta(hours=1))


def values():
    rows = DailyCount.objects.open().order_by("day", "area_code")
    return [(row.day.day, row.area_code, row.value) for row in rows]


def test_what_a_file_alone_brought_goes_and_stays_readable_as_of_before(receive, office):
    receipt = receive("2022-04-01,柳堤区,ill,5", "2022-04-01,望海新区,ill,7")
    early = record_digest(NOW + timedelta(minutes=30))["dailycount"]
    assert undo(receipt, office) == 2
    assert values() == []
    assert record_digest(NOW + timedelta(minutes=30))["dailycount"] == early
    assert Receipt.objects.get().withdrawn_at is not None


def test_what_another_file_says_too_stays(receive, office):
    first = receive("2022-04-01,柳堤区,ill,5", "2022-04-02,柳堤区,ill,6")
    second = receive("2022-04-01,柳堤区,ill,5", name="again.csv")
    assert undo(first, office) == 1
    assert values() == [(1, "990101", 5)]
    assert undo(second, office, NOW + timedelta(hours=2)) == 1
    assert values() == []


def test_a_correction_withdrawn_gives_way_to_what_stood_before(receive, office, counts_mapping, sent):
    receive("2022-04-01,柳堤区,ill,5")
    path = sent(HEADER, "2022-04-01,柳堤区,ill,9", name="correction.csv")
    correction = receive_file(
        path, actor=office, mapping_file=counts_mapping, known_at=NOW - timedelta(hours=1)
    )
    assert values() == [(1, "990101", 9)]
    undo(correction, office)
    assert values() == [(1, "990101", 5)]


def test_people_whom_nothing_else_names_are_purged_and_others_are_kept(receive, office):
    first = receive(
        "A1,2022-04-01,990101,990101199001010011,测试甲",
        "A2,2022-04-01,990101,990101199001010022,测试乙",
        header=CASES,
        name="a.csv",
    )
    receive("B1,2022-04-05,990101,990101199001010022,测试乙", header=CASES, name="b.csv")
    assert IdentityKey.objects.count() == 2
    undo(first, office)
    assert list(Case.objects.open().values_list("case_no", flat=True)) == ["B1"]
    assert Person.objects.open().count() == 1
    assert IdentityKey.objects.count() == 1


def test_withdrawn_is_withdrawn_and_a_reason_is_needed(receive, office):
    receipt = receive("2022-04-01,柳堤区,ill,5")
    with pytest.raises(InputError):
        receipt_withdraw(receipt.key, reason=" ", actor=office, at=NOW)
    undo(receipt, office)
    with pytest.raises(Conflict):
        undo(receipt, office)


def test_a_district_withdraws_nothing(receive, office, district_officer):
    receipt = receive("2022-04-01,柳堤区,ill,5")
    Receipt.objects.update(area_code="990101")
    with pytest.raises(Forbidden):
        undo(receipt, district_officer)
