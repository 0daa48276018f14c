"""An office with its ranks, a plan to evacuate, and a site of people under quarantine, for tests."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from fangkong.command.directives.tests.offices import CITY, DISTRICT, known
from fangkong.command.models import Plan, PlanRun, ResponseLevel
from fangkong.command.response.actions import (
    level_declare,
    level_propose,
    plan_approve,
    plan_draft,
    plan_start,
)
from fangkong.desks.control.tests.people import clock
from fangkong.record.access import Actor
from fangkong.record.load import load
from fangkong.record.models import Order

#: Edition 9 was in force, and a flood alert came at ten in the evening.
ALERT = clock("2022-07-18", "22:00")
SITE_STREET, SAFE_STREET = "990101001", "990101002"

STEPS = [
    {"title": "核对隔离点人数与出口", "owner_role": "community_group", "within_hours": 0.5},
    {
        "title": "落实备用隔离点房间",
        "owner_role": "supply_group",
        "within_hours": 1,
        "evidence_kind": "number",
    },
    {
        "title": "分批转运，病例与接触者分车",
        "owner_role": "community_group",
        "within_hours": 3,
        "after": [1, 2],
    },
]


def proposer(area: str = CITY) -> Actor:
    return known("duty_officer", area)


def chair(area: str = CITY) -> Actor:
    return known("co_chair", area)


def health(area: str = CITY) -> Actor:
    return known("health_authority", area)


def propose(actor: Actor | None = None, **more: Any) -> str:
    """A level III of the city, proposed on the evening of the alert."""
    given: dict[str, Any] = {
        "area_code": CITY,
        "hazard": "epidemic",
        "disease": "covid-19",
        "level": 3,
        "matters": "本市出现聚集性疫情",
        "starts_on": date(2022, 7, 18),
        "review_on": date(2022, 7, 25),
        "at": ALERT,
    }
    return level_propose(**(given | more), actor=actor or proposer(more.get("area_code", CITY)))


def declared(**more: Any) -> str:
    """A level that somebody else declared an hour after it was proposed."""
    key = propose(**more)
    area = more.get("area_code", CITY)
    level_declare(key, actor=chair(area), at=more.get("at", ALERT) + timedelta(hours=1))
    return key


def level(key: str) -> ResponseLevel:
    return ResponseLevel.objects.open().get(key=key)


def draft(actor: Actor | None = None, **more: Any) -> str:
    given: dict[str, Any] = {
        "kind": "三紧急",
        "title": "隔离点汛期转移",
        "area_code": CITY,
        "hazard": "flood",
        "evacuates": True,
        "checklist": STEPS,
        "at": ALERT - timedelta(days=30),
    }
    return plan_draft(**(given | more), actor=actor or known("general_group"))


def approved(**more: Any) -> str:
    key = draft(**more)
    plan_approve(key, actor=chair(), at=more.get("at", ALERT - timedelta(days=30)) + timedelta(hours=1))
    return key


def plan(key: str) -> Plan:
    return Plan.objects.open().get(key=key)


def start(plan_key: str, actor: Actor | None = None, **more: Any) -> str:
    given: dict[str, Any] = {"reason": "气象部门发布暴雨红色预警", "submit": "form-1", "at": ALERT}
    return plan_start(plan_key, **(given | more), actor=actor or proposer())


def run(key: str) -> PlanRun:
    return PlanRun.objects.open().get(key=key)


def quarantined(n: int, *, area: str = SITE_STREET, kind: str = "quarantine", **more: Any) -> list[str]:
    """So many people under orders in a central site, approved days ago."""
    rows = [
        {
            "key": f"order-{kind}-{area}-{i:03}",
            "order_no": f"GL-{i:03}",
            "kind": kind,
            "disease": "covid-19",
            "subject_kind": "person",
            "person_key": f"person-{area}-{i:03}",
            "area_code": area,
            "state": "approved",
            "proposed_by": "system:reaction",
            "proposed_at": ALERT - timedelta(days=2),
            "decided_by": "user-decider",
            "starts_on": date(2022, 7, 16),
            "expires_on": date(2022, 7, 22),
            "stages": [{"place": "central", "first_on": "2022-07-16", "last_on": "2022-07-22"}],
            "confidence": "verified",
            "remedy": "review_suit_or_appeal",
            "proportionality": "as_the_rule_row_asks",
            **more,
        }
        for i in range(n)
    ]
    load(Order, rows, actor="test", source_key="t", known_from=ALERT - timedelta(days=2))
    return [row["key"] for row in rows]


def states() -> dict[str, str]:
    return dict(Order.objects.open().values_list("key", "state"))


def after(hours: float) -> datetime:
    return ALERT + timedelta(hours=hours)


__all__ = ["CITY", "DISTRICT", "known"]
