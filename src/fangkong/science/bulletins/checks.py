"""The sums of a bulletin against its own totals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date

from .items import Item
from .parts import Check, Figure

Key = tuple[date | None, str, str, str, str, str]


def unique(figures: Sequence[Figure]) -> dict[Key, Figure]:
    """One figure for each thing counted: the stated one before the derived before the counted."""
    order = {"stated": 0, "derived": 1, "counted": 2}
    found: dict[Key, Figure] = {}
    for figure in figures:
        known = found.get(figure.key)
        if known is None or order[figure.basis] < order[known.basis]:
            found[figure.key] = figure
    return found


def contradictions(figures: Sequence[Figure]) -> set[Key]:
    """What the text gives two different numbers of, both of them stated or worked out by its own words."""
    values: dict[Key, set[int]] = defaultdict(set)
    for figure in figures:
        if figure.basis != "counted":
            values[figure.key].add(figure.value)
    return {key for key, several in values.items() if len(several) > 1}


def checks_of(figures: Sequence[Figure]) -> list[Check]:
    """Every sum that the figures allow: areas, ways of discovery, origins, sources, balance, repetition, cases."""
    one = unique(figures)
    found = [*_repeated(figures), *_origins(one), *_balance(one)]
    for basis in (False, True):
        found += _areas(figures, one, counted=basis)
    found += [*_channels(one), *_sources(one)]
    return found


def _check(what: str, total: Figure, summed: int, origin: str | None = None) -> Check:
    return Check(
        what,
        total.value,
        summed,
        total.value == summed,
        total.measure,
        total.origin if origin is None else origin,
        total.area,
        total.day,
        total.span,
    )


def _repeated(figures: Sequence[Figure]) -> Iterator[Check]:
    first: dict[Key, Figure] = {}
    for figure in figures:
        if figure.basis != "counted":
            known = first.setdefault(figure.key, figure)
            if known is not figure:
                yield _check("repeated", known, figure.value)


def _areas(figures: Sequence[Figure], one: dict[Key, Figure], *, counted: bool) -> Iterator[Check]:
    sums: dict[Key, dict[str, int]] = defaultdict(dict)
    for figure in figures:
        if figure.area and (figure.basis == "counted") == counted:
            day, _, measure, channel, origin, source = figure.key
            sums[day, figure.within, measure, channel, origin, source][figure.area] = figure.value
    for key, parts in sums.items():
        total = one.get(key)
        if (
            total
            and total.basis != "counted"
            and (counted or len(parts) > 1 or total.value in parts.values())
        ):
            yield _check("cases" if counted else "areas", total, sum(parts.values()))


def _channels(one: dict[Key, Figure]) -> Iterator[Check]:
    sums: dict[Key, int] = defaultdict(int)
    for (day, area, measure, channel, origin, source), figure in one.items():
        if channel and figure.basis != "counted":
            sums[day, area, measure, "", origin, source] += figure.value
    for key, summed in sums.items():
        if (total := one.get(key)) and summed >= total.value:
            yield _check("channels", total, summed)


def _sources(one: dict[Key, Figure]) -> Iterator[Check]:
    sums: dict[Key, int] = defaultdict(int)
    for (day, area, measure, channel, origin, source), figure in one.items():
        if source:
            sums[day, area, measure, channel, origin, ""] += figure.value
    for key, summed in sums.items():
        if total := one.get(key):
            yield _check("sources", total, summed)


def _origins(one: dict[Key, Figure]) -> Iterator[Check]:
    for (day, area, measure, channel, origin, source), total in list(one.items()):
        if origin == "" and not source and total.basis == "stated":
            parts = [
                one.get((day, area, measure, channel, kind, ""))
                for kind in ("local", "imported", "other_province")
            ]
            if parts[0] and parts[1]:
                yield _check("origins", total, sum(part.value for part in parts if part))


def _balance(one: dict[Key, Figure]) -> Iterator[Check]:
    for (day, area, measure, channel, origin, source), total in list(one.items()):
        if measure == "confirmed_cumulative" and not channel and not source:
            names = ("discharged_cumulative", "in_treatment", "deaths_cumulative")
            parts = [one.get((day, area, name, "", origin, "")) for name in names]
            if parts[0] and parts[1]:
                yield _check("balance", total, sum(part.value for part in parts if part))


def borne_out(item: Item) -> bool:
    """Whether the parts of an item's total, of the same kind as the item, add up to it."""
    if item.parent is None or not item.area:
        return False
    siblings = [
        child
        for child in item.parent.children
        if child.area and child.state == item.state and child.channel == item.channel and not child.why
    ]
    return sum(child.value for child in siblings) == item.parent.value
