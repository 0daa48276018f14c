"""What each role is told: travellers, loop workers, cases, and the contacts of other diseases."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from fangkong.core.errors import InputError
from fangkong.science.rules import NoRuleInForce, NotInPack, Plan, load, plan_for
from fangkong.science.rules.packs import SHIPPED
from fangkong.science.rules.tests.pack_writer import write_pack

COVID = "covid-19"


def planned(role: str, on: date, disease: str = COVID, area: str = "CN", **more: Any) -> Plan:
    plan = plan_for({"disease": disease, "role": role, **more}, on=on, area=area)
    assert isinstance(plan, Plan), plan
    return plan


def spans(plan: Plan) -> list[tuple[str, date | None, date | None]]:
    return [(stage.place, stage.first_day, stage.last_day) for stage in plan.stages]


def test_an_arrival_from_abroad_under_edition_9() -> None:
    plan = planned("inbound_traveller", date(2022, 7, 2), arrived_on=date(2022, 7, 1))
    assert spans(plan) == [
        ("central", date(2022, 7, 2), date(2022, 7, 8)),
        ("home_monitoring", date(2022, 7, 9), date(2022, 7, 11)),
    ]
    assert [day.day for day in plan.test_days] == [2, 3, 4, 6, 8, 11]
    assert plan.decides_alone


@pytest.mark.parametrize(("area", "place"), [("high", "central"), ("medium", "home_isolation")])
def test_a_traveller_from_a_risk_area_under_edition_9(area: str, place: str) -> None:
    plan = plan_for(
        {"disease": COVID, "role": "traveller", "area": area, "left_on": "2022-07-01"}, on="2022-07-02"
    )
    assert spans(plan) == [(place, date(2022, 7, 2), date(2022, 7, 8))]


def test_a_traveller_from_a_low_risk_area_is_tested_and_not_held() -> None:
    plan = plan_for(
        {"disease": COVID, "role": "traveller", "area": "low", "left_on": "2022-07-01"}, on="2022-07-02"
    )
    assert plan.stages == ()
    assert plan.tests_in_window == {"tests": 2, "days": 3, "min_gap_hours": 24}


def test_a_traveller_from_a_kind_of_area_without_a_row_is_left_to_a_person() -> None:
    answer = plan_for(
        {"disease": COVID, "role": "traveller", "area": "extreme", "left_on": "2022-07-01"}, on="2022-07-02"
    )
    assert isinstance(answer, NotInPack)
    assert {"area": "high", "person": "traveller"} in [dict(scope) for scope in answer.scopes]


def test_leaving_the_closed_loop_under_the_twenty_measures_and_after() -> None:
    left = {"left_loop_on": date(2022, 11, 20)}
    plan = planned("closed_loop_worker", date(2022, 11, 20), **left)
    assert spans(plan) == [("home_monitoring", date(2022, 11, 21), date(2022, 11, 25))]
    assert [day.day for day in plan.test_days] == [21, 23, 25]
    later = plan_for({"disease": COVID, "role": "closed_loop_worker", **left}, on=date(2023, 2, 1))
    assert isinstance(later, NoRuleInForce)


def test_a_mild_case_goes_free_on_a_condition_and_is_then_monitored_at_home() -> None:
    plan = planned("case", date(2022, 7, 2), severity="mild")
    isolation, after = plan.stages
    assert isolation[:4] == ("central_isolation_or_fangcang", None, date(2022, 7, 2), None)
    assert (after.place, after.days, after.first_day, after.last_day) == ("home_monitoring", 7, None, None)
    assert plan.release_rule["ct_at_least"] == 35
    released = planned("case", date(2022, 7, 2), severity="mild", released_on="2022-07-10")
    assert spans(released) == [
        ("central_isolation_or_fangcang", date(2022, 7, 2), date(2022, 7, 10)),
        ("home_monitoring", date(2022, 7, 11), date(2022, 7, 17)),
    ]


def test_a_case_at_home_under_the_ten_measures_is_tested_on_the_sixth_and_seventh_day() -> None:
    plan = planned("case", date(2022, 12, 8), severity="mild", place="home")
    assert [day.day for day in plan.test_days] == [13, 14]


def test_a_case_is_not_isolated_under_class_b_and_the_row_says_so() -> None:
    plan = planned("case", date(2023, 2, 1), severity="mild")
    assert plan.stages == ()
    assert "case.release_rule" in {row.key for row in plan.rules}


def test_a_local_row_counts_the_days_of_a_child_with_hand_foot_and_mouth_disease() -> None:
    plan = planned("case", date(2024, 5, 3), "hfmd", "210100", onset_on=date(2024, 5, 1))
    assert (plan.first_day, plan.last_day) == (date(2024, 5, 1), date(2024, 5, 15))
    assert isinstance(
        plan_for({"disease": "hfmd", "role": "case", "onset_on": "2024-05-01"}, on="2024-05-03"), NotInPack
    )


def test_an_onset_is_asked_for_where_the_row_counts_from_it_unless_nobody_knows_it() -> None:
    case = {"disease": "hfmd", "role": "case"}
    with pytest.raises(InputError) as refusal:
        plan_for(case, on="2024-05-03", area="210100")
    assert refusal.value.params["field"] == "onset_on"
    plan = plan_for({**case, "onset_on": None}, on="2024-05-03", area="210100")
    assert [(stage.first_day, stage.last_day) for stage in plan.stages] == [(date(2024, 5, 3), None)]


def test_a_case_of_chikungunya_stays_at_least_a_week() -> None:
    (stage,) = planned("case", date(2025, 8, 2), "chikungunya", onset_on=date(2025, 8, 1)).stages
    assert (stage.last_day, stage.not_before) == (None, date(2025, 8, 8))


def test_contacts_of_other_diseases_are_observed_excluded_or_left_alone() -> None:
    exposed = {"last_exposure_on": date(2024, 5, 1)}
    observed = planned("contact", date(2024, 5, 2), "cholera", **exposed)
    assert spans(observed) == [("medical_observation", date(2024, 5, 2), date(2024, 5, 6))]
    excluded = planned("nonimmune_contact", date(2024, 5, 2), "measles", **exposed)
    assert spans(excluded) == [("exclusion", date(2024, 5, 6), date(2024, 5, 22))]
    free = planned("contact", date(2024, 5, 2), "dengue", **exposed)
    assert (free.stages, [row.key for row in free.rules]) == ((), ["contact.quarantine"])


FEVER_ROWS = [
    {
        "key": "clock.day0",
        "unit": "event",
        "value": "last_unprotected_exposure",
        "scope": {"person": "close_contact"},
    },
    {"key": "contact.close.determine", "unit": "bool", "value": True},
    {
        "key": "contact.close.stages",
        "value": [{"place": "central", "days": 3}, {"place": "home_isolation", "days": 2}],
        "scope": {"person": "close_contact"},
    },
    {
        "key": "contact.close.test_days",
        "unit": "day",
        "value": {"central": [1, 3], "home_isolation": [2]},
        "scope": {"person": "close_contact"},
    },
    {
        "key": "contact.close.release_rule",
        "unit": "rule",
        "value": "negative",
        "scope": {"person": "close_contact"},
    },
    {"key": "contact.observe_days", "value": 6, "scope": {"person": "contact"}},
    {"key": "case.isolate_until", "value": {"anchor": "onset", "days": 8}, "scope": {"person": "case"}},
]


def test_a_new_disease_is_a_new_file(tmp_path) -> None:
    write_pack(tmp_path, "x-fever", disease="x-fever", rows=FEVER_ROWS)
    book, exposed = load(SHIPPED, tmp_path), {"disease": "x-fever", "last_exposure_on": "2030-05-01"}
    plan = book.plan_for({**exposed, "role": "close_contact"}, on="2030-05-02")
    assert spans(plan) == [
        ("central", date(2030, 5, 2), date(2030, 5, 4)),
        ("home_isolation", date(2030, 5, 5), date(2030, 5, 6)),
    ]
    assert [day.day for day in plan.test_days] == [2, 4, 6]
    observed = book.plan_for({**exposed, "role": "contact"}, on="2030-05-02")
    assert observed.last_day == date(2030, 5, 7)
    case = book.plan_for({"disease": "x-fever", "role": "case", "onset_on": "2030-05-01"}, on="2030-05-02")
    assert case.last_day == date(2030, 5, 9)


def test_a_row_judged_by_the_event_is_that_of_the_event(tmp_path) -> None:
    def rows(**told: str) -> list[dict[str, Any]]:
        early = {"key": "contact.observe_days", "value": 9, "scope": {"person": "contact"}}
        late = {**early, "value": 4, "effective_from": date(2030, 5, 1)}
        return [{**early, "effective_to": date(2030, 4, 30)}, {**late, "transition_rule": told}]

    exposed = {"disease": "x-fever", "role": "contact", "last_exposure_on": "2030-04-28"}
    for told, days in (({"new_cases": "decision_day"}, 4), ({"new_cases": "event_day"}, 9)):
        write_pack(tmp_path, "x-fever", disease="x-fever", rows=rows(**told))
        book = load(tmp_path)
        assert book.plan_for(exposed, on="2030-05-02").total_days == days
        assert book.plan_for({**exposed, "last_exposure_on": "2030-05-01"}, on="2030-05-02").total_days == 4
