"""A proportion and its exact interval: so many of so many."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaincinv

from fangkong.science.epi.serial_interval import FloatArray


def checked_level(level: float) -> float:
    """The level of an interval, once it is known to lie between 0 and 1."""
    if not 0 < level < 1:
        raise ValueError(f"level is {level}; an interval holds a probability between 0 and 1, such as 0.95")
    return float(level)


def exact_proportion(
    events: ArrayLike, trials: ArrayLike, level: float = 0.95
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The proportion with its Clopper-Pearson interval, the one that R's ``binom.test`` prints.

    Arguments:
        events, trials: same shape, or one that broadcasts. A cell needs ``0 <= events <= trials``,
            ``trials > 0`` and finite numbers, else it is NaN.
        level: probability that the interval holds at least.

    Returns:
        ``(estimate, lower, upper)`` in the shape of the input, between 0 and 1.

    Raises:
        ValueError: for a level outside 0 to 1.

    Source: Clopper and Pearson (1934), Biometrika 26(4):404-413.

    >>> estimate, lower, upper = exact_proportion(32, 79)
    >>> f"{100 * float(estimate):.1f} % ({100 * float(lower):.1f} to {100 * float(upper):.1f})"
    '40.5 % (29.6 to 52.1)'
    """
    tail = (1 - checked_level(level)) / 2
    x, n = np.broadcast_arrays(np.asarray(events, dtype=np.float64), np.asarray(trials, dtype=np.float64))
    good = np.isfinite(x) & np.isfinite(n) & (x >= 0) & (n > 0) & (x <= n)
    # Counts repeat from day to day and from district to district: each pair is worked out once.
    pairs, cell = np.unique(np.where(good, x, 0.0) + 1j * np.where(good, n, 1.0), return_inverse=True)
    x, n = pairs.real, pairs.imag
    # The beta law has no zero shape; at none and at all of them the end of the interval is 0 and 1 by definition.
    low = np.where(x > 0, betaincinv(np.where(x > 0, x, 1.0), n - x + 1, tail), 0.0)
    high = np.where(x < n, betaincinv(x + 1, np.where(x < n, n - x, 1.0), 1 - tail), 1.0)
    estimate = x / n
    # Counts near 1e15 leave betaincinv no digits; the interval still holds the estimate.
    low, high = np.fmin(low, estimate), np.fmax(high, estimate)
    table = np.stack([estimate, low, high])[:, cell.reshape(good.shape)]
    estimate, low, high = np.where(good, table, np.nan)
    return estimate, low, high
