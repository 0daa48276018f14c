"""Rows of a checked table in the record's terms: what the sender called a column, the record calls a field."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from fangkong.science.tables.check import CheckedRow, CheckedTable
from fangkong.science.tables.kinds.rows import day_of, moment_of
from fangkong.science.tables.values.value import Age, Identity

from .defects import Defect, held
from .facts import ReadRow
from .mapping import Column, FileMapping

#: The field of the record that each of the sender's fields fills.
_FILLS = {
    "case_ref": "case_no",
    "case_no": "case_no",
    "name": "name",
    "id_number": "id_number",
    "phone": "phone",
    "address": "address",
    "exposure_at": "last_exposure_on",
    "tier": "tier",
    "contact_mode": "setting",
    "area_name": "area_code",
    "area_code": "area_code",
    "specimen_code": "specimen_code",
    "tube_code": "specimen_code",
    "result": "result",
    "reported_at": "resulted_at",
    "sampled_at": "collected_at",
    "laboratory": "laboratory_name",
    "classification": "classification",
    "onset_on": "onset_on",
    "reported_on": "reported_on",
}

#: Days of a case by which it counts as reported where the list has no day of report, the best first.
_REPORTED = ("reported_on", "confirmed_on", "admitted_on", "onset_on")


@cache
def targets() -> Mapping[str, Any]:
    """``table_targets.toml`` as it stands."""
    return tomllib.loads(Path(__file__).with_name("table_targets.toml").read_text(encoding="utf-8"))


def target_of(kind: str) -> str:
    """The target of a kind of table in the record, "" for one that no desk reads yet."""
    found: str = targets()["target"].get(kind, "")
    return found


@dataclass(frozen=True)
class TableTerms:
    """What is true of every row of a table: the area where none is named, the day of ages, words of the title."""

    kind: str
    area_code: str
    day: date
    area_codes: Mapping[str, Any] = field(default_factory=dict)
    tier: str = ""
    classification: str = ""

    @classmethod
    def of(cls, table: CheckedTable, area_code: str, area_codes: Mapping[str, Any], name: str) -> TableTerms:
        """The terms of ``table``, from its title and the name of its file."""
        said = " ".join([*table.title, table.sheet, name]).casefold()
        return cls(
            table.kind,
            _area_said(said, area_codes) or area_code,
            table.context.reference,
            area_codes,
            _word(said, "tier"),
            _word(said, "classification"),
        )


def _word(said: str, list_name: str) -> str:
    words: Mapping[str, str] = targets()["title"][list_name]
    fitting = [word for word in words if word in said]
    return words[max(fitting, key=len)] if fitting else ""


def _area_said(said: str, area_codes: Mapping[str, Any]) -> str:
    """The area that the title names; the longest name wins, one that several areas share tells none."""
    fitting = [name for name in area_codes if len(name) > 1 and name.casefold() in said]
    found = area_codes[max(fitting, key=len)] if fitting else ""
    return found if isinstance(found, str) else ""


def read_rows(row: CheckedRow, number: int, terms: TableTerms) -> Iterator[ReadRow]:
    """The row as the record's desks read it, one for each case that a contact is named with.

    ``number`` stands for the row in the staged file. Raises Defect when the row lacks what its target needs.
    """
    values = _person(row.values, terms.day) | {"area_code": _area(row.values, terms)}
    if not values["area_code"]:
        raise held("unknown_area", "")
    if terms.kind == "contact_ledger":
        values |= _contact(row.values, terms)
        for reference in _references(row.values.get("case_ref")):
            yield ReadRow(number, {**values, "case_no": reference})
    elif terms.kind == "line_list":
        yield ReadRow(number, values | _case(row.values, terms))
    elif terms.kind == "lab_results":
        yield ReadRow(number, values | _result(row.values))


def _person(values: Mapping[str, Any], day: date) -> dict[str, Any]:
    found: dict[str, Any] = {}
    name = values.get("name") or " ".join(
        str(values[part]) for part in ("family_name", "given_name") if values.get(part)
    )
    identity, phone = values.get("id_number"), values.get("phone")
    if name:
        found["name"] = name
    if isinstance(identity, Identity):
        found["id_number"] = identity.number
    if phone:
        found["phone"] = (
            phone[0] if isinstance(phone, Sequence) and not isinstance(phone, str) else str(phone)
        )
    if values.get("address"):
        found["address"] = str(values["address"])
    if sex := targets()["sex"].get(str(values.get("sex") or getattr(identity, "sex", ""))):
        found["sex"] = sex
    if (born := _birth_year(values, identity, day)) is not None:
        found["birth_year"] = born
    age = values.get("age")
    if isinstance(age, Age):
        found["age_years"] = age.years
    return found


def _birth_year(values: Mapping[str, Any], identity: Any, day: date) -> int | None:
    for born in (values.get("birth_on"), getattr(identity, "birth_on", None)):
        if (found := day_of(born)) is not None:
            return found.year
    if values.get("birth_year"):
        return int(values["birth_year"])
    age = values.get("age")
    return day.year - age.years if isinstance(age, Age) else None


def _area(values: Mapping[str, Any], terms: TableTerms) -> str:
    if code := values.get("area_code"):
        return str(code)
    for name in ("community", "street", "area_name"):
        found = terms.area_codes.get(str(values.get(name) or ""))
        if isinstance(found, str):
            return found
        if len(str(values.get(name) or "")) > 3 and str(values[name]).isdigit():
            return str(values[name])
    return terms.area_code


def _contact(values: Mapping[str, Any], terms: TableTerms) -> dict[str, Any]:
    found: dict[str, Any] = {"last_exposure_on": day_of(values.get("exposure_at"))}
    tier = targets()["tier"].get(str(values.get("tier") or ""), terms.tier)
    if not tier:
        raise held("missing_value", "")
    setting = targets()["contact_mode"].get(str(values.get("contact_mode") or ""), "")
    return found | {"tier": tier, "setting": setting}


def _references(reference: Any) -> Sequence[str]:
    """The cases a row names; a row without one cannot be joined to any."""
    if not reference:
        raise held("unknown_case", "")
    return [str(each) for each in reference] if isinstance(reference, list | tuple) else [str(reference)]


def _case(values: Mapping[str, Any], terms: TableTerms) -> dict[str, Any]:
    number = values.get("case_no") or values.get("case_ref") or values.get("person_ref")
    if isinstance(number, list | tuple):
        number = number[0]
    if not number:
        raise held("missing_value", "")
    classification = targets()["classification"].get(
        str(values.get("classification") or ""), terms.classification
    )
    reported = next((day for name in _REPORTED if (day := day_of(values.get(name))) is not None), None)
    if not classification or reported is None:
        raise held("missing_value", "")
    found = {
        "case_no": str(number),
        "classification": classification,
        "reported_on": reported,
        "onset_on": day_of(values.get("onset_on")),
        "diagnosed_on": day_of(values.get("confirmed_on")),
        "outcome": targets()["outcome"].get(str(values.get("outcome") or ""), ""),
        "outcome_on": day_of(values.get("died_on")) or day_of(values.get("outcome_on")),
    }
    if found["outcome_on"] is not None and not found["outcome"] and values.get("died_on"):
        found["outcome"] = "dead"
    return found


def _result(values: Mapping[str, Any]) -> dict[str, Any]:
    code = values.get("specimen_code") or values.get("tube_code")
    result = targets()["result"].get(str(values.get("result") or ""), "")
    resulted = moment_of(values.get("reported_at")) or moment_of(values.get("sampled_at"))
    if not code or not result or not isinstance(resulted, datetime):
        raise held("missing_value", "")
    return {
        "specimen_code": str(code),
        "result": result,
        "resulted_at": resulted,
        "collected_at": moment_of(values.get("sampled_at")),
        "laboratory_name": values.get("laboratory"),
        "method": "pcr",
    }


def is_pooled(values: Mapping[str, Any]) -> bool:
    """Whether the result is of a tube that holds several people's samples: it says nothing of any one of them."""
    size = str(values.get("pool_type") or "")
    return size.isdigit() and int(size) > 1


def mapping_of(table: CheckedTable) -> FileMapping:
    """The table's columns as a mapping of the intake desk, so that its rows are decided as those of any file."""
    columns = tuple(
        Column(reading.name, _FILLS.get(reading.field, reading.field), required=False)
        for reading in table.readings
        if reading.field
    )
    return FileMapping(
        code=code_of_kind(table.kind),
        title_zh="",
        title_en="",
        target=target_of(table.kind),
        disease="",
        columns=columns,
        measures=(),
        later=(),
        constants={},
        series="official",
        area_root="",
        area_tables=(),
        areas=(),
        ignored=frozenset(),
        known="",
        place_kind="hospital",
        tie="home",
        refused_by=frozenset(),
        digest="",
        file="",
    )


def code_of_kind(kind: str) -> str:
    """Under which name the receipt of a table of ``kind`` says how it was read.

    >>> code_of_kind("contact_ledger")
    'table:contact_ledger'
    """
    return f"table:{kind}"


def unreadable(defect: Defect) -> bool:
    """Whether the row lacks what its target needs; it waits for a person."""
    return defect.reason in ("missing_value", "unknown_area")
