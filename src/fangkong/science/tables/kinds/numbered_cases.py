"""Numbered cases where no register can be asked: a number named once and far beyond the run of all others."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

from ..codes import issue
from ..parts import Issue
from .lexicon import lexicon
from .rows import ReadRow

_NUMBERED = re.compile(r"(?P<stem>\D*?)0*(?P<number>\d{1,9})")


class NumberedCases:
    """The numbers by which a ledger names its cases, by what stands before the number ("病例")."""

    def __init__(self) -> None:
        self._counts: defaultdict[str, Counter[int]] = defaultdict(Counter)
        self._places: dict[tuple[str, int], tuple[int, str]] = {}

    def add(self, reference: str, row: ReadRow) -> None:
        """Takes in a case that ``row`` names."""
        found = _NUMBERED.fullmatch(reference)
        if found is None:
            return
        stem, number = found["stem"], int(found["number"])
        self._counts[stem][number] += 1
        self._places.setdefault((stem, number), (row.number, row.columns.get("case_ref", "")))

    def strays(self) -> Iterator[Issue]:
        """CASE_UNKNOWN at the one row that names a case far beyond the numbers of all others."""
        limits = lexicon("numbered_cases")
        for stem, counts in self._counts.items():
            if sum(counts.values()) < limits["rows"]["value"] or len(counts) < limits["cases"]["value"]:
                continue
            last, before = sorted(counts, reverse=True)[:2]
            if counts[last] == 1 and last > limits["factor"]["value"] * before:
                number, column = self._places[stem, last]
                yield issue(number, column, "CASE_UNKNOWN", case=f"{stem}{last}")
