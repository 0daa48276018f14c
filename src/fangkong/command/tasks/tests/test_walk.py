"""However an office acts, no task is without an owner, none is closed without its proof, none is doubled.

A walk takes many steps in any order, the wrong ones among them: people come and leave, tasks are given twice,
taken, done with proof or without, checked, given back, handed over, split, revoked, watched. After each step
what must always hold is looked at.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fangkong.command.tasks import actions
from fangkong.command.tasks.assigning import tasks_assign, tasks_reassign, tasks_split
from fangkong.command.tasks.evidence import proven
from fangkong.command.tasks.giving import NewTask, key_of, tasks_create
from fangkong.command.tasks.owners import held, staffed
from fangkong.command.tasks.states import UNFINISHED
from fangkong.command.tasks.watch import not_taken, tasks_watch
from fangkong.core.errors import FangkongError
from fangkong.record.access import Actor
from fangkong.record.models import Task, User

from .offices import HAND, NEXT_STREET, after, grid, new, officer

pytestmark = pytest.mark.django_db

STEPS = (
    "give", "give_again", "acknowledge", "done", "done_with_proof", "verify", "refuse", "return", "assign",
    "reassign", "split", "revoke", "overdue", "leave", "come_back",
)  # fmt: skip
KINDS = ("", "text", "number", "list")
MINUTES = 25

moves = st.lists(
    st.tuples(st.sampled_from(STEPS), st.integers(0, 7), st.integers(0, 4)), min_size=25, max_size=45
)


class Office:
    """Three grid workers, one of them next door, two officers of whom one never leaves; and the tasks given so far."""

    def __init__(self, walk: int) -> None:
        self.boss = officer(f"duty-{walk}")
        self.people = [
            grid(f"one-{walk}"),
            grid(f"two-{walk}"),
            grid(f"next-{walk}", NEXT_STREET),
            self.boss,
            officer(f"second-{walk}"),
        ]
        self.given: list[NewTask] = []
        self.minute = 0
        for which in range(4):
            self.take("give", which, 0)

    def person(self, n: int) -> Actor:
        return self.people[n % len(self.people)]

    def take(self, step: str, which: int, who: int) -> None:
        self.minute += MINUTES
        at, actor = after(self.minute), self.person(who)
        open_rows = list(Task.objects.open().order_by("key"))
        if step in ("verify", "refuse"):
            # Few tasks wait for their check: a walk that meets them by chance only would say little.
            open_rows = [row for row in open_rows if row.state == "to_verify"] or open_rows
        key = open_rows[which % len(open_rows)].key if open_rows else "task-nothing"
        simple: dict[str, tuple[Any, dict[str, Any]]] = {
            "acknowledge": (actions.task_acknowledge, {}),
            "done": (actions.task_done, {}),
            "done_with_proof": (actions.task_done, {"evidence": [{"text": "12"}]}),
            "verify": (actions.task_verify, {}),
            "refuse": (actions.task_refuse, {"note": "不符"}),
            "return": (actions.task_return, {"note": "不在本网格"}),
            "revoke": (actions.task_revoke, {"note": "不再需要"}),
        }
        if step in simple:
            act, more = simple[step]
            act(key, actor=actor, at=at, **more)
        elif step == "give":
            row = new(
                title=f"第 {len(self.given)} 件",
                evidence_kind=KINDS[which % len(KINDS)],
                owner_key=actor.key if which % 2 and who < 2 else "",
                depends_on=[key_of(self.given[-1])] if which == 5 and self.given else (),
                due_at=after(self.minute + 300),
            )
            tasks_create([row], actor=self.boss, at=at)
            self.given.append(row)
        elif step == "give_again" and self.given:
            tasks_create(self.given, actor=self.boss, at=after(1))
        elif step == "assign":
            owner = actor.key if actor.role == "grid_worker" else ""
            tasks_assign([key], owner_role="grid_worker", owner_key=owner, actor=self.boss, at=at)
        elif step == "reassign":
            other = self.person(which).key
            tasks_reassign(actor.key, to_key=other, actor=self.boss, at=at, reason="病假")
        elif step == "split":
            tasks_split(key, to_keys=[self.people[0].key, self.people[1].key], actor=self.boss, at=at)
        elif step == "overdue":
            actions.task_mark_overdue(at, actor=HAND)
        elif step in ("leave", "come_back") and actor is not self.boss:
            User.objects.filter(key=actor.key).update(is_active=step == "come_back")


def what_must_hold(office: Office) -> None:
    staff = staffed()
    tasks = list(Task.objects.open())
    for task in tasks:
        if task.state in UNFINISHED:
            assert held(task.owner_role, task.area_code, staff), f"{task.key} has nobody to do it"
        if task.state == "done":
            assert proven(task.evidence_kind, task.evidence), f"{task.key} is closed without proof"
    assert len({task.key for task in tasks}) == len(tasks)
    titles = [task.title for task in tasks if task.subject_kind != "task"]
    assert len(set(titles)) == len(titles), "one act made a task twice"
    unwatched = Task.objects.open().filter(not_taken(after(office.minute)), params__escalated_to__isnull=True)
    assert not unwatched.exists(), "a task that nobody took, and nobody was told"


_walks = iter(range(10_000))


@settings(
    max_examples=max(18, settings().max_examples // 6),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(moves)
def test_a_walk_of_any_steps_loses_doubles_and_closes_nothing_wrongly(db, steps):
    Task.objects.all().delete()
    User.objects.all().delete()
    office = Office(next(_walks))
    for step, which, who in steps:
        with suppress(FangkongError):
            office.take(step, which, who)
        tasks_watch(after(office.minute), HAND)
        what_must_hold(office)


def test_the_walk_would_notice_a_task_closed_without_proof():
    office = Office(next(_walks))
    row = new(title="报数", evidence_kind="number")
    tasks_create([row], actor=office.boss, at=after(0))
    Task.objects.filter(key=key_of(row)).update(state="done")
    with pytest.raises(AssertionError, match="without proof"):
        what_must_hold(office)


def test_the_walk_would_notice_a_task_that_nobody_can_do():
    office = Office(next(_walks))
    tasks_create([new()], actor=office.boss, at=after(0))
    User.objects.all().update(is_active=False)
    with pytest.raises(AssertionError, match="nobody to do it"):
        what_must_hold(office)
