"""Small tables made in the tests: a header, some rows of text or typed values."""

from collections.abc import Mapping, Sequence
from typing import Any

from fangkong.science.tables.columns import Understanding, understand
from fangkong.science.tables.parts import Cell, Table, TableColumn, TableRow


def table(
    headers: Sequence[str | tuple[str, ...]],
    rows: Sequence[Sequence[Any]] = (),
    *,
    title: Sequence[str] = (),
    name: str = "file.xlsx",
    sheet: str = "Sheet1",
) -> tuple[Table, list[TableRow]]:
    columns = [TableColumn(i, path if isinstance(path, tuple) else (path,)) for i, path in enumerate(headers)]
    made = [
        TableRow(i, [Cell(value, "" if value is None else str(value)) for value in row])
        for i, row in enumerate(rows, 2)
    ]
    return Table(name, sheet, list(title), (1,), columns, iter(made)), made


def understood(
    headers: Sequence[str | tuple[str, ...]],
    rows: Sequence[Sequence[Any]] = (),
    saved: Mapping[str, str] | None = None,
    **more: Any,
) -> Understanding:
    made, sample = table(headers, rows, **more)
    return understand(made, sample, saved)


def held(understanding: Understanding) -> list[str]:
    return [reading.field for reading in understanding.readings]
