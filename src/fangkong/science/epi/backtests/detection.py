"""Outbreaks injected into real weekly series: which method finds them, how soon, and how often it cries for nothing.

Every method watches the same windows, once untouched and once with an outbreak of each size. An outbreak counts as
found when a week that holds its cases alarms and did not alarm untouched: an alarm that rang anyway finds nothing.
"False" alarms are those on the untouched series. Real series hold real outbreaks that nobody marked, so the rate of
false alarms is an upper limit of the true one, the same for all methods.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np

from fangkong.science.epi.backtests.detection_methods import METHODS, Method
from fangkong.science.epi.backtests.report import BacktestReport, Cell, Table, file_digests
from fangkong.science.epi.backtests.weekly_baselines import (
    FREQUENCY,
    WATCHED_WEEKS,
    Baseline,
    FloatArray,
    Windows,
    outbreak_cases,
    read_baselines,
    windows,
)
from fangkong.science.epi.detection import benjamini_hochberg, expected_alarms_per_week
from fangkong.science.epi.detection.alarms import REASON_CODES, BoolArray

SEED = 2013
#: Mean size of an outbreak in standard deviations of its baseline.
SIZES = (2, 4, 6, 10)
#: Windows drawn from one file.
WINDOWS_PER_FILE = 400
#: Series of one year from which the alarms of a city are foretold.
SIMULATED_SERIES = 200
#: Share of the questions of a week in which an outbreak is set, and the false share that is allowed, for the limit on
#: false discoveries.
_GROUPS = 20
_FALSE_DISCOVERY_RATE = 0.05
_DAYS_PER_WEEK = 7
#: The city for which alarms are foretold, and the series in it: usual cases per week, spread, height of the season.
DISTRICTS, DISEASES = 16, 40
_USUAL, _DISPERSION, _SEASONAL = (0.3, 1.0, 3.0, 10.0, 50.0), 1.5, 0.3


@dataclass(frozen=True)
class _Watched:
    """One method on the watched weeks of one file's windows: arrays ``[windows, week]``, by size where injected."""

    quiet: BoolArray
    reason: np.ndarray
    p_quiet: FloatArray
    alarm: dict[int, BoolArray]
    p_value: dict[int, FloatArray]


def detection(
    data_folder: Path,
    *,
    methods: Sequence[Method] = METHODS,
    windows_per_file: int = WINDOWS_PER_FILE,
    simulated_series: int = SIMULATED_SERIES,
    seed: int = SEED,
) -> BacktestReport:
    """Sensitivity, false alarms and time to detection of every method on real weekly series with injected outbreaks.

    Arguments:
        data_folder: the real data sets; the series lie in its sibling ``reference/surveillance``.
        methods: those to hold against one another.
        windows_per_file: windows drawn from each file, at least 1.
        simulated_series: series of one year from which the alarms of a city are foretold, at least 2.
        seed: of the windows, the outbreaks and the simulated series.

    Returns:
        Tables: the series, the methods, the days to detection, the weeks without power by reason, the limit on false
        discoveries, the alarms to expect in a city, and every method by file.

    Raises:
        FileNotFoundError: when the series are not there.
    """
    began = time.process_time()
    baselines = read_baselines(data_folder.parent / "reference" / "surveillance")
    rng = np.random.default_rng(seed)
    used = [one for one in baselines if one.years]
    drawn = [windows(one, windows_per_file, rng) for one in used]
    cases = [{size: outbreak_cases(part.spread, size, rng) for size in SIZES} for part in drawn]
    order = rng.permutation(sum(len(part.counts) for part in drawn))
    watched = {
        method.name: [_watch(method, part, added) for part, added in zip(drawn, cases, strict=True)]
        for method in methods
    }
    pooled = {name: _pooled(parts) for name, parts in watched.items()}
    added = {size: np.concatenate([part[size] for part in cases]) for size in SIZES}
    tables = (
        _series_table(baselines, dict(zip((one.name for one in used), drawn, strict=True))),
        _method_table(pooled, added),
        _days_table(pooled, added),
        _power_table(pooled),
        _discovery_table(pooled, added, order),
        _expected_table(methods, pooled, simulated_series, seed),
        _file_table([one.name for one in used], watched, cases),
    )
    return BacktestReport(
        name="detection",
        data=file_digests(one.path for one in baselines),
        first_on=min(
            one.first_on + timedelta(weeks=int(part.starts.min()))
            for one, part in zip(used, drawn, strict=True)
        ),
        last_on=max(
            one.first_on + timedelta(weeks=int(part.starts.max()) + WATCHED_WEEKS - 1)
            for one, part in zip(used, drawn, strict=True)
        ),
        tables=tables,
        figures=_figures(pooled, added),
        targets=(),
        seconds=time.process_time() - began,
    )


