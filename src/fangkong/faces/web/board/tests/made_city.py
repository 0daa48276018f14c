"""A small made city for the tests of the pages: two districts, a few cases, a chain, orders, a late task."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.test import Client

from fangkong.record.actions import areas_load
from fangkong.record.identities import identity_load
from fangkong.record.installation import installation_set
from fangkong.record.load import load
from fangkong.record.models import (
    AreaBoundary,
    Case,
    Contact,
    LabResult,
    Order,
    Person,
    PersonArea,
    Specimen,
    Task,
    TransmissionLink,
    User,
)

DISEASE = "covid-19"
CITY, NEAR, FAR = "9901", "990101", "990102"
NAMES = {CITY: ("临江市", "Linjiang"), NEAR: ("柳堤区", "Liudi"), FAR: ("望潮区", "Wangchao")}
#: 08:00 of 18 April in the city: the last closed day is the 17th.
NOW = datetime(2022, 4, 18, 0, 0, tzinfo=UTC)
LAST = date(2022, 4, 17)
KNOWN = datetime(2022, 3, 1, tzinfo=UTC)
NAME, NUMBER = "测试甲", "990101199001011234"


def put(model: Any, *rows: dict[str, Any]) -> None:
    """``rows`` in the record, known since before the outbreak."""
    load(model, rows, actor="test", source_key="receipt-made", known_from=KNOWN)


def made_city(cases: int = 10) -> None:
    """The city with ``cases`` cases, half of them in each district, over the last fortnight."""
    offset = int((NOW - datetime.now(UTC)).total_seconds())
    installation_set(actor="test", area_code=CITY, disease=DISEASE, clock_offset=offset, demonstration=True)
    areas_load(
        [
            {"key": code, "name_zh": zh, "name_en": en, "population": 100_000}
            for code, (zh, en) in NAMES.items()
        ],
        actor="test",
        known_from=KNOWN,
        source_key="test",
    )
    for n, code in enumerate((NEAR, FAR)):
        square = [[n, 0], [n + 1, 0], [n + 1, 1], [n, 1], [n, 0]]
        geometry = {"type": "Polygon", "coordinates": [square]}
        put(AreaBoundary, {"key": code, "geometry": geometry, "crs": "local", "licence": "made"})
    people = [f"P{n}" for n in range(cases + 1)]
    put(Person, *[{"key": key, "sex": "F", "birth_year": 1982} for key in people])
    put(
        PersonArea,
        *[
            {"key": f"T{key}", "person_key": key, "kind": "home", "area_code": (NEAR, FAR)[n % 2]}
            for n, key in enumerate(people)
        ],
    )
    identity_load([("P0", {"name": NAME, "id_number": NUMBER})], actor="test")
    put(
        Case,
        *[
            {
                "key": f"C{n}",
                "case_no": f"LJ-{n:04}",
                "person_key": f"P{n}",
                "disease": DISEASE,
                "area_code": (NEAR, FAR)[n % 2],
                "classification": "confirmed" if n % 3 else "asymptomatic",
                "reported_on": LAST - timedelta(days=n % 14),
                "onset_on": LAST - timedelta(days=n % 14 + 2) if n % 3 else None,
                "channel": ("controlled", "screening", "sought_care")[n % 3],
                "age_years": 40,
            }
            for n in range(cases)
        ],
    )
    put(
        TransmissionLink,
        *[
            {
                "key": f"L{n}",
                "disease": DISEASE,
                "from_case_key": "C0",
                "to_case_key": f"C{n}",
                "setting": "household",
            }
            for n in (2, 3, 4)
        ],
    )
    put(
        Contact,
        {
            "key": "K0",
            "case_key": "C0",
            "person_key": f"P{cases}",
            "disease": DISEASE,
            "area_code": NEAR,
            "tier": "close",
            "setting": "household",
            "last_exposure_on": LAST,
            "identified": True,
        },
    )
    put(
        Specimen,
        {"key": "S0", "person_key": "P0", "area_code": NEAR, "collected_at": NOW - timedelta(hours=20)},
    )
    put(
        LabResult,
        {
            "key": "R0",
            "specimen_key": "S0",
            "person_key": "P0",
            "disease": DISEASE,
            "area_code": NEAR,
            "method": "pcr",
            "result": "positive",
            "cycle_threshold": 24.1,
            "resulted_at": NOW - timedelta(hours=12),
        },
    )
    put(Order, *[_order(n, state) for n, state in enumerate(("approved", "proposed"))])
    put(
        Task,
        {
            "key": "task-1",
            "kind": "investigate",
            "area_code": NEAR,
            "owner_role": "investigation_group",
            "due_at": NOW - timedelta(hours=3),
            "state": "in_progress",
            "subject_kind": "case",
            "subject_key": "C0",
            "created_by": "system:reaction",
        },
    )


def _order(n: int, state: str) -> dict[str, Any]:
    first, last = LAST, LAST + timedelta(days=13)
    return {
        "key": f"O{n}",
        "order_no": f"GL-0417-00{n}",
        "kind": "quarantine",
        "disease": DISEASE,
        "subject_kind": "person",
        "person_key": "P0",
        "area_code": NEAR,
        "reason_key": "K0",
        "state": state,
        "proposed_by": "system:reaction",
        "proposed_at": KNOWN,
        "decided_by": "user-cdc" if state == "approved" else "",
        "starts_on": first,
        "expires_on": last,
        "stages": [
            {
                "place": "central",
                "first_on": first.isoformat(),
                "last_on": last.isoformat(),
                "test_on": [(LAST + timedelta(days=1)).isoformat()],
            }
        ],
        "confidence": "verified",
        "legal_basis": [],
        "rule_rows": [],
        "remedy": "administrative_review",
        "proportionality": "least_restrictive",
    }


def browser(role: str, area_code: str = CITY, language: str = "zh-hans") -> Client:
    """A client signed in as a user of ``role`` in ``area_code``, reading in ``language``."""
    user = User.objects.create(
        key=f"user-{role}-{area_code}-{language}",
        username=f"{role}-{area_code}-{language}",
        display_name="值班" if language == "zh-hans" else "Duty",
        role=role,
        area_code=area_code,
    )
    client = Client()
    client.force_login(user)
    client.cookies["django_language"] = language
    return client
