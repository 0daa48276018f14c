"""Orders on many people: signed by the rank the rules ask for, gated, checked for over-reach, and ending."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from fangkong.core.errors import Conflict, Forbidden, InputError
from fangkong.desks.control.actions import (
    Extent,
    order_approve,
    order_gates_meet,
    order_propose,
    order_propose_for_group,
    order_renew,
    orders_supersede_earlier,
    risk_area_facts_note,
    risk_area_step,
    risk_area_step_take,
)
from fangkong.desks.control.gates import gates_of
from fangkong.desks.control.queries import order_get
from fangkong.record.access import system_actor
from fangkong.record.load import load
from fangkong.record.models import Case, Order

from .people import clock, colleague

pytestmark = pytest.mark.django_db

COUNTY, CITY, PROVINCE = "990101", "9901", "99"
BUILDING = "990101001001001007"
GATES: dict[str, Any] = {
    "food": 90,
    "medicine": 90,
    "open_exits": "both doors, wardens named",
    "evacuation_plan": "plan 3",
    "medical_channel": "120, side gate",
}


def propose(
    day: str = "2022-11-14", *, days: int = 5, area: str = BUILDING, actor: Any = None, **changes: Any
):
    at = clock(day)
    given: dict[str, Any] = {
        "disease": "covid-19",
        "area_code": area,
        "extent": Extent(
            unit="building", households=80, residents=240, level="high", infections=("found_in_community",)
        ),
        "starts_on": date.fromisoformat(day),
        "expires_on": date.fromisoformat(day) + timedelta(days=days - 1),
        "evidence": "one case on the third floor, found in the community",
        "proportionality_note": "the building alone: no other building shares its entrance",
        "gates": GATES,
    }
    kind = changes.pop("kind", "risk_area")
    return order_propose_for_group(
        kind, actor=actor or colleague("district_officer", COUNTY), at=at, **{**given, **changes}
    )


def case(day: str) -> None:
    """A confirmed case in the building, known the same morning."""
    row = {
        "key": "case-1",
        "case_no": "1",
        "person_key": "p",
        "disease": "covid-19",
        "area_code": BUILDING,
        "classification": "confirmed",
        "reported_on": date.fromisoformat(day),
    }
    load(Case, [row], actor="test", source_key="t", known_from=clock(day, "08:00"))


def codes(key: str) -> list[str]:
    return [finding["code"] for finding in Order.objects.open().get(key=key).findings if finding["blocks"]]


class TestWhoSigns:
    def test_a_whole_county_needs_the_prefecture(self):
        """Scenario 6: a county may not close itself; the city's co-chair may."""
        key = propose(
            "2022-07-11",
            area=COUNTY,
            kind="stay_in",
            extent=Extent(unit="district", households=80, residents=400_000, level="high"),
        ).order_key
        order = Order.objects.open().get(key=key)
        assert order.required_rank == "prefecture"
        assert order.details["restricted_person_days"] == 2_000_000
        with pytest.raises(Forbidden, match="rank_too_low") as refused:
            order_approve(
                key, actor=colleague("co_chair", COUNTY), at=clock("2022-07-11", "16:00"), reason="x"
            )
        assert refused.value.params["required_rank"] == "prefecture"

    def test_a_whole_city_needs_the_province(self):
        city = Extent(unit="city", households=80, residents=3_000_000, level="high")
        officer = colleague("duty_officer", CITY)
        key = propose("2022-07-11", area=CITY, kind="stay_in", extent=city, actor=officer).order_key
        assert Order.objects.open().get(key=key).required_rank == "province"
        with pytest.raises(Forbidden, match="rank_too_low"):
            order_approve(key, actor=colleague("co_chair", CITY), at=clock("2022-07-11", "16:00"), reason="x")

    def test_people_s_orders_and_areas_are_signed_by_different_hands(self):
        key = propose().order_key
        with pytest.raises(Forbidden):
            order_approve(
                key, actor=colleague("health_authority"), at=clock("2022-11-14", "16:00"), reason="x"
            )


