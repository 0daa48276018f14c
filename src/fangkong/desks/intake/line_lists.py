"""Line lists: a row is a case, its person, and the place where it was found."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fangkong.core.keys import near_key, run_of, stable_key

from .cases_known import KnownCases
from .defects import Defect
from .facts import DecidedRow, Decisions, Fact, ReadRow, Receiving
from .people_facts import PeopleOfBatch, person_facts

CASE_FIELDS = (
    "case_no",
    "area_code",
    "classification",
    "classified_on",
    "severity",
    "reported_on",
    "onset_on",
    "sampled_on",
    "diagnosed_on",
    "exposed_from_on",
    "exposed_to_on",
    "channel",
    "setting",
    "age_years",
    "outcome",
    "outcome_on",
)


def decide_cases(rows: list[ReadRow], work: Receiving) -> Decisions:
    """Each row with its case and person, or with its defect."""
    known_cases = KnownCases(work.disease, (row.values["case_no"] for row in rows), work.actor)
    people = PeopleOfBatch.of_rows(rows, work)
    for row in rows:
        try:
            yield row, decide_case(row, work, known_cases, people)
        except Defect as defect:
            yield row, defect


def decide_case(row: ReadRow, work: Receiving, cases: KnownCases, people: PeopleOfBatch) -> DecidedRow:
    """The row with its case and person. Raises Defect."""
    values = row.values
    known = work.known_from(row, values["reported_on"])
    case = cases.get(values["case_no"], column_of(work, "case_no"))
    key = case.key if case else case_key(work.disease, values["case_no"])
    meant = people.meant_by(row)
    if case is not None:
        # The person of a case stays the person of the case, whoever sends the list again.
        person_key = case.person_key
        since = case.known_from if meant or person_key != unnamed_person(key) else None
    elif meant is not None:
        person_key, since = meant.key, meant.since
    else:
        person_key, since = unnamed_person(key), None
    fact: dict[str, Any] = {name: values[name] for name in CASE_FIELDS if values.get(name) is not None}
    fact |= {"person_key": person_key, "disease": work.disease, "place_key": _place(row, known, work)}
    facts = person_facts(person_key, since, row, known, work) + _versions(key, fact, known, row, work)
    return DecidedRow(
        row.number,
        facts,
        # Where all rows are known at one instant, it parts none of them.
        (key, known) if work.basis == "mapping" else (key,),
        [values["area_code"]],
        values["reported_on"],
        (person_key, meant.identity) if meant else None,
        meant.token if meant else "",
    )


#: Case numbers that differ in their last characters only get keys that stand together.
RUN_CHARACTERS = 3


def case_key(disease: str, case_no: str) -> str:
    """The key of a case that the record does not know yet."""
    return near_key("case", f"{disease}|{case_no[:-RUN_CHARACTERS]}", disease, case_no)


def unnamed_person(key: str) -> str:
    """The key of the person of the case ``key``, of whom nobody has told the name."""
    if run := run_of(key):
        return near_key("person", run, key)
    return stable_key("person", key)


def _versions(key: str, fact: dict[str, Any], known: datetime, row: ReadRow, work: Receiving) -> list[Fact]:
    """The case as it was known first, and again for each later day on which more was learnt."""
    later: dict[datetime, set[str]] = {}
    if work.basis == "mapping":
        for entry in work.mapping.later:
            since = work.instant(row.columns.get(entry.known.removeprefix("column:")))
            if since is not None and since > known:
                later.setdefault(since, set()).update(entry.fields)
    versions = []
    for since in [known, *sorted(later)]:
        unknown = set().union(*(fields for at, fields in later.items() if at > since))
        versions.append(
            Fact("case", key, since, {name: v for name, v in fact.items() if name not in unknown})
        )
    return versions


def _place(row: ReadRow, known: datetime, work: Receiving) -> str:
    name = row.values.get("place_name")
    if not name:
        return ""
    area_code, kind = row.values["area_code"], work.mapping.place_kind
    place = {"kind": kind, "name_zh": name, "area_code": area_code}
    return work.share(Fact("place", stable_key("place", area_code, kind, name), known, place))


def column_of(work: Receiving, field: str) -> str:
    """The name of the file's column that fills ``field``, "" for a constant."""
    return next((column.name for column in work.mapping.columns if column.field == field), "")
