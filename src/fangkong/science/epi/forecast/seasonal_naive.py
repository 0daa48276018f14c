"""Seasonal naive: the same step of the last season, the benchmark that needs no model.

Source: Hyndman and Athanasopoulos, Forecasting, section 5.2.
"""

from __future__ import annotations

import numpy as np

from fangkong.science.epi.forecast.history import History
from fangkong.science.epi.serial_interval import FloatArray


def seasonal_naive_paths(history: History) -> tuple[FloatArray, int]:
    """Log counts ahead of each origin that has a whole season behind it, and the first such origin's position.

    Returns:
        ``log(1 + count)``, shape ``[series, origins left, horizon]``; no origins where the series is shorter
        than a season.
    """
    ahead = np.arange(1, history.horizon + 1)
    back = ahead - history.frequency * -(-ahead // history.frequency)
    first = int(np.searchsorted(history.origins, history.frequency - 1))
    return history.log_counts[:, history.origins[first:, None] + back], first
