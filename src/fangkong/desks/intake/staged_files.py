"""The staged form of a file: Parquet under FANGKONG_HOME/receipts, ready to be applied in chunks.

``facts.parquet`` has one row group for each writing transaction, and the facts of one row never part.
Identities stand in it as AES-GCM ciphertext under a key of this receipt alone, which lies wrapped in
``key.sealed`` until the receipt is applied; without it the ciphertext is noise, here and in every backup.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from fangkong.core.errors import FangkongError
from fangkong.core.keys import canonical
from fangkong.record.keyring import keyring

from .defects import Defect
from .facts import DecidedRow, Fact
from .kept_files import kept_files_remove
from .limits import limits
from .line_list_columns import NewCases
from .manifest import Manifest

IDENTITY = "identity"

#: Beside the staged form: the facts of rows that were held and taken later, and the staging of such rows under way.
TAKEN_FACTS, TAKING = "taken.parquet", "taking"

#: row, model, key, known_from in microseconds, fact, sealed: a staged fact in the order of FACTS.
_Line = tuple[int, str, str, int, str, bytes | None]
_NONCE = 12
#: A person, the tie to an area, the case, the identity.
_FACTS_OF_A_CASE = 4
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

FACTS = pa.schema(
    [
        ("row", pa.int64()),
        ("model", pa.string()),
        ("key", pa.string()),
        ("known_from", pa.timestamp("us", tz="UTC")),
        ("fact", pa.string()),
        ("sealed", pa.binary()),
    ]
)
DEFECTS = pa.schema(
    [
        ("row", pa.int64()),
        ("column", pa.string()),
        ("outcome", pa.string()),
        ("reason", pa.string()),
        ("params", pa.string()),
        ("kept", pa.string()),
    ]
)


def folder_of(sha256: str, receipt_key: str) -> Path:
    """Where the staged form of a receipt lies."""
    return Path(settings.HOME) / "receipts" / sha256 / receipt_key


class FactWriter:
    """Writes decided rows and their defects; one row group for each chunk."""

    def __init__(self, folder: Path, receipt_key: str) -> None:
        self.folder, self._receipt_key = folder, receipt_key
        self._data_key = secrets.token_bytes(32)
        self._seal = AESGCM(self._data_key).encrypt
        #: The facts of the chunk under way, in columns as FACTS has them.
        self._chunk: list[list[Any]] = [[] for _ in FACTS]
        self._defects: list[dict[str, Any]] = []
        self._facts_file = pq.ParquetWriter(folder / "facts.parquet", FACTS, compression="zstd")
        self._defects_file = pq.ParquetWriter(folder / "defects.parquet", DEFECTS, compression="zstd")
        self.facts = 0

    def row(self, row: DecidedRow) -> None:
        """Stage the facts of an accepted row."""
        staged = [_line(row.number, fact) for fact in row.facts]
        if row.identity is not None:
            person_key, identity = row.identity
            nonce = secrets.token_bytes(_NONCE)
            plain = json.dumps(identity, ensure_ascii=False)
            staged.append(self._sealed(row.number, person_key, row.facts[0].known_from, plain, nonce))
        self._add(staged)

    def new_cases(self, found: NewCases) -> None:
        """Stage the facts of rows decided by columns."""
        room = self._room // _FACTS_OF_A_CASE
        start = 0
        while start < len(found.rows):
            if room < 1:
                self._flush()
                room = max(self._room // _FACTS_OF_A_CASE, 1)
            self._new_cases(found, slice(start, start + room))
            start, room = start + room, 0

    def _new_cases(self, found: NewCases, part: slice) -> None:
        rows, people, identities = list(found.rows[part]), found.people[part], found.identities[part]
        count = len(rows)
        named = [index for index, identity in enumerate(identities) if identity]
        nonces = secrets.token_bytes(_NONCE * len(named))
        seal = self._seal
        sealed = []
        for start, index in zip(range(0, len(nonces), _NONCE), named, strict=True):
            nonce = nonces[start : start + _NONCE]
            sealed.append(nonce + seal(nonce, identities[index].encode(), people[index].encode()))
        total = 3 * count + len(named)
        columns: tuple[Sequence[Any], ...] = (
            rows * 3 + [rows[index] for index in named],
            ["person"] * count + ["personarea"] * count + ["case"] * count + [IDENTITY] * len(named),
            [*people, *found.ties[part], *found.cases[part], *[people[index] for index in named]],
            [_microseconds(found.known)] * total,
            [*found.person_facts[part], *found.tie_facts[part], *found.case_facts[part], *[""] * len(named)],
            [None] * (3 * count) + sealed,
        )
        for column, values in zip(self._chunk, columns, strict=True):
            column += values
        self.facts += total

    @property
    def _room(self) -> int:
        """Facts that the chunk under way still takes."""
        return limits().chunk_facts - len(self._chunk[0])

    def _sealed(self, row: int, person_key: str, known: datetime, plain: str, nonce: bytes) -> _Line:
        sealed = nonce + self._seal(nonce, plain.encode(), person_key.encode())
        return (row, IDENTITY, person_key, _microseconds(known), "", sealed)

    def _add(self, staged: list[_Line]) -> None:
        if self._chunk[0] and len(staged) > self._room:
            self._flush()
        for column, values in zip(self._chunk, zip(*staged, strict=True), strict=False):
            column += values
        self.facts += len(staged)

    def defect(self, row_number: int, defect: Defect) -> None:
        """Stage the reason why a row is not taken."""
        self._defects.append(
            {
                "row": row_number,
                "column": defect.column,
                "outcome": defect.outcome,
                "reason": defect.reason,
                "params": canonical(defect.params),
                "kept": canonical(defect.kept) if defect.kept is not None else "",
            }
        )
        if len(self._defects) == limits().chunk_facts:
            self._flush_defects()

    def close(self, shared: Iterable[Fact], manifest: Manifest) -> None:
        """End the files and write what belongs to all rows: shared facts, the manifest, the wrapped key."""
        self._flush()
        self._flush_defects()
        self._facts_file.close()
        self._defects_file.close()
        lines = [_line(0, fact) for fact in shared]
        table = _table([list(column) for column in zip(*lines, strict=True)] or [[] for _ in FACTS])
        pq.write_table(table, self.folder / "shared.parquet", compression="zstd")
        master, wrapped = keyring().wrap(self._data_key, self._receipt_key)
        key_file = self.folder / "key.sealed"
        key_file.touch(mode=0o600)
        key_file.write_text(json.dumps({"master": master, "wrapped": base64.b64encode(wrapped).decode()}))
        (self.folder / "manifest.json").write_text(json.dumps(asdict(manifest)))

    def abandon(self) -> None:
        """Close the files of a staging that will not be used, and remove them."""
        self._facts_file.close()
        self._defects_file.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _flush(self) -> None:
        if self._chunk[0]:
            table = _table(self._chunk)
            self._facts_file.write_table(table, row_group_size=len(table))
            self._chunk = [[] for _ in FACTS]

    def _flush_defects(self) -> None:
        if self._defects:
            self._defects_file.write_table(pa.Table.from_pylist(self._defects, schema=DEFECTS))
            self._defects = []


@dataclass(slots=True)
class StagedFact:
    """One staged fact: ``said`` is the fact with key and ``known_from`` as ``load_facts`` takes it."""

    row: int
    model: str
    key: str
    said: dict[str, Any]
    sealed: bytes | None


def _facts_of(table: pa.Table) -> list[StagedFact]:
    """The facts of one chunk; the JSON of all of them is read at once."""
    instants = table.column("known_from").cast(pa.int64()).to_pylist()
    known = {instant: _EPOCH + timedelta(microseconds=instant) for instant in set(instants)}
    texts = table.column("fact").to_pylist()
    said = json.loads(f"[{','.join([text or '{}' for text in texts])}]")
    facts = []
    for row, model, key, instant, fact, sealed in zip(
        table.column("row").to_pylist(),
        table.column("model").to_pylist(),
        table.column("key").to_pylist(),
        instants,
        said,
        table.column("sealed").to_pylist(),
        strict=True,
    ):
        fact["key"], fact["known_from"] = key, known[instant]
        facts.append(StagedFact(row, model, key, fact, sealed))
    return facts


def _line(row_number: int, fact: Fact) -> _Line:
    return (
        row_number,
        fact.model,
        fact.key,
        _microseconds(fact.known_from),
        canonical(fact.values),
        None,
    )


def _microseconds(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(microseconds=1)


def _table(columns: list[list[Any]]) -> pa.Table:
    arrays = [pa.array(values, type=each.type) for values, each in zip(columns, FACTS, strict=True)]
    return pa.Table.from_arrays(arrays, schema=FACTS)


@contextmanager
def staged_writer(sha256: str, receipt_key: str) -> Iterator[FactWriter]:
    """A writer into a folder aside, which becomes the receipt's staged form when the block ends without an error.

    Complete or not there at all: an error removes what was written, and of a kill only a folder is left, which the
    next staging of the file sweeps. Close the writer at the end of the block.
    """
    folder = folder_of(sha256, receipt_key)
    folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    for left_over in folder.parent.glob(".staging-*"):
        shutil.rmtree(left_over, ignore_errors=True)
    writer = FactWriter(Path(tempfile.mkdtemp(prefix=".staging-", dir=folder.parent)), receipt_key)
    try:
        yield writer
    except BaseException:
        writer.abandon()
        raise
    if folder.exists():
        shutil.rmtree(folder)
    os.replace(writer.folder, folder)


class StagedReceipt:
    """The staged files of one receipt, read again."""

    def __init__(self, folder: Path, receipt_key: str) -> None:
        self.folder, self._receipt_key = folder, receipt_key
        stored = json.loads((folder / "manifest.json").read_text())
        self.manifest = Manifest(
            **{
                **stored,
                "ignored_columns": tuple(stored["ignored_columns"]),
                "sheets": tuple(stored.get("sheets", ())),
            }
        )

    def shared(self) -> list[StagedFact]:
        """The facts that belong to all rows."""
        return _facts_of(pq.read_table(self.folder / "shared.parquet"))

    def chunks(self, applied_to: int) -> Iterator[tuple[int, list[StagedFact]]]:
        """(facts up to and with this chunk, the chunk's facts) for the chunks after ``applied_to`` facts."""
        with pq.ParquetFile(self.folder / "facts.parquet") as file:
            end = 0
            for index in range(file.num_row_groups):
                end += file.metadata.row_group(index).num_rows
                if end > applied_to:
                    yield end, _facts_of(file.read_row_group(index))

    def keys_of(self, model: str) -> list[str]:
        """Keys of the staged facts of ``model``, each once, in the order of the file."""
        found: list[str] = []
        with pq.ParquetFile(self.folder / "facts.parquet") as file:
            for index in range(file.num_row_groups):
                group = file.read_row_group(index, columns=["model", "key"])
                named = group.filter(pc.equal(group.column("model"), model))
                found += named.column("key").to_pylist()
        return list(dict.fromkeys(found))

    def defects(self) -> Iterator[list[dict[str, Any]]]:
        """The defects in pieces of at most a transaction's rows."""
        with pq.ParquetFile(self.folder / "defects.parquet") as file:
            for batch in file.iter_batches(batch_size=limits().chunk_facts):
                yield batch.to_pylist()

    def held(self, reasons: Collection[str]) -> set[tuple[str, int, str]]:
        """(sheet, row, reason) of the rows held for one of ``reasons``."""
        return {
            (place["sheet"], place["row_number"], defect["reason"])
            for defects in self.defects()
            for defect in defects
            if defect["reason"] in reasons
            for place in [self.manifest.place(defect["row"])]
        }

    def data_key(self) -> bytes:
        """The key of the sealed identities. Raises FangkongError when it or its master is gone."""
        try:
            stored = json.loads((self.folder / "key.sealed").read_text())
        except OSError:
            raise FangkongError("keys.receipt_key_missing") from None
        return keyring().unwrap(stored["master"], base64.b64decode(stored["wrapped"]), self._receipt_key)

    def opened(self, sealed: Sequence[tuple[str, bytes]]) -> list[dict[str, str]]:
        """The identity of each (person key, sealed). Raises FangkongError as ``data_key`` does."""
        decrypt = AESGCM(self.data_key()).decrypt
        plain = [decrypt(text[:_NONCE], text[_NONCE:], key.encode()) for key, text in sealed]
        return list(json.loads(b"[%s]" % b",".join(plain)))

    def destroy_key(self) -> None:
        """Shut the sealed identities for good."""
        (self.folder / "key.sealed").unlink(missing_ok=True)


def sealed_keys_remove() -> int:
    """How many receipt keys were destroyed: identities staged and never applied cannot be opened again.

    A receipt that was under way is staged anew from its file when that is received again.
    """
    count = 0
    for pattern in ("*/*/key.sealed", "*/*/*/key.sealed"):
        for path in (Path(settings.HOME) / "receipts").glob(pattern):
            path.unlink()
            count += 1
    kept_files_remove()
    return count
