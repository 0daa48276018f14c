"""The reproduction number as published on a day against the same day's number four weeks later.

On each day only the reports of that day and before are used. The number of the latest day is published from a nowcast;
four weeks later the same day's number is final. A method whose first interval does not hold the final number, or that
calls an outbreak shrinking which was growing, has published something false. Beside it stands the plain estimate, which
takes the counts reported so far as all there are.

The interval of a reproduction number also allows for chance in who infected whom, which the final number, made of the
same cases, shares. So it should hold the final number on more than 95 of 100 days, and a width column says the cost.
Against the truth of the simulated outbreaks it holds less: the method knows Poisson chance only, and their cases spread
more than that.
"""

from __future__ import annotations

import csv
import gzip
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fangkong.science.epi.backtests.report import BacktestReport, Cell, Table, Target, file_digests
from fangkong.science.epi.backtests.simulated_outbreaks import MEAN_DAYS, SD_DAYS, simulated_outbreak
from fangkong.science.epi.estimates import Refusal
from fangkong.science.epi.intervals import serial_interval_for
from fangkong.science.epi.nowcast import nowcast
from fangkong.science.epi.nowcast_reproduction import reproduction_from_nowcast
from fangkong.science.epi.reproduction import estimate_reproduction
from fangkong.science.epi.serial_interval import ShiftedGammaInterval

FloatArray = NDArray[np.float64]
#: Possible final counts ``[samples, days]`` of a triangle ``[days, delays]`` (NaN where not yet reported) that begins
#: on a date.
Nowcaster = Callable[[FloatArray, date], FloatArray]

SETTLED_DAYS = 28
WINDOW_DAYS = 7
_LEVELS = (0.025, 0.975)
#: Days of reports before the first published number, and days that a nowcast is given.
_WARM_UP_DAYS, _HISTORY_DAYS = 90, 150
_SEEDS, _SIMULATED_DAYS = tuple(range(1, 9)), 200
#: A Monday, as the simulation's weekdays begin.
_SIMULATED_FROM = date(2024, 1, 1)
_VINTAGES = "de_covid_hospitalisations_to_2022-02.csv.gz"
_DISEASE = "covid-19"

INSIDE_AT_LEAST, FALSE_CALLS_AT_MOST = 0.90, 0.025


@dataclass(frozen=True)
class ReportedSeries:
    """A series with the day of every report.

    Attributes:
        name: of the series.
        triangle: cases by day and delay, ``[days, delays]``, as they came to be; NaN where not yet reported.
        first_on: day 0.
        interval: the serial interval that holds on a day.
        reproduction: the true number by day where it is known.
    """

    name: str
    triangle: FloatArray
    first_on: date
    interval: Callable[[date], ShiftedGammaInterval]
    reproduction: FloatArray | None = None

    def as_of(self, day: int) -> FloatArray:
        """The triangle of the days up to ``day`` as known at its end, the earliest days left out."""
        first = max(0, day + 1 - _HISTORY_DAYS)
        known = self.triangle[first : day + 1].copy()
        age = day - np.arange(first, day + 1)
        known[np.arange(known.shape[1])[None, :] > age[:, None]] = np.nan
        return known


@dataclass(frozen=True)
class Published:
    """What was published on each day of a series, ``[days]`` each; NaN where no number was given.

    ``truth`` is the mean of the true number over the window that ends on the day, which is what the method estimates.
    """

    low: FloatArray
    high: FloatArray
    plain_low: FloatArray
    plain_high: FloatArray
    final: FloatArray
    truth: FloatArray


