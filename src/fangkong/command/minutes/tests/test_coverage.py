"""The coverage table: each requirement with who carries it, as it stood on any day; and the report upward."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fangkong.command.directives.actions import directive_issue, directive_withdraw
from fangkong.command.minutes.actions import (
    clause_link,
    clause_set_aside,
    clauses_merge,
    report_upward_draft,
    report_upward_send,
)
from fangkong.command.minutes.coverage import STANDINGS, CoverageRow, coverage
from fangkong.command.minutes.upward import report_upward_get, reports_upward, rows_of
from fangkong.core.errors import Conflict, Forbidden, InputError, NotFound
from fangkong.record.audit import verify

from ...directives.tests.offices import DISTRICT, after, drafter, issuer, known
from ..capabilities import capabilities, capability_of
from .texts import clauses, colleague, confirmed, received, saying

pytestmark = pytest.mark.django_db


def row(key: str, words: str, hours: float = 99) -> CoverageRow:
    (found,) = [each for each in coverage(key, actor=drafter(), at=after(hours)).rows if words in each.text]
    return found


def test_each_requirement_stands_once_and_what_nobody_carries_is_named():
    key = received(source="superior")
    table = coverage(key, actor=drafter(), at=after(1))
    assert [each.position for each in table.rows] == [4, 5, 6, 7, 8]
    assert [each.position for each in table.not_covered] == [4, 5, 6, 7, 8]
    assert sum(table.counts.values()) == len(table.rows)
    assert tuple(table.counts) == STANDINGS
    (stock,) = [each for each in table.without_desk if "物资" in each.text]
    assert stock.capability == "C7"


def test_a_requirement_follows_what_carries_it():
    key = received()
    clause = saying(key, "接诊流程")
    led = confirmed(clause, owner_role="health_authority")
    directive_issue(led, actor=issuer(), at=after(2))
    directive_withdraw(led, "重拟", actor=issuer(), at=after(4))
    standings = [row(key, "接诊流程", hours).standing for hours in (0.5, 1.5, 3, 5)]
    assert standings == ["not_covered", "drafted", "carried", "not_covered"], "as of each moment, for ever"
    held = row(key, "接诊流程", 3)
    assert (held.kind, held.key, held.state) == ("directive", led, "issued")
    assert held.owners[0]["role"] == "health_authority"


def test_duties_pages_merges_and_what_is_not_ours():
    key = received()
    confirmed(saying(key, "每一例新增阳性"), as_="standing_duty", trigger="positive_result")
    clause_link(saying(key, "24小时值班").key, "page", "directives", actor=drafter(), at=after(1))
    clause_set_aside(
        saying(key, "物资储备").key, "由发改部门办", not_for_us=True, actor=drafter(), at=after(1)
    )
    clauses_merge([saying(key, "名册").key], saying(key, "接诊流程").key, actor=drafter(), at=after(1))
    confirmed(saying(key, "政治站位"), reason="印发动员通知")
    table = coverage(key, actor=drafter(), at=after(2))
    found = {each.position: each.standing for each in table.rows}
    assert found == {3: "drafted", 5: "not_covered", 6: "carried", 7: "carried", 8: "not_for_us"}
    assert row(key, "接诊流程").merged == (4,)
    assert row(key, "物资储备").reason == "由发改部门办"


def test_the_table_costs_the_same_for_any_number_of_requirements():
    few = received()
    many = received("会议强调，" + "".join(f"要印发第{n}号工作规程。" for n in range(40)), at=after(1))
    for clause in clauses(many)[:20]:
        confirmed(clause)
    costs = []
    for key in (few, many):
        with CaptureQueriesContext(connection) as queries:
            coverage(key, actor=drafter(), at=after(3))
        costs.append(len(queries))
    assert costs[1] <= costs[0] + 6
    assert costs[1] <= 12


def test_a_report_upward_keeps_the_table_of_its_day_and_is_sent_by_another_person():
    key = received(source="superior")
    first = report_upward_draft(key, edition="first", remark="已部署", actor=drafter(), at=after(1))
    confirmed(saying(key, "接诊流程"))
    again = report_upward_draft(key, edition="first", remark="已部署", actor=drafter(), at=after(2))
    assert first == again, "one report for each edition and day"
    with pytest.raises(Forbidden, match="two_people"):
        report_upward_send(first, actor=drafter(), at=after(3))
    with pytest.raises(Forbidden, match="may_not_send"):
        report_upward_send(first, actor=colleague(), at=after(3))
    report_upward_send(first, actor=issuer(), at=after(3))
    with pytest.raises(Conflict, match="report_sent"):
        report_upward_send(first, actor=issuer(), at=after(4))
    with pytest.raises(Conflict, match="report_sent"):
        report_upward_draft(key, edition="first", actor=drafter(), at=after(4))
    confirmed(saying(key, "名册"), hours=5)
    sent = report_upward_get(first, actor=drafter(), at=after(9))
    assert sent.content["counts"]["drafted"] == 1
    assert rows_of(sent.content) == coverage(key, actor=drafter(), at=after(2)).rows
    assert [each.key for each in reports_upward(key, actor=drafter(), at=after(9))] == [first]
    assert verify().problem == ""


def test_after_the_final_report_there_is_no_other():
    key = received(source="superior")
    final = report_upward_draft(key, edition="final", actor=drafter(), at=after(1))
    report_upward_send(final, actor=issuer(), at=after(2))
    with pytest.raises(Conflict, match="report_sent"):
        report_upward_draft(key, edition="interim", actor=drafter(), at=after(40))
    with pytest.raises(InputError, match="unknown_edition"):
        report_upward_draft(key, edition="last", actor=drafter(), at=after(40))


def test_a_district_sees_neither_the_city_s_table_nor_its_report():
    key = received()
    report = report_upward_draft(key, edition="first", actor=drafter(), at=after(1))
    stranger = known("district_officer", DISTRICT)
    with pytest.raises(NotFound):
        coverage(key, actor=stranger, at=after(2))
    with pytest.raises(NotFound):
        report_upward_get(report, actor=stranger, at=after(2))


def test_capabilities_are_fourteen_each_with_names_and_a_desk_or_none():
    assert list(capabilities()) == [f"C{n}" for n in range(1, 15)]
    assert all(each.zh and each.en for each in capabilities().values())
    assert capability_of("加快疫苗接种") == "C8"
    assert capability_of("对每一例新增阳性都要仔细复盘") == "C14"
    assert capability_of("唱歌") == ""
