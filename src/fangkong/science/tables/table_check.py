"""One table checked: its columns understood, its cells read, its rows held against one another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, tzinfo
from itertools import chain, islice
from typing import Any

from .checked_rows import CheckedRows
from .columns import ColumnReading, Understanding
from .columns.reading import reading_as
from .columns.understand import understand
from .context import Context, context_of
from .hostile import limits, refused
from .kinds import CHECKS, Setting
from .kinds.assistance_list import requirement
from .kinds.lexicon import lexicon
from .kinds.report_dates import ReportDates
from .kinds.required import Required
from .kinds.rows import Check, ReadRow, ReadTotal, StockLine, digest, number_of
from .kinds.supplies import Supplies
from .kinds.totals import SUMMED, Totals
from .parts import Cell, Issue, SkippedRow, Table, TableRow
from .values.cells import reader_of

#: Rows of a table by which its columns are understood.
SAMPLE_ROWS = 200
#: Kinds that report on one day, so that the days in their rows are that one.
ONE_DAY = frozenset({"screening_crosstab", "beds", "supplies"})
#: What may be said of a figure in a total row; the rest concerns rows of data.
_OF_TOTALS = frozenset(
    {"FORMULA_NOT_CALCULATED", "FORMULA_CACHE_STALE", "CELL_ERROR_VALUE", "APPROXIMATE_NUMBER"}
)


@dataclass(frozen=True)
class Known:
    """What the record can say of the world outside the file.

    ``case_exists`` says whether a case of that reference is known, None where nobody can say.
    """

    case_exists: Callable[[str], bool | None] | None = None


#: Days from the last contact to release by tier or control mode, or what gives those of the day of the file.
ReleaseDays = Mapping[str, int] | Callable[[date], Mapping[str, int] | None]


#: What a person has confirmed of a table: (its kind, "" where nobody said, and header → field); None for nothing.
Confirmed = Callable[[Table], tuple[str, Mapping[str, str]] | None]


@dataclass(frozen=True)
class Office:
    """What the receiver brings to a file; see `check_file` for each part."""

    today: date
    zone: tzinfo
    known: Known
    saved: Mapping[str, str] | Confirmed | None = None
    areas: Mapping[str, Any] | None = None
    vocabulary: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    release_days: ReleaseDays | None = None


@dataclass
class CheckedTable:
    """One table checked. ``issues`` are those that stand at no row of data; ``stock`` is for the next day's check."""

    kind: str
    sheet: str
    title: Sequence[str]
    understanding: Understanding
    context: Context
    rows: CheckedRows
    issues: list[Issue] = field(default_factory=list)
    stock: list[StockLine] = field(default_factory=list)
    totals: Totals = field(default_factory=Totals)

    @property
    def readings(self) -> list[ColumnReading]:
        return self.understanding.readings


def check_table(
    table: Table, office: Office, stock: Sequence[StockLine] = (), before: CheckedTable | None = None
) -> CheckedTable:
    """The table with its rows checked; ``stock`` is the closing stock of the report before it, ``before`` the table of
    the sheet that this one may continue.

    Raises FileRefused ARCHIVE_EXPANDS_TOO_MUCH where rows of little are as wide as a header that is built to be.
    """
    sample = list(islice(table.rows, SAMPLE_ROWS))
    kind, saved = confirmed(table, office.saved)
    understanding = fitted(understand(table, sample, saved, kind))
    context = context_of(
        table,
        office.today,
        office.zone,
        sample=sample,
        areas=office.areas,
        vocabulary=office.vocabulary,
    )
    rule = office.release_days
    context.release_days = rule(context.latest) if callable(rule) else rule
    reader = _Reader(understanding, context)
    day = context.reference if context.basis in ("title", "file_name") else None
    setting = Setting(
        today=office.today,
        reference=context.reference,
        day=day,
        file_name=table.file_name,
        title=table.title,
        release_days=context.release_days,
        stock=stock,
        case_exists=office.known.case_exists,
    )
    continued = before is not None and any(one.code == "SHEET_CONTINUED" for one in table.issues)
    checks = _Checks(
        understanding.kind, understanding.layout, setting, before.totals if before and continued else None
    )
    checked = CheckedRows(table.sheet)
    for row in chain(sample, table.rows):
        if row.number in understanding.not_data:
            continue
        read = reader.read(row)
        found = [*reader.found, *checks.row(read)]
        checked.add(row.number, reader.kept(read), tuple(located(found, table.sheet)))
    totals, beside = reader.totals(table.skipped)
    late = [*checks.end(totals), *beside]
    issues = [*table.issues, *understanding.issues]
    at_rows = [one for one in issues if one.row is not None]
    elsewhere = checked.add_late(list(located([*late, *at_rows], table.sheet)))
    issues = [*located((one for one in issues if one.row is None), table.sheet), *elsewhere]
    return CheckedTable(
        understanding.kind,
        table.sheet,
        table.title,
        understanding,
        context,
        checked,
        issues,
        checks.stock,
        checks.totals,
    )


