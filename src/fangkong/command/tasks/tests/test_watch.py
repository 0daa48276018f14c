"""No task is lost: what nobody takes is told, and what somebody leaves behind goes to whoever is there."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fangkong.command.office_clocks import office_clock
from fangkong.command.tasks.actions import task_acknowledge, task_done, task_return
from fangkong.command.tasks.assigning import tasks_assign
from fangkong.command.tasks.watch import tasks_escalate_due, tasks_hand_on_lost, tasks_watch
from fangkong.command.worker import tick
from fangkong.desks.control.tests.people import colleague
from fangkong.record.access import system_actor
from fangkong.record.digest import record_digest
from fangkong.record.models import User

from .offices import AT, CITY, HAND, after, give, grid, leaves, officer, open_task, told

pytestmark = pytest.mark.django_db
LATE = office_clock("task_acknowledge").due(AT) + timedelta(minutes=1)


class TestNobodyTakesIt:
    def test_the_duty_officer_is_told_once_and_the_task_shows_it(self):
        officer()
        grid()
        key = give()
        assert tasks_escalate_due(LATE - timedelta(minutes=1), actor=HAND) == 0
        assert tasks_escalate_due(LATE, actor=HAND) == 1
        task = open_task(key)
        assert (task.params["escalated_to"], task.owner_role, task.state) == (
            "duty_officer",
            "grid_worker",
            "awaiting",
        )
        before = record_digest()
        assert tasks_watch(LATE + timedelta(hours=1), HAND) == 0
        assert record_digest() == before
        assert [(e.subject_key, e.params["role"], e.params["reason"]) for e in told("task.escalated")] == [
            (key, "duty_officer", "not_taken")
        ]

    def test_a_task_that_somebody_has_taken_is_left_alone(self):
        officer()
        key = give()
        task_acknowledge(key, actor=grid(), at=after(5))
        assert tasks_escalate_due(LATE, actor=HAND) == 0

    def test_in_new_hands_the_clock_runs_anew_and_can_be_missed_again(self):
        boss, worker, key = officer(), grid(), give()
        tasks_escalate_due(LATE, actor=HAND)
        tasks_assign(
            [key], owner_role="grid_worker", owner_key=worker.key, actor=boss, at=LATE + timedelta(minutes=1)
        )
        assert "escalated_to" not in open_task(key).params
        assert tasks_escalate_due(LATE + timedelta(minutes=2), actor=HAND) == 0
        assert tasks_escalate_due(LATE + timedelta(hours=9), actor=HAND) == 1

    def test_what_was_given_back_and_nobody_takes_is_told(self):
        officer()
        key, worker = give(), grid()
        task_acknowledge(key, actor=worker, at=after(1))
        task_return(key, actor=worker, at=after(2), note="不在本网格")
        assert tasks_escalate_due(LATE + timedelta(minutes=5), actor=HAND) == 1

    def test_the_worker_does_it_in_its_pass(self):
        officer()
        grid()
        key = give()
        tick(LATE, system_actor("worker"))
        assert open_task(key).params["escalated_to"] == "duty_officer"


class TestTheOwnerIsGone:
    def test_what_somebody_who_left_holds_awaits_their_role(self):
        officer()
        grid("colleague")
        gone = grid("gone")
        key = give(owner_key=gone.key)
        task_acknowledge(key, actor=gone, at=after(1))
        leaves(gone)
        assert tasks_hand_on_lost(after(2), actor=HAND) == 1
        task = open_task(key)
        assert (task.state, task.owner_role, task.owner_key) == ("awaiting", "grid_worker", "")
        assert tasks_hand_on_lost(after(3), actor=HAND) == 0
        assert told("task.escalated")[0].params["role"] == "grid_worker"

    def test_where_nobody_holds_the_role_any_more_it_goes_to_the_duty_officer(self):
        officer()
        gone = grid("gone")
        key = give(owner_key=gone.key)
        leaves(gone)
        tasks_watch(after(1), HAND)
        assert (open_task(key).owner_role, open_task(key).owner_key) == ("duty_officer", "")

    def test_somebody_moved_to_another_area_leaves_it_behind(self):
        officer()
        grid("colleague")
        moved = grid("moved")
        key = give(owner_key=moved.key)
        User.objects.filter(key=moved.key).update(area_code="990201001")
        tasks_watch(after(1), HAND)
        assert open_task(key).owner_key == ""

    def test_a_supervisor_who_took_it_over_keeps_it(self):
        boss = officer()
        grid()
        key = give()
        task_acknowledge(key, actor=boss, at=after(1))
        assert tasks_watch(after(2), HAND) == 0
        User.objects.filter(role="grid_worker").update(is_active=False)
        tasks_watch(after(3), HAND)
        task = open_task(key)
        assert (task.owner_role, task.owner_key, task.state) == ("duty_officer", boss.key, "in_progress")

    def test_what_waits_for_its_check_stays_with_its_doer(self):
        officer()
        grid("colleague")
        gone = grid("gone")
        key = give(owner_key=gone.key, evidence_kind="number")
        task_done(key, actor=gone, at=after(1), evidence=[{"text": "4"}])
        leaves(gone)
        assert tasks_watch(after(2), HAND) == 0
        assert (open_task(key).state, open_task(key).owner_key) == ("to_verify", gone.key)

    def test_with_nobody_there_at_all_it_waits_for_somebody_to_come(self):
        key = give()
        assert tasks_watch(after(1), HAND) == 0
        colleague("duty_officer", CITY)
        assert tasks_watch(after(2), HAND) == 1
        assert open_task(key).owner_role == "duty_officer"


def test_a_pass_with_nothing_to_do_asks_a_few_questions_and_writes_nothing(django_assert_max_num_queries):
    officer()
    grid()
    for n in range(12):
        give(title=f"{n}")
    with django_assert_max_num_queries(3):
        assert tasks_watch(after(1), HAND) == 0
