"""Running orders under a later edition: shorter or ended, never longer, both computations kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fangkong.core.errors import InputError
from fangkong.science.rules import NotInPack, Plan, Rejudgement, load, plan_for, rejudge, transition_of
from fangkong.science.rules.packs import Row
from fangkong.science.rules.resolver import RuleBook
from fangkong.science.rules.tests.pack_writer import write_pack

COVID = "covid-19"


def contact(last_exposure_on: date, tier: str = "close", disease: str = COVID) -> dict[str, Any]:
    return {"disease": disease, "role": f"{tier}_contact", "last_exposure_on": last_exposure_on}


def judged(situation: dict[str, Any], ordered_on: date, on: date, **more: Any) -> Rejudgement:
    order = plan_for(situation, on=ordered_on, **more)
    assert isinstance(order, Plan)
    return rejudge(situation, order, ordered_on=ordered_on, on=on, **more)


def test_an_order_of_edition_8_ends_when_edition_9_would_end_it() -> None:
    found = judged(contact(date(2022, 6, 20)), date(2022, 6, 21), date(2022, 6, 28))
    assert (found.outcome, found.ends_on) == ("shorter", date(2022, 6, 30))
    assert found.before[-1].last_day == date(2022, 7, 11)
    assert [(stage.place, stage.last_day.day) for stage in found.stages] == [
        ("central", 27),
        ("home_monitoring", 30),
    ]
    assert {row.document.document_id for row in found.rules} == {"ed9"}


def test_an_order_whose_new_end_has_passed_ends_now() -> None:
    found = judged(contact(date(2022, 6, 14)), date(2022, 6, 15), date(2022, 6, 28))
    assert (found.outcome, found.ends_on) == ("ends_now", date(2022, 6, 24))


def test_secondary_contacts_go_free_on_the_day_of_the_twenty_measures() -> None:
    found = judged(contact(date(2022, 11, 8), "secondary"), date(2022, 11, 9), date(2022, 11, 11))
    assert (found.outcome, found.ends_on) == ("ends_now", date(2022, 11, 11))
    assert isinstance(found.after, Plan)
    assert found.after.stages == ()


def test_every_contact_goes_free_on_the_day_of_class_b() -> None:
    found = judged(contact(date(2023, 1, 6)), date(2023, 1, 6), date(2023, 1, 8))
    assert (found.outcome, found.ends_on) == ("ends_now", date(2023, 1, 8))
    assert found.stages[-1].last_day == date(2023, 1, 8)


def test_an_order_under_the_same_rows_is_unchanged() -> None:
    found = judged(contact(date(2022, 7, 1)), date(2022, 7, 2), date(2022, 7, 5))
    assert (found.outcome, found.ends_on) == ("unchanged", date(2022, 7, 11))
    assert found.stages == found.before


def test_stages_as_an_order_stores_them_are_judged_like_the_plan() -> None:
    situation = contact(date(2022, 6, 20))
    stored = [
        {"place": "central", "first_on": "2022-06-21", "last_on": "2022-07-04"},
        {"place": "home_monitoring", "first_on": "2022-07-05", "last_on": "2022-07-11"},
    ]
    found = rejudge(situation, stored, ordered_on="2022-06-21", on="2022-06-28")
    assert (found.outcome, found.ends_on) == ("shorter", date(2022, 6, 30))


def test_a_day_before_the_order_is_refused() -> None:
    situation = contact(date(2022, 7, 1))
    with pytest.raises(InputError, match=r"rules\.rejudged_before_order"):
        rejudge(situation, plan_for(situation, on="2022-07-02"), ordered_on="2022-07-02", on="2022-07-01")


def test_a_case_whose_end_is_a_condition_stays_where_it_is() -> None:
    found = judged({"disease": COVID, "role": "case", "severity": "mild"}, date(2022, 7, 1), date(2022, 7, 4))
    assert (found.outcome, found.ends_on, found.stages[0].first_day) == ("unchanged", None, date(2022, 7, 1))


START, CHANGE = date(2030, 1, 1), date(2030, 5, 1)


def changing(tmp_path: Any, before: int, after: int | None, **told: str) -> RuleBook:
    """Days of observation that change on 1 May 2030 to ``after`` (None: the row ends, and no row follows)."""
    row = {"key": "contact.observe_days", "scope": {"person": "contact"}}
    rows = [{**row, "value": before, "effective_to": CHANGE - timedelta(days=1)}]
    rows[0] |= {"transition_rule": told} if after is None else {}
    if after is not None:
        rows.append({**row, "value": after, "effective_from": CHANGE, "transition_rule": told})
    covered = {"keys": ["contact.observe_days"], "complete": True, "basis": ["doc"]}
    write_pack(tmp_path, "x-fever", disease="x-fever", rows=rows, coverage=[covered])
    return load(tmp_path)


OBSERVED = {"disease": "x-fever", "role": "contact", "last_exposure_on": date(2030, 4, 25)}


@pytest.mark.parametrize(
    ("told", "outcome", "ends_on"),
    [
        ({"running": "earlier_end"}, "shorter", date(2030, 5, 3)),
        ({"running": "own_end"}, "unchanged", date(2030, 5, 9)),
        ({"running": "ends_on_start"}, "ends_now", date(2030, 5, 1)),
        ({"new_cases": "event_day"}, "unchanged", date(2030, 5, 9)),
    ],
)
def test_the_transition_of_the_new_row_decides(tmp_path, told, outcome: str, ends_on: date) -> None:
    book = changing(tmp_path, 14, 8, **told)
    found = judged(OBSERVED, date(2030, 4, 26), date(2030, 5, 2), book=book)
    assert (found.outcome, found.ends_on) == (outcome, ends_on)


def test_no_order_becomes_longer(tmp_path) -> None:
    found = judged(OBSERVED, date(2030, 4, 26), date(2030, 5, 2), book=changing(tmp_path, 8, 14))
    assert (found.outcome, found.ends_on) == ("unchanged", date(2030, 5, 3))


def test_an_order_whose_rule_was_repealed_ends_with_it(tmp_path) -> None:
    found = judged(OBSERVED, date(2030, 4, 26), date(2030, 5, 2), book=changing(tmp_path, 14, None))
    assert (found.outcome, found.ends_on) == ("ends_now", date(2030, 4, 30))


def test_an_order_in_the_packs_silence_is_left_to_a_person() -> None:
    situation = contact(date(2022, 7, 1))
    order = plan_for(situation, on="2022-07-02")
    found = rejudge({**situation, "disease": "dengue"}, order, ordered_on="2022-07-02", on="2022-07-05")
    assert found.outcome == "not_decided"
    assert isinstance(found.after, NotInPack)
    assert found.ends_on == order.last_day


@given(
    exposed_on=st.dates(min_value=date(2021, 6, 1), max_value=date(2023, 1, 7)),
    waited=st.integers(0, 5),
    later=st.integers(0, 40),
    tier=st.sampled_from(["close", "secondary"]),
)
def test_a_judged_order_ends_at_the_earlier_of_both_ends(
    exposed_on: date, waited: int, later: int, tier: str
) -> None:
    situation, ordered_on = contact(exposed_on, tier), exposed_on + timedelta(days=waited)
    order = plan_for(situation, on=ordered_on)
    assert isinstance(order, Plan)
    found = rejudge(situation, order, ordered_on=ordered_on, on=ordered_on + timedelta(days=later))
    if order.last_day is None:
        return
    assert found.ends_on is not None
    assert found.ends_on <= order.last_day
    assert isinstance(found.after, Plan)
    if found.outcome == "shorter":
        assert found.ends_on == min(order.last_day, found.after.last_day)
        assert found.stages[-1].last_day == found.ends_on


def rows_of(book: RuleBook) -> list[Row]:
    return [row for pack in book.packs for row in pack.rows]


def test_a_table_says_what_the_text_of_the_row_says(book: RuleBook) -> None:
    told = [row for row in rows_of(book) if row.transition_rule is not None]
    assert told
    for row in told:
        assert transition_of(row) == transition_of(replace(row, transition_rule=None)), row.row_id


def test_a_word_that_no_transition_knows_is_refused(book: RuleBook) -> None:
    row = rows_of(book)[0]
    with pytest.raises(InputError, match=r"rules\.transition_rule_invalid"):
        transition_of(replace(row, transition_rule=type(row.scope)({"running": "longer"})))


def test_a_row_that_ends_running_orders_does_so_though_new_cases_go_by_their_event(tmp_path: Path) -> None:
    scope = {"person": "contact"}
    old = {"key": "contact.observe_days", "value": 10, "scope": scope, "effective_to": date(2030, 5, 31)}
    rule = {"running": "ends_on_start", "new_cases": "event_day"}
    new = {**old, "value": 4, "effective_from": date(2030, 6, 1), "transition_rule": rule}
    del new["effective_to"]
    write_pack(tmp_path, "fever", disease="fever", rows=[old, new])
    book = load(tmp_path)
    case = {"disease": "fever", "role": "contact", "last_exposure_on": "2030-05-28"}
    running = book.plan_for(case, on="2030-05-29")
    judged = rejudge(case, running, ordered_on="2030-05-29", on="2030-06-02", book=book)
    assert (judged.outcome, judged.ends_on) == ("ends_now", date(2030, 6, 1))
    assert book.row("fever:contact.observe_days:person=contact:2030-06-01:CN") in judged.rules
