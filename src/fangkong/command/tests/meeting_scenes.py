"""Who meets whom at what: for each scene two deeds at once, and what the record is asked afterwards."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import Any

from fangkong.command.directives import actions as directives
from fangkong.command.directives.tests import offices
from fangkong.command.duty import actions as duty
from fangkong.command.duty.tests import offices as roster
from fangkong.command.meetings.tests import meetings
from fangkong.command.minutes.tests import texts
from fangkong.command.models import Directive, DutyShift, Handover, Meeting, PlanRun, ResponseLevel, ShiftSwap
from fangkong.command.response import actions as response
from fangkong.command.response.tests import flooded
from fangkong.command.reviews import actions as reviews
from fangkong.command.reviews.tests import made_case
from fangkong.command.tasks import actions as tasks
from fangkong.command.tasks.tests import offices as doers
from fangkong.record.models import Event, Task
from fangkong.record.tests.two_people import Act, Scene


def states(model: Any, **wanted: Any) -> list[str]:
    """The states of the open versions, sorted."""
    return sorted(model.objects.open().filter(**wanted).values_list("state", flat=True))


def close_a_task() -> Scene:
    key, worker, boss = doers.give(), doers.grid(), doers.officer()
    done = [partial(tasks.task_done, key, actor=actor, at=doers.after(2)) for actor in (worker, boss)]
    return done[0], done[1], lambda: (states(Task), Event.objects.filter(kind="task.done").count())


def issue_a_directive() -> Scene:
    key = offices.draft(offices.drafter())
    people = [offices.issuer(), offices.known("co_chair", offices.CITY, name="vice-chair")]
    first, second = (
        partial(directives.directive_issue, key, actor=each, at=offices.after(1)) for each in people
    )
    return first, second, lambda: (states(Directive), Event.objects.filter(kind="directive.issued").count())


def draft_the_same_words() -> Scene:
    first, second = (partial(offices.draft, offices.drafter(), at=offices.after(n)) for n in (0, 0.01))
    return first, second, lambda: (states(Directive), Event.objects.filter(kind="directive.drafted").count())


def apply_a_swap() -> Scene:
    roster.office()
    shift = roster.enter(8, 32, roster.officer(0).key)
    roster.enter(32, 56, roster.officer(1).key)
    asked = duty.swap_ask(
        shift, post="chief", to_key=roster.officer(2).key, actor=roster.officer(0), at=roster.AT
    )
    duty.swap_agree(asked, actor=roster.officer(2), at=roster.AT)
    people = [roster.keeper(), roster.known("general_group", name="second-keeper")]
    at = roster.AT + timedelta(hours=1)
    first, second = (partial(duty.swap_apply, asked, actor=each, at=at) for each in people)
    return first, second, lambda: (states(ShiftSwap), Event.objects.filter(kind="shift.swap_applied").count())


def sign_a_handover() -> Scene:
    roster.office()
    roster.week()
    key = duty.handover_draw_up(roster.CITY, roster.MONDAY, actor=roster.officer(0), at=roster.monday(22.2))
    duty.handover_sign_out(key, actor=roster.officer(0), at=roster.monday(31.9))
    # The chief and the deputy of the coming shift.
    first, second = (
        partial(duty.handover_sign_in, key, actor=roster.officer(n), at=roster.monday(32)) for n in (1, 3)
    )
    return first, second, lambda: (states(Handover), Event.objects.filter(kind="handover.signed").count())


def enter_overlapping_shifts() -> Scene:
    roster.office()
    officer = roster.officer(0).key
    first, second = (partial(roster.enter, since, since + 24, officer) for since in (8, 20))
    return first, second, lambda: states(DutyShift)


def _two_chairs(keys: list[str]) -> Scene:
    people = [flooded.chair(), flooded.known("co_chair", flooded.CITY, name="vice-chair")]
    first, second = (
        partial(response.level_declare, key, actor=each, at=flooded.after(1))
        for key, each in zip(keys, people, strict=True)
    )
    return first, second, lambda: states(ResponseLevel)


def declare_one_proposal() -> Scene:
    return _two_chairs([flooded.propose()] * 2)


def declare_the_same_level() -> Scene:
    return _two_chairs([flooded.propose(), flooded.propose(matters="邻市输入")])


def declare_two_levels() -> Scene:
    return _two_chairs([flooded.propose(level=4), flooded.propose(level=3)])


def confirm_a_clause() -> Scene:
    clause = texts.saying(texts.received(), "接诊流程")
    first = partial(texts.confirmed, clause)
    second = partial(texts.confirmed, clause, texts.colleague())
    return first, second, lambda: states(Directive)


def start_a_plan() -> Scene:
    plan = flooded.approved()
    vice = flooded.known("duty_officer", flooded.CITY, name="second-officer")
    first = partial(flooded.start, plan)
    second = partial(flooded.start, plan, vice, submit="form-2")
    return first, second, lambda: states(PlanRun)


def call_under_one_number() -> Scene:
    first, second = (partial(meetings.called, starts_at=offices.after(n)) for n in (1, 30))
    return first, second, lambda: states(Meeting)


def close_a_gap() -> Scene:
    made_case.office()
    review = reviews.review_open(
        "case", "C1", area_code="990101", disease="covid-19", actor=made_case.WORKER, at=made_case.AT
    )
    gap = reviews.gap_raise(
        title="夜间转运车辆不足",
        cause="transfer",
        came_of_kind="review",
        came_of_key=review,
        area_code="990101",
        owner_role="community_group",
        actor=made_case.known("duty_officer"),
        at=made_case.after(1),
    )
    owner, chair = made_case.known("community_group"), made_case.known("co_chair")
    reviews.gap_prove(gap, "已签协议", actor=owner, at=made_case.after(2))
    first = partial(reviews.gap_close, gap, actor=chair, at=made_case.after(3))
    second = partial(
        reviews.gap_return, gap, "附件不全", actor=made_case.known("health_authority"), at=made_case.after(3)
    )
    return first, second, lambda: Event.objects.filter(kind="gap.closed").count()


def _directive_and_task() -> tuple[Act, Act]:
    key = offices.issued(sunset_on=date(2022, 4, 30))
    (task,) = directives.directive_tasks_create(
        key, [offices.work()], actor=offices.issuer(), at=offices.after(1)
    )
    worker = offices.known("street_officer", offices.DISTRICT)
    done = partial(tasks.task_done, task, actor=worker, at=offices.after(2))
    gone = partial(
        directives.directive_withdraw, key, "政策调整", actor=offices.issuer(), at=offices.after(2)
    )
    return done, gone


def withdraw_while_a_task_is_done() -> Scene:
    done, gone = _directive_and_task()
    return done, gone, lambda: states(Task)


def do_a_task_while_it_is_withdrawn() -> Scene:
    done, gone = _directive_and_task()
    return gone, done, lambda: states(Task)


def do_a_task_while_it_falls_overdue() -> Scene:
    key, worker = doers.give(), doers.grid()
    at = doers.after(601)
    done = partial(tasks.task_done, key, actor=worker, at=at)
    return done, partial(tasks.task_mark_overdue, at, actor=doers.HAND), lambda: states(Task)


SCENES = {
    scene.__name__: scene
    for scene in (
        close_a_task,
        issue_a_directive,
        draft_the_same_words,
        apply_a_swap,
        sign_a_handover,
        enter_overlapping_shifts,
        declare_one_proposal,
        declare_the_same_level,
        declare_two_levels,
        confirm_a_clause,
        start_a_plan,
        call_under_one_number,
        close_a_gap,
        withdraw_while_a_task_is_done,
        do_a_task_while_it_is_withdrawn,
        do_a_task_while_it_falls_overdue,
    )
}
