"""Rows of one file that say the same thing twice, or two things of the same subject.

Only digests are kept while the file is read (28 bytes a row), so that a million rows fit in memory.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fangkong.core.keys import canonical

from .facts import DecidedRow
from .line_list_columns import NewCases
from .people import NUMBER_TOKEN


@dataclass(frozen=True)
class Duplicates:
    """Rows after the first of their subject: numbers, the first row's, whether they say the same."""

    rows: NDArray[np.int64]
    first_rows: NDArray[np.int64]
    same: NDArray[np.bool_]


_EPOCH = date(1970, 1, 1).toordinal()


def _ordinal(day: date) -> int:
    return day.toordinal() - _EPOCH


class SubjectMarks:
    """Digests of subject and content of every accepted row."""

    def __init__(self) -> None:
        self._high, self._low, self._content, self._rows = array("Q"), array("Q"), array("Q"), array("q")
        #: Day of each row as days since 1970-01-01, 0 without one; rows that a later file cannot be known by.
        self._days, self._weak = array("i"), array("q")

    def add(self, row: DecidedRow) -> None:
        """Note the row."""
        # Facts about the person stand only with the row that named them first.
        told = [fact for fact in row.facts if fact.model not in ("person", "personarea")]
        said = canonical([[fact.key, fact.values] for fact in told])
        self._mark([row.number], [canonical(row.subject)], [said])
        self._days.append(_ordinal(row.day) if row.day else 0)
        if len(row.person_token) != NUMBER_TOKEN:
            self._weak.append(row.number)

    def add_new(self, found: NewCases) -> None:
        """Note rows decided by columns, under the same marks as one by one."""
        subjects = [f'["{case}"]' for case in found.cases]
        said = [f'[["{case}",{fact}]]' for case, fact in zip(found.cases, found.case_facts, strict=True)]
        self._mark(found.rows, subjects, said)
        self._days.extend(map(_ordinal, found.days))
        self._weak.extend(found.unnumbered)

    def add_known(self, marks: Mapping[str, NDArray[Any]]) -> None:
        """Note rows that an earlier file brought, under the marks that they had there."""
        self._high.frombytes(marks["subject_high"].tobytes())
        self._low.frombytes(marks["subject_low"].tobytes())
        self._content.frombytes(marks["content"].tobytes())
        self._rows.frombytes(marks["row"].tobytes())
        self._days.frombytes(marks["day"].tobytes())

    def columns(self) -> tuple[dict[str, NDArray[Any]], NDArray[np.int64]]:
        """(row, subject, content and day of every accepted row, rows that name nobody by number)."""
        return {
            "row": np.array(self._rows, dtype=np.int64),
            "subject_high": np.array(self._high, dtype=np.uint64),
            "subject_low": np.array(self._low, dtype=np.uint64),
            "content": np.array(self._content, dtype=np.uint64),
            "day": np.array(self._days, dtype=np.int32),
        }, np.array(self._weak, dtype=np.int64)

    def _mark(self, rows: Sequence[int], subjects: Sequence[str], said: Sequence[str]) -> None:
        blake = hashlib.blake2b
        digests = b"".join([blake(text.encode(), digest_size=16).digest() for text in subjects])
        contents = b"".join([blake(text.encode(), digest_size=8).digest() for text in said])
        halves = np.frombuffer(digests, dtype=np.uint64)
        self._high.frombytes(halves[::2].tobytes())
        self._low.frombytes(halves[1::2].tobytes())
        self._content.frombytes(contents)
        self._rows.extend(rows)

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
