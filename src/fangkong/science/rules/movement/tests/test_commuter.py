"""A commuter between two prefectures with two overlays: the same journey asked from both cities."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from fangkong.core.errors import InputError
from fangkong.science.rules.movement.commuter import CommuteAnswer, CommuteFacts, Test, commute_answer
from fangkong.science.rules.packs import load_packs
from fangkong.science.rules.resolver import RuleBook, rule_book
from fangkong.science.rules.tests.pack_writer import write_pack

COVID = "covid-19"
WUJIANG, ZHUOZHOU = "320509", "130681"
WEDNESDAY = date(2022, 7, 6)
AT = datetime(2022, 7, 6, 0, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

Write = Callable[..., RuleBook]


def ask(book: RuleBook, facts: CommuteFacts, home: str, work: str, on: date = WEDNESDAY) -> CommuteAnswer:
    return commute_answer(book, home_area=home, work_area=work, on=on, disease=COVID, facts=facts)


def ready(**more: Any) -> CommuteFacts:
    """A commuter with everything that the two shipped passes ask for."""
    given = {"registered_at": AT - 10 * DAY, "tests": (Test(AT - 10 * HOUR, place="work"),), **more}
    return CommuteFacts(AT, **given)


@pytest.fixture
def overlays(tmp_path: Path) -> Write:
    """A book of the shipped packs and two cities' overlays, `CN-9901` and `CN-9902`."""

    def write(one: list[dict[str, Any]], two: list[dict[str, Any]]) -> RuleBook:
        for name, place, rows in (("one", "CN-9901", one), ("two", "CN-9902", two)):
            sound = {"jurisdiction": place, "authority": "prefecture", "effective_from": date(2022, 6, 30)}
            if rows:
                write_pack(tmp_path, name, disease=COVID, rows=[{**sound, **row} for row in rows])
        shipped = rule_book()
        return RuleBook([*shipped.packs, *load_packs(tmp_path, shipped.keys)], shipped.keys)

    return write


def entry(**fields: Any) -> dict[str, Any]:
    return {"key": "commute.pass", "value": fields, "unit": "rule", "scope": {"person": "commuter"}}


def exit_pcr(count: int, **more: Any) -> dict[str, Any]:
    return {"key": "area.exit_pcr_hours", "value": count, "unit": "h", "scope": {"area": "low"}, **more}


def from_both_cities(book: RuleBook, facts: CommuteFacts, one: str, two: str) -> CommuteAnswer:
    """The answer with ``one`` as home; fails when the other city, asked about its own commuter, differs."""
    there = ask(book, facts, one, two)
    turned = replace(facts, home_risk=facts.work_risk, work_risk=facts.home_risk)
    back = ask(book, turned, two, one)
    assert (there.answer, there.cost) == (back.answer, back.cost)
    assert {need.code for need in there.needs} == {need.code for need in back.needs}
    assert {row.row_id for row in there.stricter_rows} == {row.row_id for row in back.stricter_rows}
    swap = {"home": "work", "work": "home", "both": "both", "": ""}
    assert there.binding_end == swap[back.binding_end]
    assert there.recognition.accepted_at_home == back.recognition.accepted_at_work
    return there


def test_one_valid_test_passes_at_both_ends(book: RuleBook) -> None:
    answer = from_both_cities(book, ready(), ZHUOZHOU, WUJIANG)
    assert answer.answer == "pass"
    assert answer.cost is None
    assert answer.recognition.accepted_at_both
    assert {row.jurisdiction for row in answer.basis.rows} >= {"CN-130681", "CN-320509"}


def test_the_two_passes_are_compared_field_by_field(book: RuleBook) -> None:
    answer = from_both_cities(book, ready(), ZHUOZHOU, WUJIANG)
    binding = {each.code: each.binding_end for each in answer.comparisons}
    assert binding == {
        "review": "home",
        "tests_per_week": "home",
        "register_ahead": "work",
        "pcr_window": "work",
        "point_to_point": "work",
        "risk_street": "work",
    }
    assert answer.home.requirements[0].row.jurisdiction == "CN-130681"


