"""Which column of one source is which of the other: by name, by code, by place, and by the figures themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from math import log10

import numpy as np

from .agreement import agrees, both, log10_hits, moved
from .series import Array, Path, Series, plain
from .settings import Settings


@dataclass(frozen=True, slots=True)
class SameFigures:
    """Two names with the same figures: how many moving days agree, of how many; the odds of chance."""

    a: Path
    b: Path
    agreeing: int
    compared: int
    first: int
    last: int
    log10_chance: float


@dataclass
class Pairing:
    """Areas and measures of A -> those of B, and which of these pairs were found by their figures."""

    areas: dict[Path, Path]
    measures: dict[Path, Path]
    areas_by_figures: list[SameFigures] = field(default_factory=list)
    measures_by_figures: list[SameFigures] = field(default_factory=list)


def pair(a: Series, b: Series, choices: Settings) -> Pairing:
    """The pairing of two sources on one axis of days."""
    pairing = Pairing(_areas_by_name(a, b), _by_key(_measures(a), _measures(b), _plain_path))
    if not pairing.areas:
        top_a, top_b = _only_area(a), _only_area(b)
        if top_a is not None and top_b is not None and pairing.measures:
            pairing.areas[top_a] = top_b
    free_a, free_b = _unpaired(a.areas, b.areas, pairing.areas)
    if pairing.measures:
        # An area finer than anything in the other source has no counterpart to look for.
        rows_a, rows_b = list(pairing.measures), list(pairing.measures.values())
        found = _same_figures(
            [(area, _stack(a, [(area, each) for each in rows_a])) for area in free_a],
            [(area, _stack(b, [(area, each) for each in rows_b])) for area in free_b],
            choices,
        )
        pairing.areas_by_figures = found
        pairing.areas.update({each.a: each.b for each in found})
    free_a, free_b = _unpaired(_measures(a), _measures(b), pairing.measures)
    if pairing.areas:
        areas_a, areas_b = list(pairing.areas), list(pairing.areas.values())
        found = _same_figures(
            [(measure, _stack(a, [(area, measure) for area in areas_a])) for measure in free_a],
            [(measure, _stack(b, [(area, measure) for area in areas_b])) for measure in free_b],
            choices,
        )
        pairing.measures_by_figures = found
        pairing.measures.update({each.a: each.b for each in found})
    return pairing


def _measures(series: Series) -> list[Path]:
    return [measure for measure in series.measures if measure]


def _plain_path(path: Path) -> Path:
    return tuple(plain(part) for part in path)


def _areas_by_name(a: Series, b: Series) -> dict[Path, Path]:
    """By the whole path, then by code, then by a last name that each source has once; the tops go together."""
    all_a, all_b = (
        list(dict.fromkeys(area for area, _ in a.columns)),
        list(dict.fromkeys(area for area, _ in b.columns)),
    )
    paired = _by_key(all_a, all_b, _plain_path)
    keys: list[tuple[Callable[[Path], object], Callable[[Path], object]]] = [
        (lambda area: a.codes.get(area) or None, lambda area: b.codes.get(area) or None),
        (
            lambda area: plain((area or (a.top_name,))[-1]) or None,
            lambda area: plain((area or (b.top_name,))[-1]) or None,
        ),
    ]
    for key_a, key_b in keys:
        free_a, free_b = _unpaired(all_a, all_b, paired)
        paired.update(_by_key(free_a, free_b, key_a, key_b))
    return paired


def _by_key(
    a: Iterable[Path], b: Iterable[Path], key_a: Callable[[Path], object],
    key_b: Callable[[Path], object] | None = None,
) -> dict[Path, Path]:  # fmt: skip
    """Pairs with the same key, where each side has the key once."""
    sides: list[dict[object, list[Path]]] = [defaultdict(list), defaultdict(list)]
    for side, paths, key in ((sides[0], a, key_a), (sides[1], b, key_b or key_a)):
        for path in paths:
            side[key(path)].append(path)
    return {
        paths[0]: sides[1][key][0]
        for key, paths in sides[0].items()
        if key is not None and len(paths) == 1 and len(sides[1].get(key, ())) == 1
    }


def _unpaired(
    a: Sequence[Path], b: Sequence[Path], paired: dict[Path, Path]
) -> tuple[list[Path], list[Path]]:
    taken = set(paired.values())
    return [each for each in a if each not in paired], [each for each in b if each not in taken]


def _only_area(series: Series) -> Path | None:
    areas = series.areas
    return areas[0] if len(areas) == 1 and not areas[0] else None


def _stack(series: Series, columns: Sequence[tuple[Path, Path]]) -> Array:
    """The columns as rows, NaN where the source has none."""
    silent = np.full(series.day_count, np.nan)
    return np.stack([series.columns.get(column, silent) for column in columns])


def _same_figures(
    a: Sequence[tuple[Path, Array]], b: Sequence[tuple[Path, Array]], choices: Settings
) -> list[SameFigures]:
    """The pairs that agree on most moving days, more than chance allows, each the other's best."""
    if not a or not b:
        return []
    stacked = np.stack([rows for _, rows in b])
    with np.errstate(invalid="ignore"):
        known = np.maximum((~np.isnan(stacked)).sum(axis=0), 1)
        mean = np.nansum(stacked, axis=0) / known
        spread = np.sqrt(np.nansum((stacked - mean) ** 2, axis=0) / known)
    hits = log10_hits(spread, mean)
    best: list[SameFigures] = []
    for name, rows in a:
        told = moved(rows)
        if told.sum() < choices.min_agreeing_days:
            continue
        equal = agrees(rows[None], stacked, choices) & told[None]
        tried = both(rows[None], stacked) & told[None]
        counts = equal.sum(axis=(1, 2))
        at = int(counts.argmax())
        runner_up = int(np.delete(counts, at).max(initial=0))
        agreeing, compared = int(counts[at]), int(tried[at].sum())
        chance = log10(len(b)) + float(hits[equal[at]].sum())
        # Inside a shift fewer days agree; then no other name may come near.
        mostly = agreeing >= choices.min_agreeing_share * compared or (
            agreeing >= choices.min_lead * max(runner_up, choices.min_agreeing_days)
            and agreeing >= choices.min_share_of_leader * compared
        )
        if agreeing >= choices.min_agreeing_days and mostly and chance <= choices.max_log10_chance:
            days = np.flatnonzero(equal[at].any(axis=0))
            best.append(SameFigures(name, b[at][0], agreeing, compared, int(days[0]), int(days[-1]), chance))
    best.sort(key=lambda each: -each.agreeing)
    kept: dict[Path, SameFigures] = {}
    for each in best:
        kept.setdefault(each.b, each)
    return list(kept.values())
