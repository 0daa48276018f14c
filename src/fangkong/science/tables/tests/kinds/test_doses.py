"""Doses of a person: numbers, order, intervals, products."""

from __future__ import annotations

from datetime import date

from fangkong.science.tables.kinds.rows import ReadRow

from .making import id_number
from .rows_made import found, resident, row

VERO = "新型冠状病毒灭活疫苗（Vero细胞）"


def dose(number: int, person: int, dose_no: int, on: date, product: str = VERO) -> ReadRow:
    return row(
        number,
        name=f"测试{person}",
        id_number=resident(id_number("19900101", 100 + person)),
        dose_no=dose_no,
        vaccinated_on=on,
        product=product,
    )


FIRST, SECOND, THIRD = date(2021, 6, 1), date(2021, 6, 29), date(2022, 1, 10)


def course(begin: int, person: int) -> list[ReadRow]:
    return [dose(begin + at, person, at + 1, day) for at, day in enumerate((FIRST, SECOND, THIRD))]


def test_a_course_as_it_should_be() -> None:
    assert found("vaccination_register", [*course(2, 1), *course(5, 2)]) == set()


def test_doses_too_near_one_another() -> None:
    rows = [dose(2, 1, 1, FIRST), dose(3, 1, 2, date(2021, 6, 15)), dose(4, 1, 3, date(2021, 9, 1))]
    assert found("vaccination_register", rows) == {(3, "DOSE_INTERVAL_SHORT"), (4, "DOSE_INTERVAL_SHORT")}


def test_a_second_dose_before_the_first() -> None:
    rows = [dose(2, 1, 1, SECOND), dose(3, 1, 2, FIRST)]
    assert found("vaccination_register", rows) == {(3, "DOSE_ORDER_IMPOSSIBLE")}


def test_the_same_dose_twice() -> None:
    rows = [
        dose(2, 1, 1, FIRST),
        dose(3, 1, 1, SECOND),
        dose(4, 2, 1, FIRST),
        dose(5, 2, 1, FIRST, "灭活疫苗"),
    ]
    assert found("vaccination_register", rows) == {(3, "DOSE_NUMBER_REPEATED"), (5, "DUPLICATE_DOSE_RECORD")}


def test_a_gap_shows_in_a_register_of_courses_and_not_in_a_days_list() -> None:
    whole = [*course(2, 1), *course(5, 2), *course(8, 3), dose(11, 4, 2, SECOND)]
    assert found("vaccination_register", whole) == {(11, "DOSE_MISSING_PREVIOUS")}
    today = [dose(number, number, 1 + number % 3, THIRD) for number in range(2, 12)]
    assert found("vaccination_register", today) == set()


def test_another_product_within_the_primary_series() -> None:
    rows = [dose(2, 1, 1, FIRST), dose(3, 1, 2, SECOND, "智飞重组蛋白疫苗")]
    assert found("vaccination_register", rows) == {(3, "PRODUCT_MIXED")}


def test_more_doses_than_any_schedule_has() -> None:
    days = [FIRST, SECOND, THIRD, date(2022, 12, 20), date(2023, 7, 1)]
    rows = [dose(2 + at, 1, at + 1, day) for at, day in enumerate(days)]
    assert found("vaccination_register", rows) == {(6, "DOSE_EXCEEDS_SCHEDULE")}


def test_a_second_booster_before_there_was_one() -> None:
    rows = [dose(2 + at, 1, at + 1, day) for at, day in enumerate([FIRST, SECOND, THIRD, date(2022, 9, 1)])]
    assert found("vaccination_register", rows) == {(5, "DOSE_EXCEEDS_SCHEDULE")}


def test_other_vaccines_have_no_schedule_of_these() -> None:
    rows = [dose(2, 1, 1, FIRST, "乙肝疫苗"), dose(3, 1, 2, date(2021, 6, 10), "乙肝疫苗")]
    assert found("vaccination_register", rows) == set()
