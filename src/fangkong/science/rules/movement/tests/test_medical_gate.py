"""Scenario 10: an emergency passes every gate."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fangkong.core.errors import InputError
from fangkong.science.rules import rule_book
from fangkong.science.rules.movement.medical_gate import MedicalFacts, emergencies, medical_gate
from fangkong.science.rules.resolver import RuleBook

COVID = "covid-19"
AT = datetime(2022, 7, 6, 15, tzinfo=UTC)


def test_labour_in_a_high_risk_building_with_an_expired_test_passes_with_escort(book: RuleBook) -> None:
    facts = MedicalFacts("labour", AT, area_risk="high", pcr_at=AT - timedelta(hours=52))
    gate = medical_gate(book, facts, disease=COVID)
    assert (gate.answer, gate.escort, gate.ward) == ("pass", "ambulance_or_escort", "buffer_ward")
    assert gate.test_with_care
    assert gate.incident is None


def test_the_rows_against_refusal_of_that_day_are_cited(book: RuleBook) -> None:
    def cited(on: date) -> list[tuple[str, str]]:
        rows = medical_gate(book, MedicalFacts("stroke", AT), on=on, disease=COVID).basis.rows
        return sorted((row.key, str(row.value)) for row in rows)

    assert cited(date(2022, 7, 6)) == [
        ("care.no_refusal", "must_receive_every_patient"),
        ("care.no_refusal", "receive_treat_or_transfer_with_copy_of_records"),
        ("overreach.forbid", "refuse_medical_care"),
    ]
    assert ("care.no_refusal", "receive_treat_or_transfer_with_records_and_protection") in cited(
        date(2026, 1, 1)
    )


def test_a_refusal_is_an_incident_until_a_doctor_is_named(book: RuleBook) -> None:
    facts = MedicalFacts("dialysis", AT, refused=True)
    incident = medical_gate(book, facts, disease=COVID).incident
    assert incident is not None
    assert (incident.code, incident.doctor_missing) == ("medical_refusal", True)
    assert "oversight" in incident.tell
    named = medical_gate(book, MedicalFacts("dialysis", AT, refused=True, refused_by="d-17")).incident
    assert named is not None
    assert not named.doctor_missing


def test_whoever_the_carer_calls_urgent_passes_and_others_go_the_ordinary_way(book: RuleBook) -> None:
    assert medical_gate(book, MedicalFacts("snake_bite", AT, carer_says_urgent=True)).answer == "pass"
    assert medical_gate(book, MedicalFacts("check_up", AT)).answer == "not_an_emergency"


def test_the_emergencies_that_history_asks_for_are_data() -> None:
    assert set(emergencies()) >= {"labour", "chest_pain", "stroke", "trauma", "dialysis", "infant"}


def test_a_moment_without_a_zone_is_refused(book: RuleBook) -> None:
    with pytest.raises(InputError, match=r"gate\.moment_not_aware"):
        medical_gate(book, MedicalFacts("labour", AT.replace(tzinfo=None)))


@given(
    condition=st.sampled_from(sorted(emergencies())),
    on=st.dates(date(2000, 1, 1), date(2040, 1, 1)),
    risk=st.sampled_from([None, "high", "lock"]),
    code=st.sampled_from([None, "red"]),
    area=st.sampled_from(["CN", "320509", "CN-31"]),
)
def test_no_day_area_code_or_risk_stops_an_emergency(condition, on, risk, code, area) -> None:
    facts = MedicalFacts(condition, AT, area_risk=risk, code=code)
    gate = medical_gate(rule_book(), facts, on=on, disease=COVID, area=area)
    assert gate.answer == "pass"
    assert gate.ward
