"""The rows of a stream of test results: read in columns, judged, written to the lake's parts by the day of the result.

Columns are read by pyarrow; each distinct day, area and result word is read once, by the reader that any other
file of the mapping goes through. Positive rows go to a file of their own, which is received as any other is.
"""

from __future__ import annotations

import csv
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from fangkong.core.errors import InputError
from fangkong.record.access import Actor
from fangkong.record.identity_index import normalise, tokens_of
from fangkong.record.installation import Installation
from fangkong.record.keyring import keyring

from .area_names import AreaNames
from .cells import Reader, cell_reader, clean
from .csv_rows import read_table
from .defects import HELD, Defect, rejected
from .file_checks import SEPARATORS, CheckedFile
from .mapping import Column, FileMapping
from .result_lake import RESULTS, TOKEN_BYTES, LakeParts
from .staging import areas_at_hand

#: The kind under which the tokens of people are made.
TOKEN_KIND = "test_result"  # noqa: S105 (a kind, no secret)

_INSTANT = RESULTS.field("resulted_at").type
_KINDS = {
    "area_code": pa.string(),
    "result": pa.string(),
    "method": pa.string(),
    "cycle_threshold": pa.float64(),
    "collected_at": _INSTANT,
    "resulted_at": _INSTANT,
}
#: Bytes that are read, decided and written together.
_BLOCK_BYTES = 1 << 23
_NEEDED = ("specimen_code", "result", "resulted_at", "area_code")
_FIELDS = (
    *_NEEDED,
    "id_number",
    "person_key",
    "collected_at",
    "cycle_threshold",
    "method",
    "laboratory_name",
)


@dataclass
class _Read:
    """A cell column that is read by its distinct cells: text -> value, or the defect of it."""

    column: Column
    reader: Reader
    needed: bool
    known: dict[str, Any] = field(default_factory=dict)

    def values(self, cells: pa.Array, kind: pa.DataType) -> tuple[pa.Array, list[int]]:
        """(values, positions of cells that cannot be taken)."""
        encoded = cells.dictionary_encode()
        read = [self._value(cell) for cell in encoded.dictionary.to_pylist()]
        bad = {index for index, value in enumerate(read) if isinstance(value, Defect)}
        good = [None if isinstance(value, Defect) else value for value in read]
        values = pa.array(good, type=kind).take(encoded.indices)
        if not bad:
            return values, []
        marked = pc.is_in(encoded.indices, pa.array(sorted(bad), type=pa.int32()))
        return values, pc.indices_nonzero(marked).to_pylist()

    def _value(self, cell: str) -> Any:
        if cell not in self.known:
            text = clean(cell)
            try:
                value = self.reader(text) if text else self.column.blank
                if value is None and self.needed:
                    value = rejected("missing_value", self.column.name)
            except Defect as defect:
                value = defect
            self.known[cell] = value
        return self.known[cell]

    def defect(self, cell: str) -> Defect:
        """Why the cell cannot be taken."""
        found = self._value(cell)
        assert isinstance(found, Defect)
        return found


def _header(file: CheckedFile) -> tuple[list[str], str, int]:
    """(column names, separator, line on which the rows begin) of the file."""
    with file.path.open(encoding=file.encoding, newline="") as handle:
        for number, line in enumerate(handle, start=1):
            if line.strip("\r\n ,;\t"):
                separator = max(SEPARATORS, key=line.count)
                names = [name.strip() for name in next(csv.reader([line], delimiter=separator))]
                return [name or f"#{index}" for index, name in enumerate(names)], separator, number + 1
    raise InputError("intake.file_empty", file=file.name)


def _same(value: Any, count: int, kind: pa.DataType | None = None) -> pa.Array:
    """A column that says ``value`` in every row."""
    return pa.repeat(pa.scalar(value, type=kind or pa.string()), count)


def _normalised(numbers: pa.Array) -> list[bytes]:
    """The numbers as ``identity_index.normalise`` compares them, as bytes."""
    if pc.all(pc.or_(pc.ascii_is_alnum(numbers), pc.equal(numbers, ""))).as_py():
        return list(pc.ascii_lower(numbers).cast(pa.binary()).to_pylist())
    return [normalise("id_number", number).encode() for number in numbers.to_pylist()]


def _empty(texts: pa.Array) -> list[int]:
    """Positions of cells that hold nothing but spaces."""
    lengths = pc.binary_length(texts)
    if (pc.min(lengths).as_py() or 0) > 0 and not pc.any(pc.utf8_is_space(texts)).as_py():
        return []
    return list(pc.indices_nonzero(pc.equal(pc.utf8_trim_whitespace(texts), "")).to_pylist())


