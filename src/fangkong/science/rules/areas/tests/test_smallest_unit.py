"""The smallest lawful closure, and what a wider one costs and averts."""

from __future__ import annotations

from datetime import date
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fangkong.core.areas import contains
from fangkong.core.errors import InputError
from fangkong.science.rules import NoRuleInForce, NotInPack
from fangkong.science.rules.areas import (
    AllowedUnits,
    AvertedCases,
    NoAverted,
    ScreeningRound,
    Unit,
    allowed_units,
    compare,
    smallest_lawful_set,
)
from fangkong.science.rules.resolver import RuleBook

COVID = "covid-19"
COUNTY = Unit("990103", "district", 420_000)
COMPOUND = Unit("990103001001001", "compound", 3_000)
TOWERS = tuple(Unit(f"990103001001001{n:03}", "building", 240 + n) for n in range(1, 5))


@pytest.mark.parametrize(
    ("on", "widest"),
    [
        (date(2021, 10, 20), "village_group"),
        (date(2022, 6, 28), "village"),
        (date(2022, 11, 11), "building"),
        (date(2022, 12, 7), "building"),
    ],
)
def test_each_edition_has_its_units(book: RuleBook, on: date, widest: str) -> None:
    found = allowed_units(book, on, COVID, "high")
    assert isinstance(found, AllowedUnits)
    assert found.allows(widest)
    assert found.allows("household")
    assert not found.allows("street")


def test_a_lock_zone_of_edition_8_takes_the_units_of_its_row(book: RuleBook) -> None:
    found = allowed_units(book, date(2021, 10, 20), COVID, "lock")
    assert isinstance(found, AllowedUnits)
    assert found.rows[0].document.document_id == "ed8"


def test_silence_on_units_is_passed_on(book: RuleBook) -> None:
    assert isinstance(allowed_units(book, date(2022, 7, 10), COVID, "medium"), NotInPack)
    assert isinstance(allowed_units(book, date(2023, 2, 1), COVID, "high"), NoRuleInForce)


def test_three_cases_in_two_towers_close_two_towers(book: RuleBook) -> None:
    allowed = allowed_units(book, date(2022, 11, 20), COVID, "high")
    assert isinstance(allowed, AllowedUnits)
    cases = [TOWERS[0].code, TOWERS[0].code + "02", TOWERS[2].code]
    found = smallest_lawful_set(cases, [COUNTY, COMPOUND, *TOWERS], allowed=allowed)
    assert found == (TOWERS[0], TOWERS[2])


def test_a_case_known_only_by_its_compound_takes_the_compound_alone() -> None:
    found = smallest_lawful_set([COMPOUND.code, TOWERS[1].code], [COMPOUND, *TOWERS])
    assert found == (COMPOUND,)


def test_a_case_in_no_candidate_is_refused() -> None:
    with pytest.raises(InputError, match=r"smallest\.case_outside"):
        smallest_lawful_set(["990104001001001"], [COMPOUND])


@given(st.sets(st.integers(1, 8), min_size=1), st.lists(st.integers(1, 900), min_size=8, max_size=8))
def test_no_other_choice_of_nested_units_holds_all_cases_with_fewer_persons(
    cases: set[int], sizes: list[int]
) -> None:
    towers = [
        Unit(f"990103001001{1 + n // 4:03}{n + 1:03}", "building", size) for n, size in enumerate(sizes)
    ]
    compounds = [
        Unit(f"990103001001{c:03}", "compound", sum(t.persons for t in towers if t.code[12:15] == f"{c:03}"))
        for c in (1, 2)
    ]
    candidates = [*towers, *compounds]
    places = [towers[n - 1].code for n in cases]
    found = smallest_lawful_set(places, candidates)
    persons = sum(unit.persons for unit in found)
    assert all(any(contains(unit.code, place) for unit in found) for place in places)
    for size in range(1, len(found) + 1):
        for other in combinations(candidates, size):
            if all(any(contains(unit.code, place) for unit in other) for place in places):
                assert sum(unit.persons for unit in other) >= persons


def test_the_county_against_two_towers_in_persons_and_person_days() -> None:
    found = compare([COUNTY], [TOWERS[0], TOWERS[2]], 7)
    assert (found.wider_person_days, found.smallest_person_days) == (2_940_000, 3_388)
    assert found.extra_person_days == found.extra_persons * 7 == 2_936_612


def test_averted_cases_carry_the_doubt_of_the_round_and_of_the_reproduction_number() -> None:
    screening = ScreeningRound(tested=200_000, positive=2)
    found = compare(
        [COUNTY], [TOWERS[0]], 7, screening=screening, reproduction=(0.8, 1.4, 2.1), generation_days=3.5
    ).averted
    assert isinstance(found, AvertedCases)
    # 2 of 200,000 is 1e-5 (exact interval 1.2e-6 to 3.6e-5) of 419,759 persons over two generations.
    assert found.central == pytest.approx(1e-5 * 419_759 * 1.4 * 2)
    assert found.infected.low == pytest.approx(1.211e-6, rel=1e-3)
    assert found.infected.high == pytest.approx(3.612e-5, rel=1e-3)
    assert found.low < found.central < found.high


def test_a_round_without_a_find_still_leaves_an_upper_limit() -> None:
    found = compare(
        [COUNTY],
        [TOWERS[0]],
        7,
        screening=ScreeningRound(10_000, 0),
        reproduction=(1.0, 1.2, 1.5),
        generation_days=5,
    ).averted
    assert isinstance(found, AvertedCases)
    assert found.low == found.central == 0
    assert found.high > 0


@pytest.mark.parametrize(
    ("missing", "code"),
    [
        ({"screening": None}, "averted.no_round"),
        ({"screening": ScreeningRound(0, 0)}, "averted.no_round"),
        ({"reproduction": None}, "averted.no_rt"),
        ({"generation_days": None}, "averted.no_generation"),
    ],
)
def test_without_the_data_there_is_no_figure(missing: dict[str, object], code: str) -> None:
    data = {"screening": ScreeningRound(100, 1), "reproduction": (1.0, 1.2, 1.5), "generation_days": 5.0}
    assert compare([COUNTY], [TOWERS[0]], 7, **{**data, **missing}).averted == NoAverted(code)  # type: ignore[arg-type]


def test_the_same_area_averts_nothing_more() -> None:
    assert compare([COUNTY], [COUNTY], 7).averted == NoAverted("averted.no_extra_area")


def test_units_that_overlap_are_not_counted_twice() -> None:
    with pytest.raises(InputError, match=r"smallest\.overlap"):
        compare([COUNTY, COMPOUND], [COMPOUND], 7)


@given(st.integers(0, 60), st.integers(0, 60))
def test_more_days_never_cost_less(shorter: int, more: int) -> None:
    short, long = compare([COUNTY], [COMPOUND], shorter), compare([COUNTY], [COMPOUND], shorter + more)
    assert long.extra_person_days >= short.extra_person_days >= 0
