"""A day as people type it, at one place of a text: which days it can mean, and what is doubtful about it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from ..context import Context
from .limits import date_words
from .text import CHINESE_NUMERAL, chinese_number


@dataclass(frozen=True, slots=True)
class Day:
    """A day read. ``day`` is None where the text looks like one but is none, or may be more than one.

    ``codes`` are the issue codes of the reading; ``month_day`` keeps a day written without year; ``order`` is "dmy" or
    "mdy" where the form can only be read so, "either" where both ways are days, "" for other forms.
    """

    day: date | None
    codes: tuple[str, ...] = ()
    month_day: tuple[int, int] | None = None
    order: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the column allows: days to come (a release), days of long ago (a birth), and its order of day and month."""

    context: Context
    future: bool = False
    past: bool = False
    date_order: str = ""


_ISO = re.compile(
    r"(?P<y>\d{4})\s*(?:([-./])\s*|年\s*)(?P<m>\d{1,2})\s*(?:[-./]|月)\s*(?P<d>\d{1,2})\s*(?:[日号]|(?!\d))"
)
_COMPACT = re.compile(r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})(?=$|\D|\d{4}(?:\d{2})?(?!\d))")
_DAY_YEAR = re.compile(r"(?P<a>\d{1,2})\s?([-./])\s?(?P<b>\d{1,2})\s?\2\s?(?P<y>\d{4})(?!\d)")
_TWO_DIGIT = re.compile(r"(?P<a>\d{1,2})([-./])(?P<b>\d{1,2})\2(?P<c>\d{2})(?![\d./])")
_SHORT_YEAR = re.compile(r"(?P<y>\d{2})年\s*(?P<m>\d{1,2})\s*月\s*(?P<d>\d{1,2})\s*(?:[日号]|(?!\d))")
_MONTH_DAY = re.compile(r"(?P<m>\d{1,2})\s*月\s*(?P<d>\d{1,2})\s*(?:[日号]|(?!\d))")
_POINT = re.compile(r"(?P<m>\d{1,2})\s?[./-]\s?(?P<d>\d{1,2})[日号]?(?![\d:]|[./-]\d{4})")
_ONLY_DAY = re.compile(r"(?:本月)?(?P<d>\d{1,2})[日号]")
_ENGLISH = re.compile(
    r"(?:(?P<d>\d{1,2})(?:st|nd|rd|th)?[\s-]*(?:of\s+)?(?P<mon>[A-Za-z]{3,9})\.?|(?P<mon2>[A-Za-z]{3,9})\.?\s*(?P<d2>\d{1,2})(?:st|nd|rd|th)?)"
    r"(?!\d)(?:[,\s-]*(?P<y>\d{4}|'?\d{2}(?![:\d])))?"
)
_AGO = re.compile(r"(?P<n>\d{1,3})\s*(?:天|日)(?:以)?前|(?P<n2>\d{1,3})\s+days?\s+ago", re.IGNORECASE)
_WEEKDAY = re.compile(
    r"(?P<back>上上|上|本|这|这个|上个|下|下个)?(?:周|星期|礼拜)(?P<w>[一二三四五六日天1-7])"
    r"|(?P<last>last|this)\s+(?P<name>monday|tuesday|wednesday|thursday|friday|saturday|sunday)",
    re.IGNORECASE,
)
_SERIAL = re.compile(r"(?P<n>[1-6]\d{4})(?P<fraction>\.\d+)?(?!\d)")
_LUNAR = re.compile(
    r"农历|阴历|旧历|腊月|正月|冬月|[一二三四五六七八九十]月初|初[一二三四五六七八九十]|除夕|大年"
)
_YEAR_DAYS = 366
_SERIAL_EPOCH = date(1899, 12, 30)
#: Serial numbers taken for days: 1954-10-03 to 2064-04-08.
_SERIAL_RANGE = range(20_000, 60_000)


def read_day(text: str, at: int, asked: Asked) -> tuple[Day | None, int]:
    """The day that begins at ``at`` of the clean ``text``, and where it ends; None and ``at`` where none does."""
    for form, reader in _FORMS:
        if found := form.match(text, at):
            read = reader(found, asked)
            if read is not None:
                return read, found.end()
    return _relative(text, at, asked)


def with_digits(text: str) -> str:
    """``text`` with the Chinese numerals before 年, 月, 日, 时, 点, 分 as digits: 三月二十日 → 3月20日."""
    text = _DASHED.sub(r"\1-\2-\3", text)
    if not CHINESE_NUMERAL.search(text):
        return text
    return _NUMERAL_BEFORE_UNIT.sub(_digits, text)


