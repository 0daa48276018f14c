"""Problems of a folder of rule packs, named by pack, row and key.

Errors: a file that is not TOML, a field that is missing, blank or of the wrong type, an unknown key, unit or
scope field, a bad date order, no source, no legal basis, an unknown document, a value of the wrong shape for
its unit, two rows of one timeline in force on one day (in one pack or in two), no coverage, a row outside its
pack's coverage, a coverage that names unknown keys or documents, a complete coverage that rests on an
unverified row, an unknown code of a transition.
Warnings: a test day that no stage has, an unknown field, a value that names an unknown key, a key that no row
uses (a folder may hold one disease and the whole vocabulary).
Gaps: between two rows of one timeline no row is in force (shown, not an error).
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from fangkong.core.areas import canonical_code
from fangkong.core.errors import InputError
from fangkong.science.rules.pack_files import KEYS_FILE, pack_files, read_table
from fangkong.science.rules.row_validation import (
    CONFIDENCE,
    KeyTables,
    Problem,
    is_area,
    is_day,
    is_text,
    is_texts,
    row_problems,
)

__all__ = [
    "KEYS_FILE",
    "KeyTables",
    "Problem",
    "matches",
    "validate_folder",
    "validate_folders",
]

#: Field of a pack -> the type it must have.
PACK_FIELDS: Mapping[str, type] = {
    "pack": str,
    "disease": str,
    "jurisdiction": str,
    "documents": dict,
    "row": list,
}
COVERAGE_FIELDS = frozenset({"from", "to", "areas", "keys", "complete", "basis", "missing", "note_en"})
DOCUMENT_TEXTS = ("title_en", "issued_by", "level", "number", "remark")
KINDS = frozenset({"restriction", "duty", "safeguard", "power", "service", "definition", "target"})


@dataclass(frozen=True, slots=True)
class _Span:
    """A sound row of a timeline: where it stands and when it is in force."""

    start: date
    end: date
    pack: str
    pack_name: str
    number: int
    authority: str
    value: Any


#: Place, disease, key and scope: rows of one timeline follow one another.
_Timeline = tuple[str, str, str, tuple[tuple[str, Any], ...]]
_Timelines = dict[_Timeline, list[_Span]]


def matches(pattern: str, key: str) -> bool:
    """True when ``pattern`` is ``key`` or ``prefix.*`` above it.

    >>> matches("contact.*", "contact.close.stages"), matches("contact", "contact.close.stages")
    (True, False)
    """
    return key == pattern or (pattern.endswith(".*") and key.startswith(pattern[:-1]))


def validate_folder(folder: Path, keys: KeyTables | None = None) -> list[Problem]:
    """Every problem of the packs in ``folder``, in the order of files and rows; empty when it is sound.

    ``keys`` are vocabulary tables (kind, units, scopes) known beside the folder's own ``keys.toml``. A key of
    the folder's own vocabulary that no row uses (a warning), or that gives a known one another meaning, is a
    problem too. Raises InputError ``rules.folder_unknown`` or ``rules.folder_empty`` (nothing in it is a pack).
    """
    problems, timelines, _ = _checked(folder, keys or {})
    return problems + _overlaps_across(timelines)


def validate_folders(*folders: Path, keys: KeyTables | None = None) -> list[Problem]:
    """Every problem of several folders read in order, and between them: each may use the words of those before.

    The ``pack`` of each problem is then ``folder/file``. Arguments and errors as in :func:`validate_folder`.
    """
    if len(folders) == 1:
        return validate_folder(folders[0], keys)
    known: dict[str, Any] = dict(keys or {})
    together: _Timelines = defaultdict(list)
    problems: list[Problem] = []
    names: dict[str, str] = {}
    for folder in folders:
        found, timelines, packs = _checked(folder, known)
        problems += [replace(each, pack=f"{folder.name}/{each.pack}") for each in found]
        for timeline, spans in timelines.items():
            together[timeline] += [replace(span, pack=f"{folder.name}/{span.pack}") for span in spans]
        for file_name, pack in packs.items():
            here = f"{folder.name}/{file_name}"
            first = names.setdefault(pack, here)
            if first != here and not any(p.code == "pack_name_taken" and p.pack == here for p in problems):
                problems.append(Problem(here, None, None, "pack_name_taken", {"by": first}))
        known = {**_vocabulary(folder), **known}
    return problems + _overlaps_across(together)


def _read(path: Path) -> dict[str, Any] | Problem:
    try:
        return read_table(path)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        return Problem(path.name, None, None, "not_toml", {"detail": str(error)})
    except RecursionError:
        return Problem(path.name, None, None, "not_toml", {"detail": "nested too deeply"})
    except OSError as error:
        return Problem(path.name, None, None, "cannot_be_read", {"detail": error.strerror or str(error)})


def _vocabulary(folder: Path) -> dict[str, Any]:
    """The sound entries of the folder's own ``keys.toml``."""
    path = folder / KEYS_FILE
    table = _read(path) if path.exists() else {}
    entries = table.get("keys", {}) if isinstance(table, dict) else {}
    if not isinstance(entries, dict):
        return {}
    return {key: entry for key, entry in entries.items() if _sound_key(entry)}


