"""Who may sign: the row of the day says which rank, and a refusal names who may."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from fangkong.core.errors import InputError
from fangkong.science.rules import NoRuleInForce, NotInPack
from fangkong.science.rules.areas import Authority, NoPower, may_sign, signing_authority
from fangkong.science.rules.areas.tests.changed_rows import with_value
from fangkong.science.rules.overlay import RANKS
from fangkong.science.rules.resolver import RuleBook

COVID = "covid-19"
SPRING = date(2022, 6, 1)


def authority(book: RuleBook, **changes: Any) -> Any:
    asked: dict[str, Any] = {
        "on": SPRING,
        "disease": COVID,
        "area_code": "990103",
        "level": "district",
        "whole": True,
    }
    return signing_authority(book, **{**asked, **changes})


def test_a_county_that_would_close_the_whole_county_needs_its_prefecture(book: RuleBook) -> None:
    found = authority(book)
    assert (found.rank, found.who, found.area_code) == ("prefecture", "mechanism", "9901")
    refusal = may_sign("county", found)
    assert not refusal.allowed
    assert refusal.code == "areas.sign.rank_too_low"
    assert refusal.params["rank"] == "prefecture"
    assert refusal.params["area_code"] == "9901"
    assert may_sign("prefecture", found).allowed


def test_a_city_of_three_million_needs_its_province(book: RuleBook) -> None:
    found = authority(book, area_code="9901", level="city", population=3_000_000)
    assert (found.rank, found.area_code, found.population) == ("province", "99", 3_000_000)
    assert not may_sign("prefecture", found).allowed


@pytest.mark.parametrize("level", ["floor", "unit", "building", "compound", "community", "street"])
def test_less_than_a_county_is_the_isolation_of_a_site_told_to_the_next_higher(
    book: RuleBook, level: str
) -> None:
    found = authority(book, level=level, area_code="990103001001")
    assert (found.measure, found.rank, found.area_code) == ("isolation", "county", "990103")
    assert (found.told_rank, found.told_may) == ("prefecture", "decides_at_once")
    assert {row.key for row in found.rows} == {"legal.class", "area.isolation_approval"}


def test_part_of_a_county_is_not_the_whole_county(book: RuleBook) -> None:
    assert authority(book, whole=False).rank == "county"


def test_where_there_is_no_prefecture_the_province_decides(book: RuleBook) -> None:
    """A district of a municipality, a county that the province runs itself."""
    assert (authority(book, area_code="310115").rank, authority(book, area_code="310115").area_code) == (
        "province",
        "31",
    )
    assert authority(book, area_code="429004").rank == "province"
    part = authority(book, area_code="310115001", level="compound")
    assert (part.rank, part.told_rank) == ("county", "province")


def test_outside_the_window_of_the_closure_rule_a_named_person_decides(book: RuleBook) -> None:
    assert isinstance(authority(book, on=date(2022, 4, 10)), NotInPack)
    assert isinstance(authority(book, on=date(2022, 4, 11)), Authority)
    assert isinstance(authority(book, on=date(2023, 1, 8)), NotInPack)


def test_a_disease_whose_class_no_pack_holds_is_not_guessed(book: RuleBook) -> None:
    assert isinstance(authority(book, disease="measles", level="building"), NotInPack)


def test_class_b_carries_no_isolation_of_sites(book: RuleBook) -> None:
    found = authority(book, on=date(2023, 2, 1), level="building")
    assert isinstance(found, NotInPack | NoRuleInForce)


def test_who_decides_on_emergency_measures_moved_down_on_2025_09_01(book: RuleBook) -> None:
    before = authority(book, on=date(2025, 8, 31), measure="emergency")
    after = authority(book, on=date(2025, 9, 1), measure="emergency")
    assert (before.rank, before.told_rank) == ("prefecture", "")
    assert (after.rank, after.told_rank, after.told_may) == ("county", "prefecture", "adjusts_or_revokes")


def test_sealing_is_for_class_a_and_a_large_city_is_for_the_state_council(book: RuleBook) -> None:
    assert authority(book, measure="blockade").rank == "province"
    city = authority(book, measure="blockade", level="city", area_code="9901")
    assert (city.rank, city.area_code) == ("national", "CN")
    assert isinstance(authority(book, measure="blockade", on=date(2023, 2, 1)), NoPower)
    cholera = authority(book, measure="blockade", on=date(2026, 5, 1), disease="cholera")
    assert cholera.rank == "province"


def test_checks_on_entry_and_exit_are_for_the_next_higher_government_also_for_class_b(book: RuleBook) -> None:
    for on in (date(2023, 2, 1), date(2026, 2, 1)):
        assert authority(book, measure="entry_exit_check", on=on).rank == "prefecture"


def test_the_outcome_follows_the_row(book: RuleBook) -> None:
    changed = with_value(book, "area.closure_approval", lambda value: dict.fromkeys(value, "state_council"))
    assert authority(changed).rank == "national"


def test_a_word_that_nobody_explained_is_refused_by_name(book: RuleBook) -> None:
    changed = with_value(book, "area.closure_approval", lambda value: dict.fromkeys(value, "the_mayor"))
    with pytest.raises(InputError, match=r"areas\.word_unknown"):
        authority(changed)


def test_a_rank_that_does_not_exist_is_refused(book: RuleBook) -> None:
    with pytest.raises(InputError, match=r"areas\.rank_unknown"):
        may_sign("street", authority(book))


def test_a_higher_rank_may_sign_whatever_a_lower_one_may(book: RuleBook) -> None:
    for level in ("building", "district", "city"):
        found = authority(book, level=level, area_code="990103")
        allowed = [may_sign(rank, found).allowed for rank in RANKS]
        assert allowed == sorted(allowed)
        assert allowed[RANKS.index(found.rank)]
