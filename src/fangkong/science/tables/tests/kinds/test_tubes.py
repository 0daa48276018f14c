"""Tubes, results and Ct values."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from fangkong.science.tables.values.value import Ct

from .making import id_number
from .rows_made import found, resident, row


def swab(
    number: int,
    tube: str = "T1",
    *,
    person: int | None = None,
    pool: str = "10",
    result: str = "negative",
    **more: Any,
):
    who = number if person is None else person
    return row(
        number,
        tube_code=tube,
        name=f"测试{who}",
        id_number=resident(id_number("19900101", 100 + who)),
        pool_type=pool,
        result=result,
        sampled_at=more.pop("sampled_at", datetime(2022, 4, 9, 8, tzinfo=UTC)),
        reported_at=more.pop("reported_at", datetime(2022, 4, 9, 20, tzinfo=UTC)),
        **more,
    )


def test_the_eleventh_person_overfills_a_tube_of_ten() -> None:
    assert found("lab_results", [swab(number) for number in range(2, 12)]) == set()
    assert found("lab_results", [swab(number) for number in range(2, 13)]) == {(12, "TUBE_OVERFULL")}


def test_a_row_repeated_does_not_fill_the_tube() -> None:
    rows = [*(swab(number) for number in range(2, 12)), swab(12, person=2)]
    assert found("lab_results", rows) == {(12, "EXACT_DUPLICATE_ROW")}


def test_one_result_that_differs_is_named() -> None:
    rows = [swab(number, result="positive" if number == 5 else "negative") for number in range(2, 12)]
    assert found("lab_results", rows) == {(5, "TUBE_RESULT_CONFLICT")}


def test_single_sampling_means_one_person_to_a_barcode() -> None:
    rows = [swab(2, pool="1"), swab(3, pool="1"), swab(4, "T2", pool="1")]
    assert found("lab_results", rows) == {(3, "SINGLE_SAMPLING_SHARED_BARCODE")}


def test_a_tube_has_one_pool_size() -> None:
    rows = [swab(2), swab(3), swab(4, pool="5")]
    assert found("lab_results", rows) == {(4, "TUBE_MIXED_POOL_SIZE")}


def test_one_person_in_two_tubes_of_a_day() -> None:
    rows = [swab(2), swab(3), swab(4, "T2", person=2)]
    assert found("lab_results", rows) == {(4, "SAME_PERSON_TWO_TUBES")}


def test_the_next_day_is_another_round() -> None:
    later = {
        "sampled_at": datetime(2022, 4, 10, 8, tzinfo=UTC),
        "reported_at": datetime(2022, 4, 10, 20, tzinfo=UTC),
    }
    assert found("lab_results", [swab(2), swab(3, "T2", person=2, **later)]) == set()


def test_a_single_negative_clears_a_suspect_pool() -> None:
    rows = [
        swab(2, result="indeterminate"),
        swab(3, result="indeterminate"),
        swab(4, "T2", person=2, pool="1"),
    ]
    assert found("lab_results", rows) == {(4, "POOL_SUSPECT_CLEARED")}


def test_nothing_is_reported_before_it_is_sampled() -> None:
    assert found("lab_results", [swab(2, reported_at=datetime(2022, 4, 9, 7, 59, tzinfo=UTC))]) == {
        (2, "REPORT_BEFORE_SAMPLE")
    }


@pytest.mark.parametrize(
    ("result", "orf", "n", "conflict"),
    [
        ("negative", Ct(24.1), Ct(25.0), True),
        ("negative", Ct(40, "<"), None, False),
        ("negative", Ct(None, "undetected"), Ct(None, "undetected"), False),
        ("negative", Ct(38.5), Ct(None, "undetected"), False),
        ("positive", Ct(31.2), Ct(30.8), False),
        ("positive", Ct(None, "undetected"), Ct(None, "undetected"), True),
        ("positive", Ct(33.0), Ct(None, "undetected"), False),
        ("indeterminate", Ct(38.9), Ct(None, "undetected"), False),
    ],
)
def test_result_and_ct(result: str, orf: Ct | None, n: Ct | None, conflict: bool) -> None:
    pairs = found("lab_results", [swab(2, result=result, ct_orf=orf, ct_n=n)])
    assert pairs == ({(2, "CT_RESULT_CONFLICT")} if conflict else set())


def test_a_preliminary_positive_is_not_confirmed() -> None:
    assert found("lab_results", [swab(2, pool="1", result="positive", remark="初筛阳性，待市疾控复核")]) == {
        (2, "POSITIVE_NOT_CONFIRMED")
    }
