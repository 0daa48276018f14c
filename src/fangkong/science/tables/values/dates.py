"""A date, a moment or a stretch of time out of one cell, in every form that people type.

What is read with a doubt carries its issue; what cannot be a day of this file (no such day, to come, of another
century) has no value. Aware datetimes carry the file's zone; a day without time is a plain date.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from ..codes import issue
from ..context import Context
from ..parts import Cell, Issue
from .days import Asked, is_lunar, near
from .limits import date_words
from .stretches import Point, Stretch, read_stretch
from .text import changes, clean, is_pending, is_placeholder
from .value import EMPTY, Span, Value

if TYPE_CHECKING:
    from ..columns.reading import ColumnReading

Read = Callable[[Cell], Value]
_PLAIN = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ T](\d{1,2}):(\d\d)(?::(\d\d))?)?", re.ASCII)


def date_reader(reading: ColumnReading, context: Context) -> Read:
    """A function from a cell to its date (kind "date"), moment ("moment") or span ("span").

    The value is a date; of a moment an aware datetime where there is a time; of a span a `Span` where there are two.
    """
    asked = Asked(context, reading.future, reading.past, reading.traits.date_order)
    judge = _Judge(reading, asked)
    kind = reading.value_kind
    zoned = reading.traits.zoned

    def read(cell: Cell) -> Value:
        stored = cell.value
        if isinstance(stored, datetime | date):
            return _stored(stored, cell, reading, asked, judge)
        text = stored if type(stored) is str else cell.text
        if (plain := _PLAIN.fullmatch(text)) and not zoned:
            year, month, day, hour, minute, second = plain.groups()
            try:
                on = date(int(year), int(month), int(day))
                if hour is None or kind == "date":
                    if hour is None or int(hour) < 24:
                        return judge.one(on)
                else:
                    at = datetime(
                        on.year,
                        on.month,
                        on.day,
                        int(hour),
                        int(minute),
                        int(second or 0),
                        tzinfo=context.zone,
                    )
                    return judge.one(at)
            except ValueError:
                pass
        return _slow(text, cell, reading, asked, judge)

    return read


class _Judge:
    """Whether a day can be one of this column; its answers to the same day are kept by the reader's memory."""

    def __init__(self, reading: ColumnReading, asked: Asked) -> None:
        words = date_words()
        context = asked.context
        self.name = reading.name
        self.asked = asked
        self.historic = reading.traits.historic
        self.latest = context.latest
        ahead = words.years_ahead * (2 if reading.past and reading.future else 1)
        self.last_year = max(context.reference.year, context.latest.year) + ahead
        self.first_year = words.oldest_year
        back = words.life_years if reading.past else words.event_years_back
        self.far_back = context.reference.year - back
        self.historic_before = words.historic_before
        # Nothing to say about a day between these two: the common case costs two comparisons.
        self.sure_from = date(max(self.far_back, self.historic_before) + 1, 1, 1)
        self.sure_to = (
            min(context.latest, context.reference) if not reading.future else date(self.last_year, 1, 1)
        )

    def codes(self, day: date) -> tuple[str, ...]:
        """The issue codes that ``day`` earns by itself."""
        if self.sure_from <= day <= self.sure_to:
            return ()
        if day.year < self.first_year or day.year > self.last_year:
            return ("DATE_IMPLAUSIBLE",)
        if day > self.latest and not self.asked.future:
            return ("DATE_IN_FUTURE",)
        if day.year < self.historic_before and self.far_back >= self.first_year:
            return () if self.historic else ("DATE_BEFORE_1900",)
        if day.year < self.far_back and not self.historic:
            return ("DATE_IMPLAUSIBLE",)
        return ()

    def one(self, at: date | datetime, codes: tuple[str, ...] = (), more: tuple[Issue, ...] = ()) -> Value:
        """The value of one day or moment with the codes of its reading."""
        day = at.date() if isinstance(at, datetime) else at
        own = self.codes(day)
        if not own and not codes and not more:
            return Value(at, (), "read")
        issues = tuple(issue(None, self.name, code) for code in dict.fromkeys((*codes, *own)))
        return _valued(at, issues + more)


def _valued(at: date | datetime | Span, issues: tuple[Issue, ...]) -> Value:
    """A value unless one of its issues is an error."""
    if any(found.severity == "error" for found in issues):
        return Value(None, issues, "unreadable")
    return Value(at, issues, "read")


