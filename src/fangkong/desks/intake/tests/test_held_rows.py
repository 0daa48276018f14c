"""Held rows decided in bulk: taken without what cannot be read, refused, told apart from those that came in right."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fangkong.core.errors import Conflict, Forbidden, InputError, NotFound
from fangkong.desks.intake import held_taking
from fangkong.desks.intake.actions import receive_file
from fangkong.desks.intake.held_decisions import HeldFor, held_rows_refuse, held_rows_take
from fangkong.desks.intake.held_rows import TAKEN, held_rows
from fangkong.desks.intake.kept_files import file_forget
from fangkong.desks.intake.staged_files import folder_of
from fangkong.desks.intake.withdrawing import receipt_withdraw
from fangkong.record.access import actor_of
from fangkong.record.actions import user_create
from fangkong.record.digest import record_digest
from fangkong.record.identity_index import holders, index_digest
from fangkong.record.keyring import keyring
from fangkong.record.models import (
    AuditRow,
    Contact,
    Event,
    PersonArea,
    Receipt,
    ReceiptRow,
)

pytestmark = pytest.mark.django_db

CASES = "case,reported,area,id,name"
LEDGER = "序号,姓名,证件号码,联系电话,关联病例,末次接触时间,区"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
SAID = "已电话核实，先收下"


def number(n: int, *, wrong: bool = False) -> str:
    """A resident number of the made-up area 990101; with ``wrong`` its check digit is not right."""
    body = f"9901011990{1 + n % 12:02}{1 + n % 28:02}{n % 250 * 4 + 1:03}"
    total = sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True))
    right = "10X98765432"[total % 11]
    return body + (("0" if right != "0" else "1") if wrong else right)


def line(
    n: int, *, wrong: bool = False, name: str = "", phone: str = "", case: str = "A1", day: str = ""
) -> str:
    who = name or f"测试{chr(0x4E00 + n)}"
    said = phone if phone else f"1000000{n:04}"
    return f"{n},{who},{number(n, wrong=wrong)},{said},{case},{day or '2022-04-10'},柳堤区"


@pytest.fixture
def ledger(office, cases_mapping, sent):
    """Send a contact ledger of case A1; the case is known."""
    path = sent(CASES, "A1,2022-04-01,990101,990101199001010011,测试甲", name="cases.csv")
    receive_file(path, actor=office, mapping_file=cases_mapping)

    def send(*rows: str, name: str = "密接台账.csv", actor=office) -> Receipt:
        return receive_file(sent(LEDGER, *rows, name=name), actor=actor)

    return send


@pytest.fixture
def duty(office):
    return person("duty", "duty_officer", "9901")


def person(login: str, role: str, area: str):
    return actor_of(user_create(login, "x" * 12, role=role, area_code=area, display_name=login, actor="test"))


def now() -> datetime:
    return datetime.now(UTC) + timedelta(minutes=5)


def counts(key: str) -> tuple[int, int, int]:
    receipt = Receipt.objects.get(key=key)
    assert receipt.accepted + receipt.held + receipt.rejected == receipt.row_count
    rows = ReceiptRow.objects.filter(receipt_key=key)
    assert rows.filter(outcome="held").count() == receipt.held
    assert rows.filter(outcome="rejected").count() == receipt.rejected
    return receipt.accepted, receipt.held, receipt.rejected


def who(value: str) -> str | None:
    """The key of the person with the number, None for a number that nobody has."""
    digest = index_digest(keyring(), "id_number", value)
    return min(holders([digest]).get(digest, ()), default=None)


def test_a_held_row_says_what_is_wrong_and_what_taking_it_would_do(ledger, duty):
    receipt = ledger(line(1), line(2, wrong=True), line(3))
    page = held_rows(receipt.key, actor=duty)
    (row,) = page.rows
    assert (page.total, page.may_decide, page.may_take) == (1, True, True)
    assert [(group.reason, group.count) for group in page.groups] == [("issue_ID_CHECKSUM", 1)]
    assert (row.sheet, row.row, row.column) == ("", 3, "证件号码")
    assert [issue.code for issue in row.findings] == ["ID_CHECKSUM"]
    assert (row.left_out, row.lacks, row.waits, row.settled_by) == (("证件号码",), (), False, None)
    # Nothing of the person: neither the number nor the name.
    assert number(2, wrong=True) not in repr(page)
    assert "测试" not in repr(page)


def test_a_row_is_taken_without_the_value_that_cannot_be_read(ledger, duty):
    receipt = ledger(line(1), line(2, wrong=True), line(3))
    assert counts(receipt.key) == (2, 1, 0)
    at = now()
    done = held_rows_take(receipt.key, [("", 3)], reason=SAID, actor=duty, at=at)
    assert (done.count, done.not_taken, done.before) == (1, (), ())
    assert counts(receipt.key) == (3, 0, 0)
    contact = Contact.objects.open().get(known_from=at)
    assert str(contact.last_exposure_on) == "2022-04-10"
    assert not contact.identified
    assert contact.source_key == receipt.key
    assert who(number(2, wrong=True)) is None
    row = ReceiptRow.objects.get(receipt_key=receipt.key)
    assert (row.outcome, row.params["held_for"], row.params["decided_by"], row.params["why"]) == (
        TAKEN,
        "issue_ID_CHECKSUM",
        duty.key,
        SAID,
    )
    assert AuditRow.objects.filter(verb="receipt.rows_take", object_key=receipt.key).count() == 1
    assert Event.objects.filter(kind="contact.registered", subject_key=contact.key).count() == 1


def test_reports_of_the_days_before_stay_as_they_were(ledger, duty):
    receipt = ledger(line(1), line(2, wrong=True))
    at = now()
    before = record_digest(at - timedelta(minutes=1))["contact"]
    held_rows_take(receipt.key, [("", 3)], reason=SAID, actor=duty, at=at)
    assert record_digest(at - timedelta(minutes=1))["contact"] == before
    assert record_digest(at)["contact"] != before


def test_what_the_record_needs_and_is_missing_keeps_that_row_and_takes_the_others(ledger, duty):
    # The first names nobody once its number is left out: it has no phone.
    receipt = ledger(line(1), line(2, wrong=True, phone="/"), line(3, wrong=True))
    page = held_rows(receipt.key, actor=duty)
    assert page.total == 2
    done = held_rows_take(receipt.key, HeldFor("issue_ID_CHECKSUM"), reason=SAID, actor=duty, at=now())
    assert done.count == 1
    (left,) = done.not_taken
    assert (left.place, left.reason) == (("", 3), "no_person")
    assert counts(receipt.key) == (2, 1, 0)


def test_a_row_of_an_unknown_case_waits_for_it_unless_it_was_refused(
    ledger, duty, office, cases_mapping, sent
):
    receipt = ledger(line(1), line(2, case="B7"), line(3, case="B7"))
    assert all(row.waits for row in held_rows(receipt.key, actor=duty).rows)
    done = held_rows_take(receipt.key, [("", 3)], reason=SAID, actor=duty, at=now())
    assert (done.count, done.not_taken[0].reason) == (0, "unknown_case")
    held_rows_refuse(receipt.key, [("", 4)], reason="不属本市", actor=duty, at=now())
    path = sent(CASES, "B7,2022-04-01,990101,990101199001010022,测试乙", name="more.csv")
    receive_file(path, actor=office, mapping_file=cases_mapping)
    # Where somebody has decided on rows, what waits is not read over their head: it waits for a person, too.
    assert counts(receipt.key) == (1, 1, 1)
    assert held_rows_take(receipt.key, [("", 3)], reason=SAID, actor=duty, at=now()).count == 1
    assert counts(receipt.key) == (2, 0, 1)


def test_doing_it_twice_changes_nothing_and_the_second_is_told_how_it_was_decided(ledger, duty):
    receipt = ledger(line(1), line(2, wrong=True), line(3, wrong=True))
    held_rows_take(receipt.key, [("", 3)], reason=SAID, actor=duty, at=now())
    held_rows_refuse(receipt.key, [("", 4)], reason="查无此人", actor=duty, at=now())
    assert counts(receipt.key) == (2, 0, 1)
    second = person("second", "general_group", "9901")
    before = record_digest()
    for act in (held_rows_take, held_rows_refuse):
        done = act(receipt.key, [("", 3), ("", 4)], reason="也看过", actor=second, at=now())
        assert (done.count, done.not_taken) == (0, ())
        told = [(each.place, each.outcome, each.by, each.why) for each in done.before]
        assert told == [
            (("", 3), TAKEN, duty.key, SAID),
            (("", 4), "rejected", duty.key, "查无此人"),
        ]
    assert record_digest() == before


def test_the_same_file_sent_again_leaves_the_decisions_alone(ledger, duty):
    rows = [line(1), line(2, wrong=True), line(3, case="B7"), line(4, wrong=True)]
    receipt = ledger(*rows)
    held_rows_take(receipt.key, [("", 3)], reason=SAID, actor=duty, at=now())
    held_rows_refuse(receipt.key, [("", 5)], reason=SAID, actor=duty, at=now())
    before = record_digest()
    assert ledger(*rows).key == receipt.key
    assert record_digest() == before
    assert counts(receipt.key) == (2, 1, 1)


def test_a_corrected_file_settles_the_row_and_in_bulk_it_is_left_alone(ledger, duty, office):
    receipt = ledger(line(1), line(2, wrong=True), line(3, wrong=True))
    again = ledger(line(2), name="密接更正.csv")
    page = held_rows(receipt.key, actor=duty)
    assert {row.row: row.settled_by and row.settled_by.key for row in page.rows} == {3: again.key, 4: None}
    done = held_rows_take(receipt.key, HeldFor("issue_ID_CHECKSUM"), reason=SAID, actor=duty, at=now())
    assert done.count == 1
    assert [(each.place, each.reason, each.params["file"]) for each in done.not_taken] == [
        (("", 3), "settled", "密接更正.csv")
    ]
    receipt_withdraw(again.key, reason="报错", actor=office, at=now())
    assert [row.settled_by for row in held_rows(receipt.key, actor=duty).rows] == [None]


def test_a_row_that_is_wrong_again_settles_nothing(ledger, duty):
    receipt = ledger(line(1), line(2, wrong=True))
    ledger(line(2, wrong=True), line(5), name="密接更正.csv")
    assert [row.settled_by for row in held_rows(receipt.key, actor=duty).rows] == [None]


def test_taking_what_has_come_in_right_blanks_nothing(ledger, duty):
    receipt = ledger(line(1), line(2, wrong=True, day="2022-04-08"))
    ledger(line(2), name="密接更正.csv")
    known = Contact.objects.open().get(
        identified=True, last_exposure_on="2022-04-10", person_key=who(number(2))
    )
    held_rows_take(receipt.key, [("", 3)], reason=SAID, actor=duty, at=now())
    after = Contact.objects.open().get(key=known.key)
    assert (after.identified, str(after.last_exposure_on)) == (True, "2022-04-10")
    assert counts(receipt.key) == (2, 0, 0)


def test_withdrawing_the_file_takes_what_was_taken_from_it_too(ledger, duty, office):
    receipt = ledger(line(1), line(2, wrong=True))
    held_rows_take(receipt.key, [("", 3)], reason=SAID, actor=duty, at=now())
    assert Contact.objects.open().count() == 2
    receipt_withdraw(receipt.key, reason="报错", actor=office, at=now() + timedelta(hours=1))
    assert Contact.objects.open().count() == 0


def test_without_the_file_rows_are_refused_but_not_taken(ledger, duty):
    receipt = ledger(line(1), line(2, wrong=True))
    file_forget(folder_of(receipt.sha256, receipt.key))
    assert not held_rows(receipt.key, actor=duty).may_take
    with pytest.raises(NotFound) as told:
        held_rows_take(receipt.key, [("", 3)], reason=SAID, actor=duty, at=now())
    assert told.value.code == "receipt.file_gone"
    assert held_rows_refuse(receipt.key, [("", 3)], reason=SAID, actor=duty, at=now()).count == 1


def test_what_is_refused_and_to_whom(ledger, duty, office):
    receipt = ledger(line(1), line(2, wrong=True))
    asked = {"reason": SAID, "at": now()}
    for role, area in (("laboratory", "9901"), ("auditor", "9901")):
        with pytest.raises(Forbidden):
            held_rows_take(receipt.key, [("", 3)], actor=person(role, role, area), **asked)
    district = person("elsewhere", "district_officer", "990102")
    with pytest.raises(NotFound):
        held_rows_refuse(receipt.key, [("", 3)], actor=district, **asked)
    with pytest.raises(InputError):
        held_rows_take(receipt.key, [("", 3)], reason=" ", actor=duty, at=now())
    with pytest.raises(NotFound) as told:
        held_rows_take(receipt.key, [("", 2), ("", 3)], actor=duty, **asked)
    assert told.value.code == "held.no_such_row"
    assert counts(receipt.key) == (1, 1, 0)
    receipt_withdraw(receipt.key, reason="报错", actor=office, at=now())
    with pytest.raises(Conflict):
        held_rows_take(receipt.key, [("", 3)], actor=duty, **asked)


def test_a_district_decides_on_its_own_files(ledger):
    district = person("own", "district_officer", "990101")
    receipt = ledger(line(1), line(2, wrong=True), actor=district)
    assert held_rows_take(receipt.key, [("", 3)], reason=SAID, actor=district, at=now()).count == 1


def test_a_page_of_many_rows_asks_few_questions_and_chunks_add_up(ledger, duty, monkeypatch):
    receipt = ledger(*(line(n, wrong=n % 2 == 0) for n in range(1, 241)))
    assert counts(receipt.key) == (120, 120, 0)
    with CaptureQueriesContext(
        connection,
    ) as few:
        page = held_rows(receipt.key, actor=duty, first=51)
    assert len(few) <= 20
    assert (len(page.rows), page.total, page.rows[0].row) == (50, 120, 103)
    entered = []
    real = held_taking._enter
    monkeypatch.setattr(held_taking, "_enter", lambda *given: entered.append(len(given[2])) or real(*given))
    done = held_rows_take(receipt.key, HeldFor("issue_ID_CHECKSUM"), reason=SAID, actor=duty, at=now())
    assert (done.not_taken, done.count, counts(receipt.key)) == ((), 120, (240, 0, 0))
    assert max(entered) <= 1000
    assert Contact.objects.open().count() == 240
    assert PersonArea.objects.open().filter(area_code="990101").count() >= 240
