"""Each row of a file is accepted, held for a person, or rejected with its place and reason."""

from __future__ import annotations

from datetime import date

import pytest

from fangkong.core.errors import InputError
from fangkong.desks.intake.actions import receive_file
from fangkong.record.digest import record_digest
from fangkong.record.models import Area, DailyCount, Event, ReceiptRow

HEADER = "day,where,what,n"
GOOD = "2022-04-01,柳堤区,ill,5"


def reasons(receipt) -> list[tuple[int, str, str, str]]:
    rows = ReceiptRow.objects.filter(receipt_key=receipt.key).order_by("row_number")
    return list(rows.values_list("row_number", "outcome", "reason", "column"))


@pytest.mark.parametrize(
    ("row", "outcome", "reason", "column"),
    [
        ("2022-02-30,柳堤区,ill,1", "rejected", "impossible_date", "day"),
        ("soon,柳堤区,ill,1", "rejected", "impossible_date", "day"),
        ("2022411,柳堤区,ill,1", "rejected", "impossible_date", "day"),
        (",柳堤区,ill,1", "rejected", "missing_value", "day"),
        ("2022-04-02,柳堤区,ill,", "rejected", "missing_value", "n"),
        ("2022-04-02,柳堤区,ill,many", "rejected", "not_a_number", "n"),
        ("2022-04-02,柳堤区,ill,99999999999", "rejected", "number_too_large", "n"),
        ("2022-04-02,柳堤区,ill", "rejected", "cell_count", "what"),
        ("2022-04-02,柳堤区,ill,1,2", "rejected", "cell_count", "n"),
        ("2022-04-02,,柳堤区,ill,", "rejected", "cell_count", "n"),
        (HEADER, "rejected", "repeated_header", ""),
        ("2022-04-02,桃源区,ill,1", "held", "unknown_area", "where"),
        ("2022-04-02,柳堤区,gone,1", "held", "unknown_value", "what"),
        ("2022-04-02,柳堤区,ill,-1", "held", "negative_count", "n"),
        ("2999-04-02,柳堤区,ill,1", "held", "future_date", "day"),
        (GOOD, "rejected", "duplicate_row", ""),
        ("2022-04-01,柳堤,ill,6", "rejected", "duplicate_conflict", ""),
    ],
)
def test_a_row_that_cannot_be_taken_says_where_and_why(
    office, counts_mapping, sent, row, outcome, reason, column
):
    path = sent(HEADER, GOOD, row, "2022-04-03,望海,found,2")
    receipt = receive_file(path, actor=office, mapping_file=counts_mapping)
    assert reasons(receipt) == [(3, outcome, reason, column)]
    assert receipt.row_count == receipt.accepted + receipt.held + receipt.rejected == 3
    assert DailyCount.objects.filter(source_key=receipt.key).count() == receipt.accepted == 2


@pytest.mark.parametrize(
    "name", ["柳堤区", "柳堤", "老柳堤", " 柳堤区 ", "Liudi District", "liudi", "ＬＩＵＤＩ"]
)
def test_an_area_is_known_by_any_of_its_names(db, counts_mapping, sent, name):
    """The mapping brings its areas; the record had none."""
    from fangkong.record.access import system_actor

    receive_file(
        sent(HEADER, f"2022-04-01,{name},ill,5"), actor=system_actor("cli"), mapping_file=counts_mapping
    )
    assert DailyCount.objects.get().area_code == "990101"
    assert Area.objects.open().count() == 3


def test_a_name_of_two_areas_waits_for_a_person(office, counts_mapping, sent):
    text = counts_mapping.read_text().replace('"Wanghai New Area"', '"Wanghai New Area", aliases = ["柳堤"]')
    counts_mapping.write_text(text.replace('"Liudi District", aliases = ["老柳堤"]', '"Liudi District"'))
    path = sent(HEADER, "2022-04-01,柳堤市,ill,5", "2022-04-01,望海,ill,5")
    assert reasons(receive_file(path, actor=office, mapping_file=counts_mapping)) == [
        (2, "held", "ambiguous_area", "where")
    ]


def test_a_date_that_reads_two_ways_waits_for_a_person(office, counts_mapping, sent):
    formats = 'kind = "date", formats = ["%d/%m/%Y", "%m/%d/%Y"]'
    counts_mapping.write_text(counts_mapping.read_text().replace('kind = "date"', formats))
    path = sent(HEADER, "03/04/2022,柳堤,ill,1", "04/04/2022,柳堤,ill,2", "25/03/2022,柳堤,ill,3")
    assert reasons(receive_file(path, actor=office, mapping_file=counts_mapping)) == [
        (2, "held", "ambiguous_date", "day")
    ]


