"""The precision of the orders in the report: figures with interval, source and day, or the reason for none."""

from __future__ import annotations

import pytest

from fangkong.command.reports.precision_entries import precision_block
from fangkong.desks.control.tests.people import DISTRICT, case, clock
from fangkong.desks.control.tests.test_lawful_set import area_order, restricted
from fangkong.record.access import system_actor

pytestmark = pytest.mark.django_db
HAND = system_actor("reaction")


def test_what_the_record_does_not_carry_is_refused_in_words():
    area_order(level="high")
    block = precision_block("covid-19", "9901", actor=HAND, at=clock("2022-07-13"))
    refused = {entry["code"]: entry["refusal"] for entry in block["entries"] if "refusal" in entry}
    assert refused["lawful_areas"] == "precision.area_without_residents"
    assert refused["lawful_ordered_persons"] == "precision.no_order_in_force"
    assert refused["restricted_infected"] == "precision.nobody_restricted"


def test_the_entries_carry_interval_source_and_day():
    restricted(2)
    case("c2", known=clock("2022-06-28", "08:00"), person_key="person-0")
    at = clock("2022-06-28")
    block = precision_block("covid-19", DISTRICT, actor=HAND, at=at)
    entries = {entry["code"]: entry for entry in block["entries"]}
    pair = entries["restricted_infected"]
    assert (pair["value"], pair["of"], pair["as_of"]) == (1, 2, "2022-06-28")
    assert pair["interval"][0] < 0.5 < pair["interval"][1]
    assert pair["sources"] == ["record.case", "record.order"]
    assert entries["lawful_excess_person_days"]["params"] == {"orders": len(block["rows"])}
