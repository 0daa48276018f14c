"""Mappings: how the columns of one kind of file become fields of the record. Data, read from TOML."""

from __future__ import annotations

import dataclasses
import hashlib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fangkong.core.areas import level_of
from fangkong.core.errors import InputError

KINDS = ("text", "code", "date", "datetime", "integer", "number", "yes_no", "area_code", "area_name")

#: Reasons for which a mapping may refuse the whole file.
REFUSING = frozenset({"cell_count", "impossible_date", "missing_value", "not_a_number", "number_too_large"})

#: Fields that any row may have beside those of its target: a day that says only since when the row is known.
_ANY = frozenset({"known_on"})

#: Target -> (fields that every row must fill, fields that a row may fill).
TARGETS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "daily_counts": (frozenset(["day", "area_code"]), frozenset(["measure", "channel", "value"]) | _ANY),
    "cases": (
        frozenset(["case_no", "area_code", "classification", "reported_on"]),
        frozenset(
            [
                "classified_on",
                "severity",
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
                "place_name",
                "sex",
                "birth_year",
                "occupation",
                "name",
                "id_number",
                "phone",
                "address",
            ]
        )
        | _ANY,
    ),
    "transmission_links": (
        frozenset(["from_case_no", "to_case_no"]),
        frozenset(["setting", "setting_text"]) | _ANY,
    ),
    "lab_results": (
        frozenset(["specimen_code", "result", "resulted_at", "area_code"]),
        frozenset(
            [
                "person_key",
                "method",
                "purpose",
                "specimen_kind",
                "cycle_threshold",
                "collected_at",
                "laboratory_name",
                "name",
                "id_number",
                "phone",
                "address",
            ]
        )
        | _ANY,
    ),
    "follow_ups": (
        frozenset(["day", "area_code"]),
        frozenset(["status", "person_key", "name", "id_number", "phone", "address"]) | _ANY,
    ),
    "contacts": (
        frozenset(["case_no", "area_code", "tier"]),
        frozenset(
            [
                "sex",
                "birth_year",
                "occupation",
                "setting",
                "last_exposure_on",
                "from_at",
                "to_at",
                "name",
                "id_number",
                "phone",
                "address",
            ]
        )
        | _ANY,
    ),
}


@dataclass(frozen=True)
class Column:
    """One column of the file and the field that its cells fill."""

    name: str
    field: str
    kind: str = "text"
    #: The file is not recognised without it.
    required: bool = True
    #: Named formats of dates and times, in strptime's terms; two that disagree make a cell ambiguous.
    formats: tuple[str, ...] = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y.%m.%d", "%Y年%m月%d日")
    #: Cell -> value, for kind code (all of them) and for areas (exceptions to the naming).
    values: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    minimum: int | None = None
    #: What an empty cell means; None: nothing was stated.
    blank: Any = None


@dataclass(frozen=True)
class Measure:
    """A column of a wide table whose cells are one measure; an empty cell was not published."""

    column: str
    measure: str
    channel: str = ""
    required: bool = True


@dataclass(frozen=True)
class Later:
    """Fields of a case that the office learned on a later day, which stands in a column of its own."""

    fields: tuple[str, ...]
    known: str


@dataclass(frozen=True)
class FileMapping:
    """One kind of file: how to know it, and what its rows say."""

    code: str
    title_zh: str
    title_en: str
    target: str
    #: "" for the disease of the installation.
    disease: str
    columns: tuple[Column, ...]
    measures: tuple[Measure, ...]
    later: tuple[Later, ...]
    constants: Mapping[str, Any]
    series: str
    area_root: str
    area_tables: tuple[str, ...]
    areas: tuple[Mapping[str, Any], ...]
    ignored: frozenset[str]
    #: "day_close", "column:<name>", "cases", or "" for the time of receiving.
    known: str
    place_kind: str
    tie: str
    #: Reasons of a row that refuse the whole file: a publication with such a row is broken, and is sent again.
    refused_by: frozenset[str]
    digest: str
    file: str

    @property
    def required_columns(self) -> frozenset[str]:
        """The columns by which the file is recognised."""
        return frozenset(c.name for c in self.columns if c.required) | frozenset(
            m.column for m in self.measures if m.required
        )

    @property
    def known_columns(self) -> frozenset[str]:
        """Every column that the mapping knows, read or ignored."""
        return frozenset(c.name for c in self.columns) | {m.column for m in self.measures} | self.ignored


