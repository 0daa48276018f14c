"""People's names: spaces inside, remarks in brackets, characters that an encoding lost or cannot hold."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..codes import issue
from ..context import Context
from ..parts import Cell
from .text import clean, is_pending, is_placeholder, trimmed, words
from .value import EMPTY, Value

if TYPE_CHECKING:
    from ..columns.reading import ColumnReading

_NOTE = re.compile(r"\s*[(（\[【<〈](?P<note>[^)）\]】>〉]*)[)）\]】>〉]?\s*")
_LOST = re.compile("[\ufffd?？□■〓]|锟斤拷|烫烫")
_CJK_SPACE = re.compile(
    r"(?<=[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])\s+(?=[\u3400-\u9fff\U00020000-\U0003ffff])"
)
_CASES: tuple[Callable[[str], str], ...] = (str.lower, str.upper, str.capitalize)
_MASK = re.compile(r"[*＊×●]|某")


def is_rare(text: str) -> bool:
    """True where a Chinese character of ``text`` is outside GBK, so that a GBK file or font loses it."""
    try:
        text.encode("gbk")
    except UnicodeEncodeError:
        return any(_ideograph(ord(character)) and not _in_gbk(character) for character in text)
    return False


def _ideograph(code: int) -> bool:
    """A Chinese character, or one of the private area where old systems keep the characters they lack."""
    return (
        0x3400 <= code <= 0x9FFF
        or 0xE000 <= code <= 0xFAFF
        or 0x20000 <= code <= 0x3FFFF
        or code in (0x3007, 0x4DAE)
    )


def _in_gbk(character: str) -> bool:
    try:
        character.encode("gbk")
    except UnicodeEncodeError:
        return False
    return True


def name_reader(reading: ColumnReading, context: Context) -> Callable[[Cell], Value]:
    """A function from a cell to a person's name; a remark in brackets becomes the person's note."""

    said = words()
    nothing = {form(word) for word in said["placeholder"] | said["pending"] for form in _CASES}

    def read(cell: Cell) -> Value:
        text = cell.text
        if (
            text.isalpha()
            and len(text) < 8
            and "某" not in text
            and text not in nothing
            and not is_rare(text)
        ):
            return Value(text, (), "read")
        return _slow(text, reading)

    return read


def _slow(text: str, reading: ColumnReading) -> Value:
    name = reading.name
    cleaned = clean(text)
    plain = cleaned.text
    if not plain:
        return EMPTY
    if is_placeholder(plain):
        return Value(None, (), "placeholder")
    if is_pending(plain):
        return Value(None, (issue(None, name, "VALUE_PENDING"),), "pending")
    note = ""
    if (found := _NOTE.search(plain)) and found.start() > 0:
        whole = _NOTE.search(trimmed(text), 1)
        note = (whole or found)["note"].strip()
        plain = (plain[: found.start()] + plain[found.end() :]).strip()
    together = _CJK_SPACE.sub("", plain)
    codes: list[str] = []
    if cleaned.wide:
        codes.append("FULLWIDTH_NORMALISED")
    if cleaned.spaced or together != plain:
        codes.append("WHITESPACE_NORMALISED")
    also = (("person_note", note),) if note else ()
    if _LOST.search(together):
        issues = (*codes, "NAME_REPLACEMENT_CHARACTER")
        # Which character it was nobody knows: such a name never matches as equal.
        return Value(None, tuple(issue(None, name, code) for code in issues), "unreadable", also)
    if _MASK.search(together):
        return Value(None, tuple(issue(None, name, code) for code in codes), "masked", also)
    if is_rare(together):
        codes.append("RARE_CHARACTER")
    return Value(together, tuple(issue(None, name, code) for code in codes), "read", also)
