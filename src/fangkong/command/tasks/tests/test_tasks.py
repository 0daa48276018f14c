"""A task goes from hand to hand: taken, done, checked, given back; late when its clock has run out."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fangkong.command.tasks.actions import (
    task_acknowledge,
    task_assign,
    task_create,
    task_done,
    task_mark_overdue,
    task_refuse,
    task_return,
    task_revoke,
    task_verify,
)
from fangkong.command.tasks.deadlines import deadline_of
from fangkong.command.tasks.queries import (
    task_counts,
    task_get,
    task_history,
    tasks_of_subject,
    tasks_open,
    tasks_open_count,
    tasks_overdue,
)
from fangkong.command.tasks.states import STEPS, UNFINISHED, task_kinds
from fangkong.core.errors import Conflict, Forbidden, InputError, NotFound
from fangkong.desks.control.tests.people import clock, colleague
from fangkong.record.access import Actor, system_actor
from fangkong.record.access.actor import roles
from fangkong.record.digest import record_digest
from fangkong.record.models import AuditRow

pytestmark = pytest.mark.django_db
HAND = system_actor("reaction")
AT = clock("2022-04-11")
AREA = "990101001"


def make(subject: str = "contact-1", kind: str = "transfer_contact", hours: int = 8, area: str = AREA) -> str:
    return task_create(
        kind,
        params={},
        area_code=area,
        owner_role=task_kinds()[kind].owner_role,
        due_at=AT + timedelta(hours=hours),
        subject_kind="contact",
        subject_key=subject,
        rule_row="",
        actor=HAND,
        at=AT,
    )


def state(key: str, minutes: int = 600) -> str:
    return task_get(key, actor=HAND, at=AT + timedelta(minutes=minutes)).state


def after(minutes: int):
    return AT + timedelta(minutes=minutes)


def community(name: str = "worker", area: str = "9901") -> Actor:
    return colleague("community_group", area, name=name)


def test_one_task_per_kind_and_subject_ever():
    key = make()
    before = record_digest()
    assert make() == key
    task_done(key, actor=HAND, at=after(1))
    assert make() == key
    assert state(key) == "done"
    assert before["task"] != record_digest()["task"]
    assert make(kind="find_exposure_date") != key


def test_the_path_of_a_task_that_a_second_person_checks():
    key, worker, second = make(), community(), community("second")
    task_acknowledge(key, actor=worker, at=after(1))
    assert task_done(key, actor=worker, at=after(2), note="arrived 15:40") == "to_verify"
    with pytest.raises(Forbidden, match="two_people"):
        task_verify(key, actor=worker, at=after(3))
    task_refuse(key, actor=second, at=after(4), note="not at the site")
    assert state(key) == "in_progress"
    task_done(key, actor=worker, at=after(5))
    task_verify(key, actor=second, at=after(6))
    states = [version.state for version in task_history(key, actor=HAND, at=after(7))]
    assert states == ["awaiting", "in_progress", "to_verify", "in_progress", "to_verify", "done"]
    assert task_get(key, actor=HAND, at=after(7)).owner_key == worker.key
    assert AuditRow.objects.filter(object_key=key, verb="task.verify").count() == 1


def test_a_task_given_back_awaits_another():
    key, worker = make(), community()
    with pytest.raises(InputError, match="reason_needed"):
        task_return(key, actor=worker, at=after(1), note=" ")
    task_return(key, actor=worker, at=after(1), note="lives in the next street")
    with pytest.raises(Conflict, match="state=returned"):
        task_done(key, actor=worker, at=after(2))
    task_assign(key, owner_role="street_officer", actor=worker, at=after(3))
    task = task_get(key, actor=HAND, at=after(4))
    assert (task.state, task.owner_role, task.owner_key) == ("awaiting", "street_officer", "")


@pytest.mark.parametrize("step", [task_acknowledge, task_done])
def test_a_finished_task_stays_finished(step):
    key = make()
    task_revoke(key, actor=HAND, at=after(1), note="order withdrawn")
    with pytest.raises(Conflict, match="state=revoked"):
        step(key, actor=community(), at=after(2))


def test_from_every_unfinished_state_a_step_leads_on_and_from_the_others_none():
    left = set().union(*STEPS.values())
    assert left == set(UNFINISHED)


class TestWhoMay:
    def test_a_role_with_its_own_tasks_only_does_what_is_its_own(self):
        grid = colleague("grid_worker", AREA)
        other = make("contact-2")
        with pytest.raises(Forbidden, match="not_your_role") as refused:
            task_done(other, actor=grid, at=after(1))
        assert "community_group" in refused.value.params["roles"]
        task_assign(other, owner_role="grid_worker", owner_key="", actor=community(), at=after(2))
        task_acknowledge(other, actor=grid, at=after(3))
        assert state(other) == "in_progress"
        with pytest.raises(Forbidden):
            task_done(other, actor=colleague("grid_worker", AREA, name="neighbour"), at=after(4))

    def test_outside_the_area_there_is_no_such_task(self):
        key = make()
        with pytest.raises(NotFound, match=r"task\.unknown"):
            task_done(key, actor=community("elsewhere", "9902"), at=after(1))

    def test_who_may_not_give_tasks_is_told_who_may(self):
        with pytest.raises(Forbidden) as refused:
            task_create(
                "investigate",
                params={},
                area_code=AREA,
                owner_role="investigation_group",
                due_at=AT,
                subject_kind="case",
                subject_key="case-1",
                rule_row="",
                actor=colleague("laboratory", AREA),
                at=AT,
            )
        assert "duty_officer" in refused.value.params["roles"]

    def test_every_kind_has_an_owner_whom_the_roles_know(self):
        assert {kind.owner_role for kind in task_kinds().values()} <= set(roles())


class TestClocks:
    def test_late_is_late_and_twice_changes_nothing(self):
        early, late = make("contact-1", hours=8), make("contact-2", hours=12)
        assert task_mark_overdue(AT + timedelta(hours=8), actor=HAND) == 0
        assert task_mark_overdue(AT + timedelta(hours=9), actor=HAND) == 1
        before = record_digest()
        assert task_mark_overdue(AT + timedelta(hours=10), actor=HAND) == 0
        assert record_digest() == before
        assert (state(early), state(late)) == ("overdue", "awaiting")

    def test_a_late_task_can_still_be_taken_and_done(self):
        key, worker = make(kind="serve_notice"), community()
        task_mark_overdue(AT + timedelta(hours=9), actor=HAND)
        task_acknowledge(key, actor=worker, at=after(550))
        assert state(key) == "overdue"
        assert task_done(key, actor=worker, at=after(560)) == "done"

    def test_a_result_that_waits_for_its_check_is_not_late(self):
        key = make()
        task_done(key, actor=community(), at=after(5))
        assert task_mark_overdue(AT + timedelta(hours=9), actor=HAND) == 0
        assert state(key) == "to_verify"

    @pytest.mark.parametrize(
        ("day", "hours"), [("2022-04-11", 12), ("2022-07-11", 8)], ids=["eighth edition", "ninth edition"]
    )
    def test_the_edition_of_the_day_sets_the_hours_of_the_transfer(self, day, hours):
        found = deadline_of("transfer_contact", disease="covid-19", area_code=AREA, at=clock(day))
        assert found.due_at == clock(day) + timedelta(hours=hours)
        assert "transfer_within_hours" in found.rule_row

    def test_without_a_rule_the_day_is_the_limit(self):
        found = deadline_of("transfer_contact", disease="covid-19", area_code=AREA, at=clock("2022-12-20"))
        assert (found.due_at, found.rule_row) == (clock("2022-12-20", "23:59:59"), "")


class TestReading:
    @pytest.fixture
    def keys(self) -> list[str]:
        return [make(f"contact-{n}", hours=9 - n, area="990101" if n < 5 else "990201") for n in range(7)]

    def test_pages_hold_every_task_once_the_first_due_first(self, keys):
        seen, place = [], ""
        while True:
            page = tasks_open(actor=HAND, at=after(1), limit=3, after=place)
            seen += page.rows
            if not (place := page.after):
                break
        assert [task.key for task in seen] == keys[::-1]
        assert page.total == 7

    def test_only_what_is_late_is_overdue_marked_or_not(self, keys):
        assert tasks_overdue(actor=HAND, at=AT + timedelta(hours=5)).total == 2
        task_mark_overdue(AT + timedelta(hours=5), actor=HAND)
        assert tasks_overdue(actor=HAND, at=AT + timedelta(hours=5)).total == 2

    def test_the_number_of_queries_does_not_grow_with_the_rows(self, keys, django_assert_num_queries):
        reader = community()
        for limit, queries in ((1, 2), (5, 1)):
            with django_assert_num_queries(queries):
                assert tasks_open(actor=reader, at=after(1), limit=limit).total == 5
        with django_assert_num_queries(1):
            assert task_counts(actor=reader, at=after(1)) == {"awaiting": 5}
        with django_assert_num_queries(1):
            assert tasks_open_count(actor=reader, at=after(1)) == 5
        with django_assert_num_queries(1):
            assert len(tasks_of_subject("contact-1", actor=reader, at=after(1))) == 1

    def test_a_role_with_its_own_tasks_only_sees_its_own(self, keys):
        grid = colleague("grid_worker", "9901")
        assert tasks_open(actor=grid, at=after(1)).total == 0
        task_assign(keys[0], owner_role="grid_worker", actor=HAND, at=after(2))
        assert tasks_open(actor=grid, at=after(3)).total == 1
        assert tasks_open(actor=community(), at=after(3), mine=True).total == 4
