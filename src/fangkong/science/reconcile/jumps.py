"""One-day jumps in one source: a changed definition, or a revision of what was reported before.

Both put into one day what did not happen on it. A changed definition comes while the measure is moving, in one measure
alone, and shifts every ratio to the measures beside it. A revision comes out of a quiet series, and moves other
measures of the same area on the same day. A jump that is neither may be a real surge: it is left to the alarms.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .findings import Confidence, Finding, Where
from .series import Array, Path, Series, shown
from .settings import Settings
from .shapes import step_sizes

_MIN_NEIGHBOURS = 3


def jumps(series: Series, cumulative: dict[Path, bool], where: Where, choices: Settings) -> Iterator[Finding]:
    """The definition changes and revisions that stand out in a source's running totals."""
    columns = [column for column in series.columns if column not in series.summed and cumulative[column[1]]]
    if not columns or series.day_count <= 2 * _MIN_NEIGHBOURS:
        return
    levels = np.stack([series.columns[column] for column in columns])
    steps = np.stack([step_sizes(row, cumulative=True) for row in levels])
    up, quiet = _outliers(steps, choices)
    down, _ = _outliers(-steps, choices)
    at_once: dict[tuple[Path, int], list[int]] = defaultdict(list)
    for row, day in zip(*np.nonzero(up | down), strict=True):
        at_once[columns[row][0], int(day)].append(int(row))
    rows_of: dict[Path, list[int]] = defaultdict(list)
    for row, (area, _) in enumerate(columns):
        rows_of[area].append(row)
    for (area, day), rows in at_once.items():
        for row in rows:
            if not up[row, day]:
                continue
            others = [other for other in rows if other != row]
            beside = [other for other in rows_of[area] if other not in rows]
            before, after = float(levels[row, day - 1]), float(levels[row, day])
            evidence: dict[str, Any] = {
                "before": before,
                "after": after,
                "usual_step": float(np.nanmax(_around(steps[row], day, choices.jump_days_around))),
            }
            deviations = (steps[row, day] - evidence["usual_step"]) / np.sqrt(evidence["usual_step"] + 1)
            if quiet[row, day] and others:
                evidence |= {"together": [shown(columns[other][1]) for other in others]}
                size = float(steps[row, day])
                yield _finding("revision", where, series, columns[row], day, size, "high", evidence)
            elif (
                (not quiet[row, day] or evidence["usual_step"] >= choices.min_jump)
                and not others
                and after - before >= choices.min_level_change * before
            ):
                ratios = _ratios(levels, row, beside, day, columns)
                if ratios:
                    size = float(steps[row, day])
                    elsewhere = [
                        shown(columns[other][0])
                        for other in np.flatnonzero(up[:, day])
                        if other != row and columns[other][1] == columns[row][1]
                    ]
                    evidence |= ratios | {"same_day_elsewhere": elsewhere}
                    sure: Confidence = "medium" if elsewhere else "low"
                    if deviations >= choices.sure_jump_deviations:
                        sure = "high"
                    yield _finding(
                        "definition_change", where, series, columns[row], day, size, sure, evidence
                    )


def _outliers(steps: Array, choices: Settings) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """(which steps stand out from the days around, which of them come out of a quiet series)."""
    width = choices.jump_days_around
    days = steps.shape[1]
    padded = np.pad(np.abs(steps), ((0, 0), (width, width)), constant_values=np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(padded, width, axis=1)
    before, after = windows[:, :days], windows[:, width + 1 : width + 1 + days]
    known = np.minimum((~np.isnan(before)).sum(axis=2), (~np.isnan(after)).sum(axis=2)) >= _MIN_NEIGHBOURS
    largest = np.maximum(np.nan_to_num(before).max(axis=2), np.nan_to_num(after).max(axis=2))
    with np.errstate(invalid="ignore"):
        out = (
            known
            & (steps >= choices.min_jump)
            & (steps >= choices.min_jump_ratio * largest)
            & (steps - largest >= choices.min_jump_deviations * np.sqrt(largest + 1))
        )
        around = np.minimum(np.nansum(before, axis=2), np.nansum(after, axis=2))
        quiet = out & (steps >= choices.quiet_ratio * around)
    return out, quiet


def _around(steps: Array, day: int, width: int) -> Array:
    return np.abs(np.concatenate((steps[max(0, day - width) : day], steps[day + 1 : day + 1 + width])))


def _ratios(
    levels: Array, row: int, beside: list[int], day: int, columns: list[tuple[Path, Path]]
) -> dict[str, object] | None:
    """The ratio to the largest measure beside it the day before and after; None where there is none to compare with."""
    known = [other for other in beside if levels[other, day - 1] > 0 and levels[other, day] > 0]
    if not known:
        return None
    other = max(known, key=lambda each: levels[each, day])
    return {
        "ratio_to": shown(columns[other][1]),
        "ratio_before": round(float(levels[row, day - 1] / levels[other, day - 1]), 4),
        "ratio_after": round(float(levels[row, day] / levels[other, day]), 4),
    }


def _finding(
    kind: str, where: Where, series: Series, column: tuple[Path, Path], day: int, size: float,
    confidence: Confidence, evidence: dict[str, object],
) -> Finding:  # fmt: skip
    area, measure = column
    on = series.day(day)
    return Finding(kind, where, shown(area), shown(measure), on, on, size, confidence, evidence)