def _watch(method: Method, part: Windows, added: dict[int, FloatArray]) -> _Watched:
    """A method on the windows of one file, untouched and with the outbreaks of each size, in one call."""
    stack = [part.counts]
    for size in SIZES:
        injected = part.counts.copy()
        injected[:, part.history :] += added[size]
        stack.append(injected)
    found = method.watch(np.concatenate(stack), part.history, part.years)
    number = len(part.counts)

    def watched(values: np.ndarray, place: int) -> np.ndarray:
        return values[place * number : (place + 1) * number, part.history :]

    places = {size: place for place, size in enumerate(SIZES, start=1)}
    return _Watched(
        quiet=watched(found.alarm, 0),
        reason=watched(found.reason, 0),
        p_quiet=watched(found.p_value, 0),
        alarm={size: watched(found.alarm, place) for size, place in places.items()},
        p_value={size: watched(found.p_value, place) for size, place in places.items()},
    )


def _pooled(parts: list[_Watched]) -> _Watched:
    return _Watched(
        quiet=np.concatenate([part.quiet for part in parts]),
        reason=np.concatenate([part.reason for part in parts]),
        p_quiet=np.concatenate([part.p_quiet for part in parts]),
        alarm={size: np.concatenate([part.alarm[size] for part in parts]) for size in SIZES},
        p_value={size: np.concatenate([part.p_value[size] for part in parts]) for size in SIZES},
    )


def found_after(alarm: BoolArray, quiet: BoolArray, cases: FloatArray) -> FloatArray:
    """Days from the first case of each outbreak to the first alarm that it caused, NaN where there is none."""
    week = np.arange(WATCHED_WEEKS)
    present = cases > 0
    first = present.argmax(axis=1)
    last = WATCHED_WEEKS - 1 - present[:, ::-1].argmax(axis=1)
    during = (week >= first[:, None]) & (week <= last[:, None])
    caused = alarm & ~quiet & during
    return np.where(caused.any(axis=1), (caused.argmax(axis=1) - first) * float(_DAYS_PER_WEEK), np.nan)


def _sensitivity(watched: _Watched, added: dict[int, FloatArray], size: int) -> float:
    return float((~np.isnan(found_after(watched.alarm[size], watched.quiet, added[size]))).mean())


def _false_per_100(watched: _Watched) -> float:
    """Alarms in 100 weeks of one untouched series; weeks without power raise none."""
    return 100 * float(watched.quiet.mean())


def _method_table(pooled: dict[str, _Watched], added: dict[int, FloatArray]) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (
            name,
            float((one.reason > 0).mean()),
            _false_per_100(one),
            *(_sensitivity(one, added, size) for size in SIZES),
        )
        for name, one in pooled.items()
    ]
    columns = ("method", "without_power", "false_alarms_per_100", *(f"found_{size}_sd" for size in SIZES))
    return Table("detection_methods", columns, tuple(rows))


def _days_table(pooled: dict[str, _Watched], added: dict[int, FloatArray]) -> Table:
    def days(one: _Watched, size: int) -> float | None:
        after = found_after(one.alarm[size], one.quiet, added[size])
        return None if np.isnan(after).all() else float(np.nanmean(after))

    rows: list[tuple[Cell, ...]] = [
        (name, *(days(one, size) for size in SIZES)) for name, one in pooled.items()
    ]
    return Table("detection_days", ("method", *(f"days_{size}_sd" for size in SIZES)), tuple(rows))


