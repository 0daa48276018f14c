"""A sentence as words: numbers, what they count, and everything between, each with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from .lexicon import any_of, channels, lexicon, sources, states

_NUMERALS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_TENS = {"十": 10, "百": 100, "千": 1000}
_CHINESE = r"(?<![数几近约逾超上])[零〇一二两三四五六七八九十百千万]{1,16}+(?=[例名](?!单))"
_DIGITS = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+(?:\.\d+)?)"


@dataclass(frozen=True, slots=True)
class Word:
    """One piece: its kind (number, state, channel, area, ...), its code or text, its place in the page."""

    kind: str
    code: str
    start: int
    end: int


def whole(numeral: str) -> int | None:
    """The whole number that ``numeral`` writes in digits or Chinese numerals, None for any other.

    >>> whole("1,234"), whole("一百零二"), whole("两"), whole("1.5")
    (1234, 102, 2, None)
    """
    if re.fullmatch(r"[\d,]+", numeral):
        digits = numeral.replace(",", "")
        return int(digits) if len(digits) <= 12 else None
    if re.search(r"[^零〇一二两三四五六七八九十百千万]", numeral):
        return None
    above, _, below = numeral.rpartition("万")
    if "万" in above:
        return None
    high, low = _below_myriad(above) if above else 0, _below_myriad(below) if below else 0
    return None if high is None or low is None else high * 10_000 + low


def _below_myriad(numeral: str) -> int | None:
    if not set(numeral) & set(_TENS):
        return int("".join(str(_NUMERALS[c]) for c in numeral)) if len(numeral) <= 12 else None
    total, digit, smallest = 0, None, 10_000
    for character in numeral:
        if character in _TENS:
            unit = _TENS[character]
            if unit >= smallest:
                return None
            total += unit * (digit if digit is not None else 1)
            digit, smallest = None, unit
        else:
            digit = _NUMERALS[character]
    return total + (digit or 0)


class Words:
    """Cuts sentences of a plain page into words, given the names of areas (any mapping from name to code)."""

    def __init__(self, area_names: Mapping[str, str] | None) -> None:
        self._suffixes = sorted(lexicon("frames")["area"]["suffixes"], key=len, reverse=True)
        self.codes: dict[str, str] = {}
        # "This city" is nobody's name, though a gazetteer may have it among those of the city.
        no_name = re.compile(any_of(lexicon("frames")["own"]["patterns"]))
        for name, code in (area_names or {}).items():
            for form in (name, self.bare(name)):
                if len(form) > 1 and not no_name.fullmatch(form):
                    self.codes.setdefault(form, code)
        self._pattern, self._kinds = _pattern(tuple(sorted(self.codes, key=lambda name: (-len(name), name))))

    def bare(self, name: str) -> str:
        """The name without what names of areas end with; a name that is nothing else stays."""
        for suffix in self._suffixes:
            if name.endswith(suffix) and len(name) > len(suffix) + 1:
                return name[: -len(suffix)]
        return name

    def code(self, name: str) -> str:
        """The code of the area called ``name``, "" where it is not known."""
        return self.codes.get(name) or self.codes.get(self.bare(name)) or ""

    def is_area(self, name: str) -> bool:
        """Whether ``name`` by its ending or by the list given names an area."""
        return bool(self.code(name)) or (
            2 <= len(name) <= 14
            and any(name.endswith(suffix) and len(name) > len(suffix) for suffix in self._suffixes)
        )

    def read(self, page: str, start: int, end: int) -> list[Word]:
        """The words of ``page[start:end]``; what no list knows is kept as kind "unknown"."""
        text, found, at = page[start:end], [], 0
        for match in self._pattern.finditer(text):
            if match.start() > at:
                found.append(Word("unknown", text[at : match.start()], start + at, start + match.start()))
            kind, code = self._kinds[str(match.lastgroup)]
            found.append(Word(kind, code or match[0], start + match.start(), start + match.end()))
            at = match.end()
        if at < len(text):
            found.append(Word("unknown", text[at:], start + at, end))
        return found


@lru_cache(maxsize=8)
def _pattern(names: tuple[str, ...]) -> tuple[re.Pattern[str], dict[str, tuple[str, str]]]:
    kinds: dict[str, tuple[str, str]] = {}
    alternatives = []
    for number, (kind, code, pattern) in enumerate(_entries(names)):
        kinds[f"k{number}"] = (kind, code)
        alternatives.append(f"(?P<k{number}>{pattern})")
    return re.compile("|".join(alternatives)), kinds


def _entries(names: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    """(kind, code, pattern) in order of precedence at one place."""
    frames = lexicon("frames")
    for entry in lexicon("contexts")["context"]:
        yield "context", entry["kind"], any_of(entry["patterns"])
    yield "zero", "", any_of(frames["zero"]["patterns"])
    yield "number", "", rf"{_DIGITS}|{_CHINESE}|(?<=[为例])零(?!售)"
    yield "other_unit", "", rf"(?<=[\d一二三四五六七八九十])(?:{any_of(frames['unit']['other'])})"
    yield "unit", "", rf"(?<=[\d零〇一二两三四五六七八九十百千万 ])(?:{any_of(frames['unit']['count'])})"
    yield "area", "", frames["area"]["whole"]
    for code, patterns in frames["part"].items():
        yield code, "", any_of(patterns)
    yield "source", "", rf"(?:来自|从)\s*(?:{sources().pattern})|(?:{sources().pattern})(?=\s*\d)"
    if names:
        yield "area", "", "|".join(map(re.escape, names))
    yield "as_of", "", any_of(frames["flow"]["as_of"])
    for entry in channels():
        yield ("relation" if entry.get("relation") else "channel"), entry["code"], any_of(entry["patterns"])
    for code, entry in states().items():
        yield "state", code, any_of(entry["patterns"])
    for code, patterns in frames["origin"].items():
        yield "origin", code, any_of(patterns)
    for code in ("new", "report", "cumulative", "current"):
        yield "flow", code, any_of(frames["flow"][code])
    yield "sum", "", any_of(frames["sum"]["patterns"])
    yield "own", "", any_of(frames["own"]["patterns"])
    yield "join", "", any_of(frames["join"]["patterns"])
    yield "idle", "", any_of(frames["idle"]["patterns"])
    yield "strong", "", "[；;]"
    yield "comma", "", "，"
    yield "open", "", "[（\\[［]"
    yield "close", "", "[）\\]］]"
    yield "end", "", "[。！？]"
