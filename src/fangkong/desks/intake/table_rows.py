"""Rows of a checked table in the record's terms: what the sender called a column, the record calls a field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from fangkong.core.areas import level_of
from fangkong.science.tables.check import CheckedRow, CheckedTable
from fangkong.science.tables.kinds.rows import day_of, moment_of
from fangkong.science.tables.outcomes import rank_of
from fangkong.science.tables.values.value import Age, Identity

from .defects import held
from .disease_names import disease_of
from .external_ids import person_key
from .facts import ReadRow
from .mapping import Column, FileMapping
from .table_terms import TableTerms, target_of, targets

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
    "person_ref": "person_key",
    "source_ref": "from_case_no",
    "target_ref": "to_case_no",
    "followed_on": "day",
    "followup_status": "status",
}

#: The same where the sender's system goes by ids of its own.
_FILLS_OF_SYSTEM = {"source_ref": "source_ref", "target_ref": "target_ref"}

#: What two links of a row say at most of how the one met the other.
_LONGEST_SETTING = 80

#: Days of a case by which it counts as reported where the list has no day of report, the best first.
_REPORTED = ("reported_on", "confirmed_on", "admitted_on", "onset_on", "died_on", "outcome_on")


def read_rows(row: CheckedRow, number: int, terms: TableTerms) -> Iterator[ReadRow]:
    """The row as the record's desks read it, one for each case that a contact is named with.

    ``number`` stands for the row in the staged file. Raises Defect when the row lacks what its target needs.
    """
    values = _person(row.values, terms.day) | {"area_code": _area(row.values, terms)}
    if not values["area_code"]:
        raise held("area_unset")
    values["disease"] = _disease(row, terms)
    if terms.system:
        values["system"] = terms.system
    if terms.kind == "contact_ledger":
        values |= _contact(row.values, terms)
        for reference in _references(row.values.get("case_ref"), terms):
            yield ReadRow(number, {**values, "case_no": reference})
    elif terms.kind == "line_list":
        yield ReadRow(number, values | _case(row.values, terms))
    elif terms.kind == "lab_results":
        yield ReadRow(number, values | _result(row.values, terms))
    elif terms.kind == "follow_ups":
        yield ReadRow(number, values | _follow_up(row.values, terms))
    elif terms.kind == "relationships":
        yield ReadRow(number, values | _relation(row.values, terms))
    elif terms.kind == "events":
        yield ReadRow(number, values | _event(row.values, terms))


def without_doubted(row: CheckedRow, terms: TableTerms) -> CheckedRow:
    """The row as it is: or, of another system's, taken without the days that alone keep it out.

    Only where nothing else keeps it out, and where each doubted day can be spared.
    """
    doubted, spared = targets()["doubted"]["codes"], targets()["doubted"]["spared"]
    keeping = [issue for issue in row.issues if rank_of([issue.code])]
    if not terms.system or row.outcome != "held" or not keeping:
        return row
    fields = {name: field for field, name in terms.columns.items()}
    values = dict(row.values)
    for issue in keeping:
        if issue.code not in doubted:
            return row
        named = [fields.get(issue.column, ""), fields.get(str(issue.params.get("other", "")), "")]
        out = next((field for field in named if field in spared), None)
        if out is None and fields.get(issue.column) in values:
            return row
        values.pop(out or "", None)
    return replace(row, values=values, outcome="accepted")


def _disease(row: CheckedRow, terms: TableTerms) -> str:
    """The code of the disease that the row or else the title names, "" for the office's own.

    Raises Defect for a name that nobody knows, and for a blank where the other rows name one: counted under the
    office's disease either would be a false case.
    """
    column = terms.column("disease")
    if not (name := str(row.values.get("disease") or "")):
        if any(issue.code == "VALUE_MISSING" and issue.column == column for issue in row.issues if column):
            raise held("missing_value", column)
        return terms.disease
    if not (found := disease_of(name)):
        raise held("unknown_value", column)
    return found


def _person(values: Mapping[str, Any], day: date) -> dict[str, Any]:
    found: dict[str, Any] = {}
    name = values.get("name") or _name(values.get("family_name"), values.get("given_name"))
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


def _name(family: Any, given: Any) -> str:
    """One name of its two parts, in the order of the people who bear it.

    >>> _name("Heinze", "Günther"), _name("司徒", "霁月")
    ('Günther Heinze', '司徒霁月')
    """
    parts = [str(part) for part in (family, given) if part]
    return "".join(parts) if _is_chinese(parts) else " ".join(reversed(parts))


def _is_chinese(parts: Sequence[str]) -> bool:
    return any("\u3400" <= letter <= "\u9fff" for part in parts for letter in part)


def _birth_year(values: Mapping[str, Any], identity: Any, day: date) -> int | None:
    for born in (values.get("birth_on"), getattr(identity, "birth_on", None)):
        if (found := day_of(born)) is not None:
            return found.year
    if values.get("birth_year"):
        return int(values["birth_year"])
    age = values.get("age")
    return day.year - age.years if isinstance(age, Age) else None


def _area(values: Mapping[str, Any], terms: TableTerms) -> str:
    """The narrowest area that the row names and the gazetteer knows; else that of the table, "" where it has none."""
    code = str(values.get("area_code") or "")
    if code in terms.codes or _is_code(code):
        return code
    found = ""
    for name in ("area_name", "street", "community"):
        said = str(values.get(name) or "")
        codes = terms.area_codes.get(said, [said] if _is_code(said) else [])
        within = [each for each in ([codes] if isinstance(codes, str) else codes) if each.startswith(found)]
        found = within[0] if len(within) == 1 else found
    return found or terms.area_code


def _is_code(text: str) -> bool:
    """Whether ``text`` has the form of an area's code, six digits or more: fewer are as likely a plain number."""
    try:
        return len(text) >= 6 and bool(level_of(text))
    except ValueError:
        return False


