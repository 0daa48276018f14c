"""Beds occupied in the coming days: who still lies there, and who will be admitted and stay.

Each admission stays as the length of stay says, independently: the number in beds is a thinned sum over past and
future admissions (an infinite-server queue). Source: Eick, Massey, Whitt (1993), Operations Research
41:731-742; used for hospital beds in epidemics as in Baas et al. (2021), Health Care Manag Sci 24:402-419.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fangkong.science.epi.forecast.results import Forecast
from fangkong.science.epi.scoring.levels import checked_levels
from fangkong.science.epi.serial_interval import FloatArray


@dataclass(frozen=True, slots=True)
class BedForecast:
    """Predictive quantiles of the beds occupied at the end of each coming step.

    Attributes:
        quantiles: in beds, ``[levels, horizon]`` or ``[levels, series, horizon]``; NaN where the forecast of
            admissions was refused or the occupancy is unknown.
        quantile_levels: probabilities in the order of the first axis.
        mean: ``[horizon]`` or ``[series, horizon]``.
        still_occupied: mean of those in bed now who still are, same shape.
        reason: that of the forecast of admissions.
    """

    quantiles: FloatArray
    quantile_levels: FloatArray
    mean: FloatArray
    still_occupied: FloatArray
    reason: NDArray[np.uint8]


def occupied_beds(
    admissions: Forecast,
    length_of_stay: ArrayLike,
    *,
    currently_occupied: ArrayLike | None = None,
    past_admissions: ArrayLike | None = None,
    quantile_levels: ArrayLike | None = None,
    seed: int = 0,
) -> BedForecast:
    """The quantiles of the beds occupied at the end of each coming step.

    Arguments:
        admissions: a forecast of admissions made with ``paths`` (some hundreds).
        length_of_stay: probability that a stay ends on the 0th, 1st, 2nd ... step after admission; sums to 1.
            A stay of 0 is never counted as occupying a bed overnight.
        currently_occupied: beds occupied now, a number or ``[series]``. None: those that the past admissions
            leave in bed.
        past_admissions: admissions up to now, ``[time]`` or ``[series, time]``, the last one now; they tell how
            long the present patients have been lying. None: as under even admissions.
        quantile_levels: default those of the forecast.
        seed: of the chance of discharge.

    Raises:
        ValueError: a forecast without paths, a length of stay that is no distribution, neither past
            admissions nor an occupancy, shapes that do not match.

    >>> from fangkong.science.epi.forecast import forecast
    >>> ahead = forecast([20.0, 22, 19, 21, 20, 18, 23] * 4, horizon=7, paths=200)
    >>> beds = occupied_beds(ahead, [0.0, 0.0, 0.5, 0.5], currently_occupied=50)
    >>> bool(45 < beds.mean[-1] < 56)
    True
    """
    if admissions.paths is None:
        raise ValueError("the forecast has no sample paths; make it with paths=500 or so")
    stay = np.asarray(length_of_stay, dtype=np.float64)
    if stay.ndim != 1 or stay.size == 0 or not np.isfinite(stay).all() or (stay < 0).any():
        raise ValueError("the length of stay is a row of probabilities, none negative")
    if abs(stay.sum() - 1) > 0.01:
        raise ValueError(
            f"the probabilities of the length of stay sum to {stay.sum():.4f}; they must sum to 1"
        )
    if currently_occupied is None and past_admissions is None:
        raise ValueError("give the beds occupied now, the past admissions, or both")
    levels = checked_levels(admissions.quantile_levels if quantile_levels is None else quantile_levels)
    single = admissions.mean.ndim == 1
    paths = admissions.paths[:, None] if single else admissions.paths
    count, series, horizon = paths.shape
    # Chance to lie in bed at the end of the k-th step after admission.
    staying = np.clip(1 - np.cumsum(stay / stay.sum()), 0.0, 1.0)
    longest = staying.size
    staying = np.concatenate([staying, np.zeros(horizon + 1)])

    past = _recent_admissions(past_admissions, series, longest)
    lying = past * staying[:longest]
    if currently_occupied is not None:
        beds = np.asarray(currently_occupied, dtype=np.float64)
        if beds.shape not in ((), (series,)):
            raise ValueError(f"currently_occupied has shape {beds.shape} for {series} series")
        beds = np.where(np.isfinite(beds) & (beds >= 0), beds, np.nan) + np.zeros(series)
        total = lying.sum(axis=1, keepdims=True)
        even = staying[:longest] / max(float(staying[:longest].sum()), 1e-300)
        # Patients whom no past admission explains have been lying as under even admissions.
        lying = beds[:, None] * np.where(total > 0, lying / np.where(total > 0, total, 1.0), even)

    kept = np.stack([_ratio(staying[h : h + longest], staying[:longest]) for h in range(1, horizon + 1)])
    still = lying @ kept.T
    spread = lying @ (kept * (1 - kept)).T
    ahead = np.arange(horizon)[:, None] - np.arange(horizon)
    in_bed = np.where(ahead >= 0, staying[np.maximum(ahead, 0)], 0.0)
    future = paths @ in_bed.T
    spread = spread + paths @ (in_bed * (1 - in_bed)).T
    chance = np.random.default_rng(seed).standard_normal((count, 1, horizon))
    sampled = np.maximum(still + future + chance * np.sqrt(spread), 0.0)
    quantiles = np.quantile(sampled, levels, axis=0, method="hazen")
    mean = still + future.mean(axis=0)
    if single:
        quantiles, mean, still = quantiles[:, 0], mean[0], still[0]
    return BedForecast(quantiles, levels, mean, np.where(np.isnan(mean), np.nan, still), admissions.reason)


def _recent_admissions(past: ArrayLike | None, series: int, longest: int) -> FloatArray:
    """Admissions 0, 1, 2 ... steps ago, ``[series, longest]``; unknown ones count as none."""
    if past is None:
        return np.zeros((series, longest))
    given = np.atleast_2d(np.asarray(past, dtype=np.float64))
    if given.ndim != 2 or given.shape[0] != series:
        raise ValueError(f"past_admissions have shape {given.shape} for {series} series")
    known = np.where(np.isfinite(given) & (given >= 0), given, 0.0)[:, ::-1][:, :longest]
    return np.concatenate([known, np.zeros((series, longest - known.shape[1]))], axis=1)


def _ratio(above: FloatArray, below: FloatArray) -> FloatArray:
    return np.where(below > 0, above / np.where(below > 0, below, 1.0), 0.0)
