"""A city's screening: results go to the lake by day, and only what is positive reaches the record."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow.parquet as pq
import pytest
from django.conf import settings

from fangkong.core.errors import Forbidden, InputError
from fangkong.desks.intake.result_lake import lake
from fangkong.desks.intake.screening_results import receive_test_results
from fangkong.record.digest import record_digest
from fangkong.record.installation import installation_set
from fangkong.record.models import Event, LabResult, Person, ReceiptRow, machine_now

HEADER = "样本编号,证件号码,姓名,区划代码,采样时间,结果时间,结果,Ct值,检测机构"
ROWS = (
    "S1,990101198001011234,甲,990101,2022-04-18 09:00,2022-04-18 20:00,阴性,,一所",
    "S2,990101198001011245,乙,990102,2022-04-18 09:00,2022-04-19 00:30,阳性,31.5,一所",
    "S3,99010119800101124x,丙,990101,2022-04-18 09:00,2022-04-19 01:00,-,,二所",
)


@pytest.fixture
def screening(office, tmp_path, monkeypatch):
    """An office on 20 April 2022, when what is taken of people tested has an end."""
    (tmp_path / "home").mkdir()
    monkeypatch.setattr(settings, "HOME", tmp_path / "home")
    at = datetime(2022, 4, 20, 4, tzinfo=UTC)
    offset = round((at - machine_now()).total_seconds())
    installation_set(actor="test", disease="covid-19", clock_offset=offset)
    return office


def parts() -> dict[str, list[dict[str, object]]]:
    found = {}
    for path in sorted(lake().glob("day=*/*.parquet")):
        found[path.parent.name.removeprefix("day=")] = pq.read_table(path).to_pylist()
    return found


class TestTheLake:
    def test_each_result_stands_under_its_civil_day(self, screening, sent):
        receipt = receive_test_results(sent(HEADER, *ROWS), actor=screening)
        assert (receipt.row_count, receipt.accepted, receipt.held, receipt.rejected) == (3, 3, 0, 0)
        days = {
            day: [(row["row"], row["specimen"], row["result"]) for row in rows]
            for day, rows in parts().items()
        }
        assert days == {
            "2022-04-18": [(2, "S1", "negative")],
            "2022-04-19": [(3, "S2", "positive"), (4, "S3", "negative")],
        }

    def test_people_are_tokens_and_nothing_tells_who(self, screening, sent):
        receive_test_results(sent(HEADER, *ROWS, ROWS[2].replace("S3", "S4").upper()), actor=screening)
        tokens = [row["person"] for rows in parts().values() for row in rows]
        assert len(tokens) == 4
        assert len(set(tokens)) == 3
        stored = b"".join(path.read_bytes() for path in lake().rglob("*.parquet"))
        for text in ("990101198001011234", "甲", "丙"):
            assert text.encode() not in stored

    def test_a_positive_result_tells_its_event_at_once(self, screening, sent):
        receive_test_results(sent(HEADER, *ROWS), actor=screening)
        assert LabResult.objects.count() == Person.objects.count() == 1
        assert Event.objects.filter(kind="result.positive").count() == 1

    def test_sent_again_it_changes_nothing(self, screening, sent):
        path = sent(HEADER, *ROWS)
        first = receive_test_results(path, actor=screening)
        before, files = record_digest(), sorted(lake().rglob("*"))
        assert receive_test_results(path, actor=screening).key == first.key
        assert (record_digest(), sorted(lake().rglob("*"))) == (before, files)

    def test_what_a_kill_left_is_written_anew_in_place_of_its_own_parts(self, screening, sent):
        path = sent(HEADER, *ROWS)
        receipt = receive_test_results(path, actor=screening)
        before, files = record_digest(), sorted(lake().rglob("*"))
        receipt.state = "staged"
        receipt.save()
        for part in lake().rglob("*.parquet"):
            part.write_bytes(b"half")
        receive_test_results(path, actor=screening)
        assert (record_digest(), sorted(lake().rglob("*"))) == (before, files)
        assert sum(map(len, parts().values())) == 3


class TestWhatIsNotTaken:
    def test_rows_are_held_or_rejected_with_their_line_and_column(self, screening, sent):
        odd = (
            "S4,,,990101,2022-04-18 09:00,2022-04-18 20:00,阴性,,一所",
            "",
            "S5,990101198001011256,丁,990101,2022-04-18",
            "S6,990101198001011267,戊,990101,2022-04-18 09:00,2022-04-18 20:00,也许,,一所",
            ",990101198001011278,己,990101,2022-04-18 09:00,2022-04-18 20:00,阴性,,一所",
            "S8,990101198001011289,庚,990101,2022-04-18 21:00,2022-04-18 20:00,阴性,,一所",
            "S9,990101198001011290,辛,990101,2022-04-18 09:00,2022-02-30 20:00,阴性,,一所",
        )
        receipt = receive_test_results(sent(HEADER, *ROWS, *odd), actor=screening)
        assert (receipt.row_count, receipt.accepted, receipt.held, receipt.rejected) == (9, 3, 1, 5)
        rows = ReceiptRow.objects.filter(receipt_key=receipt.key).order_by("row_number")
        assert list(rows.values_list("row_number", "reason", "column")) == [
            (5, "no_person", "证件号码"),
            (7, "cell_count", "采样时间"),
            (8, "unknown_value", "结果"),
            (9, "missing_value", "样本编号"),
            (10, "result_before_sample", "结果时间"),
            (11, "impossible_date", "结果时间"),
        ]

    def test_a_district_may_send_its_own_results_only(self, screening, district_officer, sent):
        receipt = receive_test_results(sent(HEADER, *ROWS), actor=district_officer)
        assert (receipt.accepted, receipt.rejected) == (2, 1)

    def test_a_file_of_other_things_is_refused(self, screening, sent, cases_mapping):
        with pytest.raises(InputError, match="not_test_results"):
            receive_test_results(
                sent("case,reported,area", "1,2022-04-18,990101"), actor=screening, mapping_file=cases_mapping
            )


class TestTheRule:
    def test_without_an_end_nothing_is_collected(self, screening, sent):
        installation_set(actor="test", disease="measles")
        with pytest.raises(Forbidden, match="collection_without_end"):
            receive_test_results(sent(HEADER, *ROWS), actor=screening)
        assert not list(lake().rglob("*")) if lake().exists() else True

    def test_once_the_measures_have_ended_nothing_is_collected(self, screening, sent):
        at = datetime(2023, 2, 1, tzinfo=UTC)
        installation_set(actor="test", clock_offset=round((at - machine_now()).total_seconds()))
        with pytest.raises(Forbidden, match="without_end"):
            receive_test_results(sent(HEADER, *ROWS), actor=screening)
        assert not LabResult.objects.exists()
