"""Writes on minutes and their clauses, made ready."""

from __future__ import annotations

from functools import partial

from fangkong.command.directives.actions import directive_withdraw
from fangkong.command.directives.tests.offices import AT, CITY, after, drafter, issuer
from fangkong.command.minutes import actions
from fangkong.command.minutes.tests.texts import CORRECTED, confirmed, decision, received, saying

from .registry import Act, deed


@deed(actions.minutes_receive)
def receive() -> Act:
    key = received()
    confirmed(saying(key, "接诊流程"))
    return partial(
        actions.minutes_receive, CORRECTED, area_code=CITY, replaces=key, actor=drafter(), at=after(3)
    )


@deed(actions.clause_confirm)
def confirm_one() -> Act:
    return partial(
        actions.clause_confirm,
        saying(received(), "每一例新增阳性").key,
        as_="standing_duty",
        title="",
        owner_role="investigation_group",
        area_code=CITY,
        trigger="positive_result",
        actor=drafter(),
        at=after(1),
    )


@deed(actions.clauses_confirm)
def confirm_many() -> Act:
    key = received()
    some = [saying(key, words).key for words in ("名册", "接诊流程")]
    return partial(actions.clauses_confirm, some, decision(), together=False, actor=drafter(), at=after(1))


@deed(actions.clause_edit)
def edit() -> Act:
    clause = saying(received(), "接诊流程")
    return partial(actions.clause_edit, clause.key, text="印发接诊规程", actor=drafter(), at=after(1))


@deed(actions.clause_set_aside)
def set_aside() -> Act:
    clause = saying(received(), "24小时值班")
    return partial(actions.clause_set_aside, clause.key, "属街道", actor=drafter(), at=after(1))


@deed(actions.clauses_merge)
def merge() -> Act:
    key = received()
    some = [saying(key, words).key for words in ("名册", "物资储备")]
    into = saying(key, "接诊流程").key
    return partial(actions.clauses_merge, some, into, actor=drafter(), at=after(1))


@deed(actions.clause_link, again="minutes.clause_decided")
def link() -> Act:
    clause = saying(received(), "24小时值班")
    return partial(actions.clause_link, clause.key, "page", "directives", actor=drafter(), at=after(1))


@deed(actions.clause_reopen)
def reopen() -> Act:
    clause = saying(received(), "接诊流程")
    directive_withdraw(confirmed(clause), "重拟", actor=drafter(), at=after(2))
    return partial(actions.clause_reopen, clause.key, "重拟", actor=drafter(), at=after(3))


@deed(actions.report_upward_draft, renews=True)
def drafted_upward() -> Act:
    key = received(source="superior")
    return partial(
        actions.report_upward_draft, key, edition="first", remark="已部署", actor=drafter(), at=after(1)
    )


@deed(actions.report_upward_send, again="minutes.report_sent")
def sent_upward() -> Act:
    key = received(source="superior", at=AT)
    report = actions.report_upward_draft(key, edition="first", actor=drafter(), at=after(1))
    return partial(actions.report_upward_send, report, actor=issuer(), at=after(3))
