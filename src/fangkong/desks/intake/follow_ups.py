"""Follow-ups: a row is one day's look after one contact, or waits until the record holds the contact."""

from __future__ import annotations

from datetime import date

from fangkong.core.keys import stable_key
from fangkong.record.models import Contact

from .defects import Defect, held, rejected
from .external_ids import KnownContacts
from .facts import DecidedRow, Decisions, Fact, ReadRow, Receiving
from .line_lists import column_of
from .people_facts import PeopleOfBatch


def decide_follow_ups(rows: list[ReadRow], work: Receiving) -> Decisions:
    """Each row with its follow-up, or with its defect; a row whose contact nobody knows yet waits."""
    people = PeopleOfBatch.of_rows(rows, work)
    meant: list[tuple[ReadRow, str | Defect]] = []
    for row in rows:
        try:
            meant.append((row, _person(row, people, work)))
        except Defect as defect:
            meant.append((row, defect))
    contacts = KnownContacts.of_people((key for _, key in meant if isinstance(key, str)), work.actor)
    for row, key in meant:
        if isinstance(key, Defect):
            yield row, key
            continue
        seen = contacts.of(key)
        if seen:
            yield row, _decide(row, _contact_of(seen, row.values["day"]), work)
        else:
            yield row, held("unknown_person", column_of(work, "person_key"))


def _person(row: ReadRow, people: PeopleOfBatch, work: Receiving) -> str:
    """The key of the person looked after. Raises Defect when the row names nobody."""
    if key := row.values.get("person_key"):
        return str(key)
    meant = people.meant_by(row)
    if meant is None:
        raise rejected("no_person", column_of(work, "id_number"))
    return meant.key


def _contact_of(contacts: list[Contact], day: date) -> Contact:
    """The exposure that the follow-up is for: the latest before it, where a person has had several."""

    def place(contact: Contact) -> tuple[bool, int, str]:
        last = contact.last_exposure_on
        before = last is not None and last <= day
        return (not before, -last.toordinal() if last and before else 0, contact.key)

    return min(contacts, key=place)


def _decide(row: ReadRow, contact: Contact, work: Receiving) -> DecidedRow:
    values = row.values
    known = max(work.known_from(row, values["day"]), contact.known_from)
    fact = {
        "contact_key": contact.key,
        "person_key": contact.person_key,
        "disease": contact.disease,
        "area_code": contact.area_code,
        "day": values["day"],
        "status": values.get("status") or "",
    }
    own = values.get("own_id")
    key = (
        stable_key("followup", values["system"], own)
        if own
        else stable_key("followup", contact.key, values["day"])
    )
    return DecidedRow(
        row.number,
        [Fact("followup", key, known, fact)],
        (key, known),
        [contact.area_code],
        values["day"],
    )
