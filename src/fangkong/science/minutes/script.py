"""Traditional to simplified script, character for character so that positions hold (OpenCC, ``t2s``)."""

from __future__ import annotations

import re
from functools import cache

import opencc

#: Of the Chinese characters of a page (or of one line), so many have to be traditional before script is converted:
#: names in simplified pages keep their rare characters.
PAGE_SHARE, LINE_SHARE = 0.02, 0.1

_CHINESE = re.compile(r"[\u3400-\u9fff]")


def simplified(text: str) -> tuple[str, list[int]]:
    """``text`` in simplified script, of the same length, and the indices of the characters that changed.

    Lines of a page in simplified script stay as they are, unless a line by itself is traditional.

    >>> simplified("領導小組會議")
    ('领导小组会议', [0, 1, 3, 4, 5])
    """
    lines = text.split("\n")
    converted = [_same_length(line) for line in lines]
    pairs = list(zip(lines, converted, strict=True))
    differing = [
        sum(a != b for a, b in zip(old, new, strict=True)) if old != new else 0 for old, new in pairs
    ]
    whole = sum(differing) > PAGE_SHARE * len(_CHINESE.findall(text))
    changed: list[int] = []
    at = 0
    for number, (old, new) in enumerate(pairs):
        if differing[number]:
            if whole or differing[number] > LINE_SHARE * len(_CHINESE.findall(old)):
                changed.extend(at + i for i, (a, b) in enumerate(zip(old, new, strict=True)) if a != b)
            else:
                converted[number] = old
        at += len(old) + 1
    return "\n".join(converted), changed


def _same_length(line: str) -> str:
    if line.isascii():
        return line
    try:
        new = _converter().convert(line)
        return new if len(new) == len(line) else "".join(one(character) for character in line)
    except UnicodeEncodeError:  # a lone surrogate cannot leave Python
        return "".join(one(character) for character in line)


@cache
def one(character: str) -> str:
    """One character in simplified script."""
    try:
        new = _converter().convert(character)
    except UnicodeEncodeError:
        return character
    return new if len(new) == 1 else character


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")
