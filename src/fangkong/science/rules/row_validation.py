"""Problems of one row of a pack: its fields, its words, its dates and the shape of its value.

Nothing here trusts a type: a pack is written by hand, and a number where a list belongs is a problem to name
and not an error to stop at.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

ROW_FIELDS = (
    "key",
    "value",
    "unit",
    "scope",
    "effective_from",
    "authority",
    "document",
    "legal_basis",
    "source",
    "confidence",
    "transition",
    "note_zh",
    "note_en",
)
#: Required fields that are text; of the others each has a check of its own.
TEXT_FIELDS = (
    "key",
    "unit",
    "authority",
    "document",
    "legal_basis",
    "confidence",
    "transition",
    "note_zh",
    "note_en",
)
OPTIONAL_FIELDS = (
    "effective_to",
    "end_basis",
    "date_precision",
    "jurisdiction",
    "stricter",
    "transition_rule",
)
CONFIDENCE = frozenset({"verified", "secondary", "unverified"})
AUTHORITY = frozenset({"international", "national", "province", "prefecture", "county", "reference"})
END_BASIS = frozenset({"read", "replaced", "inferred", "window"})
DATE_PRECISION = frozenset({"day", "month", "year"})
#: What an office adds to a local row that is stricter than the national one.
STRICTER_FIELDS = frozenset({"reason", "evidence", "approved_by"})
#: What a transition may say: how running orders end, and which day's rules a new case takes.
TRANSITION_RULES: Mapping[str, frozenset[str]] = {
    "running": frozenset({"earlier_end", "own_end", "ends_on_start"}),
    "new_cases": frozenset({"decision_day", "event_day"}),
}
#: Units whose plain value is a quantity that cannot be negative.
QUANTITIES = frozenset(
    {"d", "h", "m", "y", "percent", "rooms", "beds", "count", "rounds", "tests", "per_day"}
)
#: Units whose plain value is one word of a list.
WORDS = frozenset({"authority", "check", "class", "event", "level", "place", "specimen"})

_JURISDICTION = re.compile(r"[A-Z]{2,3}(-[0-9A-Za-z_]+)?|\d{2,18}")
_KEY = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)+")

KeyTables = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong: ``pack`` is the file name, ``row`` counts from 1, ``key`` is the row's key.

    ``code`` says what is wrong and ``params`` what about. ``severity`` is ``error`` (the folder is not
    loaded), ``warning`` (loaded; a person looks at it) or ``gap`` (no row between two of one timeline).
    """

    pack: str
    row: int | None
    key: str | None
    code: str
    params: Mapping[str, Any] = field(default_factory=dict, hash=False)
    severity: str = "error"


def is_day(value: Any) -> bool:
    """True for a civil day; a TOML date-time is a date too, but no civil day."""
    return type(value) is date


def is_text(value: Any) -> bool:
    """True for text that says something."""
    return isinstance(value, str) and bool(value.strip())


def is_texts(value: Any) -> bool:
    """True for a list with at least one text, all of which say something."""
    return isinstance(value, list) and bool(value) and all(map(is_text, value))


def is_area(value: Any) -> bool:
    """True for a jurisdiction as packs write it: ``CN``, ``INT``, ``CN-31`` or a bare area code."""
    return isinstance(value, str) and _JURISDICTION.fullmatch(value) is not None


def row_problems(
    name: str, number: int, row: Any, documents: Mapping[str, Any], keys: KeyTables
) -> Iterator[Problem]:
    """Every problem of row ``number`` of the file ``name``, whatever its types.

    ``documents`` are those of the pack, ``keys`` the vocabulary (key -> kind, units, scopes).
    """
    if not isinstance(row, Mapping):
        yield Problem(name, number, None, "row_not_a_table")
        return
    key = row["key"] if is_text(row.get("key")) else None

    def problem(code: str, severity: str = "error", **params: Any) -> Problem:
        return Problem(name, number, key, code, params, severity)

    absent = [each for each in ROW_FIELDS if each not in row or _blank(row[each])]
    yield from (problem("row_field_missing", field=each) for each in absent)
    not_text = [each for each in TEXT_FIELDS if each not in absent and not isinstance(row[each], str)]
    yield from (problem("row_field_not_text", field=each) for each in not_text)
    if absent or not_text:
        return
    for name_of_field in row:
        if name_of_field not in ROW_FIELDS and name_of_field not in OPTIONAL_FIELDS:
            yield problem("row_field_unknown", "warning", field=name_of_field)
    if not is_texts(row["source"]):
        yield problem("row_without_source")
    for field_name, allowed in (
        ("confidence", CONFIDENCE),
        ("authority", AUTHORITY),
        ("date_precision", DATE_PRECISION),
    ):
        if not _one_of(row.get(field_name, "day"), allowed) and field_name in row:
            yield problem(f"row_{field_name}", value=row[field_name], allowed=sorted(allowed))
    if not _one_of(row.get("end_basis", "read"), END_BASIS) or (
        "end_basis" in row and "effective_to" not in row
    ):
        yield problem("row_end_basis", value=row.get("end_basis"), allowed=sorted(END_BASIS))
    if row["document"] not in documents:
        yield problem("row_document_unknown", document=row["document"])
    if "jurisdiction" in row and not is_area(row["jurisdiction"]):
        yield problem("row_jurisdiction", value=row["jurisdiction"])
    yield from _dates(row, problem)
    yield from _scope(row, problem, keys.get(row["key"]))
    if row["key"] not in keys:
        yield problem("row_key_unknown")
    else:
        units = list(keys[row["key"]].get("units", ()))
        if row["unit"] not in units:
            yield problem("row_unit", value=row["unit"], allowed=units)
        shape = shape_expected(row["key"], row["unit"], row["value"])
        if shape:
            yield problem("row_value_shape", unit=row["unit"], expected=shape)
        for referred in _keys_named(row["value"]):
            if referred not in keys and referred.partition(".")[0] in {
                each.partition(".")[0] for each in keys
            }:
                yield problem("row_refers_to_unknown_key", "warning", referred=referred)
    yield from _stricter(row.get("stricter", {}), problem)
    yield from _transition(row.get("transition_rule", {}), problem)


