"""How the tables of a received file were read, kept beside its staged form: each column, its field, on what ground."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from fangkong.science.tables.columns import fingerprint_of
from fangkong.science.tables.table_check import CheckedTable

_FILE = "columns.json"


@dataclass(frozen=True)
class ColumnRead:
    """One column: its header as the sender wrote it, the field it was read as ("" for none), how sure, on what ground.

    ``basis`` is a code of `ColumnReading.basis`, or "mapping" for a column that a mapping of the office names.
    """

    name: str
    field: str
    confidence: float
    basis: str


@dataclass(frozen=True)
class TableRead:
    """One table: its sheet, the kind it was taken for and how surely, and its columns in order."""

    sheet: str
    kind: str
    confidence: float
    fingerprint: str
    columns: tuple[ColumnRead, ...]

    @property
    def confirmed(self) -> bool:
        """Whether a person has confirmed it, or a layout known word for word was met."""
        return any(column.basis in ("saved", "layout", "mapping") for column in self.columns)


def readings_write(folder: Path, tables: Iterable[CheckedTable]) -> None:
    """How each table that has columns was read now stands in ``folder``."""
    found = [
        TableRead(
            table.sheet,
            table.kind,
            table.understanding.confidence,
            fingerprint_of([reading.column for reading in table.readings]),
            tuple(
                ColumnRead(
                    reading.name, reading.field, reading.confidence, next(iter(reading.basis), "unknown")
                )
                for reading in table.readings
            ),
        )
        for table in tables
        if table.readings
    ]
    (folder / _FILE).write_text(json.dumps([asdict(table) for table in found], ensure_ascii=False))


def readings_read(folder: Path) -> list[TableRead]:
    """How the tables of the receipt in ``folder`` were read; empty where nobody kept it."""
    path = folder / _FILE
    if not path.is_file():
        return []
    return [
        TableRead(**{**table, "columns": tuple(ColumnRead(**column) for column in table["columns"])})
        for table in json.loads(path.read_text(encoding="utf-8"))
    ]
