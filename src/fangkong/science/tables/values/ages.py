"""Sex and age, apart or together in one cell ("男/38", "61岁 女", "男，3个月")."""

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
from .text import CHINESE_NUMERAL, changes, chinese_number, clean, is_pending, is_placeholder
from .value import EMPTY, Age, Value
from .vocabulary import look_up

if TYPE_CHECKING:
    from ..columns.reading import ColumnReading


@cache
def oldest_years() -> int:
    """The highest age that is believed."""
    found = tomllib.loads((Path(__file__).parent / "ages.toml").read_text(encoding="utf-8"))
    return int(found["oldest_years"])


_AGE = re.compile(
    r"(?P<about>约|大约|近)?\s*(?:(?P<years>-?\d{1,4}(?:\.\d+)?)\s*(?P<few>余|多)?\s*(?P<yearunit>周?岁|years?(?:\s*old)?|yrs?|y|Y)?)?"
    r"\s*(?:零|又|and)?\s*(?P<more>余|多|左右|\+)?",
)
_MONTHS = re.compile(
    r"(?:(?P<years>\d{1,3})\s*(?:周?岁|years?|y)\s*(?:零|又|and)?\s*)?(?P<months>\d{1,3}(?:\.\d)?|半)\s*"
    r"(?:个?月大?龄?|月大|月龄|months?(?:\s*old)?|mos?|m|M)",
)
_DAYS = re.compile(
    r"(?:出生)?(?P<days>\d{1,3})\s*(?:天|日龄|日|days?|d)大?|新生儿|初生|newborn", re.IGNORECASE
)


def age_reader(reading: ColumnReading, context: Context) -> Callable[[Cell], Value]:
    """A function from a cell to its `Age`."""

    def read(cell: Cell) -> Value:
        text = cell.text
        if text.isascii() and text.isdigit() and len(text) < 4 and int(text) <= oldest_years():
            return Value(Age(int(text)), (), "read")
        return read_age(text, reading.name)

    return read


def read_age(text: str, name: str) -> Value:
    """The age that ``text`` says, in years or in months."""
    cleaned = clean(text)
    plain = cleaned.text
    if not plain:
        return EMPTY
    if is_placeholder(plain):
        return Value(None, (), "placeholder")
    if is_pending(plain):
        return Value(None, (issue(None, name, "VALUE_PENDING"),), "pending")
    info = changes(name, cleaned, spaced=False)
    plain = CHINESE_NUMERAL.sub(_in_digits, plain.replace("半岁", "6个月"))
    if found := _MONTHS.fullmatch(plain):
        months = 0.5 if found["months"] == "半" else float(found["months"])
        whole = int(months) + 12 * int(found["years"] or 0)
        codes = () if found["years"] else (issue(None, name, "AGE_IN_MONTHS"),)
        return Value(Age(whole // 12, whole), codes + info, "read")
    if found := _DAYS.fullmatch(plain):
        days = int(found["days"] or 0)
        return Value(Age(0, days // 31), (issue(None, name, "AGE_IN_MONTHS"), *info), "read")
    found = _AGE.fullmatch(plain)
    if found is None or found["years"] is None:
        return Value(None, (issue(None, name, "VOCABULARY_UNKNOWN"), *info), "unreadable")
    years = float(found["years"])
    if not 0 <= years <= oldest_years():
        return Value(None, (issue(None, name, "VALUE_OUT_OF_RANGE"), *info), "unreadable")
    age = Age(int(years)) if years.is_integer() or years >= 3 else Age(int(years), int(years * 12))
    if found["about"] or found["few"] or found["more"]:
        return Value(age, (issue(None, name, "APPROXIMATE_NUMBER"), *info), "read")
    return Value(age, info, "read")


def _in_digits(found: re.Match[str]) -> str:
    number = chinese_number(found[0])
    return found[0] if number is None else str(number)


_SEX = re.compile(r"男性?|女性?|\bfemale\b|\bmale\b|(?<![A-Za-z])[MF](?![A-Za-z])", re.IGNORECASE)
_BETWEEN = " /\\,，;；、|.。-()（）:："


def sex_age_reader(reading: ColumnReading, context: Context) -> Callable[[Cell], Value]:
    """A function from a cell to (sex, `Age`), with the fields sex and age filled beside it."""
    name = reading.name

    def read(cell: Cell) -> Value:
        cleaned = clean(cell.text)
        plain = cleaned.text
        if not plain:
            return EMPTY
        if is_placeholder(plain):
            return Value(None, (), "placeholder")
        if is_pending(plain):
            return Value(None, (issue(None, name, "VALUE_PENDING"),), "pending")
        found = _SEX.search(plain)
        sex = look_up("sex", found[0], context)[0] if found else None
        rest = (plain[: found.start()] + " " + plain[found.end() :] if found else plain).strip(_BETWEEN)
        age = read_age(rest, name)
        info = changes(name, cleaned, spaced=False)
        also = tuple((key, value) for key, value in (("sex", sex), ("age", age.value)) if value is not None)
        if sex is None and age.value is None:
            return Value(None, (issue(None, name, "VOCABULARY_UNKNOWN"), *info), "unreadable")
        issues = age.issues + info
        if sex is None:
            issues = (*issues, issue(None, name, "VOCABULARY_UNKNOWN"))
        return Value((sex, age.value), issues, "read", also)

    return read
