"""What follows for somebody on the way: the next checkpoint and the investigators hear of it at once.

And from a checkpoint's own answers: an emergency is expected by a ward, a refused one alarms oversight.
"""

from __future__ import annotations

from fangkong.desks.control.journeys import JOURNEY_ALERT, next_gate, passages_on_the_way
from fangkong.desks.monitor.actions import signal_raise
from fangkong.record.access import Actor
from fangkong.record.models import Event, ExposureJudgement, Passage

from ..tasks.actions import task_key_of
from .follow_up import finish, revoke, task_for

CARE_REFUSED = "care_refused"


def warn_of_result(event: Event, actor: Actor) -> str:
    """The alert of a positive result about whoever passed a checkpoint within the look-back."""
    return _warn(event.params["person_key"], "result", event, actor)


def warn_of_judgement(event: Event, actor: Actor) -> str:
    """The alert of an exposure judged by hand about whoever passed a checkpoint within the look-back."""
    judgement = ExposureJudgement.objects.known_at(event.at).filter(key=event.subject_key).first()
    return _warn(judgement.person_key, "judgement", event, actor) if judgement else "withdrawn"


def expect_patient(event: Event, actor: Actor) -> str:
    """The task to receive the patient in the buffer ward."""
    return task_for("receive_emergency", event, actor, subject_kind="passage")


def alarm_refusal(event: Event, actor: Actor) -> str:
    """The alarm to oversight that an emergency was turned away, and the task to see the patient cared for."""
    passage = Passage.objects.known_at(event.at).filter(key=event.subject_key).first()
    if passage is None:
        return "withdrawn"
    named = bool(passage.details.get("refused_by"))
    signal_raise(
        CARE_REFUSED,
        disease=passage.disease,
        area_code=passage.area_code,
        subject_kind="passage",
        subject_key=passage.key,
        channel="checkpoint",
        params={"condition": passage.condition, "place_key": passage.place_key, "named": named},
        actor=actor,
        at=event.at,
    )
    task_for("follow_refusal", event, actor, subject_kind="passage", params={"condition": passage.condition})
    task_for("receive_emergency", event, actor, subject_kind="passage")
    return "alarm"


def ask_for_permit_decision(event: Event, actor: Actor) -> str:
    """The task to issue or refuse a permit."""
    return task_for(
        "decide_permit", event, actor, subject_kind="permit", params={"kind": event.params["kind"]}
    )


def close_permit_decision(event: Event, actor: Actor) -> str:
    """Somebody decided on the permit: the task to decide is done."""
    return finish([task_key_of("decide_permit", "permit", event.subject_key)], event, actor)


def drop_permit_decision(event: Event, actor: Actor) -> str:
    """The permit is over: nobody has to decide on it."""
    key = task_key_of("decide_permit", "permit", event.subject_key)
    return revoke([key], event, actor, reason=event.kind)


def _warn(person_key: str, why: str, event: Event, actor: Actor) -> str:
    disease = event.params["disease"]
    passages = passages_on_the_way(person_key, disease=disease, at=event.at)
    if not passages:
        return "nobody_on_the_way"
    latest = passages[0]
    gate = next_gate(latest)
    signal_raise(
        JOURNEY_ALERT,
        disease=disease,
        area_code=gate.area_code,
        subject_kind="passage",
        subject_key=latest.key,
        channel="checkpoint",
        params={"why": why, "kind": latest.kind, "to_area": gate.outside},
        actor=actor,
        at=event.at,
    )
    # The gate is told that somebody comes, not who and not why: its own question will be answered.
    _tell("meet_traveller", gate.area_code, latest, event, actor, {"kind": latest.kind}, named=False)
    told = {
        "kind": latest.kind,
        "why": why,
        "to_area": gate.outside or gate.area_code,
        "passages": len(passages),
        "person_key": person_key,
    }
    _tell("trace_journey", latest.area_code, latest, event, actor, told)
    return f"alert:{len(passages)}"


def _tell(
    kind: str,
    area_code: str,
    passage: Passage,
    event: Event,
    actor: Actor,
    params: dict[str, object],
    *,
    named: bool = True,
) -> None:
    task_for(
        kind,
        event,
        actor,
        subject_kind="passage",
        subject_key=passage.key,
        area_code=area_code,
        params=params,
        named=named,
    )
