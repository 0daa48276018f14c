"""Deciding: each row of a table becomes an accepted row with its facts, or a defect with its reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date

from django.db.models import CharField

from fangkong.record.digest import VERSIONED

from .area_names import AreaNames
from .cells import ReadColumn, Reader, cell_reader, clean
from .contact_registers import decide_contacts
from .csv_rows import CsvRow, CsvTable
from .daily_counts import decide_daily_counts
from .defects import Defect, rejected
from .facts import DecidedRow, Decisions, ReadRow, Receiving, claim, in_scope
from .follow_ups import decide_follow_ups
from .lab_results import decide_lab_results
from .limits import limits
from .line_list_columns import LineListColumns, Sink
from .line_lists import decide_cases
from .links import decide_links
from .mapping import TARGETS, Column
from .seen_rows import SeenRows

DECIDERS: dict[str, Callable[[list[ReadRow], Receiving], Decisions]] = {
    "daily_counts": decide_daily_counts,
    "cases": decide_cases,
    "transmission_links": decide_links,
    "lab_results": decide_lab_results,
    "contacts": decide_contacts,
    "follow_ups": decide_follow_ups,
}
MAIN_MODEL = {
    "daily_counts": "dailycount",
    "cases": "case",
    "transmission_links": "transmissionlink",
    "lab_results": "labresult",
    "contacts": "contact",
    "follow_ups": "followup",
    "places": "place",
}

_MODELS = {model._meta.model_name: model for model in VERSIONED}

#: Text fields that end in a table of another name than the target's, and how long they may be there.
OTHER_TEXT = {"place_name": ("place", "name_zh"), "laboratory_name": ("organisation", "name_zh")}
#: Text that is sealed or digested has no column of its own; nobody's name or address is longer.
LONGEST_TEXT = 200


class RowReader:
    """Reads the cells of a row as its mapping says."""

    def __init__(self, work: Receiving, table: CsvTable, areas: AreaNames, today: date) -> None:
        positions = {name: index for index, name in enumerate(table.columns)}
        self._width, self.header = len(table.columns), table.columns
        self._constants = dict(work.mapping.constants)
        self.columns = [
            ReadColumn(
                positions[c.name],
                c,
                cell_reader(c, areas, work.zone, today),
                longest(work.mapping.target, c),
            )
            for c in work.mapping.columns
            if c.name in positions
        ]
        self._figures: list[tuple[int, str, str, Reader]] = [
            (
                positions[m.column],
                m.measure,
                m.channel,
                cell_reader(_count(m.column), areas, work.zone, today),
            )
            for m in work.mapping.measures
            if m.column in positions
        ]
        needed, _ = TARGETS[work.mapping.target]
        if work.mapping.target == "daily_counts" and not work.mapping.measures:
            needed = needed | {"measure", "value"}
        self.needed = needed

    def read(self, row: CsvRow) -> ReadRow:
        """The typed cells. Raises Defect at the first cell that cannot be taken."""
        if len(row.cells) != self._width:
            # Named by the last column that is there: what is missing, or too much, comes after it.
            last = self.header[min(len(row.cells), self._width) - 1]
            raise rejected("cell_count", last, cells=len(row.cells), columns=self._width)
        if [cell.strip() for cell in row.cells] == self.header:
            raise rejected("repeated_header")
        read = ReadRow(row.number, dict(self._constants))
        for each in self.columns:
            column, text = each.column, clean(row.cells[each.position])
            if text:
                value = each.reader(text)
                if isinstance(value, str) and len(value) > each.longest:
                    raise rejected("text_too_long", column.name, limit=each.longest)
            else:
                value = column.blank
            if value is None and column.field in self.needed and column.field not in read.values:
                raise rejected("missing_value", column.name)
            if value is not None:
                read.values[column.field] = read.columns[column.name] = value
        for index, measure, channel, reader in self._figures:
            if text := clean(row.cells[index]):
                read.figures.append((measure, channel, reader(text)))
        return read


def _count(column: str) -> Column:
    return Column(column, "value", "integer", minimum=0)


def longest(target: str, column: Column) -> int:
    """How many characters the record holds of the text of ``column`` in a row of ``target``."""
    model, name = OTHER_TEXT.get(column.field, (MAIN_MODEL[target], column.field))
    for candidate in (model, "person"):
        for found in _MODELS[candidate]._meta.concrete_fields:
            if found.name == name and isinstance(found, CharField):
                return found.max_length or LONGEST_TEXT
    return LONGEST_TEXT


def decide_rows(
    table: CsvTable, reader: RowReader, work: Receiving, sink: Sink, seen: SeenRows | None = None
) -> None:
    """Tell ``sink`` of every row of ``table``, in the order of the file; rows are looked up in batches.

    What ``seen`` knows changes nothing; what can be decided by columns is; the rest, and every row with something
    amiss, one by one.
    """
    if LineListColumns.can(reader.columns, work):
        by_columns = LineListColumns(reader.columns, reader.header, reader.needed, work, reader.read)
        for batch in _batches(table.rows):
            left, marks = seen.sift(batch) if seen else (batch, None)
            if marks is not None:
                sink.add_known(marks)
            if left:
                by_columns.decide(left, sink)
        return
    decide_one_by_one(table, reader, work, sink)


def decide_one_by_one(table: CsvTable, reader: RowReader, work: Receiving, sink: Sink) -> None:
    """Tell ``sink`` of every row as its target's module decides it: the reference for all that goes faster."""
    for batch in _batches(table.rows):
        decided: dict[int, DecidedRow | Defect] = {}
        readable = []
        for row in batch:
            try:
                readable.append(reader.read(row))
            except Defect as defect:
                decided[row.number] = defect
        for read, decision in DECIDERS[work.mapping.target](readable, work):
            decided[read.number] = decision
            if isinstance(decision, DecidedRow):
                try:
                    # At once, so that the next row of the batch already finds the person.
                    claim(read, in_scope(decision, work), work)
                except Defect as defect:
                    decided[read.number] = defect
        for row in batch:
            sink.add(row.number, decided[row.number])


def _batches(rows: Iterable[CsvRow]) -> Iterator[list[CsvRow]]:
    batch: list[CsvRow] = []
    for row in rows:
        batch.append(row)
        if len(batch) == limits().batch_rows:
            yield batch
            batch = []
    if batch:
        yield batch