def _sound_key(entry: Any) -> bool:
    return (
        isinstance(entry, Mapping)
        and isinstance(entry.get("kind"), str)
        and entry["kind"] in KINDS
        and is_texts(entry.get("units"))
        and isinstance(entry.get("scopes", []), list)
        and all(map(is_text, entry.get("scopes", [])))
    )


def _meaning(entry: Mapping[str, Any]) -> tuple[Any, ...]:
    """What a sound entry of a vocabulary says, whatever the order of its units and scopes."""
    return entry["kind"], frozenset(entry["units"]), frozenset(entry.get("scopes", ()))


def _checked(folder: Path, known: KeyTables) -> tuple[list[Problem], _Timelines, dict[str, str]]:
    """Problems of one folder, its sound timelines, and file name -> pack name."""
    if not folder.is_dir():
        raise InputError("rules.folder_unknown", folder=str(folder))
    problems: list[Problem] = []
    own: dict[str, Any] = {}
    tables: dict[str, dict[str, Any]] = {}
    for path in pack_files(folder):
        table = _read(path)
        if isinstance(table, Problem):
            problems.append(table)
        elif path.name != KEYS_FILE:
            tables[path.name] = table
        elif isinstance(table.get("keys"), dict):
            own = table["keys"]
        else:
            problems.append(Problem(KEYS_FILE, None, None, "keys_missing"))
    problems += [
        Problem(KEYS_FILE, None, key, "key_redefined")
        for key, entry in own.items()
        if key in known and (not _sound_key(entry) or _meaning(entry) != _meaning(known[key]))
    ]
    for key, entry in own.items():
        if not _sound_key(entry):
            kind = entry.get("kind") if isinstance(entry, Mapping) else None
            problems.append(
                Problem(KEYS_FILE, None, key, "key_kind", {"kind": kind, "allowed": sorted(KINDS)})
            )
    if not tables and not problems:
        raise InputError("rules.folder_empty", folder=str(folder), suffix=".toml")

    vocabulary = {**{key: entry for key, entry in own.items() if _sound_key(entry)}, **known}
    timelines: _Timelines = defaultdict(list)
    names: dict[str, str] = {}
    packs: dict[str, str] = {}
    used: set[str] = set()
    for name, table in tables.items():
        problems += _pack_problems(name, table, vocabulary, timelines)
        packs[name] = str(table.get("pack"))
        first = names.setdefault(packs[name], name)
        if first != name:
            problems.append(Problem(name, None, None, "pack_name_taken", {"by": first}))
        rows = table.get("row")
        used |= (
            {str(row.get("key")) for row in rows if isinstance(row, dict)}
            if isinstance(rows, list)
            else set()
        )
    problems += [
        Problem(KEYS_FILE, None, key, "key_unused", severity="warning")
        for key in own
        if key not in used and key not in known
    ]
    return problems, timelines, packs


