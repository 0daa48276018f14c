"""Laboratory results: a row is a specimen, its result, and the person it was taken from."""

from __future__ import annotations

from datetime import datetime

from fangkong.core.clock import civil_day
from fangkong.core.keys import stable_key

from .defects import Defect, held, rejected
from .facts import DecidedRow, Decisions, Fact, ReadRow, Receiving
from .line_lists import column_of
from .people_facts import Meant, PeopleOfBatch, person_facts


def decide_lab_results(rows: list[ReadRow], work: Receiving) -> Decisions:
    """Each row with its specimen, result and person, or with its defect."""
    people = PeopleOfBatch.of_rows(rows, work)
    named = {row.values["person_key"] for row in rows if row.values.get("person_key")}
    since = work.people.known_since(named)
    for row in rows:
        try:
            person_key = row.values.get("person_key")
            if person_key and person_key not in since:
                raise held("unknown_person", column_of(work, "person_key"))
            meant = Meant(person_key, {}, "", since[person_key]) if person_key else people.meant_by(row)
            if meant is None:
                raise rejected("no_person", column_of(work, "id_number"))
            yield row, _decide(row, work, meant)
        except Defect as defect:
            yield row, defect


def _decide(row: ReadRow, work: Receiving, meant: Meant) -> DecidedRow:
    values = row.values
    day = civil_day(values["resulted_at"], work.zone)
    collected = values.get("collected_at")
    if collected is not None and collected > values["resulted_at"]:
        raise rejected("result_before_sample", column_of(work, "resulted_at"))
    known = work.known_from(row, day)
    laboratory = _laboratory(row, known, work)
    code, area_code = values["specimen_code"], values["area_code"]
    specimen_key = stable_key("specimen", laboratory, code)
    specimen = {
        "person_key": meant.key,
        "area_code": area_code,
        "kind": values.get("specimen_kind") or "",
        "purpose": values.get("purpose") or "",
        "collected_at": collected,
        "laboratory_key": laboratory,
    }
    result = {
        "specimen_key": specimen_key,
        "person_key": meant.key,
        "disease": work.disease,
        "area_code": area_code,
        "method": values.get("method") or "",
        "result": values["result"],
        "cycle_threshold": values.get("cycle_threshold"),
        "resulted_at": values["resulted_at"],
    }
    result_key = stable_key("result", work.disease, specimen_key, result["method"])
    facts = [
        *person_facts(meant.key, meant.since, row, known, work),
        Fact("specimen", specimen_key, known, specimen),
        Fact("labresult", result_key, known, result),
    ]
    identity = (meant.key, meant.identity) if meant.identity else None
    return DecidedRow(row.number, facts, (result_key, known), [area_code], day, identity, meant.token)


def _laboratory(row: ReadRow, known: datetime, work: Receiving) -> str:
    name = row.values.get("laboratory_name")
    if not name:
        return ""
    area_code = work.mapping.area_root or work.office_area
    fact = {"kind": "laboratory", "name_zh": name, "area_code": area_code}
    key = stable_key("organisation", "laboratory", area_code, name)
    return work.share(Fact("organisation", key, known, fact))
