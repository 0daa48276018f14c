"""Rows for tests of the checks, without a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from fangkong.science.tables.kinds import CHECKS, Setting
from fangkong.science.tables.kinds.rows import ReadRow, ReadTotal, digest
from fangkong.science.tables.values import Identity

DAY = date(2022, 4, 10)


def setting(**given: Any) -> Setting:
    return Setting(**{"today": DAY, "reference": DAY, "day": DAY, **given})


def resident(number: str) -> Identity:
    """The identity of a number; its birth day and sex as in the number."""
    born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    return Identity(number, "resident", number, born, "male" if int(number[16]) % 2 else "female")


def row(number: int, /, *, doubts: Mapping[str, Sequence[str]] | None = None, **values: Any) -> ReadRow:
    """A row with these values; the columns bear the names of the fields."""
    held = {key: value for key, value in values.items() if value is not None}
    columns = {key: key for key in values}
    said = tuple(str(value) for key, value in values.items() if key != "serial")
    texts = {key: str(value) for key, value in held.items()}
    states = {key: "empty" for key in values if key not in held}
    return ReadRow(number, held, texts, columns, columns, doubts or {}, states, digest(said))


def found(
    kind: str, rows: Iterable[ReadRow], totals: Sequence[ReadTotal] = (), **given: Any
) -> set[tuple[int | None, str]]:
    """The (row, code) pairs that the check of ``kind`` finds."""
    check = CHECKS[kind](setting(**given))
    pairs = {(issue.row, issue.code) for one in rows for issue in check.row(one)}
    return pairs | {(issue.row, issue.code) for issue in check.end(totals)}