def _pack_problems(
    name: str, pack: Mapping[str, Any], keys: KeyTables, timelines: _Timelines
) -> Iterator[Problem]:
    absent = [field_name for field_name in PACK_FIELDS if not pack.get(field_name)]
    wrong = [
        field_name
        for field_name, kind in PACK_FIELDS.items()
        if field_name not in absent and not isinstance(pack[field_name], kind)
    ]
    yield from (Problem(name, None, None, "pack_field_missing", {"field": each}) for each in absent)
    yield from (Problem(name, None, None, "pack_field_type", {"field": each}) for each in wrong)
    if absent or wrong:
        return
    if not is_area(pack["jurisdiction"]):
        yield Problem(name, None, None, "pack_jurisdiction", {"value": pack["jurisdiction"]})
        return
    for field_name in ("title_zh", "title_en"):
        if not isinstance(pack.get(field_name, ""), str):
            yield Problem(name, None, None, "pack_field_type", {"field": field_name})
    for document_id, document in pack["documents"].items():
        yield from _document_problems(name, document_id, document)
    coverage = pack.get("coverage")
    if not coverage:
        yield Problem(name, None, None, "no_coverage")
    elif not isinstance(coverage, list):
        yield Problem(name, None, None, "pack_field_type", {"field": "coverage"})
    sound_coverage = []
    for number, entry in enumerate(coverage if isinstance(coverage, list) else (), 1):
        found = list(_coverage_problems(name, number, entry, pack["documents"], keys))
        yield from found
        if not found:
            sound_coverage.append(entry)
    own: _Timelines = defaultdict(list)
    for number, row in enumerate(pack["row"], 1):
        found = list(row_problems(name, number, row, pack["documents"], keys))
        yield from found
        if any(problem.severity == "error" for problem in found):
            continue
        place = row.get("jurisdiction", pack["jurisdiction"])
        yield from _place_in_coverage(name, number, row, place, sound_coverage)
        timeline = (_one_way(place), pack["disease"], row["key"], tuple(sorted(row["scope"].items())))
        span = _Span(
            row["effective_from"],
            row.get("effective_to", date.max),
            name,
            pack["pack"],
            number,
            row["authority"],
            row["value"],
        )
        own[timeline].append(span)
    for timeline, spans in own.items():
        yield from _timeline_problems(timeline, sorted(spans, key=lambda each: (each.start, each.number)))
        yield from _tests_outside_stages(timeline, spans, own)
        timelines[timeline] += spans


def _one_way(place: str) -> str:
    """The jurisdiction without trailing zero pairs: two spellings of one place are one timeline."""
    country, dash, code = ("CN", "-", place) if place.isdigit() else place.partition("-")
    return f"{country}{dash}{canonical_code(code)}" if code else country


def _document_problems(name: str, document_id: str, document: Any) -> Iterator[Problem]:
    where = {"document": document_id}
    if not isinstance(document, Mapping):
        yield Problem(name, None, None, "document_not_a_table", where)
        return
    if not is_texts(document.get("source")):
        yield Problem(name, None, None, "document_without_source", where)
    if not is_text(document.get("title")):
        yield Problem(name, None, None, "document_without_title", where)
    if "issued_on" in document and not is_day(document["issued_on"]):
        yield Problem(name, None, None, "document_date", {**where, "value": document["issued_on"]})
    mark = document.get("confidence", "unverified")
    if not isinstance(mark, str) or mark not in CONFIDENCE:
        params = {**where, "value": mark, "allowed": sorted(CONFIDENCE)}
        yield Problem(name, None, None, "document_confidence", params)
    for field_name in DOCUMENT_TEXTS:
        if not isinstance(document.get(field_name, ""), str):
            yield Problem(name, None, None, "document_field_not_text", {**where, "field": field_name})


def _coverage_problems(
    name: str, number: int, entry: Any, documents: Mapping[str, Any], keys: KeyTables
) -> Iterator[Problem]:
    where = {"coverage": number}
    if not isinstance(entry, Mapping):
        yield Problem(name, None, None, "coverage_not_a_table", where)
        return
    start, end = entry.get("from"), entry.get("to", date.max)
    if not is_day(start) or not is_day(end) or end < start:
        yield Problem(name, None, None, "coverage_dates", where)
    for field_name in ("areas", "keys"):
        if not is_texts(entry.get(field_name)):
            yield Problem(name, None, None, "coverage_field_missing", {**where, "field": field_name})
    if not is_text(entry.get("note_en")):
        yield Problem(name, None, None, "coverage_field_missing", {**where, "field": "note_en"})
    if not isinstance(entry.get("complete"), bool):
        yield Problem(name, None, None, "coverage_field_missing", {**where, "field": "complete"})
    for field_name in ("basis", "missing"):
        if entry.get(field_name, []) != [] and not is_texts(entry[field_name]):
            yield Problem(name, None, None, "coverage_field_not_a_list", {**where, "field": field_name})
    for field_name in entry:
        if field_name not in COVERAGE_FIELDS:
            yield Problem(name, None, None, "coverage_field_unknown", {**where, "field": field_name})
    for area in entry["areas"] if is_texts(entry.get("areas")) else ():
        if not is_area(area):
            yield Problem(name, None, None, "coverage_area", {**where, "value": area})
    for pattern in entry["keys"] if is_texts(entry.get("keys")) else ():
        if not any(matches(pattern, key) for key in keys):
            yield Problem(name, None, pattern, "coverage_key_unknown", where)
    for document_id in entry["basis"] if is_texts(entry.get("basis")) else ():
        if document_id not in documents:
            yield Problem(name, None, None, "coverage_document_unknown", {**where, "document": document_id})
    if entry.get("complete") and not entry.get("basis"):
        yield Problem(name, None, None, "coverage_without_basis", where)


