"""What a contact is told, day by day, under every edition of the rules."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from fangkong.core.errors import InputError
from fangkong.science.rules import Conflict, NotInPack, Plan, load
from fangkong.science.rules.packs import SHIPPED
from fangkong.science.rules.resolver import RuleBook
from fangkong.science.rules.tests.pack_writer import write_pack

COVID = "covid-19"
EXPOSED_ON = date(2021, 10, 20)
EDITION_8 = EXPOSED_ON
EDITION_9 = date(2022, 6, 28)
TWENTY_MEASURES = date(2022, 11, 11)
TEN_MEASURES = date(2022, 12, 7)
CLASS_B = date(2023, 1, 8)


def october(*days: int) -> tuple[date, ...]:
    return tuple(date(2021, 10, day) for day in days)


def november(*days: int) -> tuple[date, ...]:
    return tuple(date(2021, 11, day) for day in days)


def exposed(disease: str = COVID, tier: str = "close", on: date = EXPOSED_ON) -> dict[str, object]:
    return {"disease": disease, "role": f"{tier}_contact", "last_exposure_on": on}


def plan_of(book: RuleBook, on: date = EDITION_8, tier: str = "close", exposed_on: date = EXPOSED_ON) -> Plan:
    plan = book.plan_for(exposed(tier=tier, on=exposed_on), on=on)
    assert isinstance(plan, Plan)
    return plan


def test_edition_8_close_contact_of_the_airport_cleaner(book: RuleBook) -> None:
    plan = plan_of(book)
    central, home = plan.stages
    assert (central.place, central.first_day, central.last_day) == ("central", *october(21), *november(3))
    assert central.test_days == october(21, 24, 27) + november(3)
    assert (home.place, home.first_day, home.last_day) == ("home_monitoring", *november(4), *november(10))
    assert home.test_days == november(5, 10)
    assert plan.release_rule == "two_samples_two_reagents_preferably_two_laboratories"
    assert plan.specimen == "nasopharyngeal"
    assert plan.transfer_within_hours == 12


def test_edition_8_secondary_contact_of_the_airport_cleaner(book: RuleBook) -> None:
    (stage,) = plan_of(book, tier="secondary").stages
    assert (stage.place, stage.first_day, stage.last_day) == ("central", *october(21), *october(27))


def test_edition_9(book: RuleBook) -> None:
    central, home = plan_of(book, EDITION_9).stages
    assert (central.first_day, central.last_day) == october(21, 27)
    assert central.test_days == october(21, 22, 23, 25, 27)
    assert (home.place, home.last_day, home.test_days) == ("home_monitoring", *october(30), october(30))


def test_twenty_measures(book: RuleBook) -> None:
    central, home = plan_of(book, TWENTY_MEASURES).stages
    assert (central.place, central.last_day) == ("central", *october(25))
    assert (home.place, home.last_day) == ("home_isolation", *october(28))


def test_secondary_contacts_are_no_longer_managed_from_the_twenty_measures_on(book: RuleBook) -> None:
    for on in (TWENTY_MEASURES, TEN_MEASURES, CLASS_B):
        plan = plan_of(book, on, tier="secondary")
        assert plan.stages == ()
        assert {use.part for use in plan.uses} == {"determine", "stages"}


def test_ten_measures_leave_the_choice_of_the_place(book: RuleBook) -> None:
    (home,) = plan_of(book, TEN_MEASURES).stages
    assert (home.place, home.choice) == ("home_isolation", "central_if_wished")
    assert (home.last_day, home.test_days) == (*october(25), october(25))


def test_class_b_management_asks_for_nothing_and_says_by_which_row(book: RuleBook) -> None:
    plan = plan_of(book, CLASS_B)
    assert (plan.stages, plan.test_days, plan.total_days, plan.last_day) == ((), (), 0, None)
    assert plan.decides_alone
    assert {document.document_id for document in plan.documents} == {"bb"}


def test_managed_days_fall_from_edition_to_edition(book: RuleBook) -> None:
    days = [
        plan_of(book, on).total_days for on in (EDITION_8, EDITION_9, TWENTY_MEASURES, TEN_MEASURES, CLASS_B)
    ]
    assert days == [21, 10, 8, 5, 0]


@pytest.mark.parametrize("later", [1, 29, 133])
@pytest.mark.parametrize("on", [EDITION_8, EDITION_9, TWENTY_MEASURES, TEN_MEASURES, CLASS_B])
def test_a_later_exposure_moves_every_day_by_as_much(book: RuleBook, on: date, later: int) -> None:
    shift = timedelta(days=later)
    plan, moved = plan_of(book, on), plan_of(book, on, exposed_on=EXPOSED_ON + shift)
    assert [(stage.first_day + shift, stage.last_day + shift) for stage in plan.stages] == [
        (stage.first_day, stage.last_day) for stage in moved.stages
    ]
    assert tuple(day + shift for day in plan.test_days) == moved.test_days
    assert (plan.total_days, plan.rules) == (moved.total_days, moved.rules)


def test_a_plan_on_an_unverified_row_waits_for_a_person(book: RuleBook) -> None:
    plan = plan_of(book)
    assert plan.confidence == "unverified"
    assert not plan.decides_alone
    assert [use.part for use in plan.to_confirm] == ["day0"]
    assert plan.to_confirm[0].rule_row.startswith("covid19-cn-control-plan:clock.day0:")
    assert "unverified" in plan.to_confirm[0].flags


def test_a_plan_on_verified_rows_decides_alone(book: RuleBook) -> None:
    plan = plan_of(book, TEN_MEASURES)
    assert (plan.confidence, plan.decides_alone, plan.unanswered) == ("verified", True, ())


def test_a_plan_cites_titles_and_law(book: RuleBook) -> None:
    plan = plan_of(book)
    assert [document.title_zh for document in plan.documents] == ["新型冠状病毒肺炎防控方案（第八版）"]
    assert plan.legal_basis
    assert {use.part for use in plan.uses} == {
        "day0",
        "stages",
        "test_days",
        "release_rule",
        "specimen",
        "transfer_within_hours",
    }


def test_tests_that_the_packs_do_not_hold_are_unknown_not_none(book: RuleBook) -> None:
    plan = plan_of(book, date(2020, 3, 1))
    assert [stage.test_days for stage in plan.stages] == [None]
    assert "contact.close.test_days" in {answer.asked.key for answer in plan.unanswered}
    assert not plan.decides_alone


def test_a_plan_before_the_first_row_is_not_in_the_packs(book: RuleBook) -> None:
    answer = book.plan_for(exposed(tier="secondary", on=date(2020, 3, 1)), on=date(2020, 3, 1))
    assert isinstance(answer, NotInPack)
    assert answer.next_row is not None
    assert answer.next_row.document.document_id == "ed8"


def test_a_disease_without_quarantine_rows_is_not_given_those_of_another(book: RuleBook) -> None:
    answer = book.plan_for(exposed("dengue"), on=EXPOSED_ON)
    assert isinstance(answer, NotInPack)
    assert (answer.last_row, answer.next_row) == (None, None)


def test_an_unknown_role_is_refused_with_what_is_near(book: RuleBook) -> None:
    with pytest.raises(InputError) as refusal:
        book.plan_for(exposed(tier="closed"), on=EXPOSED_ON)
    assert refusal.value.code == "rules.role_unknown"
    assert "close_contact" in refusal.value.params["near"]


CLOSE = {"person": "close_contact"}


def tiny_rows() -> list[dict[str, object]]:
    """Edition 8 in five rows, under invented dates."""
    stages = [{"place": "central", "days": 14}, {"place": "home_monitoring", "days": 7}]
    tests = {"central": [1, 4, 7, 14], "home_monitoring": [2, 7]}
    return [
        {"key": "clock.day0", "unit": "event", "value": "last_unprotected_exposure", "scope": CLOSE},
        {"key": "contact.close.determine", "unit": "bool", "value": True},
        {"key": "contact.close.stages", "value": stages, "scope": CLOSE},
        {"key": "contact.close.test_days", "unit": "day", "value": tests, "scope": CLOSE},
        {"key": "contact.close.release_rule", "unit": "rule", "value": "single_negative", "scope": CLOSE},
    ]


def test_a_disease_of_another_name_with_the_same_rows_gets_the_same_plan(book: RuleBook, tmp_path) -> None:
    write_pack(tmp_path, "river-fever", disease="river-fever", rows=tiny_rows())
    tiny = load(SHIPPED, tmp_path)
    other = tiny.plan_for(exposed("river-fever"), on=date(2030, 5, 1))
    assert isinstance(other, Plan)
    assert other.stages == plan_of(book).stages
    assert other.decides_alone


def test_test_days_that_fit_no_stage_are_shown(tmp_path) -> None:
    rows = tiny_rows()
    rows[3]["value"] = {"central": [1, 15], "hospital": [2]}
    write_pack(tmp_path, "river-fever", disease="river-fever", rows=rows)
    plan = load(SHIPPED, tmp_path).plan_for(exposed("river-fever"), on=date(2030, 5, 1))
    assert isinstance(plan, Plan)
    assert plan.unplaced_tests == (("central", 15), ("hospital", 2))
    assert not plan.decides_alone


def test_stages_beside_a_rule_that_determines_no_contacts_are_a_conflict(tmp_path) -> None:
    rows = tiny_rows()
    rows[1]["value"] = False
    write_pack(tmp_path, "river-fever", disease="river-fever", rows=rows)
    answer = load(SHIPPED, tmp_path).plan_for(exposed("river-fever"), on=date(2030, 5, 1))
    assert isinstance(answer, Conflict)


def clock_of(tmp_path, event: str) -> RuleBook:
    rows = tiny_rows()
    rows[0]["value"] = event
    write_pack(tmp_path, "river-fever", disease="river-fever", rows=rows)
    return load(SHIPPED, tmp_path)


def test_a_clock_that_counts_from_another_event_asks_for_its_date(tmp_path) -> None:
    book = clock_of(tmp_path, "rash_onset")
    with pytest.raises(InputError) as refusal:
        book.plan_for(exposed("river-fever"), on=date(2030, 5, 1))
    assert refusal.value.code == "rules.situation_date_needed"
    assert refusal.value.params["field"] == "rash_onset_on"
    plan = book.plan_for({**exposed("river-fever"), "rash_onset_on": date(2030, 4, 30)}, on=date(2030, 5, 1))
    assert isinstance(plan, Plan)
    assert plan.first_day == date(2030, 5, 1)


def test_a_clock_that_counts_from_an_event_without_a_date_is_refused(tmp_path) -> None:
    with pytest.raises(InputError, match=r"rules\.day0_other_event"):
        clock_of(tmp_path, "full_moon").plan_for(exposed("river-fever"), on=date(2030, 5, 1))
