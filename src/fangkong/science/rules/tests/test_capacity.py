"""Scenario 12: rooms, the ladder of rooms and intensive care, from the rows in force."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fangkong.science.rules import NotInPack, rule_book
from fangkong.science.rules.asking import load
from fangkong.science.rules.capacity import (
    infectious_beds,
    intensive_care,
    isolation_rooms,
    rooms_ladder,
    shelter_hospitals,
    size_class,
)
from fangkong.science.rules.packs import SHIPPED
from fangkong.science.rules.resolver import RuleBook
from fangkong.science.rules.tests.pack_writer import write_pack

COVID = "covid-19"
ZHENGZHOU = "410100"
CITY = 3_000_000


@pytest.mark.parametrize(
    ("on", "area", "rooms"),
    [
        (date(2021, 12, 1), ZHENGZHOU, 6_000),
        (date(2022, 4, 10), ZHENGZHOU, 12_000),
        (date(2022, 4, 10), "320100", 6_000),
        (date(2022, 5, 10), ZHENGZHOU, 18_000),
    ],
)
def test_rooms_follow_the_day_and_the_province(book: RuleBook, on: date, area: str, rooms: int) -> None:
    target = isolation_rooms(book, CITY, on=on, disease=COVID, area=area)
    assert target.rooms == rooms
    assert target.basis.rows
    assert target.basis.legal_basis


def test_the_ladder_fills_a_third_in_a_day_half_in_two_and_all_in_three(book: RuleBook) -> None:
    ladder = rooms_ladder(book, 18_000, on=date(2022, 6, 1), disease=COVID, area=ZHENGZHOU)
    assert [(rung.rooms, rung.within) for rung in ladder.rungs] == [
        (6_000, timedelta(hours=24)),
        (9_000, timedelta(hours=48)),
        (18_000, timedelta(days=3)),
    ]
    assert ladder.unread == ()


def test_another_province_has_no_ladder_in_the_packs(book: RuleBook) -> None:
    assert isinstance(rooms_ladder(book, 100, on=date(2022, 6, 1), disease=COVID, area="3201"), NotInPack)


def test_tertiary_beds_give_320_fixed_and_320_convertible_in_a_day(book: RuleBook) -> None:
    icu = intensive_care(book, 8_000, on=date(2022, 12, 20), disease=COVID, place="tertiary_hospital")
    assert (icu.fixed_beds, icu.convertible_beds, icu.total_beds) == (320, 320, 640)
    assert icu.within == timedelta(hours=24)
    assert icu.basis.decides_alone


def test_the_unverified_ten_percent_of_designated_hospitals_waits_for_a_person(book: RuleBook) -> None:
    icu = intensive_care(book, 1_000, on=date(2022, 12, 20), disease=COVID, place="designated_hospital")
    assert (icu.fixed_beds, icu.convertible_beds, icu.within) == (100, 0, None)
    assert [row.key for row in icu.basis.to_confirm] == ["capacity.icu_percent"]


@pytest.mark.parametrize(
    ("population", "beds"), [(299_999, 20), (300_000, 50), (500_000, 80), (1_000_000, 100), (5_000_000, 100)]
)
def test_infectious_beds_go_by_the_size_of_the_county(book: RuleBook, population: int, beds: int) -> None:
    found = infectious_beds(book, population, on=date(2022, 6, 1), disease=COVID)
    assert found.beds == beds


def test_shelter_hospitals_are_usable_in_two_days(book: RuleBook) -> None:
    found = shelter_hospitals(book, on=date(2022, 6, 1), disease=COVID)
    assert (found.at_least, found.as_a_rule, found.within) == (2, 3, timedelta(days=2))


def test_another_rate_in_a_local_pack_gives_other_rooms(tmp_path) -> None:
    local = {
        "key": "capacity.isolation_rooms_per_10000",
        "value": 75,
        "unit": "rooms",
        "jurisdiction": "CN-9901",
        "authority": "prefecture",
        "effective_from": date(2022, 5, 1),
    }
    write_pack(tmp_path, "our-city", disease=COVID, rows=[local])
    book = load(SHIPPED, tmp_path)
    assert isolation_rooms(book, CITY, on=date(2022, 6, 1), disease=COVID, area="990103").rooms == 22_500


@given(st.integers(0, 10**8), st.integers(0, 10**6))
def test_more_people_never_need_fewer_rooms(population: int, more: int) -> None:
    def rooms(people: int) -> int:
        return isolation_rooms(rule_book(), people, on=date(2022, 6, 1), disease=COVID).rooms

    assert rooms(population) <= rooms(population + more)


@given(st.integers(0, 10**6))
def test_a_ladder_never_falls_and_ends_with_every_room(rooms: int) -> None:
    ladder = rooms_ladder(rule_book(), rooms, on=date(2022, 6, 1), disease=COVID, area=ZHENGZHOU)
    counts = [rung.rooms for rung in ladder.rungs]
    assert counts == sorted(counts)
    assert counts[-1] == rooms


def test_what_is_no_size_class_is_not_read_as_one() -> None:
    assert [size_class(name) for name in ("300000", "under", "big", "over_1_2")] == [None] * 4
