"""Passages: a checkpoint asks, the rules answer, and the answer is all it learns. An emergency always passes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from fangkong.core.clock import civil_day
from fangkong.core.errors import InputError, NotFound
from fangkong.core.keys import stable_key
from fangkong.record import audit, events
from fangkong.record.access import Actor, visible
from fangkong.record.installation import installation
from fangkong.record.load import Row, load
from fangkong.record.models import Passage, Permit, Place
from fangkong.record.retention.collecting import Basis, collection_basis, require_basis
from fangkong.science.rules.movement.medical_gate import emergencies

from .gate_answers import (
    COMMUTER,
    FREIGHT,
    MEDICAL,
    GateAnswer,
    Shown,
    commute_at_gate,
    emergency_answer,
    truck_answer,
)
from .holders import Holder, person_keep, vehicle_digest
from .journeys import looked_for
from .order_rows import refuse_system
from .permit_figures import figures

RECORD = "passage.record"
CATEGORY = "movement"

#: The answer to somebody who is being looked for, and that of an emergency which somebody refused.
CALL_HELP, TURNED_AWAY = "call_help", "turned_away"

#: A condition that the carer calls urgent and no list names; the carer's own words are not kept.
OTHER = "other"

_WHY = 400


@dataclass(frozen=True)
class Answered:
    """The key of the passage and what the gate is told: no history, no name, no result."""

    key: str
    answer: str
    rule_answer: str
    reasons: tuple[str, ...]
    rule_rows: tuple[str, ...]
    legal_basis: tuple[str, ...]
    confidence: str
    test_valid: bool | None
    details: dict[str, Any]


def passage_record(
    place_key: str,
    *,
    kind: str,
    holder: Holder,
    shown: Shown,
    next_place_key: str = "",
    disease: str = "",
    actor: Actor,
    at: datetime,
) -> Answered:
    """What the checkpoint ``place_key`` does with a truck or a commuter, written down once per moment.

    ``kind`` is ``freight`` or ``commuter``; a commuter's issued permit is found by the person. Whoever is being
    looked for on the journey gets the answer ``call_help``, and the gate is not told why. Emits
    "passage.recorded".

    Raises Forbidden without ``passage.record`` at the place and where no rule of the day lets the office ask
    (``retention.limited``, ``retention.no_basis``); InputError ``passage.unknown_kind``, ``passage.who_needed``,
    ``holder.too_short``, ``passage.ends_needed`` and as the movement rules; NotFound ``passage.no_checkpoint``.
    """
    if kind not in (FREIGHT, COMMUTER):
        raise InputError("passage.unknown_kind", kind=kind, kinds=[FREIGHT, COMMUTER])
    place, disease = _gate(place_key, actor), disease or installation().disease
    holder.check()
    if not holder.named:
        raise InputError("passage.who_needed")
    next_key = _next_gate(next_place_key)
    on = _day(at)
    office = installation().area_code
    require_basis(CATEGORY, on=on, disease=disease, area_code=place.area_code, office_area=office)
    with audit.writing():
        person_key = person_keep(holder, category=CATEGORY, actor=actor.key, at=at)
        vehicle = vehicle_digest(holder.plate)
        permit = permit_of(person_key, kind=kind, on=on, at=at)
        if kind == FREIGHT:
            found = truck_answer(shown, disease=disease, area_code=place.area_code, at=at)
        else:
            found = commute_at_gate(shown, permit=permit, person_key=person_key, disease=disease, at=at)
        wanted = looked_for(person_key, vehicle, disease=disease, at=at)
        row: Row = {
            "kind": kind,
            "person_key": person_key,
            "vehicle_digest": vehicle,
            "permit_key": permit.key if permit else "",
            "next_place_key": next_key,
            "to_area": shown.to_area or (permit.to_area if permit else ""),
            "answer": CALL_HELP if wanted else found.answer,
        }
        return _write(place, row, found, disease=disease, event="passage.recorded", actor=actor, at=at)


def passage_emergency(
    place_key: str,
    *,
    shown: Shown,
    holder: Holder | None = None,
    disease: str = "",
    actor: Actor,
    at: datetime,
) -> Answered:
    """Pass, escort, buffer ward, written down so that the ward expects the patient; nothing else is asked.

    Who it is may be said and need not; where no rule lets the office hold it, it is not kept. Emits
    "passage.emergency". Raises Forbidden without ``passage.record`` at the place, InputError
    ``passage.not_an_emergency``, NotFound ``passage.no_checkpoint``.
    """
    return _emergency(place_key, shown, holder, disease, actor, at, event="passage.emergency")


def passage_refuse(
    place_key: str,
    *,
    shown: Shown,
    refused_by: str,
    reason: str,
    holder: Holder | None = None,
    disease: str = "",
    actor: Actor,
    at: datetime,
) -> Answered:
    """The incident that somebody turned an emergency away here: who answers for it, and why they say they did.

    It is recorded by whoever saw it and changes no answer: the patient passes, everywhere. Emits
    "passage.refused", on which oversight is alarmed. ``refused_by`` may stay "": the incident then waits for a
    name. Raises as ``passage_emergency``, and InputError ``passage.reason_needed``.
    """
    if not reason.strip():
        raise InputError("passage.reason_needed")
    more = {"refused_by": refused_by.strip()[:_WHY], "refused_because": reason.strip()[:_WHY]}
    return _emergency(place_key, shown, holder, disease, actor, at, event="passage.refused", more=more)


def _emergency(
    place_key: str,
    shown: Shown,
    holder: Holder | None,
    disease: str,
    actor: Actor,
    at: datetime,
    *,
    event: str,
    more: dict[str, Any] | None = None,
) -> Answered:
    place, disease = _gate(place_key, actor), disease or installation().disease
    who = holder or Holder()
    found = emergency_answer(shown, disease=disease, area_code=place.area_code, at=at)
    office = installation().area_code
    may_hold = collection_basis(
        CATEGORY, on=_day(at), disease=disease, area_code=place.area_code, office_area=office
    )
    with audit.writing():
        held = isinstance(may_hold, Basis)
        row: Row = {
            "kind": MEDICAL,
            "person_key": person_keep(who, category=CATEGORY, actor=actor.key, at=at) if held else "",
            "to_area": shown.to_area,
            "answer": TURNED_AWAY if event == "passage.refused" else found.answer,
            "emergency": True,
            "condition": shown.condition if shown.condition in emergencies() else OTHER,
            "details": {**found.details, **(more or {})},
        }
        return _write(place, row, found, disease=disease, event=event, actor=actor, at=at)


def _write(
    place: Place, row: Row, found: GateAnswer, *, disease: str, event: str, actor: Actor, at: datetime
) -> Answered:
    whole: Row = {
        "disease": disease,
        "place_key": place.key,
        "area_code": place.area_code,
        "passed_at": at,
        "rule_answer": found.rule_answer,
        "reasons": list(found.reasons),
        "rule_rows": list(found.basis.rule_rows),
        "confidence": found.basis.confidence,
        "tested_at": found.tested_at,
        "test_valid": found.test_valid,
        "details": found.details,
        "recorded_by": actor.key,
        **row,
    }
    key = stable_key("passage", place.key, whole["person_key"], row.get("vehicle_digest", ""), at, event)
    load(Passage, [{"key": key, **whole}], actor=actor.key, source_key=actor.key, known_from=at)
    audit.note(
        actor=actor.key,
        verb=event,
        object_kind="passage",
        object_key=key,
        area_code=place.area_code,
        values=whole,
    )
    params = {"disease": disease, "kind": whole["kind"], "answer": whole["answer"]}
    events.emit(event, key, place.area_code, at=at, params=params)
    # The gate that calls for help is not told what the rules would have said.
    called = whole["answer"] == CALL_HELP and found.answer != CALL_HELP
    return Answered(
        key=key,
        answer=str(whole["answer"]),
        rule_answer=CALL_HELP if called else found.rule_answer,
        reasons=("passage.reason.call_help",) if called else found.reasons,
        rule_rows=found.basis.rule_rows,
        legal_basis=found.basis.legal_basis,
        confidence=found.basis.confidence,
        test_valid=found.test_valid,
        details=dict(whole["details"]),
    )


def permit_of(person_key: str, *, kind: str, on: date, at: datetime) -> Permit | None:
    """The person's issued permit of this kind on the civil day ``on``, the one that lasts longest."""
    if not person_key:
        return None
    issued = Permit.objects.known_at(at).filter(person_key=person_key, kind=kind, state="issued")
    return issued.filter(starts_on__lte=on, expires_on__gte=on).order_by("-expires_on", "key").first()


def _gate(place_key: str, actor: Actor) -> Place:
    """The checkpoint or hospital at which the actor stands."""
    refuse_system(actor, RECORD)
    actor.require(RECORD)
    places = Place.objects.open().filter(key=place_key, kind__in=figures()["gate"]["places"])
    place = visible(places, actor).first()
    if place is None:
        raise NotFound("passage.no_checkpoint")
    return place


def _next_gate(place_key: str) -> str:
    """The key of the next checkpoint on the journey, wherever it lies; "" when nobody said."""
    if not place_key:
        return ""
    places = Place.objects.open().filter(key=place_key, kind__in=figures()["gate"]["places"])
    if not places.exists():
        raise NotFound("passage.no_checkpoint")
    return place_key


def _day(at: datetime) -> date:
    return civil_day(at, installation().zone)
