"""A small record in which every district carries a secret token in every text that a page could show."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from fangkong.record import audit, events
from fangkong.record.actions import areas_load, user_create
from fangkong.record.identities import identity_load
from fangkong.record.installation import installation_set
from fangkong.record.load import load
from fangkong.record.models import (
    Appeal,
    AreaBoundary,
    Case,
    Consent,
    Contact,
    DailyCount,
    Document,
    ExposureJudgement,
    Household,
    HouseholdMember,
    LabResult,
    Order,
    Organisation,
    Passage,
    Permit,
    Person,
    PersonArea,
    Place,
    ProtectedReport,
    PurgeCertificate,
    Receipt,
    ReceiptRow,
    Rejudgement,
    Signal,
    Specimen,
    Task,
    Timer,
    TransmissionLink,
    User,
)

DISEASE = "covid-19"
DISTRICTS = ("990101", "990102", "990103")
NOW = datetime(2022, 4, 18, tzinfo=UTC)
DAYS = [date(2022, 4, 4) + timedelta(days=n) for n in range(14)]


def token(district: str) -> str:
    """The secret of a district: found nowhere by chance."""
    return f"ZQX{int(district) * 7919 % 1_000_003}QXZ"


@dataclass
class Seeded:
    """The keys of what was seeded, by district."""

    keys: dict[str, list[str]] = field(default_factory=dict)
    users: dict[tuple[str, str], User] = field(default_factory=dict)


def seed(roles: list[str]) -> Seeded:
    """The seeded record: three districts of one city, one user of each role in each district and the city."""
    seeded = Seeded()
    offset = int((NOW - datetime.now(UTC)).total_seconds())
    installation_set(actor="test", area_code="9901", disease=DISEASE, clock_offset=offset)
    known = datetime(2022, 4, 3, tzinfo=UTC)
    city = {"key": "9901", "name_zh": "临江市", "name_en": "Linjiang"}
    areas_load([city], actor="test", known_from=known, source_key="test")
    for district in DISTRICTS:
        seeded.keys[district] = _district(district, known)
        for role in roles:
            seeded.users[role, district] = user_create(
                f"{role}-{district}", "x" * 12, role=role, area_code=district, display_name=role, actor="test"
            )
    for role in roles:
        seeded.users[role, "9901"] = user_create(
            f"{role}-9901", "x" * 12, role=role, area_code="9901", display_name=role, actor="test"
        )
    return seeded


def _district(district: str, known: datetime) -> list[str]:
    secret = token(district)
    n = 1 + DISTRICTS.index(district)
    street = f"{district}001"
    areas = [
        {
            "key": district,
            "name_zh": f"区{secret}",
            "name_en": f"District {secret}",
            "population": 100_000 + n,
        },
        {"key": street, "name_zh": f"街{secret}", "name_en": f"Street {secret}"},
    ]
    areas_load(areas, actor="test", known_from=known, source_key="test")

    def put(model, *rows):
        load(model, rows, actor="test", source_key=f"receipt-{district}", known_from=known)

    square = [[n, 0], [n + 1, 0], [n + 1, 1], [n, 1], [n, 0]]
    put(
        AreaBoundary,
        {
            "key": district,
            "geometry": {"type": "Polygon", "coordinates": [square]},
            "crs": "local",
            "licence": f"invented {secret}",
        },
    )
    put(
        Organisation,
        {"key": f"O{district}", "kind": "hospital", "name_zh": f"院{secret}", "area_code": street},
    )
    put(
        Place,
        {"key": f"L{district}", "kind": "hospital", "name_zh": f"所{secret}", "area_code": street},
        {"key": f"K{district}", "kind": "checkpoint", "name_zh": f"卡{secret}", "area_code": street},
    )
    people = [f"P{district}{i}" for i in range(3)]
    put(Person, *[{"key": person, "occupation": f"job{secret}"[:40]} for person in people])
    put(
        PersonArea,
        *[{"key": f"T{p}", "person_key": p, "kind": "home", "area_code": street} for p in people],
    )
    identity_load(
        [
            (
                p,
                {
                    "name": f"名{secret}",
                    "id_number": f"{district}19900101{i}",
                    "phone": f"10012{district}",
                    "address": secret,
                },
            )
            for i, p in enumerate(people)
        ],
        actor="test",
    )
    case, second = f"case-{district}", f"case2-{district}"
    put(
        Case,
        *[
            {
                "key": key,
                "case_no": f"{secret}-{i}",
                "person_key": people[i],
                "disease": DISEASE,
                "area_code": street,
                "classification": "confirmed",
                "classified_on": DAYS[-2],
                "severity": "mild",
                "reported_on": DAYS[-2],
                "onset_on": DAYS[-4],
                "channel": "screening",
                "setting": "market",
                "place_key": f"L{district}",
            }
            for i, key in enumerate((case, second))
        ],
    )
    contact = f"contact-{district}"
    put(
        Contact,
        {
            "key": contact,
            "case_key": case,
            "person_key": people[2],
            "disease": DISEASE,
            "area_code": street,
            "tier": "close",
            "setting": "household",
            "last_exposure_on": DAYS[-3],
        },
    )
    put(
        TransmissionLink,
        {
            "key": f"link-{district}",
            "disease": DISEASE,
            "from_case_key": case,
            "to_case_key": second,
            "setting": "market",
            "setting_text": secret,
        },
    )
    put(
        Specimen, {"key": f"S{district}", "person_key": people[0], "area_code": street, "collected_at": known}
    )
    put(
        LabResult,
        {
            "key": f"R{district}",
            "specimen_key": f"S{district}",
            "person_key": people[0],
            "disease": DISEASE,
            "area_code": street,
            "method": "pcr",
            "result": "positive",
            "resulted_at": known,
        },
    )
    for day in DAYS:
        put(
            DailyCount,
            *[
                {
                    "key": f"count-{district}-{day}-{measure}-{channel}",
                    "disease": DISEASE,
                    "area_code": district,
                    "day": day,
                    "measure": measure,
                    "channel": channel,
                    "value": 10 * n + day.day % 3,
                }
                for measure in ("confirmed", "asymptomatic")
                for channel in ("controlled", "screening")
            ],
        )
    order = f"order-{district}"
    put(
        Order,
        {
            "key": order,
            "order_no": f"GL-{secret}",
            "kind": "quarantine",
            "disease": DISEASE,
            "subject_kind": "person",
            "person_key": people[2],
            # Everybody of the district lives together: the act on the household has one order so far.
            "subject_key": f"H{secret}",
            "details": {
                "household": {"act": f"A{secret}", "no": f"GL-H{secret}", "by": "user-x", "reason": contact}
            },
            "area_code": street,
            "reason_key": contact,
            "state": "proposed",
            "proposed_by": "system:reaction",
            "proposed_at": known,
            "day0_on": DAYS[-3],
            "starts_on": DAYS[-2],
            "expires_on": date(2022, 5, 6),
            "stages": [
                {"place": "central", "first_on": "2022-04-16", "last_on": "2022-04-29", "test_on": []}
            ],
            "rule_rows": ["covid19-cn-control-plan:contact.close.stages:person=close_contact:2021-05-14:CN"],
            "legal_basis": [f"依据{secret}"],
            "confidence": "verified",
            "exceptions": ["medical_emergency"],
            "remedy": "review_suit_or_appeal",
            "proportionality": "as_the_rule_row_asks",
        },
    )
    put(Household, {"key": f"H{secret}", "area_code": street})
    put(
        HouseholdMember,
        *[{"key": f"H{p}", "household_key": f"H{secret}", "person_key": p} for p in people],
    )
    appeal, report = _around_the_order(district, known, order, contact, case, people[2])
    put(
        Task,
        *[
            {
                "key": f"task-{district}-{owner}",
                "kind": "decide_order",
                "area_code": street,
                "owner_role": owner,
                "due_at": NOW - timedelta(hours=3),
                "state": "awaiting",
                "subject_kind": "order",
                "subject_key": order,
                "created_by": "test",
                "note": f"note {secret}",
            }
            for owner in ("health_authority", "district_officer", "grid_worker", "hospital")
        ],
    )
    put(
        Signal,
        {
            "key": f"signal-{district}",
            "kind": "positive_result",
            "disease": DISEASE,
            "area_code": street,
            "raised_at": NOW - timedelta(hours=2),
            "state": "open",
            "subject_kind": "result",
            "subject_key": f"R{district}",
            "params": {"note": secret},
        },
    )
    put(
        Document,
        {
            "key": f"document-{district}",
            "kind": "source",
            "title": f"文件{secret}",
            "area_code": district,
            "as_of": DAYS[-1],
        },
    )
    with audit.writing():
        receipt = Receipt.objects.create(
            key=f"receipt-{district}",
            sha256=secret.encode().hex()[:60],
            file_name=f"{secret}.csv",
            byte_count=100,
            mapping="lab_results",
            area_code=district,
            state="applied",
            row_count=2,
            accepted=1,
            held=1,
            known_at=known,
            known_basis="receipt",
            received_by="test",
        )
        ReceiptRow.objects.create(
            receipt_key=receipt.key,
            row_number=2,
            outcome="held",
            reason="unknown_area",
            params={"value": secret},
        )
        audit.note(
            actor="test",
            verb="order.propose",
            object_kind="order",
            object_key=f"GL-{secret}",
            area_code=district,
        )
        events.emit("case.reported", case, street, at=known)
    permit = _on_the_way(district, known, people[0])
    kept = [
        permit,
        case,
        second,
        contact,
        order,
        receipt.key,
        f"R{district}",
        people[0],
        people[2],
        appeal,
        report,
    ]
    return kept + [
        f"task-{district}-{owner}"
        for owner in ("health_authority", "district_officer", "grid_worker", "hospital")
    ]


def _on_the_way(district: str, known: datetime, person: str) -> str:
    """The key of the permit, with a passage of its holder."""
    secret, street = token(district), f"{district}001"
    journey = {"disease": DISEASE, "person_key": person, "area_code": street, "kind": "freight"}
    permit = {
        "key": f"permit-{district}",
        **journey,
        "permit_no": f"TX-{secret}",
        "from_area": street,
        "to_area": district,
        "starts_on": DAYS[-1],
        "expires_on": DAYS[-1] + timedelta(days=6),
        "answer": "pass",
        "confidence": "verified",
        "state": "proposed",
        "proposed_by": "test",
        "proposed_at": known,
    }
    passage = {
        "key": f"passage-{district}",
        **journey,
        "place_key": f"K{district}",
        "passed_at": known,
        "answer": "pass",
        "rule_answer": "pass",
        "confidence": "verified",
        "details": {"note": secret},
        "recorded_by": "test",
    }
    load(Permit, [permit], actor="test", source_key=f"receipt-{district}", known_from=known)
    load(Passage, [passage], actor="test", source_key=f"receipt-{district}", known_from=known)
    return f"permit-{district}"


def _around_the_order(
    district: str, known: datetime, order: str, contact: str, case: str, person: str
) -> tuple[str, str]:
    """The keys of the appeal and the protected report, with all else that is kept about the order."""
    secret, street = token(district), f"{district}001"
    on_order = {"order_key": order, "person_key": person, "area_code": street}

    def put(model, **row):
        load(model, [row], actor="test", source_key=f"receipt-{district}", known_from=known)
        return row["key"]

    appeal = put(
        Appeal,
        key=f"appeal-{district}",
        **on_order,
        ground="wrong_date",
        filed_at=known,
        filed_by="test",
        due_at=NOW - timedelta(hours=1),
        state="dismissed",
        answer=f"answer {secret}",
    )
    put(
        Consent,
        key=f"consent-{district}",
        **on_order,
        carer_key=f"carer{secret}",
        given_at=known,
        recorded_by=f"by{secret}",
        state="given",
    )
    put(
        Rejudgement,
        key=f"rejudgement-{district}",
        **on_order,
        cause="rules",
        judged_on=DAYS[-1],
        outcome="shorter",
        before={"stages": [], "expires_on": "2022-05-06"},
        after={"stages": [], "expires_on": "2022-04-29", "rule_rows": [], "situation": {}},
        state="declined",
        decision_reason=f"reason {secret}",
    )
    put(
        ExposureJudgement,
        key=f"judgement-{district}",
        contact_key=contact,
        person_key=person,
        case_key=case,
        disease=DISEASE,
        area_code=street,
        last_exposure_on=DAYS[-3],
        evidence=f"seen {secret}",
        reason=f"because {secret}",
        signed_by="test",
        signed_at=known,
    )
    put(
        Timer,
        key=f"timer-{district}",
        clock="report.case_hours",
        disease=DISEASE,
        area_code=street,
        subject_kind="case",
        subject_key=case,
        started_at=known,
        due_at=NOW - timedelta(hours=2),
        rule_row=f"row {secret}",
        state="missed",
        escalated_to="oversight",
    )
    report = put(
        ProtectedReport,
        key=f"report-{district}",
        subject="status_by_hand",
        area_code=street,
        order_key=order,
        text=f"told {secret}",
        filed_on=DAYS[-1],
        state="filed",
    )
    PurgeCertificate.objects.create(
        key=f"certificate-{district}",
        run_key=f"run-{secret}",
        category="screening",
        purpose="screening",
        disease=DISEASE,
        area_code=street,
        trigger="rule_lapsed",
        rule_row=f"row {secret}",
        people=1,
        by=f"by {secret}",
        at=known,
        issued_at=known,
    )
    return appeal, report
