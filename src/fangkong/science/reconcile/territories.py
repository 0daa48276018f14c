"""Figures of one source that are sums of the other's areas or measures: a name used for a larger territory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from .findings import DayDifference, Finding, Where
from .regrouping import Grouping, find_grouping
from .series import Array, Column, Path, Series, nansum, plain, shown
from .settings import Settings

_MOST_TOGETHER = 6


def grouped(
    coarse: Series,
    fine: Series,
    targets: Sequence[Column],
    where: Where,
    measures: dict[Path, Path],
    choices: Settings,
) -> Iterator[tuple[Column | None, Finding]]:
    """(the target, the finding) for each target of the coarser source that parts of the finer one add up to.

    ``targets`` are columns without a counterpart, or that differ from it on most days; where several stand in one
    area, their sum is tried too (None in place of the target). ``measures`` are the finer source's names of measures.
    """
    largest = sorted(targets, key=lambda each: -float(np.nansum(coarse.columns[each])))[: choices.max_targets]
    tried: list[tuple[Column | None, Column, Array]] = [
        (each, each, coarse.columns[each]) for each in largest
    ]
    areas = {area for area, _ in targets}
    if 2 <= len(targets) <= _MOST_TOGETHER and len(areas) == 1:
        together = ("+".join(shown(measure) for _, measure in targets),)
        tried.append((None, (next(iter(areas)), together), nansum(coarse.columns[each] for each in targets)))
    for target, column, values in tried:
        found = _best(values, fine, measures.get(column[1]), choices)
        if found is not None:
            names, stack, measure, grouping = found
            yield target, _finding(column, values, names, stack, measure, grouping, coarse, where)


def _best(
    values: Array, fine: Series, measure: Path | None, choices: Settings
) -> tuple[list[Path], Array, Path | None, Grouping] | None:
    """The grouping that agrees on most days, with fewest parts: areas of one measure, or measures of one area."""
    ways: list[tuple[list[Path], Array, Path | None]] = []
    leaves = [
        area for area in fine.areas if not any(area == other[: len(area)] != other for other in fine.areas)
    ]
    if len(leaves) > 1:
        wanted = fine.measures if measure is None else [measure]
        for each in wanted:
            names = [area for area in leaves if (area, each) in fine.columns]
            if len(names) > 1:
                ways.append((names, np.stack([fine.columns[area, each] for area in names]), each))
    elif leaves:
        names = [
            each
            for each in fine.measures
            if (leaves[0], each) in fine.columns and len(each) == fine.dimensions
        ]
        if len(names) > 1:
            ways.append((names, np.stack([fine.columns[leaves[0], each] for each in names]), None))
    best: tuple[list[Path], Array, Path | None, Grouping] | None = None
    for names, stack, of in ways:
        grouping = find_grouping(values, stack, choices)
        if grouping is not None and (best is None or _rank(grouping) > _rank(best[3])):
            best = names, stack, of, grouping
    return best


def _rank(grouping: Grouping) -> tuple[int, int]:
    return len(grouping.agreeing), -len(grouping.parts)


def _finding(
    column: Column, values: Array, names: list[Path], stack: Array, measure: Path | None, grouping: Grouping,
    coarse: Series, where: Where,
) -> Finding:  # fmt: skip
    area, own_measure = column
    total = np.nan_to_num(stack[list(grouping.parts)]).sum(axis=0)
    shares = np.nan_to_num(stack[list(grouping.parts)])[:, grouping.agreeing].sum(axis=1)
    order = np.argsort(-shares)
    parts = [shown(names[grouping.parts[at]]) for at in order]
    target_name = plain((area or own_measure)[-1])
    same = [part for part in parts if plain(part.split("/")[-1]) == target_name]
    bad = np.setdiff1d(grouping.compared, grouping.agreeing)
    evidence = {
        "parts": parts,
        "parts_are": "areas" if measure is not None else "measures",
        "measure_of_parts": shown(measure) if measure is not None else "",
        "undecided_parts": [shown(names[at]) for at in grouping.undecided],
        "whole": len(grouping.parts) + len(grouping.undecided) == len(names),
        "days_agreeing": len(grouping.agreeing),
        "days_compared": len(grouping.compared),
        "log10_chance": round(grouping.log10_chance, 1),
        "largest_part": parts[0],
        "largest_share": round(float(shares[order[0]] / max(shares.sum(), 1.0)), 4),
        "same_name": same[0] if same else "",
    }
    # The days on which they do not add up stand as a's figure and b's, whichever of the two is the sum.
    days = tuple(
        DayDifference(
            coarse.day(at),
            float(values[at] if where == "a" else total[at]),
            float(total[at] if where == "a" else values[at]),
            coarse.day(at),
        )
        for at in bad
    )
    first, last = coarse.day(grouping.agreeing[0]), coarse.day(grouping.agreeing[-1])
    kind = "renamed" if len(parts) == 1 else "regrouped"
    if kind == "renamed":
        evidence |= {"old_name": shown(area) or shown(own_measure), "new_name": parts[0], "by": "figures"}
    return Finding(
        kind, where, shown(area), shown(own_measure), first, last, float(len(parts)), "high", evidence, days
    )
