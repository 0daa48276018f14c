"""Rows of one file that say the same thing twice, or two things of the same subject.

Only digests are kept while the file is read (28 bytes a row), so that a million rows fit in memory.
"""

from __future__ import annotations

import hashlib
from array import array
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fangkong.core.keys import canonical

from .facts import DecidedRow


@dataclass(frozen=True)
class Duplicates:
    """Rows after the first of their subject: numbers, the first row's, whether they say the same."""

    rows: NDArray[np.int64]
    first_rows: NDArray[np.int64]
    same: NDArray[np.bool_]


class SubjectMarks:
    """Digests of subject and content of every accepted row."""

    def __init__(self) -> None:
        self._high, self._low, self._content, self._rows = array("Q"), array("Q"), array("Q"), array("q")

    def add(self, row: DecidedRow) -> None:
        """Note the row."""
        subject = hashlib.blake2b(canonical(row.subject).encode(), digest_size=16).digest()
        # Facts about the person stand only with the row that named them first.
        told = [fact for fact in row.facts if fact.model not in ("person", "personarea")]
        said = canonical([[fact.key, fact.values] for fact in told])
        content = hashlib.blake2b(said.encode(), digest_size=8).digest()
        self._high.append(int.from_bytes(subject[:8], "big"))
        self._low.append(int.from_bytes(subject[8:], "big"))
        self._content.append(int.from_bytes(content, "big"))
        self._rows.append(row.number)

    def duplicates(self) -> Duplicates:
        """The rows whose subject an earlier row has, in the order of the file."""
        rows = np.frombuffer(self._rows, dtype=np.int64) if self._rows else np.empty(0, np.int64)
        high, low, content = (
            np.frombuffer(marks, dtype=np.uint64) if marks else np.empty(0, np.uint64)
            for marks in (self._high, self._low, self._content)
        )
        order = np.lexsort((rows, low, high))
        rows, high, low, content = rows[order], high[order], low[order], content[order]
        begins = np.ones(len(rows), dtype=bool)
        begins[1:] = (high[1:] != high[:-1]) | (low[1:] != low[:-1])
        first = np.maximum.accumulate(np.where(begins, np.arange(len(rows)), 0))
        again = ~begins
        in_file = np.argsort(rows[again])
        return Duplicates(
            rows[again][in_file], rows[first][again][in_file], (content == content[first])[again][in_file]
        )
