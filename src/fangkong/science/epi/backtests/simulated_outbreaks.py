"""Outbreaks whose reproduction number is known, with reports that come late and not on Sundays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fangkong.science.epi.serial_interval import discretised_serial_interval

FloatArray = NDArray[np.float64]

#: Serial interval of the simulation in days; the estimate is told the same one.
MEAN_DAYS, SD_DAYS = 4.7, 2.9
#: Days after which no report comes any more.
LONGEST_DELAY = 40
_SATURDAY, _SUNDAY = 5, 6
#: Share of a day's reports that are made on it when it is a Saturday or a Sunday; the others wait for the next day.
_REPORTED_ON = {_SATURDAY: 0.5, _SUNDAY: 0.2}
#: Delay from event to report, before weekends: negative binomial with this mean (days) and size.
_DELAY_MEAN, _DELAY_SIZE = 3.5, 1.5
_LAGS = 40
# No simulated city is larger: a wave that runs away says nothing more about delays.
_MOST_CASES = 20_000.0


@dataclass(frozen=True, slots=True)
class SimulatedOutbreak:
    """One outbreak and its reports.

    Attributes:
        triangle: cases by day and delay of report, whole; shape ``[days, LONGEST_DELAY + 1]``, all of it as it came to
            be.
        reproduction: the true reproduction number by day, shape ``[days]``.
    """

    triangle: FloatArray
    reproduction: FloatArray


def simulated_outbreak(
    seed: int, days: int, *, start_cases: float = 60.0, dispersion: float = 20.0, height: float = 0.3
) -> SimulatedOutbreak:
    """An outbreak by the renewal equation whose reproduction number swings about 1 in waves of its own.

    Arguments:
        seed: of the waves, the cases and the delays.
        days: length of the series; day 0 is a Monday.
        start_cases: mean cases on each of the days before the first.
        dispersion: size of the negative binomial of a day's cases; the larger, the closer to Poisson.
        height: of the swing on the log scale.

    >>> one = simulated_outbreak(1, 120)
    >>> one.triangle.shape, bool(0.5 < one.reproduction.min() < 1 < one.reproduction.max() < 2)
    ((120, 41), True)
    """
    rng = np.random.default_rng(seed)
    weights = discretised_serial_interval(MEAN_DAYS, SD_DAYS, _LAGS)
    day = np.arange(days)
    period, shift = rng.uniform(45, 90), rng.uniform(0, 2 * np.pi)
    reproduction = np.exp(height * np.sin(2 * np.pi * day / period + shift))
    history = [start_cases] * _LAGS
    for today in range(days):
        recent = np.array(history[-_LAGS:])[::-1]
        # weights[0] is 0: nobody infects on the own day.
        mean = min(reproduction[today] * float(weights[1:] @ recent[: _LAGS - 1]), _MOST_CASES)
        level = rng.gamma(dispersion, mean / dispersion) if mean > 0 else 0.0
        history.append(float(rng.poisson(level)))
    cases = np.array(history[_LAGS:])
    triangle = np.stack(
        [rng.multinomial(int(count), _delay_chances(first % 7)) for first, count in enumerate(cases)]
    )
    return SimulatedOutbreak(triangle.astype(np.float64), reproduction)


def _delay_chances(weekday: int) -> FloatArray:
    """Chance of each delay for an event on a weekday (0 is Monday): what falls on a weekend waits, in part."""
    delay = np.arange(LONGEST_DELAY + 1)
    log_chance = np.cumsum(
        np.log(
            np.concatenate(
                [[1.0], (delay[1:] + _DELAY_SIZE - 1) / delay[1:] * _DELAY_MEAN / (_DELAY_MEAN + _DELAY_SIZE)]
            )
        )
    )
    chance = np.exp(log_chance)
    for lag in range(LONGEST_DELAY):
        kept = _REPORTED_ON.get((weekday + lag) % 7, 1.0)
        chance[lag + 1] += chance[lag] * (1 - kept)
        chance[lag] *= kept
    return np.asarray(chance / chance.sum())
