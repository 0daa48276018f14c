"""Writes on what comes from below, made ready."""

from __future__ import annotations

from functools import partial
from typing import Any

from fangkong.command.listening import actions
from fangkong.command.listening.tests.test_listening import MEETING, TODAY, duty, enter
from fangkong.command.reviews.tests.made_case import AT, CITY, after, known, office
from fangkong.desks.control.tests.people import DISTRICT

from .registry import Act, deed


def _speaker() -> Any:
    return known("communication_group")


@deed(actions.concern_enter)
def entered() -> Act:
    office()
    return partial(
        actions.concern_enter,
        "小区买不到菜",
        channel="hotline",
        area_code=DISTRICT,
        voiced_on=TODAY,
        votes=2,
        actor=_speaker(),
        at=AT,
    )


@deed(actions.concerns_paste, counts=True)
def pasted() -> Act:
    office()
    return partial(
        actions.concerns_paste,
        "买不到菜 +3\n透析病人怎么出小区 +2",
        channel="comments",
        area_code=DISTRICT,
        voiced_on=TODAY,
        actor=_speaker(),
        at=AT,
    )


@deed(actions.concern_sort)
def sorted_() -> Act:
    office()
    return partial(actions.concern_sort, enter(), theme="medicine", rude=False, actor=_speaker(), at=after(1))


@deed(actions.concerns_merge, counts=True)
def merged() -> Act:
    office()
    first, second, third = (enter(f"买不到菜{n}") for n in range(3))
    return partial(actions.concerns_merge, [second, third], first, actor=_speaker(), at=after(1))


@deed(actions.concern_split, again="concern.wrong_state")
def split() -> Act:
    office()
    first, second = (enter(f"买不到菜{n}") for n in range(2))
    actions.concerns_merge([second], first, actor=_speaker(), at=after(1))
    return partial(actions.concern_split, second, actor=_speaker(), at=after(2))


@deed(actions.concern_answer, again="concern.wrong_state")
def answered() -> Act:
    office()
    return partial(
        actions.concern_answer,
        enter(),
        answered_in_kind="duty",
        answered_in_key=duty(),
        changed="每日两次送菜",
        meeting_key=MEETING,
        actor=_speaker(),
        at=after(3),
    )


@deed(actions.concern_set_outside, again="concern.wrong_state")
def set_outside() -> Act:
    office()
    return partial(actions.concern_set_outside, enter(), "属物业管理", actor=_speaker(), at=after(1))


def _problem() -> str:
    office()
    return actions.problem_raise(
        title="冷链货主登记缺口",
        words="市内转运无登记",
        area_code=DISTRICT,
        owner_role="treatment_group",
        actor=known("district_officer", DISTRICT),
        at=AT,
    )


@deed(actions.problem_raise)
def raised() -> Act:
    office()
    return partial(
        actions.problem_raise,
        title="冷链货主登记缺口",
        words="市内转运无登记",
        area_code=DISTRICT,
        owner_role="treatment_group",
        actor=known("district_officer", DISTRICT),
        at=AT,
    )


@deed(actions.problem_study)
def studied() -> Act:
    return partial(
        actions.problem_study, _problem(), "登记只在进口环节", actor=known("treatment_group"), at=after(2)
    )


@deed(actions.problem_answer, again="problem.wrong_state")
def problem_answered() -> Act:
    return partial(actions.problem_answer, _problem(), "并入现有预案", actor=known("co_chair"), at=after(3))


def _proposal() -> str:
    office()
    return actions.proposal_make(
        title="错峰配送",
        words="分楼栋错峰取菜",
        area_code=DISTRICT,
        actor=known("district_officer", DISTRICT),
        at=AT,
    )


@deed(actions.proposal_make)
def made() -> Act:
    office()
    return partial(
        actions.proposal_make,
        title="错峰配送",
        words="分楼栋错峰取菜",
        area_code=DISTRICT,
        actor=known("district_officer", DISTRICT),
        at=AT,
    )


@deed(actions.proposal_tried)
def tried() -> Act:
    return partial(
        actions.proposal_tried,
        _proposal(),
        tried_in="东湖街道",
        result="排队减半",
        actor=known("district_officer", DISTRICT),
        at=after(2),
    )


@deed(actions.proposal_adopt, again="proposal.wrong_state")
def adopted() -> Act:
    return partial(
        actions.proposal_adopt,
        _proposal(),
        adopted_in_kind="duty",
        adopted_in_key=duty(CITY),
        actor=known("co_chair"),
        at=after(3),
    )


@deed(actions.proposal_decline, again="proposal.wrong_state")
def declined() -> Act:
    return partial(
        actions.proposal_decline, _proposal(), "已有同类做法", actor=known("co_chair"), at=after(3)
    )
