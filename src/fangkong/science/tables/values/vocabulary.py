"""Words of closed lists (sex, tier, control mode, result, document, dose) as canonical codes."""

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
from .text import changes, clean, is_pending, is_placeholder, packed
from .value import EMPTY, Value

if TYPE_CHECKING:
    from ..columns.reading import ColumnReading


@cache
def _lists() -> dict[str, tuple[dict[str, str], dict[str, str], bool]]:
    """List name → (word → code, short word → code, open)."""
    found: dict[str, dict[str, Any]] = tomllib.loads(
        (Path(__file__).parent / "vocabulary.toml").read_text(encoding="utf-8")
    )
    lists = {}
    for name, entries in found.items():
        short = entries.pop("short", {})
        is_open = bool(entries.pop("open", False))
        lists[name] = (_by_word(entries), _by_word(short), is_open)
    return lists


def _by_word(entries: dict[str, list[str]]) -> dict[str, str]:
    return {word.casefold(): code for code, words in entries.items() for word in (code, *words)}


#: The sign after a result: 阴性（—）.
_SIGNED = re.compile(r"(?<=性)\([+\-—–]\)$")
#: Go.Data writes its reference data as keys: LNG_REFERENCE_DATA_CATEGORY_GENDER_MALE.
_GODATA = "lng_reference_data_category_"


def look_up(name: str, text: str, context: Context) -> tuple[str | None, bool]:
    """The code of the clean word ``text`` in the list ``name``, and whether it is a short form of it.

    >>> from datetime import date, timezone
    >>> c = Context(None, date(2022, 3, 28), timezone.utc, 2022, date(2022, 3, 28), date(2022, 3, 28))
    >>> look_up("control_mode", "居隔", c), look_up("result", "未检出", c), look_up("tier", "甲", c)
    (('home', True), ('negative', False), (None, False))
    """
    word = text.casefold()
    if own := context.vocabulary.get(name):
        for candidate in (text, word):
            if candidate in own:
                return own[candidate], False
    words, short, _ = _lists()[name]
    for candidate in (word, packed(word), _SIGNED.sub("", packed(word))):
        if candidate in words:
            return words[candidate], False
        if candidate in short:
            return short[candidate], True
    if word.startswith(_GODATA):
        tail = word[len(_GODATA) :]
        for code_word, code in words.items():
            if tail.endswith("_" + code_word.replace(" ", "_").replace("-", "_")):
                return code, False
    return None, False


def knows(name: str, text: str) -> bool:
    """True where the list ``name`` has the word ``text``, as a full or a short form."""
    words, short, _ = _lists()[name]
    word = clean(text).text.casefold()
    return word in words or word in short


def vocabulary_reader(reading: ColumnReading, context: Context) -> Callable[[Cell], Value]:
    """A function from a cell to the code of its word. An unknown word of an open list is its own value."""
    return word_reader(reading, context, reading.vocabulary, "VOCABULARY_UNKNOWN")


def word_reader(
    reading: ColumnReading, context: Context, list_name: str, unknown: str
) -> Callable[[Cell], Value]:
    """A function from a cell to the code of its word in ``list_name``; ``unknown`` is the issue of a strange one."""
    name = reading.name
    is_open = _lists()[list_name][2] or reading.field == "category" or reading.traits.free
    usual = reading.traits.usual
    #: In these lists "无" and "-" are answers.
    answers = list_name in ("yes_no", "result")

    def read(cell: Cell) -> Value:
        cleaned = clean(_text(cell))
        text = cleaned.text
        if not text:
            return EMPTY
        if answers:
            code, _ = look_up(list_name, text, context)
            if code is not None:
                return mapped(text, changes(name, cleaned, spaced=False))
        if is_placeholder(text):
            return Value(None, (), "placeholder")
        if is_pending(text):
            return Value(None, (issue(None, name, "VALUE_PENDING"),), "pending")
        return mapped(text, changes(name, cleaned, spaced=False))

    def mapped(text: str, info: tuple[Any, ...]) -> Value:
        code, is_short = look_up(list_name, text, context)
        if code is not None:
            issues = info
            if is_short and text not in usual:
                issues = (issue(None, name, "VOCABULARY_MAPPED", word=text, meaning=code), *info)
            return Value(code, issues, "read")
        if list_name == "pool_type" and (pooled := _POOLED.search(text)):
            return Value(pooled[1] or pooled[2], info, "read")
        if is_open:
            return Value(text, info, "read")
        return Value(None, (issue(None, name, unknown, **_quoted(text)), *info), "unreadable")

    return read


#: 10:1, 10合1, 1:10 inside other words ("混采10:1").
_POOLED = re.compile(r"(?<!\d)(\d{1,2})\s*(?:人份?)?[:合混]\s*[1一](?!\d)|(?<!\d)1\s*:\s*(\d{1,2})(?!\d)")


def _quoted(text: str) -> dict[str, str]:
    """The strange word for the message, unless it may be somebody's number or a whole sentence."""
    return {"word": text} if len(text) <= 12 and not any(character.isdigit() for character in text) else {}


def _text(cell: Cell) -> str:
    """The cell's text; a number without the ".0" that a spreadsheet adds."""
    return cell.text.removesuffix(".0") if isinstance(cell.value, float) else cell.text
