"""Writes on duty, made ready."""

from __future__ import annotations

from datetime import time, timedelta
from functools import partial

import pytest

from fangkong.command.duty import actions
from fangkong.command.duty.tests.offices import (
    AT,
    CITY,
    MONDAY,
    enter,
    keeper,
    monday,
    office,
    officer,
    week,
)
from fangkong.record.load import load
from fangkong.record.models import Task

from .registry import Act, deed

NIGHT = monday(22.2)


def _shift(*hours: float, chief: int = 0, deputy: int = -1) -> actions.NewShift:
    second = officer(deputy).key if deputy >= 0 else ""
    return actions.NewShift(monday(hours[0]), monday(hours[1]), officer(chief).key, second)


@deed(actions.shift_enter)
def entered() -> Act:
    office()
    return partial(actions.shift_enter, _shift(8, 32), area_code=CITY, actor=keeper(), at=AT)


@deed(actions.shifts_enter)
def entered_many() -> Act:
    office()
    given = [_shift(8, 32), _shift(32, 56, chief=1), _shift(56, 80, chief=2)]
    return partial(actions.shifts_enter, given, area_code=CITY, actor=keeper(), at=AT)


@deed(actions.roster_fill)
def filled() -> Act:
    office()
    people = [officer(n).key for n in range(5)]
    return partial(
        actions.roster_fill,
        area_code=CITY,
        first_on=MONDAY,
        days=7,
        changes=[time(8)],
        teams=[actions.Team(people[n], people[(n + 2) % 5]) for n in range(5)],
        actor=keeper(),
        at=AT,
    )


@deed(actions.roster_import)
def imported() -> Act:
    office()
    for n in range(2):
        officer(n)
    text = "2022-04-18,duty_officer-9901,\n2022-04-19,health_authority-9901,"
    return partial(actions.roster_import, text, area_code=CITY, actor=keeper(), at=AT)


@deed(actions.shift_change)
def changed() -> Act:
    office()
    key = enter(8, 32, officer(0).key)
    return partial(actions.shift_change, key, deputy_key=officer(2).key, actor=keeper(), at=AT)


@deed(actions.shift_cancel)
def cancelled() -> Act:
    office()
    key = enter(8, 32, officer(0).key)
    with pytest.raises(actions.RosterBroken) as hole:
        actions.shift_cancel(key, actor=keeper(), at=AT)
    return partial(actions.shift_cancel, key, knowingly=hole.value.token, actor=keeper(), at=AT)


def _two_shifts() -> str:
    office()
    key = enter(8, 32, officer(0).key)
    enter(32, 56, officer(1).key)
    return key


def _asked(key: str) -> str:
    return actions.swap_ask(key, post="chief", to_key=officer(2).key, actor=officer(0), at=AT)


@deed(actions.swap_ask)
def asked() -> Act:
    key = _two_shifts()
    return partial(actions.swap_ask, key, post="chief", to_key=officer(2).key, actor=officer(0), at=AT)


@deed(actions.swap_agree)
def agreed() -> Act:
    return partial(actions.swap_agree, _asked(_two_shifts()), actor=officer(2), at=AT)


@deed(actions.swap_decline)
def declined() -> Act:
    return partial(actions.swap_decline, _asked(_two_shifts()), actor=officer(2), at=AT)


@deed(actions.swap_withdraw)
def withdrawn() -> Act:
    return partial(actions.swap_withdraw, _asked(_two_shifts()), actor=officer(0), at=AT)


@deed(actions.swap_apply)
def applied() -> Act:
    key = _asked(_two_shifts())
    actions.swap_agree(key, actor=officer(2), at=AT)
    return partial(actions.swap_apply, key, actor=keeper(), at=AT + timedelta(hours=1))


@deed(actions.phone_test_record)
def tested() -> Act:
    office()
    key = enter(8, 32, officer(0).key)
    return partial(
        actions.phone_test_record, key, officer(0).key, answered=True, actor=keeper(), at=monday(8.5)
    )


def _open_task() -> str:
    row = {
        "key": "a",
        "kind": "directed",
        "title": "清点物资",
        "area_code": CITY,
        "owner_role": "community_group",
        "due_at": monday(20),
        "state": "in_progress",
        "created_by": "test",
    }
    load(Task, [row], actor="test", source_key="t", known_from=AT)
    return "task|a"


@deed(actions.close_out_carry)
def carried() -> Act:
    office()
    week()
    return partial(
        actions.close_out_carry,
        [_open_task()],
        area_code=CITY,
        on=MONDAY,
        why="等待外地回函",
        until_at=NIGHT + timedelta(hours=14),
        actor=keeper(),
        at=NIGHT,
    )


def _drawn() -> str:
    office()
    week()
    return actions.handover_draw_up(CITY, MONDAY, actor=officer(0), at=NIGHT)


@deed(actions.handover_draw_up)
def drawn() -> Act:
    office()
    week()
    carry = [_open_task()]
    actions.close_out_carry(
        carry,
        area_code=CITY,
        on=MONDAY,
        why="等待外地回函",
        until_at=NIGHT + timedelta(hours=14),
        actor=keeper(),
        at=NIGHT,
    )
    return partial(actions.handover_draw_up, CITY, MONDAY, actor=officer(0), at=NIGHT + timedelta(minutes=5))


@deed(actions.handover_sign_out)
def signed_out() -> Act:
    return partial(actions.handover_sign_out, _drawn(), actor=officer(0), at=monday(31.9))


@deed(actions.handover_sign_in)
def signed_in() -> Act:
    key = _drawn()
    actions.handover_sign_out(key, actor=officer(0), at=monday(31.9))
    return partial(actions.handover_sign_in, key, actor=officer(1), at=monday(32))
