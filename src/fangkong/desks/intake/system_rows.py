"""Rows that another system wrote out: their cases, contacts and events are known by that system's own ids.

A contact enters also when its file names no case: the person has to be looked after whoever the case was. The case
comes with the file of relationships (``relations``), which gives it to the contact.
"""

from __future__ import annotations

from collections.abc import Callable

from fangkong.core.keys import stable_key
from fangkong.record.models import Case, Contact, Place

from .cases_known import KnownCases
from .contact_registers import CONTACT_FIELDS
from .defects import Defect, rejected
from .external_ids import (
    KnownContacts,
    case_key,
    cases_held,
    contact_key,
    event_key,
    known_after,
    person_key,
    said_of,
)
from .facts import DecidedRow, Decisions, Fact, ReadRow, Receiving
from .line_lists import CASE_FIELDS, column_of, unnamed_person
from .line_lists import case_key as numbered_case_key
from .people import identity_of
from .people_facts import Meant, PeopleOfBatch, person_facts
from .relations import decide_relations


class _People:
    """Who the rows of a batch mean: by the sender's own id first, then by number, then somebody new."""

    def __init__(self, rows: list[ReadRow], work: Receiving) -> None:
        self._work, self._batch = work, PeopleOfBatch.of_rows(rows, work)
        keys = {key for row in rows if (key := self._own(row))}
        self._since = work.people.known_since(keys)

    @staticmethod
    def _own(row: ReadRow) -> str:
        reference = row.values.get("person_ref")
        return person_key(row.values["system"], reference) if reference else ""

    def meant_by(self, row: ReadRow) -> Meant | None:
        """The person of the row; one of a name alone is somebody new. None where nothing names anybody."""
        identity = identity_of(row.values)
        if own := self._own(row):
            return Meant(own, identity, "", self._since.get(own))
        if (meant := self._batch.meant_by(row)) is not None:
            return meant
        return Meant(self._work.people.new_key(row.number), identity, "", None) if identity else None


def decide_system_cases(rows: list[ReadRow], work: Receiving) -> Decisions:
    """Each row with its case and person, or with its defect."""
    people = _People(rows, work)
    numbered = KnownCases(work.disease, (row.values["case_no"] for row in rows), work.actor)
    own = {
        row.number: case_key(row.values["system"], reference)
        for row in rows
        if (reference := row.values.get("case_id"))
    }
    held_cases = cases_held(own.values(), work.actor)
    for row in rows:
        try:
            key = own.get(row.number, "")
            if not key:
                found = numbered.get(row.values["case_no"], column_of(work, "case_no"))
                key = found.key if found else numbered_case_key(work.disease, row.values["case_no"])
                if found:
                    held_cases |= cases_held([key], work.actor)
            yield row, _case(row, key, held_cases.get(key), people, work)
        except Defect as defect:
            yield row, defect


def _case(row: ReadRow, key: str, before: Case | None, people: _People, work: Receiving) -> DecidedRow:
    values = row.values
    known = work.known_from(row, values["reported_on"])
    meant = people.meant_by(row) or Meant(unnamed_person(key), {}, "", None)
    if before is not None and before.person_key != meant.key:
        # The person of a case stays the person of the case, whoever sends the list again.
        meant = Meant(before.person_key, meant.identity, "", before.known_from)
    fact = {name: values[name] for name in CASE_FIELDS if values.get(name) is not None}
    fact |= {
        "person_key": meant.key,
        "disease": work.disease,
        "place_key": before.place_key if before is not None else "",
    }
    return DecidedRow(
        row.number,
        [*person_facts(meant.key, meant.since, row, known, work), Fact("case", key, known, fact)],
        (key,),
        [values["area_code"]],
        values["reported_on"],
        (meant.key, meant.identity) if meant.identity else None,
        meant.token,
    )


