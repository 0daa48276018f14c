"""Every time limit of the packs as a clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from fangkong.core.errors import InputError
from fangkong.science.rules import NotInPack
from fangkong.science.rules.clocks import Clocks, clock_keys, clocks_for, reasons_for_no_clock, triggers
from fangkong.science.rules.resolver import RuleBook

COVID = "covid-19"
AT = datetime(2021, 10, 20, 6, 0, tzinfo=UTC)


def run(
    book: RuleBook, trigger: str, at: datetime = AT, disease: str = COVID, area: str = "CN", **facts: Any
) -> Clocks:
    return clocks_for(book, trigger, at=at, disease=disease, area=area, facts=facts)


def due(book: RuleBook, trigger: str, at: datetime = AT, **more: Any) -> dict[str, timedelta]:
    return {clock.part or clock.key: clock.within for clock in run(book, trigger, at, **more)}


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


def test_every_duty_in_hours_and_every_target_in_hours_or_days_starts_a_clock(book: RuleBook) -> None:
    limits = {
        key
        for key, rule in book.keys.items()
        if (rule.kind == "duty" and "h" in rule.units)
        or (rule.kind == "target" and {"h", "d"} & set(rule.units))
    }
    assert limits - clock_keys() - set(reasons_for_no_clock()) == set()
    assert clock_keys() <= set(book.keys)
    assert not clock_keys() & set(reasons_for_no_clock())


def test_scenario_1_report_in_two_hours_and_transfer_in_twelve(book: RuleBook) -> None:
    found = due(book, "case_found")
    assert found["report.case_hours"] == hours(2)
    assert found["investigation.core_hours"] == hours(4)
    assert found["investigation.first_report_hours"] == hours(24)
    assert due(book, "contact_determined") == {"contact.close.transfer_within_hours": hours(12)}


@pytest.mark.parametrize(
    ("at", "disease", "facts", "limit"),
    [
        (datetime(2023, 1, 17, tzinfo=UTC), COVID, {}, 24),
        (datetime(2024, 1, 1, tzinfo=UTC), "cholera", {}, 2),
        (datetime(2026, 2, 1, tzinfo=UTC), "plague", {"disease_class": "A_or_managed_as_A"}, 2),
        (datetime(2026, 2, 1, tzinfo=UTC), "measles", {"disease_class": "B_or_C"}, 24),
    ],
)
def test_the_report_follows_the_disease_and_its_class(book: RuleBook, at, disease, facts, limit) -> None:
    assert due(book, "case_found", at, disease=disease, **facts)["report.case_hours"] == hours(limit)


def test_each_body_has_its_own_clock_for_the_same_event(book: RuleBook) -> None:
    at = datetime(2025, 12, 1, tzinfo=UTC)
    assert due(book, "event_found", at) == {"report.event_hours": hours(2)}
    assert due(book, "event_found", at, role="provincial_government") == {"report.event_hours": hours(1)}


def test_targets_are_marked_and_bind_nobody(book: RuleBook) -> None:
    found = run(book, "event_notified")
    assert {clock.key: clock.within for clock in found} == {
        "target.start_response_days": timedelta(days=1),
        "target.respond_days": timedelta(days=7),
    }
    assert all(clock.target and not clock.binding for clock in found)
    assert due(book, "event_emerged") == {"target.detect_days": timedelta(days=7)}
    assert due(book, "event_detected")["target.notify_days"] == timedelta(days=1)
    duty = run(book, "contact_determined").clocks[0]
    assert (duty.target, duty.binding) == (False, True)


def test_a_table_of_limits_gives_one_clock_each_or_the_one_asked_for(book: RuleBook) -> None:
    assert due(book, "sample_taken") == {
        "fever_clinic_or_emergency": hours(6),
        "inpatient_and_carer": hours(12),
        "yellow_code": hours(12),
        "voluntary": hours(24),
    }
    assert due(book, "sample_taken", sample_class="voluntary") == {"voluntary": hours(24)}


def test_a_campaign_has_the_hours_of_its_size_and_asks_for_it(book: RuleBook) -> None:
    assert list(due(book, "campaign_started", population=3_000_000).values()) == [hours(48)]
    assert list(due(book, "campaign_started", population=8_000_000).values()) == [hours(72)]
    with pytest.raises(InputError, match=r"clocks\.fact_needed"):
        due(book, "campaign_started")


def test_the_ladder_of_rooms_and_convertible_beds_are_clocks(book: RuleBook) -> None:
    june = datetime(2022, 6, 1, tzinfo=UTC)
    rooms = due(book, "isolation_rooms_called", june, area="4101")
    assert rooms == {"one_third_hours": hours(24), "half_hours": hours(48), "all_days": hours(72)}
    winter = datetime(2022, 12, 20, tzinfo=UTC)
    assert due(book, "intensive_care_called", winter) == {"convert_hours": hours(24)}
    assert due(book, "shelter_hospital_called", june) == {"usable_days": hours(48)}


def test_a_declaration_is_due_before_the_goods_arrive(book: RuleBook) -> None:
    (clock,) = run(book, "cold_chain_arrival", area="510100")
    assert clock.due_at == AT - hours(48)


def test_an_assistance_letter_runs_four_verifications_and_its_destruction(book: RuleBook) -> None:
    at = datetime(2025, 12, 1, tzinfo=UTC)
    deadline, destroy = at + hours(12), at + timedelta(days=30)
    found = run(book, "assistance_letter_received", at, deadline_at=deadline, destroy_by=destroy)
    assert [clock.part for clock in found] == ["control", "count", "identity", "location", "destroyed"]
    assert {clock.due_at for clock in found} == {deadline, destroy}
    assert all(clock.stated for clock in found)
    assert found.clocks[-1].rule_row
    assert found.clocks[0].missed(deadline + hours(1))
    assert not found.clocks[0].missed(deadline + hours(1), done_at=deadline)


def test_a_village_clinic_and_a_first_case_of_a_county_have_clocks_of_their_own(book: RuleBook) -> None:
    july = datetime(2022, 7, 6, tzinfo=UTC)
    assert "report.clinic_to_township_hours" not in due(book, "case_found", july)
    assert due(book, "case_found", july, place="village_clinic")["report.clinic_to_township_hours"] == hours(
        2
    )
    early = datetime(2020, 2, 1, tzinfo=UTC)
    assert due(book, "case_found", early, first_in="county")["report.first_case_hours"] == hours(2)


def test_an_unverified_limit_says_that_a_person_confirms_it(book: RuleBook) -> None:
    clock = run(book, "contact_determined", datetime(2022, 7, 6, tzinfo=UTC)).clocks[0]
    assert (clock.within, clock.to_confirm) == (hours(8), True)


def test_a_limit_that_no_row_sets_is_passed_on(book: RuleBook) -> None:
    found = run(book, "area_designated")
    assert len(found) == 0
    assert [type(each) for each in found.basis.unanswered] == [NotInPack]
    assert len(run(book, "area_designated", datetime(2022, 7, 6, tzinfo=UTC))) == 1


def test_the_day_of_the_rules_may_differ_from_the_moment(book: RuleBook) -> None:
    late = datetime(2022, 6, 27, 20, 0, tzinfo=UTC)  # already the 28th in China
    found = clocks_for(book, "cluster_found", at=late, on=date(2022, 6, 28), disease=COVID)
    assert [clock.within for clock in found] == [hours(2)]


def test_every_trigger_runs_on_every_seed_day_with_facts_enough(book: RuleBook) -> None:
    for on in (date(2020, 2, 1), date(2021, 8, 6), date(2022, 7, 6), date(2022, 12, 10), date(2026, 3, 1)):
        at = datetime(on.year, on.month, on.day, tzinfo=UTC)
        for trigger in triggers():
            found = run(book, trigger, at, population=10_000, deadline_at=at, destroy_by=at)
            assert found.unread == ()
            assert all(clock.escalates_to and clock.due_at.tzinfo for clock in found)


def test_an_unknown_event_is_refused_with_what_is_near(book: RuleBook) -> None:
    with pytest.raises(InputError) as refusal:
        run(book, "case_fund")
    assert (refusal.value.code, refusal.value.params["near"][0]) == ("clocks.trigger_unknown", "case_found")
    with pytest.raises(InputError, match=r"clocks\.moment_not_aware"):
        run(book, "case_found", AT.replace(tzinfo=None))
