"""Counts, quantities, percentages, coordinates: a number out of a cell, however it was typed."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date, datetime, time
from typing import TYPE_CHECKING, NamedTuple

from ..codes import issue
from ..context import Context
from ..parts import Cell, Issue
from .text import bare, changes, chinese_number, clean, is_pending, is_placeholder
from .units import is_unit, unit_of
from .value import EMPTY, Value

if TYPE_CHECKING:
    from ..columns.reading import ColumnReading

Number = int | float


class Written(NamedTuple):
    """A number as text says it: ``value``, the ``unit`` after it, and the issue codes of its form."""

    value: Number
    unit: str = ""
    codes: tuple[str, ...] = ()


_NUMBER = re.compile(
    r"(?:共计?|合计|总计)?(?P<about>约|大约|大概|近|将近|接近|至少|超过|超|不少于|不足|不到|>=?|<=?|≥|≤|~|～|≈|about|approx\.?|over|nearly)?\s*"
    r"(?P<number>[+\-−]?(?:\d{1,3}(?:[,，]\d{3})+|\d{1,3}(?: \d{3})+|\d+)(?:\.\d*)?|[+\-−]?\.\d+)"
    r"(?P<exponent>[eE][+-]?\d{1,3})?\s*"
    r"(?P<more>余|多|来|\+|左右|上下|以上|以下)?\s*"
    r"(?P<scale>亿|千万|百万|十万|万|千|百)?\s*(?P<more2>余|多|左右|上下|以上|以下)?\s*"
    r"(?P<unit>[^\d\s,，.。;；/(（\[【]{0,8})?\s*(?P<more3>左右|上下|以上|以下)?"
    r"(?P<note>[(（\[【][^)）\]】]*[)）\]】])?[。.]?",
    re.IGNORECASE,
)
_RANGE = re.compile(r"(?P<a>\d+(?:\.\d+)?)\s*(?:-|~|～|—|至|到)\s*(?P<b>\d+(?:\.\d+)?)\s*(?P<unit>\D{0,6})")
_CHINESE = re.compile(
    r"(?P<about>约|大约|近|将近|上|超)?(?P<number>[〇零○一二三四五六七八九十百千万亿两廿卅]+)(?P<more>余|多|来)?"
    r"(?P<unit>\D{0,4})"
)
_VAGUE = re.compile(
    r"(?:数|几|好几|若干|上)(?:十|百|千|万)?(?:余|多)?(?:个)?\D{0,3}|若干|少量|大量|several|many|few",
    re.IGNORECASE,
)
_SCALES = {
    "百": 100,
    "千": 1000,
    "万": 10_000,
    "十万": 100_000,
    "百万": 1_000_000,
    "千万": 10**7,
    "亿": 10**8,
}


def read_number(text: str) -> Written | None:
    """The number that the clean ``text`` says; None where it says none, a NaN value where it is too vague to say.

    >>> read_number("98人"), read_number("约200").codes, read_number("1.2万").value, read_number("一百二十").value
    (Written(value=98, unit='人', codes=('NUMBER_WITH_UNIT',)), ('APPROXIMATE_NUMBER',), 12000, 120)
    """
    if found := _NUMBER.fullmatch(text):
        return _arabic(found)
    if found := _RANGE.fullmatch(text):
        if is_unit(found["unit"]) or not found["unit"]:
            return Written(math.nan, found["unit"], ("APPROXIMATE_NUMBER",))
        return None
    if found := _CHINESE.fullmatch(text):
        number = chinese_number(found["number"])
        if number is not None and (not found["unit"] or is_unit(found["unit"])):
            about = "APPROXIMATE_NUMBER" if found["about"] or found["more"] else ""
            codes = [about or ("NUMBER_WITH_UNIT" if found["unit"] else "NUMBER_AS_TEXT")]
            return Written(number, found["unit"], tuple(codes))
    if _VAGUE.fullmatch(text):
        return Written(math.nan, "", ("APPROXIMATE_NUMBER",))
    return None


def _arabic(found: re.Match[str]) -> Written | None:
    digits = found["number"].replace("−", "-")
    unit = found["unit"] or ""
    if unit and not is_unit(unit):
        return None
    plain = digits.replace(",", "").replace("，", "").replace(" ", "")
    value = float(plain + (found["exponent"] or ""))
    if not math.isfinite(value):
        return None
    scale = found["scale"] or ""
    value *= _SCALES.get(scale, 1)
    codes: list[str] = []
    if found["about"] or found["more"] or found["more2"] or found["more3"]:
        codes.append("APPROXIMATE_NUMBER")
    if unit or scale:
        codes.append("NUMBER_WITH_UNIT")
    elif plain != digits or found["exponent"]:
        codes.append("NUMBER_AS_TEXT")
    return Written(tidy(value), unit, tuple(codes))


def tidy(value: float) -> Number:
    """``value`` as an int where it is a whole number, the float's own noise taken off (11.999999999 → 12)."""
    if not math.isfinite(value) or abs(value) >= 2**53:
        return value
    near = round(value)
    return near if abs(value - near) < 1e-9 * max(1.0, abs(value)) else value


