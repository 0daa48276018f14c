"""When the office knew: by the mapping, by the sender, on receiving; corrections leave the past as it was."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from fangkong.core.errors import Forbidden, InputError
from fangkong.desks.intake import queries
from fangkong.desks.intake.actions import receive_file
from fangkong.record.access import actor_of
from fangkong.record.actions import user_create
from fangkong.record.digest import record_digest
from fangkong.record.installation import installation
from fangkong.record.models import AuditRow, Case, DailyCount, Receipt, ReceiptRow

HEADER = "day,where,what,n"
LATER = datetime(2022, 4, 12, 1, tzinfo=UTC)


@pytest.fixture
def receive(office, counts_mapping, sent):
    """A function that receives the rows given."""

    def run(*rows: str, **options) -> Receipt:
        return receive_file(sent(HEADER, *rows), actor=office, mapping_file=counts_mapping, **options)

    return run


def value_at(instant: datetime) -> int | None:
    return DailyCount.objects.known_at(instant).values_list("value", flat=True).first()


def test_a_bulletin_is_known_at_the_close_of_its_day(receive):
    receive("2022-04-10,柳堤,ill,5")
    close = installation().close_of(date(2022, 4, 10))
    assert value_at(close) == 5
    assert value_at(close - timedelta(seconds=1)) is None


def test_the_same_file_twice_is_one_receipt_and_changes_nothing(receive):
    first = receive("2022-04-10,柳堤,ill,5", "2022-04-10,天边,ill,5")
    before, audited = record_digest(), AuditRow.objects.count()
    assert receive("2022-04-10,柳堤,ill,5", "2022-04-10,天边,ill,5").key == first.key
    assert record_digest() == before
    assert AuditRow.objects.count() == audited


def test_another_figure_for_the_same_instant_waits_for_a_person(receive):
    receive("2022-04-10,柳堤,ill,5")
    second = receive("2022-04-10,柳堤,ill,6", "2022-04-11,柳堤,ill,7")
    assert (second.accepted, second.held, second.rejected) == (1, 1, 0)
    row = ReceiptRow.objects.get(receipt_key=second.key)
    assert (row.row_number, row.reason, row.params["option"]) == (2, "contradicts_record", "--known-at")
    assert list(DailyCount.objects.order_by("day").values_list("value", flat=True)) == [5, 7]


def test_a_correction_with_its_own_time_leaves_the_past_as_it_was(receive):
    receive("2022-04-10,柳堤,ill,5")
    close = installation().close_of(date(2022, 4, 10))
    before = record_digest(close)
    corrected = receive("2022-04-10,柳堤,ill,6", known_at=LATER)
    assert (corrected.revised, corrected.known_basis, corrected.known_at) == (1, "option", LATER)
    assert (value_at(close), value_at(LATER)) == (5, 6)
    assert record_digest(close) == before


def test_a_time_of_knowledge_in_the_future_is_refused(receive):
    with pytest.raises(InputError, match="known_in_future"):
        receive("2022-04-10,柳堤,ill,5", known_at=datetime.now(UTC) + timedelta(days=1))


def test_live_input_is_known_when_it_is_received(office, cases_mapping, sent):
    receipt = receive_file(
        sent("case,reported,area", "A1,2022-04-01,990101"), actor=office, mapping_file=cases_mapping
    )
    assert receipt.known_basis == "receipt"
    assert Case.objects.get().known_from == receipt.known_at
    assert abs(datetime.now(UTC) - receipt.known_at) < timedelta(minutes=1)


DEATHS = """
known = "column:reported"
later = [{ fields = ["outcome", "outcome_on"], known = "column:died" }]
"""
OUTCOME = """
  { name = "died", field = "outcome_on", kind = "date" },
  { name = "outcome", field = "outcome", kind = "code", values = { dead = "dead", well = "alive" } },
]
"""


def test_a_death_is_known_on_its_day_and_not_with_the_report(office, cases_mapping, sent):
    columns, constants = cases_mapping.read_text().split("]\nconstants")
    cases_mapping.write_text(f"{columns}{OUTCOME}{DEATHS}constants{constants}")
    rows = ("A1,2022-04-01,990101,2022-04-09,dead", "A2,2022-04-01,990101,,well")
    path = sent("case,reported,area,died,outcome", *rows)
    receive_file(path, actor=office, mapping_file=cases_mapping)
    close = installation().close_of

    def outcomes(day: int) -> list[str]:
        known = Case.objects.known_at(close(date(2022, 4, day))).order_by("case_no")
        return list(known.values_list("outcome", flat=True))

    assert outcomes(1) == outcomes(8) == ["", "alive"]
    assert outcomes(9) == ["dead", "alive"]


class TestReceipts:
    def test_are_seen_inside_the_area_only(self, receive, district_officer):
        receipt = receive("2022-04-10,柳堤,ill,5")
        elsewhere = actor_of(
            user_create("e", "x" * 12, role="oversight", area_code="9902", display_name="e", actor="test")
        )
        city = actor_of(
            user_create("c", "x" * 12, role="oversight", area_code="9901", display_name="c", actor="test")
        )
        assert [r.key for r in queries.receipts(actor=city)] == [receipt.key]
        assert list(queries.receipts(actor=elsewhere)) == []
        assert list(queries.receipts(actor=city, at=receipt.known_at - timedelta(seconds=1))) == []

    def test_say_which_columns_nobody_read(self, office, counts_mapping, sent):
        path = sent(HEADER + ",remark", "2022-04-10,柳堤,ill,5,x")
        receipt = receive_file(path, actor=office, mapping_file=counts_mapping)
        assert queries.ignored_columns(receipt) == ["remark"]

    def test_need_the_right_to_receive(self, office, counts_mapping, sent):
        reader = actor_of(
            user_create("r", "x" * 12, role="auditor", area_code="9901", display_name="r", actor="test")
        )
        with pytest.raises(Forbidden):
            receive_file(sent(HEADER, "2022-04-10,柳堤,ill,5"), actor=reader, mapping_file=counts_mapping)
