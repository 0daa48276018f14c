"""Pairs of columns compared day by day: shifts, then what differs once the shift is allowed for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .agreement import Flags, agrees, both, moved
from .differences import explain
from .findings import Confidence, DayDifference, Finding, Where
from .series import Array, Column, Path, Series, nansum, shown
from .settings import Settings
from .shapes import step_sizes
from .shifts import Lags, aligned, lag_paths, runs_of


@dataclass(frozen=True, slots=True)
class Pair:
    """Two columns that should be the same figures; ``sums`` when one of them is the sum of its areas' parts.

    ``within`` names the source when both columns come from one. ``as_steps`` names the source of which the steps are
    compared, because it gives running totals and the other does not.
    """

    column: Column
    other: Column
    x: Array
    y: Array
    sums: bool
    within: Where | None = None
    as_steps: Where | None = None


def pairs_between(
    a: Series, b: Series, areas: dict[Path, Path], measures: dict[Path, Path], choices: Settings
) -> list[Pair]:
    """The columns of A and B that go together; sums of sums are left out, for their parts are compared."""
    own_a, own_b = set(a.areas), set(b.areas)
    found = []
    for measure, other_measure in measures.items():
        if len(measure) < a.dimensions and len(other_measure) < b.dimensions:
            continue
        for area, other_area in areas.items():
            x, y = a.columns.get((area, measure)), b.columns.get((other_area, other_measure))
            if x is None or y is None or (area not in own_a and other_area not in own_b):
                continue
            sums = area not in own_a or other_area not in own_b
            found.append(
                _in_one_form(Pair((area, measure), (other_area, other_measure), x, y, sums), choices)
            )
    return found


def pairs_within(series: Series, where: Where) -> list[Pair]:
    """The columns of wider areas that a source gives itself, each with the sum of its innermost areas."""
    areas = series.areas
    # Some levels have no figure of their own (a province whose districts lie in a city that publishes none).
    levels = {area[:length] for area in areas for length in range(len(area))}
    wider = levels & set(areas)
    found = []
    for column, values in series.columns.items():
        area, measure = column
        if area in wider and column not in series.summed:
            parts = [
                each
                for (inner, named), each in series.columns.items()
                if named == measure
                and len(inner) > len(area)
                and inner[: len(area)] == area
                and inner not in levels
            ]
            if parts:
                found.append(Pair(column, column, values, nansum(parts), True, within=where))
    return found


def shift_paths(pairs: Sequence[Pair], choices: Settings) -> Lags:
    """The lag of each day of each pair between two sources; see ``shifts.lag_paths``."""
    if not pairs:
        return np.zeros((0, 0), dtype=np.int64)
    return lag_paths(np.stack([pair.x for pair in pairs]), np.stack([pair.y for pair in pairs]), choices)


def shift_findings(pair: Pair, path: Lags, series: Series, choices: Settings) -> Iterator[Finding]:
    """One finding for each lag of a pair, however many stretches it has; days are those of the source behind."""
    for lag in dict.fromkeys(lag for lag, _, _ in runs_of(path)):
        late, early, where = (pair.y, pair.x, "b") if lag > 0 else (pair.x, pair.y, "a")
        days = abs(lag)
        behind = np.full_like(early, np.nan)
        behind[days:] = early[:-days]
        stretch = np.zeros(len(path), dtype=bool)
        for each, first, last in runs_of(path):
            if each == lag:
                stretch[max(first + min(lag, 0), 0) : last + max(lag, 0) + 1] = True
        told = moved(late)
        shifted = stretch & agrees(behind, late, choices)
        unshifted = agrees(early, late, choices)
        only_shifted = np.flatnonzero(shifted & both(early, late) & ~unshifted)
        if not len(only_shifted):
            continue
        first, last = int(only_shifted[0]), int(only_shifted[-1])
        # A running total that falls behind first stands still: those days belong to the shift.
        while first > 0 and late[first - 1] == late[first] and not unshifted[first - 1]:
            first -= 1
        inside = slice(first, last + 1)
        tried = int((told & both(behind, late))[inside].sum())
        agreeing = int((told & shifted)[inside].sum())
        after = int((told & unshifted)[last + 1 :].sum())
        evidence: dict[str, Any] = {
            "lag_days": days,
            "moving_days": tried,
            "agreeing_shifted": agreeing,
            "agreeing_unshifted": int((told & unshifted)[inside].sum()),
            "days_agreeing_before": int(unshifted[:first].sum()),
            "days_before": int(both(early, late)[:first].sum()),
        }
        if after >= choices.min_agreeing_days:
            evidence["back_on"] = series.day(last + 1).isoformat()
        sure: Confidence = "medium"
        if agreeing >= 2 * choices.min_agreeing_days and agreeing >= 0.8 * tried:
            sure = "high"
        elif agreeing < choices.min_agreeing_days or agreeing < choices.min_agreeing_share * tried:
            sure = "low"
        area, measure = pair.other if where == "b" else pair.column
        side: Where = "b" if where == "b" else "a"
        yield Finding(
            "shifted", side, shown(area), shown(measure), series.day(first), series.day(last), float(days), sure,
            evidence,
        )  # fmt: skip


def difference_findings(
    pair: Pair,
    path: Lags | None,
    series: Series,
    *,
    cumulative: bool,
    uncoded: Sequence[str],
    choices: Settings,
) -> Iterator[Finding]:
    """What differs in a pair once the shift is allowed for."""
    y, at = aligned(pair.y, path) if path is not None else (pair.y, np.arange(len(pair.y)))
    if path is not None:
        y = np.where(_told_late(pair, path, choices), np.nan, y)
    causes = explain(pair.x, y, cumulative=cumulative and pair.as_steps is None, choices=choices)
    if pair.sums:
        # Parts that are missing come and go; a lasting difference of a sum is no statement about the whole.
        causes = explain(
            pair.x, y, cumulative=cumulative, choices=replace(choices, min_agreeing_days=len(y) + 1)
        )
    for cause in causes:
        kind = "sum_differs" if pair.sums and cause.kind == "differs" else cause.kind
        evidence = dict(cause.evidence)
        if kind == "sum_differs":
            evidence["names_without_code"] = list(uncoded)
        if pair.as_steps is not None:
            evidence["steps_of"] = pair.as_steps
        where: Where = pair.within or cause.where
        days = tuple(
            DayDifference(series.day(day), float(pair.x[day]), float(y[day]), series.day(at[day]))
            for day in cause.days
        )
        first = series.day(cause.days[0])
        last = first if kind == "definition_change" else series.day(cause.days[-1])
        if kind == "revision" and cause.evidence["stays"]:
            last = first
        area, measure = pair.column
        yield Finding(
            kind, where, shown(area), shown(measure), first, last, cause.size, "high", evidence, days
        )


def _told_late(pair: Pair, path: Lags, choices: Settings) -> Flags:
    """Days at the edges of a shift whose own figure was never told, because the other day's stood in its place."""
    told_late = np.zeros(len(path), dtype=bool)
    for lag, first, last in runs_of(path):
        early, late = (pair.x, pair.y) if lag > 0 else (pair.y, pair.x)
        edges = slice(max(first - abs(lag), 0), last + abs(lag) + 1)
        other_day = agrees(np.concatenate((np.full(abs(lag), np.nan), early[: -abs(lag)])), late, choices)
        still = np.concatenate(([False], late[1:] == late[:-1]))
        told_late[edges] |= ((other_day | still) & (path == 0))[edges]
    return told_late


def _in_one_form(pair: Pair, choices: Settings) -> Pair:
    """The pair with steps in place of running totals, where only so the two agree."""
    plain_days = int((moved(pair.x) & agrees(pair.x, pair.y, choices)).sum())
    for where, x, y in (
        ("a", step_sizes(pair.x, cumulative=True), pair.y),
        ("b", pair.x, step_sizes(pair.y, cumulative=True)),
    ):
        told = (moved(x) | moved(y)) & both(x, y)
        agreeing = int((told & agrees(x, y, choices)).sum())
        enough = agreeing >= choices.min_agreeing_days and agreeing >= choices.min_agreeing_share * told.sum()
        if enough and agreeing > 2 * plain_days:
            side: Where = "a" if where == "a" else "b"
            return replace(pair, x=x, y=y, as_steps=side)
    return pair
