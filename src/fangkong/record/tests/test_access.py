"""Scope: what lies outside it looks exactly like what is not there."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from fangkong.core.areas import canonical_code, code_ranges, contains, level_of, parent_of
from fangkong.core.errors import Forbidden
from fangkong.record.access import Actor, actor_of, system_actor, visible, visible_people
from fangkong.record.access.actor import roles
from fangkong.record.actions import user_create
from fangkong.record.load import load
from fangkong.record.models import Case, Person, PersonArea

NOW = datetime(2022, 4, 18, tzinfo=UTC)


def in_area(code: str, role: str = "district_officer") -> Actor:
    return actor_of(
        user_create(f"u{code}", "x" * 12, role=role, area_code=code, display_name="x", actor="test")
    )


@pytest.fixture
def two_city_life(db) -> None:
    """One person at home in 990101, at work in 990201; a case counted at home."""
    load(Person, [{"key": "p1"}], actor="t", source_key="s", known_from=NOW)
    ties = [
        {"key": "t1", "person_key": "p1", "kind": "home", "area_code": "990101001"},
        {"key": "t2", "person_key": "p1", "kind": "work", "area_code": "990201002"},
    ]
    load(PersonArea, ties, actor="t", source_key="s", known_from=NOW)
    case = {
        "key": "c1",
        "case_no": "1",
        "person_key": "p1",
        "disease": "d",
        "area_code": "990101001",
        "classification": "confirmed",
        "reported_on": date(2022, 4, 17),
    }
    load(Case, [case], actor="t", source_key="s", known_from=NOW)


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("990101", 1),
        ("9901", 1),
        ("990201", 1),
        ("9902", 1),
        ("990102", 0),
        ("990202", 0),
        ("99", 1),
        ("31", 0),
    ],
)
def test_a_two_city_life_is_seen_by_both_and_nobody_else(two_city_life, code, found):
    assert visible_people(Person.objects.open(), in_area(code)).count() == found
    assert visible(Case.objects.open(), in_area(code)).count() == found


def test_a_person_without_a_scope_sees_nothing(two_city_life):
    nobody = Actor("u", "district_officer", "", frozenset({"case.read"}), "no")
    assert visible(Case.objects.open(), nobody).count() == 0


def test_the_system_sees_everything(two_city_life):
    assert visible(Case.objects.open(), system_actor("cli")).count() == 1


def test_a_refusal_says_who_may(db):
    with pytest.raises(Forbidden) as refused:
        in_area("990101").require("order.decide")
    assert refused.value.params["roles"] == ["health_authority"]


def test_a_right_role_in_the_wrong_area_is_refused(db):
    with pytest.raises(Forbidden, match="not_your_area"):
        in_area("990101", "health_authority").require("order.decide", "990102001")


def test_no_role_both_signs_the_report_and_decides_orders_on_people():
    both = [role for role, entry in roles().items() if {"report.sign", "order.decide"} <= set(entry["may"])]
    assert both == []


@pytest.mark.parametrize(
    ("code", "level", "parent"),
    [
        ("CN", "country", ""),
        ("31", "province", "CN"),
        ("3101", "city", "31"),
        ("310115", "district", "3101"),
        ("310115001", "street", "310115"),
        ("310115001002003004", "building", "310115001002003"),
    ],
)
def test_the_code_is_the_tree(code, level, parent):
    assert (level_of(code), parent_of(code)) == (level, parent)
    assert parent == "" or contains(parent, code)


@pytest.mark.parametrize("bad", ["", "3", "311", "31011", "Shanghai", "３１", "CN1"])
def test_what_is_no_code_is_refused(bad):
    with pytest.raises(ValueError, match="not an area code"):
        level_of(bad)


def test_neighbours_are_not_inside():
    assert not contains("990103", "990104")
    assert not contains("990103", "9901")
    assert canonical_code("310000") == "31"
    assert code_ranges("CN") == [("CN", "CO"), ("0", ":")]
