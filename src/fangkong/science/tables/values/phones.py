"""Telephone numbers: one or several in a cell, mobile or landline, whole or masked."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ..codes import issue
from ..context import Context
from ..parts import Cell
from .text import bare, changes, clean, is_pending, is_placeholder, typed, words
from .value import EMPTY, Value

if TYPE_CHECKING:
    from ..columns.reading import ColumnReading


@cache
def _plan() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    found = tomllib.loads((Path(__file__).parent / "phones.toml").read_text(encoding="utf-8"))
    mobile, landline = ("|".join(found[kind]) for kind in ("mobile", "landline"))
    return (
        re.compile(mobile, re.ASCII),
        re.compile(landline, re.ASCII),
        re.compile(found["foreign"], re.ASCII),
    )


_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?[Ee]\+?\d{1,3}", re.ASCII)
_MASK = re.compile(r"\d[*●•■□×xX…#?]+\d?|[*●•]{2,}|^[*xX#?]{3,}\d+$")
_SPLIT = re.compile(r"[/、,，;；|或和及&\n]+|(?<=\d{7})\s+(?=\+?\d{7})")
_NOTE = re.compile(r"[(\[【]\D*[)\]】]")
_JOINED = re.compile(r"(?<=\d)[\s\-–—.](?=\d)|[()\s]")
_EXTENSION = re.compile(r"(?:转|ext\.?|#)\s*\d{1,6}$", re.IGNORECASE)
_NUMBER = re.compile(r"\+?\d[\d\s\-–—.()]*", re.ASCII)


def phone_reader(reading: ColumnReading, context: Context) -> Callable[[Cell], Value]:
    """A function from a cell to the tuple of its telephone numbers: digits only, "+…" for a foreign one."""
    mobile, _, _ = _plan()

    def read(cell: Cell) -> Value:
        stored = cell.value
        if type(stored) is str and len(stored) == 11 and mobile.fullmatch(stored):
            return Value((stored,), (), "read")
        return _slow(cell, reading)

    return read


def _slow(cell: Cell, reading: ColumnReading) -> Value:
    name = reading.name
    cleaned = clean(typed(cell.text))
    text = cleaned.text
    if not text:
        return EMPTY
    if is_placeholder(text) or bare(text) in words()["no_phone"]:
        return Value(None, (), "placeholder")
    if is_pending(text):
        return Value(None, (issue(None, name, "VALUE_PENDING"),), "pending")
    if _SCIENTIFIC.fullmatch(text):
        return Value(None, (issue(None, name, "PHONE_NUMERIC_PRECISION_LOST"),), "unreadable")
    codes: list[str] = []
    numeric = isinstance(cell.value, int | float) and not isinstance(cell.value, bool)
    if numeric or re.fullmatch(r"\d{7,12}\.0", text):
        text = text.removesuffix(".0")
        codes.append("PHONE_NUMERIC")
    if _MASK.search(text):
        return Value(None, (issue(None, name, "PHONE_MASKED"),), "masked")
    numbers: list[str] = []
    for part in _SPLIT.split(_NOTE.sub("/", text)):
        if number := _number(part, codes, foreign=reading.traits.foreign):
            numbers.append(number)
    if not numbers and "PHONE_LENGTH" not in codes:
        # Words where a number should be: nobody can be called.
        return Value(None, (issue(None, name, "PHONE_MISSING"),), "unreadable")
    if len(set(numbers)) > 1:
        codes.append("PHONE_MULTIPLE")
    issues = tuple(issue(None, name, code) for code in dict.fromkeys(codes))
    if not numbers:
        return Value(None, issues, "unreadable")
    return Value(tuple(dict.fromkeys(numbers)), issues + changes(name, cleaned), "read")


def _number(part: str, codes: list[str], *, foreign: bool) -> str:
    """One number of ``part`` as digits, "" where there is none; what is odd about it is added to ``codes``."""
    mobile, landline, abroad = _plan()
    part = _EXTENSION.sub("", part)
    found = _NUMBER.search(part)
    if found is None:
        return ""
    digits = _JOINED.sub("", found[0]).rstrip("-–—.")
    digits = re.sub(r"[\-–—.]", "", digits)
    # The country's code, or the zero once dialled before a mobile number of another city.
    for prefix in ("+86", "0086", "86", "0"):
        if digits.startswith(prefix) and mobile.fullmatch(digits[len(prefix) :]):
            digits = digits[len(prefix) :]
    if mobile.fullmatch(digits) or abroad.fullmatch(digits):
        return digits
    if foreign:
        return digits
    for prefix in ("+86", "86"):
        if digits.startswith(prefix) and landline.fullmatch("0" + digits[len(prefix) :]):
            digits = "0" + digits[len(prefix) :]
    if landline.fullmatch(digits):
        codes.append("PHONE_LANDLINE")
        return digits
    codes.append("PHONE_LENGTH")
    return ""