def test_rows_are_numbered_as_the_file_is(office, counts_mapping, sent):
    """Blank lines and cells of several lines do not shift the numbers that the sender sees."""
    path = sent(HEADER, "", GOOD, '"2022-04-02","柳堤\n区",ill,1', "x,柳堤,ill,1")
    assert reasons(receive_file(path, actor=office, mapping_file=counts_mapping)) == [
        (6, "rejected", "impossible_date", "day")
    ]


@pytest.mark.parametrize("day", ["2022年4月1日", "2022/4/1", "2022.4.1", "20220401", "２０２２-０４-０１"])
def test_a_day_is_read_as_offices_write_it(office, counts_mapping, sent, day):
    receive_file(sent(HEADER, f"{day},柳堤区,ill,5"), actor=office, mapping_file=counts_mapping)
    assert DailyCount.objects.get().day == date(2022, 4, 1)


def test_a_spreadsheet_pads_every_line(office, counts_mapping, sent):
    path = sent(HEADER + ",,", GOOD + ",,", ",,,,,", "2022-04-02,柳堤区,ill,6,")
    receipt = receive_file(path, actor=office, mapping_file=counts_mapping)
    assert (receipt.row_count, receipt.accepted) == (2, 2)


class TestAPublicationIsTakenWhole:
    """Its mapping names the reasons for which one row refuses the file."""

    @pytest.fixture
    def strict(self, counts_mapping):
        rule = 'refused_by = ["impossible_date", "cell_count"]\ncolumn = ['
        counts_mapping.write_text(counts_mapping.read_text().replace("column = [", rule))
        return counts_mapping

    @pytest.mark.parametrize(
        ("row", "reason", "column"),
        [
            ("20220230,柳堤区,ill,1", "impossible_date", "day"),
            ("2022-04-02,柳堤区,1", "cell_count", "what"),
        ],
    )
    def test_a_broken_row_refuses_it_and_is_named(self, office, strict, sent, row, reason, column):
        before = record_digest()
        path = sent(HEADER, GOOD, row, "2022-04-03,望海,found,2", "2022-13-01,望海,found,2")
        with pytest.raises(InputError) as refusal:
            receive_file(path, actor=office, mapping_file=strict)
        found = refusal.value.params
        assert (refusal.value.code, found["row"], found["column"]) == ("intake.file_broken", 3, column)
        assert (found["file"], found["reason"], found["rows"]) == (path.name, reason, 2)
        assert record_digest() == before

    def test_a_row_with_another_defect_does_not(self, office, strict, sent):
        path = sent(HEADER, GOOD, "2022-04-02,柳堤区,ill,many", "2022-04-02,桃源区,ill,1")
        receipt = receive_file(path, actor=office, mapping_file=strict)
        assert (receipt.accepted, receipt.held, receipt.rejected) == (1, 1, 1)


WIDE = """
code = "wide"
title_zh = "宽表"
title_en = "Wide"
target = "daily_counts"
known = "day_close"
constants = { area_code = "9901" }
column = [{ name = "day", field = "day", kind = "date" }]
measure = [{ column = "ill", measure = "confirmed" }, { column = "dead", measure = "deaths" }]
"""


def test_an_empty_cell_of_a_wide_table_was_not_published(office, tmp_path, sent):
    mapping = tmp_path / "wide.toml"
    mapping.write_text(WIDE)
    receipt = receive_file(
        sent("day,ill,dead", "2022-04-01,4,", "2022-04-02,,"), actor=office, mapping_file=mapping
    )
    assert list(DailyCount.objects.values_list("day", "measure", "value")) == [
        (date(2022, 4, 1), "confirmed", 4)
    ]
    assert reasons(receipt) == [(3, "rejected", "no_figures", "ill")]


def test_a_district_speaks_of_itself_only(district_officer, counts_mapping, sent):
    path = sent(HEADER, GOOD, "2022-04-01,望海,ill,9")
    receipt = receive_file(path, actor=district_officer, mapping_file=counts_mapping)
    assert reasons(receipt) == [(3, "rejected", "outside_your_area", "")]
    assert set(DailyCount.objects.values_list("area_code", flat=True)) == {"990101"}


def test_a_day_and_area_is_told_once_however_many_figures_it_has(office, counts_mapping, sent):
    receive_file(sent(HEADER, GOOD, "2022-04-01,柳堤,found,7"), actor=office, mapping_file=counts_mapping)
    assert [e.subject_key for e in Event.objects.filter(kind="figures.published")] == ["990101|2022-04-01"]
    assert Event.objects.filter(kind="receipt.applied").count() == 1
