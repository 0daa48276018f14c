"""Tasks are given many at once, each to an owner who can do it, and the same act twice gives them once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fangkong.command.office_clocks import office_clock
from fangkong.command.tasks.emergency import emergency_call
from fangkong.command.tasks.giving import key_of, tasks_create
from fangkong.core.errors import Forbidden, InputError
from fangkong.desks.control.tests.people import colleague
from fangkong.record.digest import record_digest
from fangkong.record.models import AuditRow, Task

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


def test_many_tasks_are_given_in_one_act_and_the_same_act_twice_gives_them_once():
    boss, rows = officer(), [new(title=f"走访第 {n} 幢") for n in range(12)]
    keys = tasks_create(rows, actor=boss, at=AT)
    before = record_digest()
    assert len(set(keys)) == 12
    assert tasks_create(rows, actor=boss, at=after(3)) == keys
    assert record_digest() == before
    assert [open_task(key).title for key in keys] == [row.title for row in rows]


def test_one_audit_row_for_the_act_and_one_for_the_chunk():
    boss = officer()
    before = AuditRow.objects.filter(actor=boss.key).count()
    tasks_create([new(title=f"走访第 {n} 幢") for n in range(40)], actor=boss, at=AT)
    verbs = AuditRow.objects.filter(actor=boss.key).order_by("seq").values_list("verb", flat=True)[before:]
    assert list(verbs) == ["load.chunk", "task.create"]


def test_each_owner_is_told_once_with_the_number_of_tasks():
    one, two = grid("one"), grid("two")
    rows = [new(title=f"{n}", owner_key=one.key if n < 3 else two.key) for n in range(5)]
    tasks_create(rows, actor=officer(), at=AT)
    assert sorted((event.params["owner_key"], event.params["n"]) for event in told("tasks.assigned")) == [
        (one.key, 3),
        (two.key, 2),
    ]


def test_the_office_s_clock_says_when_it_must_be_taken_and_never_after_its_deadline():
    long, short = give(), give(title="马上到场", due_at=after(30))
    assert open_task(long).acknowledge_by == office_clock("task_acknowledge").due(AT)
    assert open_task(short).acknowledge_by == after(30)
    assert open_task(give(title="明早前", acknowledge_by=after(5))).acknowledge_by == after(5)


def test_only_those_of_the_four_parties_that_answer_for_it_are_kept():
    key = give(four_parties={"unit": "望潮小学", "locality": "望潮街道", "department": ""})
    assert open_task(key).four_parties == {"locality": "望潮街道", "unit": "望潮小学"}


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"title": "  "}, "title_needed"),
        ({"area_code": ""}, "area_needed"),
        ({"due_at": AT}, "due_in_the_past"),
        ({"owner_role": "mayor"}, "unknown_role"),
        ({"owner_role": "oversight"}, "role_does_no_tasks"),
        ({"owner_key": "user-nobody"}, "owner_unknown"),
        ({"evidence_kind": "photo"}, "unknown_evidence"),
        ({"four_parties": {"neighbour": "x"}}, "unknown_party"),
        ({"depends_on": ["task-nothing"]}, "unknown_dependency"),
        ({"kind": "wish"}, "unknown_kind"),
    ],
)
def test_what_cannot_be_a_task_is_refused_and_nothing_is_given(wrong, code):
    with pytest.raises(InputError, match=code):
        tasks_create([new(title="好的"), new(**wrong)], actor=HAND, at=AT)
    assert not Task.objects.exists()


class TestWhoCanOwnIt:
    def test_never_somebody_who_has_left(self):
        gone = grid("gone")
        leaves(gone)
        with pytest.raises(InputError, match="owner_inactive"):
            give(owner_key=gone.key)

    def test_never_somebody_whose_area_does_not_hold_it(self):
        with pytest.raises(InputError, match="owner_other_area"):
            give(owner_key=grid("next", NEXT_STREET).key)

    def test_never_somebody_of_another_role(self):
        with pytest.raises(InputError, match="owner_other_role"):
            give(owner_key=colleague("street_officer", STREET).key)

    def test_nobody_gives_tasks_outside_their_area_or_without_the_right(self):
        with pytest.raises(Forbidden, match="not_your_area"):
            give(colleague("district_officer", "990102"))
        with pytest.raises(Forbidden, match="not_your_role"):
            give(grid())


class TestDependencies:
    def test_tasks_of_one_act_may_wait_for_each_other(self):
        first = new(title="先封样")
        second = new(title="再送检", depends_on=[key_of(first)])
        keys = tasks_create([second, first], actor=HAND, at=AT)
        assert open_task(keys[0]).depends_on == [keys[1]]

    def test_a_ring_is_refused(self):
        one, two, three = new(title="一"), new(title="二"), new(title="三")
        ring = [
            new(title="一", depends_on=[key_of(two)]),
            new(title="二", depends_on=[key_of(three)]),
            new(title="三", depends_on=[key_of(one)]),
        ]
        with pytest.raises(InputError, match=r"task\.cycle .*n=3"):
            tasks_create(ring, actor=HAND, at=AT)

    def test_nobody_waits_for_a_task_that_they_may_not_see(self):
        elsewhere = give(area_code="990201001")
        with pytest.raises(InputError, match="unknown_dependency"):
            give(colleague("district_officer", DISTRICT), title="等别区", depends_on=[elsewhere])


class TestEmergency:
    def test_whoever_does_tasks_calls_for_a_doctor_and_the_duty_officer_hears_of_it_at_once(self):
        caller = grid()
        key = emergency_call(area_code=STREET, where="3 幢 501", disease="covid-19", actor=caller, at=AT)
        task = open_task(key)
        assert (task.owner_role, task.area_code, task.title) == ("duty_officer", STREET, "3 幢 501")
        assert task.due_at - AT < timedelta(hours=1)
        assert [event.params["role"] for event in told("task.escalated")] == ["duty_officer"]

    def test_two_presses_are_one_call(self):
        caller = grid()
        keys = {
            emergency_call(
                area_code=STREET, where="3 幢 501", disease="covid-19", actor=caller, at=after(minutes)
            )
            for minutes in (0, 1)
        }
        assert len(keys) == 1

    def test_it_is_called_in_the_own_area_and_for_a_place(self):
        with pytest.raises(Forbidden):
            emergency_call(area_code=CITY, where="3 幢", disease="covid-19", actor=grid(), at=AT)
        with pytest.raises(InputError, match="title_needed"):
            emergency_call(area_code=STREET, where=" ", disease="covid-19", actor=grid("b"), at=AT)
