"""What the rules of the day say to one traveller at one gate: truck, commuter, or somebody who needs help."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from fangkong.core.clock import civil_day
from fangkong.core.errors import InputError
from fangkong.record.installation import installation
from fangkong.record.models import LabResult, Permit
from fangkong.science.rules.basis import Basis
from fangkong.science.rules.movement.commuter import CommuteAnswer, CommuteFacts, Test, commute_answer
from fangkong.science.rules.movement.freight import TruckFacts, truck_gate
from fangkong.science.rules.movement.medical_gate import MedicalFacts, medical_gate
from fangkong.science.rules.packs import CONFIDENCE_ORDER

from .permit_figures import told
from .rulebook import rulebook

FREIGHT, COMMUTER, MEDICAL = "freight", "commuter", "medical"
POSITIVE, NEGATIVE = "positive", "negative"


@dataclass(frozen=True)
class Shown:
    """What a traveller shows or says at the gate, nothing that the gate would look up.

    ``tested_at`` and ``test_result`` the last PCR; ``antigen`` the test on the spot, None before it; ``stay`` the
    time in a risk city; ``code`` green, yellow or red; ``from_area`` and ``to_area`` the two ends; the commuter's
    ``registered_at`` and ``risk_street_days``; ``condition`` a name of the emergencies, ``urgent`` the carer's
    word for any other.
    """

    tested_at: datetime | None = None
    test_result: str = NEGATIVE
    antigen: str | None = None
    stay: timedelta | None = None
    code: str | None = None
    temperature_normal: bool | None = None
    from_low_risk: bool | None = None
    from_area: str = ""
    to_area: str = ""
    from_risk: str | None = None
    to_risk: str | None = None
    registered_at: datetime | None = None
    risk_street_days: int | None = None
    point_to_point: bool = True
    condition: str = ""
    urgent: bool = False


@dataclass(frozen=True)
class GateAnswer:
    """``answer`` is what the gate does, ``rule_answer`` the rules' own word, ``reasons`` codes with words."""

    answer: str
    rule_answer: str
    reasons: tuple[str, ...]
    basis: Basis
    tested_at: datetime | None = None
    test_valid: bool | None = None
    details: dict[str, Any] = field(default_factory=dict)


def truck_answer(shown: Shown, *, disease: str, area_code: str, at: datetime) -> GateAnswer:
    """What the gate in ``area_code`` does with a truck at ``at``. Raises as ``truck_gate``."""
    gate = truck_gate(
        rulebook(),
        TruckFacts(
            at,
            stay=shown.stay,
            pcr_at=shown.tested_at,
            pcr_result=shown.test_result,
            antigen=shown.antigen,
            code=shown.code,
            temperature_normal=shown.temperature_normal,
            from_low_risk=shown.from_low_risk,
        ),
        on=_day(at),
        disease=disease,
        area=area_code,
    )
    return GateAnswer(
        answer=told(FREIGHT, gate.answer, read=not gate.basis.to_confirm),
        rule_answer=gate.answer,
        reasons=tuple(f"truck.reason.{code}" for code in gate.reasons),
        basis=gate.basis,
        tested_at=shown.tested_at,
        test_valid=gate.pcr_valid,
        details={
            "star": gate.star.given,
            "must_not": list(gate.must_not),
            "test": gate.test,
            "follow": gate.follow.of if gate.follow else "",
        },
    )


def commute_at_gate(
    shown: Shown, *, permit: Permit | None, person_key: str, disease: str, at: datetime
) -> GateAnswer:
    """What the gate does with a commuter: both ends asked, one valid test for both.

    A test shown and a result in the record count alike, from wherever; the age of a result of the record is
    counted from when it was given out. Raises InputError ``passage.ends_needed`` without a permit and without
    both ends, and as ``commute_answer``.
    """
    home, work = (permit.from_area, permit.to_area) if permit else (shown.from_area, shown.to_area)
    if not (home and work):
        raise InputError("passage.ends_needed")
    tests = [Test(shown.tested_at, shown.test_result)] if shown.tested_at else []
    tests += results_known(person_key, disease=disease, at=at)
    found = commute_answer(
        rulebook(),
        home_area=home,
        work_area=work,
        on=_day(at),
        disease=disease,
        facts=CommuteFacts(
            at,
            registered_at=permit.proposed_at if permit else shown.registered_at,
            approved_at=permit.decided_at if permit else None,
            tests=tuple(tests),
            risk_street_days=shown.risk_street_days,
            home_risk=shown.from_risk,
            work_risk=shown.to_risk,
            point_to_point=shown.point_to_point,
        ),
    )
    recognised = found.recognition
    return GateAnswer(
        answer=told(COMMUTER, found.answer, read=needs_were_read(found)),
        rule_answer=found.answer,
        reasons=tuple(dict.fromkeys(f"commute.need.{need.code}" for need in found.needs)),
        basis=found.basis,
        tested_at=recognised.test.at if recognised.test else None,
        test_valid=None if recognised.window is None else recognised.accepted_at_both,
        details={"ends": {"home": recognised.accepted_at_home, "work": recognised.accepted_at_work}},
    )


def needs_were_read(found: CommuteAnswer) -> bool:
    """False when what stops the commuter is a row that nobody has read, or a field that nobody can read."""
    stops = [need.requirement.row for need in found.needs if need.answer == found.answer]
    unread = found.home.unread or found.work.unread
    return not unread and all(row.confidence != CONFIDENCE_ORDER[-1] for row in stops)


def emergency_answer(shown: Shown, *, disease: str, area_code: str, at: datetime) -> GateAnswer:
    """Pass, escort, buffer ward: whatever the test, the code or the area.

    Raises InputError ``passage.not_an_emergency`` for a condition that nobody calls urgent.
    """
    facts = MedicalFacts(
        shown.condition,
        at,
        area_risk=shown.from_risk,
        code=shown.code,
        pcr_at=shown.tested_at,
        carer_says_urgent=shown.urgent,
    )
    gate = medical_gate(rulebook(), facts, on=_day(at), disease=disease, area=area_code)
    if gate.answer != "pass":
        raise InputError("passage.not_an_emergency", condition=shown.condition)
    return GateAnswer(
        answer=told(MEDICAL, gate.answer, read=True),
        rule_answer=gate.answer,
        reasons=(f"medical.group.{gate.group}",),
        basis=gate.basis,
        tested_at=shown.tested_at,
        details={"escort": gate.escort, "ward": gate.ward, "test_with_care": gate.test_with_care},
    )


def results_known(person_key: str, *, disease: str, at: datetime) -> list[Test]:
    """The person's results that the record held at ``at``, as tests; none of nobody."""
    if not person_key:
        return []
    rows = LabResult.objects.known_at(at).filter(
        person_key=person_key, disease=disease, result__in=(POSITIVE, NEGATIVE), resulted_at__lte=at
    )
    return [Test(row.resulted_at, row.result, row.area_code) for row in rows.order_by("resulted_at", "key")]


def _day(at: datetime) -> date:
    return civil_day(at, installation().zone)