def confirmed(
    table: Table, saved: Mapping[str, str] | Confirmed | None
) -> tuple[str, Mapping[str, str] | None]:
    """(kind, header → field) that a person has confirmed of the table; ("", None) where nobody has."""
    if not callable(saved):
        return "", saved
    return saved(table) or ("", None)


def fitted(understanding: Understanding) -> Understanding:
    """The understanding with the fields that its kind means by them (``kinds/siblings.toml``).

    What a person has confirmed stays as it is.
    """
    meant = lexicon("siblings").get(understanding.kind)
    if not meant:
        return understanding
    held = {reading.field for reading in understanding.readings}
    readings = list(understanding.readings)
    for place, reading in enumerate(readings):
        field_name = meant.get(reading.field)
        if field_name is None or field_name in held or {"saved", "layout"} & set(reading.basis):
            continue
        again = reading_as(
            reading.column, field_name, unit=reading.unit, confidence=reading.confidence, basis=reading.basis
        )
        readings[place] = replace(again, traits=reading.traits)
        held.add(field_name)
    return replace(understanding, readings=readings)


def located(issues: Iterable[Issue], sheet: str) -> Iterator[Issue]:
    """The issues with their sheet named, each (row, column, code) once."""
    seen: set[tuple[int | None, str, str]] = set()
    for one in issues:
        key = (one.row, one.column, one.code)
        if key not in seen:
            seen.add(key)
            yield one if one.sheet else Issue(one.row, one.column, one.code, one.severity, one.params, sheet)


class _Checks:
    """The checks that a kind of table goes through, in step."""

    def __init__(self, kind: str, layout: str, setting: Setting, before: Totals | None) -> None:
        self._setting = setting
        self._check: Check | None = CHECKS[kind](setting) if kind in CHECKS else None
        self._required = Required(kind, layout)
        self.totals = Totals(before)
        self._dates = ReportDates(setting.file_name, setting.title, one_day=kind in ONE_DAY)

    def row(self, row: ReadRow) -> list[Issue]:
        self._required.row(row)
        found = list(self._check.row(row)) if self._check is not None else []
        self.totals.row(row, found)
        self._dates.row(row)
        return found

    def end(self, totals: Sequence[ReadTotal]) -> Iterator[Issue]:
        yield from self._required.end()
        if self._check is not None:
            yield from self._check.end(totals)
        yield from self.totals.end(totals, self._setting.title)
        yield from self._dates.end()

    @property
    def stock(self) -> list[StockLine]:
        return self._check.stock if isinstance(self._check, Supplies) else []


