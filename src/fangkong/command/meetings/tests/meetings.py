"""A city's meeting, its districts and the people who hold and sign it, for tests."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from fangkong.command.directives.tests.offices import AT, CITY, DISTRICT, OTHER, after, known
from fangkong.command.meetings.actions import (
    decision_confirm,
    decision_enter,
    meeting_call,
    meeting_follow,
    meeting_hold,
    minutes_sign,
    minutes_write,
)
from fangkong.command.meetings.rows import minutes_key_of
from fangkong.command.models import Clause, Directive, Meeting
from fangkong.record.access import Actor
from fangkong.record.actions import areas_load
from fangkong.record.models import Document

BODY = "市疫情防控工作领导小组"
VENUES = [{"name": "市主会场", "expected": 30}, {"name": "东湖区分会场", "expected": 12}]


def writer(area: str = CITY) -> Actor:
    """Who calls and minutes."""
    return known("duty_officer" if area == CITY else "district_officer", area)


def signer(area: str = CITY) -> Actor:
    """Who signs."""
    return known("co_chair", area)


def areas() -> None:
    rows = [
        {"key": code, "name_zh": name}
        for code, name in ((CITY, "临江市"), (DISTRICT, "东湖区"), (OTHER, "西岭区"))
    ]
    areas_load(rows, actor="test", known_from=AT - timedelta(days=30), source_key="test")


def called(**more: Any) -> str:
    given: dict[str, Any] = {
        "body": BODY,
        "number": 12,
        "kind": "numbered",
        "area_code": CITY,
        "starts_at": after(1),
        "chairs": [{"name": "周启明", "post": "市长"}],
        "venues": VENUES,
        "actor": writer(),
        "at": AT,
    }
    return meeting_call(**(given | more))


def held(hours: float = 1, **more: Any) -> str:
    key = called(**more)
    meeting_hold(key, present=[28, 11], heard=[1, 2], actor=more.get("actor", writer()), at=after(hours))
    return key


def decided(meeting_key: str, text: str = "逐户复核独居老人名册", hours: float = 1.2, **more: Any) -> str:
    return decision_enter(meeting_key, text, **({"actor": writer()} | more), at=after(hours))


def confirmed(clause_key: str, hours: float = 1.5, **more: Any) -> str:
    given: dict[str, Any] = {
        "as_": "directive",
        "owner_role": "district_officer",
        "where": "below",
        "due_at": after(40),
        "sunset_on": date(2022, 4, 30),
        "actor": writer(),
    }
    return decision_confirm(clause_key, **(given | more), at=after(hours))


def closed(
    meeting_key: str, hours: float = 2, by: Actor | None = None, signed_by: Actor | None = None
) -> None:
    minutes_write(meeting_key, actor=by or writer(), at=after(hours))
    minutes_sign(meeting_key, actor=signed_by or signer(), at=after(hours + 0.2))


def followed(meeting_key: str, hours: float = 5, **more: Any) -> str:
    given: dict[str, Any] = {
        "area_code": DISTRICT,
        "body": "区疫情防控工作领导小组",
        "starts_at": after(hours),
        "chairs": [{"name": "孟立", "post": "区长"}],
        "venues": [{"name": "区会议室", "expected": 20}],
        "actor": writer(DISTRICT),
        "at": after(hours - 1),
    }
    return meeting_follow(meeting_key, **(given | more))


def meeting(key: str) -> Meeting:
    return Meeting.objects.open().get(key=key)


def clause(key: str) -> Clause:
    return Clause.objects.open().get(key=key)


def directive(key: str) -> Directive:
    return Directive.objects.open().get(key=key)


def minutes(meeting_key: str) -> Document:
    return Document.objects.open().get(kind="minutes", key=minutes_key_of(meeting_key))
