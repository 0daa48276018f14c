"""How many of the cases so far should have ended by each day, were the delay to death the delay of all ends.

A risk of deaths over cases is too low while cases still lie in hospital. Nishiura et al. (2009, PLoS ONE
4(8):e6852) divide by the cases whose outcome is known: each case is counted only by the part of the delay that
has passed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.signal import fftconvolve

from fangkong.science.epi.serial_interval import FloatArray


@runtime_checkable
class DelayDensity(Protocol):
    """A delay that states its density, such as ``fangkong.science.epi.delays.Delay``."""

    def density(self, days: ArrayLike) -> FloatArray:
        """Density of the delay at each number of days."""


DelayGiven = ArrayLike | Callable[[NDArray[np.float64]], ArrayLike] | DelayDensity

# Weights below this change no printed digit; they only spread one missing day over all later ones.
_NEGLIGIBLE_WEIGHT = 1e-12
_SUM_TOLERANCE = 0.05
# How far the density at whole days may sum from 1, over days that hold any delay of an infection.
_DENSITY_TOLERANCE = 0.01
_LONGEST_DELAY = 1000
# Series this short are convolved directly: as fast, and without the rounding of a transform.
_LONGEST_DIRECT = 2048


def delay_weights(delay: DelayGiven, length: int) -> FloatArray:
    """Weight of a delay of 0, 1 .. length-1 days.

    Arguments:
        delay: one of

            - an array ``[days]`` with the probability of 0, 1, 2 ... days; shorter ones go on with 0;
            - a function of the days that returns their density, evaluated at whole days as ``cfr`` does;
            - an object with such a method ``density`` (a ``Delay``, a ``DelayFit``), evaluated in the same way; one so
              short or steep that its density at whole days does not sum to 1 gives its probabilities by day (``pmf``).
        length: of the series, at least 0.

    Raises:
        ValueError: for weights that are no distribution: negative, not finite, not one row, with a sum above 1, or of
            an array with a sum below 1 although the whole of it was used.
    """
    days = np.arange(length, dtype=np.float64)
    if isinstance(delay, DelayDensity):
        weights, listed = _of_density(delay, length), False
    elif callable(delay):
        weights, listed = np.asarray(delay(days), dtype=np.float64), False
    else:
        try:
            weights, listed = np.asarray(delay, dtype=np.float64), True
        except TypeError:
            kind = type(delay).__name__
            raise ValueError(
                f"the delay is a {kind}; give an array of probabilities, a function of days, or a Delay"
            ) from None
    if weights.ndim != 1 or (not listed and weights.size != length) or (listed and weights.size == 0):
        raise ValueError(
            f"the delay has shape {weights.shape}; give the probability of 0, 1, 2 ... days in one row"
        )
    if not np.isfinite(weights).all() or (weights < 0).any():
        raise ValueError("the delay has a probability that is negative or not finite; each must be 0 or more")
    total = float(weights.sum())
    short = listed and total < 1 - _SUM_TOLERANCE and (weights.size < length or total == 0)
    if total > 1 + _SUM_TOLERANCE or short:
        raise ValueError(
            f"the delay sums to {total:.3f} over {weights.size} days; it must sum to 1 (of a density too short for "
            "whole days give the probabilities by day; else give more days, or divide)"
        )
    full = np.zeros(length)
    full[: weights.size] = weights[:length]
    return full


def _of_density(delay: DelayDensity, length: int) -> FloatArray:
    """The density at whole days where that is a distribution, else the probabilities by day."""
    with np.errstate(all="ignore"):
        weights = np.asarray(
            delay.density(np.arange(max(length, _LONGEST_DELAY), dtype=np.float64)), dtype=np.float64
        )
    by_day = getattr(delay, "pmf", None)
    if by_day is None or (np.isfinite(weights).all() and abs(weights.sum() - 1) <= _DENSITY_TOLERANCE):
        return weights[:length]
    return np.asarray(by_day(length), dtype=np.float64)


def known_outcomes(cases: FloatArray, weights: FloatArray) -> FloatArray:
    """Cases whose outcome should have become known on each day.

    Arguments:
        cases: ``[series, time]``; NaN where missing.
        weights: ``[time]`` as from ``delay_weights``.

    Returns:
        ``[series, time]``; NaN where a missing day carries weight.
    """
    days = cases.shape[1]
    used = np.flatnonzero(weights > _NEGLIGIBLE_WEIGHT)
    missing = np.isnan(cases)
    if days == 0 or used.size == 0:
        return np.zeros_like(cases)
    filled = np.where(missing, 0.0, cases)
    if days <= _LONGEST_DIRECT:
        outcomes = np.zeros_like(cases)
        for lag in used:
            outcomes[:, lag:] += weights[lag] * filled[:, : days - lag]
    else:
        outcomes = np.maximum(fftconvolve(filled, weights[None, :], axes=1)[:, :days], 0.0)
    rows = np.flatnonzero(missing.any(axis=1))
    reach = np.zeros(days)
    reach[used] = 1.0
    for row in rows:
        touched = fftconvolve(missing[row].astype(np.float64), reach)[:days] > 0.5
        outcomes[row, touched] = np.nan
    return outcomes