def reproduction(
    data_folder: Path, *, seeds: Sequence[int] = _SEEDS, nowcaster: Nowcaster | None = None
) -> BacktestReport:
    """How often the number published first holds the final one, on real reporting triangles and simulated outbreaks.

    Arguments:
        data_folder: the real data sets; the triangles lie in its sibling ``reference/vintages``.
        seeds: of the simulated outbreaks, one each.
        nowcaster: the nowcast under test; by default the product's.

    Returns:
        One table of all series; targets for both kinds together and apart.

    Raises:
        FileNotFoundError: when the triangles are not there.
    """
    began = time.process_time()
    path = data_folder.parent / "reference" / "vintages" / _VINTAGES
    if not path.is_file():
        raise FileNotFoundError(f"no reporting triangles: {path} is not there")
    real, simulated = read_triangles(path), [_simulated(seed) for seed in seeds]
    by_samples = nowcaster or product_nowcast
    published = {one.name: published_numbers(one, by_samples) for one in (*real, *simulated)}
    parts = {
        "real": _together([published[one.name] for one in real]),
        "simulated": _together([published[one.name] for one in simulated]),
    }
    parts = {"all_series": _together(list(parts.values())), **parts}
    scores = {name: score(one) for name, one in (parts | published).items()}
    rows = tuple((name, *score.values()) for name, score in scores.items())
    columns = ("series", *next(iter(scores.values())))
    days = len(real[0].triangle)
    return BacktestReport(
        name="reproduction",
        data=file_digests([path]),
        first_on=real[0].first_on + timedelta(days=_WARM_UP_DAYS),
        last_on=real[0].first_on + timedelta(days=days - 1),
        tables=(Table("reproduction_stability", columns, rows),),
        figures={
            f"{figure}.{name}": float(value)
            for name in parts
            for figure, value in scores[name].items()
            if isinstance(value, float)
        },
        targets=tuple(
            target
            for name in parts
            for target in (
                Target(
                    f"reproduction_inside_{name}", _number(scores[name]["inside_95"]), lower=INSIDE_AT_LEAST
                ),
                Target(
                    f"reproduction_false_calls_{name}",
                    _number(scores[name]["false_calls"]),
                    upper=FALSE_CALLS_AT_MOST,
                ),
            )
        ),
        seconds=time.process_time() - began,
    )


def published_numbers(series: ReportedSeries, nowcaster: Nowcaster) -> Published:
    """What would have been published on each day, and what became of it ``SETTLED_DAYS`` later."""
    days = len(series.triangle)
    low, high, plain_low, plain_high, final = (np.full(days, np.nan) for _ in range(5))
    for day in range(_WARM_UP_DAYS, days):
        triangle = series.as_of(day)
        on = series.first_on + timedelta(days=day)
        samples = nowcaster(triangle, on - timedelta(days=len(triangle) - 1))
        none = np.zeros(0)
        first = reproduction_from_nowcast(
            samples, none, series.interval(on), WINDOW_DAYS, quantiles=_LEVELS, last=1
        )
        low[day], high[day] = first.quantiles[:, -1]
        plain_low[day], plain_high[day] = _plain(triangle, series.interval(on))
        settled = day - SETTLED_DAYS
        if settled >= _WARM_UP_DAYS:
            then = series.interval(series.first_on + timedelta(days=settled))
            later = reproduction_from_nowcast(
                samples, none, then, WINDOW_DAYS, quantiles=(), last=SETTLED_DAYS + 1
            )
            final[settled] = later.mean[-1 - SETTLED_DAYS]
    truth = np.full(days, np.nan)
    if series.reproduction is not None:
        truth[WINDOW_DAYS - 1 :] = np.lib.stride_tricks.sliding_window_view(
            series.reproduction, WINDOW_DAYS
        ).mean(axis=1)
    kept = slice(_WARM_UP_DAYS, days - SETTLED_DAYS)
    return Published(low[kept], high[kept], plain_low[kept], plain_high[kept], final[kept], truth[kept])


def _plain(triangle: FloatArray, interval: ShiftedGammaInterval) -> tuple[float, float]:
    """The interval of the last day from the counts reported so far."""
    reported = np.maximum(np.nansum(triangle, axis=1), 0)
    last = len(reported) - 1
    found = estimate_reproduction(
        reported, interval, windows=np.array([[last - WINDOW_DAYS + 1, last]]), quantiles=_LEVELS
    )
    return float(found.quantiles[0, last]), float(found.quantiles[1, last])


