"""Orders of every kind and state in the made city, through the desk's own actions where they have a life."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.test import Client

from fangkong.desks.control import actions
from fangkong.faces.web.board.tests.made_city import CITY, DISEASE, LAST, NEAR, NOW, made_city, put
from fangkong.record.access import Actor, actor_of
from fangkong.record.models import Order, Person, Rejudgement, User

#: A rule row of the shipped packs that is in force on the city's days.
RULE_ROW = "covid19-cn-control-plan:contact.close.stages:person=close_contact:2021-05-14:CN"
BASIS = "《中华人民共和国传染病防治法》第三十九条"


def colleague(
    role: str, name: str = "", area_code: str = CITY, language: str = "zh-hans"
) -> tuple[Client, Actor]:
    """A client signed in as a user of ``role``, and the actor that it is."""
    user = User.objects.create(
        key=f"user-{role}-{name}",
        username=f"{role}-{name}",
        display_name="值班甲" if language == "zh-hans" else "Officer A",
        role=role,
        area_code=area_code,
    )
    client = Client()
    client.force_login(user)
    client.cookies["django_language"] = language
    return client, actor_of(user)


def order_row(key: str, **more: Any) -> dict[str, Any]:
    """A quarantine of the made contact: 7 days at a site, then 3 at home."""
    first, turn, last = LAST, LAST + timedelta(days=6), LAST + timedelta(days=9)
    row: dict[str, Any] = {
        "key": key,
        "order_no": f"GL-220417-{key[-4:].upper()}",
        "kind": "quarantine",
        "disease": DISEASE,
        "subject_kind": "person",
        "person_key": "P1",
        "area_code": NEAR,
        "reason_key": "K0",
        "state": "proposed",
        "proposed_by": "system:reaction",
        "proposed_at": NOW - timedelta(hours=2),
        "day0_on": LAST,
        "starts_on": first,
        "expires_on": last,
        "stages": [
            {
                "place": "central",
                "first_on": first.isoformat(),
                "last_on": turn.isoformat(),
                "test_on": [(LAST + timedelta(days=n)).isoformat() for n in (1, 4, 6)],
                "tests_known": True,
                "choice": "",
            },
            {
                "place": "home_monitoring",
                "first_on": (turn + timedelta(days=1)).isoformat(),
                "last_on": last.isoformat(),
                "test_on": [],
                "tests_known": True,
                "choice": "",
            },
        ],
        "confidence": "verified",
        "legal_basis": [BASIS],
        "rule_rows": [RULE_ROW],
        "remedy": "review_suit_or_appeal",
        "proportionality": "as_the_rule_row_asks",
        "exceptions": ["medical_emergency", "carer_of_dependent"],
        "release_condition": "no_symptoms",
        "required_rank": "county",
        "situation": {"disease": DISEASE, "role": "close_contact", "last_exposure_on": LAST.isoformat()},
        "judged_on": LAST,
    }
    return row | more


def area_row(key: str, **more: Any) -> dict[str, Any]:
    """A closed building with one gate still open and one finding that blocks."""
    last = LAST + timedelta(days=6)
    stage = {
        "place": "stay_in_area",
        "first_on": LAST.isoformat(),
        "last_on": last.isoformat(),
        "test_on": [],
    }
    return order_row(
        key,
        kind="risk_area",
        subject_kind="area",
        person_key="",
        reason_key="",
        situation={},
        day0_on=None,
        expires_on=last,
        stages=[stage | {"tests_known": False, "choice": ""}],
        required_rank="prefecture",
        proposed_by="user-proposer",
        proportionality="stated_by_the_proposer",
        proportionality_note="只有这一栋楼有传播，楼外没有发现。",
        release_condition="area.release_rule",
        details={
            "level": "high",
            "unit": "building",
            "households": 120,
            "residents": 340,
            "restricted_person_days": 340 * 7,
            "evidence": "同楼三户发病",
        },
        gates={
            "food": 150,
            "medicine": 150,
            "open_exits": "东西两门由保安值守，消防通道不上锁",
            "evacuation_plan": "",
            "medical_channel": "社区医院专车，电话张贴在每个楼门",
        },
        findings=[
            {
                "item": 3,
                "code": "overreach.extend_area_control_time",
                "blocks": True,
                "rule_row": RULE_ROW,
                "params": {"days": 14, "allowed": 7},
            }
        ],
        **more,
    )


def made_orders() -> dict[str, str]:
    """The made city with orders; what each is for -> its key."""
    made_city(4)
    put(Person, {"key": "child-1", "birth_year": 2014, "carer_key": "P2"})
    put(
        Order,
        order_row("order-prop", person_key="child-1"),
        order_row(
            "order-run1", state="approved", decided_by="user-signer", issuer_rank="county", person_key="P3"
        ),
        area_row("order-area"),
        area_row("order-stay", state="approved", decided_by="user-signer", issuer_rank="prefecture"),
    )
    before = order_row("x")
    put(
        Rejudgement,
        {
            "key": "rejudgement-1",
            "order_key": "order-run1",
            "person_key": "P3",
            "area_code": NEAR,
            "cause": "rules",
            "judged_on": LAST,
            "outcome": "shorter",
            "before": {
                "stages": before["stages"],
                "expires_on": before["expires_on"].isoformat(),
                "situation": before["situation"],
                "judged_on": LAST.isoformat(),
            },
            "after": {
                "stages": before["stages"][:1],
                "expires_on": before["stages"][0]["last_on"],
                "situation": before["situation"],
                "rule_rows": [RULE_ROW],
                "confidence": "verified",
            },
            "state": "offered",
        },
    )
    return {
        "proposed": "order-prop",
        "running": "order-run1",
        "area": "order-area",
        "approved_area": "order-stay",
    }


__all__ = ["BASIS", "NOW", "actions", "area_row", "colleague", "made_orders", "order_row"]
