"""The words of the area rows, read once from the TOML files beside this module.

Rows speak in words (``next_higher_government``, ``compound``, ``lock``). What a word means is data here, so
that a pack may change a row and the outcome follows, and a word nobody has explained is refused by name.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from fangkong.core.errors import InputError
from fangkong.science.rules.answers import Answer, InForce, NotInPack
from fangkong.science.rules.packs import Row
from fangkong.science.rules.resolver import RuleBook

_FOLDER = Path(__file__).parent


@cache
def area_words(name: str) -> Mapping[str, Any]:
    """The tables of ``<name>.toml`` in this folder: ``levels``, ``approval`` or ``overreach``."""
    return tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def meaning(table: Mapping[str, Any], word: Any, row: Row) -> Any:
    """What ``word`` of ``row`` means in ``table``.

    Raises InputError ``areas.word_unknown`` naming the row and the words that are explained.
    """
    if isinstance(word, str) and word in table:
        return table[word]
    raise InputError("areas.word_unknown", word=word, rule_row=row.row_id, known=sorted(table))


def width_of(unit: str) -> int:
    """How wide ``unit`` is, from a household to the country; only the order of two widths means anything.

    Raises InputError ``areas.unit_unknown`` with the units that are known.

    >>> width_of("building") < width_of("compound")
    True
    """
    widths = area_words("levels")["width"]
    if unit not in widths:
        raise InputError("areas.unit_unknown", unit=unit, known=sorted(widths))
    return int(widths[unit])


def holds_when(word: Any, facts: Collection[str], row: Row) -> bool:
    """Whether the condition that ``row`` names in one word holds for the ``facts`` stated."""
    condition = meaning(area_words("levels")["when"], word, row)
    if "any" in condition:
        return any(fact in facts for fact in condition["any"])
    return all(fact in facts for fact in condition["all"])


def levels_of(level: str) -> tuple[str, ...]:
    """``level`` and the words under which later editions carry it on, in order.

    >>> levels_of("lock"), levels_of("high")
    (('lock', 'high'), ('high',))
    """
    continues = area_words("levels")["continues"]
    found = [level]
    while found[-1] in continues and continues[found[-1]] not in found:
        found.append(continues[found[-1]])
    return tuple(found)


def ask_level(book: RuleBook, key: str, level: str, **asked: Any) -> Answer:
    """The answer on ``key`` for an area of ``level``, under the level's own word, else under the next.

    A row for the own word goes before one for the later word; without any row the silence on the own word
    is passed on.
    """
    answers = [book.resolve(key, scope={"area": word}, **asked) for word in levels_of(level)]
    deciding = next((answer for answer in answers if isinstance(answer, InForce)), None)
    told = next((answer for answer in answers if not isinstance(answer, NotInPack)), answers[0])
    return deciding or told


def levels_in_force(answer: InForce) -> tuple[str, ...]:
    """The levels that a row of ``area.levels`` lists, and those that stand beside them."""
    beside = area_words("levels")["beside"]
    also = [word for level in answer.value for word in beside.get(level, ())]
    return tuple(dict.fromkeys((*answer.value, *also)))
