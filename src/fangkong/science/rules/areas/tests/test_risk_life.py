"""The life of a risk area under each edition, and over the days on which editions change."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fangkong.science.rules import NotInPack, rule_book
from fangkong.science.rules.areas import AreaFacts, Step, may_designate, step_due
from fangkong.science.rules.areas.tests.changed_rows import with_value
from fangkong.science.rules.resolver import RuleBook

COVID = "covid-19"
DAY = timedelta(days=1)


def due(book: RuleBook, facts: AreaFacts, on: date) -> Step:
    found = step_due(book, facts, on, COVID)
    assert isinstance(found, Step), found
    return found


def seen(step: Step) -> dict[str, tuple[Any, int | None, bool]]:
    return {c.code.rpartition(".")[2]: (c.needed, c.seen, c.met) for c in step.conditions}


LOCK = AreaFacts(
    "lock",
    "compound",
    date(2021, 10, 20),
    last_case_on=date(2021, 10, 22),
    last_contact_left_on=date(2021, 10, 21),
    full_round_negative_on=date(2021, 11, 4),
)


def test_a_lock_zone_of_edition_8_opens_after_14_days_with_a_round_in_the_last_two(book: RuleBook) -> None:
    opened = due(book, LOCK, date(2021, 11, 5))
    assert opened.action == "release"
    assert seen(opened) == {
        "no_new_days": (14, 14, True),
        "last_close_contact_days": (14, 15, True),
        "full_round_negative_within_days": (2, 1, True),
    }
    assert due(book, LOCK, date(2021, 11, 4)).action == "keep"
    assert due(book, LOCK, date(2021, 11, 7)).action == "keep", "the round is three days old"


def test_more_than_14_days_since_the_last_contact_is_more_than_14(book: RuleBook) -> None:
    facts = replace(LOCK, last_contact_left_on=date(2021, 10, 22))
    assert due(book, facts, date(2021, 11, 5)).action == "keep"
    assert due(book, facts, date(2021, 11, 6)).action == "release"


def test_an_unrecorded_contact_keeps_the_zone_and_no_contact_at_all_does_not(book: RuleBook) -> None:
    unknown = replace(LOCK, last_contact_left_on=None)
    assert due(book, unknown, date(2021, 11, 5)).action == "keep"
    assert due(book, replace(unknown, no_close_contact=True), date(2021, 11, 5)).action == "release"


HIGH = AreaFacts("high", "compound", date(2022, 7, 10), last_case_on=date(2022, 7, 10))


def test_edition_9_high_to_medium_on_day_7_with_its_round_then_three_days_to_low(book: RuleBook) -> None:
    assert due(book, HIGH, date(2022, 7, 17)).action == "keep"
    early = replace(HIGH, full_round_negative_on=date(2022, 7, 16))
    assert due(book, early, date(2022, 7, 17)).action == "keep"
    tested = replace(HIGH, full_round_negative_on=date(2022, 7, 17))
    down = due(book, tested, date(2022, 7, 17))
    assert (down.action, down.to_level) == ("downgrade", "medium")

    medium = replace(tested, level="medium", adjusted_on=date(2022, 7, 17), adjusted_from="high")
    assert due(book, medium, date(2022, 7, 19)).action == "keep"
    low = due(book, medium, date(2022, 7, 20))
    assert (low.action, low.to_level) == ("downgrade", "low")
    assert seen(low) == {"then_no_new_days": (3, 3, True)}


def test_edition_9_medium_set_as_medium_waits_seven_days_and_a_round(book: RuleBook) -> None:
    medium = replace(HIGH, level="medium")
    assert due(book, medium, date(2022, 7, 13)).action == "keep"
    tested = replace(medium, full_round_negative_on=date(2022, 7, 17))
    assert (due(book, tested, date(2022, 7, 17)).to_level) == "low"


def test_a_new_case_starts_the_count_again(book: RuleBook) -> None:
    facts = replace(HIGH, last_case_on=date(2022, 7, 14), full_round_negative_on=date(2022, 7, 17))
    step = due(book, facts, date(2022, 7, 17))
    assert (step.action, step.earliest_on) == ("keep", date(2022, 7, 21))


@pytest.mark.parametrize(
    ("set_on", "action", "to_level"),
    [(date(2022, 11, 14), "downgrade", "low"), (date(2022, 12, 10), "release", "")],
)
def test_five_days_under_the_twenty_and_the_ten_measures(
    book: RuleBook, set_on: date, action: str, to_level: str
) -> None:
    facts = AreaFacts("high", "building", set_on, last_case_on=set_on)
    assert due(book, facts, set_on + 4 * DAY).action == "keep"
    step = due(book, facts, set_on + 5 * DAY)
    assert (step.action, step.to_level) == (action, to_level)
    assert step.confidence == "verified"


def test_lock_and_control_zones_go_on_as_high_and_medium_on_2022_06_28(book: RuleBook) -> None:
    for before, after in (("lock", "high"), ("control", "medium")):
        facts = AreaFacts(before, "compound", date(2022, 6, 25), last_case_on=date(2022, 6, 25))
        step = due(book, facts, date(2022, 6, 28))
        assert (step.action, step.to_level) == ("keep", after)
    # From its own day 0 the lock zone now waits 7 days, not 14.
    facts = AreaFacts(
        "lock",
        "compound",
        date(2022, 6, 25),
        last_case_on=date(2022, 6, 25),
        full_round_negative_on=date(2022, 7, 2),
    )
    assert due(book, facts, date(2022, 7, 2)).to_level == "medium"


def test_a_lock_zone_that_its_own_edition_would_open_is_not_kept_by_the_next(book: RuleBook) -> None:
    longer = with_value(
        book,
        "area.release_rule",
        lambda value: {**value, "no_new_days": 30} if value.get("becomes") == "medium" else value,
    )
    facts = AreaFacts(
        "lock",
        "compound",
        date(2022, 6, 14),
        last_case_on=date(2022, 6, 14),
        no_close_contact=True,
        full_round_negative_on=date(2022, 6, 28),
    )
    assert due(longer, facts, date(2022, 6, 28)).action == "release"


def test_medium_areas_lapse_on_2022_11_11_and_every_area_on_2023_01_08(book: RuleBook) -> None:
    medium = AreaFacts("medium", "compound", date(2022, 11, 9), last_case_on=date(2022, 11, 9))
    assert due(book, medium, date(2022, 11, 10)).action == "keep"
    lapsed = due(book, medium, date(2022, 11, 11))
    assert lapsed.action == "lapse"
    assert {row.document.document_id for row in lapsed.rows} == {"m20"}
    high = AreaFacts("high", "building", date(2023, 1, 6), last_case_on=date(2023, 1, 6))
    assert due(book, high, date(2023, 1, 7)).action == "keep"
    assert due(book, high, date(2023, 1, 8)).action == "lapse"


def test_before_the_packs_speak_of_levels_a_named_person_decides(book: RuleBook) -> None:
    facts = AreaFacts("high", "village", date(2020, 12, 1))
    assert isinstance(step_due(book, facts, date(2020, 12, 20), COVID), NotInPack)


def test_the_regions_beside_the_zones_of_edition_8_are_neither_lapsed_nor_guessed(book: RuleBook) -> None:
    facts = AreaFacts("high", "compound", date(2021, 10, 20), last_case_on=date(2021, 10, 20))
    assert isinstance(step_due(book, facts, date(2021, 11, 20), COVID), NotInPack)
    may: Any = may_designate(book, "high", "compound", date(2021, 10, 20), disease=COVID, findings=["x"])
    assert may.allowed


def test_the_days_follow_the_row(book: RuleBook) -> None:
    changed = with_value(
        book,
        "area.release_rule",
        lambda value: {**value, "no_new_days": 2} if value.get("becomes") == "none" else value,
    )
    facts = AreaFacts("high", "building", date(2022, 12, 10), last_case_on=date(2022, 12, 10))
    assert due(changed, facts, date(2022, 12, 12)).action == "release"


def test_a_condition_that_nobody_can_check_keeps_the_area_and_asks_a_person(book: RuleBook) -> None:
    changed = with_value(book, "area.release_rule", lambda value: {**value, "wastewater_clear": 2})
    facts = AreaFacts("high", "building", date(2022, 12, 10), last_case_on=date(2022, 12, 10))
    step = due(changed, facts, date(2022, 12, 30))
    assert step.action == "keep"
    assert step.person_decides


@settings(max_examples=60)
@given(st.dates(date(2021, 6, 1), date(2023, 1, 7)), st.integers(0, 40), st.integers(0, 40))
def test_without_new_cases_an_area_that_may_open_never_closes_again(
    set_on: date, waited: int, longer: int
) -> None:
    book = rule_book()
    levels = book.resolve("area.levels", on=set_on, disease=COVID).value  # type: ignore[union-attr]
    order = ["keep", "downgrade", "release", "lapse"]

    def step(days: int) -> str:
        on = set_on + days * DAY
        facts = AreaFacts(
            levels[0], "building", set_on, set_on, set_on, full_round_negative_on=on if days else None
        )
        return due(book, facts, on).action

    first = step(waited)
    assert first == "keep" or step(waited + longer) != "keep"
    assert first in order


# Setting an area.


def test_an_area_is_set_by_a_level_and_a_unit_of_its_edition(book: RuleBook) -> None:
    may: Any = may_designate(
        book, "high", "compound", date(2022, 7, 10), disease=COVID, findings=["found_in_community"]
    )
    assert may.allowed
    assert may.publish_within_hours == 5
    old: Any = may_designate(book, "lock", "compound", date(2022, 7, 10), disease=COVID, findings=["x"])
    assert [ground.code for ground in old.against] == ["areas.designate.level_not_in_force"]


def test_a_compound_is_too_wide_from_2022_11_11_unless_spread_is_unclear(book: RuleBook) -> None:
    def set_compound(on: date, *facts: str) -> Any:
        return may_designate(book, "high", "compound", on, disease=COVID, findings=["x"], facts=facts)

    assert [g.code for g in set_compound(date(2022, 11, 20)).against] == ["areas.designate.unit_too_wide"]
    widened = set_compound(date(2022, 11, 20), "spread_unclear")
    assert widened.allowed
    assert [ground.code for ground in widened.remarks] == ["areas.designate.widened"]
    assert not set_compound(date(2022, 12, 10), "spread_unclear").allowed


def test_infections_that_do_not_count_set_no_area(book: RuleBook) -> None:
    def set_with(*findings: str) -> Any:
        on = date(2022, 11, 25)
        return may_designate(book, "high", "building", on, disease=COVID, findings=findings)

    assert [g.code for g in set_with("closed_loop_worker").against] == [
        "areas.designate.no_counting_infection"
    ]
    assert [g.code for g in set_with().against] == ["areas.designate.no_infection"]
    mixed = set_with("closed_loop_worker", "found_in_community")
    assert mixed.allowed
    assert mixed.remarks[0].params == {"excluded": 1, "infections": 2}


def test_low_risk_with_contacts_held_makes_an_area_optional(book: RuleBook) -> None:
    facts = {"community_risk_low", "contacts_controlled"}
    on = date(2022, 7, 10)
    found: Any = may_designate(book, "high", "village", on, disease=COVID, findings=["x"], facts=facts)
    assert found.allowed
    assert found.optional
    one: Any = may_designate(
        book, "high", "village", on, disease=COVID, findings=["x"], facts={"community_risk_low"}
    )
    assert not one.optional


def test_no_area_is_set_from_2023_01_08(book: RuleBook) -> None:
    found: Any = may_designate(book, "high", "household", date(2023, 1, 8), disease=COVID, findings=["x"])
    assert not found.allowed