class _Reader:
    """Reads the rows of one table. ``found`` is what the last row's cells showed."""

    def __init__(self, understanding: Understanding, context: Context) -> None:
        self._kind = understanding.kind
        self._keys = keys_of(understanding.readings)
        self._columns = {
            key: reading.name
            for key, reading in zip(self._keys, understanding.readings, strict=True)
            if not key.startswith("other:")
        }
        self._sources: dict[str, str] = dict(self._columns)
        reads = [reader_of(reading, context) for reading in understanding.readings]
        names = [reading.name for reading in understanding.readings]
        self._columns_read = list(zip(self._keys, names, reads, strict=True))
        self._bounds = limits()["sheet"]
        self._held = self._empty = 0
        self.found: list[Issue] = []

    def read(self, row: TableRow) -> ReadRow:
        """The row with its cells read."""
        values: dict[str, Any] = {}
        texts: dict[str, str] = {}
        doubts: dict[str, list[str]] = {}
        states: dict[str, str] = {}
        found: list[Issue] = []
        said: list[str] = []
        for (key, name, read), cell in zip(self._columns_read, row.cells, strict=False):
            if text := cell.text.strip():
                texts[key] = text
                if key != "serial":
                    said.append(text)
            elif not cell.uncalculated:
                said.append("")
                states[key] = "empty"
                continue
            value = read(cell)
            if value.value is not None:
                values[key] = value.value
            else:
                states[key] = value.state
            for other, meant in value.also:
                if other not in values:
                    values[other] = meant
                    self._sources.setdefault(other, name)
            for one in value.issues:
                found.append(Issue(row.number, name, one.code, one.severity, one.params))
                doubts.setdefault(key, []).append(one.code)
                for other, _ in value.also:
                    doubts.setdefault(other, []).append(one.code)
        self.found = found
        self._held += len(texts)
        self._empty += len(row.cells) - len(texts)
        if self._empty > self._bounds["empty_cells"] + self._bounds["empty_for_each"] * self._held:
            raise refused("ARCHIVE_EXPANDS_TOO_MUCH", cells=self._empty, limit=self._bounds["empty_cells"])
        return ReadRow(
            number=row.number,
            values=values,
            texts=texts,
            columns=self._columns,
            sources=self._sources,
            doubts=doubts,
            states=states,
            digest=digest(*said),
            section=row.section,
            struck=row.struck,
            hidden=row.hidden,
        )

    def kept(self, row: ReadRow) -> dict[str, Any]:
        """What is kept of the row: the values, and the text of columns that nobody understood."""
        kept = dict(row.values)
        kept.update((key, text) for key, text in row.texts.items() if key.startswith("other:"))
        if self._kind == "assistance_list" and (text := row.text("requirement")):
            kept["steps"] = requirement(text)[0]
        if row.section:
            kept["section"] = row.section
        return kept

    def totals(self, skipped: Sequence[SkippedRow]) -> tuple[list[ReadTotal], list[Issue]]:
        """The totals and notes among the skipped rows, and what their own cells show."""
        totals: list[ReadTotal] = []
        found: list[Issue] = []
        for row in skipped:
            if row.why not in ("total", "subtotal", "note"):
                continue
            figures = dict(self._figures(row, found)) if row.why != "note" else {}
            text = " ".join(cell.text.strip() for cell in row.cells if cell.text.strip())
            totals.append(ReadTotal(row.number, row.why, figures, text))
        return totals, found

    def _figures(self, row: SkippedRow, found: list[Issue]) -> Iterator[tuple[str, float]]:
        for (key, name, read), cell in zip(self._columns_read, row.cells, strict=False):
            if key.split(":")[0] not in SUMMED or not (cell.text.strip() or cell.uncalculated):
                continue
            value = read(cell)
            for one in value.issues:
                if one.code in _OF_TOTALS:
                    found.append(Issue(row.number, name, one.code, one.severity, one.params))
            if (number := number_of(value.value)) is not None and not _unsure(cell):
                yield key, number


def _unsure(cell: Cell) -> bool:
    return cell.uncalculated or cell.error


def keys_of(readings: Sequence[ColumnReading]) -> list[str]:
    """The key of each column: its field; a further column of the same field has its name behind a colon."""
    keys: list[str] = []
    for reading in readings:
        key = reading.field or f"other:{reading.name}"
        if key in keys:
            key = f"{key}:{reading.name}"
        while key in keys:
            key += "'"
        keys.append(key)
    return keys
