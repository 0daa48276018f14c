"""The offices of a province, a prefecture, its counties and a street, and a directive between them, for tests."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from fangkong.command.directives.actions import directive_draft, directive_issue, recipient_acknowledge
from fangkong.command.models import Directive, DirectiveRecipient
from fangkong.command.tasks.giving import NewTask
from fangkong.desks.control.tests.people import clock, colleague
from fangkong.record.access import Actor, actor_of, system_actor
from fangkong.record.models import User

PROVINCE, CITY, DISTRICT, OTHER, STREET = "99", "9901", "990101", "990102", "990101001"
AT = clock("2022-04-11", "09:00")
SUNSET = date(2022, 4, 30)
WORKER = system_actor("worker")


def after(hours: float) -> datetime:
    return AT + timedelta(hours=hours)


def known(role: str, area: str = CITY, name: str = "") -> Actor:
    """The person of this role and office, made when nobody has asked for them before."""
    username = name or f"{role}-{area}"
    held = User.objects.filter(username=username).first()
    return actor_of(held) if held else colleague(role, area, name=username)


def drafter(area: str = CITY) -> Actor:
    return known("general_group", area)


def issuer(area: str = CITY) -> Actor:
    return known("co_chair", area)


def to(*areas: str, role: str = "district_officer") -> list[dict[str, str]]:
    return [{"area_code": area, "role": role, "unit": ""} for area in areas]


def draft(actor: Actor, **more: Any) -> str:
    """A plain directive of the city to two districts."""
    given: dict[str, Any] = {
        "title": "复核独居老人名册",
        "purpose": "保障独居老人的生活和就医",
        "measures": [{"text": "逐户复核名册，登记慢性病用药需要", "evidence_kind": ""}],
        "area_code": CITY,
        "recipients": to(DISTRICT, OTHER),
        "due_at": after(30),
        "sunset_on": SUNSET,
        "at": AT,
    }
    return directive_draft(**(given | more), actor=actor)


def issued(**more: Any) -> str:
    """A directive that is issued an hour later by another person."""
    area = more.get("area_code", CITY)
    key = draft(drafter(area), **more)
    directive_issue(key, actor=issuer(area), at=more.get("at", AT) + timedelta(minutes=10))
    return key


def recipient(directive_key: str, area: str) -> DirectiveRecipient:
    return DirectiveRecipient.objects.open().get(directive_key=directive_key, area_code=area)


def directive(key: str) -> Directive:
    return Directive.objects.open().get(key=key)


def taken(directive_key: str, area: str, actor: Actor, hours: float = 1) -> str:
    """The recipient's key, acknowledged."""
    key = recipient(directive_key, area).key
    recipient_acknowledge(key, actor=actor, at=after(hours))
    return key


def work(title: str = "复核第一网格", area: str = DISTRICT, hours: float = 20, **more: Any) -> NewTask:
    given = {"owner_role": "street_officer", "area_code": area, "due_at": after(hours)}
    return NewTask(title=title, **(given | more))
