"""Figures that stand as names and numbers in a row, as a web page leaves of a table: "name 12 name 3 total 15"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .items import chief
from .lexicon import any_of, lexicon, sources
from .parts import Span
from .words_read import Words

#: So many names with numbers make a table.
_LEAST = 3
_PAIR = re.compile(
    r"(?P<name>[^\s\d，。；：]{1,16}(?:（[^\s）]{1,6}）)?)[ \t|｜]+(?P<number>\d+)(?=[ \t|｜]|$)"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One name with its number: an area's, a source's, or the total's (``name`` "")."""

    name: str
    number: int
    span: Span
    origin: str
    is_source: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """A table of one measure (``state``) in a row."""

    state: str
    entries: list[Entry]


def listing(page: str, start: int, end: int, words: Words) -> Listing | None:
    """The table in ``page[start:end]``, None where there is none or nothing says what it counts."""
    pairs = list(_PAIR.finditer(page, start, end))
    if len(pairs) < _LEAST or sum(m.end() - m.start() for m in pairs) < 0.6 * (end - start):
        return None
    heads = words.read(page, start, pairs[0].start("number"))
    named = [word.code for word in heads if word.kind == "state"]
    if not named:
        return None
    return Listing(chief(named), list(_entries(page, start, pairs)))


def _entries(page: str, start: int, pairs: list[re.Match[str]]) -> Iterator[Entry]:
    origins = {code: re.compile(any_of(patterns)) for code, patterns in lexicon("frames")["origin"].items()}
    total = re.compile(any_of(lexicon("frames")["sum"]["patterns"]))
    origin, before = "", start
    for pair in pairs:
        heading = page[before : pair.start("name")]
        found = [(m.start(), code) for code, pattern in origins.items() if (m := pattern.search(heading))]
        if found:
            origin = max(found)[1]
        name = pair["name"]
        is_total = bool(total.search(name))
        is_source = bool(sources().fullmatch(name)) and origin != "local"
        yield Entry(
            "" if is_total else name,
            int(pair["number"]),
            pair.span("number"),
            "" if is_total else ("imported" if is_source else origin),
            is_source,
        )
        before = pair.end()