def read_mapping(path: Path) -> FileMapping:
    """The mapping that the TOML file at ``path`` states.

    Raises InputError naming the file and the entry that is missing, unknown or not allowed.
    """
    try:
        content = path.read_bytes()
        stored = tomllib.loads(content.decode("utf-8"))
    except OSError:
        raise InputError("intake.file_missing", file=path.name) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError("mapping.not_toml", file=path.name, place=str(error), wanted="TOML") from None
    try:
        mapping = _mapping(stored, path.name, hashlib.sha256(content).hexdigest())
    except (TypeError, KeyError, AttributeError, ValueError) as error:
        raise InputError("mapping.bad_entry", file=path.name, entry=str(error).strip("'")) from None
    _validate(mapping)
    return mapping


def _mapping(stored: dict[str, Any], name: str, digest: str) -> FileMapping:
    stored.pop("schema", None)
    columns = tuple(_column(entry) for entry in stored.pop("column", []))
    mapping = FileMapping(
        code=str(stored.pop("code")),
        title_zh=stored.pop("title_zh"),
        title_en=stored.pop("title_en"),
        target=stored.pop("target"),
        disease=stored.pop("disease", ""),
        columns=columns,
        measures=tuple(Measure(**entry) for entry in stored.pop("measure", [])),
        later=tuple(Later(tuple(e["fields"]), e["known"]) for e in stored.pop("later", [])),
        constants=stored.pop("constants", {}),
        series=stored.pop("series", "official"),
        area_root=stored.pop("area_root", ""),
        area_tables=tuple(stored.pop("area_tables", [])),
        areas=tuple(stored.pop("area", [])),
        ignored=frozenset(stored.pop("ignored", [])),
        known=stored.pop("known", ""),
        place_kind=stored.pop("place_kind", "hospital"),
        tie=stored.pop("tie", "home"),
        refused_by=frozenset(stored.pop("refused_by", [])),
        digest=digest,
        file=name,
    )
    if stored:
        raise KeyError(next(iter(stored)))
    return mapping


def _column(entry: dict[str, Any]) -> Column:
    entry = dict(entry)
    if "formats" in entry:
        entry["formats"] = tuple(entry["formats"])
    return Column(**entry)


def _validate(mapping: FileMapping) -> None:
    def refuse(entry: str, allowed: Iterable[str]) -> InputError:
        return InputError("mapping.not_allowed", file=mapping.file, entry=entry, allowed=sorted(allowed))

    if mapping.target not in TARGETS:
        raise refuse(f"target = {mapping.target}", TARGETS)
    needed, may = TARGETS[mapping.target]
    for column in mapping.columns:
        if column.kind not in KINDS:
            raise refuse(f"{column.name}: kind = {column.kind}", KINDS)
        if column.field not in needed | may:
            raise refuse(f"{column.name}: field = {column.field}", needed | may)
    if unknown := set(mapping.constants) - needed - may:
        raise refuse(f"constants: {min(unknown)}", needed | may)
    if mapping.target == "daily_counts" and not mapping.measures:
        needed = needed | {"measure", "value"}
    stated = {column.field for column in mapping.columns} | set(mapping.constants)
    if missing := needed - stated:
        raise InputError("mapping.field_missing", file=mapping.file, fields=sorted(missing))
    timed = {f"column:{c.name}" for c in mapping.columns if c.kind in ("date", "datetime")}
    for entry in [mapping.known, *(later.known for later in mapping.later)]:
        if entry not in timed | {"day_close", "cases", ""}:
            raise refuse(f"known = {entry}", timed | {"day_close", "cases"})
    if other := mapping.refused_by - REFUSING:
        raise refuse(f"refused_by: {min(other)}", REFUSING)
    for area in mapping.areas:
        level_of(area["code"])


def area_table(name: str) -> list[dict[str, Any]]:
    """The areas of the packaged table ``name``: code, names, aliases. Raises KeyError for no such table."""
    path = Path(__file__).parent / "areas" / f"{name}.toml"
    if not path.is_file():
        raise KeyError(f"area_tables: {name}")
    areas: list[dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))["area"]
    return areas


#: Since when the office knows the areas of a table: they were there before any file it may receive.
AREAS_KNOWN_FROM = datetime(1970, 1, 1, tzinfo=UTC)
