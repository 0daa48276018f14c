"""What a reader of the file knows beside the cell: when it was filled in, which year is meant, which areas exist."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from .parts import Table, TableRow


@dataclass(slots=True)
class Context:
    """What cells are read against.

    ``filled_at`` is when the file says that it was filled in (aware; midnight where only the day is known), None
    where it does not. ``today`` is the receiver's civil day. ``default_year`` is the year of dates without one.
    ``reference`` is the day that relative dates and "in the future" are judged by: the day filled in, else the day
    in the file's name, else ``today``. ``areas`` maps an area's name to its code, or to several codes where the name
    is not unique; None where the caller has no register. ``vocabulary`` overrides words: {"result": {"待复核": ""}}.
    ``release_days`` maps a contact tier to its days of quarantine as the rule pack in force has them.
    """

    filled_at: datetime | None
    today: date
    zone: tzinfo
    default_year: int
    reference: date
    #: The last day that an event of this file can have been on: the day filled in, else ``today``.
    latest: date
    areas: Mapping[str, Any] | None = None
    vocabulary: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    release_days: Mapping[str, int] | None = None
    #: Where ``reference`` comes from: "title", "file_name", "content" or "today".
    basis: str = "today"
    #: Readings of equal cells, kept by the reader (values/cells.py); bounded there.
    memory: dict[Any, Any] = field(default_factory=dict)


#: As many cells of the sample are looked at for the file's own days.
_LOOKED_AT = 4000


def context_of(
    table: Table,
    today: date,
    zone: tzinfo,
    *,
    sample: Iterable[TableRow] = (),
    areas: Mapping[str, Any] | None = None,
    vocabulary: Mapping[str, Mapping[str, str]] | None = None,
    release_days: Mapping[str, int] | None = None,
) -> Context:
    """What ``table`` says about when it was filled in, with ``today`` and ``zone`` of the receiver.

    The title lines come first ("填报时间：2022年3月27日20时", "（截至3月27日17:00）", "As of 27 March 2022"), then the
    file's name (…_20220328.csv, …0327.xls), then the latest day written in full in ``sample``, then ``today``. A day
    to come is no filling-in day. A year that only the rows know is the year of their days.
    """
    seen = _days_of(sample, today)
    spread = seen[len(seen) * 3 // 4] if seen else None
    context = Context(
        None, today, zone, today.year, today, today, areas, dict(vocabulary or {}), release_days
    )
    if spread is not None:
        context.default_year, context.reference, context.basis = spread.year, spread, "content"
    elif years := [int(year) for line in (*table.title, table.file_name) for year in _YEAR.findall(line)]:
        context.default_year = min(max(years), today.year)
    named = _day_in_name(table.file_name, context)
    # A name may hold other figures, or the first day of many: most rows cannot be later than the file.
    if named and not (seen and seen[len(seen) // 2] > named + timedelta(days=_NAME_BEHIND)):
        context.default_year, context.reference, context.basis = named.year, named, "file_name"
        # The last rows may be of the night after the day that the file is named for.
        context.latest = min(today, named + timedelta(days=1))
    if filled := _day_in_title(table.title, context):
        context.filled_at, on = filled, filled.astimezone(zone).date()
        context.default_year, context.reference, context.basis = on.year, on, "title"
        context.latest = on
    return context


_FULL_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})(?!\d)|(20\d\d)(\d\d)(\d\d)$")


def _days_of(sample: Iterable[TableRow], today: date) -> list[date]:
    """The days of the sample written in full and not to come, ascending, births left out by their distance."""
    days: list[date] = []
    looked = 0
    for row in sample:
        for cell in row.cells:
            looked += 1
            value = cell.value
            if isinstance(value, datetime):
                day: date | None = value.date()
            elif isinstance(value, date):
                day = value
            else:
                text = str(value) if type(value) is int else value
                found = _FULL_DAY.match(text) if isinstance(text, str) else None
                day = _day(*(int(part) for part in found.groups() if part)) if found else None
            if day is not None and day <= today:
                days.append(day)
        if looked > _LOOKED_AT:
            break
    if not days:
        return []
    days.sort()
    # One slip of the year among many days does not make the year; births lie far below the rest.
    return [day for day in days if day.year >= days[len(days) * 9 // 10].year - 1]


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


#: Days by which the middle of the rows may lie behind the day in the file's name.
_NAME_BEHIND = 3
_NAMED_FULL = re.compile(
    r"(?<!\d)(?P<y>20\d{2})(?:(?P<between>[-_.]?)(?P<m>\d{2})(?P=between)(?P<d>\d{2})(?!\d)"
    r"|年(?P<m2>\d{1,2})月(?P<d2>\d{1,2})日?)"
)
_YEAR = re.compile(r"(?<!\d)(20\d{2})(?!\d)")
_NAMED_SHORT = re.compile(r"(?<!\d)(0[1-9]|1[0-2])([0-3]\d)(?!\d)|(?<!\d)(\d{1,2})[月.](\d{1,2})日?(?!\d)")


def _day_in_name(name: str, context: Context) -> date | None:
    stem = name.rsplit(".", 1)[0]
    if found := _NAMED_FULL.search(stem):
        day = _day(int(found["y"]), int(found["m"] or found["m2"]), int(found["d"] or found["d2"]))
        return day if day and day <= context.today else None
    if found := _NAMED_SHORT.search(stem):
        month, number = int(found[1] or found[3]), int(found[2] or found[4])
        return _without_year(month, number, context)
    return None


def _without_year(month: int, number: int, context: Context) -> date | None:
    """The day of the file's year, or of the year before where that year's is still to come."""
    years = (context.default_year, context.default_year - 1)
    days = [day for year in years if (day := _day(year, month, number)) and day <= context.today]
    return days[0] if days else None


_STATED = re.compile(
    r"(?:填报|统计|上报|报告|报送|制表|填表|数据|更新|发布|导出|打印|截止|截至|时间|日期"
    r"|report(?:ed|ing)?|as of|date|until|updated|generated)"
    r"[^\d年月]{0,14}(?=\d|[〇一二三四五六七八九十]+[年月])",
    re.IGNORECASE,
)
_ANY_DAY = re.compile(
    r"(?<![\d.])(?=\d{4}[-/.年]\s?\d{1,2}|\d{8}(?!\d)"
    r"|\d{1,2}\s*月\s*\d{1,2}\s*日|\d{1,2}[./]\d{1,2}(?!\d)|\d{1,2} [A-Z][a-z]{2})"
)


#: Characters of the title lines in which a day is looked for.
_TITLE_LOOKED_AT = 4000


def _day_in_title(title: list[str], context: Context) -> datetime | None:
    """The instant that the title names; midnight of the day where it names no time."""
    # The readers of days know this module's Context; the title is the one text read before there is one.
    from .values.days import Asked, with_digits
    from .values.stretches import read_stretch
    from .values.text import clean

    text = " ".join(title)[:_TITLE_LOOKED_AT]
    text = with_digits(clean(text).text)
    places = [found.end() for found in _STATED.finditer(text)] + [
        found.start() for found in _ANY_DAY.finditer(text)
    ]
    asked = Asked(context, future=False, past=True)
    best: datetime | None = None
    for place in places:
        stretch = read_stretch(text[place : place + 60], asked)
        if stretch is None:
            continue
        point = stretch.last or stretch.first
        at = point.at(asked)
        if at is None or point.day.codes not in ((), ("DATE_NO_YEAR",), ("YEAR_INFERRED_PREVIOUS",)):
            continue
        if point.day.month_day is not None:
            day = _without_year(*point.day.month_day, context)
            if day is None:
                continue
            at = datetime.combine(day, at.timetz(), tzinfo=at.tzinfo) if isinstance(at, datetime) else day
        if not isinstance(at, datetime):
            at = datetime(at.year, at.month, at.day, tzinfo=context.zone)
        closer = best is None or (best.date() == at.date() and best.hour == 0 and at.hour > 0)
        if at.date() <= context.today and closer:
            best = at
    return best
