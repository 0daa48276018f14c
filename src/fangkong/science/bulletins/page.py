"""The page as sentences: one script, plain digits, the same positions as the text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from fangkong.science.minutes.script import simplified

from .parts import Span

#: A line so long without an end is cut by the page, not by its author.
_WRAPPED = 24

_PLAIN = str.maketrans(
    {
        "(": "（",
        ")": "）",
        ":": "：",
        ";": "；",
        "?": "？",
        "!": "！",
        "﹐": "，",
        "､": "、",
        "–": "—",
        "－": "—",
        "―": "—",
        "‐": "—",
        "‑": "—",
        "−": "—",
        "~": "—",
        "～": "—",
        "〜": "—",
        "\u3000": " ",
        "\u00a0": " ",
        "\u2028": "\n",
        "\u2029": "\n",
        "\x0b": "\n",
        "\x0c": "\n",
        "\x85": "\n",
        "○": "〇",
        "〸": "十",
    }
)
_GROUPED = re.compile(r"(?<!\d)\d{1,3}(?:[,，]\d{3})+(?![\d,，])(?=\s*(?:[例人名万]|[，。；、）]|\s|$))")
_END = "。！？"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the page: its place, the paragraph (0, 1, ...) and the line where it begins."""

    start: int
    end: int
    paragraph: int
    line: int


def plain(text: str) -> str:
    """``text`` in simplified script with ASCII digits and Chinese punctuation, of the same length.

    >>> plain("新增確診病例１２例(本土)")
    '新增确诊病例12例（本土）'
    """
    text = text.replace("\r\n", " \n").replace("\r", "\n")
    text = "".join(
        str(unicodedata.decimal(character))
        if not character.isascii() and character.isdecimal()
        else character
        for character in text
    )
    text = simplified(text.translate(_PLAIN))[0]
    text = _GROUPED.sub(lambda found: found[0].replace("，", ","), text)
    return re.sub(r",(?!\d{3}(?!\d))", "，", text)


def sentences(page: str) -> list[Sentence]:
    """The sentences of a plain page, in order; a line that its page cut short goes on in the next."""
    found: list[Sentence] = []
    line, at = 0, 0
    for paragraph, (start, end) in enumerate(_paragraphs(page)):
        line, at = line + page.count("\n", at, start), start
        for begin, stop in _cut(page, start, end):
            found.append(Sentence(begin, stop, paragraph, line))
    return found


def _paragraphs(page: str) -> Iterator[Span]:
    """Runs of text between hard line ends."""
    start: int | None = None
    lines = list(_lines(page))
    for index, (begin, end) in enumerate(lines):
        if start is None:
            start = begin
        following = lines[index + 1] if index + 1 < len(lines) else None
        if following is None or not _goes_on(page, begin, end, following):
            yield start, end
            start = None


def _lines(page: str) -> Iterator[Span]:
    """The lines with something on them, without their outer blanks."""
    for found in re.finditer(r"[^\n]+", page):
        text = found[0]
        if text.strip():
            left = len(text) - len(text.lstrip())
            yield found.start() + left, found.start() + len(text.rstrip())


def _goes_on(page: str, begin: int, end: int, following: Span) -> bool:
    last = page[end - 1]
    if last in "，、,":
        return True
    if last in _END + "：；）":
        return False
    adjacent = "\n" not in page[end : following[0]].replace("\n", "", 1)
    prose = "，" in page[begin:end] and end - begin >= _WRAPPED
    opens = re.match(
        r"(?:[一二三四五六七八九十]{1,3}、|\d{1,2}[.、．]|（[一二三四五六七八九十\d]+）|截至|新增|无新增)",
        page[following[0] :],
    )
    return prose and not opens and (adjacent or end - begin > 10 * _WRAPPED)


def _cut(page: str, start: int, end: int) -> Iterator[Span]:
    """Sentences of one paragraph: at its full stops that stand outside brackets, where the brackets close."""
    text = page[start:end]
    balanced = text.count("（") == text.count("）")
    depth, begin = 0, 0
    for at, character in enumerate(text):
        if balanced and character == "（":
            depth += 1
        elif balanced and character == "）":
            depth = max(0, depth - 1)
        elif character in _END and depth == 0:
            yield from _stripped(text, begin, at + 1, start)
            begin = at + 1
    yield from _stripped(text, begin, len(text), start)


def _stripped(text: str, begin: int, end: int, offset: int) -> Iterator[Span]:
    piece = text[begin:end]
    if piece.strip():
        left = len(piece) - len(piece.lstrip())
        yield offset + begin + left, offset + begin + len(piece.rstrip())
