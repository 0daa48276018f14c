"""What the rows in force call a cluster: how many cases, of which classification, within how many days, where.

A row may name its units (``{household = 2, class = 2, days = 7}``, ``{unit = {n = 2, days = 10}}``), a range
of which the lower end makes the cluster (``institution = [5, 9]``), no unit (``{n = 5, days = 14}``: a small
area), or a number for each classification (``{confirmed = 1, suspected = 1, days = 7}``).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from fangkong.science.rules import Conflict, InForce, RuleBook


@dataclass(frozen=True, slots=True)
class UnitKind:
    """What a row's word for a unit is in the record; ``width`` is its place in the file, the narrowest first."""

    word: str
    by: str
    kinds: tuple[str, ...]
    level: str
    width: int


@dataclass(frozen=True, slots=True)
class Definition:
    """One way in which a row in force is met: ``needs`` (classifications -> cases) within ``days`` in a unit.

    ``choice`` are the units of which the first that is known of a case counts. ``days`` includes both ends.
    """

    signal: str
    key: str
    rule_row: str
    confidence: str
    choice: tuple[UnitKind, ...]
    needs: tuple[tuple[tuple[str, ...], int], ...]
    days: int

    @property
    def total(self) -> int:
        """The fewest cases that can meet it."""
        return sum(count for _, count in self.needs)

    @property
    def statuses(self) -> frozenset[str]:
        """Every classification that counts."""
        return frozenset(status for statuses, _ in self.needs for status in statuses)


@dataclass(frozen=True, slots=True)
class Definitions:
    """The definitions in force for a disease; ``unread`` are rows whose value no unit or window can be read from."""

    found: tuple[Definition, ...]
    unread: tuple[str, ...]


def definitions_in_force(book: RuleBook, *, disease: str, on: date, area_code: str) -> Definitions:
    """What the rows in force on ``on`` in ``area_code`` call a cluster of ``disease``; none where none is.

    A row without a window of days stands among ``unread``: how far apart its cases may lie is for a person
    to say, not for the platform to guess. So do rows that contradict one another.
    """
    found: list[Definition] = []
    unread: list[str] = []
    for entry in _table()["define"]:
        answer = book.resolve(entry["key"], on=on, disease=disease, area=area_code)
        if isinstance(answer, Conflict):
            unread += [row.row_id for row in answer.rows]
        if not isinstance(answer, InForce):
            continue
        read = tuple(_read(entry, answer)) if isinstance(answer.value, Mapping) else ()
        found += read
        if not read:
            unread.append(answer.row.row_id)
    return Definitions(tuple(found), tuple(unread))


def defining_keys() -> tuple[str, ...]:
    """The rule keys whose rows define a cluster."""
    return tuple(entry["key"] for entry in _table()["define"])


def signal_kinds() -> tuple[str, ...]:
    """The kinds of signals that clusters raise."""
    return tuple(dict.fromkeys(entry["signal"] for entry in _table()["define"]))


def dated_by() -> tuple[str, ...]:
    """The fields of a case of which the first known one is its day."""
    return tuple(_table()["dated"]["by"])


@cache
def unit_kinds() -> Mapping[str, UnitKind]:
    """A row's word for a unit -> what it is in the record."""
    return {
        word: UnitKind(word, entry["by"], tuple(entry.get("kinds", ())), entry.get("level", ""), width)
        for width, (word, entry) in enumerate(_table()["unit"].items())
    }


def _read(entry: Mapping[str, str], answer: InForce) -> Iterator[Definition]:
    value: Mapping[str, Any] = answer.value
    statuses, units = _table()["status"], unit_kinds()

    def definition(choice: tuple[UnitKind, ...], given: Any) -> Iterator[Definition]:
        limits = {**value, **given} if isinstance(given, Mapping) else {**value, "n": given}
        needs = _needs(limits, statuses)
        days = limits.get("days")
        if needs and isinstance(days, int) and choice:
            yield Definition(
                entry["signal"], entry["key"], answer.row.row_id, answer.confidence, choice, needs, days
            )

    named = [word for word in units if word in value]
    for word in named:
        yield from definition((units[word],), value[word])
    if named:
        return
    asked = value.get("units")
    lines = [[word] for word in asked] if asked else _table()["small_area"]["units"]
    for line in lines:
        yield from definition(tuple(units[word] for word in line if word in units), {})


def _needs(
    limits: Mapping[str, Any], statuses: Mapping[str, list[str]]
) -> tuple[tuple[tuple[str, ...], int], ...]:
    """(classifications, fewest cases) of each part of the limit; a range gives its lower end."""
    lowest = limits.get("n")
    if isinstance(lowest, Sequence):
        lowest = lowest[0] if lowest else None
    if isinstance(lowest, int):
        counted = statuses.get(limits.get("status", ""))
        return ((tuple(counted), lowest),) if counted else ()
    by_status = [(status, limits[status]) for status in statuses if status and status in limits]
    return tuple((tuple(statuses[status]), count) for status, count in by_status if isinstance(count, int))


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_name("clusters.toml").read_text(encoding="utf-8"))
