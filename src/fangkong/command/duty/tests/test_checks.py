"""The rules of a roster, each by a small roster that breaks it; and holes against a slow checker of minutes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fangkong.command.duty.checks import (
    CODES,
    Limits,
    Officer,
    PlannedShift,
    check_roster,
    holes,
    new_violations,
)

START = datetime(2022, 4, 18, tzinfo=UTC)
LIMITS = Limits(rest=timedelta(hours=12), longest=timedelta(hours=24))
WELL = Officer(active=True, of_office=True, does_duty=True)
PEOPLE = dict.fromkeys("abcde", WELL)


def hour(n: float) -> datetime:
    return START + timedelta(hours=n)


def shift(since: float, until: float, chief: str = "a", deputy: str = "", **more) -> PlannedShift:
    return PlannedShift(f"{since}-{until}-{chief}", hour(since), hour(until), chief, deputy, **more)


def broken(shifts, since: float, until: float, people=PEOPLE) -> list[str]:
    found = check_roster(shifts, window=(hour(since), hour(until)), people=people, limits=LIMITS)
    assert {each.code for each in found} <= set(CODES)
    return [each.code for each in found]


class TestEachRule:
    def test_a_roster_that_keeps_them_all(self):
        assert broken([shift(0, 24, "a", "b"), shift(24, 48, "c", "d"), shift(48, 72, "a", "b")], 0, 72) == []

    def test_a_hole_stands_beside_the_shift_behind_it(self):
        roster = [shift(0, 10, "a"), shift(11, 24, "b")]
        (found,) = check_roster(roster, window=(hour(0), hour(24)), people=PEOPLE, limits=LIMITS)
        assert (found.code, found.shift_key) == ("hole", roster[1].key)
        assert (found.params["since"], found.params["until"]) == (hour(10), hour(11))

    def test_a_hole_at_the_end_stands_alone(self):
        (found,) = check_roster([shift(0, 10)], window=(hour(0), hour(24)), people=PEOPLE, limits=LIMITS)
        assert (found.code, found.shift_key) == ("hole", "")

    def test_no_chief(self):
        assert broken([shift(0, 24, "", "b")], 0, 24) == ["no_chief"]

    def test_longer_than_the_longest(self):
        assert broken([shift(0, 24.5, "a")], 0, 24.5) == ["too_long"]

    def test_too_little_rest_and_exactly_enough(self):
        assert broken([shift(0, 12, "a"), shift(12, 23, "b"), shift(23, 24, "a")], 0, 24) == ["rest_short"]
        assert broken([shift(0, 12, "a"), shift(12, 24, "b"), shift(24, 36, "a")], 0, 36) == []

    def test_rest_across_the_edge_of_the_week(self):
        assert broken([shift(-24, 0, "a"), shift(0, 24, "a")], 0, 24) == ["rest_short"]

    def test_on_two_shifts_at_once_in_whatever_posts(self):
        roster = [shift(0, 24, "a", "b"), shift(12, 36, "c", expert_keys=("b",))]
        assert broken(roster, 0, 36) == ["twice_at_once"]

    def test_a_long_shift_is_not_hidden_by_a_short_one_behind_it(self):
        roster = [shift(0, 24, "a"), shift(1, 2, "a"), shift(20, 40, "a")]
        assert broken(roster, 0, 40) == ["twice_at_once", "twice_at_once"]

    def test_two_posts_on_one_shift(self):
        assert broken([shift(0, 24, "a", "a")], 0, 24) == ["twice_in_shift"]

    @pytest.mark.parametrize(
        ("officer", "code"),
        [
            (Officer(False, True, True), "inactive"),
            (Officer(True, False, True), "other_office"),
            (Officer(True, True, False), "not_of_duty"),
        ],
    )
    def test_somebody_who_cannot_be_on_duty(self, officer, code):
        assert broken([shift(0, 24, "a")], 0, 24, {"a": officer}) == [code]

    def test_somebody_whom_nobody_knows(self):
        assert broken([shift(0, 24, "z")], 0, 24) == ["not_known"]

    def test_a_holiday_shift_wants_a_deputy(self):
        assert broken([shift(0, 24, "a", holiday="春节")], 0, 24) == ["holiday_unstaffed"]
        assert broken([shift(0, 24, "a", "b", holiday="春节")], 0, 24) == []


class TestWhatAnEditBrings:
    def test_a_hole_that_shrinks_is_none_and_one_that_grows_is(self):
        window = {"window": (hour(0), hour(48)), "people": PEOPLE, "limits": LIMITS}
        few = check_roster([shift(0, 10, "a"), shift(40, 48, "b")], **window)
        more = check_roster([shift(0, 10, "a"), shift(20, 30, "c"), shift(40, 48, "b")], **window)
        assert new_violations(few, more) == []
        assert [each.params["since"] for each in new_violations(more, few)] == [hour(10)]

    def test_what_was_wrong_before_is_no_news(self):
        window = {"window": (hour(0), hour(24)), "people": PEOPLE, "limits": LIMITS}
        before = check_roster([shift(0, 24, "")], **window)
        assert new_violations(before, before) == []


def slow_holes(shifts: list[PlannedShift], minutes: int) -> list[tuple[datetime, datetime]]:
    """Minute by minute: is anybody there? Neighbouring empty minutes are one hole."""
    found: list[tuple[datetime, datetime]] = []
    for n in range(minutes):
        minute = START + timedelta(minutes=n)
        if any(each.starts_at <= minute < each.ends_at for each in shifts):
            continue
        if found and found[-1][1] == minute:
            found[-1] = (found[-1][0], minute + timedelta(minutes=1))
        else:
            found.append((minute, minute + timedelta(minutes=1)))
    return found


def slow_doubles(shifts: list[PlannedShift], minutes: int) -> set[str]:
    """Whoever is on two shifts in one and the same minute."""
    twice = set()
    for n in range(minutes):
        minute = START + timedelta(minutes=n)
        there = [each.chief_key for each in shifts if each.starts_at <= minute < each.ends_at]
        twice |= {key for key in there if there.count(key) > 1}
    return twice


ROSTERS = st.lists(
    st.tuples(st.integers(-60, 620), st.integers(1, 300), st.sampled_from("abc")), max_size=9, unique=True
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(ROSTERS)
def test_no_hole_and_nobody_twice_at_once_goes_unseen(drawn):
    minutes = 600
    shifts = [
        PlannedShift(
            str(n), START + timedelta(minutes=first), START + timedelta(minutes=first + length), chief
        )
        for n, (first, length, chief) in enumerate(drawn)
    ]
    window = (START, START + timedelta(minutes=minutes))
    assert holes(shifts, window) == slow_holes(shifts, minutes)
    everything = (START - timedelta(minutes=60), START + timedelta(minutes=1000))
    found = check_roster(shifts, window=everything, people=PEOPLE, limits=LIMITS)
    in_window = [each for each in shifts if each.ends_at > START]
    named = {each.user_key for each in found if each.code == "twice_at_once"}
    assert slow_doubles(in_window, 1000) <= named
    assert named <= {each.user_key for each in found if each.user_key}