def _contact(values: Mapping[str, Any], terms: TableTerms) -> dict[str, Any]:
    found: dict[str, Any] = {"last_exposure_on": day_of(values.get("exposure_at"))}
    tier = targets()["tier"].get(str(values.get("tier") or ""), terms.tier)
    if tier in ("", "held"):
        raise held("missing_value", terms.column("tier"))
    return found | _reference(values, terms) | {"tier": tier, "setting": _setting(values)}


def _setting(values: Mapping[str, Any]) -> str:
    found: str = targets()["contact_mode"].get(str(values.get("contact_mode") or ""), "")
    return found


def _reference(values: Mapping[str, Any], terms: TableTerms) -> dict[str, Any]:
    """The id under which the sender's system keeps the person of the row; nothing where it has none."""
    reference = str(values.get("person_ref") or "")
    return {"person_ref": reference} if terms.system and reference else {}


def _references(reference: Any, terms: TableTerms) -> Sequence[str]:
    """The cases a row names. One without any can be joined to none, unless its system says that in another file."""
    if not reference:
        if terms.system:
            return [""]
        raise held("unknown_case", terms.column("case_ref"))
    return [str(each) for each in reference] if isinstance(reference, list | tuple) else [str(reference)]


def _case(values: Mapping[str, Any], terms: TableTerms) -> dict[str, Any]:
    number = values.get("case_no") or values.get("case_ref") or values.get("person_ref")
    if isinstance(number, list | tuple):
        number = number[0]
    if not number:
        raise held("missing_value", terms.column("case_no"))
    reported = next((day for name in _REPORTED if (day := day_of(values.get(name))) is not None), None)
    if reported is None:
        raise held("missing_value", terms.column("reported_on") or terms.column("onset_on"))
    found = {
        "case_no": str(number),
        "classification": _classification(values, terms),
        "reported_on": reported,
        "onset_on": day_of(values.get("onset_on")),
        "diagnosed_on": day_of(values.get("confirmed_on")),
        "outcome": targets()["outcome"].get(str(values.get("outcome") or ""), ""),
        "outcome_on": day_of(values.get("died_on")) or day_of(values.get("outcome_on")),
    }
    if found["outcome_on"] is not None and not found["outcome"] and values.get("died_on"):
        found["outcome"] = "dead"
    found |= _reference(values, terms)
    if "person_ref" in found and targets()["system"][terms.system]["case_by"] == "person_ref":
        found["case_id"] = found["person_ref"]
    return found


