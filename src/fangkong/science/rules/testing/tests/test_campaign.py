"""Scenario 1 and 3: a city of three million, and a day on which the packs hold no guide."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fangkong.core.errors import InputError
from fangkong.science.rules import NotInPack, rule_book
from fangkong.science.rules.packs import load_packs
from fangkong.science.rules.resolver import RuleBook
from fangkong.science.rules.testing.campaign import (
    CampaignPlan,
    Capacity,
    campaign_plan,
    hours_for_population,
)
from fangkong.science.rules.tests.pack_writer import write_pack

COVID = "covid-19"
DELTA = date(2021, 10, 20)
CITY = 3_000_000


def plan(
    book: RuleBook, on: date = DELTA, population: int = CITY, pool_size: int = 10, **more
) -> CampaignPlan:
    found = campaign_plan(
        book,
        population=population,
        on=on,
        disease=COVID,
        pool_size=pool_size,
        lab_tubes_per_day=10_000,
        **more,
    )
    assert isinstance(found, CampaignPlan)
    return found


@pytest.mark.parametrize(
    ("pool_size", "tubes", "laboratories"), [(10, 300_000, 15), (1, CITY, 150), (20, 150_000, 7.5)]
)
def test_three_million_people_are_tested_in_48_hours(book: RuleBook, pool_size, tubes, laboratories) -> None:
    found = plan(book, pool_size=pool_size)
    assert (found.hours, found.people_per_hour) == (48, 62_500)
    assert (found.tubes, found.laboratories) == (tubes, laboratories)
    assert found.verdict == "allowed"
    assert [row.document.document_id for row in found.basis.rows] == ["pcr2"]


def test_half_a_laboratory_counts_as_one(book: RuleBook) -> None:
    assert plan(book, pool_size=20).whole_laboratories == 8


@pytest.mark.parametrize(
    ("on", "population", "hours", "size_class"),
    [
        (DELTA, 5_000_000, 48, "population_up_to_5000000"),
        (DELTA, 5_000_001, 72, "population_over_5000000"),
        (date(2022, 3, 21), CITY, 48, "population_up_to_5000000"),
        (date(2022, 3, 22), CITY, 24, "designated_area"),
        (date(2022, 8, 1), 12_000_000, 24, "designated_area"),
    ],
)
def test_the_hours_follow_the_guide_and_the_size(book: RuleBook, on, population, hours, size_class) -> None:
    found = plan(book, on=on, population=population)
    assert (found.hours, found.size_class) == (hours, size_class)


def test_before_the_second_guide_the_packs_are_silent_and_name_it_as_later(book: RuleBook) -> None:
    answer = campaign_plan(
        book, population=CITY, on=date(2021, 8, 6), disease=COVID, pool_size=10, lab_tubes_per_day=10_000
    )
    assert isinstance(answer, NotInPack)
    assert answer.next_row is not None
    assert answer.next_row.document.document_id == "pcr2"
    assert answer.next_row.effective_from == date(2021, 9, 13)
    assert answer.last_row is None


@pytest.mark.parametrize(
    ("on", "verdict"),
    [
        (date(2022, 11, 10), "allowed"),
        (date(2022, 11, 11), "only_with_reason"),
        (date(2022, 12, 7), "not_allowed"),
        (date(2023, 2, 1), "not_allowed"),
    ],
)
def test_whole_areas_are_tested_less_and_less(book: RuleBook, on: date, verdict: str) -> None:
    found = plan(book, on=on)
    assert found.verdict == verdict
    assert (found.tubes is None) == (verdict == "not_allowed")


def test_key_groups_may_be_tested_where_an_area_may_not(book: RuleBook) -> None:
    found = plan(book, on=date(2022, 12, 20), by_administrative_area=False)
    assert (found.verdict, found.hours) == ("allowed", 24)


def test_two_rounds_a_day_are_named_as_forbidden(book: RuleBook) -> None:
    assert plan(book, on=date(2022, 11, 12), rounds_a_day=2).forbidden == ("two_tests_a_day",)
    assert plan(book, on=date(2022, 11, 12)).forbidden == ()
    assert plan(book, on=date(2022, 11, 10), rounds_a_day=2).forbidden == ()


def test_an_unknown_source_asks_for_three_rounds_and_spread_for_the_province(book: RuleBook) -> None:
    assert plan(book, source_known=False).min_rounds == 3
    assert plan(book, source_known=True).min_rounds is None
    assert plan(book, on=date(2022, 8, 1), spread="multi_district_spread").decided_by == "province"


def test_contacts_are_never_pooled(book: RuleBook) -> None:
    assert "close_contact" in plan(book, on=date(2022, 8, 1)).tested_alone
    assert plan(book, on=date(2022, 8, 1), pool_size=1).tested_alone == ()


def test_points_open_half_the_day_are_twice_as_many(book: RuleBook) -> None:
    def points(open_hours: float) -> int:
        capacity = Capacity(
            people_per_point_hour=100, staff_per_point=4, open_hours_a_day=open_hours, shift_hours=6
        )
        found = plan(book, capacity=capacity).points
        assert found is not None
        assert found.staff == found.points * 4 * found.shifts_a_day
        return found.points

    assert (points(24), points(12)) == (625, 1250)


def test_a_class_that_no_row_names_is_left_to_a_person(tmp_path: Path) -> None:
    shipped = rule_book()
    row = {
        "key": "campaign.finish_hours",
        "value": {"population_up_to_1000": 6},
        "unit": "h",
        "scope": {"place": "city"},
    }
    write_pack(tmp_path, "fever", disease="fever", rows=[row])
    book = RuleBook(load_packs(tmp_path, shipped.keys), shipped.keys)
    given_to = {"on": date(2030, 5, 1), "disease": "fever", "pool_size": 10, "lab_tubes_per_day": 100}
    assert campaign_plan(book, population=1_000, **given_to).hours == 6
    assert campaign_plan(book, population=1_001, **given_to).verdict == "person_decides"


def test_nobody_plans_for_nobody(book: RuleBook) -> None:
    with pytest.raises(InputError, match=r"campaign\.number_out_of_range"):
        plan(book, population=0)


@given(population=st.integers(1, 30_000_000), pool_size=st.integers(1, 20))
def test_tubes_hold_everyone_and_laboratories_read_every_tube(population: int, pool_size: int) -> None:
    found = plan(rule_book(), population=population, pool_size=pool_size)
    assert (found.tubes - 1) * pool_size < population <= found.tubes * pool_size
    assert found.whole_laboratories * 10_000 * found.hours / 24 >= found.tubes


@given(st.integers(1, 10**8))
def test_the_smallest_class_that_holds_them_decides(population: int) -> None:
    classes = {
        "population_up_to_100": 1,
        "population_up_to_1000": 2,
        "population_over_1000": 3,
        "population_over_9000": 4,
    }
    name, hours = hours_for_population(classes, population)
    assert classes[name] == hours
    assert hours == 1 + sum(population > size for size in (100, 1000, 9000))