def _power_table(pooled: dict[str, _Watched]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for name, one in pooled.items():
        numbers, counts = np.unique(one.reason, return_counts=True)
        rows += [
            (name, REASON_CODES[number], float(count / one.reason.size))
            for number, count in zip(numbers.tolist(), counts.tolist(), strict=True)
            if number
        ]
    return Table("detection_without_power", ("method", "reason", "without_power"), tuple(rows))


def _discovery_table(pooled: dict[str, _Watched], added: dict[int, FloatArray], order: np.ndarray) -> Table:
    """With and without the limit on false discoveries, all windows being the questions of one and the same week.

    In turn a twentieth of the windows has its outbreak and the others are untouched, so every window has it once.
    """
    rows: list[tuple[Cell, ...]] = []
    size = SIZES[-2]
    group = np.empty(len(order), dtype=np.int64)
    group[order] = np.arange(len(order)) % _GROUPS
    for name, one in pooled.items():
        if np.isnan(one.p_quiet).all():
            continue
        acted = np.zeros(one.quiet.shape, dtype=bool)
        false = 0
        # What is acted on without any outbreak, so that an alarm that would ring anyway finds nothing here either.
        before = benjamini_hochberg(one.p_quiet, _FALSE_DISCOVERY_RATE, axis=0)
        for turn in range(_GROUPS):
            injected = group == turn
            p_value = np.where(injected[:, None], one.p_value[size], one.p_quiet)
            chosen = benjamini_hochberg(p_value, _FALSE_DISCOVERY_RATE, axis=0)
            acted[injected] = chosen[injected]
            false += int(chosen[~injected].sum())
        rows.append(
            (
                name,
                _false_per_100(one),
                _sensitivity(one, added, size),
                100 * false / (one.quiet.size * (_GROUPS - 1)),
                float((~np.isnan(found_after(acted, before, added[size]))).mean()),
            )
        )
    columns = ("method", "false_alarms_per_100", f"found_{size}_sd", "false_alarms_limited", "found_limited")
    return Table("detection_discovery_rate", columns, tuple(rows))


def _expected_table(
    methods: Sequence[Method], pooled: dict[str, _Watched], simulated_series: int, seed: int
) -> Table:
    """Alarms per week in a city from chance alone, by simulation, and what the untouched real series would give it."""
    rows: list[tuple[Cell, ...]] = []
    number = DISTRICTS * DISEASES
    for method in methods:
        name, settings = method.expected
        rate = expected_alarms_per_week(
            name,
            number,
            mean=_USUAL,
            dispersion=_DISPERSION,
            seasonal=_SEASONAL,
            frequency=FREQUENCY,
            # One year more than the methods look back, for the half windows.
            years=6,
            simulated_series=simulated_series,
            seed=seed,
            **settings,
        )
        rows.append(
            (
                method.name,
                None if np.isnan(rate.nominal_per_week) else rate.nominal_per_week,
                rate.per_week,
                rate.standard_error,
                number * _false_per_100(pooled[method.name]) / 100,
            )
        )
    columns = ("method", "alarms_nominal", "alarms_expected", "standard_error", "alarms_on_real_series")
    return Table("detection_alarms_per_week", columns, tuple(rows))


def _series_table(baselines: list[Baseline], drawn: dict[str, Windows]) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (
            one.name,
            *one.counts.shape,
            float(np.nanmean(one.counts)),
            one.years,
            len(drawn[one.name].counts) if one.name in drawn else 0,
        )
        for one in baselines
    ]
    return Table(
        "detection_series",
        ("file", "series", "weeks", "mean_per_week", "years_of_baseline", "windows"),
        tuple(rows),
    )


def _file_table(
    names: list[str], watched: dict[str, list[_Watched]], cases: list[dict[int, FloatArray]]
) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (
            name,
            method,
            float((parts[place].reason > 0).mean()),
            _false_per_100(parts[place]),
            *(_sensitivity(parts[place], cases[place], size) for size in SIZES),
        )
        for place, name in enumerate(names)
        for method, parts in watched.items()
    ]
    columns = (
        "file",
        "method",
        "without_power",
        "false_alarms_per_100",
        *(f"found_{size}_sd" for size in SIZES),
    )
    return Table("detection_by_file", columns, tuple(rows))


def _figures(pooled: dict[str, _Watched], added: dict[int, FloatArray]) -> dict[str, float]:
    """False alarms and sensitivity of each method, to quote."""
    size = SIZES[-2]
    return {f"false_alarms_per_100.{name}": _false_per_100(one) for name, one in pooled.items()} | {
        f"found_{size}_sd.{name}": _sensitivity(one, added, size) for name, one in pooled.items()
    }


#: Taken up by the registry.
BACKTESTS = {"detection": detection}
