"""When the next round is due and when a campaign stops."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fangkong.core.errors import InputError
from fangkong.science.rules import NotInPack, rule_book
from fangkong.science.rules.packs import load_packs
from fangkong.science.rules.resolver import RuleBook
from fangkong.science.rules.testing.rounds import (
    CampaignStep,
    Round,
    campaign_next,
    rounds_if_clear,
    street_cadence,
)
from fangkong.science.rules.tests.pack_writer import write_pack

COVID = "covid-19"
FIRST = date(2022, 7, 4)
DAY = timedelta(days=1)


def rounds(*positives: int | None, first: date = FIRST) -> list[Round]:
    """One round a day from ``first``; None is a day without a round."""
    return [Round(first + day * DAY, count) for day, count in enumerate(positives) if count is not None]


def step(
    book: RuleBook, held: list[Round], on: date | None = None, place: str = "affected_district"
) -> CampaignStep:
    found = campaign_next(book, held, on=on or held[-1].on, disease=COVID, place=place)
    assert isinstance(found, CampaignStep)
    return found


@pytest.mark.parametrize(
    ("positives", "phase", "next_day", "stopped_day"),
    [
        ((5,), "until_clear", 1, None),
        ((5, 0, 0), "until_clear", 3, None),
        ((0, 0, 1), "until_clear", 3, None),
        ((0, 0, 0), "gap", 6, None),
        ((0, 0, 0, 0), "gap", 6, None),
        ((0, 0, 0, None, None, None, 0), "stopped", None, 6),
        ((0, 0, 0, None, None, None, 2), "until_clear", 7, None),
        ((3, 0, 0, 0, None, None, None, 0), "stopped", None, 7),
    ],
)
def test_daily_until_three_clear_rounds_a_gap_of_three_days_and_one_more(
    book: RuleBook, positives, phase, next_day, stopped_day
) -> None:
    found = step(book, rounds(*positives))
    assert found.phase == phase
    assert found.next_on == (None if next_day is None else FIRST + next_day * DAY)
    assert found.stopped_on == (None if stopped_day is None else FIRST + stopped_day * DAY)
    assert found.basis.rows[0].document.document_id == "ed9"


def test_another_district_stops_after_three_clear_rounds_and_has_no_rhythm(book: RuleBook) -> None:
    running = step(book, rounds(0, 0), place="other_district")
    assert (running.phase, running.next_on) == ("until_clear", None)
    assert step(book, rounds(0, 0, 0), place="other_district").stop
    assert not step(book, rounds(0, 0, 0, 1), place="other_district").stop


def test_before_edition_9_nothing_says_when_to_stop(book: RuleBook) -> None:
    answer = campaign_next(
        book, rounds(0, first=date(2022, 5, 1)), on=date(2022, 5, 1), disease=COVID, place="affected_district"
    )
    assert isinstance(answer, NotInPack)


def test_a_campaign_begun_before_a_change_finishes_under_its_own_row(book: RuleBook) -> None:
    first = date(2022, 12, 5)
    held = rounds(0, 0, first=first)
    found = step(book, held, on=date(2022, 12, 8))
    assert (found.phase, found.next_on) == ("until_clear", date(2022, 12, 7))


@pytest.mark.parametrize(
    ("running", "phase", "stop"),
    [
        (None, "until_clear", False),
        ("own_end", "until_clear", False),
        ("earlier_end", "stopped", True),
        ("ends_on_start", "stopped_by_transition", True),
    ],
)
def test_the_transition_of_the_row_that_ends_is_obeyed(tmp_path: Path, running, phase, stop) -> None:
    old = {
        "key": "campaign.stop_rule",
        "unit": "rule",
        "scope": {"place": "city"},
        "value": {"daily_until_clear_rounds": 4},
        "effective_from": date(2030, 1, 1),
        "effective_to": date(2030, 1, 10),
    }
    if running:
        old["transition_rule"] = {"running": running, "new_cases": "decision_day"}
    new = {**old, "value": {"clear_rounds": 2}, "effective_from": date(2030, 1, 11)}
    del new["effective_to"]
    write_pack(tmp_path, "fever", disease="fever", rows=[old, new])
    keys = rule_book().keys
    book = RuleBook(load_packs(tmp_path, keys), keys)
    held = rounds(1, 0, 0, first=date(2030, 1, 9))
    found = campaign_next(book, held, on=date(2030, 1, 12), disease="fever", place="city")
    assert (found.phase, found.stop) == (phase, stop)


def test_a_stop_rule_in_other_words_is_left_to_a_person(tmp_path: Path) -> None:
    row = {
        "key": "campaign.stop_rule",
        "unit": "rule",
        "scope": {"place": "city"},
        "value": {"sewage_clear_days": 4},
    }
    write_pack(tmp_path, "fever", disease="fever", rows=[row])
    keys = rule_book().keys
    book = RuleBook(load_packs(tmp_path, keys), keys)
    held = rounds(0, 0, first=date(2030, 2, 1))
    assert (
        campaign_next(book, held, on=date(2030, 2, 2), disease="fever", place="city").phase
        == "person_decides"
    )


def test_no_round_and_a_round_of_tomorrow_are_refused(book: RuleBook) -> None:
    with pytest.raises(InputError, match=r"campaign\.no_round"):
        step(book, [], on=FIRST)
    with pytest.raises(InputError, match=r"campaign\.round_after_decision"):
        step(book, rounds(0, 0), on=FIRST)


@pytest.mark.parametrize(
    ("held", "cases", "every_days", "why"),
    [
        ((0, 1, 0), (), 1, "case_in_last_3_rounds"),
        ((1, 0, 0, 0), (), 2, "case_in_14_days_not_last_3_rounds"),
        ((0, 0, 0), (date(2021, 9, 1),), None, "no_case_in_window"),
    ],
)
def test_streets_with_cases_are_tested_more_often(book: RuleBook, held, cases, every_days, why) -> None:
    first = date(2021, 10, 10)
    found = street_cadence(
        book, rounds(*held, first=first), on=date(2021, 10, 14), disease=COVID, cases_on=cases
    )
    assert (found.every_days, found.why) == (every_days, why)


@given(st.lists(st.integers(0, 2), min_size=1, max_size=20))
def test_a_campaign_that_follows_the_days_it_is_told_ends_only_after_clear_rounds(counts: list[int]) -> None:
    book, held, on = rule_book(), [], FIRST
    for count in counts:
        held.append(Round(on, count))
        found = campaign_next(book, held, on=on, disease=COVID, place="affected_district")
        assert found.stop == (found.next_on is None)
        if found.stop:
            assert [each.community_positives for each in held[-found.clear_rounds_needed :]] == [0] * 4
            return
        assert found.next_on > on
        on = found.next_on


def ahead(book: RuleBook, held: list[Round], first_on: date, place: str = "affected_district") -> list[int]:
    days = rounds_if_clear(book, held, first_on=first_on, disease=COVID, place=place)
    assert isinstance(days, tuple)
    return [(day - FIRST).days for day in days]


def test_a_clear_campaign_is_three_rounds_a_gap_and_one_more(book: RuleBook) -> None:
    assert ahead(book, [], FIRST) == [0, 1, 2, 6]
    assert ahead(book, [], FIRST, place="other_district") == [0, 1, 2]


def test_a_find_starts_the_count_again_and_a_stopped_campaign_has_none_ahead(book: RuleBook) -> None:
    assert ahead(book, rounds(0, 0, 3), FIRST + 3 * DAY) == [3, 4, 5, 9]
    assert ahead(book, rounds(0, 0, 0), FIRST + 3 * DAY) == [6]
    assert ahead(book, rounds(0, 0, 0, None, None, None, 0), FIRST + 7 * DAY) == []


def test_without_a_stop_rule_no_round_is_made_up(book: RuleBook) -> None:
    silent = rounds_if_clear(book, [], first_on=date(2021, 8, 6), disease=COVID, place="affected_district")
    assert isinstance(silent, NotInPack)