#: Dashes and words that stand for nothing in a table of figures; English "NA" is a value of its own kind.
_SLASHES = frozenset(("/", "//", "\\", "-", "--", "—", "——", "－", "–", "无", "_"))
#: Stocks: a negative one is an impossible balance, which the kind of file reports, not an impossible count.
_BALANCES = frozenset(("opening", "closing"))


def number_reader(reading: ColumnReading, context: Context) -> Callable[[Cell], Value]:
    """A function from a cell to its number: whole for the kind "count", as stated for "quantity" and "coordinate".

    A count in a column headed 万人 is multiplied out; a quantity stays in the column's or the row's own unit.
    """
    name = reading.name
    count = reading.value_kind == "count"
    scale = unit_of(reading.unit).scale if count and reading.unit else 1
    signed = reading.field in _BALANCES or reading.value_kind == "coordinate"
    whole = count and reading.field != "value"

    def judged(
        value: Number,
        issues: tuple[Issue, ...] = (),
        also: tuple[tuple[str, str], ...] = (),
        factor: int = scale,
    ) -> Value:
        if factor != 1:
            value = tidy(value * factor)
        if value < 0 and not signed:
            return Value(None, (*issues, issue(None, name, "NEGATIVE_COUNT")), "unreadable")
        if whole and isinstance(value, float):
            # A fraction of a person: the figure is probably in 万 (ten thousands).
            return Value(None, (*issues, issue(None, name, "UNIT_SUSPECT", value=value)), "unreadable")
        return Value(value, issues, "read", also)

    def read(cell: Cell) -> Value:
        stored = cell.value
        kind = type(stored)
        if kind is int:
            return judged(stored)  # type: ignore[arg-type]
        if kind is float:
            if not math.isfinite(stored):  # type: ignore[arg-type]
                return Value(None, (issue(None, name, "CELL_ERROR_VALUE"),), "unreadable")
            return judged(tidy(stored))  # type: ignore[arg-type]
        text = cell.text
        if text.isascii() and text.isdigit() and len(text) < 16 and not reading.traits.numeric:
            return judged(int(text))
        return slow(cell)

    def slow(cell: Cell) -> Value:
        if isinstance(cell.value, date | datetime | time):
            return Value(None, (issue(None, name, "DATE_FORMAT_CONFLICT"),), "unreadable")
        cleaned = clean(cell.text)
        text = cleaned.text
        if not text:
            return EMPTY
        info = changes(name, cleaned, spaced=False)
        if is_placeholder(text):
            slash = (issue(None, name, "PLACEHOLDER_SLASH"),) if bare(text) in _SLASHES else ()
            return Value(None, slash, "placeholder")
        if is_pending(text):
            return Value(None, (issue(None, name, "VALUE_PENDING"), *info), "pending")
        written = read_number(text)
        if written is None:
            return Value(None, (issue(None, name, "VOCABULARY_UNKNOWN"), *info), "unreadable")
        codes = list(written.codes)
        if not codes and reading.traits.numeric and not cleaned.wide:
            codes.append("NUMBER_AS_TEXT")
        issues = tuple(issue(None, name, code) for code in codes) + info
        if isinstance(written.value, float) and math.isnan(written.value):
            return Value(None, issues, "unreadable")
        also = (("unit", written.unit),) if written.unit else ()
        value, factor = written.value, scale
        if written.unit or "NUMBER_WITH_UNIT" in codes:
            # The cell's own unit outweighs the header's.
            stated = unit_of(written.unit)
            value, factor = tidy(value * stated.scale), 1
            if not count and stated.scale > 1:
                also = (("unit", stated.word),) if stated.word else ()
        return judged(value, issues, also, factor)

    return read