def _blank(value: Any) -> bool:
    return isinstance(value, str) and not value.strip()


def _one_of(value: Any, allowed: Iterable[str]) -> bool:
    return isinstance(value, str) and value in allowed


def _dates(row: Mapping[str, Any], problem: Any) -> Iterator[Problem]:
    start, end = row["effective_from"], row.get("effective_to", date.max)
    for field_name, value in (("effective_from", start), ("effective_to", end)):
        if not is_day(value):
            yield problem("row_date_not_a_day", field=field_name, value=value)
    if is_day(start) and is_day(end) and end < start:
        yield problem("row_dates", first=start, last=end)


def _scope(row: Mapping[str, Any], problem: Any, rule: Mapping[str, Any] | None) -> Iterator[Problem]:
    if not isinstance(row["scope"], Mapping):
        yield problem("row_scope_not_a_table")
        return
    allowed = list((rule or {}).get("scopes", ()))
    for fact, value in row["scope"].items():
        if rule is not None and fact not in allowed:
            yield problem("row_scope_field", field=fact, allowed=allowed)
        elif not is_text(value) and type(value) not in (int, bool):
            yield problem("row_scope_value", field=fact, value=value)


def _stricter(stricter: Any, problem: Any) -> Iterator[Problem]:
    if not isinstance(stricter, Mapping):
        yield problem("row_stricter_not_a_table")
        return
    for field_name in sorted(set(stricter) - STRICTER_FIELDS):
        yield problem("row_stricter_field", field=field_name, allowed=sorted(STRICTER_FIELDS))
    if not _one_of(stricter.get("approved_by", "national"), AUTHORITY):
        yield problem("row_authority", value=stricter["approved_by"], allowed=sorted(AUTHORITY))


def _transition(rule: Any, problem: Any) -> Iterator[Problem]:
    if not isinstance(rule, Mapping):
        yield problem("transition_rule_not_a_table")
        return
    for name, value in rule.items():
        if name not in TRANSITION_RULES:
            yield problem("transition_rule_field", field=name, allowed=sorted(TRANSITION_RULES))
        elif not _one_of(value, TRANSITION_RULES[name]):
            yield problem(
                "transition_rule_code", field=name, value=value, allowed=sorted(TRANSITION_RULES[name])
            )


def shape_expected(key: str, unit: str, value: Any) -> str:
    """The code of the shape that ``value`` should have for its unit; "" when it has it.

    ``stages`` (a list of tables with a place and whole days), ``test_days`` (a table of lists of days),
    ``quantity`` (a number not below zero, a table or a list), ``yes_no``, ``word`` (one word or a table),
    ``list`` (a list of texts), ``rule`` (text, table or list), ``day`` (a civil day, or text).

    >>> shape_expected("contact.close.stages", "d", [{"place": "central", "days": 7}])
    ''
    >>> shape_expected("report.case_hours", "h", "2")
    'quantity'
    """
    if key.endswith(".stages"):
        return "" if isinstance(value, list) and all(map(_is_stage, value)) else "stages"
    if unit == "day":
        return "" if isinstance(value, Mapping) and all(map(_is_days, value.values())) else "test_days"
    if unit == "bool":
        return "" if isinstance(value, bool) else "yes_no"
    if unit == "list":
        return "" if isinstance(value, list) and all(map(is_text, value)) else "list"
    if unit == "date":
        return "" if is_day(value) or is_text(value) else "day"
    if unit == "rule":
        return "" if isinstance(value, str | Mapping | list) else "rule"
    if unit in WORDS:
        return "" if isinstance(value, str | Mapping | list) else "word"
    if unit in QUANTITIES and not isinstance(value, Mapping | list):
        return "" if _is_quantity(value) else "quantity"
    return ""


def _is_stage(stage: Any) -> bool:
    return (
        isinstance(stage, Mapping)
        and is_text(stage.get("place"))
        and type(stage.get("days")) is int
        and stage["days"] >= 0
        and isinstance(stage.get("choice", ""), str)
    )


def _is_days(days: Any) -> bool:
    return isinstance(days, list) and all(type(day) is int and day >= 0 for day in days)


def _is_quantity(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value) and value >= 0


def _keys_named(value: Any) -> Iterator[str]:
    """Texts of a value that are written like a key."""
    if isinstance(value, str) and _KEY.fullmatch(value):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _keys_named(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _keys_named(inner)
