"""Which disease a file speaks of: the name in a column or in a title, and the code that the record knows it by."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path


@cache
def _names() -> Mapping[str, str]:
    path = Path(__file__).with_name("diseases.toml")
    found: dict[str, str] = tomllib.loads(path.read_text(encoding="utf-8"))["names"]
    return found | {code: code for code in found.values()}


def disease_of(name: str) -> str:
    """The code of the disease that a cell names, "" for a name that nobody knows.

    >>> disease_of("CORONAVIRUS"), disease_of(" 麻疹 "), disease_of("the vapours")
    ('covid-19', 'measles', '')
    """
    return _names().get(name.strip().casefold(), "")


def disease_said(text: str) -> str:
    """The code of the disease that a title names, the longest name first; "" where it names none.

    A Latin name counts as a word of its own or glued to a place or a figure, not inside another word.

    >>> disease_said("measles_hagelloch_1861.csv"), disease_said("2022年新冠肺炎密接台账"), disease_said("numbers.csv")
    ('measles', 'covid-19', '')
    """
    said = text.casefold()
    fitting = [name for name in _names() if _stands_in(name, said)]
    return _names()[max(fitting, key=len)] if fitting else ""


def _stands_in(name: str, said: str) -> bool:
    if name not in said:
        return False
    # "flu" before a subtype belongs to it; any other letters before or after make it another word.
    return not name.isascii() or bool(re.search(rf"(?<![a-z])(?:flu)?{re.escape(name)}(?![a-z])", said))
