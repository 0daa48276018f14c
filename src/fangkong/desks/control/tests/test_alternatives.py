"""The smallest lawful extent beside orders to stay in, on places and on journeys: by rule, record or count."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from fangkong.core.errors import InputError
from fangkong.desks.control.actions import Extent, order_propose_for_group
from fangkong.desks.control.alternatives import Alternative, Spread, smallest_alternative
from fangkong.record.load import load
from fangkong.record.models import Area, Case, Order
from fangkong.science.rules.areas.smallest_unit import AvertedCases, NoAverted

from .people import clock, colleague

pytestmark = pytest.mark.django_db

STREET, COMPOUND = "990101001", "990101001001001"
BUILDING = f"{COMPOUND}007"


def record(*areas: tuple[str, str, int], case_in: str = "") -> None:
    """Areas with their level and people, and a case at one place."""
    known = clock("2022-07-01")
    rows = [{"key": key, "level": level, "name_zh": key, "population": n} for key, level, n in areas]
    load(Area, rows, actor="test", source_key="t", known_from=known)
    if case_in:
        row = {"key": "case-1", "case_no": "1", "person_key": "p", "disease": "covid-19"}
        row |= {"area_code": case_in, "classification": "confirmed", "reported_on": date(2022, 7, 1)}
        load(Case, [row], actor="test", source_key="t", known_from=known)


def beside(
    kind: str,
    day: str = "2022-07-11",
    *,
    area: str = STREET,
    unit: str = "street",
    people: int = 10_000,
    spread: Spread | None = None,
    **more: Any,
) -> Alternative:
    """The alternative beside an order of five days."""
    actor, at, first = colleague("district_officer", area[:6]), clock(day), date.fromisoformat(day)
    key = order_propose_for_group(
        kind,
        disease="covid-19",
        area_code=area,
        extent=Extent(unit, 100, people, more=more),
        starts_on=first,
        expires_on=first + timedelta(days=4),
        evidence="a case",
        proportionality_note="why not less",
        legal_basis="notice of the county",
        actor=actor,
        at=at,
    ).order_key
    order = Order.objects.open().get(key=key)
    found = smallest_alternative(order, actor=actor, at=at, spread=spread)
    assert found is not None
    return found


def test_to_stay_in_is_the_building_of_the_case_not_the_street():
    record(
        (STREET, "street", 10_000),
        (COMPOUND, "compound", 2600),
        (BUILDING, "building", 240),
        case_in=BUILDING,
    )
    found = beside("stay_in")
    assert found.comparison is not None
    assert [(unit.code, unit.persons) for unit in found.units] == [(BUILDING, 240)]
    assert (found.comparison.wider_person_days, found.comparison.smallest_person_days) == (50_000, 1_200)
    assert found.source == "record"
    # The units are those of the level whose people may not leave: the rules of the day say which.
    assert found.allowed is not None
    assert found.rows


def test_where_no_row_names_a_unit_every_narrower_one_is_lawful_and_no_wider_one():
    later = "2026-03-01"
    record((COMPOUND, "compound", 2600), case_in=BUILDING)
    found = beside("stay_in", later)
    assert (found.allowed, found.note) == (None, "alternative.any_narrower")
    assert [unit.kind for unit in found.units] == ["compound"]
    wider = beside(
        "stay_in",
        later,
        area=BUILDING,
        unit="building",
        people=240,
        smaller_unit="street",
        smaller_residents=9,
    )
    assert wider.why == "alternative.unit_too_wide"


def test_a_place_without_a_count_has_no_figure():
    assert beside("closure", unit="market", people=900).why == "alternative.no_part_known"
    assert beside("closure", unit="market", people=0).why == "alternative.nobody_counted"
    counted = {"smaller_unit": "market", "smaller_residents": 100}
    assert beside("closure", unit="hall", people=900, **counted).why == "alternative.part_too_wide"


@pytest.mark.parametrize("kind", ["closure", "disinfection"])
def test_a_counted_hall_stands_beside_the_market(kind):
    found = beside(kind, unit="market", people=900, smaller_unit="hall", smaller_residents=120)
    assert found.comparison is not None
    assert (found.source, found.comparison.extra_person_days) == ("stated", 3_900)


@pytest.mark.parametrize(
    ("kind", "day", "codes"),
    [
        ("checkpoint", "2022-07-11", ["from_risk", "from_risk"]),
        ("checkpoint", "2022-11-14", ["from_risk"]),
        ("freight", "2022-07-11", ["test_older"]),
    ],
)
def test_a_journey_is_held_against_those_whom_the_rules_of_the_day_let_be_limited(kind, day, codes):
    found = beside(kind, day, smaller_residents=300)
    assert [each.code.rpartition(".")[2] for each in found.classes] == codes
    assert found.comparison is not None
    assert found.comparison.smallest_person_days == 1_500
    assert found.rows


def test_commuters_are_those_of_the_two_ends_where_a_city_has_a_row_and_unknown_elsewhere():
    found = beside("commuting", area="320509", unit="district", smaller_residents=300)
    assert [each.code for each in found.classes] == ["area_orders.class.commuters"]
    assert beside("commuting", "2022-07-12", smaller_residents=300).why == "alternative.classes_unknown"


def test_a_class_nobody_counted_has_no_figure_and_no_figure_is_invented():
    assert beside("checkpoint").why == "alternative.class_not_counted"
    assert beside("commuting", "2019-01-07").why == "alternative.classes_unknown"


def test_when_the_rules_hold_nobody_the_smallest_set_is_nobody():
    found = beside("checkpoint", "2022-12-20")
    assert found.comparison is not None
    assert (found.source, found.units, found.comparison.smallest_person_days) == ("rules", (), 0)


def test_averted_cases_need_a_round_and_a_spread():
    hall = {"smaller_unit": "hall", "smaller_residents": 100, "unit": "market", "people": 1_100}
    tested = {"round_on": "2022-07-10", "round_tested": 1000, "round_positive": 5}
    spread = Spread((0.8, 1.2, 1.6), 3.0)

    def averted(**changes: Any) -> Any:
        found = beside("closure", **hall, **changes)
        assert found.comparison is not None
        return found.comparison.averted

    assert averted(spread=spread) == NoAverted("averted.no_round")
    assert averted(**tested) == NoAverted("averted.no_rt")
    found = averted(**tested, spread=spread)
    assert isinstance(found, AvertedCases)
    assert found.central == pytest.approx(0.005 * 1000 * 1.2 * 5 / 3)
    assert found.low < found.central < found.high


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"smaller_residents": 10_001}, "smaller_not_smaller"),
        ({"round_tested": 10, "round_positive": 11}, "round_wrong"),
        ({"round_tested": 0, "round_positive": 0}, "round_wrong"),
    ],
)
def test_counts_that_cannot_be_are_refused(more, code):
    with pytest.raises(InputError, match=code):
        beside("checkpoint", **more)
