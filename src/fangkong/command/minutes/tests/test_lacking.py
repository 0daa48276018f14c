"""What no desk carries yet stands by name on the coverage table; and no isolation comes from minutes."""

from __future__ import annotations

from datetime import date

import pytest

from fangkong.command.minutes.coverage import coverage
from fangkong.command.minutes.lacking import lacking, lacks
from fangkong.command.minutes.personal_orders import personal_orders
from fangkong.command.minutes.upward import report_upward_draft, report_upward_get, rows_of

from ...directives.tests.offices import CITY, after, drafter
from ..capabilities import capabilities
from .texts import received

TEXT = "会议强调，要发挥好药店等各类“哨点”作用。要加强物资储备。要严格落实24小时值班制度。"


@pytest.mark.django_db
def test_the_requirement_is_named_also_where_its_capability_has_a_desk():
    key = received(TEXT)
    rows = {row.text: row for row in coverage(key, actor=drafter(), at=after(1)).rows}
    named = {text: row.lacks for text, row in rows.items()}
    assert sorted(named.values()) == [(), ("sentinels",), ("stocks",)]
    without = coverage(key, actor=drafter(), at=after(1)).without_desk
    assert {row.lacks for row in without} == {("sentinels",), ("stocks",)}


@pytest.mark.django_db
def test_the_report_upward_keeps_the_names():
    key = received(TEXT)
    report = report_upward_draft(key, edition="first", actor=drafter(), at=after(1))
    kept = rows_of(report_upward_get(report, actor=drafter(), at=after(2)).content)
    assert kept == coverage(key, actor=drafter(), at=after(1)).rows


def test_each_lack_belongs_to_a_capability_and_a_text_that_asks_for_nothing_lacks_nothing():
    assert {each.capability for each in lacks().values()} <= set(capabilities())
    assert all(each.words for each in lacks().values())
    assert lacking("会议研究了有关事项") == ()
    assert lacking("加强冷链监测，提高接种率") == ("goods_tests", "vaccination")


@pytest.mark.parametrize(
    ("on", "disease", "answer"),
    [
        (date(2022, 3, 28), "covid-19", "some"),
        (date(2022, 12, 20), "covid-19", "some"),
        (date(2023, 1, 17), "covid-19", "none"),
        (date(2019, 6, 1), "covid-19", "unknown"),
    ],
)
def test_whether_the_rules_of_the_day_isolate_anybody(on, disease, answer):
    assert personal_orders(disease=disease, area_code=CITY, on=on) == answer
