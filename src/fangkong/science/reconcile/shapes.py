"""What one source shows by itself: running totals, steps down, silent days, columns and areas that come and go."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from .findings import Finding, Where
from .series import Array, Path, Series, plain, shown
from .settings import Settings

Days = NDArray[np.bool_]


def cumulative_measures(series: Series, choices: Settings) -> dict[Path, bool]:
    """Measure -> whether its columns are running totals, as declared or as their steps show.

    All areas are taken together: one town's figures of one week may rise by accident, a measure's do not.
    """
    found: dict[Path, bool] = {}
    for measure in series.measures:
        declared = series.cumulative.get((plain(measure[0]),)) if measure else None
        if declared is not None:
            found[measure] = declared
            continue
        up = down = 0
        for area in series.areas:
            values = series.columns.get((area, measure))
            if values is not None:
                steps = np.diff(values[~np.isnan(values)])
                up, down = up + int((steps > 0).sum()), down + int((steps < 0).sum())
        total = up + down
        found[measure] = total >= choices.min_steps and down <= choices.max_negative_share * total
    return found


def negative_steps(series: Series, cumulative: dict[Path, bool], where: Where) -> Iterator[Finding]:
    """Each step down of a running total, with the figures before and after."""
    for (area, measure), values in series.columns.items():
        if (area, measure) in series.summed or not cumulative[measure]:
            continue
        days = np.flatnonzero(~np.isnan(values))
        steps = np.diff(values[days])
        for at in np.flatnonzero(steps < 0):
            day = series.day(days[at + 1])
            before, after = float(values[days[at]]), float(values[days[at + 1]])
            lost = sum(step < 0 for step in steps)
            evidence = {
                "before": before,
                "after": after,
                "steps_up": int((steps > 0).sum()),
                "steps_down": int(lost),
                "previous_day": series.day(days[at]).isoformat(),
            }
            yield Finding(
                "negative_step",
                where,
                shown(area),
                shown(measure),
                day,
                day,
                float(steps[at]),
                "high",
                evidence,
            )


def silent_days(series: Series, where: Where, others: Days) -> Iterator[Finding]:
    """Runs of days between the source's first and last on which it says nothing at all."""
    reported = series.reported()
    for first, last in _runs(~reported & _inside(reported)):
        evidence = {"other_source_reports": int(others[first : last + 1].sum())}
        yield Finding(
            "missing_days", where, "", "", series.day(first), series.day(last), float(last - first + 1), "high",
            evidence,
        )  # fmt: skip


def column_gaps(series: Series, where: Where) -> Iterator[Finding]:
    """Measures and categories that are there on some of the source's days only, once each with all stretches."""
    reported = series.reported()
    for measure in series.measures:
        if len(measure) != 1:
            continue
        there = np.any(
            [~np.isnan(values) for (_, each), values in series.columns.items() if each == measure], axis=0
        )
        missing = reported & ~there
        if missing.any():
            yield _gap("column_gap", where, series, there, missing, measure=shown(measure))


def area_gaps(series: Series, where: Where, renamed: set[str]) -> Iterator[Finding]:
    """Areas that fall silent while the source goes on; those that do so on the same days are one finding."""
    reported = series.reported()
    alike: dict[bytes, list[Path]] = defaultdict(list)
    presence: dict[Path, Days] = {}
    for (area, measure), values in series.columns.items():
        if (area, measure) not in series.summed:
            there = ~np.isnan(values)
            presence[area] = presence[area] | there if area in presence else there
    for area, there in presence.items():
        if shown(area) in renamed:
            continue
        missing = reported & ~there
        missing[: int(np.argmax(there))] = False
        if missing.any():
            alike[missing.tobytes()].append(area)
    for areas in alike.values():
        there = presence[areas[0]]
        missing = reported & ~there
        missing[: int(np.argmax(there))] = False
        yield _gap(
            "area_gap",
            where,
            series,
            there,
            missing,
            area=shown(areas[0]),
            areas=[shown(each) for each in areas],
        )


def repeated(series: Series, where: Where) -> Iterator[Finding]:
    """Figures given more than once, one finding for each area and measure."""
    groups = defaultdict(list)
    for each in series.duplicates:
        groups[each.area, each.measure].append(each)
    for (area, measure), each_day in groups.items():
        days = sorted(each.day for each in each_day)
        differing = [each for each in each_day if len(set(each.values)) > 1]
        evidence = {
            "days": [str(day) for day in days],
            "differing": [{"day": str(each.day), "values": list(each.values)} for each in differing],
            "differing_count": len(differing),
        }
        yield Finding(
            "duplicate",
            where,
            shown(area),
            shown(measure),
            days[0],
            days[-1],
            float(len(days)),
            "high",
            evidence,
        )


def uncoded(series: Series, where: Where) -> Iterator[Finding]:
    """Names that stand without a code, on some days or on all, in a source that gives codes to areas of their level."""
    if not series.has_codes:
        return
    coded_levels = {len(area) for area, code in series.codes.items() if code}
    for area, days in series.codeless.items():
        if len(area) in coded_levels:
            evidence = {"code_on_other_days": series.codes.get(area, "")}
            yield Finding(
                "no_code", where, shown(area), "", min(days), max(days), float(len(days)), "high", evidence
            )


def _gap(
    kind: str, where: Where, series: Series, there: Days, missing: Days, *, area: str = "", measure: str = "",
    areas: list[str] | None = None,
) -> Finding:  # fmt: skip
    days = np.flatnonzero(missing)
    evidence: dict[str, object] = {
        "present": [[str(series.day(first)), str(series.day(last))] for first, last in _runs(there)],
        "missing": [[str(series.day(first)), str(series.day(last))] for first, last in _runs(missing)],
        "days_present": int(there.sum()),
    }
    if areas is not None:
        evidence["areas"] = areas
    return Finding(
        kind,
        where,
        area,
        measure,
        series.day(days[0]),
        series.day(days[-1]),
        float(len(days)),
        "high",
        evidence,
    )


def _inside(there: Days) -> Days:
    """The days from the first to the last that is there."""
    inside = np.zeros_like(there)
    days = np.flatnonzero(there)
    inside[days[0] : days[-1] + 1] = True
    return inside


def _runs(flags: Days) -> list[tuple[int, int]]:
    """The runs of True as (first, last).

    >>> _runs(np.array([False, True, True, False, True]))
    [(1, 2), (4, 4)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    return [(int(first), int(after) - 1) for first, after in zip(edges[::2], edges[1::2], strict=True)]


def step_sizes(values: Array, *, cumulative: bool) -> Array:
    """What each day added: the step of a running total, NaN after a gap; the figure itself otherwise."""
    if not cumulative:
        return values
    return np.concatenate(([np.nan], np.diff(values)))