_NUMERAL_BEFORE_UNIT = re.compile(
    r"[〇零○一二三四五六七八九十廿卅两]+(?=\s*(?:年|月|日|号|时|点|分|天前|天以前))"
    # 三月二十, with nothing behind it.
    r"|(?<=月)[一二三四五六七八九十廿卅]+$"
)
#: A day written with the dashes that a word processor puts in.
_DASHED = re.compile(r"(?<!\d)(\d{4})[–—−‐‑](\d{1,2})[–—−‐‑](\d{1,2})(?!\d)")


def _digits(found: re.Match[str]) -> str:
    # "上周日", "周二日": the numeral belongs to the week.
    if found.start() and found.string[found.start() - 1] in "周期拜":
        return found[0]
    number = chinese_number(found[0])
    return found[0] if number is None else str(number)


def is_lunar(text: str) -> bool:
    """True where the text names a day of the lunar calendar, which this reader does not convert."""
    return _LUNAR.search(text) is not None


def _real(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _full(found: re.Match[str], asked: Asked) -> Day:
    year, month, day = int(found["y"]), int(found["m"]), int(found["d"])
    if real := _real(year, month, day):
        return Day(real)
    # 2022-25-03 is the 25th of March where that lies close; 2022-13-05 far away stays no day at all.
    swapped = _real(year, day, month) if month > 12 else None
    if swapped and near(swapped, asked):
        return Day(swapped, ("DATE_DAY_MONTH_SWAPPED",))
    return Day(None, ("DATE_INVALID",))


def near(day: date, asked: Asked) -> bool:
    """True where ``day`` lies in the window before the reference in which an exchanged day is believed."""
    back = (asked.context.reference - day).days
    return (-date_words().swap_window_days if asked.future else 0) <= back <= date_words().swap_window_days


def _day_year(found: re.Match[str], asked: Asked) -> Day:
    first, second, year = int(found["a"]), int(found["b"]), int(found["y"])
    dmy, mdy = _real(year, second, first), _real(year, first, second)
    if dmy is None and mdy is None:
        return Day(None, ("DATE_INVALID",))
    if dmy is None or mdy is None:
        order = "dmy" if mdy is None else "mdy"
        # The other way round than the column, or day first in a column that writes its days otherwise.
        odd = order != asked.date_order if asked.date_order else order == "dmy"
        return Day(dmy or mdy, ("DATE_DAY_MONTH_SWAPPED",) if odd else (), None, order)
    if dmy == mdy:
        return Day(dmy)
    if asked.date_order:
        return Day(dmy if asked.date_order == "dmy" else mdy, (), None, "either")
    return Day(_only([dmy, mdy], asked), ("DATE_AMBIGUOUS_DM",), None, "either")


def _only(days: list[date], asked: Asked) -> date | None:
    """The one of ``days`` that is not to come, None where several or none are left."""
    if asked.future:
        return None
    left = [day for day in days if day <= asked.context.latest and day <= asked.context.reference]
    return left[0] if len(left) == 1 else None


def _two_digit(found: re.Match[str], asked: Asked) -> Day:
    a, b, c = int(found["a"]), int(found["b"]), int(found["c"])
    century = asked.context.reference.year // 100 * 100
    dmy, mdy, ymd = _real(century + c, b, a), _real(century + c, a, b), _real(century + a, b, c)
    order = "" if dmy and mdy else "dmy" if dmy else "mdy" if mdy else ""
    if asked.date_order and (said := dmy if asked.date_order == "dmy" else mdy):
        return Day(said, (), None, order)
    days = [day for day in (dmy, mdy, ymd) if day]
    if not days:
        return Day(None, ("DATE_INVALID",))
    if asked.past:  # a birth may lie in either century and any year
        return Day(None, ("DATE_DMY_2DIGIT",), None, order)
    back = date_words().event_years_back
    reference = asked.context.reference
    ahead = timedelta(days=_YEAR_DAYS if asked.future else 0)
    likely = {day for day in days if reference.year - back <= day.year and day <= reference + ahead}
    # Only one way is near in time; day and month may still have changed places where both ways were days.
    within_year = {day for day in likely if abs((reference - day).days) <= _YEAR_DAYS}
    chosen = within_year or likely
    nearest = chosen.pop() if len(chosen) == 1 else None
    code = "DATE_AMBIGUOUS_DM" if dmy and mdy and dmy != mdy else "DATE_DMY_2DIGIT"
    return Day(nearest, (code,), None, order)


def _short_year(found: re.Match[str], asked: Asked) -> Day:
    century = asked.context.reference.year // 100 * 100
    day = _real(century + int(found["y"]), int(found["m"]), int(found["d"]))
    return Day(day) if day else Day(None, ("DATE_INVALID",))


def _month_day(found: re.Match[str], asked: Asked) -> Day:
    return without_year(int(found["m"]), int(found["d"]), asked)


def without_year(month: int, day: int, asked: Asked) -> Day:
    """The day ``month``/``day`` of the year in which it lies nearest to the file's own day."""
    if _real(2000, month, day) is None:
        return Day(None, ("DATE_INVALID",))
    context = asked.context
    years = (context.default_year - 1, context.default_year, context.default_year + 1)
    days = [real for year in years if (real := _real(year, month, day))]
    if not days:
        return Day(None, ("DATE_INVALID",), (month, day))
    slack = timedelta(days=date_words().year_slack_days)
    if not asked.future:
        days = [real for real in days if real.year <= context.default_year] or days
    nearest = min(days, key=lambda real: abs(real - context.reference))
    if nearest.year < context.default_year and days[-1] > context.reference + slack:
        return Day(nearest, ("YEAR_INFERRED_PREVIOUS",), (month, day))
    return Day(nearest, ("DATE_NO_YEAR",), (month, day))


def _point(found: re.Match[str], asked: Asked) -> Day | None:
    return without_year(int(found["m"]), int(found["d"]), asked)


def _only_day(found: re.Match[str], asked: Asked) -> Day:
    reference, wanted = asked.context.reference, int(found["d"])
    for back in range(62):
        earlier = reference - timedelta(days=back)
        if earlier.day == wanted:
            return Day(earlier, ("DATE_NO_YEAR",), (earlier.month, wanted))
    return Day(None, ("DATE_INVALID",))


def _english(found: re.Match[str], asked: Asked) -> Day | None:
    month = date_words().months.get((found["mon"] or found["mon2"]).lower())
    if month is None:
        return None
    day, written = int(found["d"] or found["d2"]), found["y"]
    if not written:
        return without_year(month, day, asked)
    year = int(written.lstrip("'"))
    if year < 100:
        year += asked.context.reference.year // 100 * 100
        if asked.past and year > asked.context.reference.year:
            year -= 100
    real = _real(year, month, day)
    return Day(real) if real else Day(None, ("DATE_INVALID",))


def _serial(found: re.Match[str], asked: Asked) -> Day | None:
    number = int(found["n"])
    if number not in _SERIAL_RANGE:
        return None
    return Day(_SERIAL_EPOCH + timedelta(days=number), ("DATE_SERIAL_AS_NUMBER",))


_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], Asked], Day | None]], ...] = (
    (_ISO, _full),
    (_COMPACT, _full),
    (_DAY_YEAR, _day_year),
    (_TWO_DIGIT, _two_digit),
    (_SHORT_YEAR, _short_year),
    (_MONTH_DAY, _month_day),
    (_POINT, _point),
    (_ENGLISH, _english),
    (_SERIAL, _serial),
    (_ONLY_DAY, _only_day),
)


