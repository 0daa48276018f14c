"""What a forecast hands back: quantiles by horizon, or the reason why there are none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fangkong.science.epi.estimates import TOO_FEW_CASES
from fangkong.science.epi.serial_interval import FloatArray

RENEWAL = "renewal"
DAMPED_TREND = "damped_trend"
SEASONAL_NAIVE = "seasonal_naive"
ENSEMBLE = "ensemble"
METHODS: tuple[str, ...] = (ENSEMBLE, RENEWAL, DAMPED_TREND, SEASONAL_NAIVE)

HISTORY_TOO_SHORT = "history_too_short"
RECENT_COUNTS_MISSING = "recent_counts_missing"
SEASON_NOT_COVERED = "season_not_covered"

#: Refusals by the number that stands in ``Forecast.reason``; 0 means a forecast.
FORECAST_REASON_CODES: tuple[str, ...] = (
    "",
    HISTORY_TOO_SHORT,
    RECENT_COUNTS_MISSING,
    TOO_FEW_CASES,
    SEASON_NOT_COVERED,
)

#: The 23 quantile levels of the CDC's FluSight and COVID-19 forecast hubs.
FLUSIGHT_LEVELS: tuple[float, ...] = (
    0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5,
    0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.975, 0.99,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Forecast:
    """Predictive quantiles of the next steps of one series or of a matrix of them.

    Attributes:
        quantiles: in cases, ``[levels, horizon]`` or ``[levels, series, horizon]``; NaN where refused. They
            never fall with the level.
        quantile_levels: probabilities in the order of the first axis.
        mean: predictive mean, ``[horizon]`` or ``[series, horizon]``.
        paths: sample paths whose steps belong together (for sums, peaks and beds), ``[paths, horizon]`` or
            ``[paths, series, horizon]``; None unless asked for.
        reason: 0 where there is a forecast, else a position in ``FORECAST_REASON_CODES``; shape of ``mean``.
        method: "ensemble", "renewal", "damped_trend" or "seasonal_naive".
        members: methods that went into each series, as a mask over ``METHODS``; ``[methods]`` or
            ``[methods, series]``. An ensemble leaves out a member that was refused.
        frequency: steps of a season that were used (7 for days of a week, 52 for weeks of a year).
    """

    quantiles: FloatArray
    quantile_levels: FloatArray
    mean: FloatArray
    paths: FloatArray | None
    reason: NDArray[np.uint8]
    method: str
    members: NDArray[np.bool_]
    frequency: int

    def reason_at(self, *cell: int) -> str:
        """The refusal code of one cell of ``mean``, "" where there is a forecast."""
        return FORECAST_REASON_CODES[int(self.reason[cell])]


def reason_number(code: str) -> int:
    """Position of a refusal code in ``FORECAST_REASON_CODES``."""
    return FORECAST_REASON_CODES.index(code)
