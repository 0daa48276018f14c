"""People with an identity and a reason for it, as a file brings them: facts first, then the sealed name."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

from fangkong.record.access import Actor, actor_of, system_actor
from fangkong.record.actions import user_create
from fangkong.record.identities import identity_load
from fangkong.record.installation import installation_set
from fangkong.record.load import load
from fangkong.record.models import Case, Contact, LabResult, Order, Person, PersonArea, Task

COVID = "covid-19"
STREET = "990101001"
#: Under class A measures, the day after they ended, and under the laws of today.
CLASS_A, CLASS_B, TODAY = date(2022, 4, 16), date(2023, 1, 8), date(2026, 11, 22)


def noon(day: date) -> datetime:
    """An instant of the civil day in Shanghai."""
    return datetime.combine(day, time(4), UTC)


def office(disease: str = COVID, area: str = "9901") -> None:
    installation_set(actor="test", area_code=area, disease=disease)


def actor(role: str = "health_authority", area: str = "9901") -> Actor:
    return actor_of(
        user_create(f"{role}-{area}", "x" * 12, role=role, area_code=area, display_name="x", actor="test")
    )


def system() -> Actor:
    return system_actor("test")


def put(model: Any, day: date, **row: Any) -> None:
    load(model, [row], actor="test", source_key=row.pop("source_key", "s"), known_from=noon(day))


def person(key: str, area: str = STREET, day: date = CLASS_A) -> None:
    put(Person, day, key=key)
    put(PersonArea, day, key=f"t-{key}", person_key=key, kind="home", area_code=area)


def named(key: str) -> None:
    identity_load([(key, {"name": f"司徒{key}", "phone": "10012345678"})], actor="test")


def case(key: str, day: date = CLASS_A, *, disease: str = COVID, area: str = STREET, **row: Any) -> None:
    row = {"classification": "confirmed", "reported_on": day, "case_no": key, **row}
    put(Case, day, key=f"case-{key}", person_key=key, disease=disease, area_code=area, **row)


def contact(
    key: str, day: date = CLASS_A, *, tier: str = "close", disease: str = COVID, area: str = STREET
) -> None:
    put(
        Contact,
        day,
        key=f"contact-{key}",
        case_key="case-0",
        person_key=key,
        disease=disease,
        area_code=area,
        tier=tier,
    )


def swabbed(key: str, day: date = CLASS_A, *, disease: str = COVID, area: str = STREET) -> None:
    put(
        LabResult,
        day,
        key=f"result-{key}",
        specimen_key=f"specimen-{key}",
        person_key=key,
        disease=disease,
        area_code=area,
        method="pcr",
        result="negative",
        resulted_at=noon(day),
    )


def order(key: str, first: date, last: date, *, state: str = "approved", disease: str = COVID) -> None:
    put(
        Order,
        first,
        key=f"order-{key}",
        order_no=key,
        kind="quarantine",
        disease=disease,
        subject_kind="person",
        person_key=key,
        area_code=STREET,
        state=state,
        proposed_by="a",
        proposed_at=noon(first),
        decided_by="b",
        starts_on=first,
        expires_on=last,
        confidence="verified",
        remedy="r",
        proportionality="p",
    )


def task(key: str, subject: str, day: date, *, state: str = "awaiting") -> None:
    put(
        Task,
        day,
        key=f"task-{key}",
        kind="verify",
        area_code=STREET,
        owner_role="investigation_group",
        due_at=noon(day),
        state=state,
        subject_kind="contact",
        subject_key=subject,
        created_by="x",
    )