_FORMAT_ORDER = re.compile(r"[ymd]+", re.IGNORECASE)


def format_order(number_format: str) -> str:
    """The order of day and month that a number format shows: "ymd", "dmy", "mdy", "ydm", "" where no full date.

    >>> format_order("dd/mm/yyyy"), format_order("m/d/yy h:mm"), format_order("0.00")
    ('dmy', 'mdy', '')
    """
    letters = ""
    bare = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]|h+:?m+(:?s+)?|general', " ", number_format.lower())
    for found in _FORMAT_ORDER.finditer(bare):
        letter = found[0][0].lower()
        if letter not in letters:
            letters += letter
    return letters if letters in ("ymd", "dmy", "mdy", "ydm") else ""


def _stored(stored: date, cell: Cell, reading: ColumnReading, asked: Asked, judge: _Judge) -> Value:
    """A cell that the spreadsheet itself holds as a date."""
    codes: tuple[str, ...] = ()
    usual = reading.traits.format_order
    shown = format_order(cell.number_format) if usual and cell.number_format else ""
    # 03/04 among 04/03: the sender and the spreadsheet may have meant different days. The usual short format of a
    # Chinese spreadsheet is stored as "mm-dd-yy" and shown year first, so these two do not contradict each other.
    if shown and shown != usual and {shown, usual} != {"ymd", "mdy"} and stored.day != stored.month:
        codes = ("DATE_FORMAT_CONFLICT",)
    at: date = stored
    if isinstance(stored, datetime):
        bare = stored.hour == stored.minute == stored.second == 0
        if reading.value_kind == "date" or bare:
            at = stored.date()
        else:
            at = stored if stored.tzinfo else stored.replace(tzinfo=asked.context.zone)
    value = judge.one(at, codes)
    if value.value is None and not asked.future and any(i.code == "DATE_IN_FUTURE" for i in value.issues):
        day = at.date() if isinstance(at, datetime) else at
        if day.day <= 12 and day.day != day.month and near(day.replace(month=day.day, day=day.month), asked):
            swapped = issue(None, reading.name, "DATE_DAY_MONTH_SWAPPED")
            return Value(None, (*value.issues, swapped), "unreadable")
    return value


def _slow(text: str, cell: Cell, reading: ColumnReading, asked: Asked, judge: _Judge) -> Value:
    if not text.strip():
        return EMPTY
    name = reading.name
    cleaned = clean(text)
    if is_placeholder(cleaned.text):
        return Value(None, (), "placeholder")
    if is_pending(cleaned.text):
        return Value(None, (issue(None, name, "VALUE_PENDING"),), "pending")
    info = changes(name, cleaned)
    if isinstance(cell.value, float | int) and not isinstance(cell.value, bool):
        fraction = _serial_moment(float(cell.value), reading, asked)
        if fraction is not None:
            return judge.one(fraction, ("DATE_SERIAL_AS_NUMBER",))
    if len(cleaned.text) > _LONGEST or is_lunar(cleaned.text):
        return Value(None, (issue(None, name, "DATE_INVALID"), *info), "unreadable")
    stretch = read_stretch(cleaned.text, asked, track=reading.value_kind == "span")
    if stretch is None and reading.value_kind == "span" and _TIMES.fullmatch(cleaned.text):
        # The day stands in another column; a time alone is no mistake and no moment.
        return Value(None, info, "unreadable")
    if stretch is None:
        return Value(None, (issue(None, name, "DATE_INVALID"), *info), "unreadable")
    if stretch.rest and reading.value_kind != "span" and not _HARMLESS.fullmatch(stretch.rest):
        return Value(None, (issue(None, name, "DATE_INVALID"), *info), "unreadable")
    return _judged(stretch, reading, asked, judge, info)


_TIMES = re.compile(r"\d{1,2}[:点时]\d{0,2}分?(?:\s*[-~—–至到]+\s*(?:次日)?\d{1,2}[:点时]\d{0,2}分?)?")
#: A longer text is no date, and reading it as one would be slow.
_LONGEST = 120
#: What may stand after a date without changing it: a note in brackets, words for a case report's usual asides.
_HARMLESS = re.compile(
    r"[(\[【][^\d)\]】]{0,20}[)\]】]?|(?:上午|下午|中午|晚上|凌晨|早上|早晨|清晨|傍晚|夜间|晚|早|起)|(?:发病|采样|入境|抵达|出发|接触|报告|确诊|死亡|出院|解除|接种|到达)?[。.]?"
)
_SERIAL_EPOCH = date(1899, 12, 30)