class ScreeningStream:
    """One file on its way to the lake."""

    def __init__(
        self,
        file: CheckedFile,
        mapping: FileMapping,
        actor: Actor,
        place: Installation,
        known: datetime,
        key: str,
        folder: Path,
    ) -> None:
        self.file, self.mapping, self.key, self.known = file, mapping, key, known
        self._actor, self._folder = actor, folder
        self._ring = keyring()
        areas = AreaNames(areas_at_hand(mapping)["at_hand"], mapping.area_root)
        self._columns = {c.field: c for c in mapping.columns if c.field in _FIELDS}
        self._read = {
            name: _Read(column, cell_reader(column, areas, place.zone, place.today()), name in _NEEDED)
            for name, column in self._columns.items()
            if name not in ("specimen_code", "id_number", "person_key", "laboratory_name")
        }
        self._skipped: list[int] = []
        self.parts = LakeParts(folder, place.zone)
        self._defects: list[tuple[int, Defect]] = []
        self.rows = self.accepted = 0
        self.positives = 0
        self._positive_file: Any = None
        self._seen = 0
        self._header, self._separator, self._first = _header(file)

    @property
    def held(self) -> int:
        """How many rows are held."""
        return sum(defect.outcome == HELD for _, defect in self._defects)

    @property
    def rejected(self) -> int:
        """How many rows are rejected."""
        return len(self._defects) - self.held

    def defects(self) -> Iterator[tuple[int, Defect]]:
        """(row, reason) of the rows that are not taken, in the order of the file."""
        yield from sorted(self._defects, key=lambda each: each[0])

    def read(self) -> None:
        """Write the parts into the temporary folder. Raises InputError when no row can be taken."""
        try:
            for batch in self._batches():
                self._take(batch)
        finally:
            self.parts.close()
            if self._positive_file is not None:
                self._positive_file.close()
        if not self.rows:
            raise InputError("intake.no_rows", file=self.file.name, row=1)
        if not self.accepted:
            row, defect = next(self.defects())
            raise InputError(
                "intake.all_rejected",
                file=self.file.name,
                row=row,
                column=defect.column,
                rows=self.rows,
                reason=defect.reason,
            )

    def positives_file(self) -> Path:
        """The file of the positive rows, with the header of the whole."""
        return self._folder / "positives.csv"

    def _batches(self) -> Iterator[pa.RecordBatch]:
        names = self._header
        try:
            with pa_csv.open_csv(
                self.file.path,
                read_options=pa_csv.ReadOptions(
                    use_threads=False,
                    block_size=_BLOCK_BYTES,
                    encoding="utf-8" if self.file.encoding == "utf-8-sig" else self.file.encoding,
                    column_names=names,
                    skip_rows=self._first - 1,
                ),
                parse_options=pa_csv.ParseOptions(
                    delimiter=self._separator, ignore_empty_lines=False, invalid_row_handler=self._odd_row
                ),
                convert_options=pa_csv.ConvertOptions(
                    strings_can_be_null=False, column_types=dict.fromkeys(names, pa.string())
                ),
            ) as reader:
                yield from reader
        except pa.ArrowInvalid:
            # pyarrow says where in its own terms; reading the file row by row says it in the sender's.
            with self.file.path.open(encoding=self.file.encoding, newline="") as handle:
                for _ in read_table(self.file, handle).rows:
                    pass
            raise InputError("intake.quote_misplaced", file=self.file.name, row=self._first) from None

    def _odd_row(self, row: pa_csv.InvalidRow) -> str:
        number = row.number
        self._skipped.append(number)
        self.rows += 1
        last = self._header[min(row.actual_columns, len(self._header)) - 1]
        defect = rejected("cell_count", last, cells=row.actual_columns, columns=row.expected_columns)
        self._defects.append((number, defect))
        return "skip"

    def _number(self, position: int) -> int:
        """The line of the file of the row at ``position`` among those that have all their cells."""
        number = position + self._first
        while (after := position + self._first + bisect_right(self._skipped, number)) != number:
            number = after
        return number

    def _take(self, batch: pa.RecordBatch) -> None:
        cells = dict(zip(self._header, batch.columns, strict=True))
        start, count = self._seen, batch.num_rows
        self._seen += count
        bad: dict[int, Defect] = {}
        blank = self._blank(batch)
        found: dict[str, pa.Array] = {}
        for name, read in self._read.items():
            if (column := cells.get(read.column.name)) is None:
                continue
            found[name], positions = read.values(column, _KINDS[name])
            for position in positions:
                bad.setdefault(position, read.defect(column[position].as_py()))
        specimens = self._texts(cells, "specimen_code", count)
        for position in _empty(specimens):
            bad.setdefault(position, rejected("missing_value", self._columns["specimen_code"].name))
        tokens, nobody = self._people(cells, count)
        for position in nobody:
            bad.setdefault(position, rejected("no_person", self._name("id_number")))
        self._outside(found["area_code"], bad)
        self._too_early(found, bad)
        for position in blank:
            bad.pop(position, None)
        self._defects += [(self._number(start + position), defect) for position, defect in bad.items()]
        self.rows += count - len(blank)
        out = set(bad) | blank
        self.accepted += count - len(out)
        laboratories = self._texts(cells, "laboratory_name", count)
        constant = self.mapping.constants.get("method", "")
        columns = [
            self._row_numbers(start, count),
            tokens,
            specimens,
            found["area_code"].dictionary_encode(),
            found["result"].dictionary_encode(),
            found.get("method", _same(constant, count)).dictionary_encode(),
            laboratories.dictionary_encode(),
            found.get("cycle_threshold", _same(None, count, pa.float64())).cast(pa.float32()),
            found.get("collected_at", _same(None, count, _INSTANT)),
            found["resulted_at"],
            _same(self.known, count, RESULTS.field("known_from").type),
        ]
        table = pa.Table.from_arrays(
            [each.cast(kind.type) for each, kind in zip(columns, RESULTS, strict=True)], schema=RESULTS
        )
        keep = None
        if out:
            flags = [True] * count
            for position in out:
                flags[position] = False
            keep = pa.array(flags)
            table = table.filter(keep)
        self._positive(batch, found["result"], keep)
        self.parts.write(table)

    def _row_numbers(self, start: int, count: int) -> pa.Array:
        if not self._skipped:
            return pa.array(np.arange(start + self._first, start + self._first + count, dtype=np.int32))
        return pa.array([self._number(start + index) for index in range(count)], type=pa.int32())

    def _blank(self, batch: pa.RecordBatch) -> set[int]:
        """Positions of rows without a filled cell."""
        first = _empty(batch.column(0))
        return {
            position
            for position in first
            if not any(column[position].as_py().strip() for column in batch.columns)
        }

    def _name(self, name: str) -> str:
        column = self._columns.get(name)
        return column.name if column else ""

    def _texts(self, cells: dict[str, pa.Array], name: str, count: int) -> pa.Array:
        column = cells.get(self._name(name))
        if column is None:
            return _same("", count)
        if pc.all(pc.string_is_ascii(column)).as_py() and not pc.any(pc.starts_with(column, "'")).as_py():
            return pc.ascii_trim_whitespace(column)
        encoded = column.dictionary_encode()
        return pa.array(map(clean, encoded.dictionary.to_pylist()), type=pa.string()).take(encoded.indices)

    def _people(self, cells: dict[str, pa.Array], count: int) -> tuple[pa.Array, list[int]]:
        """(token of each row, positions of rows that name nobody)."""
        numbers = self._texts(cells, "id_number", count)
        keys = self._texts(cells, "person_key", count)
        unnamed = _empty(numbers)
        nobody = [position for position in unnamed if not keys[position].as_py()]
        made = tokens_of(self._ring, TOKEN_KIND, _normalised(numbers))
        if unnamed:
            named = [f"key:{keys[position].as_py()}".encode() for position in unnamed]
            for position, token in zip(unnamed, tokens_of(self._ring, TOKEN_KIND, named), strict=True):
                made[position] = token
        joined = pa.py_buffer(b"".join(made))
        return pa.FixedSizeBinaryArray.from_buffers(pa.binary(TOKEN_BYTES), count, [None, joined]), nobody

    def _outside(self, areas: pa.Array, bad: dict[int, Defect]) -> None:
        """Rows of areas that the sender may not speak of."""
        if self._actor.everywhere:
            return
        encoded = areas.dictionary_encode()
        out = [
            index
            for index, code in enumerate(encoded.dictionary.to_pylist())
            if code is not None and not self._actor.sees(code)
        ]
        marked = pc.is_in(encoded.indices, pa.array(out, type=pa.int32()))
        for position in pc.indices_nonzero(marked).to_pylist():
            bad.setdefault(position, rejected("outside_your_area"))

    def _too_early(self, found: dict[str, pa.Array], bad: dict[int, Defect]) -> None:
        """Rows whose result is older than their sample."""
        if "collected_at" in found:
            early = pc.fill_null(pc.greater(found["collected_at"], found["resulted_at"]), False)
            for position in pc.indices_nonzero(early).to_pylist():
                bad.setdefault(position, rejected("result_before_sample", self._name("resulted_at")))

    def _positive(self, batch: pa.RecordBatch, results: pa.Array, keep: pa.Array | None) -> None:
        positive = pc.fill_null(pc.equal(results, "positive"), False)
        if keep is not None:
            positive = pc.and_(positive, keep)
        rows = batch.filter(positive)
        if not rows.num_rows:
            return
        if self._positive_file is None:
            self._positive_file = self.positives_file().open("w", encoding="utf-8", newline="")
            csv.writer(self._positive_file).writerow(self._header)
        columns = [column.to_pylist() for column in rows.columns]
        csv.writer(self._positive_file).writerows(zip(*columns, strict=True))
        self.positives += rows.num_rows
