"""The staged form of a file: Parquet under FANGKONG_HOME/receipts, ready to be applied in chunks.

``facts.parquet`` has one row group for each writing transaction, and the facts of one row never part.
Identities stand in it as AES-GCM ciphertext under a key of this receipt alone, which lies wrapped in
``key.sealed`` until the receipt is applied; without it the ciphertext is noise, here and in every backup.
"""

from __future__ import annotations

import base64
import json
import secrets
import shutil
from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from fangkong.core.errors import FangkongError
from fangkong.core.keys import canonical
from fangkong.record.keyring import keyring

from .defects import Defect
from .facts import DecidedRow, Fact
from .limits import limits

IDENTITY = "identity"

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


@dataclass
class Manifest:
    """What was staged: rows by outcome, number of facts, first and last day, columns nobody reads."""

    rows: int = 0
    accepted: int = 0
    held: int = 0
    rejected: int = 0
    facts: int = 0
    first_day: str = ""
    last_day: str = ""
    known_at: str = ""
    back_fill: bool = False
    ignored_columns: tuple[str, ...] = ()


def folder_of(sha256: str, receipt_key: str) -> Path:
    """Where the staged form of a receipt lies."""
    return Path(settings.HOME) / "receipts" / sha256 / receipt_key


class FactWriter:
    """Writes decided rows and their defects; one row group for each chunk."""

    def __init__(self, folder: Path, receipt_key: str) -> None:
        self._folder, self._receipt_key = folder, receipt_key
        self._data_key = secrets.token_bytes(32)
        self._chunk: list[dict[str, Any]] = []
        self._defects: list[dict[str, Any]] = []
        self._facts_file = pq.ParquetWriter(folder / "facts.parquet", FACTS, compression="zstd")
        self._defects_file = pq.ParquetWriter(folder / "defects.parquet", DEFECTS, compression="zstd")
        self.facts = 0

    def row(self, row: DecidedRow) -> None:
        """Stage the facts of an accepted row."""
        staged = [_fact(row.number, fact) for fact in row.facts]
        if row.identity is not None:
            person_key, identity = row.identity
            nonce = secrets.token_bytes(12)
            plain = json.dumps(identity, ensure_ascii=False).encode()
            sealed = nonce + AESGCM(self._data_key).encrypt(nonce, plain, person_key.encode())
            known = row.facts[0].known_from
            staged.append(
                {
                    "row": row.number,
                    "model": IDENTITY,
                    "key": person_key,
                    "known_from": known,
                    "fact": "",
                    "sealed": sealed,
                }
            )
        if self._chunk and len(self._chunk) + len(staged) > limits().chunk_facts:
            self._flush()
        self._chunk += staged
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
        table = pa.Table.from_pylist([_fact(0, fact) for fact in shared], schema=FACTS)
        pq.write_table(table, self._folder / "shared.parquet", compression="zstd")
        master, wrapped = keyring().wrap(self._data_key, self._receipt_key)
        key_file = self._folder / "key.sealed"
        key_file.touch(mode=0o600)
        key_file.write_text(json.dumps({"master": master, "wrapped": base64.b64encode(wrapped).decode()}))
        (self._folder / "manifest.json").write_text(json.dumps(asdict(manifest)))

    def abandon(self) -> None:
        """Close the files of a staging that will not be used, and remove them."""
        self._facts_file.close()
        self._defects_file.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _flush(self) -> None:
        if self._chunk:
            table = pa.Table.from_pylist(self._chunk, schema=FACTS)
            self._facts_file.write_table(table, row_group_size=max(len(table), 1))
            self._chunk = []

    def _flush_defects(self) -> None:
        if self._defects:
            self._defects_file.write_table(pa.Table.from_pylist(self._defects, schema=DEFECTS))
            self._defects = []


def _fact(row_number: int, fact: Fact) -> dict[str, Any]:
    return {
        "row": row_number,
        "model": fact.model,
        "key": fact.key,
        "known_from": fact.known_from,
        "fact": canonical(fact.values),
        "sealed": None,
    }


class StagedReceipt:
    """The staged files of one receipt, read again."""

    def __init__(self, folder: Path, receipt_key: str) -> None:
        self.folder, self._receipt_key = folder, receipt_key
        stored = json.loads((folder / "manifest.json").read_text())
        self.manifest = Manifest(**{**stored, "ignored_columns": tuple(stored["ignored_columns"])})

    def shared(self) -> list[dict[str, Any]]:
        """The facts that belong to all rows."""
        rows: list[dict[str, Any]] = pq.read_table(self.folder / "shared.parquet").to_pylist()
        return rows

    def chunks(self, applied_to: int) -> Iterator[tuple[int, list[dict[str, Any]]]]:
        """(facts up to and with this chunk, the chunk's facts) for the chunks after ``applied_to`` facts."""
        with pq.ParquetFile(self.folder / "facts.parquet") as file:
            end = 0
            for index in range(file.num_row_groups):
                end += file.metadata.row_group(index).num_rows
                if end > applied_to:
                    yield end, file.read_row_group(index).to_pylist()

    def defects(self) -> Iterator[list[dict[str, Any]]]:
        """The defects in pieces of at most a transaction's rows."""
        with pq.ParquetFile(self.folder / "defects.parquet") as file:
            for batch in file.iter_batches(batch_size=limits().chunk_facts):
                yield batch.to_pylist()

    def held(self, reasons: Collection[str]) -> set[tuple[int, str]]:
        """(row, reason) of the rows held for one of ``reasons``."""
        return {
            (defect["row"], defect["reason"])
            for defects in self.defects()
            for defect in defects
            if defect["reason"] in reasons
        }

    def data_key(self) -> bytes:
        """The key of the sealed identities. Raises FangkongError when it or its master is gone."""
        try:
            stored = json.loads((self.folder / "key.sealed").read_text())
        except OSError:
            raise FangkongError("keys.receipt_key_missing") from None
        return keyring().unwrap(stored["master"], base64.b64decode(stored["wrapped"]), self._receipt_key)

    def open(self, data_key: bytes, person_key: str, sealed: bytes) -> dict[str, str]:
        """The identity that ``sealed`` holds."""
        plain = AESGCM(data_key).decrypt(sealed[:12], sealed[12:], person_key.encode())
        return dict(json.loads(plain))

    def destroy_key(self) -> None:
        """Shut the sealed identities for good."""
        (self.folder / "key.sealed").unlink(missing_ok=True)


def sealed_keys_remove() -> int:
    """How many receipt keys were destroyed: identities staged and never applied cannot be opened again.

    A receipt that was under way is staged anew from its file when that is received again.
    """
    count = 0
    for path in (Path(settings.HOME) / "receipts").glob("*/*/key.sealed"):
        path.unlink()
        count += 1
    return count
