"""Nine drafts, each lawful but for one of the nine don'ts, and their lawful twins; and what lies around them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fangkong.core.errors import InputError
from fangkong.science.rules import rule_book
from fangkong.science.rules.areas import Draft, DraftStage, VehicleFacts, overreach_findings
from fangkong.science.rules.areas.tests.changed_rows import row_on, with_local, with_value
from fangkong.science.rules.resolver import RuleBook

COVID = "covid-19"
JULY = date(2022, 7, 10)
SPRING = date(2022, 5, 20)
EXPOSED = date(2022, 7, 9)


def close_contact(*stages: tuple[str, int], **changes: Any) -> Draft:
    facts: dict[str, Any] = {
        "kind": "quarantine",
        "disease": COVID,
        "subject_kind": "person",
        "role": "close_contact",
        "situation": {"last_exposure_on": EXPOSED},
        "stages": tuple(DraftStage(*stage) for stage in stages),
    }
    return Draft(**{**facts, **changes})


def high_area(**changes: Any) -> Draft:
    facts: dict[str, Any] = {"area_level": "high", "unit": "compound", "days": 7, "subject_kind": "area"}
    return Draft(**{"kind": "area_control", "disease": COVID, **facts, **changes})


def traveller(risk: str, *stages: tuple[str, int], **changes: Any) -> Draft:
    facts = {"role": "traveller", "situation": {"left_on": EXPOSED}, "origin_risk": risk}
    return close_contact(*stages, **{**facts, **changes})


TRUCK = VehicleFacts("truck", stopped=True, pcr_age_hours=20, code_green=True, temperature_normal=True)
CHECKPOINT = Draft("checkpoint", COVID, subject_kind="journey", vehicle=TRUCK)
LIMIT = Draft("travel_limit", COVID, subject_kind="journey", limited_risks=frozenset({"medium", "high"}))
CARE = Draft("care", COVID, subject_kind="place")
VENUE = Draft("venue_closure", COVID, subject_kind="place", venue_risk="medium")

NINE = {
    1: (replace(LIMIT, limited_risks=frozenset({"low", "medium", "high"})), LIMIT),
    2: (traveller("low", ("home_isolation", 3)), traveller("medium", ("home_isolation", 7))),
    3: (high_area(days=8), high_area(days=7)),
    4: (
        close_contact(("home_isolation", 7), role="general_contact"),
        close_contact(("home_isolation", 7), role="secondary_contact"),
    ),
    5: (
        close_contact(("central", 14), ("home_monitoring", 7)),
        close_contact(("central", 7), ("home_monitoring", 3)),
    ),
    6: (replace(CARE, refuses_care="regular"), CARE),
    7: (
        traveller("low", ("home_isolation", 7), role="returning_student", student_eligible=True),
        traveller("medium", ("home_isolation", 7), role="returning_student"),
    ),
    8: (CHECKPOINT, replace(CHECKPOINT, vehicle=replace(TRUCK, pcr_age_hours=60))),
    9: (replace(VENUE, venue_risk="low"), VENUE),
}


@pytest.mark.parametrize("item", NINE)
def test_a_draft_lawful_but_for_one_clause_has_exactly_that_finding(book: RuleBook, item: int) -> None:
    draft, twin = NINE[item]
    found = overreach_findings(book, draft, on=JULY)
    assert [(each.item, each.blocks) for each in found] == [(item, True)]
    assert found[0].rule_row == row_on(book, "overreach.forbid", JULY, item=item).row_id
    assert found[0].confidence == "verified"
    assert overreach_findings(book, twin, on=JULY) == ()


@pytest.mark.parametrize("item", NINE)
def test_the_nine_begin_on_2022_06_05_and_end_on_2023_01_07(book: RuleBook, item: int) -> None:
    for on in (date(2022, 6, 4), date(2023, 1, 8)):
        assert all(each.item == 0 for each in overreach_findings(book, NINE[item][0], on=on))


def test_the_word_of_the_row_decides_which_check_runs(book: RuleBook) -> None:
    changed = with_value(book, "overreach.forbid", lambda value: "close_low_risk_venues")
    items = [each.item for each in overreach_findings(changed, NINE[9][0], on=JULY)]
    assert len(items) == 1
    assert overreach_findings(changed, NINE[1][0], on=JULY) == ()


def test_the_limits_follow_the_rows(book: RuleBook) -> None:
    longer = with_value(
        book, "area.release_rule", lambda value: {**value, "no_new_days": value["no_new_days"] + 1}
    )
    assert overreach_findings(longer, high_area(days=8), on=JULY) == ()
    staged = with_value(
        book, "contact.close.stages", lambda value: [{**stage, "days": 14} for stage in value]
    )
    assert overreach_findings(staged, NINE[5][0], on=JULY) == ()
    fresher = with_value(book, "freight.pass_pcr_hours", lambda value: 12)
    assert overreach_findings(fresher, CHECKPOINT, on=JULY) == ()


# Item 5: longer, later or stricter.


def test_home_monitoring_moved_to_a_central_site_lengthens_isolation(book: RuleBook) -> None:
    assert [f.item for f in overreach_findings(book, close_contact(("central", 10)), on=JULY)] == [5]
    assert overreach_findings(book, close_contact(("home_monitoring", 10)), on=JULY) == ()


def test_the_same_days_begun_late_end_too_late(book: RuleBook) -> None:
    stages = (("central", 7), ("home_monitoring", 3))
    late = close_contact(*stages, starts_on=EXPOSED + timedelta(days=3))
    assert [f.params["allowed_until"] for f in overreach_findings(book, late, on=JULY)] == ["2022-07-19"]
    assert overreach_findings(book, close_contact(*stages, starts_on=JULY), on=JULY) == ()


def test_a_stricter_place_that_the_person_wished_is_no_finding(book: RuleBook) -> None:
    on = date(2022, 12, 10)
    asked = close_contact(situation={"last_exposure_on": on}, stages=(DraftStage("central", 5),))
    assert [f.item for f in overreach_findings(book, asked, on=on)] == [5]
    wished = replace(asked, stages=(DraftStage("central", 5, wished=True),))
    assert overreach_findings(book, wished, on=on) == ()


def test_days_at_a_place_that_nobody_ranked_are_days_that_no_rule_gives(book: RuleBook) -> None:
    elsewhere = close_contact(("lakeside_camp", 3))
    assert [f.item for f in overreach_findings(book, elsewhere, on=JULY)] == [5]
    wished = replace(elsewhere, stages=(DraftStage("lakeside_camp", 3, wished=True),))
    assert overreach_findings(book, wished, on=JULY) == ()


def test_a_draft_without_dates_is_compared_by_days(book: RuleBook) -> None:
    draft = close_contact(("central", 7), ("home_monitoring", 4), situation={})
    assert [f.item for f in overreach_findings(book, draft, on=JULY)] == [5]


# Item 4: who may be controlled changes with the edition.


def test_secondary_contacts_are_controlled_until_2022_11_10(book: RuleBook) -> None:
    draft = close_contact(("home_isolation", 7), role="secondary_contact")
    assert overreach_findings(book, draft, on=date(2022, 11, 10)) == ()
    assert [f.item for f in overreach_findings(book, draft, on=date(2022, 11, 11))] == [4]


@pytest.mark.parametrize("role", ["companion", "bank_depositor"])
def test_nobody_is_controlled_for_a_role_that_no_rule_knows(book: RuleBook, role: str) -> None:
    draft = close_contact(("home_isolation", 7), role=role)
    assert [f.item for f in overreach_findings(book, draft, on=JULY)] == [4]
    after = overreach_findings(book, draft, on=date(2023, 2, 1))
    assert [(f.code, f.blocks) for f in after] == [("ceiling.controlled_persons", True)]


# Outside the window of the nine the national rows are the ceiling all the same.


def test_the_national_row_is_the_ceiling_on_every_other_day(book: RuleBook) -> None:
    exposed = SPRING - timedelta(days=1)
    longer = close_contact(("central", 21), ("home_monitoring", 7), situation={"last_exposure_on": exposed})
    found = overreach_findings(book, longer, on=SPRING)
    assert [each.code for each in found] == ["ceiling.isolation_time"]
    assert found[0].rows
    lawful = replace(longer, stages=(DraftStage("central", 14), DraftStage("home_monitoring", 7)))
    assert overreach_findings(book, lawful, on=SPRING) == ()


def test_no_quarantine_of_contacts_after_2023_01_08(book: RuleBook) -> None:
    draft = close_contact(("home_isolation", 5), situation={"last_exposure_on": date(2023, 1, 20)})
    found = overreach_findings(book, draft, on=date(2023, 1, 21))
    assert [(each.code, each.blocks) for each in found] == [("ceiling.controlled_persons", True)]


def test_silence_of_the_packs_blocks_nothing_and_asks_a_person(book: RuleBook) -> None:
    exposed = SPRING - timedelta(days=1)
    draft = traveller("low", ("home_isolation", 3), situation={"left_on": exposed})
    found = overreach_findings(book, draft, on=SPRING)
    assert [(each.code, each.blocks) for each in found] == [("overreach.not_answered", False)]
    assert found[0].params == {"key": "travel.stages", "answer": "NotInPack"}


def test_guidance_that_is_no_law_is_shown_and_blocks_nothing(book: RuleBook) -> None:
    exposed = date(2024, 3, 1)
    draft = Draft(
        "quarantine",
        "measles",
        role="nonimmune_contact",
        situation={"last_exposure_on": exposed},
        stages=(DraftStage("exclusion", 60),),
    )
    found = overreach_findings(book, draft, on=date(2024, 3, 2))
    assert [(each.code, each.blocks) for each in found] == [("ceiling.isolation_time", False)]


# A stricter local row: only with reason, evidence, a higher approval and a near end.


@pytest.mark.parametrize("justified", [True, False])
def test_a_reasoned_local_row_lifts_items_3_and_5_and_an_unreasoned_one_does_not(
    book: RuleBook, justified: bool
) -> None:
    release = row_on(book, "area.release_rule", JULY, area="high")
    local = with_local(book, release, {**release.value, "no_new_days": 10}, on=JULY, justified=justified)
    found = overreach_findings(local, high_area(days=10), on=JULY, area="990103")
    assert [each.item for each in found] == ([] if justified else [3])
    assert [each.item for each in overreach_findings(local, high_area(days=11), on=JULY, area="990103")] == [
        3
    ]

    stages = row_on(book, "contact.close.stages", JULY, person="close_contact")
    value = [{"place": "central", "days": 10}, {"place": "home_monitoring", "days": 3}]
    local = with_local(book, stages, value, on=JULY, justified=justified)
    draft = close_contact(("central", 10), ("home_monitoring", 3))
    found = overreach_findings(local, draft, on=JULY, area="990103")
    assert [each.item for each in found] == ([] if justified else [5])
    elsewhere = overreach_findings(local, draft, on=JULY, area="990203")
    assert [each.item for each in elsewhere] == [5], "9902 is another city"


@pytest.mark.parametrize("justified", [True, False])
def test_a_reasoned_local_row_lifts_item_4_too(book: RuleBook, justified: bool) -> None:
    on = date(2022, 11, 20)
    draft = close_contact(
        ("home_isolation", 7),
        role="secondary_contact",
        situation={"last_exposure_on": on - timedelta(days=1)},
    )
    stages = row_on(book, "contact.secondary.stages", on, person="secondary_contact")
    local = with_local(book, stages, [{"place": "home_isolation", "days": 7}], on=on, justified=justified)
    determine = row_on(book, "contact.secondary.determine", on)
    local = with_local(local, determine, True, on=on, justified=justified)
    found = overreach_findings(local, draft, on=on, area="990103")
    assert [each.item for each in found] == ([] if justified else [4])


# Areas: level and unit.


def test_an_area_no_wider_than_its_edition_allows(book: RuleBook) -> None:
    assert [f.code for f in overreach_findings(book, high_area(unit="street"), on=JULY)] == [
        "ceiling.unit_too_wide"
    ]
    november = date(2022, 11, 20)
    tower = high_area(unit="compound", days=5)
    assert [f.code for f in overreach_findings(book, tower, on=november)] == ["ceiling.unit_too_wide"]
    unclear = replace(tower, facts=frozenset({"spread_unclear"}))
    assert overreach_findings(book, unclear, on=november) == ()
    december = overreach_findings(book, tower, on=date(2022, 12, 10))
    assert [each.code for each in december] == ["forbid.widening_beyond_building"]


def test_a_level_that_is_no_more_cannot_be_set(book: RuleBook) -> None:
    found = overreach_findings(book, high_area(area_level="medium", unit="", days=7), on=date(2022, 11, 20))
    assert "ceiling.level_not_in_force" in [each.code for each in found]
    assert any(each.blocks for each in found)


def test_three_more_days_after_coming_down_from_high(book: RuleBook) -> None:
    medium = high_area(area_level="medium", came_from="high", unit="", days=3)
    assert overreach_findings(book, medium, on=JULY) == ()
    assert [f.item for f in overreach_findings(book, replace(medium, days=4), on=JULY)] == [3]


# Lists of forbidden acts.


@pytest.mark.parametrize(
    ("draft", "on", "code"),
    [
        (Draft("testing", COVID, tests_per_day=2), date(2022, 11, 20), "forbid.two_tests_a_day"),
        (Draft("testing", COVID, tests_per_day=4), date(2022, 11, 20), "forbid.three_tests_a_day"),
        (
            high_area(unit="building", days=5, blocks_exits=True),
            date(2022, 12, 10),
            "forbid.blocking_fire_exits_unit_or_compound_doors",
        ),
        (
            Draft("work_stop", COVID, venue_risk="low"),
            date(2022, 12, 10),
            "forbid.stop_movement_or_work_outside_high",
        ),
        (
            replace(CHECKPOINT, acts=frozenset({"hold_for_pcr_result"})),
            JULY,
            "forbid.hold_for_pcr_result",
        ),
        (
            replace(CHECKPOINT, vehicle=None, acts=frozenset({"forced_turn_back_even_red_code"})),
            JULY,
            "forbid.forced_turn_back_even_red_code",
        ),
        (Draft("code", COVID, code_reason="petition"), JULY, "forbid.non_epidemic_reason"),
        (Draft("check", COVID, check_place="supermarket"), date(2022, 12, 10), "forbid.check_place"),
        (Draft("check", COVID, check_place="ordinary_venue"), date(2023, 2, 1), "forbid.check_place"),
        (Draft("check", COVID, check_travellers=True), date(2022, 12, 10), "forbid.check_traveller"),
    ],
)
def test_an_act_that_a_row_forbids(book: RuleBook, draft: Draft, on: date, code: str) -> None:
    found = overreach_findings(book, draft, on=on)
    assert [each.code for each in found] == [code]
    assert found[0].blocks


@pytest.mark.parametrize(
    ("draft", "on"),
    [
        (Draft("testing", COVID, tests_per_day=1), date(2022, 11, 20)),
        (Draft("testing", COVID, tests_per_day=2), date(2022, 11, 10)),
        (Draft("code", COVID, code_reason="close_contact"), JULY),
        (Draft("check", COVID, check_place="nursing_home"), date(2022, 12, 10)),
        (Draft("check", COVID, check_travellers=True), date(2022, 12, 6)),
    ],
)
def test_what_no_row_forbids_has_no_finding(book: RuleBook, draft: Draft, on: date) -> None:
    assert overreach_findings(book, draft, on=on) == ()


def test_care_is_never_refused_outside_the_window_either(book: RuleBook) -> None:
    found = overreach_findings(book, replace(CARE, refuses_care="acute"), on=date(2026, 2, 1))
    assert [(each.code, each.blocks) for each in found] == [("ceiling.medical_care", True)]


def test_a_truck_with_an_expired_test_and_a_negative_antigen_test_is_eligible(book: RuleBook) -> None:
    expired = replace(TRUCK, pcr_age_hours=52, antigen_negative=True)
    assert [f.item for f in overreach_findings(book, replace(CHECKPOINT, vehicle=expired), on=JULY)] == [8]
    coach = VehicleFacts("coach", stopped=True, eligible=True)
    assert [f.item for f in overreach_findings(book, replace(CHECKPOINT, vehicle=coach), on=JULY)] == [8]


def test_a_place_with_a_case_in_it_may_close_in_a_low_risk_area(book: RuleBook) -> None:
    assert overreach_findings(book, replace(NINE[9][0], venue_has_case=True), on=JULY) == ()


def test_a_kind_of_draft_that_nobody_knows_is_refused() -> None:
    with pytest.raises(InputError, match=r"overreach\.kind_unknown"):
        Draft("curfew", COVID)


# Properties.

DAYS = st.dates(date(2021, 6, 1), date(2023, 1, 7))


@settings(max_examples=80)
@given(DAYS, st.sampled_from(["close_contact", "secondary_contact"]), st.data())
def test_no_longer_and_no_stricter_than_the_plan_finds_nothing(
    on: date, role: str, data: st.DataObject
) -> None:
    book = rule_book()
    situation = {"disease": COVID, "role": role, "last_exposure_on": on - timedelta(days=1)}
    plan: Any = book.plan_for(situation, on=on)
    if not plan.stages:
        return
    stages = tuple(
        DraftStage(stage.place, data.draw(st.integers(0, stage.days), label=stage.place))
        for stage in plan.stages
    )
    draft = Draft("quarantine", COVID, role=role, situation=situation, stages=stages)
    assert overreach_findings(book, draft, on=on) == ()


@settings(max_examples=80)
@given(DAYS, st.integers(0, 30), st.integers(0, 30), st.sampled_from(["high", "lock", "medium"]))
def test_an_area_held_longer_never_has_fewer_findings(on: date, days: int, more: int, level: str) -> None:
    book = rule_book()
    shorter = overreach_findings(book, high_area(days=days, area_level=level, unit=""), on=on)
    longer = overreach_findings(book, high_area(days=days + more, area_level=level, unit=""), on=on)
    assert {each.code for each in shorter} <= {each.code for each in longer}


@settings(max_examples=60)
@given(DAYS, st.integers(0, 30), st.integers(0, 30))
def test_a_person_held_longer_never_has_fewer_findings(on: date, days: int, more: int) -> None:
    book = rule_book()
    situation = {"last_exposure_on": on - timedelta(days=1)}
    short = close_contact(("central", days), situation=situation)
    long = close_contact(("central", days + more), situation=situation)
    assert len(overreach_findings(book, short, on=on)) <= len(overreach_findings(book, long, on=on))