def test_whoever_is_not_registered_registers_first_and_the_day_lost_is_shown(book: RuleBook) -> None:
    answer = from_both_cities(book, ready(registered_at=None, persons=3), ZHUOZHOU, WUJIANG)
    assert answer.answer == "register_first"
    assert {need.code for need in answer.needs} == {"register_ahead", "review"}
    assert answer.cost is not None
    assert answer.cost.possible_at == AT + DAY
    assert (answer.possible_on, answer.cost.work_days, answer.cost.person_days) == (date(2022, 7, 7), 1, 3)
    assert len(answer.cost.because) == 2


def test_a_pass_already_granted_needs_no_review(book: RuleBook) -> None:
    facts = ready(registered_at=AT - 30 * HOUR, approved_at=AT - 20 * HOUR)
    assert ask(book, facts, ZHUOZHOU, WUJIANG).answer == "pass"
    waiting = ready(registered_at=AT - 20 * HOUR)
    assert ask(book, waiting, ZHUOZHOU, WUJIANG).cost.possible_at == AT + 4 * HOUR


def test_a_test_too_old_for_one_end_sends_to_a_test_first(book: RuleBook) -> None:
    answer = from_both_cities(book, ready(tests=(Test(AT - 30 * HOUR),)), ZHUOZHOU, WUJIANG)
    assert answer.answer == "test_first"
    assert (answer.recognition.accepted_at_home, answer.recognition.accepted_at_work) == (True, False)
    assert answer.binding_end == "work"
    assert answer.cost is not None
    assert answer.cost.possible_on == date(2022, 7, 7)


def test_fourteen_days_after_a_risk_street_count_on_weekdays_only(book: RuleBook) -> None:
    answer = from_both_cities(book, ready(risk_street_days=9), ZHUOZHOU, WUJIANG)
    assert answer.answer == "refused"
    assert answer.cost is not None
    # Last stay on 27 June: the fourteenth day after is 11 July, a Monday.
    assert (answer.cost.possible_on, answer.cost.work_days) == (date(2022, 7, 12), 4)
    holiday = ready(
        risk_street_days=9, other_rest_days=(date(2022, 7, 7),), other_work_days=(date(2022, 7, 9),)
    )
    assert ask(book, holiday, ZHUOZHOU, WUJIANG).cost.work_days == 4
    assert ask(book, ready(risk_street_days=15), ZHUOZHOU, WUJIANG).answer == "pass"


def test_a_positive_test_refuses_and_nobody_says_until_when(book: RuleBook) -> None:
    answer = ask(book, ready(tests=(Test(AT - HOUR, "positive"),)), ZHUOZHOU, WUJIANG)
    assert answer.answer == "refused"
    assert answer.cost is not None
    assert answer.cost.work_days is None


def test_where_the_packs_say_nothing_at_one_end_a_person_decides(book: RuleBook) -> None:
    answer = from_both_cities(book, ready(), "310115", WUJIANG)
    assert answer.answer == "not_decided"
    assert answer.home.silent
    assert not answer.decides_alone
    assert "commute.pass" in {each.asked.key for each in answer.basis.unanswered}


def test_no_day_is_named_while_one_end_says_nothing(book: RuleBook) -> None:
    answer = from_both_cities(book, ready(registered_at=None), "310115", WUJIANG)
    assert answer.answer == "register_first"
    assert answer.home.silent
    assert answer.cost is not None
    assert (answer.possible_on, answer.cost.work_days, answer.cost.possible_at) == (None, None, None)
    assert answer.cost.because


def test_after_the_ten_measures_a_local_pass_may_not_ask_for_tests(book: RuleBook) -> None:
    on = date(2022, 12, 14)
    at = datetime(2022, 12, 14, tzinfo=UTC)
    facts = CommuteFacts(at, registered_at=at - 10 * DAY)
    answer = ask(book, facts, ZHUOZHOU, WUJIANG, on)
    assert answer.answer == "pass"
    assert {(each.end, each.why) for each in answer.not_applied} == {
        ("home", "checks_ended"),
        ("work", "checks_ended"),
    }


