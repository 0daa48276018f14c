"""What a requirement asks for and no desk of the console can show yet, by name."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Lack:
    """One thing that no desk shows yet: its ``code`` (its words: ``minutes.lacks.<code>``) and capability."""

    code: str
    capability: str
    words: tuple[str, ...]


@cache
def lacks() -> Mapping[str, Lack]:
    """Code -> thing, in the order of lacking.toml."""
    table = tomllib.loads(Path(__file__).with_name("lacking.toml").read_text(encoding="utf-8"))
    return {
        code: Lack(code, entry["capability"], tuple(entry["words"]))
        for code, entry in table.items()
        if isinstance(entry, dict)
    }


def lacking(text: str) -> tuple[str, ...]:
    """The codes of what ``text`` asks for and no desk can show yet, in the order of the file.

    >>> lacking("发挥好药店等各类“哨点”作用"), lacking("严格落实24小时值班")
    (('sentinels',), ())
    """
    return tuple(code for code, each in lacks().items() if any(word in text for word in each.words))
