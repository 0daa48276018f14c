"""Text → the moment or the stretch of time it names, before it is judged."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from .days import Asked, Day, read_day, with_digits
from .times import TimeOfDay, read_time


@dataclass(frozen=True, slots=True)
class Point:
    """A day and, where one is given, a time of day."""

    day: Day
    time: TimeOfDay | None = None

    def at(self, asked: Asked) -> date | datetime | None:
        """The day, or the aware instant where there is a time; None where the day is none."""
        if self.day.day is None:
            return None
        if self.time is None:
            return self.day.day
        try:
            day = self.day.day + timedelta(days=self.time.shift)
        except OverflowError:
            return None
        hour = time(self.time.hour, self.time.minute, self.time.second)
        return datetime.combine(day, hour, tzinfo=self.time.offset or asked.context.zone)


@dataclass(frozen=True, slots=True)
class Stretch:
    """What a text says: ``first`` alone, or from ``first`` to ``last``. ``crosses`` midnight where only times say so.

    ``several`` lists of days ("3.20、3.22") have the outermost two. ``about`` marks "左右". ``rest`` is text that
    belongs to no day or time.
    """

    first: Point
    last: Point | None = None
    crosses: bool = False
    several: bool = False
    about: bool = False
    rest: str = ""


_RANGE = re.compile(r"\s*(?:[-~～—–－―]{1,2}|至|到|\bto\b|\buntil\b|起至)\s*")
_LIST = re.compile(r"\s*[、,，;；和及与&]\s*")
_AROUND = re.compile(r"约|大约|大概|可能|左右|前后|附近|上下|许")
_APPROXIMATE = re.compile(r"约|大约|大概|左右|前后")
_BEFORE = re.compile(r"(?:约|大约|大概|自|从|于|在|截至|截止|Date:)\s*")
_NOTE = re.compile(r"\s*[(\[【](?P<note>[^)\]】]*)[)\]】]\s*")


def read_stretch(text: str, asked: Asked, *, track: bool = False) -> Stretch | None:
    """The stretch that the clean ``text`` names, None where it names no day.

    ``track``: other words may stand between day and time (a flight's number), as in the track of a journey.
    """
    text = with_digits(text)
    about = _APPROXIMATE.search(text) is not None
    at = found.end() if (found := _BEFORE.match(text)) else 0
    day, at = read_day(text, at, asked)
    if day is None:
        return _time_first(text, asked) if track else None
    at = _skip_weekday(text, at)
    moment, at = read_time(text, at)
    words = ""
    if track and moment is None:
        moment, at, words = _time_later(text, at)
    first = Point(day, moment)
    last: Point | None = None
    crosses = several = False
    if (link := _RANGE.match(text, at)) and link.end() < len(text):
        last, at, crosses = _end(text, link.end(), first, asked)
    while (link := _LIST.match(text, at)) and not crosses:
        following, end = read_day(text, link.end(), asked)
        if following is None:
            break
        moment, end = read_time(text, end)
        last, at, several = Point(following, moment), end, True
    rest = (words + " " + _AROUND.sub("", text[at:])).strip(" 。.，,;；止间期")
    return Stretch(first, last, crosses, several, about, rest)


_WEEKDAY_AFTER = re.compile(
    r"\s*[(（]?(?:周|星期|礼拜)[一二三四五六日天][)）]?|\s*[(（]?(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*[)）]?"
)


def _skip_weekday(text: str, at: int) -> int:
    found = _WEEKDAY_AFTER.match(text, at)
    return found.end() if found else at


def _end(text: str, at: int, first: Point, asked: Asked) -> tuple[Point | None, int, bool]:
    """The end of a range: a time on the same day, a day of the same month, or a day and time of its own."""
    moment, after = read_time(text, at)
    if moment is not None and first.time is not None:
        start = first.time
        before = (moment.shift, moment.hour, moment.minute) < (start.shift, start.hour, start.minute)
        # 23:50-00:20 passes midnight; 9:00-8:30 is a slip: only a late start and an early end are believed.
        if before and _over_midnight(start, moment):
            later = TimeOfDay(moment.hour, moment.minute, moment.second, 1, moment.offset, moment.codes)
            return Point(first.day, later), after, True
        if before and start.shift == 1 and "TIME_NEXT_DAY" in start.codes:
            later = TimeOfDay(moment.hour, moment.minute, moment.second, 1, moment.offset, moment.codes)
            return Point(first.day, later), after, False
        return Point(first.day, moment), after, False
    if short := _SHORT_END.match(text, at):
        base = first.day.day
        if base is not None:
            try:
                day = Day(base.replace(day=int(short[1])), (), first.day.month_day)
            except ValueError:
                day = Day(None, ("DATE_INVALID",))
            moment, after = read_time(text, short.end())
            return Point(day, moment), after, False
    day_read, after = read_day(text, at, asked)
    if day_read is None:
        return None, at, False
    if day_read.month_day and first.day.day and first.day.month_day is None:
        day_read = _year_of(day_read, first.day.day)
    after = _skip_weekday(text, after)
    moment, after = read_time(text, after)
    return Point(day_read, moment), after, False


_SHORT_END = re.compile(r"(\d{1,2})(?:[日号]|(?=\s*$))")
#: A stretch that begins in the evening and ends before noon runs through the night.
_EVENING, _NOON = 18, 12


def _over_midnight(start: TimeOfDay, end: TimeOfDay) -> bool:
    return start.hour >= _EVENING and end.hour < _NOON


def _year_of(day: Day, first: date) -> Day:
    """A day without year that ends a range whose beginning has one: the same year, or the next over New Year."""
    month, number = day.month_day or (1, 1)
    for year in (first.year, first.year + 1):
        try:
            real = date(year, month, number)
        except ValueError:
            continue
        if real >= first or year > first.year:
            return Day(real)
    return Day(None, ("DATE_INVALID",))


_CLOCK_LATER = re.compile(r"(?<![\d:])\d{1,2}\s*[:∶点]\s*\d{0,2}")


def _time_later(text: str, at: int) -> tuple[TimeOfDay | None, int, str]:
    """The first time of day further on in a track, with the words passed over."""
    for found in _CLOCK_LATER.finditer(text, at):
        moment, end = read_time(text, found.start())
        if moment is not None:
            return moment, end, text[at : found.start()].strip()
    return None, at, ""


def _time_first(text: str, asked: Asked) -> Stretch | None:
    """A track that begins with other words: "MU9999 2022-03-25 23:30"."""
    for found in _DAY_LATER.finditer(text):
        day, _ = read_day(text, found.start(), asked)
        if day is not None and day.day is not None:
            inner = read_stretch(text[found.start() :], asked)
            if inner is None:
                return None
            rest = (text[: found.start()] + " " + inner.rest).strip()
            return Stretch(inner.first, inner.last, inner.crosses, inner.several, inner.about, rest)
    return None


_DAY_LATER = re.compile(r"(?<![\dA-Za-z])\d{4}[-./年]\d|(?<![\dA-Za-z])\d{1,2}月\d|昨|前天|今")
