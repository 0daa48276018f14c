"""What is true of every row of a table: its sender's system, its area, its disease, the words of its title."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from fangkong.science.tables.check import CheckedTable

from .disease_names import disease_said


@cache
def targets() -> Mapping[str, Any]:
    """``table_targets.toml`` as it stands."""
    return tomllib.loads(Path(__file__).with_name("table_targets.toml").read_text(encoding="utf-8"))


def target_of(kind: str) -> str:
    """The target of a kind of table in the record, "" for one that no desk reads yet."""
    found: str = targets()["target"].get(kind, "")
    return found


@dataclass(frozen=True)
class TableTerms:
    """What is true of every row of a table: the area where none is named, the day of ages, words of the title."""

    kind: str
    area_code: str
    day: date
    area_codes: Mapping[str, Any] = field(default_factory=dict)
    #: Codes of the gazetteer.
    codes: frozenset[str] = frozenset()
    tier: str = ""
    classification: str = ""
    #: The disease that the title names, "" where it names none.
    disease: str = ""
    #: The system that wrote the file with ids of its own, "" for a table of a person's making.
    system: str = ""
    #: Field of the sender → the name of its column.
    columns: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, table: CheckedTable, area_code: str, area_codes: Mapping[str, Any], name: str) -> TableTerms:
        """The terms of ``table``, from its title and the name of its file."""
        said = " ".join([*table.title, table.sheet, name]).casefold()
        system = table.understanding.layout.partition("-")[0]
        known = targets()["system"].get(system, {})
        return cls(
            table.kind,
            _area_said(said, area_codes) or area_code,
            table.context.reference,
            area_codes,
            frozenset(
                code
                for codes in area_codes.values()
                for code in ([codes] if isinstance(codes, str) else codes)
            ),
            _word(said, "tier") or known.get("tier", ""),
            _word(said, "classification"),
            disease_said(said),
            system if known else "",
            {reading.field: reading.name for reading in reversed(table.readings) if reading.field},
        )

    def column(self, name: str) -> str:
        """The sender's name of the column that holds the field ``name``, "" where none does."""
        return self.columns.get(name, "")


def _word(said: str, list_name: str) -> str:
    """What the words of a title say for the whole table; "held" where they say two things, "" where nothing."""
    words: Mapping[str, str] = targets()["title"][list_name]
    found: dict[str, str] = {}
    for word in sorted(words, key=len, reverse=True):
        if word in said:
            # A shorter word counts only where it stands by itself as well.
            said = said.replace(word, " ")
            found[word] = words[word]
    own = {meant for word, meant in found.items() if not word.isascii()} or set(found.values())
    return own.pop() if len(own) == 1 else "held" if own else ""


def _area_said(said: str, area_codes: Mapping[str, Any]) -> str:
    """The area that the title names; the longest name wins, one that several areas share tells none."""
    fitting = [name for name in area_codes if len(name) > 1 and name.casefold() in said]
    found = area_codes[max(fitting, key=len)] if fitting else ""
    return found if isinstance(found, str) else ""
