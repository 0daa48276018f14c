"""Writes on response levels and plans, made ready."""

from __future__ import annotations

from datetime import date
from functools import partial

from fangkong.command.directives.tests.offices import WORKER
from fangkong.command.response import actions
from fangkong.command.response.tests.flooded import (
    ALERT,
    CITY,
    SAFE_STREET,
    SITE_STREET,
    STEPS,
    after,
    approved,
    chair,
    declared,
    draft,
    health,
    known,
    propose,
    proposer,
    quarantined,
    start,
)

from .registry import Act, deed


@deed(actions.level_propose)
def proposed() -> Act:
    return partial(
        actions.level_propose,
        area_code=CITY,
        hazard="epidemic",
        disease="covid-19",
        level=3,
        matters="本市出现聚集性疫情",
        starts_on=date(2022, 7, 18),
        review_on=date(2022, 7, 25),
        actor=proposer(),
        at=ALERT,
    )


@deed(actions.level_declare, again="level.wrong_state")
def declare() -> Act:
    declared(level=4)
    second = propose(starts_on=date(2022, 7, 19), at=after(20))
    return partial(actions.level_declare, second, actor=chair(), at=after(21))


@deed(actions.level_reject, again="level.wrong_state")
def reject() -> Act:
    return partial(actions.level_reject, propose(), "依据不足", actor=chair(), at=after(1))


@deed(actions.level_keep)
def keep() -> Act:
    return partial(
        actions.level_keep,
        declared(),
        review_on=date(2022, 7, 28),
        reason="仍有新增",
        actor=chair(),
        at=after(48),
    )


@deed(actions.level_end, again="level.wrong_state")
def end() -> Act:
    return partial(
        actions.level_end,
        declared(),
        ended_on=date(2022, 7, 22),
        reason="已无新增",
        actor=chair(),
        at=after(48),
    )


@deed(actions.level_record)
def record() -> Act:
    return partial(
        actions.level_record,
        area_code=CITY,
        hazard="epidemic",
        disease="covid-19",
        level=1,
        rank="province",
        document="省政府公告一",
        starts_on=date(2022, 7, 18),
        actor=proposer(),
        at=ALERT,
    )


@deed(actions.level_offer_take, again="level.offer_taken")
def take_offer() -> Act:
    return partial(
        actions.level_offer_take,
        declared(),
        "duty_round_the_clock",
        title="应急响应期间二十四小时值守",
        actor=proposer(),
        at=after(2),
    )


@deed(actions.plan_draft)
def plan_written() -> Act:
    return partial(
        actions.plan_draft,
        kind="三紧急",
        title="隔离点汛期转移",
        area_code=CITY,
        hazard="flood",
        evacuates=True,
        checklist=STEPS,
        actor=known("general_group"),
        at=ALERT,
    )


@deed(actions.plan_approve, again="plan.wrong_state")
def plan_approved() -> Act:
    second = draft(replaces_key=approved(), title="隔离点汛期转移（修订）", at=ALERT)
    return partial(actions.plan_approve, second, actor=chair(), at=after(1))


@deed(actions.plan_reject, again="plan.wrong_state")
def plan_rejected() -> Act:
    return partial(actions.plan_reject, draft(), "缺少联系人", actor=chair(), at=after(1))


@deed(actions.plan_retire, again="plan.wrong_state")
def plan_retired() -> Act:
    return partial(actions.plan_retire, approved(), "不再使用", actor=chair(), at=after(1))


@deed(actions.plan_start)
def plan_started() -> Act:
    quarantined(3)
    level = declared()
    return partial(
        actions.plan_start,
        approved(),
        reason="暴雨红色预警",
        submit="form-1",
        level_key=level,
        actor=proposer(),
        at=after(2),
    )


def _running() -> str:
    quarantined(3)
    return start(approved(), area_code=SITE_STREET)


@deed(actions.plan_end, again="plan.run_over")
def plan_ended() -> Act:
    return partial(actions.plan_end, _running(), "水退", actor=proposer(), at=after(20))


@deed(actions.site_add)
def site_added() -> Act:
    return partial(
        actions.site_add,
        _running(),
        name="学校宿舍",
        area_code=SAFE_STREET,
        rooms=90,
        actor=proposer(),
        at=after(0.2),
    )


@deed(actions.yields_suspend, in_steps=True, counts=True)
def suspended() -> Act:
    return partial(actions.yields_suspend, _running(), reason="洪水撤离", actor=health(), at=after(0.3))


@deed(actions.yields_refresh, in_steps=True, counts=True)
def refreshed() -> Act:
    start(approved(), area_code=SITE_STREET)
    quarantined(3)
    return partial(actions.yields_refresh, after(0.2), actor=WORKER)
