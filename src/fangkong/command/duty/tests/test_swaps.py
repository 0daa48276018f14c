"""A swap is asked, agreed and applied by three people; a telephone is tried within the limit of its shift."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fangkong.command.duty.actions import (
    RosterBroken,
    phone_test_record,
    shift_change,
    swap_agree,
    swap_apply,
    swap_ask,
    swap_decline,
    swap_withdraw,
)
from fangkong.command.duty.queries import swap_history, swaps_list
from fangkong.command.duty.watch import duty_watch
from fangkong.command.models import DutyShift, ShiftSwap
from fangkong.command.timers.missed import timer_mark_missed
from fangkong.core.errors import Conflict, Forbidden, InputError
from fangkong.record.models import Event, Task, Timer

from .offices import AT, CITY, WORKER, enter, keeper, known, monday, office, officer, shift

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(hours=1)


@pytest.fixture(autouse=True)
def _home(tmp_path, settings):
    settings.HOME = tmp_path
    office()


@pytest.fixture
def key() -> str:
    """A shift of officer 0; officer 2 is free before and behind it, officer 1 has the next one."""
    first = enter(8, 32, officer(0).key)
    enter(32, 56, officer(1).key)
    return first


def swap(swap_key: str) -> ShiftSwap:
    return ShiftSwap.objects.open().get(key=swap_key)


def ask(key: str, to: int = 2, **more) -> str:
    given = {"post": "chief", "to_key": officer(to).key, "actor": officer(0), "at": AT}
    return swap_ask(key, **(given | more))


class TestASwap:
    def test_from_asked_to_applied(self, key):
        swap_key = ask(key, reason="外出培训")
        swap_agree(swap_key, actor=officer(2), at=LATER)
        swap_apply(swap_key, actor=keeper(), at=LATER)
        assert shift(key).chief_key == officer(2).key
        states = [
            (row.state, row.source_key)
            for row in swap_history([swap_key], at=LATER + timedelta(hours=1))[swap_key]
        ]
        assert states[0] == ("asked", officer(0).key)
        told = Event.objects.filter(subject_key=swap_key).order_by("at").values_list("kind", flat=True)
        assert list(told) == ["shift.swap_asked", "shift.swap_applied"]
        assert "外出" not in str(list(Event.objects.values_list("params", flat=True)))

    def test_each_step_twice_is_one_step(self, key):
        swap_key = ask(key)
        assert ask(key) == swap_key
        for _ in range(2):
            swap_agree(swap_key, actor=officer(2), at=LATER)
        for _ in range(2):
            swap_apply(swap_key, actor=keeper(), at=LATER)
        assert ShiftSwap.objects.count() == 3
        assert DutyShift.objects.filter(key=key).count() == 2
        assert Event.objects.filter(kind="shift.swap_applied").count() == 1

    def test_only_whoever_was_asked_answers(self, key):
        swap_key = ask(key)
        for step in (swap_agree, swap_decline):
            with pytest.raises(Forbidden, match=r"duty\.swap_not_asked"):
                step(swap_key, actor=officer(0), at=LATER)
        swap_decline(swap_key, actor=officer(2), at=LATER)
        with pytest.raises(Conflict, match=r"duty\.swap_wrong_state"):
            swap_apply(swap_key, actor=keeper(), at=LATER)
        assert swap(ask(key, at=LATER)).state == "asked", "asked once more after a no"

    def test_is_taken_back_by_whoever_asked(self, key):
        swap_key = ask(key)
        with pytest.raises(Forbidden):
            swap_withdraw(swap_key, actor=officer(2), at=LATER)
        swap_withdraw(swap_key, actor=officer(0), at=LATER)
        with pytest.raises(Conflict):
            swap_agree(swap_key, actor=officer(2), at=LATER)

    def test_not_before_the_other_agrees_and_never_by_one_of_the_two(self, key):
        swap_key = ask(key)
        with pytest.raises(Conflict):
            swap_apply(swap_key, actor=keeper(), at=LATER)
        swap_agree(swap_key, actor=officer(2), at=LATER)
        with pytest.raises(Forbidden, match=r"duty\.swap_two_people"):
            # A duty officer keeps rosters, but this shift is their own.
            swap_apply(swap_key, actor=officer(0), at=LATER)
        with pytest.raises(Forbidden):
            swap_apply(swap_key, actor=known("community_group"), at=LATER)

    def test_that_breaks_a_rule_is_applied_only_knowingly(self, key):
        swap_key = ask(key, to=1)
        swap_agree(swap_key, actor=officer(1), at=LATER)
        with pytest.raises(RosterBroken) as refused:
            swap_apply(swap_key, actor=keeper(), at=LATER)
        assert [each.code for each in refused.value.violations] == ["rest_short"]
        assert swap(swap_key).state == "agreed"
        swap_apply(swap_key, knowingly=refused.value.token, actor=keeper(), at=LATER)
        assert shift(key).chief_key == officer(1).key

    def test_of_a_shift_that_changed_hands_meanwhile(self, key):
        swap_key = ask(key)
        swap_agree(swap_key, actor=officer(2), at=LATER)
        shift_change(key, chief_key=officer(3).key, actor=keeper(), at=LATER)
        with pytest.raises(Conflict, match=r"duty\.swap_shift_changed"):
            swap_apply(swap_key, actor=keeper(), at=LATER)

    def test_of_an_expert_moves_that_expert_only(self):
        experts = (officer(3).key, officer(4).key)
        key = enter(8, 32, officer(0).key, experts=experts)
        swap_key = ask(key, post="expert", actor=officer(3))
        swap_agree(swap_key, actor=officer(2), at=LATER)
        swap_apply(swap_key, actor=keeper(), at=LATER)
        assert shift(key).expert_keys == [officer(2).key, officer(4).key]

    def test_what_nobody_can_ask(self, key):
        with pytest.raises(InputError, match=r"duty\.swap_not_yours"):
            ask(key, actor=officer(1))
        with pytest.raises(InputError, match=r"duty\.swap_self"):
            ask(key, to=0)
        with pytest.raises(InputError, match=r"duty\.swap_nobody"):
            ask(key, to_key=known("district_officer", "990101").key)
        with pytest.raises(Conflict, match=r"duty\.swap_begun"):
            ask(key, at=monday(9))

    def test_lists_put_what_waits_first(self, key):
        first = ask(key)
        swap_decline(first, actor=officer(2), at=LATER)
        second = ask(key, to=3)
        found = swaps_list(CITY, actor=keeper(), at=LATER + timedelta(hours=1))
        assert [each.key for each in found] == [second, first]
        mine = swaps_list(CITY, actor=officer(2), at=LATER + timedelta(hours=1), mine=True)
        assert [each.key for each in mine] == [first]


class TestTheTelephone:
    def start(self, key: str) -> Timer:
        duty_watch(monday(8), WORKER)
        return Timer.objects.open().get(subject_key=key, clock="phone_test")

    def test_the_limit_starts_with_the_shift_and_once(self):
        key = enter(8, 32, officer(0).key)
        enter(32, 56, officer(1).key)
        assert duty_watch(monday(7.9), WORKER) == 0
        timer = self.start(key)
        assert (timer.due_at, timer.rule_row) == (monday(9), "office:phone_test")
        assert shift(key).state == "on"
        assert duty_watch(monday(8.5), WORKER) == 0
        assert Timer.objects.filter(clock="phone_test").count() == 1

    def test_is_met_when_chief_and_deputy_have_answered(self):
        key = enter(8, 32, officer(0).key, officer(1).key)
        self.start(key)
        at = monday(8.5)
        assert not phone_test_record(key, officer(0).key, answered=True, actor=keeper(), at=at)
        assert not phone_test_record(key, officer(1).key, answered=False, actor=keeper(), at=at)
        assert phone_test_record(key, officer(1).key, answered=True, actor=keeper(), at=at)
        assert Timer.objects.open().get(subject_key=key).state == "met"
        assert [test["answered"] for test in shift(key).phone_tests] == [True, False, True]
        phone_test_record(key, officer(1).key, answered=True, actor=keeper(), at=at)
        assert len(shift(key).phone_tests) == 3, "whoever has answered is not recorded again"

    def test_unanswered_it_goes_to_whom_the_clock_names(self):
        key = enter(8, 32, officer(0).key)
        self.start(key)
        phone_test_record(key, officer(0).key, answered=False, actor=keeper(), at=monday(8.5))
        assert timer_mark_missed(monday(9.1), actor=WORKER) == 1
        task = Task.objects.open().get(kind="follow_up_limit")
        assert (task.owner_role, task.params["clock"]) == ("duty_officer", "phone_test")

    def test_nobody_records_their_own_nor_somebody_else_s_shift(self):
        key = enter(8, 32, officer(0).key)
        at = monday(8.5)
        with pytest.raises(Forbidden, match=r"duty\.phone_own"):
            phone_test_record(key, officer(0).key, answered=True, actor=officer(0), at=at)
        with pytest.raises(InputError, match=r"duty\.phone_nobody"):
            phone_test_record(key, officer(1).key, answered=True, actor=keeper(), at=at)
        with pytest.raises(Conflict, match=r"duty\.phone_not_on"):
            phone_test_record(key, officer(0).key, answered=True, actor=keeper(), at=monday(7))
