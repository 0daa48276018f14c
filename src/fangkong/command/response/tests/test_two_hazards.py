"""Scenario 13: flood alert at 22:00, an isolation site of 120 in the zone; the evacuation beats the stay-in rule."""

from __future__ import annotations

import json
from datetime import date

import pytest

from fangkong.command.directives.tests.offices import OTHER, WORKER
from fangkong.command.reactions.running import react
from fangkong.command.response.actions import level_record, plan_end, site_add, yields_refresh, yields_suspend
from fangkong.command.response.queries import orders_that_yield, orders_would_yield, run_yielding
from fangkong.command.response.yield_rules import evacuation_hazards, row_of, yield_rule
from fangkong.core.errors import Conflict, Forbidden, InputError
from fangkong.desks.control.actions import order_lapse_due
from fangkong.desks.control.tests.people import clock
from fangkong.record.models import Event, Order, Task

from .flooded import (
    CITY,
    DISTRICT,
    SAFE_STREET,
    SITE_STREET,
    after,
    approved,
    health,
    level,
    proposer,
    quarantined,
    run,
    start,
    states,
)

pytestmark = pytest.mark.django_db


def evacuation(**more) -> str:
    return start(approved(), area_code=SITE_STREET, **more)


def test_the_orders_to_stay_in_the_flood_zone_yield_by_a_row_of_law():
    inside = quarantined(120)
    quarantined(7, area=SAFE_STREET)
    key = evacuation()
    assert {each["order_key"] for each in run(key).yields} == set(inside)
    assert {each["reason"] for each in run(key).yields} == {"evacuation_beats_stay_in"}
    [row] = {each["rule_row"] for each in run(key).yields}
    assert row.startswith("cn-response-levels:command.emergency_powers")


def test_since_the_law_of_2025_another_row_decides_and_without_any_the_safeguard():
    rule = yield_rule("flood")
    assert rule is not None
    assert "response.measures" in row_of(rule, on=date(2026, 7, 1), area_code=CITY)
    assert row_of(rule, on=date(2005, 7, 1), area_code=CITY) == "office:exception_disaster"
    assert "epidemic" not in evacuation_hazards()


def test_nothing_is_suspended_by_itself():
    quarantined(3)
    evacuation()
    react(actor=WORKER)
    yields_refresh(after(0.1), actor=WORKER)
    assert set(states().values()) == {"approved"}
    task = Task.objects.open().get(kind="suspend_for_evacuation")
    assert (task.owner_role, task.params["n"]) == ("health_authority", 3)


def test_rooms_are_counted_and_a_second_site_is_found_outside_the_danger():
    quarantined(100)
    quarantined(20, kind="isolation")
    quarantined(5, area=f"{SITE_STREET}001", stages=[{"place": "home", "first_on": "2022-07-16"}])
    key = evacuation()
    by = {"actor": proposer(), "at": after(0.2)}
    found = run_yielding(run(key), actor=health(), at=after(0.1))
    assert (found.orders, found.rooms_needed, found.rooms_lacking) == (125, 120, 120)
    assert found.cohorts == {"cases": 20, "contacts": 105}
    with pytest.raises(InputError, match="site_in_danger"):
        site_add(key, name="原隔离点二号楼", area_code=f"{SITE_STREET}002", rooms=300, **by)
    with pytest.raises(InputError, match="site_rooms"):
        site_add(key, name="学校宿舍", area_code=SAFE_STREET, rooms=0, **by)
    site_add(key, name="学校宿舍", area_code=SAFE_STREET, rooms=90, **by)
    assert run_yielding(run(key), actor=health(), at=after(0.3)).rooms_lacking == 30
    site_add(key, name="会展酒店", area_code=SAFE_STREET, rooms=40, **(by | {"at": after(0.4)}))
    assert run_yielding(run(key), actor=health(), at=after(0.5)).rooms_lacking == 0


