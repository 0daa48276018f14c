"""Cross-tabs, beds, daily counts, journeys, line lists, totals and the day of a report."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from fangkong.science.tables.kinds.assistance_list import Step, requirement
from fangkong.science.tables.kinds.report_dates import ReportDates
from fangkong.science.tables.kinds.rows import ReadRow, ReadTotal
from fangkong.science.tables.kinds.totals import Totals

from .making import id_number
from .rows_made import found, resident, row


def village(number: int, name: str, due: float, done: float, **more) -> ReadRow:
    return row(number, street="东湖", community=name, due_count=due, done_count=done, **more)


def test_more_done_than_due() -> None:
    rows = [village(4, "一", 120, 118), village(5, "二", 150, 151)]
    assert found("screening_crosstab", rows) == {(5, "DONE_EXCEEDS_TARGET")}


def test_a_fraction_of_a_person_was_typed_in_ten_thousands() -> None:
    assert found("screening_crosstab", [village(4, "一", 0.02, 200)]) == {(4, "UNIT_SUSPECT")}


def test_a_thousandfold_number_is_in_another_unit() -> None:
    rows = [village(number, str(number), 100 + number, 90 + number) for number in range(4, 12)]
    rows.append(village(12, "末", 1_200_000, 1_180_000))
    assert found("screening_crosstab", rows) == {(12, "UNIT_SUSPECT")}


def test_a_negative_count_is_not_held_against_the_others() -> None:
    assert found("screening_crosstab", [village(4, "一", -3, 0)]) == {(4, "NEGATIVE_COUNT")}


def test_a_part_is_no_greater_than_its_whole() -> None:
    rows = [village(4, "一", 120, 118, part_count=119)]
    assert found("screening_crosstab", rows) == {(4, "PART_EXCEEDS_WHOLE")}


def test_a_column_nobody_understood_still_tells_rows_apart() -> None:
    days = [row(number, day=DAY_OF_MANY, area_name="东湖", value=3) for number in (2, 3, 4)]
    for one, source in zip(days, ("社会面", "闭环管控", "社会面"), strict=True):
        one.texts = {**one.texts, "other:来源": source}
    assert found("daily_counts", days) == {(4, "DUPLICATE_UNIT_ROW")}


def test_what_is_left_over_is_a_part_of_the_target() -> None:
    one = village(4, "一", 120, 20, part_count=100)
    one.columns = {**one.columns, "part_count": "未排摸数"}
    assert found("screening_crosstab", [one]) == set()


def test_one_unit_twice() -> None:
    rows = [village(4, "一", 120, 118), village(5, "二", 120, 118), village(6, "一 ", 120, 118)]
    assert found("screening_crosstab", rows) == {(6, "DUPLICATE_UNIT_ROW")}


def ward(number: int, name: str, established: int, opened: int, occupied: int, **more) -> ReadRow:
    return row(
        number, facility=name, beds_established=established, beds_open=opened, beds_occupied=occupied, **more
    )


def test_beds() -> None:
    rows = [ward(3, "甲", 100, 80, 60), ward(4, "乙", 100, 120, 60), ward(5, "丙", 100, 80, 81)]
    assert found("beds", rows) == {(4, "OPEN_EXCEEDS_ESTABLISHED"), (5, "OCCUPIED_EXCEEDS_OPEN")}


def test_beds_of_one_day_follow_from_the_day_before() -> None:
    rows = [
        ward(3, "甲", 100, 80, 60, admitted=0, discharged=0, day=date(2022, 4, 9)),
        ward(4, "甲", 100, 80, 70, admitted=5, discharged=1, day=date(2022, 4, 10)),
    ]
    assert found("beds", rows) == {(4, "BALANCE_ERROR")}


def passenger(
    number: int,
    person: int,
    seat: str,
    train: str = "G1",
    at: datetime = datetime(2022, 4, 10, 9, tzinfo=UTC),
    **more,
) -> ReadRow:
    return row(
        number,
        name=f"测试{person}",
        id_number=resident(id_number("19900101", 100 + person)),
        vehicle=train,
        seat=seat,
        arrived_at=at,
        **more,
    )


def test_two_persons_on_one_seat() -> None:
    assert found("arrivals", [passenger(3, 1, "05车12A"), passenger(4, 2, "05车12A")]) == {
        (4, "SEAT_CONFLICT")
    }
    assert found("arrivals", [passenger(3, 1, "05车12A"), passenger(4, 2, "05车12A", "G2")]) == set()


def test_a_seat_sold_for_two_stretches() -> None:
    rows = [
        passenger(3, 1, "05车12A", origin="北", destination="中"),
        passenger(4, 2, "05车12A", origin="中", destination="南"),
    ]
    assert found("arrivals", rows) == set()


def test_one_person_on_two_trains_at_once() -> None:
    rows = [passenger(3, 1, "01A"), passenger(4, 1, "02B", "G2", datetime(2022, 4, 10, 9, 5, tzinfo=UTC))]
    assert found("arrivals", rows) == {(4, "SAME_PERSON_TWO_PLACES")}
    rows = [passenger(3, 1, "01A"), passenger(4, 1, "02B", "G2", datetime(2022, 4, 10, 15, tzinfo=UTC))]
    assert found("arrivals", rows) == set()


def test_death_before_onset() -> None:
    rows = [
        row(2, case_no="1", onset_on=date(2022, 4, 5), outcome_on=date(2022, 4, 3)),
        row(3, case_no="2", onset_on=date(2022, 4, 5), outcome_on=date(2022, 4, 5)),
    ]
    assert found("line_list", rows) == {(2, "INTERVAL_REVERSED")}


def test_rows_without_a_name_may_say_the_same_of_two_cases() -> None:
    assert (
        found("line_list", [row(2, age=3, onset_on=DAY_OF_MANY), row(3, age=3, onset_on=DAY_OF_MANY)])
        == set()
    )


DAY_OF_MANY = date(2022, 4, 5)


def disagreeing(
    rows: list[ReadRow], *totals: ReadTotal, title: tuple[str, ...] = (), persons: int = 0
) -> set[int | None]:
    sums = Totals()
    for one in rows:
        sums.row(one, [])
    return {issue.row for issue in sums.end(totals, title, persons)}


def test_totals_and_subtotals_of_figures() -> None:
    rows = [village(4, "一", 10, 9), village(5, "二", 20, 19), village(7, "三", 5, 5)]
    right = [
        ReadTotal(6, "subtotal", {"due_count": 30, "done_count": 28}, ""),
        ReadTotal(8, "total", {"due_count": 35, "done_count": 33}, ""),
    ]
    assert disagreeing(rows, *right) == set()
    assert disagreeing(rows, ReadTotal(6, "subtotal", {"due_count": 31}, ""), right[1]) == {6}
    assert disagreeing(rows, right[0], ReadTotal(8, "total", {"due_count": 36}, "")) == {8}


def test_a_total_may_leave_out_the_rows_that_stand_twice() -> None:
    sums = Totals()
    rows = [village(4, "一", 10, 9), village(5, "一", 10, 9)]
    again = [ReadTotal(6, "total", {"due_count": 10}, "")]
    for number, one in enumerate(rows):
        sums.row(one, [rows[1].found("", "DUPLICATE_UNIT_ROW")] if number else [])
    assert list(sums.end(again)) == []


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("注：共3人，其中集中隔离2人，居家隔离1人", False),
        ("注：共4人，其中集中隔离2人", True),
        ("注：共3人，其中集中隔离1人", True),
        ("联系人电话见第3列，填报于4月5日", False),
        ("1.病例编号以市级编号为准；2.联系不上的填“无”。", False),
        ("Total: 3 persons", False),
    ],
)
def test_a_note_that_counts(text: str, wrong: bool) -> None:
    rows = [row(4, control_mode="集中隔离"), row(5, control_mode="集中隔离"), row(6, control_mode="居家隔离")]
    assert disagreeing(rows, ReadTotal(7, "note", {}, text)) == ({7} if wrong else set())


def test_a_list_ends_with_the_number_of_its_rows() -> None:
    rows = [row(4, name="甲"), row(5, name="乙")]
    assert disagreeing(rows, ReadTotal(6, "total", {}, "合计 2人")) == set()
    assert disagreeing(rows, ReadTotal(6, "total", {}, "合计 63人")) == {6}


@pytest.mark.parametrize(
    ("name", "title", "wrong"),
    [
        ("物资日报_0327.xls", "防疫物资日报（3月27日）", False),
        ("物资日报_0328.xls", "防疫物资日报（3月27日）", True),
        ("报表20220328.csv", "2022年3月28日", False),
        ("终版(2).xlsx", "截至3月27日17:00", False),
        ("第12号0327.xls", "无日期", False),
    ],
)
def test_the_day_of_the_title_and_of_the_name(name: str, title: str, wrong: bool) -> None:
    codes = [issue.code for issue in ReportDates(name, ["台账", title], one_day=True).end()]
    assert codes == (["REPORT_DATE_MISMATCH"] if wrong else [])


@pytest.mark.parametrize(
    ("text", "steps", "phrase"),
    [
        ("三天两检", [Step("test", 3, 2)], True),
        ("核查在位", [Step("verify_presence")], True),
        ("集中隔离", [Step("central_isolation")], True),
        ("7天居家健康监测", [Step("home_monitoring", 7)], False),
        (
            "十四天集中隔离，7天居家健康监测",
            [Step("central_isolation", 14), Step("home_monitoring", 7)],
            False,
        ),
        ("转运后三天两检", [Step("transfer"), Step("test", 3, 2)], False),
        ("请协助落位管控并反馈", [Step("verify_presence"), Step("control"), Step("reply")], False),
        ("谢谢", [], False),
    ],
)
def test_what_a_request_asks_for(text: str, steps: list[Step], phrase: bool) -> None:
    assert requirement(text) == (tuple(steps), phrase)
