"""A time of day as people type it: 14:05, 下午3点半, 24:00, 23:30(+1), 8:5 PM, 14:05:00+08:00."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta, timezone, tzinfo


@dataclass(frozen=True, slots=True)
class TimeOfDay:
    """A time of day: ``shift`` whole days later than the day it stands with, ``offset`` None where none is given."""

    hour: int
    minute: int
    second: int = 0
    shift: int = 0
    offset: tzinfo | None = None
    codes: tuple[str, ...] = ()


_BEFORE = (
    r"(?P<half>凌晨|清晨|早上|早晨|上午|中午|午间|下午|傍晚|晚上|夜间|夜里|深夜|晚|早|午后|AM|PM|am|pm)?"
)
_NEXT = r"(?P<next>\s*[(\[（]?\s*(?:\+\s*1\s*[天日dD]?|次日|翌日|第二天|隔天|next day)\s*[)\]）]?)"
_CLOCK = re.compile(
    rf"\s*(?:(?P<iso>T)|[,，]\s*)?(?P<nextbefore>次日|翌日|第二天|隔天)?\s*{_BEFORE}\s*"
    r"(?P<hour>\d{1,2})\s*(?:"
    r"[:∶]\s*(?P<minute>\d{1,2})(?:\s*[:∶]\s*(?P<second>\d{1,2})(?:\.\d+)?)?\s*[分时]?"
    r"|[点时時]\s*(?:(?P<zhminute>\d{1,2})\s*分?(?:\s*(?P<zhsecond>\d{1,2})\s*秒)?|(?P<quarter>半|一刻|三刻|整|钟))?"
    r"|\s*(?=(?:[AaPp]\.?[Mm]))"
    r")\s*(?P<ampm>[AaPp]\.?[Mm]\.?)?\s*"
    # "14:05-14:50" is a range; a bare minus is an offset only in the ISO form with a T.
    r"(?P<zone>Z|(?:UTC|GMT)[+-]\d{1,2}(?::?\d{2})?|UTC|GMT|\+\d{2}:?\d{2}|(?(iso)-\d{2}:?\d{2}(?!:)|(?!)))?"
    rf"\s*{_NEXT}?\s*(?P<about>许|左右|前后)?"
)
_LATE = {"下午", "傍晚", "晚上", "晚", "夜间", "夜里", "深夜", "午后", "PM", "pm"}
_MINUTES = {"半": 30, "一刻": 15, "三刻": 45}


def read_time(text: str, at: int = 0) -> tuple[TimeOfDay | None, int]:
    """The time of day that begins at ``at``, and where it ends; None and ``at`` where none begins there.

    >>> read_time("24:00")[0].shift, read_time("23:30(+1)")[0].codes
    (1, ('TIME_NEXT_DAY',))
    """
    found = _CLOCK.match(text, at)
    if found is None:
        return None, at
    hour = int(found["hour"])
    minute = int(found["minute"] or found["zhminute"] or _MINUTES.get(found["quarter"] or "", 0))
    second = int(found["second"] or found["zhsecond"] or 0)
    ampm = (found["ampm"] or "").replace(".", "").lower()
    late = found["half"] in _LATE or ampm == "pm" or (found["half"] in ("中午", "午间") and hour < 3)
    codes: list[str] = []
    shift = 0
    if late and hour < 12:
        hour += 12
    elif ampm == "am" and hour == 12:
        hour = 0
    elif late and hour == 12 and found["half"] in ("晚上", "晚", "夜里", "深夜", "夜间"):
        hour, shift = 0, 1
        codes.append("TIME_NEXT_DAY")
    if hour == 24 and minute == 0 and second == 0:
        hour, shift = 0, shift + 1
        codes.append("TIME_24_00")
    if hour > 23 or minute > 59 or second > 59:
        return None, at
    if found["next"] or found["nextbefore"]:
        shift += 1
        codes.append("TIME_NEXT_DAY")
    return TimeOfDay(hour, minute, second, shift, _offset(found["zone"]), tuple(codes)), found.end()


_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d{1,2}):?(\d{2})?")


def _offset(text: str | None) -> tzinfo | None:
    if not text:
        return None
    found = _OFFSET.fullmatch(text)
    if found is None:
        return timezone.utc  # noqa: UP017 - also the meaning of "UTC", "GMT" and "Z"
    hours, minutes = int(found[2]), int(found[3] or 0)
    if hours > 14 or minutes > 59:
        return None
    away = timedelta(hours=hours, minutes=minutes)
    return timezone(-away if found[1] == "-" else away)
