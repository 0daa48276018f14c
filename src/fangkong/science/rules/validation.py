"""Problems of a folder of rule packs, named by pack, row and key.

Errors: a file that is not TOML, a missing field, an unknown key, unit or scope field, a bad date order, no
source, an unknown document, two rows of one timeline in force on one day, no coverage, a row outside its
pack's coverage, a coverage that names unknown keys or documents, a complete coverage that rests on an
unverified row.
Gaps: between two rows of one timeline no row is in force (shown, not an error).
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

KEYS_FILE = "keys.toml"
PACK_FIELDS = ("pack", "disease", "jurisdiction", "documents", "row")
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
CONFIDENCE = frozenset({"verified", "secondary", "unverified"})
AUTHORITY = frozenset({"international", "national", "province", "prefecture", "county", "reference"})
END_BASIS = frozenset({"read", "replaced", "inferred", "window"})
COVERAGE_FIELDS = frozenset({"from", "to", "areas", "keys", "complete", "basis", "missing", "note_en"})
KINDS = frozenset({"restriction", "duty", "safeguard", "power", "service", "definition", "target"})
#: What an office adds to a local row that is stricter than the national one.
STRICTER_FIELDS = frozenset({"reason", "evidence", "approved_by"})

KeyTables = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong: ``pack`` is the file name, ``row`` counts from 1, ``key`` is the row's key.

    ``code`` says what is wrong and ``params`` what about; ``severity`` is ``error`` or ``gap``.
    """

    pack: str
    row: int | None
    key: str | None
    code: str
    params: Mapping[str, Any] = field(default_factory=dict, hash=False)
    severity: str = "error"


def matches(pattern: str, key: str) -> bool:
    """True when ``pattern`` is ``key`` or ``prefix.*`` above it.

    >>> matches("contact.*", "contact.close.stages"), matches("contact", "contact.close.stages")
    (True, False)
    """
    return key == pattern or (pattern.endswith(".*") and key.startswith(pattern[:-1]))


def validate_folder(folder: Path, keys: KeyTables | None = None) -> list[Problem]:
    """Every problem of the packs in ``folder``, in the order of files and rows; empty when it is sound.

    ``keys`` are vocabulary tables (kind, units, scopes) known beside the folder's own ``keys.toml``. A key of
    the folder's own vocabulary that no row uses, or that redefines a known one, is a problem too.
    """
    problems: list[Problem] = []
    own: dict[str, Any] = {}
    tables: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            problems.append(Problem(path.name, None, None, "not_toml", {"detail": str(error)}))
            continue
        if path.name == KEYS_FILE:
            own = table.get("keys", {})
        else:
            tables[path.name] = table
    vocabulary = {**own, **(keys or {})}
    problems += [Problem(KEYS_FILE, None, key, "key_redefined") for key in own if key in (keys or {})]
    problems += [
        Problem(KEYS_FILE, None, key, "key_kind", {"kind": entry.get("kind")})
        for key, entry in own.items()
        if entry.get("kind") not in KINDS or not entry.get("units")
    ]
    names: dict[str, str] = {}
    used: set[str] = set()
    for name, table in tables.items():
        problems += _pack_problems(name, table, vocabulary)
        first = names.setdefault(str(table.get("pack")), name)
        if first != name:
            problems.append(Problem(name, None, None, "pack_name_taken", {"by": first}))
        used |= {str(row.get("key")) for row in table.get("row", ())}
    problems += [Problem(KEYS_FILE, None, key, "key_unused") for key in own if key not in used]
    return problems


def _is_day(value: Any) -> bool:
    return type(value) is date  # a TOML date-time is a date too, but no civil day


def _pack_problems(name: str, pack: Mapping[str, Any], keys: KeyTables) -> Iterator[Problem]:
    absent = [field_name for field_name in PACK_FIELDS if not pack.get(field_name)]
    if absent:
        yield from (Problem(name, None, None, "pack_field_missing", {"field": each}) for each in absent)
        return
    for document_id, document in pack["documents"].items():
        if not document.get("source"):
            yield Problem(name, None, None, "document_without_source", {"document": document_id})
        if not document.get("title"):
            yield Problem(name, None, None, "document_without_title", {"document": document_id})
    sound_coverage = []
    if not pack.get("coverage"):
        yield Problem(name, None, None, "no_coverage")
    for number, entry in enumerate(pack.get("coverage", ()), 1):
        found = list(_coverage_problems(name, number, entry, pack["documents"], keys))
        yield from found
        if not found:
            sound_coverage.append(entry)
    timelines: dict[tuple[str, str, tuple[Any, ...]], list[tuple[date, date, int]]] = defaultdict(list)
    for number, row in enumerate(pack["row"], 1):
        found = list(_row_problems(name, number, row, pack, keys))
        yield from found
        if found:
            continue
        yield from _place_in_coverage(name, number, row, pack, sound_coverage)
        place = row.get("jurisdiction", pack["jurisdiction"])
        span = (row["effective_from"], row.get("effective_to", date.max), number)
        timelines[place, row["key"], tuple(sorted(row["scope"].items()))].append(span)
    for (place, key, scope), spans in timelines.items():
        yield from _timeline_problems(name, place, key, dict(scope), sorted(spans))


