"""The details of a clause: object, place, time word, a deadline where a real date or hour stands, trigger, evidence.

Deadlines are never made up: 尽快 and 第一时间 are time words; a deadline is a date, an hour, a span of hours or days,
or a feast before which the thing has to be done, with the basis on which it became a date.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache

from .lexicon import lexicon
from .vocabulary import alternation, any_of, main_topic, words

#: Kinds of deadline.
BY_DATE, WITHIN, DAILY, WEEKLY, BEFORE_EVENT = "date", "within", "daily", "weekly", "before_event"


@dataclass(frozen=True)
class Deadline:
    """A deadline that the text states. ``word``: as it stands; ``kind``: date, within, daily, weekly, before_event;
    ``value``: ISO 8601 (``2022-04-02T24:00``, ``--04-02`` without a year, ``P3D``, ``PT24H``, ``T20:00``), None for an
    event without a fixed date; ``basis``: stated, or year_of_meeting where the year comes from the meeting's date,
    or day_of_meeting where the day does."""

    word: str
    kind: str
    value: str | None
    basis: str


@dataclass(frozen=True)
class TimeWord:
    """A word of time that is no deadline; ``meaning`` is a code (at_once, soon, same_day, …).
    ``carried_over``: it stands in an earlier clause of the sentence."""

    word: str
    meaning: str
    carried_over: bool = False


_HOUR = r"(?:(?P<hour>\d{1,2})(?:[:：] ?(?P<minute>\d{2})|[时点](?:整|(?P<half>半))?))"
#: The part of the day before an hour.
_PART = r"(?P<pm>下午|傍晚|晚上|晚间|夜间|午后)|(?:凌晨|清晨|早上|早晨|上午|中午|早)"
_DATE = re.compile(
    r"(?:(?P<year>20\d\d)年)?(?P<month>\d{1,2})月(?:(?P<day>\d{1,2})[日号]|(?P<end>底)|(?P<part>[上中下]旬))"
    rf"(?:{_PART})?(?:{_HOUR})?(?P<by>之?前|以前|内|为限)"
)
_TODAY = re.compile(
    rf"(?P<day>今[天日晚]|明[天日晚]|当[天日晚]|本?月底|年底|周[一二三四五六日末]|本周[内末]?)(?:{_PART})?(?:{_HOUR})?(?P<by>之?前|以前)"
)
_EVERY = re.compile(
    rf"每(?P<unit>[日天周])(?P<weekday>[一二三四五六日])?(?:{_PART}|晚)?(?:{_HOUR})(?:之?前|以前)?"
    r"|每(?P<week>周)[一二三四五六日](?:之?前)?"
)
_WITHIN = re.compile(
    r"(?P<number>\d{1,3}|[一两二三四五六七八九十]{1,3})(?:个)?(?P<unit>小时|分钟|工作日|日|天|周|个?月)(?:之?内|以内)"
)
_LIMITS = re.compile("[前内每限]")
_NUMERALS = {character: value for value, character in enumerate("零一二三四五六七八九十")} | {"两": 2}


@cache
def time_first() -> re.Pattern[str]:
    """Matches the words of time with which an order begins (在4月2日24时前, 每日20时前, 3日内, 春节前), or nothing."""
    dated = "|".join(
        re.sub(r"\?P<\w+>", "?:", one.pattern) for one in (_DATE, _TODAY, _EVERY, _WITHIN, _festival())
    )
    return re.compile(rf"^(?:要|请|务必|必须)?(?:于|在|自)?(?:{dated}|即日起|今起)")


@cache
def _festival() -> re.Pattern[str]:
    return re.compile(
        rf"(?:{alternation(words('details', 'deadline', 'festivals'))})(?:来临|到来|放假)?之?前"
        r"(?![^，。；、]{0,4}[返离回来后])"
    )


@cache
def _past() -> re.Pattern[str]:
    return re.compile(rf"[^，]{{0,6}}(?:{'|'.join(words('details', 'deadline', 'past'))})")


@cache
def _past_before() -> re.Pattern[str]:
    return re.compile(rf"(?:{alternation(words('details', 'deadline', 'past_before'))})$")


def deadline(clause: str, meeting: date | None = None) -> Deadline | None:
    """The deadline that ``clause`` states, or None.

    >>> deadline("各县要在4月2日24时前完成排查", date(2022, 4, 1)).value
    '2022-04-02T24:00'
    >>> deadline("要尽快完成排查") is None
    True
    """
    if not _LIMITS.search(clause):  # every form of deadline holds one of these
        return None
    if match := _DATE.search(clause):
        return _by_date(match, meeting)
    if match := _EVERY.search(clause):
        weekly = match["week"] or match["unit"] == "周"
        return Deadline(match.group(), WEEKLY if weekly else DAILY, _clock(match, "T") or None, "stated")
    if match := _TODAY.search(clause):
        return _by_today(match, meeting)
    for match in _WITHIN.finditer(clause):
        if _past().match(clause, match.end()) or _past_before().search(clause[: match.start()]):
            continue
        if length := _length(match):
            return Deadline(match.group(), WITHIN, length, "stated")
    if match := _festival().search(clause):
        return Deadline(match.group(), BEFORE_EVENT, None, "stated")
    return None


def deadline_word(clause: str) -> str:
    """The words of the deadline that ``clause`` states, "" without one."""
    found = deadline(clause)
    return found.word if found else ""


def _clock(match: re.Match[str], before: str = "T") -> str:
    if not match["hour"]:
        return ""
    hour, minute = int(match["hour"]), int(match["minute"] or 0) if match["minute"] else 0
    if match["half"]:
        minute = 30
    if match["pm"] and hour < 12:
        hour += 12
    if hour > 24 or minute > 59:
        return ""
    return f"{before}{hour:02d}:{minute:02d}"


def _by_date(match: re.Match[str], meeting: date | None) -> Deadline | None:
    month = int(match["month"])
    if not 1 <= month <= 12:
        return None
    if match["year"]:
        year, basis = int(match["year"]), "stated"
    elif meeting:
        # A month long past at the meeting is meant for the next year.
        year, basis = meeting.year + (month < meeting.month - 6), "year_of_meeting"
    else:
        year, basis = None, "stated"
    day = {"上旬": 10, "中旬": 20, "下旬": 31}.get(match["part"] or "", 0) or int(match["day"] or 31)
    if match["end"] or match["part"] == "下旬":
        day = _month_end(year or 2000, month)
    try:
        date(year or 2000, month, day)
    except ValueError:
        return None
    value = f"{year}-{month:02d}-{day:02d}" if year else f"--{month:02d}-{day:02d}"
    return Deadline(match.group(), BY_DATE, value + _clock(match), basis)


def _month_end(year: int, month: int) -> int:
    for day in (31, 30, 29):
        try:
            return date(year, month, day).day
        except ValueError:
            continue
    return 28


def _by_today(match: re.Match[str], meeting: date | None) -> Deadline:
    word = match["day"]
    value: str | None = None
    if meeting and word[0] in "今当":
        value = meeting.isoformat()
    elif meeting and word[0] == "明":
        value = date.fromordinal(meeting.toordinal() + 1).isoformat()
    elif meeting and word.endswith("月底"):
        value = meeting.replace(day=_month_end(meeting.year, meeting.month)).isoformat()
    elif meeting and word == "年底":
        value = f"{meeting.year}-12-31"
    basis = "day_of_meeting" if value else "stated"
    clock = _clock(match) if value else ""
    return Deadline(match.group(), BY_DATE, value + clock if value else None, basis)


def _length(match: re.Match[str]) -> str:
    text = match["number"]
    number = int(text) if text.isdecimal() else _chinese_number(text)
    unit = match["unit"]
    if not number:
        return ""
    if unit in ("小时", "分钟"):
        return f"PT{number}{'H' if unit == '小时' else 'M'}"
    return f"P{number}{'W' if unit == '周' else 'M' if unit.endswith('月') else 'D'}"


def _chinese_number(text: str) -> int:
    if "十" not in text:
        return _NUMERALS.get(text, 0) if len(text) == 1 else 0
    tens, _, ones = text.partition("十")
    return (_NUMERALS.get(tens, 0) if tens else 1) * 10 + (_NUMERALS.get(ones, 0) if ones else 0)


def time_word(clause: str) -> TimeWord | None:
    """The first word of time in ``clause`` with its meaning, or None. It is no deadline."""
    meanings = _meanings()
    found = _time_words().search(clause)
    return TimeWord(found.group(), meanings[found.group()]) if found else None


@cache
def _meanings() -> dict[str, str]:
    return dict(lexicon("words/details")["time"]["words"])


@cache
def _time_words() -> re.Pattern[str]:
    return re.compile(alternation(_meanings()))


def trigger(clause: str) -> str | None:
    """The event that opens one finishable task each time, in the words of the text, or None."""
    match = any_of("details", "trigger").search(clause)
    return match.group() if match else None


def evidence(clause: str, document: bool = False) -> str | None:
    """The code of what would show it done: count_reconciled, document_issued, log, register, stock_days, roster,
    inspection, turnaround, published, capacity, relief; None when nothing concrete is named."""
    if document:
        return "document_issued"
    topic = main_topic(clause)
    return topic.evidence if topic else None


@cache
def _place() -> re.Pattern[str]:
    return re.compile(rf"(?:{alternation(words('details', 'place', 'endings'))})")


def place(clause: str) -> str | None:
    """The places that ``clause`` names, joined by 、, or None."""
    found = list(dict.fromkeys(_place().findall(clause)))
    kept = [name for name in found if not any(name != other and name in other for other in found)]
    return "、".join(kept) or None


@cache
def _adverbs() -> re.Pattern[str]:
    return re.compile(rf"^(?:{alternation(words('details', 'object', 'adverbs'))})+")


@cache
def _moved() -> re.Pattern[str]:
    adverbs = alternation(words("details", "object", "adverbs"))
    verbs = alternation((*words("acts", "light", "verbs"), *words("acts", "continue", "verbs")))
    return re.compile(
        rf"(?:把|将|对于|对|就)(?P<object>[^，]{{2,40}}?)(?:都|均|也)?(?:{adverbs}|{verbs}|作为|做得|告诉|到(?!位)|分解|做)"
    )


@cache
def _light() -> re.Pattern[str]:
    return re.compile(rf"(?:{alternation(words('acts', 'light', 'verbs'))})好?")


def matter(order: str, verb: str) -> str | None:
    """What the order is about: its words without adverbs and the verb ``verb`` that heads it, or None."""
    rest = _adverbs().sub("", time_first().sub("", order, count=1))
    rest = re.split(r"[（(]", rest)[0]
    moved = _moved().match(rest)
    if moved and moved["object"][-1] not in "不未的":
        return moved["object"]
    light = _light().match(rest)
    if verb and rest.startswith(verb) and rest[len(verb) :].strip("、，"):
        rest = rest[len(verb) :]
    elif light and len(rest) - light.end() > 1:
        rest = rest[light.end() :]
    rest = re.split(r"[，。；：]", rest)[0].strip("好、，的 ")
    return rest or None
