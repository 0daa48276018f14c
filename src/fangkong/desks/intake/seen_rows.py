"""Rows that an earlier file brought word for word: they change nothing, and are not decided again.

A list that is sent anew every day repeats most of its rows, in any order. Each receipt keeps a keyed digest of
the cells of every row it brought (``rows.parquet``). A row of a later file that is read in the same way and has the
digest of such a row says what the record already holds, as long as nobody has touched its facts since: their
versions are the receipt's own or older and still open, the person's name is there, and no second person has the
number. Every other row is decided as ever.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.db.models import Exists, Max, OuterRef
from numpy.typing import NDArray

from fangkong.core.clock import FAR_FUTURE
from fangkong.core.keys import stable_key
from fangkong.record.columns import present
from fangkong.record.identity_index import numbers_of_several
from fangkong.record.keyring import keyring
from fangkong.record.load import keys_touched
from fangkong.record.models import Case, IdentityKey, Person, PersonArea, Receipt, Versioned

from .csv_rows import CsvRow
from .facts import Receiving
from .staged_files import StagedReceipt, folder_of

ROWS, UNCHANGED = "rows.parquet", "unchanged.parquet"

#: Raised when cells are read otherwise than before: older receipts then no longer answer for a row.
READING = 1

#: Groups of staged facts that are looked through together: each look hashes the keys that were touched anew.
_GROUPS = 128

#: Earlier receipts of one kind that are asked, newest first.
_RECEIPTS = 32

#: The tables of a line list's facts.
TABLES: tuple[type[Versioned], ...] = (Person, PersonArea, Case)

_SCHEMA = pa.schema(
    [
        ("row", pa.int64()),
        ("high", pa.uint64()),
        ("low", pa.uint64()),
        ("subject_high", pa.uint64()),
        ("subject_low", pa.uint64()),
        ("content", pa.uint64()),
        ("day", pa.int32()),
    ]
)


def reading_of(work: Receiving, areas: Sequence[Any]) -> str:
    """What two files must share for equal cells to say the same, "" for files whose rows are not remembered."""
    if work.mapping.target != "cases" or work.basis == "mapping":
        return ""
    scope = "" if work.actor.everywhere else work.actor.area_code
    return stable_key(
        "reading",
        READING,
        work.mapping.digest,
        work.disease,
        scope,
        work.office_area,
        work.known_at,
        list(areas),
    )


def ids_at_hand() -> dict[str, int]:
    """The last row of each table before a receipt is applied."""
    return {
        model._meta.model_name or "": model._default_manager.aggregate(last=Max("id"))["last"] or 0
        for model in TABLES
    }


@dataclass
class _Earlier:
    """The remembered rows of one receipt, sorted by digest."""

    table: dict[str, NDArray[Any]]
    #: Row -> the person's key, as two sorted columns.
    person_rows: NDArray[np.int64]
    person_keys: pa.Array
    used: NDArray[np.bool_]
    #: Hashes of the numbers of cases that others have brought since, sorted: two cases may share one now.
    numbers: NDArray[np.int64]


@dataclass
class Unchanged:
    """Rows of this file that change nothing, in columns, with the keys of the people whom they name."""

    rows: list[int] = field(default_factory=list)
    people: list[str] = field(default_factory=list)


class SeenRows:
    """Tells the rows of one file that earlier receipts brought from those to be decided."""

    def __init__(self, work: Receiving, header: Sequence[str], areas: Sequence[Any]) -> None:
        self.reading = reading_of(work, areas)
        self._begun = hashlib.blake2b(key=keyring().search, digest_size=16, person=b"row")
        self._begun.update("\x1f".join(header).encode())
        self.unchanged = Unchanged()
        #: Row, digest: of every row of the file.
        self._rows: list[NDArray[np.int64]] = []
        self._digests: list[NDArray[np.uint64]] = []
        self._case_column = next(
            (header.index(c.name) for c in work.mapping.columns if c.field == "case_no" and c.name in header),
            0,
        )
        self._earlier = self._receipts(work) if self.reading else []

    def sift(self, rows: list[CsvRow]) -> tuple[list[CsvRow], dict[str, NDArray[Any]] | None]:
        """(rows to decide, marks of those that change nothing)."""
        if not self.reading or not rows:
            return rows, None
        digests = self._digest(rows)
        self._rows.append(np.fromiter((row.number for row in rows), dtype=np.int64, count=len(rows)))
        self._digests.append(digests)
        known = np.zeros(len(rows), dtype=bool)
        marks: list[dict[str, NDArray[Any]]] = []
        for earlier in self._earlier:
            found, positions = self._matching(earlier, digests, known)
            if not len(found):
                continue
            people = earlier.person_keys.take(
                pa.array(np.searchsorted(earlier.person_rows, earlier.table["row"][positions]))
            ).to_pylist()
            held = present(IdentityKey, "person_key", people)
            keep = np.fromiter((key in held for key in people), dtype=bool, count=len(people))
            if len(earlier.numbers):
                named = [hash(rows[at].cells[self._case_column].strip()) for at in found.tolist()]
                at = np.searchsorted(earlier.numbers, named)
                # Equal by chance, too, is left out here: the row is then decided as any other.
                keep &= earlier.numbers[np.minimum(at, len(earlier.numbers) - 1)] != named
            # A row that stands twice in the new file is a duplicate there, and decided as one.
            _, first = np.unique(positions, return_index=True)
            once = np.zeros(len(positions), dtype=bool)
            once[first] = True
            keep &= once & ~earlier.used[positions]
            found, positions = found[keep], positions[keep]
            earlier.used[positions] = True
            known[found] = True
            numbers = [rows[at].number for at in found.tolist()]
            self.unchanged.rows += numbers
            self.unchanged.people += [people[at] for at in np.flatnonzero(keep).tolist()]
            marks.append(
                {
                    **{name: values[positions] for name, values in earlier.table.items()},
                    "row": np.array(numbers),
                }
            )
        if not marks:
            return rows, None
        left = [row for row, seen in zip(rows, known.tolist(), strict=True) if not seen]
        return left, {name: np.concatenate([each[name] for each in marks]) for name in marks[0]}

    def write(self, folder: Path, marks: dict[str, NDArray[Any]], left_out: NDArray[np.int64]) -> None:
        """Remember the rows that this file brings: those with ``marks``, without ``left_out``."""
        if not self.reading or not self._rows:
            return
        rows, digests = np.concatenate(self._rows), np.concatenate(self._digests)
        order = np.argsort(rows)
        rows, digests = rows[order], digests[order]
        out = np.concatenate([left_out, np.array(self.unchanged.rows, dtype=np.int64)])
        keep = ~np.isin(marks["row"], out)
        kept = {name: values[keep] for name, values in marks.items()}
        at = np.searchsorted(rows, kept["row"])
        columns = {**kept, "high": digests[at, 0], "low": digests[at, 1]}
        by_digest = np.argsort(columns["high"], kind="stable")
        table = pa.Table.from_pydict(
            {name: columns[name][by_digest] for name in _SCHEMA.names}, schema=_SCHEMA
        )
        pq.write_table(table, folder / ROWS, compression="zstd")
        if self.unchanged.rows:
            people = pa.table(
                {"key": self.unchanged.people, "model": ["identity"] * len(self.unchanged.people)}
            )
            pq.write_table(people, folder / UNCHANGED, compression="zstd")

    def _digest(self, rows: list[CsvRow]) -> NDArray[np.uint64]:
        copy, made = self._begun.copy, []
        for row in rows:
            digest = copy()
            digest.update("\x1f".join(row.cells).encode())
            made.append(digest.digest())
        return np.frombuffer(b"".join(made), dtype=np.uint64).reshape(-1, 2)

    @staticmethod
    def _matching(
        earlier: _Earlier, digests: NDArray[np.uint64], known: NDArray[np.bool_]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(positions in the batch, positions in the earlier receipt) of equal rows not yet known."""
        high, low = earlier.table["high"], earlier.table["low"]
        at = np.minimum(np.searchsorted(high, digests[:, 0]), max(len(high) - 1, 0))
        same = (
            (high[at] == digests[:, 0]) & (low[at] == digests[:, 1]) & ~known if len(high) else known & False
        )
        found = np.flatnonzero(same)
        return found, at[found]

    def _receipts(self, work: Receiving) -> list[_Earlier]:
        found = []
        of_several: set[str] | None = None
        receipts = Receipt.objects.filter(
            mapping=work.mapping.code, state="applied", withdrawn_at=None, known_at__lte=work.now
        ).exclude(key=work.receipt_key)
        for receipt in receipts.order_by("-known_at", "-id")[:_RECEIPTS]:
            folder = folder_of(receipt.sha256, receipt.key)
            if not (folder / ROWS).is_file() or not (folder / "manifest.json").is_file():
                continue
            manifest = StagedReceipt(folder, receipt.key).manifest
            if manifest.reading == self.reading:
                if of_several is None:
                    of_several = numbers_of_several()
                found.append(self._read(folder, receipt.key, manifest.ids_before, of_several))
        return found

    def _read(
        self, folder: Path, receipt_key: str, ids_before: dict[str, int], of_several: set[str]
    ) -> _Earlier:
        rows = pq.read_table(folder / ROWS)
        touched = set(of_several)
        for model in TABLES:
            since = ids_before[model._meta.model_name or ""]
            touched |= keys_touched(model, since=since, but_by=receipt_key)
        changed = pa.array(sorted(touched), type=pa.string())
        hit: list[pa.Array] = []
        named: list[pa.Table] = []
        # Some groups at a time: of all the facts of a list of a million only the rows and people's keys stay.
        with pq.ParquetFile(folder / "facts.parquet") as file:
            for start in range(0, file.num_row_groups, _GROUPS):
                groups = list(range(start, min(start + _GROUPS, file.num_row_groups)))
                facts = file.read_row_groups(groups, columns=["row", "model", "key"])
                if touched:
                    there = pc.is_in(facts.column("key"), changed)
                    hit += facts.filter(there).column("row").chunks
                people = facts.filter(pc.equal(facts.column("model"), "identity"))
                named.append(people.select(["row", "key"]))
        if hit:
            rows = rows.filter(pc.invert(pc.is_in(rows.column("row"), pa.concat_arrays(hit))))
        people = pa.concat_tables(named).sort_by("row")
        # Only rows that name somebody: the name's presence is what tells that the row was taken whole.
        rows = rows.filter(pc.is_in(rows.column("row"), people.column("row").combine_chunks()))
        return _Earlier(
            {name: rows.column(name).to_numpy() for name in _SCHEMA.names},
            people.column("row").to_numpy(),
            people.column("key").combine_chunks(),
            np.zeros(len(rows), dtype=bool),
            _numbers_of_others(receipt_key, ids_before["case"]),
        )


def _numbers_of_others(receipt_key: str, since: int) -> NDArray[np.int64]:
    """Sorted hashes of the numbers of open cases after row ``since`` of which the receipt knows nothing."""
    of_receipt = Case.objects.filter(key=OuterRef("key"), source_key=receipt_key)
    others = Case.objects.filter(~Exists(of_receipt), id__gt=since, known_to=FAR_FUTURE)
    numbers = others.exclude(source_key=receipt_key).values_list("case_no", flat=True)
    return np.sort(np.fromiter(map(hash, numbers.iterator(10_000)), dtype=np.int64))