_PERCENT = re.compile(r"(?P<number>[+-]?\d+(?:\.\d+)?)\s*(?P<sign>%|％|个百分点)?")


def percent_reader(reading: ColumnReading, context: Context) -> Callable[[Cell], Value]:
    """A function from a cell to a share: 0.95 for "95%", for 95 among hundreds, for 0.95 among fractions."""
    name = reading.name
    usual = reading.traits.percent_form

    def judged(number: float, form: str, info: tuple[Issue, ...] = ()) -> Value:
        if number < 0:
            return Value(None, (issue(None, name, "NEGATIVE_COUNT"), *info), "unreadable")
        odd = bool(usual) and form != usual and number not in (0.0, 1.0, 100.0)
        if odd and usual == "hundred" and form == "fraction" and not _shares_scale(number):
            odd = False
        issues = (issue(None, name, "PERCENT_SCALE_MIXED"), *info) if odd else info
        share = number if form == "fraction" else number / 100
        if form == "fraction" and number == 1 and usual == "hundred":
            share = 0.01
        if form == "hundred" and not usual and number <= 1:
            share = number
        return Value(share, issues, "read")

    def read(cell: Cell) -> Value:
        stored = cell.value
        if isinstance(stored, int | float) and not isinstance(stored, bool):
            if not math.isfinite(stored):
                return Value(None, (issue(None, name, "CELL_ERROR_VALUE"),), "unreadable")
            if "%" in cell.number_format:
                return judged(stored * 100, "percent")
            return judged(float(stored), percent_form(cell) or usual or "fraction")
        cleaned = clean(cell.text)
        if not cleaned.text:
            return EMPTY
        info = changes(name, cleaned, spaced=False)
        if is_placeholder(cleaned.text):
            slash = (issue(None, name, "PLACEHOLDER_SLASH"),) if bare(cleaned.text) in _SLASHES else ()
            return Value(None, slash, "placeholder")
        if is_pending(cleaned.text):
            return Value(None, (issue(None, name, "VALUE_PENDING"), *info), "pending")
        found = _PERCENT.fullmatch(cleaned.text)
        if found is None:
            return Value(None, (issue(None, name, "VOCABULARY_UNKNOWN"), *info), "unreadable")
        return judged(float(found["number"]), percent_form(cell) or usual or "hundred", info)

    return read


def _shares_scale(number: float) -> bool:
    """Whether a number at or below 1 can only be a fraction: 0.5 among 95 may be half a percent, 0.98 hardly."""
    return number > 0.3


def percent_form(cell: Cell) -> str:
    """How one percentage is written: "percent", "fraction", "hundred"; "" for 0, 1 and what is no number.

    >>> percent_form(Cell("95%", "95%")), percent_form(Cell(0.95, "0.95")), percent_form(Cell(95, "95"))
    ('percent', 'fraction', 'hundred')
    """
    found = _PERCENT.fullmatch(clean(cell.text).text)
    if found is None:
        return ""
    if found["sign"] or "%" in cell.number_format:
        return "percent"
    number = float(found["number"])
    if number in (0.0, 1.0):
        return ""
    return "fraction" if abs(number) < 1.5 else "hundred"
