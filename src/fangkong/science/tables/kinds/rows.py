"""A row whose cells are read, a total whose figures are read, and the checks that run over them.

A check sees each row once, in the file's order, and keeps only digests and small numbers of it, so that a million
rows fit. What the row itself shows it reports at once; what only the whole table shows it reports at the end.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from ..codes import issue, severities
from ..parts import Issue

#: Readings that are one of several possible ones: nothing is concluded from them.
UNSURE = frozenset({"DATE_AMBIGUOUS_DM", "ID_MASKED", "PHONE_MASKED", "APPROXIMATE_NUMBER", "VALUE_PENDING"})


@dataclass(slots=True)
class ReadRow:
    """One row of data, its cells read.

    ``values`` has what was read under the field's name; where several columns hold one field, under the field's
    name, a colon and the column's name. ``texts`` has the trimmed text of the cells that hold any; ``doubts`` the
    codes found in a cell; ``states`` why a cell has no value ("empty", "placeholder", "pending", "masked",
    "unreadable"). ``columns`` has the sender's name of each column of the table, ``sources`` also those of fields
    that share a cell (sex and age). ``digest`` is of all cells but the serial number: equal in two rows that say
    the same.
    """

    number: int
    values: Mapping[str, Any]
    texts: Mapping[str, str]
    columns: Mapping[str, str]
    sources: Mapping[str, str] = field(default_factory=dict)
    doubts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    states: Mapping[str, str] = field(default_factory=dict)
    digest: int = 0
    section: str = ""
    struck: bool = False
    hidden: bool = False

    def sure(self, key: str) -> Any:
        """The value under ``key`` when it was read without a choice between several readings, else None."""
        value = self.values.get(key)
        if value is None or not self.doubts:
            return value
        codes = self.doubts.get(key)
        if codes and any(code in UNSURE or severities()[code] == "error" for code in codes):
            return None
        return value

    def keys(self, name: str) -> list[str]:
        """The keys of the columns that hold the field ``name``, in the order of the columns."""
        start = name + ":"
        return [key for key in self.columns if key == name or key.startswith(start)]

    def text(self, key: str) -> str:
        return self.texts.get(key, "")

    def found(self, key: str, code: str, **params: Any) -> Issue:
        """The issue ``code`` in the column of ``key``; of the whole row for the key ""."""
        column = self.sources.get(key) or self.columns.get(key, "")
        return issue(self.number, column, code, **params)


@dataclass(slots=True)
class ReadTotal:
    """A total, subtotal or note: its figures by key, its text, and the rows of data that stand above it."""

    number: int
    why: str
    figures: Mapping[str, float]
    text: str
    rows_above: int = 0


@dataclass(frozen=True)
class Setting:
    """What a check knows of the file and of the office beside the rows themselves.

    ``today`` is the civil day of receiving; ``reference`` the day that ages count on where a row has none of its own;
    ``day`` the day that the title or the file's name says the file reports on; ``release_days`` the days from the
    last contact to release by control mode or tier, with "" for all others, where the caller's rule pack says so;
    ``stock`` the closing stock of the sender's report before this one; ``case_exists`` says whether a case is
    known, None where nobody can say.
    """

    today: date
    reference: date
    day: date | None = None
    file_name: str = ""
    title: Sequence[str] = ()
    release_days: Mapping[str, int] | None = None
    stock: Sequence[StockLine] = ()
    case_exists: Callable[[str], bool | None] | None = None


@dataclass(frozen=True, slots=True)
class StockLine:
    """The closing stock of one item in one report; ``day`` is the report's, None when it names none."""

    item: str
    unit: str
    closing: float
    day: date | None = None
    category: str = ""


class Check(Protocol):
    """A check that goes with the rows of one table."""

    def row(self, row: ReadRow) -> Iterator[Issue]:
        """What the row shows, alone or beside those before it."""
        ...

    def end(self, totals: Sequence[ReadTotal]) -> Iterator[Issue]:
        """What only the whole table shows."""
        ...


def day_of(value: Any) -> date | None:
    """The civil day of a date, a moment, or an interval's end; None for anything else.

    >>> day_of(datetime(2022, 3, 27, 20)), day_of("soon")
    (datetime.date(2022, 3, 27), None)
    """
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    end = getattr(value, "end", None)
    return day_of(end) if end is not None else None


def moment_of(value: Any) -> datetime | None:
    """The moment of a value that has a time of day, else None; the end of an interval."""
    if isinstance(value, datetime):
        return value
    end = getattr(value, "end", None)
    return moment_of(end) if end is not None else None


def is_before(first: Any, second: Any) -> bool:
    """Whether ``first`` lies before ``second``, to the minute when both have a time of day, else to the day.

    >>> is_before(date(2022, 3, 27), datetime(2022, 3, 27, 8))
    False
    """
    one, other = moment_of(first), moment_of(second)
    if one is not None and other is not None:
        if (one.tzinfo is None) != (other.tzinfo is None):
            one, other = one.replace(tzinfo=None), other.replace(tzinfo=None)
        return one < other
    first_day, second_day = day_of(first), day_of(second)
    return first_day is not None and second_day is not None and first_day < second_day


def number_of(value: Any) -> float | None:
    """The number a value holds, None for anything that is none (a truth value is none)."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    return None


def plain(text: Any) -> str:
    """A text in its plain form, for comparing: no width, case, space or middle dot.

    >>> plain(" Ｎ95 口罩 ")
    'n95口罩'
    """
    said = str(text)
    if said.isascii() and said.isalnum():
        return said.casefold()
    return _MARKS.sub("", unicodedata.normalize("NFKC", said)).casefold()


_MARKS = re.compile(r"[\s·•・.\-—_]+")


def digest(*parts: Any) -> int:
    """A number standing for ``parts`` within this process: Python's keyed hash (SipHash), eight bytes.

    It never leaves the memory of the run, so a key per process is wanted and enough.
    """
    return hash(parts)
