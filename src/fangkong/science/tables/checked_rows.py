"""Checked rows kept aside while a file is read: in memory while they are few, on disk beyond.

What only the whole table shows is known after its last row, so the rows are read once, kept in the order of the
file, and given out with all their findings.
"""

from __future__ import annotations

import pickle
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from tempfile import SpooledTemporaryFile
from typing import Any

from .outcomes import OUTCOMES, Outcome, rank_of
from .parts import Issue
from .values.value import Age, Ct, Identity, Span

_ROWS_IN_CHUNK = 1000
_BYTES_IN_MEMORY = 16 * 1024 * 1024


def _short_way(kind: type) -> Callable[[Any], tuple[type, tuple[Any, ...]]]:
    """How a dataclass with slots is pickled: by its constructor, which is three times as fast as by its state."""
    names = tuple(member.name for member in fields(kind))
    return lambda value: (kind, tuple(getattr(value, name) for name in names))


_SHORT_WAYS: dict[type, Any] = {kind: _short_way(kind) for kind in (Identity, Age, Span, Ct, Issue)}


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """One row of data: its place, what was read of it by field, what was found in it, and what becomes of it."""

    number: int
    sheet: str
    values: Mapping[str, Any]
    issues: tuple[Issue, ...]
    outcome: Outcome


class CheckedRows:
    """The checked rows of a table, in the file's order; can be gone through any number of times.

    ``len()`` is the number of rows of data; ``counts`` how many have each outcome.
    """

    def __init__(self, sheet: str) -> None:
        self._sheet = sheet
        # It lives as long as the rows do and is closed with them, so no with statement can hold it.
        self._kept: SpooledTemporaryFile[bytes] = SpooledTemporaryFile(max_size=_BYTES_IN_MEMORY)  # noqa: SIM115
        self._chunk: list[tuple[int, dict[str, Any], tuple[Issue, ...]]] = []
        self._numbers = array("q")
        self._ranks = array("b")
        self._late: dict[int, list[Issue]] = {}

    def add(self, number: int, values: dict[str, Any], issues: tuple[Issue, ...]) -> None:
        """Takes in the next row."""
        self._numbers.append(number)
        self._ranks.append(rank_of(issue.code for issue in issues) if issues else 0)
        self._chunk.append((number, values, issues))
        if len(self._chunk) == _ROWS_IN_CHUNK:
            self._put_aside()

    def add_late(self, issues: list[Issue]) -> list[Issue]:
        """Takes in what the whole table showed. Returns those that stand at no row of data.

        A finding that several rows share (its parameter ``rows``) stands at one, and decides on all of them.
        """
        elsewhere: list[Issue] = []
        for issue in issues:
            rank = rank_of([issue.code])
            for number in {issue.row, *issue.params.get("rows", ())}:
                if (place := self._place(number)) is not None:
                    self._ranks[place] = max(self._ranks[place], rank)
            if self._place(issue.row) is not None:
                self._late.setdefault(int(issue.row or 0), []).append(issue)
            else:
                elsewhere.append(issue)
        return elsewhere

    def _place(self, number: int | None) -> int | None:
        """Where the row stands in the table; the numbers of a sheet's rows only grow."""
        if number is None:
            return None
        place = bisect_left(self._numbers, number)
        return place if place < len(self._numbers) and self._numbers[place] == number else None

    def __len__(self) -> int:
        return len(self._numbers)

    @property
    def counts(self) -> dict[Outcome, int]:
        return {outcome: self._ranks.count(rank) for rank, outcome in enumerate(OUTCOMES)}

    def __iter__(self) -> Iterator[CheckedRow]:
        ranks = iter(self._ranks)
        for number, values, issues in self._read():
            late = self._late.get(number)
            found = (*issues, *late) if late else issues
            yield CheckedRow(number, self._sheet, values, found, OUTCOMES[next(ranks)])

    def _read(self) -> Iterator[tuple[int, dict[str, Any], tuple[Issue, ...]]]:
        place = 0
        end = self._kept.seek(0, 2)
        while place < end:
            self._kept.seek(place)
            # An unnamed temporary file that only this process wrote.
            chunk = pickle.load(self._kept)  # noqa: S301
            place = self._kept.tell()
            yield from chunk
        yield from self._chunk

    def _put_aside(self) -> None:
        self._kept.seek(0, 2)
        pickler = pickle.Pickler(self._kept, protocol=pickle.HIGHEST_PROTOCOL)
        pickler.dispatch_table = _SHORT_WAYS
        pickler.dump(self._chunk)
        self._chunk = []

    def close(self) -> None:
        """Gives the space back; the rows are gone."""
        self._kept.close()
        self._chunk = []