def test_under_class_b_nothing_is_asked_of_anyone(book: RuleBook) -> None:
    on, at = date(2023, 2, 1), datetime(2023, 2, 1, tzinfo=UTC)
    answer = ask(book, CommuteFacts(at), "310115", WUJIANG, on)
    assert answer.answer == "pass"
    assert answer.comparisons == ()


def test_the_stricter_reasoned_overlay_binds_and_the_other_is_flagged(overlays: Write) -> None:
    reason = {"reason": "a new variant", "evidence": "https://example.org/e", "approved_by": "province"}
    with_reason = exit_pcr(24, stricter=reason, effective_to=date(2022, 7, 12))
    book = overlays([with_reason], [exit_pcr(12)])
    facts = CommuteFacts(AT, tests=(Test(AT - 30 * HOUR),), home_risk="low", work_risk="low")
    answer = from_both_cities(book, facts, "990100", "CN-9902")
    assert answer.answer == "test_first"
    assert answer.binding_end == "home"
    assert [row.jurisdiction for row in answer.stricter_rows] == ["CN-9901"]
    assert [(each.end, each.row.jurisdiction, each.why) for each in answer.not_applied] == [
        ("work", "CN-9902", "stricter_than_national")
    ]
    # The flagged 12 h do not count: a test of 20 h is good at both ends.
    young = replace(facts, tests=(Test(AT - 20 * HOUR, place="9902"),))
    assert from_both_cities(book, young, "990100", "CN-9902").answer == "pass"


def test_a_relaxed_overlay_counts_at_its_own_end_only(overlays: Write) -> None:
    book = overlays([exit_pcr(72)], [])
    facts = CommuteFacts(AT, tests=(Test(AT - 60 * HOUR),), home_risk="low", work_risk="low")
    answer = from_both_cities(book, facts, "9901", "9902")
    assert (answer.recognition.accepted_at_home, answer.recognition.accepted_at_work) == (True, False)
    assert (answer.answer, answer.recognition.window) == ("test_first", 48 * HOUR)
    assert ask(book, replace(facts, work_risk=None), "9901", "9902").answer == "pass"


def test_two_passes_of_any_figures_bind_where_they_ask_more(overlays: Write) -> None:
    book = overlays(
        [entry(register_hours_ahead=36, tests_per_week=3)],
        [entry(register_hours_ahead=12, daily_pcr=True, excluded_if_risk_street_days=7)],
    )
    facts = CommuteFacts(AT, registered_at=AT - 20 * HOUR, tests=(Test(AT - HOUR),), risk_street_days=3)
    answer = from_both_cities(book, facts, "990100", "990200")
    assert answer.answer == "refused"
    assert {need.code: need.possible_at for need in answer.needs} == {
        "register_ahead": AT + 16 * HOUR,
        "risk_street": AT + 5 * DAY,
    }
    assert {each.code: each.binding_end for each in answer.comparisons}["register_ahead"] == "home"


def test_a_national_pass_is_the_ceiling_field_by_field(overlays: Write, tmp_path: Path) -> None:
    national = {**entry(register_hours_ahead=24, tests_per_week=2), "effective_from": date(2022, 6, 30)}
    write_pack(tmp_path, "nation", disease=COVID, rows=[national])
    book = overlays([entry(register_hours_ahead=48, tests_per_week=1)], [entry(antigen_on_arrival=True)])
    answer = ask(
        book, CommuteFacts(AT, registered_at=AT - 30 * HOUR, tests=(Test(AT - 60 * HOUR),)), "9901", "9902"
    )
    home = {each.code: each.value for each in answer.home.requirements}
    assert home == {"register_ahead": 24 * HOUR, "tests_per_week": 1}
    flagged = {(each.end, each.field, each.why) for each in answer.not_applied}
    assert ("home", "register_hours_ahead", "stricter_than_national") in flagged
    assert ("work", "antigen_on_arrival", "cannot_be_compared") in flagged


