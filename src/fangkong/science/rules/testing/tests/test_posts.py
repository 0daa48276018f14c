"""Key posts and scenario 11: the nursing home under class-B management."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fangkong.core.errors import InputError
from fangkong.science.rules import NotInPack, rule_book
from fangkong.science.rules.packs import load_packs
from fangkong.science.rules.resolver import RuleBook
from fangkong.science.rules.testing.posts import (
    DueList,
    Frequency,
    days_tested,
    due_list,
    institution_plan,
    post_frequency,
    posts,
    visitor_may_enter,
)
from fangkong.science.rules.tests.pack_writer import write_pack

COVID = "covid-19"
SUMMER = date(2022, 8, 10)
HOME_DAY = date(2023, 1, 17)
DAY = timedelta(days=1)


def due(book: RuleBook, person: str, tests: dict[str, list[date]], on: date = SUMMER) -> DueList:
    found = due_list(book, person, tests, on=on, disease=COVID)
    assert isinstance(found, DueList)
    return found


def test_the_nursing_home_of_120_residents_has_its_plan(book: RuleBook) -> None:
    plan = institution_plan(
        book, institution="nursing_home", residents=120, staff=40, on=HOME_DAY, disease=COVID
    )
    assert plan.frequency is not None
    assert (plan.frequency.times, plan.frequency.per_days, plan.tests_a_week) == (2, 7, 320)
    assert plan.health_checks_a_day == 2
    assert plan.visitor is not None
    assert (plan.visitor.pcr_within, plan.visitor.antigen_on_site) == (timedelta(hours=48), True)
    assert plan.one_case_action == "whole_home_pcr"
    assert plan.whole_round is None
    assert plan.basis.unanswered == ()
    assert plan.basis.confidence == "secondary"


def test_one_positive_means_a_round_of_everyone_on_the_same_day(book: RuleBook) -> None:
    plan = institution_plan(
        book,
        institution="nursing_home",
        residents=120,
        staff=40,
        on=HOME_DAY,
        disease=COVID,
        positive_on=HOME_DAY,
    )
    assert plan.whole_round is not None
    assert (plan.whole_round.due_on, plan.whole_round.tests) == (HOME_DAY, 160)


def test_a_visitor_shows_a_pcr_of_48_hours_and_an_antigen_on_site(book: RuleBook) -> None:
    check = institution_plan(
        book, institution="nursing_home", residents=1, staff=1, on=HOME_DAY, disease=COVID
    ).visitor
    assert check is not None
    at = datetime(2023, 1, 17, 8, tzinfo=UTC)

    def missing(age_hours: int | None, antigen: bool | None) -> tuple[str, ...]:
        taken = None if age_hours is None else at - timedelta(hours=age_hours)
        return visitor_may_enter(check, at=at, pcr_negative_at=taken, antigen_negative=antigen)

    assert missing(48, True) == ()
    assert missing(49, True) == ("pcr",)
    assert missing(None, None) == ("pcr", "antigen")


def test_before_class_b_management_the_home_is_not_in_the_packs(book: RuleBook) -> None:
    plan = institution_plan(
        book, institution="nursing_home", residents=120, staff=40, on=date(2022, 12, 20), disease=COVID
    )
    assert (plan.frequency, plan.visitor, plan.whole_round) == (None, None, None)
    assert {silence.asked.key for silence in plan.basis.unanswered} == {
        "testing.post_frequency",
        "checks.visitor",
        "testing.one_case_action",
        "institution.health_checks_per_day",
    }


def test_an_institution_that_nobody_described_is_refused(book: RuleBook) -> None:
    with pytest.raises(InputError, match=r"testing\.institution_unknown"):
        institution_plan(book, institution="prison", residents=1, staff=1, on=HOME_DAY, disease=COVID)


def test_daily_posts_are_due_the_day_after_and_others_when_their_window_empties(book: RuleBook) -> None:
    daily = due(book, "direct_inbound_contact_worker", {"a": [SUMMER], "b": [SUMMER - 2 * DAY], "c": []})
    assert [(each.person_key, each.due_on, each.due) for each in daily.people] == [
        ("b", SUMMER - DAY, True),
        ("c", SUMMER, True),
        ("a", SUMMER + DAY, False),
    ]
    weekly = due(book, "high_turnover_trade_worker", {"d": [SUMMER - 6 * DAY, SUMMER - DAY]})
    assert weekly.people[0].due_on == SUMMER + DAY
    assert weekly.due == ()


def test_a_post_that_no_row_names_is_not_in_the_packs(book: RuleBook) -> None:
    assert isinstance(post_frequency(book, "taxi_driver", on=SUMMER, disease=COVID), NotInPack)


def test_a_city_adds_its_own_posts_as_data(tmp_path: Path) -> None:
    row = {
        "key": "testing.post_frequency",
        "value": {"times": 1, "per_days": 3},
        "unit": "tests",
        "scope": {"person": "taxi_driver"},
        "jurisdiction": "CN-3303",
        "authority": "prefecture",
        "effective_from": date(2022, 7, 1),
    }
    write_pack(tmp_path, "city", disease=COVID, rows=[row])
    shipped = rule_book()
    book = RuleBook([*shipped.packs, *load_packs(tmp_path, shipped.keys)], shipped.keys)
    named = [each.person for each in posts(book, on=SUMMER, disease=COVID, area="330300")]
    assert named == [
        "direct_inbound_contact_worker",
        "fever_clinic_staff",
        "taxi_driver",
        "high_turnover_trade_worker",
    ]
    assert "taxi_driver" not in [each.person for each in posts(book, on=SUMMER, disease=COVID, area="3304")]


@given(st.lists(st.integers(0, 30), max_size=12))
def test_tested_on_every_due_day_nobody_is_tested_more_than_the_row_asks(first: list[int]) -> None:
    book = rule_book()
    taken = [SUMMER - 40 * DAY + back * DAY for back in sorted(set(first))]
    new: list[date] = []
    on = SUMMER
    for _ in range(21):
        found = due(book, "high_turnover_trade_worker", {"a": taken + new}, on=on)
        if found.due:
            new.append(on)
        on += DAY
    for start in range(15):
        window = {SUMMER + (start + day) * DAY for day in range(7)}
        assert len(window & set(new)) == 2


@given(
    times=st.integers(1, 9), per_days=st.integers(1, 30), days=st.integers(1, 60), start=st.integers(0, 59)
)
def test_every_stretch_of_the_plan_holds_the_tests_that_the_row_asks_for(
    times, per_days, days, start
) -> None:
    shown = post_frequency(rule_book(), "high_turnover_trade_worker", on=SUMMER, disease=COVID)
    assert isinstance(shown, Frequency)
    planned = days_tested(replace(shown, times=times, per_days=per_days), SUMMER, days)
    assert planned[0] == SUMMER
    assert all(SUMMER <= day < SUMMER + days * DAY for day in planned)
    first = SUMMER + start * DAY
    if start + per_days <= days:
        held = sum(first <= day < first + per_days * DAY for day in planned)
        assert held == min(times, per_days)