class TestGates:
    def test_every_open_gate_is_named_and_stops_the_start(self):
        key = propose(gates={}).order_key
        chair = colleague("co_chair", PROVINCE)
        with pytest.raises(Conflict, match="gates_missing") as refused:
            order_approve(key, actor=chair, at=clock("2022-11-14", "16:00"), reason="x")
        assert refused.value.params["gates"] == list(gates_of("risk_area"))

    def test_food_must_reach_every_household_inside(self):
        officer = colleague("district_officer", COUNTY)
        key = propose(gates=GATES | {"food": 79}, actor=officer).order_key
        assert order_gates_meet(
            key, gates={"open_exits": "wardens"}, actor=officer, at=clock("2022-11-14", "15:00")
        ) == ["food"]
        assert order_gates_meet(key, gates={"food": 80}, actor=officer, at=clock("2022-11-14", "15:10")) == []

    def test_with_all_gates_the_building_is_closed_until_its_last_day(self):
        key = propose().order_key
        order_approve(
            key, actor=colleague("co_chair", PROVINCE), at=clock("2022-11-14", "16:00"), reason="read"
        )
        order = order_get(key, actor=colleague("oversight"), at=clock("2022-11-15"))
        assert (order.state, order.expires_on, order.issuer_rank) == (
            "approved",
            date(2022, 11, 18),
            "province",
        )

    @pytest.mark.parametrize(("gate", "value"), [("food", -1), ("food", "plenty"), ("moat", "x")])
    def test_a_gate_is_met_by_what_it_asks_for(self, gate, value):
        with pytest.raises(InputError, match="gate_"):
            propose(gates={gate: value})


class TestOverReach:
    def test_a_compound_is_too_wide_once_the_unit_is_the_building(self):
        wide = Extent(
            unit="compound", households=80, residents=3000, level="high", infections=("found_in_community",)
        )
        key = propose(extent=wide).order_key
        assert any("unit_too_wide" in code for code in codes(key))
        with pytest.raises(Conflict, match="over_reach"):
            order_approve(
                key, actor=colleague("co_chair", PROVINCE), at=clock("2022-11-14", "16:00"), reason="x"
            )

    def test_the_medium_level_is_gone_after_the_twenty_measures(self):
        medium = Extent(
            unit="building", households=80, residents=240, level="medium", infections=("found_in_community",)
        )
        assert codes(propose(extent=medium).order_key)

    def test_a_low_risk_venue_stays_open(self):
        shop = Extent(unit="building", households=0, residents=0, more={"venue_risk": "low"})
        key = propose(
            "2022-07-11",
            kind="closure",
            extent=shop,
            subject_key="place-1",
            legal_basis="notice of the county",
        ).order_key
        assert "overreach.close_low_risk_venues" in codes(key)

    def test_longer_than_the_rule_is_found_in_a_person_s_order_too(self):
        from .people import contact, person

        at = clock("2022-07-11")
        person("person-1", COUNTY, known=at)
        contact(known=at, last=date(2022, 7, 10))
        key = order_propose(
            "quarantine",
            person_key="person-1",
            disease="covid-19",
            area_code=COUNTY,
            reason_key="contact-1",
            place="central",
            starts_on=date(2022, 7, 11),
            expires_on=date(2022, 7, 24),
            legal_basis="notice of the county",
            actor=colleague("district_officer", COUNTY),
            at=at,
        ).order_key
        assert "overreach.lengthen_isolation_or_monitoring" in codes(key)

    def test_a_person_without_case_result_or_exposure_is_never_ordered_about(self):
        with pytest.raises(InputError, match="fact_needed"):
            order_propose(
                "quarantine",
                person_key="person-9",
                disease="covid-19",
                area_code=COUNTY,
                reason_key="companion-1",
                place="central",
                starts_on=date(2022, 7, 11),
                expires_on=date(2022, 7, 12),
                legal_basis="x",
                actor=colleague("district_officer", COUNTY),
                at=clock("2022-07-11"),
            )


class TestWhatEveryOrderCarries:
    @pytest.mark.parametrize(
        ("missing", "code"),
        [({"evidence": " "}, "evidence_needed"), ({"proportionality_note": ""}, "proportionality_needed")],
    )
    def test_evidence_and_proportionality(self, missing, code):
        with pytest.raises(InputError, match=code):
            propose(**missing)

    def test_an_end_within_the_safeguard(self):
        with pytest.raises(InputError, match="too_long"):
            propose(days=15)

    def test_a_basis(self):
        with pytest.raises(InputError, match="basis_needed"):
            propose("2019-01-07", kind="freight", extent=Extent(unit="city", households=0, residents=0))

    def test_the_platform_proposes_no_order_on_many_people(self):
        with pytest.raises(Forbidden, match="system_never_decides"):
            propose(actor=system_actor("reaction"))

    def test_a_renewal_is_a_new_order_for_somebody_else_to_sign(self):
        key = propose().order_key
        chair = colleague("co_chair", PROVINCE)
        order_approve(key, actor=chair, at=clock("2022-11-14", "16:00"), reason="read")
        officer = colleague("district_officer", COUNTY, name="second")
        renewed = order_renew(
            key, expires_on=date(2022, 11, 20), reason="a new case", actor=officer, at=clock("2022-11-17")
        )
        order = Order.objects.open().get(key=renewed.order_key)
        assert (order.starts_on, order.state, order.follows_key) == (date(2022, 11, 19), "proposed", key)


