"""Which of the platform's fourteen capabilities a requirement is about, and which desk carries it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Capability:
    """One capability: ``code`` (C1 to C14), its names, and the ``desk`` that carries it, "" where none does yet."""

    code: str
    zh: str
    en: str
    desk: str
    words: re.Pattern[str]
    #: Words that say little: each counts as one character.
    general: re.Pattern[str]


@cache
def capabilities() -> Mapping[str, Capability]:
    """Code -> capability, in the order of capabilities.toml."""
    table = tomllib.loads(Path(__file__).with_name("capabilities.toml").read_text(encoding="utf-8"))
    return {
        code: Capability(
            code,
            entry["zh"],
            entry["en"],
            entry["desk"],
            _any(entry["words"]),
            _any(entry.get("general", [])),
        )
        for code, entry in table.items()
        if isinstance(entry, dict)
    }


def capability_of(text: str) -> str:
    """The code of the capability that ``text`` speaks of most, "" where no word of any stands in it.

    >>> capability_of("加强后备定点医院改造，保障重症床位")
    'C6'
    """
    scores = {code: _score(each, text) for code, each in capabilities().items()}
    best = max(scores, key=lambda code: scores[code])
    return best if scores[best] else ""


def _score(capability: Capability, text: str) -> int:
    general = len(set(capability.general.findall(text)))
    return sum(map(len, set(capability.words.findall(text)))) + general


def _any(words: list[str]) -> re.Pattern[str]:
    # No word at all matches nothing, not everything.
    return re.compile(
        "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word))) or r"(?!)"
    )
