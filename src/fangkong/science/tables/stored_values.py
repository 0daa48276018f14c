"""Cells made from what a file stores: text, numbers and their formats, dates of both spreadsheet calendars."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from .parts import Cell, CellValue

EMPTY = Cell()

#: What spreadsheets show instead of a value that could not be worked out; "####" is a column too narrow to print.
ERROR_TEXTS = frozenset(
    ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!", "#GETTING_DATA")
)
_NARROW_COLUMN = re.compile(r"#{3,}")
# An apostrophe typed to force text stands before a digit, a sign, a capital or Chinese; 't Hooft is a name.
_APOSTROPHE = re.compile(r"['‘’](?=[^a-z'‘’\s])")
#: The first characters of a text that may need a second look (error, apostrophe, ditto mark, formula-like).
SECOND_LOOK = frozenset("=+-@'‘’\"〃″”“〞〻〟#,，") | frozenset(" \t\r\n\v\f\u3000\xa0")
# Words for "as above" share their first letter with many others.
_DITTO_BEGINS = frozenset(("同上", "同前", "同 ", "同左", "如上", "di", "do", "Di", "Do", "DI", "DO"))


def text_cell(text: str, *, number_format: str = "", comment: str = "", struck: bool = False) -> Cell:
    """The cell of a text as typed; a leading apostrophe is taken off and remembered."""
    if not text:
        return Cell(comment=comment) if comment else EMPTY
    if text[0] not in SECOND_LOOK and not (number_format or comment or struck):
        return Cell(text, text)
    apostrophe = False
    if _APOSTROPHE.match(text) and not (len(text) > 2 and text[-1] in "'‘’"):
        text = text[1:]
        apostrophe = True
    bare = text.strip()
    error = bare[:1] == "#" and (bare.upper() in ERROR_TEXTS or _NARROW_COLUMN.fullmatch(bare) is not None)
    return Cell(
        value=text,
        text=text,
        number_format=number_format,
        comment=comment,
        apostrophe=apostrophe,
        struck=struck,
        error=error,
    )


def is_plain(cell: Cell) -> bool:
    """Whether nothing about the cell needs a second look by the layout."""
    text = cell.text
    return not (
        (text and needs_second_look(text))
        or cell.comment
        or cell.formula
        or cell.apostrophe
        or cell.struck
        or cell.error
        or cell.uncalculated
    )


def needs_second_look(text: str) -> bool:
    """Whether a text that is not empty may be an error, a ditto mark, formula-like, or blank after all."""
    return text[0] in SECOND_LOOK or text[:2] in _DITTO_BEGINS or text[0].isspace()


_BUILTIN_FORMATS = {
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    12: "# ?/?",
    13: "# ??/??",
    14: "yyyy-mm-dd",
    15: "d-mmm-yy",
    16: "d-mmm",
    17: "mmm-yy",
    18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM",
    20: "h:mm",
    21: "h:mm:ss",
    22: "yyyy-mm-dd h:mm",
    # 27 to 36 and 50 to 58 are dates in Chinese, Japanese and Korean workbooks (ECMA-376 part 1, 18.8.30).
    27: 'yyyy"年"m"月"',
    28: 'm"月"d"日"',
    29: 'm"月"d"日"',
    30: "m-d-yy",
    31: 'yyyy"年"m"月"d"日"',
    32: 'h"时"mm"分"',
    33: 'h"时"mm"分"ss"秒"',
    34: 'h"时"mm"分"',
    35: 'h"时"mm"分"ss"秒"',
    36: 'yyyy"年"m"月"',
    37: "#,##0 ;(#,##0)",
    38: "#,##0 ;[Red](#,##0)",
    39: "#,##0.00;(#,##0.00)",
    40: "#,##0.00;[Red](#,##0.00)",
    45: "mm:ss",
    46: "[h]:mm:ss",
    47: "mmss.0",
    48: "##0.0E+0",
    49: "@",
    50: 'yyyy"年"m"月"',
    51: 'm"月"d"日"',
    52: 'yyyy"年"m"月"',
    53: 'm"月"d"日"',
    54: 'm"月"d"日"',
    55: 'h"时"mm"分"',
    56: 'h"时"mm"分"ss"秒"',
    57: 'yyyy"年"m"月"',
    58: 'm"月"d"日"',
}


def builtin_format(number: int) -> str:
    """The text of a number format known by its number only, "" for General."""
    return _BUILTIN_FORMATS.get(number, "")


@lru_cache(maxsize=4096)
def date_parts(number_format: str) -> str:
    """What a number format shows of a moment: "" (a plain number), "date", "time", "datetime" or "elapsed".

    >>> date_parts('yyyy"年"m"月"d"日"'), date_parts("0.00%"), date_parts("h:mm"), date_parts("[h]:mm")
    ('date', '', 'time', 'elapsed')
    """
    first = number_format.split(";")[0].lower()
    if "general" in first or "通用格式" in first:
        return ""
    if re.search(r"\[(h+|m+|s+)\]", first):
        return "elapsed"
    # Quoted text, escaped characters, colours, locales, padding and fills show no part of a date.
    bare = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.', "", first).replace("am/pm", "").replace("a/p", "")
    has_time = "h" in bare or "s" in bare
    has_date = "y" in bare or "d" in bare or ("m" in bare and not has_time)
    if re.search(r"[0#?]", bare.replace(".0", "").replace("ss.", "")):
        return ""
    return {(True, True): "datetime", (True, False): "date", (False, True): "time"}.get(
        (has_date, has_time), ""
    )


def moment(serial: float, *, base_1904: bool = False) -> datetime | None:
    """The moment a spreadsheet's day number stands for, None where the calendar has no such day.

    Day 60 of the 1900 calendar is the 29 February 1900 that never was; the days before it count from
    1899-12-31 (the leap-year fault inherited from Lotus 1-2-3).

    >>> moment(44644.0), moment(44644.0 - 1462, base_1904=True), moment(60.0)
    (datetime.datetime(2022, 3, 24, 0, 0), datetime.datetime(2022, 3, 24, 0, 0), None)
    """
    if not 0 <= serial < 2_958_466:
        return None
    if base_1904:
        origin = datetime(1904, 1, 1)  # noqa: DTZ001 - a cell has no zone
    elif 60 <= serial < 61:
        return None
    else:
        origin = datetime(1899, 12, 31 if serial < 60 else 30)  # noqa: DTZ001 - a cell has no zone
    days = int(serial)
    # Times are stored as fractions of a day: the nearest millisecond is what was typed.
    milliseconds = round((serial - days) * 86_400_000)
    try:
        return origin + timedelta(days=days, milliseconds=milliseconds)
    except OverflowError:
        return None


def _clock_text(clock: time) -> str:
    return clock.strftime("%H:%M:%S") if clock.second or clock.microsecond else clock.strftime("%H:%M")


def date_text(value: date | datetime | time) -> str:
    """ISO text of a date, moment or time of day, with seconds only where there are any."""
    if isinstance(value, datetime):
        return f"{value.date().isoformat()} {_clock_text(value.time())}"
    if isinstance(value, time):
        return _clock_text(value)
    return value.isoformat()


def plain_number(raw: str) -> tuple[int | float, str] | None:
    """The number and its digits without an exponent, None for what is no finite number.

    >>> plain_number("9.901011995121203E+17")
    (990101199512120300, '990101199512120300')
    >>> plain_number("12.50"), plain_number("nan")
    ((12.5, '12.5'), None)
    """
    if len(raw) < 19 and raw.isdecimal() and raw.isascii():
        value = int(raw)
        return value, str(value)
    if len(raw) > 400:
        return None
    try:
        exact = Decimal(raw.strip())
    except InvalidOperation:
        return None
    if not exact.is_finite() or not -400 < exact.adjusted() < 310:
        return None
    if exact == exact.to_integral_value():
        whole = int(exact)
        return whole, str(whole)
    number = float(exact)
    shortest = repr(number)
    return number, format(Decimal(shortest), "f") if "e" in shortest else shortest


def number_cell(raw: str, number_format: str = "", *, base_1904: bool = False) -> Cell:
    """The cell of a stored number: a date where its format shows one, otherwise all of its digits.

    A format of zeros only ("00000") shows leading zeros, and so does the cell's text. A number that is no day of
    the calendar stays a number.
    """
    read = plain_number(raw)
    if read is None:
        return text_cell(raw)
    value, text = read
    shows = date_parts(number_format) if number_format else ""
    if shows and shows != "elapsed":
        when = moment(float(value), base_1904=base_1904)
        if when is not None:
            shown: CellValue
            if shows == "time" and value < 1:
                shown = when.time()
            elif shows == "date" and when.time() == time():
                shown = when.date()
            else:
                shown = when
            assert isinstance(shown, date | datetime | time)
            return Cell(value=shown, text=date_text(shown), number_format=number_format)
    if isinstance(value, int) and value >= 0 and number_format and set(number_format) == {"0"}:
        text = text.zfill(len(number_format))
    return Cell(value=value, text=text, number_format=number_format)


def bool_cell(raw: str) -> Cell:
    """The cell of a stored truth value, shown as spreadsheets show it."""
    truth = raw.strip() in ("1", "true", "TRUE")
    return Cell(value=truth, text="TRUE" if truth else "FALSE")


def without_marks(cell: Cell) -> Cell:
    """The cell's value alone, as it is filled into other rows: no comment, formula, strike or apostrophe."""
    return replace(cell, comment="", formula="", struck=False, apostrophe=False, uncalculated=False)
