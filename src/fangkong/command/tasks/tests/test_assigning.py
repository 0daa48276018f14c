"""Tasks change hands: many at once, everything of somebody who is away, one to several persons."""

from __future__ import annotations

import pytest

from fangkong.command.tasks.actions import task_acknowledge, task_done, task_revoke
from fangkong.command.tasks.assigning import tasks_assign, tasks_reassign, tasks_split
from fangkong.command.tasks.giving import tasks_create
from fangkong.core.errors import Conflict, Forbidden, InputError, NotFound
from fangkong.desks.control.tests.people import colleague
from fangkong.record.digest import record_digest
from fangkong.record.models import AuditRow

from .offices import (
    AT,
    CITY,
    DISTRICT,
    HAND,
    NEXT_STREET,
    STREET,
    after,
    give,
    grid,
    leaves,
    new,
    officer,
    open_task,
    told,
)

pytestmark = pytest.mark.django_db


def several(n: int = 4, **more) -> list[str]:
    return tasks_create([new(title=f"走访第 {i} 幢", **more) for i in range(n)], actor=HAND, at=AT)


class TestAssigning:
    def test_many_go_to_one_person_in_one_act_with_one_audit_row_and_one_notice(self):
        boss, worker, keys = officer(), grid(), several(14)
        assert (
            tasks_assign(keys, owner_role="grid_worker", owner_key=worker.key, actor=boss, at=after(1)) == 14
        )
        assert {open_task(key).owner_key for key in keys} == {worker.key}
        assert AuditRow.objects.filter(verb="task.assign").count() == 1
        last = told("tasks.assigned")[-1]
        assert (last.params["owner_key"], last.params["n"], last.params["by"]) == (worker.key, 14, boss.key)

    def test_the_same_act_twice_changes_nothing(self):
        boss, worker, keys = officer(), grid(), several()
        for minute in (1, 2):
            tasks_assign(keys, owner_role="grid_worker", owner_key=worker.key, actor=boss, at=after(minute))
            if minute == 1:
                before = record_digest()
        assert record_digest() == before

    def test_who_gets_it_has_the_whole_time_to_take_it(self):
        boss, worker, key = officer(), grid(), give()
        task_acknowledge(key, actor=worker, at=after(5))
        tasks_assign([key], owner_role="grid_worker", post="三号门", actor=boss, at=after(100))
        task = open_task(key)
        assert (task.state, task.owner_key, task.acknowledged_at, task.post) == (
            "awaiting",
            "",
            None,
            "三号门",
        )
        assert task.acknowledge_by > after(100)

    def test_all_or_none(self):
        boss, keys = officer(), several()
        task_revoke(keys[0], actor=boss, at=after(1), note="不再需要")
        before = record_digest()
        with pytest.raises(Conflict, match="state=revoked"):
            tasks_assign(keys, owner_role="street_officer", actor=boss, at=after(2))
        with pytest.raises(NotFound):
            tasks_assign([*keys[1:], "task-nothing"], owner_role="street_officer", actor=boss, at=after(2))
        with pytest.raises(InputError, match="none_chosen"):
            tasks_assign([], owner_role="street_officer", actor=boss, at=after(2))
        assert record_digest() == before

    def test_nobody_assigns_outside_their_area(self):
        key = give(area_code="990201001")
        with pytest.raises(NotFound):
            tasks_assign([key], owner_role="grid_worker", actor=colleague("street_officer", STREET), at=AT)
        with pytest.raises(Forbidden):
            tasks_assign([give()], owner_role="grid_worker", actor=grid(), at=after(1))

    def test_never_to_somebody_who_has_left_or_whose_area_does_not_hold_it(self):
        boss, gone, key = officer(), grid("gone"), give()
        leaves(gone)
        for wrong, code in ((gone.key, "inactive"), (grid("next", NEXT_STREET).key, "other_area")):
            with pytest.raises(InputError, match=code):
                tasks_assign([key], owner_role="grid_worker", owner_key=wrong, actor=boss, at=after(1))


