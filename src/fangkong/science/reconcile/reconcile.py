"""Two sources compared: everything found, in the order in which a reader needs it, and which of them to read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Literal

import numpy as np

from . import shapes
from .agreement import agrees, both
from .comparing import (
    Pair,
    difference_findings,
    pairs_between,
    pairs_within,
    shift_findings,
    shift_paths,
)
from .findings import KINDS, Finding, Report, Where
from .jumps import jumps
from .names import all_renamed, name_findings, new_names
from .pairing import Pairing, SameFigures, pair
from .series import Column, Path, Series, shown
from .settings import Settings
from .settings import settings as settings_of_file
from .territories import grouped


def reconcile(
    a: Series,
    b: Series,
    *,
    tolerance: float | None = None,
    relative_tolerance: float | None = None,
    settings: Settings | None = None,
) -> Report:
    """What two sources of the same figures disagree on, and what explains it.

    ``tolerance`` (persons) and ``relative_tolerance`` (share of the larger figure) say when two figures agree; None
    takes them from ``settings``, and these, when None, from ``settings.toml``. Nothing is told about areas, measures,
    days or breaks: all of it is found from names and figures. A source of higher rank is the one to read.

    Source: sums by meeting in the middle after Horowitz & Sahni (1974), lags by a shortest path (Viterbi 1967).
    """
    choices = settings or settings_of_file()
    if tolerance is not None:
        choices = replace(choices, absolute_tolerance=tolerance)
    if relative_tolerance is not None:
        choices = replace(choices, relative_tolerance=relative_tolerance)
    alone = [*_alone(a, "a", b, choices), *_alone(b, "b", a, choices)]
    a, b = _on_one_axis(_under_new_names(a), _under_new_names(b))
    totals = shapes.cumulative_measures(a, choices)
    pairing = pair(a, b, choices)
    between = pairs_between(a, b, pairing.areas, pairing.measures, choices)
    paths = shift_paths(between, choices)
    mismatched = [
        _mostly_differs(each, choices) and not path.any() for each, path in zip(between, paths, strict=True)
    ]
    sums = list(_sums(a, b, between, mismatched, pairing, choices))
    explained = {column for columns, _ in sums for column in columns}
    found = [*alone, *(finding for _, finding in sums), *_same_figures(a, pairing)]
    for each, path in zip(between, paths, strict=True):
        found += shift_findings(each, path, a, choices)
        if each.column not in explained and each.other not in explained:
            found += difference_findings(
                each,
                path,
                a,
                cumulative=totals[each.column[1]],
                uncoded=_uncoded(each, a, b),
                choices=choices,
            )
    for series, where in ((a, "a"), (b, "b")):
        side: Where = "a" if where == "a" else "b"
        for each in pairs_within(series, side):
            found += difference_findings(
                each, None, series, cumulative=False, uncoded=_uncoded(each, series, series), choices=choices
            )
    found += _only_in(a, b, pairing, explained)
    found = _told_once(found)
    groupings = [finding for _, finding in sums]
    agreeing = sum(int(agrees(each.x, each.y, choices).sum()) for each in between)
    agreeing += sum(each.evidence["days_agreeing"] for each in groupings)
    compared = sum(int(both(each.x, each.y).sum()) for each in between)
    compared += sum(each.evidence["days_compared"] for each in groupings)
    read, reason = _which_to_read(a, b, found, choices)
    return Report(
        a=a.name,
        b=b.name,
        rank_a=a.rank,
        rank_b=b.rank,
        top_a=a.top_name,
        top_b=b.top_name,
        series_compared=len(between) + len(groupings),
        days_compared=compared,
        days_agreeing=agreeing,
        read=read,
        reason=reason,
        findings=tuple(sorted(found, key=_order)),
    )


def _alone(series: Series, where: Where, other: Series, choices: Settings) -> Iterator[Finding]:
    """What a source shows by itself; steps and jumps are looked for under one name for each area."""
    names = new_names(series)
    yield from name_findings(series, names, where, choices)
    changed = list(all_renamed(series, names, where, choices))
    yield from changed
    yield from shapes.silent_days(series, where, _reports(other, series))
    yield from shapes.column_gaps(series, where)
    gone = {shown(each.old) for each in names} | {
        old for each in changed for old in each.evidence["old_names"]
    }
    yield from shapes.area_gaps(series, where, gone | {shown(each.new) for each in names})
    yield from shapes.repeated(series, where)
    yield from shapes.uncoded(series, where)
    known = _under_new_names(series)
    totals = shapes.cumulative_measures(known, choices)
    yield from shapes.negative_steps(known, totals, where)
    yield from jumps(known, totals, where, choices)


def _reports(other: Series, series: Series) -> np.ndarray:
    """For each day of ``series`` whether the other source has a figure."""
    first = min(series.first_on, other.first_on)
    last = max(_last_on(series), _last_on(other))
    long = other.on_axis(first, (last - first).days + 1).reported()
    start = (series.first_on - first).days
    days: np.ndarray = long[start : start + series.day_count]
    return days


def _under_new_names(series: Series) -> Series:
    """One column for an area that changed its name."""
    names = {each.old: each.new for each in new_names(series)}
    return series.with_names(names) if names else series


def _last_on(series: Series) -> date:
    return series.first_on + timedelta(days=series.day_count - 1)


def _on_one_axis(a: Series, b: Series) -> tuple[Series, Series]:
    first = min(a.first_on, b.first_on)
    days = (max(_last_on(a), _last_on(b)) - first).days + 1
    return a.on_axis(first, days), b.on_axis(first, days)


def _mostly_differs(each: Pair, choices: Settings) -> bool:
    there = int(both(each.x, each.y).sum())
    return there > 0 and int(agrees(each.x, each.y, choices).sum()) < choices.min_agreeing_share * there


def _sums(
    a: Series, b: Series, between: list[Pair], mismatched: list[bool], pairing: Pairing, choices: Settings
) -> Iterator[tuple[list[Column], Finding]]:
    """(the columns that it explains, the finding) for figures of the coarser source that are sums in the finer."""
    own = [len(set(series.columns) - series.summed) for series in (a, b)]
    sides: list[tuple[Series, Series, Where, dict[Path, Path]]] = [
        (a, b, "a", pairing.measures),
        (b, a, "b", {other: measure for measure, other in pairing.measures.items()}),
    ]
    for coarse, fine, where, measures in sides if own[0] <= own[1] else sides[::-1]:
        paired = {each.column if where == "a" else each.other for each in between}
        differing = {
            each.column if where == "a" else each.other
            for each, differs in zip(between, mismatched, strict=True)
            if differs and not each.sums
        }
        finer = len(fine.areas) > len(coarse.areas) or len(fine.areas) == 1
        free = {column for column in coarse.columns if column not in paired} if finer else set()
        targets = [
            column for column in coarse.columns if column in differing | free and column not in coarse.summed
        ]
        for column, finding in grouped(coarse, fine, targets, where, measures, choices):
            summed = finding.evidence["measure_of_parts"]
            of_measures = finding.evidence["parts_are"] == "measures"
            parts = [
                each
                for each in fine.columns
                if (
                    shown(each[1]) in finding.evidence["parts"]
                    if of_measures
                    else not summed or summed in each[1]
                )
            ]
            yield [*([column] if column is not None else targets), *parts], finding


def _same_figures(a: Series, pairing: Pairing) -> Iterator[Finding]:
    """The areas and measures that were found by their figures under another name."""
    named: list[tuple[SameFigures, bool]] = [(each, True) for each in pairing.areas_by_figures]
    named += [(each, False) for each in pairing.measures_by_figures]
    for each, is_area in named:
        evidence = {
            "old_name": shown(each.a),
            "new_name": shown(each.b),
            "agreeing": each.agreeing,
            "compared": each.compared,
            "log10_chance": round(each.log10_chance, 1),
            "by": "figures",
        }
        sure: Literal["high", "medium"] = "high" if each.agreeing >= 0.8 * each.compared else "medium"
        yield Finding(
            "renamed", "both", shown(each.a) if is_area else "", "" if is_area else shown(each.a),
            a.day(each.first), a.day(each.last), None, sure, evidence,
        )  # fmt: skip


def _uncoded(each: Pair, a: Series, b: Series) -> list[str]:
    """The names without a code among the parts of a sum, on any day."""
    names = []
    for series, (area, _) in ((a, each.column), (b, each.other)):
        if series.has_codes:
            names += [
                shown(inner)
                for inner in series.codeless
                if len(inner) > len(area) and inner[: len(area)] == area
            ]
    return list(dict.fromkeys(names))


def _only_in(a: Series, b: Series, pairing: Pairing, explained: set[Column]) -> Iterator[Finding]:
    """Areas and measures of one source that the other does not have; parts finer than the other goes are no lack."""
    backward = {other: area for area, other in pairing.areas.items()}
    sides: list[tuple[Series, Series, Where, dict[Path, Path], set[Path]]] = [
        (a, b, "a", pairing.areas, set(pairing.measures)),
        (b, a, "b", backward, set(pairing.measures.values())),
    ]
    for series, other, where, areas, measures in sides:
        seen = {
            column for column in series.columns if column not in series.summed and column not in explained
        }
        has_parts = {area[:length] for area in other.areas for length in range(len(area))}
        lonely = [
            area
            for area in dict.fromkeys(area for area, _ in seen)
            if area not in areas and _widest(area, areas) in has_parts
        ]
        missing = [
            measure
            for measure in dict.fromkeys(measure for _, measure in seen)
            if measure not in measures and not any(part in measures for part in ((each,) for each in measure))
        ]
        first, last = series.first_on, _last_on(series)
        for names, what in ((lonely, "areas"), (missing, "measures")):
            if names:
                evidence = {"what": what, "names": [shown(name) for name in names]}
                yield Finding("only_in", where, "", "", first, last, float(len(names)), "high", evidence)


def _widest(area: Path, areas: dict[Path, Path]) -> Path | None:
    """What the nearest wider area with a counterpart is called in the other source; None without one."""
    for length in range(len(area) - 1, -1, -1):
        if area[:length] in areas:
            return areas[area[:length]]
    return None


def _told_once(found: list[Finding]) -> list[Finding]:
    """Without the jumps that the comparison explains: what only one source has, is not judged by itself as well."""
    compared = {
        (each.where, each.area, each.measure, each.first_on)
        for each in found
        if each.kind in ("revision", "definition_change") and each.days
    }
    return [
        each
        for each in found
        if each.kind not in ("revision", "definition_change")
        or each.days
        or (each.where, each.area, each.measure, each.first_on) not in compared
    ]


def _which_to_read(
    a: Series, b: Series, found: list[Finding], choices: Settings
) -> tuple[Literal["a", "b", "either"], str]:
    """The source of higher rank; of equal ones the one not behind, then with fewer silent days, then steps down."""
    ranks = choices.ranks[a.rank], choices.ranks[b.rank]
    faults = Counter((each.kind, each.where) for each in found)
    for each in found:
        if each.kind == "missing_days":
            faults["silent", each.where] += each.evidence["other_source_reports"]
    tests = [
        ("rank", -ranks[0], -ranks[1]),
        ("behind", faults["shifted", "a"], faults["shifted", "b"]),
        ("days", faults["silent", "a"], faults["silent", "b"]),
        ("steps", faults["negative_step", "a"], faults["negative_step", "b"]),
    ]
    for reason, of_a, of_b in tests:
        if of_a != of_b:
            return ("a" if of_a < of_b else "b"), reason
    return "either", "equal"


def _order(finding: Finding) -> tuple[int, int, float, str, str, str]:
    sure = ("high", "medium", "low").index(finding.confidence)
    size = -abs(finding.size or 0.0) - finding.evidence.get("agreeing_shifted", 0)
    return KINDS.index(finding.kind), sure, size, finding.area, finding.measure, str(finding.first_on)
