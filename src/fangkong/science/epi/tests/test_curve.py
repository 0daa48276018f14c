from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fangkong.science.epi.curve import COMPLETE, MISSING, PROVISIONAL, epidemic_curve, weekly_curve

FIRST = date(2022, 2, 28).toordinal()  # a Monday


def test_cases_fall_on_their_day_stratum_and_channel() -> None:
    curve = epidemic_curve(
        [FIRST, FIRST, FIRST + 2, FIRST + 2],
        first_day=FIRST,
        last_day=FIRST + 2,
        strata=[0, 1, 1, 1],
        stratum_count=2,
        channels=[0, 0, 2, 2],
        channel_count=3,
    )
    assert curve.counts.shape == (2, 3, 3)
    assert curve.counts[0, 0].tolist() == [1, 0, 0]
    assert curve.counts[1, 2].tolist() == [0, 0, 2]
    assert curve.by_stratum().tolist() == [[1, 0, 0], [1, 0, 2]]
    assert curve.by_channel().tolist() == [[2, 0, 0], [0, 0, 0], [0, 0, 2]]
    assert curve.total().tolist() == [2, 0, 2]
    assert curve.days.tolist() == [FIRST, FIRST + 1, FIRST + 2]


def test_a_day_nobody_reported_is_missing_and_a_reported_quiet_day_is_zero() -> None:
    curve = epidemic_curve([FIRST], first_day=FIRST, last_day=FIRST + 2, reported=[True, False, True])
    np.testing.assert_array_equal(curve.total(), [1, np.nan, 0])
    assert curve.completeness.tolist() == [[COMPLETE, MISSING, COMPLETE]]


def test_one_silent_stratum_leaves_the_total_missing() -> None:
    curve = epidemic_curve(
        [FIRST, FIRST], first_day=FIRST, last_day=FIRST, strata=[0, 1], stratum_count=2, reported=[[1], [0]]
    )
    np.testing.assert_array_equal(curve.by_stratum(), [[1], [np.nan]])
    assert np.isnan(curve.total()).all()
    assert curve.on_missing_days == 1


def test_the_last_days_are_provisional_but_a_missing_one_stays_missing() -> None:
    curve = epidemic_curve(
        [], first_day=FIRST, last_day=FIRST + 4, reported=[1, 1, 1, 0, 1], provisional_days=2
    )
    assert curve.completeness[0].tolist() == [COMPLETE, COMPLETE, COMPLETE, MISSING, PROVISIONAL]


@given(data=st.data())
def test_every_case_is_accounted_for(data: st.DataObject) -> None:
    length = data.draw(st.integers(1, 12))
    some_day = st.one_of(st.just(float("nan")), st.integers(FIRST - 5, FIRST + 20))
    days = data.draw(st.lists(some_day, max_size=40))
    strata = data.draw(st.lists(st.integers(0, 2), min_size=len(days), max_size=len(days)))
    reported = data.draw(st.lists(st.booleans(), min_size=length, max_size=length))
    curve = epidemic_curve(
        days,
        first_day=FIRST,
        last_day=FIRST + length - 1,
        strata=np.array(strata, dtype=int),
        stratum_count=3,
        reported=reported,
    )
    counted = int(np.nansum(curve.counts))
    assert counted + curve.on_missing_days + curve.outside + curve.undated == len(days)
    np.testing.assert_array_equal(np.isnan(curve.total()), ~np.array(reported))


def test_weeks_run_monday_to_sunday_and_need_all_their_days() -> None:
    onset = [FIRST, FIRST + 6, FIRST + 7, FIRST + 14]
    reported = [True] * 16
    reported[9] = False
    curve = epidemic_curve(onset, first_day=FIRST, last_day=FIRST + 15, reported=reported)
    weeks = weekly_curve(curve)
    assert weeks.iso_week.tolist() == [9, 10, 11]
    # Week 10 misses a day and week 11 is cut off after two.
    np.testing.assert_array_equal(weeks.counts[0, 0], [2, np.nan, np.nan])
    assert weeks.completeness[0].tolist() == [COMPLETE, MISSING, MISSING]


def test_a_week_is_as_provisional_as_its_worst_day() -> None:
    curve = epidemic_curve([], first_day=FIRST, last_day=FIRST + 13, provisional_days=3)
    assert weekly_curve(curve).completeness[0].tolist() == [COMPLETE, PROVISIONAL]


def test_the_iso_year_changes_with_its_week() -> None:
    monday = date(2020, 12, 28).toordinal()
    weeks = weekly_curve(epidemic_curve([monday + 5], first_day=monday, last_day=monday + 13))
    assert list(zip(weeks.iso_year.tolist(), weeks.iso_week.tolist(), strict=True)) == [(2020, 53), (2021, 1)]
    assert weeks.counts[0, 0].tolist() == [1, 0]


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"last_day": FIRST - 1}, "before first_day"),
        ({"strata": [2]}, "allowed are 0 to 0"),
        ({"strata": [0.5]}, "whole numbers"),
        ({"channels": [0, 0]}, "one per case"),
        ({"reported": [True]}, "reported has shape"),
        ({"provisional_days": -1}, "negative"),
        ({"days": [FIRST + 0.5]}, "whole ordinals"),
    ],
)
def test_calls_that_make_no_sense_are_named(options: dict[str, object], complaint: str) -> None:
    call: dict[str, object] = {"days": [FIRST], "first_day": FIRST, "last_day": FIRST + 3} | options
    with pytest.raises(ValueError, match=complaint):
        epidemic_curve(**call)
