"""Writes on tasks, made ready."""

from __future__ import annotations

from functools import partial

from fangkong.command.tasks import actions, assigning, giving
from fangkong.command.tasks.tests.offices import AT, CITY, HAND, STREET, after, give, grid, new, officer

from .registry import Act, deed


@deed(actions.task_create)
def create() -> Act:
    return partial(
        actions.task_create,
        "chase_report",
        params={"day": "2022-04-10"},
        area_code=CITY,
        owner_role="general_group",
        due_at=after(600),
        subject_kind="bulletin",
        subject_key=f"covid-19|{CITY}|2022-04-10",
        rule_row="",
        actor=HAND,
        at=AT,
    )


@deed(actions.task_acknowledge, again="task.wrong_state")
def acknowledge() -> Act:
    return partial(actions.task_acknowledge, give(), actor=grid(), at=after(1))


@deed(actions.task_done, again="task.wrong_state")
def done() -> Act:
    key = give(evidence_kind="number")
    proof = [{"kind": "number", "text": "412"}]
    return partial(actions.task_done, key, evidence=proof, actor=grid(), at=after(2))


def _reported() -> str:
    key = give(evidence_kind="inspection")
    proof = [{"kind": "inspection", "text": "已到现场查看"}]
    assert actions.task_done(key, evidence=proof, actor=grid(), at=after(2)) == "to_verify"
    return key


@deed(actions.task_verify, again="task.wrong_state")
def verify() -> Act:
    return partial(actions.task_verify, _reported(), actor=officer(), at=after(3))


@deed(actions.task_refuse, again="task.wrong_state")
def refuse() -> Act:
    return partial(actions.task_refuse, _reported(), actor=officer(), at=after(3), note="照片不清")


@deed(actions.task_return, again="task.wrong_state")
def give_back() -> Act:
    return partial(actions.task_return, give(), actor=grid(), at=after(1), note="不在本网格")


@deed(actions.task_revoke, again="task.wrong_state")
def revoke() -> Act:
    return partial(actions.task_revoke, give(), actor=officer(), at=after(1), note="并入另一项")


@deed(actions.task_assign)
def assign() -> Act:
    worker = grid()
    return partial(
        actions.task_assign,
        give(),
        owner_role="grid_worker",
        owner_key=worker.key,
        actor=officer(),
        at=after(1),
    )


@deed(actions.task_mark_overdue, counts=True)
def overdue() -> Act:
    for title in ("甲", "乙", "丙"):
        give(title=title)
    return partial(actions.task_mark_overdue, after(700), actor=HAND)


@deed(giving.tasks_create)
def create_many() -> Act:
    first = new("清点")
    rows = [first, new("上报", depends_on=[giving.key_of(first)]), new("复核", evidence_kind="number")]
    return partial(giving.tasks_create, rows, actor=officer(), at=AT)


@deed(assigning.tasks_assign, counts=True)
def assign_many() -> Act:
    keys = [give(title=title) for title in ("甲", "乙", "丙")]
    worker = grid()
    return partial(
        assigning.tasks_assign,
        keys,
        owner_role="grid_worker",
        owner_key=worker.key,
        actor=officer(),
        at=after(1),
    )


@deed(assigning.tasks_reassign, counts=True)
def reassign() -> Act:
    away, there, boss = grid("away"), grid("there"), officer()
    for title in ("甲", "乙"):
        give(title=title, owner_key=away.key)
    return partial(
        assigning.tasks_reassign,
        away.key,
        to_key=there.key,
        area_code=STREET,
        actor=boss,
        at=after(1),
        reason="休假",
    )


@deed(assigning.tasks_split)
def split() -> Act:
    people = [grid(name).key for name in ("left", "right")]
    return partial(assigning.tasks_split, give(), to_keys=people, actor=officer(), at=after(1))