def _place_in_coverage(
    name: str, number: int, row: Mapping[str, Any], place: str, coverage: list[Mapping[str, Any]]
) -> Iterator[Problem]:
    start, end = row["effective_from"], row.get("effective_to", date.max)
    holding = [
        entry
        for entry in coverage
        if _one_way(place) in map(_one_way, entry["areas"])
        and any(matches(pattern, row["key"]) for pattern in entry["keys"])
        and entry["from"] <= end
        and start <= entry.get("to", date.max)
    ]
    if not any(entry["from"] <= start for entry in holding):
        yield Problem(name, number, row["key"], "row_outside_coverage", {"area": place})
    if row["confidence"] == "unverified" and any(entry["complete"] for entry in holding):
        yield Problem(name, number, row["key"], "complete_coverage_on_unverified_row", {"area": place})


def _timeline_problems(timeline: _Timeline, spans: list[_Span]) -> Iterator[Problem]:
    """Overlaps and gaps of one pack's timeline, its rows in the order of their first days."""
    place, _, key, scope = timeline
    where = {"area": place, "scope": dict(scope)}
    latest = spans[0]
    for span in spans[1:]:
        if span.start <= latest.end:
            params = {"with_row": latest.number, **where}
            yield Problem(span.pack, span.number, key, "rows_overlap", params)
        elif span.start > latest.end + timedelta(days=1):
            between = {"after": latest.end, "before": span.start, **where}
            yield Problem(span.pack, span.number, key, "timeline_gap", between, severity="gap")
        latest = max(latest, span, key=lambda each: each.end)


def _overlaps_across(timelines: _Timelines) -> list[Problem]:
    """Rows of two packs that would tie: one timeline, one rank, a day in common.

    A higher rank goes before a lower one and the row of a disease before that for any disease, so neither of
    these is a tie; of two packs with one name only one is loaded, which is a problem of its own.
    """
    found = []
    for (place, _, key, scope), spans in timelines.items():
        by_rank: dict[str, list[_Span]] = defaultdict(list)
        for span in spans:
            by_rank[span.authority].append(span)
        for ranked in by_rank.values():
            ordered = sorted(ranked, key=lambda each: (each.start, each.pack, each.number))
            for later_at, later in enumerate(ordered):
                for earlier in ordered[:later_at]:
                    if earlier.pack_name != later.pack_name and later.start <= earlier.end:
                        params = {
                            "with_pack": earlier.pack,
                            "with_row": earlier.number,
                            "area": place,
                            "scope": dict(scope),
                        }
                        found.append(Problem(later.pack, later.number, key, "packs_overlap", params))
    return found


def _tests_outside_stages(timeline: _Timeline, spans: list[_Span], own: _Timelines) -> Iterator[Problem]:
    """Test days that no stage of the rows in force beside them is long enough for."""
    place, disease, key, scope = timeline
    prefix, _, last = key.rpartition(".")
    if last != "test_days":
        return
    for span in spans:
        beside = [
            each
            for each in own.get((place, disease, f"{prefix}.stages", scope), ())
            if each.start <= span.end and span.start <= each.end
        ]
        if not beside:
            continue
        for where, days in span.value.items():
            longest = max(
                (stage["days"] for each in beside for stage in each.value if stage["place"] == where),
                default=0,
            )
            for day in days:
                if day > longest:
                    params = {"place": where, "day": day, "days": longest}
                    yield Problem(span.pack, span.number, key, "test_day_outside_stage", params, "warning")