def _relative(text: str, at: int, asked: Asked) -> tuple[Day | None, int]:
    reference = asked.context.reference
    if found := _AGO.match(text, at):
        days = int(found["n"] or found["n2"])
        return Day(reference - timedelta(days=days), ("DATE_RELATIVE",)), found.end()
    if found := _WEEKDAY.match(text, at):
        name = (found["w"] or found["name"]).lower()
        monday = reference - timedelta(days=reference.weekday())
        back = (found["back"] or "").removesuffix("个")
        weeks = {"上上": -2, "上": -1, "下": 1}.get(back, 0) - (
            1 if (found["last"] or "").lower() == "last" else 0
        )
        day = monday + timedelta(days=date_words().weekdays[name], weeks=weeks)
        if not back and not found["last"] and day > reference and not asked.future:
            day -= timedelta(weeks=1)
        return Day(day, ("DATE_RELATIVE",)), found.end()
    folded = text[at : at + 24].casefold()
    for word, days in _relative_words():
        if folded.startswith(word):
            end = at + len(word)
            if word.endswith(("晚", "早", "晨", "夜")):
                end -= 1  # the hour's half stays for the time: 昨晚8点
            return Day(reference + timedelta(days=days), ("DATE_RELATIVE",)), end
    return None, at


def _relative_words() -> list[tuple[str, int]]:
    return sorted(date_words().relative.items(), key=lambda entry: -len(entry[0]))
