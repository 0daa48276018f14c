"""Text cleaned for reading: full-width characters, spaces, asides; and the words for "nothing" and "not yet"."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from ..codes import issue
from ..parts import Issue

# Only what has a half-width twin that means the same: digits, letters, signs. U+3000 is a space.
_HALF = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_INVISIBLE = dict.fromkeys(
    (0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x00AD, 0x202A, 0x202C, 0x202D, 0x200E, 0x200F)
)
_TO_HALF: dict[int, int | None] = {**_HALF, **_INVISIBLE}
_WIDE = re.compile("[０-９Ａ-Ｚａ-ｚ－．／＋％]")
_SPACES = re.compile(r"\s+")


class Clean(NamedTuple):
    """Text made plain: half width, no invisible characters, trimmed, single spaces; and what was changed."""

    text: str
    wide: bool = False
    spaced: bool = False


def clean(text: str) -> Clean:
    """``text`` made plain. ``wide``: it had full-width letters, digits or signs; ``spaced``: spaces around it.

    >>> clean("　１００ ")
    Clean(text='100', wide=True, spaced=True)
    """
    if text.isascii():
        trimmed = text.strip()
        if trimmed == text and "  " not in text and text.isprintable():
            return Clean(text)
        plain = "".join(character if character.isprintable() else " " for character in trimmed)
        return Clean(_SPACES.sub(" ", plain).strip(), spaced=trimmed != text)
    half = text.translate(_TO_HALF)
    trimmed = half.strip()
    # Punctuation such as "：" is how Chinese is typed; only digits, letters and their signs are worth a word.
    wide = half != text and _WIDE.search(text) is not None
    return Clean(_SPACES.sub(" ", trimmed), wide, len(trimmed) != len(half) or _lost(text, half))


def trimmed(text: str) -> str:
    """``text`` as one line without spaces around it or invisible characters; its own marks are kept."""
    return _SPACES.sub(" ", text.translate(_INVISIBLE)).strip()


_TYPED_AS_TEXT = re.compile(r'="([^"]*)"')


def typed(text: str) -> str:
    """``text`` without what programs add so that a spreadsheet takes digits for text: a tab, an apostrophe, ="…"."""
    bare_text = text.strip("\t").lstrip("'‘’`")
    found = _TYPED_AS_TEXT.fullmatch(bare_text)
    return found[1] if found else bare_text


def _lost(text: str, half: str) -> bool:
    return len(text) != len(half)


def packed(text: str) -> str:
    """``text`` without any space."""
    return _SPACES.sub("", text)


def changes(column: str, cleaned: Clean, spaced: bool | None = None) -> tuple[Issue, ...]:
    """The info issues of what cleaning changed; ``spaced`` overrides what counts as a changed space."""
    found: list[Issue] = []
    if cleaned.wide:
        found.append(issue(None, column, "FULLWIDTH_NORMALISED"))
    if cleaned.spaced if spaced is None else spaced:
        found.append(issue(None, column, "WHITESPACE_NORMALISED"))
    return tuple(found)


@cache
def words() -> dict[str, frozenset[str]]:
    """The groups of ``words.toml``."""
    found: dict[str, list[str]] = _toml("words.toml")
    return {group: frozenset(entries) for group, entries in found.items()}


def _toml(name: str) -> Any:
    return tomllib.loads((Path(__file__).parent / name).read_text(encoding="utf-8"))


def is_placeholder(text: str) -> bool:
    """True for "/", "无", "不详" and the like; ``text`` is clean."""
    return bare(text) in words()["placeholder"]


def is_pending(text: str) -> bool:
    """True for "待核实", "TBD" and the like, with or without a question mark; ``text`` is clean."""
    return bare(text) in words()["pending"]


def is_error_value(text: str) -> bool:
    """True for "#N/A", "#REF!" and the like."""
    return text.startswith("#") and text.strip().casefold() in words()["error_values"]


def bare(text: str) -> str:
    """``text`` folded and without the brackets and marks around it: "（待定）" → "待定"."""
    folded = text.casefold()
    return folded.strip("()[]【】?!。 ") or folded


#: Nobody writes a longer number in Chinese numerals.
_LONGEST_NUMERAL = 20
_DIGITS = {c: i for i, c in enumerate("〇一二三四五六七八九")} | {
    "零": 0,
    "○": 0,
    "Ｏ": 0,
    "两": 2,
    "廿": 20,
    "卅": 30,
}
_SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
CHINESE_NUMERAL = re.compile("[〇零○一二三四五六七八九十百千两廿卅]+")


def chinese_number(text: str) -> int | None:
    """The number that Chinese numerals name, positional or by digit, None where they name none.

    >>> chinese_number("一百二十"), chinese_number("二〇二二"), chinese_number("廿五"), chinese_number("十")
    (120, 2022, 25, 10)
    """
    if not text or len(text) > _LONGEST_NUMERAL or any(c not in _DIGITS and c not in _SCALES for c in text):
        return None
    if len(text) > 1 and all(c in _DIGITS and _DIGITS[c] < 10 for c in text):
        return int("".join(str(_DIGITS[c]) for c in text))
    total = section = digit = 0
    for character in text:
        if character in _DIGITS:
            value = _DIGITS[character]
            if value >= 10:
                section += value
                digit = 0
            else:
                digit = value
        elif (scale := _SCALES[character]) < 10_000:
            section += (digit or 1) * scale
            digit = 0
        else:
            total = (total + section + digit) * scale
            section = digit = 0
    return total + section + digit
