"""Registers of contacts: a row is a person whom a case exposed."""

from __future__ import annotations

from fangkong.core.keys import stable_key

from .cases_known import KnownCases
from .defects import Defect, rejected
from .facts import DecidedRow, Decisions, Fact, ReadRow, Receiving
from .line_lists import column_of
from .people_facts import PeopleOfBatch, person_facts

CONTACT_FIELDS = ("area_code", "tier", "setting", "from_at", "to_at", "last_exposure_on")


def decide_contacts(rows: list[ReadRow], work: Receiving) -> Decisions:
    """Each row with its contact, person and sealed identity, or with its defect."""
    cases = KnownCases(work.disease, (row.values["case_no"] for row in rows), work.actor)
    people = PeopleOfBatch.of_rows(rows, work)
    for row in rows:
        try:
            yield row, _decide(row, work, cases, people)
        except Defect as defect:
            yield row, defect


def _decide(row: ReadRow, work: Receiving, cases: KnownCases, people: PeopleOfBatch) -> DecidedRow:
    values = row.values
    case = cases.need(values["case_no"], column_of(work, "case_no"))
    meant = people.meant_by(row)
    if meant is None:
        raise rejected("no_person", column_of(work, "id_number"))
    if meant.key == case.person_key:
        raise rejected("contact_of_oneself", column_of(work, "case_no"))
    known = max(work.known_from(row, None), case.known_from)
    fact = {name: values[name] for name in CONTACT_FIELDS if values.get(name) is not None}
    fact |= {
        "case_key": case.key,
        "person_key": meant.key,
        "disease": work.disease,
        # Who it is is settled by the number; where to find them by an address.
        "identified": bool(meant.identity.get("name") and meant.identity.get("id_number")),
        "located": bool(meant.identity.get("address")),
    }
    key = stable_key("contact", work.disease, case.key, meant.key)
    facts = [*person_facts(meant.key, meant.since, row, known, work), Fact("contact", key, known, fact)]
    return DecidedRow(
        row.number,
        facts,
        (key, known),
        [values["area_code"]],
        values.get("last_exposure_on"),
        (meant.key, meant.identity),
        meant.token,
    )