def decide_system_contacts(rows: list[ReadRow], work: Receiving) -> Decisions:
    """Each row with its contact, person and sealed identity, or with its defect."""
    people = _People(rows, work)
    numbers = [row.values["case_no"] for row in rows if row.values.get("case_no")]
    numbered = KnownCases(work.disease, numbers, work.actor)
    own = cases_held(
        (case_key(row.values["system"], row.values["case_no"]) for row in rows if row.values.get("case_no")),
        work.actor,
    )
    meant: list[tuple[ReadRow, Meant | Defect]] = []
    for row in rows:
        try:
            found = people.meant_by(row)
            meant.append((row, found or rejected("no_person", column_of(work, "id_number"))))
        except Defect as defect:
            meant.append((row, defect))
    known = KnownContacts.of_people((who.key for _, who in meant if isinstance(who, Meant)), work.actor)
    for row, who in meant:
        try:
            if isinstance(who, Defect):
                raise who
            yield row, _contact(row, who, _case_named(row, own, numbered, work), known, work)
        except Defect as defect:
            yield row, defect


def _case_named(row: ReadRow, own: dict[str, Case], numbered: KnownCases, work: Receiving) -> Case | None:
    """The case that the row names, None for a row that names none. Raises Defect for one that nobody knows yet."""
    number = row.values.get("case_no")
    if not number:
        return None
    if (case := own.get(case_key(row.values["system"], number))) is not None:
        return case
    key = numbered.need(number, column_of(work, "case_no")).key
    return cases_held([key], work.actor)[key]


def _contact(
    row: ReadRow, who: Meant, case: Case | None, known_contacts: KnownContacts, work: Receiving
) -> DecidedRow:
    values = row.values
    if case is not None and case.person_key == who.key:
        raise rejected("contact_of_oneself", column_of(work, "case_no"))
    before = _before(who.key, case, known_contacts, work)
    known = work.known_from(row, None)
    if case is not None:
        known = max(known, case.known_from)
    fact = {name: values[name] for name in CONTACT_FIELDS if values.get(name) is not None}
    fact |= {
        "case_key": case.key if case is not None else before.case_key if before is not None else "",
        "person_key": who.key,
        "disease": case.disease if case is not None else work.disease,
        "identified": bool(who.identity.get("name") and who.identity.get("id_number")),
        "located": bool(who.identity.get("address")),
    }
    if before is not None:
        key = before.key
        if case is None and before.case_key:
            # The case came with another file since: what this one says follows it.
            fact = said_of(before) | fact
            known = known_after(before, fact, known)
    elif case is not None:
        key = stable_key("contact", case.disease, case.key, who.key)
    else:
        key = contact_key(values["system"], who.key)
    return DecidedRow(
        row.number,
        [*person_facts(who.key, who.since, row, known, work), Fact("contact", key, known, fact)],
        (key, known),
        [values["area_code"]],
        values.get("last_exposure_on"),
        (who.key, who.identity) if who.identity else None,
        who.token,
    )


def _before(person: str, case: Case | None, known: KnownContacts, work: Receiving) -> Contact | None:
    """The contact of the record that the row speaks of: with its case, or of whom no case was known."""
    if case is None:
        return next(iter(known.of(person)), None)
    if (same := known.with_case(person, case.key)) is not None:
        return same
    found = known.without_case(person, work.claimed)
    if found is not None:
        work.claimed[found.key] = case.key
    return found


def decide_events(rows: list[ReadRow], work: Receiving) -> Decisions:
    """Each row with the place of its event."""
    own = {row.number: event_key(row.values["system"], row.values["event_id"]) for row in rows}
    places = {place.key: place for place in Place.objects.open().filter(key__in=sorted(set(own.values())))}
    for row in rows:
        values, key = row.values, own[row.number]
        known = work.known_from(row, values.get("day"))
        fact = {"kind": "event", "name_zh": values["place_name"], "area_code": values["area_code"]}
        if (before := places.get(key)) is not None:
            # A relationship may have told of it first, by its id alone.
            fact = said_of(before) | fact
            known = known_after(before, fact, known)
        told = [Fact("place", key, known, fact)]
        yield row, DecidedRow(row.number, told, (key,), [values["area_code"]], values.get("day"))


#: How the rows of another system are decided, by target, where it differs from a line of a list.
SYSTEM_DECIDERS: dict[str, Callable[[list[ReadRow], Receiving], Decisions]] = {
    "cases": decide_system_cases,
    "contacts": decide_system_contacts,
    "transmission_links": decide_relations,
    "places": decide_events,
}
