"""The days of a page: which day a number is of, and when the page was published."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from .words_read import Word, whole

_YEAR = re.compile(r"((?:19|20)\d{2})\s*(?:年|[—\-/.](?=\d{1,2}[—\-/.]\d))")
_PARTS = re.compile(
    r"(?:(?P<year>\d{4})\s*(?:年|[—\-/.]))?\s*(?:(?P<month>\d{1,2})\s*(?:月|[—\-/.]))?\s*(?P<day>\d{1,2})\s*[日号]?$"
)
#: After a date, it is another event's: "the cases reported on 5 March".
_OTHERS = re.compile(
    r"\s*(?:（[^）]*）)?(?:当日)?(?:本市|我市|全市)?(?:已?通报|报告的|抵|入境|在|从|自|乘|返|起|以来|前|后)"
)
_PUBLISHED = re.compile(
    r"(?:发布(?:时间|日期|于)?|发表(?:于|时间)?|时间|日期|来源[^\n]{0,20})[：:\s]*((?:20\d{2})\s*[年\-—/.]\s*\d{1,2}\s*[月\-—/.]\s*\d{1,2})"
)
_STAMP = re.compile(r"(?<!\d)(20\d{2}[\-—/.]\d{1,2}[\-—/.]\d{1,2})(?=\s*\d{1,2}：\d{2})")
_TOLD = re.compile(r"(?:今早|今晨|今天|今日|上午|下午)\s*（(?:(\d{1,2})月)?(\d{1,2})日）")
_YESTERDAY = re.compile(r"昨[日天]|前一[日天]")
_FULL = re.compile(r"(20\d{2})\s*[年\-—/.]\s*(\d{1,2})\s*[月\-—/.]\s*(\d{1,2})")
_NEWS = re.compile(r"((?:20\d{2}年)?\d{1,2}月\d{1,2}日)(?:电|讯|消息)")


@dataclass
class Days:
    """The calendar of one page: its year, and the date last read, for dates that leave either out."""

    year: int | None
    last: date | None = None
    #: The page's own date, for "yesterday".
    told_on: date | None = None

    def read(self, words: str) -> date | None:
        """The date that ``words`` write, with the page's year and the month last read where they are left out."""
        chinese = re.fullmatch(
            r"(?:([二三〇零一四五六七八九]{4})年)?([一二三四五六七八九十]+)月([一二三四五六七八九十]+)日",
            words,
        )
        if chinese:
            year = whole(chinese[1]) if chinese[1] else self.year
            month, day = whole(chinese[2]), whole(chinese[3])
        else:
            span = re.split(r"(?<=\d)\s*[—\-至到、]\s*(?=\d{1,2}\s*[日号])", words)
            if len(span) > 1:  # "5 to 7 March": the last day
                words = span[0].split("月")[0] + "月" + span[-1] if "月" in span[0] else span[-1]
            found = _PARTS.search(words)
            if not found:
                return None
            year = int(found["year"]) if found["year"] else self.year
            month = int(found["month"]) if found["month"] else (self.last.month if self.last else None)
            day = int(found["day"])
            if not found["month"] and self.last and not found["year"]:
                year = self.last.year
        if year is None or month is None or day is None:
            return None
        try:
            self.last = date(year, month, day)
        except ValueError:
            return None
        return self.last


def calendar_of(page: str, published_on: date | None) -> Days:
    """The calendar of a page: the one year that it names, the publication's, or none."""
    days = _calendar(page, published_on)
    if (
        published_on
        or (stamp := _STAMP.search(page) or _PUBLISHED.search(page) or _FULL.search(page)) is None
    ):
        days.told_on = published_on
    else:
        year, month, day = (int(n) for n in re.findall(r"\d+", stamp[0])[:3])
        days.told_on = _date(year, month, day)
    return days


def _calendar(page: str, published_on: date | None) -> Days:
    years = {int(found[1]) for found in _YEAR.finditer(page)}
    if len(years) == 1:
        return Days(years.pop())
    first = _YEAR.search(page)
    return Days(published_on.year if published_on else int(first[1]) if first else None)


def published(page: str, day: date | None, given: date | None) -> date | None:
    """When the page says it was published; ``day`` is the day it reports, for a day named without its month."""
    if given:
        return given
    for pattern in (_STAMP, _PUBLISHED):
        if found := pattern.search(page):
            digits = [int(n) for n in re.findall(r"\d+", found[1])]
            return _date(*digits[:3])
    if day and (found := _TOLD.search(page)):
        return _after(day, int(found[1]) if found[1] else None, int(found[2]))
    if day and (found := _NEWS.search(page)):
        digits = [int(n) for n in re.findall(r"\d+", found[1])]
        return _date(*digits) if len(digits) == 3 else _after(day, digits[0], digits[1])
    return None


def _after(day: date, month: int | None, number: int) -> date | None:
    """The first such day from ``day`` on, within a month."""
    for ahead in range(32):
        later = day + timedelta(days=ahead)
        if later.day == number and month in (None, later.month):
            return later
    return None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def days_in(
    words: Sequence[Word], page: str, days: Days, running: date | None
) -> list[tuple[int, date | None]]:
    """(place, day in force from there) through a sentence: its dates outside brackets, before them ``running``."""
    start, end = (words[0].start, words[-1].end) if words else (0, 0)
    found: list[tuple[int, date | None]] = [(start, running)]
    if days.told_on:
        found += [(m.end(), days.told_on - timedelta(days=1)) for m in _YESTERDAY.finditer(page, start, end)]
    depth = 0
    for index, word in enumerate(words):
        depth += (word.kind == "open") - (word.kind == "close")
        if word.kind != "context" or word.code != "date" or depth > 0:
            continue
        if _OTHERS.match(page, word.end):
            continue
        if day := days.read(page[word.start : word.end]):
            as_of = any(w.kind == "as_of" for w in words[max(0, index - 2) : index])
            midnight = re.match(r"\s*0{1,2}(?:时|：00)(?!\d)(?!\s*[—\-至到])", page[word.end : word.end + 12])
            found.append((word.end, day - timedelta(days=1) if as_of and midnight else day))
    return sorted(found, key=lambda each: each[0])


def day_at(found: Sequence[tuple[int, date | None]], place: int) -> date | None:
    """The day in force at ``place``, of what `days_in` found."""
    return found[max(0, bisect_right(found, place, key=lambda each: each[0]) - 1)][1]
