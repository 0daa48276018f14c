"""The serial interval by day: a shifted gamma distribution, discretised.

Source: Cori, Ferguson, Fraser, Cauchemez (2013), "A new framework and software to estimate time-varying
reproduction numbers during epidemics", Am J Epidemiol 178(9):1505-1512, web appendix 11. The same numbers
come from ``discr_si`` of the R package EpiEstim 2.2-4.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammainc

FloatArray = NDArray[np.float64]


def discretised_serial_interval(mean_days: float, sd_days: float, length: int) -> FloatArray:
    """Probability that the serial interval is k days, for k = 0 .. length-1.

    The interval is one day plus a gamma variable with mean ``mean_days - 1`` and standard deviation
    ``sd_days``; onset times are uniform within their day, so day k collects the triangle of width two around
    k. Day 0 has probability 0: a case is never counted as infected by a case of the same day.

    Arguments:
        mean_days: mean of the serial interval in days, above 1.
        sd_days: its standard deviation in days, above 0.
        length: number of days to return, at least 1. The tail beyond is cut off, not folded back, so the sum
            is at most 1.

    Returns:
        Array of shape ``[length]``, each between 0 and 1.

    Raises:
        ValueError: when the mean is not above 1, the sd not above 0, either is not finite, or length below 1.

    >>> p = discretised_serial_interval(4.7, 2.9, 40)
    >>> float(p[0]), round(float(p @ np.arange(40)), 3)
    (0.0, 4.7)
    """
    if not (np.isfinite(mean_days) and mean_days > 1):
        raise ValueError(f"mean_days is {mean_days}; a shifted serial interval needs a mean above 1 day")
    if not (np.isfinite(sd_days) and sd_days > 0):
        raise ValueError(f"sd_days is {sd_days}; it must be above 0")
    if length < 1:
        raise ValueError(f"length is {length}; ask for at least one day")
    shape = ((mean_days - 1) / sd_days) ** 2
    scale = sd_days**2 / (mean_days - 1)
    k = np.arange(length, dtype=np.float64)

    # The distribution function up to day k - 2, k - 1 and k are one row, shifted.
    up_to = np.maximum(np.arange(-2, length, dtype=np.float64), 0.0) / scale
    mass, moment = gammainc(shape, up_to), gammainc(shape + 1, up_to)
    day_mass = k * mass[2:] + (k - 2) * mass[:-2] - 2 * (k - 1) * mass[1:-1]
    first_moment = 2 * moment[1:-1] - moment[:-2] - moment[2:]
    # In the far tail the terms cancel to a rounding error that may be negative.
    return np.maximum(0.0, day_mass + shape * scale * first_moment)


def discretise_serial_interval(mean: float, sd: float, max_days: int) -> FloatArray:
    """Probability that the serial interval is 0, 1 ... ``max_days`` days, of a shifted gamma distribution.

    Arguments:
        mean: mean of the serial interval in days, above 1.
        sd: its standard deviation in days, above 0.
        max_days: last day of the table, at least 0; the tail beyond is cut off, not folded back.

    Returns:
        Array of shape ``[max_days + 1]``; index 0 is 0. See ``discretised_serial_interval``.

    Raises:
        ValueError: when the mean is not above 1, the sd not above 0, or ``max_days`` below 0.

    >>> [round(float(p), 3) for p in discretise_serial_interval(2.6, 1.5, 4)]
    [0.0, 0.233, 0.359, 0.198, 0.103]
    """
    if max_days < 0:
        raise ValueError(f"max_days is {max_days}; the table ends on day 0 or later")
    return discretised_serial_interval(mean, sd, max_days + 1)


@dataclass(frozen=True, slots=True)
class ShiftedGammaInterval:
    """A serial interval of one day plus a gamma variable, by its mean and standard deviation.

    Arguments:
        mean_days: mean of the whole interval in days, above 1.
        sd_days: standard deviation in days, above 0.

    Raises:
        ValueError: from ``weights``, when the moments admit no such interval.
    """

    mean_days: float
    sd_days: float

    def weights(self, length: int) -> FloatArray:
        """Probability of 0 .. length-1 days; see ``discretised_serial_interval``."""
        return discretised_serial_interval(self.mean_days, self.sd_days, length)


def checked_weights(weights: ArrayLike) -> FloatArray:
    """The serial-interval weights as a float array, once they are known to be a distribution over days.

    Arguments:
        weights: probability for k = 0, 1, 2 ... days; shape ``[n]``. Weight 0 must be 0, none negative, and
            the sum within 0.01 of 1: published tables are rounded to three decimals.

    Raises:
        ValueError: naming the first rule that the weights break.
    """
    w = np.asarray(weights, dtype=np.float64)
    if w.ndim != 1 or w.size < 2:
        raise ValueError(f"serial-interval weights have shape {w.shape}; give one row of at least two days")
    if not np.isfinite(w).all() or (w < 0).any():
        raise ValueError("serial-interval weights must be finite and not negative")
    if w[0] != 0:
        raise ValueError(
            f"the weight of day 0 is {w[0]}; it must be 0 (nobody infects on the day of own onset)"
        )
    total = float(w.sum())
    if abs(total - 1) > 0.01:
        raise ValueError(f"serial-interval weights sum to {total:.4f}; they must sum to 1 (within 0.01)")
    return w
