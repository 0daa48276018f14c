"""Writes on reviews and gaps, made ready."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from fangkong.command.reviews import actions
from fangkong.command.reviews.tests.made_case import AT, WORKER, after, case_reported, known, office
from fangkong.desks.control.tests.people import DISTRICT

from .registry import Act, deed


def _opened() -> str:
    office()
    return actions.review_open("case", "C1", area_code=DISTRICT, disease="covid-19", actor=WORKER, at=AT)


def _gap() -> dict[str, Any]:
    return {
        "title": "夜间转运车辆不足",
        "cause": "transfer",
        "came_of_kind": "review",
        "came_of_key": _opened(),
        "area_code": DISTRICT,
        "owner_role": "community_group",
        "actor": known("duty_officer"),
        "at": after(1),
    }


def _proved() -> str:
    key = actions.gap_raise(**_gap())
    actions.gap_prove(key, "已签协议", actor=known("community_group"), at=after(3))
    return key


@deed(actions.review_open)
def opened() -> Act:
    office()
    return partial(
        actions.review_open, "case", "C1", area_code=DISTRICT, disease="covid-19", actor=WORKER, at=AT
    )


@deed(actions.review_open_case)
def opened_by_hand() -> Act:
    office()
    case_reported(at=AT)
    return partial(actions.review_open_case, "No-C1", actor=known("duty_officer"), at=after(1))


@deed(actions.review_hold)
def hold() -> Act:
    return partial(actions.review_hold, _opened(), actor=known("duty_officer"), at=after(2))


@deed(actions.review_remark)
def remark() -> Act:
    return partial(
        actions.review_remark, _opened(), "report", "当晚系统繁忙", actor=known("duty_officer"), at=after(2)
    )


@deed(actions.review_cause)
def cause() -> Act:
    return partial(
        actions.review_cause, _opened(), "tracing", "流调力量不足", actor=known("duty_officer"), at=after(2)
    )


@deed(actions.review_close, again="review.is_closed")
def close() -> Act:
    office()
    case_reported(at=AT)
    return partial(
        actions.review_close,
        _opened(),
        no_gap_because="已逐项核对",
        actor=known("co_chair"),
        at=after(2),
    )


@deed(actions.gap_raise)
def raise_gap() -> Act:
    return partial(actions.gap_raise, **_gap())


@deed(actions.gap_assign)
def assign() -> Act:
    return partial(
        actions.gap_assign,
        actions.gap_raise(**_gap()),
        owner_role="supply_group",
        due_at=AT + timedelta(days=20),
        reason="车辆改由物资组落实",
        actor=known("general_group"),
        at=after(2),
    )


@deed(actions.gap_prove)
def prove() -> Act:
    key = actions.gap_raise(**_gap())
    return partial(actions.gap_prove, key, "已签协议", actor=known("community_group"), at=after(3))


@deed(actions.gap_close)
def close_gap() -> Act:
    return partial(actions.gap_close, _proved(), actor=known("co_chair"), at=after(4))


@deed(actions.gap_return, again="gap.wrong_state")
def give_back() -> Act:
    return partial(actions.gap_return, _proved(), "附件不全", actor=known("co_chair"), at=after(4))
