"""Writes on meetings, made ready."""

from __future__ import annotations

from datetime import date
from functools import partial

from fangkong.command.directives.tests.offices import AT, CITY, DISTRICT, after
from fangkong.command.meetings import actions
from fangkong.command.meetings.tests.meetings import (
    BODY,
    VENUES,
    areas,
    called,
    closed,
    decided,
    held,
    signer,
    writer,
)

from .registry import Act, deed


@deed(actions.meeting_call)
def call() -> Act:
    return partial(
        actions.meeting_call,
        body=BODY,
        number=12,
        kind="numbered",
        area_code=CITY,
        starts_at=after(1),
        chairs=[{"name": "周启明", "post": "市长"}],
        venues=VENUES,
        actor=writer(),
        at=AT,
    )


@deed(actions.agenda_item_add)
def item_added() -> Act:
    return partial(actions.agenda_item_add, called(), "春耕物资通行", actor=writer(), at=after(0.5))


@deed(actions.papers_refresh, renews=True)
def refreshed() -> Act:
    from fangkong.command.directives.tests.offices import issued

    key = called()
    issued()
    return partial(actions.papers_refresh, key, actor=writer(), at=after(0.6))


@deed(actions.meeting_cancel, again="meeting.wrong_state")
def cancelled() -> Act:
    return partial(actions.meeting_cancel, called(), "并入下次会议", actor=writer(), at=after(0.5))


@deed(actions.meeting_hold)
def hold() -> Act:
    return partial(
        actions.meeting_hold, called(), present=[28, 11], heard=[1, 2], actor=writer(), at=after(1)
    )


@deed(actions.decision_enter)
def entered() -> Act:
    return partial(actions.decision_enter, held(), "逐户复核独居老人名册", actor=writer(), at=after(1.2))


@deed(actions.decision_strike)
def struck() -> Act:
    return partial(actions.decision_strike, decided(held()), "记录有误", actor=writer(), at=after(1.5))


@deed(actions.decision_confirm)
def confirmed() -> Act:
    areas()
    return partial(
        actions.decision_confirm,
        decided(held()),
        as_="directive",
        owner_role="district_officer",
        where="below",
        due_at=after(40),
        sunset_on=date(2022, 4, 30),
        actor=writer(),
        at=after(1.5),
    )


@deed(actions.dissent_record)
def dissented() -> Act:
    key = held()
    clause = decided(key)
    return partial(
        actions.dissent_record,
        key,
        by="市商务局",
        clause_key=clause,
        words="建议分批",
        actor=writer(),
        at=after(1.3),
    )


@deed(actions.minutes_write)
def written() -> Act:
    key = held()
    decided(key)
    return partial(actions.minutes_write, key, actor=writer(), at=after(2))


@deed(actions.minutes_sign, again="meeting.already_signed")
def signed() -> Act:
    key = held()
    decided(key)
    actions.minutes_write(key, actor=writer(), at=after(2))
    return partial(actions.minutes_sign, key, actor=signer(), at=after(2.2))


@deed(actions.minutes_correct)
def corrected() -> Act:
    key = held()
    decided(key)
    closed(key)
    return partial(actions.minutes_correct, key, "分会场实到应为 12 人。", actor=writer(), at=after(4))


@deed(actions.meeting_follow)
def followed() -> Act:
    areas()
    key = held()
    closed(key)
    from fangkong.command.directives.actions import directive_issue
    from fangkong.command.meetings.tests.meetings import confirmed as led_by

    other = held(number=13, starts_at=after(3), hours=3)
    clause = decided(other, hours=3.2)
    directive_issue(led_by(clause, hours=3.3), actor=signer(), at=after(3.5))
    return partial(
        actions.meeting_follow,
        other,
        area_code=DISTRICT,
        body="区疫情防控工作领导小组",
        starts_at=after(5),
        chairs=[{"name": "孟立", "post": "区长"}],
        venues=[{"name": "区会议室", "expected": 20}],
        actor=writer(DISTRICT),
        at=after(4),
    )
