"""The timeline of one case: symptoms, tests, exposures, measures and classification, as codes and days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

from fangkong.core.clock import civil_day
from fangkong.record.access import Actor, visible
from fangkong.record.installation import installation
from fangkong.record.models import Case, Contact, LabResult, Order, Specimen

from .cases import case_history, find_case
from .values import CLASSIFICATION, EXPOSURES, LANES, MEASURES, SYMPTOMS, TESTS, TimelineEntry

#: Field of the case -> (lane, code) of its point on the timeline.
POINTS = {
    "onset_on": (SYMPTOMS, "onset"),
    "outcome_on": (SYMPTOMS, "outcome"),
    "sampled_on": (TESTS, "sampled"),
    "diagnosed_on": (TESTS, "diagnosed"),
}


def case_timeline(case_key: str, *, actor: Actor, at: datetime) -> list[TimelineEntry]:
    """What is known at ``at`` of one case, by lane and day; a fixed number of queries.

    Each entry has a lane, a code (``trace.entry.<code>``), its first and last day and parameters. Raises
    Forbidden without ``case.read``, NotFound.
    """
    case = find_case(case_key, actor=actor, at=at)
    zone = installation().zone
    entries = [*_own(case), *_tests(case, actor, at, zone), *_exposures(case, actor, at, zone)]
    entries += [*_measures(case, actor, at), *_classifications(case_key, actor, at, zone)]
    return sorted(entries, key=lambda e: (LANES.index(e.lane), e.first_on, e.last_on, e.code, str(e.params)))


def _own(case: Case) -> Iterator[TimelineEntry]:
    for field, (lane, code) in POINTS.items():
        day: date | None = getattr(case, field)
        if day is not None:
            yield TimelineEntry(lane, code, day, day, {"outcome": case.outcome} if code == "outcome" else {})
    first, last = case.exposed_from_on or case.exposed_to_on, case.exposed_to_on or case.exposed_from_on
    if first is not None and last is not None:
        yield TimelineEntry(
            EXPOSURES, "exposed", min(first, last), max(first, last), {"setting": case.setting}
        )


def _tests(case: Case, actor: Actor, at: datetime, zone: ZoneInfo) -> Iterator[TimelineEntry]:
    results = LabResult.objects.known_at(at).filter(person_key=case.person_key, disease=case.disease)
    collected: dict[str, datetime] = {}
    specimens = Specimen.objects.known_at(at).filter(person_key=case.person_key, collected_at__isnull=False)
    for key, taken_at in visible(specimens, actor, at=at).values_list("key", "collected_at"):
        collected[key] = taken_at
    for result in visible(results, actor, at=at):
        found_on = civil_day(result.resulted_at, zone)
        taken_on = civil_day(collected.get(result.specimen_key, result.resulted_at), zone)
        params: dict[str, object] = {"result": result.result, "method": result.method}
        if result.cycle_threshold is not None:
            params["cycle_threshold"] = result.cycle_threshold
        yield TimelineEntry(TESTS, "result", min(taken_on, found_on), found_on, params)


def _exposures(case: Case, actor: Actor, at: datetime, zone: ZoneInfo) -> Iterator[TimelineEntry]:
    """The exposures of the person as somebody's contact."""
    as_contact = Contact.objects.known_at(at).filter(person_key=case.person_key, disease=case.disease)
    for contact in visible(as_contact, actor, at=at):
        last = contact.last_exposure_on or (civil_day(contact.to_at, zone) if contact.to_at else None)
        first = civil_day(contact.from_at, zone) if contact.from_at else last
        last = last or first
        if first is not None and last is not None:
            params: dict[str, object] = {"tier": contact.tier, "setting": contact.setting}
            yield TimelineEntry(EXPOSURES, "contact", min(first, last), last, params)


def _measures(case: Case, actor: Actor, at: datetime) -> Iterator[TimelineEntry]:
    orders = Order.objects.known_at(at).filter(
        subject_kind="person", person_key=case.person_key, disease=case.disease
    )
    for order in visible(orders, actor, at=at):
        params: dict[str, object] = {"kind": order.kind, "state": order.state, "order_key": order.key}
        yield TimelineEntry(MEASURES, "order", order.starts_on, order.expires_on, params)


def _classifications(case_key: str, actor: Actor, at: datetime, zone: ZoneInfo) -> Iterator[TimelineEntry]:
    """Each new classification or severity, on the day from which the office held it."""
    before: tuple[str, str] | None = None
    for version in case_history(case_key, actor=actor, at=at):
        now = (version.classification, version.severity)
        if now == before:
            continue
        before = now
        day = civil_day(version.known_from, zone)
        params: dict[str, object] = {"classification": now[0], "severity": now[1]}
        yield TimelineEntry(CLASSIFICATION, "classified", day, day, params)