def test_a_field_that_nobody_can_read_waits_for_a_person(overlays: Write) -> None:
    answer = ask(overlays([entry(antigen_on_arrival=True)], [entry(review_hours=4)]), ready(), "9901", "9902")
    assert answer.home.unread == ("antigen_on_arrival",)
    assert not answer.decides_alone


def test_a_closed_area_lets_nobody_out_and_arrival_would_mean_isolation(book: RuleBook) -> None:
    answer = from_both_cities(book, ready(home_risk="high"), ZHUOZHOU, WUJIANG)
    assert answer.answer == "refused"
    assert {(need.code, need.requirement.end) for need in answer.needs} == {
        ("area_closed", "home"),
        ("isolation", "work"),
    }
    assert answer.possible_on is None


def test_a_landing_test_is_an_offer_that_stops_nobody(book: RuleBook) -> None:
    at = datetime(2022, 11, 16, tzinfo=UTC)
    facts = CommuteFacts(at, registered_at=at - 10 * DAY, tests=(Test(at - HOUR),))
    answer = ask(book, facts, ZHUOZHOU, WUJIANG, date(2022, 11, 16))
    assert answer.answer == "pass"
    assert [offer.key for offer in answer.work.offers] == ["testing.landing"]


def test_a_train_asks_for_its_own_window(book: RuleBook) -> None:
    at = datetime(2022, 11, 23, tzinfo=UTC)
    facts = CommuteFacts(
        at, registered_at=at - 10 * DAY, tests=(Test(at - 60 * HOUR),), transport="plane_train"
    )
    answer = ask(book, facts, "310115", "320100", date(2022, 11, 23))
    assert (answer.answer, answer.recognition.window) == ("test_first", 48 * HOUR)


def test_one_area_is_no_commute_and_a_moment_needs_a_zone(book: RuleBook) -> None:
    with pytest.raises(InputError, match=r"commute\.same_area"):
        ask(book, ready(), "320509", "CN-320509")
    with pytest.raises(InputError, match=r"gate\.moment_not_aware"):
        ask(book, CommuteFacts(AT.replace(tzinfo=None)), ZHUOZHOU, WUJIANG)
    with pytest.raises(InputError, match=r"gate\.result_after_gate"):
        ask(book, ready(tests=(Test(AT + HOUR),)), ZHUOZHOU, WUJIANG)


FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "register_hours_ahead": st.integers(1, 72),
        "review_hours": st.integers(1, 72),
        "tests_per_week": st.integers(1, 7),
        "daily_pcr": st.booleans(),
        "excluded_if_risk_street_days": st.integers(1, 21),
    },
)


@settings(
    max_examples=40,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    # A machine that is busy elsewhere draws slowly; that says nothing of commuters.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    one=FIELDS,
    two=FIELDS,
    registered=st.none() | st.integers(0, 100),
    tested=st.none() | st.integers(0, 100),
    street=st.none() | st.integers(0, 30),
)
def test_both_cities_say_the_same_and_the_day_named_is_possible(
    overlays: Write, one, two, registered, tested, street
) -> None:
    book = overlays([entry(**one, point_to_point=True)], [entry(**two, point_to_point=True)])
    facts = CommuteFacts(
        AT,
        registered_at=None if registered is None else AT - registered * HOUR,
        tests=() if tested is None else (Test(AT - tested * HOUR),),
        risk_street_days=street,
    )
    answer = from_both_cities(book, facts, "9901", "9902")
    if answer.answer == "pass":
        return
    assert answer.cost is not None
    assert answer.cost.possible_on is not None
    days = (answer.cost.possible_on - WEDNESDAY).days
    later = AT + days * DAY
    then = CommuteFacts(
        later,
        registered_at=facts.registered_at or AT,
        tests=(*facts.tests, Test(later - HOUR)),
        risk_street_days=None if street is None else street + days,
    )
    again = ask(book, then, "9901", "9902", answer.cost.possible_on)
    assert again.answer == "pass"
