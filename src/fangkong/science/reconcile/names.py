"""One area under two names in one source: a name that stops and another that goes on where it stopped."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .findings import Confidence, Finding, Where
from .series import Path, Series, plain, shown
from .settings import Settings


@dataclass(frozen=True, slots=True)
class NewName:
    """``old`` is called ``new`` from a day on; days are positions on the source's axis."""

    old: Path
    new: Path
    last_old: int
    first_new: int


def new_names(series: Series) -> list[NewName]:
    """The areas that change their name within a source, where one name contains the other.

    "Pudong" and "Pudong New Area" never stand on one day together, and no third name could be meant.
    """
    spans = _spans(series)
    stops, starts = _changing(spans)
    found: dict[Path, NewName] = {}
    for old in stops:
        alike = [
            new
            for new in starts
            if new[:-1] == old[:-1] and spans[new][0] > spans[old][1] and _contain(old[-1:], new[-1:])
        ]
        if len(alike) == 1 and alike[0] not in {each.new for each in found.values()}:
            found[old] = NewName(old, alike[0], spans[old][1], spans[alike[0]][0])
    return list(found.values())


def all_renamed(series: Series, names: list[NewName], where: Where, choices: Settings) -> Iterator[Finding]:
    """Days on which most of a source's names stop and others start that have nothing in common with them.

    Which is which, no level of the figures tells surely, so that no pairs are named.
    """
    spans = _spans(series)
    stops, starts = _changing(spans)
    stops -= {each.old for each in names}
    starts -= {each.new for each in names}
    for first in sorted({spans[new][0] for new in starts}):
        new = sorted(each for each in starts if spans[each][0] == first)
        old = sorted(each for each in stops if first - choices.max_lag_days <= spans[each][1] < first)
        alive = sum(start < first for start, stop in spans.values() if stop >= first - choices.max_lag_days)
        if min(len(new), len(old)) >= max(choices.min_series_in_common, choices.min_agreeing_share * alive):
            evidence = {
                "by": "all_at_once",
                "old_names": [shown(each) for each in old],
                "new_names": [shown(each) for each in new],
                "last_day_of_old": str(series.day(max(spans[each][1] for each in old))),
            }
            day, last = series.day(first), series.day(series.day_count - 1)
            yield Finding("renamed", where, "", "", day, last, float(len(new)), "medium", evidence)


def name_findings(series: Series, names: list[NewName], where: Where, choices: Settings) -> Iterator[Finding]:
    """The new names as findings; sure where several areas change theirs on the same day."""
    together: dict[int, int] = defaultdict(int)
    for each in names:
        together[each.first_new] += 1
    for each in names:
        sure: Confidence = "high" if together[each.first_new] >= choices.min_series_in_common else "medium"
        evidence = {
            "old_name": shown(each.old),
            "new_name": shown(each.new),
            "last_day_of_old": str(series.day(each.last_old)),
            "by": "name",
            "same_day": together[each.first_new],
        }
        first = series.day(each.first_new)
        last = series.day(series.day_count - 1)
        yield Finding("renamed", where, shown(each.new), "", first, last, None, sure, evidence)


def _spans(series: Series) -> dict[Path, tuple[int, int]]:
    """Area -> the first and last position at which the source has a figure of it."""
    spans: dict[Path, tuple[int, int]] = {}
    for (area, measure), values in series.columns.items():
        if (area, measure) in series.summed:
            continue
        days = np.flatnonzero(~np.isnan(values))
        if len(days):
            first, last = spans.get(area, (days[0], days[-1]))
            spans[area] = int(min(first, days[0])), int(max(last, days[-1]))
    return spans


def _contain(one: Path, other: Path) -> bool:
    """Whether one name stands in the other; a single letter stands in too many."""
    first, second = (plain(each[0]) if each else "" for each in (one, other))
    short, long = sorted((first, second), key=len)
    return len(short) >= 2 and short != long and short in long


def _changing(spans: dict[Path, tuple[int, int]]) -> tuple[set[Path], set[Path]]:
    """(the areas that stop before the source does, those that start after it did)."""
    first_day = min(first for first, _ in spans.values())
    last_day = max(last for _, last in spans.values())
    stops = {area for area, (_, last) in spans.items() if last < last_day}
    return stops, {area for area, (first, _) in spans.items() if first > first_day}
