"""What was found in a received file, kept beside its staged form: place, code, severity; nothing of its content."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from fangkong.core.keys import canonical
from fangkong.science.tables.codes import severities
from fangkong.science.tables.parts import Issue

_SCHEMA = pa.schema(
    [
        ("sheet", pa.string()),
        ("row", pa.int64()),
        ("column", pa.string()),
        ("code", pa.string()),
        ("severity", pa.string()),
        ("params", pa.string()),
    ]
)
_BATCH = 10_000
_FILE = "issues.parquet"


def issues_write(folder: Path, issues: Iterable[Issue]) -> int:
    """How many issues were written to ``folder``, in their order and a batch at a time."""
    count, batch = 0, []
    with pq.ParquetWriter(folder / _FILE, _SCHEMA, compression="zstd") as file:
        for each in issues:
            batch.append(
                {
                    "sheet": each.sheet,
                    "row": each.row,
                    "column": each.column,
                    "code": each.code,
                    "severity": each.severity,
                    "params": canonical(dict(each.params)),
                }
            )
            count += 1
            if len(batch) == _BATCH:
                file.write_table(pa.Table.from_pylist(batch, schema=_SCHEMA))
                batch = []
        file.write_table(pa.Table.from_pylist(batch, schema=_SCHEMA))
    return count


def issues_read(folder: Path) -> Iterator[Issue]:
    """The issues kept in ``folder``, in their order; none where no file was written."""
    path = folder / _FILE
    if not path.is_file():
        return
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=_BATCH):
            for row in batch.to_pylist():
                yield Issue(
                    row["row"],
                    row["column"],
                    row["code"],
                    row["severity"],
                    json.loads(row["params"]),
                    row["sheet"],
                )


def gravest_first(issues: Iterable[Issue]) -> list[Issue]:
    """The issues by place in the file; of one row the errors before the warnings before the rest.

    >>> rows = [Issue(9, "", "HIDDEN_ROW", "warning"), Issue(9, "", "ID_CHECKSUM", "error"), Issue(3, "", "X", "info")]
    >>> [(each.row, each.severity) for each in gravest_first(rows)]
    [(3, 'info'), (9, 'error'), (9, 'warning')]
    """
    order = {"error": 0, "warning": 1, "info": 2}
    return sorted(issues, key=lambda each: (each.sheet, each.row or 0, order[each.severity], each.column))


def known_codes() -> list[str]:
    """Every issue code that a receipt may carry."""
    return sorted(severities())
