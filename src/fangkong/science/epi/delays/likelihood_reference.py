"""The slow twin of the censored likelihood: numerical integration over the time of the first event, pair by pair."""

from __future__ import annotations

from collections.abc import Callable

from scipy.integrate import quad


def probability_of_pair(
    cdf: Callable[[float], float], width: float, start: float, stop: float, horizon: float
) -> float:
    """Probability that the second event falls between start and stop, given that it was seen.

    Arguments:
        cdf: distribution function of the delay, 0 below day 0.
        width: of the window of the first event, which begins at 0 and is uniform; above 0.
        start, stop: window of the second event, ``start < stop``; ``stop`` may be infinite.
        horizon: last moment at which it could have been seen; infinite without truncation.
    """

    def mean_over_window(value: Callable[[float], float], kinks: list[float]) -> float:
        inside = sorted(k for k in kinks if 0 < k < width)
        return float(quad(value, 0.0, width, points=inside or None, limit=500, epsabs=1e-13)[0]) / width

    fell = mean_over_window(lambda time: cdf(stop - time) - cdf(start - time), [start, stop])
    return fell / mean_over_window(lambda time: cdf(horizon - time), [horizon])
