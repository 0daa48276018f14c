"""What follows from a positive result and a reported case: alert, isolation, tasks, contacts' orders."""

from __future__ import annotations

from datetime import date

from fangkong.core.clock import civil_day
from fangkong.desks.control.actions import order_propose_for_contact, order_propose_for_positive
from fangkong.desks.monitor.actions import signal_raise
from fangkong.record.access import Actor
from fangkong.record.installation import installation
from fangkong.record.models import Case, Contact, Event, LabResult, Task

from ..tasks.actions import task_key_of
from .follow_up import finish, follow_up, task_for

POSITIVE_SIGNAL = "laboratory_positive"


def raise_signal(event: Event, actor: Actor) -> str:
    """The alert of a positive result."""
    signal_raise(
        POSITIVE_SIGNAL,
        disease=event.params["disease"],
        area_code=event.area_code,
        subject_kind="result",
        subject_key=event.subject_key,
        channel="laboratory",
        params={
            "person_key": event.params["person_key"],
            "specimen_key": event.params.get("specimen_key", ""),
        },
        actor=actor,
        at=event.at,
    )
    return "raised"


def propose_isolation(event: Event, actor: Actor) -> str:
    """The isolation of the positive person, proposed; or a task for whoever must decide."""
    proposal = order_propose_for_positive(
        event.params["person_key"],
        event.params["disease"],
        event.area_code,
        event.subject_key,
        actor=actor,
        at=event.at,
    )
    return follow_up(proposal, event, actor, subject_kind="result")


def investigate_result(event: Event, actor: Actor) -> str:
    """The task to investigate the person, about their case when one is known, else about the result."""
    case = _case_of(event)
    if case is not None:
        return task_for("investigate", event, actor, subject_kind="case", subject_key=case.key)
    return task_for("investigate", event, actor, subject_kind="result")


def report_case(event: Event, actor: Actor) -> str:
    """The task to report the case within the hours of the rule; none when it stands in the record already."""
    if _case_of(event) is not None:
        return "reported_already"
    return task_for("report_case", event, actor, subject_kind="result")


def propose_for_known_contacts(event: Event, actor: Actor) -> str:
    """Orders for the contacts that the person's cases already have."""
    person = {"person_key": event.params["person_key"], "disease": event.params["disease"]}
    cases = list(Case.objects.known_at(event.at).filter(**person).values_list("key", flat=True))
    if not cases:
        return "no_case"
    contacts = Contact.objects.known_at(event.at).filter(case_key__in=cases).order_by("key")
    keys = list(contacts.values_list("key", flat=True))
    new = sum(order_propose_for_contact(key, actor=actor, at=event.at).new for key in keys)
    return f"proposed:{new}" if keys else "no_contacts"


def investigate_case(event: Event, actor: Actor) -> str:
    """The task to investigate a reported case, unless the positive result of this illness brought it."""
    case = Case.objects.known_at(event.at).filter(key=event.subject_key).first()
    if case is not None and _investigated_by_result(case, event):
        return "known_by_result"
    return task_for("investigate", event, actor, subject_kind="case")


def close_report_task(event: Event, actor: Actor) -> str:
    """The case is in the record: the tasks to report it are done."""
    case = Case.objects.known_at(event.at).filter(key=event.subject_key).first()
    if case is None:
        return "case_withdrawn"
    keys = [task_key_of("report_case", "result", key) for key in _results_of_illness(case, event)]
    return finish(keys, event, actor)


def _case_of(event: Event) -> Case | None:
    """The open illness of the person as it was known when the event happened; excluded ones do not count."""
    cases = Case.objects.known_at(event.at).filter(
        person_key=event.params["person_key"], disease=event.params["disease"], outcome__in=("", "alive")
    )
    return cases.exclude(classification="excluded").order_by("-reported_on", "key").first()


def _results_of_illness(case: Case, event: Event) -> list[str]:
    """Positive results of the person since the first day of this illness that is on record."""
    zone = installation().zone
    days = [case.onset_on, case.sampled_on, case.diagnosed_on, case.reported_on]
    first: date = min(day for day in days if day is not None)
    results = LabResult.objects.known_at(event.at).filter(
        person_key=case.person_key, disease=case.disease, result="positive"
    )
    return [result.key for result in results if civil_day(result.resulted_at, zone) >= first]


def _investigated_by_result(case: Case, event: Event) -> bool:
    keys = [task_key_of("investigate", "result", key) for key in _results_of_illness(case, event)]
    return Task.objects.known_at(event.at).filter(key__in=keys).exclude(state="revoked").exists()
