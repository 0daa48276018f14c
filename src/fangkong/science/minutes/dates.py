"""On which day a meeting was, and on what that rests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from .lexicon import lexicon


@dataclass(frozen=True)
class MeetingDay:
    """``day`` and its ``basis``: stated (year, month and day in the text), page_year (the day in the text, the year
    from the page's own time), page_date (今天, 昨日 … counted from the page's time), inferred_year (the only year in
    which the report's words and the day go together: a proposal), follows (the day of the meeting before it),
    unknown_year (``month_day`` alone is known) or unknown. ``words`` is the piece of the text that says it.
    """

    day: date | None
    basis: str
    words: str = ""
    month_day: tuple[int, int] | None = None


_FULL = re.compile(r"(20\d{2})\s*[年\-/.]\s*(\d{1,2})\s*[月\-/.]\s*(\d{1,2})日?")
_MONTH_DAY = re.compile(r"(?<![\d年])(\d{1,2})月(\d{1,2})日")
_DAY = re.compile(r"(?<![\d月])(\d{1,2})日(?=[上下]午|晚|中午|早|凌晨|傍晚|，|召|举|主|[）)])")
_RELATIVE = {"今天": 0, "今日": 0, "今晚": 0, "今早": 0, "昨天": -1, "昨日": -1, "昨晚": -1, "前天": -2}
_RELATIVE_WORDS = re.compile("|".join(_RELATIVE))


def meeting_day(opening: str, stamp: str, report: str) -> MeetingDay:
    """The day of the meeting whose report opens with ``opening``.

    ``stamp`` is the page's own time (or ""), ``report`` the whole reading: its words tell years apart. Never a day
    that the text and the page do not give; a year that is only inferred says so.

    >>> meeting_day("3月28日，市指挥部召开会议。", "2022-3-29 07:48", "").day
    datetime.date(2022, 3, 28)
    """
    page = _date_in(stamp)
    if full := _FULL.search(opening):
        stated = _date(int(full[1]), int(full[2]), int(full[3]))
        relative = _RELATIVE_WORDS.search(opening, full.end())
        if stated and relative and "讯" in opening[full.end() : full.end() + 3]:
            said = stated + timedelta(days=_RELATIVE[relative[0]])
            return MeetingDay(said, "stated", opening[full.start() : relative.end()])
        if stated:
            return MeetingDay(stated, "stated", full[0])
    if found := _MONTH_DAY.search(opening):
        month, day_of_month = int(found[1]), int(found[2])
        if page and (day := _on_or_before(page, month, day_of_month)):
            return MeetingDay(day, "page_year", found[0])
        return _inferred(month, day_of_month, found[0], report)
    if page and (found := _DAY.search(opening)):
        for back in range(32):
            if (earlier := page - timedelta(days=back)).day == int(found[1]):
                return MeetingDay(earlier, "page_year", found[0])
    if page and (found := _RELATIVE_WORDS.search(opening)):
        return MeetingDay(page + timedelta(days=_RELATIVE[found[0]]), "page_date", found[0])
    return MeetingDay(None, "unknown")


def _date_in(text: str) -> date | None:
    found = _FULL.search(text)
    return _date(int(found[1]), int(found[2]), int(found[3])) if found else None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _on_or_before(page: date, month: int, day: int) -> date | None:
    """The last such day up to the page's own (a day of grace, for pages dated in another time zone)."""
    for year in (page.year, page.year - 1):
        found = _date(year, month, day)
        if found and found <= page + timedelta(days=1):
            return found
    return None


def _inferred(month: int, day_of_month: int, words: str, report: str) -> MeetingDay:
    windows = list(_windows(report))
    days = [_date(year, month, day_of_month) for year in range(2003, 2100)] if windows else []
    fitting = [day for day in days if day and all(since <= day <= until for since, until in windows)]
    if len(fitting) == 1:
        return MeetingDay(fitting[0], "inferred_year", words)
    month_day = (month, day_of_month) if _date(2000, month, day_of_month) else None
    return MeetingDay(None, "unknown_year" if month_day else "unknown", words, month_day)


def _windows(report: str) -> Iterator[tuple[date, date]]:
    for words, since, until in _epochs():
        if any(word in report for word in words):
            yield since, until


@cache
def _epochs() -> tuple[tuple[tuple[str, ...], date, date], ...]:
    entries = lexicon("words/epochs")["word"]
    return tuple((tuple(entry["words"]), entry["since"], entry["until"]) for entry in entries)
