"""What the worker does by itself, made ready: loops that commit step by step, each gone on with after a kill."""

from __future__ import annotations

from functools import partial

from fangkong.command.directives.tests import offices as directives
from fangkong.command.directives.watch import directives_watch
from fangkong.command.duty.tests import offices as duty
from fangkong.command.duty.watch import duty_watch
from fangkong.command.reactions.running import react
from fangkong.command.response.watch import response_watch
from fangkong.command.reviews.tests.made_case import WORKER
from fangkong.command.tasks.tests import offices as tasks
from fangkong.command.tasks.watch import tasks_watch

from .directives import _duty
from .notifications import told
from .registry import Act, deed
from .response import _running


@deed(tasks_watch, in_steps=True, counts=True)
def watch_tasks() -> Act:
    tasks.officer()
    gone = tasks.grid("gone")
    tasks.grid("there")
    for title in ("甲", "乙"):
        tasks.give(title=title)
        tasks.give(title=f"{title}二", owner_key=gone.key)
    tasks.leaves(gone)
    return partial(tasks_watch, tasks.after(590), tasks.HAND)


@deed(directives_watch, in_steps=True, counts=True)
def watch_directives() -> Act:
    for n in range(2):
        directives.issued(title=f"第 {n} 件")
    _duty(recurs="", measure="断供户数", review_on=directives.SUNSET)
    return partial(directives_watch, directives.after(24 * 20), directives.WORKER)


@deed(duty_watch, in_steps=True, counts=True)
def watch_duty() -> Act:
    duty.office()
    duty.week()
    return partial(duty_watch, duty.monday(22.2), duty.WORKER)


@deed(response_watch, in_steps=True, counts=True)
def watch_response() -> Act:
    from fangkong.command.response.tests.flooded import after, declared, quarantined

    _running()
    declared()
    quarantined(2, area="990101001001")
    return partial(response_watch, after(24 * 8), directives.WORKER)


@deed(react, in_steps=True, counts=True)
def reactions() -> Act:
    told()
    return partial(react, actor=WORKER)