def test_a_person_with_the_right_suspends_them_and_twice_is_once():
    keys = quarantined(120)
    quarantined(2, area=SAFE_STREET)
    key = evacuation()
    with pytest.raises(Forbidden, match="not_your_role"):
        yields_suspend(key, reason="撤离", actor=proposer(), at=after(0.3))
    with pytest.raises(Forbidden, match="system_never_acts"):
        yields_suspend(key, reason="撤离", actor=WORKER, at=after(0.3))
    with pytest.raises(InputError, match="not_yielding"):
        yields_suspend(
            key,
            reason="撤离",
            order_keys=[f"order-quarantine-{SAFE_STREET}-000"],
            actor=health(),
            at=after(0.3),
        )
    assert yields_suspend(key, reason="洪水撤离", order_keys=keys[:20], actor=health(), at=after(0.3)) == 20
    assert yields_suspend(key, reason="洪水撤离", actor=health(), at=after(0.4)) == 100
    assert yields_suspend(key, reason="洪水撤离", actor=health(), at=after(0.5)) == 0
    assert sum(state == "suspended" for state in states().values()) == 120
    found = run_yielding(run(key), actor=health(), at=after(1))
    assert (found.suspended, found.approved) == (120, 0)
    order = Order.objects.open().get(key=keys[0])
    assert (order.change_reason, order.changed_by) == ("洪水撤离", health().key)


def test_an_order_approved_during_the_flood_is_found_too():
    key = evacuation()
    assert run(key).yields == []
    quarantined(2)
    assert yields_refresh(after(0.1), actor=WORKER) == 2
    assert yields_refresh(after(0.2), actor=WORKER) == 0
    assert len(run(key).yields) == 2


def test_no_list_of_names_is_broadcast():
    quarantined(10)
    key = evacuation()
    yields_suspend(key, reason="洪水撤离", actor=health(), at=after(0.3))
    plan_end(key, "水退", actor=proposer(), at=after(20))
    react(actor=WORKER)
    told = Event.objects.filter(kind__startswith="plan.")
    tasks = Task.objects.filter(carries_out_key=key) | Task.objects.filter(subject_key=key)
    words = json.dumps([*told.values_list("params", flat=True), *tasks.values_list("params", flat=True)])
    assert "person" not in words


def test_when_the_water_is_back_somebody_decides_and_the_orders_still_end_by_themselves():
    keys = quarantined(2)
    key = evacuation()
    react(actor=WORKER)
    yields_suspend(key, reason="洪水撤离", actor=health(), at=after(0.3))
    plan_end(key, "水退", actor=proposer(), at=after(20))
    react(actor=WORKER)
    assert set(states().values()) == {"suspended"}, "nobody is put back under an order by the platform"
    task = Task.objects.open().get(kind="decide_resumption")
    assert (task.owner_role, task.params["n"]) == ("health_authority", 2)
    assert Task.objects.open().get(kind="suspend_for_evacuation").state == "revoked"
    with pytest.raises(Conflict, match="run_over"):
        yields_suspend(key, reason="洪水撤离", actor=health(), at=after(21))
    order_lapse_due(clock("2022-07-23"), actor=WORKER)
    assert [states()[each] for each in keys] == ["lapsed", "lapsed"]


def test_a_flood_level_says_how_many_orders_would_yield_before_any_plan_runs():
    quarantined(4)
    key = level_record(
        area_code=DISTRICT,
        hazard="flood",
        level=3,
        rank="prefecture",
        document="防汛抗旱指挥部通知（示例）",
        starts_on=date(2022, 7, 18),
        actor=proposer(),
        at=after(0),
    )
    assert orders_would_yield(level(key), actor=health(), at=after(0.1)) == 4
    assert set(states().values()) == {"approved"}


def test_another_city_sees_none_of_the_orders():
    quarantined(3)
    key = evacuation()
    assert run_yielding(run(key), actor=health(OTHER), at=after(0.1)).orders == 0
    assert orders_that_yield(run(key), actor=health(OTHER), at=after(0.1)) == []
    assert len(orders_that_yield(run(key), actor=health(), at=after(0.1))) == 3