def _coverage_problems(
    name: str, number: int, entry: Mapping[str, Any], documents: Mapping[str, Any], keys: KeyTables
) -> Iterator[Problem]:
    where = {"coverage": number}
    start, end = entry.get("from"), entry.get("to", date.max)
    if not _is_day(start) or not _is_day(end) or end < start:
        yield Problem(name, None, None, "coverage_dates", where)
    for field_name in ("areas", "keys", "note_en"):
        if not entry.get(field_name):
            yield Problem(name, None, None, "coverage_field_missing", {**where, "field": field_name})
    if not isinstance(entry.get("complete"), bool):
        yield Problem(name, None, None, "coverage_field_missing", {**where, "field": "complete"})
    for field_name in entry:
        if field_name not in COVERAGE_FIELDS:
            yield Problem(name, None, None, "coverage_field_unknown", {**where, "field": field_name})
    for pattern in entry.get("keys", ()):
        if not any(matches(pattern, key) for key in keys):
            yield Problem(name, None, pattern, "coverage_key_unknown", where)
    for document_id in entry.get("basis", ()):
        if document_id not in documents:
            yield Problem(name, None, None, "coverage_document_unknown", {**where, "document": document_id})
    if entry.get("complete") and not entry.get("basis"):
        yield Problem(name, None, None, "coverage_without_basis", where)


def _row_problems(
    name: str, number: int, row: Mapping[str, Any], pack: Mapping[str, Any], keys: KeyTables
) -> Iterator[Problem]:
    key = str(row.get("key", "")) or None

    def problem(code: str, **params: Any) -> Problem:
        return Problem(name, number, key, code, params)

    absent = [each for each in ROW_FIELDS if each not in row or row[each] == ""]
    if absent:
        yield from (problem("row_field_missing", field=each) for each in absent)
        return
    if not isinstance(row["source"], list) or not row["source"] or not all(row["source"]):
        yield problem("row_without_source")
    for field_name, allowed in (("confidence", CONFIDENCE), ("authority", AUTHORITY)):
        if row[field_name] not in allowed:
            yield problem(f"row_{field_name}", value=row[field_name], allowed=sorted(allowed))
    if row.get("end_basis", "read") not in END_BASIS or ("end_basis" in row and "effective_to" not in row):
        yield problem("row_end_basis", value=row.get("end_basis"), allowed=sorted(END_BASIS))
    if row["document"] not in pack["documents"]:
        yield problem("row_document_unknown", document=row["document"])
    if key is None or key not in keys:
        yield problem("row_key_unknown")
    else:
        if row["unit"] not in keys[key]["units"]:
            yield problem("row_unit", value=row["unit"], allowed=list(keys[key]["units"]))
        for fact in row["scope"]:
            if fact not in keys[key].get("scopes", ()):
                yield problem("row_scope_field", field=fact, allowed=list(keys[key].get("scopes", ())))
    start, end = row["effective_from"], row.get("effective_to", date.max)
    if not _is_day(start) or not _is_day(end) or end < start:
        yield problem("row_dates")
    stricter = row.get("stricter", {})
    for field_name in set(stricter) - STRICTER_FIELDS:
        yield problem("row_stricter_field", field=field_name, allowed=sorted(STRICTER_FIELDS))
    if stricter.get("approved_by", "national") not in AUTHORITY:
        yield problem("row_authority", value=stricter["approved_by"], allowed=sorted(AUTHORITY))


def _place_in_coverage(
    name: str, number: int, row: Mapping[str, Any], pack: Mapping[str, Any], coverage: list[Mapping[str, Any]]
) -> Iterator[Problem]:
    place = row.get("jurisdiction", pack["jurisdiction"])
    start, end = row["effective_from"], row.get("effective_to", date.max)
    holding = [
        entry
        for entry in coverage
        if place in entry["areas"]
        and any(matches(pattern, row["key"]) for pattern in entry["keys"])
        and entry["from"] <= end
        and start <= entry.get("to", date.max)
    ]
    if not any(entry["from"] <= start for entry in holding):
        yield Problem(name, number, row["key"], "row_outside_coverage", {"area": place})
    if row["confidence"] == "unverified" and any(entry["complete"] for entry in holding):
        yield Problem(name, number, row["key"], "complete_coverage_on_unverified_row", {"area": place})


def _timeline_problems(
    name: str, place: str, key: str, scope: Mapping[str, Any], spans: list[tuple[date, date, int]]
) -> Iterator[Problem]:
    for (_, end, one), (start, _, two) in pairwise(spans):
        if start <= end:
            yield Problem(name, two, key, "rows_overlap", {"with_row": one, "area": place, "scope": scope})
        elif start > end + timedelta(days=1):
            between = {"after": end, "before": start, "area": place, "scope": scope}
            yield Problem(name, two, key, "timeline_gap", between, severity="gap")
