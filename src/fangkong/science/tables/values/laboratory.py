"""What a laboratory writes: tube and specimen codes, results, cycle thresholds."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..codes import issue
from ..context import Context
from ..parts import Cell
from .text import bare, changes, clean, is_pending, is_placeholder, typed
from .value import EMPTY, Ct, Value
from .vocabulary import look_up, word_reader

if TYPE_CHECKING:
    from ..columns.reading import ColumnReading


@cache
def _ct() -> tuple[float, float, frozenset[str]]:
    found: dict[str, Any] = tomllib.loads(
        (Path(__file__).parent / "laboratory.toml").read_text(encoding="utf-8")
    )["ct"]
    return float(found["lowest"]), float(found["highest"]), frozenset(found["undetected"])


_CT = re.compile(
    r"(?:ct(?:值)?\s*[:=]?\s*)?(?P<sign>[<>≤≥=＜＞]=?|大于|小于)?\s*(?P<number>\d+(?:\.\d+)?)(?P<after>\+|以上|以下)?",
    re.I,
)


def ct_reader(reading: ColumnReading, context: Context) -> Callable[[Cell], Value]:
    """A function from a cell to its `Ct`. ">40" is censored; "Undet" and the like are "undetected", without a doubt."""
    name = reading.name
    lowest, highest, undetected = _ct()

    def read(cell: Cell) -> Value:
        cleaned = clean(cell.text)
        text = cleaned.text
        if not text:
            return EMPTY
        if text.casefold() in undetected or bare(text) in undetected:
            return Value(Ct(None, "undetected"), (), "read")
        if is_placeholder(text):
            return Value(None, (), "placeholder")
        if is_pending(text) or look_up("result_pending", text, context)[0]:
            return Value(None, (issue(None, name, "VALUE_PENDING"),), "pending")
        info = changes(name, cleaned, spaced=False)
        found = _CT.fullmatch(text)
        if found is None:
            code = (
                "VALUE_OUT_OF_RANGE" if text.lstrip("-−").replace(".", "").isdigit() else "VOCABULARY_UNKNOWN"
            )
            return Value(None, (issue(None, name, code), *info), "unreadable")
        cycles = float(found["number"])
        if not lowest <= cycles <= highest:
            return Value(None, (issue(None, name, "VALUE_OUT_OF_RANGE"), *info), "unreadable")
        sign = found["sign"] or {"+": ">", "以上": ">", "以下": "<"}.get(found["after"] or "", "=")
        if sign[0] == "=":
            return Value(Ct(cycles), info, "read")
        above = sign[0] in ">≥" or sign == "大于"
        censored = issue(None, name, "CT_CENSORED", cycles=cycles)
        return Value(Ct(cycles, ">" if above else "<"), (censored, *info), "read")

    return read


def result_reader(reading: ColumnReading, context: Context) -> Callable[[Cell], Value]:
    """A function from a cell to "positive", "negative", "indeterminate" or "invalid"."""
    name = reading.name
    words = word_reader(reading, context, "result", "RESULT_VOCABULARY_UNKNOWN")

    def read(cell: Cell) -> Value:
        text = clean(cell.text).text
        if (
            text
            and look_up("result_pending", text, context)[0]
            and text not in context.vocabulary.get("result", {})
        ):
            return Value(None, (issue(None, name, "VALUE_PENDING"),), "pending")
        value = words(cell)
        if value.state == "pending":
            # "待复核": there is a result, and it is in doubt.
            return Value(None, (issue(None, name, "RESULT_VOCABULARY_UNKNOWN"),), "pending")
        return value

    return read


_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?[Ee]\+\d{1,3}|\d\.\d+[Ee]\d{1,3}", re.ASCII)
_SPACES = re.compile(r"\s+")
_KEPT_DIGITS = 15


def barcode_reader(reading: ColumnReading, context: Context) -> Callable[[Cell], Value]:
    """A function from a cell to the code of a tube or specimen. A code that a spreadsheet rounded has no value."""
    name = reading.name
    width, leading_zero = reading.traits.width, reading.traits.leading_zero

    def read(cell: Cell) -> Value:
        stored = cell.value
        if type(stored) is str and len(stored) == width and stored.isascii() and stored.isalnum():
            return Value(stored, (), "read") if not _SCIENTIFIC.fullmatch(stored) else slow(cell)
        return slow(cell)

    def slow(cell: Cell) -> Value:
        cleaned = clean(typed(cell.text))
        text = cleaned.text
        if not text:
            return EMPTY
        if is_placeholder(text):
            return Value(None, (), "placeholder")
        if is_pending(text):
            return Value(None, (issue(None, name, "VALUE_PENDING"),), "pending")
        numeric = isinstance(cell.value, int | float) and not isinstance(cell.value, bool)
        digits = text.removesuffix(".0") if numeric else text
        if _SCIENTIFIC.fullmatch(text) or (numeric and len(digits) > _KEPT_DIGITS):
            return Value(None, (issue(None, name, "BARCODE_SCIENTIFIC_NOTATION"),), "unreadable")
        code = _SPACES.sub("", digits).strip("*")
        info = changes(name, cleaned, cleaned.spaced or len(code) != len(digits.strip("*")))
        short = width - len(code)
        if width and leading_zero and 0 < short <= 3 and code.isdigit():
            # How many zeros are gone is known only if every code is as long as the others: not repaired.
            return Value(None, (issue(None, name, "BARCODE_LEADING_ZERO_LOST"), *info), "unreadable")
        return Value(code, info, "read")

    return read
