"""What a row of a received table is about, as a keyed digest: by it a held row is known again when it comes in right.

The digests lie beside the staged form (``subjects.parquet``). They say nothing without the installation's key, and
with it only to somebody who already has the row.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from fangkong.record.keyring import keyring
from fangkong.science.tables.check import CheckedTable
from fangkong.science.tables.kinds.rows import day_of
from fangkong.science.tables.values.value import Identity

_FILE = "subjects.parquet"
_SCHEMA = pa.schema([("row", pa.int64()), ("subject", pa.binary(16)), ("accepted", pa.bool_())])
_BATCH = 20_000


@cache
def _ways() -> Mapping[str, Mapping[str, list[list[str]]]]:
    path = Path(__file__).with_name("row_subjects.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


class Subjects:
    """Writes what the rows of one file are about; close it when the last one is added."""

    def __init__(self, folder: Path, sender: str) -> None:
        """``sender`` is who sent the file: by a name alone a row is known again among their own files only."""
        self._sender = sender
        self._key = keyring().search
        self._file = pq.ParquetWriter(folder / _FILE, _SCHEMA, compression="zstd")
        self._rows: list[int] = []
        self._subjects: list[bytes] = []
        self._accepted: list[bool] = []

    def add(self, row: int, table: CheckedTable, values: Mapping[str, Any], *, accepted: bool) -> None:
        """Keep what the row ``row`` of ``table`` is about, and whether it is taken."""
        for said in subjects_said(table.kind, values, _day(table), self._sender):
            digest = hashlib.blake2b(said.encode(), key=self._key, digest_size=16, person=b"subject")
            self._rows.append(row)
            self._subjects.append(digest.digest())
            self._accepted.append(accepted)
        if len(self._rows) >= _BATCH:
            self._flush()

    def _flush(self) -> None:
        columns = (self._rows, self._subjects, self._accepted)
        arrays = [pa.array(values, type=each.type) for values, each in zip(columns, _SCHEMA, strict=True)]
        self._file.write_table(pa.Table.from_arrays(arrays, schema=_SCHEMA))
        self._rows, self._subjects, self._accepted = [], [], []

    def close(self) -> None:
        """Write what is left."""
        self._flush()
        self._file.close()


def subjects_said(kind: str, values: Mapping[str, Any], day: str, sender: str) -> Iterator[str]:
    """Each way to know the row again, as a text; none where it does not say enough.

    >>> list(subjects_said("contact_ledger", {"case_ref": "A1", "name": "测试甲", "phone": "10012345678"}, "", "s"))
    ['contact_ledger||case_ref,person|A1|np:测试甲/10012345678', 'contact_ledger|s|case_ref,name|A1|测试甲']
    """
    for whose, own in (("anybody", ""), ("same_sender", sender)):
        for fields in _ways()[whose].get(kind, ()):
            told = [_texts(name, values, day) for name in fields]
            for parts in product(*told):
                yield "|".join((kind, own, ",".join(fields), *parts))


def _texts(name: str, values: Mapping[str, Any], day: str) -> list[str]:
    """What the row says under ``name``, in every form in which it may be said again."""
    if name == "day":
        return [day] if day else []
    if name == "person":
        number = _texts("id_number", values, day)
        pairs = product(_texts("name", values, day), _texts("phone", values, day))
        return [f"id:{each}" for each in number] + [f"np:{who}/{phone}" for who, phone in pairs]
    value = values.get(name)
    if value is None or value == "":
        return []
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [str(each) for each in value]
    if isinstance(value, Identity):
        return [value.number]
    if isinstance(value, date | datetime):
        return [str(day_of(value))]
    return [str(value)]


def _day(table: CheckedTable) -> str:
    return table.context.reference.isoformat() if table.context.basis in ("title", "file_name") else ""


def subjects_held(folder: Path, rows: Collection[int]) -> dict[bytes, set[int]]:
    """Digest → rows among ``rows`` of the receipt in ``folder`` that are about it; empty where none were kept."""
    found: dict[bytes, set[int]] = {}
    wanted = pa.array(sorted(rows), type=pa.int64())
    for batch in _batches(folder):
        kept = batch.filter(pc.is_in(batch["row"], value_set=wanted))
        for row, subject in zip(kept["row"].to_pylist(), kept["subject"].to_pylist(), strict=True):
            found.setdefault(subject, set()).add(row)
    return found


def subjects_taken(folder: Path, wanted: Iterable[bytes]) -> set[bytes]:
    """Which of ``wanted`` an accepted row of the receipt in ``folder`` is about."""
    asked = pa.array(sorted(wanted), type=pa.binary(16))
    found: set[bytes] = set()
    for batch in _batches(folder):
        fits = pc.and_(batch["accepted"], pc.is_in(batch["subject"], value_set=asked))
        found.update(batch["subject"].filter(fits).to_pylist())
    return found


def _batches(folder: Path) -> Iterator[pa.RecordBatch]:
    path = folder / _FILE
    if not path.is_file():
        return
    with pq.ParquetFile(path) as file:
        yield from file.iter_batches(batch_size=50_000)
