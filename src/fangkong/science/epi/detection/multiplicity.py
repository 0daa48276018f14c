"""How many alarms are chance: a limit on the share of false ones, and how many a week to expect before switching on.

A city of 16 districts and 40 diseases asks 640 questions a week; at a level of 0.01 six alarms a week mean nothing.

Source: Benjamini, Hochberg (1995), "Controlling the false discovery rate", J R Stat Soc B 57(1):289-300.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri, stdtr

from fangkong.science.epi.detection.alarms import Alarms, BoolArray
from fangkong.science.epi.detection.cumulative import cusum
from fangkong.science.epi.detection.ears import ears
from fangkong.science.epi.detection.farrington import farrington, farrington_flexible
from fangkong.science.epi.detection.historical import bayes, rki
from fangkong.science.epi.detection.likelihood_ratio import glr_poisson
from fangkong.science.epi.detection.moving_percentile import fixed_threshold, moving_percentile
from fangkong.science.epi.serial_interval import FloatArray

Method = Callable[..., Alarms]
METHODS: dict[str, Method] = {
    "ears": ears,
    "ears_c2": partial(ears, method="C2"),
    "ears_c3": partial(ears, method="C3"),
    "farrington": farrington,
    "farrington_flexible": farrington_flexible,
    "cusum": cusum,
    "glr_poisson": glr_poisson,
    "bayes": bayes,
    "rki": rki,
    "moving_percentile": moving_percentile,
    "fixed_threshold": fixed_threshold,
}
# Beyond this nothing is counted, and the generator's whole numbers end.
LARGEST_MEAN = 1e15
_LARGEST_LEVEL = 1e18
_CUMULATIVE = ("cusum", "glr_poisson")
_WITHOUT_YEARS = ("ears", "ears_c2", "ears_c3", "fixed_threshold")


def benjamini_hochberg(p_values: ArrayLike, rate: float = 0.05, axis: int | None = None) -> BoolArray:
    """Which of many p-values to act on so that on average at most ``rate`` of the acted-on are chance.

    Arguments:
        p_values: between 0 and 1, any shape, such as areas x diseases of one week; NaN where a method had no power or
            states none: never acted on and not counted as a question asked.
        rate: false discovery rate, between 0 and 1.
        axis: None for one family of all values; else each line along this axis is a family (0 for series x time, where
            each week is one).

    Returns:
        True where to act, in the shape given. Holds for independent and for positively dependent counts.

    Raises:
        ValueError: a rate not between 0 and 1, a p-value outside 0 to 1.

    >>> benjamini_hochberg([0.001, 0.04, 0.03, float("nan"), 0.012]).tolist()
    [True, True, True, False, True]
    """
    if not 0 < rate < 1:
        raise ValueError(f"rate is {rate}; it must lie between 0 and 1")
    p = np.asarray(p_values, dtype=np.float64)
    if ((p < 0) | (p > 1)).any():
        raise ValueError("p-values must lie between 0 and 1 (NaN where there is none)")
    if p.size == 0:
        return np.zeros(p.shape, dtype=bool)
    lines = p.reshape(1, -1) if axis is None else np.moveaxis(p, axis, -1)
    ordered = np.sort(lines, axis=-1)  # NaN last
    asked = (~np.isnan(lines)).sum(axis=-1, keepdims=True)
    rank = np.arange(1, lines.shape[-1] + 1)
    with np.errstate(invalid="ignore"):
        small = ordered * np.maximum(asked, 1) <= rate * rank
        last = np.max(np.where(small, rank, 0), axis=-1, keepdims=True)
        cut = np.take_along_axis(ordered, np.maximum(last - 1, 0), axis=-1)
        chosen = (last > 0) & (lines <= cut)
    return chosen.reshape(p.shape) if axis is None else np.moveaxis(chosen, -1, axis)


@dataclass(frozen=True, slots=True)
class AlarmRate:
    """How many alarms a method raises in weeks without any outbreak.

    Attributes:
        per_week: expected alarms per week over all series, by simulation.
        standard_error: of ``per_week``, from the spread between simulated series.
        per_series_week: chance of an alarm per series and week.
        power_share: share of simulated weeks in which the method had power at all.
        analytic_per_week: the same number from theory where it is known, else NaN.
        nominal_per_week: what the method's own level promises, else NaN.
        simulated_weeks: series x weeks that the simulation rests on.
    """

    per_week: float
    standard_error: float
    per_series_week: float
    power_share: float
    analytic_per_week: float
    nominal_per_week: float
    simulated_weeks: int


def expected_alarms_per_week(
    method: str,
    n_series: int,
    *,
    mean: ArrayLike = 5.0,
    dispersion: float = 1.0,
    seasonal: float = 0.0,
    frequency: int = 52,
    years: int = 5,
    simulated_series: int = 60,
    seed: int = 1,
    method_settings: Mapping[str, object] | None = None,
    **settings: object,
) -> AlarmRate:
    """The number of alarms a week to expect from chance alone, before a method is switched on.

    Arguments:
        method: name of a method: ears (C1), ears_c2, ears_c3, farrington, farrington_flexible, cusum, glr_poisson,
            bayes, rki, moving_percentile or fixed_threshold.
        n_series: series watched (districts x diseases), at least 1.
        mean: usual cases per week, one number or one per kind of series; kinds are simulated in equal shares.
        dispersion: variance over mean of the counts, at least 1; 1 is Poisson.
        seasonal: height of a yearly wave on the log scale, at least 0.
        frequency: periods in a year. years: years simulated before the watched one, at least 1; as many as the method
            looks back, and a bit more.
        simulated_series: how many series of one watched year are simulated, at least 2.
        seed: of the simulation; the same seed gives the same answer.
        settings: passed to the method. method_settings: the same, for names that mean something here (``method`` of
            ears: "C2").

    Returns:
        The expected alarms, with what theory and the method's level say beside it. Theory is known for ``ears`` C1 and
        C2 (normal counts) and for ``moving_percentile`` where the percentile falls on a rank (counts without ties).

    Raises:
        ValueError: an unknown method, numbers outside their ranges.

    >>> rate = expected_alarms_per_week("ears", 640, mean=50)
    >>> rate.nominal_per_week, round(rate.analytic_per_week, 1), 4 < rate.per_week < 16
    (0.64, 8.9, True)
    """
    if method not in METHODS:
        raise ValueError(f"method is {method!r}; use one of {', '.join(METHODS)}")
    means = np.atleast_1d(np.asarray(mean, dtype=np.float64))
    if not (n_series >= 1 and simulated_series >= 2 and years >= 1 and frequency >= 1):
        raise ValueError("n_series, years and frequency are at least 1 and simulated_series at least 2")
    if not (means.ndim == 1 and means.size and (means > 0).all() and (means <= LARGEST_MEAN).all()):
        raise ValueError(
            f"mean must be above 0 and at most {LARGEST_MEAN:g}, one number or one per kind of series"
        )
    if not (1 <= dispersion < math.inf and 0 <= seasonal < math.inf):
        raise ValueError("dispersion must be at least 1 and seasonal at least 0, both finite")
    counts = _quiet_counts(means, dispersion, seasonal, frequency, years, simulated_series, seed)
    watched = slice(years * frequency, None)
    call = {**settings, **(method_settings or {})}
    if method in _CUMULATIVE:
        call["start"] = years * frequency
    if method in ("farrington", "farrington_flexible"):
        call.setdefault("first", years * frequency)
    if method not in _WITHOUT_YEARS:
        call["frequency"] = frequency
    result = METHODS[method](counts, **call)
    power, alarm = result.power[:, watched], result.alarm[:, watched]
    by_series = alarm.mean(axis=1)
    per_week = float(by_series.mean())
    return AlarmRate(
        per_week=n_series * per_week,
        standard_error=n_series * float(by_series.std(ddof=1)) / math.sqrt(len(by_series)),
        per_series_week=per_week,
        power_share=float(power.mean()),
        analytic_per_week=n_series * _analytic(method, result),
        nominal_per_week=n_series * _nominal(method, result),
        simulated_weeks=int(alarm.size),
    )


def _quiet_counts(
    means: FloatArray, dispersion: float, seasonal: float, frequency: int, years: int, series: int, seed: int
) -> FloatArray:
    """Counts without an outbreak: negative binomial (Poisson where ``dispersion`` is 1) about a yearly wave."""
    rng = np.random.default_rng(seed)
    # Counted down from the peak: the highest wave is still a number.
    wave = np.exp(seasonal * (np.cos(2 * np.pi * np.arange((years + 1) * frequency) / frequency) - 1))
    level = np.resize(means, series)[:, None] * (wave / wave.mean())[None, :]
    if dispersion > 1:
        level = np.minimum(rng.gamma(level / (dispersion - 1), dispersion - 1), _LARGEST_LEVEL)
    return np.asarray(rng.poisson(level), dtype=np.float64)


def _nominal(method: str, result: Alarms) -> float:
    """The chance of an alarm that a method's own level promises."""
    alpha = result.params.get("alpha")
    if not isinstance(alpha, float):
        return math.nan
    return alpha / 2 if method == "farrington" else alpha


def _analytic(method: str, result: Alarms) -> float:
    """The chance of an alarm where theory gives it exactly."""
    params = result.params
    if result.method in ("ears_c1", "ears_c2"):
        n, alpha = int(str(params["baseline"])), float(str(params["alpha"]))
        # The next count over a mean and spread of n: Student's t with a wider unit.
        return float(stdtr(n - 1, ndtri(alpha) / math.sqrt(1 + 1 / n)))
    if method == "moving_percentile" and result.method == "moving_percentile":
        n, share = int(str(params["baseline_size"])), float(str(params["percentile"])) / 100
        place = (n - 1) * share
        if abs(place - round(place)) < 1e-9:
            return (n - round(place)) / (n + 1)
    return math.nan