def test_a_renewal_is_checked_for_its_own_days():
    """Five days are what the rule gives after the last case; five more need a new one."""
    case("2022-11-14")
    key = propose(days=6).order_key
    order_approve(key, actor=colleague("co_chair", PROVINCE), at=clock("2022-11-14", "16:00"), reason="read")
    officer = colleague("district_officer", COUNTY, name="second")
    at = clock("2022-11-18")
    renewed = order_renew(key, expires_on=date(2022, 11, 24), reason="to be safe", actor=officer, at=at)
    assert "overreach.extend_area_control_time" in codes(renewed.order_key)


class TestLifeOfARiskArea:
    @pytest.fixture
    def area(self) -> str:
        """A high-risk building of the ninth edition with its last case on the day it was set."""
        case("2022-07-04")
        key = propose("2022-07-04", days=8).order_key
        chair = colleague("co_chair", PROVINCE)
        order_approve(key, actor=chair, at=clock("2022-07-04", "16:00"), reason="read in the plan")
        return key

    def test_it_stays_while_a_condition_is_open(self, area):
        chair = colleague("co_chair", PROVINCE, name="other")
        with pytest.raises(Conflict, match="no_step_due") as refused:
            risk_area_step_take(area, expires_on=date(2022, 7, 14), actor=chair, at=clock("2022-07-11"))
        assert refused.value.params["conditions"] == ["areas.condition.full_round_negative_on_day"]

    def test_high_comes_down_to_medium_after_seven_days_and_a_clear_round(self, area):
        officer = colleague("district_officer", COUNTY, name="second")
        at = clock("2022-07-11")
        risk_area_facts_note(area, full_round_negative_on=date(2022, 7, 11), actor=officer, at=at)
        order = Order.objects.open().get(key=area)
        step = risk_area_step(order, actor=officer, at=at + timedelta(minutes=1))
        assert (step.action, step.to_level) == ("downgrade", "medium")
        chair = colleague("co_chair", PROVINCE, name="other")
        made = risk_area_step_take(
            area, expires_on=date(2022, 7, 14), actor=chair, at=at + timedelta(minutes=2)
        )
        successor = Order.objects.open().get(key=made.order_key)
        assert (successor.details["level"], successor.state) == ("medium", "proposed")
        third = colleague("co_chair", PROVINCE, name="third")
        order_approve(successor.key, actor=third, at=at + timedelta(minutes=3), reason="clear round")
        assert orders_supersede_earlier(successor.key, actor=third, at=at + timedelta(minutes=4)) == 1
        assert Order.objects.open().get(key=area).state == "superseded"

    def test_the_lower_level_is_held_no_longer_than_its_rule(self, area):
        officer = colleague("district_officer", COUNTY, name="second")
        at = clock("2022-07-11")
        risk_area_facts_note(area, full_round_negative_on=date(2022, 7, 11), actor=officer, at=at)
        chair = colleague("co_chair", PROVINCE, name="other")
        made = risk_area_step_take(
            area, expires_on=date(2022, 7, 16), actor=chair, at=at + timedelta(minutes=2)
        )
        assert "overreach.extend_area_control_time" in codes(made.order_key)

    def test_areas_end_when_the_edition_has_none_left(self):
        case("2023-01-04")
        key = propose("2023-01-04", days=5).order_key
        chair = colleague("co_chair", PROVINCE)
        order_approve(key, actor=chair, at=clock("2023-01-04", "16:00"), reason="read in the plan")
        assert risk_area_step_take(key, actor=chair, at=clock("2023-01-08")).code == "area_lapse"
        assert Order.objects.open().get(key=key).state == "withdrawn"
