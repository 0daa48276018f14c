"""Units as senders write them: 万只, 件 and 套, 箱; which of them mean the same, which convert."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from .text import clean


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit understood: ``scale`` of ``word``; ``group`` names all words that mean the same, "" for an unknown one."""

    scale: int
    word: str
    group: str


@cache
def _tables() -> tuple[dict[str, str], dict[str, int], dict[str, dict[str, float]]]:
    found: dict[str, Any] = tomllib.loads((Path(__file__).parent / "units.toml").read_text(encoding="utf-8"))
    group_of: dict[str, str] = {}
    for group, names in found["groups"].items():
        for name in names:
            group_of.setdefault(name, group)
    return group_of, found["scales"], found["conversions"]


@cache
def unit_of(text: str) -> Unit:
    """The unit that ``text`` names.

    >>> unit_of("万只"), unit_of("套").group, unit_of("千克").group
    (Unit(scale=10000, word='只', group='piece'), 'suit', 'kilogram')
    """
    word = clean(text).text.strip("()（）:： ").casefold()
    group_of, scales, _ = _tables()
    if word in group_of:
        return Unit(1, word, group_of[word])
    for scale in sorted(scales, key=len, reverse=True):
        rest = word[len(scale) :].strip()
        if word.startswith(scale) and (rest in group_of or rest == ""):
            return Unit(scales[scale], rest, group_of.get(rest, ""))
    return Unit(1, word, "")


def is_unit(text: str) -> bool:
    """True where ``text`` is a unit of the lexicon, alone or with a scale ("万人份"), or a bare scale ("万")."""
    found = unit_of(text)
    return found.group != "" or (found.scale > 1 and found.word == "")


def same_unit(a: str, b: str) -> bool:
    """True where both words count the same thing, whatever their scale: 件 and 套, 万只 and 个."""
    first, second = unit_of(a), unit_of(b)
    return first.word == second.word if not first.group else first.group == second.group


def factor(of: str, to: str) -> float | None:
    """How many ``to`` one ``of`` is, None where nothing says so (a box of unknown content).

    >>> factor("万只", "个"), factor("吨", "公斤"), factor("箱", "支")
    (10000.0, 1000.0, None)
    """
    first, second = unit_of(of), unit_of(to)
    if first.word == second.word or (first.group and first.group == second.group):
        return first.scale / second.scale
    conversions = _tables()[2]
    if ratio := conversions.get(first.group, {}).get(second.group):
        return first.scale * ratio / second.scale
    if ratio := conversions.get(second.group, {}).get(first.group):
        return first.scale / (ratio * second.scale)
    return None
