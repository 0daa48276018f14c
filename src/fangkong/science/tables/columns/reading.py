"""What a column was understood to hold, and on what ground."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from ..parts import Issue, TableColumn


@dataclass(frozen=True, slots=True)
class FieldOf:
    """A canonical field: how its cells are read and what a missing one is called. See ``fields.toml``."""

    name: str
    kind: str
    missing: str
    vocabulary: str = ""
    future: bool = False
    past: bool = False
    ends: bool = False
    many: bool = False


@cache
def fields() -> dict[str, FieldOf]:
    """Field name → `FieldOf`, in the order of ``fields.toml``."""
    found = tomllib.loads((Path(__file__).parent / "fields.toml").read_text(encoding="utf-8"))
    return {name: FieldOf(name=name, **entry) for name, entry in found.items()}


@dataclass(frozen=True, slots=True)
class Traits:
    """What the column's own cells say about how its other cells are written."""

    #: "dmy" or "mdy" where at least one date of the column can only be read so and none the other way; else "".
    date_order: str = ""
    #: Most dates of the column carry no year; most carry a time zone; most lie before 1900.
    no_year: bool = False
    zoned: bool = False
    historic: bool = False
    #: The order that the number formats of most date cells show: "ymd", "dmy", "mdy" or "".
    format_order: str = ""
    #: The usual length of a barcode, 0 where there is none, and whether the usual ones begin with a zero.
    width: int = 0
    leading_zero: bool = False
    #: How most percentages are written: "percent" (95%), "fraction" (0.95), "hundred" (95), "" where unknown.
    percent_form: str = ""
    #: Cells of the column are stored as numbers, so that a text among them is an exception.
    numeric: bool = False
    #: The layout is of a country other than ours: its telephone numbers follow no plan that we check.
    foreign: bool = False
    #: Most words of the column are not in the field's list: the sender writes freely here.
    free: bool = False
    #: Words that a good part of the column uses: a short form that everyone here writes is no exception.
    usual: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ColumnReading:
    """One column understood.

    ``field`` is a name of ``fields.toml``, "" where the column is not known. ``value_kind`` is how its cells are
    read ("text" for an unknown column). ``unit`` is the unit that the header names ("万只"), "" where none.
    ``confidence`` is in [0, 1]. ``basis`` says why, for the page that asks a person to confirm: codes "saved",
    "layout", "header", "header_part", "sub_header", "content", "content_contradicts_header", "unknown".
    ``part`` is the lowest header of a field that several columns may hold ("红码").
    """

    column: TableColumn
    field: str
    value_kind: str = "text"
    unit: str = ""
    confidence: float = 0.0
    basis: tuple[str, ...] = ()
    part: str = ""
    vocabulary: str = ""
    future: bool = False
    past: bool = False
    ends: bool = False
    traits: Traits = Traits()

    @property
    def name(self) -> str:
        """The column's header as the sender wrote it."""
        return self.column.name


#: Words of a header under which days to come are meant.
_AHEAD = re.compile(r"预计|预约|拟|计划|将于|expected|planned|scheduled|estimated", re.IGNORECASE)


def reading_as(
    column: TableColumn,
    field_name: str,
    *,
    unit: str = "",
    confidence: float = 1.0,
    basis: tuple[str, ...] = (),
) -> ColumnReading:
    """The reading of ``column`` as the canonical field ``field_name``, "" for an unknown one.

    Raises KeyError for a name that ``fields.toml`` does not have.
    """
    if not field_name:
        return ColumnReading(column, "", confidence=confidence, basis=basis or ("unknown",))
    known = fields()[field_name]
    part = next((level for level in reversed(column.path) if level), "") if known.many else ""
    return ColumnReading(
        column,
        known.name,
        known.kind,
        unit,
        confidence,
        basis,
        part,
        known.vocabulary,
        known.future or any(_AHEAD.search(level) for level in column.path),
        known.past,
        known.ends,
    )


@dataclass(frozen=True, slots=True)
class Understanding:
    """What a table is and what its columns hold.

    ``kind`` is a kind of file (contact_ledger, line_list, …, "unknown"), ``confidence`` its certainty in [0, 1].
    ``readings`` has one reading for each column of the table, in order. ``layout`` names the shipped or saved
    mapping that was recognised, "" where none. ``issues`` hold what is true of a whole column (row None).
    """

    kind: str
    readings: list[ColumnReading]
    confidence: float
    layout: str = ""
    issues: tuple[Issue, ...] = ()
    #: Rows of the sample that are not data: SORMAS's second header and its "##" rows, by row number.
    not_data: frozenset[int] = field(default_factory=frozenset)

    def reading_of(self, name: str) -> ColumnReading | None:
        """The first reading of the field ``name``, None where no column holds it."""
        return next((reading for reading in self.readings if reading.field == name), None)
