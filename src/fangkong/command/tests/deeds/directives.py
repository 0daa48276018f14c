"""Writes on directives and standing duties, made ready."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import Any

from fangkong.command.directives import actions
from fangkong.command.directives.tests.offices import (
    AT,
    CITY,
    DISTRICT,
    OTHER,
    STREET,
    SUNSET,
    WORKER,
    after,
    draft,
    drafter,
    issued,
    issuer,
    known,
    taken,
    to,
    work,
)

from .registry import Act, deed

WORDS: dict[str, Any] = {
    "title": "复核独居老人名册",
    "purpose": "保障独居老人的生活和就医",
    "measures": [{"text": "逐户复核名册", "evidence_kind": ""}],
    "recipients": to(DISTRICT, OTHER),
    "due_at": after(30),
    "sunset_on": SUNSET,
}


def district() -> Any:
    return known("district_officer", DISTRICT)


@deed(actions.directive_draft)
def drafted() -> Act:
    return partial(actions.directive_draft, **WORDS, area_code=CITY, actor=drafter(), at=AT)


@deed(actions.directive_redraft)
def redrafted() -> Act:
    words = WORDS | {"title": "复核独居老人和孕产妇名册"}
    return partial(actions.directive_redraft, draft(drafter()), **words, actor=drafter(), at=after(1))


@deed(actions.directive_issue, again="directive.wrong_state")
def issue() -> Act:
    return partial(actions.directive_issue, draft(drafter()), actor=issuer(), at=after(1))


@deed(actions.directive_carry_on)
def carried_on() -> Act:
    key = taken(issued(), DISTRICT, district())
    return partial(
        actions.directive_carry_on,
        key,
        measures=[{"text": "各街道逐户走访", "evidence_kind": ""}],
        recipients=to(STREET, role="street_officer"),
        due_at=after(20),
        actor=district(),
        at=after(2),
    )


@deed(actions.directive_tasks_create)
def tasks_given() -> Act:
    rows = [work(), work("复核第二网格")]
    return partial(actions.directive_tasks_create, issued(), rows, actor=issuer(), at=after(1))


def _with_tasks() -> str:
    key = issued()
    actions.directive_tasks_create(key, [work(), work("复核第二网格")], actor=issuer(), at=after(1))
    return key


def _with_child() -> str:
    """An issued directive with tasks, that a district carries on."""
    top = _with_tasks()
    below = actions.directive_carry_on(
        taken(top, DISTRICT, district()),
        measures=[{"text": "各街道逐户走访", "evidence_kind": ""}],
        recipients=to(STREET, role="street_officer"),
        due_at=after(20),
        actor=district(),
        at=after(2),
    )
    actions.directive_issue(below, actor=known("co_chair", DISTRICT), at=after(3))
    return top


@deed(actions.directive_withdraw, again="directive.wrong_state")
def withdrawn() -> Act:
    return partial(actions.directive_withdraw, _with_child(), "政策调整", actor=issuer(), at=after(5))


@deed(actions.directive_complete, again="directive.wrong_state")
def completed() -> Act:
    return partial(actions.directive_complete, _with_tasks(), "提前办结", actor=issuer(), at=after(5))


def _recipient_key(top: str) -> str:
    from fangkong.command.directives.tests.offices import recipient

    return recipient(top, DISTRICT).key


@deed(actions.recipient_acknowledge, again="directive.already_acknowledged")
def acknowledged() -> Act:
    return partial(actions.recipient_acknowledge, _recipient_key(issued()), actor=district(), at=after(1))


@deed(actions.recipient_reply)
def replied() -> Act:
    key = taken(issued(), DISTRICT, district())
    return partial(actions.recipient_reply, key, "已复核八成", actor=district(), at=after(2))


@deed(actions.recipient_done, again="directive.wrong_state")
def reported_done() -> Act:
    top = issued(recipients=to(DISTRICT))
    key = taken(top, DISTRICT, district())
    return partial(actions.recipient_done, key, actor=district(), at=after(2))


@deed(actions.directives_lapse_due, in_steps=True, counts=True)
def lapse() -> Act:
    for n in range(3):
        issued(title=f"第 {n} 件")
    return partial(actions.directives_lapse_due, AT + timedelta(days=40), actor=WORKER)


@deed(actions.directives_complete_due, in_steps=True, counts=True)
def complete_due() -> Act:
    from fangkong.command.models import DirectiveRecipient

    for n in range(2):
        key = issued(title=f"第 {n} 件")
        # What an installation of an older edition left: everybody has done it and nobody closed it.
        DirectiveRecipient.objects.filter(directive_key=key).update(state="done", done_at=after(2))
    return partial(actions.directives_complete_due, after(4), actor=WORKER)


DUTY: dict[str, Any] = {
    "title": "每日保供巡查",
    "area_code": CITY,
    "owner_role": "supply_group",
    "recurs": "day",
    "starts_on": date(2022, 4, 11),
    "review_on": date(2022, 4, 20),
}


def _duty(**more: Any) -> str:
    return actions.standing_duty_establish(**(DUTY | more), actor=drafter(), at=AT)


@deed(actions.standing_duty_establish)
def established() -> Act:
    return partial(actions.standing_duty_establish, **DUTY, actor=drafter(), at=AT)


@deed(actions.standing_duty_keep)
def kept() -> Act:
    return partial(
        actions.standing_duty_keep,
        _duty(),
        review_on=date(2022, 4, 25),
        reason="仍需巡查",
        actor=drafter(),
        at=after(24),
    )


@deed(actions.standing_duty_end, again="standing_duty.over")
def ended() -> Act:
    return partial(actions.standing_duty_end, _duty(), "已转常态", actor=drafter(), at=after(24))


@deed(actions.duties_open_for_day, counts=True)
def opened_for_day() -> Act:
    for title in ("每日保供巡查", "每日消毒巡查"):
        _duty(title=title)
    return partial(actions.duties_open_for_day, after(1), actor=WORKER)


@deed(actions.duties_ask_for_review, in_steps=True, counts=True)
def asked_for_review() -> Act:
    for title in ("每日保供巡查", "每日消毒巡查"):
        _duty(title=title)
    return partial(actions.duties_ask_for_review, after(24 * 10), actor=WORKER)
