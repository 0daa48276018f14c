"""The day in the title against the day in the file's name and the days in the rows."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date

from ..codes import issue
from ..parts import Issue
from .rows import ReadRow, day_of

#: (year or None, month, day)
Day = tuple[int | None, int, int]

#: The day of most rows is the table's when at least this share of them has it.
MOST_ROWS = 0.75

_SPELLED = re.compile(
    r"(?:(?P<year>(?:19|20)\d{2})\s*[年\-/._])?\s*(?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})\s*[日号]?"
)
_DASHED = re.compile(r"(?<!\d)(?P<year>(?:19|20)\d{2})[\-/._](?P<month>\d{1,2})[\-/._](?P<day>\d{1,2})(?!\d)")
_SOLID = re.compile(r"(?<!\d)(?P<year>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})(?!\d)")
_SHORT = re.compile(r"(?<![\d.])(?P<month>0\d|1[0-2])(?P<day>[0-3]\d)(?![\d.])")
_DOTTED = re.compile(r"(?<![\d.])(?P<month>\d{1,2})[.\-](?P<day>\d{1,2})(?![\d.])")


def days_in(text: str, *, name: bool = False) -> list[Day]:
    """The days a title speaks of; of a file's name (``name``) also those written "0327" or "3.27".

    >>> days_in("填报时间：2022年3月27日20时"), days_in("E_物资日报_0327", name=True)
    ([(2022, 3, 27)], [(None, 3, 27)])
    """
    flat = unicodedata.normalize("NFKC", text)
    for pattern in (_SPELLED, _DASHED, _SOLID, *((_SHORT, _DOTTED) if name else ())):
        found = [
            (int(match["year"]) if "year" in match.groupdict() and match["year"] else None, month, day)
            for match in pattern.finditer(flat)
            if 1 <= (month := int(match["month"])) <= 12 and 1 <= (day := int(match["day"])) <= 31
        ]
        if found:
            return found
    return []


def agree(first: Day, second: Day) -> bool:
    """Whether two days may be one: month and day are equal, and the years where both are named."""
    years = first[0] is None or second[0] is None or first[0] == second[0]
    return years and first[1:] == second[1:]


class ReportDates:
    """REPORT_DATE_MISMATCH: at the title, when the file's name or the rows speak of another day; at a row, when its
    day is not the one of the title and of the other rows.
    ``one_day`` is false for tables of many days.
    """

    def __init__(self, file_name: str, title: Sequence[str], *, one_day: bool) -> None:
        self._one_day = one_day
        self._named = days_in(file_name.rsplit(".", 1)[0], name=True)
        self._title: list[Day] = []
        self._title_row: int | None = None
        for place, line in enumerate(title):
            if days := days_in(line):
                self._title = self._title or days
                self._title_row = self._title_row or place + 1
        self._days: dict[date, int] = {}
        self._counts: Counter[date] = Counter()
        self._column = ""

    def row(self, row: ReadRow) -> None:
        day = day_of(row.sure("day"))
        if day is not None and len(self._counts) < 400:
            self._counts[day] += 1
            self._days.setdefault(day, row.number)
            self._column = row.columns.get("day", "")

    def end(self) -> Iterator[Issue]:
        if self._title and self._named and not any(agree(a, b) for a in self._title for b in self._named):
            yield issue(self._title_row, "", "REPORT_DATE_MISMATCH")
            return
        if not self._one_day or not self._counts:
            return
        usual, count = self._counts.most_common(1)[0]
        if count < MOST_ROWS * self._counts.total():
            return
        stated = self._title or self._named
        as_day: Day = (usual.year, usual.month, usual.day)
        if stated and not any(agree(day, as_day) for day in stated):
            yield issue(self._title_row or self._days[usual], self._column, "REPORT_DATE_MISMATCH")
        elif count > 1:
            for day, number in self._days.items():
                if day != usual:
                    yield issue(number, self._column, "REPORT_DATE_MISMATCH")