class TestReassigning:
    def test_what_somebody_on_leave_holds_goes_to_another_and_what_is_being_checked_stays(self):
        boss, away, here = officer(), grid("away"), grid("here")
        keys = several(3, owner_key=away.key)
        checked = give(title="报数", owner_key=away.key, evidence_kind="number")
        task_done(checked, actor=away, at=after(1), evidence=[{"text": "12"}])
        done = give(title="已办", owner_key=away.key)
        task_done(done, actor=away, at=after(1))
        assert tasks_reassign(away.key, to_key=here.key, actor=boss, at=after(2), reason="病假") == 3
        assert {open_task(key).owner_key for key in keys} == {here.key}
        assert {open_task(key).note for key in keys} == {"病假"}
        assert {open_task(key).owner_key for key in (checked, done)} == {away.key}

    def test_back_to_the_role_for_whoever_comes(self):
        boss, away = officer(), grid("away")
        keys = several(2, owner_key=away.key)
        task_acknowledge(keys[0], actor=away, at=after(1))
        leaves(away)
        assert tasks_reassign(away.key, to_key="", actor=boss, at=after(2), reason="离岗") == 2
        assert {(open_task(key).state, open_task(key).owner_key) for key in keys} == {("awaiting", "")}

    def test_in_one_area_only(self):
        boss, wide = officer(), grid("wide", DISTRICT)
        here = give(owner_key=wide.key)
        there = give(owner_key=wide.key, area_code=NEXT_STREET)
        other = grid("other", NEXT_STREET)
        moved = tasks_reassign(
            wide.key, to_key=other.key, area_code=NEXT_STREET, actor=boss, at=after(1), reason="忙不过来"
        )
        assert moved == 1
        assert (open_task(here).owner_key, open_task(there).owner_key) == (wide.key, other.key)

    def test_asks_for_a_reason_and_another_person(self):
        boss, worker = officer(), grid()
        give(owner_key=worker.key)
        with pytest.raises(InputError, match="reason_needed"):
            tasks_reassign(worker.key, to_key="", actor=boss, at=after(1), reason=" ")
        with pytest.raises(InputError, match="same_person"):
            tasks_reassign(worker.key, to_key=worker.key, actor=boss, at=after(1), reason="x")
        with pytest.raises(Forbidden):
            tasks_reassign(worker.key, to_key="", actor=grid("peer"), at=after(1), reason="x")


class TestSplitting:
    def test_each_person_has_a_part_and_the_whole_waits_for_all_of_them(self):
        boss, one, two = officer(), grid("one"), grid("two")
        key = give(evidence_kind="text")
        parts = tasks_split(key, to_keys=[one.key, two.key], actor=boss, at=after(1))
        assert [open_task(part).owner_key for part in parts] == [one.key, two.key]
        assert open_task(key).depends_on == parts
        task_done(parts[0], actor=one, at=after(2), evidence=[{"text": "已办"}])
        with pytest.raises(Conflict, match="waits_for"):
            task_done(key, actor=boss, at=after(3), evidence=[{"text": "已办"}])
        task_done(parts[1], actor=two, at=after(4), evidence=[{"text": "已办"}])
        assert task_done(key, actor=boss, at=after(5), evidence=[{"text": "已办"}]) == "done"

    def test_twice_the_same_split_is_one(self):
        boss, one, key = officer(), grid("one"), give()
        parts = tasks_split(key, to_keys=[one.key], actor=boss, at=after(1))
        before = record_digest()
        assert tasks_split(key, to_keys=[one.key], actor=boss, at=after(2)) == parts
        assert record_digest() == before

    def test_for_people_who_are_there(self):
        with pytest.raises(InputError, match="owner_unknown"):
            tasks_split(give(), to_keys=["user-nobody"], actor=officer(), at=after(1))
        with pytest.raises(InputError, match="none_chosen"):
            tasks_split(give(), to_keys=[], actor=colleague("duty_officer", CITY, name="o"), at=after(1))
