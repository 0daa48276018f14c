"""The word lists of ``words/`` as compiled matchers. What a list means stands beside it, in its own language."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

from .lexicon import lexicon


def alternation(words: Iterable[str]) -> str:
    """A pattern for any of ``words``, the longest first."""
    return "|".join(re.escape(word) for word in sorted(set(words), key=lambda word: (-len(word), word)))


@cache
def words(name: str, group: str, field: str) -> tuple[str, ...]:
    """The list ``[group] field`` of the file ``words/<name>.toml``."""
    return tuple(lexicon(f"words/{name}")[group][field])


@cache
def any_of(name: str, group: str, field: str = "patterns") -> re.Pattern[str]:
    """A matcher for any of the regular expressions of a list."""
    return re.compile("|".join(f"(?:{pattern})" for pattern in words(name, group, field)))


@cache
def literal(*lists: tuple[str, str, str]) -> re.Pattern[str]:
    """A matcher for any word of the lists, given as (file, group, field); the longest word wins."""
    return re.compile(alternation(word for name, group, field in lists for word in words(name, group, field)))


@dataclass(frozen=True)
class Topic:
    """Concrete things of one field of work, with who usually carries it and what would show that it is done."""

    name: str
    owner: str
    evidence: str
    nouns: re.Pattern[str]


@cache
def topics() -> tuple[Topic, ...]:
    """The fields of work in the order of the file."""
    return tuple(
        Topic(name, table["owner"], table["evidence"], re.compile(alternation(table["nouns"])))
        for name, table in lexicon("words/topics").items()
    )


def hits(pattern: re.Pattern[str], text: str) -> list[str]:
    """The different pieces of ``text`` that match, in order."""
    if pattern.search(text) is None:  # most lists say nothing of most pieces
        return []
    return list(dict.fromkeys(match.group() for match in pattern.finditer(text)))


@lru_cache(maxsize=64)
def main_topic(text: str) -> Topic | None:
    """The field of work whose things take most of ``text``, or None where it names none."""
    lengths = [sum(map(len, set(topic.nouns.findall(text)))) for topic in topics()]
    most = max(lengths, default=0)
    return topics()[lengths.index(most)] if most else None
