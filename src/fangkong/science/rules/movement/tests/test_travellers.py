"""What applies to me: one sentence's data for an address, a day and a journey."""

from __future__ import annotations

from datetime import date

from fangkong.science.rules.movement.travellers import applies_to_me
from fangkong.science.rules.resolver import RuleBook

COVID = "covid-19"
HERE, THERE = "320100", "CN-3205"


def codes(book: RuleBook, on: date, risk: str | None, **more) -> list[str]:
    found = applies_to_me(book, address_area=HERE, area_risk=risk, on=on, disease=COVID, **more)
    return [duty.code for duty in found.duties]


def test_from_a_high_risk_area_in_edition_9_nobody_leaves_and_arrival_means_seven_days(
    book: RuleBook,
) -> None:
    found = applies_to_me(
        book, address_area=HERE, area_risk="high", on=date(2022, 7, 6), disease=COVID, journey_to=THERE
    )
    assert found.may_leave is False
    assert [duty.code for duty in found.duties] == [
        "applies.regime.stay_home_door_service",
        "applies.stage.central",
    ]
    stage = found.duties[1].params
    assert (stage["days"], stage["first_day"], stage["last_day"]) == (7, "2022-07-07", "2022-07-13")
    assert stage["test_days"] == ("2022-07-07", "2022-07-08", "2022-07-09", "2022-07-11", "2022-07-13")
    assert found.duties[1].area == "CN-3205"
    assert all(duty.row for duty in found.duties)


def test_the_same_journey_under_the_later_editions(book: RuleBook) -> None:
    assert codes(book, date(2022, 11, 25), "high", journey_to=THERE) == [
        "applies.regime.stay_home_door_service",
        "applies.stage.home_isolation",
        "applies.landing_test",
    ]
    assert codes(book, date(2022, 12, 20), "high", journey_to=THERE) == [
        "applies.regime.stay_home_door_service",
        "applies.no_check_on_the_way",
    ]
    assert codes(book, date(2023, 2, 1), None, journey_to=THERE) == ["applies.no_check_on_the_way"]


def test_a_train_is_a_step_of_its_own(book: RuleBook) -> None:
    on = date(2022, 11, 25)
    found = applies_to_me(
        book,
        address_area=HERE,
        area_risk="low",
        on=on,
        disease=COVID,
        journey_to=THERE,
        transport="plane_train",
    )
    assert [(duty.step, duty.params.get("hours")) for duty in found.duties] == [
        ("here", None),
        ("leaving", 48),
        ("on_the_way", 48),
        ("arriving", None),
    ]
    assert found.may_leave is True


def test_an_inbound_traveller_has_stages_of_their_own(book: RuleBook) -> None:
    found = applies_to_me(
        book,
        address_area=HERE,
        area_risk=None,
        on=date(2022, 7, 6),
        disease=COVID,
        journey_to=THERE,
        role="inbound_traveller",
        left_on=date(2022, 7, 5),
    )
    stages = [duty.params for duty in found.duties if duty.code.startswith("applies.stage.")]
    assert [(stage["place"], stage["first_day"], stage["last_day"]) for stage in stages] == [
        ("central", "2022-07-06", "2022-07-12"),
        ("home_monitoring", "2022-07-13", "2022-07-15"),
    ]


def test_staying_at_home_in_an_area_without_level_means_nothing_applies(book: RuleBook) -> None:
    assert codes(book, date(2022, 7, 6), None) == ["applies.nothing"]


def test_what_the_packs_do_not_hold_is_passed_on(book: RuleBook) -> None:
    found = applies_to_me(
        book, address_area=HERE, area_risk="orange", on=date(2022, 7, 6), disease=COVID, journey_to=THERE
    )
    assert found.duties[0].code == "applies.not_in_pack"
    assert {each.asked.key for each in found.basis.unanswered} >= {"area.regime", "travel.stages"}
    assert not found.basis.decides_alone