def product_nowcast(triangle: FloatArray, first_on: date) -> FloatArray:
    """The samples of the product's nowcast with its usual settings."""
    found = nowcast(triangle, first_on=first_on)
    assert found.samples is not None
    return found.samples


def score(one: Published) -> dict[str, Cell]:
    """The columns of one row by code: days judged and shares of them; None where there is no day to judge."""
    judged = ~np.isnan(one.final)
    given = judged & ~np.isnan(one.low)
    plain = judged & ~np.isnan(one.plain_low)
    known = given & ~np.isnan(one.truth)

    def share(which: NDArray[np.bool_], among: NDArray[np.bool_]) -> float | None:
        return float(which[among].mean()) if among.any() else None

    with np.errstate(invalid="ignore"):
        return {
            "days": int(judged.sum()),
            "without_number": share(~given, judged),
            "inside_95": share((one.low <= one.final) & (one.final <= one.high), given),
            "false_calls": share(_false_call(one.low, one.high, one.final), given),
            "right_calls": share(_right_call(one.low, one.high, one.final), given),
            "interval_width": float(np.mean((one.high - one.low)[given])) if given.any() else None,
            "truth_inside_95": share((one.low <= one.truth) & (one.truth <= one.high), known),
            "plain_inside_95": share((one.plain_low <= one.final) & (one.final <= one.plain_high), plain),
            "plain_false_calls": share(_false_call(one.plain_low, one.plain_high, one.final), plain),
        }


def _false_call(low: FloatArray, high: FloatArray, final: FloatArray) -> NDArray[np.bool_]:
    """Where the whole interval lay on the other side of 1 than the final number."""
    return np.asarray(((high < 1) & (final > 1)) | ((low > 1) & (final < 1)))


def _right_call(low: FloatArray, high: FloatArray, final: FloatArray) -> NDArray[np.bool_]:
    """Where the whole interval lay on the same side of 1 as the final number: what the interval was good for."""
    return np.asarray(((high < 1) & (final < 1)) | ((low > 1) & (final > 1)))


def _together(parts: Sequence[Published]) -> Published:
    return Published(
        *(
            np.concatenate([getattr(part, name) for part in parts]) if parts else np.zeros(0)
            for name in ("low", "high", "plain_low", "plain_high", "final", "truth")
        )
    )


def _number(cell: Cell) -> float:
    return float(cell) if isinstance(cell, float) else float("nan")


def _simulated(seed: int) -> ReportedSeries:
    made = simulated_outbreak(seed, _SIMULATED_DAYS)
    interval = ShiftedGammaInterval(MEAN_DAYS, SD_DAYS)
    return ReportedSeries(
        f"simulated_{seed}", made.triangle, _SIMULATED_FROM, lambda on: interval, made.reproduction
    )


def read_triangles(path: Path) -> list[ReportedSeries]:
    """The series of a file with ``reference_date, location, age_group, delay, count``, one per age group."""
    cells: dict[str, dict[tuple[date, int], float]] = {}
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            place = (date.fromisoformat(row["reference_date"]), int(row["delay"]))
            cells.setdefault(row["age_group"], {})[place] = float(row["count"])
    return [_triangle(name, held) for name, held in sorted(cells.items())]


def _triangle(name: str, held: dict[tuple[date, int], float]) -> ReportedSeries:
    first_on, last_on = min(on for on, _ in held), max(on for on, _ in held)
    triangle = np.full(((last_on - first_on).days + 1, max(delay for _, delay in held) + 1), np.nan)
    for (on, delay), count in held.items():
        triangle[(on - first_on).days, delay] = count
    return ReportedSeries(name, triangle, first_on, _published_interval)


def _published_interval(on: date) -> ShiftedGammaInterval:
    found = serial_interval_for(_DISEASE, on)
    if isinstance(found, Refusal):
        raise ValueError(f"no published serial interval of {_DISEASE} on {on}")
    return found.interval


#: Taken up by the registry.
BACKTESTS = {"reproduction": reproduction}
