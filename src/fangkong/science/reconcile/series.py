"""A source: every figure it gives, as columns of area and measure along one axis of days.

Areas and measures are paths from the wider to the narrower: ("Hubei", "Wuhan"), ("confirmed", "by screening").
The empty path is the whole. Sums along either path stand beside what the source itself gives, marked as sums.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Path = tuple[str, ...]
Column = tuple[Path, Path]
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a source: ``value`` of ``measure`` in ``area`` on ``day``; ``code`` is the area's, if given."""

    area: Path
    measure: Path
    day: date
    value: float
    code: str = ""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A figure that the source gives more than once; the first is kept."""

    area: Path
    measure: Path
    day: date
    values: tuple[float, ...]


@dataclass
class Series:
    """One source as arrays; made by ``series_of``.

    ``columns`` maps (area, measure) to one value a day from ``first_on`` on, NaN where the source is silent.
    ``summed`` are the columns that are sums of others. ``has_codes`` says whether the source knows codes at all.
    """

    name: str
    rank: str
    first_on: date
    day_count: int
    columns: dict[Column, Array]
    summed: frozenset[Column]
    codes: dict[Path, str]
    has_codes: bool
    top_name: str
    dimensions: int
    #: Area -> the days on which its name stands without a code, where others have one.
    codeless: dict[Path, set[date]] = field(default_factory=dict)
    duplicates: list[Duplicate] = field(default_factory=list)
    cumulative: Mapping[Path, bool] = field(default_factory=dict)

    @property
    def areas(self) -> list[Path]:
        """The areas that the source itself names, in the order of their first figure."""
        return list(
            dict.fromkeys(area for area, measure in self.columns if (area, measure) not in self.summed)
        )

    @property
    def measures(self) -> list[Path]:
        """All measures, with the sums over categories."""
        return list(dict.fromkeys(measure for _, measure in self.columns))

    def day(self, index: int) -> date:
        """The day at a position of the axis."""
        return self.first_on + timedelta(days=int(index))

    def reported(self) -> NDArray[np.bool_]:
        """For each day whether the source has any figure."""
        return np.any([~np.isnan(values) for values in self.columns.values()], axis=0)

    def with_names(self, names: Mapping[Path, Path]) -> Series:
        """The same source with areas under other names; the figures of two names of one area stand in one column."""
        columns: dict[Column, Array] = {}
        for (area, measure), values in self.columns.items():
            if (area, measure) not in self.summed:
                column = (names.get(area, area), measure)
                known = columns.get(column)
                columns[column] = values if known is None else np.where(np.isnan(known), values, known)
        codes = {names.get(area, area): code for area, code in self.codes.items()}
        return replace(self, columns=columns, summed=_with_sums(columns, self.dimensions), codes=codes)

    def on_axis(self, first_on: date, day_count: int) -> Series:
        """The same source on a longer axis of days."""
        before = (self.first_on - first_on).days
        after = day_count - before - self.day_count
        columns = {
            column: np.pad(values, (before, after), constant_values=np.nan)
            for column, values in self.columns.items()
        }
        return replace(self, first_on=first_on, day_count=day_count, columns=columns)


def series_of(
    name: str,
    figures: Iterable[Figure],
    *,
    rank: str = "unstated",
    cumulative: Mapping[str, bool] | None = None,
    has_codes: bool | None = None,
) -> Series:
    """The source ``name`` from its figures, in any order.

    ``rank`` is a key of the ranks in ``settings.toml``. ``cumulative`` declares measures as running totals (True) or
    not (False); what is not declared is found out. ``has_codes`` says that areas should have codes; when None, it is
    taken from the figures. Raises ``ValueError`` without any figure.

    >>> from datetime import date
    >>> one = series_of("A", [Figure(("North",), ("cases",), date(2020, 1, day), day) for day in (1, 2, 4)])
    >>> one.columns[("North",), ("cases",)]
    array([ 1.,  2., nan,  4.])
    """
    given = list(figures)
    if not given:
        raise ValueError(f"the source {name} has no figure")
    first_on = min(figure.day for figure in given)
    day_count = (max(figure.day for figure in given) - first_on).days + 1
    prefix = _common_prefix({figure.area for figure in given})
    depth = max(len(figure.measure) for figure in given)
    columns: dict[Column, Array] = {}
    again: dict[tuple[Path, Path, int], list[float]] = {}
    codes: dict[Path, str] = {}
    codeless: dict[Path, set[date]] = defaultdict(set)
    for figure in given:
        area, index = figure.area[len(prefix) :], (figure.day - first_on).days
        measure = figure.measure + ("",) * (depth - len(figure.measure))
        values = columns.get((area, measure))
        if values is None:
            values = columns[area, measure] = np.full(day_count, np.nan)
        if np.isnan(values[index]):
            values[index] = figure.value
        else:
            again.setdefault((area, measure, index), [float(values[index])]).append(figure.value)
        if figure.code or area not in codes:
            codes[area] = figure.code
        if not figure.code:
            codeless[area].add(figure.day)
    duplicates = [
        Duplicate(area, measure, first_on + timedelta(days=index), tuple(values))
        for (area, measure, index), values in again.items()
    ]
    declared: dict[Path, bool] = {
        (plain(measure),): is_total for measure, is_total in (cumulative or {}).items()
    }
    summed = _with_sums(columns, depth)
    known = any(codes.values()) if has_codes is None else has_codes
    top = prefix[-1] if prefix else ""
    return Series(
        name, rank, first_on, day_count, columns, summed, codes, known, top, depth, dict(codeless), duplicates,
        declared,
    )  # fmt: skip


def plain(name: str) -> str:
    """A name as it is compared: full-width letters narrowed, case and spaces at the ends dropped."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def shown(path: Path) -> str:
    """A path as it is printed: "Hubei/Wuhan"; "" for the whole."""
    return "/".join(part for part in path if part)


def nansum(arrays: Iterable[Array]) -> Array:
    """The sum of what is there, day by day; NaN on days without anything."""
    stack = np.stack(list(arrays))
    total: Array = np.nansum(stack, axis=0)
    total[np.isnan(stack).all(axis=0)] = np.nan
    return total


def _common_prefix(areas: set[Path]) -> Path:
    """The levels that all areas share, such as the one country; never the only area itself."""
    if len(areas) < 2:
        return ()
    shortest = min(areas, key=len)
    length = len(shortest)
    while length and any(area[:length] != shortest[:length] for area in areas):
        length -= 1
    return shortest[:length]


def _with_sums(columns: dict[Column, Array], depth: int) -> frozenset[Column]:
    """Adds the sums over categories and over areas; returns which columns are sums."""
    own = set(columns)
    for area in {area for area, _ in own} if depth > 1 else ():
        leaves = {measure: columns[area, measure] for there, measure in own if there == area}
        for kept in (kept for size in range(depth) for kept in combinations(range(depth), size)):
            groups: dict[Path, list[Array]] = defaultdict(list)
            for measure, values in leaves.items():
                groups[tuple(measure[level] for level in kept)].append(values)
            for measure, parts in groups.items():
                columns[area, measure] = nansum(parts)
    below = set(columns)
    reach: dict[Column, list[Array]] = defaultdict(list)
    inner = {area[:length] for area, _ in below for length in range(len(area))}
    for area, measure in below:
        if area not in inner:
            for length in range(len(area)):
                reach[area[:length], measure].append(columns[area, measure])
    sums = {column: nansum(parts) for column, parts in reach.items() if column not in below}
    columns.update(sums)
    return frozenset(set(columns) - own)
