"""A person, a case, a contact and the people of the office, as tests of orders need them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from fangkong.record import audit, events
from fangkong.record.access import Actor, actor_of
from fangkong.record.actions import user_create
from fangkong.record.load import load
from fangkong.record.models import Case, Contact, LabResult, Person, PersonArea

SHANGHAI = ZoneInfo("Asia/Shanghai")
DISTRICT, NEIGHBOUR = "990101", "990201"


def clock(day: str, time: str = "14:10") -> datetime:
    """An instant by the wall clock of the office."""
    return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=SHANGHAI).astimezone(UTC)


def colleague(role: str, area_code: str = "9901", name: str = "") -> Actor:
    """A signed-in person of the office."""
    username = name or f"{role}-{area_code}"
    return actor_of(
        user_create(
            username, "long enough 1", role=role, area_code=area_code, display_name=username, actor="test"
        )
    )


def person(key: str, *areas: str, known: datetime) -> str:
    """A person with a tie to every area: home first, then work."""
    load(Person, [{"key": key}], actor="test", source_key="t", known_from=known)
    ties = [
        {"key": f"{key}-{n}", "person_key": key, "kind": ("home", "work")[n > 0], "area_code": area}
        for n, area in enumerate(areas)
    ]
    load(PersonArea, ties, actor="test", source_key="t", known_from=known)
    return key


def contact(
    key: str = "contact-1",
    *,
    known: datetime,
    last: date | None,
    tier: str = "close",
    person_key: str = "person-1",
    area_code: str = DISTRICT,
    disease: str = "covid-19",
    case_key: str = "case-1",
    emit: bool = False,
) -> str:
    """A registered contact; with ``emit`` its event too, in the same transaction."""
    row: dict[str, Any] = {
        "key": key,
        "case_key": case_key,
        "person_key": person_key,
        "disease": disease,
        "area_code": area_code,
        "tier": tier,
        "last_exposure_on": last,
    }
    with audit.writing():
        load(Contact, [row], actor="test", source_key="t", known_from=known)
        if emit:
            params = {"case_key": case_key, "person_key": person_key, "disease": disease, "tier": tier}
            events.emit("contact.registered", key, area_code, at=known, params=params)
    return key


def case(key: str = "case-1", *, known: datetime, person_key: str, **facts: Any) -> str:
    """A confirmed case of the person, reported on the day it became known."""
    row = {
        "key": key,
        "case_no": key,
        "person_key": person_key,
        "disease": "covid-19",
        "area_code": DISTRICT,
        "classification": "confirmed",
        "reported_on": known.astimezone(SHANGHAI).date(),
    }
    load(Case, [row | facts], actor="test", source_key="t", known_from=known)
    return key


def positive(
    key: str, *, known: datetime, person_key: str, area_code: str = DISTRICT, disease: str = "covid-19"
) -> str:
    """A positive result with its event."""
    row = {
        "key": key,
        "specimen_key": f"{key}-tube",
        "person_key": person_key,
        "disease": disease,
        "area_code": area_code,
        "method": "pcr",
        "result": "positive",
        "resulted_at": known,
    }
    with audit.writing():
        load(LabResult, [row], actor="test", source_key="t", known_from=known)
        params = {"person_key": person_key, "disease": disease, "specimen_key": f"{key}-tube"}
        events.emit("result.positive", key, area_code, at=known, params=params)
    return key