def _classification(values: Mapping[str, Any], terms: TableTerms) -> str:
    """What the case counts as: by its column, else the title, else its day of confirmation, else its kind of list.

    Raises Defect for a word that is no class, and for a list of several classes that does not say which.
    """
    if word := str(values.get("classification") or ""):
        found: str = targets()["classification"].get(word, "")
        if not found:
            raise held("unknown_value", terms.column("classification"))
        return found
    found = terms.classification
    if not found and values.get("confirmed_on"):
        found = "confirmed"
    found = found or targets()["kind"]["classification"].get(terms.kind, "held")
    if found == "held":
        raise held("missing_value", terms.column("classification"))
    return found


def _result(values: Mapping[str, Any], terms: TableTerms) -> dict[str, Any]:
    code = values.get("specimen_code") or values.get("tube_code")
    result = targets()["result"].get(str(values.get("result") or ""), "")
    resulted = moment_of(values.get("reported_at")) or moment_of(values.get("sampled_at"))
    for filled, name in (
        (code, "specimen_code"),
        (result, "result"),
        (isinstance(resulted, datetime), "reported_at"),
    ):
        if not filled:
            raise held("missing_value", terms.column(name))
    found = {
        "specimen_code": str(code),
        "result": result,
        "resulted_at": resulted,
        "collected_at": moment_of(values.get("sampled_at")),
        "laboratory_name": values.get("laboratory"),
        "method": "pcr",
    }
    return found | _own_person(values, terms)


def _own_person(values: Mapping[str, Any], terms: TableTerms) -> dict[str, Any]:
    reference = _reference(values, terms).get("person_ref")
    return {"person_key": person_key(terms.system, reference)} if reference else {}


def _follow_up(values: Mapping[str, Any], terms: TableTerms) -> dict[str, Any]:
    day = day_of(values.get("followed_on"))
    if day is None:
        raise held("missing_value", terms.column("followed_on"))
    status = targets()["followup_status"].get(str(values.get("followup_status") or ""), "")
    found = {"day": day, "status": status} | _own_person(values, terms)
    if terms.system and values.get("serial"):
        found["own_id"] = str(values["serial"])
    return found


def _relation(values: Mapping[str, Any], terms: TableTerms) -> dict[str, Any]:
    source, target = values.get("source_ref"), values.get("target_ref")
    for filled, name in ((source, "source_ref"), (target, "target_ref")):
        if not filled:
            raise held("missing_value", terms.column(name))
    words = str(values.get("contact_mode") or values.get("relation") or "")
    found: dict[str, Any] = {
        "setting": _setting(values),
        "setting_text": words[:_LONGEST_SETTING] if not _setting(values) else "",
    }
    if not terms.system:
        return found | {"from_case_no": str(source), "to_case_no": str(target)}
    return found | {
        "source_ref": str(source),
        "target_ref": str(target),
        # Of a person a system knows the number, the sex or the age; of an event none of them.
        "source_is_person": any(values.get(name) for name in ("case_ref", "source_sex", "source_age")),
        "target_is_person": any(values.get(name) for name in ("contact_ref", "target_sex", "target_age")),
        "last_exposure_on": day_of(values.get("exposure_at")),
    }


def _event(values: Mapping[str, Any], terms: TableTerms) -> dict[str, Any]:
    reference, name = values.get("serial"), values.get("place")
    if not terms.system or not reference:
        raise held("missing_value", terms.column("serial"))
    return {
        "event_id": str(reference),
        "place_name": str(name or reference),
        "day": day_of(values.get("day")),
    }


def is_pooled(values: Mapping[str, Any]) -> bool:
    """Whether the result is of a tube that holds several people's samples: it says nothing of any one of them."""
    size = str(values.get("pool_type") or "")
    return size.isdigit() and int(size) > 1


def mapping_of(table: CheckedTable) -> FileMapping:
    """The table's columns as a mapping of the intake desk, so that its rows are decided as those of any file."""
    fills = _FILLS | (_FILLS_OF_SYSTEM if table.understanding.layout else {})
    columns = tuple(
        Column(reading.name, fills.get(reading.field, reading.field), required=False)
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
