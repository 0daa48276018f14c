"""Areas by name: cleaned, found among the areas that the caller knows, and abolished names marked."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..codes import issue
from ..context import Context
from ..parts import Cell, Issue
from .text import changes, clean, is_pending, is_placeholder, packed, trimmed
from .value import EMPTY, Value

if TYPE_CHECKING:
    from ..columns.reading import ColumnReading


@dataclass(frozen=True, slots=True)
class Abolished:
    """A district's former name, its successor with its code, and the day of the change."""

    name: str
    successor: str
    code: str
    since: date
    near: str = ""


@cache
def _abolished() -> tuple[dict[str, Abolished], re.Pattern[str]]:
    found: list[dict[str, Any]] = tomllib.loads(
        (Path(__file__).parent / "abolished.toml").read_text(encoding="utf-8")
    )["district"]
    by_name = {entry["name"]: Abolished(**entry) for entry in found}
    # "南汇" without 区 is also a town's name; only the full name says the abolished district.
    return by_name, re.compile("|".join(sorted(by_name, key=len, reverse=True)))


def abolished_in(text: str, context: Context) -> Abolished | None:
    """The abolished district that ``text`` names, None where there is none or the caller's register still has it."""
    if "区" not in text and "县" not in text and "市" not in text:
        return None
    by_name, pattern = _abolished()
    for found in pattern.finditer(text):
        entry = by_name[found[0]]
        if entry.near and entry.near not in text:
            continue
        if context.areas is not None and entry.name in context.areas:
            continue
        if entry.since <= context.reference:
            return entry
    return None


_FORMER = re.compile(
    r"\s*[(\[【](?:原|前|曾|旧)?[^)\]】]*[区县市][)\]】]|\s*[(\[【](?:原|前|曾|旧)[^)\]】]*[)\]】]"
)
_TAILS = re.compile(
    r"(?:街道办事处|街道办|办事处|街道|镇人民政府|镇政府|镇|乡|社区居委会|居民委员会|居委会|居委|社区|村民委员会|村委会|村)$"
)
_INSIDE = re.compile(r"[\s·．.,，、\-—_]")


def bare_area(name: str) -> str:
    """The name of a street or community without its office: what two ways of writing one unit share.

    >>> bare_area("东湖街道办事处") == bare_area("东湖街道"), bare_area("第一居委会")
    (True, '第一')
    """
    plain = _INSIDE.sub("", _FORMER.sub("", clean(name).text))
    return _TAILS.sub("", plain) or plain


def code_of(name: str, context: Context) -> str:
    """The code of the area ``name`` in the caller's register, "" where it has none or more than one of the name."""
    if context.areas is None:
        return ""
    found = context.areas.get(name)
    if isinstance(found, str):
        return found
    return str(found[0]) if found is not None and len(found) == 1 else ""


def area_reader(reading: ColumnReading, context: Context) -> Callable[[Cell], Value]:
    """A function from a cell to an area's name; its code beside it where the caller's register has one."""
    name = reading.name

    def read(cell: Cell) -> Value:
        cleaned = clean(cell.text)
        text = cleaned.text
        if not text:
            return EMPTY
        if is_placeholder(text):
            return Value(None, (), "placeholder")
        if is_pending(text):
            return Value(None, (issue(None, name, "VALUE_PENDING"),), "pending")
        issues: list[Issue] = list(changes(name, cleaned, spaced=False))
        also: tuple[tuple[str, str], ...] = ()
        if former := abolished_in(text, context):
            issues.insert(0, _named(name, former))
        plain = _FORMER.sub("", text) or text
        if not plain.isascii():
            plain = packed(plain)
        if code := code_of(plain, context):
            also = (("area_code", code),)
        return Value(plain, tuple(issues), "read", also)

    return read


def _named(column: str, former: Abolished) -> Issue:
    return issue(
        None,
        column,
        "ABOLISHED_DISTRICT_NAME",
        name=former.name,
        successor=former.successor,
        since=former.since.isoformat(),
    )


def address_reader(reading: ColumnReading, context: Context) -> Callable[[Cell], Value]:
    """A function from a cell to an address as one line of text; an abolished district in it is marked."""

    def read(cell: Cell) -> Value:
        text = trimmed(cell.text)
        if not text:
            return EMPTY
        if is_placeholder(text):
            return Value(None, (), "placeholder")
        former = abolished_in(text, context)
        return Value(text, (_named(reading.name, former),) if former else (), "read")

    return read


def area_code_reader(reading: ColumnReading, context: Context) -> Callable[[Cell], Value]:
    """A function from a cell to an area's code, digits only or as the sender's system has it."""

    def read(cell: Cell) -> Value:
        text = clean(cell.text).text.removesuffix(".0")
        if not text or is_placeholder(text):
            return EMPTY if not text else Value(None, (), "placeholder")
        return Value(text, (), "read")

    return read
