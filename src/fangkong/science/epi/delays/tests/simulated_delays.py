"""Pairs of dates with a known delay between them, as an outbreak would report them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fangkong.science.epi.delays import Delay

TRUE_DELAYS = (Delay("gamma", 2.4, 3.33), Delay("lognormal", 1.6, 0.45), Delay("weibull", 1.7, 6.0))


def dated_pairs(
    delay: Delay, pairs: int, rng: np.random.Generator, *, days: int = 30, seen_by: float = np.inf
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Dates of both events, first events uniform over some days; only pairs complete by ``seen_by``."""
    first, second = np.zeros(0), np.zeros(0)
    while first.size < pairs:
        began = rng.uniform(0, days, 4 * pairs)
        ended = np.floor(began + delay.quantile(rng.uniform(1e-12, 1 - 1e-12, 4 * pairs)))
        seen = ended + 1 <= seen_by
        first, second = np.r_[first, np.floor(began[seen])], np.r_[second, ended[seen]]
    return first[:pairs], second[:pairs]
