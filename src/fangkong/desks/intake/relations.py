"""Relationships between the ids of another system: who was exposed by whom, or at which event.

Between two cases it is a link, between a case and a contact it is the contact's case, and between a case and an event
it is the place of the case. A relationship with an end that nobody knows yet waits for the file that has it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from fangkong.core.keys import stable_key
from fangkong.record.access import visible
from fangkong.record.models import Case, Place

from .defects import Defect, held, rejected
from .external_ids import (
    KnownContacts,
    case_key,
    cases_held,
    event_key,
    known_after,
    person_key,
    said_of,
)
from .facts import DecidedRow, Decisions, Fact, ReadRow, Receiving
from .line_lists import column_of


@dataclass(frozen=True)
class _End:
    """What the record holds under the id at one end of a relationship."""

    case: Case | None
    #: The person's key where the record knows them as a contact, else "".
    contact: str
    #: The key of the event's place, else "".
    event: str


class _Ends:
    """The ends of the relationships of one batch."""

    def __init__(self, rows: list[ReadRow], work: Receiving) -> None:
        self._work = work
        named = {
            (row.values["system"], row.values[end]) for row in rows for end in ("source_ref", "target_ref")
        }
        self._cases = cases_held((case_key(*one) for one in named), work.actor)
        people = {person_key(*one) for one in named} | {case.person_key for case in self._cases.values()}
        self.contacts = KnownContacts.of_people(people, work.actor)
        places = Place.objects.open().filter(key__in=sorted(event_key(*one) for one in named))
        self._places = set(visible(places, work.actor).values_list("key", flat=True))

    def end(self, row: ReadRow, side: str) -> _End:
        """The end ``side``, "source" or "target". Raises Defect when it waits for another file."""
        system, reference = row.values["system"], row.values[f"{side}_ref"]
        case = self._cases.get(case_key(system, reference))
        person = case.person_key if case is not None else person_key(system, reference)
        contact = person if self.contacts.of(person) else ""
        if case is not None or contact:
            return _End(case, contact, "")
        key = event_key(system, reference)
        if key not in self._places:
            if row.values[f"{side}_is_person"]:
                raise held("unknown_person", column_of(self._work, f"{side}_ref"))
            self._open_event(row, key, reference)
        return _End(None, "", key)

    def _open_event(self, row: ReadRow, key: str, reference: str) -> None:
        """An end of whom the sender states no number, sex or age is nobody: an event, named by its id until its own
        file comes."""
        known = self._work.known_from(row, None)
        place = {"kind": "event", "name_zh": reference, "area_code": row.values["area_code"]}
        self._work.share(Fact("place", key, known, place))


def decide_relations(rows: list[ReadRow], work: Receiving) -> Decisions:
    """Each row with what it says of its two ends, or with its defect."""
    ends = _Ends(rows, work)
    for row in rows:
        try:
            yield row, _decide(row, ends.end(row, "source"), ends.end(row, "target"), ends, work)
        except Defect as defect:
            yield row, defect


def _decide(row: ReadRow, source: _End, target: _End, ends: _Ends, work: Receiving) -> DecidedRow:
    facts: list[Fact] = []
    if source.case is not None and target.event:
        facts.append(_at_event(row, source.case, target.event, work))
    elif source.event and target.case is not None:
        facts.append(_at_event(row, target.case, source.event, work))
    elif source.case is not None:
        if target.case is not None:
            facts.append(_link(row, source.case, target.case, work))
        if target.contact:
            facts.append(_contact(row, source.case, target.contact, ends.contacts, work))
    else:
        # Somebody who is a contact themselves, or an event that no case is told of.
        raise held("unknown_case", column_of(work, "source_ref"))
    day = row.values.get("last_exposure_on")
    subject = tuple(row.values[name] for name in ("system", "source_ref", "target_ref"))
    areas = [str(fact.values["area_code"]) for fact in facts if "area_code" in fact.values]
    return DecidedRow(row.number, facts, subject, areas, day)


def _link(row: ReadRow, source: Case, infected: Case, work: Receiving) -> Fact:
    if source.key == infected.key:
        raise rejected("link_to_itself", column_of(work, "target_ref"))
    known = max(work.known_from(row, None), source.known_from, infected.known_from)
    values = {
        "disease": infected.disease,
        "from_case_key": source.key,
        "to_case_key": infected.key,
        "setting": row.values.get("setting") or "",
        "setting_text": row.values.get("setting_text") or "",
    }
    key = stable_key("link", infected.disease, source.key, infected.key)
    return Fact("transmissionlink", key, known, values)


def _contact(row: ReadRow, case: Case, person: str, contacts: KnownContacts, work: Receiving) -> Fact:
    """The contact of ``person`` with ``case``: the one that had no case until now, or a further exposure."""
    if person == case.person_key:
        raise rejected("contact_of_oneself", column_of(work, "target_ref"))
    before = contacts.with_case(person, case.key) or contacts.without_case(person, work.claimed)
    if before is not None and not before.case_key:
        work.claimed[before.key] = case.key
    pattern = before or contacts.of(person)[0]
    exposed = _latest(row.values.get("last_exposure_on"), before.last_exposure_on if before else None)
    values = said_of(pattern) | {
        "case_key": case.key,
        "disease": case.disease,
        "setting": (before.setting if before else "") or row.values.get("setting") or "",
        "last_exposure_on": exposed,
    }
    known = max(work.known_from(row, None), case.known_from)
    if before is not None:
        return Fact("contact", before.key, known_after(before, values, known), values)
    return Fact("contact", stable_key("contact", case.disease, case.key, person), known, values)


def _at_event(row: ReadRow, case: Case, event: str, work: Receiving) -> Fact:
    if case.place_key not in ("", event):
        column = column_of(work, "source_ref")
        raise held("contradicts_record", column, table="case", key=case.key, option="--known-at")
    values = said_of(case) | {"place_key": event}
    return Fact("case", case.key, known_after(case, values, work.known_from(row, None)), values)


def _latest(*days: date | None) -> date | None:
    return max((day for day in days if day is not None), default=None)
