"""Scenario 8: the truck driver, 3 h 50 in a risk city, PCR 52 h old, antigen negative."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fangkong.core.errors import InputError
from fangkong.science.rules import NotInPack, rule_book
from fangkong.science.rules.asking import load
from fangkong.science.rules.movement.freight import TruckFacts, TruckGate, truck_gate
from fangkong.science.rules.packs import SHIPPED
from fangkong.science.rules.resolver import RuleBook
from fangkong.science.rules.tests.pack_writer import write_pack

AT = datetime(2022, 7, 6, 4, 0, tzinfo=UTC)
SHORT_STAY = timedelta(hours=3, minutes=50)


def truck(book: RuleBook, facts: TruckFacts, **more: Any) -> TruckGate:
    return truck_gate(book, facts, disease="covid-19", **more)


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


def test_an_expired_pcr_and_a_negative_antigen_release_the_truck_at_once(book: RuleBook) -> None:
    facts = TruckFacts(AT, stay=SHORT_STAY, pcr_at=AT - hours(52), antigen="negative", code="green")
    gate = truck(book, facts)
    assert gate.answer == "pass_and_test_on_site"
    assert gate.released
    assert (gate.star.given, gate.star.why, gate.star.is_reason_to_stop) == (
        False,
        "stay_within_limit",
        False,
    )
    assert gate.pcr_valid is False
    assert {"hold", "turn_back", "stop_for_star"} <= set(gate.must_not)
    assert {row.key for row in gate.basis.rows} >= {
        "freight.no_star_stay_hours",
        "freight.pass_pcr_hours",
        "freight.expired_pcr_action",
        "freight.forbid_truck",
    }
    assert gate.basis.confidence == "verified"
    assert gate.basis.decides_alone


def test_a_later_positive_result_reaches_the_next_checkpoint_and_the_investigators_in_a_minute(
    book: RuleBook,
) -> None:
    gate = truck(book, TruckFacts(AT, pcr_at=AT - hours(52), antigen="negative"))
    assert gate.follow is not None
    assert gate.follow.of == "pcr"
    assert gate.follow.alert_to == ("next_checkpoint", "investigation_group")
    assert gate.alert_due_at(AT + hours(5)) == AT + hours(5) + timedelta(minutes=1)


def test_before_the_antigen_the_gate_takes_it_and_nothing_else(book: RuleBook) -> None:
    gate = truck(book, TruckFacts(AT, pcr_at=AT - hours(52)))
    assert (gate.answer, gate.test) == ("test_on_site", "antigen")
    assert "hold" in gate.must_not


def test_a_valid_pcr_passes_and_is_not_repeated(book: RuleBook) -> None:
    gate = truck(book, TruckFacts(AT, pcr_at=AT - hours(48), code="green", temperature_normal=True))
    assert (gate.answer, gate.follow) == ("pass", None)
    assert "repeat_test" in gate.must_not


@pytest.mark.parametrize(
    ("stay", "given", "why"),
    [
        (None, False, "no_stay"),
        (hours(4), False, "stay_within_limit"),
        (hours(4) + timedelta(minutes=1), True, "stay_over_limit"),
    ],
)
def test_the_star_follows_the_stay_and_never_stops_the_truck(book: RuleBook, stay, given, why) -> None:
    gate = truck(book, TruckFacts(AT, stay=stay, pcr_at=AT - hours(10)))
    assert (gate.star.given, gate.star.why) == (given, why)
    assert gate.answer == "pass"
    assert gate.star.is_reason_to_stop is False


def test_a_red_code_is_no_reason_to_turn_back(book: RuleBook) -> None:
    gate = truck(book, TruckFacts(AT, pcr_at=AT - hours(10), code="red"))
    assert (gate.answer, gate.reasons[-1]) == ("person_decides", "code_not_green")
    assert "turn_back" in gate.must_not


def test_before_the_freight_rules_a_person_decides_and_the_later_row_is_named(book: RuleBook) -> None:
    gate = truck(book, TruckFacts(AT, stay=SHORT_STAY, pcr_at=AT - hours(10)), on=date(2022, 4, 1))
    assert gate.answer == "person_decides"
    assert gate.star.given is None
    silences = gate.basis.unanswered
    assert {silence.asked.key for silence in silences} == {
        "freight.pass_pcr_hours",
        "freight.no_star_stay_hours",
    }
    assert all(isinstance(each, NotInPack) and each.next_row is not None for each in silences)


def test_the_five_must_nots_start_on_their_day_and_the_star_ban_before(book: RuleBook) -> None:
    before = truck(book, TruckFacts(AT, pcr_at=AT - hours(1)), on=date(2022, 6, 26))
    after = truck(book, TruckFacts(AT, pcr_at=AT - hours(1)), on=date(2022, 6, 27))
    assert before.must_not == ("stop_for_star",)
    assert set(after.must_not) == {"stop_for_star", "hold", "repeat_test", "turn_back"}


def test_a_stricter_local_window_is_named_and_not_applied(book: RuleBook, tmp_path: Path) -> None:
    local = {
        "key": "freight.pass_pcr_hours",
        "value": 24,
        "unit": "h",
        "scope": {"person": "driver"},
        "jurisdiction": "CN-9901",
        "authority": "prefecture",
        "effective_from": date(2022, 6, 1),
    }
    write_pack(tmp_path, "our-city", disease="covid-19", rows=[local])
    gate = truck(load(SHIPPED, tmp_path), TruckFacts(AT, pcr_at=AT - hours(30)), area="990100")
    assert gate.answer == "pass"
    assert [other.why for other in gate.basis.not_applied] == ["stricter_than_national"]


def test_a_moment_without_a_zone_and_a_test_from_the_future_are_refused(book: RuleBook) -> None:
    with pytest.raises(InputError, match=r"gate\.moment_not_aware"):
        truck(book, TruckFacts(AT.replace(tzinfo=None)))
    with pytest.raises(InputError, match=r"gate\.result_after_gate"):
        truck(book, TruckFacts(AT, pcr_at=AT + hours(1)))


@given(
    stay=st.none() | st.timedeltas(timedelta(0), timedelta(days=5)),
    age=st.none() | st.timedeltas(timedelta(0), timedelta(days=5)),
    antigen=st.sampled_from([None, "negative"]),
)
def test_no_healthy_driver_is_ever_held_or_turned_back(stay, age, antigen) -> None:
    facts = TruckFacts(AT, stay=stay, pcr_at=None if age is None else AT - age, antigen=antigen, code="green")
    gate = truck(rule_book(), facts)
    assert gate.answer in ("pass", "test_on_site", "pass_and_test_on_site")
    assert gate.released or (gate.answer == "test_on_site" and antigen is None)
