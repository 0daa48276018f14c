"""Nowcasts of every past reporting day, made with only what was known on it, held against what came in the end.

Scored are the reference periods of which, on average, less than 98 % is reported, each as often as there are reporting
days: today, yesterday and so on back. Beside the nowcast stand the raw count, the last complete period carried
forward (same weekday for days), and Lawless.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from fangkong.science.epi.backtests.report import BacktestReport, Cell, Table, Target, file_digests
from fangkong.science.epi.backtests.vintages import (
    DENGUE,
    HOSPITALISATIONS,
    HUS,
    Vintages,
    dengue,
    hospitalisations,
    hus,
)
from fangkong.science.epi.nowcast import LEVELS, lawless, nowcast
from fangkong.science.epi.scoring import weighted_interval_score
from fangkong.science.epi.serial_interval import FloatArray

_LEVELS = np.array(LEVELS)
_COMPLETE = 0.98
#: What the nowcast is promised to reach.
MOST_RELATIVE_WIS = 0.5
COVERAGE_95 = (0.90, 0.98)
COVERAGE_50 = (0.42, 0.58)
#: Report days, cases reported within the last seven days, and how many it was in the end (Germany, May and June 2011).
HUS_SUMS = ((date(2011, 5, 25), 35, 316), (date(2011, 5, 30), 72, 235), (date(2011, 6, 4), 37, 99))
_HUS_DAYS = 7
_COLUMNS = (
    "nowcasts", "wis", "wis_raw", "wis_last_complete", "wis_lawless", "relative_wis", "coverage_50", "coverage_95",
)  # fmt: skip


@dataclass(frozen=True)
class Scored:
    """Scores of the nowcasts of one triangle, ``[report period, horizon]``; NaN where nothing can be scored."""

    group: str
    wis: FloatArray
    raw: FloatArray
    last_complete: FloatArray
    lawless: FloatArray
    inside_50: FloatArray
    inside_95: FloatArray

    def row(self, horizon: int | slice) -> tuple[Cell, ...]:
        """The cells of one row of a table, over one horizon or a range of them."""
        return _row([self], horizon)


def nowcast_hospitalisations(data_folder: Path, *, every: int = 1) -> BacktestReport:
    """German COVID hospitalisations by day and age group, from the 29th day on.

    Arguments:
        data_folder: the real data sets; the vintages lie in its sibling ``reference``.
        every: nowcast on every so many reporting days.

    Raises:
        FileNotFoundError: when the vintages are not there.
    """
    folder = data_folder.parent / "reference" / "vintages"
    return _backtest(
        "nowcast-de-hospitalisations", hospitalisations(folder), [folder / HOSPITALISATIONS], 28, 28, every
    )


def nowcast_dengue(data_folder: Path, *, every: int = 1) -> BacktestReport:
    """Dengue in Puerto Rico by week, all and by sex, from the 27th week on; arguments as above."""
    folder = data_folder.parent / "reference" / "vintages"
    return _backtest("nowcast-dengue", dengue(folder), [folder / DENGUE], 26, 8, every)


def nowcast_hus(data_folder: Path, *, every: int = 1) -> BacktestReport:
    """HUS O104:H4 in Germany 2011 by day, and the sums of seven days on three of them; arguments as above."""
    began = time.process_time()
    known = hus(data_folder)
    first = (date(2011, 5, 25) - known.first_on).days
    rows: list[tuple[Cell, ...]] = []
    targets: list[Target] = []
    figures: dict[str, float] = {}
    for on, reported, final in HUS_SUMS:
        estimate = nowcast(known.as_of((on - known.first_on).days))
        low, median, high = estimate.total(-_HUS_DAYS, -1, [0.025, 0.5, 0.975])
        seen = float(estimate.observed[-_HUS_DAYS:].sum())
        day = (on - known.first_on).days
        came = float(known.final[day - _HUS_DAYS + 1 : day + 1].sum())
        rows.append((on.isoformat(), int(seen), float(low), float(median), float(high), int(came)))
        name = f"hus_{reported}_reported"
        figures |= {f"{name}_low": float(low), f"{name}_median": float(median), f"{name}_high": float(high)}
        targets.append(Target(f"{name}_final_inside", float(final), float(low), float(high)))
    sums = Table("hus_seven_days", ("as_of", "reported", "low_95", "median", "high_95", "final"), tuple(rows))
    return _backtest(
        "nowcast-hus", [known], [data_folder / HUS], first, 14, every, began, (sums,), tuple(targets), figures
    )


def _backtest(
    name: str,
    sets: Sequence[Vintages],
    files: Sequence[Path],
    first: int,
    complete_age: int,
    every: int,
    began: float | None = None,
    tables: tuple[Table, ...] = (),
    targets: tuple[Target, ...] = (),
    figures: Mapping[str, float] | None = None,
) -> BacktestReport:
    """Score every set and put all of it in tables: by horizon over all groups, by group over all horizons."""
    began = time.process_time() if began is None else began
    scored = [score(one, first, complete_age, every) for one in sets]
    horizons = max(one.wis.shape[1] for one in scored)
    by_horizon = [(horizon, *_row(scored, horizon)) for horizon in range(horizons)]
    by_group = [(one.group, *one.row(slice(None))) for one in scored]
    overall = dict(zip(_COLUMNS, _row(scored, slice(None)), strict=True))
    told = {code: float(overall[code] or 0) for code in _COLUMNS}
    for one in scored:
        told |= {
            f"{code}.{one.group}": float(x or 0)
            for code, x in zip(_COLUMNS, one.row(slice(None)), strict=True)
        }
    last = sets[0].cells.shape[0] - 1
    return BacktestReport(
        name=name,
        data=file_digests(files),
        first_on=sets[0].on(first),
        last_on=sets[0].on(last),
        tables=(
            *tables,
            Table("by_group", ("group", *_COLUMNS), tuple(by_group)),
            Table("by_horizon", ("horizon", *_COLUMNS), tuple(by_horizon)),
        ),
        figures=told | dict(figures or {}),
        targets=(
            Target("relative_wis", told["relative_wis"], upper=MOST_RELATIVE_WIS),
            Target("coverage_95", told["coverage_95"], *COVERAGE_95),
            Target("coverage_50", told["coverage_50"], *COVERAGE_50),
            *targets,
        ),
        seconds=time.process_time() - began,
    )


def score(known: Vintages, first: int, complete_age: int, every: int = 1) -> Scored:
    """Nowcast on each report period from ``first`` on and score the horizons that are incomplete on average.

    Arguments:
        known: the whole triangle.
        first: the first report period, counted from 0.
        complete_age: periods after which a count is carried forward as complete.
        every: nowcast on every so many report periods.
    """
    arrived = np.nancumsum(np.nansum(known.cells, axis=0))
    horizons = max(1, int((arrived / max(arrived[-1], 1) < _COMPLETE).sum()))
    days = np.arange(first, known.cells.shape[0], every)
    final, ages = known.final, np.arange(horizons)
    shape = (len(days), horizons)
    wis, raw, last_complete, lawless_score, inside_50, inside_95 = (np.full(shape, np.nan) for _ in range(6))
    low_95, low_50, high_50, high_95 = (
        int(np.argmin(np.abs(_LEVELS - level))) for level in (0.025, 0.25, 0.75, 0.975)
    )
    for number, day in enumerate(days):
        seen = known.as_of(int(day))
        estimate = nowcast(seen)
        lawless_medians = lawless(seen, quantile_levels=_LEVELS)
        rows = day - ages
        came = final[rows]
        quantiles = estimate.quantiles[:, rows]
        wis[number] = weighted_interval_score(came, _LEVELS, quantiles)
        lawless_score[number] = weighted_interval_score(came, _LEVELS, lawless_medians.quantiles[:, rows])
        raw[number] = np.abs(came - estimate.observed[rows])
        complete = rows - complete_age
        carried = np.where(complete >= 0, estimate.observed[np.maximum(complete, 0)], np.nan)
        last_complete[number] = np.abs(came - carried)
        for inside, low, high in ((inside_50, low_50, high_50), (inside_95, low_95, high_95)):
            held = (quantiles[low] <= came) & (came <= quantiles[high])
            inside[number] = np.where(np.isnan(came), np.nan, held)
    return Scored(known.group, wis, raw, last_complete, lawless_score, inside_50, inside_95)


def _row(scored: Sequence[Scored], horizon: int | slice) -> tuple[Cell, ...]:
    """Figures over several triangles at one horizon or several: all nowcasts weigh the same."""

    def together(name: str) -> FloatArray:
        parts = [getattr(one, name) for one in scored]
        if isinstance(horizon, int):
            parts = [part[:, horizon : horizon + 1] for part in parts]
        return np.concatenate([part.ravel() for part in parts])

    wis, raw = together("wis"), together("raw")
    # A nowcast that refused to answer must not leave the comparison: it would flatter.
    due = ~np.isnan(raw)
    inside_50, inside_95 = together("inside_50"), together("inside_95")
    relative = wis[due].sum() / raw[due].sum() if raw[due].sum() > 0 else None
    return (
        int(due.sum()),
        float(wis[due].mean()),
        float(raw[due].mean()),
        _mean(together("last_complete")),
        _mean(together("lawless")),
        None if relative is None else float(relative),
        float(inside_50[due].mean()),
        float(inside_95[due].mean()),
    )


def _mean(values: FloatArray) -> float | None:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else None


BACKTESTS = {
    "nowcast-de-hospitalisations": nowcast_hospitalisations,
    "nowcast-dengue": nowcast_dengue,
    "nowcast-hus": nowcast_hus,
}