def _serial_moment(number: float, reading: ColumnReading, asked: Asked) -> date | datetime | None:
    """The day (and time) of a spreadsheet's serial number in the range that days of our time have."""
    if not 20_000 <= number < 60_000:
        return None
    day = _SERIAL_EPOCH + timedelta(days=int(number))
    seconds = round((number - int(number)) * 86_400)
    if reading.value_kind == "date" or seconds == 0:
        return day
    midnight = datetime(day.year, day.month, day.day, tzinfo=asked.context.zone)
    return midnight + timedelta(seconds=seconds)


def _judged(
    stretch: Stretch, reading: ColumnReading, asked: Asked, judge: _Judge, info: tuple[Issue, ...]
) -> Value:
    name, kind = reading.name, reading.value_kind
    points = [stretch.first] if stretch.last is None else [stretch.first, stretch.last]
    codes = [
        code for point in points for code in (*point.day.codes, *(point.time.codes if point.time else ()))
    ]
    if "DATE_INVALID" in codes:
        return Value(None, (issue(None, name, "DATE_INVALID"), *info), "unreadable")
    moments = [point.at(asked) for point in points]
    if any(moment is None for moment in moments):
        kept = tuple(issue(None, name, code) for code in dict.fromkeys(codes) if code != "DATE_NO_YEAR")
        return Value(None, (kept or (issue(None, name, "DATE_INVALID"),)) + info, "unreadable")
    if (stretch.last is not None or reading.traits.no_year or kind == "span") and "DATE_NO_YEAR" in codes:
        codes = [code for code in codes if code != "DATE_NO_YEAR"]
    if reading.traits.zoned and any(_unzoned(point) for point in points):
        codes.append("TIMEZONE_MISSING")
    if stretch.crosses:
        codes.append("INTERVAL_CROSSES_MIDNIGHT")
    chosen = [moment for moment in moments if moment is not None]
    if len(chosen) == 2 and _before(chosen[1], chosen[0]):
        return Value(None, (issue(None, name, "INTERVAL_REVERSED"), *info), "unreadable")
    also = _vehicle(stretch.rest) if kind == "span" else ()
    if len(chosen) == 1:
        value = judge.one(_day_of(chosen[0]) if kind == "date" else chosen[0], tuple(codes), info)
        if stretch.about and "DATE_RELATIVE" not in codes and value.value is not None and kind != "span":
            value = _valued(value.value, (*value.issues, issue(None, name, "DATE_RANGE_IN_DATE_FIELD")))
        if also and value.value is not None:
            value = Value(value.value, value.issues, "read", also)
        return value
    own = [code for moment in chosen for code in judge.codes(_day_of(moment))]
    if kind == "span" and not stretch.several:
        issues = tuple(issue(None, name, code) for code in dict.fromkeys([*codes, *own])) + info
        value = _valued(Span(chosen[0], chosen[1]), issues)
        return Value(value.value, issues, value.state, also if value.value else ())
    same_day = _day_of(chosen[0]) == _day_of(chosen[1])
    if not (kind == "date" and same_day and not stretch.several):
        codes.append("DATE_RANGE_IN_DATE_FIELD")
    one = chosen[1] if reading.ends else chosen[0]
    issues = tuple(issue(None, name, code) for code in dict.fromkeys([*codes, *own])) + info
    return _valued(_day_of(one) if kind == "date" else one, issues)


def _unzoned(point: Point) -> bool:
    return point.time is not None and point.time.offset is None


def _day_of(moment: date | datetime) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _before(a: date | datetime, b: date | datetime) -> bool:
    """Whether ``a`` is before ``b``; a day without time is compared by its day."""
    if isinstance(a, datetime) and isinstance(b, datetime):
        return a < b
    return _day_of(a) < _day_of(b)


_VEHICLE = re.compile(r"(?<![A-Z0-9])(?:[GDCZTKYSL]\d{1,4}|[A-Z]{2}\d{3,4}|[A-Z]\d[A-Z]?\d{3,4})(?![A-Z0-9])")


def _vehicle(rest: str) -> tuple[tuple[str, str], ...]:
    found = _VEHICLE.search(rest.upper())
    return (("vehicle", found[0]),) if found else ()
